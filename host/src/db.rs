//! The database: the one place that knows sea-orm, tables and SQL.
//!
//! [`Db`] is cheap to clone; its operations stand in one file per matter below `db/`. Domain types go in and come out; entities
//! stay inside. Rules are not decided here: `call` and `ledger` say what follows from what, this executes it in one transaction.

use std::sync::Arc;

mod accounts;
mod activations;
mod blocks;
mod bounded;
mod by;
mod calls;
mod connect;
mod each;
mod effects;
mod entity;
mod error;
mod events;
mod halts;
mod hosts;
mod ledger;
mod notices;
mod pinned;
mod pins;
mod place;
mod pools;
mod portions;
mod proposals;
mod pulse;
mod queued;
mod repinning;
mod revisions;
mod samples;
mod saves;
mod seal;
mod settings;
mod steps;
mod terms;
#[cfg(test)]
mod tests;
mod transaction;
mod turns;
mod users;
mod work;
mod writer;

pub use activations::{Activation, Proposed, Rejects};
pub use blocks::Block;
pub use by::By;
pub use calls::{LiveCall, StoredCall};
pub use effects::{Effect, End, Mark};
pub use error::{Error, Fault};
pub use events::{Inserted, NewEvent};
pub use halts::{Halt, Marks};
pub use hosts::Hosts;
pub use notices::Notices;
pub use pinned::PinnedCalls;
pub use pins::{WRONG_PINS_MAX, WrongPins};
pub use pools::Kind;
pub use proposals::{OVERTAKEN, Proposal, REJECTED, Verdict};
pub use pulse::Silence;
pub use repinning::{Repinning, Repinnings};
pub use revisions::{Component, Revision};
pub use samples::{Ids as SampleIds, SAMPLES, Sample};
pub use settings::{PostgresParts, Settings, postgres_url};
pub use steps::Steps;
pub use terms::Terms;
pub use turns::{StageDigest, TurnFacts};
pub use users::{AddError, NewUser, User};

/// A connected database.
#[derive(Debug, Clone)]
pub struct Db {
    pools: Arc<pools::Pools>,
    writer: writer::Handle,
}
