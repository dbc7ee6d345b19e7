//! The requests that every contestant must decide alike; the first one is measured.
//!
//! Alice moves money from checking to savings by a tool call; each case changes what its name says.

use orchestrator::call::intent::{Payee as PayeeOfTurn, Transfer as Wanted};
use orchestrator::call::session::Direction;
use orchestrator::call::turn::{Caller, Instant, Invocation};
use orchestrator::call::{Channel as ChannelOfTurn, Intent, Money as Amount, Trust, Turn};
use rule::{Account, Answer, Channel, Facts, Kind, Limits, Money, Moved, Payee, Transfer};

/// A request, as the peers' facts and as this host's turn, and its answer.
pub struct Case {
    /// Its place in the list.
    pub number: usize,
    /// What is special.
    pub name: &'static str,
    /// For the peers.
    pub facts: Facts,
    /// For the pipeline.
    pub turn: Turn,
    /// For the pipeline.
    pub intent: Intent,
    /// What all must answer.
    pub expected: Answer,
}

/// Every case; the first is allowed.
pub fn all() -> Vec<Case> {
    let limits = Limits::of_the_bench();
    let deny = |code| Answer::said(Kind::Deny, code);
    let allow = Answer::allow(limits.day_total_max, limits.day_count_max);
    let cases: [(&'static str, Answer, fn(&mut Facts)); 10] = [
        ("allowed", allow.clone(), |_| {}),
        ("small enough for no questions", allow, |facts| {
            (facts.confirmed, facts.stepped_up) = (false, false);
            facts.transfer.amount.minor = 9_900;
        }),
        ("over the limit", deny("over_transfer_max"), |facts| {
            facts.transfer.amount.minor = 1_200_000;
        }),
        (
            "needs confirmation",
            Answer::said(Kind::Confirm, "confirm_transfer"),
            |facts| facts.confirmed = false,
        ),
        (
            "needs PIN",
            Answer::said(Kind::StepUp, "pin_needed"),
            |facts| facts.stepped_up = false,
        ),
        ("day total exceeded", deny("over_day_max"), |facts| {
            facts.moved.sum_minor = 2_460_000;
        }),
        ("too often", deny("over_day_count"), |facts| {
            facts.moved.count = 20;
        }),
        (
            "for a colleague",
            Answer::said(Kind::HandOff, "amount_needs_human"),
            |facts| facts.transfer.amount.minor = 1_600_000,
        ),
        ("too little money", deny("insufficient_funds"), |facts| {
            facts.available.minor = 10_000;
        }),
        ("too much at night", deny("night_limit"), |facts| {
            facts.hour = 23;
            facts.transfer.amount.minor = 150_000;
        }),
    ];
    let numbered = cases.into_iter().enumerate();
    numbered
        .map(|(number, (name, expected, change))| {
            let mut facts = alice();
            change(&mut facts);
            Case {
                number,
                name,
                turn: turn(&facts),
                intent: intent(&facts.transfer),
                facts,
                expected,
            }
        })
        .collect()
}

fn alice() -> Facts {
    let account = |id: &str, kind: &str| Account {
        id: id.into(),
        kind: kind.into(),
        currency: "USD".into(),
    };
    let usd = |minor| Money {
        minor,
        currency: "USD".into(),
    };
    Facts {
        is_known: true,
        channel: Channel::Invocation,
        confirmed: true,
        stepped_up: true,
        transfer: Transfer {
            from_account: "checking_1".into(),
            to_account: "savings_1".into(),
            payee: Payee::SameOwner,
            amount: usd(50_000),
        },
        accounts: vec![
            account("checking_1", "checking"),
            account("savings_1", "savings"),
        ],
        available: usd(5_000_050),
        moved: Moved {
            count: 2,
            sum_minor: 120_000,
        },
        hour: 14,
    }
}

fn turn(facts: &Facts) -> Turn {
    let (whole, cents) = (
        facts.transfer.amount.minor / 100,
        facts.transfer.amount.minor % 100,
    );
    let arguments = format!(
        r#"{{"from_account":"checking","to_account":"savings","amount":{whole}.{cents:02}}}"#
    );
    Turn {
        call_id: "call_5f2b9c0e7d3a41b8".into(),
        agent: "agent_of_the_bench".into(),
        direction: Direction::Inbound,
        line: Some("+14155550100".into()),
        age: 42,
        number: 4,
        channel: ChannelOfTurn::Invocation,
        text: String::new(),
        invocation: Some(Invocation {
            name: "transfer_funds".into(),
            arguments,
        }),
        caller: Caller {
            known: true,
            name: Some("Alice Johnson".into()),
            trust: Trust::Pin,
            pin_age: Some(9),
            language: "en-US".into(),
        },
        pending: None,
        confirmed: facts.confirmed,
        stepped_up: facts.stepped_up,
        misunderstood: 0,
        extra: Vec::new(),
        // A day in November 2023, at that hour of an offset of zero.
        now: Instant {
            unix_ms: 1_700_006_400_000 + i64::from(facts.hour) * 3_600_000,
            utc_offset_minutes: 0,
        },
    }
}

fn intent(transfer: &Transfer) -> Intent {
    Intent::Transfer(Wanted {
        from_account: transfer.from_account.clone(),
        to_account: transfer.to_account.clone(),
        payee: match transfer.payee {
            Payee::SameOwner => PayeeOfTurn::SameOwner,
            Payee::Known => PayeeOfTurn::Known,
            Payee::FirstTime => PayeeOfTurn::FirstTime,
        },
        amount: Amount::new(transfer.amount.minor, transfer.amount.currency.clone()),
        memo: None,
    })
}
