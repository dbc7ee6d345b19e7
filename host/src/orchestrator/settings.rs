//! Keys of section `[turn]`: how long a turn may take, and where the bank is.
//!
//! Also the clock that turns read; what the bank answers is dated where it is written down, in `settle`.

use std::time::Duration;

use jiff::tz::TimeZone;
use serde::Deserialize;

use crate::call::turn::Instant;

/// Kept back from the turn's time for putting the outcome into words.
const SHAPING_RESERVE: Duration = Duration::from_millis(250);
/// Between the end of the stages' time and that of the work: so that a stage without end is found by itself, and recorded.
const STAGE_RESERVE: Duration = Duration::from_millis(50);

/// Keys of section `[turn]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Request to reply, whatever happens.
    pub deadline_ms: u64,
    /// Turns that are worked on at once; who comes then waits, for half of a turn's time at most.
    pub at_once_max: u32,
    /// IANA name of the bank's time zone; night limits follow it.
    pub timezone: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            deadline_ms: 4_500,
            at_once_max: 64,
            timezone: "America/New_York".to_owned(),
        }
    }
}

impl Settings {
    /// What types alone cannot tell.
    ///
    /// # Errors
    /// A sentence with the key, the value and what was expected.
    pub fn check(&self) -> Result<(), String> {
        if !(500..=30_000).contains(&self.deadline_ms) {
            return Err(format!(
                "setting `turn.deadline_ms` = {}: expected 500 to 30000",
                self.deadline_ms
            ));
        }
        if self.at_once_max == 0 {
            return Err("setting `turn.at_once_max` = 0: expected 1 or more".to_owned());
        }
        self.zone().map(|_| ())
    }

    fn zone(&self) -> Result<TimeZone, String> {
        TimeZone::get(&self.timezone).map_err(|_| {
            format!(
                "setting `turn.timezone` = {:?}: expected an IANA name such as America/New_York",
                self.timezone
            )
        })
    }

    pub(super) fn clock(&self) -> Clock {
        Clock {
            zone: self.zone().unwrap_or(TimeZone::UTC),
            budget: Duration::from_millis(self.deadline_ms),
        }
    }
}

/// Reads the time for turns. Once per process.
#[derive(Debug, Clone)]
pub(super) struct Clock {
    zone: TimeZone,
    budget: Duration,
}

impl Clock {
    /// Now, with the bank's offset.
    pub(super) fn now(&self) -> Instant {
        let now = jiff::Timestamp::now();
        Instant {
            unix_ms: now.as_millisecond(),
            utc_offset_minutes: self.zone.to_offset(now).seconds() / 60,
        }
    }

    pub(super) fn turn_time(&self) -> Duration {
        self.budget
    }

    /// The moments of a request that comes in now. Taken once a request, before it waits for anything.
    pub(super) fn deadlines(&self) -> Deadlines {
        let now = tokio::time::Instant::now();
        let turn = now + self.budget;
        let work = turn - SHAPING_RESERVE;
        Deadlines {
            admitted: now + self.budget / 2,
            rules: now + self.budget / 2,
            stage: work - STAGE_RESERVE,
            work,
            turn,
        }
    }
}

/// Until when what must be done. Once per request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadlines {
    /// There is a place among the turns that are worked on.
    pub(super) admitted: tokio::time::Instant,
    /// The rules of the turn are there.
    pub(super) rules: tokio::time::Instant,
    /// Route, decide and fulfil have ended.
    pub(super) stage: tokio::time::Instant,
    /// The outcome is known, so that there is time left to speak.
    pub(super) work: tokio::time::Instant,
    /// The reply is handed over.
    pub(super) turn: tokio::time::Instant,
}
