//! A plugin.toml of any text gives scenarios that mean something, or is refused in a sentence that says what is wrong.
//!
//! The samples are those of the shipped plugins, which are read as their components carry them.

use std::path::Path;

use proptest::prelude::*;

use super::super::*;
use crate::tests::text;
use crate::tests::trial::{self, Judged, Meter, Parser, Verdict};

const PARSER: Parser = Parser {
    name: "plugin-toml",
    base: 4 << 20,
    per_byte: 400,
};

const WORDS: &[&str] = &[
    "[[self-test]]",
    "[self-test]",
    "[[selftest]]",
    "name = \"x\"\n",
    "phase = \"decide\"\n",
    "capabilities = []\n",
    "\"accounts\"",
    "\"moon\"",
    "turn = { text = \"yes\" }\n",
    "now",
    "confirmed",
    "intent",
    "expect",
    "bank",
    "outcome",
    "draft",
    "settings",
    "invocation",
    "arguments",
    "parameters",
    "amount = \"500.00 USD\"",
    "\"5 USD\"",
    "\"0.005 USD\"",
    "\"1e9 USD\"",
    "{ minor = 1, currency = \"USD\" }",
    "{",
    "}",
    "[",
    "]",
    ",",
    "=",
    ".",
    "\"",
    "'",
    "\"\"\"",
    "\n",
    "#",
    "nan",
    "inf",
    "-1",
    "1e400",
    "9223372036854775807",
    "2026-03-10T23:30:00-05:00",
    "2026-03-10",
    "9999-12-31T23:59:59+23:59",
    "true",
    "\\u0000",
    "\\u001b[2J",
    "\u{7f}",
];

fn manifests() -> impl Strategy<Value = (String, Phase)> {
    let plugins = Path::new(env!("CARGO_MANIFEST_DIR")).join("../plugins");
    let names = [
        "banking-actions",
        "intent-router",
        "response-shaper",
        "transfer-limits",
    ];
    let read = |name| {
        let file = plugins.join(name).join("plugin.toml");
        std::fs::read_to_string(file).expect("a plugin.toml")
    };
    let phases = [Phase::Fulfil, Phase::Route, Phase::Shape, Phase::Decide];
    let mut samples = Vec::new();
    for (name, phase) in names.into_iter().zip(phases) {
        let whole = read(name);
        // Whole ones are long: most changes of them change one test of many.
        for (at, _) in whole.match_indices("[[self-test]]") {
            let rest = &whole[at..];
            let end = rest[1..]
                .find("[[self-test]]")
                .map_or(rest.len(), |end| end + 1);
            samples.push((rest[..end].to_owned(), phase));
        }
        samples.push((whole, phase));
    }
    let other = proptest::sample::select(Phase::ALL.to_vec());
    let phase = prop_oneof![6 => Just(None), 1 => other.prop_map(Some)];
    let changed = (
        proptest::sample::select(samples),
        text::changes(WORDS),
        phase,
    );
    changed.prop_map(|((text, its_phase), changes, phase)| {
        (text::changed(&text, &changes), phase.unwrap_or(its_phase))
    })
}

/// A component with nothing in it but its plugin.toml.
fn carrying(text: &str) -> Vec<u8> {
    let leb = |mut value: usize| {
        let mut bytes = Vec::new();
        while value > 0x7f {
            bytes.push(u8::try_from(value & 0x7f).expect("seven bits") | 0x80);
            value >>= 7;
        }
        bytes.push(u8::try_from(value).expect("seven bits"));
        bytes
    };
    let name = b"bank:voice/plugin.toml";
    let content = [&leb(name.len()), name.as_slice(), text.as_bytes()].concat();
    [
        b"\0asm\x0d\0\x01\0\0".as_slice(),
        &leb(content.len()),
        &content,
    ]
    .concat()
}

fn property((text, phase): &(String, Phase), meter: &Meter) -> Judged {
    let component = carrying(text);
    let name = meter.watch(text.len(), || carried::carried_name(&component))?;
    prop_assert!(name.iter().all(|name| bounds::is_safe_id(name)));
    match meter.watch(text.len(), || Scenario::read(&component, *phase))? {
        Ok(scenarios) => {
            let table = carried::plugin_toml(&component)
                .expect("read")
                .expect("carried");
            let written = table.get("self-test").and_then(toml::Value::as_array);
            prop_assert_eq!(
                scenarios.len(),
                written.map_or(0, Vec::len),
                "one is left out"
            );
            prop_assert!(scenarios.len() <= SCENARIOS_MAX);
            for scenario in &scenarios {
                prop_assert!(bounds::text("name", &scenario.name).is_ok());
                let expects = scenario.expect.as_object().map_or(0, Map::len);
                prop_assert!(expects > 0, "it expects nothing");
            }
            Ok(Verdict::Accepted)
        }
        Err(refused) => {
            let said = refused.to_string();
            prop_assert!(!said.contains(char::is_control), "{said:?}");
            prop_assert!(said.len() < 4_000 + 4 * text.len(), "{} bytes", said.len());
            let is_placed = ["self-test", "line ", "plugin.toml"]
                .iter()
                .any(|it| said.contains(it));
            prop_assert!(is_placed, "without a place: {said}");
            Ok(Verdict::Refused)
        }
    }
}

#[test]
fn a_plugin_toml_gives_every_scenario_it_has_or_says_what_is_wrong() {
    println!("{}", trial::run(PARSER, &manifests(), property));
}
