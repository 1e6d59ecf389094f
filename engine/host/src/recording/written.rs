//! A question as the `input` of a case, complete: the way back is `cases::input`, and what comes back is the same question.
//!
//! Only what a plugin may see is written (`crate::view`), and what names people is masked on the way.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::redact::Redactor;
use crate::cases::expectation::written_target;
use crate::cases::input::{
    ChannelText, EventText, People, PresenceText, SideText, StateText, TriggerText,
};
use crate::emoji;
use crate::hook::{Grant, Grants};
use crate::input::{
    Agent, Attachment, Call, CannedReply, Conversation, Department, Emoji, Fact, FactValue,
    Message, Participant, Side,
};
use crate::question::Question;
use crate::view;

/// Who reads along: what the plugin may see, and what of it is masked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sight {
    pub(crate) grants: Grants,
    /// How many of the last messages its manifest asks for.
    pub(crate) recent: usize,
    pub(crate) redactor: Redactor,
}

/// An object whose absent values are left out.
#[derive(Default)]
struct Object(Map<String, Value>);

impl Object {
    fn put(&mut self, key: &str, value: impl Into<Value>) {
        self.0.insert(key.to_owned(), value.into());
    }

    fn maybe(&mut self, key: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.put(key, value);
        }
    }

    fn list(&mut self, key: &str, values: Vec<Value>) {
        if !values.is_empty() {
            self.put(key, values);
        }
    }
}

/// `input`.
pub(crate) fn input(call: &Call, question: &Question, sight: Sight) -> Value {
    let mut form = Object::default();
    form.put("now", call.now_ms);
    form.put("seed", call.seed);
    let Some(whole) = question.conversation() else { return Value::Object(form.0) };
    let seen = view::conversation(whole, sight.recent, sight.grants);
    let writer =
        Writer { people: People::with(seen.consumer.clone(), seen.agent.as_deref()), sight };
    form.put("conversation", writer.conversation(&seen));
    match question {
        Question::Setup { .. } => {}
        Question::Classify { limit, .. } => form.put("limit", *limit),
        Question::Transfer { trigger, requested, .. } => {
            form.put("trigger", word(TriggerText::from(*trigger)));
            form.maybe("requested", requested.as_ref().map(written_target));
        }
        Question::Message { message, .. } => form.put("message", writer.message(message)),
        Question::Emoji { by, emojis, .. } => {
            form.put("by", word(SideText::from(*by)));
            form.put("emojis", emojis.iter().map(emoji).collect::<Vec<_>>());
        }
        Question::Attachment { by, attachment, head, .. } => {
            form.put("by", word(SideText::from(*by)));
            form.put("attachment", writer.attachment(attachment));
            form.put("head", writer.bytes(head));
        }
        Question::Bot { message, state, .. } => {
            form.maybe("message", message.as_ref().map(|message| writer.message(message)));
            form.maybe("state", state.as_ref().map(|state| writer.bytes(state)));
        }
        Question::Observe { event, .. } => form.put("event", word(EventText::from(*event))),
        Question::Replies { canned, limit, .. } => {
            form.list("canned", canned.iter().map(canned_reply).collect());
            form.put("limit", *limit);
        }
    }
    if sight.grants.has(Grant::History) {
        form.list("history", call.history.iter().map(|one| writer.message(one)).collect());
    }
    if sight.grants.has(Grant::Directory) {
        form.list("departments", call.directory.departments.iter().map(department).collect());
        form.list("agents", call.directory.agents.iter().map(agent).collect());
    }
    Value::Object(form.0)
}

/// The word that stands for a variant.
fn word(variant: impl Serialize) -> Value {
    serde_json::to_value(variant).unwrap_or_default()
}

struct Writer {
    people: People,
    sight: Sight,
}

impl Writer {
    fn conversation(&self, whole: &Conversation) -> Value {
        let mut form = Object::default();
        form.put("id", &*whole.id);
        form.put("channel", word(ChannelText::from(whole.channel)));
        form.put("state", word(StateText::from(whole.state)));
        form.put("opened_at", whole.opened_at);
        form.maybe("department", whole.department.as_deref());
        form.maybe("agent", whole.agent.as_deref());
        form.maybe("classification", whole.classification.as_deref());
        form.put("consumer", self.participant(&whole.consumer, Side::Consumer));
        form.list("recent", whole.recent.iter().map(|message| self.message(message)).collect());
        form.put("total_messages", whole.total_messages);
        self.facts(&mut form, &whole.facts);
        Value::Object(form.0)
    }

    fn message(&self, whole: &Arc<Message>) -> Value {
        let whole = view::message(whole, self.sight.grants);
        let mut form = Object::default();
        form.put("id", &*whole.id);
        let side = whole.author.side;
        form.put("by", word(SideText::from(side)));
        if whole.author != self.people.of(side) {
            form.put("author", self.participant(&whole.author, side));
        }
        form.put("at", whole.at);
        form.put("text", self.sight.redactor.text(&whole.text));
        // What the text says anyway is not said twice.
        if whole.emojis != emoji::find(&whole.text).emojis {
            form.put("emojis", whole.emojis.iter().map(emoji).collect::<Vec<_>>());
        }
        form.list(
            "attachments",
            whole.attachments.iter().map(|one| self.attachment(one)).collect(),
        );
        self.facts(&mut form, &whole.facts);
        Value::Object(form.0)
    }

    fn participant(&self, whole: &Participant, usual: Side) -> Value {
        let mut form = Object::default();
        form.put("id", &*whole.id);
        if whole.side != usual {
            form.put("side", word(SideText::from(whole.side)));
        }
        form.maybe("name", whole.name.as_deref().map(|name| self.sight.redactor.name(name)));
        form.maybe("locale", whole.locale.as_deref());
        self.facts(&mut form, &whole.facts);
        Value::Object(form.0)
    }

    fn attachment(&self, whole: &Attachment) -> Value {
        let mut form = Object::default();
        form.put("id", &*whole.id);
        form.put("name", self.sight.redactor.text(&whole.name));
        form.put("mime", &*whole.mime);
        form.maybe("sniffed_mime", whole.sniffed_mime.as_deref());
        form.put("bytes", whole.bytes);
        form.maybe("sha256", whole.sha256.as_deref());
        self.facts(&mut form, &whole.facts);
        Value::Object(form.0)
    }

    fn facts(&self, form: &mut Object, facts: &[Fact]) {
        let text = |text: &str| Value::from(self.sight.redactor.text(text));
        let value = |value: &FactValue| match value {
            FactValue::Flag(flag) => (*flag).into(),
            FactValue::Number(number) => as_number(*number),
            FactValue::Text(one) => text(one),
            FactValue::Texts(texts) => texts.iter().map(|one| text(one)).collect(),
        };
        if !facts.is_empty() {
            let facts = facts.iter().map(|fact| (fact.key.to_string(), value(&fact.value)));
            form.put("facts", facts.collect::<Map<_, _>>());
        }
    }

    /// As text where it is one.
    fn bytes(&self, bytes: &[u8]) -> Value {
        let bytes = self.sight.redactor.bytes(bytes);
        match std::str::from_utf8(&bytes) {
            Ok(text) => text.into(),
            Err(_) => json!({ "base64": STANDARD.encode(&bytes) }),
        }
    }
}

/// Whole numbers are read back exactly.
fn as_number(number: f64) -> Value {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if number.fract() == 0.0 && number.abs() < EXACT && !number.is_sign_negative() {
        return (number as u64).into();
    }
    number.into()
}

fn emoji(whole: &Emoji) -> Value {
    let mut form = Object::default();
    form.put("text", &*whole.text);
    form.maybe("shortcode", whole.shortcode.as_deref());
    form.put("offset", whole.offset);
    form.put("count", whole.count);
    Value::Object(form.0)
}

fn canned_reply(whole: &CannedReply) -> Value {
    json!({ "id": &*whole.id, "title": &*whole.title, "text": &*whole.text })
}

fn department(whole: &Department) -> Value {
    json!({
        "id": &*whole.id, "name": &*whole.name, "open_now": whole.open_now, "waiting": whole.waiting,
        "online_agents": whole.online_agents,
    })
}

fn agent(whole: &Agent) -> Value {
    let texts = |texts: &[crate::input::Text]| {
        texts.iter().map(|text| Value::from(&**text)).collect::<Vec<_>>()
    };
    json!({
        "id": &*whole.id, "presence": word(PresenceText::from(whole.presence)), "load": whole.load,
        "capacity": whole.capacity, "departments": texts(&whole.departments), "skills": texts(&whole.skills),
    })
}
