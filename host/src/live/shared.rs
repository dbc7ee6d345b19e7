//! The connection to Redis and whether it answers: cheap to clone, shared by locks and states.
//!
//! A Redis that is known not to answer is asked nothing; whoever probes it finds out when it answers again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use fred::prelude::{Client, ClientLike as _, LuaInterface as _};
use fred::types::FromValue;

use super::Error;

/// Longest wait for one answer.
pub(super) const ANSWER_WITHIN: Duration = Duration::from_millis(700);

/// The connection and what is known of it; cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Shared {
    pub(super) client: Client,
    pub(super) is_up: Arc<AtomicBool>,
}

impl Shared {
    /// Runs a script, unless Redis is known not to answer.
    pub(super) async fn run<T: FromValue>(
        &self,
        script: &'static str,
        keys: Vec<String>,
        arguments: Vec<String>,
    ) -> Result<T, Error> {
        if !self.is_up.load(Ordering::Relaxed) {
            return Err(Error::Unreachable);
        }
        let answer = tokio::time::timeout(ANSWER_WITHIN, self.client.eval(script, keys, arguments));
        match answer.await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(cause)) => {
                self.went_away(&cause.to_string());
                Err(Error::Unreachable)
            }
            Err(_) => {
                self.went_away("no answer in time");
                Err(Error::Unreachable)
            }
        }
    }

    pub(super) fn went_away(&self, why: &str) {
        if self.is_up.swap(false, Ordering::Relaxed) {
            metrics::gauge!("live_redis_up").set(0.0);
            tracing::error!("Redis does not answer ({why}); calls go on from the database");
        }
    }

    pub(super) async fn probe(&self) -> bool {
        let ping = self.client.ping::<String>(None);
        let answers = matches!(tokio::time::timeout(ANSWER_WITHIN, ping).await, Ok(Ok(_)));
        if answers && !self.is_up.swap(true, Ordering::Relaxed) {
            metrics::gauge!("live_redis_up").set(1.0);
            tracing::info!("Redis answers; live calls are shared");
        }
        answers
    }
}
