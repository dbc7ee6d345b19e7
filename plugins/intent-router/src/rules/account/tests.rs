//! The ways people name their accounts.
//! One caller with twins of a kind, a nickname and an account without a kind serves all cases.

use super::*;
use crate::rules::tests::{account, known};

fn targets(text: &str) -> Vec<(Target, Role)> {
    let known = known(&[
        account("checking_1", "checking", None),
        account("savings_1", "savings", Some("Rainy day")),
        account("savings_2", "savings", None),
        account("990012345", "", None),
    ]);
    let found = mentions(&Heard::new(text), &known);
    found
        .into_iter()
        .map(|mention| (mention.target, mention.role))
        .collect()
}

fn own(id: &str) -> Target {
    Target::Own(id.into())
}

#[test]
fn accounts_are_known_by_id_nickname_kind_and_last_digits() {
    let both = || Target::Several(vec!["savings_1".into(), "savings_2".into()]);
    for (text, target) in [
        ("checking_1", own("checking_1")),
        ("CHECKING_1", own("checking_1")),
        ("my checking account", own("checking_1")),
        ("the current account", own("checking_1")),
        ("chequing", own("checking_1")),
        ("rainy day", own("savings_1")),
        ("Rainy-Day", own("savings_1")),
        ("savings", both()),
        ("saving", both()),
        ("savings two", own("savings_2")),
        ("savings account ending in 2", own("savings_2")),
        ("the one ending in 2345", own("990012345")),
        (
            "the account ending in two three four five",
            own("990012345"),
        ),
        ("990012345", own("990012345")),
        (
            "account number 55667788",
            Target::Foreign("55667788".into()),
        ),
        ("checking_9", Target::Foreign("checking_9".into())),
        ("money market", Target::Missing("market".into())),
        ("the account ending in 7777", Target::Missing("7777".into())),
    ] {
        assert_eq!(targets(text), [(target, Role::Open)], "{text}");
    }
}

#[test]
fn everyday_words_are_no_accounts() {
    for text in [
        "check my current balance",
        "one moment",
        "fifty dollars",
        "how much money",
    ] {
        assert_eq!(targets(text), [], "{text}");
    }
}

#[test]
fn prepositions_tell_the_part_an_account_plays() {
    for (text, source, destination) in [
        ("from my checking to rainy day", "checking_1", "savings_1"),
        (
            "into savings two out of checking",
            "checking_1",
            "savings_2",
        ),
        ("pay savings_2 using checking", "checking_1", "savings_2"),
        (
            "put it in the rainy day account from checking one",
            "checking_1",
            "savings_1",
        ),
    ] {
        let mut found = targets(text);
        found.sort_by_key(|(_, role)| *role != Role::Source);
        let expected = [
            (own(source), Role::Source),
            (own(destination), Role::Destination),
        ];
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn an_amount_behind_an_account_is_not_part_of_its_id() {
    assert_eq!(
        targets("from checking one hundred dollars"),
        [(own("checking_1"), Role::Source)]
    );
    let heard = Heard::new("from checking one hundred dollars");
    let found = mentions(&heard, &known(&[account("checking_1", "checking", None)]));
    assert_eq!(found[0].span, 1..2);
}
