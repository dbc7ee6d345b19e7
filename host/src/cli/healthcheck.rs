//! `orchestrator healthcheck`: for container and service managers that run a command instead of a request.
//!
//! Asks the host that runs on this machine with these settings, and says nothing else about it.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::config::Settings;

/// How long the host may take to answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(3);

/// Asks `/readyz` of the host that these settings describe.
///
/// # Errors
/// It does not answer, or is not ready.
pub async fn run(settings: &Settings) -> Result<ExitCode> {
    // The wildcard addresses are for listening; the host itself is asked on this machine.
    let host = match settings.server.host.as_str() {
        "0.0.0.0" | "::" => "127.0.0.1",
        other => other,
    };
    let address = (host, settings.server.port);
    let status = tokio::time::timeout(ANSWER_WITHIN, ask(address)).await;
    let status = status.context("the host does not answer in time")??;
    if status != "200" {
        bail!("the host is not ready (status {status}); its log says why");
    }
    Ok(ExitCode::SUCCESS)
}

/// One request without a client library, so that this stays small enough to run every few seconds.
async fn ask((host, port): (&str, u16)) -> Result<String> {
    let mut stream = TcpStream::connect((host, port))
        .await
        .with_context(|| format!("no host listens on {host}:{port}; is it running?"))?;
    let request = format!("GET /readyz HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.take(4_096).read_to_string(&mut answer).await?;
    answer
        .split(' ')
        .nth(1)
        .map(str::to_owned)
        .context("that is no HTTP answer")
}
