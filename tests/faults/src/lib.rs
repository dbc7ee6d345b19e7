//! The bench of faults: real hosts between a client that never gives up and a bank that keeps exact books.
//!
//! `proxy` breaks the connections in between, `bank` knows where every cent is, `storm` kills and stops hosts under a thousand
//! transfers, and `trouble` lets the bank misbehave in every way. Whatever is random comes from a seed that is printed.

pub mod bank;
pub mod proxy;
pub mod storm;
pub mod trouble;
pub mod world;
