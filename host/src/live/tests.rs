//! What a live store must do, in memory and in Redis alike; and what Redis adds: two hosts, a lost lock, a flush.
//!
//! Redis is started where `ORCHESTRATOR_TEST_REDIS` names its server.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tokio::time::Instant;

use super::{Error, Kept, Kind, Live, Locked, Settings};
use crate::call::Call;

struct Server {
    child: Child,
    settings: Settings,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// None where there is no Redis to start.
fn server() -> Option<Server> {
    let Some(program) = std::env::var_os("ORCHESTRATOR_TEST_REDIS") else {
        assert!(
            std::env::var_os("CI").is_none(),
            "ORCHESTRATOR_TEST_REDIS is not set"
        );
        return None;
    };
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let child = Command::new(program)
        .args([
            "--save",
            "",
            "--appendonly",
            "no",
            "--bind",
            "127.0.0.1",
            "--port",
        ])
        .arg(port.to_string())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let settings = Settings {
        kind: Kind::Redis,
        redis_url: Some(format!("redis://127.0.0.1:{port}").into()),
        ..Settings::default()
    };
    Some(Server { child, settings })
}

async fn open(server: &Server) -> Live {
    let live = Live::connect(&server.settings).await.unwrap();
    while live.redis_answers() != Some(true) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    live
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(20)
}

async fn lock(live: &Live, call_id: &str, until: Instant) -> Result<Locked, Error> {
    let here = live.lock_here(call_id, until).await?;
    live.lock_everywhere(here, until).await
}

fn call(version: i64) -> Call {
    Call {
        version,
        ..Call::new("call_1", 1)
    }
}

async fn one_writer_at_a_time_who_finds_what_the_last_one_kept(live: &Live) {
    let mut first = lock(live, "call_1", soon()).await.unwrap();
    let hurried = Instant::now() + Duration::from_millis(40);
    assert_eq!(lock(live, "call_1", hurried).await.err(), Some(Error::Busy));
    *first.entry() = Some(call(1));
    live.keep(&mut first, &call(1)).await.unwrap();
    drop(first);
    let mut second = lock(live, "call_1", soon()).await.unwrap();
    assert_eq!(*second.entry(), Some(call(1)));
    second.spoil();
    live.forget(&mut second).await;
    drop(second);
    let mut third = lock(live, "call_1", soon()).await.unwrap();
    assert_eq!(*third.entry(), None);
}

#[tokio::test]
async fn a_store_has_one_writer_at_a_time_who_finds_what_the_last_one_kept() {
    let live = Live::connect(&Settings::default()).await.unwrap();
    one_writer_at_a_time_who_finds_what_the_last_one_kept(&live).await;
    if let Some(server) = server() {
        one_writer_at_a_time_who_finds_what_the_last_one_kept(&open(&server).await).await;
    }
}

#[tokio::test]
async fn a_lock_is_held_against_other_hosts_for_longer_than_it_expires() {
    let Some(server) = server() else { return };
    let (here, there) = (open(&server).await, open(&server).await);
    let held = lock(&here, "call_1", soon()).await.unwrap();
    let longer = Instant::now() + Duration::from_secs(4);
    assert_eq!(
        lock(&there, "call_1", longer).await.err(),
        Some(Error::Busy)
    );
    drop(held);
    lock(&there, "call_1", soon()).await.unwrap();
}

#[tokio::test]
async fn whoever_lost_the_lock_overwrites_nothing() {
    let Some(server) = server() else { return };
    let (here, there) = (open(&server).await, open(&server).await);
    let mut slept = lock(&here, "call_1", soon()).await.unwrap();
    assert_eq!(here.keep(&mut slept, &call(1)).await, Ok(Kept::InDoubt));
    // As a stopped process does: it renews nothing.
    slept.lease.as_ref().unwrap().sleep();
    let mut other = lock(&there, "call_1", soon()).await.unwrap();
    assert_eq!(*other.entry(), Some(call(1)));
    assert_eq!(here.keep(&mut slept, &call(2)).await, Err(Error::Overtaken));
    assert_eq!(there.keep(&mut other, &call(2)).await, Ok(Kept::AtHand));
    drop(other);
    let mut after = lock(&there, "call_1", soon()).await.unwrap();
    assert_eq!(here.keep(&mut slept, &call(3)).await, Err(Error::Overtaken));
    assert_eq!(*after.entry(), Some(call(2)));
}

#[tokio::test]
async fn a_redis_that_is_gone_delays_one_turn_and_is_used_again_when_it_is_back() {
    let Some(server) = server() else { return };
    let live = open(&server).await;
    let stop = |signal: &str| {
        let id = server.child.id().to_string();
        assert!(
            Command::new("kill")
                .args([signal, &id])
                .status()
                .unwrap()
                .success()
        );
    };
    stop("-STOP");
    let mut locked = lock(&live, "call_1", soon()).await.unwrap();
    assert_eq!(live.keep(&mut locked, &call(1)).await, Ok(Kept::InDoubt));
    assert_eq!(live.redis_answers(), Some(false));
    drop(locked);
    stop("-CONT");
    while live.redis_answers() != Some(true) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let mut locked = lock(&live, "call_1", soon()).await.unwrap();
    assert_eq!(live.keep(&mut locked, &call(2)).await, Ok(Kept::InDoubt));
    assert_eq!(live.keep(&mut locked, &call(3)).await, Ok(Kept::AtHand));
}

#[test]
fn settings_for_redis_need_an_address_that_can_be_meant() {
    for url in [None, Some(""), Some("http://x"), Some("nonsense")] {
        let settings = Settings {
            kind: Kind::Redis,
            redis_url: url.map(Into::into),
            ..Settings::default()
        };
        assert!(
            settings.check().unwrap_err().contains("REDIS_URL"),
            "{url:?}"
        );
    }
    for url in [
        "redis://h:1",
        "rediss://u:p@h:1",
        "redis-cluster://a:1?node=b:2",
    ] {
        let settings = Settings {
            kind: Kind::Redis,
            redis_url: Some(url.into()),
            ..Settings::default()
        };
        settings.check().unwrap();
    }
}
