//! The thread that keeps the rules in step with their folders.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, select};
use dialogo_domain::plugin::SteppedBack;
use dialogo_domain::{Actor, Generation};
use dialogo_host::Host;
use dialogo_rules::{Diagnostic, Place};
use tokio::sync::{mpsc, oneshot};

use super::load::{LoadError, load};
use super::tree::{self, Folders, Tree};
use super::watch::{self, Watch};
use super::{InForce, RulesDesk};
use crate::clock::Clock;
use crate::writer;

/// A change of a rule file that the desk makes for people.
pub struct Edit {
    /// Its path below the rules' folder.
    pub file: &'static str,
    /// From the text as it is to the text as it shall be, or why that cannot be.
    pub change: Box<dyn FnOnce(&str) -> Result<String, String> + Send>,
    /// One line for people.
    pub summary: String,
    /// The plugin that is taken back by it, which cannot wait for files to be mended.
    pub stepped_back: Option<SteppedBack>,
}

/// What the loader may be told.
pub(crate) enum Order {
    /// Read the folders now.
    Reload(oneshot::Sender<()>),
    /// Put an older generation in force.
    RollBack {
        /// Which; `None`: the one before the present.
        to: Option<Generation>,
        /// Who asked for it.
        by: Actor,
        /// Answered when it is in force, or with the reason why not.
        reply: oneshot::Sender<Result<(), String>>,
    },
    /// Change a rule file.
    Edit {
        /// What.
        edit: Edit,
        /// Who asked for it.
        by: Actor,
        /// Answered when it is in force, or with the reason why not.
        reply: oneshot::Sender<Result<(), String>>,
    },
    /// The desk ends.
    Stop,
}

/// The thread's state.
pub(crate) struct Loader {
    pub(crate) folders: Folders,
    pub(crate) host: Host,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) desk: mpsc::Sender<writer::Wake>,
    pub(crate) rules: Arc<RulesDesk>,
    pub(crate) poll: Duration,
    /// The digest of what was last seen in the folders, whether it could be put in force or not.
    pub(crate) seen: [u8; 32],
}

impl Loader {
    /// Works until told to stop.
    pub(crate) fn run(mut self, orders: &Receiver<Order>) {
        let (hint, hints) = crossbeam_channel::bounded(1);
        let mut watch = Watch::start(self.folders.clone(), hint);
        // What changed between the first read and the first watch.
        self.look(false);
        loop {
            select! {
                recv(orders) -> order => match order {
                    Ok(Order::Reload(reply)) => {
                        self.look(true);
                        let _ = reply.send(());
                    }
                    Ok(Order::RollBack { to, by, reply }) => {
                        let _ = reply.send(self.roll_back(to, by));
                    }
                    Ok(Order::Edit { edit, by, reply }) => {
                        let _ = reply.send(self.edit(edit, by));
                    }
                    Ok(Order::Stop) | Err(_) => return,
                },
                recv(hints) -> _ => {
                    watch::settle(&hints);
                    self.look(false);
                }
                default(self.poll) => self.look(false),
            }
            watch.again();
        }
    }

    /// Reads the folders and, if they differ from what was last seen (or somebody asked for it), tries to put them in
    /// force.
    fn look(&mut self, asked: bool) {
        let begin = Instant::now();
        let tree = match tree::read(&self.folders) {
            Ok(tree) => tree,
            Err(fault) => return self.unreadable(&fault),
        };
        if tree.digest == self.seen && !asked {
            return;
        }
        self.seen = tree.digest;
        let outcome = self.put_in_force(&tree, None, Actor::Engine);
        if outcome.is_ok() {
            self.rules.generations().let_go();
        }
        self.note(begin, &tree, outcome);
    }

    fn unreadable(&mut self, fault: &tree::ReadError) {
        let reason = tree::chain(fault);
        let known = self.rules.status().report == reason;
        if !known {
            tracing::error!(%reason, "the rule files cannot be read; the rules in force stay");
            self.seen = [0; 32];
            let problem = Diagnostic::error("unreadable", Place::file("desk.toml"), reason.clone());
            let now = self.clock.now();
            self.rules.update(|status| {
                status.last_reload_at = Some(now);
                status.last_reload_ok = false;
                status.reloads.1 += 1;
                status.problems = vec![problem];
                status.report = reason;
            });
        }
    }

    /// Checks, compiles and tests a tree aside, and has the writer take it.
    fn put_in_force(
        &self,
        tree: &Tree,
        summary: Option<String>,
        by: Actor,
    ) -> Result<(), LoadError> {
        let mut loaded = self.load(tree)?;
        if loaded.generation == self.rules.current().generation {
            return Ok(());
        }
        if let Some(summary) = summary {
            loaded.summary = summary;
        }
        self.take(loaded, tree, by, None)
    }

    fn load(&self, tree: &Tree) -> Result<InForce, LoadError> {
        load(&self.host, tree, Some(&self.rules.current()), self.clock.now())
    }

    /// Keeps a generation and has the writer take it.
    fn take(
        &self,
        loaded: InForce,
        tree: &Tree,
        by: Actor,
        stepped_back: Option<SteppedBack>,
    ) -> Result<(), LoadError> {
        let kept = self.rules.generations().keep(
            loaded.generation,
            loaded.since,
            &loaded.summary,
            tree,
            &self.folders.plugins,
        );
        kept.map_err(|fault| LoadError::fault(format!("the generation cannot be kept: {fault}")))?;
        self.activate(Arc::new(loaded), by, stepped_back)
    }

    fn activate(
        &self,
        rules: Arc<InForce>,
        by: Actor,
        stepped_back: Option<SteppedBack>,
    ) -> Result<(), LoadError> {
        let (reply, done) = oneshot::channel();
        let stopping = || LoadError::fault("the desk is stopping".to_owned());
        let wake = writer::Wake::Activate { rules, by, stepped_back, reply };
        self.desk.blocking_send(wake).map_err(|_| stopping())?;
        match done.blocking_recv() {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(refused)) => Err(LoadError::fault(refused.to_string())),
            Err(_) => Err(stopping()),
        }
    }

    fn note(&self, begin: Instant, tree: &Tree, outcome: Result<(), LoadError>) {
        let took = begin.elapsed();
        let now = self.clock.now();
        let current = self.rules.current();
        match outcome {
            Ok(()) => {
                let warnings = current.warnings.len();
                tracing::info!(
                    generation = %current.generation,
                    ms = took.as_millis() as u64,
                    warnings,
                    "rules in force: {}", current.summary
                );
                self.rules.update(|status| {
                    status.last_reload_at = Some(now);
                    status.last_reload_ms = took.as_millis() as u64;
                    status.last_reload_ok = true;
                    status.reloads.0 += 1;
                    status.files = tree.files.clone();
                    status.problems.clear();
                    status.report.clear();
                    status.rolled_back = false;
                });
            }
            Err(error) => {
                tracing::error!(
                    generation = %current.generation,
                    problems = error.problems.len(),
                    "the changed rules are not taken, generation {} stays:\n{}", current.generation, error.report
                );
                self.rules.update(|status| {
                    status.last_reload_at = Some(now);
                    status.last_reload_ms = took.as_millis() as u64;
                    status.last_reload_ok = false;
                    status.reloads.1 += 1;
                    status.files = tree.files.clone();
                    status.problems = error.problems;
                    status.report = error.report;
                });
            }
        }
    }

    /// Writes a change into a rule file and puts it in force at once. Where what lies in the folders is not what is in force,
    /// or cannot be written, a plugin is taken back all the same, as by a rollback.
    fn edit(&mut self, edit: Edit, by: Actor) -> Result<(), String> {
        let begin = Instant::now();
        let lies_there = tree::read(&self.folders).ok().filter(|tree| self.is_in_force(tree));
        let Edit { file, change, summary, stepped_back } = edit;
        let urgent = stepped_back.is_some();
        let base = match &lies_there {
            Some(tree) => tree.clone(),
            None if urgent => self.tree_in_force().ok_or("the rules in force are not kept")?,
            None => {
                return Err(
                    "what lies in the folders is not what is in force: `dialogo status` says why"
                        .to_owned(),
                );
            }
        };
        let text = base.files.text(file).ok_or_else(|| format!("there is no {file}"))?;
        let edited = change(&text)?;
        if edited == text {
            return if urgent { Err("it is in shadow already".to_owned()) } else { Ok(()) };
        }
        let tree = base.with_file(file, &edited);
        let mut loaded = self.load(&tree).map_err(|error| error.report)?;
        loaded.summary.clone_from(&summary);
        let generation = loaded.generation;
        let written = match lies_there {
            Some(_) => match tree::write_over(&self.folders, file, &text, &edited) {
                Ok(true) => Ok(()),
                Ok(false) => Err(format!("{file} was changed in this moment: try again")),
                Err(fault) => Err(format!("{file} cannot be written: {fault}")),
            },
            None => Err("the files differ from what is in force".to_owned()),
        };
        let held = match written {
            Ok(()) => None,
            Err(why) if urgent => Some(why),
            Err(why) => return Err(why),
        };
        if held.is_none() {
            // What is written is seen: the next look finds nothing new.
            self.seen = tree.digest;
            self.rules.generations().let_go();
        }
        self.take(loaded, &tree, by, stepped_back).map_err(|error| error.report)?;
        let Some(why) = held else {
            self.note(begin, &tree, Ok(()));
            return Ok(());
        };
        tracing::error!(%summary, "in force, but not in the files: {why}. Write it into {file}");
        let generation = super::generations::hex(&generation.0);
        self.rules
            .generations()
            .hold(&self.seen, &generation)
            .map_err(|fault| fault.to_string())?;
        self.rules.update(|status| status.rolled_back = true);
        Ok(())
    }

    fn is_in_force(&self, tree: &Tree) -> bool {
        let current = self.rules.current();
        tree.files == current.checked.files && tree.identities() == current.packages
    }

    fn tree_in_force(&self) -> Option<Tree> {
        let generation = super::generations::hex(&self.rules.current().generation.0);
        let generations = self.rules.generations();
        generations.tree(&generations.find(&generation)?)
    }

    fn roll_back(&self, to: Option<Generation>, by: Actor) -> Result<(), String> {
        let current = super::generations::hex(&self.rules.current().generation.0);
        let all = self.rules.generations().list();
        let record = match to {
            Some(generation) => {
                let name = super::generations::hex(&generation.0);
                all.into_iter().find(|record| record.generation == name)
            }
            None => all.into_iter().skip_while(|record| record.generation != current).nth(1),
        };
        let record =
            record.ok_or("there is no such generation: `dialogo rules list` shows what is kept")?;
        let tree = self
            .rules
            .generations()
            .tree(&record)
            .ok_or_else(|| format!("generation {} can no longer be read", record.generation))?;
        let summary = format!("rolled back to {}", &record.generation[..16]);
        self.put_in_force(&tree, Some(summary), by).map_err(|error| error.report)?;
        let held = self.rules.generations().hold(&self.seen, &record.generation);
        held.map_err(|fault| {
            format!("it is in force, but will not outlive a restart: cannot remember it: {fault}")
        })?;
        self.rules.update(|status| status.rolled_back = true);
        Ok(())
    }
}
