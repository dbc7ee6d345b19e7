//! The inbox: each event once, and its effect with its mark.
//!
//! On a SQLite file, and on PostgreSQL where there is one.

use super::calls::call;
use super::*;
use crate::call::State;
use crate::db::{Effect, End, Error, Inserted, Mark, NewEvent};

on_both!(
    a_thousand_deliveries_of_one_event_make_one_row,
    an_event_waits_until_its_effect_is_kept_and_the_first_moment_stays,
    an_effect_is_kept_with_its_mark_or_not_at_all,
    an_event_that_the_database_refuses_fails_alone,
);

pub(super) fn event(key: &str, call_id: Option<&str>) -> NewEvent {
    NewEvent {
        dedupe_key: key.to_owned(),
        call_id: call_id.map(str::to_owned),
        event: "call_started".to_owned(),
        body: b"{\"raw\":\x00\xff}".to_vec(),
        received_at_ms: NOW_MS,
        applied_at_ms: None,
    }
}

async fn a_thousand_deliveries_of_one_event_make_one_row(bench: &Bench) {
    let results = at_once(1_000, |at| {
        let db = bench.host(at);
        async move { db.insert_event(event("one", Some("call_1"))).await.unwrap() }
    })
    .await;
    let new = results
        .into_iter()
        .filter(|result| *result == Inserted::Inserted)
        .count();
    assert_eq!(new, 1);
    assert_eq!(
        bench.db.events_of("call_1").await.unwrap(),
        [event("one", Some("call_1"))]
    );
    let nobodys = bench.db.insert_event(event("two", None)).await.unwrap();
    assert_eq!(nobodys, Inserted::Inserted);
}

async fn an_event_waits_until_its_effect_is_kept_and_the_first_moment_stays(bench: &Bench) {
    let (db, other) = (&bench.db, &bench.other);
    db.insert_event(event("one", Some("call_1"))).await.unwrap();
    db.insert_event(event("two", None)).await.unwrap();
    let had = NewEvent {
        applied_at_ms: Some(NOW_MS),
        ..event("three", Some("call_1"))
    };
    db.insert_event(had).await.unwrap();
    let waiting = async |received| {
        let mut keys = other.waiting_events(received).await.unwrap();
        keys.sort();
        keys
    };
    assert_eq!(waiting(0..=NOW_MS).await, ["one", "two"]);
    assert!(waiting(0..=NOW_MS - 1).await.is_empty());
    assert!(other.is_event_waiting("one").await.unwrap());
    for at_ms in [NOW_MS + 5, NOW_MS + 9] {
        db.mark_event_applied("one", at_ms).await.unwrap();
    }
    assert!(!other.is_event_waiting("one").await.unwrap());
    assert_eq!(waiting(0..=NOW_MS).await, ["two"]);
    let kept = db.events_of("call_1").await.unwrap();
    let one = kept.iter().find(|kept| kept.dedupe_key == "one").unwrap();
    assert_eq!(one.applied_at_ms, Some(NOW_MS + 5));
    // An erased body does not hide that its event waits.
    db.insert_event(event("four", Some("call_4")))
        .await
        .unwrap();
    db.erase_call("call_4").await.unwrap();
    assert_eq!(waiting(0..=NOW_MS).await, ["four", "two"]);
    let keys = ["four", "two", "none"].map(str::to_owned).to_vec();
    let found = other.events_by_key(keys).await.unwrap();
    let four = found.iter().find(|kept| kept.dedupe_key == "four");
    assert!(
        found.len() == 2 && four.unwrap().body.is_empty(),
        "{found:?}"
    );
}

async fn an_effect_is_kept_with_its_mark_or_not_at_all(bench: &Bench) {
    let (db, other) = (&bench.db, &bench.other);
    let effect = |mark, reason: &str| Effect {
        end: Some(End {
            reason: Some(reason.to_owned()),
            analysis: None,
        }),
        mark,
        at_ms: NOW_MS + 1,
    };
    for key in ["one", "two"] {
        db.insert_event(event(key, Some("call_1"))).await.unwrap();
    }
    let mut ended = call("call_1", NOW_MS + 1);
    ended.state = State::CallEnded;
    ended.version = 3;
    let had = effect(Mark::Waiting("one".to_owned()), "user_hangup");
    db.save_effect(&ended, had).await.unwrap();
    let kept = other.stored_call("call_1").await.unwrap().unwrap();
    assert_eq!(kept.disconnection_reason.as_deref(), Some("user_hangup"));
    assert_eq!(kept.ended_at_ms, Some(NOW_MS + 1));
    assert!(!other.is_event_waiting("one").await.unwrap());

    // Another host saved the call meanwhile: neither the end nor the mark stands.
    let own = NewEvent {
        applied_at_ms: Some(NOW_MS),
        ..event("own", Some("call_1"))
    };
    for mark in [Mark::Waiting("two".to_owned()), Mark::New(own.clone())] {
        let refused = db.save_effect(&ended, effect(mark, "error")).await;
        assert!(matches!(refused, Err(Error::Stale)), "{refused:?}");
    }
    let kept = other.stored_call("call_1").await.unwrap().unwrap();
    assert_eq!(kept.disconnection_reason.as_deref(), Some("user_hangup"));
    assert!(other.is_event_waiting("two").await.unwrap());
    assert_eq!(other.events_of("call_1").await.unwrap().len(), 2);

    // One that was had is not had again, by a newer version of the call neither.
    ended.version += 1;
    let twice = effect(Mark::Waiting("one".to_owned()), "error");
    let refused = db.save_effect(&ended, twice).await;
    assert!(matches!(refused, Err(Error::Stale)), "{refused:?}");
    let kept = other.stored_call("call_1").await.unwrap().unwrap();
    assert_eq!(kept.disconnection_reason.as_deref(), Some("user_hangup"));

    let had = effect(Mark::New(own.clone()), "reaped");
    db.save_effect(&ended, had).await.unwrap();
    assert!(other.events_of("call_1").await.unwrap().contains(&own));
}

async fn an_event_that_the_database_refuses_fails_alone(bench: &Bench) {
    // PostgreSQL takes no zero character in a text; SQLite does.
    let results = at_once(20, |at| {
        let db = bench.db.clone();
        let key = if at == 7 {
            "bad\0".to_owned()
        } else {
            format!("good_{at}")
        };
        async move { db.insert_event(event(&key, Some("call_1"))).await }
    })
    .await;
    for (at, result) in results.iter().enumerate() {
        assert!(
            at == 7 || matches!(result, Ok(Inserted::Inserted)),
            "{at}: {result:?}"
        );
    }
}
