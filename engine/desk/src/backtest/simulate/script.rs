//! What people did, free of what the desk decided: who came when and what for, how long it kept an agent busy, and which
//! agents were there. The same script is played by different rules.

use std::collections::{BTreeMap, HashMap};

use dialogo_domain::agent::{Presence, Role};
use dialogo_domain::conversation::Closer;
use dialogo_domain::message::Channel;
use dialogo_domain::routing::TYPICAL_CONVERSATION_MS;
use dialogo_domain::{AgentId, ConsumerId, ConversationId, DepartmentId, Millis};

/// Everything that happened to a desk from outside.
#[derive(Debug, Default)]
pub struct Script {
    /// What agents did, in order of time.
    pub(super) moves: Vec<(Millis, Move)>,
    /// Who came, in order of time.
    pub(super) visits: Vec<Visit>,
    /// When the first of them came.
    pub(super) began: Millis,
    /// When the history ends; where it is made up, never.
    pub(super) ended: Millis,
    /// How long an agent takes to accept an offer, in milliseconds.
    pub(super) accept_after_ms: u64,
    /// Conversations that people took or gave by hand, which is not repeated.
    pub(super) by_hand: u64,
    /// Conversations that never came further than the bot, which are not played.
    pub(super) with_bot_only: u64,
    /// Whether agents and times of arrival are made up.
    pub(super) invented: bool,
}

impl Script {
    /// How many contacts are played.
    pub fn visits(&self) -> usize {
        self.visits.len()
    }

    /// Of each visit, the one before and the one after it of the same consumer.
    pub(super) fn neighbours(&self) -> Vec<(Option<usize>, Option<usize>)> {
        let mut neighbours = vec![(None, None); self.visits.len()];
        let mut last: HashMap<ConsumerId, usize> = HashMap::new();
        for (index, visit) in self.visits.iter().enumerate() {
            if let Some(before) = last.insert(visit.consumer, index) {
                neighbours[index].0 = Some(before);
                neighbours[before].1 = Some(index);
            }
        }
        neighbours
    }

    /// How long conversations of each department are with agents, in the middle, and of all; for those of which it is not
    /// known.
    pub(super) fn typical_ms(&self) -> Typical {
        let mut all = Vec::new();
        let mut departments: BTreeMap<&DepartmentId, Vec<u64>> = BTreeMap::new();
        for visit in &self.visits {
            if let Some(took) = visit.with_agents_ms() {
                all.push(took);
                departments.entry(&visit.department).or_default().push(took);
            }
        }
        let of = departments
            .into_iter()
            .filter_map(|(id, mut took)| Some((id.clone(), middle(&mut took)?)));
        Typical {
            departments: of.collect(),
            all: middle(&mut all).unwrap_or(TYPICAL_CONVERSATION_MS),
        }
    }
}

/// How long conversations take, in milliseconds.
pub(super) struct Typical {
    departments: BTreeMap<DepartmentId, u64>,
    all: u64,
}

impl Typical {
    pub(super) fn of(&self, department: &DepartmentId) -> u64 {
        self.departments.get(department).copied().unwrap_or(self.all)
    }
}

/// The value in the middle.
pub(super) fn middle(values: &mut [u64]) -> Option<u64> {
    values.sort_unstable();
    values.get(values.len() / 2).copied()
}

/// Something an agent did, or that happened to one.
#[derive(Clone, Debug)]
pub(super) enum Move {
    /// The account was made.
    Joined(AgentId, Role),
    /// The account was taken out of use.
    Left(AgentId),
    /// Connected, paused or disconnected.
    Presence(AgentId, Presence),
    /// Lost the connection, or found it again within the grace period.
    Connected(AgentId, bool),
    /// Set or took away an own limit.
    OwnLimit(AgentId, Option<u32>),
}

/// One contact of a consumer: from the arrival in a queue to the close. Reopened, it is another one.
#[derive(Clone, Debug)]
pub(super) struct Visit {
    /// The conversation it was.
    pub(super) conversation: ConversationId,
    /// Its name where there is no such conversation: of a recording.
    pub(super) name: Option<String>,
    pub(super) consumer: ConsumerId,
    pub(super) channel: Channel,
    /// When it came to a queue.
    pub(super) at: Millis,
    /// The department asked for.
    pub(super) department: DepartmentId,
    /// Whether it began with a message to a closed conversation.
    pub(super) wrote: bool,
    /// What came after.
    pub(super) beats: Vec<Beat>,
    /// To whom it was really given first, if to anybody.
    pub(super) was: Option<Was>,
}

impl Visit {
    /// How long it was with agents, in milliseconds; `None` where that did not end.
    fn with_agents_ms(&self) -> Option<u64> {
        let last = self.beats.last()?;
        (last.clock == Clock::WithAgent && matches!(last.what, What::End(_)))
            .then_some(last.after_ms)
    }
}

/// What really happened to a visit first.
#[derive(Clone, Debug)]
pub(super) struct Was {
    pub(super) agent: AgentId,
    pub(super) department: DepartmentId,
    pub(super) waited_ms: u64,
}

/// Something that happens in a visit at its own time, whatever the clock on the wall says.
#[derive(Clone, Debug)]
pub(super) struct Beat {
    pub(super) clock: Clock,
    pub(super) after_ms: u64,
    pub(super) what: What,
}

/// The clock a beat goes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Clock {
    /// Runs while an agent has the conversation, from zero for the whole visit.
    WithAgent,
    /// Runs from the beginning of one wait; what it brings does not happen where an agent comes first.
    Waiting {
        /// Which wait: the one that began when the other clock stood there.
        reached_ms: u64,
    },
}

/// What happens.
#[derive(Clone, Debug)]
pub(super) enum What {
    ConsumerWrote,
    AgentWrote,
    /// The consumer's connection is gone, or back.
    Connected(bool),
    /// Parked, or taken back.
    Held(bool),
    /// Transferred to a department, perhaps to one of its agents.
    Moved(DepartmentId, Option<AgentId>),
    End(Closer),
}

/// A wait that nobody ended: whoever still waits when the history ends, or left a callback.
pub(super) fn for_ever(reached_ms: u64) -> Beat {
    let what = What::End(Closer::Consumer);
    Beat { clock: Clock::Waiting { reached_ms }, after_ms: u64::MAX, what }
}
