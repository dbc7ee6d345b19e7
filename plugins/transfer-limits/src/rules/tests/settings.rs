//! Settings that are wrong are named, and what the right ones mean.
//! Amounts are decimal texts, never JSON numbers.

use super::*;

fn problems(text: &str) -> Vec<String> {
    let mut reader = Reader::from_object(text, &Limits::KEYS);
    Limits::read(&mut reader);
    reader
        .problems()
        .into_iter()
        .map(|problem| problem.key)
        .collect()
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
    let schema = ::settings::schema(include_str!("../../settings.schema.json"));
    // The contract's bound for a text.
    assert!(schema.len() <= 2_000, "{}", schema.len());
    for key in Limits::KEYS {
        assert!(schema.contains(&format!("\"{key}\": {{")), "{key}");
    }
}
