//! Opening rows: one key one row, caps to the cent, whoever asks at the same time.
//!
//! On a SQLite file, and on PostgreSQL where there is one.

use super::*;
use crate::ledger::caps::Exceeded;
use crate::ledger::{Event, Opened, State, written};

on_both!(
    a_hundred_requests_with_one_key_make_one_row,
    a_key_that_stands_for_another_request_is_told_so,
    fifty_transfers_at_once_stay_within_the_cap_to_the_cent,
    caps_on_an_account_hold_across_callers,
    the_hosts_own_ceilings_bind_without_any_cap,
    only_what_may_have_happened_in_the_window_is_counted,
    an_identical_transfer_waits_until_the_first_is_settled,
    of_identical_transfers_at_once_one_is_opened,
    applications_go_through_the_ledger_without_caps,
    a_key_is_opened_or_turned_away_and_never_both,
    what_was_turned_away_is_no_transfer,
);

async fn a_hundred_requests_with_one_key_make_one_row(bench: &Bench) {
    let results = at_once(100, |at| {
        let db = bench.host(at);
        async move {
            db.open_transfer(&entry("key", "savings_1", 500), &[], &ceilings(), NOW_MS)
                .await
                .unwrap()
        }
    })
    .await;
    let opened = results
        .iter()
        .filter(|result| matches!(result, Opened::Opened(_)))
        .count();
    let existing = results
        .iter()
        .filter(|result| matches!(result, Opened::Existing(_)))
        .count();
    assert_eq!((opened, existing), (1, 99));
    assert_eq!(bench.db.transfers(10, None, None).await.unwrap().len(), 1);
}

async fn a_key_that_stands_for_another_request_is_told_so(bench: &Bench) {
    let db = &bench.db;
    db.open_transfer(&entry("key", "savings_1", 500), &[], &ceilings(), NOW_MS)
        .await
        .unwrap();
    let other = entry("key", "savings_1", 501);
    let reused = bench
        .other
        .open_transfer(&other, &[], &ceilings(), NOW_MS)
        .await
        .unwrap();
    assert!(matches!(reused, Opened::KeyReused(row) if row.amount == usd(500)));
    let same = db.transfer_by_key("key").await.unwrap().unwrap();
    assert_eq!((same.state, same.amount), (State::Authorised, usd(500)));
}

async fn fifty_transfers_at_once_stay_within_the_cap_to_the_cent(bench: &Bench) {
    // 30 times 33.33 is 999.90; one more would be 1,033.23.
    let results = at_once(50, |at| {
        let db = bench.host(at);
        async move {
            let caps = [cap(CapScope::Caller, Some(100_000), None)];
            let entry = entry(&format!("key_{at}"), &format!("payee_{at}"), 3_333);
            db.open_transfer(&entry, &caps, &ceilings(), NOW_MS)
                .await
                .unwrap()
        }
    })
    .await;
    let opened = results
        .iter()
        .filter(|result| matches!(result, Opened::Opened(_)))
        .count();
    let capped = results
        .iter()
        .filter(|result| matches!(result, Opened::Exceeded(Exceeded::Cap(_))))
        .count();
    assert_eq!((opened, capped), (30, 20));
    let totals = bench
        .other
        .totals("user_1", 24, None, NOW_MS)
        .await
        .unwrap();
    assert_eq!((totals.count, totals.sum("USD")), (30, usd(99_990)));

    // The ten cents that are left: one more is refused, the edge itself is not.
    let caps = [cap(CapScope::Caller, Some(100_000), None)];
    let open = async |name: &str, minor| {
        bench
            .db
            .open_transfer(&entry(name, "x", minor), &caps, &ceilings(), NOW_MS)
            .await
            .unwrap()
    };
    assert!(matches!(open("over", 11).await, Opened::Exceeded(_)));
    assert!(matches!(open("edge", 10).await, Opened::Opened(_)));
    assert!(matches!(open("more", 1).await, Opened::Exceeded(_)));
}

async fn caps_on_an_account_hold_across_callers(bench: &Bench) {
    // Some count the payee, some count what leaves their own account: neither kind may slip past the other.
    let results = at_once(40, |at| {
        let db = bench.host(at);
        async move {
            let mut entry = entry(
                &format!("key_{at}"),
                "mule",
                100 + i64::try_from(at).unwrap(),
            );
            entry.user_id = format!("user_{}", at % 8);
            entry.from_account = format!("checking_{}", at % 4);
            let caps = [
                cap(CapScope::ToAccount, None, Some(12)),
                cap(CapScope::FromAccount, None, Some(4)),
            ];
            db.open_transfer(&entry, &caps, &ceilings(), NOW_MS)
                .await
                .unwrap()
        }
    })
    .await;
    let opened: Vec<_> = results
        .into_iter()
        .filter_map(|result| match result {
            Opened::Opened(row) => Some(row),
            _ => None,
        })
        .collect();
    assert_eq!(opened.len(), 12);
    for account in 0..4 {
        let from = format!("checking_{account}");
        assert!(opened.iter().filter(|row| row.from_account == from).count() <= 4);
    }
}

async fn the_hosts_own_ceilings_bind_without_any_cap(bench: &Bench) {
    let open = async |name: &str, minor| {
        bench
            .db
            .open_transfer(&entry(name, name, minor), &[], &ceilings(), NOW_MS)
            .await
            .unwrap()
    };
    assert!(matches!(
        open("a", 5_000_001).await,
        Opened::Exceeded(Exceeded::TransferMax(_))
    ));
    assert!(matches!(open("b", 5_000_000).await, Opened::Opened(_)));
    assert!(matches!(open("c", 5_000_000).await, Opened::Opened(_)));
    assert!(matches!(
        open("d", 1).await,
        Opened::Exceeded(Exceeded::DayMax(_))
    ));
    let mut euros = entry("e", "e", 1);
    euros.amount.currency = "EUR".to_owned();
    let refused = bench
        .db
        .open_transfer(&euros, &[], &ceilings(), NOW_MS)
        .await
        .unwrap();
    assert!(matches!(
        refused,
        Opened::Exceeded(Exceeded::TransferMax(_))
    ));
}

async fn only_what_may_have_happened_in_the_window_is_counted(bench: &Bench) {
    let caps = [cap(CapScope::Caller, None, Some(1))];
    let open = async |name: &str, now_ms| {
        bench
            .db
            .open_transfer(&entry(name, name, 100), &caps, &ceilings(), now_ms)
            .await
            .unwrap()
    };
    let Opened::Opened(first) = open("a", NOW_MS).await else {
        panic!("the first fits")
    };
    assert!(matches!(open("b", NOW_MS).await, Opened::Exceeded(_)));
    // What nobody knows the outcome of counts; what was refused does not.
    assert!(bench.db.mark_sent(&first.id, false, NOW_MS).await.unwrap());
    let lost = Event::LoseTrack {
        reason: "timeout".to_owned(),
    };
    bench.db.settle(&first.id, &lost, NOW_MS).await.unwrap();
    assert!(matches!(open("b", NOW_MS).await, Opened::Exceeded(_)));
    let refused = Event::Refuse {
        reason: "no".to_owned(),
        answer: serde_json::Value::Null,
    };
    bench.db.settle(&first.id, &refused, NOW_MS).await.unwrap();
    assert!(matches!(open("b", NOW_MS).await, Opened::Opened(_)));
    // The window slides on.
    assert!(matches!(
        open("c", NOW_MS + 24 * HOUR_MS - 1).await,
        Opened::Exceeded(_)
    ));
    assert!(matches!(
        open("c", NOW_MS + 24 * HOUR_MS).await,
        Opened::Opened(_)
    ));
}

async fn an_identical_transfer_waits_until_the_first_is_settled(bench: &Bench) {
    let open = async |name: &str| {
        let entry = entry(name, "savings_1", 700);
        bench
            .db
            .open_transfer(&entry, &[], &ceilings(), NOW_MS)
            .await
            .unwrap()
    };
    let Opened::Opened(first) = open("a").await else {
        panic!("the first is opened")
    };
    assert!(matches!(open("b").await, Opened::UnsettledTwin(twin) if twin.id == first.id));
    bench.db.mark_sent(&first.id, false, NOW_MS).await.unwrap();
    assert!(matches!(open("b").await, Opened::UnsettledTwin(_)));
    let done = Event::Complete {
        bank_payment_id: Some("payment_1".to_owned()),
        answer: serde_json::json!({"status": "Completed"}),
    };
    bench.other.settle(&first.id, &done, NOW_MS).await.unwrap();
    assert!(matches!(open("b").await, Opened::Opened(_)));
}

async fn of_identical_transfers_at_once_one_is_opened(bench: &Bench) {
    let results = at_once(30, |at| {
        let db = bench.host(at);
        async move {
            let entry = entry(&format!("key_{at}"), "savings_1", 500);
            db.open_transfer(&entry, &[], &ceilings(), NOW_MS)
                .await
                .unwrap()
        }
    })
    .await;
    let opened = results
        .iter()
        .filter(|result| matches!(result, Opened::Opened(_)))
        .count();
    let twins = results
        .iter()
        .filter(|result| matches!(result, Opened::UnsettledTwin(_)))
        .count();
    assert_eq!((opened, twins), (1, 29));
}

async fn applications_go_through_the_ledger_without_caps(bench: &Bench) {
    let mut loan = entry("loan", "", 90_000_000);
    loan.kind = Kind::Loan;
    loan.from_account = String::new();
    let caps = [cap(CapScope::Caller, Some(1), Some(0))];
    let opened = bench
        .db
        .open_transfer(&loan, &caps, &ceilings(), NOW_MS)
        .await
        .unwrap();
    let Opened::Opened(row) = opened else {
        panic!("{opened:?}")
    };
    assert_eq!(bench.other.transfer(&row.id).await.unwrap(), Some(*row));
    // A loan is no transfer: it counts against nothing.
    assert_eq!(
        bench
            .db
            .totals("user_1", 24, None, NOW_MS)
            .await
            .unwrap()
            .count,
        0
    );
}

async fn a_key_is_opened_or_turned_away_and_never_both(bench: &Bench) {
    let results = at_once(40, |at| {
        let db = bench.host(at);
        async move {
            let key = format!("key_{}", at / 2);
            if at % 2 == 0 {
                let entry = entry(&key, "savings_1", 500 + i64::try_from(at).unwrap());
                let opened = db.open_transfer(&entry, &[], &ceilings(), NOW_MS).await;
                matches!(opened.unwrap(), Opened::Opened(_))
            } else {
                let stands = db.turn_away(&key, "call_1", NOW_MS).await.unwrap();
                stands.is_none()
            }
        }
    })
    .await;
    for pair in results.chunks(2) {
        assert_ne!(pair[0], pair[1], "one of the two was first: {results:?}");
    }
}

async fn what_was_turned_away_is_no_transfer(bench: &Bench) {
    let db = &bench.db;
    for _ in 0..2 {
        let stands = db.turn_away("key", "call_1", NOW_MS).await.unwrap();
        assert_eq!(stands, None);
    }
    let entry = entry("key", "savings_1", 500);
    let opened = db.open_transfer(&entry, &[], &ceilings(), NOW_MS).await;
    let Opened::Existing(row) = opened.unwrap() else {
        panic!("it must not be opened any more");
    };
    assert_eq!(
        written::answered(&row),
        Err(crate::call::Failure::Unavailable)
    );
    assert!(!written::never_reached_the_bank(&row));
    assert!(db.transfers(10, None, None).await.unwrap().is_empty());
    let refused = db.transfers(10, Some(State::Refused), None).await.unwrap();
    assert!(refused.is_empty());
}
