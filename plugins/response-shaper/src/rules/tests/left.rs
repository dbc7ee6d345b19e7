//! What is said of a stop, of a wish that could not be done with another, and of money that is heard of again.
//! Nothing may sound as if money came back, or moved a second time.

use super::*;
use crate::bindings::bank::voice::types::{Draft, LoanDraft, Message, Question};

fn waiting() -> Option<Pending> {
    let Outcome::Paid(paid) = payment("savings_1", PaymentStatus::Completed) else {
        panic!("no payment")
    };
    Some(Pending::Confirm(Intent::Transfer(paid.transfer)))
}

fn heard(text: &str, pending: Option<Pending>, outcome: &Outcome, draft: &str) -> String {
    let turn = Turn {
        confirmed: false,
        ..turn(text, pending)
    };
    let draft = Reply {
        text: draft.into(),
        ..super::draft()
    };
    shape(&turn, outcome, &draft, &bounds(), Vec::new).text
}

#[test]
fn nothing_is_told_as_cancelled_where_nothing_waited() {
    let said = |pending| heard("cancel that", pending, &Outcome::Cancelled, "Dropped.");
    assert!(said(waiting()).contains("I cancelled that"));
    let balance = Question {
        draft: Draft::Balance,
        slot: "account_id".into(),
        say: message("Which account do you mean?"),
    };
    for pending in [None, Some(Pending::Slot(balance))] {
        let said = said(pending);
        assert!(!said.contains("cancelled"), "{said}");
    }
    assert!(said(None).contains("Nothing is waiting"));
}

#[test]
fn a_wish_that_came_along_is_named() {
    let text = "actually never mind, what's my savings balance";
    assert_eq!(
        heard(text, waiting(), &Outcome::Cancelled, ""),
        "All right, I cancelled that. For your balance, please ask me again."
    );
    let asked = Outcome::Confirmation(message("Four dollars from checking to savings, shall I?"));
    let text = "transfer four dollars from checking to savings and tell me my balance";
    assert_eq!(
        heard(text, None, &asked, ""),
        "One thing after the other. Four dollars from checking to savings, shall I?"
    );
    let waits = Outcome::Confirmation(Message {
        code: "confirm_transfer".into(),
        ..message("Ten dollars from savings to checking, shall I?")
    });
    for text in [
        "balance of savings please, then move ten dollars to checking",
        "Balance of savings please. Move ten dollars to checking.",
    ] {
        assert_eq!(
            heard(text, None, &waits, ""),
            "One thing after the other. Ten dollars from savings to checking, shall I?"
        );
    }
    let missing = Outcome::Asked(Question {
        draft: Draft::Loan(LoanDraft {
            amount: None,
            purpose: None,
            years: None,
        }),
        slot: "amount".into(),
        say: message("How much would you like to borrow?"),
    });
    assert_eq!(
        heard("my balance please, and then a loan", None, &missing, ""),
        "One thing after the other. How much would you like to borrow?"
    );
    let text = "transfer four dollars from checking to savings";
    assert_eq!(
        heard(text, None, &asked, ""),
        "Four dollars from checking to savings, shall I?"
    );
}

#[test]
fn money_that_is_heard_of_again_does_not_sound_like_more() {
    let done = "Done. I moved four dollars from your checking account to your savings account.";
    assert_eq!(
        heard("again", None, &Outcome::Repeated, done),
        "I said: I moved four dollars from your checking account to your savings account. Nothing more was moved since."
    );
    assert_eq!(heard("again", None, &Outcome::Repeated, "Hello."), "Hello.");
}

#[test]
fn a_failure_asks_nothing_while_another_question_is_open() {
    let missing = Outcome::Failed(Failure::NotFound("account".into()));
    assert_eq!(
        heard("", waiting(), &missing, ""),
        "I could not find that account."
    );
    assert!(heard("", None, &missing, "").ends_with('?'));
}
