//! What an utterance says about a transfer: its words, its accounts, its amounts, and whether it speaks of somebody.
//! Read once, for everybody who asks.

use super::split_memo;
use crate::rules::words::Heard;
use crate::rules::{Known, account, amount, correction, meaning, past, payee};

// What a transfer is wished for with, beside what corrects one: "I need fifty dollars moved from checking to savings today".
const WISHING: &str = "need|have|get|moved|transferred|sent|paid|wired|shifted|deposited|payment|bring|push|withdraw|today|\
    immediately|right away|kindly|hello|hi|hey|good|morning|afternoon|evening";

/// What was said.
pub struct Mentions {
    /// The words without the note.
    pub heard: Heard,
    /// The caller's note.
    pub memo: Option<String>,
    /// Every account.
    pub accounts: Vec<account::Mention>,
    /// Every amount.
    pub amounts: Vec<amount::Mention>,
    /// The money is to go to somebody who is none of the accounts.
    pub is_paid: bool,
    /// The money is to come from somebody who is none of the accounts.
    pub is_payer: bool,
}

impl Mentions {
    /// Reads an utterance.
    pub fn of(text: &str, known: &Known) -> Self {
        let (text, memo) = split_memo(text);
        let heard = Heard::new(&text);
        let accounts = account::mentions(&heard, known);
        let used = account::used(&heard, &accounts);
        let amounts = amount::mentions(&heard, &used, &known.currency);
        let has_destination = accounts
            .iter()
            .any(|it| it.role == account::Role::Destination);
        Self {
            is_paid: payee::is_paid(&heard, &used, has_destination, known),
            is_payer: payee::is_payer(&heard, &used, known),
            heard,
            memo,
            accounts,
            amounts,
        }
    }

    /// Whether nothing about a transfer was said.
    pub fn is_nothing(&self) -> bool {
        let is_somebody = self.is_paid || self.is_payer;
        self.accounts.is_empty() && self.amounts.is_empty() && self.memo.is_none() && !is_somebody
    }

    /// Whether an account was named, or somebody who is none.
    pub fn names_accounts(&self) -> bool {
        !self.accounts.is_empty() || self.is_paid || self.is_payer
    }

    /// Whether a whole transfer was said, although no verb of moving: "checking to savings, ten dollars".
    pub fn is_whole(&self) -> bool {
        let has = |role: account::Role| self.accounts.iter().any(|it| it.role == role);
        let is_two = has(account::Role::Source) || self.accounts.len() == 2;
        has(account::Role::Destination) && is_two && !self.amounts.is_empty()
    }

    /// Whether digits were said that may be a PIN, while no amount was asked for.
    pub fn is_code(&self, asked: Option<&str>) -> bool {
        asked != Some("amount") && self.accounts.is_empty() && correction::is_code(&self.heard)
    }

    /// Whether every word belongs to a wish that names no verb of moving.
    pub fn is_bare_wish(&self) -> bool {
        let mut read = self.read();
        for place in self.heard.places(WISHING) {
            read[place].fill(true);
        }
        self.is_whole()
            && correction::is_one(&self.heard, &read)
            && !past::is_told(&self.heard)
            && !past::speaks_of_one(&self.heard)
            && !meaning::has_no(&self.heard)
    }

    // For each word whether it belongs to an account or an amount.
    fn read(&self) -> Vec<bool> {
        let mut read = account::used(&self.heard, &self.accounts);
        for amount in &self.amounts {
            read[amount.span.clone()].fill(true);
        }
        read
    }

    /// Whether every word belongs to a correction of a transfer that waits, and names nobody.
    pub fn is_plain_correction(&self) -> bool {
        let is_somebody = self.is_paid || self.is_payer;
        !is_somebody && correction::is_one(&self.heard, &self.read())
    }

    /// Whether every word belongs to a correction of a transfer that waits.
    pub fn is_correction(&self) -> bool {
        let read = self.read();
        let is_theirs = |it: &account::Mention| it.target == account::Target::Theirs;
        let is_somebody = self.is_paid || self.is_payer || self.accounts.iter().any(is_theirs);
        is_somebody && !correction::asks(&self.heard) || correction::is_one(&self.heard, &read)
    }
}
