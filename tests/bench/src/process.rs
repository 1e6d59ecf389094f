//! What the kernel says of a process: CPU time and memory; and processes that end with their owner.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result};

/// A tick of `/proc/PID/stat`, in microseconds: USER_HZ is 100 on every Linux.
const TICK_US: f64 = 10_000.0;

/// CPU time of all threads of a process so far, user and system, in microseconds.
pub(crate) fn cpu_us(pid: u32) -> Result<f64> {
    let stat =
        std::fs::read_to_string(format!("/proc/{pid}/stat")).context("the process has ended")?;
    ticks(&stat).map(|ticks| ticks * TICK_US).context("/proc/PID/stat is of another form")
}

fn ticks(stat: &str) -> Option<f64> {
    // The name in parentheses may hold anything, so counting begins after it.
    let (_, after) = stat.rsplit_once(") ")?;
    let mut fields = after.split_whitespace().skip(11);
    let user: f64 = fields.next()?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    Some(user + system)
}

/// Resident memory, in KiB.
pub(crate) fn rss_kib(pid: u32) -> Result<f64> {
    status(pid, "VmRSS:")
}

/// The most resident memory so far, in KiB.
pub(crate) fn peak_kib(pid: u32) -> Result<f64> {
    status(pid, "VmHWM:")
}

fn status(pid: u32, field: &str) -> Result<f64> {
    let status =
        std::fs::read_to_string(format!("/proc/{pid}/status")).context("the process has ended")?;
    let line = status.lines().find_map(|line| line.strip_prefix(field));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    kib.with_context(|| format!("no {field} in /proc/PID/status"))
}

/// CPU time of this thread so far, in microseconds.
pub(crate) fn thread_cpu_us() -> Result<f64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")
        .context("this kernel counts no CPU time by thread")?;
    let ns: f64 = text
        .split_whitespace()
        .next()
        .and_then(|ns| ns.parse().ok())
        .context("/proc/thread-self/schedstat")?;
    Ok(ns / 1_000.0)
}

/// A process that is killed when it is dropped.
pub(crate) struct Owned(Child);

impl Owned {
    /// Starts it. Its standard output is read up to the first line, which is returned.
    pub(crate) fn start_and_hear(mut command: Command) -> Result<(Self, String)> {
        let mut owned = Self(
            command.stdout(Stdio::piped()).stdin(Stdio::null()).spawn().context("cannot start")?,
        );
        let mut first = String::new();
        let out = owned.0.stdout.take().context("no standard output")?;
        BufReader::new(out).read_line(&mut first)?;
        Ok((owned, first))
    }

    /// Starts it with its output in a file.
    pub(crate) fn start(mut command: Command, log: &Path) -> Result<Self> {
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(log)
            .context("cannot write the log")?;
        let shown = format!("cannot start {}", command.get_program().display());
        let child = command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).spawn();
        Ok(Self(child.context(shown)?))
    }

    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        self.0.id()
    }

    /// Whether it has ended by itself.
    pub(crate) fn has_ended(&mut self) -> bool {
        !matches!(self.0.try_wait(), Ok(None))
    }

    /// Asks it to end and waits.
    pub(crate) fn stop(mut self) -> Result<()> {
        let pid = rustix::process::Pid::from_child(&self.0);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM)
            .context("cannot stop it")?;
        for _ in 0..1_500 {
            if self.has_ended() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        anyhow::bail!("it did not end within 30 s after SIGTERM")
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_found_behind_any_name() {
        let stat = "7 (a b) c) S 1 2 3 4 5 6 7 8 9 10 250 50 0 0 20 0 4 0 100 0 0";
        assert_eq!(ticks(stat), Some(300.0));
        assert_eq!(ticks("7 (x"), None);
    }

    #[test]
    fn this_process_has_memory_and_time() {
        let pid = std::process::id();
        assert!(rss_kib(pid).expect("memory") > 100.0);
        assert!(peak_kib(pid).expect("peak") >= rss_kib(pid).expect("memory") * 0.5);
        assert!(cpu_us(pid).expect("time") >= 0.0);
    }
}
