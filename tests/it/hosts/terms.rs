//! Hosts on one database that are set otherwise where money is concerned: named while they are, and served by all the same.
//!
//! Real processes; left out where there is no PostgreSQL or no Redis.

use anyhow::Result;

use super::Bench;
use crate::harness::{Host, until};

const EUROS: &str = "backend.currency is EUR here and USD there";
const DOLLARS: &str = "backend.currency is USD here and EUR there";

async fn counts(host: &Host, others: u32) -> Result<()> {
    let expected = format!("orchestrator_hosts_that_differ {others}");
    let counted = until("how many hosts differ", async || {
        let metrics = host.get("/metrics").await?.text;
        Ok(metrics.lines().any(|line| line == expected).then_some(()))
    });
    counted.await
}

#[tokio::test]
async fn a_host_that_means_other_money_is_named_until_it_is_gone() -> Result<()> {
    let Some(bench) = Bench::of(2).await? else {
        return Ok(());
    };
    let (one, same) = (&bench.hosts[0], &bench.hosts[1]);
    counts(one, 0).await?;
    let other = bench
        .another(|setup| setup.set("ORCHESTRATOR_BACKEND__CURRENCY", "EUR"))
        .await?;
    counts(&other, 2).await?;
    assert!(other.log().contains(EUROS), "{}", other.log());
    for host in [one, same] {
        counts(host, 1).await?;
        assert!(host.log().contains(DOLLARS), "{}", host.log());
    }
    other.kill()?;
    counts(one, 0).await?;
    Ok(())
}
