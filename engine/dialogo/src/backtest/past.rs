//! The past to judge: a desk's own journal, or recorded dialogues.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use dialogo_desk::backtest::history::{Moment, Outline, Past, said};
use dialogo_domain::command::Target;
use dialogo_domain::desk::Profile;
use dialogo_domain::message::{Author, Channel};
use dialogo_domain::{Commit, DepartmentId, Millis, Position};
use dialogo_journal::disk::real::RealDisk;
use dialogo_journal::log::Options;
use dialogo_journal::{Chunk, Folder, Journal, Limit, Progress, SegmentLog, codec};

use crate::replay::dialogue::{Dialogue, Who};

/// When a recording without dates began: a Wednesday in January 2026, noon in Brazil, when desks are open.
pub const RECORDED_AT: Millis = Millis(1_767_798_000_000);

/// A copy of a desk's journal, to be read more than once. The desk may be running.
pub struct JournalCopy {
    log: SegmentLog,
    /// Removed with it.
    _aside: tempfile::TempDir,
}

impl JournalCopy {
    /// Copies the journal in the folder `data`.
    pub fn of(data: &Path, progress: &mut dyn FnMut(Progress)) -> Result<Self> {
        let aside =
            tempfile::tempdir().context("cannot make a folder for a copy of the journal")?;
        let copy = Folder::new(aside.path());
        dialogo_journal::backup(&Folder::new(data), &copy, progress)
            .with_context(|| format!("cannot read the journal in {}", data.display()))?;
        let disk = RealDisk::new(copy.log()).context("cannot open the copy of the journal")?;
        // Nothing is written, so no segment is made ahead.
        let options = Options { prepare_ahead: false, ..Options::default() };
        let log = SegmentLog::open(Arc::new(disk), options)?;
        Ok(Self { log, _aside: aside })
    }

    /// Reads every commit; `take` ends it early with `false`.
    pub fn read(
        &self,
        progress: &mut dyn FnMut(Progress),
        take: &mut dyn FnMut(&Commit) -> bool,
    ) -> Result<()> {
        let mut chunk = Chunk::default();
        let mut at: Position = self.log.floor();
        let total = self.log.head().0;
        while at < self.log.head() {
            self.log.read(at, Limit::GROUP, &mut chunk)?;
            let before = at;
            for (position, bytes) in chunk.iter() {
                let commit = codec::decode(bytes).with_context(|| {
                    format!("the commit at position {} is unreadable", position.0)
                })?;
                if !take(&commit) {
                    return Ok(());
                }
                at = position;
            }
            anyhow::ensure!(at > before, "the journal ends at position {} and should go on", at.0);
            progress(Progress { doing: "read the journal", done: at.0, total });
        }
        Ok(())
    }
}

/// Every conversation in a desk's journal that began at `since` or later, in the order in which they began.
pub fn of_journal(
    data: &Path,
    since: Millis,
    progress: &mut dyn FnMut(Progress),
) -> Result<Vec<Past>> {
    let journal = JournalCopy::of(data, progress)?;
    let mut outline = Outline::default();
    journal.read(progress, &mut |commit| {
        outline.take_in(commit);
        true
    })?;
    let (mut gathering, mut pasts) = (outline.gather(since, None), Vec::new());
    journal.read(progress, &mut |commit| {
        gathering.take_in(commit, &mut |past| pasts.push(past));
        true
    })?;
    pasts.sort_by_key(|past: &Past| past.opened_at);
    Ok(pasts)
}

/// Recorded dialogues, in `department` unless the recording names one that `known` knows.
pub fn of_dialogues(
    dialogues: &[Dialogue],
    department: Option<&DepartmentId>,
    known: impl Fn(&str) -> bool,
) -> Vec<Past> {
    dialogues.iter().map(|dialogue| past(dialogue, department, &known)).collect()
}

fn past(
    dialogue: &Dialogue,
    department: Option<&DepartmentId>,
    known: &impl Fn(&str) -> bool,
) -> Past {
    let mut moments = Vec::new();
    let mut there = department.cloned();
    if let Some(department) = department {
        moments.push(Moment::Moved { department: department.clone(), transferred: false });
    }
    for turn in &dialogue.turns {
        let at = Millis(RECORDED_AT.0 + turn.at_ms);
        let named = turn.service.as_deref().filter(|service| known(service));
        if let Some(next) =
            named.map(DepartmentId::from).filter(|next| there.as_ref() != Some(next))
        {
            let transferred = there.is_some();
            if transferred {
                moments.push(Moment::Asked { at, target: Target::Department(next.clone()) });
            }
            moments.push(Moment::Moved { department: next.clone(), transferred });
            there = Some(next);
        }
        let by = match turn.who {
            Who::Consumer => Author::Consumer,
            Who::Agent => Author::Agent("recorded".into()),
        };
        moments.push(said(at, by, turn.text.as_str()));
    }
    Past {
        id: dialogue.id.clone(),
        consumer: None,
        opened_at: RECORDED_AT,
        channel: Channel::Web,
        profile: Profile::default(),
        labels: dialogue.labels.clone(),
        moments,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::dialogue::parse;

    #[test]
    fn a_change_of_team_is_a_transfer_where_the_team_is_a_department() {
        let line = r#"{"id":"a","turns":[{"who":"consumer","text":"1","service":"vendas"},{"who":"consumer","text":"2","service":"suporte"},{"who":"agent","text":"3","service":"outro"}]}"#;
        let pasts = of_dialogues(&parse(line).expect("reads"), None, |name| name != "outro");
        let kinds: Vec<&str> = pasts[0]
            .moments
            .iter()
            .map(|moment| match moment {
                Moment::Said { .. } => "said",
                Moment::Sent { .. } => "sent",
                Moment::Asked { .. } => "asked",
                Moment::Moved { .. } => "moved",
            })
            .collect();
        assert_eq!(kinds, ["moved", "said", "asked", "moved", "said", "said"]);
    }
}
