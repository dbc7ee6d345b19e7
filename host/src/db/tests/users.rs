//! Customers, their locks and their accounts.
//!
//! On a SQLite file, and on PostgreSQL where there is one.

use secrecy::SecretString;

use super::*;
use crate::call::outcome::Account;
use crate::db::{Error, NewUser, SAMPLES, WRONG_PINS_MAX};

on_both!(
    wrong_pins_at_once_are_all_counted,
    customers_are_found_by_number_and_by_the_banks_id,
    a_caller_whom_the_bank_knows_is_remembered_once,
    the_five_samples_are_made_once,
    what_the_bank_no_longer_lists_is_no_longer_owned,
);

fn alice() -> NewUser {
    NewUser {
        backend_id: "user_1".to_owned(),
        phone: "+14155552671".to_owned(),
        name: Some("Alice".to_owned()),
        pin_hash: None,
    }
}

async fn wrong_pins_at_once_are_all_counted(bench: &Bench) {
    bench.db.add_user(alice(), NOW_MS).await.unwrap();
    let mut counts: Vec<_> = at_once(4, |at| {
        let db = bench.host(at);
        async move { db.record_wrong_pin("user_1", NOW_MS).await.unwrap() }
    })
    .await
    .into_iter()
    .map(|wrong| (wrong.count, wrong.locked))
    .collect();
    counts.sort_unstable();
    assert_eq!(counts, [(1, false), (2, false), (3, false), (4, false)]);
    assert!(!bench.other.is_locked("user_1").await.unwrap());

    let fifth = bench
        .other
        .record_wrong_pin("user_1", NOW_MS + 23 * HOUR_MS)
        .await
        .unwrap();
    assert_eq!((fifth.count, fifth.locked), (WRONG_PINS_MAX, true));
    // A right PIN, or a day, does not open a lock; an operator does.
    bench.db.clear_wrong_pins("user_1").await.unwrap();
    assert!(bench.db.is_locked("user_1").await.unwrap());
    let later = bench
        .db
        .record_wrong_pin("user_1", NOW_MS + 99 * HOUR_MS)
        .await
        .unwrap();
    assert!(later.locked);
    bench.db.unlock("+14155552671").await.unwrap();
    assert!(!bench.other.is_locked("user_1").await.unwrap());
    let fresh = bench
        .db
        .record_wrong_pin("user_1", NOW_MS + 99 * HOUR_MS)
        .await
        .unwrap();
    assert_eq!((fresh.count, fresh.locked), (1, false));

    assert!(matches!(
        bench.db.record_wrong_pin("user_9", 0).await,
        Err(Error::Missing(_))
    ));
    assert!(matches!(
        bench.db.unlock("+19999999999").await,
        Err(Error::Missing(_))
    ));
}

async fn customers_are_found_by_number_and_by_the_banks_id(bench: &Bench) {
    bench.db.add_user(alice(), NOW_MS).await.unwrap();
    let hash = SecretString::from("$argon2id$…");
    bench.db.set_pin_hash("+14155552671", &hash).await.unwrap();
    let by_phone = bench
        .other
        .user_by_phone("+14155552671")
        .await
        .unwrap()
        .unwrap();
    let by_id = bench
        .other
        .user_by_backend_id("user_1")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (by_phone.backend_id.as_str(), by_id.name.as_deref()),
        ("user_1", Some("Alice"))
    );
    assert!(by_id.pin_hash.is_some());
    assert!(
        bench
            .db
            .user_by_phone("+14155550000")
            .await
            .unwrap()
            .is_none()
    );

    let same_phone = NewUser {
        backend_id: "user_2".to_owned(),
        ..alice()
    };
    let same_id = NewUser {
        phone: "+14155552672".to_owned(),
        ..alice()
    };
    let fresh = NewUser {
        backend_id: "user_3".to_owned(),
        ..same_id.clone()
    };
    assert!(matches!(
        bench.db.add_user(same_phone, NOW_MS).await,
        Err(Error::Taken(_))
    ));
    let failed = bench
        .db
        .add_users(vec![fresh, same_id], NOW_MS)
        .await
        .unwrap_err();
    assert_eq!(failed.at, 1);
    assert_eq!(bench.db.users().await.unwrap().len(), 1);
}

async fn a_caller_whom_the_bank_knows_is_remembered_once(bench: &Bench) {
    let users = at_once(20, |at| {
        let db = bench.host(at);
        async move {
            db.remember_user("+14085858267", Some("Bo"), "user_7", NOW_MS)
                .await
                .unwrap()
        }
    })
    .await;
    assert!(users.iter().all(|user| user.backend_id == "user_7"));
    assert_eq!(bench.db.count_users().await.unwrap(), 1);

    bench
        .db
        .set_pin_hash("+14085858267", &SecretString::from("hash"))
        .await
        .unwrap();
    let moved = bench
        .db
        .remember_user("+14085850000", Some("Bo"), "user_7", NOW_MS)
        .await
        .unwrap();
    assert_eq!(moved.phone, "+14085850000");
    assert!(moved.pin_hash.is_some());
    // A number that is enrolled stays with its customer.
    let kept = bench
        .db
        .remember_user("+14085850000", Some("Eve"), "user_8", NOW_MS)
        .await
        .unwrap();
    assert_eq!(kept.backend_id, "user_7");
}

async fn the_five_samples_are_made_once(bench: &Bench) {
    let hashes = async |pins: Vec<SecretString>| Ok::<_, Error>(pins);
    let (one, other) = tokio::join!(
        bench
            .db
            .create_sample_users(NOW_MS, crate::db::SampleIds::Named, hashes),
        bench
            .other
            .create_sample_users(NOW_MS, crate::db::SampleIds::Named, hashes),
    );
    assert!(one.unwrap() != other.unwrap());
    let users = bench.db.users().await.unwrap();
    assert_eq!(users.len(), SAMPLES.len());
    assert_eq!(
        (users[4].phone.as_str(), users[4].backend_id.as_str()),
        ("+14155552675", "user_5")
    );
}

async fn what_the_bank_no_longer_lists_is_no_longer_owned(bench: &Bench) {
    let account = |id: &str| Account {
        id: id.to_owned(),
        kind: "checking".to_owned(),
        nickname: None,
        currency: "USD".to_owned(),
    };
    let db = &bench.db;
    let two = [account("a"), account("b")];
    db.remember_accounts("user_1", &two, NOW_MS).await.unwrap();
    db.remember_accounts("user_2", &[account("b")], NOW_MS + 1)
        .await
        .unwrap();
    assert_eq!(db.accounts_of("user_1").await.unwrap(), two);
    assert_eq!(
        db.account_owner("b").await.unwrap().as_deref(),
        Some("user_2")
    );
    assert!(db.owns_account("user_1", "b").await.unwrap());
    db.remember_accounts("user_1", &[account("a")], NOW_MS + 2)
        .await
        .unwrap();
    assert!(!bench.other.owns_account("user_1", "b").await.unwrap());
    assert!(bench.other.owns_account("user_2", "b").await.unwrap());
    assert_eq!(db.account_owner("c").await.unwrap(), None);
    db.remember_accounts("user_1", &[], NOW_MS + 3)
        .await
        .unwrap();
    assert!(db.accounts_of("user_1").await.unwrap().is_empty());
}
