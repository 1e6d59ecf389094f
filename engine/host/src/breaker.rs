//! When a plugin that keeps failing is left alone, and when it is tried again. Pure: time is an argument.
//!
//! Opens at five failures in a row or at half of the last twenty; waits 10 s, doubling to 10 min; then asks for a probe
//! with the plugin's own cases (never live traffic), which closes it or starts the next wait. Who runs the probe is in
//! `keeper.rs`.

use std::collections::{HashMap, VecDeque};

use crate::failure::Weight;

/// Failures in a row that open it.
const IN_A_ROW: u32 = 5;
/// Calls looked back upon.
const WINDOW: usize = 20;
/// First wait, in milliseconds.
pub(crate) const FIRST_WAIT_MS: u64 = 10_000;
/// Longest wait, in milliseconds.
pub(crate) const LONGEST_WAIT_MS: u64 = 600_000;
/// Good calls after which the next wait is short again.
const FORGIVEN_AFTER: u32 = 200;
/// Inputs remembered because they failed.
const MAX_INPUTS: usize = 1_024;
/// Times an input may fail.
const INPUT_TRIES: u8 = 2;

/// Where a breaker stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BreakerState {
    /// The plugin is asked.
    Closed,
    /// It is not asked until the given moment (milliseconds of the host's clock).
    Open {
        /// When a probe is due.
        until_ms: u64,
    },
    /// Its own cases are being run.
    Probing,
}

/// What to do with a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Permit {
    /// Make it.
    Go,
    /// Do not; try again then.
    Wait { retry_in_ms: u64 },
    /// Do not, but start a probe.
    Probe,
    /// Do not: this input has failed before.
    SkipInput,
}

/// One plugin's breaker.
#[derive(Debug)]
pub(crate) struct Breaker {
    state: BreakerState,
    row: u32,
    window: VecDeque<bool>,
    wait_ms: u64,
    good: u32,
    reason: String,
    inputs: HashMap<u64, u8>,
    input_order: VecDeque<u64>,
}

impl Breaker {
    pub(crate) fn new() -> Self {
        Breaker {
            state: BreakerState::Closed,
            row: 0,
            window: VecDeque::with_capacity(WINDOW),
            wait_ms: FIRST_WAIT_MS,
            good: 0,
            reason: String::new(),
            inputs: HashMap::new(),
            input_order: VecDeque::new(),
        }
    }

    pub(crate) fn state(&self) -> BreakerState {
        self.state
    }

    /// Why it opened last.
    pub(crate) fn reason(&self) -> &str {
        &self.reason
    }

    /// Whether any input is remembered; if not, inputs need not be hashed.
    pub(crate) fn remembers_inputs(&self) -> bool {
        !self.inputs.is_empty()
    }

    /// May a call with this input be made? `input` may be left out while no input is remembered.
    pub(crate) fn permit(&mut self, now_ms: u64, input: Option<u64>) -> Permit {
        match self.state {
            BreakerState::Probing => Permit::Wait { retry_in_ms: 0 },
            BreakerState::Open { until_ms } if now_ms < until_ms => {
                Permit::Wait { retry_in_ms: until_ms - now_ms }
            }
            BreakerState::Open { .. } => {
                self.state = BreakerState::Probing;
                Permit::Probe
            }
            BreakerState::Closed => {
                let tried = input.and_then(|input| self.inputs.get(&input)).copied().unwrap_or(0);
                if tried >= INPUT_TRIES { Permit::SkipInput } else { Permit::Go }
            }
        }
    }

    /// A call went well.
    pub(crate) fn succeeded(&mut self) {
        self.row = 0;
        self.note(false);
        self.good = self.good.saturating_add(1);
        if self.good >= FORGIVEN_AFTER {
            self.wait_ms = FIRST_WAIT_MS;
        }
    }

    /// A call failed. True if this opened the breaker.
    pub(crate) fn failed(&mut self, now_ms: u64, weight: Weight, input: u64, reason: &str) -> bool {
        if weight == Weight::None {
            return false;
        }
        self.good = 0;
        self.note(true);
        if weight == Weight::Full {
            self.row += 1;
            self.remember(input);
        }
        let half = self.window.len() == WINDOW
            && self.window.iter().filter(|bad| **bad).count() * 2 >= WINDOW;
        let opens = self.state == BreakerState::Closed && (self.row >= IN_A_ROW || half);
        if opens {
            reason.clone_into(&mut self.reason);
            self.open(now_ms);
        }
        opens
    }

    /// The probe ended.
    pub(crate) fn probed(&mut self, now_ms: u64, passed: bool, reason: &str) {
        if passed {
            self.state = BreakerState::Closed;
            self.row = 0;
            self.good = 0;
            self.window.clear();
        } else {
            reason.clone_into(&mut self.reason);
            self.open(now_ms);
        }
    }

    fn open(&mut self, now_ms: u64) {
        self.state = BreakerState::Open { until_ms: now_ms + self.wait_ms };
        self.wait_ms = (self.wait_ms * 2).min(LONGEST_WAIT_MS);
    }

    fn note(&mut self, bad: bool) {
        if self.window.len() == WINDOW {
            self.window.pop_front();
        }
        self.window.push_back(bad);
    }

    fn remember(&mut self, input: u64) {
        if let Some(times) = self.inputs.get_mut(&input) {
            *times = times.saturating_add(1);
            return;
        }
        if self.input_order.len() == MAX_INPUTS
            && let Some(oldest) = self.input_order.pop_front()
        {
            self.inputs.remove(&oldest);
        }
        self.inputs.insert(input, 1);
        self.input_order.push_back(input);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fail(breaker: &mut Breaker, now: u64, input: u64) -> bool {
        breaker.failed(now, Weight::Full, input, "trap")
    }

    #[test]
    fn five_in_a_row_open_it_and_the_probe_decides() {
        let mut breaker = Breaker::new();
        for input in 0..4 {
            assert!(!fail(&mut breaker, 0, input));
        }
        assert!(fail(&mut breaker, 0, 4));
        assert_eq!(breaker.permit(1, None), Permit::Wait { retry_in_ms: FIRST_WAIT_MS - 1 });
        assert_eq!(breaker.permit(FIRST_WAIT_MS, None), Permit::Probe);
        assert_eq!(breaker.permit(FIRST_WAIT_MS, None), Permit::Wait { retry_in_ms: 0 });
        breaker.probed(FIRST_WAIT_MS, false, "still bad");
        assert_eq!(
            breaker.permit(FIRST_WAIT_MS, None),
            Permit::Wait { retry_in_ms: 2 * FIRST_WAIT_MS }
        );
        assert_eq!(breaker.permit(3 * FIRST_WAIT_MS, None), Permit::Probe);
        breaker.probed(3 * FIRST_WAIT_MS, true, "");
        assert_eq!(breaker.permit(3 * FIRST_WAIT_MS, Some(99)), Permit::Go);
    }

    #[test]
    fn half_of_twenty_open_it() {
        let mut breaker = Breaker::new();
        for round in 0..19 {
            if round % 2 == 0 {
                assert!(!fail(&mut breaker, 0, round));
            } else {
                breaker.succeeded();
            }
        }
        assert!(breaker.failed(0, Weight::Slow, 77, "unavailable"));
    }

    #[test]
    fn unavailable_opens_slowly_and_misconfigured_never() {
        let mut breaker = Breaker::new();
        for round in 0..19 {
            assert!(!breaker.failed(0, Weight::Slow, round, "unavailable"), "{round}");
        }
        assert!(breaker.failed(0, Weight::Slow, 20, "unavailable"));
        let mut breaker = Breaker::new();
        for round in 0..100 {
            assert!(!breaker.failed(0, Weight::None, round, "misconfigured"));
        }
    }

    #[test]
    fn waits_at_most_ten_minutes() {
        let mut breaker = Breaker::new();
        for input in 0..5 {
            fail(&mut breaker, 0, input);
        }
        let mut now = 0;
        for _ in 0..12 {
            let BreakerState::Open { until_ms } = breaker.state() else { panic!("open") };
            assert!(until_ms - now <= LONGEST_WAIT_MS);
            now = until_ms;
            assert_eq!(breaker.permit(now, None), Permit::Probe);
            breaker.probed(now, false, "bad");
        }
        assert_eq!(breaker.state(), BreakerState::Open { until_ms: now + LONGEST_WAIT_MS });
    }

    #[test]
    fn an_input_that_failed_twice_is_skipped() {
        let mut breaker = Breaker::new();
        fail(&mut breaker, 0, 7);
        assert_eq!(breaker.permit(0, Some(7)), Permit::Go);
        fail(&mut breaker, 0, 7);
        assert_eq!(breaker.permit(0, Some(7)), Permit::SkipInput);
        assert_eq!(breaker.permit(0, Some(8)), Permit::Go);
        for input in 100..(100 + MAX_INPUTS as u64) {
            breaker.succeeded();
            breaker.remember(input);
        }
        assert_eq!(breaker.permit(0, Some(7)), Permit::Go, "the memory is bounded");
    }
}
