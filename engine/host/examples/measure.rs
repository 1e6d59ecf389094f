//! Measures plugins: checks a package, runs its cases and times each case's call, fresh and reused.
//!
//! `cargo run -p dialogo-host --example measure -- FOLDER…`. Not a benchmark suite; `dialogo plugin bench` is for partners.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use rustix::time::{ClockId, clock_gettime};

use dialogo_host::cases::run_cases;
use dialogo_host::{Binding, Host, HostConfig, Package, Plugin, Surroundings};

const CALLS: usize = 2_000;

fn main() {
    let host = Host::new(HostConfig::default()).expect("host");
    println!("pagemap_scan: {}", host.uses_pagemap_scan());
    for folder in std::env::args().skip(1).map(PathBuf::from) {
        let package = match Package::read(&folder) {
            Ok(package) => Arc::new(package),
            Err(error) => {
                println!(
                    "{}: {error} {:?}",
                    folder.display(),
                    std::error::Error::source(&error).map(ToString::to_string)
                );
                continue;
            }
        };
        let cases = dialogo_host::cases::cases_of(&package).unwrap_or_default();
        let settings = cases
            .iter()
            .find(|case| case.hook != dialogo_host::Hook::Setup)
            .map(|case| case.settings.clone());
        let binding =
            Binding::of(package.clone(), settings.unwrap_or_else(|| serde_json::json!({})));
        let binding = Binding { probe: false, ..binding };
        let began = Instant::now();
        match host.plugin(&binding, &Surroundings::default()) {
            Ok(plugin) => {
                println!(
                    "{}: bound in {:?}, {} bytes",
                    package.manifest.id,
                    began.elapsed(),
                    package.component.len()
                );
                measure(&plugin);
            }
            Err(problems) => {
                for problem in problems {
                    println!("{problem} (hint {:?}, pointer {:?})", problem.hint, problem.pointer);
                }
            }
        }
    }
}

fn measure(plugin: &Plugin) {
    let mut failed = 0;
    for outcome in run_cases(plugin) {
        if !outcome.passed() || !outcome.reusable {
            failed += 1;
            println!(
                "  case {:?}: {:?} deterministic={} reusable={}",
                outcome.name, outcome.differences, outcome.deterministic, outcome.reusable
            );
        }
    }
    println!("  {} cases, {failed} not as expected", plugin.cases().len());
    for case in plugin.cases().iter().filter(|case| case.hook != dialogo_host::Hook::Setup).take(1)
    {
        let fresh = percentiles(|| drop(plugin.ask(&case.call, &case.question)));
        let mut reused = plugin.reused();
        let warm = percentiles(|| drop(reused.ask(&case.call, &case.question)));
        println!(
            "  {:?}: CPU µs fresh p50 {:.1} p99 {:.1}; reused p50 {:.1} p99 {:.1}",
            case.name, fresh.0, fresh.1, warm.0, warm.1
        );
    }
}

/// Median and 99th percentile of the CPU time, in microseconds.
fn percentiles(mut call: impl FnMut()) -> (f64, f64) {
    let mut times: Vec<u64> = (0..CALLS)
        .map(|_| {
            let began = cpu_ns();
            call();
            cpu_ns() - began
        })
        .collect();
    times.sort_unstable();
    (times[CALLS / 2] as f64 / 1e3, times[CALLS * 99 / 100] as f64 / 1e3)
}

fn cpu_ns() -> u64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}
