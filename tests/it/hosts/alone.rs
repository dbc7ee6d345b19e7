//! Live calls in memory: a second host is refused, and one that comes after a killed one is not.
//!
//! Real processes; each test leaves itself out where there is no PostgreSQL or no Redis.

use anyhow::Result;

use crate::harness::{Redis, Setup, postgres};

const WHAT_TO_DO: &str = "set CALL_STATE_DB=redis and REDIS_URL on every host";

/// This setup on every database that is there.
fn on_both(setup: &Setup) -> Result<Vec<Setup>> {
    let mut both = vec![setup.clone().with_sqlite()];
    if let Some(database) = postgres()? {
        both.push(setup.clone().set("DATABASE_URL", &database.url));
    }
    Ok(both)
}

#[tokio::test]
async fn live_calls_in_memory_are_one_hosts_alone() -> Result<()> {
    let redis = Redis::start()?;
    for setup in on_both(&Setup::sandbox()?)? {
        let first = setup.start().await?;
        let refused = setup.run()?;
        assert_eq!(refused.code, Some(1), "{refused:?}");
        assert!(format!("{refused:?}").contains(WHAT_TO_DO), "{refused:?}");
        // The one that was there first is none the worse for it.
        assert_eq!(first.get("/readyz").await?.status, 200);
        let setup = first.kill()?;
        let second = setup.start().await?;
        let (setup, ended) = second.stop()?;
        assert_eq!(ended.code, Some(0), "{ended:?}");
        let Some(redis) = &redis else { continue };
        // With Redis there is room for more, but not for one that keeps calls to itself.
        let several = setup
            .unset("ORCHESTRATOR_PORT")
            .set("CALL_STATE_DB", "redis")
            .set("REDIS_URL", &redis.url);
        let (_one, _other) = (several.start().await?, several.start().await?);
        let alone = several.set("CALL_STATE_DB", "memory").run()?;
        assert_eq!(alone.code, Some(1), "{alone:?}");
        assert!(format!("{alone:?}").contains(WHAT_TO_DO), "{alone:?}");
    }
    Ok(())
}
