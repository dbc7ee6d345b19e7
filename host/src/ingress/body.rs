//! Reads bodies: bounded, never decompressed, for Retell only after the signature was checked.
//!
//! Invariant: no request reaches the parser before its signature is checked (`a_request_with_a_wrong_signature_is_neither_parsed_nor_stored`):
//! the bytes that handlers parse come from [`signed`].

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, header, request::Parts};
use bytes::BytesMut;
use futures_util::StreamExt as _;
use serde::de::DeserializeOwned;

use super::Shared;
use super::signature::{self, Refused};

/// How much of a body that is too large is read and thrown away.
const DISCARDED_MAX: usize = 64 * 1024 * 1024;

/// Why a body cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// Over the bound.
    #[error("the body has more than {} KiB", max / 1024)]
    TooLarge {
        /// The bound, in bytes.
        max: usize,
    },
    /// Compressed: it could unfold to any size, and Retell sends none.
    #[error("compressed bodies are not taken")]
    Encoded,
    /// It stopped coming.
    #[error("the body did not come to an end")]
    Interrupted,
    /// Not JSON at all.
    #[error("the body is not JSON: {0}")]
    NotJson(String),
    /// JSON of another shape.
    #[error("the body is not as expected: {0}")]
    WrongShape(String),
}

/// Why a request of Retell's is not taken.
#[derive(Debug, thiserror::Error)]
pub enum NotTaken {
    /// Its signature.
    #[error(transparent)]
    Signature(#[from] Refused),
    /// Its body.
    #[error(transparent)]
    Body(#[from] BodyError),
}

/// The raw bytes of a request of Retell's, once their signature was checked.
pub async fn signed(
    shared: &Shared,
    request: Request,
    bytes_max: usize,
) -> Result<(Parts, Bytes), NotTaken> {
    let (parts, body) = request.into_parts();
    let mut headers = parts.headers.get_all(signature::HEADER).iter();
    let (Some(header), None) = (headers.next(), headers.next()) else {
        return Err(refused(Refused::NotOnce));
    };
    let header = header
        .to_str()
        .map_err(|_| refused(Refused::Malformed))?
        .to_owned();
    let within = Duration::from_millis(shared.settings.body_timeout_ms);
    let bytes = bounded(&parts.headers, body, bytes_max, within).await?;
    let now_ms = u64::try_from(jiff::Timestamp::now().as_millisecond()).unwrap_or(0);
    signature::verify(&shared.retell_key, &header, &bytes, now_ms).map_err(refused)?;
    Ok((parts, bytes))
}

fn refused(cause: Refused) -> NotTaken {
    metrics::counter!("signatures_refused_total").increment(1);
    tracing::warn!("request refused: {cause}");
    cause.into()
}

/// The bytes of a body. One that announces to be too large is read and thrown away, because a client that is still sending would
/// otherwise find a broken connection instead of the answer; one without an end is refused at once.
pub async fn bounded(
    headers: &HeaderMap,
    body: Body,
    bytes_max: usize,
    within: Duration,
) -> Result<Bytes, BodyError> {
    let whole = tokio::time::timeout(within, read(headers, body, bytes_max)).await;
    whole.map_err(|_| BodyError::Interrupted)?
}

async fn read(headers: &HeaderMap, body: Body, bytes_max: usize) -> Result<Bytes, BodyError> {
    let encoding = headers.get(header::CONTENT_ENCODING);
    if encoding.is_some_and(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Err(BodyError::Encoded);
    }
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    let announced = announced.unwrap_or(0);
    let mut frames = body.into_data_stream();
    let mut bytes = BytesMut::with_capacity(announced.min(bytes_max));
    let mut length = 0;
    while let Some(frame) = frames.next().await {
        let frame = frame.map_err(|_| BodyError::Interrupted)?;
        length += frame.len();
        if announced.max(length) <= bytes_max {
            bytes.extend_from_slice(&frame);
        } else if length > announced.min(DISCARDED_MAX) {
            break;
        }
    }
    if announced.max(length) > bytes_max {
        return Err(BodyError::TooLarge { max: bytes_max });
    }
    Ok(bytes.freeze())
}

/// Which field does not have the expected shape; none where it is the whole. Looked for only once something is wrong: a body that is
/// right is read without keeping track.
fn field_of<T: DeserializeOwned>(bytes: &[u8]) -> Option<String> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let read = serde_path_to_error::deserialize::<_, T>(&mut reader);
    let path = read.err()?.path().to_string();
    (path != ".").then_some(path)
}

/// Reads JSON of a known shape; says which field is wrong.
pub fn json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, BodyError> {
    serde_json::from_slice(bytes).map_err(|cause| match cause.classify() {
        serde_json::error::Category::Data => BodyError::WrongShape(
            field_of::<T>(bytes).map_or(cause.to_string(), |field| format!("`{field}`: {cause}")),
        ),
        serde_json::error::Category::Io
        | serde_json::error::Category::Syntax
        | serde_json::error::Category::Eof => BodyError::NotJson(cause.to_string()),
    })
}
