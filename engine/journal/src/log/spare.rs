//! Prepares the next segment aside, so that changing over costs the writer one rename. A disk that is too slow or too
//! full for it costs nothing but this head start: the writer then makes its segment itself and meets the fault there.

use std::sync::Arc;
use std::thread;

use parking_lot::Mutex;

use crate::disk::{Disk, DiskFile, Room};

use super::{Options, SPARE};

/// A segment made ahead, or in the making.
#[derive(Debug)]
pub(crate) struct Spare {
    maker: Option<Maker>,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct Maker {
    disk: Arc<dyn Disk>,
    len: u64,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    None,
    Making,
    Ready(Arc<dyn DiskFile>),
}

impl Spare {
    /// Makes none before it is [wanted](Self::wanted).
    pub(crate) fn new(disk: &Arc<dyn Disk>, options: Options) -> Self {
        let maker = options
            .prepare_ahead
            .then(|| Maker { disk: Arc::clone(disk), len: options.segment_bytes });
        Self { maker, state: Arc::default() }
    }

    /// Says that the present segment is filling up.
    pub(crate) fn wanted(&self) {
        let Some(maker) = &self.maker else { return };
        let mut state = self.state.lock();
        if !matches!(*state, State::None) {
            return;
        }
        *state = State::Making;
        let (disk, len, shared) = (Arc::clone(&maker.disk), maker.len, Arc::clone(&self.state));
        let started = thread::Builder::new().name("journal-spare".into()).spawn(move || {
            let made = disk.create(SPARE, len, Room::Zeroed);
            *shared.lock() = made.map_or(State::None, State::Ready);
        });
        if started.is_err() {
            *state = State::None;
        }
    }

    /// The spare segment if it is ready.
    pub(crate) fn take(&self) -> Option<Arc<dyn DiskFile>> {
        let mut state = self.state.lock();
        match std::mem::take(&mut *state) {
            State::Ready(file) => Some(file),
            State::None => None,
            State::Making => {
                *state = State::Making;
                None
            }
        }
    }
}
