//! Recorded dialogues as a script: what is said is real, when people come and who is there is made up.

use std::collections::BTreeSet;

use dialogo_domain::agent::{Presence, Role};
use dialogo_domain::command::Target;
use dialogo_domain::conversation::Closer;
use dialogo_domain::message::Author;
use dialogo_domain::{AgentId, ConsumerId, ConversationId, DepartmentId, Millis};

use super::script::{Beat, Clock, Move, Script, Visit, What};
use crate::backtest::history::{Moment, Past};

/// What is made up.
#[derive(Clone, Debug)]
pub struct Made {
    /// When the first consumer comes.
    pub began: Millis,
    /// How many come in an hour, in the mean; more than 0. They come by chance (a Poisson process), always the same.
    pub per_hour: f64,
    /// Who is there all the time.
    pub agents: BTreeSet<AgentId>,
    /// Where dialogues without a department come in.
    pub department: DepartmentId,
}

/// Makes a script of dialogues, in their order. Each keeps an agent busy from its first line to its last.
pub fn script(pasts: &[Past], made: &Made) -> Script {
    let mut script =
        Script { began: made.began, ended: made.began, invented: true, ..Script::default() };
    for agent in &made.agents {
        script.moves.push((made.began, Move::Joined(agent.clone(), Role::Agent)));
        script.moves.push((made.began, Move::Presence(agent.clone(), Presence::Online)));
    }
    let mut at = made.began;
    for (index, past) in pasts.iter().enumerate() {
        at = at.plus(gap_ms(index as u64, made.per_hour));
        script.visits.push(visit(index, past, at, &made.department));
    }
    script.ended = Millis(u64::MAX);
    script
}

/// Until the next one comes, in milliseconds.
fn gap_ms(index: u64, per_hour: f64) -> u64 {
    let mut mixed = (index + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    let share = ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64;
    (-(1.0 - share).ln() * 3_600_000.0 / per_hour) as u64
}

fn visit(index: usize, past: &Past, at: Millis, department: &DepartmentId) -> Visit {
    let first = past.moments.iter().find_map(|moment| match moment {
        Moment::Moved { department, .. } => Some(department),
        _ => None,
    });
    let (mut beats, mut after_ms) = (Vec::new(), 0);
    for moment in &past.moments {
        let what = match moment {
            Moment::Said { at, by, .. } => {
                after_ms = at.since(past.opened_at);
                if *by == Author::Consumer { What::ConsumerWrote } else { What::AgentWrote }
            }
            Moment::Asked { target: Target::Department(to), .. } => What::Moved(to.clone(), None),
            _ => continue,
        };
        beats.push(Beat { clock: Clock::WithAgent, after_ms, what });
    }
    let end = What::End(Closer::Agent("recorded".into()));
    beats.push(Beat { clock: Clock::WithAgent, after_ms, what: end });
    Visit {
        conversation: ConversationId(index as u128 + 1),
        name: Some(past.id.clone()),
        consumer: ConsumerId(index as u128 + 1),
        channel: past.channel,
        at,
        department: first.unwrap_or(department).clone(),
        wrote: false,
        beats,
        was: None,
    }
}

#[cfg(test)]
mod tests {
    use super::gap_ms;

    #[test]
    fn so_many_come_in_an_hour() {
        let all: u64 = (0..10_000).map(|index| gap_ms(index, 60.0)).sum();
        let mean = all as f64 / 10_000.0;
        assert!((mean - 60_000.0).abs() < 2_000.0, "{mean}");
    }
}
