//! One line from first frame to last: who reads, what each frame means, how it ends.
//!
//! The reader waits for nothing but the socket, so a ping is answered beside any slow turn.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{Message, WebSocket};
use futures_util::StreamExt as _;
use futures_util::stream::SplitStream;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::conversation::Conversation;
use super::flood::Bucket;
use super::frame::{Config, Frame, Response};
use super::heard;
use super::line::{self, Goodbye, Queued};
use super::response;
use super::sockets::{Ending, Place};
use crate::ingress::Shared;
use crate::orchestrator::{CallFacts, Error};

/// How long the greeting may take to find out a name.
const GREET_WITHIN: Duration = Duration::from_millis(1_000);
/// How long it may take to notice that the line is the caller's; a turn that runs knows better.
const NOTICE_WITHIN: Duration = Duration::from_millis(50);
/// How long the other side may take to say goodbye.
const GOODBYE_WITHIN: Duration = Duration::from_secs(1);

/// Retell pings every two seconds; who says nothing for so long is not there any more.
const SILENT_MAX: Duration = Duration::from_secs(600);

const SILENT: Goodbye = Goodbye {
    code: 1001,
    reason: "nothing heard",
};
const FLOODED: Goodbye = Goodbye {
    code: 1008,
    reason: "too many frames",
};
const TOO_BIG: Goodbye = Goodbye {
    code: 1009,
    reason: "frame too big",
};
const BROKEN: Goodbye = Goodbye {
    code: 1002,
    reason: "protocol error",
};
const RESTART: Goodbye = Goodbye {
    code: 1012,
    reason: "service restart",
};
const REPLACED: Goodbye = Goodbye {
    code: 1001,
    reason: "newer line",
};

/// Holds a conversation until its line ends.
pub async fn hold(shared: Arc<Shared>, call_id: String, socket: WebSocket, mut place: Place) {
    let (sink, mut stream) = socket.split();
    let (line, waiting) = line::open();
    let writer = tokio::spawn(line::write(sink, waiting, line.newest()));
    let conversation = Arc::new(Conversation {
        shared,
        call_id,
        line,
    });
    let config = Config {
        auto_reconnect: true,
        call_details: true,
        transcript_with_tool_calls: true,
    };
    conversation
        .line
        .put(Queued::Always(Frame::Config { config }));
    let goodbye = conversation.read(&mut stream, &mut place).await;
    if goodbye != Some(RESTART) {
        conversation.line.end();
    }
    if let Some(goodbye) = goodbye {
        let (call_id, code) = (&conversation.call_id, goodbye.code);
        tracing::info!(call_id, code, "line closed: {}", goodbye.reason);
        conversation.line.put(Queued::Close(goodbye));
        // What is still coming is read away: a socket that is dropped with unread bytes takes the goodbye with it.
        let rest = async { while let Some(Ok(_)) = stream.next().await {} };
        let _ = tokio::time::timeout(GOODBYE_WITHIN, rest).await;
    }
    // After a restart's last words have left, not before: the writer would take them for old ones.
    conversation.line.end();
    drop(conversation);
    let abort = writer.abort_handle();
    if tokio::time::timeout(GOODBYE_WITHIN, writer).await.is_err() {
        abort.abort();
    }
}

/// What the reader keeps between frames.
struct Reading {
    /// Somebody is at it, or something was asked before.
    greets: bool,
    bucket: Bucket,
    newest: Option<JoinHandle<()>>,
}

impl Conversation {
    async fn read(
        self: &Arc<Self>,
        stream: &mut SplitStream<WebSocket>,
        place: &mut Place,
    ) -> Option<Goodbye> {
        let now = Instant::now();
        let greet_at = now + Duration::from_millis(self.shared.voice.greeting_wait_ms);
        let mut reading = Reading {
            greets: false,
            bucket: Bucket::full(now),
            newest: None,
        };
        loop {
            let silent_at = Instant::now() + SILENT_MAX;
            let message = tokio::select! {
                biased;
                ending = place.ending() => return Some(wind_up(ending, reading.newest).await),
                () = self.line.stuck() => return None,
                message = stream.next() => message?,
                () = tokio::time::sleep_until(silent_at) => return Some(SILENT),
                () = tokio::time::sleep_until(greet_at), if !reading.greets => {
                    reading.greets = true;
                    self.greet(self.facts(Vec::new()));
                    continue;
                }
            };
            if !reading.bucket.take(Instant::now()) {
                return Some(FLOODED);
            }
            match message {
                Ok(Message::Text(text)) if text.len() > self.shared.settings.webhook_bytes_max => {
                    return Some(TOO_BIG);
                }
                Ok(Message::Text(text)) => match heard::read(&text) {
                    Ok(frame) => self.take(frame, &mut reading),
                    Err(unread) => skipped(unread.name()),
                },
                Ok(Message::Binary(_)) => skipped("binary"),
                Ok(Message::Ping(_) | Message::Pong(_)) => {}
                Ok(Message::Close(_)) => return None,
                Err(cause) => {
                    tracing::debug!(call_id = self.call_id, "line broken: {cause}");
                    return Some(BROKEN);
                }
            }
        }
    }

    fn take(self: &Arc<Self>, frame: heard::Frame, reading: &mut Reading) {
        match frame {
            heard::Frame::Ping(timestamp) => {
                self.line.put(Queued::Always(Frame::PingPong { timestamp }));
            }
            heard::Frame::Details(facts) => {
                reading.greets = true;
                self.look_up();
                self.greet(CallFacts {
                    // The line is this call's, whatever a frame in it says.
                    id: self.call_id.clone(),
                    is_unsigned: !self.shared.is_sandbox,
                    ..*facts
                });
            }
            heard::Frame::Update { is_callers_turn } => {
                if is_callers_turn {
                    let this = Arc::clone(self);
                    tokio::spawn(async move {
                        let within = Instant::now() + NOTICE_WITHIN;
                        let orchestrator = &this.shared.orchestrator;
                        orchestrator.callers_turn(&this.call_id, within).await;
                    });
                }
            }
            heard::Frame::Request { response_id, heard } => {
                reading.greets = true;
                if !self.line.ask(response_id) {
                    return skipped("old_response_id");
                }
                let respond =
                    response::respond(Arc::clone(self), response_id, heard, Instant::now());
                reading.newest = Some(tokio::spawn(respond));
            }
        }
    }

    /// Speaks first, once a call; also takes over what is known of the call.
    fn greet(self: &Arc<Self>, facts: CallFacts) {
        let this = Arc::clone(self);
        tokio::spawn(async move {
            let until = Instant::now() + GREET_WITHIN;
            let voice = &this.shared.voice;
            let words = (voice.greeting.as_str(), voice.greeting_named.as_str());
            let text = match this.shared.orchestrator.greet(&facts, words, until).await {
                Ok(Some(text)) => text,
                Ok(None) => return,
                // Over: the caller, if there is one, may still ask, and is told so.
                Err(Error::IllegalState { .. }) => String::new(),
                Err(cause) => {
                    tracing::warn!(call_id = this.call_id, "greeted without a call: {cause}");
                    voice.greeting.clone()
                }
            };
            this.line.say(Response::words(0, text, true), None);
        });
    }
}

/// Lets what is being said come to its end where the host stops.
async fn wind_up(ending: Ending, newest: Option<JoinHandle<()>>) -> Goodbye {
    match ending {
        Ending::Replaced => REPLACED,
        Ending::Restart => {
            if let Some(newest) = newest {
                // A response ends by itself in its time.
                let _ = newest.await;
            }
            RESTART
        }
    }
}

fn skipped(reason: &'static str) {
    metrics::counter!("websocket_frames_skipped_total", "reason" => reason).increment(1);
}
