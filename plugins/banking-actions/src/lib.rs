//! Phase fulfil: makes everyday banking happen, by asking the bank through the host's capabilities.
//! This file is glue between the contract and `rules`, which is pure and tested natively.
//! Money moves only through `payments`, which the host opens for exactly the transfer that the policies allowed.

mod bindings {
    #![allow(
        unsafe_code,
        missing_docs,
        clippy::all,
        reason = "generated; the canonical ABI exports raw functions"
    )]
    wit_bindgen::generate!({
        path: "../../wit",
        world: "actions",
        additional_derives: [PartialEq, Eq],
    });
    // A native linker refuses the names of the exports; natively only the rules are tested.
    #[cfg(target_arch = "wasm32")]
    export!(Plugin);
    #[cfg(target_arch = "wasm32")]
    use super::Plugin;
}
mod rules;

use bindings::bank::voice::types::{
    Account, Application, Balance, CreditCard, Description, Failure, Intent, Loan, Outcome,
    Payment, Problem, Profile, Statement, Transfer, Turn,
};
use bindings::bank::voice::{accounts, applications, assistant, payments, profile_reader};
use bindings::exports::bank::voice::{action, plugin};
use rules::Bank;

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
            summary: "Everyday banking: balances, statements, transfers, applications; open questions go to the bank's agent.".into(),
            intents: rules::INTENTS.map(String::from).into(),
            settings_schema: settings::schema(include_str!("settings.schema.json")),
        }
    }

    fn check_settings(text: String) -> Vec<Problem> {
        let problems = settings::Reader::from_object(&text, &[])
            .problems()
            .into_iter();
        problems
            .map(|problem| Problem {
                key: problem.key,
                message: problem.message,
            })
            .collect()
    }
}

impl action::Guest for Plugin {
    fn fulfil(turn: Turn, intent: Intent) -> Outcome {
        rules::fulfil(&turn, intent, &Host)
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

    fn statement(&self, account: &str, month: Option<&str>) -> Result<Statement, Failure> {
        accounts::get_statement(account, month)
    }

    fn profile(&self) -> Result<Profile, Failure> {
        profile_reader::get_profile()
    }

    fn pay(&self, transfer: &Transfer) -> Result<Payment, Failure> {
        payments::pay(transfer)
    }

    fn apply_for_loan(&self, loan: &Loan) -> Result<Application, Failure> {
        applications::apply_for_loan(loan)
    }

    fn apply_for_credit_card(&self, card: &CreditCard) -> Result<Application, Failure> {
        applications::apply_for_credit_card(card)
    }

    fn application(&self, id: &str) -> Result<Application, Failure> {
        applications::get_status(id)
    }

    fn answer(&self, question: &str) -> Result<String, Failure> {
        assistant::answer(question)
    }
}
