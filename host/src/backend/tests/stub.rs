//! A bank that misbehaves as told: a plain TCP server in threads, so that every byte and every close is the test's own.
//!
//! Knows nothing of the contract: each test gives it the bytes to answer with.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What is done once a request has been read.
#[derive(Debug, Clone)]
pub enum Act {
    /// Status line, headers and body, whole.
    Answer(&'static str, &'static str, &'static str),
    /// A good answer with this body, after so many milliseconds.
    Late(u64, &'static str),
    /// These bytes, then the connection ends.
    Bytes(&'static str),
    /// The connection ends without a byte.
    Hangup,
    /// Nothing, for as long as the other side waits.
    Silence,
    /// A good answer, one byte every 100 ms.
    Drip,
    /// A body without an end.
    Flood,
}

pub struct Stub {
    pub url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Stub {
    /// Does each act for one request, the last one for all that follow.
    pub fn new(acts: Vec<Act>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests: Arc<Mutex<Vec<String>>> = Arc::default();
        let seen = Arc::clone(&requests);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (acts, seen) = (acts.clone(), Arc::clone(&seen));
                std::thread::spawn(move || serve(stream.unwrap(), &acts, &seen));
            }
        });
        Self { url, requests }
    }

    /// Every request so far, head and body.
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

fn serve(mut stream: TcpStream, acts: &[Act], seen: &Mutex<Vec<String>>) {
    let Some(request) = read(&mut stream) else {
        return;
    };
    let at = {
        let mut seen = seen.lock().unwrap();
        seen.push(request);
        seen.len() - 1
    };
    match acts.get(at).unwrap_or(&acts[acts.len() - 1]) {
        Act::Answer(status, headers, body) => {
            let head = format!(
                "HTTP/1.1 {status}\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            );
            let _ = stream.write_all(head.as_bytes());
        }
        Act::Late(ms, body) => {
            std::thread::sleep(Duration::from_millis(*ms));
            let length = body.len();
            let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{body}");
            let _ = stream.write_all(answer.as_bytes());
        }
        Act::Bytes(bytes) => {
            let _ = stream.write_all(bytes.as_bytes());
        }
        Act::Hangup => {}
        Act::Silence => {
            let _ = stream.read(&mut [0; 1]);
        }
        Act::Drip => drip(&mut stream),
        Act::Flood => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
            while stream.write_all(&[b' '; 8_192]).is_ok() {}
        }
    }
}

fn drip(stream: &mut TcpStream) {
    for byte in b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}" {
        if stream.write_all(&[*byte]).is_err() {
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn read(stream: &mut TcpStream) -> Option<String> {
    let mut request = Vec::new();
    loop {
        let mut part = [0; 4_096];
        let count = stream.read(&mut part).ok().filter(|count| *count > 0)?;
        request.extend_from_slice(&part[..count]);
        let text = String::from_utf8_lossy(&request).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| {
                    line.to_lowercase()
                        .strip_prefix("content-length: ")?
                        .parse()
                        .ok()
                })
                .unwrap_or(0_usize);
            if body.len() >= length {
                return Some(text);
            }
        }
    }
}
