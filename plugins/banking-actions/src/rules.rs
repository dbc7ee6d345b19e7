//! What comes of each intent: one question to the bank, or a sentence where the bank is not needed.
//! A failure is handed on as it is; the shaper says it, and only the host knows whether anything may be repeated.
//! Pure: the bank comes through `Bank`.

mod aside;
mod misunderstood;
mod say;

use crate::bindings::bank::voice::types::{
    Account, Application, Balance, CreditCard, Failure, Intent, Loan, Outcome, Payment, Profile,
    Statement, Transfer, Turn,
};

/// The intents that are fulfilled here, in kebab case.
pub const INTENTS: [&str; 33] = [
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
    "help",
    "greeting",
    "stay",
    "unheard",
    "unclear-answer",
    "one-at-a-time",
    "transfer-later",
    "others-account",
    "another-caller",
    "pin-refused",
    "colleague-needed",
    "forgotten-pin",
    "change-details",
    "who-speaks",
    "thanks",
    "card-help",
    "fraud-help",
    "transfer-again",
];

/// What the rules ask the host for.
pub trait Bank {
    /// The caller's accounts.
    fn accounts(&self) -> Result<Vec<Account>, Failure>;
    /// The balance of one of them.
    fn balance(&self, account: &str) -> Result<Balance, Failure>;
    /// The statement of a month, none for the newest.
    fn statement(&self, account: &str, month: Option<&str>) -> Result<Statement, Failure>;
    /// Who the caller is.
    fn profile(&self) -> Result<Profile, Failure>;
    /// Pays what the policies allowed in this turn.
    fn pay(&self, transfer: &Transfer) -> Result<Payment, Failure>;
    /// Applies for a loan.
    fn apply_for_loan(&self, loan: &Loan) -> Result<Application, Failure>;
    /// Applies for a credit card.
    fn apply_for_credit_card(&self, card: &CreditCard) -> Result<Application, Failure>;
    /// The state of one of the caller's applications.
    fn application(&self, id: &str) -> Result<Application, Failure>;
    /// What the bank's own agent says to an open question, without any figure.
    fn answer(&self, question: &str) -> Result<String, Failure>;
}

/// Makes one intent happen.
pub fn fulfil(turn: &Turn, intent: Intent, bank: &impl Bank) -> Outcome {
    match intent {
        Intent::Balance(account) => outcome(bank.balance(&account), |balance| {
            Outcome::Balances(vec![balance])
        }),
        Intent::Accounts => outcome(balances(&turn.text, bank), Outcome::Balances),
        Intent::Statements(query) => {
            let statement = bank.statement(&query.account, query.month.as_deref());
            outcome(statement, Outcome::Statement)
        }
        Intent::Profile => outcome(bank.profile(), Outcome::Profile),
        Intent::Transfer(transfer) => outcome(bank.pay(&transfer), Outcome::Paid),
        Intent::Loan(loan) => outcome(bank.apply_for_loan(&loan), Outcome::Applied),
        Intent::CreditCard(card) => outcome(bank.apply_for_credit_card(&card), Outcome::Applied),
        Intent::ApplicationStatus(id) => outcome(bank.application(&id), Outcome::Applied),
        // The host resolves an answer against what is pending; here nothing was.
        Intent::Affirm => Outcome::Said(say::nothing_to_confirm()),
        Intent::Decline => Outcome::Said(say::anything_else()),
        Intent::Cancel => Outcome::Cancelled,
        Intent::Repeat => Outcome::Repeated,
        Intent::Human => Outcome::HandedOff(say::human_requested(turn)),
        Intent::Goodbye => Outcome::Ended,
        Intent::Unknown => misunderstood::answer(turn, bank),
        Intent::Custom(wanted) => {
            aside::answer(turn, &wanted).unwrap_or(Outcome::Failed(Failure::Unsupported))
        }
    }
}

// Of the accounts that the words name, where they name several, and else of all. One balance that cannot be read fails the whole
// answer: a caller must not take a part for all they have.
fn balances(text: &str, bank: &impl Bank) -> Result<Vec<Balance>, Failure> {
    let all = bank.accounts()?;
    let is_named = |account: &&Account| {
        let account = speech::account::Account {
            id: &account.id,
            kind: &account.kind,
            nickname: account.nickname.as_deref(),
        };
        speech::account::is_named(&account, text)
    };
    let named: Vec<&Account> = all.iter().filter(is_named).collect();
    let asked = if named.len() > 1 {
        named
    } else {
        all.iter().collect()
    };
    asked
        .into_iter()
        .map(|account| bank.balance(&account.id))
        .collect()
}

fn outcome<T>(result: Result<T, Failure>, say: impl FnOnce(T) -> Outcome) -> Outcome {
    match result {
        Ok(value) => say(value),
        Err(failure) => Outcome::Failed(failure),
    }
}

#[cfg(test)]
mod tests;
