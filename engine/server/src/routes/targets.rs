//! Where a conversation could be transferred to: every target is put to the domain as a command that is not carried out,
//! so that this can never say anything else than the transfer itself.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::State;
use dialogo_desk::{InForce, Moment};
use dialogo_domain::capacity::{effective_limit, load};
use dialogo_domain::command::{Target, TransferJudgement};
use dialogo_domain::conversation::Conversation;
use dialogo_domain::decide::{Decision, decide};
use dialogo_domain::routing::{departments_of, places};
use dialogo_domain::{
    Actor, AgentId, Command, Context, ConversationId, DepartmentId, Event, Millis,
};
use uuid::Uuid;

use crate::api::{AgentTarget, DepartmentTarget, Reach, TargetList, bits, names};
use crate::auth::{Account, Caller};
use crate::extract::{Json, Path};
use crate::problem::Problem;
use crate::reads;
use crate::state::App;

/// Where a conversation could be transferred to at this moment, and why not elsewhere.
#[utoipa::path(get, path = "/conversations/{id}/targets", tag = "conversations", security(("token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, description = "Departments, agents and the agent of first contact", body = TargetList),
    (status = 401, description = "No valid token", body = Problem),
    (status = 403, description = "For accounts", body = Problem),
    (status = 404, description = "Unknown, or not the caller's to see", body = Problem),
))]
pub(crate) async fn targets(
    State(app): State<App>,
    account: Account,
    Path(id): Path<Uuid>,
) -> Result<Json<TargetList>, Problem> {
    let id = ConversationId(bits(id));
    let (rules, now) = (app.desk.rules(), app.now());
    let closed = rules.checked.closed_at(now);
    let actor = account.actor();
    reads::with_conversation(&app, &Caller::Account(account), id, |it, moment| {
        let trial = Trial { moment, rules: &rules, closed: &closed, actor: &actor, now, it };
        Json(trial.all())
    })
}

/// One conversation, tried against every target.
struct Trial<'a> {
    moment: &'a Moment<'a>,
    rules: &'a InForce,
    closed: &'a BTreeSet<DepartmentId>,
    actor: &'a Actor,
    now: Millis,
    it: &'a Conversation,
}

impl Trial<'_> {
    fn all(&self) -> TargetList {
        let rules = &self.rules.checked.domain;
        let departments =
            rules.departments.keys().filter(|id| self.it.department.as_ref() != Some(*id));
        let agents = self.moment.desk.agents.iter().filter(|(id, agent)| {
            agent.active
                && self.it.agent.as_ref() != Some(*id)
                && departments_of(rules, id).next().is_some()
        });
        let colleague = |id: &AgentId| match self.actor {
            Actor::Agent(me) => {
                departments_of(rules, me).any(|it| rules.departments[it].members.contains(id))
            }
            _ => true,
        };
        TargetList {
            departments: departments.map(|id| self.department(id)).collect(),
            agents: agents
                .filter_map(|(id, _)| self.agent(id, &Target::Agent(id.clone())))
                .filter(|target| target.reach.possible || colleague(&target.id.as_str().into()))
                .collect(),
            first_contact: self
                .it
                .first_agent
                .as_ref()
                .and_then(|id| self.agent(id, &Target::FirstContact)),
            transfers_left: rules.desk.max_hops.saturating_sub(self.it.hops),
        }
    }

    fn department(&self, id: &DepartmentId) -> DepartmentTarget {
        let rules = &self.rules.checked.domain;
        DepartmentTarget {
            id: id.to_string(),
            name: rules.departments[id].name.clone(),
            open: !self.closed.contains(id),
            waiting: self.moment.desk.waiting(id),
            free: places(self.moment.desk, rules, id).0,
            expected_wait_ms: self.moment.wait_of_one_more_ms(id),
            reach: self.reach(&Target::Department(id.clone())),
        }
    }

    fn agent(&self, id: &AgentId, target: &Target) -> Option<AgentTarget> {
        let agent = self.moment.desk.agents.get(id)?;
        let reach = self.reach(target);
        let department = reach.to_department.as_deref().map(DepartmentId::from);
        let department = department.or_else(|| self.it.department.clone());
        Some(AgentTarget {
            id: id.to_string(),
            name: agent.name.to_string(),
            presence: names::presence(&agent.presence),
            load: load(agent),
            limit: effective_limit(&self.rules.checked.domain, department.as_ref(), agent).value,
            reach,
        })
    }

    fn reach(&self, target: &Target) -> Reach {
        let command = Command::Transfer {
            conversation: self.it.id,
            target: target.clone(),
            note: Arc::from(""),
            judgement: TransferJudgement::default(),
            judged_at: None,
        };
        let context = Context {
            now: self.now,
            rules: &self.rules.checked.domain,
            closed: self.closed,
            recalled: None,
            dice: 0,
        };
        match decide(self.moment.desk, self.actor, &command, &context) {
            Err(refusal) => Reach {
                possible: false,
                to_department: None,
                waits_ms: None,
                problem: Some(refusal.into()),
            },
            Ok(decision) => self.carried_out(&decision),
        }
    }

    fn carried_out(&self, decision: &Decision) -> Reach {
        let events: &[Event] = match decision {
            Decision::Events(events) => events,
            Decision::Answered(_) => &[],
        };
        let transferred = events.iter().find_map(|event| match event {
            Event::ConversationTransferred { to_department, waits_until, .. } => {
                Some((to_department, waits_until))
            }
            _ => None,
        });
        Reach {
            possible: transferred.is_some(),
            to_department: transferred.map(|(department, _)| department.to_string()),
            waits_ms: transferred
                .and_then(|(_, until)| until.as_ref())
                .map(|until| until.since(self.now)),
            problem: None,
        }
    }
}
