//! Retell's side of a voice line, as little as a bench needs: one websocket, one frame at a time, each with its moment.
//!
//! Blocking, like the rest of the benches: what is measured is the host.

use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use tungstenite::{Message, WebSocket};

const FRAME_LIMIT: Duration = Duration::from_secs(10);

/// One line.
pub struct Line {
    socket: WebSocket<TcpStream>,
    newest: i64,
}

impl Line {
    /// Connects, says who calls, and hears the greeting.
    pub fn dial(address: SocketAddr, call_id: &str) -> Result<Self> {
        let stream = TcpStream::connect_timeout(&address, FRAME_LIMIT).context("no connection")?;
        stream
            .set_nodelay(true)
            .and_then(|()| stream.set_read_timeout(Some(FRAME_LIMIT)))
            .context("the connection takes no options")?;
        let url = format!("ws://{address}/llm-websocket/{call_id}");
        let (socket, _) = tungstenite::client(url, stream).context("the line is refused")?;
        let mut line = Self { socket, newest: 0 };
        line.send(&json!({"interaction_type": "call_details", "call": {
            "call_id": call_id, "call_type": "phone_call", "agent_id": "agent_bench",
            "from_number": "+14155552671", "to_number": "+14155550100", "direction": "inbound",
        }}))?;
        line.response(0)?;
        Ok(line)
    }

    /// Asks for a balance; gives the request's number and when it left.
    pub fn ask(&mut self) -> Result<(i64, Instant)> {
        self.newest += 1;
        let said = json!([
            {"role": "agent", "content": format!("Number {}. How can I help you today?", self.newest)},
            {"role": "user", "content": "What is my checking balance?"},
        ]);
        let frame = json!({
            "interaction_type": "response_required", "response_id": self.newest, "transcript": said,
        });
        let text = frame.to_string();
        let sent = Instant::now();
        self.write(text)?;
        Ok((self.newest, sent))
    }

    /// Sends a ping and waits for its echo; frames before it are passed over.
    pub fn ping(&mut self) -> Result<Duration> {
        let sent = Instant::now();
        self.send(&json!({"interaction_type": "ping_pong", "timestamp": 1}))?;
        loop {
            let (at, frame) = self.next()?;
            if frame["response_type"] == "ping_pong" {
                return Ok(at - sent);
            }
        }
    }

    /// The moments of the frames said to this request, and of those said to an older one meanwhile.
    pub fn response(&mut self, id: i64) -> Result<Response> {
        let mut response = Response::default();
        loop {
            let (at, frame) = self.next()?;
            let Some(found) = frame["response_id"].as_i64() else {
                continue;
            };
            if found == id {
                response.first.get_or_insert(at);
                if frame["content_complete"] == true {
                    return Ok(response);
                }
            } else {
                response.last_stale = Some(at);
            }
        }
    }

    fn send(&mut self, frame: &Value) -> Result<()> {
        self.write(frame.to_string())
    }

    fn write(&mut self, text: String) -> Result<()> {
        self.socket
            .send(Message::text(text))
            .context("the host does not read")
    }

    fn next(&mut self) -> Result<(Instant, Value)> {
        loop {
            let message = self.socket.read().context("the host says nothing")?;
            let at = Instant::now();
            match message {
                Message::Text(text) => {
                    let frame = serde_json::from_str(&text).context("a frame is no JSON")?;
                    return Ok((at, frame));
                }
                Message::Ping(_) | Message::Pong(_) => {}
                other => bail!("the line ended: {other}"),
            }
        }
    }
}

/// When the words to a request came.
#[derive(Debug, Default)]
pub struct Response {
    /// The first of them.
    pub first: Option<Instant>,
    /// The last to an older request.
    pub last_stale: Option<Instant>,
}
