//! Balances and statements: which account is meant, and of which month.
//! Reading is forgiving where a transfer is not: one account needs no name, and an unknown id is left to the bank to answer.

use super::account::{self, Mention, Role, Target};
use super::question::{Why, ask};
use super::transfer::not_found;
use super::words::Heard;
use super::{Known, aside, month, plain};
use crate::bindings::bank::voice::types::{Draft, Intent, StatementsQuery};
use crate::bindings::exports::bank::voice::routing::Routed;

/// What is to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// A balance.
    Balance,
    /// Statements, of a month if one was said.
    Statements(Option<String>),
}

/// The balance that an utterance asks for, or all of them.
pub fn balance(heard: &Heard, known: &Known) -> Routed {
    let mentions = meant(heard, known);
    let wants_all = heard.has_any("all|every|each|both|balances|altogether|total");
    if mentions.is_empty() && wants_all {
        return plain(Intent::Accounts);
    }
    of_mentions(Reading::Balance, &mentions, known)
}

/// The statements that an utterance asks for; `earlier` is the month that was said before.
pub fn statements(heard: &Heard, earlier: Option<String>, known: &Known) -> Routed {
    let month = month::said(heard, known.today).or(earlier);
    of_mentions(Reading::Statements(month), &meant(heard, known), known)
}

// "savings, not checking" names one to be read.
fn meant(heard: &Heard, known: &Known) -> Vec<Mention> {
    let mut mentions = account::mentions(heard, known);
    mentions.retain(|mention| mention.role != Role::Excluded);
    mentions
}

fn of_mentions(reading: Reading, mentions: &[Mention], known: &Known) -> Routed {
    let missing = mentions
        .iter()
        .find(|mention| matches!(mention.target, Target::Missing(_) | Target::Theirs));
    match mentions {
        [] => of_none(reading, known),
        // One that is not there is cleared up before the others are read.
        [_, _, ..] if let Some(missing) = missing => of_target(reading, &missing.target, known),
        [first, rest @ ..] if rest.iter().all(|mention| mention.target == first.target) => {
            of_target(reading, &first.target, known)
        }
        // "checking and savings": the action reads those that were named.
        _ if reading == Reading::Balance => plain(Intent::Accounts),
        _ => ask(reading.draft(), "account_id", &Why::Unclear, known),
    }
}

/// The reading when no account was named.
pub fn of_none(reading: Reading, known: &Known) -> Routed {
    match known.accounts.as_slice() {
        [only] => reading.of(only.id.clone()),
        // Nothing to choose from: the answer to all accounts says why.
        [] if reading == Reading::Balance || known.reachable => plain(Intent::Accounts),
        _ => ask(reading.draft(), "account_id", &Why::Needed, known),
    }
}

/// The reading of the account that was named.
pub fn of_target(reading: Reading, target: &Target, known: &Known) -> Routed {
    match target {
        Target::Own(id) | Target::Foreign(id) => reading.of(id.clone()),
        Target::Several(ids) => ask(
            reading.draft(),
            "account_id",
            &Why::Ambiguous(ids.clone()),
            known,
        ),
        Target::Missing(said) if !known.reachable => reading.of(said.clone()),
        Target::Theirs => plain(aside::others_account()),
        Target::Missing(_) => ask(reading.draft(), "account_id", &not_found(known), known),
    }
}

impl Reading {
    /// The intent for one account.
    pub fn of(self, account: String) -> Routed {
        plain(match self {
            Self::Balance => Intent::Balance(account),
            Self::Statements(month) => Intent::Statements(StatementsQuery { account, month }),
        })
    }

    /// What is kept while the account is asked for.
    pub fn draft(&self) -> Draft {
        match self {
            Self::Balance => Draft::Balance,
            Self::Statements(month) => Draft::Statements(month.clone()),
        }
    }
}
