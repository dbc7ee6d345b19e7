//! One request to the bank and its answer, bounded in time and in bytes. The only place that dials.
//!
//! No redirect is followed, no proxy taken from the environment, and no other origin than the configured one can be named: paths
//! are constants with ids encoded as one segment. Nothing is repeated here.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use reqwest::header::{
    ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER,
};
use reqwest::{Client, Method, Response, Url, redirect, retry};
use secrecy::ExposeSecret as _;
use tokio::time::{Instant, timeout_at};

use super::error::Error;
use super::refusal::refusal;
use super::request::Request;
use super::settings::Settings;
use super::trace;

const PREFIX: &str = "/api/v1";
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The connections to the bank.
pub(super) struct Transport {
    reads: Client,
    /// Keeps no connection: a write always opens its own.
    writes: Client,
    root: String,
    authorization: Option<HeaderValue>,
    bytes_max: usize,
}

impl Transport {
    pub(super) fn new(settings: &Settings) -> Result<Self, Error> {
        // Another part of the process may have installed one already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Ok(Self {
            reads: client(settings, settings.pool_idle_max)?,
            writes: client(settings, 0)?,
            root: root_of(&settings.url)?,
            authorization: authorization(settings)?,
            bytes_max: settings.answer_bytes_max,
        })
    }

    /// Sends once and reads the whole answer, which begins until `first_byte` and is whole until `until`.
    ///
    /// Invariant: what was sent is never said not to have been, however late its answer is read
    /// (`an_answer_that_is_read_after_the_deadline_was_to_something_that_was_sent`).
    pub(super) async fn send(
        &self,
        request: &Request,
        first_byte: Instant,
        until: Instant,
    ) -> Result<Vec<u8>, Error> {
        let mut answer = self
            .bounded(until.min(first_byte), self.begin(request))
            .await?;
        timeout_at(until, answer.rest())
            .await
            .unwrap_or(Err(Error::TimedOut))
    }

    /// Sends once; the answer's body is still to be read. Bounded by whoever calls, with [`Self::bounded`].
    pub(super) async fn begin(&self, request: &Request) -> Result<Answer, Error> {
        let response = self.dispatch(request).await?;
        let status = response.status();
        let retry_after_s = seconds(response.headers());
        let mut answer = Answer {
            response,
            read: 0,
            bytes_max: self.bytes_max,
        };
        if status.is_success() {
            return Ok(answer);
        }
        // A reason that cannot be read is no reason; the status stands.
        let body = answer.rest().await.unwrap_or_default();
        Err(refusal(
            status.as_u16(),
            retry_after_s,
            &body,
            request.missing,
        ))
    }

    /// Begins this before a moment, or not at all, and gives up at it.
    ///
    /// # Errors
    /// [`Error::NotSent`] where it was not begun: nothing that was begun may come here again.
    pub(super) async fn bounded<T>(
        &self,
        until: Instant,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        if Instant::now() >= until {
            return Err(Error::NotSent);
        }
        timeout_at(until, work)
            .await
            .unwrap_or(Err(Error::TimedOut))
    }

    async fn dispatch(&self, request: &Request) -> Result<Response, Error> {
        let prefix = if request.at_root { "" } else { PREFIX };
        let url = Url::parse(&format!("{}{prefix}{}", self.root, request.path))
            .map_err(|_| Error::UnsafeId("request"))?;
        let client = if request.method == Method::GET {
            &self.reads
        } else {
            &self.writes
        };
        let mut builder = client.request(request.method.clone(), url);
        builder = builder.header(ACCEPT, request.accept);
        if let Some(authorization) = &self.authorization {
            builder = builder.header(AUTHORIZATION, authorization);
        }
        builder = builder.header(trace::HEADER, trace::current().header());
        if let Some(key) = &request.key {
            builder = builder.header(IDEMPOTENCY_KEY, key);
        }
        if let Some(body) = &request.body {
            builder = builder
                .header(CONTENT_TYPE, "application/json")
                .body(body.clone());
        }
        builder.send().await.map_err(of_sending)
    }
}

/// An answer whose body is still coming.
pub(super) struct Answer {
    response: Response,
    read: usize,
    bytes_max: usize,
}

impl Answer {
    /// Whether the body is a stream of events.
    pub(super) fn is_events(&self) -> bool {
        self.response
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.starts_with("text/event-stream"))
    }

    /// The next bytes; none at the end. Never more than the bound in all.
    pub(super) async fn next(&mut self) -> Result<Option<impl AsRef<[u8]> + use<>>, Error> {
        let chunk = self.response.chunk().await.map_err(|cause| {
            let cause = cause.without_url();
            if cause.is_timeout() {
                Error::TimedOut
            } else {
                Error::Broken(cause)
            }
        })?;
        self.read += chunk.as_ref().map_or(0, |bytes| bytes.len());
        if self.read > self.bytes_max {
            return Err(Error::TooLong {
                bytes_max: self.bytes_max,
            });
        }
        Ok(chunk)
    }

    /// All that is left.
    pub(super) async fn rest(&mut self) -> Result<Vec<u8>, Error> {
        let mut body = Vec::new();
        while let Some(bytes) = self.next().await? {
            body.extend_from_slice(bytes.as_ref());
        }
        Ok(body)
    }
}

fn client(settings: &Settings, pool_idle_max: usize) -> Result<Client, Error> {
    Client::builder()
        .user_agent(concat!("orchestrator/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .no_proxy()
        .referer(false)
        .connect_timeout(Duration::from_millis(settings.connect_timeout_ms))
        .pool_max_idle_per_host(pool_idle_max)
        .pool_idle_timeout(Duration::from_millis(settings.pool_idle_ms))
        .build()
        .map_err(|cause| Error::Setting {
            key: "url",
            reason: cause.to_string(),
        })
}

/// The configured address without the contract's prefix and without a slash at its end.
fn root_of(url: &str) -> Result<String, Error> {
    let unusable = |reason: &str| Error::Setting {
        key: "url",
        reason: reason.to_owned(),
    };
    let parsed = Url::parse(url.trim()).map_err(|cause| unusable(&cause.to_string()))?;
    if !matches!(parsed.scheme(), "http" | "https") || parsed.host_str().is_none() {
        return Err(unusable(
            "it must begin with http:// or https:// and name a host",
        ));
    }
    if !parsed.username().is_empty() || parsed.password().is_some() {
        return Err(unusable(
            "a user or password in it would end up in logs; set `token` instead",
        ));
    }
    if parsed.query().is_some() || parsed.fragment().is_some() {
        return Err(unusable("it must end with the path"));
    }
    let trimmed = parsed.as_str().trim_end_matches('/');
    Ok(trimmed.strip_suffix(PREFIX).unwrap_or(trimmed).to_owned())
}

fn authorization(settings: &Settings) -> Result<Option<HeaderValue>, Error> {
    let Some(token) = &settings.token else {
        return Ok(None);
    };
    let mut value =
        HeaderValue::from_str(&format!("Bearer {}", token.expose_secret())).map_err(|_| {
            Error::Setting {
                key: "token",
                reason: "it holds characters that a header cannot".to_owned(),
            }
        })?;
    value.set_sensitive(true);
    Ok(Some(value))
}

/// `Retry-After`: seconds, or a date (RFC 9110, 10.2.3).
fn seconds(headers: &HeaderMap) -> Option<u64> {
    let told = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !told.is_empty() && told.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(told.parse().unwrap_or(u64::MAX));
    }
    let at = DateTimeParser::new().parse_timestamp(told).ok()?;
    let left_ms = at.as_millisecond() - Timestamp::now().as_millisecond();
    // Rounded up: not before.
    Some(u64::try_from(left_ms).unwrap_or_default().div_ceil(1_000))
}

fn of_sending(cause: reqwest::Error) -> Error {
    // The URL holds ids and telephone numbers.
    let cause = cause.without_url();
    if cause.is_connect() {
        Error::Connect(cause)
    } else if cause.is_timeout() {
        Error::TimedOut
    } else {
        Error::Broken(cause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bank_may_ask_for_a_pause_in_seconds_or_by_a_date() {
        let asked = |told: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, told.parse().unwrap());
            seconds(&headers)
        };
        assert_eq!(asked(" 7 "), Some(7));
        assert_eq!(asked("99999999999999999999"), Some(u64::MAX));
        assert_eq!(asked("Fri, 31 Dec 1999 23:59:59 GMT"), Some(0));
        let far = asked("Fri, 31 Dec 2100 23:59:59 GMT");
        assert!(far.is_some_and(|s| s > 1_000_000_000), "{far:?}");
        for odd in ["", "-7", "1.5", "soon"] {
            assert_eq!(asked(odd), None, "{odd}");
        }
    }
}
