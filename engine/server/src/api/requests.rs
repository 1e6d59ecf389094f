//! What clients send. Unknown fields are refused: a misspelt one would otherwise be lost in silence.

use std::collections::BTreeMap;

use dialogo_domain::command::{ChosenFrom, Target};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::problem::Problem;

/// `POST /sessions`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LoginBody {
    /// The login.
    pub login: String,
    /// The password.
    pub password: String,
}

/// `POST /agents`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAgentBody {
    /// The login.
    pub login: String,
    /// The name shown.
    pub name: String,
    /// `agent`, `supervisor` or `admin`.
    pub role: String,
    /// At least eight characters.
    pub password: String,
}

/// `PUT /agents/{id}/password`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordBody {
    /// The present password; needed for one's own.
    #[serde(default)]
    pub current: Option<String>,
    /// The new one, at least eight characters.
    pub password: String,
}

/// `PUT /agents/{id}/presence`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PresenceBody {
    /// To what.
    pub presence: PresenceName,
    /// Why paused.
    #[serde(default)]
    pub reason: Option<String>,
}

/// Whether an agent takes conversations.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PresenceName {
    /// Takes conversations.
    Online,
    /// Paused.
    Busy,
    /// Disconnected.
    Offline,
}

/// `PUT /agents/{id}/limit`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LimitBody {
    /// Conversations at once; null takes the own limit away.
    pub limit: Option<u32>,
}

/// `POST /conversations`.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BeginBody {
    /// `web`, `mobile`, `email`, `social`, `voice` or `api`; without one: `web`.
    pub channel: Option<String>,
    /// The person's name.
    pub name: Option<String>,
    /// The person's e-mail address.
    pub email: Option<String>,
    /// Language tag such as `pt-BR`.
    pub locale: Option<String>,
    /// What the site says of the visitor.
    pub facts: BTreeMap<String, String>,
    /// The department asked for.
    pub department: Option<String>,
}

/// `POST /conversations/{id}/messages`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SendBody {
    /// The sender's id for the message: a resend with the same id gets the first answer.
    pub id: Uuid,
    /// Plain text, at most 16 KiB.
    #[serde(default)]
    pub text: String,
    /// Ids of uploaded files, at most ten.
    #[serde(default)]
    pub attachments: Vec<Uuid>,
}

/// `POST /conversations/{id}/notes`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoteBody {
    /// The sender's id for the note.
    pub id: Uuid,
    /// Plain text, at most 16 KiB.
    pub text: String,
}

/// `POST /conversations/{id}/read`.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadBody {
    /// Received up to this message number.
    #[serde(default)]
    pub delivered: u32,
    /// Read up to this message number.
    #[serde(default)]
    pub read: u32,
}

/// `POST /conversations/{id}/assign`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssignBody {
    /// To whom.
    pub agent: String,
}

/// `POST /conversations/{id}/transfer`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TransferBody {
    /// Where to: exactly one of the members.
    pub target: TargetBody,
    /// For the receiver; the consumer does not see it.
    #[serde(default)]
    pub note: String,
}

/// Where a conversation is transferred: exactly one member.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TargetBody {
    /// To the queue of a department.
    pub department: Option<String>,
    /// To an agent.
    pub agent: Option<String>,
    /// To the agent of first contact.
    pub first_contact: Option<bool>,
}

impl TargetBody {
    /// As the domain knows it.
    pub fn target(self) -> Result<Target, Problem> {
        match (self.department, self.agent, self.first_contact) {
            (Some(department), None, None) => Ok(Target::Department(department.into())),
            (None, Some(agent), None) => Ok(Target::Agent(agent.into())),
            (None, None, Some(true)) => Ok(Target::FirstContact),
            _ => Err(Problem::invalid(
                "target",
                "name exactly one of `department`, `agent` and `first_contact: true`",
            )),
        }
    }
}

/// `PUT /conversations/{id}/classification`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClassifyBody {
    /// The node.
    pub node: String,
    /// The set of suggestions it was taken from; without one: the tree.
    #[serde(default)]
    pub from_set: Option<u32>,
}

impl ClassifyBody {
    /// What the choice came from.
    pub fn chosen_from(&self) -> ChosenFrom {
        self.from_set.map_or(ChosenFrom::Tree, |set| ChosenFrom::Suggestion { set })
    }
}

/// `POST /conversations/{id}/close`.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CloseBody {
    /// Classification given in the same step.
    #[serde(default)]
    pub classify: Option<ClassifyBody>,
}

/// `POST /conversations/{id}/rating`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RateBody {
    /// 1 to 5.
    pub stars: u8,
    /// In words.
    #[serde(default)]
    pub comment: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transfer_names_exactly_one_target() {
        let target = |department: Option<&str>, agent: Option<&str>, first_contact| {
            TargetBody {
                department: department.map(Into::into),
                agent: agent.map(Into::into),
                first_contact,
            }
            .target()
        };
        assert_eq!(target(Some("a"), None, None).unwrap(), Target::Department("a".into()));
        assert_eq!(target(None, None, Some(true)).unwrap(), Target::FirstContact);
        assert_eq!(
            target(Some("a"), Some("b"), None).unwrap_err().field.as_deref(),
            Some("target")
        );
        assert_eq!(target(None, None, Some(false)).unwrap_err().status, 400);
        assert_eq!(target(None, None, None).unwrap_err().status, 400);
    }
}
