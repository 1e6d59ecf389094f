//! Seeded simulation of the desk: random commands (also wrong ones, repeated ones and stale ones), rule changes, agents
//! who drop off and time that passes; every invariant after every step; a replica that only replays the commits and has
//! to stay equal; and at the end liveness: with agents there, everybody is served.
//!
//! `SIM_RUNS` says how many seeds are run (300), `SIM_SEED` runs one alone. A failure prints the seed and the last
//! commands. There is no dependency on a random number crate: the same seed is the same run for ever.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use dialogo_domain::PluginId;
use dialogo_domain::agent::{Presence, Role};
use dialogo_domain::apply::{apply, begin};
use dialogo_domain::command::{
    BotAction, ChosenFrom, JudgedAt, Target, TransferJudgement, TransferVerdict,
};
use dialogo_domain::conversation::{Conversation, State};
use dialogo_domain::desk::Profile;
use dialogo_domain::invariants;
use dialogo_domain::message::{Attachment, Body, Channel};
use dialogo_domain::plugin::{Judgement, SteppedBack, Suggestion, Verdict};
use dialogo_domain::rules::{
    DepartmentRules, DeskRules, FinishPolicy, FullAgent, OfferMode, TransferTargets, WhenClosed,
    WhenFull,
};
use dialogo_domain::tree::{Confidence, Node, Tree};
use dialogo_domain::{
    Actor, AgentId, AttachmentId, Command, CommandId, Commit, ConsumerId, Context, ConversationId,
    DepartmentId, Desk, Event, Generation, MessageId, Millis, NodeId, Position, Refusal, Request,
    Rules, Step, step,
};

const STEPS_PER_RUN: usize = 250;
const AGENTS: [&str; 6] = ["ana", "bruno", "carla", "davi", "eva", "fabio"];
const DEPARTMENTS: [&str; 4] = ["billing", "help", "ombudsman", "sales"];
const NODES: [&str; 6] = ["old", "pay", "pay.late", "pay.twice", "tech", "tech.app"];
const START: Millis = Millis(1_700_000_000_000);

/// `SplitMix64`: small, and good enough to choose commands.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len() as u64) as usize]
    }

    fn id(&mut self) -> u128 {
        u128::from(self.next()) << 64 | u128::from(self.next())
    }
}

/// A desk under test with everything around it that a shell would have.
struct World {
    dice: Dice,
    desk: Desk,
    /// Only replays the commits.
    replica: Desk,
    rules: Rules,
    closed: BTreeSet<DepartmentId>,
    now: Millis,
    /// What the views would keep of cold conversations.
    cold: BTreeMap<ConversationId, Conversation>,
    consumers: Vec<ConsumerId>,
    conversations: Vec<ConversationId>,
    /// Messages that were answered, with the request and the answer.
    sent: Vec<(Request, Position)>,
    commands: Vec<(Request, Position)>,
    log: Vec<String>,
    seen: Seen,
}

impl World {
    fn new(seed: u64) -> Self {
        let mut dice = Dice(seed);
        let rules = rules(&mut dice);
        let consumers = (0..8).map(|_| ConsumerId(dice.id())).collect();
        Self {
            dice,
            desk: Desk::default(),
            replica: Desk::default(),
            rules,
            closed: BTreeSet::new(),
            now: START,
            cold: BTreeMap::new(),
            consumers,
            conversations: Vec::new(),
            sent: Vec::new(),
            commands: Vec::new(),
            log: Vec::new(),
            seen: Seen::new(),
        }
    }

    fn run(&mut self) -> Result<(), String> {
        self.open()?;
        for _ in 0..STEPS_PER_RUN {
            self.pass_time();
            match self.dice.below(20) {
                0 => self.resend_command()?,
                1 => self.resend_message()?,
                2 => self.change_rules()?,
                _ => {
                    let request = self.random_request();
                    self.send(&request).map(drop)?;
                }
            }
        }
        self.liveness()?;
        if self.desk != self.replica {
            return Err("the replica differs at the end".into());
        }
        Ok(())
    }

    fn open(&mut self) -> Result<(), String> {
        self.activate()?;
        for (name, role) in [("root", Role::Admin), ("sofia", Role::Supervisor)] {
            self.add_account(name, role)?;
        }
        for name in AGENTS {
            self.add_account(name, Role::Agent)?;
        }
        Ok(())
    }

    fn add_account(&mut self, name: &str, role: Role) -> Result<(), String> {
        let (agent, name, password_hash) =
            (AgentId::from(name), Arc::from(name), Arc::from("$argon2id$"));
        let command = Command::AddAccount { agent, name, role, password_hash };
        self.send(&Request { id: None, actor: Actor::Operator, command }).map(drop)
    }

    fn activate(&mut self) -> Result<(), String> {
        let generation = Generation(std::array::from_fn(|_| self.dice.next() as u8));
        let stepped_back = self.dice.one_in(4).then(|| SteppedBack {
            plugin: PluginId::from("keywords"),
            revision: 7,
            right: 3,
            of: 10,
            min_precision: 0.5,
        });
        let command =
            Command::ActivateRules { generation, summary: "changed".into(), stepped_back };
        self.send(&Request { id: None, actor: Actor::Engine, command }).map(drop)
    }

    fn change_rules(&mut self) -> Result<(), String> {
        self.rules = rules(&mut self.dice);
        self.activate()
    }

    fn pass_time(&mut self) {
        let ms = match self.dice.below(40) {
            0 => 3_600_000 * self.dice.below(60),
            1..=5 => 1000 * self.dice.below(600),
            6..=20 => self.dice.below(20_000),
            _ => self.dice.below(3),
        };
        self.now = self.now.plus(ms);
        if self.dice.one_in(10) {
            let department = DepartmentId::from(*self.dice.pick(&DEPARTMENTS));
            if !self.closed.remove(&department) {
                self.closed.insert(department);
            }
        }
    }

    /// Sends a request and checks everything that has to hold afterwards.
    fn send(&mut self, request: &Request) -> Result<Result<Step, Refusal>, String> {
        self.log.push(format!("{} {request:?}", self.now));
        let about = about(&request.command);
        let recalled = about.and_then(|id| self.cold.get(&id)).cloned();
        let dice = self.dice.next();
        let ctx = Context {
            now: self.now,
            rules: &self.rules,
            closed: &self.closed,
            recalled: recalled.as_ref(),
            dice,
        };
        let answer = step(&mut self.desk, request, &ctx);
        match &answer {
            Ok(Step::Committed(commit)) => {
                self.follow(commit);
                invariants::check(&self.desk, &self.rules)
                    .map_err(|problem| format!("{problem}\nafter {commit:#?}"))?;
                invariants::check_commit(&self.desk, &self.rules, commit)?;
                self.remember(request, commit);
            }
            Ok(Step::Answered(_) | Step::Nothing) => {}
            Err(refusal) => {
                *self.seen.entry(name(refusal)).or_default() += 1;
                self.log.push(format!("    refused: {refusal:?}"));
            }
        }
        if (answer.is_err() || self.dice.one_in(8)) && self.desk != self.replica {
            return Err(format!("the replica differs after {answer:?}"));
        }
        Ok(answer)
    }

    fn follow(&mut self, commit: &Commit) {
        begin(&mut self.replica, &commit.stamp);
        for event in &commit.events {
            if let Event::ConversationWentCold { conversation } = event {
                let gone = self.replica.conversations[conversation].clone();
                self.cold.insert(*conversation, gone);
            }
            if let Event::ConversationStarted { conversation, .. } = event {
                self.conversations.push(*conversation);
            }
            apply(&mut self.replica, event);
            *self.seen.entry(name(event)).or_default() += 1;
        }
    }

    fn remember(&mut self, request: &Request, commit: &Commit) {
        let position = commit.stamp.position;
        if request.id.is_some() {
            // Answers are kept for two days; what is resent later is decided anew.
            self.commands.retain(|(older, _)| older.id != request.id);
            self.commands.push((request.clone(), position));
        }
        if let Command::SendMessage { message, .. } = &request.command {
            // A message that was led on to a later conversation, and is resent when that has gone cold, is new.
            self.sent.retain(|(older, _)| !matches!(&older.command, Command::SendMessage { message: it, .. } if it == message));
            self.sent.push((request.clone(), position));
        }
    }

    /// The same command id gets the same answer, for two days.
    fn resend_command(&mut self) -> Result<(), String> {
        if self.commands.is_empty() {
            return Ok(());
        }
        let (request, position) = self.dice.pick(&self.commands).clone();
        let kept = self.desk.answers.contains_key(&request.id.unwrap_or(CommandId(0)));
        let answer = self.send(&request)?;
        if kept && answer != Ok(Step::Answered(position)) {
            return Err(format!("resent, expected the answer of {position}, got {answer:?}"));
        }
        Ok(())
    }

    /// The same message id gets the same answer, as long as its sender is who it was.
    fn resend_message(&mut self) -> Result<(), String> {
        if self.sent.is_empty() {
            return Ok(());
        }
        let (mut request, position) = self.dice.pick(&self.sent).clone();
        request.id = None;
        let Command::SendMessage { conversation, message, .. } = &request.command else {
            return Ok(());
        };
        let holds = |it: &Conversation| it.messages.contains(*message);
        let there =
            self.desk.conversations.get(conversation).or_else(|| self.cold.get(conversation));
        let there = there.is_some_and(holds);
        let message = *message;
        let answer = self.send(&request)?;
        match answer {
            Ok(Step::Answered(at)) if at == position => Ok(()),
            // Not visible to its sender any more, or begun anew elsewhere and that went cold.
            Err(Refusal::ConversationUnknown(_)) => Ok(()),
            answer if there => {
                Err(format!("message {message} resent, expected {position}, got {answer:?}"))
            }
            _ => Ok(()),
        }
    }

    fn random_request(&mut self) -> Request {
        let command = self.random_command();
        let actor = self.actor_for(&command);
        let id = self.dice.one_in(3).then(|| CommandId(self.dice.id()));
        Request { id, actor, command }
    }

    /// Mostly somebody who may, sometimes anybody.
    fn actor_for(&mut self, command: &Command) -> Actor {
        if self.dice.one_in(12) {
            return self.anybody();
        }
        let conversation = about(command).and_then(|id| self.desk.conversations.get(&id));
        let has_it = conversation.and_then(|it| it.agent.clone()).map(Actor::Agent);
        let consumer = conversation.map(|it| Actor::Consumer(it.consumer));
        match command {
            Command::ActivateRules { .. }
            | Command::AgentConnection { .. }
            | Command::ConsumerConnection { .. }
            | Command::Suggest { .. }
            | Command::Tick => Actor::Engine,
            Command::AnswerAsBot { .. } => Actor::Bot,
            Command::AddAccount { .. }
            | Command::RemoveAccount { .. }
            | Command::ChangePassword { .. } => Actor::Operator,
            Command::SetPresence { agent, .. } | Command::SetOwnLimit { agent, .. } => {
                Actor::Agent(agent.clone())
            }
            Command::StartConversation { consumer, .. } => Actor::Consumer(*consumer),
            Command::Rate { .. } => consumer.unwrap_or(Actor::Bot),
            Command::Assign { .. } | Command::WaiveClassification { .. } => {
                Actor::Agent("sofia".into())
            }
            Command::SendMessage { .. } | Command::MarkRead { .. } | Command::Close { .. } => {
                let who = if self.dice.one_in(2) { consumer } else { has_it };
                who.unwrap_or_else(|| self.anybody())
            }
            Command::Claim { .. } => Actor::Agent((*self.dice.pick(&AGENTS)).into()),
            _ => has_it.unwrap_or_else(|| Actor::Agent("sofia".into())),
        }
    }

    fn anybody(&mut self) -> Actor {
        match self.dice.below(8) {
            0 => Actor::Bot,
            1 => Actor::Engine,
            2 => Actor::Operator,
            3 => Actor::Agent("nobody".into()),
            4 => Actor::Agent("sofia".into()),
            5 => Actor::Consumer(*self.dice.pick(&self.consumers)),
            _ => Actor::Agent((*self.dice.pick(&AGENTS)).into()),
        }
    }

    fn conversation(&mut self) -> ConversationId {
        if self.conversations.is_empty() || self.dice.one_in(50) {
            return ConversationId(self.dice.id());
        }
        // Mostly the later ones, which are open.
        let last = self.conversations.len() as u64;
        let from = if self.dice.one_in(4) { 0 } else { last.saturating_sub(8) };
        self.conversations[(from + self.dice.below(last - from)) as usize]
    }

    fn agent(&mut self) -> AgentId {
        (*self.dice.pick(&AGENTS)).into()
    }

    fn department(&mut self) -> DepartmentId {
        if self.dice.one_in(20) { "nowhere".into() } else { (*self.dice.pick(&DEPARTMENTS)).into() }
    }

    fn node(&mut self) -> NodeId {
        if self.dice.one_in(20) { "nothing".into() } else { (*self.dice.pick(&NODES)).into() }
    }

    fn judged_at(&mut self, conversation: ConversationId) -> JudgedAt {
        let version = self.desk.conversations.get(&conversation).map(|it| it.version);
        let generation =
            if self.dice.one_in(20) { Generation([7; 32]) } else { self.desk.generation };
        JudgedAt { generation, version: if self.dice.one_in(10) { Some(1) } else { version } }
    }

    fn random_command(&mut self) -> Command {
        let conversation = self.conversation();
        match self.dice.below(100) {
            0..8 => self.start(),
            8..34 => self.message(conversation),
            34..37 => {
                let presence = match self.dice.below(5) {
                    0 => Presence::Offline,
                    1 => Presence::Busy { reason: "lunch".into() },
                    _ => Presence::Online,
                };
                Command::SetPresence { agent: self.agent(), presence }
            }
            37..40 => {
                let agent = self.agent();
                let presence = Presence::Online;
                Command::SetPresence { agent, presence }
            }
            40..44 => {
                Command::AgentConnection { agent: self.agent(), connected: self.dice.one_in(2) }
            }
            44 => {
                let limit = (!self.dice.one_in(3)).then(|| self.dice.below(6) as u32);
                Command::SetOwnLimit { agent: self.agent(), limit }
            }
            45..48 => Command::ConsumerConnection { conversation, connected: self.dice.one_in(2) },
            48..51 => Command::MarkRead {
                conversation,
                delivered: self.dice.below(12) as u32,
                read: self.dice.below(12) as u32,
            },
            51 => Command::AddNote {
                conversation,
                message: MessageId(self.dice.id()),
                text: "note".into(),
            },
            52 => Command::RefuseAttachment {
                conversation,
                message: MessageId(self.dice.id()),
                attachment: file(),
                judgement: denial(),
            },
            53..58 => self.bot_answer(conversation),
            58..63 => Command::AcceptOffer { conversation },
            63 => Command::DeclineOffer { conversation },
            64..66 => Command::Claim { conversation },
            66 => Command::Assign { conversation, agent: self.agent() },
            67..70 => Command::Hold { conversation },
            70..72 => Command::Resume { conversation },
            72..77 => self.transfer(conversation),
            77..80 => Command::Classify {
                conversation,
                node: self.node(),
                from: self.chosen_from(conversation),
            },
            80 => Command::WaiveClassification { conversation },
            81..84 => self.suggest(conversation),
            84 => Command::MarkSuggestionsShown { conversation, set: self.dice.below(3) as u32 },
            85..91 => {
                let node = self.node();
                let from = self.chosen_from(conversation);
                Command::Close {
                    conversation,
                    classify: self.dice.one_in(2).then_some((node, from)),
                }
            }
            91 => Command::UndoClose { conversation },
            92 => Command::Rate {
                conversation,
                stars: self.dice.below(7) as u8,
                comment: "ok".into(),
            },
            93 if self.dice.one_in(3) => Command::RemoveAccount { agent: self.agent() },
            94 => Command::AddAccount {
                agent: self.agent(),
                name: "back".into(),
                role: Role::Agent,
                password_hash: "$".into(),
            },
            _ => Command::Tick,
        }
    }

    fn start(&mut self) -> Command {
        Command::StartConversation {
            conversation: ConversationId(self.dice.id()),
            consumer: *self.dice.pick(&self.consumers),
            channel: if self.dice.one_in(4) { Channel::Email } else { Channel::Web },
            profile: Profile { name: Some("Zoe".into()), ..Profile::default() },
            department: self.dice.one_in(2).then(|| self.department()),
            bot: self.dice.one_in(2),
        }
    }

    fn message(&mut self, conversation: ConversationId) -> Command {
        let judgement = if self.dice.one_in(10) { denial() } else { Judgement::default() };
        let text = if self.dice.one_in(30) { "x".repeat(20_000) } else { "hello".into() };
        Command::SendMessage {
            conversation,
            message: MessageId(self.dice.id()),
            body: Body::text(text),
            judgement,
            judged_at: self.dice.one_in(3).then(|| self.judged_at(conversation)),
            fresh: ConversationId(self.dice.id()),
            bot: self.dice.one_in(3),
        }
    }

    fn bot_answer(&mut self, conversation: ConversationId) -> Command {
        let message = MessageId(self.dice.id());
        let mut actions =
            vec![BotAction::Say { message, text: "which department?".into(), choices: Vec::new() }];
        match self.dice.below(5) {
            0 => actions.push(BotAction::Classify(self.node())),
            1 => actions.push(BotAction::HandOver(None)),
            2 => actions.push(BotAction::HandOver(Some(self.department()))),
            3 => actions.push(BotAction::Close),
            _ => {}
        }
        let version = self.judged_at(conversation).version.unwrap_or(1);
        Command::AnswerAsBot {
            conversation,
            actions,
            state: Some(Arc::from([1u8, 2])),
            decisions: Vec::new(),
            version,
        }
    }

    fn transfer(&mut self, conversation: ConversationId) -> Command {
        let target = self.target();
        let verdict = match self.dice.below(10) {
            0 => TransferVerdict::Deny { code: "no".into(), because: "not there".into() },
            1 => {
                TransferVerdict::Redirect { target: self.target(), because: "better there".into() }
            }
            _ => TransferVerdict::Allow,
        };
        let judgement = TransferJudgement { verdict, decisions: Vec::new() };
        let judged_at = self.dice.one_in(3).then(|| self.judged_at(conversation));
        Command::Transfer { conversation, target, note: "please".into(), judgement, judged_at }
    }

    fn target(&mut self) -> Target {
        match self.dice.below(5) {
            0 => Target::FirstContact,
            1 | 2 => Target::Agent(self.agent()),
            _ => Target::Department(self.department()),
        }
    }

    fn chosen_from(&mut self, conversation: ConversationId) -> ChosenFrom {
        let set = self.desk.conversations.get(&conversation).map_or(0, |it| it.suggestions.set);
        if self.dice.one_in(3) { ChosenFrom::Suggestion { set } } else { ChosenFrom::Tree }
    }

    fn suggest(&mut self, conversation: ConversationId) -> Command {
        let suggestions = (0..self.dice.below(6))
            .map(|_| Suggestion {
                node: self.node(),
                confidence: if self.dice.one_in(30) {
                    f32::NAN
                } else {
                    self.dice.below(101) as f32 / 100.0
                },
                plugins: vec!["keywords".into()],
                evidence: vec!["late".into()],
            })
            .collect();
        let judged_at = self.judged_at(conversation);
        Command::Suggest { conversation, suggestions, decisions: Vec::new(), judged_at }
    }

    /// With everybody there and time passing, nobody is left waiting.
    fn liveness(&mut self) -> Result<(), String> {
        self.rules = rules(&mut self.dice);
        self.rules.desk.limit = 4;
        for (id, department) in &mut self.rules.departments {
            department.members = AGENTS.iter().map(|name| AgentId::from(*name)).collect();
            assert!(!id.as_str().is_empty(), "departments have names");
        }
        self.activate()?;
        for name in AGENTS {
            self.add_account(name, Role::Agent)?;
            let (agent, presence) = (AgentId::from(name), Presence::Online);
            let command = Command::SetPresence { agent: agent.clone(), presence };
            self.send(&Request { id: None, actor: Actor::Agent(agent), command })?
                .map_err(|it| format!("{it:?}"))?;
        }
        for _ in 0..200 {
            self.now = self.now.plus(1000);
            self.send(&Request { id: None, actor: Actor::Engine, command: Command::Tick })?
                .map_err(|it| format!("{it:?}"))?;
            let open: Vec<_> = self
                .desk
                .conversations
                .values()
                .filter(|it| it.state != State::Closed)
                .cloned()
                .collect();
            if open.is_empty() {
                return Ok(());
            }
            for it in open {
                self.serve(&it)?;
            }
        }
        let left: Vec<_> =
            self.desk.conversations.values().filter(|it| it.state != State::Closed).collect();
        Err(format!("never served: {left:#?}"))
    }

    /// What a diligent agent or bot does. It may come to nothing: then there is a next time.
    fn serve(&mut self, it: &Conversation) -> Result<(), String> {
        let conversation = it.id;
        let (actor, command) = match (it.state, &it.agent) {
            (State::Bot, _) => (
                Actor::Bot,
                Command::AnswerAsBot {
                    conversation,
                    actions: vec![BotAction::HandOver(None)],
                    state: None,
                    decisions: Vec::new(),
                    version: it.version,
                },
            ),
            (State::Offered, Some(agent)) => {
                (Actor::Agent(agent.clone()), Command::AcceptOffer { conversation })
            }
            (State::Active | State::OnHold, Some(agent)) => {
                let node = NodeId::from("tech");
                (
                    Actor::Agent(agent.clone()),
                    Command::Close { conversation, classify: Some((node, ChosenFrom::Tree)) },
                )
            }
            _ => return Ok(()),
        };
        let answer = self.send(&Request { id: None, actor, command })?;
        match answer {
            Err(Refusal::WrongState { .. }) | Ok(_) => Ok(()),
            Err(refusal) => Err(format!("could not serve {it:?}: {refusal:?}")),
        }
    }
}

fn denial() -> Judgement {
    Judgement {
        verdict: Verdict::Deny { code: "emoji".into(), detail: "not here".into() },
        decisions: Vec::new(),
    }
}

fn file() -> Attachment {
    Attachment {
        id: AttachmentId(1),
        name: "virus.exe".into(),
        mime: "application/x-dosexec".into(),
        bytes: 3,
        sha256: [0; 32],
        warning: None,
    }
}

fn rules(dice: &mut Dice) -> Rules {
    let mut departments = BTreeMap::new();
    for name in DEPARTMENTS {
        // Now and then a department is missing, but never the second one.
        if name == "help" || !dice.one_in(6) {
            departments.insert(DepartmentId::from(name), department(dice));
        }
    }
    let timeout = |dice: &mut Dice| dice.one_in(2).then(|| 1000 * (1 + dice.below(900)));
    let desk = DeskRules {
        limit: 1 + dice.below(4) as u32,
        agents_may_lower_limit: !dice.one_in(4),
        finish: *dice.pick(&[FinishPolicy::Off, FinishPolicy::Remind, FinishPolicy::Require]),
        idle_timeout_ms: timeout(dice),
        connection_timeout_ms: timeout(dice),
        grace_ms: dice.below(60_000),
        sticky_ms: dice.below(300_000),
        offers: if dice.one_in(2) {
            OfferMode::Immediate
        } else {
            OfferMode::Manual { timeout_ms: 1 + dice.below(60_000) }
        },
        max_hops: dice.below(5) as u32,
        ..DeskRules::default()
    };
    Rules { desk, departments, tree: tree() }
}

fn department(dice: &mut Dice) -> DepartmentRules {
    DepartmentRules {
        members: AGENTS
            .iter()
            .filter(|_| dice.one_in(2))
            .map(|name| AgentId::from(*name))
            .collect(),
        limit: dice.one_in(3).then(|| 1 + dice.below(4) as u32),
        may_transfer_to: if dice.one_in(2) {
            TransferTargets::All
        } else {
            TransferTargets::Only(
                DEPARTMENTS.iter().filter(|_| dice.one_in(2)).map(|it| (*it).into()).collect(),
            )
        },
        overflow: DEPARTMENTS.iter().map(|it| ((*it).into(), dice.below(3) as u32 * 30)).collect(),
        max_waiting: dice.one_in(2).then(|| dice.below(4) as u32),
        when_full: *dice.pick(&[WhenFull::Wait, WhenFull::Overflow, WhenFull::Callback]),
        when_closed: *dice.pick(&[WhenClosed::Wait, WhenClosed::Callback]),
        full_agent: *dice.pick(&[FullAgent::Refuse, FullAgent::Wait { ms: 30_000 }]),
        default_classification: dice.one_in(3).then(|| NodeId::from(*dice.pick(&NODES))),
        priority: dice.below(3) as i32,
        ..DepartmentRules::default()
    }
}

fn tree() -> Tree {
    let node = |name: &str| Node {
        parent: name.split_once('.').map(|(parent, _)| parent.into()),
        name: BTreeMap::new(),
        active: name != "old",
        departments: if name == "pay.late" { ["billing".into()].into() } else { BTreeSet::new() },
        channels: BTreeSet::new(),
        synonyms: Vec::new(),
        confidence: Confidence {
            apply: (name == "pay.twice").then_some(0.9),
            ..Confidence::default()
        },
    };
    let nodes = NODES.iter().map(|name| (NodeId::from(*name), node(name))).collect();
    Tree { version: "v1".into(), nodes }
}

fn about(command: &Command) -> Option<ConversationId> {
    match command {
        Command::ConsumerConnection { conversation, .. }
        | Command::SendMessage { conversation, .. }
        | Command::RefuseAttachment { conversation, .. }
        | Command::AddNote { conversation, .. }
        | Command::MarkRead { conversation, .. }
        | Command::AnswerAsBot { conversation, .. }
        | Command::AcceptOffer { conversation }
        | Command::DeclineOffer { conversation }
        | Command::Claim { conversation }
        | Command::Assign { conversation, .. }
        | Command::Hold { conversation }
        | Command::Resume { conversation }
        | Command::Transfer { conversation, .. }
        | Command::Classify { conversation, .. }
        | Command::WaiveClassification { conversation }
        | Command::Suggest { conversation, .. }
        | Command::MarkSuggestionsShown { conversation, .. }
        | Command::Close { conversation, .. }
        | Command::UndoClose { conversation }
        | Command::Rate { conversation, .. } => Some(*conversation),
        _ => None,
    }
}

/// What came up in the runs, by name: events and refusals.
type Seen = BTreeMap<String, u64>;

/// The name of a variant.
fn name(of: &impl std::fmt::Debug) -> String {
    format!("{of:?}").chars().take_while(char::is_ascii_alphanumeric).collect()
}

fn simulate(seed: u64, all: &mut Seen) -> Result<(), String> {
    let mut world = World::new(seed);
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| world.run()));
    for (name, times) in std::mem::take(&mut world.seen) {
        *all.entry(name).or_default() += times;
    }
    let problem = match outcome {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(problem)) => problem,
        Err(_) => "panicked (see above)".into(),
    };
    let last = world.log.len().saturating_sub(12);
    Err(format!("SIM_SEED={seed}: {problem}\nlast commands:\n{}", world.log[last..].join("\n")))
}

/// Every event, and every refusal that a running desk with a department can give.
const EXPECTED: &[&str] = &[
    "RulesActivated",
    "PluginSteppedBack",
    "AccountAdded",
    "AccountRemoved",
    "PresenceChanged",
    "AgentDropped",
    "AgentReturned",
    "OwnLimitSet",
    "ConversationStarted",
    "ConversationFound",
    "ConversationRecalled",
    "ConversationWentCold",
    "ConsumerForgotten",
    "TimerSet",
    "ConsumerArrived",
    "ConsumerWentAway",
    "ConversationQueued",
    "ConversationOffered",
    "OfferPassed",
    "ConversationAssigned",
    "ConversationHeld",
    "ConversationResumed",
    "MessageSent",
    "MessageRefused",
    "NoteAdded",
    "ReadMarked",
    "BotAnswered",
    "ConversationTransferred",
    "TransferRefused",
    "ConversationClassified",
    "ClassificationWaived",
    "ClassificationSuggested",
    "SuggestionsShown",
    "SuggestionsSettled",
    "ConversationClosed",
    "ConversationReopened",
    "ConversationRated",
    "NotAllowed",
    "ConversationUnknown",
    "AgentUnknown",
    "DepartmentUnknown",
    "NodeUnknown",
    "NodeInactive",
    "NodeOutOfScope",
    "AccountExists",
    "WrongState",
    "NotTheirs",
    "AgentAtLimit",
    "AgentNotOnline",
    "AgentNotMember",
    "TransferToItself",
    "DepartmentClosed",
    "TransferNotListed",
    "TooManyHops",
    "NoFirstContact",
    "ClassificationRequired",
    "TooLateToUndo",
    "SuggestionsOutdated",
    "NotSuggested",
    "OwnLimitForbidden",
    "Invalid",
    "Stale",
    "CannotRate",
];

#[test]
fn every_invariant_holds_after_every_step() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let mut seen = Seen::new();
    if let Some(seed) = number("SIM_SEED") {
        simulate(seed, &mut seen).unwrap_or_else(|problem| panic!("{problem}"));
        return;
    }
    let runs = number("SIM_RUNS").unwrap_or(300);
    for seed in 0..runs {
        simulate(seed, &mut seen).unwrap_or_else(|problem| panic!("{problem}"));
    }
    let missing: Vec<_> = EXPECTED.iter().filter(|name| !seen.contains_key(**name)).collect();
    assert!(
        runs < 300 || missing.is_empty(),
        "never came up, so was never tried: {missing:?}\n{seen:#?}"
    );
}
