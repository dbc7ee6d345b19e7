//! Phase route, contract: where a misdeed is asked for, the stage fails and the intent is `unknown`, so the caller hears the help
//! sentence; in every other turn this router passes.
//!
//! Misdeeds: `trap`, `endless_loop`, `memory_bomb`, `deep_recursion`, `many_host_calls`, `ten_megabytes`; answers outside the
//! bounds: `oversized_text`, `control_characters`, `empty_name`, `endless_list`.

mod bindings {
    #![allow(
        unsafe_code,
        missing_docs,
        clippy::all,
        reason = "generated; the canonical ABI exports raw functions"
    )]
    wit_bindgen::generate!({
        path: "../../../wit",
        world: "router",
    });
    // A native linker refuses the names of the exports.
    #[cfg(target_arch = "wasm32")]
    export!(Plugin);
    #[cfg(target_arch = "wasm32")]
    use super::Plugin;
}

use bindings::bank::voice::settings;
use bindings::bank::voice::types::{
    CustomIntent, Description, Draft, Intent, Message, Problem, Question, Turn,
};
use bindings::exports::bank::voice::plugin;
use bindings::exports::bank::voice::routing::{self, Routed};

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

impl routing::Guest for Plugin {
    fn route(turn: Turn) -> Routed {
        let arguments = turn.invocation.as_ref().map(|it| it.arguments.as_str());
        let arguments = arguments.or(Some(turn.text.as_str()));
        let Some(fault) = misdeeds::asked("bad-router", arguments) else {
            return Routed::Pass;
        };
        misdeeds::commit(fault);
        match fault {
            "many_host_calls" => (0..1_000_000).for_each(|_| drop(settings::get("fault"))),
            "ten_megabytes" => return ask(misdeeds::text(10 << 20)),
            "oversized_text" => return ask(misdeeds::text(601)),
            "control_characters" => return ask("Which account?\u{1b}[2J".into()),
            "empty_name" => return custom("", Vec::new()),
            "endless_list" => return custom("a", vec![("k".into(), "v".into()); 101]),
            _ => {}
        }
        Routed::Pass
    }
}

fn ask(text: String) -> Routed {
    Routed::Ask(Question {
        draft: Draft::Balance,
        slot: "account".into(),
        say: Message {
            code: "which_account".into(),
            parameters: Vec::new(),
            text,
        },
    })
}

fn custom(name: &str, slots: Vec<(String, String)>) -> Routed {
    Routed::Intent(Intent::Custom(CustomIntent {
        name: name.into(),
        slots,
    }))
}
