//! Which departments and calendars are open, looked up once a second: calendars know holidays and time zones, and every
//! command and every call of a plugin asks.

use std::collections::BTreeSet;
use std::sync::Arc;

use dialogo_domain::{DepartmentId, Millis};
use dialogo_rules::Checked;
use parking_lot::Mutex;

/// What holds during one second.
#[derive(Debug, Default)]
pub(crate) struct Hours {
    second: u64,
    /// Departments outside their hours.
    pub(crate) closed: BTreeSet<DepartmentId>,
    /// Calendars that are open, in order.
    pub(crate) calendars: Vec<String>,
}

/// The last answer for one generation of the rules.
#[derive(Debug, Default)]
pub(crate) struct Clockwork(Mutex<Option<Arc<Hours>>>);

impl Clockwork {
    /// What holds at `now` under `checked`, which is the same in every call.
    pub(crate) fn at(&self, now: Millis, checked: &Checked) -> Arc<Hours> {
        let second = now.0 / 1_000;
        let mut last = self.0.lock();
        match &*last {
            Some(hours) if hours.second == second => Arc::clone(hours),
            _ => {
                let hours = Arc::new(Hours {
                    second,
                    closed: checked.closed_at(now),
                    calendars: super::cases::calendars_open(checked, now),
                });
                Arc::clone(last.insert(hours))
            }
        }
    }
}
