//! Balances and payments in words.
//! An amount is said whole or not at all: what does not fit is left out and counted.

use super::{Bounds, names};
use crate::bindings::bank::voice::types::{Account, Balance, Money, Payment, PaymentStatus};
use speech::{account, money, sentence};

/// "You have five thousand dollars and fifty cents in your checking account."
pub fn balances(balances: &[Balance], bounds: &Bounds) -> String {
    let accounts: Vec<Account> = balances
        .iter()
        .map(|balance| balance.account.clone())
        .collect();
    let labels = names::labels(&accounts);
    match balances {
        [] => "I could not find any account of yours.".into(),
        [only] => {
            let (place, amount) = (account::with_owner(&labels[0]), &only.available);
            if amount.minor < 0 {
                let owed = Money {
                    minor: amount.minor.saturating_neg(),
                    ..amount.clone()
                };
                return format!(
                    "{} is overdrawn by {}.",
                    sentence::capitalised(&place),
                    words(&owed)
                );
            }
            format!("You have {} in {place}.", words(amount))
        }
        several => {
            let each = several.iter().zip(&labels);
            let items: Vec<String> = each
                .map(|(balance, label)| format!("{} in {label}", words(&balance.available)))
                .collect();
            let said = |named: usize| {
                format!(
                    "You have {}.",
                    sentence::list(&names::some(&items, named), "and")
                )
            };
            let most = several.len().min(bounds.named_max);
            names::fewest(most, bounds, |named| more_accounts(said(named)))
        }
    }
}

/// "I moved five hundred dollars from your checking account to your savings account."
pub fn paid(payment: &Payment, accounts: &[Account]) -> String {
    let transfer = &payment.transfer;
    let from = names::owned(&transfer.from_account, accounts);
    let to = names::owned(&transfer.to_account, accounts);
    let amount = words(&transfer.amount);
    match payment.status {
        PaymentStatus::Completed => format!("Done. I moved {amount} from {from} to {to}."),
        PaymentStatus::Pending => {
            format!("Your transfer of {amount} from {from} to {to} is on its way.")
        }
    }
}

fn words(amount: &Money) -> String {
    money::words(amount.minor, &amount.currency)
}

// "and two more" of balances are accounts.
fn more_accounts(text: String) -> String {
    match text.strip_suffix(" one more.") {
        Some(start) => format!("{start} one more account."),
        None => text,
    }
}
