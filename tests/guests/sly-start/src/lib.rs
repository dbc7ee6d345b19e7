//! Phase shape, contract: behaves while it is loaded, and never ends to start in a call; the stage fails with its deadline, which
//! therefore stands before anything of the guest runs, and the host's plain sentence is said.
//!
//! Outside a call the host's clock stands at 1970, which is how it knows.

mod bindings {
    #![allow(
        unsafe_code,
        missing_docs,
        clippy::all,
        reason = "generated; the canonical ABI exports raw functions"
    )]
    wit_bindgen::generate!({
        path: "../../../wit",
        world: "shaper",
    });
    // A native linker refuses the names of the exports.
    #[cfg(target_arch = "wasm32")]
    export!(Plugin);
    #[cfg(target_arch = "wasm32")]
    use super::Plugin;
}

use bindings::bank::voice::clock;
use bindings::bank::voice::types::{Description, Outcome, Problem, Reply, Turn};
use bindings::exports::bank::voice::{plugin, shaping};

/// The exports of this component.
pub struct Plugin;

/// Becomes the component's start function.
#[allow(
    unsafe_code,
    reason = "the encoder finds the start function by its name"
)]
#[cfg_attr(target_arch = "wasm32", unsafe(export_name = "_initialize"))]
pub extern "C" fn start() {
    if clock::now().unix_ms > 0 {
        misdeeds::endless_loop();
    }
}

impl plugin::Guest for Plugin {
    fn describe() -> Description {
        Description {
            name: env!("CARGO_PKG_NAME").into(),
            version: env!("CARGO_PKG_VERSION").into(),
            summary: env!("CARGO_PKG_DESCRIPTION").into(),
            intents: Vec::new(),
            settings_schema: "{}".into(),
        }
    }

    fn check_settings(_: String) -> Vec<Problem> {
        Vec::new()
    }
}

impl shaping::Guest for Plugin {
    fn shape(_: Turn, _: Outcome, draft: Reply) -> Reply {
        Reply {
            text: "Shaped after all.".into(),
            ..draft
        }
    }
}
