//! Redis as it is installed: behind TLS, with a Sentinel that replaces a server that died, and as a cluster.
//!
//! Real processes; each test leaves itself out where there is no PostgreSQL or no Redis.

use anyhow::Result;
use serde_json::json;

use super::{Bench, all_ask, asked, forgetful, knows_redis_away};
use crate::harness::{Cluster, Conversation, Host, Sentinel, TlsFront};

/// Enough to lie in every part of a cluster.
const CALLS: usize = 24;

/// Two hosts of a bench whose Redis is this one.
async fn hosts_with(bench: &Bench, url: &str, certificate: Option<&str>) -> Result<[Host; 2]> {
    let start = async || {
        bench
            .another(|setup| {
                let setup = setup.set("REDIS_URL", url);
                match certificate {
                    Some(file) => setup.set("SSL_CERT_FILE", file),
                    None => setup,
                }
            })
            .await
    };
    let hosts = [start().await?, start().await?];
    for host in &hosts {
        knows_redis_away(host, false).await?;
    }
    Ok(hosts)
}

/// Every call asks on the one host and then on the other, and each knows all that was said; a yes counts wherever it is given.
async fn talk(
    bench: &Bench,
    hosts: &[Host; 2],
    middle: impl AsyncFnOnce() -> Result<()>,
) -> Result<()> {
    let mut paying = Conversation::of_alice(&hosts[0]);
    let wanted = json!({"from_account": "checking", "to_account": "savings", "amount": 150});
    let said = asked(&hosts[0], &mut paying, "transfer_funds", wanted).await?;
    assert_eq!(said.code, "confirm_transfer", "{said:?}");
    let mut calls: Vec<_> = (0..CALLS)
        .map(|_| Conversation::of_alice(&hosts[0]))
        .collect();
    assert_eq!(all_ask(hosts, &mut calls, 0).await?, CALLS);
    middle().await?;
    assert_eq!(all_ask(hosts, &mut calls, 1).await?, CALLS);
    let forgetful = forgetful(&bench.database, &calls, 2).await?;
    assert_eq!(forgetful.len(), 0, "{forgetful:?}");
    let said = asked(&hosts[1], &mut paying, "confirm", json!({})).await?;
    assert_eq!(said.code, "transfer_completed", "{said:?}");
    assert_eq!(bench.bank.balance("user_1", "checking_1").await?, "4850.50");
    Ok(())
}

#[tokio::test]
async fn calls_go_on_where_a_sentinel_replaces_a_redis_that_died() -> Result<()> {
    let (Some(bench), Some(mut sentinel)) = (Bench::of(0).await?, Sentinel::start()?) else {
        return Ok(());
    };
    let hosts = hosts_with(&bench, &sentinel.url, None).await?;
    talk(&bench, &hosts, async || {
        sentinel.fail_over()?;
        for host in &hosts {
            knows_redis_away(host, false).await?;
        }
        Ok(())
    })
    .await?;
    // They are at the new one, not at the database alone.
    let another = Conversation::of_alice(&hosts[0]);
    assert_eq!(all_ask(&hosts, &mut [another], 0).await?, 1);
    assert_ne!(sentinel.keys_of_second()?.trim(), ":0");
    for host in &hosts {
        knows_redis_away(host, false).await?;
    }
    Ok(())
}

#[tokio::test]
async fn calls_go_on_where_a_server_of_a_cluster_died_and_its_replica_takes_its_place() -> Result<()>
{
    let (Some(bench), Some(mut cluster)) = (Bench::of(0).await?, Cluster::start()?) else {
        return Ok(());
    };
    let hosts = hosts_with(&bench, &cluster.url, None).await?;
    talk(&bench, &hosts, async || {
        cluster.fail_over()?;
        for host in &hosts {
            knows_redis_away(host, false).await?;
        }
        Ok(())
    })
    .await?;
    // New calls lie in every third of it, and no host goes on with the database alone.
    let before = cluster.keys()?;
    let mut calls: Vec<_> = (0..CALLS)
        .map(|_| Conversation::of_alice(&hosts[0]))
        .collect();
    assert_eq!(all_ask(&hosts, &mut calls, 0).await?, CALLS);
    let after = cluster.keys()?;
    let have_more = before.iter().zip(&after).all(|(then, now)| then < now);
    assert!(have_more, "{before:?} {after:?}");
    for host in &hosts {
        knows_redis_away(host, false).await?;
    }
    Ok(())
}

#[tokio::test]
async fn redis_behind_tls_is_used_where_its_certificate_is_trusted_and_only_there() -> Result<()> {
    let Some(bench) = Bench::of(0).await? else {
        return Ok(());
    };
    let folder = tempfile::tempdir()?;
    let certificate = folder.path().join("redis.pem");
    let front = TlsFront::before(&bench.redis.address().to_string(), &certificate)?;
    let url = front.url.replacen("https", "rediss", 1);
    let trusted = certificate.display().to_string();
    let hosts = hosts_with(&bench, &url, Some(&trusted)).await?;
    talk(&bench, &hosts, async || Ok(())).await?;
    let strange = bench.another(|setup| setup.set("REDIS_URL", &url)).await?;
    knows_redis_away(&strange, true).await?;
    Ok(())
}
