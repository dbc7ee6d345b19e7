//! The command line's way to a running host: one request to its admin surface or its webhook.
//!
//! The host is the one that the settings describe, on this machine, or the one that `--url` names, which may stand behind TLS. What
//! it refuses is shown in its own words.

mod connection;

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use clap::Args;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper::{Method, Request, header};
use hyper_util::rt::TokioIo;
use secrecy::ExposeSecret as _;
use serde_json::Value;
use tokio_rustls::TlsConnector;

use crate::config::Settings;
use crate::ingress::signature::HEADER;
pub(super) use connection::Connection;

/// A host compiles a candidate before it answers a reload.
const ANSWER_WITHIN: Duration = Duration::from_secs(90);
/// A history of a thousand rows.
const ANSWER_BYTES_MAX: usize = 16 * 1024 * 1024;

const TOKEN_REFUSED: &str =
    "the host does not take this token; set ORCHESTRATOR_ADMIN_TOKEN as the host has it";

/// Which host a command asks, and how its answer is shown; the same for every command that asks one.
#[derive(Debug, Args)]
pub(super) struct Asked {
    /// The host, where it is not the one of these settings on this machine: http://HOST:PORT, or https://HOST.
    #[arg(long, global = true)]
    pub(super) url: Option<String>,
    /// Print the host's answer as JSON.
    #[arg(long, global = true)]
    pub(super) json: bool,
}

/// A running host.
#[derive(Clone)]
pub(super) struct Remote {
    /// `host:port`.
    authority: String,
    /// Where its address begins with https.
    tls: Option<TlsConnector>,
    token: Option<String>,
}

impl Remote {
    /// The host at `url`, asked without a token.
    pub(super) fn at(url: &str) -> Result<Self> {
        let (is_tls, authority) = named(url)?;
        Ok(Self {
            authority,
            tls: is_tls.then(connection::verifying).transpose()?,
            token: None,
        })
    }

    /// The host at `url`, or the one that the settings describe.
    pub(super) fn of(settings: &Settings, url: Option<&str>) -> Result<Self> {
        let (host, port) = (reachable(&settings.server.host), settings.server.port);
        let described = format!("http://{host}:{port}");
        let token = settings.server.admin_token.as_ref();
        let token = token.map(|token| token.expose_secret().to_owned());
        Ok(Self::at(url.unwrap_or(&described))?.with_token(token))
    }

    /// The same host, asked with this token.
    pub(super) fn with_token(self, token: Option<String>) -> Self {
        let token = token.or(self.token);
        Self { token, ..self }
    }

    /// `host:port`.
    pub(super) fn authority(&self) -> &str {
        &self.authority
    }

    /// A connection of one's own.
    pub(super) async fn connect(&self) -> Result<Connection> {
        connection::open(&self.authority, self.tls.as_ref()).await
    }

    pub(super) async fn get(&self, path: &str) -> Result<Value> {
        self.ask(Method::GET, path, None, ANSWER_WITHIN).await
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        self.ask(Method::POST, path, Some(body), ANSWER_WITHIN)
            .await
    }

    /// Delivers what the voice provider would, with its signature; gives the status.
    pub(super) async fn deliver(&self, path: &str, body: String, signature: &str) -> Result<u16> {
        let asked = self.send(Method::POST, path, body, Some((HEADER, signature)));
        let asked = tokio::time::timeout(ANSWER_WITHIN, asked).await;
        Ok(asked.context("the host does not answer in time")??.0)
    }

    /// The status of a path, however it is answered.
    pub(super) async fn status(&self, path: &str, within: Duration) -> Result<u16> {
        let asked = self.send(Method::GET, path, String::new(), None);
        let asked = tokio::time::timeout(within, asked).await;
        Ok(asked.context("the host does not answer in time")??.0)
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        within: Duration,
    ) -> Result<Value> {
        let body = body.map(Value::to_string).unwrap_or_default();
        let asked = tokio::time::timeout(within, self.send(method, path, body, None)).await;
        let (status, bytes) = asked.context("the host does not answer in time")??;
        let answer: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        match status {
            200..=299 => Ok(answer),
            401 => bail!(TOKEN_REFUSED),
            403 if matches!(answer["code"].as_str(), None | Some("token_insufficient")) => {
                bail!(TOKEN_REFUSED)
            }
            403 => {
                let (code, detail) = (&answer["code"], &answer["detail"]);
                let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                bail!("the host refuses ({}): {}", text(code), text(detail))
            }
            504 => bail!(
                "the host is still at it; `orchestrator pipeline status` will tell what came of it"
            ),
            _ => match answer["detail"].as_str() {
                Some(detail) => bail!("{detail}"),
                None => bail!(
                    "the host answers {status}; is {} an orchestrator?",
                    self.authority
                ),
            },
        }
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        body: String,
        more: Option<(&str, &str)>,
    ) -> Result<(u16, Bytes)> {
        let stream = self.connect().await?;
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        let connection = tokio::spawn(connection);
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, self.authority.as_str())
            .header(header::CONTENT_TYPE, "application/json");
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        if let Some((name, value)) = more {
            request = request.header(name, value);
        }
        let request = request.body(Full::new(Bytes::from(body)))?;
        let answer = sender.send_request(request).await?;
        let status = answer.status().as_u16();
        let bytes = Limited::new(answer.into_body(), ANSWER_BYTES_MAX)
            .collect()
            .await
            .map_err(|cause| anyhow::anyhow!("the answer cannot be read: {cause}"))?
            .to_bytes();
        connection.abort();
        Ok((status, bytes))
    }
}

/// The wildcard addresses are for listening; the host itself is asked on this machine.
fn reachable(host: &str) -> String {
    match host {
        "0.0.0.0" => "127.0.0.1".to_owned(),
        "::" => "[::1]".to_owned(),
        address if address.contains(':') => format!("[{address}]"),
        name => name.to_owned(),
    }
}

/// Whether a URL asks for TLS, and its `host:port`.
fn named(url: &str) -> Result<(bool, String)> {
    let (is_tls, rest) = match (url.strip_prefix("https://"), url.strip_prefix("http://")) {
        (Some(rest), _) => (true, rest),
        (_, Some(rest)) => (false, rest),
        _ => bail!("--url {url}: http://HOST:PORT or https://HOST of the host itself is expected"),
    };
    let authority = rest.trim_end_matches('/');
    if authority.is_empty() || authority.contains(['/', '@', '?', '#']) {
        bail!("--url {url}: a host and a port are expected, and nothing else");
    }
    let has_port = authority
        .rsplit_once(':')
        .is_some_and(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    let port = if is_tls { 443 } else { 80 };
    Ok((
        is_tls,
        if has_port {
            authority.to_owned()
        } else {
            format!("{authority}:{port}")
        },
    ))
}

/// The account and the machine that the order comes from.
pub(super) fn who() -> String {
    // Neither is set for a job of cron, nor in many a container.
    let named = ["USER", "LOGNAME"]
        .iter()
        .find_map(|name| std::env::var(name).ok());
    let account = named.unwrap_or_else(|| format!("uid {}", rustix::process::getuid().as_raw()));
    let machine = rustix::system::uname();
    format!("{account}@{}", machine.nodename().to_string_lossy())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_host_listens_is_where_it_is_asked() {
        for (host, asked) in [("0.0.0.0", "127.0.0.1"), ("::1", "[::1]"), ("bank", "bank")] {
            assert_eq!(reachable(host), asked);
        }
    }

    #[test]
    fn a_url_names_a_host_and_nothing_else() {
        for (url, is_tls, authority) in [
            ("http://host:8001/", false, "host:8001"),
            ("http://host", false, "host:80"),
            ("https://host", true, "host:443"),
            ("https://[::1]", true, "[::1]:443"),
            ("https://[::1]:8443", true, "[::1]:8443"),
        ] {
            assert_eq!(named(url).unwrap(), (is_tls, authority.to_owned()), "{url}");
        }
        for bad in [
            "ftp://host",
            "host:8001",
            "http://",
            "https://",
            "http://a@b",
            "http://a/b",
            "https://a?b",
        ] {
            assert!(named(bad).is_err(), "{bad}");
        }
    }
}
