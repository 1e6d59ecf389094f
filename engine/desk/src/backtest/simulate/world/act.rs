//! What a script says, as commands.

use std::sync::Arc;

use dialogo_domain::command::{Target, TransferJudgement};
use dialogo_domain::conversation::{Closer, State};
use dialogo_domain::desk::Profile;
use dialogo_domain::message::Body;
use dialogo_domain::plugin::Judgement;
use dialogo_domain::timers::{Due as Deadline, deadline};
use dialogo_domain::{Actor, AgentId, Command, ConversationId, DepartmentId, MessageId, Refusal};

use super::super::script::{Move, What};
use super::{Due, Outcome, Stage, World};

impl World<'_> {
    pub(super) fn agent_moves(&mut self, what: &Move) {
        let (actor, command) = match what {
            Move::Joined(agent, role) => {
                let (name, password_hash) = (Arc::from(agent.as_str()), Arc::from(""));
                let add =
                    Command::AddAccount { agent: agent.clone(), name, role: *role, password_hash };
                (Actor::Operator, add)
            }
            Move::Left(agent) => (Actor::Operator, Command::RemoveAccount { agent: agent.clone() }),
            Move::Presence(agent, presence) => {
                let set = Command::SetPresence { agent: agent.clone(), presence: presence.clone() };
                (Actor::Agent(agent.clone()), set)
            }
            Move::Connected(agent, connected) => {
                let agent = agent.clone();
                (Actor::Engine, Command::AgentConnection { agent, connected: *connected })
            }
            Move::OwnLimit(agent, limit) => {
                let set = Command::SetOwnLimit { agent: agent.clone(), limit: *limit };
                (Actor::Agent(agent.clone()), set)
            }
        };
        // An own limit that these rules do not allow is left as it was, as people would have to.
        let _ = self.command(actor, command);
    }

    /// A consumer comes, or writes again; not before an earlier contact is over.
    pub(super) fn arrive(&mut self, index: usize) {
        let visit = &self.script.visits[index];
        let before = self.neighbours[index].0;
        if let Some(before) = before
            && !matches!(self.runs[before].stage, Stage::Over)
        {
            self.runs[before].followed = true;
            return;
        }
        self.beginning = Some(index);
        let consumer = Actor::Consumer(visit.consumer);
        let earlier = before.map(|before| self.runs[before].conversation).filter(|_| visit.wrote);
        let began = earlier.and_then(|earlier| {
            // Where it was the same conversation, a new one would have needed an id of its own.
            let fresh = if earlier == visit.conversation {
                !visit.conversation.0 ^ index as u128
            } else {
                visit.conversation.0
            };
            let send = self.message(earlier, ConversationId(fresh));
            self.command(consumer.clone(), send).ok()
        });
        if began.is_none() {
            let start = Command::StartConversation {
                conversation: visit.conversation,
                consumer: visit.consumer,
                channel: visit.channel,
                profile: Profile::default(),
                department: Some(visit.department.clone()),
                bot: false,
            };
            if self.command(consumer, start).is_err() {
                self.runs[index].outcome = Outcome::TurnedAway(visit.department.clone());
                self.over(index);
            }
        }
        self.beginning = None;
    }

    pub(super) fn happen(&mut self, due: Due) {
        match due {
            Due::Arrive { visit } => self.arrive(visit),
            Due::Accept { visit } => {
                let conversation = self.runs[visit].conversation;
                if self.state(conversation) == Some(State::Offered)
                    && let Some(agent) = self.agent(conversation)
                {
                    // Declined or withdrawn meanwhile: then it goes on without.
                    let _ =
                        self.command(Actor::Agent(agent), Command::AcceptOffer { conversation });
                }
            }
            Due::Finish { visit, epoch } if self.runs[visit].epoch == epoch => {
                self.end(visit, &Closer::Consumer);
            }
            Due::Beat { visit, epoch } if self.runs[visit].epoch == epoch => self.beat(visit),
            Due::Skip { visit, epoch } if self.runs[visit].epoch == epoch => {
                self.runs[visit].next += 1;
                self.next_beat(visit);
            }
            // Something else happened first.
            Due::Finish { .. } | Due::Beat { .. } | Due::Skip { .. } => {}
        }
    }

    fn beat(&mut self, visit: usize) {
        let script = self.script;
        let run = &mut self.runs[visit];
        let beat = &script.visits[visit].beats[run.next];
        run.next += 1;
        let (conversation, epoch) = (run.conversation, run.epoch);
        if let Stage::Silent(_) = run.stage {
            run.spent_ms = beat.after_ms;
        }
        match &beat.what {
            What::ConsumerWrote => self.consumer_writes(visit),
            What::AgentWrote => {
                let send = self.message(conversation, conversation);
                self.as_agent(conversation, send);
            }
            What::Held(true) => self.as_agent(conversation, Command::Hold { conversation }),
            What::Held(false) => self.as_agent(conversation, Command::Resume { conversation }),
            What::Connected(connected) => {
                let connection =
                    Command::ConsumerConnection { conversation, connected: *connected };
                let _ = self.command(Actor::Engine, connection);
            }
            What::Moved(department, agent) => {
                self.transfer(conversation, department, agent.as_ref());
            }
            What::End(by) => self.end(visit, by),
        }
        if self.runs[visit].epoch == epoch {
            self.next_beat(visit);
        }
    }

    /// Where a time-out came first, that opens the conversation again, or begins a new one.
    fn consumer_writes(&mut self, visit: usize) {
        let conversation = self.runs[visit].conversation;
        let consumer = Actor::Consumer(self.script.visits[visit].consumer);
        self.beginning = Some(visit);
        let fresh = ConversationId(!conversation.0 ^ self.messages);
        let send = self.message(conversation, fresh);
        let sent = self.command(consumer, send);
        self.beginning = None;
        if sent.is_err() && matches!(self.runs[visit].stage, Stage::Silent(_)) {
            self.over(visit);
        }
    }

    fn transfer(
        &mut self,
        conversation: ConversationId,
        department: &DepartmentId,
        agent: Option<&AgentId>,
    ) {
        let to = |world: &mut Self, target| {
            let judgement = TransferJudgement::default();
            let note = Arc::from("");
            let transfer =
                Command::Transfer { conversation, target, note, judgement, judged_at: None };
            world.command(Actor::Engine, transfer)
        };
        let mut answer = match agent {
            Some(agent) => to(self, Target::Agent(agent.clone())),
            None => to(self, Target::Department(department.clone())),
        };
        // The agent of that time is not free here: the department takes it.
        if agent.is_some() && answer.is_err() && answer != Err(Refusal::TransferToItself) {
            answer = to(self, Target::Department(department.clone()));
        }
        self.transfers_refused +=
            u64::from(answer.is_err() && answer != Err(Refusal::TransferToItself));
    }

    fn end(&mut self, visit: usize, by: &Closer) {
        let conversation = self.runs[visit].conversation;
        let consumer = Actor::Consumer(self.script.visits[visit].consumer);
        let Some(found) = self.desk.conversations.get(&conversation) else { return };
        let (agent, due) = (found.agent.clone(), deadline(&self.desk, &self.rules, found));
        let actor = match (by, agent, due) {
            // These rules have a time-out, too: it comes when it comes.
            (
                Closer::MessageTimeout | Closer::ConnectionTimeout,
                _,
                Some((_, Deadline::MessageTimeout | Deadline::ConnectionTimeout)),
            ) => return,
            (Closer::Agent(_) | Closer::Supervisor(_), Some(agent), _) => Actor::Agent(agent),
            _ => consumer,
        };
        let _ = self.command(actor, Command::Close { conversation, classify: None });
    }

    fn as_agent(&mut self, conversation: ConversationId, command: Command) {
        if let Some(agent) = self.agent(conversation) {
            // Refused where something else happened first: nobody writes to a conversation that is over.
            let _ = self.command(Actor::Agent(agent), command);
        }
    }

    fn agent(&self, conversation: ConversationId) -> Option<AgentId> {
        self.desk.conversations.get(&conversation)?.agent.clone()
    }

    fn state(&self, conversation: ConversationId) -> Option<State> {
        Some(self.desk.conversations.get(&conversation)?.state)
    }

    /// A message; what it says makes no difference here.
    fn message(&mut self, conversation: ConversationId, fresh: ConversationId) -> Command {
        self.messages += 1;
        Command::SendMessage {
            conversation,
            message: MessageId(self.messages),
            body: Body::text("…"),
            judgement: Judgement::default(),
            judged_at: None,
            fresh,
            bot: false,
        }
    }
}
