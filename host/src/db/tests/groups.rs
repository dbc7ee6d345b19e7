//! Many writes of one kind in one commit: each changes its own row to its own values, and hears what came of it itself.
//!
//! On a SQLite file, and on PostgreSQL where there is one.

use std::collections::BTreeSet;

use serde_json::json;

use super::*;
use crate::db::{Inserted, NewEvent};
use crate::ledger::{Event, Opened, Row, Settled, State};

on_both!(
    rows_that_move_together_keep_what_is_their_own,
    events_that_come_together_are_new_once_each,
);

/// More than one statement takes.
const ROWS: usize = 90;

async fn opened(db: &Db, at: usize) -> Row {
    let name = format!("row_{at}");
    let opened = db
        .open_transfer(&entry(&name, &name, 100), &[], &ceilings(), NOW_MS)
        .await
        .unwrap();
    let Opened::Opened(row) = opened else {
        panic!("{opened:?}")
    };
    *row
}

async fn rows_that_move_together_keep_what_is_their_own(bench: &Bench) {
    let mut rows = Vec::new();
    for at in 0..ROWS {
        rows.push(opened(&bench.db, at).await);
    }
    let at_ms = |at: usize| NOW_MS + i64::try_from(at).unwrap();
    let sent = at_once(ROWS, |at| {
        let (db, id) = (bench.db.clone(), rows[at].id.clone());
        async move { db.mark_sent(&id, at % 2 == 0, at_ms(at)).await.unwrap() }
    })
    .await;
    assert!(sent.into_iter().all(|sent| sent));
    let settled = at_once(ROWS, |at| {
        let (db, id) = (bench.db.clone(), rows[at].id.clone());
        // Every third has no answer, and every one without is told so twice.
        let event = if at % 3 == 0 {
            Event::LoseTrack {
                reason: format!("lost_{at}"),
            }
        } else {
            Event::Complete {
                bank_payment_id: Some(format!("payment_{at}")),
                answer: json!({ "at": at }),
            }
        };
        async move {
            let one = db.settle(&id, &event, at_ms(at) + 1_000);
            let other = db.settle(&id, &event, at_ms(at) + 1_000);
            let (one, other) = tokio::join!(one, other);
            [one.unwrap(), other.unwrap()]
        }
    })
    .await;
    for (at, (row, said)) in rows.iter().zip(settled).enumerate() {
        let moved = said.iter().filter(|it| matches!(it, Settled::Moved(_)));
        assert_eq!(moved.count(), 1, "{at}: {said:?}");
        let kept = bench.other.transfer(&row.id).await.unwrap().unwrap();
        assert_eq!(kept.sent_at_ms, Some(at_ms(at)));
        assert_eq!(kept.is_repeatable, at % 2 == 0);
        assert_eq!(kept.updated_at_ms, at_ms(at) + 1_000);
        if at % 3 == 0 {
            assert_eq!(kept.state, State::Unknown);
            assert_eq!(kept.reason, Some(format!("lost_{at}")));
        } else {
            assert_eq!(kept.state, State::Completed);
            assert_eq!(kept.bank_payment_id, Some(format!("payment_{at}")));
            assert_eq!(kept.answer, Some(json!({ "at": at })));
        }
    }
}

async fn events_that_come_together_are_new_once_each(bench: &Bench) {
    let inserted = at_once(2 * ROWS, |at| {
        let db = bench.db.clone();
        let event = NewEvent {
            dedupe_key: format!("event_{}", at / 2),
            call_id: Some(format!("call_{}", at % 7)),
            event: "call_started".to_owned(),
            body: at.to_string().into_bytes(),
            received_at_ms: NOW_MS,
            applied_at_ms: None,
        };
        async move {
            (
                event.dedupe_key.clone(),
                db.insert_event(event).await.unwrap(),
            )
        }
    })
    .await;
    let new = inserted.iter().filter(|(_, it)| *it == Inserted::Inserted);
    let new: BTreeSet<_> = new.map(|(key, _)| key).collect();
    assert_eq!(new.len(), ROWS);
    let new = inserted.iter().filter(|(_, it)| *it == Inserted::Inserted);
    assert_eq!(new.count(), ROWS, "one of two deliveries each");
}
