//! The one place that knows every listener and the ring of recent commits.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use dialogo_domain::{AgentId, Commit, ConsumerId, ConversationId, DepartmentId, Position};
use parking_lot::Mutex;
use tokio::sync::mpsc;

use super::{Audience, ConnectionId, Ephemeral, FeedItem, Listener, Published, Scope, TooOld};

/// All listeners and the recent past.
#[derive(Debug, Default)]
pub(crate) struct Hub {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    ring: VecDeque<Arc<Published>>,
    /// Everything after this position is in the ring.
    floor: Position,
    head: Position,
    connections: HashMap<ConnectionId, Connection>,
    consumers: HashMap<ConsumerId, Vec<ConnectionId>>,
    agents: HashMap<AgentId, Vec<ConnectionId>>,
    departments: HashMap<DepartmentId, HashSet<ConnectionId>>,
    watchers: HashMap<ConversationId, HashSet<ConnectionId>>,
    see_all: HashSet<ConnectionId>,
    stopped: bool,
}

#[derive(Debug)]
struct Connection {
    listener: Listener,
    departments: Vec<DepartmentId>,
    watches: HashSet<ConversationId>,
    queue: mpsc::Sender<FeedItem>,
    behind: bool,
}

impl Hub {
    /// Starts the ring after `floor`.
    pub(crate) fn begin_at(&self, floor: Position) {
        let mut state = self.state.lock();
        state.floor = floor;
        state.head = floor;
    }

    /// The last position published.
    pub(crate) fn head(&self) -> Position {
        self.state.lock().head
    }

    /// A commit of the recent past.
    pub(crate) fn find(&self, position: Position) -> Option<Arc<Commit>> {
        let state = self.state.lock();
        let at = state.ring.partition_point(|published| published.position() < position);
        let found = state.ring.get(at).filter(|published| published.position() == position)?;
        Some(Arc::clone(&found.commit))
    }

    /// Remembers a commit from before the start without showing it to anyone.
    pub(crate) fn remember(&self, published: Arc<Published>) {
        self.state.lock().remember(published);
    }

    /// Shows one batch of durable commits.
    pub(crate) fn publish(&self, batch: &[Arc<Published>]) {
        let mut state = self.state.lock();
        for published in batch {
            state.show(published);
            state.remember(Arc::clone(published));
        }
    }

    /// Shows a moment's news to those who have `consumer`'s conversation open, or to the consumer.
    pub(crate) fn flash(
        &self,
        audience: &Audience,
        news: &Arc<Ephemeral>,
        origin: Option<ConnectionId>,
    ) {
        let mut state = self.state.lock();
        let mut told = state.full_listeners(audience);
        told.extend(state.lifecycle_listeners(audience));
        for id in told {
            if Some(id) != origin
                && let Some(connection) = state.connections.get_mut(&id)
            {
                // News of a moment may be dropped: the next keystroke brings it again.
                let _ = connection.queue.try_send(FeedItem::Ephemeral(Arc::clone(news)));
            }
        }
    }

    /// Adds a listener. Returns how many connections this agent or consumer has now.
    pub(crate) fn add(
        &self,
        id: ConnectionId,
        listener: Listener,
        departments: Vec<DepartmentId>,
        queue: mpsc::Sender<FeedItem>,
    ) -> usize {
        let mut state = self.state.lock();
        if state.stopped {
            let _ = queue.try_send(FeedItem::Stopped);
        }
        let count = match &listener {
            Listener::Consumer(consumer) => {
                let all = state.consumers.entry(*consumer).or_default();
                all.push(id);
                all.len()
            }
            Listener::Agent { id: agent, sees_all } => {
                if *sees_all {
                    state.see_all.insert(id);
                }
                for department in &departments {
                    state.departments.entry(department.clone()).or_default().insert(id);
                }
                let all = state.agents.entry(agent.clone()).or_default();
                all.push(id);
                all.len()
            }
        };
        let connection =
            Connection { listener, departments, watches: HashSet::new(), queue, behind: false };
        state.connections.insert(id, connection);
        count
    }

    /// Takes a listener away. Returns who it was and how many connections are left, if it was there.
    pub(crate) fn remove(&self, id: ConnectionId) -> Option<(Listener, usize)> {
        self.state.lock().remove(id)
    }

    /// Whether an agent has any connection.
    pub(crate) fn agent_connections(&self, agent: &AgentId) -> usize {
        self.state.lock().agents.get(agent).map_or(0, Vec::len)
    }

    /// Whether a consumer has any connection.
    pub(crate) fn consumer_connections(&self, consumer: ConsumerId) -> usize {
        self.state.lock().consumers.get(&consumer).map_or(0, Vec::len)
    }

    /// All connections there are.
    pub(crate) fn connections(&self) -> usize {
        self.state.lock().connections.len()
    }

    pub(crate) fn watch(&self, id: ConnectionId, conversation: ConversationId, on: bool) {
        let mut state = self.state.lock();
        let Some(connection) = state.connections.get_mut(&id) else { return };
        if on {
            connection.watches.insert(conversation);
            state.watchers.entry(conversation).or_default().insert(id);
        } else {
            connection.watches.remove(&conversation);
            state.unwatch(conversation, id);
        }
    }

    /// Gives every agent's connections the departments that `departments_of` says.
    pub(crate) fn reassign(&self, departments_of: impl Fn(&AgentId) -> Vec<DepartmentId>) {
        let mut state = self.state.lock();
        state.departments.clear();
        let mut fresh: Vec<(DepartmentId, ConnectionId)> = Vec::new();
        for (id, connection) in &mut state.connections {
            if let Listener::Agent { id: agent, .. } = &connection.listener {
                connection.departments = departments_of(agent);
                fresh.extend(
                    connection.departments.iter().map(|department| (department.clone(), *id)),
                );
            }
        }
        for (department, id) in fresh {
            state.departments.entry(department).or_default().insert(id);
        }
    }

    /// What `id` missed after `cursor`, and from now on its queue is live again.
    pub(crate) fn catch_up(
        &self,
        id: ConnectionId,
        cursor: Position,
    ) -> Result<Vec<(Arc<Published>, Scope)>, TooOld> {
        let mut state = self.state.lock();
        if let Some(connection) = state.connections.get_mut(&id) {
            connection.behind = false;
        }
        if cursor < state.floor {
            return Err(TooOld { floor: state.floor });
        }
        let Some(connection) = state.connections.get(&id) else { return Ok(Vec::new()) };
        let start = state.ring.partition_point(|published| published.position() <= cursor);
        Ok(state
            .ring
            .range(start..)
            .filter_map(|published| {
                Some((Arc::clone(published), connection.scope_of(&published.audience)?))
            })
            .collect())
    }

    /// Tells everyone that there will be no more.
    pub(crate) fn stop(&self) {
        let mut state = self.state.lock();
        state.stopped = true;
        for connection in state.connections.values() {
            let _ = connection.queue.try_send(FeedItem::Stopped);
        }
    }
}

impl Connection {
    fn scope_of(&self, audience: &Audience) -> Option<Scope> {
        match &self.listener {
            Listener::Consumer(consumer) => {
                audience.consumers.contains(consumer).then_some(Scope::Full)
            }
            Listener::Agent { id, sees_all } => {
                if audience.agents.contains(id)
                    || audience.conversations.iter().any(|c| self.watches.contains(c))
                {
                    return Some(Scope::Full);
                }
                let listed = audience.accounts
                    || (*sees_all && !audience.departments.is_empty())
                    || audience
                        .departments
                        .iter()
                        .any(|department| self.departments.contains(department));
                listed.then_some(Scope::Lifecycle)
            }
        }
    }
}

impl State {
    fn remember(&mut self, published: Arc<Published>) {
        self.head = published.position();
        self.ring.push_back(published);
        while self.ring.len() > super::RING {
            if let Some(oldest) = self.ring.pop_front() {
                self.floor = oldest.position();
            }
        }
    }

    fn show(&mut self, published: &Arc<Published>) {
        let mut told: Vec<ConnectionId> = Vec::new();
        for id in self.full_listeners(&published.audience) {
            if Some(id) != published.origin {
                self.tell(id, published, Scope::Full);
            }
            told.push(id);
        }
        for id in self.lifecycle_listeners(&published.audience) {
            if !told.contains(&id) {
                self.tell(id, published, Scope::Lifecycle);
            }
        }
    }

    fn tell(&mut self, id: ConnectionId, published: &Arc<Published>, scope: Scope) {
        let Some(connection) = self.connections.get_mut(&id) else { return };
        if connection.behind {
            return;
        }
        // One place of the queue is kept for the note that the listener is behind.
        if connection.queue.capacity() <= 1 {
            connection.behind = true;
            let _ = connection.queue.try_send(FeedItem::Behind);
            return;
        }
        let _ = connection.queue.try_send(FeedItem::Published(Arc::clone(published), scope));
    }

    fn full_listeners(&self, audience: &Audience) -> Vec<ConnectionId> {
        let mut ids: Vec<ConnectionId> = Vec::new();
        for consumer in &audience.consumers {
            ids.extend(self.consumers.get(consumer).into_iter().flatten());
        }
        for agent in &audience.agents {
            ids.extend(self.agents.get(agent).into_iter().flatten());
        }
        if !self.watchers.is_empty() {
            for conversation in &audience.conversations {
                let watchers = self.watchers.get(conversation).into_iter().flatten();
                ids.extend(watchers);
            }
            ids.sort_unstable();
            ids.dedup();
        }
        ids
    }

    fn lifecycle_listeners(&self, audience: &Audience) -> HashSet<ConnectionId> {
        let mut ids = HashSet::new();
        if audience.accounts {
            ids.extend(self.agents.values().flatten());
        }
        if !audience.departments.is_empty() {
            ids.extend(&self.see_all);
        }
        for department in &audience.departments {
            ids.extend(self.departments.get(department).into_iter().flatten());
        }
        ids
    }

    fn unwatch(&mut self, conversation: ConversationId, id: ConnectionId) {
        if let Some(watchers) = self.watchers.get_mut(&conversation) {
            watchers.remove(&id);
            if watchers.is_empty() {
                self.watchers.remove(&conversation);
            }
        }
    }

    fn remove(&mut self, id: ConnectionId) -> Option<(Listener, usize)> {
        let connection = self.connections.remove(&id)?;
        for conversation in &connection.watches {
            self.unwatch(*conversation, id);
        }
        for department in &connection.departments {
            if let Some(all) = self.departments.get_mut(department) {
                all.remove(&id);
            }
        }
        self.see_all.remove(&id);
        let left = match &connection.listener {
            Listener::Consumer(consumer) => forget(&mut self.consumers, consumer, id),
            Listener::Agent { id: agent, .. } => forget(&mut self.agents, agent, id),
        };
        Some((connection.listener, left))
    }
}

/// Takes `id` out of the list at `key`; an empty list goes. Returns how many are left.
fn forget<K: Eq + std::hash::Hash>(
    map: &mut HashMap<K, Vec<ConnectionId>>,
    key: &K,
    id: ConnectionId,
) -> usize {
    let Some(all) = map.get_mut(key) else { return 0 };
    all.retain(|other| *other != id);
    let left = all.len();
    if left == 0 {
        map.remove(key);
    }
    left
}
