//! The one wasmtime engine of the process, and the ticker that makes its deadlines fire.
//!
//! No WASI, here or anywhere. Compiled code and its cache are in `precompiled.rs`, one call in `sandbox.rs`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use wasmtime::{Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};

use crate::host::HostError;

/// How often deadlines are looked at.
const TICK: Duration = Duration::from_millis(4);
/// Linear memory that stays mapped in a free slot, so that the next call need not fault it in.
const KEEP_RESIDENT: usize = 1 << 20;
/// Core instances one component may consist of: JavaScript and Python guests consist of many.
const CORE_INSTANCES: u32 = 64;

/// Builds the engine. `sandboxes`: how many may exist at the same moment; `memory_bytes`: the operator's ceiling.
pub(crate) fn build(sandboxes: u32, memory_bytes: usize) -> Result<Engine, HostError> {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(sandboxes)
        .total_core_instances(sandboxes.saturating_mul(4).max(CORE_INSTANCES * 2))
        .total_memories(sandboxes.saturating_mul(2))
        .total_tables(sandboxes.saturating_mul(4).max(CORE_INSTANCES * 2))
        .max_core_instances_per_component(CORE_INSTANCES)
        .max_memories_per_component(4)
        .max_tables_per_component(CORE_INSTANCES)
        .max_component_instance_size(4 << 20)
        .max_core_instance_size(4 << 20)
        .max_memory_size(memory_bytes)
        .table_elements(100_000)
        .linear_memory_keep_resident(KEEP_RESIDENT)
        .table_keep_resident(64 << 10)
        .pagemap_scan(Enabled::Auto);

    let mut config = Config::new();
    config
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool))
        .epoch_interruption(true)
        .cranelift_nan_canonicalization(true)
        .relaxed_simd_deterministic(true)
        .memory_init_cow(true)
        // Images of configured or large guests stay copy-on-write up to this size.
        .memory_guaranteed_dense_image_size(64 << 20)
        .parallel_compilation(true);
    let engine = Engine::new(&config).map_err(HostError::Engine)?;
    tracing::info!(
        sandboxes,
        memory_bytes,
        pagemap_scan = pagemap_scan(),
        "plugin engine ready; a free sandbox's memory is reset by {}",
        if pagemap_scan() { "scanning for written pages" } else { "writing it over" },
    );
    Ok(engine)
}

/// Whether this kernel can tell which pages were written (Linux 6.7).
pub(crate) fn pagemap_scan() -> bool {
    PoolingAllocationConfig::is_pagemap_scan_available()
}

/// Advances the engine's epoch once a [`TICK`], from its own thread, until dropped.
#[derive(Debug)]
pub(crate) struct Ticker {
    stop: Arc<AtomicBool>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Ticker {
    pub(crate) fn start(engine: &Engine) -> Result<Self, HostError> {
        let stop = Arc::new(AtomicBool::new(false));
        let (stopped, engine) = (stop.clone(), engine.weak());
        let run = move || {
            // A late wake-up is one tick, never several: nobody is robbed of time that passed while the machine slept.
            while !stopped.load(Ordering::Relaxed) {
                thread::sleep(TICK);
                let Some(engine) = engine.upgrade() else { return };
                engine.increment_epoch();
            }
        };
        let thread = thread::Builder::new()
            .name("plugin-ticker".into())
            .spawn(run)
            .map_err(HostError::Thread)?;
        Ok(Ticker { stop, thread: Some(thread) })
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // It ends within a tick and cannot panic.
            let _ = thread.join();
        }
    }
}
