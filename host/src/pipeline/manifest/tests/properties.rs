//! A manifest of any text is taken as what it says, within the bounds, or refused with the place.
//!
//! The samples are the shipped manifest and the small one of the tests; what its stages say about themselves is tested with them.

use proptest::prelude::*;

use super::super::*;
use crate::call::bounds;
use crate::pipeline::recipe::Recipe;
use crate::tests::text;
use crate::tests::trial::{self, Judged, Meter, Parser, Verdict};

const PARSER: Parser = Parser {
    name: "manifest",
    base: 4 << 20,
    per_byte: 400,
};

const WORDS: &[&str] = &[
    "[[stage]]",
    "[stage]",
    "[stage.settings]",
    "[stage.sandbox]",
    "[stage.limits]",
    "[[stages]]",
    "phase = \"route\"\n",
    "phase = \"fulfil\"\n",
    "plugin = \"a\"\n",
    "name = \"b\"\n",
    "\"decide\"",
    "\"shape\"",
    "without = [\"route\"]\n",
    "grants = []\n",
    "[\"payments\"]",
    "\"assistant\"",
    "\"accounts\"",
    "limits = { deadline_ms = 1 }\n",
    "deadline_ms",
    "instances_max",
    "= 0",
    "= 60000",
    "= -1",
    "settings_file = \"more.toml\"\n",
    "\"../more.toml\"",
    "pin = \"turn\"\n",
    "pin",
    "\"",
    "'",
    "\"\"\"",
    "{",
    "}",
    "[",
    "]",
    "[[",
    ",",
    "=",
    ".",
    "\n",
    "#",
    "nan",
    "inf",
    "1e400",
    "0x7f",
    "9223372036854775808",
    "2026-03-10T23:30:00-05:00",
    "true",
    "\\u0000",
    "\\",
    "\u{7f}",
    "\u{1b}[2J",
];

fn manifests() -> impl Strategy<Value = (String, String)> {
    let shipped = include_str!("../../../../../config/pipeline.toml");
    let plain: Vec<&str> = shipped
        .lines()
        .filter(|line| !line.starts_with('#'))
        .collect();
    let samples = vec![super::GOOD.to_owned(), shipped.to_owned(), plain.join("\n")];
    let more = vec!["pin_above = \"9.00\"\nnight_from_hour = 3\n".to_owned()];
    (text::texts(samples, WORDS), text::texts(more, WORDS))
}

fn property((text, more): &(String, String), meter: &Meter) -> Judged {
    let bytes = text.len() + more.len();
    let read = |sandbox| Manifest::parse_with(text, sandbox, |_| Ok(more.clone()));
    let served = meter.watch(bytes, || read(false))?;
    let tried = meter.watch(bytes, || read(true))?;
    let manifest = match (served, tried) {
        (Ok(manifest), Ok(tried)) => {
            prop_assert_eq!(manifest.stages.len(), tried.stages.len());
            for (served, tried) in manifest.stages.iter().zip(&tried.stages) {
                let outside = tried
                    .replaced
                    .as_ref()
                    .map_or(&tried.settings, |it| &it.settings);
                prop_assert_eq!(
                    &served.settings,
                    outside,
                    "a sandbox changed what is outside"
                );
            }
            manifest
        }
        (Err(said), Err(again)) => {
            prop_assert_eq!(&said, &again);
            return refused(&said, text, more);
        }
        (served, tried) => {
            prop_assert!(false, "outside {served:?}, in a sandbox {tried:?}");
            return Ok(Verdict::Refused);
        }
    };
    for (number, stage) in manifest.stages.iter().enumerate() {
        within(stage)?;
        let is_same = |other: &&StageSpec| (other.phase, &other.name) == (stage.phase, &stage.name);
        prop_assert_eq!(manifest.stages[..number].iter().find(is_same), None);
    }
    // What the database keeps of it is all of it.
    let digests = manifest.stages.iter().map(|_| "d".repeat(64)).collect();
    let recipe = Recipe::new(&manifest, digests);
    let kept = serde_json::from_str(&recipe.content.to_string()).expect("JSON");
    prop_assert_eq!(Recipe::stored(&recipe.id, &kept), Ok(recipe));
    Ok(Verdict::Accepted)
}

fn within(stage: &StageSpec) -> Result<(), TestCaseError> {
    let limits = stage.limits;
    prop_assert!((1..=60_000).contains(&limits.deadline_ms));
    prop_assert!((65_536..=268_435_456).contains(&limits.memory_bytes_max));
    prop_assert!((1..=20_000).contains(&limits.table_elements_max));
    prop_assert!((1..=10_000).contains(&limits.host_calls_max));
    prop_assert!((4_096..=16_777_216).contains(&limits.border_bytes_max));
    prop_assert!(
        limits
            .instances_max
            .is_none_or(|most| (1..=10_000).contains(&most))
    );
    prop_assert!(bounds::is_safe_id(&stage.name) && bounds::is_safe_id(&stage.plugin));
    for (number, grant) in stage.grants.iter().enumerate() {
        prop_assert!(!stage.grants[..number].contains(grant));
        prop_assert!(stage.phase == Phase::Fulfil || !grant.is_for_actions_only());
    }
    Ok(())
}

/// One line that says where, and that no terminal obeys.
fn refused(said: &str, text: &str, more: &str) -> Judged {
    prop_assert!(!said.contains(char::is_control), "{said:?}");
    prop_assert!(said.len() < 2_000, "{} bytes", said.len());
    let lines = 1 + text.lines().count().max(more.lines().count());
    let mut places = said.split("line ").skip(1);
    let named = places.find_map(|rest| {
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.parse::<usize>().ok()
    });
    match named {
        Some(line) => prop_assert!((1..=lines).contains(&line), "no such line: {said}"),
        None => prop_assert!(said.contains("phase `"), "without a place: {said}"),
    }
    Ok(Verdict::Refused)
}

#[test]
fn a_manifest_is_what_it_says_within_the_bounds_or_refused_with_the_place() {
    println!("{}", trial::run(PARSER, &manifests(), property));
}
