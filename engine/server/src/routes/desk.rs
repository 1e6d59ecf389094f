//! What everybody asks first: who am I, which departments are there, how may a conversation be classified.

use axum::extract::State;
use dialogo_desk::InForce;
use dialogo_domain::capacity::effective_limit;
use dialogo_domain::message::Body;
use dialogo_rules::{Mode, Settings};

use super::closed;
use super::messages::off_thread;
use crate::api::{
    self, Agent, AttachmentBounds, Department, DepartmentList, DeskView, FinishRules, Me,
    MessageBounds, Node, NodeList, Reply, ReplyList, Today, WorkRules,
};
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

/// The caller's own figures of the day.
#[utoipa::path(get, path = "/me/today", tag = "desk", security(("token" = [])), responses(
    (status = 200, description = "Figures of the desk's day", body = Today),
    (status = 401, description = "No valid token", body = Problem),
    (status = 403, description = "For accounts", body = Problem),
))]
pub(crate) async fn today(
    State(app): State<App>,
    account: Account,
) -> Result<Json<Today>, Problem> {
    off_thread(move || closed::figures(&app, &account).map(Json)).await
}

/// What a client has to know of the rules in force, so that it need not guess.
#[utoipa::path(get, path = "/desk", tag = "desk", security(("token" = [])), responses(
    (status = 200, description = "What holds at this desk; accounts see more than consumers", body = DeskView),
    (status = 401, description = "No valid token", body = Problem),
))]
pub(crate) async fn desk(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<DeskView>, Problem> {
    let rules = app.desk.rules();
    let (domain, desk) = (&rules.checked.domain.desk, &rules.checked.desk);
    let account = caller.account().ok();
    let work = account.map(|_| WorkRules {
        timezone: desk.timezone.clone(),
        limit: domain.limit,
        agents_may_lower_limit: domain.agents_may_lower_limit,
        finish: FinishRules {
            classification: api::finish_policy(domain.finish),
            undo_ms: domain.undo_window_ms,
        },
        offers: domain.offers.into(),
        max_transfers: domain.max_hops,
        pause_reasons: desk.pause_reasons.clone(),
    });
    let side = if account.is_some() { "agent" } else { "consumer" };
    Ok(Json(DeskView {
        name: desk.name.clone(),
        languages: desk.languages.clone(),
        generation: rules.generation.to_string(),
        message: MessageBounds { max_bytes: Body::MAX_TEXT_BYTES },
        attachments: AttachmentBounds {
            max_bytes: app.max_upload_bytes(),
            max_per_message: desk.attachments.max_per_message,
            accept: accepted(&rules, side),
        },
        reopen_window_ms: domain.reopen_window_ms,
        work,
    }))
}

/// What the policies' settings say of a side's files, where they are written as the first-party policy's are: a table
/// for each side with a list `allow`. Several policies have to agree, so the shortest list is the best hint.
fn accepted(rules: &InForce, side: &str) -> Option<Vec<String>> {
    let allowed = |settings: &Settings| -> Option<Vec<String>> {
        let listed = settings.json().get(side)?.get("allow")?.as_array()?;
        listed.iter().map(|kind| kind.as_str().map(str::to_owned)).collect()
    };
    let asked = rules.checked.plugins.iter().filter(|it| it.policy.mode == Mode::Enforce);
    asked.filter_map(|plugin| allowed(plugin.settings.as_ref()?)).min_by_key(Vec::len)
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
    let queues: Vec<(usize, Option<u64>)> = app.desk.look(|moment| {
        let ids = rules.checked.domain.departments.keys();
        ids.map(|id| (moment.desk.waiting(id), moment.wait_of_one_more_ms(id))).collect()
    });
    let departments = rules.checked.domain.departments.iter().zip(queues).map(
        |((id, department), (waiting, expected_wait_ms))| Department {
            id: id.to_string(),
            name: department.name.clone(),
            open: rules.checked.department_open(id, now),
            mine: account.is_some_and(|account| department.members.contains(&account.id)),
            waiting: account.map(|_| waiting),
            expected_wait_ms,
        },
    );
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
