//! Settings are read in layers, and a bad one is named with what to do.
//!
//! The environment is an argument here, so that tests do not share the process's own.

mod properties;

use super::*;

fn read(variables: &[(&str, &str)]) -> Result<Settings, Error> {
    let variables: Vec<_> = variables
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    Settings::from_layers(None, &variables)
}

#[test]
fn the_embedded_manual_is_a_complete_set_of_settings() {
    let settings = read(&[]).expect("the defaults");
    assert_eq!(settings.server.port, 8001);
    assert_eq!(settings.turn.deadline_ms, 4_500);
}

#[test]
fn the_predecessors_variables_keep_their_names() {
    let settings = read(&[
        ("ORCHESTRATOR_HOST", "127.0.0.1"),
        ("ORCHESTRATOR_PORT", "9001"),
        ("RETELL_API_KEY", "12345"),
        ("PYTHON_BACKEND_URL", "http://bank:8000"),
        ("LOG_LEVEL", "DEBUG"),
        ("CALL_STATE_DB", "memory"),
        ("BACKEND_DIALECT", "published"),
    ])
    .expect("all known");
    assert_eq!(
        (settings.server.host.as_str(), settings.server.port),
        ("127.0.0.1", 9001)
    );
    assert_eq!(
        settings.retell.api_key.expect("set").expose_secret(),
        "12345"
    );
    assert_eq!(settings.backend.url, "http://bank:8000");
}

#[test]
fn what_a_host_should_not_do_without_is_said_and_no_token_with_it() {
    let of = |variables: &[(&str, &str)]| read(variables).expect("known").cautions();
    assert!(of(&[])[0].contains("ORCHESTRATOR_WEBSOCKET_TOKEN is not set"));
    let open = of(&[("ORCHESTRATOR_WEBSOCKET_TOKEN", "0123456789abcdef")]);
    assert!(
        open[0].contains("voice.hand_off_number is not set"),
        "{open:?}"
    );
    let short = of(&[
        ("ORCHESTRATOR_VOICE__HAND_OFF_NUMBER", "+14155550199"),
        ("ORCHESTRATOR_API_TOKEN", "tooshort"),
        ("ORCHESTRATOR_WEBSOCKET_TOKEN", "0123456789abcdef"),
    ]);
    assert_eq!(short.len(), 1, "{short:?}");
    assert!(short[0].starts_with("ORCHESTRATOR_API_TOKEN") && !short[0].contains("tooshort"));
}

#[test]
fn an_unknown_setting_is_named_once_with_where_it_stands() {
    let said = |read: Result<Settings, Error>| read.expect_err("unknown").to_string();
    assert_eq!(
        said(read(&[("ORCHESTRATOR_SERVER__PROT", "3")])),
        "unknown setting `server.prot` (in the environment); did you mean `port`? All keys are in config/default.toml"
    );
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("settings.toml");
    for (text, words) in [
        ("[server]\nprot = 3", "unknown setting `server.prot` (in "),
        ("servr = 3", "unknown setting `servr` (in "),
    ] {
        std::fs::write(&file, text).expect("a file");
        let said = said(Settings::from_layers(Some(&file), &[]));
        assert!(
            said.starts_with(words) && said.contains("settings.toml)"),
            "{said}"
        );
    }
}

#[test]
fn a_file_that_is_no_toml_is_refused_with_the_line_and_without_what_stands_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("settings.toml");
    std::fs::write(&file, "[retell]\napi_key = \"key_secret\n").expect("a file");
    let said = Settings::from_layers(Some(&file), &[]).expect_err("no TOML");
    let said = said.to_string();
    assert!(
        said.contains("settings.toml) cannot be read: line 2: "),
        "{said}"
    );
    assert!(!said.contains("key_secret"), "{said}");
}

#[test]
fn a_table_in_the_place_of_a_value_is_refused_without_what_stands_in_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("settings.toml");
    std::fs::write(&file, "[server.host]\napi_key = \"key_secret\"\n").expect("a file");
    let said = Settings::from_layers(Some(&file), &[]).expect_err("no host");
    let said = said.to_string();
    assert!(said.contains("`server.host` is a table"), "{said}");
    assert!(said.contains("expected a string"), "{said}");
    assert!(!said.contains("key_secret"), "{said}");
}

#[test]
fn every_other_key_is_reached_by_its_section() {
    let settings = read(&[
        ("ORCHESTRATOR_LEDGER__TRANSFER_MAX", "1000.00"),
        ("ORCHESTRATOR_TURN__DEADLINE_MS", "4000"),
        ("ORCHESTRATOR_VOICE__AGENT__REMINDER_MAX_COUNT", "3"),
        ("ORCHESTRATOR_VOICE__AGENT__RESPONSIVENESS", "0.5"),
    ])
    .expect("known");
    assert_eq!(settings.voice.agent.reminder_max_count, Some(3));
    assert_eq!(settings.voice.agent.responsiveness, Some(0.5));
    assert_eq!(settings.ledger.transfer_max, "1000.00");
    assert_eq!(settings.turn.deadline_ms, 4_000);
}

#[test]
fn a_bad_setting_is_named_with_its_value_and_what_was_expected() {
    for (name, value, expected) in [
        ("ORCHESTRATOR_PROT", "1", "did you mean ORCHESTRATOR_PORT"),
        ("ORCHESTRATOR_PORT", "http", "`server.port` = \"http\""),
        ("ORCHESTRATOR_PORT", "70000", "server.port"),
        (
            "BACKEND_DIALECT",
            "publish",
            "expected one of documented, published, auto",
        ),
        ("ORCHESTRATOR_SERVER__PROT", "1", "did you mean `port`?"),
        ("ORCHESTRATOR_LEDGER__DAY_MAX", "1.005", "1.005"),
        ("LOG_LEVEL", "LOUD", "LOUD"),
    ] {
        let refused = read(&[(name, value)]).expect_err(name).to_string();
        assert!(refused.contains(expected), "{name}={value}: {refused}");
    }
}

#[test]
fn outside_sandbox_the_key_and_both_tokens_must_be_set() {
    let missing = |variables: &[(&str, &str)]| {
        read(variables)
            .expect("known")
            .check_secrets()
            .expect_err("missing")
            .to_string()
    };
    assert!(missing(&[]).starts_with("RETELL_API_KEY not found"));
    assert!(missing(&[("RETELL_API_KEY", "k")]).starts_with("ORCHESTRATOR_API_TOKEN not found"));
    let most = [("RETELL_API_KEY", "k"), ("ORCHESTRATOR_API_TOKEN", "a")];
    assert!(missing(&most).starts_with("ORCHESTRATOR_ADMIN_TOKEN not found"));
}
