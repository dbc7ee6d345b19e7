//! The harness: real processes on free ports, and a client that signs as the voice provider does.
//!
//! Every process dies with the test run, also with one that is killed. Where a service is not there, the tests that need it say
//! so in one line and leave themselves out; with `CI=true` they fail instead.

mod bank;
mod component;
mod cut;
mod gate;
mod line;
mod provider;
mod shared;
mod sqlite;
mod tls;

pub use bank::{Dialect, FastApi};
pub use component::carrying;
pub use cut::{Cut, Mishearing};
pub use gate::Gate;
pub use line::{Caller, Line, Said, agent, details, request, user};
pub use provider::Provider;
pub use shared::sandbox;
pub use sqlite::query;
pub use tests::conversation::{ALICE, Conversation, Spoken};
pub use tests::host::{ADMIN_TOKEN, API_TOKEN, Host, KEY, Setup};
pub use tests::http::{Answer, client, now_ms, sign, signed_now};
pub use tests::paths::{
    binary, compiled, copy_dir, figure, guests, payload, payload_json, plugins, root, slack,
};
pub use tests::postgres::{Database, Server as PostgresServer, postgres};
pub use tests::process::{Ended, free_port, signal};
pub use tests::redis::{Cluster, Redis, Sentinel};
pub use tests::service::service;
pub use tests::speech::assert_speakable;
pub use tests::wait::{PATIENCE, at_once, until, within};
pub use tls::TlsFront;

use tests::{paths, process};
