//! Live state in Redis: one hash and one lock per call, each step one script, so that it happens whole or not at all.
//!
//! A Redis that does not answer is left alone until a probe reaches it again: no turn waits for it twice. What is in a state is
//! what is said in the call, in the clear; it expires, and is gone with the call's end.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use fred::prelude::{Builder, ClientLike as _, ReconnectPolicy};
use tokio::time::Instant;

use super::lease::{EXPIRY, Lease};
use super::shared::{ANSWER_WITHIN, Shared};
use super::{Error, Kept, Settings};
use crate::call::Call;

/// Longest wait of a start.
const START_WITHIN: Duration = Duration::from_secs(2);
/// Between two looks at a Redis.
const PROBE_EVERY: Duration = Duration::from_millis(500);
/// Between two tries to connect.
const RECONNECT_MS: u32 = 250;
/// Between two tries for a lock that somebody else has.
const POLL: Duration = Duration::from_millis(15);
/// Longer than a call lasts.
const STATE_EXPIRY: Duration = Duration::from_secs(4 * 3_600);

/// Takes a lock: its fence and the state that it guards, or nothing. A repeat of the same try finds its own lock.
const LOCK: &str = "\
local holder = redis.call('GET', KEYS[1]) \
if holder and holder ~= ARGV[1] then return false end \
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) \
local now = redis.call('TIME') \
local fence = now[1] * 1000000 + now[2] \
local kept = redis.call('HMGET', KEYS[2], 'fence', 'version', 'call') \
if kept[1] and tonumber(kept[1]) >= fence then fence = tonumber(kept[1]) + 1 end \
return {string.format('%.0f', fence), kept[2], kept[3]}";

/// Compares and sets: 0 overtaken, 1 kept, 2 kept where nothing was before. An empty call is a call that ended.
const SAVE: &str = "\
local holder = redis.call('GET', KEYS[1]) \
if holder and holder ~= ARGV[1] then return 0 end \
local kept = redis.call('HMGET', KEYS[2], 'fence', 'version') \
if kept[1] then \
  local is_repeat = kept[1] == ARGV[2] and kept[2] == ARGV[4] \
  if tonumber(kept[1]) > tonumber(ARGV[2]) then return 0 end \
  if kept[2] ~= ARGV[3] and not is_repeat then return 0 end \
end \
redis.call('HSET', KEYS[2], 'fence', ARGV[2], 'version', ARGV[4], 'call', ARGV[5]) \
redis.call('PEXPIRE', KEYS[2], ARGV[6]) \
if kept[1] then return 1 else return 2 end";

/// Drops a state, unless somebody else holds the call.
const FORGET: &str = "\
local holder = redis.call('GET', KEYS[1]) \
if holder and holder ~= ARGV[1] then return 0 end \
return redis.call('DEL', KEYS[2])";

/// What an answer to [`LOCK`] holds.
type Taken = Option<(String, Option<String>, Option<String>)>;

/// The live state of all hosts.
#[derive(Debug)]
pub(super) struct Redis {
    shared: Shared,
    prefix: String,
}

impl Redis {
    pub(super) async fn connect(settings: &Settings) -> Result<Self, Error> {
        let config = settings.client().map_err(Error::Settings)?;
        let mut builder = Builder::from_config(config);
        builder.set_policy(ReconnectPolicy::new_constant(0, RECONNECT_MS));
        builder.with_connection_config(|connection| {
            connection.connection_timeout = ANSWER_WITHIN;
            connection.internal_command_timeout = ANSWER_WITHIN;
            // A command whose fate is unknown is not sent again behind anybody's back.
            connection.max_command_attempts = 1;
            connection.unresponsive.max_timeout = Some(START_WITHIN);
        });
        builder.with_performance_config(|performance| {
            performance.default_command_timeout = ANSWER_WITHIN;
        });
        let client = builder
            .build()
            .map_err(|cause| Error::Settings(format!("REDIS_URL: {}", cause.details())))?;
        // The client's own task ends with the process.
        drop(client.connect());
        let shared = Shared {
            client,
            is_up: Arc::default(),
        };
        let deadline = Instant::now() + START_WITHIN;
        while !shared.probe().await {
            if Instant::now() > deadline {
                metrics::gauge!("live_redis_up").set(0.0);
                tracing::warn!(
                    "{}; calls go on from the database until it does",
                    Error::Unreachable
                );
                break;
            }
            tokio::time::sleep(POLL).await;
        }
        tokio::spawn(watch(shared.clone()));
        Ok(Self {
            shared,
            prefix: settings.redis_prefix.clone(),
        })
    }

    pub(super) fn is_up(&self) -> bool {
        self.shared.is_up.load(Ordering::Relaxed)
    }

    /// Waits for a call's lock.
    pub(super) async fn lock(
        &self,
        call_id: &str,
        until: Instant,
    ) -> Result<(Lease, Option<Call>), Error> {
        // In a cluster both stand in one slot, by what is in braces.
        let keys = ["lock", "state"].map(|kind| format!("{}:{{{call_id}}}:{kind}", self.prefix));
        let token = uuid::Uuid::new_v4().to_string();
        let expiry_ms = EXPIRY.as_millis().to_string();
        loop {
            let arguments = vec![token.clone(), expiry_ms.clone()];
            let taken: Taken = self.shared.run(LOCK, keys.to_vec(), arguments).await?;
            if let Some((fence, version, state)) = taken {
                let version = version.and_then(|version| version.parse().ok());
                let state = state.and_then(|state| readable(call_id, &state));
                let lease = Lease::new(self.shared.clone(), keys, token, fence, version);
                return Ok((lease, state));
            }
            if Instant::now() + POLL >= until {
                return Err(Error::Busy);
            }
            tokio::time::sleep(POLL).await;
        }
    }

    pub(super) async fn save(&self, lease: &mut Lease, call: &Call) -> Result<Kept, Error> {
        let Ok(state) = serde_json::to_string(call) else {
            return Ok(Kept::InDoubt);
        };
        let expected = lease
            .version
            .map_or(String::new(), |version| version.to_string());
        let arguments = vec![
            lease.token.clone(),
            lease.fence.clone(),
            expected,
            call.version.to_string(),
            state,
            STATE_EXPIRY.as_millis().to_string(),
        ];
        let kept: i64 = self
            .shared
            .run(SAVE, lease.keys.to_vec(), arguments)
            .await?;
        if kept == 0 {
            return Err(Error::Overtaken);
        }
        lease.version = Some(call.version);
        Ok(if kept == 1 {
            Kept::AtHand
        } else {
            Kept::InDoubt
        })
    }

    pub(super) async fn forget(&self, lease: &Lease) {
        let arguments = vec![lease.token.clone()];
        let _: Result<i64, _> = self
            .shared
            .run(FORGET, lease.keys.to_vec(), arguments)
            .await;
    }
}

/// A state of another version of the host may not be readable: the database's is then taken.
fn readable(call_id: &str, state: &str) -> Option<Call> {
    match serde_json::from_str(state) {
        Ok(call) => Some(call),
        Err(_) => {
            tracing::warn!(
                call_id,
                "the state in Redis cannot be read; rebuilt from the database"
            );
            None
        }
    }
}

/// Looks at Redis for as long as the process lives.
async fn watch(shared: Shared) {
    loop {
        tokio::time::sleep(PROBE_EVERY).await;
        if !shared.probe().await {
            shared.went_away("no answer to a ping");
        }
    }
}
