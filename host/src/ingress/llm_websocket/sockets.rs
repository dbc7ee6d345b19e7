//! The lines that are open: one a call, counted, and told when they have to end.
//!
//! A second socket for a call is Retell's reconnect: the first one is dead or about to be, and must not speak beside it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use dashmap::DashMap;
use tokio::sync::{Notify, watch};

/// Why a line has to end although neither side wants the call to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The host stops; another one, or the next, takes the line.
    Restart,
    /// A newer socket has the call.
    Replaced,
}

/// All open lines of this process.
#[derive(Debug)]
pub struct Sockets {
    open: DashMap<String, Line>,
    next: AtomicU64,
    stops: AtomicBool,
    left: Notify,
    len_max: usize,
}

#[derive(Debug)]
struct Line {
    number: u64,
    ending: watch::Sender<Option<Ending>>,
}

/// One open line; leaves when dropped.
#[derive(Debug)]
pub struct Place {
    sockets: Arc<Sockets>,
    call_id: String,
    number: u64,
    ending: watch::Receiver<Option<Ending>>,
}

impl Sockets {
    /// None open, at most so many.
    #[must_use]
    pub fn new(len_max: usize) -> Arc<Self> {
        Arc::new(Self {
            open: DashMap::new(),
            next: AtomicU64::new(0),
            stops: AtomicBool::new(false),
            left: Notify::new(),
            len_max,
        })
    }

    /// A line of this call's, which ends the one before; none where there are too many, or the host stops.
    pub fn enter(self: &Arc<Self>, call_id: &str) -> Option<Place> {
        if self.stops.load(Ordering::Acquire) || self.open.len() >= self.len_max {
            return None;
        }
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let (tell, ending) = watch::channel(None);
        let line = Line {
            number,
            ending: tell,
        };
        match self.open.insert(call_id.to_owned(), line) {
            Some(before) => {
                before.ending.send_replace(Some(Ending::Replaced));
            }
            None => metrics::gauge!("websockets_open").increment(1.0),
        }
        Some(Place {
            sockets: Arc::clone(self),
            call_id: call_id.to_owned(),
            number,
            ending,
        })
    }

    /// Tells all lines to end, and takes no more.
    pub fn stop(&self) {
        self.stops.store(true, Ordering::Release);
        for line in &self.open {
            line.ending.send_replace(Some(Ending::Restart));
        }
    }

    /// Returns when no line is open.
    pub async fn all_left(&self) {
        loop {
            let left = self.left.notified();
            if self.open.is_empty() {
                return;
            }
            left.await;
        }
    }
}

impl Place {
    /// Returns when the line has to end.
    pub async fn ending(&mut self) -> Ending {
        let told = self.ending.wait_for(Option::is_some).await;
        told.ok().and_then(|told| *told).unwrap_or(Ending::Replaced)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let is_ours = |_: &String, line: &Line| line.number == self.number;
        if self
            .sockets
            .open
            .remove_if(&self.call_id, is_ours)
            .is_some()
        {
            metrics::gauge!("websockets_open").decrement(1.0);
        }
        self.sockets.left.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_newer_socket_of_a_call_ends_the_older() {
        let sockets = Sockets::new(2);
        let mut first = sockets.enter("call_1").unwrap();
        let mut second = sockets.enter("call_1").unwrap();
        assert_eq!(first.ending().await, Ending::Replaced);
        drop(first);
        assert_eq!(sockets.open.len(), 1, "the newer one stays");
        sockets.stop();
        assert_eq!(second.ending().await, Ending::Restart);
        assert!(sockets.enter("call_2").is_none());
        drop(second);
        sockets.all_left().await;
    }

    #[test]
    fn there_are_no_more_lines_than_allowed() {
        let sockets = Sockets::new(1);
        let first = sockets.enter("call_1").unwrap();
        assert!(sockets.enter("call_2").is_none());
        drop(first);
        assert!(sockets.enter("call_2").is_some());
    }
}
