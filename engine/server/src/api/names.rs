//! How closed sets of the domain are written in the API: one word each, in `snake_case`.

use dialogo_domain::agent::{Presence, Role};
use dialogo_domain::conversation::{Closer, State};
use dialogo_domain::event::{LimitSource, RoutingRule};
use dialogo_domain::message::Channel;

/// A conversation's state.
pub fn state(state: State) -> &'static str {
    match state {
        State::Bot => "bot",
        State::Queued => "queued",
        State::Offered => "offered",
        State::Active => "active",
        State::OnHold => "on_hold",
        State::Closed => "closed",
    }
}

/// All states, in the order of a conversation's life.
pub const STATES: [State; 6] =
    [State::Bot, State::Queued, State::Offered, State::Active, State::OnHold, State::Closed];

/// What an account may do.
pub fn role(role: Role) -> &'static str {
    match role {
        Role::Agent => "agent",
        Role::Supervisor => "supervisor",
        Role::Admin => "admin",
    }
}

/// The role of that name.
pub fn parse_role(text: &str) -> Option<Role> {
    [Role::Agent, Role::Supervisor, Role::Admin].into_iter().find(|each| role(*each) == text)
}

/// Whether an agent takes conversations.
pub fn presence(presence: &Presence) -> &'static str {
    match presence {
        Presence::Online => "online",
        Presence::Busy { .. } => "busy",
        Presence::Offline => "offline",
    }
}

/// Where a conversation comes in.
pub fn channel(channel: Channel) -> &'static str {
    match channel {
        Channel::Web => "web",
        Channel::Mobile => "mobile",
        Channel::Email => "email",
        Channel::Social => "social",
        Channel::Voice => "voice",
        Channel::Api => "api",
    }
}

/// The channel of that name.
pub fn parse_channel(text: &str) -> Option<Channel> {
    [Channel::Web, Channel::Mobile, Channel::Email, Channel::Social, Channel::Voice, Channel::Api]
        .into_iter()
        .find(|each| channel(*each) == text)
}

/// Which limit binds.
pub fn limit_source(source: LimitSource) -> &'static str {
    match source {
        LimitSource::Desk => "desk",
        LimitSource::Department => "department",
        LimitSource::Agent => "agent",
    }
}

/// The rule that decided an assignment.
pub fn routing_rule(rule: RoutingRule) -> &'static str {
    match rule {
        RoutingRule::Recontact => "recontact",
        RoutingRule::FewestOpen => "fewest_open",
        RoutingRule::LongestIdle => "longest_idle",
        RoutingRule::OnlyOne => "only_one",
    }
}

/// Who or what closed a conversation.
pub fn closer(closer: &Closer) -> &'static str {
    match closer {
        Closer::Agent(_) => "agent",
        Closer::Supervisor(_) => "supervisor",
        Closer::Consumer => "consumer",
        Closer::ConnectionTimeout => "connection_timeout",
        Closer::MessageTimeout => "message_timeout",
        Closer::Bot => "bot",
        Closer::Callback => "callback",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for name in ["agent", "supervisor", "admin"] {
            assert_eq!(parse_role(name).map(role), Some(name));
        }
        for name in ["web", "mobile", "email", "social", "voice", "api"] {
            assert_eq!(parse_channel(name).map(channel), Some(name));
        }
        assert_eq!(parse_role("root"), None);
        assert_eq!(parse_channel("fax"), None);
    }
}
