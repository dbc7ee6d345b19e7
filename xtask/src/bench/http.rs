//! The least HTTP/1.1 that a bench needs: one kept connection, one request at a time, answers with a `content-length`.
//!
//! By hand, because a client library built for development adds a quarter of a millisecond, which is more than most turns take.
//! The clock stops when the last byte is there, before anything is parsed.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

const ANSWER_LIMIT: Duration = Duration::from_secs(10);
const ANSWER_BYTES_MAX: usize = 1024 * 1024;

/// One connection to the host.
pub struct Connection {
    stream: TcpStream,
    address: SocketAddr,
}

/// What came back, and when.
#[derive(Debug)]
pub struct Answer {
    /// From before the first byte was sent to after the last was read.
    pub took: Duration,
    /// As in the status line.
    pub status: u16,
    /// The status line and the headers.
    head: String,
    /// Everything after them.
    pub body: String,
}

impl Connection {
    /// Connects without waiting for further bytes to fill a packet.
    pub fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect_timeout(&address, ANSWER_LIMIT).context("no connection")?;
        stream
            .set_nodelay(true)
            .context("the connection takes no options")?;
        stream
            .set_read_timeout(Some(ANSWER_LIMIT))
            .context("the connection takes no options")?;
        Ok(Self { stream, address })
    }

    /// GET.
    pub fn get(&mut self, path: &str) -> Result<Answer> {
        let request = format!("GET {path} HTTP/1.1\r\nhost: {}\r\n\r\n", self.address);
        self.exchange(request.as_bytes())
    }

    /// POST of JSON with further headers.
    pub fn post(&mut self, path: &str, headers: &[(&str, &str)], body: &str) -> Result<Answer> {
        let mut request = format!(
            "POST {path} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n",
            self.address,
            body.len()
        );
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        request.push_str("\r\n");
        request.push_str(body);
        self.exchange(request.as_bytes())
    }

    fn exchange(&mut self, request: &[u8]) -> Result<Answer> {
        let mut answer = Vec::with_capacity(16 * 1024);
        let mut piece = [0; 16 * 1024];
        let begin = Instant::now();
        self.stream
            .write_all(request)
            .context("the host does not read")?;
        loop {
            let read = self
                .stream
                .read(&mut piece)
                .context("the host does not answer")?;
            let took = begin.elapsed();
            if read == 0 {
                bail!("the host closed the connection before its answer was complete");
            }
            answer.extend_from_slice(&piece[..read]);
            if let Some((head, body)) = complete(&answer)? {
                let status = status(&head).context("the answer has no status line")?;
                return Ok(Answer {
                    took,
                    status,
                    head,
                    body,
                });
            }
            if answer.len() > ANSWER_BYTES_MAX {
                bail!("the answer is longer than {ANSWER_BYTES_MAX} bytes");
            }
        }
    }
}

impl Answer {
    /// The first header of that name.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.head, name)
    }
}

/// Head and body, once both are there.
fn complete(answer: &[u8]) -> Result<Option<(String, String)>> {
    let Some(end) = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n") else {
        return Ok(None);
    };
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    let length = header(&head, "content-length").unwrap_or("0");
    if header(&head, "transfer-encoding").is_some() {
        bail!("the answer comes in chunks; a bench reads answers with a content-length only");
    }
    let length = length
        .parse::<usize>()
        .context("content-length is no number")?;
    let body = &answer[end + 4..];
    if body.len() < length {
        return Ok(None);
    }
    Ok(Some((
        head,
        String::from_utf8_lossy(&body[..length]).into_owned(),
    )))
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().skip(1).find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found
            .trim()
            .eq_ignore_ascii_case(name)
            .then(|| value.trim())
    })
}

fn status(head: &str) -> Option<u16> {
    head.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_complete_when_its_whole_body_is_there() {
        let answer =
            b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nserver-timing: host;dur=1\r\n\r\nbody";
        let (head, body) = complete(answer).expect("well formed").expect("complete");
        assert_eq!(status(&head), Some(200));
        assert_eq!(header(&head, "server-timing"), Some("host;dur=1"));
        assert_eq!(body, "body");
        assert!(
            complete(&answer[..answer.len() - 1])
                .expect("well formed")
                .is_none()
        );
        assert!(complete(b"HTTP/1.1 200").expect("well formed").is_none());
        assert!(complete(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").is_err());
    }
}
