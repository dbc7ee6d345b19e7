//! What a policy owner is told about a setting that is wrong, and what is read where none is given.
//! A problem names its key, what was found and what was expected.

use super::*;

fn problem(key: &str, message: &str) -> Problem {
    Problem {
        key: key.into(),
        message: message.into(),
    }
}

#[test]
fn an_unknown_key_names_the_nearest_known_one() {
    let reader = Reader::from_object(r#"{"transfers_max": 1}"#, &["transfer_max"]);
    let expected = problem(
        "transfers_max",
        "Unknown setting; did you mean transfer_max?",
    );
    assert_eq!(reader.problems(), [expected]);
}

#[test]
fn something_that_is_no_object_is_a_problem() {
    assert_eq!(
        Reader::from_object("[1]", &[]).problems(),
        [problem("", "Expected an object, found [1].")]
    );
    assert_eq!(Reader::from_object("{", &[]).problems().len(), 1);
}

#[test]
fn absent_settings_have_their_defaults() {
    let mut reader = Reader::from_object("{}", &[]);
    assert_eq!(reader.currency("currency", "USD"), "USD");
    assert_eq!(reader.choice("payees", &["own", "known"], "known"), "known");
    assert_eq!(reader.whole("hour", 0..=23, 22), 22);
    assert!(reader.flag("flag", true));
    assert_eq!(reader.amount("max", "USD", 10), 1_000);
    assert_eq!(reader.amount_or_off("night_max", "USD"), None);
    assert!(reader.ids("ids").is_empty());
    assert!(reader.problems().is_empty());
}

#[test]
fn given_settings_are_read_exactly() {
    let text = r#"{"max": "0.10", "night": "off", "ids": ["a", "b"], "hour": 0, "flag": false}"#;
    let mut reader = Reader::from_object(text, &["max", "night", "ids", "hour", "flag"]);
    assert_eq!(reader.amount("max", "USD", 10), 10);
    assert_eq!(reader.amount_or_off("night", "USD"), None);
    assert_eq!(reader.ids("ids"), ["a", "b"]);
    assert_eq!(reader.whole("hour", 0..=23, 22), 0);
    assert!(!reader.flag("flag", true));
    assert!(reader.problems().is_empty());
}

#[test]
fn a_wrong_value_is_a_problem_that_says_what_was_expected() {
    let text =
        r#"{"max": 10, "hour": 24, "flag": "yes", "payees": "all", "ids": [1], "currency": "usd"}"#;
    let known = ["max", "hour", "flag", "payees", "ids", "currency"];
    let mut reader = Reader::from_object(text, &known);
    reader.amount("max", "USD", 10);
    reader.whole("hour", 0..=23, 22);
    reader.flag("flag", true);
    reader.choice("payees", &["own", "known"], "known");
    reader.ids("ids");
    reader.currency("currency", "USD");
    let problems = reader.problems();
    assert_eq!(
        problems[0],
        problem(
            "max",
            "Expected a decimal amount as a text, not below zero and with at most 2 decimals, such as \"10000.00\", found 10."
        )
    );
    assert_eq!(
        problems[1],
        problem("hour", "Expected a whole number from 0 to 23, found 24.")
    );
    assert_eq!(problems.len(), 6);
}

#[test]
fn what_crosses_to_the_host_is_bounded() {
    let long = format!(r#"{{"{}\u0007": 1}}"#, "k".repeat(5_000));
    let found = Reader::from_object(&long, &[]).problems();
    assert!(found[0].key.len() <= 128 && found[0].message.len() <= 2_000);
    let keys: Vec<String> = (0..200).map(|n| format!(r#""key{n}": 1"#)).collect();
    let many = format!("{{{}}}", keys.join(","));
    assert_eq!(Reader::from_object(&many, &[]).problems().len(), 100);
    assert_eq!(
        schema("{\n  \"type\": \"object\"\n}\n"),
        r#"{"type": "object"}"#
    );
}

#[test]
fn what_the_host_keeps_for_a_stage_is_read_with_defaults_for_what_is_absent_or_wrong() {
    let mut reader = Reader::from_stage(r#"{"max": "5.00", "wrong": 5, "of_another_version": 1}"#);
    assert_eq!(reader.amount("max", "USD", 10), 500);
    assert_eq!(reader.amount("absent", "USD", 10), 1_000);
    assert_eq!(reader.amount("wrong", "USD", 10), 1_000);
    assert_eq!(reader.problems().len(), 1);
    assert_eq!(Reader::from_stage("{").problems().len(), 1);
}
