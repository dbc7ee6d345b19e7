//! Rows that a person was asked about: what the bank shows afterwards, ever more seldom looked for.
//!
//! Whether the person has decided already or not.

use super::*;

#[test]
fn a_payment_that_was_slow_is_still_found_for_a_row_that_waits_for_a_person() {
    let waits = row(State::NeedsReview);
    for is_idempotent in [true, false] {
        // Looked for and never sent again: a person may just be writing it off.
        let Next::Ask { question, .. } = next(&waits, is_idempotent, SENT_MS, ABANDONED_MS) else {
            panic!("it is not looked for");
        };
        assert_eq!(question, Question::Payments);
    }
    let late = SENT_MS + LATE_MS;
    assert_eq!(next(&waits, false, late, ABANDONED_MS), Next::Wait);
    let ours = payment(Some(&waits.id), PaymentState::Completed);
    let Finding::Tell(event) = proof(&waits, &listed(vec![ours]), SENT_MS) else {
        panic!("the reference is proof")
    };
    let settled = settle(waits.clone(), None, &event, SENT_MS);
    assert_eq!(settled.row().state, State::Completed);

    let mut pauses = Vec::new();
    for waited_ms in [0, 60_000, i64::MAX - SENT_MS] {
        let now_ms = SENT_MS + waited_ms;
        match proof(&waits, &listed(Vec::new()), now_ms) {
            Finding::Later(later) => pauses.push(later.at_ms - now_ms),
            other => panic!("a person is asked already: {other:?}"),
        }
    }
    assert_eq!(pauses[..2], [15_000, 60_000]);
}

#[test]
fn what_a_person_wrote_off_is_still_looked_for_and_never_sent_again() {
    let mut written_off = row(State::Refused);
    assert_eq!(next(&written_off, true, SENT_MS, ABANDONED_MS), Next::Wait);
    written_off.reason = Some("written_off".to_owned());
    let Next::Ask { question, .. } = next(&written_off, true, SENT_MS, ABANDONED_MS) else {
        panic!("it is not looked for");
    };
    assert_eq!(question, Question::Payments);
    let late = SENT_MS + LATE_MS;
    assert_eq!(next(&written_off, true, late, ABANDONED_MS), Next::Wait);

    let ours = |state| listed(vec![payment(Some(&written_off.id), state)]);
    let Finding::Tell(event) = proof(&written_off, &ours(PaymentState::Completed), SENT_MS) else {
        panic!("the reference is proof")
    };
    let settled = settle(written_off.clone(), None, &event, SENT_MS);
    assert_eq!(settled.row().state, State::Completed);
    // The bank says the same as the person; or nothing that anybody could go by.
    let canceled = ours(PaymentState::Canceled);
    assert!(!canceled.has_ours() && ours(PaymentState::Pending).has_ours());
    let Finding::Tell(event) = proof(&written_off, &canceled, SENT_MS) else {
        panic!("canceled is an answer")
    };
    let settled = settle(written_off.clone(), None, &event, SENT_MS);
    assert_eq!(settled, Settled::Unchanged(written_off.clone().into()));
    for heard in [
        Testimony::Silent("no_answer"),
        Testimony::Hopeless(OURS_UNREADABLE),
        listed(Vec::new()),
    ] {
        let found = proof(&written_off, &heard, SENT_MS);
        assert!(matches!(found, Finding::Later(_)), "{heard:?}");
    }
}

#[test]
fn whoever_decides_sees_what_the_bank_shows_since() {
    let mut waits = row(State::NeedsReview);
    waits.evidence = Some(serde_json::json!({"found": "no_answer", "given_up_at_ms": 7}));
    let later = |heard: &Testimony| match proof(&waits, heard, SENT_MS + 20_000) {
        Finding::Later(later) => later.evidence,
        Finding::Tell(event) => panic!("{event:?}"),
    };
    let alike = Testimony::Payments {
        ours: Vec::new(),
        alike: vec![payment(None, PaymentState::Completed)],
    };
    let seen = later(&alike).unwrap_or_default();
    assert_eq!(seen["payments"][0]["payment_id"], "payment_1");
    assert_eq!(seen["given_up_at_ms"], 7);
    let ours = payment(Some(&waits.id), PaymentState::Completed);
    let twice = later(&listed(vec![ours.clone(), ours])).unwrap_or_default();
    assert_eq!(twice["found"], "several_payments_with_our_reference");
    // What shows nothing takes nothing back.
    assert_eq!(later(&listed(Vec::new())), None);
    assert_eq!(later(&Testimony::Silent("connect")), None);
}
