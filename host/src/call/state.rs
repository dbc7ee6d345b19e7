//! The call's state machine: pure, total, eight states.
//!
//! Events arrive twice, late, out of order or never, so most pairs are not errors: [`Verdict::Unchanged`] means "kept, without
//! effect". Only a command that cannot be meant in this state is [`Verdict::Illegal`]. What an event does to the rest of the
//! call (trust, pending, revision) is not decided here.

use serde::{Deserialize, Serialize};

/// Where a call stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum State {
    /// The line is free; no call row exists yet.
    AwaitingCall,
    /// The call is open, its caller not looked up yet.
    CallStarted,
    /// The caller may speak.
    AwaitingIntent,
    /// A turn runs: route, decide, fulfil.
    ProcessingRequest,
    /// The outcome is known and being put into words.
    GeneratingResponse,
    /// The reply was handed over and is being spoken.
    SpeakingResponse,
    /// A human has the caller.
    HandedOff,
    /// Final for this call id.
    CallEnded,
}

/// What may happen to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Event {
    /// `call_started`, a websocket, the first function call or load-context, whichever comes first.
    Opened,
    /// The caller was looked up, found or not.
    ContextLoaded,
    /// A request of the caller's is taken up.
    TurnBegan,
    /// The turn has an outcome.
    OutcomeKnown,
    /// The reply left the host.
    ReplyHandedOver,
    /// The caller speaks again.
    CallersTurn,
    /// The turn was superseded, or failed and apologised.
    TurnAbandoned,
    /// `transfer_started`: a human takes over.
    TransferStarted,
    /// `transfer_cancelled`: the human did not.
    TransferCancelled,
    /// `call_ended`.
    Ended,
    /// `call_analyzed`; opens an ended call where it is the first event.
    Analyzed,
}

/// What the machine says to an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The call is now there.
    Moved(State),
    /// Kept, without effect: a duplicate, or late.
    Unchanged,
    /// Cannot be meant here; an answer, not a crash.
    Illegal,
}

impl State {
    /// Every state, in the order of a call's life.
    pub const ALL: [Self; 8] = [
        Self::AwaitingCall,
        Self::CallStarted,
        Self::AwaitingIntent,
        Self::ProcessingRequest,
        Self::GeneratingResponse,
        Self::SpeakingResponse,
        Self::HandedOff,
        Self::CallEnded,
    ];

    /// Open, and so to be ended some day.
    #[must_use]
    pub fn is_live(self) -> bool {
        !matches!(self, Self::AwaitingCall | Self::CallEnded)
    }

    /// The name on the wire and in the database, `AWAITING_INTENT`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AwaitingCall => "AWAITING_CALL",
            Self::CallStarted => "CALL_STARTED",
            Self::AwaitingIntent => "AWAITING_INTENT",
            Self::ProcessingRequest => "PROCESSING_REQUEST",
            Self::GeneratingResponse => "GENERATING_RESPONSE",
            Self::SpeakingResponse => "SPEAKING_RESPONSE",
            Self::HandedOff => "HANDED_OFF",
            Self::CallEnded => "CALL_ENDED",
        }
    }

    /// The state of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

impl Event {
    /// Every event.
    pub const ALL: [Self; 11] = [
        Self::Opened,
        Self::ContextLoaded,
        Self::TurnBegan,
        Self::OutcomeKnown,
        Self::ReplyHandedOver,
        Self::CallersTurn,
        Self::TurnAbandoned,
        Self::TransferStarted,
        Self::TransferCancelled,
        Self::Ended,
        Self::Analyzed,
    ];
}

/// What `event` does to a call in `state`.
///
/// Invariant: pure, and total over all pairs (`every_pair_of_state_and_event_has_the_verdict_of_the_table`).
#[must_use]
pub fn apply(state: State, event: Event) -> Verdict {
    use Event as E;
    use State as S;
    use Verdict::{Illegal, Moved, Unchanged};
    match (state, event) {
        (S::CallEnded, E::TurnBegan | E::ContextLoaded) => Illegal,
        (S::CallEnded, _) => Unchanged,
        (_, E::Ended | E::Analyzed) => Moved(S::CallEnded),

        (S::AwaitingCall, E::Opened) => Moved(S::CallStarted),
        (S::AwaitingCall, _) => Illegal,
        (_, E::Opened) => Unchanged,

        (S::HandedOff, E::TransferStarted) => Unchanged,
        (_, E::TransferStarted) => Moved(S::HandedOff),
        (S::HandedOff, E::TransferCancelled) => Moved(S::AwaitingIntent),
        (_, E::TransferCancelled) => Unchanged,

        (S::CallStarted | S::SpeakingResponse, E::ContextLoaded) => Moved(S::AwaitingIntent),
        (S::AwaitingIntent, E::ContextLoaded) => Unchanged,
        (S::AwaitingIntent | S::SpeakingResponse, E::TurnBegan) => Moved(S::ProcessingRequest),
        (S::ProcessingRequest, E::OutcomeKnown) => Moved(S::GeneratingResponse),
        (S::GeneratingResponse, E::ReplyHandedOver) => Moved(S::SpeakingResponse),
        (S::SpeakingResponse, E::CallersTurn) => Moved(S::AwaitingIntent),
        (S::AwaitingIntent, E::CallersTurn) => Unchanged,
        (S::ProcessingRequest | S::GeneratingResponse, E::TurnAbandoned) => {
            Moved(S::AwaitingIntent)
        }
        // A turn that was running when a human took over ends without an effect on the state.
        (S::HandedOff, E::OutcomeKnown | E::ReplyHandedOver | E::TurnAbandoned) => Unchanged,
        _ => Illegal,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// One row a state, one letter an event, in the order of `Event::ALL`: the state moved to (see `letter`), `.` unchanged,
    /// `x` illegal.
    const TABLE: [(State, &str); 8] = [
        //                            Open Ctx Turn Outc Reply Callr Aband TrSt TrCa End Anal
        (State::AwaitingCall, "S x x x x x x x x E E"),
        (State::CallStarted, ". A x x x x x H . E E"),
        (State::AwaitingIntent, ". . P x x . x H . E E"),
        (State::ProcessingRequest, ". x x G x x A H . E E"),
        (State::GeneratingResponse, ". x x x K x A H . E E"),
        (State::SpeakingResponse, ". A P x x A x H . E E"),
        (State::HandedOff, ". x x . . x . . A E E"),
        (State::CallEnded, ". x x . . . . . . . ."),
    ];

    fn letter(verdict: Verdict) -> &'static str {
        match verdict {
            Verdict::Illegal => "x",
            Verdict::Unchanged => ".",
            Verdict::Moved(State::AwaitingCall) => "L",
            Verdict::Moved(State::CallStarted) => "S",
            Verdict::Moved(State::AwaitingIntent) => "A",
            Verdict::Moved(State::ProcessingRequest) => "P",
            Verdict::Moved(State::GeneratingResponse) => "G",
            Verdict::Moved(State::SpeakingResponse) => "K",
            Verdict::Moved(State::HandedOff) => "H",
            Verdict::Moved(State::CallEnded) => "E",
        }
    }

    #[test]
    fn every_pair_of_state_and_event_has_the_verdict_of_the_table() {
        assert_eq!(TABLE.map(|(state, _)| state), State::ALL);
        for (state, row) in TABLE {
            let found: Vec<_> = Event::ALL
                .into_iter()
                .map(|event| letter(apply(state, event)))
                .collect();
            assert_eq!(found.join(" "), row, "{state:?}");
        }
    }

    #[test]
    fn an_ended_call_never_lives_again() {
        for event in Event::ALL {
            assert!(
                !matches!(apply(State::CallEnded, event), Verdict::Moved(_)),
                "{event:?}"
            );
        }
    }

    #[test]
    fn names_are_read_back() {
        for state in State::ALL {
            assert_eq!(State::from_name(state.as_str()), Some(state));
        }
    }

    /// Events of one call: any of them, any number of times, in any order.
    fn deliveries() -> impl Strategy<Value = Vec<Event>> {
        proptest::collection::vec(proptest::sample::select(&Event::ALL[..]), 0..24)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100_000))]

        #[test]
        fn in_any_order_a_call_is_somewhere_legal_and_over_once_it_was_told_to_be(events in deliveries()) {
            let mut state = State::AwaitingCall;
            let mut is_told = false;
            for event in &events {
                if let Verdict::Moved(to) = apply(state, *event) {
                    prop_assert!(to != State::AwaitingCall, "{event:?} from {state:?} closes the line");
                    state = to;
                }
                is_told |= matches!(event, Event::Ended | Event::Analyzed);
                prop_assert_eq!(state == State::CallEnded, is_told);
            }
            // The reaper's word, for a call that nobody told.
            if let Verdict::Moved(to) = apply(state, Event::Ended) {
                state = to;
            }
            prop_assert_eq!(state, State::CallEnded);
        }
    }
}
