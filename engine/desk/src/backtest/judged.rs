//! One conversation of the past, judged by one generation of the rules.
//!
//! What a generation refuses or rewrites is what its own classifiers see afterwards, as it would be.

use std::collections::VecDeque;
use std::sync::Arc;

use dialogo_domain::command::TransferVerdict;
use dialogo_domain::message::{Author, Body};
use dialogo_domain::plugin::{Suggestion, Verdict};
use dialogo_domain::{DepartmentId, MessageId, Millis};
use dialogo_host::facts as known;
use dialogo_host::verdict::Proposal;
use dialogo_host::{Hook, emoji, input};

use super::files::Looked;
use super::history::{Moment, Past};
use crate::judge::{verdict, view};
use crate::recent;
use crate::rules::InForce;
use crate::rules::cases::admissible;

/// Suggestions asked for, as the desk does.
const SUGGESTIONS_ASKED: u32 = 8;

/// What one generation says of everything in a conversation; one entry for each moment, in order.
#[derive(Debug, Default)]
pub(super) struct Judged {
    pub(super) moments: Vec<Said>,
}

/// What is said of a moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Said {
    /// Of a message, a file or an asked transfer.
    pub(super) ruling: Option<Ruling>,
    /// After a consumer's message: nodes, best first, at most three.
    pub(super) suggestions: Option<Vec<(String, f32)>>,
    /// After a consumer's message: where the rules would move it by themselves.
    pub(super) proposal: Option<String>,
}

/// What becomes of something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ruling {
    /// As it is.
    Allowed,
    /// As it is, with a warning.
    Warned(String),
    /// As this text, for this reason.
    Rewritten(String, String),
    /// To somewhere else.
    Redirected(String, String),
    /// Not at all.
    Refused(String),
}

/// Judges a conversation from its first moment to its last. `files`: what is known of each file, by moment.
pub(super) async fn judge(rules: &InForce, past: &Past, files: &[Option<Looked>]) -> Judged {
    let mut so_far = SoFar {
        rules,
        past,
        consumer: Arc::new(consumer(past)),
        recent: VecDeque::new(),
        number: 0,
        department: None,
        transfers: 0,
        wanted: recent_needed(rules),
    };
    let mut judged = Judged::default();
    for (moment, file) in past.moments.iter().zip(files) {
        judged.moments.push(so_far.moment(moment, file.as_ref()).await);
    }
    judged
}

fn recent_needed(rules: &InForce) -> usize {
    let hooks = [
        Hook::MessagePolicy,
        Hook::EmojiPolicy,
        Hook::AttachmentPolicy,
        Hook::Classifier,
        Hook::TransferRules,
    ];
    hooks.iter().map(|hook| rules.chain.recent_needed(*hook)).max().unwrap_or(0)
}

/// A conversation as this generation has it by now.
struct SoFar<'a> {
    rules: &'a InForce,
    past: &'a Past,
    consumer: Arc<input::Participant>,
    recent: VecDeque<Arc<input::Message>>,
    number: u32,
    department: Option<DepartmentId>,
    transfers: u32,
    wanted: usize,
}

impl SoFar<'_> {
    async fn moment(&mut self, moment: &Moment, file: Option<&Looked>) -> Said {
        match moment {
            Moment::Sent { at, by, .. } => match file {
                Some(file) => {
                    Said { ruling: Some(self.file(*at, by, file).await), ..Said::default() }
                }
                None => Said::default(),
            },
            Moment::Said { at, by, body } => self.message(*at, by, body).await,
            Moment::Asked { at, target } => {
                Said { ruling: self.asked(*at, target).await, ..Said::default() }
            }
            Moment::Moved { department, transferred } => {
                self.department = Some(department.clone());
                self.transfers += u32::from(*transferred);
                Said::default()
            }
        }
    }

    async fn message(&mut self, at: Millis, by: &Author, body: &Body) -> Said {
        let author = match by {
            Author::Consumer => Arc::clone(&self.consumer),
            other => Arc::new(recent::participant(other)),
        };
        let id = MessageId(u128::from(self.number) + 1);
        let mut message = Arc::new(recent::message(id, at, author, body));
        let mut said = Said::default();
        if matches!(by, Author::Consumer | Author::Agent(_)) {
            let ruling = self.policies(at, &message).await;
            if let Ruling::Rewritten(text, _) = &ruling {
                let text = text.as_str().into();
                message = Arc::new(input::Message { text, ..input::Message::clone(&message) });
            }
            let refused = matches!(ruling, Ruling::Refused(_));
            said.ruling = Some(ruling);
            if refused {
                return said;
            }
        }
        self.number += 1;
        if self.recent.len() == self.wanted.max(1) {
            self.recent.pop_front();
        }
        self.recent.push_back(message);
        if *by == Author::Consumer {
            said.suggestions = self.classify(at).await;
            said.proposal = self.proposal(at).await;
        }
        said
    }

    async fn policies(&self, at: Millis, message: &Arc<input::Message>) -> Ruling {
        let chain = &self.rules.chain;
        let asked = chain.has(Hook::MessagePolicy)
            || (chain.has(Hook::EmojiPolicy) && !emoji::find(&message.text).emojis.is_empty());
        if !asked {
            return Ruling::Allowed;
        }
        let conversation = self.conversation(at);
        let outcome = chain.judge_message(self.call(at), conversation, Arc::clone(message)).await;
        let (judgement, text) = verdict::message(self.rules.provenance(), outcome, &message.text);
        match judgement.verdict {
            Verdict::Allow => Ruling::Allowed,
            Verdict::Warn { detail, .. } => Ruling::Warned(detail.to_string()),
            Verdict::Rewritten { detail, .. } => {
                Ruling::Rewritten(text.to_string(), detail.to_string())
            }
            Verdict::Deny { detail, .. } => Ruling::Refused(detail.to_string()),
        }
    }

    async fn file(&self, at: Millis, by: &Author, file: &Looked) -> Ruling {
        let chain = &self.rules.chain;
        if !chain.has(Hook::AttachmentPolicy) {
            return Ruling::Allowed;
        }
        let (side, conversation) = (view::side(by), self.conversation(at));
        let attachment = Arc::clone(&file.attachment);
        let outcome =
            chain.judge_attachment(self.call(at), side, conversation, attachment, &file.head).await;
        match verdict::attachment(self.rules.provenance(), outcome).verdict {
            Verdict::Allow | Verdict::Rewritten { .. } => Ruling::Allowed,
            Verdict::Warn { detail, .. } => Ruling::Warned(detail.to_string()),
            Verdict::Deny { detail, .. } => Ruling::Refused(detail.to_string()),
        }
    }

    async fn classify(&self, at: Millis) -> Option<Vec<(String, f32)>> {
        let chain = &self.rules.chain;
        if !chain.has(Hook::Classifier) {
            return None;
        }
        let outcome = chain.classify(self.call(at), self.conversation(at), SUGGESTIONS_ASKED).await;
        let kept = admissible(
            &self.rules.checked,
            self.department.as_ref(),
            verdict::suggestions(&outcome),
        );
        let named = |one: Suggestion| (one.node.to_string(), one.confidence);
        Some(kept.into_iter().map(named).collect())
    }

    async fn proposal(&self, at: Millis) -> Option<String> {
        let chain = &self.rules.chain;
        if !chain.has(Hook::TransferRules) {
            return None;
        }
        let outcome = chain
            .judge_transfer(self.call(at), input::Trigger::NewMessage, None, self.conversation(at))
            .await;
        match outcome.proposal {
            Some(Proposal::MoveTo(target, _)) => Some(named(&target)),
            _ => None,
        }
    }

    async fn asked(&self, at: Millis, target: &dialogo_domain::command::Target) -> Option<Ruling> {
        let chain = &self.rules.chain;
        if !chain.has(Hook::TransferRules) {
            return Some(Ruling::Allowed);
        }
        let requested = Some(verdict::host_target(target));
        let outcome = chain
            .judge_transfer(
                self.call(at),
                input::Trigger::AgentAsked,
                requested,
                self.conversation(at),
            )
            .await;
        Some(match verdict::transfer(self.rules.provenance(), &outcome, target).verdict {
            TransferVerdict::Allow => Ruling::Allowed,
            TransferVerdict::Redirect { target, because } => {
                Ruling::Redirected(named(&verdict::host_target(&target)), because.to_string())
            }
            TransferVerdict::Deny { because, .. } => Ruling::Refused(because.to_string()),
        })
    }

    fn call(&self, at: Millis) -> input::Call {
        input::Call {
            call_id: format!("backtest {} {}", self.past.id, self.number),
            now_ms: at.0,
            seed: 1,
            dry_run: true,
            directory: Arc::new(self.directory(at)),
            ..input::Call::default()
        }
    }

    /// Departments with their hours. Who was at work in the past is not known: everybody counts as being there.
    fn directory(&self, at: Millis) -> input::Directory {
        let checked = &self.rules.checked;
        if !self.rules.chain.has(Hook::TransferRules) {
            return input::Directory::default();
        }
        let hours = self.rules.hours(at);
        let departments = checked.domain.departments.iter().map(|(id, department)| {
            let name = department.name.values().next().map_or(id.as_str(), String::as_str);
            input::Department {
                id: id.as_str().into(),
                name: name.into(),
                open_now: !hours.closed.contains(id),
                waiting: 0,
                online_agents: department.members.len() as u32,
            }
        });
        input::Directory { departments: departments.collect(), agents: Vec::new() }
    }

    fn conversation(&self, at: Millis) -> Arc<input::Conversation> {
        let checked = &self.rules.checked;
        let hours = self.rules.hours(at);
        let mut facts =
            vec![known::WAITED_SECONDS.is(0.0), known::TRANSFERS.is(f64::from(self.transfers))];
        if let Some(department) = &self.department {
            facts.push(known::DEPARTMENT_OPEN_NOW.is(!hours.closed.contains(department)));
        }
        facts.push(known::CALENDARS_OPEN.are(&hours.calendars));
        if let Some(language) = checked.desk.languages.first() {
            facts.push(known::DESK_LANGUAGE.is(language));
        }
        Arc::new(input::Conversation {
            id: self.past.id.as_str().into(),
            channel: view::channel(self.past.channel),
            state: input::State::Active,
            opened_at: self.past.opened_at.0,
            department: self.department.as_ref().map(|id| id.as_str().into()),
            agent: None,
            consumer: Arc::clone(&self.consumer),
            classification: None,
            recent: self.recent.iter().cloned().collect(),
            total_messages: self.number,
            facts,
        })
    }
}

fn consumer(past: &Past) -> input::Participant {
    let text = |value: &Option<String>| value.as_deref().map(Into::into);
    let facts = past.profile.facts.iter();
    input::Participant {
        id: past.id.as_str().into(),
        side: input::Side::Consumer,
        name: text(&past.profile.name),
        locale: text(&past.profile.locale),
        facts: facts.map(|(key, value)| input::Fact::text(key, value)).collect(),
    }
}

/// A target in one word or two.
fn named(target: &input::Target) -> String {
    match target {
        input::Target::Department(id) => id.to_string(),
        input::Target::Agent(id) => format!("agent {id}"),
        input::Target::FirstContact => "first contact".into(),
        input::Target::Bot => "bot".into(),
    }
}
