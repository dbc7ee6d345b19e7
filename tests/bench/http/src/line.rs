//! One kept connection to a server, one request at a time.
//!
//! Signs what it sends at the moment of sending, and takes nothing but a success for an answer.

use std::net::SocketAddr;

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::request::{Request, signature};

/// The connection.
pub struct Line {
    sender: SendRequest<Full<Bytes>>,
    host: String,
}

/// What came back.
pub struct Answer {
    /// JSON, or nothing.
    pub body: Bytes,
    /// The server's own share in milliseconds, where it tells (`server-timing`).
    pub own_ms: Option<f64>,
}

impl Line {
    /// Connects.
    pub async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await.context("no connection")?;
        stream.set_nodelay(true).context("no such option")?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream))
            .await
            .context("no HTTP")?;
        tokio::spawn(connection);
        Ok(Self {
            sender,
            host: address.to_string(),
        })
    }

    /// GET on a connection of its own.
    pub async fn get(address: SocketAddr, path: &str) -> Result<Bytes> {
        let mut line = Self::open(address).await?;
        let get = hyper::Request::get(path).header("host", &line.host);
        let get = get.body(Full::default()).context("no request")?;
        Ok(line.exchange(get).await?.body)
    }

    /// Signs, sends, and reads the whole answer. Anything but a success is an error: what is refused early would be measured as
    /// fast.
    pub async fn post(&mut self, request: Request) -> Result<Answer> {
        let signature = signature(request.body.as_bytes());
        let post = hyper::Request::post(request.path)
            .header("host", &self.host)
            .header("content-type", "application/json")
            .header("x-retell-signature", signature)
            .body(Full::new(Bytes::from(request.body)))
            .context("no request")?;
        self.exchange(post).await
    }

    async fn exchange(&mut self, request: hyper::Request<Full<Bytes>>) -> Result<Answer> {
        self.sender
            .ready()
            .await
            .context("the connection is closed")?;
        let answer = self
            .sender
            .send_request(request)
            .await
            .context("no answer")?;
        let (head, body) = answer.into_parts();
        let body = body.collect().await.context("half an answer")?.to_bytes();
        if !head.status.is_success() {
            bail!("{}: {}", head.status, String::from_utf8_lossy(&body));
        }
        let own_ms = head
            .headers
            .get("server-timing")
            .and_then(|timing| own_share(timing.to_str().ok()?));
        Ok(Answer { body, own_ms })
    }
}

/// `host;dur=1.234, backend;dur=0.567`.
fn own_share(timing: &str) -> Option<f64> {
    let own = timing
        .split(',')
        .find_map(|part| part.trim().strip_prefix("host;dur="))?;
    own.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_own_share_is_read_from_its_header() {
        assert_eq!(own_share("host;dur=1.234, backend;dur=0.567"), Some(1.234));
        assert_eq!(own_share("backend;dur=0.567"), None);
    }
}
