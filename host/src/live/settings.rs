//! Keys of section `[live]`: where the state of live calls is kept.
//!
//! With one host memory is enough. Several hosts need Redis, so that each of them can serve every call.

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::db::Hosts;

/// What an address may begin with; the second `s` is for TLS.
const SCHEMES: [&str; 6] = [
    "redis",
    "rediss",
    "redis-sentinel",
    "rediss-sentinel",
    "redis-cluster",
    "rediss-cluster",
];
const USABLE: &str =
    "use redis://, redis-sentinel:// or redis-cluster://, with a second s (rediss://) for TLS";

/// Where live state is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// In this process.
    #[default]
    Memory,
    /// In Redis, for several hosts.
    Redis,
}

impl Kind {
    /// How many hosts may share a database with it.
    #[must_use]
    pub fn hosts(self) -> Hosts {
        match self {
            Self::Memory => Hosts::One,
            Self::Redis => Hosts::Several,
        }
    }
}

/// Keys of section `[live]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Where.
    pub kind: Kind,
    /// Of the Redis server; a password may be part of it.
    pub redis_url: Option<SecretString>,
    /// What every key in Redis begins with.
    pub redis_prefix: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            kind: Kind::Memory,
            redis_url: None,
            redis_prefix: "voice-bank".to_owned(),
        }
    }
}

impl Settings {
    /// What types alone cannot tell.
    ///
    /// # Errors
    /// A sentence with what to do.
    pub fn check(&self) -> Result<(), String> {
        if self.kind == Kind::Memory {
            return Ok(());
        }
        if self.redis_prefix.is_empty() || self.redis_prefix.contains(['{', '}']) {
            return Err("live.redis_prefix must not be empty or hold braces".to_owned());
        }
        self.client().map(drop)
    }

    /// What the client is made from.
    ///
    /// # Errors
    /// A sentence with what to do; the address itself is not repeated, since a password may be part of it.
    pub(super) fn client(&self) -> Result<fred::types::config::Config, String> {
        let url = self.redis_url.as_ref().map(ExposeSecret::expose_secret);
        let Some(url) = url.filter(|url| !url.is_empty()) else {
            return Err(
                "CALL_STATE_DB = redis needs REDIS_URL, for example redis://127.0.0.1:6379"
                    .to_owned(),
            );
        };
        let scheme = url.split_once("://").map_or("", |(scheme, _)| scheme);
        if !SCHEMES.contains(&scheme) {
            return Err(format!("REDIS_URL is not an address of Redis; {USABLE}"));
        }
        let mut config = fred::types::config::Config::from_url(url).map_err(|cause| {
            format!(
                "REDIS_URL is not an address of Redis ({}); {USABLE}",
                cause.details()
            )
        })?;
        // A Redis that is not there yet is tried again, too.
        config.fail_fast = false;
        Ok(config)
    }
}
