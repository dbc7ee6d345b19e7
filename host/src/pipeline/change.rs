//! What an operator orders: another revision, the one before, a halt. Each with who and why, kept for good.
//!
//! A revision is loaded on this host before it is made active anywhere; the others load it when they follow.

use std::sync::PoisonError;
use std::time::Instant;

use serde::{Deserialize, Serialize};

use super::Pipeline;
use super::active::Active;
use super::error::Error;
use super::halts::{Halts, Target};
use super::history;
use super::registry::now_ms;
use crate::call::bounds;
use crate::db::{Activation, By, Halt};

/// Activations that a rollback looks back over.
const HISTORY_MAX: u64 = 1_000;

/// Who orders, why, and how far it goes.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Order {
    /// Who; the admin surface, where nobody is named.
    pub who: Option<String>,
    /// Why.
    pub reason: String,
    /// Whether live calls take it at their next turn.
    pub now: bool,
}

impl Order {
    fn checked(&self) -> Result<(String, String), Error> {
        let why = self.reason.trim();
        let is_text = |text: &str| bounds::text("reason", text).is_ok();
        if why.is_empty() || !is_text(why) {
            return Err(Error::ReasonMissing);
        }
        let who = self.who.as_deref().map(str::trim).filter(|who| {
            // Shown in lists and logs.
            !who.is_empty() && bounds::name("who", who).is_ok()
        });
        Ok((who.unwrap_or("admin").to_owned(), why.to_owned()))
    }
}

/// What was made active.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Changed {
    /// Its id.
    pub revision: String,
    /// What was active before.
    pub replaced: String,
    /// The number of the activation.
    pub activation: i64,
    /// How long this host took.
    pub took_micros: u64,
}

impl Pipeline {
    /// Makes any revision that was ever valid the active one.
    ///
    /// # Errors
    /// [`Error::UnknownRevision`], [`Error::NeverValid`], [`Error::ReasonMissing`], or why it cannot be loaded.
    pub async fn activate(&self, revision: &str, order: &Order) -> Result<Changed, Error> {
        order.checked()?;
        let one_at_a_time = self.shared.changing.lock().await;
        let stored = self.shared.db.revision(revision).await?;
        if let Some(reason) = stored
            .filter(|stored| stored.state == "failed")
            .and_then(|stored| stored.reason)
        {
            let revision = revision.to_owned();
            return Err(Error::NeverValid { revision, reason });
        }
        let changed = self.make_active(revision, By::Operator, None, order).await;
        drop(one_at_a_time);
        changed
    }

    /// Takes the newest activation back: the revision before it is active again, and a folder that still holds the one that is
    /// taken back does not bring it back by itself.
    ///
    /// # Errors
    /// [`Error::NothingBefore`], or as [`Self::activate`].
    pub async fn roll_back(&self, order: &Order) -> Result<Changed, Error> {
        order.checked()?;
        let one_at_a_time = self.shared.changing.lock().await;
        let activations = self.shared.db.activations(HISTORY_MAX).await?;
        let revision = history::before(&activations).ok_or(Error::NothingBefore)?;
        let taken_back = activations.first().map(|newest| newest.revision.as_str());
        let changed = self
            .make_active(revision, By::Rollback, taken_back, order)
            .await;
        drop(one_at_a_time);
        changed
    }

    async fn make_active(
        &self,
        id: &str,
        by: By,
        taken_back: Option<&str>,
        order: &Order,
    ) -> Result<Changed, Error> {
        let began = Instant::now();
        let (who, why) = order.checked()?;
        let revision = self.loaded(id).await?;
        let before = self.active();
        let replaced = before.revision.id.clone();
        let wanted = Activation {
            number: 0,
            revision: id.to_owned(),
            by,
            repins: order.now,
            who,
            why,
            at_ms: now_ms(),
        };
        let activation = self.shared.db.activate(&wanted, taken_back).await?;
        let number = activation.number;
        let repins_since = if order.now {
            number
        } else {
            before.repins_since
        };
        self.install(Active {
            revision,
            activation,
            repins_since,
        });
        Ok(Changed {
            revision: id.to_owned(),
            replaced,
            activation: number,
            took_micros: u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX),
        })
    }

    /// Halts something on every host, or lets it go on.
    ///
    /// # Errors
    /// [`Error::UnknownPlugin`] for a plugin that the active revision does not run, [`Error::ReasonMissing`].
    pub async fn halt(&self, target: &Target, halted: bool, order: &Order) -> Result<(), Error> {
        let (who, why) = order.checked()?;
        if let Target::Plugin(name) = target
            && halted
        {
            self.knows(name)?;
        }
        let (what, name) = target.parts();
        let row = Halt {
            what: what.to_owned(),
            name: name.to_owned(),
            halted,
            who,
            why,
            at_ms: now_ms(),
        };
        self.shared.db.save_halt(&row).await?;
        tracing::warn!(what, name, halted, who = row.who, why = row.why, "Halt");
        self.read_halts().await
    }

    /// Takes over what the database says is halted.
    pub(super) async fn read_halts(&self) -> Result<(), Error> {
        let halts = Halts::of(self.shared.db.halts().await?);
        #[expect(clippy::cast_precision_loss, reason = "a handful")]
        metrics::gauge!("pipeline_halts").set(halts.rows.len() as f64);
        self.shared.halts.store(halts.into());
        Ok(())
    }

    fn knows(&self, name: &str) -> Result<(), Error> {
        let active = self.active();
        let stages = &active.revision.stages;
        if stages.iter().any(|stage| stage.name == name) {
            return Ok(());
        }
        let known: Vec<&str> = stages.iter().map(|stage| stage.name.as_str()).collect();
        Err(Error::UnknownPlugin {
            name: name.to_owned(),
            known: known.join(", "),
        })
    }

    /// How far the database was followed, as kept.
    pub(super) fn followed(&self) -> std::sync::MutexGuard<'_, super::follow::Followed> {
        let followed = self.shared.followed.lock();
        followed.unwrap_or_else(PoisonError::into_inner)
    }
}
