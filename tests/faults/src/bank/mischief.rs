//! Everything that a bank can do wrong, in front of books that stay right.
//!
//! What is aimed at transfers happens after the booking wherever a real bank could fail there too: that is the case in which
//! money must not be sent again. What breaks connections is done by the proxy.

use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;
use serde_json::{Value, json};

use super::Desk;
use crate::proxy::Toxic;

const BODY_BYTES_MAX: usize = 1024 * 1024;

/// What it does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mischief {
    /// The port is closed.
    Refused,
    /// The connection is reset when the request has come; nothing is done about it.
    ResetBefore,
    /// The request is done, and the connection reset before the answer.
    ResetAfter,
    /// Done, and answered with this status.
    Status(u16),
    /// Not done; 429 with `Retry-After`.
    TooMany,
    /// Done, and answered after 30 s.
    Slow,
    /// Done, and never answered.
    Never,
    /// Done, and answered with one byte a second.
    Drip,
    /// Done; half of the answer's body, then the end.
    CutShort,
    /// Done; a page with 200.
    Html,
    /// Done; 100 MB with 200.
    Huge,
    /// Done; every figure is absurd.
    Absurd,
    /// Done, and answered with a redirect.
    Redirect,
    /// Done, and answered with what belongs to another account.
    Another,
    /// Done; every figure is a word.
    NoNumber,
}

/// What it does it to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aim {
    /// Everything.
    All,
    /// Everything but transfers.
    Reads,
    /// Only transfers.
    Transfers,
}

impl Mischief {
    /// Each with its name on the command line.
    pub const ALL: [(&'static str, Self); 16] = [
        ("refused", Self::Refused),
        ("reset-before", Self::ResetBefore),
        ("reset-after", Self::ResetAfter),
        ("status-500", Self::Status(500)),
        ("status-503", Self::Status(503)),
        ("status-429", Self::TooMany),
        ("slow", Self::Slow),
        ("never", Self::Never),
        ("drip", Self::Drip),
        ("cut-short", Self::CutShort),
        ("html", Self::Html),
        ("huge", Self::Huge),
        ("absurd", Self::Absurd),
        ("redirect", Self::Redirect),
        ("another", Self::Another),
        ("no-number", Self::NoNumber),
    ];

    /// What the proxy does before anything is asked.
    pub(super) fn toxics_from_the_start(self) -> &'static [Toxic] {
        match self {
            Self::Refused => &[Toxic::Down],
            _ => &[],
        }
    }

    /// Whether a transfer may have been booked although no good answer came.
    #[must_use]
    pub fn books(self) -> bool {
        !matches!(self, Self::Refused | Self::ResetBefore | Self::TooMany)
    }
}

/// Counts a request, and answers it as the mischief of the moment wants.
pub(super) async fn play(State(desk): State<Desk>, request: Request, next: Next) -> Response {
    let is_transfer = request.method() == Method::POST;
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_BYTES_MAX).await else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    count(&desk, is_transfer, parts.uri.path(), &body);
    let played = *desk.played();
    let request = Request::from_parts(parts, Body::from(body));
    let mischief = match played {
        Some((mischief, Aim::All)) => mischief,
        Some((mischief, Aim::Reads)) if !is_transfer => mischief,
        Some((mischief, Aim::Transfers)) if is_transfer => mischief,
        _ => return next.run(request).await,
    };
    match mischief {
        Mischief::ResetBefore => {
            desk.reset_connections();
            std::future::pending().await
        }
        Mischief::TooMany => {
            let again = [(header::RETRY_AFTER, "1")];
            (StatusCode::TOO_MANY_REQUESTS, again).into_response()
        }
        done => {
            let answer = next.run(request).await;
            spoil(done, answer, &desk).await
        }
    }
}

fn count(desk: &Desk, is_transfer: bool, path: &str, body: &Bytes) {
    let mut books = desk.books();
    if is_transfer {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let reference = body["reference"].as_str().unwrap_or_default().to_owned();
        *books.orders_seen.entry(reference).or_default() += 1;
    } else {
        *books.reads_seen.entry(path.to_owned()).or_default() += 1;
    }
}

async fn spoil(mischief: Mischief, answer: Response, desk: &Desk) -> Response {
    let (mut head, body) = answer.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    match mischief {
        Mischief::Status(status) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
            return (status, r#"{"detail":"something went wrong"}"#).into_response();
        }
        Mischief::ResetAfter => {
            desk.reset_connections();
            return std::future::pending().await;
        }
        Mischief::Slow => tokio::time::sleep(Duration::from_secs(30)).await,
        Mischief::Never => return std::future::pending().await,
        Mischief::Drip => return Response::from_parts(head, dripping(body)),
        Mischief::CutShort => return Response::from_parts(head, cut_short(&body)),
        Mischief::Html => return axum::response::Html("<html>It works!</html>").into_response(),
        Mischief::Huge => {
            head.headers.remove(header::CONTENT_LENGTH);
            return Response::from_parts(head, huge());
        }
        Mischief::Redirect => {
            let to = [(header::LOCATION, "/api/v1/health")];
            return (StatusCode::TEMPORARY_REDIRECT, to).into_response();
        }
        Mischief::Absurd | Mischief::Another | Mischief::NoNumber => {
            let mut said: Value = serde_json::from_slice(&body).unwrap_or_default();
            twist(&mut said, mischief);
            return (head.status, axum::Json(said)).into_response();
        }
        Mischief::Refused | Mischief::ResetBefore | Mischief::TooMany => {}
    }
    Response::from_parts(head, Body::from(body))
}

fn dripping(body: Bytes) -> Body {
    Body::from_stream(stream::unfold(0, move |at| {
        let byte = (at < body.len()).then(|| body.slice(at..=at));
        async move {
            let byte = byte?;
            tokio::time::sleep(Duration::from_secs(1)).await;
            Some((Ok::<_, std::io::Error>(byte), at + 1))
        }
    }))
}

/// The head still promises all of it.
fn cut_short(body: &Bytes) -> Body {
    let half = Ok(body.slice(..body.len() / 2));
    let end = Err(std::io::Error::from(std::io::ErrorKind::ConnectionAborted));
    Body::from_stream(stream::iter([half, end]))
}

fn huge() -> Body {
    let megabyte = Bytes::from(vec![b' '; 1024 * 1024]);
    Body::from_stream(stream::iter(
        (0..100).map(move |_| Ok::<_, std::io::Error>(megabyte.clone())),
    ))
}

/// Changes every figure or every account in an answer.
fn twist(said: &mut Value, mischief: Mischief) {
    match said {
        Value::Array(items) => items.iter_mut().for_each(|item| twist(item, mischief)),
        Value::Object(fields) => {
            for (name, value) in fields {
                match (name.as_str(), mischief) {
                    ("balance" | "amount", Mischief::Absurd) => *value = absurd(),
                    ("balance" | "amount", Mischief::NoNumber) => *value = json!("plenty"),
                    ("account_id" | "to_account", Mischief::Another) => {
                        *value = json!("checking_of_somebody_else");
                    }
                    _ => twist(value, mischief),
                }
            }
        }
        _ => {}
    }
}

fn absurd() -> Value {
    serde_json::from_str("1e308").unwrap_or_default()
}
