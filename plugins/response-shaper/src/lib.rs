//! Phase shape: outcomes become short sentences for the ear.
//! This file is glue between the contract and `rules`, which is pure and tested natively.
//! Says what happened and nothing else: no decision is made and no promise given here.

mod bindings {
    #![allow(
        unsafe_code,
        missing_docs,
        clippy::all,
        reason = "generated; the canonical ABI exports raw functions"
    )]
    wit_bindgen::generate!({
        path: "../../wit",
        world: "shaper",
        additional_derives: [PartialEq, Eq],
    });
    // A native linker refuses the names of the exports; natively only the rules are tested.
    #[cfg(target_arch = "wasm32")]
    export!(Plugin);
    #[cfg(target_arch = "wasm32")]
    use super::Plugin;
}
mod rules;

use bindings::bank::voice::types::{Description, Outcome, Problem, Reply, Turn};
use bindings::bank::voice::{accounts, settings as host_settings};
use bindings::exports::bank::voice::{plugin, shaping};
use rules::Bounds;

#[cfg(target_arch = "wasm32")]
#[global_allocator]
static MEMORY: arena::Arena = arena::Arena::new();

/// The exports of this component.
pub struct Plugin;

impl plugin::Guest for Plugin {
    fn describe() -> Description {
        Description {
            name: env!("CARGO_PKG_NAME").into(),
            version: env!("CARGO_PKG_VERSION").into(),
            summary: "Short sentences for the ear; ids are never read out.".into(),
            intents: Vec::new(),
            settings_schema: settings::schema(include_str!("settings.schema.json")),
        }
    }

    fn check_settings(text: String) -> Vec<Problem> {
        let mut reader = settings::Reader::from_object(&text, &Bounds::KEYS);
        Bounds::read(&mut reader);
        let problems = reader.problems().into_iter();
        problems
            .map(|problem| Problem {
                key: problem.key,
                message: problem.message,
            })
            .collect()
    }
}

impl shaping::Guest for Plugin {
    fn shape(turn: Turn, outcome: Outcome, draft: Reply) -> Reply {
        let settings = host_settings::get_all();
        let mut reader = settings::Reader::from_stage(&settings);
        let bounds = Bounds::read(&mut reader);
        // Accounts that cannot be read are called by how their ids end.
        rules::shape(&turn, &outcome, &draft, &bounds, || {
            accounts::get_all().unwrap_or_default()
        })
    }
}
