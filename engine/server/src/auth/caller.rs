//! Who is calling, found from the `Authorization` header, and the limit on how often they may.
//!
//! Consumers carry signed tokens, accounts the token of a session. What a caller may do is the domain's business; here
//! only whole routes are kept for accounts, supervisors or admins, so that the answer is 403 before anything is looked up.

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use dialogo_domain::agent::Role;
use dialogo_domain::{Actor, AgentId, ConsumerId};

use super::TokenFault;
use super::sessions::TokenHash;
use crate::problem::{Problem, log_fault};
use crate::state::App;

/// Who is calling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// A consumer.
    Consumer(ConsumerId),
    /// Somebody with an account.
    Account(Account),
}

/// Somebody with an account, logged in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Who.
    pub id: AgentId,
    /// What the account may do.
    pub role: Role,
    /// The session it came by.
    pub session: TokenHash,
}

/// A supervisor or an admin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Supervisor(pub Account);

impl Caller {
    /// As the domain knows it.
    pub fn actor(&self) -> Actor {
        match self {
            Self::Consumer(consumer) => Actor::Consumer(*consumer),
            Self::Account(account) => Actor::Agent(account.id.clone()),
        }
    }

    /// The account, or 403.
    pub fn account(&self) -> Result<&Account, Problem> {
        match self {
            Self::Account(account) => Ok(account),
            Self::Consumer(_) => Err(Problem::forbidden("agent")),
        }
    }

    /// The consumer, or 403.
    pub fn consumer(&self) -> Result<ConsumerId, Problem> {
        match self {
            Self::Consumer(consumer) => Ok(*consumer),
            Self::Account(_) => Err(Problem::forbidden("consumer")),
        }
    }
}

impl Account {
    /// As the domain knows it.
    pub fn actor(&self) -> Actor {
        Actor::Agent(self.id.clone())
    }

    /// Whether everything may be seen.
    pub fn sees_all(&self) -> bool {
        self.role >= Role::Supervisor
    }

    /// 403 for those below `role`.
    pub fn at_least(&self, role: Role) -> Result<(), Problem> {
        if self.role >= role {
            Ok(())
        } else {
            Err(Problem::forbidden(crate::api::names::role(role)))
        }
    }
}

/// The token of an `Authorization: Bearer` header.
pub fn bearer(parts: &Parts) -> Result<&str, Problem> {
    let Some(value) = parts.headers.get(AUTHORIZATION) else {
        return Err(
            Problem::unauthorized("send `Authorization: Bearer TOKEN`").at_field("Authorization")
        );
    };
    let token = value.to_str().ok().and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    });
    token.filter(|token| !token.is_empty()).ok_or_else(|| {
        Problem::unauthorized("the header must read `Bearer TOKEN`").at_field("Authorization")
    })
}

/// Whose token it is.
pub fn identify(app: &App, token: &str) -> Result<Caller, Problem> {
    let now = app.now();
    if token.starts_with("c1.") {
        return match app.consumer_tokens.check(token, now) {
            Ok(consumer) => Ok(Caller::Consumer(consumer)),
            Err(TokenFault::Expired) => {
                Err(Problem::unauthorized("the token has expired: begin a new conversation"))
            }
            Err(TokenFault::Invalid) => Err(Problem::unauthorized("the token is not valid")),
        };
    }
    let found =
        app.sessions.find(token, now).map_err(|error| log_fault("looking up a session", &error))?;
    let (id, session) = found.ok_or_else(|| {
        Problem::unauthorized("the token is not valid or has expired: log in again")
    })?;
    let role = app
        .desk
        .read(|desk| desk.agents.get(&id).filter(|agent| agent.active).map(|agent| agent.role));
    let role = role.ok_or_else(|| Problem::unauthorized("the account is not in use any more"))?;
    Ok(Caller::Account(Account { id, role, session }))
}

impl FromRequestParts<App> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let caller = identify(app, bearer(parts)?)?;
        app.limits.request(&caller)?;
        Ok(caller)
    }
}

impl FromRequestParts<App> for Account {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        match Caller::from_request_parts(parts, app).await? {
            Caller::Account(account) => Ok(account),
            Caller::Consumer(_) => Err(Problem::forbidden("agent")),
        }
    }
}

impl FromRequestParts<App> for Supervisor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let account = Account::from_request_parts(parts, app).await?;
        account.at_least(Role::Supervisor)?;
        Ok(Self(account))
    }
}
