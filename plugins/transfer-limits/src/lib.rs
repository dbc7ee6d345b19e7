//! Phase decide: what may be moved or applied for, and whether a yes, a PIN or a colleague comes first.
//! This file is glue between the contract and `rules`, which is pure and tested natively.
//! Limits over several transfers are caps that the ledger holds; nothing here counts money on its own.

mod bindings {
    #![allow(
        unsafe_code,
        missing_docs,
        clippy::all,
        reason = "generated; the canonical ABI exports raw functions"
    )]
    wit_bindgen::generate!({
        path: "../../wit",
        world: "policies",
        additional_derives: [PartialEq, Eq],
    });
    // A native linker refuses the names of the exports; natively only the rules are tested.
    #[cfg(target_arch = "wasm32")]
    export!(Plugin);
    #[cfg(target_arch = "wasm32")]
    use super::Plugin;
}
mod rules;

use bindings::bank::voice::types::{Account, Balance, Description, Failure, Intent, Problem, Turn};
use bindings::bank::voice::{accounts, clock, history, settings as host_settings};
use bindings::exports::bank::voice::{plugin, policy};
use rules::{Bank, Limits};

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
            summary: "Limits, confirmation, PIN and payee rules for transfers and applications."
                .into(),
            intents: Vec::new(),
            settings_schema: settings::schema(include_str!("settings.schema.json")),
        }
    }

    fn check_settings(text: String) -> Vec<Problem> {
        let mut reader = settings::Reader::from_object(&text, &Limits::KEYS);
        Limits::read(&mut reader);
        let problems = reader.problems().into_iter();
        problems
            .map(|problem| Problem {
                key: problem.key,
                message: problem.message,
            })
            .collect()
    }
}

impl policy::Guest for Plugin {
    fn decide(turn: Turn, intent: Intent) -> policy::Decision {
        let settings = host_settings::get_all();
        let mut reader = settings::Reader::from_stage(&settings);
        let limits = Limits::read(&mut reader);
        if reader.problems().is_empty() {
            rules::decide(&turn, &intent, &limits, &Host)
        } else {
            // Settings were checked before they became active; limits that are no limits must not let money through.
            rules::settings_invalid()
        }
    }
}

struct Host;

impl Bank for Host {
    fn accounts(&self) -> Result<Vec<Account>, Failure> {
        accounts::get_all()
    }

    fn balance(&self, account: &str) -> Result<Balance, Failure> {
        accounts::get_balance(account)
    }

    fn moved_in_a_day(&self) -> (u32, i64) {
        let totals = history::transferred(24, None);
        (totals.count, totals.sum.minor)
    }

    fn hour(&self) -> u32 {
        let now = clock::now();
        speech::date::local(now.unix_ms, now.utc_offset_minutes).hour
    }
}
