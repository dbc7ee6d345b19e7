//! Phase decide, contract: reads the caller's profile, so its stage must grant `profile`; where it does not, the host refuses to
//! start, names the import, and says which grant is missing.

mod bindings {
    #![allow(
        unsafe_code,
        missing_docs,
        clippy::all,
        reason = "generated; the canonical ABI exports raw functions"
    )]
    wit_bindgen::generate!({
        path: "../../../wit",
        world: "policies",
    });
    // A native linker refuses the names of the exports.
    #[cfg(target_arch = "wasm32")]
    export!(Plugin);
    #[cfg(target_arch = "wasm32")]
    use super::Plugin;
}

use bindings::bank::voice::profile_reader;
use bindings::bank::voice::types::{Description, Intent, Message, Problem, Turn};
use bindings::exports::bank::voice::plugin;
use bindings::exports::bank::voice::policy::{self, Decision};

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
        match profile_reader::get_profile() {
            Ok(_) => Decision::Allow(Vec::new()),
            Err(_) => Decision::Deny(Message {
                code: "no_profile".into(),
                parameters: Vec::new(),
                text: "I do not know you.".into(),
            }),
        }
    }
}
