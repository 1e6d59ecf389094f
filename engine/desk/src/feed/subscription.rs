//! One listener's end of the feed.

use std::sync::Arc;

use dialogo_domain::{ConversationId, Position};
use tokio::sync::mpsc;

use super::{ConnectionId, FeedItem, Hub, Published, Scope, TooOld};

/// One listener's end of the feed. Dropping it ends the listening.
pub struct Subscription {
    hub: Arc<Hub>,
    id: ConnectionId,
    queue: mpsc::Receiver<FeedItem>,
    cursor: Position,
    on_drop: Option<Box<dyn FnOnce() + Send + Sync>>,
}

impl Subscription {
    pub(crate) fn new(
        hub: Arc<Hub>,
        id: ConnectionId,
        queue: mpsc::Receiver<FeedItem>,
        on_drop: Box<dyn FnOnce() + Send + Sync>,
    ) -> Self {
        let cursor = hub.head();
        Self { hub, id, queue, cursor, on_drop: Some(on_drop) }
    }

    /// The connection this is.
    pub fn connection(&self) -> ConnectionId {
        self.id
    }

    /// Everything up to here has been yielded or did not concern this listener.
    pub fn cursor(&self) -> Position {
        self.cursor
    }

    /// Waits for the next item; commits at or before the cursor are passed over. Cancel safe.
    pub async fn next(&mut self) -> FeedItem {
        loop {
            match self.queue.recv().await {
                None => return FeedItem::Stopped,
                Some(FeedItem::Published(published, scope)) => {
                    if published.position() > self.cursor {
                        self.cursor = published.position();
                        return FeedItem::Published(published, scope);
                    }
                }
                Some(other) => return other,
            }
        }
    }

    /// The next item if there is one already.
    pub fn try_next(&mut self) -> Option<FeedItem> {
        loop {
            match self.queue.try_recv().ok()? {
                FeedItem::Published(published, scope) => {
                    if published.position() > self.cursor {
                        self.cursor = published.position();
                        return Some(FeedItem::Published(published, scope));
                    }
                }
                other => return Some(other),
            }
        }
    }

    /// What was missed after `cursor`; the subscription goes on from there.
    ///
    /// # Errors
    /// [`TooOld`] when that can no longer be served: reload everything, the subscription goes on from the head.
    pub fn catch_up(&mut self, cursor: Position) -> Result<Vec<(Arc<Published>, Scope)>, TooOld> {
        let missed = self.hub.catch_up(self.id, cursor);
        match &missed {
            Ok(missed) => {
                self.cursor =
                    missed.last().map_or(cursor.max(self.cursor), |(last, _)| last.position());
            }
            Err(_) => self.cursor = self.hub.head(),
        }
        missed
    }

    /// Asks for everything of a conversation. The caller has checked that the listener may see it.
    pub fn watch(&self, conversation: ConversationId) {
        self.hub.watch(self.id, conversation, true);
    }

    /// Takes that back.
    pub fn unwatch(&self, conversation: ConversationId) {
        self.hub.watch(self.id, conversation, false);
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        if let Some(on_drop) = self.on_drop.take() {
            on_drop();
        }
    }
}
