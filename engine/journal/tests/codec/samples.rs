//! Generated values of every kind, from a seed.

use std::sync::Arc;

use dialogo_domain::agent::{Agent, Presence, Role};
use dialogo_domain::command::{Actor, Target, TransferVerdict};
use dialogo_domain::conversation::{
    Chosen, Classification, Closed, Closer, ConsumerPresence, Conversation, Offer, PendingTransfer,
    ReadMark, State, Suggested,
};
use dialogo_domain::desk::{Consumer, Profile, QueueKey};
use dialogo_domain::event::{
    AssignedBecause, LimitSource, QueuedBecause, RoutingRule, SkippedBecause, SuggestionOutcome,
};
use dialogo_domain::message::{Attachment, Author, Body, Channel, Choice};
use dialogo_domain::plugin::{PluginDecision, SteppedBack, Suggestion, Verdict};
use dialogo_domain::{
    AgentId, AttachmentId, CommandId, Commit, ConsumerId, ConversationId, DepartmentId, Desk,
    Event, Generation, MessageId, Millis, Position, Stamp,
};
use dialogo_journal::disk::sim::Dice;

/// Kinds of events there are.
pub(crate) const KINDS: usize = 38;

/// Makes values.
pub(crate) struct Sample<'d> {
    dice: &'d mut Dice,
}

impl<'d> Sample<'d> {
    pub(crate) fn new(dice: &'d mut Dice) -> Self {
        Self { dice }
    }

    fn any<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.dice.below(of.len() as u64) as usize].clone()
    }

    fn number(&mut self) -> u32 {
        let bits = self.dice.below(33);
        (self.dice.roll() & ((1 << bits) - 1)) as u32
    }

    fn id(&mut self) -> u128 {
        u128::from(self.dice.roll()) << 64 | u128::from(self.dice.roll())
    }

    fn digest(&mut self) -> [u8; 32] {
        std::array::from_fn(|_| self.dice.roll() as u8)
    }

    fn time(&mut self) -> Millis {
        Millis(self.dice.roll() >> self.dice.below(40))
    }

    fn flag(&mut self) -> bool {
        self.dice.once_in(2)
    }

    fn maybe<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.flag().then(|| make(self))
    }

    fn list<T>(&mut self, most: u64, mut make: impl FnMut(&mut Self) -> T) -> Vec<T> {
        (0..self.dice.below(most + 1)).map(|_| make(self)).collect()
    }

    fn text(&mut self) -> Arc<str> {
        let words = ["olá", "recibo", "🙂", "order 17", "não chegou", "\"quoted\"", "\n", ""];
        self.list(6, |this| this.any(&words)).join(" ").into()
    }

    fn agent_id(&mut self) -> AgentId {
        self.any(&["ana", "bruno", "zoë"]).into()
    }

    fn department(&mut self) -> DepartmentId {
        self.any(&["sales", "billing", "support"]).into()
    }

    fn conversation_id(&mut self) -> ConversationId {
        ConversationId(self.id())
    }

    pub(crate) fn decision(&mut self) -> PluginDecision {
        PluginDecision {
            plugin: self.any(&["keywords", "emoji-policy"]).into(),
            version: "1.2.3".into(),
            digest: self.digest(),
            hook: "message-policy".into(),
            shadow: self.flag(),
            outcome: self.any(&["allow", "deny", "failed:deadline"]).into(),
            code: self.any(&["", "too-many-emoji"]).into(),
            detail: self.text(),
            evidence: self.list(3, Self::text),
            revision: 0,
            agrees: None,
            suggests: None,
            settings: Vec::new(),
        }
    }

    fn decisions(&mut self) -> Vec<PluginDecision> {
        self.list(3, Self::decision)
    }

    fn attachment(&mut self) -> Attachment {
        Attachment {
            id: AttachmentId(self.id()),
            name: self.text(),
            mime: "image/png".into(),
            bytes: self.dice.roll(),
            sha256: self.digest(),
            warning: self.maybe(Self::text),
        }
    }

    fn body(&mut self) -> Body {
        Body {
            text: self.text(),
            attachments: self.list(2, Self::attachment),
            choices: self.list(2, |this| Choice { title: this.text(), payload: this.text() }),
        }
    }

    fn verdict(&mut self) -> Verdict {
        let (code, detail) = (self.text(), self.text());
        match self.dice.below(4) {
            0 => Verdict::Allow,
            1 => Verdict::Warn { code, detail },
            2 => Verdict::Rewritten { code, detail },
            _ => Verdict::Deny { code, detail },
        }
    }

    fn author(&mut self) -> Author {
        let agent = Author::Agent(self.agent_id());
        self.any(&[Author::Consumer, agent, Author::Bot, Author::System])
    }

    fn actor(&mut self) -> Actor {
        let (consumer, agent) =
            (Actor::Consumer(ConsumerId(self.id())), Actor::Agent(self.agent_id()));
        self.any(&[consumer, agent, Actor::Bot, Actor::Engine, Actor::Operator])
    }

    fn channel(&mut self) -> Channel {
        use Channel::{Api, Email, Mobile, Social, Voice, Web};
        self.any(&[Web, Mobile, Email, Social, Voice, Api])
    }

    fn role(&mut self) -> Role {
        self.any(&[Role::Agent, Role::Supervisor, Role::Admin])
    }

    fn presence(&mut self) -> Presence {
        let reason = self.text();
        self.any(&[Presence::Online, Presence::Busy { reason }, Presence::Offline])
    }

    fn profile(&mut self) -> Profile {
        Profile {
            name: self.maybe(|this| this.text().to_string()),
            email: self.maybe(|this| this.text().to_string()),
            locale: self.maybe(|_| "pt-BR".to_owned()),
            facts: self
                .list(3, |this| (this.text().to_string(), this.text().to_string()))
                .into_iter()
                .collect(),
        }
    }

    fn suggestion(&mut self) -> Suggestion {
        Suggestion {
            node: self.any(&["a/b/c", "d"]).into(),
            confidence: self.dice.below(1001) as f32 / 1000.0,
            plugins: self.list(2, |this| this.any(&["keywords", "nearest"]).into()),
            evidence: self.list(3, Self::text),
        }
    }

    fn chosen(&mut self) -> Chosen {
        Chosen { node: "a/b".into(), tree: self.text(), by: self.maybe(Self::agent_id) }
    }

    fn closer(&mut self) -> Closer {
        let (agent, supervisor) =
            (Closer::Agent(self.agent_id()), Closer::Supervisor(self.agent_id()));
        self.any(&[
            agent,
            supervisor,
            Closer::Consumer,
            Closer::ConnectionTimeout,
            Closer::MessageTimeout,
            Closer::Bot,
            Closer::Callback,
        ])
    }

    fn queued_because(&mut self) -> QueuedBecause {
        let (from, agent) = (self.department(), self.agent_id());
        self.any(&[
            QueuedBecause::Asked,
            QueuedBecause::Bot,
            QueuedBecause::Transferred,
            QueuedBecause::Overflow { from: from.clone() },
            QueuedBecause::AgentLeft { agent },
            QueuedBecause::NobodyAccepted,
            QueuedBecause::WaitOver,
            QueuedBecause::Reopened,
            QueuedBecause::DepartmentRemoved { from },
        ])
    }

    fn skipped(&mut self) -> SkippedBecause {
        let (reason, load, limit) = (self.text(), self.number(), self.number());
        let binding = self.any(&[LimitSource::Desk, LimitSource::Department, LimitSource::Agent]);
        self.any(&[
            SkippedBecause::NoAccount,
            SkippedBecause::Offline,
            SkippedBecause::Busy(reason),
            SkippedBecause::Dropped,
            SkippedBecause::AtLimit { load, limit, binding },
            SkippedBecause::Passed,
        ])
    }

    fn assigned_because(&mut self) -> AssignedBecause {
        use RoutingRule::{FewestOpen, LongestIdle, OnlyOne, Recontact};
        let routed = AssignedBecause::Routed {
            rule: self.any(&[Recontact, FewestOpen, LongestIdle, OnlyOne]),
            candidates: self.list(3, |this| (this.agent_id(), this.number())),
            skipped: self.list(3, |this| (this.agent_id(), this.skipped())),
        };
        let given = AssignedBecause::GivenBy(self.agent_id());
        self.any(&[
            routed,
            AssignedBecause::Claimed,
            given,
            AssignedBecause::Transferred,
            AssignedBecause::Reopened,
            AssignedBecause::Accepted,
        ])
    }

    fn transfer_verdict(&mut self) -> TransferVerdict {
        let (department, agent) =
            (Target::Department(self.department()), Target::Agent(self.agent_id()));
        let target = self.any(&[department, agent, Target::FirstContact]);
        let (code, because) = (self.text(), self.text());
        self.any(&[
            TransferVerdict::Allow,
            TransferVerdict::Redirect { target, because: because.clone() },
            TransferVerdict::Deny { code, because },
        ])
    }

    fn classification(&mut self) -> Classification {
        let (draft, last) =
            (Classification::Draft(self.chosen()), Classification::Final(self.chosen()));
        self.any(&[Classification::None, draft, last, Classification::Waived])
    }

    fn outcome(&mut self) -> SuggestionOutcome {
        let rank = self.number();
        self.any(&[
            SuggestionOutcome::Accepted { node: "a".into(), rank },
            SuggestionOutcome::Changed { node: "b".into() },
            SuggestionOutcome::Ignored,
        ])
    }

    fn mark(&mut self) -> ReadMark {
        ReadMark { delivered: self.number(), read: self.number() }
    }

    fn conversation(&mut self) -> Conversation {
        use State::{Active, Bot, Closed as Over, Offered, OnHold, Queued};
        let away = ConsumerPresence::Away(self.time());
        Conversation {
            id: self.conversation_id(),
            consumer: ConsumerId(self.id()),
            channel: self.channel(),
            state: self.any(&[Bot, Queued, Offered, Active, OnHold, Over]),
            version: self.number(),
            segment: self.number(),
            opened_at: self.time(),
            previous: self.maybe(Self::conversation_id),
            department: self.maybe(Self::department),
            agent: self.maybe(Self::agent_id),
            first_agent: self.maybe(Self::agent_id),
            last_agent: self.maybe(Self::agent_id),
            waiting_since: self.maybe(Self::time),
            priority: self.number() as i32,
            offer: self.maybe(|this| Offer { at: this.time(), until: this.time() }),
            passed: self.list(3, Self::agent_id).into_iter().collect(),
            hops: self.number(),
            transfer: self.maybe(|this| PendingTransfer {
                agent: this.agent_id(),
                department: this.department(),
                until: this.time(),
            }),
            last_number: self.number(),
            messages: self
                .list(4, |this| {
                    (MessageId(this.id()), this.number(), Position(u64::from(this.number())))
                })
                .into_iter()
                .collect(),
            consumer_wrote_at: self.maybe(Self::time),
            agent_wrote_at: self.maybe(Self::time),
            consumer_read: self.mark(),
            agent_read: self.mark(),
            consumer_presence: self.any(&[ConsumerPresence::Here, away, ConsumerPresence::Left]),
            classification: self.classification(),
            suggestions: Suggested {
                set: self.number(),
                items: self.list(3, Self::suggestion),
                shown: self.flag(),
                settled: self.flag(),
            },
            closed: self.maybe(|this| Closed { at: this.time(), by: this.closer() }),
            bot_state: self.maybe(|this| this.digest()[..5].into()),
            answered: self.flag(),
            consumer_waits: self.flag(),
            rated_segment: self.maybe(Self::number),
            timer: self.maybe(Self::time),
        }
    }

    /// A whole state; its parts need not fit each other.
    pub(crate) fn desk(&mut self) -> Desk {
        let mut desk = Desk {
            position: Position(self.dice.roll()),
            now: self.time(),
            generation: Generation(self.digest()),
            ..Desk::default()
        };
        for conversation in self.list(3, Self::conversation) {
            desk.conversations.insert(conversation.id, conversation);
        }
        desk.agents.extend(self.list(3, |this| (this.agent_id(), this.agent())));
        desk.consumers.extend(self.list(3, |this| (ConsumerId(this.id()), this.consumer())));
        desk.queues.extend(self.list(2, |this| {
            let key = |this: &mut Self| QueueKey {
                negated_priority: this.number() as i32,
                waiting_since: this.time(),
                conversation: this.conversation_id(),
            };
            (this.department(), this.list(3, key).into_iter().collect())
        }));
        desk.timers.extend(self.list(3, |this| (this.time(), this.conversation_id())));
        desk.agent_timers.extend(self.list(3, |this| (this.time(), this.agent_id())));
        desk.idle_consumers.extend(self.list(3, |this| (this.time(), ConsumerId(this.id()))));
        desk.unclassified.extend(self.list(2, |this| {
            let list = this.list(3, |this| (this.conversation_id(), this.time()));
            (this.maybe(Self::agent_id), list.into_iter().collect())
        }));
        desk.answers
            .extend(self.list(3, |this| (CommandId(this.id()), Position(this.dice.roll()))));
        desk.answers_by_age.extend(self.list(3, |this| (this.time(), CommandId(this.id()))));
        desk
    }

    fn agent(&mut self) -> Agent {
        Agent {
            name: self.text(),
            role: self.role(),
            password_hash: self.text(),
            active: self.flag(),
            presence: self.presence(),
            dropped_at: self.maybe(Self::time),
            grace_until: self.maybe(Self::time),
            away_since: self.maybe(Self::time),
            own_limit: self.maybe(Self::number),
            holds: self.list(3, Self::conversation_id).into_iter().collect(),
            on_hold: self.number(),
            idle_since: self.time(),
        }
    }

    fn consumer(&mut self) -> Consumer {
        Consumer {
            profile: self.profile(),
            conversation: self.maybe(Self::conversation_id),
            last_agent: self.maybe(|this| (this.agent_id(), this.time())),
            idle_since: self.maybe(Self::time),
        }
    }

    pub(crate) fn stamp(&mut self) -> Stamp {
        Stamp {
            position: Position(self.dice.roll() >> self.dice.below(60)),
            at: self.time(),
            generation: Generation(self.digest()),
            command: self.maybe(|this| CommandId(this.id())),
            actor: self.actor(),
        }
    }

    /// A commit of some events.
    pub(crate) fn commit(&mut self) -> Commit {
        let stamp = self.stamp();
        let all = self.one_of_each();
        let events = (0..=self.dice.below(4)).map(|_| self.any(&all)).collect();
        Commit { stamp, events }
    }

    /// A message that says this.
    pub(crate) fn message_of(&mut self, text: &str) -> Event {
        Event::MessageSent {
            conversation: self.conversation_id(),
            message: MessageId(self.id()),
            number: self.number(),
            author: self.author(),
            body: Body::text(text),
            verdict: Verdict::Allow,
            decisions: Vec::new(),
        }
    }

    /// One event of each kind.
    pub(crate) fn one_of_each(&mut self) -> Vec<Event> {
        let conversation = self.conversation_id();
        let agent = self.agent_id();
        vec![
            Event::RulesActivated { generation: Generation(self.digest()), summary: self.text() },
            Event::AccountAdded {
                agent: agent.clone(),
                name: self.text(),
                role: self.role(),
                password_hash: "$argon2id$v=19$x".into(),
            },
            Event::PasswordChanged {
                agent: agent.clone(),
                password_hash: "$argon2id$v=19$y".into(),
            },
            Event::AccountRemoved { agent: agent.clone() },
            Event::PresenceChanged { agent: agent.clone(), presence: self.presence() },
            Event::AgentDropped { agent: agent.clone(), until: self.time() },
            Event::AgentReturned { agent: agent.clone() },
            Event::OwnLimitSet { agent: agent.clone(), limit: self.maybe(Self::number) },
            Event::ConversationStarted {
                conversation,
                consumer: ConsumerId(self.id()),
                channel: self.channel(),
                profile: self.profile(),
                previous: self.maybe(Self::conversation_id),
                bot: self.flag(),
            },
            Event::ConversationFound { conversation },
            Event::ConversationRecalled { conversation: Box::new(self.conversation()) },
            Event::ConversationWentCold { conversation },
            Event::ConsumerForgotten { consumer: ConsumerId(self.id()) },
            Event::TimerSet { conversation, at: self.maybe(Self::time) },
            Event::ConsumerArrived { conversation },
            Event::ConsumerWentAway { conversation },
            Event::ConversationQueued {
                conversation,
                department: self.department(),
                waiting_since: self.time(),
                priority: self.number() as i32,
                why: self.queued_because(),
            },
            Event::ConversationOffered {
                conversation,
                agent: agent.clone(),
                department: self.department(),
                until: self.time(),
                why: self.assigned_because(),
            },
            Event::OfferPassed { conversation, agent: agent.clone(), timed_out: self.flag() },
            Event::ConversationAssigned {
                conversation,
                agent: agent.clone(),
                department: self.department(),
                why: self.assigned_because(),
                over_limit: self.maybe(Self::number),
            },
            Event::ConversationHeld { conversation },
            Event::ConversationResumed { conversation, over_limit: self.maybe(Self::number) },
            Event::MessageSent {
                conversation,
                message: MessageId(self.id()),
                number: self.number(),
                author: self.author(),
                body: self.body(),
                verdict: self.verdict(),
                decisions: self.decisions(),
            },
            Event::MessageRefused {
                conversation,
                message: MessageId(self.id()),
                author: self.author(),
                body: self.body(),
                code: "mismatch".into(),
                detail: self.text(),
                decisions: self.decisions(),
            },
            Event::NoteAdded {
                conversation,
                message: MessageId(self.id()),
                number: self.number(),
                agent: agent.clone(),
                text: self.text(),
            },
            Event::ReadMarked {
                conversation,
                by_consumer: self.flag(),
                delivered: self.number(),
                read: self.number(),
            },
            Event::BotAnswered {
                conversation,
                state: self.maybe(|this| this.digest()[..7].into()),
                decisions: self.decisions(),
            },
            Event::ConversationTransferred {
                conversation,
                from_agent: self.maybe(Self::agent_id),
                from_department: self.maybe(Self::department),
                to_department: self.department(),
                to_agent: self.maybe(Self::agent_id),
                waits_until: self.maybe(Self::time),
                note: self.text(),
                verdict: self.transfer_verdict(),
                decisions: self.decisions(),
            },
            Event::TransferRefused {
                conversation,
                code: "closed".into(),
                because: self.text(),
                decisions: self.decisions(),
            },
            Event::ConversationClassified {
                conversation,
                chosen: self.chosen(),
                is_final: self.flag(),
                from_set: self.maybe(Self::number),
            },
            Event::ClassificationWaived { conversation },
            Event::ClassificationSuggested {
                conversation,
                set: self.number(),
                suggestions: self.list(3, Self::suggestion),
                decisions: self.decisions(),
            },
            Event::SuggestionsShown { conversation, set: self.number() },
            Event::SuggestionsSettled { conversation, set: self.number(), outcome: self.outcome() },
            Event::ConversationClosed { conversation, by: self.closer() },
            Event::ConversationReopened { conversation, undone: self.flag() },
            Event::ConversationRated { conversation, stars: 4, comment: self.text() },
            Event::PluginSteppedBack(SteppedBack {
                plugin: "keywords".into(),
                revision: self.dice.roll(),
                right: 120,
                of: 200,
                min_precision: 0.7,
            }),
        ]
    }
}
