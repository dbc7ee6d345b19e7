//! Virtual time: what is to happen, in order.
//!
//! Time moves from one step to the next and never by itself; steps of the same moment happen in the order in which they were put.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// What is to happen and when, in milliseconds since the world began.
#[derive(Debug)]
pub struct Agenda<T> {
    now_ms: i64,
    next: u64,
    waiting: BinaryHeap<Reverse<Entry<T>>>,
}

#[derive(Debug)]
struct Entry<T> {
    at_ms: i64,
    number: u64,
    step: T,
}

impl<T> Agenda<T> {
    /// Nothing to do, at the beginning of time.
    #[must_use]
    pub fn new() -> Self {
        Self {
            now_ms: 0,
            next: 0,
            waiting: BinaryHeap::new(),
        }
    }

    /// The present.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        self.now_ms
    }

    /// Puts a step so many milliseconds from now.
    pub fn after(&mut self, ms: i64, step: T) {
        let entry = Entry {
            at_ms: self.now_ms + ms.max(0),
            number: self.next,
            step,
        };
        self.next += 1;
        self.waiting.push(Reverse(entry));
    }

    /// The next step; time moves to it. None where nothing waits, or only what comes after `until_ms`.
    pub fn next(&mut self, until_ms: i64) -> Option<T> {
        let Reverse(first) = self.waiting.peek()?;
        if first.at_ms > until_ms {
            return None;
        }
        let Reverse(entry) = self.waiting.pop()?;
        self.now_ms = entry.at_ms;
        Some(entry.step)
    }
}

impl<T> Default for Agenda<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Entry<T> {
    fn key(&self) -> (i64, u64) {
        (self.at_ms, self.number)
    }
}

impl<T> PartialEq for Entry<T> {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl<T> Eq for Entry<T> {}

impl<T> PartialOrd for Entry<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Entry<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key().cmp(&other.key())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_come_in_the_order_of_their_time_and_then_of_their_putting() {
        let mut agenda = Agenda::new();
        for (ms, step) in [(5, 'c'), (1, 'a'), (5, 'd'), (2, 'b'), (9, 'e')] {
            agenda.after(ms, step);
        }
        let steps: String = std::iter::from_fn(|| agenda.next(8)).collect();
        assert_eq!(steps, "abcd");
        assert_eq!(agenda.now_ms(), 5);
        assert_eq!(agenda.next(9), Some('e'));
    }
}
