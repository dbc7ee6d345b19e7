//! The connection as Retell keeps it: made with its patience, pinged every two seconds, made again when it breaks (protocol, 5.3.8
//! to 5.3.10).
//!
//! It drives the [`Provider`] and nothing else: who speaks when is decided by a script or by whoever sits at the terminal.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::Value;
use tokio::task::JoinHandle;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, sleep, timeout};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use super::provider::{Effect, Provider};
use super::wire;
use crate::cli::remote::{Connection, Remote};

const CONNECT_ATTEMPTS: u32 = 3;
const CONNECT_WITHIN: Duration = Duration::from_secs(7);
const CONNECT_PAUSE: Duration = Duration::from_secs(3);
const PING_EVERY: Duration = Duration::from_secs(2);
const PONG_WITHIN: Duration = Duration::from_secs(5);
/// Connections that are made again in one call, for whatever reason they broke.
const RECONNECTS_MAX: u32 = 4;
/// How long a goodbye may take.
const CLOSE_WITHIN: Duration = Duration::from_secs(1);

type Socket = WebSocketStream<Connection>;

/// What came over the line.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Happening {
    /// A frame.
    Frame(Effect),
    /// It broke and was made again; why.
    Reconnected(String),
    /// It is over: the host closed it on purpose, which hangs up, or it cannot be made again.
    Over(Over),
}

/// How a call ended without the caller's doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Over {
    /// Closed with 1000.
    HungUp,
    /// Retell would end the call with this reason.
    Lost(&'static str, String),
}

/// One call's line.
pub(super) struct Line<'a> {
    host: &'a Remote,
    /// With the token; never shown.
    path: String,
    /// As Retell describes it.
    call: Value,
    socket: Option<Socket>,
    /// What Retell knows.
    pub provider: Provider,
    ping: Interval,
    /// The oldest ping without an answer.
    unanswered: Option<Instant>,
    reconnects: u32,
    /// A connection that is being made again, and why: it goes on while nobody waits for it.
    dialling: Option<(String, JoinHandle<Result<Socket>>)>,
    /// The slowest answer to a ping.
    pub slowest_pong: Option<Duration>,
}

impl<'a> Line<'a> {
    /// Connects as Retell does at the beginning of a call.
    ///
    /// # Errors
    /// Nobody listens, or the host refuses the connection, in words that say what to do.
    pub(super) async fn connect(host: &'a Remote, path: String, call: Value) -> Result<Self> {
        let mut ping = interval(PING_EVERY);
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        ping.reset();
        let socket = Some(dial(host, &path).await?);
        Ok(Self {
            host,
            path,
            call,
            socket,
            provider: Provider::new(),
            ping,
            unanswered: None,
            reconnects: 0,
            dialling: None,
            slowest_pong: None,
        })
    }

    /// Sends a frame. Where the connection is broken, the next thing that happens is a new one.
    pub(super) async fn send(&mut self, frame: &Value) {
        if let Some(socket) = &mut self.socket {
            let sent = socket.send(Message::text(frame.to_string())).await;
            if sent.is_err() {
                self.socket = None;
            }
        }
    }

    /// The next thing that happens; nothing is lost when this is dropped before it did.
    pub(super) async fn next(&mut self) -> Result<Happening> {
        loop {
            let Some(socket) = &mut self.socket else {
                return self.reconnect("the connection broke".to_owned()).await;
            };
            let pings = self.provider.wanted().auto_reconnect;
            let message = tokio::select! {
                biased;
                message = socket.next() => message,
                _ = self.ping.tick(), if pings => {
                    if self.unanswered.is_some_and(|since| since.elapsed() > PONG_WITHIN) {
                        self.drop_connection();
                        let why = "no ping was answered for 5 s".to_owned();
                        return self.reconnect(why).await;
                    }
                    self.unanswered.get_or_insert_with(Instant::now);
                    let now_ms = jiff::Timestamp::now().as_millisecond().unsigned_abs();
                    self.send(&wire::ping(now_ms)).await;
                    continue;
                }
            };
            match message {
                Some(Ok(Message::Text(text))) => return Ok(self.read(text.as_str()).await),
                Some(Ok(Message::Binary(_))) => {
                    let what = "a binary frame, on which Retell closes with 1007".to_owned();
                    return Ok(Happening::Frame(Effect::Fault(what)));
                }
                Some(Ok(Message::Close(frame))) => return Ok(self.closed(frame)),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => {
                    self.drop_connection();
                    let why = "the connection broke without a goodbye".to_owned();
                    return self.reconnect(why).await;
                }
            }
        }
    }

    async fn read(&mut self, text: &str) -> Happening {
        let effect = match wire::read(text) {
            Ok(frame) => self.provider.receive(frame),
            Err(unreadable) => Effect::Fault(unreadable.to_string()),
        };
        match &effect {
            Effect::Configured(wanted) if wanted.call_details => {
                let details = wire::details(&self.call);
                self.send(&details).await;
            }
            Effect::Pong => {
                let took = self.unanswered.take().map(|since| since.elapsed());
                self.slowest_pong = self.slowest_pong.max(took);
            }
            _ => {}
        }
        Happening::Frame(effect)
    }

    /// 1000 hangs up, everything else ends the call as an error; only a connection that just breaks is made again.
    fn closed(&mut self, frame: Option<CloseFrame>) -> Happening {
        self.drop_connection();
        Happening::Over(match frame {
            Some(frame) if frame.code == CloseCode::Normal => Over::HungUp,
            None => Over::Lost(
                "error_llm_websocket_open",
                "the host closed the connection without a code".to_owned(),
            ),
            Some(frame) => Over::Lost(
                "error_llm_websocket_runtime",
                format!("the host closed the connection with {}", frame.code),
            ),
        })
    }

    async fn reconnect(&mut self, why: String) -> Result<Happening> {
        if self.dialling.is_none() {
            if self.reconnects == RECONNECTS_MAX {
                let why = format!("{why}, after {RECONNECTS_MAX} new connections");
                let reason = "error_llm_websocket_runtime";
                return Ok(Happening::Over(Over::Lost(reason, why)));
            }
            self.reconnects += 1;
        }
        let why = self.connect_again(why).await?;
        Ok(Happening::Reconnected(why))
    }

    /// Breaks the connection as a network does, and makes it again: what a script asks for.
    pub(super) async fn break_and_reconnect(&mut self) -> Result<()> {
        self.drop_connection();
        self.connect_again(String::new()).await.map(|_| ())
    }

    /// Gives why it was made again, which is not asked twice.
    async fn connect_again(&mut self, why: String) -> Result<String> {
        let (_, dialling) = self.dialling.get_or_insert_with(|| {
            let (host, path) = (self.host.clone(), self.path.clone());
            let dialling = tokio::spawn(async move { dial(&host, &path).await });
            (why, dialling)
        });
        let dialled = dialling.await;
        let why = self.dialling.take().map(|(why, _)| why);
        self.socket = Some(dialled.context("the connection was given up")??);
        self.ping.reset();
        if let Some(request) = self.provider.reconnected() {
            self.send(&request).await;
        }
        Ok(why.unwrap_or_default())
    }

    fn drop_connection(&mut self) {
        self.socket = None;
        self.unanswered = None;
    }

    /// Hangs up.
    pub(super) async fn close(&mut self) {
        if let Some(mut socket) = self.socket.take() {
            let frame = CloseFrame {
                code: CloseCode::Normal,
                reason: "".into(),
            };
            // Whether the host says goodbye too changes nothing.
            let _ = timeout(CLOSE_WITHIN, socket.close(Some(frame))).await;
        }
    }
}

/// Three attempts of seven seconds, three seconds apart; a host that refuses is not asked again.
async fn dial(host: &Remote, path: &str) -> Result<Socket> {
    let mut attempt = 1;
    loop {
        let dialled = timeout(CONNECT_WITHIN, dial_once(host, path)).await;
        match dialled.unwrap_or_else(|_| Err(anyhow::anyhow!("the host does not answer in time"))) {
            Ok(socket) => return Ok(socket),
            Err(cause) if attempt == CONNECT_ATTEMPTS || cause.is::<Refused>() => {
                return Err(cause);
            }
            Err(_) => sleep(CONNECT_PAUSE).await,
        }
        attempt += 1;
    }
}

/// The host answered, and not with a websocket.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error(
        "the host refuses this caller ({0}); give its websocket token with --token or ORCHESTRATOR_WEBSOCKET_TOKEN"
    )]
    Token(u16),
    #[error("the host serves no custom-LLM websocket here (status {0})")]
    Other(u16),
}

async fn dial_once(host: &Remote, path: &str) -> Result<Socket> {
    let stream = host.connect().await?;
    let address = format!("ws://{}{path}", host.authority());
    match client_async(address, stream).await {
        Ok((socket, _)) => Ok(socket),
        Err(tungstenite::Error::Http(answer)) => match answer.status().as_u16() {
            status @ (401 | 403) => bail!(Refused::Token(status)),
            status => bail!(Refused::Other(status)),
        },
        Err(cause) => Err(cause).context("the websocket does not open"),
    }
}
