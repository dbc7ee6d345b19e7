//! Phase decide, contract: reads the process's environment through WASI, which is not part of `bank:voice`; the host refuses to
//! start and names the import, whatever its stage is granted.

mod bindings {
    #![allow(
        unsafe_code,
        missing_docs,
        clippy::all,
        reason = "generated; the canonical ABI exports raw functions"
    )]
    wit_bindgen::generate!({
        inline: "
            package bank:guest;
            world environment-reader {
                include bank:voice/policies@0.1.0;
                import wasi:cli/environment@0.2.0;
            }
        ",
        path: ["../../../wit", "wit"],
        world: "bank:guest/environment-reader",
        generate_all,
    });
    // A native linker refuses the names of the exports.
    #[cfg(target_arch = "wasm32")]
    export!(Plugin);
    #[cfg(target_arch = "wasm32")]
    use super::Plugin;
}

use bindings::bank::voice::types::{Description, Intent, Message, Problem, Turn};
use bindings::exports::bank::voice::plugin;
use bindings::exports::bank::voice::policy::{self, Decision};
use bindings::wasi::cli::environment::get_environment;

/// The exports of this component.
pub struct Plugin;

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

impl policy::Guest for Plugin {
    fn decide(_: Turn, _: Intent) -> Decision {
        Decision::Deny(Message {
            code: "environment_read".into(),
            parameters: get_environment(),
            text: "I have read the environment.".into(),
        })
    }
}
