//! Retell's own API, as far as the host asks it: each call stands as a test says, and everything that was asked is remembered.
//!
//! One request a connection; answers are shaped as the captured one.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::payload_json;

/// A running API.
#[derive(Clone)]
pub struct Provider {
    /// For `RETELL_BASE_URL`.
    pub url: String,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Default)]
struct Seen {
    /// Status and reason of each call; others are unknown to it.
    calls: HashMap<String, (&'static str, &'static str)>,
    asked: Vec<Asked>,
    /// When each came.
    at: Vec<Instant>,
    /// So many requests are turned away before one is answered.
    turn_away: u32,
    /// What those are asked to wait.
    wait: Duration,
    /// With this status, whatever is asked.
    refused: Option<&'static str>,
}

/// One request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// `GET /v2/get-call/call_1`.
    pub line: String,
    /// The header `Authorization`.
    pub authorization: String,
    /// What came with it; null for nothing.
    pub body: Value,
}

impl Provider {
    /// Starts one that knows no call.
    pub fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let provider = Self {
            url: format!("http://{}", listener.local_addr()?),
            seen: Arc::default(),
        };
        let seen = Arc::clone(&provider.seen);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let seen = Arc::clone(&seen);
                std::thread::spawn(move || answer(stream, &seen));
            }
        });
        Ok(provider)
    }

    /// From now on the call stands like this.
    pub fn stands(&self, call_id: &str, status: &'static str, reason: &'static str) {
        let mut seen = self.seen.lock().expect("nobody panics here");
        seen.calls.insert(call_id.to_owned(), (status, reason));
    }

    /// Answers so many requests with 429 first, in whole seconds of `Retry-After`.
    pub fn turn_away(&self, requests: u32, wait: Duration) {
        let mut seen = self.seen.lock().expect("nobody panics here");
        (seen.turn_away, seen.wait) = (requests, wait);
    }

    /// Answers everything with this status and the API's words for a wrong key from now on.
    pub fn refuse(&self, status: &'static str) {
        self.seen.lock().expect("nobody panics here").refused = Some(status);
    }

    /// When each request came.
    pub fn asked_at(&self) -> Vec<Instant> {
        self.seen.lock().expect("nobody panics here").at.clone()
    }

    /// What was asked so far, in order.
    pub fn asked(&self) -> Vec<Asked> {
        self.seen.lock().expect("nobody panics here").asked.clone()
    }
}

impl Seen {
    /// Status and body of the answer.
    fn said_to(&mut self, line: &str, call_id: &str) -> (&'static str, Value) {
        if let Some(status) = self.refused {
            return (status, payload_json("rest_error_401.json"));
        }
        if self.turn_away > 0 {
            self.turn_away -= 1;
            return ("429 Too Many Requests", Value::Null);
        }
        match self.calls.get(call_id) {
            None => (
                "404 Not Found",
                json!({"status": "error", "message": "Not Found"}),
            ),
            Some((status, reason)) if line.starts_with("GET") => {
                let mut call = payload_json("rest_get_call_response_200.json");
                call["call_id"] = json!(call_id);
                call["call_status"] = json!(status);
                call["disconnection_reason"] = json!(reason);
                ("200 OK", call)
            }
            Some(_) if line.starts_with("PATCH") => (
                "200 OK",
                payload_json("rest_update_live_call_response_200.json"),
            ),
            Some(_) => ("204 No Content", Value::Null),
        }
    }
}

fn answer(stream: TcpStream, seen: &Mutex<Seen>) -> Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let asked = read(&mut reader)?;
    let (status, wait, body) = {
        let mut seen = seen.lock().expect("nobody panics here");
        seen.at.push(Instant::now());
        let call_id = asked.line.rsplit('/').next().unwrap_or_default().to_owned();
        seen.asked.push(asked.clone());
        let (status, body) = seen.said_to(&asked.line, &call_id);
        (status, seen.wait.as_secs(), body)
    };
    let body = match body {
        Value::Null => String::new(),
        body => body.to_string(),
    };
    let length = body.len();
    write!(
        &stream,
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nretry-after: {wait}\r\nconnection: close\r\n\r\n{body}"
    )?;
    Ok(())
}

fn read(reader: &mut BufReader<TcpStream>) -> Result<Asked> {
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let mut headers = HashMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        headers.insert(name.to_lowercase(), value.trim().to_owned());
    }
    let length: usize = headers
        .get("content-length")
        .map_or(Ok(0), |it| it.parse())?;
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Asked {
        line: first
            .rsplit_once(' ')
            .context("a request line")?
            .0
            .to_owned(),
        authorization: headers.remove("authorization").unwrap_or_default(),
        body: serde_json::from_slice(&body).unwrap_or(Value::Null),
    })
}
