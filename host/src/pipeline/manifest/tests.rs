//! What a manifest may say, and the line and the word of what it may not.
//!
//! Texts only; how the files are read is tested in `snapshot.rs`.

mod properties;

use super::*;

// In the first line, so that the others keep their numbers.
const GOOD: &str = r#"without = ["route", "fulfil", "shape"]
        [[stage]]
        phase = "decide"
        plugin = "transfer-limits"
        grants = ["accounts", "history"]
        limits = { deadline_ms = 20 }
        [stage.settings]
        night_from_hour = 22
        transfer_max = "10000.00"
        [stage.sandbox]
        night_max = "off"
    "#;

#[test]
fn a_manifest_is_read_with_its_settings_and_the_sandbox_replaces_some() {
    let served = Manifest::parse(GOOD, false).expect("good");
    assert_eq!(served.pin, Pin::Call);
    assert_eq!(served.stages[0].limits.deadline_ms, 20);
    assert_eq!(
        Value::Object(served.stages[0].settings.clone()),
        serde_json::json!({"night_from_hour": 22, "transfer_max": "10000.00"})
    );
    let sandbox = Manifest::parse(GOOD, true).expect("good");
    assert_eq!(sandbox.stages[0].settings["night_max"], "off");
}

#[test]
fn one_plugin_may_stand_twice_under_names_of_its_own_stages() {
    let (_, again) = GOOD.split_once('\n').expect("lines");
    let again = again.replace("plugin = ", "name = \"savings\"\n        plugin = ");
    let both = Manifest::parse(&format!("{GOOD}{again}"), false).expect("good");
    let named: Vec<(&str, &str)> = both
        .stages
        .iter()
        .map(|stage| (stage.name.as_str(), stage.plugin.as_str()))
        .collect();
    assert_eq!(
        named,
        [
            ("transfer-limits", "transfer-limits"),
            ("savings", "transfer-limits")
        ]
    );
}

#[test]
fn what_a_sandbox_replaces_is_kept_as_it_is_outside() {
    let sandbox = Manifest::parse(&GOOD.replace("night_max =", "transfer_max ="), true);
    let stage = &sandbox.expect("good").stages[0];
    assert_eq!(stage.settings["transfer_max"], "off");
    let replaced = stage.replaced.as_ref().expect("one");
    assert_eq!(replaced.keys, ["transfer_max"]);
    assert_eq!(replaced.settings["transfer_max"], "10000.00");
    assert_eq!(stage.places.of("transfer_max", true), "line 11");
    assert_eq!(stage.places.of("transfer_max", false), "line 9");
    assert!(
        Manifest::parse(GOOD, false).expect("good").stages[0]
            .replaced
            .is_none()
    );
}

#[test]
fn settings_may_stand_in_a_file_of_their_own_and_those_in_the_manifest_win() {
    let text = GOOD.replace("limits =", "settings_file = \"limits.toml\"\nlimits =");
    let read =
        |text: &str, file: &'static str| Manifest::parse_with(text, false, |_| Ok(file.to_owned()));
    let manifest = read(&text, "pin_above = \"9.00\"\nnight_from_hour = 3").expect("good");
    let settings = &manifest.stages[0].settings;
    assert_eq!(settings["pin_above"], "9.00");
    assert_eq!(settings["night_from_hour"], 22);
    for (text, file, expected) in [
        (text.clone(), "pin_above =", "limits.toml"),
        (
            text.replace("limits.toml", "../x.toml"),
            "",
            "beside the manifest",
        ),
        (
            text.replace("limits.toml", "limits.json"),
            "",
            "beside the manifest",
        ),
    ] {
        let refused = read(&text, file).expect_err(expected);
        assert!(refused.contains(expected), "{refused}");
    }
}

#[test]
fn what_is_unknown_doubled_or_misplaced_is_refused_with_its_line() {
    let (_, again) = GOOD.split_once('\n').expect("lines");
    let doubled = format!("{GOOD}{again}");
    for (text, expected) in [
        (GOOD.replace("history", "histroy"), "did you mean `history`"),
        (GOOD.replace("phase", "fase"), "line 3"),
        (
            GOOD.replace("deadline_ms", "deadline"),
            "unknown key `deadline`, did you mean `deadline_ms`?",
        ),
        (
            GOOD.replace("history", "payments"),
            "for phase `fulfil` only",
        ),
        (
            GOOD.replace("transfer-limits", "../x"),
            "plugin folder is expected",
        ),
        (
            GOOD.replace("= 20 }", "= 0 }"),
            "line 6, plugin `transfer-limits`: `deadline_ms` = 0: expected 1 to 60000",
        ),
        (
            GOOD.replace("deadline_ms = 20", "border_bytes_max = 100"),
            "`border_bytes_max` = 100: expected 4096 to 16777216",
        ),
        (
            GOOD.replace("deadline_ms = 20", "instances_max = 0"),
            "`instances_max` = 0: expected 1 to 10000",
        ),
        (
            GOOD.replace("\"history\"", "\"accounts\""),
            "line 5, plugin `transfer-limits`: grant `accounts` stands twice",
        ),
        (GOOD.replace("grants", "grant"), "did you mean `grants`?"),
        (
            GOOD.replace("\"decide", "\"decid"),
            "line 3: `phase`: unknown value `decid`, did you mean `decide`?",
        ),
        (
            GOOD.replace("[[stage]]", "[[stages]]"),
            "line 2: unknown table `stages`, did you mean `[[stage]]`?",
        ),
        (
            doubled.replacen("[[stage]]", "[[stages]]", 1),
            "line 2: unknown table `stages`",
        ),
        (
            GOOD.replace("[[stage]]", "[stage]"),
            "line 2: `[stage]` would be the only one",
        ),
        (
            GOOD.replace("[stage.settings]", "[stage.setting]"),
            "line 7: unknown key `setting`, did you mean `settings`?",
        ),
        (
            GOOD.replace("= 22", "= [1, nan]"),
            "line 8, plugin `transfer-limits`: setting `night_from_hour`: a number is expected, `nan` and `inf` are none",
        ),
        (
            doubled,
            "twice in phase `decide`; give one of the stages a `name`",
        ),
    ] {
        let refused = Manifest::parse(&text, false).expect_err(expected);
        assert!(refused.contains(expected), "{refused}");
    }
}

#[test]
fn a_name_is_plain_and_means_one_plugin_and_a_date_is_a_text() {
    let (_, again) = GOOD.split_once('\n').expect("lines");
    let named = "\"other\"\nname = \"transfer-limits\"";
    let again = again
        .replace("decide", "route")
        .replace("\"transfer-limits\"", named);
    for (text, expected) in [
        (
            GOOD.replace("= 22", "= 1979-05-27"),
            "line 8, plugin `transfer-limits`: setting `night_from_hour`: a date is expected in quotes",
        ),
        (
            GOOD.replace("grants =", "name = \"\u{202e}a\"\ngrants ="),
            "line 5, plugin `transfer-limits`: `name`: letters and digits",
        ),
        (
            format!("{GOOD}{again}"),
            "plugin `other`: `name` is that of another stage's plugin, `transfer-limits`",
        ),
    ] {
        let refused = Manifest::parse(&text, false).expect_err(expected);
        assert!(refused.contains(expected), "{refused}");
    }
}

#[test]
fn a_refusal_is_one_short_line_whatever_the_names_in_the_file() {
    for (from, to) in [
        ("[[stage]]", "[\u{0}stage]]".to_owned()),
        ("\"transfer-limits\"", "\"\\u001b[2J\"".to_owned()),
        ("transfer-limits", "x".repeat(100_000)),
    ] {
        let refused = Manifest::parse(&GOOD.replacen(from, &to, 1), false).expect_err(from);
        assert!(!refused.contains(char::is_control), "{refused:?}");
        assert!(refused.len() < 2_000, "{}", refused.len());
    }
}

#[test]
fn a_file_that_is_cut_short_is_refused_by_the_phase_that_is_missing() {
    let shipped = include_str!("../../../../config/pipeline.toml");
    assert!(Manifest::parse(shipped, false).is_ok());
    let fulfil = shipped.find("[[stage]]\nphase = \"fulfil\"").expect("one");
    let shape = shipped.find("[[stage]]\nphase = \"shape\"").expect("one");
    for (text, expected) in [
        ("", "`route`, `decide`, `fulfil`, `shape`"),
        ("# only comments", "`route`, `decide`, `fulfil`, `shape`"),
        (&shipped[..fulfil], "no stage in phase `fulfil`, `shape`"),
        (&shipped[..shape], "no stage in phase `shape`"),
    ] {
        let refused = Manifest::parse(text, false).expect_err(expected);
        assert!(refused.contains(expected), "{refused}");
    }
    let cut = &shipped[..fulfil];
    let meant = format!("without = [\"fulfil\", \"shape\"]\n{cut}");
    assert!(Manifest::parse(&meant, false).is_ok());
    let both = format!("without = [\"fulfil\"]\n{shipped}");
    let refused = Manifest::parse(&both, false).expect_err("both");
    assert!(refused.contains("take one of them out"), "{refused}");
}

#[test]
fn more_stages_than_anybody_means_are_refused_with_the_line_of_the_first_too_many() {
    let stage = |number: usize| {
        format!("[[stage]]\nphase = \"decide\"\nplugin = \"limits\"\nname = \"s{number}\"\n")
    };
    let stages: String = (0..=STAGES_MAX).map(stage).collect();
    let refused = Manifest::parse(&stages, false).expect_err("too many");
    let line = STAGES_MAX * 4 + 3;
    assert!(refused.contains(&format!("line {line}, ")), "{refused}");
    assert!(refused.contains("at most 64"), "{refused}");
}
