//! The border to WASM: everything that names wasmtime lives below this file.
//!
//! Three lifetimes. Once per process: [`Engine`], with its pool and its ticker. Once per revision: [`Plugin`], compiled and linked
//! to just what it was granted. Once per stage: a fresh instance with a deadline, a memory bound and a [`Scope`] that reaches the
//! caller's own things and no others. What a failed stage means for the turn is decided in `pipeline`.

mod bindings;
mod capabilities;
mod convert;
mod engine;
mod error;
mod grant;
mod imports;
mod instance;
mod invoke;
mod limits;
mod load;
mod pace;
mod routed;
mod share;

pub use capabilities::{Capabilities, Nothing, Totals};
pub use engine::{Engine, Settings};
pub use error::{Error, LoadError};
pub use grant::{Grant, Phase};
pub use instance::Scope;
pub use limits::Limits;
pub use load::{Description, Plugin, Problem};
pub use routed::Routed;
