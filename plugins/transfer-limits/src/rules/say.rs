//! Every sentence of this policy, each with its stable code.
//! Ids are never part of a text or a parameter, only what an account is called.

use super::limits::Payees;
use crate::bindings::bank::voice::types::{
    Account, Channel, CreditCard, Loan, Message, Money, Transfer,
};
use speech::{account, money, number, sentence};

fn message(code: &str, text: impl Into<String>) -> Message {
    Message {
        code: code.into(),
        parameters: Vec::new(),
        text: text.into(),
    }
}

fn with(mut message: Message, parameters: &[(&str, String)]) -> Message {
    let named = parameters
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.clone()));
    message.parameters.extend(named);
    message
}

/// "Five hundred dollars from checking to savings, shall I?"
pub fn confirm_transfer(wanted: &Transfer, accounts: &[Account]) -> Message {
    let (from, to) = (
        label(&wanted.from_account, accounts),
        label(&wanted.to_account, accounts),
    );
    let said = sentence::capitalised(&words(&wanted.amount));
    let confirm = message(
        "confirm_transfer",
        format!("{said} from {from} to {to}, shall I?"),
    );
    let amount = money::decimal(wanted.amount.minor, &wanted.amount.currency);
    let currency = wanted.amount.currency.clone();
    with(
        confirm,
        &[
            ("amount", amount),
            ("currency", currency),
            ("from_account", from),
            ("to_account", to),
        ],
    )
}

/// "A loan of five thousand dollars for car over five years, shall I apply?"
pub fn confirm_loan(loan: &Loan) -> Message {
    let (amount, years) = (words(&loan.amount), number::words(u64::from(loan.years)));
    let unit = if loan.years == 1 { "year" } else { "years" };
    let purpose = sentence::cut(&sentence::clean(&loan.purpose), 8);
    let purpose = purpose.trim_end_matches('.');
    let text = format!("A loan of {amount} over {years} {unit}, purpose {purpose}. Shall I apply?");
    let amount = money::decimal(loan.amount.minor, &loan.amount.currency);
    with(
        message("confirm_loan", text),
        &[
            ("amount", amount),
            ("currency", loan.amount.currency.clone()),
        ],
    )
}

/// "A gold card with a limit of five thousand dollars, shall I apply?"
pub fn confirm_credit_card(card: &CreditCard) -> Message {
    let kind = sentence::cut(&sentence::clean(&card.kind), 6);
    let kind = kind.trim_end_matches('.');
    let limit = words(&card.limit);
    let text = format!("A {kind} credit card with a limit of {limit}, shall I apply?");
    let amount = money::decimal(card.limit.minor, &card.limit.currency);
    with(
        message("confirm_credit_card", text),
        &[("limit", amount), ("currency", card.limit.currency.clone())],
    )
}

/// The PIN comes first.
pub fn pin_needed() -> Message {
    message(
        "pin_needed",
        "For that I need your PIN. Please say or enter it now.",
    )
}

/// Nobody known is on the line.
pub fn caller_unknown() -> Message {
    message(
        "caller_unknown",
        "I could not find a customer with your number, so I cannot reach any account.",
    )
}

/// The source is somebody else's.
pub fn not_your_account() -> Message {
    message(
        "not_your_account",
        "I can only move money from your own accounts.",
    )
}

/// Source and destination are one account.
pub fn accounts_same() -> Message {
    message(
        "accounts_same",
        "That is the same account twice, so there is nothing to move.",
    )
}

/// The destination is not permitted.
pub fn payee_not_allowed(payees: Payees) -> Message {
    let text = match payees {
        Payees::Own => "I can only move money between your own accounts.",
        Payees::Known | Payees::Anyone => {
            "I cannot send money to somebody new on the phone. A colleague can add them for you."
        }
    };
    message("payee_not_allowed", text)
}

/// The refusal of an amount, with the question for another one. Whoever does not speak puts no questions.
pub fn or_another_amount(refusal: Message, channel: Channel) -> Message {
    if channel != Channel::Voice {
        return refusal;
    }
    let text = format!("{} How much should I transfer instead?", refusal.text);
    with(
        Message { text, ..refusal },
        &[("slot", "amount".to_owned())],
    )
}

/// The source does not hold enough.
pub fn insufficient_funds(wanted: &Transfer, accounts: &[Account]) -> Message {
    let from = account::with_owner(&label(&wanted.from_account, accounts));
    message(
        "insufficient_funds",
        format!("There is not enough money in {from} for that."),
    )
}

/// Too much for the night.
pub fn night_limit(max: i64, currency: &str) -> Message {
    let text = format!(
        "At night I can move at most {}.",
        money::words(max, currency)
    );
    with(
        message("night_limit", text),
        &[("max", money::decimal(max, currency))],
    )
}

/// Too much at once.
pub fn over_transfer_max(max: i64, currency: &str) -> Message {
    let text = format!(
        "I can move at most {} at a time.",
        money::words(max, currency)
    );
    with(
        message("over_transfer_max", text),
        &[("max", money::decimal(max, currency))],
    )
}

/// Too much for a day.
pub fn over_day_max() -> Message {
    message(
        "over_day_max",
        "That is more than can be moved by phone within a day.",
    )
}

/// Too often in a day.
pub fn over_day_count() -> Message {
    message(
        "over_day_count",
        "You have made as many transfers today as can be made by phone within a day.",
    )
}

/// A colleague has to see it.
pub fn amount_needs_human(amount: &Money) -> Message {
    let text = format!("For {} I connect you to a colleague.", words(amount));
    with(
        message("amount_needs_human", text),
        &[("amount", money::decimal(amount.minor, &amount.currency))],
    )
}

/// Not an amount that can be moved.
pub fn amount_invalid() -> Message {
    message("amount_invalid", "That is not an amount I can move.")
}

/// Another currency than the accounts'.
pub fn currency_not_supported(currency: &str) -> Message {
    let text = "I cannot move money in that currency.";
    with(
        message("currency_not_supported", text),
        &[("currency", currency.to_owned())],
    )
}

/// The bank could not be asked, so nothing is allowed.
pub fn bank_unavailable() -> Message {
    message(
        "bank_unavailable",
        "I cannot reach your accounts right now, so nothing was moved. Please try again in a moment.",
    )
}

/// The limits could not be read, so nothing is allowed.
pub fn settings_invalid() -> Message {
    message(
        "settings_invalid",
        "I cannot do that right now. A colleague can help you.",
    )
}

fn words(amount: &Money) -> String {
    money::words(amount.minor, &amount.currency)
}

fn label(id: &str, accounts: &[Account]) -> String {
    let names: Vec<account::Account<'_>> = accounts
        .iter()
        .map(|account| account::Account {
            id: &account.id,
            kind: &account.kind,
            nickname: account.nickname.as_deref(),
        })
        .collect();
    sentence::clean(&account::label_of(id, &names))
}
