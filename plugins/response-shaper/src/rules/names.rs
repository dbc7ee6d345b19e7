//! What accounts are called in a reply: by nickname or kind, never by id.
//! Enumerations name as many as fit into the bound and count the rest.

use super::Bounds;
use crate::bindings::bank::voice::types::Account;
use speech::{account, number, sentence};

/// The names of a list of accounts, in its order.
pub fn labels(accounts: &[Account]) -> Vec<String> {
    let all: Vec<account::Account<'_>> = accounts.iter().map(named).collect();
    all.iter()
        .map(|one| sentence::clean(&account::label(one, &all)))
        .collect()
}

/// "your checking account", for any id.
pub fn owned(id: &str, accounts: &[Account]) -> String {
    let all: Vec<account::Account<'_>> = accounts.iter().map(named).collect();
    account::with_owner(&sentence::clean(&account::label_of(id, &all)))
}

/// "You have three accounts: checking, savings and one more."
pub fn accounts(accounts: &[Account], bounds: &Bounds) -> String {
    let labels = labels(accounts);
    match labels.as_slice() {
        [] => "I could not find any account of yours.".into(),
        [only] => format!("You have one account, {}.", account::with_owner(only)),
        several => {
            let count = number::words(several.len() as u64);
            let said = |named: usize| {
                format!(
                    "You have {count} accounts: {}.",
                    sentence::list(&some(several, named), "and")
                )
            };
            fewest(several.len().min(bounds.named_max), bounds, said)
        }
    }
}

/// The first items, and how many more there are.
pub fn some(items: &[String], named: usize) -> Vec<String> {
    let mut said = items[..named.min(items.len())].to_vec();
    let left = items.len() - said.len();
    if left > 0 {
        said.push(format!("{} more", number::words(left as u64)));
    }
    said
}

/// The sentence with as many items as fit into the bound, at least one.
pub fn fewest(most: usize, bounds: &Bounds, said: impl Fn(usize) -> String) -> String {
    let fitting = (1..=most).rev().map(&said).find(|text| bounds.fits(text));
    fitting.unwrap_or_else(|| said(1))
}

fn named(account: &Account) -> account::Account<'_> {
    account::Account {
        id: &account.id,
        kind: &account.kind,
        nickname: account.nickname.as_deref(),
    }
}
