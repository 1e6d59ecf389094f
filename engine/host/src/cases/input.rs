//! `[input]` of a case, with its defaults, as a question. The way back is in `crate::recording::written`.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use toml::{Table, Value};

use crate::emoji;
use crate::hook::Hook;
use crate::input::{
    Agent, Attachment, Call, CannedReply, Channel, Conversation, Department, Directory, Emoji,
    Event, Fact, FactValue, Message, Participant, Presence, Side, State, Target, Text, Trigger,
};
use crate::inspect;
use crate::question::Question;

/// 2026-01-05T12:00:00Z, a Monday.
const NOW_MS: u64 = 1_767_614_400_000;
const MINUTE_MS: u64 = 60_000;
/// Bytes of a file that plugins see.
const HEAD: usize = 4_096;
/// Replies that the desk asks for.
const REPLIES: u32 = 3;

/// `[input]` as it is written.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct InputText {
    now: Option<u64>,
    seed: Option<u64>,
    by: Option<SideText>,
    conversation: ConversationText,
    message: Option<MessageForm>,
    text: Option<String>,
    emojis: Option<Vec<EmojiForm>>,
    attachment: Option<AttachmentText>,
    head: Option<BytesForm>,
    limit: Option<u32>,
    trigger: Option<TriggerText>,
    requested: Option<TargetForm>,
    departments: Vec<DepartmentText>,
    agents: Vec<AgentText>,
    history: Vec<MessageForm>,
    event: Option<EventText>,
    state: Option<BytesForm>,
    canned: Vec<CannedText>,
}

/// Bytes: as text, or in base64 where they are none.
#[derive(Deserialize)]
#[serde(untagged)]
enum BytesForm {
    Text(String),
    Base64 { base64: String },
}

impl BytesForm {
    fn bytes(self) -> Result<Arc<[u8]>, String> {
        match self {
            BytesForm::Text(text) => Ok(text.into_bytes().into()),
            BytesForm::Base64 { base64 } => {
                let bytes = STANDARD.decode(base64);
                bytes.map(Into::into).map_err(|fault| format!("this is no base64: {fault}"))
            }
        }
    }
}

/// Facts in the order in which they are written.
#[derive(Clone, Default)]
struct FactsText(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for FactsText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = FactsText;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("facts by their keys")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<FactsText, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(FactsText(pairs))
            }
        }
        deserializer.deserialize_map(Pairs)
    }
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ConversationText {
    id: Option<String>,
    channel: Option<ChannelText>,
    state: Option<StateText>,
    opened_at: Option<u64>,
    department: Option<String>,
    agent: Option<String>,
    classification: Option<String>,
    consumer: Option<ParticipantText>,
    recent: Vec<MessageForm>,
    total_messages: Option<u32>,
    facts: FactsText,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum MessageForm {
    Text(String),
    Whole(Box<MessageText>),
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct MessageText {
    id: Option<String>,
    by: Option<SideText>,
    author: Option<ParticipantText>,
    at: Option<u64>,
    text: String,
    emojis: Option<Vec<EmojiForm>>,
    facts: FactsText,
    attachments: Vec<AttachmentText>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ParticipantText {
    id: Option<String>,
    side: Option<SideText>,
    name: Option<String>,
    locale: Option<String>,
    facts: FactsText,
}

#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct AttachmentText {
    id: Option<String>,
    file: Option<String>,
    name: Option<String>,
    mime: Option<String>,
    sniffed_mime: Option<String>,
    bytes: Option<u64>,
    sha256: Option<String>,
    facts: FactsText,
}

#[derive(Clone, Deserialize)]
#[serde(untagged)]
enum EmojiForm {
    Text(String),
    Whole(EmojiText),
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct EmojiText {
    text: String,
    shortcode: Option<String>,
    #[serde(default)]
    offset: u32,
    count: Option<u32>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct DepartmentText {
    id: String,
    name: Option<String>,
    open_now: Option<bool>,
    waiting: u32,
    online_agents: u32,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct AgentText {
    id: String,
    presence: Option<PresenceText>,
    load: u32,
    capacity: Option<u32>,
    departments: Vec<String>,
    skills: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CannedText {
    id: String,
    title: Option<String>,
    text: String,
}

/// `requested`, and `target` in `expect`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub(super) enum TargetForm {
    Word(TargetWord),
    Department { department: String },
    Agent { agent: String },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum TargetWord {
    FirstContact,
    Bot,
}

impl From<&TargetForm> for Target {
    fn from(form: &TargetForm) -> Self {
        match form {
            TargetForm::Word(TargetWord::FirstContact) => Target::FirstContact,
            TargetForm::Word(TargetWord::Bot) => Target::Bot,
            TargetForm::Department { department } => Target::Department(department.as_str().into()),
            TargetForm::Agent { agent } => Target::Agent(agent.as_str().into()),
        }
    }
}

/// An enum of the contract as it is written in cases.
macro_rules! word {
    ($text:ident => $of:ident { $($variant:ident),* $(,)? }) => {
        #[derive(Clone, Copy, Deserialize, Serialize)]
        #[serde(rename_all = "kebab-case")]
        pub(crate) enum $text { $($variant),* }
        impl From<$text> for $of {
            fn from(text: $text) -> Self {
                match text { $($text::$variant => $of::$variant),* }
            }
        }
        impl From<$of> for $text {
            fn from(of: $of) -> Self {
                match of { $($of::$variant => $text::$variant),* }
            }
        }
    };
}
word!(SideText => Side { Consumer, Agent, Bot, System });
word!(ChannelText => Channel { Web, Mobile, Email, Social, Voice, Api });
word!(StateText => State { Bot, Queued, Offered, Active, OnHold, Closed });
word!(PresenceText => Presence { Online, Busy, Away, Offline });
word!(TriggerText => Trigger { NewMessage, Classified, AgentLeft, WaitedTooLong, AgentAsked });
word!(EventText => Event { Opened, Assigned, Transferred, Classified, MessageSent, MessageDenied, Closed, Rated });

/// Builds call and question.
pub(super) fn build(
    hook: Hook,
    input: Table,
    settings: Arc<str>,
    files: &BTreeMap<String, Arc<[u8]>>,
) -> Result<(Call, Question), String> {
    let mut input = Value::Table(input);
    dates_to_millis(&mut input)?;
    let input: InputText = input
        .try_into()
        .map_err(|error: toml::de::Error| format!("`input`: {}", error.message()))?;
    question(hook, input, settings, files)
}

/// Call and question that an input stands for.
pub(crate) fn question(
    hook: Hook,
    input: InputText,
    settings: Arc<str>,
    files: &BTreeMap<String, Arc<[u8]>>,
) -> Result<(Call, Question), String> {
    let now = input.now.unwrap_or(NOW_MS);
    let by: Side = input.by.map_or(Side::Consumer, Into::into);
    let people = People::new(&input.conversation);
    let recent = messages(&input.conversation.recent, &people, now, files)?;
    let total = input.conversation.total_messages.unwrap_or(recent.len() as u32);
    let conversation = Arc::new(conversation(input.conversation, &people, recent, total, now)?);
    let newest_first: Vec<Arc<Message>> = messages(&input.history, &people, now, files)?;
    let call = Call {
        call_id: "case".into(),
        now_ms: now,
        seed: input.seed.unwrap_or(1),
        dry_run: true,
        history: newest_first.into(),
        directory: Arc::new(Directory {
            departments: input.departments.into_iter().map(department).collect(),
            agents: input.agents.into_iter().map(agent).collect(),
        }),
    };
    let form = match (input.message, input.text) {
        (Some(_), Some(_)) => return Err("`text` and `message` cannot both be given".into()),
        (Some(form), None) => Some(form),
        (None, text) => text.map(MessageForm::Text),
    };
    let said = form
        .map(|form| message(&form, "message-1", by, now, &people, files))
        .transpose()?
        .map(Arc::new);
    let question = match hook {
        Hook::Setup => Question::Setup { settings },
        Hook::Classifier => Question::Classify { conversation, limit: input.limit.unwrap_or(5) },
        Hook::TransferRules => {
            let requested = input.requested.as_ref().map(Target::from);
            let usual = if requested.is_some() { Trigger::AgentAsked } else { Trigger::NewMessage };
            Question::Transfer {
                trigger: input.trigger.map_or(usual, Into::into),
                requested,
                conversation,
            }
        }
        Hook::MessagePolicy => {
            let message = said.ok_or("a message-policy needs `text` or `message`")?;
            Question::Message { conversation, message }
        }
        Hook::EmojiPolicy => {
            let emojis = match (input.emojis, said) {
                (Some(forms), _) => forms.into_iter().map(given_emoji).collect(),
                (None, Some(message)) => message.emojis.clone(),
                (None, None) => return Err("an emoji-policy needs `text` or `emojis`".into()),
            };
            Question::Emoji { by, conversation, emojis: emojis.into() }
        }
        Hook::AttachmentPolicy => {
            let text = input.attachment.ok_or("an attachment-policy needs `attachment`")?;
            let (attachment, file_head) = attachment(text, files)?;
            let head = input.head.map_or(Ok(file_head), BytesForm::bytes)?;
            Question::Attachment { by, conversation, attachment: Arc::new(attachment), head }
        }
        Hook::Bot => {
            let state = input.state.map(BytesForm::bytes).transpose()?;
            Question::Bot { conversation, message: said, state }
        }
        Hook::Observer => {
            let event = input.event.ok_or("an observer needs `event`")?;
            Question::Observe { event: event.into(), conversation }
        }
        Hook::Replies => {
            let canned = input.canned.into_iter().map(canned_reply).collect();
            Question::Replies { conversation, canned, limit: input.limit.unwrap_or(REPLIES) }
        }
    };
    Ok((call, question))
}

/// Who takes part unless a case says otherwise.
pub(crate) struct People {
    consumer: Arc<Participant>,
    agent: Arc<Participant>,
    bot: Arc<Participant>,
    system: Arc<Participant>,
}

impl People {
    /// Those of a conversation of this consumer and this agent.
    pub(crate) fn with(consumer: Arc<Participant>, agent: Option<&str>) -> Self {
        let one = |id: &str, side| Arc::new(nobody_in_particular(id, side));
        People {
            consumer,
            agent: one(agent.unwrap_or("agent-1"), Side::Agent),
            bot: one("bot", Side::Bot),
            system: one("system", Side::System),
        }
    }

    fn new(conversation: &ConversationText) -> Self {
        let consumer = match &conversation.consumer {
            Some(text) => participant(text, Side::Consumer, "consumer-1"),
            None => nobody_in_particular("consumer-1", Side::Consumer),
        };
        Self::with(Arc::new(consumer), conversation.agent.as_deref())
    }

    /// Who speaks on this side.
    pub(crate) fn of(&self, side: Side) -> Arc<Participant> {
        match side {
            Side::Consumer => self.consumer.clone(),
            Side::Agent => self.agent.clone(),
            Side::Bot => self.bot.clone(),
            Side::System => self.system.clone(),
        }
    }
}

fn nobody_in_particular(id: &str, side: Side) -> Participant {
    Participant { id: id.into(), side, name: None, locale: None, facts: Vec::new() }
}

fn participant(text: &ParticipantText, side: Side, id: &str) -> Participant {
    Participant {
        id: text.id.as_deref().unwrap_or(id).into(),
        side: text.side.map_or(side, Into::into),
        name: text.name.as_deref().map(Into::into),
        locale: text.locale.as_deref().map(Into::into),
        facts: facts(&text.facts).unwrap_or_default(),
    }
}

fn conversation(
    text: ConversationText,
    people: &People,
    recent: Vec<Arc<Message>>,
    total_messages: u32,
    now: u64,
) -> Result<Conversation, String> {
    Ok(Conversation {
        id: text.id.as_deref().unwrap_or("conversation-1").into(),
        channel: text.channel.map_or(Channel::Web, Into::into),
        state: text.state.map_or(State::Active, Into::into),
        opened_at: text.opened_at.unwrap_or(now - 10 * MINUTE_MS),
        department: text.department.map(Into::into),
        agent: text.agent.map(Into::into),
        consumer: people.consumer.clone(),
        classification: text.classification.map(Into::into),
        recent,
        total_messages,
        facts: facts(&text.facts)?,
    })
}

fn messages(
    forms: &[MessageForm],
    people: &People,
    now: u64,
    files: &BTreeMap<String, Arc<[u8]>>,
) -> Result<Vec<Arc<Message>>, String> {
    let count = forms.len();
    let one = |(index, form): (usize, &MessageForm)| {
        let at = now.saturating_sub((count - index) as u64 * MINUTE_MS);
        message(form, &format!("recent-{}", index + 1), Side::Consumer, at, people, files)
            .map(Arc::new)
    };
    forms.iter().enumerate().map(one).collect()
}

fn message(
    form: &MessageForm,
    id: &str,
    by: Side,
    at: u64,
    people: &People,
    files: &BTreeMap<String, Arc<[u8]>>,
) -> Result<Message, String> {
    let empty = MessageText::default();
    let (text, whole) = match form {
        MessageForm::Text(text) => (text.as_str(), &empty),
        MessageForm::Whole(whole) => (whole.text.as_str(), &**whole),
    };
    let side = whole.by.map_or(by, Into::into);
    let author = whole
        .author
        .as_ref()
        .map(|author| Arc::new(participant(author, side, &people.of(side).id)));
    let mut attachments = Vec::new();
    for text in &whole.attachments {
        attachments.push(attachment(text.clone(), files)?.0);
    }
    Ok(Message {
        id: whole.id.as_deref().unwrap_or(id).into(),
        author: author.unwrap_or_else(|| people.of(side)),
        at: whole.at.unwrap_or(at),
        text: text.into(),
        emojis: match &whole.emojis {
            None => emoji::find(text).emojis,
            Some(forms) => forms.iter().cloned().map(given_emoji).collect(),
        },
        attachments,
        facts: facts(&whole.facts)?,
    })
}

fn given_emoji(form: EmojiForm) -> Emoji {
    match form {
        EmojiForm::Text(text) => {
            let known = emojis::get(&text).and_then(emojis::Emoji::shortcode);
            Emoji { shortcode: known.map(Into::into), text: text.into(), offset: 0, count: 1 }
        }
        EmojiForm::Whole(whole) => Emoji {
            text: whole.text.into(),
            shortcode: whole.shortcode.map(Into::into),
            offset: whole.offset,
            count: whole.count.unwrap_or(1),
        },
    }
}

/// The attachment and its first bytes.
fn attachment(
    text: AttachmentText,
    files: &BTreeMap<String, Arc<[u8]>>,
) -> Result<(Attachment, Arc<[u8]>), String> {
    let bytes = match &text.file {
        None => None,
        Some(file) => {
            Some(files.get(file).ok_or_else(|| format!("there is no file `{file}` in cases/"))?)
        }
    };
    let file_name = text.file.as_deref().and_then(|file| file.rsplit('/').next());
    let name = text.name.as_deref().or(file_name).unwrap_or("file");
    let mime = text.mime.as_deref().unwrap_or("application/octet-stream");
    let found = bytes.map(|bytes| inspect::inspect(bytes, name, mime));
    let mut all = found.as_ref().map(|found| found.facts.clone()).unwrap_or_default();
    for fact in facts(&text.facts)? {
        all.retain(|known: &Fact| known.key != fact.key);
        all.push(fact);
    }
    let attachment = Attachment {
        id: text.id.as_deref().unwrap_or("attachment-1").into(),
        name: name.into(),
        mime: mime.into(),
        sniffed_mime: text
            .sniffed_mime
            .map(Into::into)
            .or(found.and_then(|found| found.sniffed_mime)),
        bytes: text.bytes.unwrap_or(bytes.map_or(1_000, |bytes| bytes.len() as u64)),
        sha256: text.sha256.map(Into::into),
        facts: all,
    };
    let head = bytes.map_or(Vec::new(), |bytes| bytes[..bytes.len().min(HEAD)].to_vec());
    Ok((attachment, head.into()))
}

fn department(text: DepartmentText) -> Department {
    Department {
        name: text.name.unwrap_or_else(|| text.id.clone()).into(),
        id: text.id.into(),
        open_now: text.open_now.unwrap_or(true),
        waiting: text.waiting,
        online_agents: text.online_agents,
    }
}

fn agent(text: AgentText) -> Agent {
    let texts = |texts: Vec<String>| texts.into_iter().map(Text::from).collect();
    Agent {
        id: text.id.into(),
        presence: text.presence.map_or(Presence::Online, Into::into),
        load: text.load,
        capacity: text.capacity.unwrap_or(4),
        departments: texts(text.departments),
        skills: texts(text.skills),
    }
}

fn canned_reply(text: CannedText) -> CannedReply {
    CannedReply {
        title: text.title.unwrap_or_else(|| text.id.clone()).into(),
        id: text.id.into(),
        text: text.text.into(),
    }
}

fn facts(text: &FactsText) -> Result<Vec<Fact>, String> {
    text.0
        .iter()
        .map(|(key, value)| Ok(Fact { key: key.as_str().into(), value: fact_value(key, value)? }))
        .collect()
}

fn fact_value(key: &str, value: &Value) -> Result<FactValue, String> {
    Ok(match value {
        Value::Boolean(flag) => FactValue::Flag(*flag),
        Value::Integer(number) => FactValue::Number(*number as f64),
        Value::Float(number) => FactValue::Number(*number),
        Value::String(text) => FactValue::Text(text.as_str().into()),
        Value::Array(list) => {
            let texts: Option<Vec<Text>> =
                list.iter().map(|one| one.as_str().map(Into::into)).collect();
            FactValue::Texts(
                texts.ok_or_else(|| format!("the fact `{key}` must be a list of texts"))?,
            )
        }
        _ => {
            return Err(format!(
                "the fact `{key}` must be true/false, a number, a text or a list of texts"
            ));
        }
    })
}

/// Replaces date-times by milliseconds since 1970.
fn dates_to_millis(value: &mut Value) -> Result<(), String> {
    match value {
        Value::Datetime(date) => *value = Value::Integer(millis(date)?),
        Value::Array(list) => list.iter_mut().try_for_each(dates_to_millis)?,
        Value::Table(table) => {
            table.iter_mut().try_for_each(|(_, value)| dates_to_millis(value))?
        }
        _ => {}
    }
    Ok(())
}

fn millis(date: &toml::value::Datetime) -> Result<i64, String> {
    let wrong =
        || format!("`{date}` is not a whole date and time with offset, like 2026-01-05T12:00:00Z");
    let day = date.date.ok_or_else(wrong)?;
    let time = date.time.ok_or_else(wrong)?;
    let offset_minutes = match date.offset.ok_or_else(wrong)? {
        toml::value::Offset::Z => 0,
        toml::value::Offset::Custom { minutes } => i64::from(minutes),
    };
    let days = days_since_1970(i64::from(day.year), i64::from(day.month), i64::from(day.day));
    let seconds = i64::from(time.hour) * 3_600
        + i64::from(time.minute) * 60
        + i64::from(time.second.unwrap_or(0));
    Ok((days * 86_400 + seconds - offset_minutes * 60) * 1_000
        + i64::from(time.nanosecond.unwrap_or(0) / 1_000_000))
}

/// Howard Hinnant's `days_from_civil`: years begin in March, so that the leap day is the last.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_milliseconds() {
        let millis = |text: &str| super::millis(&text.parse().expect("a date")).expect("whole");
        assert_eq!(millis("2026-01-05T12:00:00Z"), NOW_MS as i64);
        assert_eq!(millis("1970-01-01T00:00:00Z"), 0);
        assert_eq!(millis("2024-02-29T23:59:59.5-03:00"), 1_709_261_999_500);
    }
}
