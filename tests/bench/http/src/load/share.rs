//! Whose turn it is: the calls of one worker of a load, asked one after another.
//!
//! Every worker has calls of its own, so that no call is asked two things at once. Nothing is sent here.

use super::Ask;
use crate::request::{Call, Request};

/// The calls of one worker.
pub struct Share {
    calls: Vec<Call>,
    next: usize,
}

impl Share {
    /// What is sent next. A call whose end is told is followed at once by the next one of its caller, so that there are always as
    /// many live calls, but for those that are just at this point.
    pub fn request(&mut self, ask: Ask) -> Request {
        let length = self.calls.len();
        let call = &mut self.calls[self.next];
        let request = match ask {
            Ask::Balance => call.balance(),
            Ask::Transfer => call.transfer(),
            Ask::Events => call.event(),
        };
        if !self.is_amid(ask) {
            self.next = (self.next + 1) % length;
        }
        request
    }

    /// Whether an end was told, and the beginning that follows it was not.
    pub fn is_amid(&self, ask: Ask) -> bool {
        ask == Ask::Events && !self.calls[self.next].is_told()
    }

    /// How many calls.
    pub fn count(&self) -> usize {
        self.calls.len()
    }

    /// Gives them back as they stand now.
    pub fn into_calls(self) -> Vec<Call> {
        self.calls
    }
}

/// As many shares as there are workers, or fewer calls.
pub fn shares(calls: Vec<Call>, workers: usize) -> Vec<Share> {
    let count = workers.min(calls.len());
    let mut shares: Vec<Share> = (0..count)
        .map(|_| Share {
            calls: Vec::new(),
            next: 0,
        })
        .collect();
    for (number, call) in calls.into_iter().enumerate() {
        shares[number % count].calls.push(call);
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_call_is_shared() {
        let calls: Vec<Call> = (0..10).map(|number| Call::new("a", number)).collect();
        let shares = shares(calls, 4);
        let bodies: std::collections::HashSet<String> = shares
            .iter()
            .flat_map(|share| share.calls.iter().map(|call| call.started().body))
            .collect();
        assert_eq!((shares.len(), bodies.len()), (4, 10));
    }

    #[test]
    fn every_call_begins_before_one_ends_and_then_another_of_its_caller_begins() {
        let calls = vec![Call::new("a", 1), Call::new("a", 2)];
        let mut share = shares(calls, 1).remove(0);
        let told = [
            ("call_started", "call_a_0000001_1"),
            ("call_started", "call_a_0000002_1"),
            ("call_ended", "call_a_0000001_1"),
            ("call_started", "call_a_0000001_2"),
            ("call_ended", "call_a_0000002_1"),
        ];
        for (event, call) in told {
            let body = share.request(Ask::Events).body;
            assert!(body.contains(event) && body.contains(call), "{body}");
        }
        assert!(share.is_amid(Ask::Events));
    }
}
