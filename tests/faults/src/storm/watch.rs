//! Watches the ledger after the blow: how long rows stay open, until every client has its answer and no row is open.
//!
//! A row's time counts from the end of the blow, or from its opening where a client asked again later.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use tests::host::Host;
use tokio::time::{Instant, sleep};

use super::Round;

/// Rows that have not ended.
const OPEN: [&str; 4] = ["requested", "authorised", "sent", "unknown"];
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Until no row is open any more and none follows; the longest that one was.
pub(super) async fn rows(host: &Host, round: Round, is_answered: &AtomicBool) -> Result<Duration> {
    let (since_ms, began) = (now_ms(), Instant::now());
    let mut longest_ms = 0;
    let mut looked_at = began;
    loop {
        let is_last = is_answered.load(Ordering::Acquire);
        let (count, rows) = match open(host).await {
            Ok(open) => open,
            // After a blow the host may need a moment, too.
            Err(_) if looked_at.elapsed() < round.settled_within => {
                sleep(LOOK_EVERY).await;
                continue;
            }
            Err(cause) => return Err(cause),
        };
        looked_at = Instant::now();
        if is_last && count == 0 {
            break;
        }
        for row in rows {
            let opened_ms = row["created_at_ms"].as_i64().unwrap_or_default();
            let open_ms = now_ms() - opened_ms.max(since_ms);
            longest_ms = longest_ms.max(open_ms);
            ensure!(
                u128::try_from(open_ms).unwrap_or(0) <= round.settled_within.as_millis(),
                "open for {open_ms} ms: {row}"
            );
        }
        ensure!(
            began.elapsed() < round.answered_within + round.settled_within,
            "there are always new rows"
        );
        sleep(LOOK_EVERY).await;
    }
    Ok(Duration::from_millis(
        u64::try_from(longest_ms).unwrap_or(0),
    ))
}

/// How many rows are open, and those: fewer where one changes its state between the two looks.
async fn open(host: &Host) -> Result<(u64, Vec<Value>)> {
    let answer = host.get("/admin/transfers?limit=1").await?;
    ensure!(answer.status == 200, "/admin/transfers: {}", answer.text);
    let counts = answer.json()?["not_settled"].clone();
    let (mut count, mut rows) = (0, Vec::new());
    for state in OPEN {
        let of_state = counts[state].as_u64().unwrap_or(0);
        if of_state > 0 {
            rows.append(&mut listed(host, state).await?);
        }
        count += of_state;
    }
    Ok((count, rows))
}

/// The newest rows of a state.
pub(super) async fn listed(host: &Host, state: &str) -> Result<Vec<Value>> {
    let path = format!("/admin/transfers?limit=1000&state={state}");
    let answer = host.get(&path).await?;
    ensure!(answer.status == 200, "{path}: {}", answer.text);
    let rows = answer.json()?["transfers"].as_array().cloned();
    rows.context("no list of rows")
}

/// As rows have it.
pub(super) fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(0))
}
