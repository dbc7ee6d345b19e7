//! A client's connection with limits: a header has to end in its time, and what is written has to be taken.
//!
//! hyper's own limit for a header also ends connections that are merely idle, which a load balancer keeps for its next request. Here
//! the clock runs from the first byte of a request (on a new connection from the beginning) to the end of its header.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

/// Nothing of the next request has come.
const IDLE: u8 = 0;
/// A header is coming.
const HEADER: u8 = 1;
/// A request is being answered, or the connection is a websocket's.
const BUSY: u8 = 2;

/// How long a client may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// For a whole header.
    pub(super) header: Duration,
    /// For taking anything of what is written.
    pub(super) stalled: Duration,
}

/// How far the request on a connection has come; told by whoever answers it.
#[derive(Debug, Clone)]
pub(super) struct Progress(Arc<AtomicU8>);

impl Progress {
    /// The header is whole.
    pub(super) fn has_header(&self) {
        self.0.store(BUSY, Ordering::Relaxed);
    }

    /// The next request may come.
    pub(super) fn has_answer(&self) {
        self.0.store(IDLE, Ordering::Relaxed);
    }
}

/// A connection, and the place that it takes as long as it is open, as whatever protocol.
pub(super) struct Socket<S, P> {
    stream: S,
    progress: Progress,
    patience: Patience,
    header_until: Instant,
    header_clock: Option<Pin<Box<Sleep>>>,
    stall_clock: Option<Pin<Box<Sleep>>>,
    _place: P,
}

impl<S, P> Socket<S, P> {
    /// A new connection, whose first header is due.
    pub(super) fn new(stream: S, patience: Patience, place: P) -> Self {
        Self {
            stream,
            progress: Progress(Arc::new(AtomicU8::new(HEADER))),
            patience,
            header_until: Instant::now() + patience.header,
            header_clock: None,
            stall_clock: None,
            _place: place,
        }
    }

    /// For whoever answers the requests.
    pub(super) fn progress(&self) -> Progress {
        self.progress.clone()
    }

    fn has_come(&mut self) {
        let idle =
            self.progress
                .0
                .compare_exchange(IDLE, HEADER, Ordering::Relaxed, Ordering::Relaxed);
        if idle.is_ok() {
            self.header_until = Instant::now() + self.patience.header;
        }
    }

    /// Whether the header is overdue; wakes the task when it will be.
    fn header_is_overdue(&mut self, context: &mut Context<'_>) -> bool {
        if self.progress.0.load(Ordering::Relaxed) != HEADER {
            self.header_clock = None;
            return false;
        }
        let until = self.header_until;
        let clock = self
            .header_clock
            .get_or_insert_with(|| Box::pin(tokio::time::sleep_until(until)));
        if clock.deadline() != until {
            clock.as_mut().reset(until);
        }
        clock.as_mut().poll(context).is_ready()
    }

    /// What became of a write; one that waits too long has failed.
    fn unless_stalled<T>(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.stall_clock = None;
            return written;
        }
        let stalled = self.patience.stalled;
        let clock = self
            .stall_clock
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(stalled)));
        match clock.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(Err(late("the client takes nothing"))),
            Poll::Pending => Poll::Pending,
        }
    }
}

fn late(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, what)
}

impl<S: AsyncRead + Unpin, P: Unpin> AsyncRead for Socket<S, P> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        let read = Pin::new(&mut this.stream).poll_read(context, buffer);
        if buffer.filled().len() > before {
            this.has_come();
        } else if read.is_ready() {
            return read;
        }
        // Also after a read: a client that sends a byte now and then is late as well.
        if this.header_is_overdue(context) {
            metrics::counter!("connections_slow_total").increment(1);
            return Poll::Ready(Err(late("the header did not come to an end")));
        }
        read
    }
}

impl<S: AsyncWrite + Unpin, P: Unpin> AsyncWrite for Socket<S, P> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write(context, bytes);
        this.unless_stalled(context, written)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write_vectored(context, parts);
        this.unless_stalled(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};

    use super::*;

    const HEADER: Duration = Duration::from_millis(300);
    const STALLED: Duration = Duration::from_millis(200);
    /// Several times as long as a header may take.
    const LONG: Duration = Duration::from_millis(900);

    fn pair() -> (Socket<DuplexStream, ()>, DuplexStream) {
        let (ours, theirs) = duplex(64);
        let patience = Patience {
            header: HEADER,
            stalled: STALLED,
        };
        (Socket::new(ours, patience, ()), theirs)
    }

    #[tokio::test]
    async fn a_client_that_says_nothing_at_first_is_let_go() {
        let (mut socket, _client) = pair();
        let began = Instant::now();
        assert!(socket.read_u8().await.is_err());
        assert!(began.elapsed() >= HEADER);
    }

    #[tokio::test]
    async fn a_header_a_byte_at_a_time_is_late_all_the_same() {
        let (mut socket, mut client) = pair();
        let slow = tokio::spawn(async move {
            while client.write_all(b"x").await.is_ok() {
                tokio::time::sleep(HEADER / 10).await;
            }
        });
        let began = Instant::now();
        while socket.read_u8().await.is_ok() {}
        assert!(began.elapsed() >= HEADER);
        drop(socket);
        slow.await.unwrap();
    }

    #[tokio::test]
    async fn an_idle_connection_is_kept_and_the_next_header_has_its_own_time() {
        let (mut socket, mut client) = pair();
        let progress = socket.progress();
        client.write_all(b"x").await.unwrap();
        assert_eq!(socket.read_u8().await.ok(), Some(b'x'));
        progress.has_header();
        let waiting = tokio::time::timeout(LONG, socket.read_u8());
        assert!(
            waiting.await.is_err(),
            "a body or a websocket has no header"
        );
        progress.has_answer();
        let waiting = tokio::time::timeout(LONG, socket.read_u8());
        assert!(waiting.await.is_err(), "idle");
        client.write_all(b"y").await.unwrap();
        let began = Instant::now();
        assert_eq!(socket.read_u8().await.ok(), Some(b'y'));
        assert!(socket.read_u8().await.is_err());
        assert!(began.elapsed() >= HEADER);
    }

    #[tokio::test]
    async fn what_nobody_takes_is_given_up() {
        let (mut socket, _client) = pair();
        let began = Instant::now();
        assert!(socket.write_all(&[0; 1_000]).await.is_err());
        assert!(began.elapsed() >= STALLED);
    }
}
