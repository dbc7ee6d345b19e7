//! Many writes of one kind in one commit: each changes its own row to its own values, and hears what came of it itself.
//!
//! On a SQLite file, and on PostgreSQL where there is one.

use std::collections::BTreeSet;

use serde_json::json;

use super::calls::call;
use super::events::event;
use super::*;
use crate::call::Call;
use crate::db::transaction::end;
use crate::db::work::{Work, write_all};
use crate::db::{Effect, Error, Inserted, Mark, NewEvent};
use crate::ledger::{Event, Opened, Row, Settled, State};

on_both!(
    what_was_overtaken_undoes_nothing_beside_it,
    an_effect_on_a_call_that_was_overtaken_is_found_among_many,
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

async fn what_was_overtaken_undoes_nothing_beside_it(bench: &Bench) {
    let newer = Call {
        version: 5,
        ..call("call_7", NOW_MS)
    };
    bench.other.save_call(&newer).await.unwrap();
    let works: Vec<Work> = (0..ROWS)
        .map(|at| call(&format!("call_{at}"), NOW_MS + 1))
        .map(|call| Work::Save(Box::new(call)))
        .collect();
    let transaction = bench.db.pools.begin(&[]).await.unwrap();
    let written = write_all(&transaction, &works.iter().collect::<Vec<_>>()).await;
    let outcomes = end(transaction, written).await.unwrap();
    for (at, outcome) in outcomes.iter().enumerate() {
        let is_as_it_should_be = if at == 7 {
            matches!(outcome, Err(Error::Stale))
        } else {
            matches!(outcome, Ok(true))
        };
        assert!(is_as_it_should_be, "{at}: {outcome:?}");
    }
    assert_eq!(bench.other.call("call_7").await.unwrap(), Some(newer));
    let kept = u64::try_from(ROWS).unwrap();
    assert_eq!(bench.other.count_calls().await.unwrap(), kept);
}

async fn an_effect_on_a_call_that_was_overtaken_is_found_among_many(bench: &Bench) {
    let is_late = |at: usize| at % 40 == 3;
    for at in (0..ROWS).filter(|at| is_late(*at)) {
        let newer = Call {
            version: 5,
            ..call(&format!("call_{at}"), NOW_MS)
        };
        bench.other.save_call(&newer).await.unwrap();
    }
    let saved = at_once(ROWS, |at| {
        let (db, call) = (bench.db.clone(), call(&format!("call_{at}"), NOW_MS + 1));
        let own = Effect {
            end: None,
            mark: Mark::New(event(&format!("own_{at}"), Some(&call.id))),
            at_ms: NOW_MS + 1,
        };
        async move { db.save_effect(&call, own).await }
    })
    .await;
    for (at, saved) in saved.into_iter().enumerate() {
        let kept = bench.other.events_of(&format!("call_{at}")).await.unwrap();
        if is_late(at) {
            assert!(matches!(saved, Err(Error::Stale)), "{at}: {saved:?}");
            assert!(kept.is_empty(), "{at}");
        } else {
            saved.unwrap();
            assert_eq!(kept.len(), 1, "{at}");
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
