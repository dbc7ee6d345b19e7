//! Every toxic, seen from both ends of a connection.
//!
//! The clock is the real one, since sockets keep no other: a test asserts that something took at least its time, never at most.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail their test")]

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use faults::proxy::{Proxy, Toxic, Way};

const MS: Duration = Duration::from_millis(1);
/// Whatever has to happen happens within this, also on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server that says back what it hears, and ends when its client does.
async fn echo() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut from, mut to) = client.split();
                let _ = tokio::io::copy(&mut from, &mut to).await;
                let _ = to.shutdown().await;
            });
        }
    });
    address
}

async fn proxied(way: Way, toxics: &[Toxic]) -> (Proxy, TcpStream) {
    let proxy = Proxy::start(echo().await, 7).await.unwrap();
    proxy.set(way, toxics);
    let client = TcpStream::connect(proxy.address()).await.unwrap();
    (proxy, client)
}

/// Says it, ends, and hears everything that comes back; how it ended.
async fn said(client: &mut TcpStream, bytes: &[u8]) -> (Vec<u8>, Option<ErrorKind>) {
    let mut heard = Vec::new();
    let talk = async {
        let (mut from, mut to) = client.split();
        let say = async {
            to.write_all(bytes).await?;
            to.shutdown().await
        };
        let (said, read) = tokio::join!(say, from.read_to_end(&mut heard));
        read.map(drop).and(said)
    };
    let ended = tokio::time::timeout(PATIENCE, talk).await.unwrap();
    (heard, ended.err().map(|cause| cause.kind()))
}

fn bytes(count: usize) -> Vec<u8> {
    (0..count)
        .map(|at| u8::try_from(at % 251).unwrap())
        .collect()
}

#[tokio::test]
async fn without_a_toxic_every_byte_passes() {
    let (_proxy, mut client) = proxied(Way::Up, &[]).await;
    let sent = bytes(3_000_000);
    assert_eq!(said(&mut client, &sent).await, (sent, None));
}

#[tokio::test]
async fn latency_delays_either_way_and_keeps_the_order() {
    for way in [Way::Up, Way::Down] {
        let (delay, jitter) = (120 * MS, 20 * MS);
        let (_proxy, mut client) = proxied(way, &[Toxic::Latency { delay, jitter }]).await;
        let (began, sent) = (Instant::now(), bytes(400_000));
        assert_eq!(said(&mut client, &sent).await, (sent, None), "{way:?}");
        assert!(
            began.elapsed() >= 100 * MS,
            "{way:?}: {:?}",
            began.elapsed()
        );
    }
}

#[tokio::test]
async fn down_refuses_and_ends_what_lives_until_it_is_up_again() {
    let (proxy, mut client) = proxied(Way::Up, &[]).await;
    client.write_all(b"hello").await.unwrap();
    client.read_exact(&mut [0; 5]).await.unwrap();
    proxy.set(Way::Up, &[Toxic::Down]);
    assert!(matches!(client.read(&mut [0; 1]).await, Ok(0) | Err(_)));
    let refused = async {
        while TcpStream::connect(proxy.address()).await.is_ok() {
            tokio::time::sleep(MS).await;
        }
    };
    tokio::time::timeout(PATIENCE, refused).await.unwrap();
    proxy.heal();
    let again = async {
        loop {
            if let Ok(client) = TcpStream::connect(proxy.address()).await {
                break client;
            }
            tokio::time::sleep(MS).await;
        }
    };
    let mut client = tokio::time::timeout(PATIENCE, again).await.unwrap();
    assert_eq!(said(&mut client, b"again").await, (b"again".to_vec(), None));
}

#[tokio::test]
async fn bandwidth_bounds_the_rate() {
    for way in [Way::Up, Way::Down] {
        let bytes_per_s = 50_000;
        let (_proxy, mut client) = proxied(way, &[Toxic::Bandwidth { bytes_per_s }]).await;
        let (began, sent) = (Instant::now(), bytes(20_000));
        assert_eq!(said(&mut client, &sent).await, (sent, None));
        assert!(began.elapsed() >= 350 * MS, "{:?}", began.elapsed());
    }
}

#[tokio::test]
async fn slow_close_tells_the_end_later() {
    for way in [Way::Up, Way::Down] {
        let (_proxy, mut client) = proxied(way, &[Toxic::SlowClose { delay: 200 * MS }]).await;
        let began = Instant::now();
        assert_eq!(said(&mut client, b"bye").await, (b"bye".to_vec(), None));
        assert!(began.elapsed() >= 200 * MS, "{:?}", began.elapsed());
    }
}

#[tokio::test]
async fn timeout_lets_nothing_pass_and_then_closes() {
    for way in [Way::Up, Way::Down] {
        let after = Some(150 * MS);
        let (_proxy, mut client) = proxied(way, &[Toxic::Timeout { after }]).await;
        let began = Instant::now();
        let (heard, _) = said(&mut client, b"anybody?").await;
        assert_eq!(heard, b"");
        assert!(began.elapsed() >= 150 * MS, "{:?}", began.elapsed());
    }
}

#[tokio::test]
async fn a_timeout_without_an_end_is_silent_until_it_is_taken_away() {
    let (proxy, mut client) = proxied(Way::Down, &[Toxic::Timeout { after: None }]).await;
    client.write_all(b"hello").await.unwrap();
    let mut heard = [0; 5];
    let silent = tokio::time::timeout(200 * MS, client.read_exact(&mut heard)).await;
    assert!(silent.is_err(), "{silent:?}");
    proxy.heal();
    let read = tokio::time::timeout(PATIENCE, client.read_exact(&mut heard)).await;
    assert_eq!((read.unwrap().unwrap(), &heard), (5, b"hello"));
}

#[tokio::test]
async fn reset_peer_resets_also_a_live_connection() {
    for way in [Way::Up, Way::Down] {
        let (proxy, mut client) = proxied(way, &[]).await;
        client.write_all(b"hello").await.unwrap();
        client.read_exact(&mut [0; 5]).await.unwrap();
        proxy.set(way, &[Toxic::ResetPeer { after: 50 * MS }]);
        let read = tokio::time::timeout(PATIENCE, client.read(&mut [0; 1])).await;
        let kind = read.unwrap().unwrap_err().kind();
        assert_eq!(kind, ErrorKind::ConnectionReset, "{way:?}");
    }
}

#[tokio::test]
async fn the_slicer_cuts_into_pieces_and_loses_none() {
    let pieces = Toxic::Slicer {
        size: 10,
        spread: 4,
        pause: 5 * MS,
    };
    let (_proxy, mut client) = proxied(Way::Down, &[pieces]).await;
    let sent = bytes(200);
    client.write_all(&sent).await.unwrap();
    let (mut heard, mut largest) = (Vec::new(), 0);
    while heard.len() < sent.len() {
        let mut piece = [0; 200];
        let read = tokio::time::timeout(PATIENCE, client.read(&mut piece)).await;
        let count = read.unwrap().unwrap();
        largest = largest.max(count);
        heard.extend_from_slice(&piece[..count]);
    }
    assert_eq!(heard, sent);
    assert!(largest < sent.len(), "came in one piece");
}

#[tokio::test]
async fn limit_data_closes_after_exactly_so_many_bytes() {
    let (_proxy, mut client) = proxied(Way::Down, &[Toxic::LimitData { bytes: 777 }]).await;
    let (heard, _) = said(&mut client, &bytes(5_000)).await;
    assert_eq!(heard, bytes(777));
}
