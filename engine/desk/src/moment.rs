//! The desk at one moment, with what stands beside its state: the last words of open conversations, and how long those
//! who wait will probably wait.

use std::sync::Arc;

use dialogo_domain::{ConversationId, DepartmentId, Desk};
use parking_lot::Mutex;

use crate::places::Places;
use crate::recent::Recent;

/// The desk at one moment. While it is held, nothing new is shown to anyone: keep it short.
#[derive(Clone, Copy)]
pub struct Moment<'a> {
    /// The durable state.
    pub desk: &'a Desk,
    pub(crate) recent: &'a Recent,
    pub(crate) places: &'a Mutex<Places>,
}

impl Moment<'_> {
    /// The last messages of people in an open conversation, oldest first, with whether the consumer wrote them.
    pub fn said(&self, conversation: ConversationId) -> impl Iterator<Item = (bool, &Arc<str>)> {
        self.recent.said(conversation)
    }

    /// How long somebody in this place of a queue will probably wait, rounded to minutes; `None`: there is no basis.
    pub fn expected_wait_ms(&self, department: &DepartmentId, place: usize) -> Option<u64> {
        self.places.lock().expected_ms(department, place)
    }

    /// How long one more conversation would probably wait there; `None` also where nobody waits.
    pub fn wait_of_one_more_ms(&self, department: &DepartmentId) -> Option<u64> {
        self.places.lock().one_more_ms(department)
    }
}
