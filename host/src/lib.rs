//! A voice-banking orchestrator whose business rules are WASM plugins.
//!
//! Reading guide, in the order in which a request meets the modules; imports go strictly downward:
//!
//! | module | what it holds |
//! |---|---|
//! | [`cli`], [`app`], [`config`] | arguments and settings become a running host; the sandbox bank |
//! | [`ingress`] | HTTP: signature, Retell's wire, the REST surface, one mapping from errors to answers |
//! | [`orchestrator`] | one turn as one readable function; calls from first event to last |
//! | [`caller`] | who is calling, and what that opens |
//! | [`pipeline`] | which plugins run, and what their failures mean |
//! | [`reply`] | outcome to sentence |
//! | [`live`], [`db`] | state of live calls; everything that must survive |
//! | [`ledger`] | money as pure steps: intent before send, outcome, caps |
//! | [`plugin`] | the only place that knows WASM |
//! | [`backend`] | the only place that knows the bank's HTTP |
//! | [`call`] | plain data and pure functions: state machine, money, intents, PIN taking |
//! | [`spelling`] | what was probably meant by a name that nobody knows |
//! | [`telemetry`] | logs and metrics |

pub mod app;
pub mod backend;
pub mod call;
pub mod caller;
pub mod cli;
pub mod config;
pub mod db;
pub mod ingress;
pub mod ledger;
pub mod live;
pub mod orchestrator;
pub mod pipeline;
pub mod plugin;
pub mod reply;
pub mod spelling;
pub mod telemetry;

#[cfg(test)]
mod tests;
