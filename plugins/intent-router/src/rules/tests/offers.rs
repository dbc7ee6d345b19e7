//! A colleague is offered while a question of the caller's waits: yes and no are for the offer, the rest for the question.
//! Neither a yes to the money beneath nor one to the offer is ever taken for the other.

use super::*;
use crate::bindings::bank::voice::types::LoanDraft;

fn at_offer(text: &str, beneath: Option<Pending>) -> Routed {
    let turn = Turn {
        misunderstood: 2,
        extra: vec![("offer".into(), "unknown".into())],
        ..turn(text, beneath)
    };
    route(&turn, &preferences(), &alice())
}

fn which_balance() -> Option<Pending> {
    slot_question(Draft::Balance, "account_id")
}

fn how_much() -> Option<Pending> {
    let draft = TransferDraft {
        from_account: Some("checking_1".into()),
        to_account: Some("savings_1".into()),
        amount: None,
        memo: None,
    };
    slot_question(Draft::Transfer(draft), "amount")
}

/// "What is the loan for?"
pub fn what_for() -> Option<Pending> {
    let draft = LoanDraft {
        amount: Some(usd(500_000)),
        purpose: None,
        years: None,
    };
    slot_question(Draft::Loan(draft), "purpose")
}

#[test]
fn yes_and_no_answer_the_offer_whatever_waits_beneath() {
    let waits = || confirms("checking_1", "savings_1", 1_000);
    let step_up = || {
        let transfer = transfer("checking_1", "savings_1", 1_000);
        Some(Pending::StepUp(Intent::Transfer(transfer)))
    };
    let beneath = || [which_balance(), how_much(), what_for(), waits(), step_up()];
    for open in beneath() {
        for (text, intent) in [
            ("yes", Intent::Affirm),
            ("yes please", Intent::Affirm),
            ("sure", Intent::Affirm),
            ("no", Intent::Decline),
            ("no thank you", Intent::Decline),
            ("no, not really", Intent::Decline),
            ("I don't want a colleague", Intent::Decline),
            ("agent", Intent::Human),
            ("never mind", Intent::Cancel),
        ] {
            let routed = at_offer(text, open.clone());
            assert_eq!(routed, plain(intent), "{text}: {open:?}");
        }
    }
}

#[test]
fn what_was_asked_before_the_offer_can_be_answered_with_a_no_in_front_or_without() {
    for text in ["savings", "no, savings", "the savings one please"] {
        let routed = at_offer(text, which_balance());
        assert_eq!(routed, plain(Intent::Balance("savings_1".into())), "{text}");
    }
    for text in ["ten dollars", "no, ten dollars", "10 dollars"] {
        let routed = at_offer(text, how_much());
        let ten = Intent::Transfer(transfer("checking_1", "savings_1", 1_000));
        assert_eq!(routed, plain(ten), "{text}");
    }
    for text in ["make it twenty", "no, make it twenty"] {
        let routed = at_offer(text, confirms("checking_1", "savings_1", 1_000));
        let twenty = Intent::Transfer(transfer("checking_1", "savings_1", 2_000));
        assert_eq!(routed, plain(twenty), "{text}");
    }
    assert_eq!(asked(at_offer("for a car", what_for())).0, "years_needed");
}

#[test]
fn a_yes_to_the_money_beneath_is_none_to_the_offer_and_none_to_the_money() {
    let waits = || confirms("checking_1", "savings_1", 1_000);
    for text in [
        "yes, ten dollars to savings",
        "yes transfer ten dollars",
        "yes transfer it",
        "yes, send the money",
    ] {
        let routed = at_offer(text, waits());
        assert_eq!(routed, plain(own("unclear-answer")), "{text}");
    }
}

#[test]
fn a_yes_with_its_reason_is_a_yes_to_the_offer() {
    for text in [
        "yes, it was stolen yesterday",
        "yes please, quickly",
        "yes I lost it in a shop",
    ] {
        assert_eq!(at_offer(text, None), plain(Intent::Affirm), "{text}");
    }
    for text in ["yes but not now", "yes, savings"] {
        let routed = at_offer(text, which_balance());
        assert_ne!(routed, plain(Intent::Affirm), "{text}");
    }
}

#[test]
fn words_that_answer_neither_are_not_understood() {
    for open in [which_balance(), how_much(), None] {
        let routed = at_offer("the purple elephants dance", open);
        assert_eq!(routed, plain(Intent::Unknown));
    }
}
