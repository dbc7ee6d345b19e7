//! Settings of any file and environment are within their bounds or refused by name, and no secret is ever repeated.
//!
//! The samples are the manual itself and parts of it; the environment is an argument.

use std::io::Write as _;

use proptest::collection::vec;
use proptest::prelude::*;

use super::super::*;
use crate::tests::text;
use crate::tests::trial::{self, Judged, Meter, Parser, Verdict};

const PARSER: Parser = Parser {
    name: "config",
    base: 4 << 20,
    per_byte: 400,
};

/// Stands wherever a secret may stand, as a text and as a number.
const SECRET: &str = "quokkasecret";
const SECRET_NUMBER: &str = "77350917735091";

const WORDS: &[&str] = &[
    "[server]\n",
    "[retell]\n",
    "[backend]\n",
    "[voice.agent]\n",
    "[server.host]\n",
    "port = 1\n",
    "api_key = \"quokkasecret\"\n",
    "api_token = 77350917735091\n",
    "admin_token = [\"quokkasecret\"]\n",
    "token = \"quokkasecret\n",
    "redis_url = \"redis://:quokkasecret@h\"\n",
    "url = 7",
    "\"USD\"",
    "\"XXZ\"",
    "\"1.005\"",
    "-1",
    "0",
    "1",
    "70000",
    "1e400",
    "nan",
    "18446744073709551616",
    "true",
    "\"\"",
    "[]",
    "{",
    "}",
    "=",
    ".",
    "\"",
    "'",
    "\n",
    "#",
    "[[",
    "1979-05-27",
    "\\u0000",
    "\u{1b}[2J",
];

const SECRET_NAMES: [&str; 9] = [
    "RETELL_API_KEY",
    "ORCHESTRATOR_API_TOKEN",
    "ORCHESTRATOR_ADMIN_TOKEN",
    "BACKEND_TOKEN",
    "ORCHESTRATOR_WEBSOCKET_TOKEN",
    "DATABASE_URL",
    "REDIS_URL",
    "DB_PASSWORD",
    "ORCHESTRATOR_RETELL__API_KEY",
];

const NAMES: [&str; 24] = [
    "ORCHESTRATOR_HOST",
    "ORCHESTRATOR_PORT",
    "ORCHESTRATOR_PROT",
    "PYTHON_BACKEND_URL",
    "BACKEND_DIALECT",
    "BACKEND_IDEMPOTENT",
    "LOG_LEVEL",
    "LOG_FORMAT",
    "CALL_STATE_DB",
    "DB_HOST",
    "DB_PORT",
    "DB_USER",
    "DB_NAME",
    "DB_SSLMODE",
    "ORCHESTRATOR_LEDGER__DAY_MAX",
    "ORCHESTRATOR_TURN__DEADLINE_MS",
    "ORCHESTRATOR_SERVER__PROT",
    "ORCHESTRATOR_SERVER__BODY_BYTES_MAX",
    "ORCHESTRATOR_PLUGIN__INSTANCES_MAX",
    "ORCHESTRATOR_CALLER__PHONE_OPENS",
    "ORCHESTRATOR_VOICE__AGENT",
    "ORCHESTRATOR_TURN__TIMEZONE",
    "ORCHESTRATOR___",
    "ORCHESTRATOR_A__B.C__D",
];

type Variables = Vec<(String, String)>;

fn layers() -> impl Strategy<Value = (String, Variables)> {
    let mut samples: Vec<String> = vec![DEFAULTS.to_owned()];
    samples.extend(
        DEFAULTS
            .split("\n[")
            .skip(1)
            .map(|part| format!("[{part}\n")),
    );
    let secret = prop_oneof![
        Just(SECRET.to_owned()),
        Just(SECRET_NUMBER.to_owned()),
        Just(format!("[\"{SECRET}\""))
    ];
    let value = prop_oneof![
        2 => text::word(WORDS).prop_filter("a secret", |word| !has_secret(word)),
        1 => proptest::sample::select(vec!["8001", "published", "INFO", "memory", "redis", "json", "500.00", "[\"balance\"]",
            "{a = 1}", "http://h", "require", "0.5"]).prop_map(str::to_owned),
    ];
    let known = proptest::sample::select(NAMES.to_vec()).prop_map(str::to_owned);
    let name = prop_oneof![8 => known, 1 => "ORCHESTRATOR_[A-Z_]{0,20}", 1 => ".{0,20}"];
    let variable = prop_oneof![
        1 => (proptest::sample::select(SECRET_NAMES.to_vec()).prop_map(str::to_owned), secret),
        2 => (name, value),
    ];
    let file = prop_oneof![1 => Just(String::new()), 2 => text::texts(samples, WORDS)];
    (file, vec(variable, 0..5))
}

fn has_secret(text: &str) -> bool {
    text.contains(SECRET) || text.contains(SECRET_NUMBER)
}

fn property(
    file: &tempfile::NamedTempFile,
    (text, variables): &(String, Variables),
    meter: &Meter,
) -> Judged {
    std::fs::write(file.path(), text).expect("a file");
    let given: usize = variables
        .iter()
        .map(|(name, value)| name.len() + value.len())
        .sum();
    let read = || Settings::from_layers(Some(file.path()), variables);
    let settings = match meter.watch(text.len() + given, read)? {
        Ok(settings) => settings,
        Err(refused) => {
            let said = refused.to_string();
            prop_assert!(!has_secret(&said), "a secret is told: {said}");
            prop_assert!(!said.contains(char::is_control), "{said:?}");
            prop_assert!(
                said.len() < 1_000 + 8 * (text.len() + given),
                "{} bytes",
                said.len()
            );
            let is_named = [
                "setting",
                "DB_PORT",
                "REDIS_URL",
                "environment variable",
                "[",
            ]
            .iter()
            .any(|it| said.contains(it));
            prop_assert!(is_named, "without a name: {said}");
            return Ok(Verdict::Refused);
        }
    };
    prop_assert!(
        !has_secret(&format!("{settings:?}{:?}", settings.cautions())),
        "a secret is shown"
    );
    prop_assert!(settings.plugin.instances_max >= 1 && settings.database.connections_max >= 1);
    prop_assert!(
        settings.server.webhook_bytes_max >= 1_024 && settings.server.body_bytes_max >= 1_024
    );
    prop_assert!(settings.server.body_timeout_ms >= 1 && settings.backend.assistant_ms >= 100);
    prop_assert!(settings.ledger.ceilings().is_ok());
    prop_assert_eq!(settings.check(), Ok(()));
    let again = Settings::from_layers(Some(file.path()), variables).expect("read before");
    prop_assert_eq!(format!("{settings:?}"), format!("{again:?}"));
    Ok(Verdict::Accepted)
}

#[test]
fn settings_are_within_their_bounds_or_refused_by_name_and_no_secret_is_told() {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.flush().expect("a file");
    let tried = trial::run(PARSER, &layers(), |layers, meter| {
        property(&file, layers, meter)
    });
    println!("{tried}");
}
