//! What everybody asks first: who am I, which departments are there, how may a conversation be classified.

use axum::extract::State;
use dialogo_domain::capacity::effective_limit;

use crate::api::{self, Agent, Department, DepartmentList, Me, Node, NodeList, Reply, ReplyList};
use crate::auth::{Account, Caller};
use crate::extract::Json;
use crate::problem::Problem;
use crate::state::App;

/// Who is calling.
#[utoipa::path(get, path = "/me", tag = "desk", security(("token" = [])), responses(
    (status = 200, description = "Who is calling", body = Me),
    (status = 401, description = "No valid token", body = Problem),
))]
pub(crate) async fn me(State(app): State<App>, caller: Caller) -> Result<Json<Me>, Problem> {
    let rules = app.desk.rules();
    let rules = &rules.checked.domain;
    let me = app.desk.read(|desk| match &caller {
        Caller::Consumer(id) => {
            let known = desk.consumers.get(id);
            Me {
                side: "consumer",
                id: id.to_string(),
                agent: None,
                limit: None,
                profile: known.map(|consumer| api::Profile::from(&consumer.profile)),
                conversation: known
                    .and_then(|consumer| consumer.conversation)
                    .map(|id| id.to_string()),
            }
        }
        Caller::Account(account) => {
            let found = desk.agents.get(&account.id);
            Me {
                side: "agent",
                id: account.id.to_string(),
                agent: found.map(|agent| Agent::of(&account.id, agent, rules)),
                limit: found.map(|agent| effective_limit(rules, None, agent).value),
                profile: None,
                conversation: None,
            }
        }
    });
    Ok(Json(me))
}

/// The departments of the rules in force. Consumers see them too: the widget lets them choose.
#[utoipa::path(get, path = "/departments", tag = "desk", security(("token" = [])), responses(
    (status = 200, description = "Departments", body = DepartmentList),
    (status = 401, description = "No valid token", body = Problem),
))]
pub(crate) async fn departments(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<DepartmentList>, Problem> {
    let rules = app.desk.rules();
    let now = app.now();
    let account = caller.account().ok();
    let waiting: Vec<usize> = app.desk.read(|desk| {
        rules
            .checked
            .domain
            .departments
            .keys()
            .map(|id| desk.queues.get(id).map_or(0, std::collections::BTreeSet::len))
            .collect()
    });
    let departments =
        rules.checked.domain.departments.iter().zip(waiting).map(|((id, department), waiting)| {
            Department {
                id: id.to_string(),
                name: department.name.clone(),
                open: rules.checked.department_open(id, now),
                mine: account.is_some_and(|account| department.members.contains(&account.id)),
                waiting: account.map(|_| waiting),
            }
        });
    Ok(Json(DepartmentList { departments: departments.collect() }))
}

/// The classification tree of the rules in force.
#[utoipa::path(get, path = "/classifications", tag = "desk", security(("token" = [])), responses(
    (status = 200, description = "The tree", body = NodeList),
    (status = 401, description = "No valid token", body = Problem),
    (status = 403, description = "For accounts", body = Problem),
))]
pub(crate) async fn classifications(
    State(app): State<App>,
    _account: Account,
) -> Result<Json<NodeList>, Problem> {
    let rules = app.desk.rules();
    let tree = &rules.checked.domain.tree;
    let nodes = tree.nodes.iter().map(|(id, node)| Node::of(id, node)).collect();
    Ok(Json(NodeList { version: tree.version.to_string(), nodes }))
}

/// The canned replies an account may use: those of its departments and those for all.
#[utoipa::path(get, path = "/replies", tag = "desk", security(("token" = [])), responses(
    (status = 200, description = "Canned replies", body = ReplyList),
    (status = 401, description = "No valid token", body = Problem),
    (status = 403, description = "For accounts", body = Problem),
))]
pub(crate) async fn replies(
    State(app): State<App>,
    account: Account,
) -> Result<Json<ReplyList>, Problem> {
    let rules = app.desk.rules();
    let mine = api::departments_of(&account.id, &rules.checked.domain);
    let usable = rules.checked.replies.iter().filter(|reply| {
        reply.departments.is_empty()
            || account.sees_all()
            || reply
                .departments
                .iter()
                .any(|department| mine.iter().any(|own| own == department.as_str()))
    });
    let replies = usable.map(|reply| Reply {
        id: reply.id.clone(),
        title: reply.title.clone(),
        text: reply.text.clone(),
        departments: reply.departments.iter().map(ToString::to_string).collect(),
    });
    Ok(Json(ReplyList { replies: replies.collect() }))
}
