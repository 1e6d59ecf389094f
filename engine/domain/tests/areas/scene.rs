//! The stage for the cases: a desk with two departments and a few people, moved by short lines of text.
//!
//! A line is `WHO VERB [WHAT]`; several are parted by `;`. Consumers are `zoe` and `yan`; a line of somebody else is
//! about Zoe's conversation unless it ends in `@yan`. `wait MS` lets time pass and ticks. `given` may not be refused.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use dialogo_domain::agent::{Presence, Role};
use dialogo_domain::command::{
    BotAction, ChosenFrom, JudgedAt, Target, TransferJudgement, TransferVerdict,
};
use dialogo_domain::desk::Profile;
use dialogo_domain::event::{AssignedBecause, Event};
use dialogo_domain::invariants;
use dialogo_domain::message::{Body, Channel};
use dialogo_domain::plugin::{Judgement, Suggestion, Verdict};
use dialogo_domain::rules::{DepartmentRules, TransferTargets};
use dialogo_domain::tree::{Confidence, Node, Tree};
use dialogo_domain::{
    Actor, AgentId, Command, CommandId, ConsumerId, Context, ConversationId, DepartmentId, Desk,
    Generation, MessageId, Millis, NodeId, Request, Rules, Step, step,
};
use expect_test::Expect;

const START: Millis = Millis(1_000_000);

/// A desk on which something can be played.
pub(crate) struct Scene {
    pub(crate) desk: Desk,
    pub(crate) rules: Rules,
    pub(crate) closed: BTreeSet<DepartmentId>,
    now: Millis,
    fresh: u128,
    last: Vec<Event>,
}

/// Plays `given` on a desk with these rules, then `when`, and compares what came of `when`.
pub(crate) fn check_with(change: impl FnOnce(&mut Rules), given: &str, when: &str, then: &Expect) {
    let mut scene = Scene::new(change);
    scene.given(given);
    then.assert_eq(&scene.play(when));
}

/// As [`check_with`], with the rules as they come.
pub(crate) fn check(given: &str, when: &str, then: &Expect) {
    check_with(|_| {}, given, when, then);
}

/// Billing has Ana and Bruno, Help has Carla and Bruno; Sofia supervises.
fn rules() -> Rules {
    let department = |members: &[&str]| DepartmentRules {
        members: members.iter().map(|name| AgentId::from(*name)).collect(),
        may_transfer_to: TransferTargets::All,
        ..DepartmentRules::default()
    };
    let departments =
        [("billing", department(&["ana", "bruno"])), ("help", department(&["bruno", "carla"]))]
            .map(|(k, v)| (k.into(), v));
    let node = |name: &str| Node {
        parent: name.split_once('.').map(|(parent, _)| parent.into()),
        name: BTreeMap::new(),
        active: name != "old",
        departments: if name == "tech" { ["help".into()].into() } else { BTreeSet::new() },
        channels: BTreeSet::new(),
        synonyms: Vec::new(),
        confidence: Confidence {
            apply: (name == "pay.sure").then_some(0.9),
            ..Confidence::default()
        },
    };
    let nodes = ["old", "pay", "pay.late", "pay.slip", "pay.sure", "tech"]
        .map(|name| (NodeId::from(name), node(name)));
    Rules {
        departments: departments.into(),
        tree: Tree { version: "v1".into(), nodes: nodes.into() },
        ..Rules::default()
    }
}

fn consumer(name: &str) -> Option<ConsumerId> {
    match name {
        "zoe" => Some(ConsumerId(1)),
        "yan" => Some(ConsumerId(2)),
        _ => None,
    }
}

impl Scene {
    pub(crate) fn new(change: impl FnOnce(&mut Rules)) -> Self {
        let mut rules = rules();
        change(&mut rules);
        let mut scene = Self {
            desk: Desk::default(),
            rules,
            closed: BTreeSet::new(),
            now: START,
            fresh: 100,
            last: Vec::new(),
        };
        scene.send(
            Actor::Engine,
            Command::ActivateRules {
                generation: Generation([1; 32]),
                summary: "first".into(),
                stepped_back: None,
            },
        );
        for (name, role) in [
            ("ana", Role::Agent),
            ("bruno", Role::Agent),
            ("carla", Role::Agent),
            ("root", Role::Admin),
            ("sofia", Role::Supervisor),
        ] {
            let command = Command::AddAccount {
                agent: name.into(),
                name: name.into(),
                role,
                password_hash: "$argon2id".into(),
            };
            scene.send(Actor::Operator, command);
        }
        scene
    }

    pub(crate) fn given(&mut self, script: &str) {
        for line in script.split(';').map(str::trim).filter(|line| !line.is_empty()) {
            let said = self.line(line);
            assert!(!said.starts_with("refused"), "`{line}`: {said}");
        }
    }

    pub(crate) fn play(&mut self, script: &str) -> String {
        script.split(';').map(str::trim).map(|line| self.line(line)).collect()
    }

    /// The events of one line.
    pub(crate) fn events(&mut self, line: &str) -> Vec<Event> {
        self.last.clear();
        self.line(line);
        std::mem::take(&mut self.last)
    }

    fn fresh(&mut self) -> u128 {
        self.fresh += 1;
        self.fresh
    }

    pub(crate) fn context(&self) -> Context<'_> {
        Context { now: self.now, rules: &self.rules, closed: &self.closed, recalled: None, dice: 0 }
    }

    pub(crate) fn conversation(&self, consumer: u128) -> ConversationId {
        let known = self.desk.consumers.get(&ConsumerId(consumer)).and_then(|it| it.conversation);
        known.unwrap_or(ConversationId(0))
    }

    /// Sends one command and says what came of it.
    pub(crate) fn send(&mut self, actor: Actor, command: Command) -> String {
        self.send_as(None, actor, command)
    }

    pub(crate) fn send_as(
        &mut self,
        id: Option<CommandId>,
        actor: Actor,
        command: Command,
    ) -> String {
        let request = Request { id, actor, command };
        let ctx = Context {
            now: self.now,
            rules: &self.rules,
            closed: &self.closed,
            recalled: None,
            dice: 0,
        };
        let answer = step(&mut self.desk, &request, &ctx);
        invariants::check(&self.desk, &self.rules).unwrap();
        match answer {
            Ok(Step::Committed(commit)) => {
                invariants::check_commit(&self.desk, &self.rules, &commit).unwrap();
                self.last.clone_from(&commit.events);
                commit.events.iter().fold(String::new(), |mut text, event| {
                    if !matches!(event, Event::TimerSet { .. }) {
                        writeln!(text, "{}", show(event)).unwrap();
                    }
                    text
                })
            }
            Ok(Step::Answered(_)) => "answered before\n".into(),
            Ok(Step::Nothing) => "nothing\n".into(),
            Err(refusal) => format!("refused: {refusal:?}\n"),
        }
    }

    fn line(&mut self, line: &str) -> String {
        let (line, named) = match line.split_once('@') {
            Some((line, name)) => (line.trim(), consumer(name)),
            None => (line, None),
        };
        let words: Vec<&str> = line.split_whitespace().collect();
        let about = named.or(consumer(words[0])).unwrap_or(ConsumerId(1));
        let conversation = self.conversation(about.0);
        let actor = match (words[0], consumer(words[0])) {
            (_, Some(consumer)) => Actor::Consumer(consumer),
            ("bot", _) => Actor::Bot,
            ("wait" | "suggest" | "engine", _) => Actor::Engine,
            (agent, _) => Actor::Agent(agent.into()),
        };
        if words[0] == "wait" {
            self.now = self.now.plus(words[1].parse().unwrap());
            return self.send(actor, Command::Tick);
        }
        let command = self.command(&words, conversation, about);
        let actor = match command {
            Command::AgentConnection { .. } | Command::ConsumerConnection { .. } => Actor::Engine,
            _ => actor,
        };
        self.send(actor, command)
    }

    fn command(
        &mut self,
        words: &[&str],
        conversation: ConversationId,
        consumer: ConsumerId,
    ) -> Command {
        let who = AgentId::from(words[0]);
        let what = words.get(2).copied();
        let presence = |presence| Command::SetPresence { agent: words[0].into(), presence };
        match words[1] {
            "starts" => Command::StartConversation {
                conversation: ConversationId(self.fresh()),
                consumer,
                channel: Channel::Web,
                profile: Profile::default(),
                department: what.filter(|it| *it != "bot").map(DepartmentId::from),
                bot: what == Some("bot"),
            },
            "writes" | "curses" => self.message(words[1] == "curses", what, conversation),
            "connects" | "disconnects" => {
                Command::ConsumerConnection { conversation, connected: words[1] == "connects" }
            }
            "rates" => Command::Rate {
                conversation,
                stars: what.unwrap().parse().unwrap(),
                comment: "".into(),
            },
            "online" => presence(Presence::Online),
            "busy" => presence(Presence::Busy { reason: "lunch".into() }),
            "offline" => presence(Presence::Offline),
            "drops" | "returns" => {
                Command::AgentConnection { agent: who, connected: words[1] == "returns" }
            }
            "limits" => {
                Command::SetOwnLimit { agent: who, limit: what.map(|it| it.parse().unwrap()) }
            }
            "accepts" => Command::AcceptOffer { conversation },
            "declines" => Command::DeclineOffer { conversation },
            "claims" => Command::Claim { conversation },
            "assigns" => Command::Assign { conversation, agent: what.unwrap().into() },
            "removes" => Command::RemoveAccount { agent: what.unwrap().into() },
            "holds" => Command::Hold { conversation },
            "resumes" => Command::Resume { conversation },
            "notes" => Command::AddNote {
                conversation,
                message: MessageId(self.fresh()),
                text: "look".into(),
            },
            "reads" => {
                let number = what.unwrap().parse().unwrap();
                Command::MarkRead { conversation, delivered: number, read: number }
            }
            "closes" => Command::Close {
                conversation,
                classify: what.map(|node| (node.into(), ChosenFrom::Tree)),
            },
            "undoes" => Command::UndoClose { conversation },
            "waives" => Command::WaiveClassification { conversation },
            "classifies" => Command::Classify {
                conversation,
                node: what.unwrap().into(),
                from: ChosenFrom::Tree,
            },
            "takes" => {
                let (node, set) = what.unwrap().split_once('#').unwrap();
                let from = ChosenFrom::Suggestion { set: set.parse().unwrap() };
                Command::Classify { conversation, node: node.into(), from }
            }
            "sees" => {
                Command::MarkSuggestionsShown { conversation, set: what.unwrap().parse().unwrap() }
            }
            "transfers" | "forbidden" | "redirected" => transfer(words, conversation),
            "says" | "hands" | "ends" => self.bot(words, conversation),
            _ if words[0] == "suggest" => Command::Suggest {
                conversation,
                suggestions: words[1..].iter().map(|it| suggestion(it)).collect(),
                decisions: Vec::new(),
                judged_at: JudgedAt { generation: self.desk.generation, version: None },
            },
            other => panic!("`{other}` is no verb"),
        }
    }

    fn message(
        &mut self,
        refused: bool,
        what: Option<&str>,
        conversation: ConversationId,
    ) -> Command {
        let verdict = if refused {
            Verdict::Deny { code: "rude".into(), detail: "no".into() }
        } else {
            Verdict::Allow
        };
        let id = match what.map(str::parse) {
            Some(Ok(id)) => id,
            _ => self.fresh(),
        };
        Command::SendMessage {
            conversation,
            message: MessageId(id),
            body: Body::text("hello"),
            judgement: Judgement { verdict, decisions: Vec::new() },
            judged_at: (what == Some("stale"))
                .then_some(JudgedAt { generation: self.desk.generation, version: Some(0) }),
            fresh: ConversationId(self.fresh()),
            bot: false,
        }
    }

    fn bot(&mut self, words: &[&str], conversation: ConversationId) -> Command {
        let action = match words[1] {
            "says" => BotAction::Say {
                message: MessageId(self.fresh()),
                text: "which?".into(),
                choices: Vec::new(),
            },
            "hands" => BotAction::HandOver(words.get(2).map(|it| DepartmentId::from(*it))),
            _ => BotAction::Close,
        };
        let version = self.desk.conversations.get(&conversation).map_or(0, |it| it.version);
        let (actions, decisions) = (vec![action], Vec::new());
        Command::AnswerAsBot { conversation, actions, state: None, decisions, version }
    }
}

/// `ana transfers help`, `ana transfers to bruno`, `ana transfers first`.
fn transfer(words: &[&str], conversation: ConversationId) -> Command {
    let target = match &words[2..] {
        ["first"] => Target::FirstContact,
        ["to", agent] => Target::Agent((*agent).into()),
        [department] => Target::Department((*department).into()),
        other => panic!("{other:?} is no target"),
    };
    let verdict = match words[1] {
        "forbidden" => TransferVerdict::Deny { code: "hours".into(), because: "too late".into() },
        "redirected" => TransferVerdict::Redirect {
            target: Target::Agent("bruno".into()),
            because: "better".into(),
        },
        _ => TransferVerdict::Allow,
    };
    let judgement = TransferJudgement { verdict, decisions: Vec::new() };
    Command::Transfer { conversation, target, note: "".into(), judgement, judged_at: None }
}

fn suggestion(text: &str) -> Suggestion {
    let (node, confidence) = text.split_once('=').unwrap();
    Suggestion {
        node: node.into(),
        confidence: confidence.parse().unwrap(),
        plugins: Vec::new(),
        evidence: Vec::new(),
    }
}

/// An event in one line, without what every case would repeat.
fn show(event: &Event) -> String {
    match event {
        Event::ConversationStarted { previous, bot, .. } => {
            format!(
                "started{}{}",
                if *bot { " with bot" } else { "" },
                if previous.is_some() { ", linked" } else { "" }
            )
        }
        Event::ConversationQueued { department, waiting_since, why, .. } => {
            format!("queued in {department}, waiting since {}: {why:?}", waiting_since.since(START))
        }
        Event::ConversationOffered { agent, why, .. } => {
            format!("offered to {agent}: {}", because(why))
        }
        Event::ConversationAssigned { agent, department, why, over_limit, .. } => {
            let over =
                over_limit.map(|load| format!(", over the limit with {load}")).unwrap_or_default();
            format!("assigned to {agent} in {department}: {}{over}", because(why))
        }
        Event::OfferPassed { agent, timed_out, .. } => {
            format!("passed by {agent}, timed out: {timed_out}")
        }
        Event::ConversationResumed { over_limit, .. } => {
            format!("resumed, over the limit: {over_limit:?}")
        }
        Event::MessageSent { number, author, .. } => format!("message {number} by {author:?}"),
        Event::MessageRefused { author, code, .. } => {
            format!("message refused by {author:?}: {code}")
        }
        Event::NoteAdded { number, agent, .. } => format!("note {number} by {agent}"),
        Event::ReadMarked { by_consumer, read, .. } => {
            format!("read up to {read}, by the consumer: {by_consumer}")
        }
        Event::ConversationTransferred {
            from_agent, to_department, to_agent, waits_until, ..
        } => {
            let until = waits_until.map(|at| at.since(START));
            format!(
                "transferred from {from_agent:?} to {to_department} {to_agent:?}, waits until {until:?}"
            )
        }
        Event::ConversationClassified { chosen, is_final, from_set, .. } => {
            let by = chosen.by.as_ref().map_or("the desk", AgentId::as_str);
            format!(
                "classified as {} by {by}, final: {is_final}, from set: {from_set:?}",
                chosen.node
            )
        }
        Event::ClassificationSuggested { set, suggestions, .. } => {
            let items: Vec<_> =
                suggestions.iter().map(|it| format!("{} {}", it.node, it.confidence)).collect();
            format!("suggested, set {set}: {}", items.join(", "))
        }
        Event::SuggestionsSettled { set, outcome, .. } => format!("set {set}: {outcome:?}"),
        Event::ConversationClosed { by, .. } => format!("closed by {by:?}"),
        Event::ConversationReopened { undone, .. } => format!("reopened, undone: {undone}"),
        Event::PresenceChanged { agent, presence } => format!("{agent} is {presence:?}"),
        other => {
            let text = format!("{other:?}");
            text.split([' ', '{']).next().unwrap_or_default().to_owned()
        }
    }
}

fn because(why: &AssignedBecause) -> String {
    match why {
        AssignedBecause::Routed { rule, skipped, .. } => format!("{rule:?}, skipped {skipped:?}"),
        other => format!("{other:?}"),
    }
}
