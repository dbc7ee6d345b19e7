//! After a row is opened: sent once, settled once, found again.
//!
//! On a SQLite file, and on PostgreSQL where there is one.

use serde_json::{Value, json};

use super::*;
use crate::db::Error;
use crate::ledger::proof::{LATE_MS, Later};
use crate::ledger::written::{NOT_MARKED_AS_SENT, numbered};
use crate::ledger::{Event, NewEntry, Opened, Row, Settled, State};

on_both!(
    of_many_who_want_to_send_a_row_one_may,
    a_row_keeps_the_banks_answer_and_knows_its_payee,
    a_bank_payment_settles_at_most_one_row,
    of_contradicting_answers_at_once_one_holds,
    a_lost_row_is_reviewed_and_a_late_answer_still_settles_it,
    what_a_crash_left_open_is_found,
    what_waits_for_a_person_keeps_nothing_fresh_waiting,
    of_many_who_want_to_ask_about_a_row_one_may,
    a_row_is_looked_at_again_when_its_pause_is_over,
    the_newest_row_of_a_wish_is_found_among_however_many,
);

async fn open(db: &Db, name: &str) -> Row {
    let entry = entry(name, name, 100);
    match db
        .open_transfer(&entry, &[], &ceilings(), NOW_MS)
        .await
        .unwrap()
    {
        Opened::Opened(row) => *row,
        other => panic!("{other:?}"),
    }
}

async fn sent(db: &Db, name: &str) -> Row {
    let row = open(db, name).await;
    assert!(db.mark_sent(&row.id, false, NOW_MS + 1).await.unwrap());
    row
}

fn completed(payment: &str) -> Event {
    Event::Complete {
        bank_payment_id: Some(payment.to_owned()),
        answer: json!({"payment_id": payment}),
    }
}

fn refused() -> Event {
    Event::Refuse {
        reason: "insufficient_funds".to_owned(),
        answer: Value::Null,
    }
}

async fn of_many_who_want_to_send_a_row_one_may(bench: &Bench) {
    let row = open(&bench.db, "a").await;
    let may = at_once(50, |at| {
        let (db, id) = (bench.host(at), row.id.clone());
        async move { db.mark_sent(&id, false, NOW_MS).await.unwrap() }
    })
    .await;
    assert_eq!(may.into_iter().filter(|may| *may).count(), 1);
    assert!(!bench.db.mark_sent("nobody's", false, NOW_MS).await.unwrap());
}

async fn a_row_keeps_the_banks_answer_and_knows_its_payee(bench: &Bench) {
    let row = sent(&bench.db, "landlord").await;
    assert!(!bench.db.has_paid("user_1", "landlord").await.unwrap());
    let settled = bench
        .db
        .settle(&row.id, &completed("p1"), NOW_MS + 9)
        .await
        .unwrap();
    let Settled::Moved(settled) = settled else {
        panic!("{settled:?}")
    };
    let stored = bench
        .other
        .transfer_by_key("landlord")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(stored, *settled);
    assert_eq!(stored.answer, Some(json!({"payment_id": "p1"})));
    assert_eq!(
        (stored.sent_at_ms, stored.settled_at_ms),
        (Some(NOW_MS + 1), Some(NOW_MS + 9))
    );
    assert!(bench.db.has_paid("user_1", "landlord").await.unwrap());
    assert!(!bench.db.has_paid("user_2", "landlord").await.unwrap());
    let again = bench
        .other
        .settle(&row.id, &completed("p1"), NOW_MS + 10)
        .await
        .unwrap();
    assert!(matches!(again, Settled::Unchanged(_)));
    let other = bench
        .db
        .settle(&row.id, &completed("p2"), NOW_MS + 10)
        .await
        .unwrap();
    assert!(matches!(other, Settled::Illegal(row) if row.state == State::Completed));
}

async fn a_bank_payment_settles_at_most_one_row(bench: &Bench) {
    let mut ids = Vec::new();
    for at in 0..8 {
        ids.push(sent(&bench.db, &format!("key_{at}")).await.id);
    }
    let results = at_once(8, |at| {
        let (db, id) = (bench.host(at), ids[at].clone());
        async move {
            db.settle(&id, &completed("the one payment"), NOW_MS)
                .await
                .unwrap()
        }
    })
    .await;
    let moved = results
        .iter()
        .filter(|result| matches!(result, Settled::Moved(_)))
        .count();
    let taken = results
        .iter()
        .filter(|result| matches!(result, Settled::PaymentTaken(_)))
        .count();
    assert_eq!((moved, taken), (1, 7));
    assert_eq!(
        bench
            .db
            .transfers(9, Some(State::Completed), None)
            .await
            .unwrap()
            .len(),
        1
    );
}

async fn of_contradicting_answers_at_once_one_holds(bench: &Bench) {
    let row = sent(&bench.db, "a").await;
    let results = at_once(20, |at| {
        let (db, id) = (bench.host(at), row.id.clone());
        let event = if at % 3 == 0 {
            refused()
        } else {
            completed("p1")
        };
        async move { db.settle(&id, &event, NOW_MS).await.unwrap() }
    })
    .await;
    let moved = results
        .iter()
        .filter(|result| matches!(result, Settled::Moved(_)))
        .count();
    assert_eq!(moved, 1);
    assert!(
        results
            .iter()
            .any(|result| matches!(result, Settled::Illegal(_)))
    );
}

async fn a_lost_row_is_reviewed_and_a_late_answer_still_settles_it(bench: &Bench) {
    let db = &bench.db;
    let lost = Event::LoseTrack {
        reason: "timeout".to_owned(),
    };
    let gave_up = Event::GiveUp {
        evidence: json!({"seen": ["payment_9"]}),
    };
    let mut rows = Vec::new();
    for name in ["late", "confirmed", "written off"] {
        let row = sent(db, name).await;
        db.settle(&row.id, &lost, NOW_MS).await.unwrap();
        db.settle(&row.id, &gave_up, NOW_MS).await.unwrap();
        rows.push(row.id);
    }
    let waiting = db
        .transfers(9, Some(State::NeedsReview), None)
        .await
        .unwrap();
    assert_eq!(waiting.len(), 3);
    assert!(
        waiting
            .iter()
            .all(|row| row.evidence == Some(json!({"seen": ["payment_9"]})))
    );

    let (by, reason) = ("operator".to_owned(), "seen at the bank".to_owned());
    let confirm = Event::Confirm {
        by: by.clone(),
        reason: reason.clone(),
        bank_payment_id: Some("payment_9".to_owned()),
    };
    let events = [completed("p7"), confirm, Event::WriteOff { by, reason }];
    for (id, event) in rows.iter().zip(&events) {
        assert!(matches!(
            db.settle(id, event, NOW_MS).await.unwrap(),
            Settled::Moved(_)
        ));
    }
    let states = [State::Completed, State::Completed, State::Refused];
    for (id, state) in rows.iter().zip(states) {
        assert_eq!(db.transfer(id).await.unwrap().unwrap().state, state);
    }
    let confirmed = db.transfer(&rows[1]).await.unwrap().unwrap();
    assert_eq!(confirmed.review_reason.as_deref(), Some("seen at the bank"));
    let due = async |now_ms| db.written_off_due(now_ms, 9).await.unwrap();
    let written_off = due(NOW_MS).await;
    assert_eq!((written_off.len(), &written_off[0].id), (1, &rows[2]));
    let too_late = due(NOW_MS + 1 + LATE_MS).await;
    assert!(too_late.is_empty(), "{too_late:?}");
    assert!(db.claim_search(&written_off[0], NOW_MS + 1).await.unwrap());
    assert!(due(NOW_MS).await.is_empty(), "another host asks just now");
    let paid = db.settle(&rows[2], &completed("p8"), NOW_MS).await.unwrap();
    assert_eq!(paid.row().state, State::Completed);
    assert!(due(NOW_MS + 1).await.is_empty());
    let missing = db.settle("nobody's", &lost, NOW_MS).await;
    assert!(matches!(missing, Err(Error::Missing(_))));
}

async fn what_waits_for_a_person_keeps_nothing_fresh_waiting(bench: &Bench) {
    let db = &bench.db;
    let lost = Event::LoseTrack {
        reason: "no_answer".to_owned(),
    };
    let given_up = Event::GiveUp {
        evidence: json!({}),
    };
    let review = sent(db, "older").await;
    let unknown = sent(db, "old").await;
    for (row, event) in [(&review, &lost), (&review, &given_up), (&unknown, &lost)] {
        db.settle(&row.id, event, NOW_MS).await.unwrap();
    }
    let fresh = open(db, "fresh").await;
    let found = db.unsettled(NOW_MS + 60_000, NOW_MS + 60_000, 9);
    let found = found.await.unwrap();
    let ids: Vec<_> = found.iter().map(|row| row.id.as_str()).collect();
    assert_eq!(ids, [&fresh.id, &unknown.id, &review.id]);
}

async fn what_a_crash_left_open_is_found(bench: &Bench) {
    let authorised = open(&bench.db, "a").await;
    let on_its_way = sent(&bench.db, "b").await;
    let done = sent(&bench.db, "c").await;
    bench
        .db
        .settle(&done.id, &completed("p"), NOW_MS)
        .await
        .unwrap();
    let found = bench
        .other
        .unsettled(NOW_MS + 1, NOW_MS + 1, 9)
        .await
        .unwrap();
    let ids: Vec<_> = found.iter().map(|row| row.id.as_str()).collect();
    assert_eq!(ids, [authorised.id.as_str(), on_its_way.id.as_str()]);
    assert!(
        bench
            .other
            .unsettled(NOW_MS + 1, NOW_MS - 1, 9)
            .await
            .unwrap()
            .is_empty()
    );
    // Nothing left the host with the first: it is dropped, and can then not be sent.
    let drop = Event::Drop {
        reason: "abandoned".to_owned(),
    };
    bench
        .other
        .settle(&authorised.id, &drop, NOW_MS)
        .await
        .unwrap();
    assert!(
        !bench
            .db
            .mark_sent(&authorised.id, false, NOW_MS)
            .await
            .unwrap()
    );
}

/// A row of which nobody knows what became.
async fn lost(db: &Db, name: &str) -> Row {
    let row = sent(db, name).await;
    let lost = Event::LoseTrack {
        reason: "timeout".to_owned(),
    };
    let settled = db.settle(&row.id, &lost, NOW_MS + 2).await.unwrap();
    settled.row().clone()
}

async fn of_many_who_want_to_ask_about_a_row_one_may(bench: &Bench) {
    let row = lost(&bench.db, "a").await;
    let claims = at_once(40, |at| {
        let (db, row) = (bench.host(at), row.clone());
        async move { db.claim_search(&row, NOW_MS + 100).await.unwrap() }
    })
    .await;
    assert_eq!(claims.into_iter().filter(|is_mine| *is_mine).count(), 1);
    let due = async |now_ms| bench.other.unsettled(now_ms, 0, 9).await.unwrap().len();
    assert_eq!((due(NOW_MS + 99).await, due(NOW_MS + 100).await), (0, 1));
    // Who claims a row that its claimant has left takes it over; a row that is settled is nobody's.
    let left = bench.db.transfer(&row.id).await.unwrap().unwrap();
    assert_eq!(left.search.looks, 1);
    assert!(bench.other.claim_search(&left, NOW_MS + 200).await.unwrap());
    let left = bench.db.transfer(&row.id).await.unwrap().unwrap();
    bench
        .db
        .settle(&row.id, &completed("p"), NOW_MS)
        .await
        .unwrap();
    assert!(!bench.db.claim_search(&left, NOW_MS + 300).await.unwrap());
}

async fn a_row_is_looked_at_again_when_its_pause_is_over(bench: &Bench) {
    let row = lost(&bench.db, "a").await;
    assert!(bench.db.claim_search(&row, NOW_MS + 50).await.unwrap());
    let later = async |looks, at_ms| {
        let mut seen = row.clone();
        seen.search.looks = looks;
        let later = Later {
            at_ms,
            fruitless_since_ms: Some(NOW_MS),
            evidence: Some(json!({"seen_at_ms": at_ms})),
        };
        bench.other.search_later(&seen, &later).await
    };
    // A claim that was lost to another says nothing any more.
    later(0, NOW_MS + 9_000).await.unwrap();
    later(1, NOW_MS + 70).await.unwrap();
    let due = bench.db.unsettled(NOW_MS + 70, 0, 9).await.unwrap();
    assert!(
        bench
            .db
            .unsettled(NOW_MS + 69, 0, 9)
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(due[0].search.fruitless_since_ms, Some(NOW_MS));
    assert_eq!(due[0].evidence, Some(json!({"seen_at_ms": NOW_MS + 70})));
    let counted = bench.db.count_unsettled().await.unwrap();
    let unknown = counted.iter().find(|(state, _)| *state == State::Unknown);
    assert_eq!(unknown, Some(&(State::Unknown, 1)));
    let ids = ["p1".to_owned(), "p2".to_owned()];
    bench
        .db
        .settle(&row.id, &completed("p1"), NOW_MS)
        .await
        .unwrap();
    assert_eq!(bench.db.held_payments(&ids).await.unwrap(), ["p1"]);
}

async fn the_newest_row_of_a_wish_is_found_among_however_many(bench: &Bench) {
    assert!(bench.db.newest_of_wish("a").await.unwrap().is_none());
    for number in 0..40 {
        let entry = NewEntry {
            key: numbered("a", number),
            ..entry(&format!("row_{number}"), "a", 100)
        };
        let ceilings = ceilings();
        let opened = bench.db.open_transfer(&entry, &[], &ceilings, NOW_MS);
        assert!(matches!(opened.await.unwrap(), Opened::Opened(_)));
        let (newest, row) = bench.db.newest_of_wish("a").await.unwrap().unwrap();
        assert_eq!((newest, row.id.as_str()), (number, entry.id.as_str()));
        let dropped = Event::Drop {
            reason: NOT_MARKED_AS_SENT.to_owned(),
        };
        bench.db.settle(&row.id, &dropped, NOW_MS).await.unwrap();
    }
}
