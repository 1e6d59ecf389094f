//! The demo desk: accounts to log in with, and a few simulated people, so that there is life to look at.
//!
//! The people use the public API over the loopback like anybody else. Dialogues are our own
//! (`dialogues.jsonl`). Some agents are played, the others are left to whoever tries the desk.

mod people;

use std::sync::Arc;

use serde::Deserialize;

use crate::replay::dialogue::Who;

pub use people::live;

/// Password of every demo account. It is printed, and a demo desk listens on the loopback unless told
/// otherwise.
pub const PASSWORD: &str = "dialogo-demo";

/// The demo accounts: login, name, role, whether a simulated person sits there.
pub const ACCOUNTS: [(&str, &str, &str, bool); 7] = [
    ("ana", "Ana Lima", "agent", false),
    ("bruno", "Bruno Sá", "agent", true),
    ("carla", "Carla Reis", "agent", true),
    ("davi", "Davi Melo", "agent", true),
    ("elisa", "Elisa Prado", "agent", false),
    ("sofia", "Sofia Campos", "supervisor", false),
    ("admin", "Administração", "admin", false),
];

/// One of our own dialogues.
#[derive(Clone, Debug, Deserialize)]
pub struct Sample {
    /// Its id.
    pub id: String,
    /// The consumer's name.
    pub name: String,
    /// The consumer's language.
    pub locale: String,
    /// Where it belongs.
    pub department: String,
    /// What is said.
    pub turns: Vec<Said>,
    /// What it is about.
    pub labels: Labels,
}

/// One thing said.
#[derive(Clone, Debug, Deserialize)]
pub struct Said {
    /// By whom.
    pub who: Who,
    /// What.
    pub text: String,
}

/// What a dialogue is about.
#[derive(Clone, Debug, Deserialize)]
pub struct Labels {
    /// The node.
    pub node: String,
}

/// Our own dialogues.
pub fn samples() -> Vec<Arc<Sample>> {
    let lines = include_str!("dialogues.jsonl").lines();
    lines
        .map(|line| {
            Arc::new(serde_json::from_str(line).expect("our own dialogues are well formed"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_dialogues_are_well_formed_and_in_three_languages() {
        let all = samples();
        assert_eq!(all.len(), 12);
        for language in ["pt", "en", "es"] {
            assert!(all.iter().any(|sample| sample.locale == language), "{language}");
        }
        for sample in &all {
            assert_eq!(
                sample.turns.first().map(|turn| turn.who),
                Some(Who::Consumer),
                "{}",
                sample.id
            );
        }
    }

    #[test]
    fn a_replay_can_play_them() {
        let all = crate::replay::dialogue::parse(include_str!("dialogues.jsonl")).expect("reads");
        assert_eq!(all.len(), 12);
        assert_eq!(all[0].labels, ["cobranca.boleto.segunda-via"]);
    }
}
