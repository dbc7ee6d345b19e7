//! One HTTP client for all tests, and the voice provider's signature.
//!
//! The signature is written out here once more on purpose: a test that asks the host to sign would agree with any mistake.

use std::sync::LazyLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};
use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::{Client, RequestBuilder, header::HeaderMap};
use serde_json::Value;
use sha2::Sha256;

static CLIENT: LazyLock<Client> = LazyLock::new(|| {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        // Every test has a runtime of its own, and a connection dies with the runtime that made it.
        .pool_max_idle_per_host(0)
        .timeout(Duration::from_secs(30))
        .build()
        .expect("a client without a proxy can always be built")
});

/// The client.
pub fn client() -> &'static Client {
    &CLIENT
}

/// An answer, read whole.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The header fields.
    pub headers: HeaderMap,
    /// The body.
    pub text: String,
}

impl Answer {
    /// Sends a request and reads the answer.
    pub async fn of(request: RequestBuilder) -> Result<Self> {
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Ok(Self {
            status,
            headers,
            text: response.text().await?,
        })
    }

    /// The body as JSON, numbers as they were written.
    pub fn json(&self) -> Result<Value> {
        serde_json::from_str(&self.text)
            .with_context(|| format!("{} is no JSON: {}", self.status, self.text))
    }

    /// The body as JSON of an answer that must have this status.
    #[track_caller]
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        self.json().expect("a JSON answer")
    }

    /// Asserts that an event was taken.
    pub fn is_taken(&self) {
        assert_eq!(self.status, 204, "{}", self.text);
    }

    /// A header field.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The code of an answer that must be an RFC 9457 problem with this status.
    #[track_caller]
    pub fn problem(&self, status: u16) -> String {
        let problem = self.expect(status);
        assert_eq!(
            self.header("content-type"),
            Some("application/problem+json"),
            "{problem}"
        );
        for member in ["type", "title", "detail", "code", "error"] {
            assert!(
                problem[member].is_string(),
                "`{member}` is no text: {problem}"
            );
        }
        assert_eq!(
            problem["status"].to_string(),
            status.to_string(),
            "{problem}"
        );
        problem["code"].as_str().unwrap_or_default().to_owned()
    }
}

/// Milliseconds since 1970.
pub fn now_ms() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("the clock is past 1970");
    u64::try_from(since.as_millis()).expect("the clock is before the year 500 million")
}

/// The value of `x-retell-signature`.
pub fn sign(key: &str, body: &[u8], at_ms: u64) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("keys have any length");
    mac.update(body);
    mac.update(at_ms.to_string().as_bytes());
    format!("v={at_ms},d={}", hex::encode(mac.finalize().into_bytes()))
}

/// The value of `x-retell-signature` for a request that is sent now.
pub fn signed_now(key: &str, body: &[u8]) -> String {
    sign(key, body, now_ms())
}
