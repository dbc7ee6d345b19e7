//! Tool calls: arguments that make sense become slots, all others become questions.
//! A garbage argument never reaches an intent.

use super::*;
use crate::bindings::bank::voice::types::{CreditCard, Loan, StatementsQuery};

#[test]
fn every_function_has_its_intent() {
    for (name, arguments, intent) in [
        ("list_accounts", "{}", Intent::Accounts),
        ("get_profile", "", Intent::Profile),
        ("confirm", "{}", Intent::Affirm),
        ("decline", "{}", Intent::Decline),
        ("cancel", "{}", Intent::Cancel),
        ("repeat", "{}", Intent::Repeat),
        ("transfer_to_human", "{}", Intent::Human),
        ("human", "{}", Intent::Human),
        ("end_call", "{}", Intent::Goodbye),
        ("goodbye", "{}", Intent::Goodbye),
        ("check_balance", r#"{"account_id":"all"}"#, Intent::Accounts),
        (
            "check_balance",
            r#"{"account_id":"checking_1"}"#,
            Intent::Balance("checking_1".into()),
        ),
        (
            "check_balance",
            r#"{"account_id":"Checking"}"#,
            Intent::Balance("checking_1".into()),
        ),
        (
            "check_balance",
            r#"{"account_id":"checking_9"}"#,
            Intent::Balance("checking_9".into()),
        ),
        (
            "check_balance",
            r#"{"account_id":"Bob's account"}"#,
            Intent::Balance("Bob's account".into()),
        ),
        (
            "check_balance",
            r#"{"account_id":4455}"#,
            Intent::Balance("4455".into()),
        ),
        (
            "application_status",
            r#"{"application_id":"loan_1"}"#,
            Intent::ApplicationStatus("loan_1".into()),
        ),
        (
            "apply_loan",
            r#"{"amount":5000,"purpose":"car","years":"5"}"#,
            Intent::Loan(Loan {
                amount: usd(500_000),
                purpose: "car".into(),
                years: 5,
            }),
        ),
        (
            "apply_credit_card",
            r#"{"card_type":"gold","credit_limit":"1000.00"}"#,
            Intent::CreditCard(CreditCard {
                kind: "gold".into(),
                limit: usd(100_000),
            }),
        ),
    ] {
        assert_eq!(invoke(name, arguments), plain(intent), "{name} {arguments}");
    }
    assert_eq!(invoke("open_garage", "{}"), Routed::Pass);
    assert_eq!(invoke("verify_pin", "{}"), Routed::Pass);
}

#[test]
fn a_transfer_takes_amounts_as_numbers_and_as_texts() {
    for (amount, minor) in [
        ("500", 50_000),
        ("500.00", 50_000),
        ("1250.5", 125_050),
        ("0.01", 1),
        ("\"500\"", 50_000),
        ("\"$1,250.50\"", 125_050),
        ("\"five hundred dollars\"", 50_000),
        ("\" 500.00 USD\"", 50_000),
        ("90071992547409.93", 9_007_199_254_740_993),
    ] {
        let arguments =
            format!(r#"{{"from_account":"checking","to_account":"savings_1","amount":{amount}}}"#);
        let routed = invoke("transfer_funds", &arguments);
        assert_eq!(routed, moved("checking_1", "savings_1", minor), "{amount}");
    }
}

#[test]
fn a_garbage_amount_is_asked_for_and_never_guessed() {
    for amount in [
        "0",
        "-5",
        "10.005",
        "500.000",
        "1e308",
        "1e2",
        "true",
        "[500]",
        "{}",
        "\"NaN\"",
        "\"-5\"",
        "\"1e308\"",
        "\"lots\"",
        "\"0\"",
        "\"10.005\"",
        "99999999999999999999",
        "9007199254740993123456",
    ] {
        let arguments =
            format!(r#"{{"from_account":"checking","to_account":"savings_1","amount":{amount}}}"#);
        let (code, left) = asked(invoke("transfer_funds", &arguments));
        assert_eq!(code, "amount_invalid", "{amount}");
        assert_eq!(
            left,
            Draft::Transfer(draft(Some("checking_1"), Some("savings_1"), None))
        );
    }
    let unclear = r#"{"from_account":"checking","to_account":"savings","amount":"twelve fifty"}"#;
    assert_eq!(
        asks_for(invoke("transfer_funds", unclear)),
        "amount_unclear"
    );
    let absent = r#"{"from_account":"checking","to_account":"savings","amount":null}"#;
    assert_eq!(asks_for(invoke("transfer_funds", absent)), "amount_needed");
    for (currency, asked) in [
        (r#""EUR""#, Some("amount_currency")),
        (r#""euros""#, Some("amount_currency")),
        ("5", Some("amount_currency")),
        (r#"["USD"]"#, Some("amount_currency")),
        (r#""usd""#, None),
        (r#""dollars""#, None),
        (r#""$""#, None),
        ("null", None),
    ] {
        let arguments = format!(
            r#"{{"from_account":"checking","to_account":"savings","amount":5,"currency":{currency}}}"#
        );
        let routed = invoke("transfer_funds", &arguments);
        match asked {
            Some(code) => assert_eq!(asks_for(routed), code, "{currency}"),
            None => assert!(
                matches!(routed, Routed::Intent(_)),
                "{currency}: {routed:?}"
            ),
        }
    }
}

#[test]
fn accounts_of_a_transfer_are_found_or_asked_for() {
    for (arguments, code) in [
        ("{}", "from_account_needed"),
        ("not json", "from_account_needed"),
        (
            r#"{"from_account":true,"to_account":"savings","amount":5}"#,
            "from_account_invalid",
        ),
        (
            r#"{"from_account":"savings_7","to_account":"savings","amount":5}"#,
            "from_account_unknown",
        ),
        (
            r#"{"from_account":"checking","to_account":"Bob","amount":5}"#,
            "to_account_unknown",
        ),
        (
            r#"{"from_account":"checking","to_account":"checking_1","amount":5}"#,
            "to_account_same",
        ),
        (
            r#"{"from_account":"checking","to_account":["x"],"amount":5}"#,
            "to_account_invalid",
        ),
    ] {
        assert_eq!(
            asks_for(invoke("transfer_funds", arguments)),
            code,
            "{arguments}"
        );
    }
    let foreign =
        r#"{"from_account":"checking","to_account":"checking_2","amount":5,"memo":"lunch"}"#;
    let Routed::Intent(Intent::Transfer(transfer)) = invoke("transfer_funds", foreign) else {
        panic!("no transfer")
    };
    assert_eq!(
        (transfer.to_account.as_str(), transfer.payee),
        ("checking_2", Payee::FirstTime)
    );
    assert_eq!(transfer.memo.as_deref(), Some("lunch"));
}

#[test]
fn ids_pass_through_although_the_accounts_cannot_be_read() {
    let down = Sample {
        accounts: Err(Failure::Unavailable),
        ..alice()
    };
    let ids = r#"{"from_account":"checking_1","to_account":"savings_2","amount":5}"#;
    assert_eq!(
        invoke_at(&down, "transfer_funds", ids),
        moved("checking_1", "savings_2", 500)
    );
    let kinds = r#"{"from_account":"checking","to_account":"savings_2","amount":5}"#;
    assert_eq!(
        asks_for(invoke_at(&down, "transfer_funds", kinds)),
        "from_account_unreachable"
    );
    let balance = invoke_at(&down, "check_balance", r#"{"account_id":"savings"}"#);
    assert_eq!(balance, plain(Intent::Balance("savings".into())));
}

#[test]
fn statements_take_the_month_in_many_ways() {
    for (month, expected) in [
        (r#""2026-03""#, Some("2026-03")),
        (r#""2025-11""#, Some("2025-11")),
        (r#""March""#, Some("2026-03")),
        (r#""last month""#, Some("2026-10")),
        (r#""Q1""#, Some("Q1")),
        ("null", None),
    ] {
        let arguments = format!(r#"{{"account_id":"checking_1","month":{month}}}"#);
        let query = StatementsQuery {
            account: "checking_1".into(),
            month: expected.map(String::from),
        };
        assert_eq!(
            invoke("get_statements", &arguments),
            plain(Intent::Statements(query)),
            "{month}"
        );
    }
    assert_eq!(
        asks_for(invoke("get_statements", r#"{"month":3}"#)),
        "month_invalid"
    );
    assert_eq!(
        asks_for(invoke("get_statements", r#"{"account_id":{}}"#)),
        "account_id_invalid"
    );
    assert_eq!(
        asks_for(invoke("check_balance", r#"{"account_id":"market"}"#)),
        "account_id_unknown"
    );
}

#[test]
fn applications_ask_for_what_makes_no_sense() {
    for (name, arguments, code) in [
        (
            "apply_loan",
            r#"{"purpose":"car","years":5}"#,
            "amount_needed",
        ),
        (
            "apply_loan",
            r#"{"amount":"x","purpose":"car","years":5}"#,
            "amount_invalid",
        ),
        (
            "apply_loan",
            r#"{"amount":5,"purpose":"car","years":0}"#,
            "years_invalid",
        ),
        (
            "apply_loan",
            r#"{"amount":5,"purpose":"car","years":2.5}"#,
            "years_invalid",
        ),
        (
            "apply_loan",
            r#"{"amount":5,"purpose":7.5,"years":[]}"#,
            "years_invalid",
        ),
        ("apply_loan", r#"{"amount":5,"years":5}"#, "purpose_needed"),
        (
            "apply_credit_card",
            r#"{"credit_limit":500}"#,
            "card_type_needed",
        ),
        (
            "apply_credit_card",
            r#"{"card_type":"gold","credit_limit":-1}"#,
            "credit_limit_invalid",
        ),
        ("application_status", "{}", "application_id_needed"),
        (
            "application_status",
            r#"{"application_id":false}"#,
            "application_id_invalid",
        ),
    ] {
        assert_eq!(
            asks_for(invoke(name, arguments)),
            code,
            "{name} {arguments}"
        );
    }
}

#[test]
fn a_call_fills_the_slot_that_was_asked_for() {
    let open = draft(Some("checking_1"), Some("savings_1"), None);
    let invocation = Invocation {
        name: "transfer_funds".into(),
        arguments: r#"{"amount":50}"#.into(),
    };
    let turn = Turn {
        invocation: Some(invocation),
        ..turn("", slot_question(Draft::Transfer(open), "amount"))
    };
    let routed = route(&turn, &preferences(), &alice());
    assert_eq!(routed, moved("checking_1", "savings_1", 5_000));
}
