//! The way out: what is said goes through one queue to one writer, which says only what belongs to the newest request.
//!
//! Nobody waits for the queue. A line whose other end reads nothing is full after a while, and is given up.
//!
//! Invariant: no frame of an older request is begun once a newer one was read (`only_the_newest_request_is_spoken`).

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use axum::extract::ws::Message;
use futures_util::{Sink, SinkExt as _};
use tokio::sync::{Notify, mpsc, watch};
use tokio::time::Instant;

use super::frame::{Frame, Response};
use crate::call::Reply;

/// Frames that may wait for the writer: many times what a turn has.
const QUEUE_LEN: usize = 256;
/// How long one frame may take to leave.
const WRITE_WITHIN: Duration = Duration::from_secs(10);
/// Stands for the number of a request that is newer than all: the line is over.
const OVER: i64 = i64::MAX;

/// What waits for the writer.
#[derive(Debug)]
pub enum Queued {
    /// Written whatever is asked meanwhile.
    Always(Frame),
    /// Written only while no newer request was read.
    For {
        /// The request.
        response_id: i64,
        /// What is said to it.
        frame: Frame,
        /// When it was read, where these are the first words to it.
        first_since: Option<Instant>,
    },
    /// Nothing is written after it.
    Last,
}

/// The way out of one socket.
#[derive(Debug)]
pub struct Line {
    newest: watch::Sender<i64>,
    queue: mpsc::Sender<Queued>,
    stuck: Notify,
    interruptions: AtomicI64,
}

/// A line, and what its writer takes from. The greeting has number 0, so until something is asked that is the newest.
pub fn open() -> (Line, mpsc::Receiver<Queued>) {
    let (queue, waiting) = mpsc::channel(QUEUE_LEN);
    let line = Line {
        newest: watch::channel(0).0,
        queue,
        stuck: Notify::new(),
        interruptions: AtomicI64::new(0),
    };
    (line, waiting)
}

impl Line {
    /// Makes a request the newest; false for one that goes back or was there already.
    pub fn ask(&self, response_id: i64) -> bool {
        self.newest.send_if_modified(|newest| {
            let is_newer = response_id > *newest && response_id != OVER;
            if is_newer {
                *newest = response_id;
            }
            is_newer
        })
    }

    /// Nothing more is said on this line.
    pub fn end(&self) {
        self.newest.send_replace(OVER);
    }

    /// Whether nothing is said any more.
    pub fn is_over(&self) -> bool {
        *self.newest.borrow() == OVER
    }

    /// Returns once something newer was asked.
    pub async fn superseded(&self, response_id: i64) {
        let mut newest = self.newest.subscribe();
        let _ = newest.wait_for(|newest| *newest > response_id).await;
    }

    /// What is newest, for the writer.
    pub fn newest(&self) -> watch::Receiver<i64> {
        self.newest.subscribe()
    }

    /// Queues a frame.
    pub fn put(&self, queued: Queued) {
        if self.queue.try_send(queued).is_err() {
            self.stuck.notify_one();
        }
    }

    /// Says words to a request.
    pub fn say(&self, response: Response, first_since: Option<Instant>) {
        self.put(Queued::For {
            response_id: response.response_id,
            frame: Frame::Response(response),
            first_since,
        });
    }

    /// Says what nobody asked for, while this is the newest request.
    pub fn interrupt(&self, response_id: i64, reply: &Reply) {
        let frame = Frame::AgentInterrupt {
            interrupt_id: self.interruptions.fetch_add(1, Ordering::Relaxed) + 1,
            content: reply.text.clone(),
            content_complete: true,
            no_interruption_allowed: !reply.interruptible,
        };
        self.put(Queued::For {
            response_id,
            frame,
            first_since: None,
        });
    }

    /// Returns when what is put does not leave any more.
    pub async fn stuck(&self) {
        self.stuck.notified().await;
    }
}

/// Writes what is queued, until the line is over or dead.
pub async fn write<S: Sink<Message> + Unpin>(
    mut sink: S,
    mut waiting: mpsc::Receiver<Queued>,
    newest: watch::Receiver<i64>,
) {
    while let Some(queued) = waiting.recv().await {
        let (frame, first_since) = match queued {
            Queued::Always(frame) => (frame, None),
            Queued::For {
                response_id,
                frame,
                first_since,
            } => {
                if *newest.borrow() != response_id {
                    metrics::counter!("websocket_frames_stale_total").increment(1);
                    continue;
                }
                (frame, first_since)
            }
            Queued::Last => break,
        };
        let Ok(text) = serde_json::to_string(&frame) else {
            tracing::error!("a frame that cannot be written");
            continue;
        };
        if !within(sink.send(Message::Text(text.into()))).await {
            break;
        }
        if let Some(since) = first_since {
            metrics::histogram!("websocket_first_frame_microseconds")
                .record(since.elapsed().as_secs_f64() * 1e6);
        }
    }
}

async fn within<E>(sent: impl Future<Output = Result<(), E>>) -> bool {
    matches!(tokio::time::timeout(WRITE_WITHIN, sent).await, Ok(Ok(())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_request_that_goes_back_or_comes_twice_is_none() {
        let (line, _waiting) = open();
        assert!(line.ask(3));
        assert!(!line.ask(3) && !line.ask(2) && !line.ask(-1) && !line.ask(i64::MAX));
        assert!(line.ask(4));
        line.superseded(3).await;
        line.end();
        line.superseded(4).await;
        assert!(!line.ask(5), "the line is over");
    }

    #[tokio::test]
    async fn what_waits_for_an_older_request_is_not_written() {
        let (line, waiting) = open();
        let newest = line.newest();
        line.ask(1);
        line.say(Response::words(1, "old", true), None);
        line.interrupt(1, &Reply::say("old, and nobody asked"));
        line.put(Queued::Always(Frame::PingPong {
            timestamp: 5.into(),
        }));
        line.ask(2);
        line.say(Response::words(1, "late", true), None);
        line.say(Response::words(2, "new", true), None);
        line.put(Queued::Last);
        line.say(Response::words(2, "after the last", true), None);
        let mut written: Vec<Message> = Vec::new();
        write(&mut written, waiting, newest).await;
        let texts: Vec<&str> = written
            .iter()
            .map(|frame| frame.to_text().unwrap())
            .collect();
        assert_eq!(texts.len(), 2, "{texts:?}");
        assert!(
            texts[0].contains("ping_pong") && texts[1].contains("new"),
            "{texts:?}"
        );
    }

    #[tokio::test]
    async fn a_line_that_takes_nothing_is_stuck() {
        let (line, _waiting) = open();
        for id in 0..=QUEUE_LEN {
            line.say(Response::words(i64::try_from(id).unwrap(), "x", true), None);
        }
        line.stuck().await;
    }
}
