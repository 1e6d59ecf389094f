//! One sandbox: a store, what it may use, and one call in it.
//!
//! A sandbox is entered by one call at a time and never again after a failure that poisons it. What the hooks' functions
//! look like is in `hooks.rs`, what guests may ask the host in `imports.rs`.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use rustix::time::{ClockId, clock_gettime};
use wasmtime::component::Instance;
use wasmtime::{ResourceLimiter, Store, Trap, UpdateDeadline, WasmBacktrace};

use crate::bind::Loaded;
use crate::catalogue::Catalogue;
use crate::failure::Failure;
use crate::hook::Grants;
use crate::input::{Call, Conversation};
use crate::patterns::{FindCache, PatternSet};

/// How much longer than its CPU time a call may take by the wall clock. A guest cannot wait for anything but the CPU, so this
/// bounds only how long a message waits on a machine that is overrun.
const WALL_FACTOR: u64 = 40;
/// Table elements a sandbox may have.
const MAX_TABLE: usize = 100_000;
/// Frames of a backtrace that are kept.
const MAX_FRAMES: usize = 20;

/// What a plugin's sandboxes may see for as long as a generation of the rules lives.
#[derive(Debug)]
pub(crate) struct Environment {
    pub(crate) plugin: Arc<str>,
    pub(crate) version: Arc<str>,
    pub(crate) settings: Arc<str>,
    pub(crate) settings_revision: u64,
    pub(crate) patterns: BTreeMap<String, Arc<PatternSet>>,
    pub(crate) catalogue: Arc<Catalogue>,
    pub(crate) assets: Arc<BTreeMap<String, Arc<[u8]>>>,
    pub(crate) grants: Grants,
    pub(crate) found: Arc<FindCache>,
}

/// Bounds of a sandbox that do not depend on the hook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bounds {
    pub(crate) memory_bytes: usize,
    pub(crate) output_bytes: usize,
}

/// The store's data.
pub(crate) struct Guest {
    pub(crate) environment: Arc<Environment>,
    pub(crate) call: Arc<Call>,
    /// What it is asked about, with messages that are not handed in: for `history`.
    pub(crate) conversation: Option<Arc<Conversation>>,
    pub(crate) used: Used,
    clock: Clock,
    memory: MemoryLimit,
}

/// What one call has used of the host's services.
#[derive(Debug, Default)]
pub(crate) struct Used {
    pub(crate) log_lines: u32,
    pub(crate) host_calls: u32,
    pub(crate) find_bytes: u64,
    pub(crate) panic: Option<String>,
}

/// Went over its time; raised by the epoch callback.
#[derive(Debug, thiserror::Error)]
#[error("deadline")]
struct DeadlinePassed {
    used_us: u64,
    budget_us: u64,
    wall: bool,
}

/// Went over a bound of the host's services; raised by an import.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct HostBound(pub(crate) String);

struct Clock {
    cpu_start_us: u64,
    wall_start: Instant,
    budget_us: u64,
}

impl Clock {
    fn start(budget_us: u64) -> Self {
        Clock { cpu_start_us: thread_cpu_us(), wall_start: Instant::now(), budget_us }
    }

    fn check(&self) -> Result<(), DeadlinePassed> {
        let wall_us = self.wall_start.elapsed().as_micros() as u64;
        // The wall clock is cheap to read and runs at least as fast.
        if wall_us <= self.budget_us {
            return Ok(());
        }
        let used_us = thread_cpu_us().saturating_sub(self.cpu_start_us);
        if used_us > self.budget_us {
            return Err(DeadlinePassed { used_us, budget_us: self.budget_us, wall: false });
        }
        let wall_budget = self.budget_us.saturating_mul(WALL_FACTOR);
        if wall_us > wall_budget {
            return Err(DeadlinePassed { used_us: wall_us, budget_us: wall_budget, wall: true });
        }
        Ok(())
    }
}

/// CPU time of the calling thread, in microseconds.
fn thread_cpu_us() -> u64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as u64 * 1_000_000 + time.tv_nsec as u64 / 1_000
}

#[derive(Debug)]
struct MemoryLimit {
    limit: usize,
    /// Bytes of all memories together.
    total: usize,
    peak: usize,
    refused: bool,
}

impl ResourceLimiter for MemoryLimit {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let total = self.total.saturating_sub(current).saturating_add(desired);
        if total > self.limit {
            self.refused = true;
            return Ok(false);
        }
        self.total = total;
        self.peak = self.peak.max(total);
        Ok(true)
    }

    fn table_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(desired <= MAX_TABLE)
    }

    fn memory_grow_failed(&mut self, _error: wasmtime::Error) -> wasmtime::Result<()> {
        self.refused = true;
        Ok(())
    }
}

/// A sandbox with the plugin inside.
pub(crate) struct Sandbox {
    pub(crate) store: Store<Guest>,
    pub(crate) instance: Instance,
    pub(crate) calls: u32,
    bounds: Bounds,
}

impl Sandbox {
    /// A fresh one. Counts against the budget of the call it is made for.
    pub(crate) fn new(
        loaded: &Loaded,
        environment: &Arc<Environment>,
        bounds: Bounds,
        call: &Arc<Call>,
        budget_us: u64,
    ) -> Result<Self, Failure> {
        let guest = Guest {
            environment: environment.clone(),
            call: call.clone(),
            conversation: None,
            used: Used::default(),
            clock: Clock::start(budget_us),
            memory: MemoryLimit { limit: bounds.memory_bytes, total: 0, peak: 0, refused: false },
        };
        let mut store = Store::new(loaded.engine(), guest);
        store.limiter(|guest| &mut guest.memory);
        store.set_hostcall_fuel(bounds.output_bytes);
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(|store| {
            store.data().clock.check()?;
            Ok(UpdateDeadline::Continue(1))
        });
        match loaded.pre().instantiate(&mut store) {
            Ok(instance) => Ok(Sandbox { store, instance, calls: 0, bounds }),
            Err(error) => Err(classify(&error, store.data(), bounds)),
        }
    }

    /// Makes a used sandbox ready for its next call.
    pub(crate) fn renew(&mut self, call: &Arc<Call>, budget_us: u64) {
        let guest = self.store.data_mut();
        guest.call = call.clone();
        guest.used = Used::default();
        guest.memory.refused = false;
        guest.clock = Clock::start(budget_us);
        self.store.set_epoch_deadline(1);
    }

    /// Calls into the guest.
    pub(crate) fn enter<T>(
        &mut self,
        call: impl FnOnce(&mut Store<Guest>, &Instance) -> wasmtime::Result<T>,
    ) -> Result<T, Failure> {
        self.calls += 1;
        let answer = call(&mut self.store, &self.instance);
        let guest = self.store.data();
        match answer {
            // A guest that never reaches an epoch check is still told.
            Ok(answer) => match guest.clock.check() {
                Ok(()) => Ok(answer),
                Err(passed) => Err(deadline(&passed)),
            },
            Err(error) => Err(classify(&error, guest, self.bounds)),
        }
    }

    /// CPU and wall time since the call began, in microseconds.
    pub(crate) fn took_us(&self) -> u64 {
        self.store.data().clock.wall_start.elapsed().as_micros() as u64
    }

    /// The most linear memory it had, in bytes.
    pub(crate) fn peak_memory(&self) -> u64 {
        self.store.data().memory.peak as u64
    }
}

fn deadline(passed: &DeadlinePassed) -> Failure {
    Failure::Deadline { used_us: passed.used_us, budget_us: passed.budget_us, wall: passed.wall }
}

/// Which failure an error is.
fn classify(error: &wasmtime::Error, guest: &Guest, bounds: Bounds) -> Failure {
    if let Some(passed) = error.downcast_ref::<DeadlinePassed>() {
        return deadline(passed);
    }
    if let Some(bound) = error.downcast_ref::<HostBound>() {
        return Failure::HostCalls { what: bound.0.clone() };
    }
    if error.is::<wasmtime::PoolConcurrencyLimitError>() {
        return Failure::Overloaded("no free sandbox".into());
    }
    if guest.memory.refused {
        return Failure::Memory { limit_bytes: bounds.memory_bytes as u64 };
    }
    if let Some(trap) = error.downcast_ref::<Trap>() {
        return Failure::Trap {
            reason: trap.to_string(),
            panic: guest.used.panic.clone(),
            backtrace: frames(error),
        };
    }
    if is_fuel_exhausted(error) {
        return Failure::Output { limit_bytes: bounds.output_bytes as u64 };
    }
    // What is left are answers that cannot be read: wild pointers, bad text, unknown cases.
    Failure::Invalid { what: error.root_cause().to_string() }
}

/// Wasmtime keeps the type of this error to itself; its derived `Debug` is the type's name. A test fails when that changes.
fn is_fuel_exhausted(error: &wasmtime::Error) -> bool {
    format!("{:?}", error.root_cause()) == "HostcallFuelExhausted"
}

fn frames(error: &wasmtime::Error) -> Vec<String> {
    let Some(backtrace) = error.downcast_ref::<WasmBacktrace>() else { return Vec::new() };
    let frames = backtrace.frames().iter().take(MAX_FRAMES).map(|frame| {
        let symbol = frame.symbols().iter().find_map(|symbol| symbol.name());
        match symbol.or(frame.func_name()) {
            Some(name) => name.to_owned(),
            None => format!("function {}", frame.func_index()),
        }
    });
    frames.collect()
}
