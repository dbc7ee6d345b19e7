//! The lines that are open: one a call, counted, and told when they have to end.
//!
//! A second socket for a call is Retell's reconnect: the first one is dead or about to be, and must not speak beside it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use dashmap::{DashMap, Entry};
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
    open: DashMap<String, OpenLine>,
    next: AtomicU64,
    stops: AtomicBool,
    left: Notify,
    /// Of `open`, which cannot be asked while one of its entries is held.
    len: AtomicUsize,
    len_max: usize,
}

#[derive(Debug)]
struct OpenLine {
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
            len: AtomicUsize::new(0),
            len_max,
        })
    }

    /// A line of this call's, which ends the one before; none where there are too many, or the host stops.
    pub fn enter(self: &Arc<Self>, call_id: &str) -> Option<Place> {
        if self.stops.load(Ordering::Acquire) {
            return None;
        }
        self.admit(call_id)
    }

    fn admit(self: &Arc<Self>, call_id: &str) -> Option<Place> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let (tell, ending) = watch::channel(None);
        let line = OpenLine {
            number,
            ending: tell,
        };
        match self.open.entry(call_id.to_owned()) {
            // It takes the place of its own call's, so a full host takes it too.
            Entry::Occupied(mut known) => {
                let before = known.insert(line);
                before.ending.send_replace(Some(Ending::Replaced));
            }
            Entry::Vacant(free) => {
                let grown = |len| (len < self.len_max).then_some(len + 1);
                let relaxed = Ordering::Relaxed;
                self.len.fetch_update(relaxed, relaxed, grown).ok()?;
                free.insert(line);
                metrics::gauge!("websockets_open").increment(1.0);
            }
        }
        let place = Place {
            sockets: Arc::clone(self),
            call_id: call_id.to_owned(),
            number,
            ending,
        };
        // Asked again now that the line can be found: one that came after all were told would never be.
        (!self.stops.load(Ordering::Acquire)).then_some(place)
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
        let is_ours = |_: &String, line: &OpenLine| line.number == self.number;
        if self
            .sockets
            .open
            .remove_if(&self.call_id, is_ours)
            .is_some()
        {
            self.sockets.len.fetch_sub(1, Ordering::Relaxed);
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

    #[tokio::test]
    async fn a_full_host_takes_the_reconnect_of_a_call_that_it_has() {
        let sockets = Sockets::new(1);
        let mut first = sockets.enter("call_1").unwrap();
        let second = sockets.enter("call_1").expect("its own place is free");
        assert_eq!(first.ending().await, Ending::Replaced);
        drop(first);
        assert!(sockets.enter("call_2").is_none(), "the newer one counts");
        drop(second);
        assert!(sockets.enter("call_2").is_some());
    }

    #[tokio::test]
    async fn a_line_that_comes_between_the_question_and_the_stop_is_not_forgotten() {
        let sockets = Sockets::new(2);
        sockets.stop();
        assert!(sockets.admit("call_1").is_none());
        sockets.all_left().await;
        assert_eq!(sockets.len.load(Ordering::Relaxed), 0);
    }
}
