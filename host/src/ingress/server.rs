//! The door: takes connections, at most so many, and gives each to hyper with the router behind it.
//!
//! axum's own server waits for ever for a header and takes any number of connections; this one is the same hyper underneath with
//! limits on both. It knows nothing of paths. Told to stop, it closes the door first and lets what is inside end.

mod socket;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::Service as _;

use socket::{Patience, Socket};

/// Longest that one connection may be idle between two requests: longer than load balancers keep theirs (60 s at most by default),
/// so that it is they who close.
const IDLE_MAX: Duration = Duration::from_secs(75);
/// Longest that what is written may find no taker.
const STALLED_MAX: Duration = Duration::from_secs(30);
/// After the system refused a connection for want of descriptors or memory.
const ACCEPT_AGAIN: Duration = Duration::from_millis(100);
/// Connections over the limit that are told so at the same time; more are just closed.
const REFUSALS_MAX: usize = 64;
/// How long a client that is refused has for reading that.
const REFUSE_WITHIN: Duration = Duration::from_secs(1);
/// Descriptors for everything that is not a client: database, bank, files.
const DESCRIPTORS_KEPT: u64 = 512;

/// What a client over the limit is told; it asks another host, or this one a second later.
const REFUSAL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\n\
    content-type: application/problem+json\r\n\
    retry-after: 1\r\n\
    connection: close\r\n\
    content-length: 144\r\n\r\n\
    {\"type\":\"urn:orchestrator:problem:too_many_connections\",\"title\":\"Service Unavailable\",\"status\":503,\"code\":\"too_many_connections\",\"error\":\"full\"}";

/// How much a door lets in.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Connections at once, websockets among them.
    pub connections_max: usize,
    /// From the first byte of a request to the end of its header.
    pub header_timeout: Duration,
}

/// Serves until `closing`, and then until the last connection has ended.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    closing: CancellationToken,
) {
    let free = Arc::new(Semaphore::new(allowed(limits.connections_max)));
    let refusals = Arc::new(Semaphore::new(REFUSALS_MAX));
    let open = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            biased;
            () = closing.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(cause) => {
                over_before_it_began(&cause).await;
                continue;
            }
        };
        // Sentences are short and wait for nothing: Nagle's algorithm would hold them back for an acknowledgement.
        let _ = stream.set_nodelay(true);
        match Arc::clone(&free).try_acquire_owned() {
            Ok(place) => {
                let patience = Patience {
                    header: limits.header_timeout,
                    stalled: STALLED_MAX,
                };
                let socket = Socket::new(stream, patience, place);
                open.spawn(hold(socket, peer, router.clone(), closing.clone()));
            }
            Err(_) => refuse(stream, &refusals),
        }
    }
    drop(listener);
    open.close();
    open.wait().await;
}

/// One connection, until it ends or is upgraded.
async fn hold(
    socket: Socket<TcpStream, OwnedSemaphorePermit>,
    peer: SocketAddr,
    router: Router,
    closing: CancellationToken,
) {
    let progress = socket.progress();
    let service = service_fn(move |request: Request<Incoming>| {
        progress.has_header();
        let (mut router, progress) = (router.clone(), progress.clone());
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        async move {
            let answer = router.call(request).await;
            if let Ok(answer) = &answer
                && answer.status() != StatusCode::SWITCHING_PROTOCOLS
            {
                progress.has_answer();
            }
            answer
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        // hyper counts the idle time into it; the header's own limit is the socket's.
        .header_read_timeout(IDLE_MAX)
        .serve_connection(TokioIo::new(socket), service)
        .with_upgrades();
    tokio::pin!(connection);
    let ended = tokio::select! {
        biased;
        ended = connection.as_mut() => ended,
        () = closing.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(cause) = ended {
        tracing::debug!("connection ended: {cause}");
    }
}

/// Says that there is no room, to whoever listens.
fn refuse(mut stream: TcpStream, refusals: &Arc<Semaphore>) {
    metrics::counter!("connections_refused_total").increment(1);
    let Ok(place) = Arc::clone(refusals).try_acquire_owned() else {
        return;
    };
    tokio::spawn(async move {
        let told = async {
            stream.write_all(REFUSAL).await?;
            stream.shutdown().await?;
            // What was asked is read away: a socket that is dropped with unread bytes takes the answer with it.
            let mut unread = [0; 4 * 1024];
            while stream.read(&mut unread).await? > 0 {}
            std::io::Result::Ok(())
        };
        let _ = tokio::time::timeout(REFUSE_WITHIN, told).await;
        drop(place);
    });
}

/// A client that is gone again is nobody's fault; want of descriptors passes when somebody leaves.
async fn over_before_it_began(cause: &std::io::Error) {
    use std::io::ErrorKind as Kind;
    if !matches!(
        cause.kind(),
        Kind::ConnectionAborted | Kind::ConnectionReset | Kind::ConnectionRefused
    ) {
        tracing::error!("no connection can be taken: {cause}");
        tokio::time::sleep(ACCEPT_AGAIN).await;
    }
}

/// As many as were asked for, as far as the system gives the process descriptors.
fn allowed(connections_max: usize) -> usize {
    let limit = getrlimit(Resource::Nofile);
    let wanted = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    // A process may always take what its hard limit allows; where it does not, the soft one counts.
    let is_raised = setrlimit(Resource::Nofile, wanted).is_ok();
    let descriptors = if is_raised {
        limit.maximum
    } else {
        limit.current
    };
    let most = descriptors.map_or(usize::MAX, |descriptors| {
        let rest = descriptors.saturating_sub(DESCRIPTORS_KEPT).max(1);
        usize::try_from(rest).unwrap_or(usize::MAX)
    });
    if most < connections_max {
        tracing::warn!(
            most,
            connections_max,
            "the system allows fewer connections than server.connections_max; raise its limit of open files"
        );
    }
    connections_max.min(most).min(Semaphore::MAX_PERMITS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_refusal_is_as_long_as_it_says() {
        let text = std::str::from_utf8(REFUSAL).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.ends_with(&format!("content-length: {}", body.len())));
        assert!(serde_json::from_str::<serde_json::Value>(body).is_ok());
    }
}
