//! The voice provider's side of a line: a websocket client that speaks as Retell does, and the caller behind it.
//!
//! Frames are read as they come, each with its moment; a caller's transcript grows by what was said and heard.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::{Host, PATIENCE};

/// One websocket.
pub struct Line {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Line {
    /// Connects for this call, and reads the first frame, which is the configuration.
    pub async fn open(host: &Host, call_id: &str) -> Result<Self> {
        let mut line = match Self::try_open(host, &format!("/llm-websocket/{call_id}")).await? {
            Ok(line) => line,
            Err(status) => bail!("the line was answered {status}"),
        };
        let first = line.next().await?;
        assert_eq!(first["response_type"], "config", "{first}");
        Ok(line)
    }

    /// Connects to this path; the status where that is refused.
    pub async fn try_open(host: &Host, path: &str) -> Result<Result<Self, u16>> {
        let url = format!("{}{path}", host.url.replacen("http", "ws", 1));
        match connect_async(url).await {
            Ok((socket, _)) => Ok(Ok(Self { socket })),
            Err(Error::Http(answer)) => Ok(Err(answer.status().as_u16())),
            Err(cause) => Err(cause.into()),
        }
    }

    /// Sends a frame.
    pub async fn send(&mut self, frame: &Value) -> Result<()> {
        self.send_raw(Message::text(frame.to_string())).await
    }

    /// Sends anything.
    pub async fn send_raw(&mut self, message: Message) -> Result<()> {
        Ok(self.socket.send(message).await?)
    }

    /// The next frame, which must be JSON with a type.
    pub async fn next(&mut self) -> Result<Value> {
        loop {
            let message = tokio::time::timeout(PATIENCE, self.socket.next())
                .await
                .context("waited in vain for a frame")?
                .context("the line is closed")??;
            match message {
                Message::Text(text) => {
                    let frame: Value = serde_json::from_str(&text)?;
                    assert!(frame["response_type"].is_string(), "{frame}");
                    return Ok(frame);
                }
                Message::Ping(_) | Message::Pong(_) => {}
                other => bail!("no text: {other:?}"),
            }
        }
    }

    /// The code with which the host closes, 1005 where it names none; frames before it are passed over. None where the connection
    /// just ends.
    pub async fn closed(&mut self) -> Result<Option<u16>> {
        loop {
            let next = tokio::time::timeout(PATIENCE, self.socket.next())
                .await
                .context("waited in vain for the end")?;
            match next {
                Some(Ok(Message::Close(frame))) => {
                    return Ok(Some(frame.map_or(1005, |frame| frame.code.into())));
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Ok(None),
            }
        }
    }

    /// Everything that is said to this request, until it is complete; frames of other kinds are passed over.
    pub async fn response(&mut self, id: i64) -> Result<Said> {
        let mut said = Said::default();
        loop {
            let frame = self.next().await?;
            said.frames.push((Instant::now(), frame.clone()));
            if frame["response_type"] != "response" {
                continue;
            }
            assert_eq!(frame["response_id"], id, "said to another request: {frame}");
            said.text
                .push_str(frame["content"].as_str().context("content is a text")?);
            if frame["content_complete"] == true {
                said.last = frame;
                return Ok(said);
            }
        }
    }

    /// Sends a ping, to which nothing but its echo may come.
    pub async fn is_silent(&mut self) -> Result<()> {
        self.send(&json!({"interaction_type": "ping_pong", "timestamp": 77}))
            .await?;
        let frame = self.next().await?;
        assert_eq!(frame["response_type"], "ping_pong", "{frame}");
        Ok(())
    }

    /// Sends a ping and waits for its echo, also among other frames.
    pub async fn ping(&mut self, timestamp: u64) -> Result<Duration> {
        let began = Instant::now();
        self.send(&json!({"interaction_type": "ping_pong", "timestamp": timestamp}))
            .await?;
        loop {
            let frame = self.next().await?;
            if frame["response_type"] == "ping_pong" && frame["timestamp"] == timestamp {
                return Ok(began.elapsed());
            }
        }
    }
}

/// What was said to one request.
#[derive(Debug, Default, Clone)]
pub struct Said {
    /// All words.
    pub text: String,
    /// The frame that completed it.
    pub last: Value,
    /// All frames in order, with their moments.
    pub frames: Vec<(Instant, Value)>,
}

impl Said {
    /// The names of the tools that were shown.
    pub fn tools(&self) -> Vec<&str> {
        self.frames
            .iter()
            .filter(|(_, frame)| frame["response_type"] == "tool_call_invocation")
            .filter_map(|(_, frame)| frame["name"].as_str())
            .collect()
    }
}

/// Somebody who speaks on a line.
pub struct Caller {
    /// The line.
    pub line: Line,
    /// The call's.
    pub call_id: String,
    /// The conversation so far, as Retell keeps it.
    pub said: Vec<Value>,
    /// The number of the newest request.
    pub id: i64,
}

impl Caller {
    /// Opens a line, says who calls, and hears the greeting.
    pub async fn dial(host: &Host, call_id: &str, phone: &str) -> Result<Self> {
        let mut line = Line::open(host, call_id).await?;
        line.send(&details(call_id, phone)).await?;
        let greeting = line.response(0).await?;
        Ok(Self {
            line,
            call_id: call_id.to_owned(),
            said: vec![agent(&greeting.text)],
            id: 0,
        })
    }

    /// Asks with the conversation as it is now, and does not wait.
    pub async fn ask(&mut self) -> Result<i64> {
        self.id += 1;
        let frame = request("response_required", self.id, &self.said);
        self.line.send(&frame).await?;
        Ok(self.id)
    }

    /// The caller's words join the conversation.
    pub fn speaks(&mut self, text: &str) {
        self.said.push(user(text));
    }

    /// What is said to the newest request joins the conversation.
    pub async fn hears(&mut self) -> Result<Said> {
        let said = self.line.response(self.id).await?;
        self.said.push(agent(said.text.trim()));
        Ok(said)
    }

    /// Speaks, asks, and hears.
    pub async fn says(&mut self, text: &str) -> Result<Said> {
        self.speaks(text);
        self.ask().await?;
        self.hears().await
    }
}

/// `call_details` as Retell sends it.
pub fn details(call_id: &str, phone: &str) -> Value {
    json!({"interaction_type": "call_details", "call": {
        "call_id": call_id, "call_type": "phone_call", "agent_id": "agent_1", "agent_version": 1,
        "call_status": "registered", "from_number": phone, "to_number": "+14155550100",
        "direction": "inbound",
    }})
}

/// A request with this conversation.
pub fn request(kind: &str, id: i64, said: &[Value]) -> Value {
    json!({"interaction_type": kind, "response_id": id, "transcript": said,
        "transcript_with_tool_calls": said})
}

/// The agent's words.
pub fn agent(text: &str) -> Value {
    json!({"role": "agent", "content": text, "words": []})
}

/// The caller's words.
pub fn user(text: &str) -> Value {
    json!({"role": "user", "content": text, "words": []})
}
