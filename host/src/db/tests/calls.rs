//! Calls and turns: durable, once, sealed, erasable.
//!
//! On a SQLite file, and on PostgreSQL where there is one.

use serde_json::json;

use super::events::event;
use super::*;
use crate::call::json::Json;
use crate::call::record::{DecisionRecord, StageRecord};
use crate::call::session::{Answered, PendingIntent, Utterance};
use crate::call::turn::{Channel, Instant};
use crate::call::{
    Call, Caller, Direction, Intent, Outcome, Pending, Reply, State, Trust, Turn, User,
};

on_both!(
    a_call_is_read_back_as_it_was_saved,
    a_late_save_does_not_revive_an_ended_call,
    an_older_version_of_a_call_is_refused,
    an_end_that_comes_first_opens_an_ended_call,
    a_record_follows_within_its_time_and_is_unsealed_whole,
    an_erased_call_says_nothing_any_more,
);

pub(super) fn call(id: &str, now_ms: i64) -> Call {
    let mut call = Call::new(id, now_ms);
    call.state = State::AwaitingIntent;
    call.direction = Direction::Inbound;
    call.phone = Some("+14155552671".to_owned());
    call.user = Some(User {
        id: "user_1".to_owned(),
        name: Some("Alice".to_owned()),
    });
    call.trust = Trust::Pin;
    call.pin_at_ms = Some(now_ms);
    call.turns = 3;
    call.pending = Some(Pending {
        intent: PendingIntent::Confirm(Intent::Balance("checking_1".to_owned())),
        confirmed: false,
        key: Some("ask-1".to_owned()),
        asked: "Shall I?".to_owned(),
        is_unheard: false,
        asked_after: None,
        turned_away_after: None,
        agreed: None,
        has_pin: false,
        beneath: None,
    });
    call.last_reply = Some("Shall I?".to_owned());
    call.transcript = vec![Utterance {
        by_agent: false,
        text: "héllo \u{1f600}".to_owned(),
    }];
    call.answered = vec![Answered {
        is_bare: true,
        ledger_key: None,
        key: "fn-1".to_owned(),
        outcome: Outcome::Cancelled,
        reply: Reply::say("Dropped."),
    }];
    call.metadata = json!({"amount": 10.50, "deep": [null]});
    call
}

pub(super) fn record(id: &str, call_id: &str) -> DecisionRecord {
    let caller = Caller {
        known: true,
        name: None,
        trust: Trust::Phone,
        pin_age: None,
        language: "en".to_owned(),
    };
    let turn = Turn {
        call_id: call_id.to_owned(),
        agent: String::new(),
        direction: Direction::Inbound,
        line: None,
        age: 5,
        number: 1,
        channel: Channel::Voice,
        text: "what is my balance".to_owned(),
        invocation: None,
        caller,
        pending: None,
        confirmed: false,
        stepped_up: false,
        misunderstood: 0,
        extra: Vec::new(),
        now: Instant {
            unix_ms: NOW_MS,
            utc_offset_minutes: 0,
        },
    };
    let stage = StageRecord {
        phase: "route".to_owned(),
        plugin: "intent-router".to_owned(),
        digest: "d1".to_owned(),
        input: Json::default(),
        output: Json::of(&json!({"intent": "balance"})),
        failure: None,
        host_calls: Vec::new(),
        micros: 90,
    };
    DecisionRecord {
        id: id.to_owned(),
        turn,
        revision: "r1".to_owned(),
        repinned: None,
        intent: "balance".to_owned(),
        decision: Some("allow".to_owned()),
        reason: None,
        outcome: "balance".to_owned(),
        outcome_value: Json::of(&json!({"available": 5000.50})),
        reply: "Account 4111111111111111 has five dollars.".to_owned(),
        stages: vec![stage],
        transfer_id: None,
        total_micros: 900,
        backend_micros: 100,
        at_ms: NOW_MS,
    }
}

async fn a_call_is_read_back_as_it_was_saved(bench: &Bench) {
    let mut saved = call("call_1", NOW_MS);
    bench.db.save_call(&saved).await.unwrap();
    assert_eq!(
        bench.other.call("call_1").await.unwrap(),
        Some(saved.clone())
    );
    saved.pending = None;
    saved.trust = Trust::Phone;
    saved.pin_at_ms = None;
    saved.updated_at_ms += 5;
    saved.version += 1;
    bench.other.save_call(&saved).await.unwrap();
    assert_eq!(bench.db.call("call_1").await.unwrap(), Some(saved.clone()));
    assert_eq!(bench.db.call("call_2").await.unwrap(), None);

    let saves = at_once(200, |at| {
        let (db, call) = (
            bench.host(at / 100),
            call(&format!("call_{:03}", at % 100), NOW_MS + 10),
        );
        async move { db.save_call(&call).await }
    })
    .await;
    // Both hosts save the same version of each call: one of them is told that it came too late.
    let refused = |save: &&Result<(), _>| matches!(save, Err(crate::db::Error::Stale));
    assert_eq!(saves.iter().filter(refused).count(), 100);
    assert_eq!(saves.iter().filter(|save| save.is_ok()).count(), 100);
    assert_eq!(bench.db.count_calls().await.unwrap(), 101);
    assert_eq!(bench.db.live_calls(7).await.unwrap().len(), 7);
    assert_eq!(bench.db.live_calls(1).await.unwrap()[0].id, "call_1");
    let page = bench.db.calls(100, 50).await.unwrap();
    assert_eq!(
        page.iter()
            .map(|stored| &stored.call.id)
            .collect::<Vec<_>>(),
        ["call_1"]
    );
}

async fn a_late_save_does_not_revive_an_ended_call(bench: &Bench) {
    let live = call("call_1", NOW_MS);
    bench.db.save_call(&live).await.unwrap();
    bench
        .db
        .mark_ended("call_1", Some("user_hangup"), None, NOW_MS + 1)
        .await
        .unwrap();
    let late = Call {
        version: 7,
        ..live.clone()
    };
    let refused = bench.other.save_call(&late).await;
    assert!(matches!(refused, Err(crate::db::Error::Stale)));
    let analysis = json!({"sentiment": "Positive"});
    bench
        .other
        .mark_ended("call_1", None, Some(&analysis), NOW_MS + 2)
        .await
        .unwrap();
    bench
        .db
        .mark_ended("call_1", None, None, NOW_MS + 3)
        .await
        .unwrap();
    let ended = bench.db.stored_call("call_1").await.unwrap().unwrap();
    assert_eq!(ended.call.state, State::CallEnded);
    assert_eq!(ended.call.user, live.user);
    assert_eq!(ended.disconnection_reason.as_deref(), Some("user_hangup"));
    assert_eq!(
        (ended.analysis, ended.ended_at_ms),
        (Some(analysis), Some(NOW_MS + 1))
    );
    assert!(bench.db.live_calls(9).await.unwrap().is_empty());
}

async fn an_older_version_of_a_call_is_refused(bench: &Bench) {
    let mut newest = call("call_1", NOW_MS);
    newest.version = 3;
    bench.db.save_call(&newest).await.unwrap();
    for version in [1, 2, 3] {
        let older = Call {
            version,
            trust: Trust::Unknown,
            ..call("call_1", NOW_MS + 9)
        };
        // Beside another call, which must not suffer.
        let beside = call(&format!("beside_{version}"), NOW_MS);
        let (refused, taken) = tokio::join!(
            bench.other.save_call(&older),
            bench.other.save_call(&beside)
        );
        assert!(matches!(refused, Err(crate::db::Error::Stale)));
        taken.unwrap();
    }
    assert_eq!(bench.db.call("call_1").await.unwrap(), Some(newest));
    assert_eq!(bench.db.call_version("call_1").await.unwrap(), Some(3));
    assert_eq!(bench.db.call_version("nobody").await.unwrap(), None);
}

async fn an_end_that_comes_first_opens_an_ended_call(bench: &Bench) {
    bench
        .db
        .mark_ended("call_1", Some("dial_failed"), None, NOW_MS)
        .await
        .unwrap();
    let refused = bench.db.save_call(&call("call_1", NOW_MS)).await;
    assert!(matches!(refused, Err(crate::db::Error::Stale)));
    let ended = bench.other.stored_call("call_1").await.unwrap().unwrap();
    assert_eq!(
        (ended.call.state, ended.ended_at_ms),
        (State::CallEnded, Some(NOW_MS))
    );
}

async fn a_record_follows_within_its_time_and_is_unsealed_whole(bench: &Bench) {
    for at in 0..300 {
        let call_id = if at < 10 {
            "call_1".to_owned()
        } else {
            format!("call_{at}")
        };
        bench
            .db
            .record_turn(record(&format!("turn_{at:03}"), &call_id))
            .await
            .unwrap();
    }
    bench.db.flush().await.unwrap();
    let facts = bench.other.turn("turn_007").await.unwrap().unwrap();
    assert_eq!(facts.reply, "Account ************1111 has five dollars.");
    assert_eq!(
        (facts.stages.len(), facts.stages[0].digest.as_str()),
        (1, "d1")
    );
    let whole = bench.other.turn_payload("turn_007").await.unwrap();
    assert_eq!(whole, Some(record("turn_007", "call_1")));
    assert_eq!(bench.db.turns_of("call_1").await.unwrap().len(), 10);
    assert_eq!(bench.db.recent_turns(3).await.unwrap().len(), 3);
    // Told twice, kept once.
    bench
        .other
        .record_turn(record("turn_007", "call_1"))
        .await
        .unwrap();
    bench.other.flush().await.unwrap();
    assert_eq!(bench.db.turns_of("call_1").await.unwrap().len(), 10);
}

async fn an_erased_call_says_nothing_any_more(bench: &Bench) {
    let db = &bench.db;
    db.save_call(&call("call_1", NOW_MS)).await.unwrap();
    db.insert_event(event("one", Some("call_1"))).await.unwrap();
    db.record_turn(record("turn_1", "call_1")).await.unwrap();
    db.record_turn(record("turn_2", "call_2")).await.unwrap();
    let analysis = json!({"summary": "asked for a balance"});
    db.mark_ended("call_1", None, Some(&analysis), NOW_MS)
        .await
        .unwrap();
    db.flush().await.unwrap();

    bench.other.erase_call("call_1").await.unwrap();
    let erased = db.stored_call("call_1").await.unwrap().unwrap();
    assert!(erased.call.answered.is_empty());
    assert!(erased.call.transcript.is_empty() && erased.call.last_reply.is_none());
    assert!(erased.call.phone.is_none() && erased.analysis.is_none());
    assert_eq!(erased.call.metadata, json!({}));
    assert!(db.turn_payload("turn_1").await.unwrap().is_none());
    assert_eq!(db.turn("turn_1").await.unwrap().unwrap().reply, "");
    assert!(db.events_of("call_1").await.unwrap().is_empty());
    assert!(db.turn_payload("turn_2").await.unwrap().is_some());
}
