//! Waiting for something to become true, with a deadline: what is asked again and again is the thing itself, never the clock.
//!
//! Tests of the host never sleep for any other reason.

use std::time::Duration;

use anyhow::{Result, bail};
use tokio::time::Instant;

/// Asks until there is an answer; fails with `what` after 15 seconds.
pub async fn until<T>(what: &str, mut ask: impl AsyncFnMut() -> Result<Option<T>>) -> Result<T> {
    let deadline = Instant::now() + Duration::from_secs(15);
    loop {
        if let Some(answer) = ask().await? {
            return Ok(answer);
        }
        if Instant::now() > deadline {
            bail!("waited in vain for {what}");
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
