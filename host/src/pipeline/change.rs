//! What an operator orders: another revision, the one before, a halt. Each with who and why, kept for good.
//!
//! A revision is loaded on this host before it is made active anywhere; the others load it when they follow.

use std::collections::BTreeSet;
use std::sync::PoisonError;
use std::time::Instant;

use serde::{Deserialize, Serialize};

use super::Pipeline;
use super::active::Active;
use super::error::{Error, printable};
use super::halts::{Halts, Target};
use super::history;
use super::pinned::Pinned;
use super::registry::now_ms;
use crate::call::bounds;
use crate::db::{Activation, By, Halt, Rejects, Repinnings};

/// Revisions in which a plugin may be known.
const LATELY: u64 = 200;
/// Letters of who orders.
const WHO_MAX: usize = 128;
/// Activations that a rollback looks back over.
pub(super) const HISTORY_MAX: u64 = 1_000;

/// Who orders, why, and how far it goes.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Order {
    /// Who; the admin surface, where nobody is named.
    pub who: Option<String>,
    /// Why.
    pub reason: String,
    /// Whether live calls take it at their next turn; of a rollback, those pinned to what it takes back.
    pub now: bool,
}

impl Order {
    fn checked(&self) -> Result<(String, String), Error> {
        let why = self.reason.trim();
        if why.is_empty() {
            return Err(Error::ReasonMissing);
        }
        bounds::text("reason", why).map_err(Error::BadReason)?;
        // Shown in lists and logs.
        let who: String = printable(self.who.as_deref().unwrap_or_default().trim())
            .chars()
            .take(WHO_MAX)
            .collect();
        let who = if who.is_empty() {
            "admin".to_owned()
        } else {
            who
        };
        Ok((who, why.to_owned()))
    }
}

/// What was made active.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Changed {
    /// Its id.
    pub revision: String,
    /// What was active before.
    pub replaced: String,
    /// Live calls, on all hosts, that keep the rules they began with until they end; none where they could not be counted.
    pub calls_kept: Option<u64>,
    /// Whether live calls were ordered to take it.
    pub now: bool,
    /// Live calls that take it at their next turn; none where they could not be counted.
    pub calls_moved: Option<u64>,
    /// The number of the activation.
    pub activation: i64,
    /// How long this host took.
    pub took_micros: u64,
}

impl Pipeline {
    /// Makes any revision that was ever valid the active one; it is named as in [`Self::named`].
    ///
    /// # Errors
    /// [`Error::UnknownRevision`], [`Error::AmbiguousRevision`], [`Error::NeverValid`], [`Error::ReasonMissing`], [`Error::BadReason`], or why it cannot be
    /// loaded.
    pub async fn activate(&self, revision: &str, order: &Order) -> Result<Changed, Error> {
        order.checked()?;
        let one_at_a_time = self.shared.changing.lock().await;
        let named = self.named(revision).await?;
        let revision = named.as_str();
        let stored = self.shared.db.revision(revision).await?;
        if let Some(reason) = stored
            .filter(|stored| stored.state == "failed")
            .and_then(|stored| stored.reason)
        {
            let revision = revision.to_owned();
            return Err(Error::NeverValid { revision, reason });
        }
        if let Some(unchanged) = self.is_active_already(revision, order).await? {
            return Ok(unchanged);
        }
        let changed = self.make_active(revision, By::Operator, None, order).await;
        drop(one_at_a_time);
        changed
    }

    /// The answer to an order that changes nothing: what is active is to be active, and no call is to be moved.
    async fn is_active_already(
        &self,
        revision: &str,
        order: &Order,
    ) -> Result<Option<Changed>, Error> {
        let newest = self.shared.db.active_revision().await?;
        Ok(newest
            .map(|(activation, _, _)| activation)
            .filter(|newest| newest.revision == revision && !order.now)
            .map(|newest| Changed {
                replaced: newest.revision.clone(),
                revision: newest.revision,
                calls_kept: Some(0),
                now: false,
                calls_moved: Some(0),
                activation: newest.number,
                took_micros: 0,
            }))
    }

    /// Takes the newest activation back: the revision before it is active again, and a folder that still holds the one that is
    /// taken back does not bring it back by itself. `of`: only where this is what is taken back, so that two people who want the same,
    /// or one order that comes twice, go one step. `now` moves the calls that are pinned to what is taken back, and no others.
    ///
    /// Invariant: a call is moved by a rollback only from what that takes back
    /// (`a_rollback_moves_only_the_calls_that_are_on_what_it_takes_back`).
    ///
    /// # Errors
    /// [`Error::NothingBefore`], [`Error::NotActive`], or as [`Self::activate`].
    pub async fn roll_back(&self, order: &Order, of: Option<&str>) -> Result<Changed, Error> {
        order.checked()?;
        let one_at_a_time = self.shared.changing.lock().await;
        let activations = self.shared.db.activations(HISTORY_MAX).await?;
        if let (Some(wanted), Some(newest)) = (of, activations.first())
            && self.named(wanted).await? != newest.revision
        {
            return Err(Error::NotActive {
                wanted: wanted.to_owned(),
                active: newest.revision.clone(),
            });
        }
        let steps = history::steps(&activations);
        let revision = steps.before().ok_or(Error::NothingBefore)?;
        let taken_back = activations.first().map(|newest| Rejects {
            revision: &newest.revision,
            known: newest.number,
        });
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
        taken_back: Option<Rejects<'_>>,
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
        let repinnings = if by == By::Rollback {
            // It may have taken back an order for live calls, or give one to some: the database tells which are left.
            let newest = self.shared.db.active_revision().await?;
            newest.map_or_else(Repinnings::default, |(_, _, repinnings)| repinnings)
        } else if order.now {
            Repinnings::for_all(number, id, &activation.why)
        } else {
            before.repinnings.clone().after(id)
        };
        let active = Active {
            revision,
            activation,
            repinnings,
        };
        self.install(active.clone());
        let took_micros = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.warn_of_taken_back(&active.activation).await;
        let (calls_kept, calls_moved) = self.left_and_moved(&active).await.unzip();
        Ok(Changed {
            revision: id.to_owned(),
            replaced,
            calls_kept,
            now: order.now,
            calls_moved,
            activation: number,
            took_micros,
        })
    }

    /// Live calls that keep other rules, and those that take these at their next turn.
    async fn left_and_moved(&self, active: &Active) -> Option<(u64, u64)> {
        let pinned = self.pinned(active).await.ok()?;
        let others = pinned.iter().filter(|it| it.revision != active.revision.id);
        let is_coming = |it: &&Pinned| it.moving_to.as_ref() == Some(&active.revision.id);
        Some((
            others.clone().map(Pinned::kept).sum(),
            others.filter(is_coming).map(|it| it.moving).sum(),
        ))
    }

    /// Halts something on every host, or lets it go on.
    ///
    /// # Errors
    /// [`Error::UnknownPlugin`] for a plugin that no revision ran lately, [`Error::ReasonMissing`].
    pub async fn halt(&self, target: &Target, halted: bool, order: &Order) -> Result<(), Error> {
        let (who, why) = order.checked()?;
        if let Target::Plugin(name) = target {
            self.knows(name).await?;
        }
        let (what, name) = target.parts();
        if !halted && !self.shared.halts.now().has(target) {
            // Another host may have halted it just now.
            self.read_halts().await?;
            if !self.shared.halts.now().has(target) {
                return Ok(());
            }
        }
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
        let halts = Halts::of(self.shared.db.halts(None).await?);
        #[expect(clippy::cast_precision_loss, reason = "a handful")]
        metrics::gauge!("pipeline_halts").set(halts.rows.len() as f64);
        self.shared.halts.set(halts);
        Ok(())
    }

    /// Calls may still run what the active revision does not, on this host or another.
    async fn knows(&self, name: &str) -> Result<(), Error> {
        let revisions = self.shared.db.revisions(LATELY).await?;
        let stages = revisions
            .iter()
            .filter_map(|revision| revision.manifest["stages"].as_array())
            .flatten();
        let names =
            stages.flat_map(|stage| [stage["plugin"].as_str(), stage["component"].as_str()]);
        let known: BTreeSet<&str> = names.flatten().collect();
        if known.contains(name) {
            return Ok(());
        }
        let known: Vec<&str> = known.into_iter().collect();
        Err(Error::UnknownPlugin {
            name: printable(name),
            known: known.join(", "),
        })
    }

    /// How far the database was followed, as kept.
    pub(super) fn followed(&self) -> std::sync::MutexGuard<'_, super::follow::Followed> {
        let followed = self.shared.followed.lock();
        followed.unwrap_or_else(PoisonError::into_inner)
    }
}
