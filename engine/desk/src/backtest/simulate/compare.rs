//! What differs between two simulations, how well the first one matches what really happened, and what both take for
//! granted.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::measure::{Load, Measure, Waiting, percentile};
use super::script::Script;
use super::world::{Outcome, Played};

/// A wait that changes by less is the same wait, in milliseconds.
const SAME_WAIT_MS: u64 = 1_000;

/// Assignments and waiting, simulated.
#[derive(Clone, Debug, Serialize)]
pub struct Assignments {
    /// Contacts that were played: conversations, and their continuations after a close.
    pub contacts: u64,
    /// Contacts of which anything below differs.
    pub differing: u64,
    /// Given to another agent first.
    pub another_agent: u64,
    /// Given in another department first.
    pub another_department: u64,
    /// Given, called back, left or turned away, where it was something else before.
    pub another_end: u64,
    /// Waits that are shorter by a second or more.
    pub shorter: u64,
    /// Waits that are longer by a second or more.
    pub longer: u64,
    /// Contacts for a department that the rules do not have.
    pub turned_away: Change<u64>,
    /// Transfers, as they were asked for, that the rules refuse.
    pub transfers_refused: Change<u64>,
    /// Waiting by department.
    pub departments: BTreeMap<String, Sides<Waiting>>,
    /// Load by agent.
    pub agents: BTreeMap<String, Sides<Load>>,
    /// Most who waited at once, in each of 120 equal parts of the time.
    pub queue: Sides<Vec<u32>>,
    /// When the first contact came, in milliseconds UTC.
    pub began: u64,
    /// When the last thing happened, in milliseconds UTC.
    pub ended: u64,
    /// How well the simulation by the rules in use matches what really happened; not for recorded dialogues.
    pub fit: Option<Fit>,
    /// What the simulation takes for granted.
    pub assumptions: Vec<String>,
    /// Every contact that differs, in the order in which they came.
    pub differences: Vec<Moved>,
}

/// By the rules in use, and by the candidate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Change<T> {
    /// By the rules in use.
    pub old: T,
    /// By the candidate.
    pub new: T,
}

/// As it really was, and as both simulations have it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sides<T> {
    /// As it was; `None` for recorded dialogues.
    pub was: Option<T>,
    /// Simulated by the rules in use.
    pub old: T,
    /// Simulated by the candidate.
    pub new: T,
}

/// How well a simulation matches what really happened.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Fit {
    /// Contacts that an agent really had.
    pub given: u64,
    /// Of these, given to the same agent by the simulation.
    pub same_agent: u64,
    /// Of these, given in the same department.
    pub same_department: u64,
    /// How long the one in the middle really waited for the first agent, in milliseconds.
    pub wait_p50_ms: u64,
    /// The same by the simulation.
    pub simulated_wait_p50_ms: u64,
}

/// A contact that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Moved {
    /// Its conversation.
    pub conversation: String,
    /// When it came, in milliseconds UTC.
    pub at: u64,
    /// By the rules in use.
    pub old: Fate,
    /// By the candidate.
    pub new: Fate,
}

/// What became of a contact first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fate {
    /// `given`, `called-back`, `left`, `waits` or `turned-away`.
    pub what: &'static str,
    /// The department.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub department: Option<String>,
    /// The agent it was given to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// How long it waited, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waited_ms: Option<u64>,
}

/// Compares two simulations of a script. `was`: what really happened, where something did.
pub fn compare(script: &Script, was: Option<Measure>, old: Played, new: Played) -> Assignments {
    let ended = old.ended.max(new.ended);
    let fit = was.is_some().then(|| fit(script, &old));
    let turned_away = |played: &Played| {
        let all = played.outcomes.iter();
        all.filter(|outcome| matches!(outcome, Outcome::TurnedAway(_))).count() as u64
    };
    let mut report = Assignments {
        contacts: script.visits.len() as u64,
        differing: 0,
        another_agent: 0,
        another_department: 0,
        another_end: 0,
        shorter: 0,
        longer: 0,
        turned_away: Change { old: turned_away(&old), new: turned_away(&new) },
        transfers_refused: Change { old: old.transfers_refused, new: new.transfers_refused },
        departments: BTreeMap::new(),
        agents: BTreeMap::new(),
        queue: Sides::default(),
        began: script.began.0,
        ended: ended.0,
        fit,
        assumptions: assumptions(script),
        differences: Vec::new(),
    };
    for (visit, (before, after)) in script.visits.iter().zip(old.outcomes.iter().zip(&new.outcomes))
    {
        let (old, new) = (Fate::from(before), Fate::from(after));
        if report.count(&old, &new) {
            report.differing += 1;
            let conversation = visit.name.clone().unwrap_or_else(|| visit.conversation.to_string());
            report.differences.push(Moved { conversation, at: visit.at.0, old, new });
        }
    }
    let real = was.is_some();
    let finish = |measure: Measure| measure.finish(script.began, ended);
    let (was, old, new) =
        (finish(was.unwrap_or_default()), finish(old.measure), finish(new.measure));
    report.departments = sides(real, was.departments, old.departments, new.departments);
    report.agents = sides(real, was.agents, old.agents, new.agents);
    report.queue = Sides { was: real.then_some(was.queue), old: old.queue, new: new.queue };
    report
}

impl Assignments {
    /// Counts what differs between two fates; tells whether anything does.
    fn count(&mut self, old: &Fate, new: &Fate) -> bool {
        let ends = old.what != new.what;
        let both_given = !ends && old.agent.is_some();
        let agent = both_given && old.agent != new.agent;
        let department = both_given && old.department != new.department;
        let (before, after) = (old.waited_ms.unwrap_or(0), new.waited_ms.unwrap_or(0));
        let shorter = both_given && after + SAME_WAIT_MS <= before;
        let longer = both_given && before + SAME_WAIT_MS <= after;
        self.another_end += u64::from(ends);
        self.another_agent += u64::from(agent);
        self.another_department += u64::from(department);
        self.shorter += u64::from(shorter);
        self.longer += u64::from(longer);
        ends || agent
            || department
            || shorter
            || longer
            || (!both_given && old.department != new.department)
    }
}

impl From<&Outcome> for Fate {
    fn from(outcome: &Outcome) -> Self {
        let (what, department, agent, waited_ms) = match outcome {
            Outcome::Given { agent, department, waited_ms } => {
                ("given", Some(department), Some(agent.to_string()), Some(*waited_ms))
            }
            Outcome::CalledBack(department) => ("called-back", Some(department), None, None),
            Outcome::Left { department, after_ms } => {
                ("left", Some(department), None, Some(*after_ms))
            }
            Outcome::Waits(department) => ("waits", Some(department), None, None),
            Outcome::TurnedAway(department) => ("turned-away", Some(department), None, None),
            Outcome::NotYet => ("waits", None, None, None),
        };
        Self { what, department: department.map(ToString::to_string), agent, waited_ms }
    }
}

fn fit(script: &Script, simulated: &Played) -> Fit {
    let mut fit = Fit::default();
    let (mut real, mut played) = (Vec::new(), Vec::new());
    for (visit, outcome) in script.visits.iter().zip(&simulated.outcomes) {
        let Some(was) = &visit.was else { continue };
        fit.given += 1;
        real.push(was.waited_ms);
        if let Outcome::Given { agent, department, waited_ms } = outcome {
            fit.same_agent += u64::from(*agent == was.agent);
            fit.same_department += u64::from(*department == was.department);
            played.push(*waited_ms);
        }
    }
    real.sort_unstable();
    played.sort_unstable();
    fit.wait_p50_ms = percentile(&real, 50);
    fit.simulated_wait_p50_ms = percentile(&played, 50);
    fit
}

fn sides<T: Default>(
    real: bool,
    mut was: BTreeMap<String, T>,
    mut old: BTreeMap<String, T>,
    mut new: BTreeMap<String, T>,
) -> BTreeMap<String, Sides<T>> {
    let names: BTreeSet<String> = was.keys().chain(old.keys()).chain(new.keys()).cloned().collect();
    let of = |name: String| {
        let sides = Sides {
            was: real.then(|| was.remove(&name).unwrap_or_default()),
            old: old.remove(&name).unwrap_or_default(),
            new: new.remove(&name).unwrap_or_default(),
        };
        (name, sides)
    };
    names.into_iter().map(of).collect()
}

/// What a simulation of this script takes for granted.
pub fn assumptions(script: &Script) -> Vec<String> {
    let mut all = vec![
        "each side is played by one set of rules from beginning to end, whatever was in force then".to_owned(),
        "a conversation keeps an agent busy for as long as it did, whoever the agent is and however many there are at once".to_owned(),
        "transfers are asked for as they were; plugins are not asked in the simulation".to_owned(),
    ];
    if script.invented {
        all.push(
            "times of arrival are made up, and the same agents are there all the time".to_owned(),
        );
        all.push("consumers do not give up".to_owned());
    } else {
        all.push("consumers come when they came, agents are there and pause when they were and did; who never logged in takes nothing; what began before the first day takes nobody's time".to_owned());
        all.push("consumers do not give up, but for those who did: after as long as they really waited. Where an agent comes first, or a callback becomes a conversation, it takes what is usual in the department".to_owned());
    }
    if script.by_hand > 0 {
        let many = script.by_hand;
        all.push(format!(
            "{many} conversations were taken or given by hand; here the desk gives them"
        ));
    }
    if script.with_bot_only > 0 {
        let many = script.with_bot_only;
        all.push(format!("{many} conversations ended with the bot and are left out"));
    }
    all
}
