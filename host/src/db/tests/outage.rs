//! A database that is not there, or goes away and comes back.
//!
//! What was acknowledged is there afterwards; what was not is said to have failed.

use std::time::Duration;

use super::*;
use crate::call::Call;
use crate::db::transaction::{Lock, end};
use crate::db::{Error, Fault, Silence};
use crate::ledger::Opened;

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let failed = Db::connect(&settings(&format!("sqlite://{}/x.sqlite", file.display()))).await;
    let error = failed.err().unwrap();
    assert!(matches!(error, Error::File { .. }) && error.to_string().contains("x.sqlite"));
    assert_eq!(
        (error.fault(), error.is_repeat_safe()),
        (Fault::Operator, false)
    );
}

#[tokio::test]
async fn an_address_of_no_database_is_refused_and_not_repeated() {
    for url in [
        "mysql://root:secret@x/y",
        "nonsense",
        "sqlite::memory:",
        "sqlite://x?mode=memory",
    ] {
        let error = Db::connect(&settings(url)).await.err().unwrap();
        assert!(matches!(error, Error::BadUrl(_)), "{url}");
        assert!(!error.to_string().contains("secret"));
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unreachable() {
    let settings = Settings {
        acquire_timeout_ms: 300,
        ..settings("postgres://bank@127.0.0.1:1/x")
    };
    let error = Db::connect(&settings).await.err().unwrap();
    assert!(matches!(error, Error::Unreachable(_)), "{error:?}");
    assert!(error.is_repeat_safe());
}

#[tokio::test]
async fn a_sqlite_file_is_its_owners_alone_and_outlives_the_host() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file.sqlite");
    let url = format!("sqlite://{}", path.display());
    let db = started(&url).await;
    db.save_call(&Call::new("call_1", NOW_MS)).await.unwrap();
    db.close().await.unwrap();
    assert!(matches!(db.ping().await, Err(Error::Unreachable(_))));
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let again = started(&url).await;
    assert!(again.call("call_1").await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn after_a_crash_of_the_server_nothing_acknowledged_is_lost_and_work_goes_on() {
    let Some(server) = postgres::Server::new() else {
        return;
    };
    let url = server.fresh_database();
    let limits = Settings {
        statement_timeout_ms: 1_000,
        acquire_timeout_ms: 500,
        ..settings(&url)
    };
    let db = Db::connect(&limits).await.unwrap();
    db.migrate().await.unwrap();
    let open = async |name: &str| {
        db.open_transfer(&entry(name, name, 100), &[], &ceilings(), NOW_MS)
            .await
    };
    assert!(matches!(open("before").await.unwrap(), Opened::Opened(_)));
    db.save_call(&Call::new("before", NOW_MS)).await.unwrap();

    server.crash();
    for failed in [
        db.ping().await.err(),
        open("during").await.err(),
        db.save_call(&Call::new("during", NOW_MS)).await.err(),
    ] {
        assert!(
            failed.as_ref().is_some_and(Error::is_repeat_safe),
            "{failed:?}"
        );
    }

    // A record that nobody waits for is kept for later.
    db.record_turn(calls::record("turn_1", "during"))
        .await
        .unwrap();
    // So is a call that nobody waits for, in its newest state.
    for turns in 1..=2 {
        let mut call = Call::new("queued", NOW_MS);
        call.turns = turns;
        db.queue_call(&call).await.unwrap();
    }
    assert!(db.flush().await.is_err());
    assert_eq!(silence(&db, true).await, Some(Silence::Unreachable));

    server.start();
    assert_eq!(silence(&db, false).await, None);
    assert!(matches!(open("before").await.unwrap(), Opened::Existing(_)));
    assert!(matches!(open("during").await.unwrap(), Opened::Opened(_)));
    db.save_call(&Call::new("during", NOW_MS)).await.unwrap();
    assert!(db.call("before").await.unwrap().is_some());
    assert_eq!(db.transfers(9, None, None).await.unwrap().len(), 2);
    db.flush().await.unwrap();
    assert!(db.turn_payload("turn_1").await.unwrap().is_some());
    assert_eq!(db.call("queued").await.unwrap().unwrap().turns, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_server_that_hangs_is_found_out_and_its_connections_are_let_go() {
    let Some(server) = postgres::Server::new() else {
        return;
    };
    let url = server.fresh_database();
    let limits = Settings {
        statement_timeout_ms: 1_000,
        acquire_timeout_ms: 500,
        connections_max: 2,
        ..settings(&url)
    };
    let db = Db::connect(&limits).await.unwrap();
    db.migrate().await.unwrap();
    for round in 0..2 {
        server.signal("STOP");
        // More than there are connections, sent before anybody knows; then some that are not sent at all.
        let asked = at_once(6, |_| {
            let db = db.clone();
            async move { db.call("call_1").await }
        });
        for answer in asked.await {
            assert!(answer.is_err_and(|cause| cause.is_repeat_safe()), "{round}");
        }
        assert_eq!(silence(&db, true).await, Some(Silence::Unanswered));
        let failed = db.ping().await.err();
        assert!(matches!(failed, Some(Error::Unreachable(_))), "{failed:?}");
        server.signal("CONT");
        assert_eq!(silence(&db, false).await, None);
        let mut call = Call::new("call_1", NOW_MS);
        call.version = round + 1;
        db.save_call(&call).await.unwrap();
        assert!(db.call("call_1").await.unwrap().is_some());
    }
}

/// Why the database is of no use, once that is as expected.
async fn silence(db: &Db, is_expected: bool) -> Option<Silence> {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
    loop {
        let silence = db.answers().await.err();
        if silence.is_some() == is_expected || tokio::time::Instant::now() > deadline {
            return silence;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_host_that_sleeps_in_a_transaction_holds_nobody_up() {
    let Some(server) = postgres::shared() else {
        return;
    };
    let limits = Settings {
        statement_timeout_ms: 4_000,
        ..settings(&server.fresh_database())
    };
    let sleeper = Db::connect(&limits).await.unwrap();
    sleeper.migrate().await.unwrap();
    let awake = Db::connect(&limits).await.unwrap();
    let wanted = entry("key", "savings_1", 100);
    let lock = Lock::new("user", &wanted.user_id, true);
    let asleep = sleeper.pools.begin(&[lock]).await.unwrap();

    let opened = awake.open_transfer(&wanted, &[], &ceilings(), NOW_MS).await;
    assert!(matches!(opened.unwrap(), Opened::Opened(_)));
    // Woken up, it hears that nothing of its own was done, and may do it again.
    let woken = end(asleep, Ok(())).await.unwrap_err();
    assert!(woken.is_repeat_safe(), "{woken:?}");
    let ceilings = ceilings();
    let again = sleeper.open_transfer(&wanted, &[], &ceilings, NOW_MS);
    assert!(matches!(again.await.unwrap(), Opened::Opened(_)));
}
