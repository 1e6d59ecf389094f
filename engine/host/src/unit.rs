//! A plugin with its settings: what one generation of the rules asks, and how it is asked once.
//!
//! No queue, no breaker, no merging here: the chain (`chain.rs`), the case runner (`cases/run.rs`) and the probes all ask
//! through [`Unit::ask_fresh`] and [`Unit::ask_warm`].

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;

use crate::bind::Loaded;
use crate::breaker::Breaker;
use crate::cases::Case;
use crate::failure::Failure;
use crate::hook::{Grant, Hook};
use crate::input::{Call, CallContext};
use crate::patterns::PatternSource;
use crate::question::{Answer, Question};
use crate::sandbox::{Bounds, Environment, Sandbox};

/// How much longer than usual a call may take when settings, cases and tests are tried.
const UNHURRIED: u64 = 20;

/// Messages of each conversation that a desk keeps in memory, and that a plugin with `history` can count on: the most a
/// manifest may ask for is fewer than what anybody has needed yet, and twenty messages of ordinary length are some ten
/// kilobytes.
pub const AT_HAND: usize = 20;

static NEXT_UID: AtomicU64 = AtomicU64::new(1);

/// What a call cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Wall time, in microseconds.
    pub took_us: u64,
    /// The most linear memory it had, in bytes.
    pub peak_memory_bytes: u64,
}

/// See the module.
pub(crate) struct Unit {
    /// Differs for every unit of this process: warm sandboxes are found by it.
    pub(crate) uid: u64,
    pub(crate) id: Arc<str>,
    pub(crate) version: Arc<str>,
    pub(crate) digest: Arc<str>,
    /// Same component, manifest, assets, grants and limits: the code can be carried over.
    pub(crate) code_identity: [u8; 32],
    /// And the same settings and catalogue: everything can be.
    pub(crate) identity: [u8; 32],
    /// The reason if it is missing.
    pub(crate) loaded: Result<Arc<Loaded>, String>,
    pub(crate) environment: Arc<Environment>,
    pub(crate) bounds: Bounds,
    /// CPU time per call, in microseconds, by hook.
    pub(crate) budget_us: [u64; Hook::ALL.len()],
    pub(crate) recent: usize,
    /// Calls a sandbox may serve; none if each call gets a fresh one.
    pub(crate) reuse: Option<u32>,
    pub(crate) cases: Arc<Vec<Case>>,
    pub(crate) has_setup: bool,
    pub(crate) pattern_sources: Arc<[PatternSource]>,
    pub(crate) breaker: Arc<Mutex<Breaker>>,
}

impl std::fmt::Debug for Unit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Unit")
            .field("id", &self.id)
            .field("version", &self.version)
            .field("uid", &self.uid)
            .finish_non_exhaustive()
    }
}

impl Unit {
    pub(crate) fn next_uid() -> u64 {
        NEXT_UID.fetch_add(1, Ordering::Relaxed)
    }

    /// The same plugin in another environment: for cases.
    pub(crate) fn in_environment(&self, environment: Arc<Environment>) -> Unit {
        Unit {
            uid: Self::next_uid(),
            id: self.id.clone(),
            version: self.version.clone(),
            digest: self.digest.clone(),
            code_identity: self.code_identity,
            identity: self.identity,
            loaded: self.loaded.clone(),
            environment,
            bounds: self.bounds,
            budget_us: self.budget_us,
            recent: self.recent,
            reuse: self.reuse,
            cases: self.cases.clone(),
            has_setup: self.has_setup,
            pattern_sources: self.pattern_sources.clone(),
            breaker: Arc::new(Mutex::new(Breaker::new())),
        }
    }

    /// How many of a conversation's last messages it may come to see: those that are handed in, and with `history` all that
    /// a desk has at hand.
    pub(crate) fn sees(&self) -> usize {
        let imports = self.loaded.as_ref().map(|loaded| loaded.imports()).unwrap_or_default();
        let asks = imports.contains(&Grant::History);
        if asks { self.recent.max(AT_HAND) } else { self.recent }
    }

    fn loaded(&self) -> Result<&Loaded, Failure> {
        self.loaded.as_deref().map_err(|reason| Failure::Missing(reason.clone()))
    }

    fn context(&self, call: &Call, hook: Hook) -> CallContext {
        CallContext {
            call_id: call.call_id.as_str().into(),
            now: call.now_ms,
            seed: call.seed,
            dry_run: call.dry_run,
            budget_micros: self.budget_us[hook as usize].min(u64::from(u32::MAX)) as u32,
        }
    }

    /// Microseconds that a call may use. Where nobody waits, a machine that is busy must not make good rules look bad.
    fn budget(&self, call: &Call, hook: Hook) -> u64 {
        let budget_us = self.budget_us[hook as usize];
        if call.dry_run { budget_us.saturating_mul(UNHURRIED) } else { budget_us }
    }

    /// Asks in a sandbox of its own.
    pub(crate) fn ask_fresh(
        &self,
        call: &Arc<Call>,
        question: &Question,
    ) -> (Result<Answer, Failure>, Cost) {
        self.ask_within(self.budget(call, question.hook()), call, question)
    }

    /// The same where nobody waits: with more time than the guest is told.
    pub(crate) fn ask_unhurried(
        &self,
        call: &Arc<Call>,
        question: &Question,
    ) -> (Result<Answer, Failure>, Cost) {
        let budget_us = self.budget_us[question.hook() as usize].saturating_mul(UNHURRIED);
        self.ask_within(budget_us, call, question)
    }

    fn ask_within(
        &self,
        budget_us: u64,
        call: &Arc<Call>,
        question: &Question,
    ) -> (Result<Answer, Failure>, Cost) {
        let hook = question.hook();
        let made =
            self.loaded().and_then(|loaded| Ok((loaded, self.sandbox(loaded, call, budget_us)?)));
        let (loaded, mut sandbox) = match made {
            Ok(made) => made,
            Err(failure) => return (Err(failure), Cost::default()),
        };
        let answer =
            loaded.exports().ask(&mut sandbox, question, &self.context(call, hook), self.recent);
        let cost = Cost { took_us: sandbox.took_us(), peak_memory_bytes: sandbox.peak_memory() };
        (answer, cost)
    }

    /// Asks in a sandbox that has served before, if there is one; leaves it (or a new one) for the next call unless it is
    /// poisoned or worn out.
    pub(crate) fn ask_warm(
        &self,
        warm: &mut Option<Sandbox>,
        calls: u32,
        call: &Arc<Call>,
        question: &Question,
    ) -> (Result<Answer, Failure>, Cost) {
        let hook = question.hook();
        let taken = match warm.take() {
            Some(sandbox) => Ok(sandbox),
            None => self.prepared(call),
        };
        let ready = taken.and_then(|sandbox| Ok((self.loaded()?, sandbox)));
        let (loaded, mut sandbox) = match ready {
            Ok(ready) => ready,
            Err(failure) => return (Err(failure), Cost::default()),
        };
        sandbox.renew(call, self.budget(call, hook));
        let answer =
            loaded.exports().ask(&mut sandbox, question, &self.context(call, hook), self.recent);
        let cost = Cost { took_us: sandbox.took_us(), peak_memory_bytes: sandbox.peak_memory() };
        let poisoned = answer.as_ref().err().is_some_and(Failure::poisons);
        if !poisoned && sandbox.calls < calls {
            *warm = Some(sandbox);
        }
        (answer, cost)
    }

    /// A sandbox in which `setup` has built what the calls need.
    fn prepared(&self, call: &Arc<Call>) -> Result<Sandbox, Failure> {
        let loaded = self.loaded()?;
        let mut sandbox = self.sandbox(loaded, call, self.budget(call, Hook::Setup))?;
        if self.has_setup {
            let question = Question::Setup { settings: self.environment.settings.clone() };
            loaded.exports().ask(
                &mut sandbox,
                &question,
                &self.context(call, Hook::Setup),
                self.recent,
            )?;
        }
        Ok(sandbox)
    }

    fn sandbox(
        &self,
        loaded: &Loaded,
        call: &Arc<Call>,
        budget_us: u64,
    ) -> Result<Sandbox, Failure> {
        Sandbox::new(loaded, &self.environment, self.bounds, call, budget_us)
    }
}
