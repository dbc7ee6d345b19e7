//! The search for proof as a table, and that nothing but proof ends a row.
//!
//! Time is a number here, and the bank is whatever a test says that was heard of it.

use proptest::prelude::*;
use serde_json::Value;

use super::super::tests::{entry, usd};
use super::*;
use crate::call::outcome::Payment;
use crate::ledger::settling::{Settled, settle};

mod late;

const SENT_MS: i64 = 1_900_000_000_000;
const ABANDONED_MS: i64 = 8_000;
const SILENT_MS: i64 = 18_000;

fn proof(row: &Row, heard: &Testimony, now_ms: i64) -> Finding {
    super::proof(row, heard, SILENT_MS, now_ms)
}

fn row(state: State) -> Row {
    let mut row = Row::opened(&entry("key", 500), SENT_MS - 10);
    row.state = state;
    row.sent_at_ms = Some(SENT_MS);
    row.is_repeatable = true;
    row.updated_at_ms = SENT_MS;
    row
}

fn unknown() -> Row {
    let mut row = row(State::Unknown);
    row.search.looks = 1;
    row
}

fn payment(reference: Option<&str>, state: PaymentState) -> PaymentSeen {
    PaymentSeen {
        id: "payment_1".to_owned(),
        from_account: "checking_1".to_owned(),
        to_account: "savings_1".to_owned(),
        amount: usd(500),
        date: None,
        state,
        reference: reference.map(str::to_owned),
    }
}

fn listed(ours: Vec<PaymentSeen>) -> Testimony {
    Testimony::Payments {
        ours,
        alike: Vec::new(),
    }
}

fn evidence(finding: Finding) -> Value {
    match finding {
        Finding::Tell(Event::GiveUp { evidence }) => evidence,
        other => panic!("{other:?}"),
    }
}

#[test]
fn only_a_bank_that_understands_keys_is_sent_a_row_again() {
    let ask = |row: &Row, is_idempotent, now_ms| match next(row, is_idempotent, now_ms, 1) {
        Next::Ask { question, until_ms } => {
            assert_eq!(until_ms, now_ms + LEASE_MS);
            question
        }
        other => panic!("{other:?}"),
    };
    let mut loan = unknown();
    loan.kind = Kind::Loan;
    assert_eq!(ask(&unknown(), true, SENT_MS), Question::Again);
    assert_eq!(ask(&loan, true, SENT_MS), Question::Again);
    assert_eq!(ask(&unknown(), false, SENT_MS), Question::Payments);
    assert_eq!(ask(&loan, false, SENT_MS), Question::Nothing);
    // A bank that may have forgotten the key would do it a second time.
    let late = SENT_MS + KEY_KEPT_MS;
    assert_eq!(ask(&unknown(), true, late - 1), Question::Again);
    assert_eq!(ask(&unknown(), true, late), Question::Payments);
    // Who sent it knew of no such bank: that it is one is said since, or by another host, and may be wrong.
    let mut sent_once = unknown();
    sent_once.is_repeatable = false;
    assert_eq!(ask(&sent_once, true, SENT_MS), Question::Payments);
    // What cannot be read back cannot be sent as it was.
    let mut garbled = unknown();
    garbled.body = Value::Null;
    assert_eq!(ask(&garbled, true, SENT_MS), Question::Payments);
}

#[test]
fn a_row_is_left_to_its_turn_until_no_turn_can_last_that_long() {
    let at = |state, after_ms| next(&row(state), true, SENT_MS + after_ms, ABANDONED_MS);
    for state in State::ALL {
        let told = match at(state, ABANDONED_MS) {
            Next::Tell(event) => Some(event),
            Next::Wait | Next::Ask { .. } => None,
        };
        let is_told = matches!(
            (state, &told),
            (
                State::Requested | State::Authorised,
                Some(Event::Drop { .. })
            ) | (State::Sent, Some(Event::LoseTrack { .. }))
                | (
                    State::Completed | State::Refused | State::Unknown | State::NeedsReview,
                    None
                )
        );
        assert!(is_told, "{state:?} {told:?}");
        if !matches!(state, State::Unknown | State::NeedsReview) {
            assert_eq!(at(state, ABANDONED_MS - 1), Next::Wait, "{state:?}");
        }
    }
}

#[test]
fn a_payment_that_the_bank_canceled_beside_the_one_it_made_moved_nothing() {
    let ours = |state| payment(Some(&unknown().id), state);
    let made = listed(vec![
        ours(PaymentState::Canceled),
        ours(PaymentState::Completed),
    ]);
    let found = proof(&unknown(), &made, SENT_MS);
    assert!(
        matches!(found, Finding::Tell(Event::Complete { .. })),
        "{found:?}"
    );
    let none = listed(vec![ours(PaymentState::Canceled); 2]);
    let found = evidence(proof(&unknown(), &none, SENT_MS));
    assert_eq!(found["found"], "several_payments_with_our_reference");
}

#[test]
fn nobody_asks_before_a_claim_or_a_pause_is_over() {
    let mut row = unknown();
    row.search.next_at_ms = Some(SENT_MS + 100);
    assert_eq!(next(&row, true, SENT_MS + 99, ABANDONED_MS), Next::Wait);
    assert!(matches!(
        next(&row, true, SENT_MS + 100, ABANDONED_MS),
        Next::Ask { .. }
    ));
}

#[test]
fn the_banks_payment_with_our_reference_is_proof() {
    let tell = |state| {
        let ours = payment(Some(&unknown().id), state);
        match proof(&unknown(), &listed(vec![ours]), SENT_MS) {
            Finding::Tell(event) => event,
            other @ Finding::Later(_) => panic!("{other:?}"),
        }
    };
    for (state, status) in [
        (PaymentState::Completed, PaymentStatus::Completed),
        (PaymentState::Pending, PaymentStatus::Pending),
        (PaymentState::Scheduled, PaymentStatus::Pending),
    ] {
        let event = tell(state);
        assert_eq!(event.payment(), Some("payment_1"));
        let Settled::Moved(row) = settle(unknown(), None, &event, SENT_MS) else {
            panic!("{event:?}")
        };
        let answer = written::answered(&row);
        assert!(
            matches!(&answer, Ok(written::Written::Paid(Payment { status: told, .. })) if *told == status),
            "{answer:?}"
        );
    }
    assert!(matches!(
        tell(PaymentState::Canceled),
        Event::Refuse { reason, .. } if reason == "rejected_by_bank"
    ));
}

#[test]
fn contradictions_go_to_a_person_at_once() {
    let mut dearer = payment(Some(&unknown().id), PaymentState::Completed);
    dearer.amount = usd(501);
    let twice = vec![payment(Some("id"), PaymentState::Completed); 2];
    for (heard, code) in [
        (
            listed(vec![dearer.clone()]),
            "our_reference_on_another_payment",
        ),
        (listed(twice), "several_payments_with_our_reference"),
        (
            Testimony::Hopeless("key_stands_for_another_request"),
            "key_stands_for_another_request",
        ),
    ] {
        let evidence = evidence(proof(&unknown(), &heard, SENT_MS));
        assert_eq!(evidence["found"], code);
    }
}

#[test]
fn a_bank_without_proof_is_asked_for_a_while_and_then_a_person_is() {
    let alike = vec![payment(None, PaymentState::Completed); 12];
    let heard = Testimony::Payments {
        ours: Vec::new(),
        alike,
    };
    let (mut row, mut now_ms, mut pauses) = (unknown(), SENT_MS + 7_000, Vec::new());
    let began_ms = now_ms;
    let evidence = loop {
        match proof(&row, &heard, now_ms) {
            Finding::Later(later) => {
                assert_eq!(later.fruitless_since_ms, Some(began_ms));
                pauses.push(later.at_ms - now_ms);
                row.search.looks += 1;
                row.search.fruitless_since_ms = later.fruitless_since_ms;
                now_ms = later.at_ms;
            }
            told @ Finding::Tell(_) => break evidence(told),
        }
    };
    assert_eq!(now_ms, began_ms + FRUITLESS_MS);
    assert_eq!(pauses, [500, 1_000, 2_000, 4_000, 4_500]);
    assert_eq!(evidence["payments"].as_array().map(Vec::len), Some(10));
    assert_eq!(evidence["payments_not_listed"], 2);
    assert_eq!(evidence["reference"], row.id);
}

#[test]
fn a_bank_that_is_down_is_waited_for_with_growing_pauses_and_not_longer_than_told() {
    let mut row = unknown();
    for (looks, pause_ms) in [(1, 500), (2, 1_000), (6, 10_000), (4_000_000, 10_000)] {
        row.search.looks = looks;
        let later = proof(&row, &Testimony::Silent("connect"), SENT_MS + 1);
        let expected = Finding::Later(Later {
            at_ms: SENT_MS + 1 + pause_ms,
            fruitless_since_ms: None,
            evidence: None,
        });
        assert_eq!(later, expected, "{looks}");
    }
    let bounced = Testimony::Sent(Sending::Bounced(Failure::Unavailable));
    for heard in [
        Testimony::Silent("connect"),
        bounced,
        Testimony::Sent(Sending::Unanswered),
        Testimony::Busy {
            retry_after_ms: 60_000,
        },
    ] {
        let end_ms = row.updated_at_ms + SILENT_MS;
        let last = proof(&row, &heard, end_ms - 1);
        assert!(matches!(last, Finding::Later(later) if later.at_ms == end_ms));
        evidence(proof(&row, &heard, end_ms));
    }
}

#[test]
fn a_bank_that_wants_to_be_left_alone_is_not_asked_sooner() {
    let row = unknown();
    for (retry_after_ms, pause_ms) in [(100, 500), (3_000, 3_000)] {
        let later = proof(&row, &Testimony::Busy { retry_after_ms }, SENT_MS + 1);
        let at_ms = SENT_MS + 1 + pause_ms;
        assert!(matches!(later, Finding::Later(later) if later.at_ms == at_ms));
    }
}

#[test]
fn a_payment_looks_alike_only_where_nothing_speaks_against_it() {
    let sent = "2030-03-17T17:46:40Z";
    assert_eq!(
        sent.parse::<jiff::Timestamp>().unwrap().as_millisecond(),
        SENT_MS
    );
    let dated = |date: Option<&str>, reference| PaymentSeen {
        date: date.map(str::to_owned),
        ..payment(reference, PaymentState::Completed)
    };
    let row = unknown();
    for (date, reference, is_alike) in [
        (None, None, true),
        (Some(sent), None, true),
        (Some("2030-03-17T17:45:50Z"), None, true),
        (Some("2030-03-17T17:45:30Z"), None, false),
        (Some("2030-03-17"), None, true),
        // Over everywhere on earth four hours before.
        (Some("2030-03-16"), None, false),
        (Some("last week"), None, true),
        (None, Some("another row's"), false),
        (None, Some(row.id.as_str()), true),
    ] {
        let seen = [dated(date, reference)];
        assert_eq!(
            alike(&row, &seen).len() == 1,
            is_alike,
            "{date:?} {reference:?}"
        );
    }
    let mut other = dated(None, None);
    other.amount = usd(499);
    assert!(alike(&row, &[other]).is_empty());
}

#[test]
fn proof_that_another_row_holds_goes_to_a_person() {
    let mut holder = row(State::Completed);
    holder.id = "another".to_owned();
    holder.bank_payment_id = Some("payment_1".to_owned());
    let ours = payment(Some(&unknown().id), PaymentState::Completed);
    let Finding::Tell(event) = proof(&unknown(), &listed(vec![ours]), SENT_MS) else {
        panic!("the reference is proof")
    };
    let settled = settle(unknown(), Some(holder.clone()), &event, SENT_MS);
    assert_eq!(settled, Settled::PaymentTaken(holder.clone().into()));
    let given_up = settle(
        unknown(),
        None,
        &taken(&unknown(), &holder, SENT_MS),
        SENT_MS,
    );
    let evidence = given_up.row().evidence.clone().unwrap();
    assert_eq!(
        (given_up.row().state, &evidence["payment_id"]),
        (State::NeedsReview, &Value::from("payment_1"))
    );
}

fn anything_without_proof() -> impl Strategy<Value = Testimony> {
    let alike = prop::collection::vec(Just(payment(None, PaymentState::Completed)), 0..4);
    prop_oneof![
        Just(Testimony::Sent(Sending::Unanswered)),
        Just(Testimony::Sent(Sending::Bounced(Failure::Unavailable))),
        Just(Testimony::Fruitless("unreadable")),
        Just(Testimony::Silent("timed_out")),
        (0..i64::MAX).prop_map(|retry_after_ms| Testimony::Busy { retry_after_ms }),
        Just(Testimony::Hopeless("x")),
        alike.prop_map(|alike| Testimony::Payments {
            ours: Vec::new(),
            alike
        }),
        Just(listed(vec![payment(
            Some("id"),
            PaymentState::Other("Frozen".to_owned())
        )])),
    ]
}

proptest! {
    #[test]
    fn nothing_but_proof_ends_a_row(
        heard in anything_without_proof(), after_ms in 0..=i64::MAX, looks in any::<u32>(), since in any::<Option<i64>>(),
    ) {
        let mut row = unknown();
        row.search.looks = looks;
        row.search.fruitless_since_ms = since;
        let now_ms = SENT_MS.saturating_add(after_ms);
        match proof(&row, &heard, now_ms) {
            Finding::Later(later) => prop_assert!(later.at_ms >= now_ms),
            Finding::Tell(event) => {
                let is_for_a_person = matches!(event, Event::GiveUp { .. });
                prop_assert!(is_for_a_person, "{event:?}");
            }
        }
    }
}
