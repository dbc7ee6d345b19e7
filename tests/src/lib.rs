//! What every black-box test needs: real processes on free ports, and a client that signs as the voice provider does.
//!
//! The tests themselves live in `it/`, and the bench that breaks things in `faults/`; both build on this. Every process dies with
//! the run that started it, also with one that is killed.

pub mod conversation;
pub mod host;
pub mod http;
pub mod paths;
pub mod postgres;
pub mod process;
pub mod redis;
pub mod service;
pub mod speech;
pub mod wait;
