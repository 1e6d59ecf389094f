//! The JSON of the API: types of its own, converted from the domain's by hand, so that neither can change by accident.
//!
//! Who sees what of an event is decided in [`event`] alone. Nothing here decides anything about the desk; which route
//! takes or gives which type is in `routes`.

pub mod names;

mod account;
mod conversation;
mod desk;
mod event;
mod insights;
mod message;
mod reasons;
mod requests;
mod rules;
mod target;

pub(crate) use account::departments_of;
pub use account::{
    Agent, AgentList, AgentRef, Department, DepartmentList, Me, Node, NodeList, SessionBegun, Today,
};
pub use conversation::{
    Classification, Closed, Conversation, ConversationBegun, ConversationList, Excerpt, Hit,
    OfferView, Piece, Profile, ReadMark, Searched, Suggestion, Suggestions, WaitingTransfer,
};
pub(crate) use desk::finish_policy;
pub use desk::{AttachmentBounds, DeskView, FinishRules, MessageBounds, OfferRules, WorkRules};
pub(crate) use event::skipped_because;
pub use event::{Event, Skipped, Viewer, Why};
/// How deeply an event is seen, for those who judge it.
pub(crate) mod event_depth {
    pub(crate) use super::event::{Depth, about_one, names_agent};
}
pub use insights::{
    DayFigures, DepartmentFigures, HourFigures, Insights, NodeFigures, Spread, SuggestionFigures,
    Sums,
};
pub use message::{
    Attachment, Author, Choice, Decision, Message, MessageList, SendState, Sent, SettingAt, Verdict,
};
pub use reasons::{
    AcceptReasonBody, AlikeNodes, FoundReasons, NewReasons, ProposedNode, ReasonGroup, SearchStep,
};
pub use requests::{
    AssignBody, BeginBody, ClassifyBody, CloseBody, LimitBody, LoginBody, NewAgentBody, NoteBody,
    PasswordBody, PresenceBody, PresenceName, RateBody, ReadBody, SendBody, TargetBody,
    TransferBody,
};
pub use rules::{
    ActivationView, DiagnosticView, EventList, Explanation, GenerationView, HookView, PluginList,
    PluginView, PromoteBody, PromotionView, RelatedView, Reply, ReplyList, RollbackBody, RuleFile,
    RuleFileView, RulesDiff, RulesView, SettingsView, StampedEvents, Standing, StepBackView,
};

pub use target::{AgentTarget, DepartmentTarget, Reach, TargetList};

/// A UUID of the API as the domain's 128 bits.
pub(crate) fn bits(id: uuid::Uuid) -> u128 {
    id.as_u128()
}
