//! A request to the bank before it is sent: its path, its body, its key.
//!
//! Ids become path segments here and nowhere else, and one that could leave its segment goes no further.

use reqwest::Method;
use reqwest::header::HeaderValue;
use serde_json::Value;

use super::error::Error;
use super::types::Missing;
use crate::call::bounds::is_safe_id;

/// What is asked of the bank.
#[derive(Clone)]
pub(super) struct Request {
    /// The name in metrics.
    pub operation: &'static str,
    /// What a 404 is about.
    pub missing: Missing,
    /// GET or POST.
    pub method: Method,
    /// After the contract's prefix.
    pub path: String,
    /// Without that prefix.
    pub at_root: bool,
    /// JSON.
    pub body: Option<Vec<u8>>,
    /// Header `Idempotency-Key`.
    pub key: Option<HeaderValue>,
    /// Header `Accept`.
    pub accept: &'static str,
}

impl Request {
    pub(super) fn get(operation: &'static str, path: String, missing: Missing) -> Self {
        Self {
            operation,
            missing,
            method: Method::GET,
            path,
            at_root: false,
            body: None,
            key: None,
            accept: "application/json",
        }
    }

    pub(super) fn post(
        operation: &'static str,
        path: &'static str,
        missing: Missing,
        body: Value,
    ) -> Self {
        Self {
            method: Method::POST,
            body: Some(body.to_string().into_bytes()),
            ..Self::get(operation, path.to_owned(), missing)
        }
    }

    /// With the key by which a bank knows that it has seen this before.
    pub(super) fn with_key(mut self, key: &str) -> Result<Self, Error> {
        let value = HeaderValue::from_str(key).map_err(|_| Error::UnsafeId("request"))?;
        self.key = Some(value);
        Ok(self)
    }

    /// The same outside the contract's prefix.
    pub(super) fn at_root(mut self) -> Self {
        self.at_root = true;
        self
    }

    pub(super) fn accepting_events(mut self) -> Self {
        self.accept = "text/event-stream, application/json";
        self
    }
}

/// Refuses an id that may not leave the host. A single dot is a step in a path too, also when encoded.
pub(super) fn safe(what: &'static str, id: &str) -> Result<(), Error> {
    if is_safe_id(id) && id != "." {
        Ok(())
    } else {
        Err(Error::UnsafeId(what))
    }
}

/// An id as one path segment; everything but letters, digits and `-._~` percent-encoded.
pub(super) fn segment(what: &'static str, id: &str) -> Result<String, Error> {
    safe(what, id)?;
    Ok(id
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect())
}
