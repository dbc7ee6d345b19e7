//! Waiting for something to become true, with a deadline: what is asked again and again is the thing itself, never the clock.
//!
//! Tests of the host never sleep for any other reason.

use std::time::Duration;

use anyhow::{Result, bail};
use tokio::time::Instant;

/// How long a test waits for what has no figure of its own: a machine with other builds on it may be this slow.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// Asks until there is an answer; fails with `what` after a minute.
pub async fn until<T>(what: &str, ask: impl AsyncFnMut() -> Result<Option<T>>) -> Result<T> {
    let (answer, _) = within(PATIENCE, what, ask).await?;
    Ok(answer)
}

/// Asks until there is an answer, and tells how long that took; fails with `what` after this long.
pub async fn within<T>(
    patience: Duration,
    what: &str,
    mut ask: impl AsyncFnMut() -> Result<Option<T>>,
) -> Result<(T, Duration)> {
    let began = Instant::now();
    loop {
        if let Some(answer) = ask().await? {
            return Ok((answer, began.elapsed()));
        }
        if began.elapsed() > patience {
            bail!("waited in vain for {what}, for {patience:?}");
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Runs all at the same time and waits for all, in their order.
pub async fn at_once<F: Future>(all: Vec<F>) -> Vec<F::Output> {
    let mut all: Vec<_> = all.into_iter().map(|one| (Box::pin(one), None)).collect();
    std::future::poll_fn(|context| {
        let mut is_done = true;
        for (future, output) in &mut all {
            if output.is_none() {
                match future.as_mut().poll(context) {
                    std::task::Poll::Ready(ready) => *output = Some(ready),
                    std::task::Poll::Pending => is_done = false,
                }
            }
        }
        if is_done {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    all.into_iter()
        .map(|(_, output)| output.expect("all are done"))
        .collect()
}
