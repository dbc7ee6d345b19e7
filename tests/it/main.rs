//! The black-box tests: real processes, a real database, real components, over real HTTP; and the tidy test.
//!
//! One file per behaviour, one sentence per test. What they need beside cargo is said in `harness.rs`.

mod access;
mod banks;
mod command_line;
mod contract;
mod conversations;
mod events;
mod failing_stages;
mod functions;
mod graceful;
mod harness;
mod hosts;
mod inbound;
mod inbox;
mod inspect;
mod ledger;
mod loading;
mod orchestrate;
mod outage;
mod restart;
mod rules;
mod second_thoughts;
mod secrets;
mod self_test;
mod signature;
mod slow_clients;
mod swaps;
mod talk;
mod tidy;
mod trace;
mod transfers;
mod voice;
mod webhook;
