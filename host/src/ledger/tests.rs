//! The ledger's table, state by event, and what follows from it.
//!
//! Beside `ledger.rs`, because the table is as long as the function that it holds.

use serde_json::Value;

use super::{Event, Kind, NewEntry, Standing, State, Verdict, key, step};
use crate::call::intent::Payee;
use crate::call::{Intent, Money, Transfer};

pub(super) fn usd(minor: i64) -> Money {
    Money::new(minor, "USD")
}

/// A transfer from `checking_1` to `savings_1`.
pub(super) fn entry(name: &str, minor: i64) -> NewEntry {
    let wish = Intent::Transfer(Transfer {
        from_account: "checking_1".to_owned(),
        to_account: "savings_1".to_owned(),
        payee: Payee::SameOwner,
        amount: usd(minor),
        memo: None,
    });
    let body = serde_json::json!(wish);
    NewEntry {
        id: format!("id of {name}"),
        key: name.to_owned(),
        fingerprint: key::fingerprint(&body),
        kind: Kind::Transfer,
        call_id: None,
        user_id: "user_1".to_owned(),
        from_account: "checking_1".to_owned(),
        to_account: "savings_1".to_owned(),
        amount: usd(minor),
        memo: None,
        body,
        revision: None,
        turn_id: None,
    }
}

/// One row a state, one letter an event, in the order of `events()`: the state moved to (see `letter`), `.` unchanged,
/// `x` illegal.
const TABLE: [(State, &str); 7] = [
    //                    Auth Drop Send Comp Refu Boun Lose Give Conf WrOf
    (State::Requested, "A R x x x x x x x x"),
    (State::Authorised, ". R S x x x x x x x"),
    (State::Sent, "x x x C R R U x x x"),
    (State::Completed, "x x x . x x x x x x"),
    (State::Refused, "x . x x . . x x x x"),
    (State::Unknown, "x x x C R . . N x x"),
    (State::NeedsReview, "x x x C R . . . C R"),
];

/// The same of a row that a person wrote off.
const WRITTEN_OFF: &str = "x . x C . . x x C x";

fn paid(state: State, paid_as: Option<&str>) -> Standing<'_> {
    Standing {
        state,
        paid_as,
        is_written_off: false,
    }
}

fn complete(id: Option<&str>) -> Event {
    Event::Complete {
        bank_payment_id: id.map(str::to_owned),
        answer: Value::Null,
    }
}

fn events() -> [Event; 10] {
    let text = || String::from("x");
    [
        Event::Authorise,
        Event::Drop { reason: text() },
        Event::Send {
            is_repeatable: true,
        },
        complete(Some("payment_1")),
        Event::Refuse {
            reason: text(),
            answer: Value::Null,
        },
        Event::Bounce {
            reason: text(),
            answer: Value::Null,
        },
        Event::LoseTrack { reason: text() },
        Event::GiveUp {
            evidence: Value::Null,
        },
        Event::Confirm {
            by: text(),
            reason: text(),
            bank_payment_id: None,
        },
        Event::WriteOff {
            by: text(),
            reason: text(),
        },
    ]
}

fn letter(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Illegal => "x",
        Verdict::Unchanged => ".",
        Verdict::Moved(State::Requested) => "Q",
        Verdict::Moved(State::Authorised) => "A",
        Verdict::Moved(State::Sent) => "S",
        Verdict::Moved(State::Completed) => "C",
        Verdict::Moved(State::Refused) => "R",
        Verdict::Moved(State::Unknown) => "U",
        Verdict::Moved(State::NeedsReview) => "N",
    }
}

#[test]
fn every_pair_of_state_and_event_has_the_verdict_of_the_table() {
    assert_eq!(TABLE.map(|(state, _)| state), State::ALL);
    for (state, row) in TABLE {
        let found: Vec<_> = events()
            .iter()
            .map(|event| letter(step(paid(state, Some("payment_1")), event)))
            .collect();
        assert_eq!(found.join(" "), row, "{state:?}");
    }
}

#[test]
fn what_was_written_off_is_only_ever_completed() {
    let written_off = Standing {
        is_written_off: true,
        ..paid(State::Refused, None)
    };
    let found = events().map(|event| letter(step(written_off, &event)));
    assert_eq!(found.join(" "), WRITTEN_OFF);
}

#[test]
fn only_an_authorised_row_may_be_sent() {
    let send = Event::Send {
        is_repeatable: false,
    };
    for state in State::ALL {
        let may = step(paid(state, None), &send) == Verdict::Moved(State::Sent);
        assert_eq!(may, state == State::Authorised, "{state:?}");
    }
}

#[test]
fn a_settled_row_never_moves_again() {
    for state in State::ALL.into_iter().filter(|state| !state.is_unsettled()) {
        for event in events() {
            assert!(
                !matches!(step(paid(state, None), &event), Verdict::Moved(_)),
                "{state:?} {event:?}"
            );
        }
    }
}

#[test]
fn a_completed_row_does_not_take_a_second_payment() {
    let verdict = |held, answered| step(paid(State::Completed, held), &complete(answered));
    assert_eq!(verdict(Some("a"), Some("a")), Verdict::Unchanged);
    assert_eq!(verdict(Some("a"), None), Verdict::Unchanged);
    assert_eq!(verdict(None, Some("a")), Verdict::Unchanged);
    assert_eq!(verdict(Some("a"), Some("b")), Verdict::Illegal);
}

#[test]
fn names_are_read_back() {
    for state in State::ALL {
        assert_eq!(State::from_name(state.as_str()), Some(state));
    }
    assert_eq!(State::from_name("paid"), None);
}
