//! Assignments and waiting in simulated time: small histories whose outcome is worked out by hand, and random ones, which
//! played again by their own rules have to come out as they were.

use std::collections::{BTreeMap, BTreeSet};

use dialogo_desk::backtest::simulate::compare::compare;
use dialogo_desk::backtest::simulate::measure::Waiting;
use dialogo_desk::backtest::simulate::record::Recorder;
use dialogo_desk::backtest::simulate::{Assignments, play};
use dialogo_domain::agent::{Presence, Role};
use dialogo_domain::command::{Target, TransferJudgement};
use dialogo_domain::conversation::{Conversation, State};
use dialogo_domain::desk::Profile;
use dialogo_domain::message::{Body, Channel};
use dialogo_domain::plugin::Judgement;
use dialogo_domain::{
    Actor, AgentId, Command, Commit, ConsumerId, Context, ConversationId, DepartmentId, Desk,
    MessageId, Millis, Refusal, Request, Step, step,
};
use dialogo_rules::{Checked, Files, load};

/// A Wednesday, noon in Brazil.
const NOON: Millis = Millis(1_767_798_000_000);
const MINUTE: u64 = 60_000;

const SALES: &str = "[[department]]\nid = \"vendas\"\nname = \"Vendas\"\nmembers = [\"bruno\"]\n";

/// One department with Ana and Bruno, and sales with Bruno; `desk`: more lines for `desk.toml`, `support`: for the first.
fn rules(desk: &str, support: &str) -> Checked {
    rules_of(desk, &format!("may_transfer_to = \"*\"\n{support}\n{SALES}"))
}

fn rules_of(desk: &str, departments: &str) -> Checked {
    let desk = format!("name = \"Teste\"\ntimezone = \"America/Sao_Paulo\"\n{desk}\n");
    let departments = format!(
        "[[department]]\nid = \"suporte\"\nname = \"Suporte\"\nmembers = [\"ana\", \"bruno\"]\n{departments}\n"
    );
    let files = [("desk.toml", desk), ("departments.toml", departments)];
    let files: BTreeMap<_, _> =
        files.into_iter().map(|(name, text)| (name.to_owned(), text.into_bytes())).collect();
    let loaded = load(&Files::from_map(files));
    let text = loaded.report().text(false, None);
    loaded.checked.unwrap_or_else(|| panic!("{text}"))
}

/// A desk that writes down what happens to it.
struct Past<'a> {
    rules: &'a Checked,
    desk: Desk,
    now: Millis,
    closed: BTreeSet<DepartmentId>,
    cold: BTreeMap<ConversationId, Conversation>,
    commits: Vec<Commit>,
    messages: u128,
}

impl<'a> Past<'a> {
    fn new(rules: &'a Checked) -> Self {
        let (desk, commits, cold) = (Desk::default(), Vec::new(), BTreeMap::new());
        let closed = rules.closed_at(NOON);
        Self { rules, desk, now: NOON, closed, cold, commits, messages: 0 }
    }

    /// Carries out a command at that time, and before it whatever has become due.
    fn send(&mut self, at: Millis, actor: Actor, command: Command) -> Result<(), Refusal> {
        while let Some(due) = self.desk.next_due().filter(|due| *due <= at) {
            self.now = self.now.max(due);
            self.step(Actor::Engine, Command::Tick).expect("ticks are not refused");
        }
        self.now = at;
        self.step(actor, command)
    }

    fn step(&mut self, actor: Actor, command: Command) -> Result<(), Refusal> {
        let recalled = match &command {
            Command::SendMessage { conversation, .. }
                if !self.desk.conversations.contains_key(conversation) =>
            {
                self.cold.get(conversation)
            }
            _ => None,
        };
        let rules = &self.rules.domain;
        let context = Context { now: self.now, rules, closed: &self.closed, recalled, dice: 0 };
        if let Step::Committed(commit) =
            step(&mut self.desk, &Request { id: None, actor, command }, &context)?
        {
            for (id, conversation) in &self.desk.conversations {
                if conversation.state == State::Closed {
                    self.cold.insert(*id, conversation.clone());
                }
            }
            self.commits.push(commit);
        }
        Ok(())
    }

    fn must(&mut self, minute: u64, actor: Actor, command: Command) {
        let said = format!("minute {minute}: {command:?}");
        let at = NOON.plus(minute * MINUTE);
        self.send(at, actor, command).unwrap_or_else(|refused| panic!("{said}: {refused:?}"));
    }

    fn joins(&mut self, name: &str) {
        self.joins_later(name, 0);
    }

    fn joins_later(&mut self, name: &str, minute: u64) {
        let agent = AgentId::from(name);
        let add = Command::AddAccount {
            agent: agent.clone(),
            name: name.into(),
            role: Role::Agent,
            password_hash: "$argon2id$x".into(),
        };
        self.must(minute, Actor::Operator, add);
        let online = Command::SetPresence { agent: agent.clone(), presence: Presence::Online };
        self.must(minute, Actor::Agent(agent), online);
    }

    fn comes(&mut self, minute: u64, consumer: u128, department: &str) {
        self.must(minute, Actor::Consumer(ConsumerId(consumer)), start(consumer, department));
    }

    fn writes(&mut self, minute: u64, actor: Actor, consumer: u128) {
        let message = self.message(consumer);
        self.must(minute, actor, message);
    }

    fn closes(&mut self, minute: u64, actor: Actor, consumer: u128) {
        let conversation = ConversationId(consumer);
        self.must(minute, actor, Command::Close { conversation, classify: None });
    }

    fn message(&mut self, consumer: u128) -> Command {
        self.messages += 1;
        Command::SendMessage {
            conversation: ConversationId(consumer),
            message: MessageId(self.messages),
            body: Body::text("oi"),
            judgement: Judgement::default(),
            judged_at: None,
            fresh: ConversationId(consumer + 1_000 * self.messages),
            bot: false,
        }
    }

    /// What the candidate would have made of it.
    fn with(&self, candidate: &Checked) -> Assignments {
        let mut recorder = Recorder::since(Millis(0));
        self.commits.iter().for_each(|commit| recorder.take_in(commit));
        let (script, was) = recorder.finish();
        let mut nobody = || ();
        let (old, new) =
            (play(&script, self.rules, &mut nobody), play(&script, candidate, &mut nobody));
        compare(&script, Some(was), old, new)
    }
}

/// A start, as consumers do it; the conversation has the consumer's number.
fn start(consumer: u128, department: &str) -> Command {
    Command::StartConversation {
        conversation: ConversationId(consumer),
        consumer: ConsumerId(consumer),
        channel: Channel::Web,
        profile: Profile::default(),
        department: Some(department.into()),
        bot: false,
    }
}

fn agent(name: &str) -> Actor {
    Actor::Agent(name.into())
}

fn consumer(number: u128) -> Actor {
    Actor::Consumer(ConsumerId(number))
}

fn transfer(consumer: u128, department: &str) -> Command {
    Command::Transfer {
        conversation: ConversationId(consumer),
        target: Target::Department(department.into()),
        note: "".into(),
        judgement: TransferJudgement::default(),
        judged_at: None,
    }
}

/// Half an hour of one agent who may have two at once: five come a minute apart, and each takes ten minutes.
fn five_for_ana(rules: &Checked) -> Past<'_> {
    let mut past = Past::new(rules);
    past.joins("ana");
    for number in 1..=5 {
        past.comes(number as u64 - 1, number, "suporte");
    }
    for (minute, number) in [(10, 1), (11, 2), (20, 3), (21, 4), (30, 5)] {
        past.closes(minute, agent("ana"), number);
    }
    past
}

#[test]
fn a_higher_limit_shortens_the_waits_as_worked_out_by_hand() {
    let two = rules("limit = 2", "");
    let told = five_for_ana(&two).with(&rules("limit = 4", ""));
    let waiting = |minutes: [u64; 3], longest_queue| Waiting {
        served: 5,
        wait_p50_ms: minutes[0] * MINUTE,
        wait_p90_ms: minutes[1] * MINUTE,
        wait_max_ms: minutes[2] * MINUTE,
        longest_queue,
        ..Waiting::default()
    };
    let support = &told.departments["suporte"];
    // Windows become free at 10, 11 and 20: the third waits from 2 to 10, the fourth from 3 to 11, the fifth from 4 to 20.
    assert_eq!(support.old, waiting([8, 16, 16], 3));
    assert_eq!(support.was.as_ref(), Some(&support.old));
    // With four windows only the fifth waits: from 4 until the first is over at 10.
    assert_eq!(support.new, waiting([0, 6, 6], 1));
    assert_eq!((told.contacts, told.differing, told.shorter, told.longer), (5, 3, 3, 0));
    let differing: Vec<_> = told.differences.iter().map(|it| it.conversation.clone()).collect();
    let expected: Vec<_> = (3..=5).map(|number| ConversationId(number).to_string()).collect();
    assert_eq!(differing, expected);
    let ana = &told.agents["ana"];
    assert_eq!((ana.old.most_at_once, ana.old.busy_ms), (2, 30 * MINUTE));
    assert_eq!((ana.new.most_at_once, ana.new.busy_ms), (4, 20 * MINUTE));
    let fit = told.fit.expect("there is a history");
    assert_eq!((fit.given, fit.same_agent, fit.same_department), (5, 5, 5));
    assert_eq!((fit.wait_p50_ms, fit.simulated_wait_p50_ms), (8 * MINUTE, 8 * MINUTE));
}

#[test]
fn who_left_the_queue_leaves_again_unless_an_agent_comes_first() {
    let one = rules("limit = 1", "");
    let mut past = Past::new(&one);
    past.joins("ana");
    past.comes(0, 1, "suporte");
    past.comes(1, 2, "suporte");
    past.closes(4, consumer(2), 2);
    past.comes(5, 3, "suporte");
    past.closes(10, agent("ana"), 1);
    past.closes(20, agent("ana"), 3);
    let told = past.with(&rules("limit = 2", ""));
    let support = &told.departments["suporte"];
    assert_eq!((support.old.left, support.old.served, support.old.wait_max_ms), (1, 2, 5 * MINUTE));
    // The second is given at once and takes what the others took, ten minutes: until then both windows are full.
    assert_eq!((support.new.left, support.new.served, support.new.wait_max_ms), (0, 3, 5 * MINUTE));
    assert_eq!((told.differing, told.another_end), (1, 1));
    let moved = &told.differences[0];
    assert_eq!((moved.old.what, moved.new.what), ("left", "given"));
    assert_eq!(moved.old.waited_ms, Some(3 * MINUTE));
}

#[test]
fn a_silent_consumer_keeps_the_window_as_long_as_the_rules_say() {
    let idle = |minutes| {
        rules(&format!("limit = 1\n[conversation]\nidle_timeout = \"{minutes} min\""), "")
    };
    let half_an_hour = idle(30);
    let mut past = Past::new(&half_an_hour);
    past.joins("ana");
    past.comes(0, 1, "suporte");
    past.writes(1, agent("ana"), 1);
    past.comes(10, 2, "suporte");
    // The first is closed at 31.
    past.closes(40, agent("ana"), 2);
    let shorter = past.with(&idle(5));
    let waits = &shorter.departments["suporte"];
    assert_eq!((waits.old.wait_max_ms, waits.new.wait_max_ms), (21 * MINUTE, 0));
    let longer = past.with(&idle(60));
    let waits = &longer.departments["suporte"];
    assert_eq!((waits.new.served, waits.new.still_waiting), (1, 1));
}

#[test]
fn transfers_and_departments_that_the_candidate_lacks_are_told() {
    let both = rules("", "");
    let mut past = Past::new(&both);
    past.joins("ana");
    past.comes(0, 1, "suporte");
    past.joins_later("bruno", 2);
    past.must(5, agent("ana"), transfer(1, "vendas"));
    past.closes(10, agent("bruno"), 1);
    past.comes(12, 2, "vendas");
    past.closes(14, agent("bruno"), 2);
    let stays = past.with(&rules_of("", &format!("may_transfer_to = []\n{SALES}")));
    assert_eq!((stays.transfers_refused.old, stays.transfers_refused.new), (0, 1));
    let busy = |name: &str| stays.agents.get(name).map_or(0, |it| it.new.busy_ms / MINUTE);
    assert_eq!((busy("ana"), busy("bruno")), (10, 2));
    let gone = past.with(&rules_of("", "may_transfer_to = \"*\""));
    assert_eq!((gone.turned_away.old, gone.turned_away.new), (0, 1));
    assert_eq!((gone.transfers_refused.new, gone.another_end), (1, 1));
}

#[test]
fn outside_new_hours_a_callback_is_left() {
    let always = rules("", "");
    let mut past = Past::new(&always);
    past.joins("ana");
    past.comes(0, 1, "suporte");
    past.closes(10, agent("ana"), 1);
    let mornings = "[[calendar]]\nid = \"manha\"\nhours = [{ days = \"mon-fri\", from = \"09:00\", to = \"11:00\" }]";
    let told = past.with(&rules(mornings, "hours = \"manha\"\nwhen_closed = \"callback\""));
    let support = &told.departments["suporte"];
    assert_eq!((support.old.served, support.old.called_back), (1, 0));
    assert_eq!((support.new.served, support.new.called_back, support.new.longest_queue), (0, 1, 0));
    assert_eq!(told.differences[0].new.what, "called-back");
}

#[test]
fn who_writes_again_comes_again_from_memory_or_from_disk() {
    let window = |reopen: &str| {
        rules(&format!("[conversation]\nreopen_window = \"{reopen}\"\nkeep_closed = \"1 min\""), "")
    };
    let day = window("24 h");
    let mut past = Past::new(&day);
    past.joins("ana");
    past.comes(0, 1, "suporte");
    past.closes(10, agent("ana"), 1);
    // By now it is cold.
    past.writes(20, consumer(1), 1);
    past.closes(25, agent("ana"), 1);
    for candidate in [window("24 h"), window("5 min")] {
        let told = past.with(&candidate);
        assert_eq!((told.contacts, told.differing), (2, 0), "{told:#?}");
        let ana = &told.agents["ana"];
        assert_eq!((ana.new.conversations, ana.new.busy_ms), (2, 15 * MINUTE));
        assert_eq!(ana.was.as_ref(), Some(&ana.old));
    }
}

/// `SplitMix64`, as the simulation of the domain has it.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % end
    }
}

#[test]
fn a_history_played_by_its_own_rules_comes_out_as_it_was() {
    let texts = [
        "limit = 2\n[conversation]\nidle_timeout = \"20 min\"\nkeep_closed = \"2 min\"",
        "limit = 1\n[routing]\nsticky = \"1 min\"\ngrace = \"10 s\"\nrecontact = \"1 h\"",
        "limit = 3\n[routing]\nmax_transfers = 2",
    ];
    for seed in 0..30 {
        let rules = rules(texts[seed as usize % texts.len()], "");
        let past = random(&rules, seed);
        let told = past.with(&rules);
        assert!(told.contacts > 20, "seed {seed}: only {} contacts", told.contacts);
        assert_eq!(told.differing, 0, "seed {seed}");
        for (name, sides) in &told.departments {
            assert_eq!(sides.was.as_ref(), Some(&sides.old), "seed {seed}, {name}");
        }
        for (name, sides) in &told.agents {
            assert_eq!(sides.was.as_ref(), Some(&sides.old), "seed {seed}, {name}");
        }
        assert_eq!(told.queue.was.as_ref(), Some(&told.queue.old), "seed {seed}");
        let fit = told.fit.expect("there is a history");
        assert_eq!((fit.same_agent, fit.same_department), (fit.given, fit.given), "seed {seed}");
    }
}

/// People who come, talk, wait, leave and go home by chance, in seconds that never coincide with a deadline.
fn random(rules: &Checked, seed: u64) -> Past<'_> {
    let (mut dice, mut past) = (Dice(seed), Past::new(rules));
    past.joins("ana");
    past.joins("bruno");
    let (mut now, mut came) = (NOON, 0);
    for _ in 0..400 {
        now = now.plus(dice.below(60) * 1_000 + 1 + dice.below(998));
        let name = ["ana", "bruno"][dice.below(2) as usize];
        let someone = 1 + u128::from(dice.below(came.max(1)));
        let conversation = ConversationId(someone);
        let held: Vec<ConversationId> =
            past.desk.agents[&AgentId::from(name)].holds.iter().copied().collect();
        let hers = held.get(dice.below(held.len().max(1) as u64) as usize).copied();
        let (actor, command) = match (dice.below(16), hers) {
            (0..=3, _) => {
                came += 1;
                let department = ["suporte", "suporte", "vendas"][dice.below(3) as usize];
                (consumer(came.into()), start(came.into(), department))
            }
            (4..=5, _) => (consumer(someone), past.message(someone)),
            (6..=7, Some(id)) => (agent(name), past.message(id.0)),
            (8..=9, Some(id)) => (agent(name), Command::Close { conversation: id, classify: None }),
            (10, Some(id)) => {
                let hold = past.desk.conversations[&id].state == State::Active;
                let hold = if hold {
                    Command::Hold { conversation: id }
                } else {
                    Command::Resume { conversation: id }
                };
                (agent(name), hold)
            }
            (11, Some(id)) => {
                (agent(name), transfer(id.0, ["suporte", "vendas"][dice.below(2) as usize]))
            }
            (12, _) => (consumer(someone), Command::Close { conversation, classify: None }),
            (13, _) => {
                let presence = match dice.below(4) {
                    0 => Presence::Busy { reason: "café".into() },
                    1 => Presence::Offline,
                    _ => Presence::Online,
                };
                (agent(name), Command::SetPresence { agent: name.into(), presence })
            }
            (14, _) => {
                let connected = dice.below(2) == 0;
                (Actor::Engine, Command::AgentConnection { agent: name.into(), connected })
            }
            _ => continue,
        };
        // What the desk refuses did not happen; so did conversations that went on under another id.
        let follows_on = matches!(&command, Command::SendMessage { conversation, .. } if !past.desk.conversations.contains_key(conversation));
        if !follows_on {
            let _ = past.send(now, actor, command);
        }
    }
    past
}
