//! The bench of faults: real hosts between clients that never give up and a bank that keeps exact books.
//!
//! `proxy` breaks the connections in between, `bank` knows where every cent is, `world` starts what the hosts share, `storm` strikes
//! hosts, PostgreSQL and Redis under a thousand transfers, `plan` says which round strikes what, and `trouble` lets the bank
//! misbehave in every way. Whatever is random comes from a seed that is printed.

pub mod bank;
mod memory;
pub mod plan;
pub mod proxy;
pub mod storm;
pub mod trouble;
pub mod world;
