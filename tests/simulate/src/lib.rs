//! A simulated world around the host's pure parts: its state machine, its ledger and its inbox, in virtual time, with seeded faults.
//!
//! Read `world` first: one seed is one world. `outside` has callers, the provider and the trouble; `host` the way of a wish and of an
//! event through a process that may die between any two steps; `patrol` what a host looks after unasked; `person` decides about what
//! nothing proves; `store`, `books` and `bank` what survives; `check` what must hold at the end.

mod agenda;
mod bank;
mod books;
mod chance;
mod check;
mod host;
mod outside;
mod patrol;
mod person;
mod store;
mod world;

pub use check::Broken;
pub use world::{Counts, Failed, Flaw, run};
