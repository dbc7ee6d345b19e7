//! Phase shape, contract: where a misdeed is asked for, the stage fails and the host's plain sentence is said; in every other
//! turn the draft is handed back as it came.
//!
//! Misdeeds: `trap`, `endless_loop`, `memory_bomb`, `megabyte_in_log`; answers outside the bounds: `oversized_text`, `empty_text`,
//! `control_characters`. Two are no failure: `count` says how often this instance was asked, which must always be once;
//! `secrets_in_log` writes a PIN, a telephone number and an account number to the log, where none of them may be read.

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

use std::sync::atomic::{AtomicU32, Ordering};

use bindings::bank::voice::log::{Level, line};
use bindings::bank::voice::types::{Description, Outcome, Problem, Reply, Turn};
use bindings::exports::bank::voice::{plugin, shaping};

// What a guest must not be able to keep.
static ASKED: AtomicU32 = AtomicU32::new(0);

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

impl shaping::Guest for Plugin {
    fn shape(turn: Turn, _: Outcome, draft: Reply) -> Reply {
        let count = ASKED.fetch_add(1, Ordering::Relaxed) + 1;
        let arguments = turn.invocation.as_ref().map(|it| it.arguments.as_str());
        let arguments = arguments.or(Some(turn.text.as_str()));
        let fault = misdeeds::asked("bad-shaper", arguments).unwrap_or_default();
        misdeeds::commit(fault);
        let text = match fault {
            "megabyte_in_log" => {
                line(Level::Info, &misdeeds::text(1 << 20));
                draft.text
            }
            "oversized_text" => misdeeds::text(601),
            "empty_text" => " ".into(),
            "control_characters" => format!("{}\n\u{1b}[2J", draft.text),
            "count" => format!("Asked {count} times."),
            "secrets_in_log" => {
                line(Level::Info, "PIN is 839174");
                line(Level::Warn, "the caller's number is +14155552671");
                line(Level::Error, "account 4081 7263 5492 01\nforged line");
                draft.text
            }
            _ => draft.text,
        };
        Reply { text, ..draft }
    }
}
