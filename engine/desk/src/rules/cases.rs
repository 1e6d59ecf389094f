//! Runs the `[[test]]` cases of rule files against the rules and plugins they stand in, without touching any desk.
//!
//! What a case asks is read by `dialogo-rules`; here it is put to the chain in a dry run, and what comes back is compared.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use dialogo_domain::message::{Author, Body, Channel};
use dialogo_domain::plugin::{Judgement, Suggestion, Verdict};
use dialogo_domain::{DepartmentId, MessageId, Millis, PluginId};
use dialogo_host::facts as known;
use dialogo_host::verdict::{BotAction, BotReply, Decision, Proposal, TransferOutcome};
use dialogo_host::{Chain, Hook, input};
use dialogo_rules::{
    Answer, Checked, Diagnostic, Expect, Fact, RuleTest, Side, Situation, Subject, TestFile,
    TestTarget, TestTransfer, Turn,
};

use crate::judge::verdict::{self, Provenance};
use crate::recent;

/// Suggestions looked at.
const SUGGESTIONS: u32 = 8;

/// Runs every case and returns what failed, in the order of the files. `done` is told how many have been run.
pub fn run(checked: &Checked, chain: &Chain, done: &mut dyn FnMut(usize)) -> Vec<Diagnostic> {
    let mut failed = Vec::new();
    for (index, test) in checked.tests.iter().enumerate() {
        // A plugin that is switched off says nothing, and its cases say nothing about the rules then.
        if !can_be_tried(test, chain) {
            continue;
        }
        // Cases in a plugin's own settings try that plugin, whether its word counts yet or not.
        let owner = checked.plugins.iter().find(|plugin| {
            plugin.settings.as_ref().is_some_and(|settings| *settings.path() == *test.place.file)
        });
        let counting = owner.map(|plugin| chain.counting(plugin.id.as_str()));
        let chain = counting.as_ref().unwrap_or(chain);
        let bench = Bench { checked, chain, situation: &test.situation, test };
        failed.extend(block_on(bench.run()));
        done(index + 1);
    }
    failed
}

/// What is answered to the cases of one file, in their order, in a form that can be compared; and what of the settings
/// spoke, as far as plugins say so.
pub(crate) fn answers(
    checked: &Checked,
    chain: &Chain,
    file: &str,
) -> (Vec<String>, BTreeSet<Arc<str>>) {
    let tests = checked.tests.iter().filter(|test| *test.place.file == *file);
    let mut spoke = BTreeSet::new();
    let answers = tests.filter(|test| can_be_tried(test, chain)).map(|test| {
        let bench = Bench { checked, chain, situation: &test.situation, test };
        let found = block_on(bench.find());
        let answer = found.in_short();
        spoke.extend(found.spoke);
        answer
    });
    (answers.collect(), spoke)
}

/// Whether there is anybody to ask what the case asks.
fn can_be_tried(test: &RuleTest, chain: &Chain) -> bool {
    let asks = test.asks();
    (!asks.classifiers || chain.has(Hook::Classifier))
        && (!asks.text_policies || chain.has(Hook::MessagePolicy) || chain.has(Hook::EmojiPolicy))
        && (!asks.attachment_policies || chain.has(Hook::AttachmentPolicy))
        && (!asks.transfer_rules || chain.has(Hook::TransferRules))
        && (!asks.bot || chain.has(Hook::Bot))
}

/// Waits for a future on this very thread, which may be a task's: the answers come from the host's own threads, and a
/// runtime inside a runtime is not allowed.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    // On a thread of tokio's a future may only be polled so often before it has to give way; here nobody takes its place, and
    // it would wait for ever.
    let mut future = pin!(tokio::task::unconstrained(future));
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(outcome) => return outcome,
            Poll::Pending => thread::park(),
        }
    }
}

/// One case with everything around it.
struct Bench<'a> {
    checked: &'a Checked,
    chain: &'a Chain,
    situation: &'a Situation,
    test: &'a RuleTest,
}

/// What came of a case, as far as it was asked.
#[derive(Default)]
struct Found {
    suggestions: Vec<Suggestion>,
    text: Option<(String, Judgement, Arc<str>)>,
    file: Option<Judgement>,
    transfer: Option<(TestTransfer, TransferOutcome)>,
    bot: Option<Option<BotReply>>,
    open: Option<bool>,
    /// What of the settings spoke, as JSON pointers.
    spoke: BTreeSet<Arc<str>>,
}

impl Bench<'_> {
    async fn run(&self) -> Vec<Diagnostic> {
        let found = self.find().await;
        let expectations = self.test.expect.iter();
        expectations
            .filter_map(|expectation| {
                found
                    .mismatch(&expectation.expect)
                    .map(|instead| expectation.failed(self.test, &instead))
            })
            .collect()
    }

    async fn find(&self) -> Found {
        let asks = self.test.asks();
        let mut found = Found::default();
        let turns: &[Turn] = match &self.test.subject {
            Subject::Text(turns) | Subject::Transfer(_, turns) => turns,
            _ => &[],
        };
        if asks.classifiers {
            let outcome = self
                .chain
                .classify(self.call(), Arc::new(self.conversation(turns)), SUGGESTIONS)
                .await;
            found.heard(&outcome.decisions);
            found.suggestions = admissible(
                self.checked,
                self.situation.department.as_ref(),
                verdict::suggestions(&outcome),
            );
        }
        if let (true, Some((last, before))) = (asks.text_policies, turns.split_last()) {
            let message = Arc::new(self.message(turns.len(), last));
            let before = Arc::new(self.conversation(before));
            let outcome = self.chain.judge_message(self.call(), before, message).await;
            found.heard(&outcome.decisions);
            let (judgement, text) = verdict::message(self.provenance(), outcome, &last.text);
            found.text = Some((last.text.clone(), judgement, text));
        }
        if let (true, Subject::Attachment(file)) = (asks.attachment_policies, &self.test.subject) {
            let outcome = self
                .chain
                .judge_attachment(
                    self.call(),
                    side(file.by),
                    Arc::new(self.conversation(&[])),
                    Arc::new(attachment(file)),
                    &[],
                )
                .await;
            found.heard(&outcome.decisions);
            found.file = Some(verdict::attachment(self.provenance(), outcome));
        }
        if let (true, Subject::Transfer(transfer, _)) = (asks.transfer_rules, &self.test.subject) {
            let requested = transfer.to.as_ref().map(target);
            let conversation = Arc::new(self.conversation(turns));
            let outcome = self
                .chain
                .judge_transfer(self.call(), trigger(&transfer.trigger), requested, conversation)
                .await;
            found.heard(&outcome.decisions);
            found.transfer = Some((transfer.clone(), outcome));
        }
        if asks.bot {
            found.bot = Some(self.talk_to_bot(turns).await);
        }
        if let (true, Subject::Hours(department)) = (asks.hours, &self.test.subject) {
            found.open = Some(self.checked.department_open(department, self.situation.at));
        }
        found
    }

    /// The bot hears every line of the consumer in turn, as it would.
    async fn talk_to_bot(&self, turns: &[Turn]) -> Option<BotReply> {
        let mut conversation = self.conversation(&[]);
        conversation.state = input::State::Bot;
        let mut reply =
            self.chain.answer(self.call(), Arc::new(conversation), None, None).await.reply;
        for (index, turn) in turns.iter().enumerate().filter(|(_, turn)| turn.by == Side::Consumer)
        {
            let state = reply.as_ref().and_then(|reply| reply.state.as_deref()).map(Into::into);
            let mut conversation = self.conversation(&turns[..=index]);
            conversation.state = input::State::Bot;
            let message = Arc::new(self.message(index + 1, turn));
            reply = self
                .chain
                .answer(self.call(), Arc::new(conversation), Some(message), state)
                .await
                .reply;
        }
        reply
    }

    /// A case is measured by nobody.
    fn provenance(&self) -> Provenance<'_> {
        static NONE: BTreeMap<PluginId, u64> = BTreeMap::new();
        Provenance { tree: &self.checked.domain.tree, revisions: &NONE }
    }

    fn call(&self) -> input::Call {
        input::Call {
            call_id: format!("test {}", self.test.name),
            now_ms: self.situation.at.0,
            seed: 1,
            dry_run: true,
            directory: Arc::new(self.directory()),
            ..input::Call::default()
        }
    }

    fn conversation(&self, turns: &[Turn]) -> input::Conversation {
        let situation = self.situation;
        let at = situation.at;
        let mut facts = Vec::new();
        facts.push(known::WAITED_SECONDS.is((situation.waited_ms / 1_000) as f64));
        facts.push(known::TRANSFERS.is(0.0));
        if let Some(department) = &situation.department {
            facts.push(known::DEPARTMENT_OPEN_NOW.is(self.open(department)));
        }
        facts.push(known::CALENDARS_OPEN.are(&calendars_open(self.checked, at)));
        if let Some(language) = self.checked.desk.languages.first() {
            facts.push(known::DESK_LANGUAGE.is(language));
        }
        input::Conversation {
            id: "test".into(),
            channel: channel(situation.channel),
            state: input::State::Active,
            opened_at: at.0.saturating_sub(situation.waited_ms),
            department: situation.department.as_ref().map(|id| id.as_str().into()),
            agent: None,
            consumer: Arc::new(self.consumer()),
            classification: situation.classification.as_ref().map(|node| node.as_str().into()),
            recent: turns
                .iter()
                .enumerate()
                .map(|(n, turn)| Arc::new(self.message(n + 1, turn)))
                .collect(),
            total_messages: turns.len() as u32,
            facts,
        }
    }

    fn consumer(&self) -> input::Participant {
        let facts = self.situation.facts.iter();
        input::Participant {
            id: "test".into(),
            side: input::Side::Consumer,
            name: None,
            locale: self.checked.desk.languages.first().map(|language| language.as_str().into()),
            facts: facts.map(|(key, value)| fact(key, value)).collect(),
        }
    }

    fn message(&self, number: usize, turn: &Turn) -> input::Message {
        let author = match turn.by {
            Side::Consumer => Arc::new(self.consumer()),
            Side::Agent => Arc::new(recent::participant(&Author::Agent("test".into()))),
        };
        let at = self.situation.at;
        recent::message(MessageId(number as u128), at, author, &Body::text(turn.text.as_str()))
    }

    fn directory(&self) -> input::Directory {
        let departments = self.checked.domain.departments.iter().map(|(id, department)| {
            let state = self.situation.state.get(id).copied().unwrap_or_default();
            let name = department.name.values().next().map_or(id.as_str(), String::as_str);
            input::Department {
                id: id.as_str().into(),
                name: name.into(),
                open_now: self.open(id),
                waiting: state.waiting.unwrap_or(0),
                online_agents: state.online_agents.unwrap_or(1),
            }
        });
        input::Directory { departments: departments.collect(), agents: Vec::new() }
    }

    fn open(&self, department: &DepartmentId) -> bool {
        let stated = self.situation.state.get(department).and_then(|state| state.open);
        stated.unwrap_or_else(|| self.checked.department_open(department, self.situation.at))
    }
}

/// The suggestions that the desk would keep: active nodes in scope, above their thresholds; the best three.
pub(crate) fn admissible(
    checked: &Checked,
    department: Option<&DepartmentId>,
    suggestions: Vec<Suggestion>,
) -> Vec<Suggestion> {
    let tree = &checked.domain.tree;
    let fits = |suggestion: &Suggestion| {
        tree.nodes.get(&suggestion.node).is_some_and(|node| {
            let meant = node.departments.is_empty()
                || department.is_none_or(|id| node.departments.contains(id));
            node.active && meant && suggestion.confidence >= node.confidence.suggest
        })
    };
    suggestions.into_iter().filter(fits).take(3).collect()
}

/// The calendars that are open at an instant.
pub(crate) fn calendars_open(checked: &Checked, at: Millis) -> Vec<String> {
    let open: BTreeSet<&String> =
        checked.calendars.keys().filter(|id| checked.calendar_open(id, at)).collect();
    open.into_iter().cloned().collect()
}

impl Found {
    fn heard(&mut self, decisions: &[Decision]) {
        self.spoke.extend(decisions.iter().flat_map(verdict::spoke));
    }

    /// What was decided and with which words; not which plugin said what, nor by which of its settings.
    fn in_short(&self) -> String {
        let suggested: Vec<_> =
            self.suggestions.iter().map(|one| (one.node.as_str(), one.confidence)).collect();
        let text = self.text.as_ref().map(|(_, judgement, text)| (&judgement.verdict, text));
        let file = self.file.as_ref().map(|judgement| &judgement.verdict);
        let transfer = self.transfer.as_ref().map(|(_, outcome)| {
            let forbidden = outcome.forbidden.iter();
            let forbidden: Vec<_> =
                forbidden.map(|(target, why)| (target, &why.explanation.detail)).collect();
            let proposal = outcome.proposal.as_ref().map(|proposal| match proposal {
                Proposal::Stay(why) => (None, &why.explanation.detail),
                Proposal::MoveTo(target, why) => (Some(target), &why.explanation.detail),
            });
            (forbidden, proposal)
        });
        format!("{suggested:?} {text:?} {file:?} {transfer:?} {:?} {:?}", self.bot, self.open)
    }

    /// `None`: it holds. Otherwise what happened instead.
    fn mismatch(&self, expect: &Expect) -> Option<String> {
        match expect {
            Expect::Suggests(_) | Expect::SuggestsNot(_) | Expect::ConfidenceMin(_) => {
                self.suggestion(expect)
            }
            Expect::Sends(_) | Expect::Becomes(_) => self.sent(expect),
            Expect::Accepted(_) | Expect::Warned(_) | Expect::Refused(_) => self.verdict(expect),
            Expect::Allowed(_) | Expect::Denied(_) | Expect::MovedTo(_) | Expect::Stays(_) => {
                self.transferred(expect)
            }
            Expect::Open(wanted) => {
                let open = self.open?;
                (open != *wanted)
                    .then(|| if open { "it is open".into() } else { "it is closed".into() })
            }
            _ => self.said(expect),
        }
    }

    fn suggestion(&self, expect: &Expect) -> Option<String> {
        let nodes: Vec<&str> =
            self.suggestions.iter().map(|suggestion| suggestion.node.as_str()).collect();
        let instead = || match self.suggestions.as_slice() {
            [] => "nothing was suggested".to_owned(),
            some => {
                let list: Vec<String> = some
                    .iter()
                    .map(|one| format!("{} ({:.2})", one.node, one.confidence))
                    .collect();
                format!("suggested: {}", list.join(", "))
            }
        };
        let holds = match expect {
            Expect::Suggests(wanted) if wanted.is_empty() => nodes.is_empty(),
            Expect::Suggests(wanted) => {
                nodes.len() >= wanted.len()
                    && wanted.iter().zip(&nodes).all(|(a, b)| a.as_str() == *b)
            }
            Expect::SuggestsNot(unwanted) => {
                unwanted.iter().all(|node| !nodes.contains(&node.as_str()))
            }
            Expect::ConfidenceMin(least) => {
                self.suggestions.first().is_some_and(|first| f64::from(first.confidence) >= *least)
            }
            _ => true,
        };
        (!holds).then(instead)
    }

    fn sent(&self, expect: &Expect) -> Option<String> {
        let (written, judgement, text) = self.text.as_ref()?;
        let refused = matches!(judgement.verdict, Verdict::Deny { .. });
        let instead = || describe(&judgement.verdict, Some(text));
        let holds = match expect {
            Expect::Sends(wanted) => (!refused && text.as_ref() == written) == *wanted,
            Expect::Becomes(wanted) => !refused && text.as_ref() == wanted,
            _ => true,
        };
        (!holds).then(instead)
    }

    fn verdict(&self, expect: &Expect) -> Option<String> {
        let (judgement, text) = match (&self.file, &self.text) {
            (Some(judgement), _) => (judgement, None),
            (None, Some((_, judgement, text))) => (judgement, Some(text)),
            (None, None) => return None,
        };
        let holds = match (expect, &judgement.verdict) {
            (Expect::Accepted(wanted), verdict) => {
                !matches!(verdict, Verdict::Deny { .. }) == *wanted
            }
            (Expect::Warned(wanted), Verdict::Warn { code, detail })
            | (Expect::Refused(wanted), Verdict::Deny { code, detail }) => {
                because(wanted, code, detail)
            }
            (Expect::Warned(wanted) | Expect::Refused(wanted), _) => *wanted == Answer::No,
            _ => true,
        };
        (!holds).then(|| describe(&judgement.verdict, text))
    }

    fn transferred(&self, expect: &Expect) -> Option<String> {
        let (asked, outcome) = self.transfer.as_ref()?;
        let wanted = asked.to.as_ref().map(target);
        let against = wanted.as_ref().map(|target| outcome.why_not(target)).unwrap_or_default();
        let moved = match &outcome.proposal {
            Some(Proposal::MoveTo(target, _)) if Some(target) != wanted.as_ref() => Some(target),
            _ => None,
        };
        let stays = matches!(&outcome.proposal, Some(Proposal::Stay(_)));
        let denied = moved.is_none() && (!against.is_empty() || (stays && wanted.is_some()));
        let holds = match expect {
            Expect::Allowed(yes) => (!denied && moved.is_none()) == *yes,
            Expect::Denied(answer) => match answer {
                Answer::No => !denied,
                Answer::Yes => denied,
                Answer::Because(part) => {
                    let said =
                        |code: &str, detail: &str| code == part || detail.contains(part.as_str());
                    denied
                        && against
                            .iter()
                            .any(|why| said(&why.explanation.code, &why.explanation.detail))
                }
            },
            Expect::MovedTo(department) => {
                matches!(moved, Some(input::Target::Department(id)) if id.as_ref() == department.as_str())
            }
            Expect::Stays(yes) => (!denied && moved.is_none()) == *yes,
            _ => true,
        };
        (!holds).then(|| match (moved, against.first()) {
            (Some(target), _) => format!("it goes to {target:?}"),
            (None, Some(why)) => format!("it is denied: {}", why.explanation.detail),
            (None, None) if denied => "it has to stay".to_owned(),
            (None, None) => "nobody objects and nobody proposes anything".to_owned(),
        })
    }

    fn said(&self, expect: &Expect) -> Option<String> {
        let reply = self.bot.as_ref()?;
        let actions = reply.as_ref().map(|reply| reply.actions.as_slice()).unwrap_or_default();
        let texts: Vec<&str> = actions
            .iter()
            .filter_map(|action| match action {
                BotAction::Say(text) | BotAction::Choices(text, _) => Some(text.as_str()),
                _ => None,
            })
            .collect();
        let hands_over = actions.iter().find_map(|action| match action {
            BotAction::HandOver(department, _) => Some(department.clone()),
            _ => None,
        });
        let holds = match expect {
            Expect::Says(part) => texts.iter().any(|text| text.contains(part.as_str())),
            Expect::Choices(wanted) => actions.iter().any(|action| {
                matches!(action, BotAction::Choices(_, choices)
                    if choices.iter().map(|(title, _)| title).eq(wanted.iter()))
            }),
            Expect::HandsOver(wanted) => match (&hands_over, wanted) {
                (Some(_), None) => true,
                (Some(department), Some(wanted)) => department.as_deref() == Some(wanted.as_str()),
                (None, _) => false,
            },
            Expect::KeepsTalking => hands_over.is_none(),
            Expect::BotClassifies(node) => actions
                .iter()
                .any(|action| matches!(action, BotAction::Classify(said) if said == node.as_str())),
            Expect::Silent(yes) => actions.is_empty() == *yes,
            _ => true,
        };
        (!holds).then(|| {
            if actions.is_empty() {
                "the bot says nothing".into()
            } else {
                format!("the bot: {actions:?}")
            }
        })
    }
}

fn because(wanted: &Answer, code: &str, detail: &str) -> bool {
    match wanted {
        Answer::No => false,
        Answer::Yes => true,
        Answer::Because(part) => code == part || detail.contains(part.as_str()),
    }
}

fn describe(verdict: &Verdict, text: Option<&Arc<str>>) -> String {
    match (verdict, text) {
        (Verdict::Allow, None) => "it is accepted".to_owned(),
        (Verdict::Allow, Some(text)) => format!("it goes out as “{text}”"),
        (Verdict::Warn { code, detail }, _) => {
            format!("it goes through with a warning ({code}): {detail}")
        }
        (Verdict::Rewritten { .. }, text) => {
            format!("it becomes “{}”", text.map_or("", |text| text.as_ref()))
        }
        (Verdict::Deny { code, detail }, _) => format!("it is refused ({code}): {detail}"),
    }
}

fn attachment(file: &TestFile) -> input::Attachment {
    let mime = file.mime.clone().unwrap_or_else(|| "application/octet-stream".to_owned());
    input::Attachment {
        id: "test".into(),
        name: file.name.as_str().into(),
        mime: mime.into(),
        sniffed_mime: file.content_mime.as_deref().map(Into::into),
        bytes: file.bytes,
        sha256: None,
        facts: file.facts.iter().map(|(key, value)| fact(key, value)).collect(),
    }
}

fn fact(key: &str, value: &Fact) -> input::Fact {
    match value {
        Fact::Flag(flag) => input::Fact::flag(key, *flag),
        Fact::Number(number) => input::Fact::number(key, *number),
        Fact::Text(text) => input::Fact::text(key, text),
        Fact::Texts(texts) => input::Fact::texts(key, texts),
    }
}

fn target(target: &TestTarget) -> input::Target {
    match target {
        TestTarget::Department(id) => input::Target::Department(id.as_str().into()),
        TestTarget::Agent(id) => input::Target::Agent(id.as_str().into()),
        TestTarget::FirstContact => input::Target::FirstContact,
    }
}

fn trigger(name: &str) -> input::Trigger {
    match name {
        "classified" => input::Trigger::Classified,
        "agent-left" => input::Trigger::AgentLeft,
        "waited-too-long" => input::Trigger::WaitedTooLong,
        "agent-asked" => input::Trigger::AgentAsked,
        _ => input::Trigger::NewMessage,
    }
}

fn side(side: Side) -> input::Side {
    match side {
        Side::Consumer => input::Side::Consumer,
        Side::Agent => input::Side::Agent,
    }
}

fn channel(channel: Channel) -> input::Channel {
    crate::judge::view::channel(channel)
}
