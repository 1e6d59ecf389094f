//! The durable head: how far the journal is safe, and a way to wait for it to move, from a thread or from a task.
//!
//! It never says *what* became durable; read that from the journal. A reader that sleeps through ten groups sees one
//! move, which is why a slow one holds a position and not a queue.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use dialogo_domain::Position;
use parking_lot::{Condvar, Mutex};

use crate::fault::Fault;

/// The writer's end.
#[derive(Debug, Default)]
pub struct Head(Arc<Shared>);

/// A reader's end: cheap to clone.
#[derive(Clone, Debug)]
pub struct Follow(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    position: AtomicU64,
    /// Threads and tasks that wait; while it is 0 the writer takes no lock.
    waiting: AtomicUsize,
    state: Mutex<State>,
    moved: Condvar,
}

#[derive(Debug, Default)]
struct State {
    ended: Option<Fault>,
    wakers: Vec<Waker>,
}

impl Head {
    /// A head that stands at `position`.
    pub fn at(position: Position) -> Self {
        let head = Self::default();
        head.0.position.store(position.0, Ordering::SeqCst);
        head
    }

    /// Where it stands.
    pub fn position(&self) -> Position {
        Position(self.0.position.load(Ordering::SeqCst))
    }

    /// Moves it forward and wakes whoever waits.
    pub fn advance(&self, position: Position) {
        self.0.position.store(position.0, Ordering::SeqCst);
        if self.0.waiting.load(Ordering::SeqCst) > 0 {
            self.0.wake();
        }
    }

    /// Says that it will not move any more, and why.
    pub fn end(&self, fault: Fault) {
        self.0.state.lock().ended.get_or_insert(fault);
        self.0.wake();
    }

    /// A reader's end.
    pub fn follow(&self) -> Follow {
        Follow(Arc::clone(&self.0))
    }
}

impl Shared {
    fn wake(&self) {
        let wakers = {
            let mut state = self.state.lock();
            self.moved.notify_all();
            std::mem::take(&mut state.wakers)
        };
        self.waiting.fetch_sub(wakers.len(), Ordering::SeqCst);
        wakers.into_iter().for_each(Waker::wake);
    }

    fn now(&self) -> Position {
        Position(self.position.load(Ordering::SeqCst))
    }
}

impl Follow {
    /// How far the journal is durable.
    pub fn position(&self) -> Position {
        self.0.now()
    }

    /// Why it will not move any more, if so.
    pub fn ended(&self) -> Option<Fault> {
        self.0.state.lock().ended.clone()
    }

    /// Blocks until the head is past `position` and says where it is; `None` when `patience` ran out first.
    pub fn wait_past(
        &self,
        position: Position,
        patience: Duration,
    ) -> Result<Option<Position>, Fault> {
        if self.position() > position {
            return Ok(Some(self.position()));
        }
        let deadline = Instant::now() + patience;
        let mut state = self.0.state.lock();
        self.0.waiting.fetch_add(1, Ordering::SeqCst);
        let answer = loop {
            if self.0.now() > position {
                break Ok(Some(self.0.now()));
            }
            if let Some(fault) = &state.ended {
                break Err(fault.clone());
            }
            if self.0.moved.wait_until(&mut state, deadline).timed_out() {
                let now = self.0.now();
                break Ok((now > position).then_some(now));
            }
        };
        self.0.waiting.fetch_sub(1, Ordering::SeqCst);
        answer
    }

    /// The same for a task.
    pub fn past(&self, position: Position) -> Past {
        Past { shared: Arc::clone(&self.0), position }
    }
}

/// Resolves once the head is past a position; made by [`Follow::past`].
#[derive(Debug)]
pub struct Past {
    shared: Arc<Shared>,
    position: Position,
}

impl Future for Past {
    type Output = Result<Position, Fault>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if self.shared.now() > self.position {
            return Poll::Ready(Ok(self.shared.now()));
        }
        let mut state = self.shared.state.lock();
        if !state.wakers.iter().any(|waker| waker.will_wake(context.waker())) {
            self.shared.waiting.fetch_add(1, Ordering::SeqCst);
            state.wakers.push(context.waker().clone());
        }
        // The head may have moved between the first look and the registration.
        if self.shared.now() > self.position {
            return Poll::Ready(Ok(self.shared.now()));
        }
        match &state.ended {
            Some(fault) => Poll::Ready(Err(fault.clone())),
            None => Poll::Pending,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_is_woken_when_the_head_moves() {
        let head = Head::default();
        let follow = head.follow();
        let waiter =
            std::thread::spawn(move || follow.wait_past(Position(2), Duration::from_secs(30)));
        head.advance(Position(2));
        head.advance(Position(3));
        assert_eq!(waiter.join().unwrap().unwrap(), Some(Position(3)));
    }

    #[test]
    fn patience_runs_out_and_an_end_is_told() {
        let head = Head::default();
        let follow = head.follow();
        assert_eq!(follow.wait_past(Position(0), Duration::ZERO).unwrap(), None);
        head.end(Fault::Closed);
        assert!(matches!(
            follow.wait_past(Position(0), Duration::from_secs(30)),
            Err(Fault::Closed)
        ));
    }

    #[test]
    fn a_task_is_woken_when_the_head_moves() {
        use std::sync::atomic::AtomicBool;
        struct Flag(AtomicBool);
        impl std::task::Wake for Flag {
            fn wake(self: Arc<Self>) {
                self.0.store(true, Ordering::SeqCst);
            }
        }
        let head = Head::default();
        let flag = Arc::new(Flag(AtomicBool::new(false)));
        let waker = Waker::from(Arc::clone(&flag));
        let mut past = head.follow().past(Position(0));
        let mut context = Context::from_waker(&waker);
        assert!(Pin::new(&mut past).poll(&mut context).is_pending());
        assert!(!flag.0.load(Ordering::SeqCst));
        head.advance(Position(1));
        assert!(flag.0.load(Ordering::SeqCst));
        assert!(matches!(Pin::new(&mut past).poll(&mut context), Poll::Ready(Ok(Position(1)))));
    }
}
