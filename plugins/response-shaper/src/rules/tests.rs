//! What a caller hears for each outcome, and that no reply grows long or says an id.
//! Every reply made here is checked for length and for marks that cannot be spoken.

mod bounds;
mod left;

use super::*;
use crate::bindings::bank::voice::types::{
    Balance, Call, Caller, Channel, Direction, Failure, Intent, Message, Money, Payee, Payment,
    PaymentStatus, Pending, Statement, StatementLine, Transfer, Trust,
};

fn account(id: &str, kind: &str, nickname: Option<&str>) -> Account {
    Account {
        id: id.into(),
        kind: kind.into(),
        nickname: nickname.map(String::from),
        currency: "USD".into(),
    }
}

fn usd(minor: i64) -> Money {
    Money {
        minor,
        currency: "USD".into(),
    }
}

fn balance(id: &str, kind: &str, minor: i64) -> Balance {
    Balance {
        account: account(id, kind, None),
        available: usd(minor),
    }
}

fn draft() -> Reply {
    Reply {
        text: "The plain sentence.".into(),
        next: Next::Listen,
        interruptible: true,
    }
}

fn bounds() -> Bounds {
    Bounds {
        words_max: 30,
        named_max: 3,
    }
}

fn turn(text: &str, pending: Option<Pending>) -> Turn {
    Turn {
        call: Call {
            id: "call_1".into(),
            agent: String::new(),
            direction: Direction::Inbound,
            line: None,
            age: 1,
        },
        number: 2,
        channel: Channel::Voice,
        text: text.into(),
        invocation: None,
        caller: Caller {
            known: true,
            name: None,
            trust: Trust::Pin,
            pin_age: None,
            language: "en-US".into(),
        },
        confirmed: pending.is_some(),
        pending,
        stepped_up: false,
        misunderstood: 0,
        extra: Vec::new(),
    }
}

fn reply(outcome: &Outcome) -> Reply {
    let own = || {
        vec![
            account("checking_1", "checking", None),
            account("savings_1", "savings", None),
        ]
    };
    let reply = shape(&turn("", None), outcome, &draft(), &bounds(), own);
    assert!(sentence::word_count(&reply.text) < 30, "{}", reply.text);
    assert!(
        !reply.text.contains(['*', '#', '\n', '_']),
        "{}",
        reply.text
    );
    reply
}

fn say(outcome: &Outcome) -> String {
    reply(outcome).text
}

fn message(text: &str) -> Message {
    Message {
        code: "code".into(),
        parameters: Vec::new(),
        text: text.into(),
    }
}

fn payment(to: &str, status: PaymentStatus) -> Outcome {
    let transfer = Transfer {
        from_account: "checking_1".into(),
        to_account: to.into(),
        payee: Payee::SameOwner,
        amount: usd(50_000),
        memo: None,
    };
    Outcome::Paid(Payment {
        id: "payment_789".into(),
        transfer,
        status,
    })
}

#[test]
fn a_balance_is_said_for_the_ear() {
    for (balance, said) in [
        (
            balance("checking_1", "checking", 500_050),
            "You have five thousand dollars and fifty cents in your checking account.",
        ),
        (
            balance("checking_1", "", 100),
            "You have one dollar in your checking account.",
        ),
        (
            balance("4111-99001234", "", 0),
            "You have zero dollars in the account ending in 1 2 3 4.",
        ),
        (
            balance("savings_1", "savings", -1_050),
            "Your savings account is overdrawn by ten dollars and fifty cents.",
        ),
    ] {
        assert_eq!(say(&Outcome::Balances(vec![balance])), said);
    }
    assert_eq!(
        say(&Outcome::Balances(vec![])),
        "I could not find any account of yours."
    );
}

#[test]
fn many_balances_are_named_as_far_as_they_fit() {
    let two = vec![
        balance("checking_1", "checking", 100),
        balance("savings_1", "savings", 200),
    ];
    assert_eq!(
        say(&Outcome::Balances(two)),
        "You have one dollar in checking and two dollars in savings."
    );
    let kinds = ["checking", "savings", "market", "brokerage", "vault"];
    let many: Vec<Balance> = kinds
        .iter()
        .map(|kind| balance(&format!("{kind}_1"), kind, 500))
        .collect();
    assert_eq!(
        say(&Outcome::Balances(many.clone())),
        "You have five dollars in checking, five dollars in savings, five dollars in money market and two more."
    );
    let large: Vec<Balance> = many
        .iter()
        .cloned()
        .map(|b| Balance {
            available: usd(123_456_789),
            ..b
        })
        .collect();
    let said = say(&Outcome::Balances(large));
    assert!(said.ends_with("in checking and four more."), "{said}");
}

#[test]
fn accounts_are_named_without_their_ids() {
    let named = account("savings_1", "savings", Some("Rainy day"));
    let accounts = vec![
        account("checking_1", "checking", None),
        named,
        account("x-12345678", "", None),
    ];
    assert_eq!(
        say(&Outcome::Accounts(accounts)),
        "You have three accounts: checking, Rainy day and the account ending in 5 6 7 8."
    );
    assert_eq!(
        say(&Outcome::Accounts(vec![])),
        "I could not find any account of yours."
    );
}

#[test]
fn a_payment_is_heard_to_the_end() {
    let done = reply(&payment("savings_1", PaymentStatus::Completed));
    assert_eq!(
        done.text,
        "Done. I moved five hundred dollars from your checking account to your savings account."
    );
    assert!(!done.interruptible);
    assert_eq!(
        say(&payment("acc-99001234", PaymentStatus::Pending)),
        "Your transfer of five hundred dollars from your checking account to the account ending in 1 2 3 4 is on its way."
    );
}

#[test]
fn what_is_left_behind_is_told() {
    let Outcome::Paid(paid) = payment("savings_1", PaymentStatus::Completed) else {
        panic!("no payment")
    };
    let waiting = || Some(Pending::Confirm(Intent::Transfer(paid.transfer.clone())));
    let say = |text: &str, pending, outcome: &Outcome| {
        let own = || vec![account("checking_1", "checking", None)];
        shape(&turn(text, pending), outcome, &draft(), &bounds(), own).text
    };
    let done = Outcome::Paid(paid.clone());
    let more = "yes and also move ten dollars";
    assert!(
        say(more, waiting(), &done).ends_with("What else would you like? Please say it again.")
    );
    assert!(!say("yes", waiting(), &done).contains("else"));
    let pin = Outcome::StepUp(message("Your PIN please."));
    let said = say(more, waiting(), &pin);
    assert_eq!(said, "One thing after the other. Your PIN please.");
    let bye = "Thank you for calling. Goodbye.";
    let told = format!("The transfer was not made. {bye}");
    assert_eq!(say("bye", waiting(), &Outcome::Ended), told);
    assert_eq!(say("bye", None, &Outcome::Ended), bye);
    let offer = Some(Pending::Confirm(Intent::Unknown));
    let left = "All right. Is there anything else?";
    assert_eq!(say("no", offer, &Outcome::Cancelled), left);
    let first = Turn {
        number: 1,
        ..turn("sorry?", None)
    };
    let greeted = shape(&first, &Outcome::Repeated, &draft(), &bounds(), Vec::new).text;
    assert_eq!(greeted, "How can I help you today?");
}

#[test]
fn failures_are_honest() {
    let uncertain = reply(&Outcome::Failed(Failure::Uncertain));
    assert_eq!(
        uncertain.text,
        "That is being processed. I will confirm it as soon as the bank answers."
    );
    assert!(!uncertain.text.contains("fail") && !uncertain.interruptible);
    for failure in [
        Failure::NotFound("account".into()),
        Failure::NotFound("statement".into()),
        Failure::NotFound("anything".into()),
        Failure::NotAllowed("not_your_account".into()),
        Failure::InsufficientFunds,
        Failure::Rejected("E42 secret".into()),
        Failure::Unavailable,
        Failure::Unsupported,
    ] {
        let said = say(&Outcome::Failed(failure));
        assert!(
            said.len() > 10 && !said.contains("E42") && !said.contains("not_your"),
            "{said}"
        );
    }
}

#[test]
fn statements_are_counted_and_the_newest_lines_said() {
    let line = |date: &str, description: &str, minor: Option<i64>| StatementLine {
        date: date.into(),
        description: description.into(),
        amount: minor.map(usd),
    };
    let statement = |lines| {
        let account = account("checking_1", "checking", None);
        Outcome::Statement(Statement {
            account,
            month: "2026-03".into(),
            lines,
        })
    };
    let lines = vec![
        line("2026-03-01", "Grocery Store", Some(-5_000)),
        line("2026-03-20", "Salary", Some(300_000)),
        line("2026-03-11", "Rent", Some(-120_000)),
    ];
    assert_eq!(
        say(&statement(lines)),
        "I see three entries on your checking account for March twenty twenty-six. \
         The newest: Salary, three thousand dollars on March twentieth."
    );
    assert_eq!(
        say(&statement(vec![line(
            "",
            "Opening balance $5,000. Three deposits.",
            None
        )])),
        "Checking statement for March twenty twenty-six: Opening balance $5,000. Three deposits."
    );
    assert_eq!(
        say(&statement(vec![])),
        "There is nothing on the checking statement for March twenty twenty-six."
    );
}

#[test]
fn sentences_of_rules_are_cleaned_and_kept_short() {
    let long = format!(
        "**Sorry**, that is too much. {}",
        "And so on and on. ".repeat(20)
    );
    for outcome in [
        Outcome::Refused(message(&long)),
        Outcome::Confirmation(message(&long)),
        Outcome::StepUp(message(&long)),
        Outcome::Said(message(&long)),
        Outcome::HandedOff(message(&long)),
    ] {
        let said = say(&outcome);
        assert!(
            said.starts_with("Sorry, that is too much. And") && said.ends_with('.'),
            "{said}"
        );
    }
    assert_eq!(
        say(&Outcome::Refused(message(" \u{7} "))),
        "The plain sentence."
    );
    assert_eq!(say(&Outcome::Repeated), "The plain sentence.");
}

#[test]
fn the_line_does_what_the_outcome_says() {
    assert_eq!(reply(&Outcome::Ended).next, Next::HangUp);
    assert_eq!(
        reply(&Outcome::HandedOff(message("One moment."))).next,
        Next::HandOff(None)
    );
    assert_eq!(reply(&Outcome::Cancelled).next, Next::Listen);
    let queue = Next::HandOff(Some("fraud".into()));
    let draft = Reply {
        next: queue.clone(),
        ..draft()
    };
    let outcome = Outcome::HandedOff(message("One moment."));
    assert_eq!(
        shape(&turn("", None), &outcome, &draft, &bounds(), Vec::new).next,
        queue
    );
}

#[test]
fn profiles_and_applications_are_said_without_what_is_not_for_the_ear() {
    let profile = Profile {
        name: "Alice Johnson".into(),
        email: Some("alice@example.com".into()),
        phone: Some("+14155552671".into()),
        address: None,
    };
    assert_eq!(
        say(&Outcome::Profile(profile)),
        "You are registered as Alice Johnson. Your email address is alice@example.com."
    );
    let application = |message: &str| {
        Outcome::Applied(Application {
            id: "loan_20260301".into(),
            status: "Under review".into(),
            message: message.into(),
        })
    };
    assert_eq!(
        say(&application("")),
        "Your application ending in 0 3 0 1 is under review."
    );
    assert_eq!(
        say(&application("Your loan was approved.")),
        "Your loan was approved. Its number ends in 0 3 0 1."
    );
    assert_eq!(
        say(&application("Application loan_20260301 was received.")),
        "Your application ending in 0 3 0 1 is under review."
    );
}
