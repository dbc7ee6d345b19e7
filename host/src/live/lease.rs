//! The lock of one call in Redis: taken with a token and a fence, renewed while it is held, gone by itself when its host is.
//!
//! The fence is the server's clock, at least one more than that of the state it guards: it grows also over a flush, so that
//! whoever slept through somebody else's turn has the smaller one.

use std::time::Duration;

use tokio::task::AbortHandle;
use tokio::time::MissedTickBehavior;

use super::shared::Shared;

/// A lock whose holder died is free after this.
pub(super) const EXPIRY: Duration = Duration::from_secs(2);
/// Three renewals may be lost before a lock is.
const RENEWAL: Duration = Duration::from_millis(500);

/// Says that the lock is still held; nothing where it is somebody else's.
const RENEW: &str = "if redis.call('GET', KEYS[1]) == ARGV[1] then \
    return redis.call('PEXPIRE', KEYS[1], ARGV[2]) else return 0 end";
/// Gives the lock back; nothing where it is somebody else's.
const RELEASE: &str = "if redis.call('GET', KEYS[1]) == ARGV[1] then \
    return redis.call('DEL', KEYS[1]) else return 0 end";

/// A held lock.
#[derive(Debug)]
pub(super) struct Lease {
    /// Of the lock, and of the state.
    pub(super) keys: [String; 2],
    /// Whose it is: no two leases have the same.
    pub(super) token: String,
    /// Decimal, microseconds.
    pub(super) fence: String,
    /// The state's version in Redis; none where Redis had none.
    pub(super) version: Option<i64>,
    shared: Shared,
    renewal: AbortHandle,
}

impl Lease {
    /// Of a lock that was just taken.
    pub(super) fn new(
        shared: Shared,
        keys: [String; 2],
        token: String,
        fence: String,
        version: Option<i64>,
    ) -> Self {
        let renewal = tokio::spawn(renew(shared.clone(), keys[0].clone(), token.clone()));
        Self {
            keys,
            token,
            fence,
            version,
            shared,
            renewal: renewal.abort_handle(),
        }
    }

    /// Renews nothing any more, as a stopped process does.
    #[cfg(test)]
    pub(super) fn sleep(&self) {
        self.renewal.abort();
    }

    /// Gives the lock back at once; a Redis that cannot be told lets it expire.
    pub(super) async fn release(self) {
        self.renewal.abort();
        let _: Result<i64, _> = self
            .shared
            .run(
                RELEASE,
                vec![self.keys[0].clone()],
                vec![self.token.clone()],
            )
            .await;
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.renewal.abort();
    }
}

async fn renew(shared: Shared, key: String, token: String) {
    let expiry_ms = EXPIRY.as_millis().to_string();
    let mut rounds = tokio::time::interval(RENEWAL);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // The first one is at once.
    rounds.tick().await;
    loop {
        rounds.tick().await;
        let arguments = vec![token.clone(), expiry_ms.clone()];
        let renewed: Result<i64, _> = shared.run(RENEW, vec![key.clone()], arguments).await;
        if renewed == Ok(0) {
            tracing::warn!(
                "the lock of a call went to another host, or was flushed, during a turn"
            );
            return;
        }
    }
}
