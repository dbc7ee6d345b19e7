//! The harness: real processes on free ports, and a client that signs as the voice provider does.
//!
//! Every process dies with the test run, also with one that is killed. Where a service is not there, the tests that need it say
//! so in one line and leave themselves out; with `CI=true` they fail instead.

mod bank;
mod component;
mod conversation;
mod gate;
mod host;
mod http;
mod line;
mod paths;
mod postgres;
mod process;
mod provider;
mod redis;
mod shared;
mod speech;
mod tls;
mod wait;

pub use bank::{Dialect, FastApi};
pub use component::carrying;
pub use conversation::{ALICE, Conversation, Spoken};
pub use gate::Gate;
pub use host::{ADMIN_TOKEN, API_TOKEN, Host, KEY, Setup};
pub use http::{Answer, client, now_ms, sign, signed_now};
pub use line::{Caller, Line, Said, agent, details, request, user};
pub use paths::{binary, compiled, copy_dir, guests, payload, payload_json, plugins, root};
pub use postgres::postgres;
pub use process::{Ended, free_port, signal};
pub use provider::Provider;
pub use redis::Redis;
pub use shared::sandbox;
pub use speech::assert_speakable;
pub use tls::TlsFront;
pub use wait::{at_once, until};

use std::io::Write as _;
use std::path::PathBuf;

/// The path in a variable that the test command sets; none, with a line that says so, where it is not set.
pub fn service(variable: &str, what: &str) -> Option<PathBuf> {
    let found = std::env::var_os(variable)
        .filter(|value| !value.is_empty())
        .map(PathBuf::from);
    if found.is_none() {
        let is_strict = std::env::var("CI").is_ok_and(|value| value == "true" || value == "1");
        assert!(
            !is_strict,
            "{variable} is not set, and with CI=true {what} must not be left out"
        );
        // Past libtest's capture: what was not tested must be seen.
        let _ = writeln!(
            std::io::stderr(),
            "left out: {what} ({variable} is not set)"
        );
    }
    found
}
