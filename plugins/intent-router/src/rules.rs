//! What the caller wants: the entry of the routing rules. A tool call goes to `invocation`, spoken words to `utterance`.
//! Pure: the bank's accounts, the day and the earlier utterances come through `Bank`, so that tests need no host.

mod account;
mod amount;
mod application;
pub mod aside;
mod correction;
mod doubt;
mod invocation;
mod later;
mod meaning;
mod month;
mod moving;
mod negation;
mod noise;
mod number;
mod offer;
mod past;
mod payee;
mod person;
mod pressure;
mod question;
mod read;
mod request;
mod slot;
mod speaker;
mod transfer;
mod utterance;
mod words;

use crate::bindings::bank::voice::types::{Account, Failure, Intent, Money, Turn};
use crate::bindings::exports::bank::voice::routing::Routed;
use speech::date::Moment;
use std::cell::OnceCell;

/// What the rules ask the host for.
pub trait Bank {
    /// The caller's accounts.
    fn accounts(&self) -> Result<Vec<Account>, Failure>;
    /// The bank's local day.
    fn today(&self) -> Moment;
    /// What the caller said in this call, oldest first.
    fn said_before(&self) -> Vec<String>;
    /// What the caller heard last.
    fn last_reply(&self) -> Option<String>;
}

/// The settings of this plugin.
pub struct Preferences {
    /// Amounts are in this currency.
    pub currency: String,
    /// How many accounts a question names.
    pub accounts_listed_max: usize,
}

impl Preferences {
    /// Every key there is.
    pub const KEYS: [&str; 2] = ["currency", "accounts_listed_max"];

    /// Reads and checks all settings.
    pub fn read(reader: &mut settings::Reader) -> Self {
        Self {
            currency: reader.currency("currency", "USD"),
            accounts_listed_max: reader.whole("accounts_listed_max", 1..=5, 3) as usize,
        }
    }
}

/// What is known about the caller in this turn.
pub struct Known {
    /// Empty where the bank could not be asked.
    pub accounts: Vec<Account>,
    /// False where the accounts could not be read: then nothing is known about what exists.
    pub reachable: bool,
    /// The bank's local day.
    pub today: Moment,
    /// Amounts are in this currency.
    pub currency: String,
    /// How many accounts a question names.
    pub accounts_listed_max: usize,
    /// What the caller is called, where that is known.
    pub caller: Option<String>,
}

impl Known {
    fn ask(bank: &impl Bank, preferences: &Preferences, caller: Option<&String>) -> Self {
        let accounts = bank.accounts();
        Self {
            reachable: accounts.is_ok(),
            accounts: accounts.unwrap_or_default(),
            today: bank.today(),
            currency: preferences.currency.clone(),
            accounts_listed_max: preferences.accounts_listed_max,
            caller: caller.cloned(),
        }
    }

    /// What is known without asking anybody.
    pub fn by_name(turn: &Turn) -> Self {
        Self {
            accounts: Vec::new(),
            reachable: false,
            today: Moment {
                year: 1970,
                month: 1,
                day: 1,
                hour: 0,
            },
            currency: String::new(),
            accounts_listed_max: 0,
            caller: turn.caller.name.clone(),
        }
    }

    /// Whether the id is one of the caller's own.
    pub fn owns(&self, id: &str) -> bool {
        self.accounts.iter().any(|account| account.id == id)
    }

    /// An amount in the bank's currency.
    pub fn money(&self, minor: i64) -> Money {
        Money {
            minor,
            currency: self.currency.clone(),
        }
    }

    /// What the accounts are called.
    pub fn names(&self) -> Vec<speech::account::Account<'_>> {
        self.accounts.iter().map(named).collect()
    }
}

fn named(account: &Account) -> speech::account::Account<'_> {
    speech::account::Account {
        id: &account.id,
        kind: &account.kind,
        nickname: account.nickname.as_deref(),
    }
}

/// Names the intent of a turn, or asks for what is missing.
pub fn route(turn: &Turn, preferences: &Preferences, bank: &impl Bank) -> Routed {
    let known = || Known::ask(bank, preferences, turn.caller.name.as_ref());
    if let Some(invocation) = &turn.invocation {
        let routed = invocation::route(invocation, turn.pending.as_ref(), known);
        return in_its_place(routed, turn, bank);
    }
    let asked = OnceCell::new();
    let known = || asked.get_or_init(known);
    let routed = offer::route(turn, |turn| {
        utterance::route(turn, known, || bank.said_before())
    });
    doubt::unless_another(in_its_place(routed, turn, bank), turn, known)
}

// What words come to at the place where they were said: by whom, and behind what.
fn in_its_place(routed: Routed, turn: &Turn, bank: &impl Bank) -> Routed {
    if pressure::stops(&routed, turn, || bank.said_before()) {
        return plain(Intent::Human);
    }
    match routed {
        // Whoever has no accounts is told so at once, and not after every detail of a wish.
        Routed::Ask(_) if !turn.caller.known => plain(Intent::Accounts),
        // "Is there anything else?" - "No."
        Routed::Intent(Intent::Decline)
            if turn.pending.is_none()
                && meaning::is_plain_no(&turn.text)
                && bank
                    .last_reply()
                    .is_some_and(|said| said.contains(ANYTHING_ELSE)) =>
        {
            plain(Intent::Goodbye)
        }
        // "Did it go through?", asked of what was just said to be done.
        Routed::Intent(Intent::Unknown)
            if turn.pending.is_none()
                && past::asks_whether_done(&words::Heard::new(&turn.text))
                && bank.last_reply().is_some_and(|said| said.starts_with(DONE)) =>
        {
            plain(Intent::Repeat)
        }
        routed => routed,
    }
}

// How the shipped sentences begin that tell of money that was moved.
const DONE: &str = "Done.";

// How the shipped sentences ask whether that was all.
const ANYTHING_ELSE: &str = "s there anything else";

/// Short for the intent that needs nothing more.
fn plain(intent: Intent) -> Routed {
    Routed::Intent(intent)
}

#[cfg(test)]
mod tests;
