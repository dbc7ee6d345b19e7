//! What people say when they want to know something or answer something.
//! Everyday words that could mislead stand beside those that are meant.

use super::*;
use crate::bindings::bank::voice::types::{CreditCard, Loan, StatementsQuery};

#[test]
fn a_balance_is_of_the_account_that_was_named() {
    for text in [
        "what's the balance of my checking account",
        "how much money is in checking",
        "how much do I have in my checking",
        "may I have my checking balance please",
        "checking balance",
        "check my checking",
        "balance of checking_1",
        "um so what's in my checking account",
    ] {
        assert_eq!(
            hear(text),
            plain(Intent::Balance("checking_1".into())),
            "{text}"
        );
    }
}

#[test]
fn a_balance_without_an_account_is_asked_for_where_there_are_several() {
    assert_eq!(
        asked(hear("what's my balance")),
        ("account_id_needed".into(), Draft::Balance)
    );
    let one = Sample {
        accounts: Ok(vec![account("x1", "", None)]),
        ..alice()
    };
    assert_eq!(
        says(&one, "what's my balance", None),
        plain(Intent::Balance("x1".into()))
    );
    for text in [
        "all my balances",
        "what are my balances",
        "balance of both accounts",
        "list my accounts",
    ] {
        assert_eq!(hear(text), plain(Intent::Accounts), "{text}");
    }
    assert_eq!(
        asks_for(hear("balance of my money market")),
        "account_id_unknown"
    );
}

#[test]
fn two_accounts_of_one_kind_are_asked_about() {
    let twins = Sample {
        accounts: Ok(vec![
            account("s1", "savings", None),
            account("s2", "savings", None),
        ]),
        ..alice()
    };
    assert_eq!(
        asks_for(says(&twins, "savings balance", None)),
        "account_id_ambiguous"
    );
}

#[test]
fn statements_have_a_month() {
    for (text, month) in [
        ("my checking statement for last month", Some("2026-10")),
        ("checking statement from march", Some("2026-03")),
        (
            "may I have the march 2025 statement of my checking account",
            Some("2025-03"),
        ),
        ("show me my checking statement", None),
        (
            "what transactions were on checking this month",
            Some("2026-11"),
        ),
    ] {
        let query = StatementsQuery {
            account: "checking_1".into(),
            month: month.map(String::from),
        };
        assert_eq!(hear(text), plain(Intent::Statements(query)), "{text}");
    }
    let question = (
        "account_id_needed".into(),
        Draft::Statements(Some("2026-03".into())),
    );
    assert_eq!(asked(hear("my march statement")), question);
}

#[test]
fn the_line_is_answered_too() {
    for (text, intent) in [
        ("I want to talk to a human", Intent::Human),
        ("transfer me to an agent", Intent::Human),
        ("transfer me", Intent::Human),
        ("can I speak to someone", Intent::Human),
        ("goodbye", Intent::Goodbye),
        ("no that's all thank you", Intent::Goodbye),
        ("what is on file for me", Intent::Profile),
        ("what's my address", Intent::Profile),
        ("tell me a joke", Intent::Unknown),
        ("I changed my mind", Intent::Cancel),
        ("cancel my credit card", own("card-help")),
        ("did my transfer go through", Intent::Unknown),
        ("don't transfer anything to savings", Intent::Decline),
    ] {
        assert_eq!(hear(text), plain(intent), "{text}");
    }
}

#[test]
fn loans_and_cards_are_understood_with_their_slots() {
    let loan = |minor, purpose: &str, years| {
        plain(Intent::Loan(Loan {
            amount: usd(minor),
            purpose: purpose.into(),
            years,
        }))
    };
    assert_eq!(
        hear("I'd like a car loan of twenty thousand dollars over five years"),
        loan(2_000_000, "car", 5)
    );
    assert_eq!(
        hear("I want to borrow $5,000 for a new kitchen over 24 months"),
        loan(500_000, "new kitchen", 2)
    );
    assert_eq!(
        asks_for(hear("I want to apply for a loan")),
        "amount_needed"
    );
    assert_eq!(
        asks_for(hear("I need a car loan of 5000 over ninety years")),
        "years_invalid"
    );
    let card = CreditCard {
        kind: "gold".into(),
        limit: usd(300_000),
    };
    assert_eq!(
        hear("apply for a gold credit card with a limit of three thousand dollars"),
        plain(Intent::CreditCard(card))
    );
    assert_eq!(asks_for(hear("I'd like a credit card")), "card_type_needed");
    assert_eq!(
        hear("what's the status of my application loan_123"),
        plain(Intent::ApplicationStatus("loan_123".into()))
    );
    assert_eq!(
        asks_for(hear("has my loan been approved")),
        "application_id_needed"
    );
}

#[test]
fn an_ellipsis_goes_on_with_a_reading_and_never_with_a_transfer() {
    let after = |said| Sample {
        said_before: vec![said, "and savings?"],
        ..alice()
    };
    let savings = plain(Intent::Balance("savings_1".into()));
    assert_eq!(
        says(&after("checking balance"), "and savings?", None),
        savings
    );
    assert_eq!(
        says(&after("checking balance"), "what about my savings", None),
        savings
    );
    let moved = says(
        &after("move 50 from savings to checking"),
        "and savings?",
        None,
    );
    assert_eq!(moved, plain(Intent::Unknown));
    assert_eq!(hear("and savings?"), plain(Intent::Unknown));
}

#[test]
fn another_account_than_the_one_that_was_read_is_read() {
    for text in ["no I meant savings", "sorry, savings", "actually savings"] {
        let bank = Sample {
            said_before: vec!["what's my checking balance", text],
            ..alice()
        };
        let savings = plain(Intent::Balance("savings_1".into()));
        assert_eq!(says(&bank, text, None), savings, "{text}");
    }
}

#[test]
fn whoever_asks_whether_it_is_done_hears_again_what_was() {
    let bank = Sample {
        last_reply: Some(
            "Done. I moved fifty dollars from your checking account to your savings account.",
        ),
        ..alice()
    };
    for text in [
        "did it go through?",
        "did you do it?",
        "did the transfer go through",
        "what did you do?",
        "How much did you move?",
    ] {
        assert_eq!(says(&bank, text, None), plain(Intent::Repeat), "{text}");
        assert_ne!(hear(text), plain(Intent::Repeat), "{text}");
    }
}

#[test]
fn reads_are_routed_although_the_accounts_cannot_be_read() {
    let down = Sample {
        accounts: Err(Failure::Unavailable),
        ..alice()
    };
    assert_eq!(
        says(&down, "balance of checking", None),
        plain(Intent::Balance("checking".into()))
    );
    assert_eq!(
        says(&down, "what's my balance", None),
        plain(Intent::Accounts)
    );
    assert_eq!(
        asks_for(says(&down, "my statements", None)),
        "account_id_needed"
    );
    let asked = says(&down, "move 50 from checking to savings", None);
    let Routed::Ask(question) = &asked else {
        panic!("{asked:?}");
    };
    assert_eq!(
        question.say.text,
        "I cannot look up your accounts right now. Could you ask me again in a moment?"
    );
    assert_eq!(asks_for(asked), "from_account_unreachable");
}

#[test]
fn savings_too_goes_on_with_a_reading() {
    let after = Sample {
        said_before: vec!["checking balance", "savings too"],
        ..alice()
    };
    assert_eq!(
        says(&after, "savings too", None),
        plain(Intent::Balance("savings_1".into()))
    );
}
