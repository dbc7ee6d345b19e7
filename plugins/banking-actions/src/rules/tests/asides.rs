//! What comes of what is said beside banking, what is told when a colleague takes over, and which balances are read.
//! The turns here have confirmed nothing unless they say so.

use super::*;
use crate::bindings::bank::voice::types::Pending;

const CONNECTING: &str = "I am connecting you to a colleague. One moment please.";

/// A turn in which nothing was confirmed.
fn asked(pending: Option<Pending>) -> Turn {
    Turn {
        confirmed: false,
        pending,
        ..turn(0)
    }
}

fn own(name: &str) -> Intent {
    Intent::Custom(CustomIntent {
        name: name.into(),
        slots: Vec::new(),
    })
}

fn connected(outcome: Outcome) -> String {
    match outcome {
        Outcome::HandedOff(say) => say.text,
        other => panic!("nobody is connected: {other:?}"),
    }
}

#[test]
fn what_is_said_beside_banking_has_its_sentence() {
    for (name, code) in [
        ("help", "what_can_be_done"),
        ("greeting", "greeted"),
        ("stay", "still_here"),
        ("unheard", "unheard"),
        ("unclear-answer", "unclear_answer"),
        ("one-at-a-time", "one_at_a_time"),
        ("transfer-later", "transfer_later"),
        ("others-account", "others_account"),
        ("another-caller", "another_caller"),
        ("who-speaks", "automated"),
        ("thanks", "welcome"),
        ("transfer-again", "transfer_again"),
    ] {
        let Outcome::Said(say) = fulfil(&asked(None), own(name), &Sample::default()) else {
            panic!("no sentence for {name}")
        };
        assert_eq!(say.code, code);
        assert!(say.text.split_whitespace().count() < 30);
        assert!(INTENTS.contains(&name), "{name}");
    }
}

#[test]
fn money_that_waits_keeps_its_question_beside_a_lost_card() {
    for (name, code) in [("card-help", "card_help"), ("fraud-help", "fraud_help")] {
        let wanted = Intent::Custom(CustomIntent {
            name: name.into(),
            slots: vec![("not_made".into(), "transfer".into())],
        });
        let outcome = fulfil(&asked(None), wanted, &Sample::default());
        assert!(matches!(outcome, Outcome::Said(say) if say.code == code));
    }
}

#[test]
fn a_colleague_is_offered_for_what_cannot_be_done_here() {
    for name in ["forgotten-pin", "change-details", "card-help", "fraud-help"] {
        let offered = fulfil(&asked(None), own(name), &Sample::default());
        assert!(matches!(offered, Outcome::Confirmation(say) if say.text.ends_with('?')));
        let agreed = fulfil(&turn(0), own(name), &Sample::default());
        assert_eq!(connected(agreed), CONNECTING);
    }
    let wanted = Intent::Custom(CustomIntent {
        name: "forgotten-pin".into(),
        slots: vec![("not_made".into(), "transfer".into())],
    });
    let agreed = connected(fulfil(&turn(0), wanted, &Sample::default()));
    assert_eq!(agreed, format!("The transfer was not made. {CONNECTING}"));
}

#[test]
fn who_is_connected_while_money_waits_is_told_that_it_was_not_moved() {
    let human = |intent| {
        let pending = Some(Pending::Confirm(intent));
        connected(fulfil(&asked(pending), Intent::Human, &Sample::default()))
    };
    let told = human(Intent::Transfer(transfer()));
    assert_eq!(told, format!("The transfer was not made. {CONNECTING}"));
    let told = human(Intent::Loan(loan()));
    assert_eq!(told, format!("The application was not made. {CONNECTING}"));
    assert_eq!(human(Intent::Unknown), CONNECTING);
}

#[test]
fn balances_are_of_the_accounts_that_were_named() {
    let bank = Sample {
        has_market: true,
        ..Sample::default()
    };
    let read = |text: &str| {
        let turn = Turn {
            text: text.into(),
            ..turn(0)
        };
        let Outcome::Balances(balances) = fulfil(&turn, Intent::Accounts, &bank) else {
            panic!("no balances")
        };
        let ids = balances.into_iter().map(|balance| balance.account.id);
        ids.collect::<Vec<_>>()
    };
    assert_eq!(
        read("savings and market balance"),
        ["savings_1", "market_1"]
    );
    let all = ["checking_1", "savings_1", "market_1"];
    for text in [
        "all my balances",
        "what do I have",
        "",
        "my savings and all",
    ] {
        assert_eq!(read(text), all, "{text}");
    }
}
