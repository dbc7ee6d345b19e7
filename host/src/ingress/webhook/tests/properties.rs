//! What is kept of an event is bounded, stays what it was when it is found again, and holds no text that was no part of it.
//!
//! Events here have any shape; the provider's own are among the samples.

use std::path::Path;

use proptest::prelude::*;

use super::super::*;
use crate::call::bounds;
use crate::tests::json::{self, Body};
use crate::tests::trial::{self, Judged, Meter, Parser, Verdict};

const PARSER: Parser = Parser {
    name: "webhook",
    base: 4 << 20,
    per_byte: 200,
};

/// Longest key of an event: PostgreSQL's index takes no more than 2,704 bytes.
const KEY_BYTES_MAX: usize = 1_024;

fn samples() -> Vec<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/payloads");
    let files = std::fs::read_dir(folder).expect("payloads");
    let mut samples: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
    samples.retain(|path| path.to_string_lossy().contains("webhook_"));
    // In the same order everywhere, so that a seed means the same.
    samples.sort();
    let read = |path| serde_json::from_slice(&std::fs::read(path).expect("a file")).expect("JSON");
    samples.into_iter().map(read).collect()
}

fn property(Body(raw): &Body, meter: &Meter) -> Judged {
    let event = meter.watch(raw.len(), || event(raw))?;
    prop_assert!(event.name.chars().count() <= 64 && !event.name.contains(char::is_control));
    let key = event.dedupe_key.len();
    prop_assert!(key <= KEY_BYTES_MAX, "a key of {key} bytes");
    let most = 1_024 + 4 * raw.len();
    prop_assert!(
        event.body.len() <= most,
        "{} bytes are kept",
        event.body.len()
    );
    if event.name == "unreadable" {
        prop_assert!(event.facts.is_none() && event.kind == EventKind::Other);
        return Ok(Verdict::Refused);
    }
    let call_id = event.facts.as_ref().map(|facts| facts.id.clone());
    prop_assert!(call_id.iter().all(|id| bounds::name("call_id", id).is_ok()));
    if call_id.iter().any(|id| pin::is_mentioned(id)) {
        // No id of the provider's does, and one that did would be taken for words.
        return Ok(Verdict::Accepted);
    }
    let row = NewEvent {
        dedupe_key: event.dedupe_key.clone(),
        call_id: call_id.clone(),
        event: event.name.clone(),
        body: event.body.clone(),
        received_at_ms: 1,
        applied_at_ms: None,
    };
    let found = kept(&row).ok_or_else(|| TestCaseError::fail("what is kept cannot be read"))?;
    prop_assert_eq!(found.kind, event.kind);
    prop_assert_eq!(found.name, event.name);
    prop_assert_eq!(found.dedupe_key, event.dedupe_key);
    prop_assert_eq!(found.disconnection_reason, event.disconnection_reason);
    prop_assert_eq!(found.analysis, event.analysis);
    prop_assert_eq!(found.facts.map(|facts| facts.id), call_id);
    let (first, again) = (
        String::from_utf8_lossy(&event.body),
        String::from_utf8_lossy(&found.body),
    );
    prop_assert_eq!(first, again, "what is kept changes when it is found again");
    Ok(Verdict::Accepted)
}

#[test]
fn what_is_kept_of_an_event_is_bounded_and_means_the_same_when_it_is_found_again() {
    println!(
        "{}",
        trial::run(PARSER, &json::bodies(samples()).prop_map(Body), property)
    );
}
