//! What an earlier turn left open, and how the next words fill or correct it.
//! A pending question must neither hold the caller nor be filled by words that say nothing about it.

use super::*;
use crate::bindings::bank::voice::types::{
    CreditCardDraft, CustomIntent, Loan, LoanDraft, StatementsQuery,
};

#[test]
fn a_slot_is_filled_from_the_next_words() {
    let (checking, savings) = (Some("checking_1"), Some("savings_1"));
    for (known, slot, text) in [
        (draft(checking, None, Some(5_000)), "to_account", "savings"),
        (
            draft(checking, None, Some(5_000)),
            "to_account",
            "to my savings account please",
        ),
        (
            draft(None, savings, Some(5_000)),
            "from_account",
            "checking",
        ),
        (
            draft(None, savings, Some(5_000)),
            "from_account",
            "from checking",
        ),
        (draft(checking, savings, None), "amount", "fifty dollars"),
        (draft(checking, savings, None), "amount", "fifty"),
        (draft(checking, savings, None), "amount", "make it 50"),
        (
            draft(None, None, Some(5_000)),
            "from_account",
            "from checking to savings",
        ),
        (
            draft(None, savings, None),
            "from_account",
            "fifty from checking",
        ),
        (
            draft(checking, savings, Some(9_900)),
            "amount",
            "transfer fifty dollars",
        ),
    ] {
        assert_eq!(
            answer(known, slot, text),
            moved("checking_1", "savings_1", 5_000),
            "{text}"
        );
    }
}

#[test]
fn what_is_still_missing_is_asked_for_next() {
    let (code, left) = asked(answer(
        draft(None, None, Some(5_000)),
        "from_account",
        "checking",
    ));
    assert_eq!(code, "to_account_needed");
    assert_eq!(
        left,
        Draft::Transfer(draft(Some("checking_1"), None, Some(5_000)))
    );
    let again = answer(
        draft(Some("checking_1"), None, Some(5_000)),
        "to_account",
        "checking",
    );
    assert_eq!(asks_for(again), "to_account_same");
    let again = answer(
        draft(Some("checking_1"), Some("savings_1"), None),
        "amount",
        "twelve fifty",
    );
    assert_eq!(asks_for(again), "amount_unclear");
}

#[test]
fn a_pending_slot_does_not_hold_the_caller() {
    let open = || draft(Some("checking_1"), None, Some(5_000));
    for (text, intent) in [
        ("cancel", Intent::Cancel),
        (
            "what's my savings balance",
            Intent::Balance("savings_1".into()),
        ),
        ("the weather is nice", Intent::Unknown),
        ("no", Intent::Decline),
    ] {
        assert_eq!(answer(open(), "to_account", text), plain(intent), "{text}");
    }
}

#[test]
fn a_transfer_that_waits_for_a_yes_can_be_corrected() {
    let waiting = || {
        Some(Pending::Confirm(Intent::Transfer(transfer(
            "checking_1",
            "savings_1",
            10_000,
        ))))
    };
    for (text, routed) in [
        ("no, make it fifty", moved("checking_1", "savings_1", 5_000)),
        (
            "make it fifty dollars",
            moved("checking_1", "savings_1", 5_000),
        ),
        (
            "yes but make it fifty",
            moved("checking_1", "savings_1", 5_000),
        ),
        ("no, to savings_2", moved("checking_1", "savings_2", 10_000)),
        ("yes, one hundred dollars to savings", plain(Intent::Affirm)),
        ("yes a hundred", plain(Intent::Affirm)),
        ("yes that's it", plain(Intent::Affirm)),
        (
            "no, send fifty dollars instead",
            moved("checking_1", "savings_1", 5_000),
        ),
        ("no that's all", plain(Intent::Goodbye)),
        ("no, to savings", moved("checking_1", "savings_1", 10_000)),
        ("actually, fifty", moved("checking_1", "savings_1", 5_000)),
        (
            "sorry, I meant fifty dollars",
            moved("checking_1", "savings_1", 5_000),
        ),
        (
            "change it to fifty dollars",
            moved("checking_1", "savings_1", 5_000),
        ),
        (
            "no, send it to savings_2 instead",
            moved("checking_1", "savings_2", 10_000),
        ),
        (
            "no wait, move that to savings_2",
            moved("checking_1", "savings_2", 10_000),
        ),
        (
            "no, from savings to checking",
            moved("savings_1", "checking_1", 10_000),
        ),
        (
            "I meant from savings to checking",
            moved("savings_1", "checking_1", 10_000),
        ),
        (
            "no, take fifty from savings and put it in checking",
            moved("savings_1", "checking_1", 5_000),
        ),
    ] {
        assert_eq!(says(&alice(), text, waiting()), routed, "{text}");
    }
}

#[test]
fn a_correction_that_leaves_something_open_is_asked_about() {
    let waiting = || {
        let open = transfer("checking_1", "savings_1", 10_000);
        Some(Pending::Confirm(Intent::Transfer(open)))
    };
    assert_eq!(
        asks_for(says(&alice(), "no, twelve fifty", waiting())),
        "amount_unclear"
    );
    for text in [
        "no, from savings",
        "I meant from savings",
        "no, take it from savings",
    ] {
        let (code, left) = asked(says(&alice(), text, waiting()));
        assert_eq!(code, "to_account_same", "{text}");
        let kept = draft(Some("savings_1"), None, Some(10_000));
        assert_eq!(left, Draft::Transfer(kept), "{text}");
    }
    assert_eq!(
        asks_for(says(&alice(), "no, checking", waiting())),
        "to_account_unclear"
    );
    // Accounts of its own make it a new transfer, of which nothing is taken over.
    let new = says(&alice(), "send fifty dollars to savings_2", waiting());
    assert_eq!(asks_for(new), "from_account_needed");
}

#[test]
fn a_correction_is_never_a_yes() {
    let waiting = |intent| Some(Pending::Confirm(Intent::Transfer(intent)));
    for text in [
        "yes, make it fifty",
        "yes fifty",
        "okay but fifty dollars",
        "sure, from savings to checking",
        "yes to savings_2",
        "right, but a thousand",
    ] {
        let pending = waiting(transfer("checking_1", "savings_1", 10_000));
        let routed = says(&alice(), text, pending);
        assert_ne!(routed, plain(Intent::Affirm), "{text}");
    }
}

#[test]
fn a_correction_keeps_the_other_slots_while_the_pin_is_awaited_too() {
    let waiting = Intent::Transfer(transfer("checking_1", "savings_1", 50_000));
    assert_eq!(
        says(
            &alice(),
            "no, make it fifty dollars",
            Some(Pending::StepUp(waiting))
        ),
        moved("checking_1", "savings_1", 5_000)
    );
}

#[test]
fn a_balance_and_a_statement_wait_for_their_account() {
    let balance = || slot_question(Draft::Balance, "account_id");
    assert_eq!(
        says(&alice(), "savings", balance()),
        plain(Intent::Balance("savings_1".into()))
    );
    assert_eq!(says(&alice(), "both", balance()), plain(Intent::Accounts));
    let statements = slot_question(Draft::Statements(Some("2026-03".into())), "account_id");
    let query = StatementsQuery {
        account: "savings_1".into(),
        month: Some("2026-03".into()),
    };
    assert_eq!(
        says(&alice(), "the savings one", statements),
        plain(Intent::Statements(query))
    );
}

#[test]
fn a_loan_is_completed_over_several_turns() {
    let ask = |draft: LoanDraft, slot: &str, text: &str| {
        says(&alice(), text, slot_question(Draft::Loan(draft), slot))
    };
    let draft = |purpose: Option<&str>, years| LoanDraft {
        amount: Some(usd(500_000)),
        purpose: purpose.map(String::from),
        years,
    };
    let loan = |purpose: &str| {
        plain(Intent::Loan(Loan {
            amount: usd(500_000),
            purpose: purpose.into(),
            years: 5,
        }))
    };
    assert_eq!(ask(draft(Some("car"), None), "years", "five"), loan("car"));
    assert_eq!(
        ask(draft(Some("car"), None), "years", "sixty months"),
        loan("car")
    );
    assert_eq!(
        ask(draft(None, Some(5)), "purpose", "to pay my credit card"),
        loan("to pay my credit card")
    );
    assert_eq!(
        ask(draft(None, Some(5)), "purpose", "for a car"),
        loan("car")
    );
    assert_eq!(
        asks_for(ask(draft(Some("car"), None), "years", "two hundred")),
        "years_invalid"
    );
    let corrected = ask(
        draft(Some("car"), None),
        "years",
        "no, six thousand dollars",
    );
    assert!(
        matches!(&corrected, Routed::Ask(Question { draft: Draft::Loan(loan), slot, .. })
            if loan.amount == Some(usd(600_000)) && slot == "years"),
        "{corrected:?}"
    );
}

#[test]
fn a_question_or_a_doubt_at_a_free_text_is_no_answer() {
    let card = CreditCardDraft {
        kind: None,
        limit: Some(usd(100_000)),
    };
    let loan = LoanDraft {
        amount: Some(usd(500_000)),
        purpose: None,
        years: Some(5),
    };
    for (draft, slot) in [
        (Draft::CreditCard(card), "card_type"),
        (Draft::Loan(loan), "purpose"),
    ] {
        for text in [
            "which kinds are there?",
            "what do you mean",
            "what is there",
            "I'm not sure",
            "I don't know",
            "no idea",
        ] {
            let routed = says(&alice(), text, slot_question(draft.clone(), slot));
            assert_eq!(routed, plain(Intent::Unknown), "{slot}: {text}");
        }
    }
}

#[test]
fn a_loan_has_one_number_of_years_and_it_is_positive() {
    let loan = LoanDraft {
        amount: Some(usd(500_000)),
        purpose: Some("car".into()),
        years: None,
    };
    let years = |text| {
        says(
            &alice(),
            text,
            slot_question(Draft::Loan(loan.clone()), "years"),
        )
    };
    for (text, code) in [
        ("minus five years", "years_invalid"),
        ("negative five", "years_invalid"),
        ("five or ten years", "years_unclear"),
        ("five or ten", "years_unclear"),
        ("between five and ten years", "years_unclear"),
        ("five years or ten years", "years_unclear"),
    ] {
        assert_eq!(asked(years(text)).0, code, "{text}");
    }
    for text in ["five", "five years", "about five years", "sixty months"] {
        let routed = years(text);
        assert!(
            matches!(&routed, Routed::Intent(Intent::Loan(loan)) if loan.years == 5),
            "{text}: {routed:?}"
        );
    }
}

#[test]
fn a_card_and_an_application_wait_for_their_slots() {
    let card = CreditCardDraft {
        kind: None,
        limit: Some(usd(100_000)),
    };
    let routed = says(
        &alice(),
        "the gold one",
        slot_question(Draft::CreditCard(card), "card_type"),
    );
    assert!(matches!(routed, Routed::Intent(Intent::CreditCard(card)) if card.kind == "gold"));
    let status = |name: &str| {
        let draft = CustomIntent {
            name: name.into(),
            slots: Vec::new(),
        };
        slot_question(Draft::Custom(draft), "application_id")
    };
    assert_eq!(
        says(&alice(), "it's loan_42", status("application-status")),
        plain(Intent::ApplicationStatus("loan_42".into()))
    );
    for (text, id) in [("five zero two", "502"), ("it's 7 oh one four", "7014")] {
        assert_eq!(
            says(&alice(), text, status("application-status")),
            plain(Intent::ApplicationStatus(id.into())),
            "{text}"
        );
    }
    assert_eq!(
        says(&alice(), "the blue one", status("another-routers")),
        Routed::Pass
    );
}
