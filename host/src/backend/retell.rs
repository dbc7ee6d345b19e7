//! Client of Retell's own API: how a call stands there, ending it, telling a live call's model something.
//!
//! Beside the bank's client because this is where HTTP leaves the host; it shares neither connections nor breaker with it. Asked
//! outside turns only, so nothing here keeps a caller waiting.

mod error;

use std::time::Duration;

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{Method, Response, StatusCode, Url, redirect, retry};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};

pub use error::Error;

use super::request::segment;

/// A call's whole transcript comes along with how it stands.
const ANSWER_BYTES_MAX: usize = 16 * 1024 * 1024;
const TRIES: u32 = 3;
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// However long Retell asks to wait.
const PAUSE_MAX: Duration = Duration::from_secs(8);

/// Section `[retell]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The key with the webhook badge; signs every request, and opens the API.
    pub api_key: Option<SecretString>,
    /// Whether the API is asked at all.
    pub rest: bool,
    /// Where it is (`RETELL_BASE_URL`).
    pub base_url: String,
    /// Longest wait for one try.
    pub try_ms: u64,
    /// The longest that a call may last, as the agent is set up.
    pub call_ms_max: u64,
    /// A call that was silent for so long is looked up.
    pub silent_ms_max: u64,
    /// How often calls are looked through.
    pub reap_every_ms: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            api_key: None,
            rest: true,
            base_url: "https://api.retellai.com".to_owned(),
            try_ms: 3_000,
            call_ms_max: 3_600_000,
            silent_ms_max: 120_000,
            reap_every_ms: 10_000,
        }
    }
}

impl Settings {
    /// What types alone cannot tell.
    ///
    /// # Errors
    /// A sentence with the key, the value and what was expected.
    pub fn check(&self) -> Result<(), String> {
        for (key, value, most) in [
            ("try_ms", self.try_ms, 60_000),
            ("call_ms_max", self.call_ms_max, 86_400_000),
            ("silent_ms_max", self.silent_ms_max, 86_400_000),
            // What is over has to be ended within a minute.
            ("reap_every_ms", self.reap_every_ms, 20_000),
        ] {
            if !(1..=most).contains(&value) {
                return Err(format!(
                    "setting `retell.{key}` = {value}: expected 1 to {most}"
                ));
            }
        }
        let usable = root_of(&self.base_url).map(drop);
        usable.map_err(|reason| format!("setting `retell.base_url`: {reason}"))
    }
}

/// How Retell sees a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It is being set up, or goes on.
    Live,
    /// It is over.
    Over {
        /// Retell's `disconnection_reason`.
        reason: Option<String>,
    },
    /// Retell knows no such call of this key's.
    Unknown,
}

/// Retell's API. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    root: String,
    authorization: HeaderValue,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client")
            .field("root", &self.root)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// A client for these settings; none where there is no key, or the API is not to be asked. Dials nothing yet.
    ///
    /// # Errors
    /// [`Error::Setting`] names what cannot be used.
    pub fn new(settings: &Settings) -> Result<Option<Self>, Error> {
        let Some(key) = &settings.api_key else {
            return Ok(None);
        };
        if !settings.rest {
            return Ok(None);
        }
        // Another part of the process may have installed one already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let unusable = |reason: String| Error::Setting(reason);
        let mut authorization =
            HeaderValue::from_str(&format!("Bearer {}", key.expose_secret()))
                .map_err(|_| unusable("the key holds characters that a header cannot".into()))?;
        authorization.set_sensitive(true);
        let try_for = Duration::from_millis(settings.try_ms);
        let http = reqwest::Client::builder()
            .user_agent(concat!("orchestrator/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .no_proxy()
            .connect_timeout(try_for)
            .timeout(try_for)
            .build()
            .map_err(|cause| unusable(cause.to_string()))?;
        Ok(Some(Self {
            http,
            root: root_of(&settings.base_url).map_err(unusable)?,
            authorization,
        }))
    }

    /// `GET /v2/get-call/{call_id}`: the call object; none where Retell knows no such call of this key's.
    ///
    /// # Errors
    /// [`Error`], after the repeats that are safe.
    pub async fn call(&self, call_id: &str) -> Result<Option<Value>, Error> {
        match self.repeated(Method::GET, "get-call", call_id).await {
            Ok(body) => serde_json::from_slice(&body).map_err(|_| Error::Unreadable),
            // The second is how the API says it of a call that another key made.
            Err(Error::Refused(404 | 422)) => Ok(None),
            Err(cause) => Err(cause),
        }
    }

    /// How a call stands.
    ///
    /// # Errors
    /// As [`Self::call`].
    pub async fn standing(&self, call_id: &str) -> Result<Standing, Error> {
        let Some(call) = self.call(call_id).await? else {
            return Ok(Standing::Unknown);
        };
        match call["call_status"].as_str() {
            Some("registered" | "ongoing") => Ok(Standing::Live),
            Some("ended" | "error" | "not_connected") => Ok(Standing::Over {
                reason: call["disconnection_reason"].as_str().map(str::to_owned),
            }),
            _ => Err(Error::Unreadable),
        }
    }

    /// `POST /v2/stop-call/{call_id}`; a call that is over stays over.
    ///
    /// # Errors
    /// [`Error`], after the repeats that are safe.
    pub async fn stop(&self, call_id: &str) -> Result<(), Error> {
        match self.repeated(Method::POST, "stop-call", call_id).await {
            Ok(_) | Err(Error::Refused(404 | 422)) => Ok(()),
            Err(cause) => Err(cause),
        }
    }

    /// `PATCH /v2/update-live-call/{call_id}`: gives the call's model something to know. Sent once: told twice, it might act twice.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn tell(&self, call_id: &str, context: &str) -> Result<(), Error> {
        let body = json!({ "call_control": { "additional_context": context } });
        let request = self.request(Method::PATCH, "update-live-call", call_id)?;
        self.answer(request.json(&body)).await.map(drop)
    }

    /// Sends what may be sent again, as often as it is worth it.
    async fn repeated(
        &self,
        method: Method,
        verb: &'static str,
        call_id: &str,
    ) -> Result<Vec<u8>, Error> {
        let mut pause = FIRST_PAUSE;
        let mut tries = 0;
        loop {
            tries += 1;
            let request = self.request(method.clone(), verb, call_id)?;
            match self.answer(request).await {
                Err(cause) if cause.may_pass() && tries < TRIES => {
                    let asked = cause.asked_to_wait().unwrap_or(jittered(pause));
                    tokio::time::sleep(asked.min(PAUSE_MAX)).await;
                    pause *= 2;
                }
                ended => return ended,
            }
        }
    }

    fn request(
        &self,
        method: Method,
        verb: &'static str,
        call_id: &str,
    ) -> Result<reqwest::RequestBuilder, Error> {
        let call_id = segment("call", call_id).map_err(|_| Error::UnsafeId)?;
        let url = format!("{}/v2/{verb}/{call_id}", self.root);
        Ok(self
            .http
            .request(method, url)
            .header(AUTHORIZATION, &self.authorization))
    }

    async fn answer(&self, request: reqwest::RequestBuilder) -> Result<Vec<u8>, Error> {
        let answer = request.send().await.map_err(Error::of)?;
        let status = answer.status();
        if status.is_success() {
            return whole(answer).await;
        }
        if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() {
            let after = seconds(answer.headers());
            return Err(Error::Busy(status.as_u16(), after));
        }
        Err(Error::Refused(status.as_u16()))
    }
}

async fn whole(mut answer: Response) -> Result<Vec<u8>, Error> {
    let mut body = Vec::new();
    while let Some(bytes) = answer.chunk().await.map_err(Error::of)? {
        body.extend_from_slice(&bytes);
        if body.len() > ANSWER_BYTES_MAX {
            return Err(Error::Unreadable);
        }
    }
    Ok(body)
}

fn root_of(url: &str) -> Result<String, String> {
    let parsed = Url::parse(url.trim()).map_err(|cause| cause.to_string())?;
    if !matches!(parsed.scheme(), "http" | "https") || parsed.host_str().is_none() {
        return Err("it must begin with http:// or https:// and name a host".to_owned());
    }
    if parsed.query().is_some() || parsed.fragment().is_some() {
        return Err("it must end with the path".to_owned());
    }
    Ok(parsed.as_str().trim_end_matches('/').to_owned())
}

fn seconds(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse();
    seconds.ok().map(Duration::from_secs)
}

/// Up to a quarter less, so that hosts do not ask in step.
fn jittered(pause: Duration) -> Duration {
    let mut random = [0];
    // Without random numbers they ask in step.
    let _ = getrandom::fill(&mut random);
    pause - pause * u32::from(random[0]) / 1_024
}
