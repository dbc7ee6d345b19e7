//! One transfer against every limit, each limit at its very edge.
//! Where two answers apply, the more restrictive one is expected.

use super::*;

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
fn a_large_sum_in_small_parts_needs_the_pin_as_well() {
    const DAY: &str = r#"{"day_pin_above": "500.00"}"#;
    let moved = |count, minor| Sample {
        moved: (count, minor),
        ..alice()
    };
    let yes = Turn {
        confirmed: true,
        ..turn()
    };
    let pin = "step-up pin_needed";
    for (turn, minor, settings, bank, expected) in [
        (&yes, 24_900, DAY, moved(0, 0), "allow"),
        (&yes, 24_900, DAY, moved(1, 25_100), "allow"),
        (&yes, 24_901, DAY, moved(1, 25_100), pin),
        (&yes, 1, DAY, moved(2, 50_000), pin),
        (&yes, 1, DAY, moved(2, i64::MAX), "deny over_day_max"),
        (&cleared(), 1, DAY, moved(2, 50_000), "allow"),
        (&yes, 24_901, "{}", moved(1, 25_100), "allow"),
        (
            &yes,
            24_901,
            r#"{"day_pin_above": "off"}"#,
            moved(1, 25_100),
            "allow",
        ),
    ] {
        let decided = at(turn, wanted(minor), settings, &bank);
        assert_eq!(decided, expected, "{minor} after {:?}", bank.moved);
    }
}

#[test]
fn a_large_sum_needs_a_pin_of_its_own() {
    const EACH: &str = r#"{"pin_each_above": "1000.00"}"#;
    const LARGER: &str = r#"{"pin_each_above": "1000.00", "pin_above": "2000.00"}"#;
    let proved = Turn {
        extra: vec![("pin".into(), "for-this".into())],
        ..cleared()
    };
    let service = Turn {
        channel: Channel::Rest,
        ..cleared()
    };
    for (turn, minor, settings, expected) in [
        (&cleared(), 100_000, EACH, "allow"),
        (&cleared(), 100_001, EACH, "step-up pin_needed"),
        (&proved, 100_001, EACH, "allow"),
        (&service, 100_001, EACH, "allow"),
        (&cleared(), 100_001, "{}", "allow"),
        (&turn_of_yes(), 100_001, LARGER, "step-up pin_needed"),
    ] {
        let decided = at(turn, wanted(minor), settings, &alice());
        assert_eq!(decided, expected, "{minor} {settings}");
    }
}

fn turn_of_yes() -> Turn {
    Turn {
        confirmed: true,
        ..turn()
    }
}

#[test]
fn the_most_restrictive_answer_comes_out() {
    for (turn, minor, settings, expected) in [
        (cleared(), 1_000_000, "{}", "allow"),
        (cleared(), 1_000_001, "{}", "deny over_transfer_max"),
        (turn(), 1_000_001, "{}", "deny over_transfer_max"),
        (cleared(), 500_001, HUMAN, "hand-off amount_needs_human"),
        (turn(), 500_001, HUMAN, "hand-off amount_needs_human"),
        (cleared(), 1_000_001, HUMAN, "hand-off amount_needs_human"),
        (cleared(), 2_500_001, HUMAN, "hand-off amount_needs_human"),
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
fn by_voice_whoever_wants_too_much_is_asked_for_another_sum() {
    let refused = |turn: &Turn, wanted, bank: &Sample| {
        let intent = Intent::Transfer(wanted);
        match decide(turn, &intent, &limits("{}"), bank) {
            Decision::Deny(message) => (message.parameters, message.text),
            other => panic!("{other:?}"),
        }
    };
    let slot = ("slot".to_owned(), "amount".to_owned());
    let poor = Sample {
        available: Ok(9_999),
        ..alice()
    };
    let (parameters, text) = refused(&turn(), wanted(10_000), &poor);
    assert!(parameters.contains(&slot), "{parameters:?}");
    assert!(
        text.ends_with("How much should I transfer instead?"),
        "{text}"
    );
    // Another sum helps neither one who has moved all that may be moved, nor with an account of somebody else.
    let spent = Sample {
        moved: (3, 2_500_000),
        ..alice()
    };
    let foreign = Transfer {
        from_account: "checking_2".into(),
        ..wanted(100)
    };
    let invocation = Turn {
        channel: Channel::Invocation,
        ..turn()
    };
    for (turn, wanted, bank) in [
        (&invocation, wanted(10_000), &poor),
        (&turn(), wanted(100), &spent),
        (&turn(), foreign, &alice()),
    ] {
        let (parameters, text) = refused(turn, wanted, bank);
        assert!(!parameters.contains(&slot) && !text.contains('?'), "{text}");
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
fn without_a_pin_the_ledger_lets_no_more_through_than_needs_none() {
    let intent = Intent::Transfer(wanted(100));
    let yes = Turn {
        confirmed: true,
        ..turn()
    };
    for (turn, settings, total) in [
        (&yes, r#"{"day_pin_above": "500.00"}"#, 50_000),
        (&cleared(), r#"{"day_pin_above": "500.00"}"#, 2_500_000),
        (&yes, r#"{"day_pin_above": "off"}"#, 2_500_000),
        (&yes, r#"{"day_pin_above": "90000.00"}"#, 2_500_000),
    ] {
        let Decision::Allow(caps) = decide(turn, &intent, &limits(settings), &alice()) else {
            panic!("not allowed")
        };
        assert_eq!(caps[0].total, Some(usd(total)), "{settings}");
    }
}

#[test]
fn a_full_day_is_said_before_a_yes_is_asked_for() {
    for (moved, expected) in [
        ((0, 2_400_000), "allow"),
        ((0, 2_400_001), "deny over_day_max"),
        ((19, 0), "allow"),
        ((20, 0), "deny over_day_count"),
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
