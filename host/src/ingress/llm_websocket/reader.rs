//! One line from first frame to last: who reads, what each frame means, how it ends.
//!
//! The reader waits for nothing but the socket, so a ping is answered beside any slow turn.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{Message, WebSocket};
use futures_util::StreamExt as _;
use futures_util::stream::SplitStream;
use tokio::sync::oneshot;
use tokio::time::Instant;
use uuid::Uuid;

use super::conversation::Conversation;
use super::flood::Bucket;
use super::frame::{AgentConfig, Config, Frame, Response};
use super::heard;
use super::line::{self, Queued};
use super::response;
use super::sockets::{Ending, Place};
use super::unasked;
use crate::ingress::Shared;
use crate::orchestrator::{CallFacts, Error};
use crate::reply;

/// How long the greeting may take to find out a name.
const GREET_WITHIN: Duration = Duration::from_millis(1_000);
/// How long it may take to notice that the line is the caller's; a turn that runs knows better.
const NOTICE_WITHIN: Duration = Duration::from_millis(50);
/// How long the last words may take to leave.
const LAST_WORDS_WITHIN: Duration = Duration::from_secs(1);
/// How long a line stays after them, for what is under way to it.
const LINGER: Duration = Duration::from_millis(200);

/// Retell pings every two seconds; who says nothing for so long is not there any more.
const SILENT_MAX: Duration = Duration::from_secs(600);

/// Why the host gives a line up. It says no goodbye: on any code Retell ends the call, a connection that just breaks it makes again
/// (protocol, 5.3.9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    Silent,
    Flooded,
    TooBig,
    Broken,
    Restart,
    Replaced,
}

impl Why {
    fn as_str(self) -> &'static str {
        match self {
            Self::Silent => "nothing heard",
            Self::Flooded => "too many frames",
            Self::TooBig => "frame too big",
            Self::Broken => "broken",
            Self::Restart => "the host stops",
            Self::Replaced => "newer line",
        }
    }
}

/// Holds a conversation until its line ends.
pub async fn hold(shared: Arc<Shared>, call_id: String, socket: WebSocket, mut place: Place) {
    let (sink, mut stream) = socket.split();
    let (line, waiting) = line::open();
    let writer = tokio::spawn(line::write(sink, waiting, line.newest()));
    let conversation = Arc::new(Conversation {
        shared,
        call_id,
        socket: Uuid::new_v4().to_string(),
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
    let agent_config = conversation.shared.voice.agent.clone();
    if agent_config != AgentConfig::default() {
        let tuned = Frame::UpdateAgent { agent_config };
        conversation.line.put(Queued::Always(tuned));
    }
    let why = conversation.read(&mut stream, &mut place).await;
    if why != Some(Why::Restart) {
        conversation.line.end();
    }
    let mut writer = writer;
    if let Some(why) = why {
        let call_id = &conversation.call_id;
        tracing::info!(call_id, "line given up: {}", why.as_str());
        conversation.line.put(Queued::Last);
        // What is still coming is read away: a socket that is dropped with unread bytes takes the last words with it.
        let unread = async { while let Some(Ok(_)) = stream.next().await {} };
        tokio::pin!(unread);
        tokio::select! {
            _ = &mut writer => {
                let _ = tokio::time::timeout(LINGER, unread).await;
            }
            () = &mut unread => {}
            () = tokio::time::sleep(LAST_WORDS_WITHIN) => {}
        }
    }
    // After a restart's last words have left, not before: the writer would take them for old ones.
    conversation.line.end();
    drop(conversation);
    let abort = writer.abort_handle();
    if !writer.is_finished()
        && tokio::time::timeout(LAST_WORDS_WITHIN, writer)
            .await
            .is_err()
    {
        abort.abort();
    }
}

/// Ends when what is being said has come to its end. Unlike the task's own handle it keeps nothing of what the task needed: a line
/// that is idle for an hour would hold that for as long.
type Saying = oneshot::Receiver<Infallible>;

fn begin(work: impl Future<Output = ()> + Send + 'static) -> Saying {
    let (over, saying) = oneshot::channel();
    tokio::spawn(async move {
        work.await;
        drop(over);
    });
    saying
}

/// What the reader keeps between frames.
struct Reading {
    /// The line still waits for its first words, and nobody is at them.
    is_greeting_due: bool,
    bucket: Bucket,
    /// The newest response.
    response: Option<Saying>,
    greeting: Option<Saying>,
}

impl Conversation {
    async fn read(
        self: &Arc<Self>,
        stream: &mut SplitStream<WebSocket>,
        place: &mut Place,
    ) -> Option<Why> {
        let now = Instant::now();
        let greet_at = now + Duration::from_millis(self.shared.voice.greeting_wait_ms);
        let mut reading = Reading {
            is_greeting_due: true,
            bucket: Bucket::full(now),
            response: None,
            greeting: None,
        };
        loop {
            let silent_at = Instant::now() + SILENT_MAX;
            let message = tokio::select! {
                biased;
                ending = place.ending() => return Some(wind_up(ending, reading).await),
                () = self.line.stuck() => return None,
                message = stream.next() => message?,
                () = tokio::time::sleep_until(silent_at) => return Some(Why::Silent),
                () = tokio::time::sleep_until(greet_at), if reading.is_greeting_due => {
                    reading.is_greeting_due = false;
                    reading.greeting = Some(self.greet(self.facts(Vec::new()), true));
                    continue;
                }
            };
            if !reading.bucket.take(Instant::now()) {
                return Some(Why::Flooded);
            }
            match message {
                Ok(Message::Text(text)) if text.len() > self.shared.settings.webhook_bytes_max => {
                    return Some(Why::TooBig);
                }
                Ok(Message::Text(text)) => match heard::read(&text) {
                    Ok(frame) => self.take(frame, &mut reading),
                    Err(unread) => skipped(unread.name()),
                },
                Ok(Message::Binary(_)) => skipped("binary"),
                Ok(Message::Ping(_) | Message::Pong(_)) => {}
                Ok(Message::Close(_)) => {
                    // The answer to it leaves when the socket is looked at once more.
                    let _ = tokio::time::timeout(LINGER, stream.next()).await;
                    return None;
                }
                Err(cause) => {
                    tracing::debug!(call_id = self.call_id, "line broken: {cause}");
                    return Some(Why::Broken);
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
                let is_first = std::mem::take(&mut reading.is_greeting_due);
                self.look_up();
                let facts = CallFacts {
                    // The line is this call's, whatever a frame in it says.
                    id: self.call_id.clone(),
                    is_unsigned: !self.shared.is_sandbox,
                    socket: Some(self.socket.clone()),
                    ..*facts
                };
                reading.greeting = Some(self.greet(facts, is_first));
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
                reading.is_greeting_due = false;
                if !self.line.ask(response_id) {
                    return skipped("old_response_id");
                }
                let respond =
                    response::respond(Arc::clone(self), response_id, heard, Instant::now());
                reading.response = Some(begin(respond));
            }
        }
    }

    /// Speaks first, once a call; also takes over what is known of the call. On every socket Retell waits for number 0, so a caller
    /// who was greeted before gets it without words.
    fn greet(self: &Arc<Self>, facts: CallFacts, is_first: bool) -> Saying {
        let this = Arc::clone(self);
        begin(async move {
            let until = Instant::now() + GREET_WITHIN;
            let voice = &this.shared.voice;
            let words = (voice.greeting.as_str(), voice.greeting_named.as_str());
            let is_over = || this.line.is_over();
            let orchestrator = &this.shared.orchestrator;
            let text = match orchestrator.greet(&facts, words, &is_over, until).await {
                Ok(greeting) => {
                    if greeting.is_promised {
                        // Promised on the line before this one, whose end ended the looks for it.
                        tokio::spawn(unasked::follow_up(Arc::clone(&this), 0));
                    }
                    greeting.words
                }
                // Over: the caller, if there is one, may still ask, and is told so.
                Err(Error::IllegalState { .. }) => String::new(),
                // Greeted or not, nobody knows: words that fit both.
                Err(cause) => {
                    tracing::warn!(call_id = this.call_id, "a line begins unopened: {cause}");
                    reply::HOW_CAN_I_HELP.to_owned()
                }
            };
            if is_first || !text.is_empty() {
                this.line.say(Response::words(0, text, true), None);
            }
        })
    }
}

/// Lets what is being said come to its end where the host stops.
async fn wind_up(ending: Ending, reading: Reading) -> Why {
    match ending {
        Ending::Replaced => Why::Replaced,
        Ending::Restart => {
            // Each ends by itself in its time.
            for said in [reading.greeting, reading.response].into_iter().flatten() {
                let _ = said.await;
            }
            Why::Restart
        }
    }
}

fn skipped(reason: &'static str) {
    metrics::counter!("websocket_frames_skipped_total", "reason" => reason).increment(1);
}
