//! What a signature proves, for any body, moment and header.
//!
//! Most headers here are nearly good: of another key, another body, a moment too late, or with one sign changed.

use proptest::collection::vec;
use proptest::prelude::*;

use super::super::*;
use crate::tests::trial::{self, Judged, Meter, Parser, Verdict};
use crate::tests::{json, text};

const PARSER: Parser = Parser {
    name: "signature",
    base: 4_096,
    per_byte: 8,
};

const WORDS: &[&str] = &[
    "v=",
    ",d=",
    "v",
    "d",
    "=",
    ",",
    "0",
    "00",
    "-1",
    "+",
    " ",
    "18446744073709551615",
    "18446744073709551616",
    "1763800000123",
    "٣",
    "A",
    "f",
    "%3D",
    "\n",
    "\u{0}",
];

/// A request as it reaches the host.
#[derive(Debug)]
struct Request {
    body: Vec<u8>,
    header: String,
    /// With this key, for this body, at this moment; none where the header is not as it was made.
    signed_ms: Option<u64>,
    by_us: bool,
    now_ms: u64,
}

fn requests() -> impl Strategy<Value = Request> {
    let body = prop_oneof![
        4 => json::bodies(vec![serde_json::json!({"event": "call_ended", "call": {"call_id": "call_1"}})]),
        1 => vec(any::<u8>(), 0..2_000),
    ];
    let moment = prop_oneof![
        Just(1_763_800_000_123_u64),
        any::<u64>(),
        Just(0),
        Just(u64::MAX)
    ];
    let passed = prop_oneof![
        4 => -300_002_i64..=300_002,
        2 => proptest::sample::select(vec![-300_001_i64, -300_000, 0, 300_000, 300_001]),
        1 => any::<i64>(),
    ];
    let changes = prop_oneof![1 => Just(None), 2 => text::changes(WORDS).prop_map(Some)];
    let by_us = prop_oneof![4 => Just(true), 1 => Just(false)];
    let zeros = prop_oneof![4 => Just(0_usize), 1 => 1_usize..30];
    (body, moment, passed, changes, by_us, zeros).prop_map(
        |(body, signed_ms, passed, changes, by_us, zeros)| {
            let key = if by_us {
                ours()
            } else {
                SecretString::from("key_of_somebody_else")
            };
            let made =
                sign(&key, &body, signed_ms).replacen("v=", &format!("v={}", "0".repeat(zeros)), 1);
            let header =
                changes.map_or_else(|| made.clone(), |changes| text::changed(&made, &changes));
            Request {
                signed_ms: (header == made).then_some(signed_ms),
                now_ms: signed_ms.saturating_add_signed(passed),
                body,
                header,
                by_us,
            }
        },
    )
}

fn ours() -> SecretString {
    SecretString::from("key_0123456789abcdef0123456789ab")
}

fn property(request: &Request, meter: &Meter) -> Judged {
    let Request { body, header, .. } = request;
    let key = ours();
    let verified = meter.watch(header.len(), || verify(&key, header, body, request.now_ms))?;
    if let Some(signed_ms) = request.signed_ms {
        let expected = match request.now_ms.abs_diff(signed_ms) {
            0..=WINDOW_MS if request.by_us => Ok(()),
            0..=WINDOW_MS => Err(Refused::Mismatch),
            _ => Err(Refused::Stale),
        };
        prop_assert_eq!(verified, expected);
    }
    if verified.is_err() {
        return Ok(Verdict::Refused);
    }
    // Whoever does not have the key cannot have made it: it is what the key makes of this body and moment, but for leading zeros.
    let digits: String = header
        .chars()
        .skip(2)
        .take_while(char::is_ascii_digit)
        .collect();
    let signed_ms: u64 = digits
        .parse()
        .map_err(|_| TestCaseError::fail("no moment"))?;
    prop_assert!(request.now_ms.abs_diff(signed_ms) <= WINDOW_MS);
    prop_assert_eq!(
        header.replacen(&digits, &signed_ms.to_string(), 1),
        sign(&key, body, signed_ms)
    );
    let other = SecretString::from("key_0123456789abcdef0123456789ac");
    prop_assert_eq!(
        verify(&other, header, body, request.now_ms),
        Err(Refused::Mismatch)
    );
    Ok(Verdict::Accepted)
}

#[test]
fn what_verifies_was_made_with_the_key_for_this_body_within_the_window() {
    println!("{}", trial::run(PARSER, &requests(), property));
}
