//! What the policy answers to reads, transfers and applications, limit by limit.

use super::*;
use crate::bindings::bank::voice::types::{
    Call, Caller, Channel, CreditCard, CustomIntent, Direction, Loan, Money, Payee, Transfer,
};
use settings::Reader;

struct Sample {
    accounts: Result<Vec<Account>, Failure>,
    available: Result<i64, Failure>,
    moved: (u32, i64),
    hour: u32,
}

fn account(id: &str, kind: &str) -> Account {
    Account {
        id: id.into(),
        kind: kind.into(),
        nickname: None,
        currency: "USD".into(),
    }
}

impl Bank for Sample {
    fn accounts(&self) -> Result<Vec<Account>, Failure> {
        self.accounts.clone()
    }
    fn balance(&self, id: &str) -> Result<Balance, Failure> {
        self.available.clone().map(|minor| Balance {
            account: account(id, ""),
            available: usd(minor),
        })
    }
    fn moved_in_a_day(&self) -> (u32, i64) {
        self.moved
    }
    fn hour(&self) -> u32 {
        self.hour
    }
}

fn alice() -> Sample {
    Sample {
        accounts: Ok(vec![
            account("checking_1", "checking"),
            account("savings_1", "savings"),
        ]),
        available: Ok(100_000_000),
        moved: (0, 0),
        hour: 12,
    }
}

fn usd(minor: i64) -> Money {
    Money {
        minor,
        currency: "USD".into(),
    }
}

fn turn() -> Turn {
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
            trust: Trust::Phone,
            pin_age: None,
            language: "en-US".into(),
        },
        pending: None,
        confirmed: false,
        stepped_up: false,
        misunderstood: 0,
        extra: Vec::new(),
    }
}

fn cleared() -> Turn {
    Turn {
        confirmed: true,
        stepped_up: true,
        ..turn()
    }
}

fn wanted(minor: i64) -> Transfer {
    Transfer {
        from_account: "checking_1".into(),
        to_account: "savings_1".into(),
        payee: Payee::SameOwner,
        amount: usd(minor),
        memo: None,
    }
}

fn limits(text: &str) -> Limits {
    let mut reader = Reader::from_object(text, &Limits::KEYS);
    let limits = Limits::read(&mut reader);
    assert_eq!(reader.problems(), []);
    limits
}

fn problems(text: &str) -> Vec<String> {
    let mut reader = Reader::from_object(text, &Limits::KEYS);
    Limits::read(&mut reader);
    reader
        .problems()
        .into_iter()
        .map(|problem| problem.key)
        .collect()
}

fn answer(decision: &Decision) -> String {
    let (kind, say) = match decision {
        Decision::Allow(_) => return "allow".into(),
        Decision::Confirm(say) => ("confirm", say),
        Decision::StepUp(say) => ("step-up", say),
        Decision::HandOff(say) => ("hand-off", say),
        Decision::Deny(say) => ("deny", say),
    };
    assert!(
        say.text.split_whitespace().count() < 30 && say.text.len() <= 600,
        "{}",
        say.text
    );
    format!("{kind} {}", say.code)
}

fn at(turn: &Turn, wanted: Transfer, settings: &str, bank: &Sample) -> String {
    answer(&decide(
        turn,
        &Intent::Transfer(wanted),
        &limits(settings),
        bank,
    ))
}

const HUMAN: &str = r#"{"hand_off_above": "5000.00"}"#;
const NIGHT: &str = r#"{"night_max": "1000.00"}"#;

#[test]
fn the_yes_comes_before_the_pin_and_both_before_the_leave() {
    let (yes, pin) = (
        Turn {
            confirmed: true,
            ..turn()
        },
        Turn {
            stepped_up: true,
            ..turn()
        },
    );
    for (turn, minor, expected) in [
        (&turn(), 1, "confirm confirm_transfer"),
        (&turn(), 25_001, "confirm confirm_transfer"),
        (&pin, 25_001, "confirm confirm_transfer"),
        (&yes, 25_000, "allow"),
        (&yes, 25_001, "step-up pin_needed"),
        (&cleared(), 25_001, "allow"),
    ] {
        assert_eq!(at(turn, wanted(minor), "{}", &alice()), expected, "{minor}");
    }
    let small = r#"{"confirm_voice_above": "0.01"}"#;
    assert_eq!(at(&turn(), wanted(1), small, &alice()), "allow");
}

#[test]
fn the_most_restrictive_answer_comes_out() {
    for (turn, minor, settings, expected) in [
        (cleared(), 1_000_000, "{}", "allow"),
        (cleared(), 1_000_001, "{}", "deny over_transfer_max"),
        (turn(), 1_000_001, "{}", "deny over_transfer_max"),
        (cleared(), 500_001, HUMAN, "hand-off amount_needs_human"),
        (turn(), 500_001, HUMAN, "hand-off amount_needs_human"),
        (cleared(), 1_000_001, HUMAN, "deny over_transfer_max"),
        (cleared(), 0, "{}", "deny amount_invalid"),
        (cleared(), -5, "{}", "deny amount_invalid"),
    ] {
        assert_eq!(
            at(&turn, wanted(minor), settings, &alice()),
            expected,
            "{minor} {settings}"
        );
    }
}

#[test]
fn the_night_and_an_empty_account_have_limits_of_their_own() {
    let midnight = Sample { hour: 0, ..alice() };
    let poor = Sample {
        available: Ok(9_999),
        ..alice()
    };
    for (minor, settings, bank, expected) in [
        (100_000, NIGHT, &midnight, "allow"),
        (100_001, NIGHT, &midnight, "deny night_limit"),
        (100_001, NIGHT, &alice(), "allow"),
        (100_001, r#"{"night_max": "off"}"#, &midnight, "allow"),
        (100_001, "{}", &midnight, "allow"),
        (10_000, "{}", &poor, "deny insufficient_funds"),
        (9_999, "{}", &poor, "allow"),
    ] {
        assert_eq!(
            at(&cleared(), wanted(minor), settings, bank),
            expected,
            "{minor} {settings}"
        );
    }
}

#[test]
fn a_tool_call_is_confirmed_above_its_own_amount() {
    let invocation = Turn {
        channel: Channel::Invocation,
        ..turn()
    };
    assert_eq!(at(&invocation, wanted(10_000), "{}", &alice()), "allow");
    assert_eq!(
        at(&invocation, wanted(10_001), "{}", &alice()),
        "confirm confirm_transfer"
    );
    let rest = Turn {
        channel: Channel::Rest,
        ..cleared()
    };
    assert_eq!(at(&rest, wanted(1_000_000), "{}", &alice()), "allow");
}

#[test]
fn money_leaves_only_the_callers_own_accounts() {
    let foreign = Transfer {
        from_account: "checking_2".into(),
        ..wanted(100)
    };
    assert_eq!(
        at(&cleared(), foreign, "{}", &alice()),
        "deny not_your_account"
    );
    let same = Transfer {
        to_account: "checking_1".into(),
        ..wanted(100)
    };
    assert_eq!(at(&cleared(), same, "{}", &alice()), "deny accounts_same");
    let euros = Transfer {
        amount: Money {
            minor: 5,
            currency: "EUR".into(),
        },
        ..wanted(1)
    };
    assert_eq!(
        at(&cleared(), euros, "{}", &alice()),
        "deny currency_not_supported"
    );
}

#[test]
fn the_payee_rule_says_where_money_may_go() {
    let to = |payee| Transfer {
        to_account: "savings_2".into(),
        payee,
        ..wanted(100)
    };
    for (rule, payee, expected) in [
        ("own", Payee::SameOwner, "allow"),
        ("own", Payee::Known, "deny payee_not_allowed"),
        ("own", Payee::FirstTime, "deny payee_not_allowed"),
        ("known", Payee::SameOwner, "allow"),
        ("known", Payee::Known, "allow"),
        ("known", Payee::FirstTime, "deny payee_not_allowed"),
        ("anyone", Payee::FirstTime, "allow"),
    ] {
        let settings = format!(r#"{{"payees": "{rule}"}}"#);
        assert_eq!(
            at(&cleared(), to(payee), &settings, &alice()),
            expected,
            "{rule} {payee:?}"
        );
    }
    let listed = r#"{"payees_known": ["savings_2"]}"#;
    assert_eq!(
        at(&cleared(), to(Payee::FirstTime), listed, &alice()),
        "allow"
    );
    let own_only = r#"{"payees": "own", "payees_known": ["savings_2"]}"#;
    assert_eq!(
        at(&cleared(), to(Payee::Known), own_only, &alice()),
        "deny payee_not_allowed"
    );
}

#[test]
fn a_leave_carries_the_caps_of_the_day() {
    let intent = Intent::Transfer(wanted(100));
    let decision = decide(
        &cleared(),
        &intent,
        &limits(r#"{"day_total_max": "30000.00"}"#),
        &alice(),
    );
    let Decision::Allow(caps) = decision else {
        panic!("not allowed")
    };
    assert_eq!(caps.len(), 1);
    assert_eq!((caps[0].window_hours, caps[0].count), (24, Some(20)));
    assert_eq!(caps[0].total, Some(usd(3_000_000)));
}

#[test]
fn a_full_day_is_said_before_a_yes_is_asked_for() {
    for (moved, expected) in [
        ((0, 2_400_000), "allow"),
        ((0, 2_400_001), "deny over_day_max"),
        ((19, 0), "allow"),
        ((20, 0), "deny over_day_max"),
        ((1, i64::MAX), "deny over_day_max"),
    ] {
        let bank = Sample { moved, ..alice() };
        assert_eq!(
            at(&cleared(), wanted(100_000), "{}", &bank),
            expected,
            "{moved:?}"
        );
    }
}

#[test]
fn a_bank_that_cannot_be_asked_means_no() {
    let down = Sample {
        accounts: Err(Failure::Unavailable),
        ..alice()
    };
    assert_eq!(
        at(&cleared(), wanted(100), "{}", &down),
        "deny bank_unavailable"
    );
    let half = Sample {
        available: Err(Failure::Unavailable),
        ..alice()
    };
    assert_eq!(
        at(&cleared(), wanted(100), "{}", &half),
        "deny bank_unavailable"
    );
    assert_eq!(answer(&settings_invalid()), "deny settings_invalid");
}

#[test]
fn the_confirmation_repeats_amount_and_accounts_for_the_ear() {
    let said = |wanted| match decide(&turn(), &Intent::Transfer(wanted), &limits("{}"), &alice()) {
        Decision::Confirm(say) => say.text,
        other => panic!("expected a confirmation, got {other:?}"),
    };
    assert_eq!(
        said(wanted(50_000)),
        "Five hundred dollars from checking to savings, shall I?"
    );
    let stranger = Transfer {
        to_account: "acc-99001234".into(),
        payee: Payee::Known,
        ..wanted(1_050)
    };
    assert_eq!(
        said(stranger),
        "Ten dollars and fifty cents from checking to the account ending in 1 2 3 4, shall I?"
    );
}

#[test]
fn an_unknown_caller_reaches_no_account() {
    let mut stranger = cleared();
    stranger.caller.trust = Trust::Unknown;
    let loan = Loan {
        amount: usd(5),
        purpose: "car".into(),
        years: 1,
    };
    for intent in [
        Intent::Balance("checking_1".into()),
        Intent::Accounts,
        Intent::Profile,
        Intent::Transfer(wanted(100)),
        Intent::Loan(loan),
        Intent::ApplicationStatus("a".into()),
    ] {
        let decision = decide(&stranger, &intent, &limits("{}"), &alice());
        assert_eq!(answer(&decision), "deny caller_unknown", "{intent:?}");
    }
    let custom = Intent::Custom(CustomIntent {
        name: "opening-hours".into(),
        slots: Vec::new(),
    });
    for intent in [Intent::Goodbye, Intent::Human, Intent::Unknown, custom] {
        assert_eq!(
            decide(&stranger, &intent, &limits("{}"), &alice()),
            Decision::Allow(Vec::new())
        );
    }
}

#[test]
fn reads_are_allowed_to_a_known_caller() {
    for intent in [
        Intent::Balance("x".into()),
        Intent::Accounts,
        Intent::Profile,
        Intent::Repeat,
    ] {
        assert_eq!(
            decide(&turn(), &intent, &limits("{}"), &alice()),
            Decision::Allow(Vec::new())
        );
    }
}

#[test]
fn applications_need_a_yes_and_a_pin_as_the_settings_say() {
    let loan = Intent::Loan(Loan {
        amount: usd(500_000),
        purpose: "car".into(),
        years: 5,
    });
    let card = Intent::CreditCard(CreditCard {
        kind: "gold".into(),
        limit: usd(500_000),
    });
    let yes = Turn {
        confirmed: true,
        ..turn()
    };
    for (turn, intent, settings, expected) in [
        (turn(), &loan, "{}", "confirm confirm_loan"),
        (turn(), &card, "{}", "confirm confirm_credit_card"),
        (yes.clone(), &loan, "{}", "step-up pin_needed"),
        (yes, &loan, r#"{"applications_pin": false}"#, "allow"),
        (
            turn(),
            &card,
            r#"{"applications_confirm": false}"#,
            "step-up pin_needed",
        ),
        (cleared(), &card, "{}", "allow"),
    ] {
        let decision = decide(&turn, intent, &limits(settings), &alice());
        assert_eq!(answer(&decision), expected, "{settings}");
    }
}

#[test]
fn the_night_may_run_over_midnight() {
    let night = limits("{}");
    assert!(night.is_night(22) && night.is_night(23) && night.is_night(0) && night.is_night(5));
    assert!(!night.is_night(6) && !night.is_night(21));
    let siesta = limits(r#"{"night_from_hour": 13, "night_to_hour": 15}"#);
    assert!(
        siesta.is_night(13) && siesta.is_night(14) && !siesta.is_night(15) && !siesta.is_night(0)
    );
}

#[test]
fn wrong_settings_are_named() {
    for (text, keys) in [
        (r#"{"transfers_max": "1.00"}"#, vec!["transfers_max"]),
        (r#"{"transfer_max": 10000}"#, vec!["transfer_max"]),
        (r#"{"transfer_max": "-1"}"#, vec!["transfer_max"]),
        (r#"{"transfer_max": "1.005"}"#, vec!["transfer_max"]),
        (r#"{"payees": "friends"}"#, vec!["payees"]),
        (r#"{"payees_known": "savings_2"}"#, vec!["payees_known"]),
        (r#"{"night_from_hour": 24}"#, vec!["night_from_hour"]),
        (r#"{"day_count_max": 0}"#, vec!["day_count_max"]),
        (r#"{"hand_off_above": "never"}"#, vec!["hand_off_above"]),
        (r#"{"applications_pin": "yes"}"#, vec!["applications_pin"]),
        (r#"{"day_total_max": "1.00"}"#, vec!["day_total_max"]),
        (
            r#"{"night_max": "5.00", "night_from_hour": 6, "night_to_hour": 6}"#,
            vec!["night_to_hour"],
        ),
        ("[]", vec![""]),
        ("{}", vec![]),
    ] {
        assert_eq!(problems(text), keys, "{text}");
    }
}

#[test]
fn the_schema_names_every_setting() {
    let schema = include_str!("../settings.schema.json");
    for key in Limits::KEYS {
        assert!(schema.contains(&format!("\"{key}\": {{")), "{key}");
    }
}
