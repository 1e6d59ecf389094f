//! Files of the past: what is known of each, by its content where that is still there.

use std::sync::Arc;

use dialogo_domain::ConsumerId;
use dialogo_domain::message::Attachment;
use dialogo_host::{HEAD_BYTES, input, inspect};
use serde::Serialize;
use tokio::sync::Semaphore;

use super::history::{Moment, Past};
use super::judged::{Judged, Ruling};

/// Finds the content of a file by its consumer and SHA-256; `None`: it is gone.
pub type Contents = Arc<dyn Fn(ConsumerId, &[u8; 32]) -> Option<Vec<u8>> + Send + Sync>;

/// Files looked into at once: each is held in memory meanwhile.
static LOOKS: Semaphore = Semaphore::const_new(2);

/// Files, as far as they could be judged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Files {
    /// Judged by both.
    pub judged: u64,
    /// Of these, refused ones: judged by name, type and size, for the content of refused files is not kept.
    pub without_content: u64,
    /// Not judged: sent, and removed since (`[retention]`).
    pub gone: u64,
    /// Not judged: refused for what was in them.
    pub refused_for_content: u64,
}

impl Files {
    pub(super) fn add(&mut self, other: &Self) {
        self.judged += other.judged;
        self.without_content += other.without_content;
        self.gone += other.gone;
        self.refused_for_content += other.refused_for_content;
    }
}

/// A file, ready to be judged.
#[derive(Debug)]
pub(super) struct Looked {
    pub(super) attachment: Arc<input::Attachment>,
    pub(super) head: Vec<u8>,
}

/// What is known of each file of a conversation, by moment; `None` where there is no file, or it is gone.
pub(super) async fn look(past: &Past, contents: &Contents) -> Vec<Option<Looked>> {
    let mut all = Vec::with_capacity(past.moments.len());
    for moment in &past.moments {
        all.push(match moment {
            Moment::Sent { file, refused: true, .. } => {
                Some(Looked { attachment: Arc::new(known(file, Vec::new())), head: Vec::new() })
            }
            Moment::Sent { file, refused: false, .. } => match past.consumer {
                Some(consumer) => look_into(consumer, file, contents).await,
                None => None,
            },
            _ => None,
        });
    }
    all
}

async fn look_into(consumer: ConsumerId, file: &Attachment, contents: &Contents) -> Option<Looked> {
    let _turn = LOOKS.acquire().await.ok()?;
    let (file, contents) = (file.clone(), Arc::clone(contents));
    let looking = tokio::task::spawn_blocking(move || {
        let content = contents(consumer, &file.sha256)?;
        // The type that the sender declared is not kept; the one by content takes its place.
        let found = inspect::inspect(&content, &file.name, &file.mime);
        let head = content[..content.len().min(HEAD_BYTES)].to_vec();
        Some(Looked { attachment: Arc::new(known(&file, found.facts)), head })
    });
    match looking.await {
        Ok(looked) => looked,
        Err(fault) => std::panic::resume_unwind(fault.into_panic()),
    }
}

fn known(file: &Attachment, facts: Vec<input::Fact>) -> input::Attachment {
    let digest: String = file.sha256.iter().map(|byte| format!("{byte:02x}")).collect();
    input::Attachment {
        id: file.id.to_string().into(),
        name: Arc::clone(&file.name),
        mime: Arc::clone(&file.mime),
        sniffed_mime: Some(Arc::clone(&file.mime)),
        bytes: file.bytes,
        sha256: Some(digest.into()),
        facts,
    }
}

/// Counts the files of a conversation and takes back what would be guessed: of a refused file that name, type and size
/// do not make the present rules refuse, only its content could say what the candidate does.
pub(super) fn settle(past: &Past, old: &mut Judged, new: &mut Judged) -> Files {
    let mut files = Files::default();
    for (index, moment) in past.moments.iter().enumerate() {
        let Moment::Sent { refused, .. } = moment else { continue };
        let (before, after) = (&mut old.moments[index].ruling, &mut new.moments[index].ruling);
        match (&before, refused) {
            (None, _) => files.gone += 1,
            (Some(Ruling::Refused(_)), true) => {
                files.judged += 1;
                files.without_content += 1;
            }
            (Some(_), true) => {
                files.refused_for_content += 1;
                (*before, *after) = (None, None);
            }
            (Some(_), false) => files.judged += 1,
        }
    }
    files
}
