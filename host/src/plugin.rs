//! The border to WASM: everything that names wasmtime lives below this file.
//!
//! Three lifetimes. Once per process: [`Engine`], with its pool and its ticker. Once per revision: [`Plugin`], compiled and linked
//! to just what it was granted. Once per stage: a fresh instance with a deadline, a memory bound and a [`Scope`] that reaches the
//! caller's own things and no others. What a failed stage means for the turn is decided in `pipeline`.

mod bindings;
mod cache;
mod capabilities;
mod carried;
mod code;
mod compile;
mod compiler;
mod convert;
mod engine;
mod entry;
mod error;
mod export;
mod fuel;
mod grant;
mod imports;
mod inspect;
mod instance;
mod invoke;
mod limits;
mod load;
mod pace;
mod routed;
mod self_test;
mod share;
mod stage_settings;

pub use capabilities::{Capabilities, Nothing, Totals};
pub use carried::{CarriedError, carried_name, plugin_toml};
pub use compile::{COMMAND as COMPILE_COMMAND, compile_here};
pub use engine::{Engine, Settings};
pub use error::{Error, LoadError, SMALLER};
pub use grant::{Grant, Phase};
pub use inspect::{Anatomy, Import, Need, Specimen};
pub use instance::Scope;
pub use limits::Limits;
pub use load::{Description, Plugin, Problem, Spec};
pub use routed::Routed;
pub use self_test::{
    How, InvalidScenario, Passed, SELF_TESTS_WITHIN, Scenario, ScenarioError, SelfTestError, Unmet,
};
pub use stage_settings::StageSettings;
