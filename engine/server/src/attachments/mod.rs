//! Files: kept by content per consumer, each with a card that says what it is until a message names it, and after.
//!
//! Content goes through `object_store` (a local folder by default), synced before anything names it; cards are small JSON
//! files in `cards/waiting` (uploaded, not sent yet; swept after a day) and `cards/kept` (a message names them, or is
//! about to). What may be stored is decided by the policies before anything comes here.

pub mod headers;

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use dialogo_domain::message::Attachment;
use dialogo_domain::{Actor, AgentId, AttachmentId, ConsumerId, ConversationId, Millis};
use futures_util::TryStreamExt as _;
use object_store::local::LocalFileSystem;
use object_store::path::Path as Key;
use object_store::{GetOptions, GetResult, ObjectStore, ObjectStoreExt as _, WriteMultipart};
use serde::{Deserialize, Serialize};
use tokio::io::AsyncReadExt as _;
use tokio::sync::Mutex;

use crate::auth::{hex, unhex};

/// An uploaded file that no message has named for so long is removed.
pub const WAITS_MS: u64 = 24 * 3_600_000;
/// Read from the upload and handed to the store at a time.
const CHUNK: usize = 256 * 1024;

/// What is known of a stored file.
#[derive(Clone, Debug, PartialEq)]
pub struct Card {
    /// Its id in the API.
    pub id: AttachmentId,
    /// Whose folder it is in.
    pub consumer: ConsumerId,
    /// Where it may be sent.
    pub conversation: ConversationId,
    /// Who uploaded it.
    pub uploader: Actor,
    /// Name given by the sender.
    pub name: String,
    /// Type by content.
    pub mime: String,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 of the content.
    pub sha256: [u8; 32],
    /// Reason of a warning the policy gave.
    pub warning: Option<String>,
    /// When it came.
    pub at: Millis,
    /// Whether a message names it, or is about to.
    pub kept: bool,
}

impl Card {
    /// As it stands in a message.
    pub fn attachment(&self) -> Attachment {
        Attachment {
            id: self.id,
            name: self.name.as_str().into(),
            mime: self.mime.as_str().into(),
            bytes: self.bytes,
            sha256: self.sha256,
            warning: self.warning.as_deref().map(Arc::from),
        }
    }
}

/// A card as it lies on disk.
#[derive(Serialize, Deserialize)]
struct StoredCard {
    id: String,
    consumer: String,
    conversation: String,
    /// `None`: the consumer.
    agent: Option<String>,
    name: String,
    mime: String,
    bytes: u64,
    sha256: String,
    warning: Option<String>,
    at: u64,
}

/// The folder of files could not be used.
#[derive(Debug, thiserror::Error)]
pub enum FilesFault {
    /// The disk.
    #[error("cannot {operation} {}", path.display())]
    Disk {
        /// What was tried.
        operation: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// The store.
    #[error("the file store cannot {operation}")]
    Store {
        /// What was tried.
        operation: &'static str,
        /// Why not.
        #[source]
        source: object_store::Error,
    },
    /// A card does not read.
    #[error("the card {} is damaged", path.display())]
    Card {
        /// Which.
        path: PathBuf,
    },
}

/// All files.
pub struct Attachments {
    folder: PathBuf,
    store: Arc<dyn ObjectStore>,
    /// Held while content is put or removed: the sweep must not remove what is being named again.
    turn: Mutex<()>,
}

fn disk(operation: &'static str, path: &Path) -> impl FnOnce(io::Error) -> FilesFault + use<> {
    let path = path.to_owned();
    move |source| FilesFault::Disk { operation, path, source }
}

fn store(operation: &'static str) -> impl FnOnce(object_store::Error) -> FilesFault {
    move |source| FilesFault::Store { operation, source }
}

impl Attachments {
    /// Files in `folder`, which is made if need be.
    pub fn open(folder: &Path) -> Result<Self, FilesFault> {
        for below in ["content", "cards/waiting", "cards/kept", "tmp"] {
            let path = folder.join(below);
            std::fs::create_dir_all(&path).map_err(disk("make", &path))?;
        }
        // What lies in `tmp` was cut off by the end of the process before.
        let tmp = folder.join("tmp");
        for entry in std::fs::read_dir(&tmp).map_err(disk("read", &tmp))?.flatten() {
            let _ = std::fs::remove_file(entry.path());
        }
        let local = LocalFileSystem::new_with_prefix(folder.join("content"))
            .map_err(store("open"))?
            .with_fsync(true)
            .with_automatic_cleanup(true);
        Ok(Self { folder: folder.to_owned(), store: Arc::new(local), turn: Mutex::new(()) })
    }

    /// Where an upload may lie until it is judged.
    pub fn temporary(&self) -> PathBuf {
        self.folder.join("tmp").join(uuid::Uuid::new_v4().to_string())
    }

    fn key(consumer: ConsumerId, sha256: &[u8; 32]) -> Key {
        Key::from_iter([consumer.to_string(), hex(sha256)])
    }

    /// Where the content of a file lies in `folder`, for readers beside a desk that may be running.
    pub fn content_path(folder: &Path, consumer: ConsumerId, sha256: &[u8; 32]) -> PathBuf {
        folder.join("content").join(consumer.to_string()).join(hex(sha256))
    }

    fn card_path(&self, kept: bool, id: AttachmentId) -> PathBuf {
        self.folder
            .join(if kept { "cards/kept" } else { "cards/waiting" })
            .join(format!("{id}.json"))
    }

    /// Stores a judged upload and its card. Both are synced when this returns.
    pub async fn put(&self, upload: &Path, card: &Card) -> Result<(), FilesFault> {
        let _turn = self.turn.lock().await;
        let key = Self::key(card.consumer, &card.sha256);
        if self.store.head(&key).await.is_err() {
            let mut file = tokio::fs::File::open(upload).await.map_err(disk("open", upload))?;
            let parts = self.store.put_multipart(&key).await.map_err(store("begin a file"))?;
            let mut writer = WriteMultipart::new(parts);
            let mut chunk = vec![0; CHUNK];
            loop {
                let read = file.read(&mut chunk).await.map_err(disk("read", upload))?;
                if read == 0 {
                    break;
                }
                writer.wait_for_capacity(4).await.map_err(store("write a file"))?;
                writer.write(&chunk[..read]);
            }
            writer.finish().await.map_err(store("finish a file"))?;
        }
        self.write_card(card).await
    }

    async fn write_card(&self, card: &Card) -> Result<(), FilesFault> {
        let path = self.card_path(false, card.id);
        let stored = StoredCard {
            id: card.id.to_string(),
            consumer: card.consumer.to_string(),
            conversation: card.conversation.to_string(),
            agent: match &card.uploader {
                Actor::Agent(agent) => Some(agent.to_string()),
                _ => None,
            },
            name: card.name.clone(),
            mime: card.mime.clone(),
            bytes: card.bytes,
            sha256: hex(&card.sha256),
            warning: card.warning.clone(),
            at: card.at.0,
        };
        let text =
            serde_json::to_vec(&stored).map_err(|error| disk("write", &path)(error.into()))?;
        let aside = self.temporary();
        off_thread(move || {
            let write = || {
                let mut file = std::fs::File::create(&aside)?;
                io::Write::write_all(&mut file, &text)?;
                file.sync_all()?;
                std::fs::rename(&aside, &path)?;
                sync_folder(&path)
            };
            write().map_err(disk("write", &path))
        })
        .await
    }

    /// The card of a file, sent or not.
    pub async fn card(&self, id: AttachmentId) -> Result<Option<Card>, FilesFault> {
        for kept in [true, false] {
            let path = self.card_path(kept, id);
            match tokio::fs::read(&path).await {
                Ok(text) => {
                    return read_card(&text, kept).map(Some).ok_or(FilesFault::Card { path });
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(disk("read", &path)(error)),
            }
        }
        Ok(None)
    }

    /// Keeps a file for good: a message is about to name it. Durable when this returns.
    pub async fn keep(&self, id: AttachmentId) -> Result<(), FilesFault> {
        self.shift(self.card_path(false, id), self.card_path(true, id)).await
    }

    /// Takes that back: the message was not sent.
    pub async fn let_go(&self, id: AttachmentId) -> Result<(), FilesFault> {
        self.shift(self.card_path(true, id), self.card_path(false, id)).await
    }

    async fn shift(&self, from: PathBuf, to: PathBuf) -> Result<(), FilesFault> {
        let _turn = self.turn.lock().await;
        off_thread(move || match std::fs::rename(&from, &to) {
            Ok(()) => sync_folder(&to)
                .and_then(|()| sync_folder(&from))
                .map_err(disk("sync the folder of", &to)),
            // It is there already: a resend.
            Err(error) if error.kind() == io::ErrorKind::NotFound && to.exists() => Ok(()),
            Err(error) => Err(disk("move", &from)(error)),
        })
        .await
    }

    /// The content of a file, or a range of it; `None` when it was removed after its card was read.
    pub async fn content(
        &self,
        card: &Card,
        range: Option<std::ops::Range<u64>>,
    ) -> Result<Option<GetResult>, FilesFault> {
        let options = GetOptions { range: range.map(Into::into), ..GetOptions::default() };
        let key = Self::key(card.consumer, &card.sha256);
        match self.store.get_opts(&key, options).await {
            Ok(content) => Ok(Some(content)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(store("read a file")(error)),
        }
    }

    /// Removes what was uploaded long ago and never sent. Returns how many files that were.
    pub async fn sweep(&self, now: Millis) -> Result<usize, FilesFault> {
        self.remove_old(false, now, WAITS_MS).await
    }

    /// Removes what was sent longer ago than files are kept (`[retention]` of the rules). Returns how many files that were.
    pub async fn expire(&self, now: Millis, keep_ms: u64) -> Result<usize, FilesFault> {
        self.remove_old(true, now, keep_ms).await
    }

    /// Cards of one kind go when they are old, and content with the last card that names it: the content first, so that
    /// what is interrupted is found again by its card.
    async fn remove_old(&self, kept: bool, now: Millis, age_ms: u64) -> Result<usize, FilesFault> {
        let is_old = |card: &Card| now.since(card.at) > age_ms;
        // Uploads do not wait while all cards are read only to find that none is old.
        if !self.cards(kept).await?.iter().any(is_old) {
            return Ok(0);
        }
        let _turn = self.turn.lock().await;
        let (old, fresh): (Vec<Card>, Vec<Card>) =
            self.cards(kept).await?.into_iter().partition(is_old);
        let content = |card: &Card| (card.consumer, card.sha256);
        let others = self.cards(!kept).await?;
        let named: HashSet<_> = fresh.iter().chain(&others).map(content).collect();
        for card in &old {
            if !named.contains(&content(card)) {
                match self.store.delete(&Self::key(card.consumer, &card.sha256)).await {
                    Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
                    Err(error) => return Err(store("remove a file")(error)),
                }
            }
            let path = self.card_path(kept, card.id);
            tokio::fs::remove_file(&path).await.map_err(disk("remove", &path))?;
        }
        Ok(old.len())
    }

    async fn cards(&self, kept: bool) -> Result<Vec<Card>, FilesFault> {
        let folder = self.folder.join(if kept { "cards/kept" } else { "cards/waiting" });
        off_thread(move || {
            let entries = std::fs::read_dir(&folder).map_err(disk("read", &folder))?;
            let text = entries.flatten().filter_map(|entry| std::fs::read(entry.path()).ok());
            Ok(text.filter_map(|text| read_card(&text, kept)).collect())
        })
        .await
    }

    /// Bytes of content that are kept, for the operator.
    pub async fn total_bytes(&self) -> Result<u64, FilesFault> {
        let sizes = self.store.list(None).map_ok(|meta| meta.size);
        sizes.try_fold(0, |sum, size| async move { Ok(sum + size) }).await.map_err(store("list"))
    }
}

async fn off_thread<R: Send + 'static>(
    work: impl FnOnce() -> Result<R, FilesFault> + Send + 'static,
) -> Result<R, FilesFault> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => Err(FilesFault::Disk {
            operation: "work in",
            path: PathBuf::from("attachments"),
            source: io::Error::other(error),
        }),
    }
}

fn sync_folder(of: &Path) -> io::Result<()> {
    std::fs::File::open(of.parent().unwrap_or(Path::new(".")))?.sync_all()
}

fn read_card(text: &[u8], kept: bool) -> Option<Card> {
    let stored: StoredCard = serde_json::from_slice(text).ok()?;
    let consumer: ConsumerId = stored.consumer.parse().ok()?;
    Some(Card {
        id: stored.id.parse().ok()?,
        consumer,
        conversation: stored.conversation.parse().ok()?,
        uploader: stored
            .agent
            .map_or(Actor::Consumer(consumer), |agent| Actor::Agent(AgentId::from(agent))),
        name: stored.name,
        mime: stored.mime,
        bytes: stored.bytes,
        sha256: unhex(&stored.sha256)?,
        warning: stored.warning,
        at: Millis(stored.at),
        kept,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(id: u128, at: u64) -> Card {
        Card {
            id: AttachmentId(id),
            consumer: ConsumerId(5),
            conversation: ConversationId(6),
            uploader: Actor::Consumer(ConsumerId(5)),
            name: "a.txt".into(),
            mime: "text/plain".into(),
            bytes: 5,
            sha256: [3; 32],
            warning: None,
            at: Millis(at),
            kept: false,
        }
    }

    async fn with(cards: &[Card]) -> (tempfile::TempDir, Attachments) {
        let folder = tempfile::tempdir().unwrap();
        let files = Attachments::open(folder.path()).unwrap();
        for card in cards {
            let upload = files.temporary();
            std::fs::write(&upload, b"hello").unwrap();
            files.put(&upload, card).await.unwrap();
        }
        (folder, files)
    }

    #[tokio::test]
    async fn what_is_stored_is_read_back_in_whole_or_part() {
        let (_folder, files) = with(&[card(1, 0)]).await;
        let found = files.card(AttachmentId(1)).await.unwrap().unwrap();
        assert_eq!(found, card(1, 0));
        assert_eq!(
            files.content(&found, None).await.unwrap().unwrap().bytes().await.unwrap(),
            "hello"
        );
        assert_eq!(
            files.content(&found, Some(1..3)).await.unwrap().unwrap().bytes().await.unwrap(),
            "el"
        );
        assert!(files.card(AttachmentId(2)).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn the_sweep_spares_what_a_message_names() {
        let late = Millis(WAITS_MS + 10);
        let (_folder, files) = with(&[card(1, 0), card(2, 0), card(3, late.0)]).await;
        files.keep(AttachmentId(1)).await.unwrap();
        files.keep(AttachmentId(1)).await.unwrap();
        assert_eq!(files.sweep(late).await.unwrap(), 1);
        assert!(files.card(AttachmentId(2)).await.unwrap().is_none());
        let kept = files.card(AttachmentId(1)).await.unwrap().unwrap();
        assert!(
            files.content(&kept, None).await.unwrap().is_some(),
            "the same content, named by the kept card"
        );
        let year = 365 * WAITS_MS;
        assert_eq!(files.expire(Millis(year), year).await.unwrap(), 0);
        files.let_go(AttachmentId(1)).await.unwrap();
        assert_eq!(files.sweep(Millis(late.0 + WAITS_MS + 1)).await.unwrap(), 2);
        assert!(files.content(&kept, None).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn what_was_sent_goes_when_the_rules_say_and_spares_the_same_content_sent_later() {
        let year = 365 * WAITS_MS;
        let (_folder, files) = with(&[card(1, 0), card(2, 10)]).await;
        files.keep(AttachmentId(1)).await.unwrap();
        files.keep(AttachmentId(2)).await.unwrap();
        let kept = files.card(AttachmentId(2)).await.unwrap().unwrap();
        assert_eq!(files.expire(Millis(year + 5), year).await.unwrap(), 1);
        assert!(files.card(AttachmentId(1)).await.unwrap().is_none());
        assert!(files.content(&kept, None).await.unwrap().is_some());
        assert_eq!(files.expire(Millis(year + 11), year).await.unwrap(), 1);
        assert!(files.content(&kept, None).await.unwrap().is_none());
    }
}
