//! What comes of each intent at a bank that answers, and at one that does not.
//! The sample bank counts what it is asked to pay, so that a second payment would be seen.

mod asides;

use super::*;
use crate::bindings::bank::voice::types::{
    Call, Caller, Channel, CustomIntent, Direction, Money, Payee, PaymentStatus, Pending,
    StatementsQuery, Trust,
};
use std::cell::RefCell;

#[derive(Default)]
struct Sample {
    failure: Option<Failure>,
    balance_failure: Option<Failure>,
    has_market: bool,
    paid: RefCell<Vec<Transfer>>,
}

impl Sample {
    fn answer<T>(&self, value: T) -> Result<T, Failure> {
        match &self.failure {
            Some(failure) => Err(failure.clone()),
            None => Ok(value),
        }
    }
}

fn account(id: &str) -> Account {
    Account {
        id: id.into(),
        kind: String::new(),
        nickname: None,
        currency: "USD".into(),
    }
}

fn usd(minor: i64) -> Money {
    Money {
        minor,
        currency: "USD".into(),
    }
}

fn balance(id: &str) -> Balance {
    Balance {
        account: account(id),
        available: usd(500_050),
    }
}

fn application(id: &str) -> Application {
    Application {
        id: id.into(),
        status: "submitted".into(),
        message: String::new(),
    }
}

impl Bank for Sample {
    fn accounts(&self) -> Result<Vec<Account>, Failure> {
        let mut accounts = vec![account("checking_1"), account("savings_1")];
        accounts.extend(self.has_market.then(|| account("market_1")));
        self.answer(accounts)
    }
    fn balance(&self, id: &str) -> Result<Balance, Failure> {
        match &self.balance_failure {
            Some(failure) if id == "savings_1" => Err(failure.clone()),
            _ => self.answer(balance(id)),
        }
    }
    fn statement(&self, id: &str, month: Option<&str>) -> Result<Statement, Failure> {
        let month = month.unwrap_or("newest").into();
        self.answer(Statement {
            account: account(id),
            month,
            lines: Vec::new(),
        })
    }
    fn profile(&self) -> Result<Profile, Failure> {
        self.answer(Profile {
            name: "Alice".into(),
            email: None,
            phone: None,
            address: None,
        })
    }
    fn pay(&self, transfer: &Transfer) -> Result<Payment, Failure> {
        self.paid.borrow_mut().push(transfer.clone());
        self.answer(payment(transfer))
    }
    fn apply_for_loan(&self, _: &Loan) -> Result<Application, Failure> {
        self.answer(application("loan_1"))
    }
    fn apply_for_credit_card(&self, _: &CreditCard) -> Result<Application, Failure> {
        self.answer(application("card_1"))
    }
    fn application(&self, id: &str) -> Result<Application, Failure> {
        self.answer(application(id))
    }
    fn answer(&self, question: &str) -> Result<String, Failure> {
        Self::answer(self, format!("To {question}: yes."))
    }
}

fn payment(transfer: &Transfer) -> Payment {
    Payment {
        id: "payment_1".into(),
        transfer: transfer.clone(),
        status: PaymentStatus::Completed,
    }
}

fn transfer() -> Transfer {
    Transfer {
        from_account: "checking_1".into(),
        to_account: "savings_1".into(),
        payee: Payee::SameOwner,
        amount: usd(50_000),
        memo: None,
    }
}

fn turn(misunderstood: u32) -> Turn {
    Turn {
        call: Call {
            id: "call_1".into(),
            agent: String::new(),
            direction: Direction::Inbound,
            line: None,
            age: 1,
        },
        number: 1,
        channel: Channel::Voice,
        text: String::new(),
        invocation: None,
        caller: Caller {
            known: true,
            name: None,
            trust: Trust::Pin,
            pin_age: None,
            language: "en-US".into(),
        },
        pending: None,
        confirmed: true,
        stepped_up: true,
        misunderstood,
        extra: Vec::new(),
    }
}

fn loan() -> Loan {
    Loan {
        amount: usd(500_000),
        purpose: "car".into(),
        years: 5,
    }
}

#[test]
fn each_intent_has_its_outcome() {
    let bank = Sample::default();
    let card = CreditCard {
        kind: "gold".into(),
        limit: usd(1),
    };
    let query = StatementsQuery {
        account: "checking_1".into(),
        month: Some("2026-03".into()),
    };
    let statement = Statement {
        account: account("checking_1"),
        month: "2026-03".into(),
        lines: Vec::new(),
    };
    let profile = Profile {
        name: "Alice".into(),
        email: None,
        phone: None,
        address: None,
    };
    for (intent, outcome) in [
        (
            Intent::Balance("checking_1".into()),
            Outcome::Balances(vec![balance("checking_1")]),
        ),
        (
            Intent::Accounts,
            Outcome::Balances(vec![balance("checking_1"), balance("savings_1")]),
        ),
        (Intent::Statements(query), Outcome::Statement(statement)),
        (Intent::Profile, Outcome::Profile(profile)),
        (
            Intent::Transfer(transfer()),
            Outcome::Paid(payment(&transfer())),
        ),
        (
            Intent::Loan(loan()),
            Outcome::Applied(application("loan_1")),
        ),
        (
            Intent::CreditCard(card),
            Outcome::Applied(application("card_1")),
        ),
        (
            Intent::ApplicationStatus("loan_7".into()),
            Outcome::Applied(application("loan_7")),
        ),
        (Intent::Cancel, Outcome::Cancelled),
        (Intent::Repeat, Outcome::Repeated),
        (Intent::Goodbye, Outcome::Ended),
        (
            Intent::Custom(CustomIntent {
                name: "lottery".into(),
                slots: Vec::new(),
            }),
            Outcome::Failed(Failure::Unsupported),
        ),
    ] {
        assert_eq!(fulfil(&turn(0), intent, &bank), outcome);
    }
}

#[test]
fn exactly_the_transfer_that_was_allowed_is_paid_once() {
    let bank = Sample::default();
    fulfil(&turn(0), Intent::Transfer(transfer()), &bank);
    assert_eq!(*bank.paid.borrow(), [transfer()]);
}

#[test]
fn a_failure_is_handed_on_and_nothing_is_tried_twice() {
    for failure in [
        Failure::Unavailable,
        Failure::Uncertain,
        Failure::InsufficientFunds,
    ] {
        let bank = Sample {
            failure: Some(failure.clone()),
            ..Sample::default()
        };
        for intent in [
            Intent::Transfer(transfer()),
            Intent::Accounts,
            Intent::Loan(loan()),
        ] {
            assert_eq!(
                fulfil(&turn(0), intent, &bank),
                Outcome::Failed(failure.clone())
            );
        }
        assert_eq!(bank.paid.borrow().len(), 1);
    }
}

#[test]
fn one_balance_that_cannot_be_read_fails_them_all() {
    let bank = Sample {
        balance_failure: Some(Failure::Unavailable),
        ..Sample::default()
    };
    let outcome = fulfil(&turn(0), Intent::Accounts, &bank);
    assert_eq!(outcome, Outcome::Failed(Failure::Unavailable));
}

#[test]
fn who_is_not_understood_hears_what_can_be_done() {
    let code = |intent, misunderstood| {
        let outcome = fulfil(&turn(misunderstood), intent, &Sample::default());
        match outcome {
            Outcome::Said(say) | Outcome::HandedOff(say) => {
                assert!(say.text.split_whitespace().count() < 30);
                say.code
            }
            other => panic!("expected a sentence, got {other:?}"),
        }
    };
    assert_eq!(code(Intent::Affirm, 0), "nothing_to_confirm");
    assert_eq!(code(Intent::Decline, 0), "anything_else");
    assert_eq!(code(Intent::Human, 0), "human_requested");
}

#[test]
fn who_is_not_understood_is_helped_then_offered_a_person_then_connected() {
    let mumbled = |misunderstood, confirmed, text: &str| {
        let turn = Turn {
            confirmed,
            text: text.into(),
            ..turn(misunderstood)
        };
        fulfil(&turn, Intent::Unknown, &Sample::default())
    };
    let is = |outcome, code: &str| match outcome {
        Outcome::Said(say) | Outcome::Confirmation(say) | Outcome::HandedOff(say) => {
            assert!(say.text.split_whitespace().count() < 30);
            assert_eq!(say.code, code);
        }
        other => panic!("expected a sentence, got {other:?}"),
    };
    is(mumbled(0, false, "mumble"), "help");
    is(mumbled(1, false, "mumble"), "human_offered");
    is(mumbled(2, true, "yes"), "human_requested");
    is(mumbled(1, false, "Why?"), "assistant_answer");
    // Nobody is connected whom nobody has asked.
    is(mumbled(2, false, "mumble"), "human_offered");
    let at_offer = |misunderstood, text: &str| {
        let turn = Turn {
            text: text.into(),
            confirmed: false,
            pending: Some(Pending::Confirm(Intent::Accounts)),
            extra: vec![("offer".into(), "unknown".into())],
            ..turn(misunderstood)
        };
        fulfil(&turn, Intent::Unknown, &Sample::default())
    };
    is(at_offer(2, "mumble"), "human_offered");
    is(at_offer(3, "mumble"), "human_after_all");
    is(at_offer(2, "Why?"), "assistant_answer");
}

#[test]
fn who_asks_the_agent_again_and_again_beside_an_open_question_is_offered_a_person() {
    let asks = |misunderstood, pending| {
        let turn = Turn {
            text: "Why?".into(),
            confirmed: false,
            pending,
            ..turn(misunderstood)
        };
        fulfil(&turn, Intent::Unknown, &Sample::default())
    };
    let open = || Some(Pending::Confirm(Intent::Accounts));
    assert!(matches!(asks(1, open()), Outcome::Said(_)));
    assert!(matches!(asks(2, open()), Outcome::Confirmation(_)));
    assert!(matches!(asks(2, None), Outcome::Said(_)));
}

#[test]
fn an_agent_that_fails_leaves_the_caller_with_help() {
    let bank = Sample {
        failure: Some(Failure::Unavailable),
        ..Sample::default()
    };
    let turn = Turn {
        confirmed: false,
        text: "Why?".into(),
        ..turn(0)
    };
    let outcome = fulfil(&turn, Intent::Unknown, &bank);
    assert!(matches!(outcome, Outcome::Said(say) if say.code == "help"));
}
