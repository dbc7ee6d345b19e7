//! Phase route: an utterance or a tool call becomes a typed intent, or the question that is missing for one.
//! This file is glue between the contract and `rules`, which is pure and tested natively.
//! Decides nothing about permission: whether a transfer may happen is the policies' business.

mod bindings {
    #![allow(
        unsafe_code,
        missing_docs,
        clippy::all,
        reason = "generated; the canonical ABI exports raw functions"
    )]
    wit_bindgen::generate!({
        path: "../../wit",
        world: "router",
        additional_derives: [PartialEq, Eq],
    });
    // A native linker refuses the names of the exports; natively only the rules are tested.
    #[cfg(target_arch = "wasm32")]
    export!(Plugin);
    #[cfg(target_arch = "wasm32")]
    use super::Plugin;
}
mod rules;

use bindings::bank::voice::types::{Account, Description, Failure, Problem, Turn};
use bindings::bank::voice::{accounts, clock, settings as host_settings, transcript};
use bindings::exports::bank::voice::{plugin, routing};
use rules::{Bank, Preferences};

#[cfg(target_arch = "wasm32")]
#[global_allocator]
static MEMORY: arena::Arena = arena::Arena::new();

/// The exports of this component.
pub struct Plugin;

impl plugin::Guest for Plugin {
    fn describe() -> Description {
        let intents = [
            "balance",
            "accounts",
            "statements",
            "profile",
            "transfer",
            "loan",
            "credit-card",
            "application-status",
            "affirm",
            "decline",
            "cancel",
            "repeat",
            "human",
            "goodbye",
            "unknown",
        ];
        Description {
            name: env!("CARGO_PKG_NAME").into(),
            version: env!("CARGO_PKG_VERSION").into(),
            summary: "Understands utterances and tool calls of everyday banking, and asks instead of guessing.".into(),
            intents: intents
                .into_iter()
                .chain(rules::aside::NAMES)
                .map(String::from)
                .collect(),
            settings_schema: settings::schema(include_str!("settings.schema.json")),
        }
    }

    fn check_settings(text: String) -> Vec<Problem> {
        let mut reader = settings::Reader::from_object(&text, &Preferences::KEYS);
        Preferences::read(&mut reader);
        let problems = reader.problems().into_iter();
        problems
            .map(|problem| Problem {
                key: problem.key,
                message: problem.message,
            })
            .collect()
    }
}

impl routing::Guest for Plugin {
    fn route(turn: Turn) -> routing::Routed {
        let settings = host_settings::get_all();
        let mut reader = settings::Reader::from_stage(&settings);
        rules::route(&turn, &Preferences::read(&mut reader), &Host)
    }
}

/// Utterances of either side that the rules look back over: all that a host keeps.
const RECENT: u32 = 20;

struct Host;

impl Bank for Host {
    fn accounts(&self) -> Result<Vec<Account>, Failure> {
        accounts::get_all()
    }

    fn today(&self) -> speech::date::Moment {
        let now = clock::now();
        speech::date::local(now.unix_ms, now.utc_offset_minutes)
    }

    fn said_before(&self) -> Vec<String> {
        let is_caller = |line: &transcript::Utterance| line.speaker == transcript::Speaker::Caller;
        transcript::recent(RECENT)
            .into_iter()
            .filter(is_caller)
            .map(|line| line.text)
            .collect()
    }

    fn last_reply(&self) -> Option<String> {
        transcript::last_reply()
    }
}
