//! Phase decide, contract: where a misdeed is asked for, the stage fails and the decision is to deny; in every other turn this
//! policy allows without a cap, which must loosen nothing that another policy or the host says.
//!
//! Misdeeds: `trap`, `endless_loop`, `memory_bomb`; answers outside the bounds: `oversized`, `too_many_caps`. Its setting `check`
//! takes the same names and commits the misdeed in `check-settings`: the host must refuse to start with it.

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

use bindings::bank::voice::types::{Description, Intent, Message, Problem, Turn};
use bindings::exports::bank::voice::plugin;
use bindings::exports::bank::voice::policy::{self, Cap, CapScope, Decision};

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

    fn check_settings(settings: String) -> Vec<Problem> {
        for fault in ["trap", "endless_loop", "memory_bomb"] {
            if settings.contains(fault) {
                misdeeds::commit(fault);
            }
        }
        Vec::new()
    }
}

impl policy::Guest for Plugin {
    fn decide(turn: Turn, _: Intent) -> Decision {
        let arguments = turn.invocation.as_ref().map(|it| it.arguments.as_str());
        let arguments = arguments.or(Some(turn.text.as_str()));
        let fault = misdeeds::asked("bad-policy", arguments).unwrap_or_default();
        misdeeds::commit(fault);
        match fault {
            "oversized" => Decision::Confirm(Message {
                code: misdeeds::text(129),
                parameters: Vec::new(),
                text: misdeeds::text(601),
            }),
            "too_many_caps" => Decision::Allow(vec![boundless(); 101]),
            _ => Decision::Allow(Vec::new()),
        }
    }
}

fn boundless() -> Cap {
    Cap {
        scope: CapScope::Caller,
        window_hours: u32::MAX,
        total: None,
        count: Some(u32::MAX),
    }
}
