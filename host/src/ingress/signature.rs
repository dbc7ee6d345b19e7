//! Retell's signature on webhooks and function calls.
//!
//! Header `x-retell-signature: v={unix_ms},d={hex}` with `d = HMAC-SHA256(key, body bytes then the digits of v)`. Checked on the
//! raw bytes before anything is parsed. Stricter than either of Retell's SDKs, and agreeing with both on every vector on which
//! they agree. (Retell, secure-webhook, "Verify without SDK".)

use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::Sha256;

/// Header name, lower case.
pub const HEADER: &str = "x-retell-signature";

/// How far `v` may lie from now, either way, inclusive.
const WINDOW_MS: u64 = 300_000;

/// Why a request is not taken. The answer to all is the same 401.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// No header, or more than one.
    #[error("one x-retell-signature header is expected")]
    NotOnce,
    /// Not `v=digits,d=64 lower-case hex digits`.
    #[error(
        "the signature header is malformed: expected `v=MILLISECONDS,d=64 LOWER-CASE HEX DIGITS`"
    )]
    Malformed,
    /// Outside the window.
    #[error("the signature is too old or from the future")]
    Stale,
    /// Another key, or another body.
    #[error("the signature does not match")]
    Mismatch,
}

/// Checks one header value against a body.
///
/// Invariant: nothing is parsed before this passes (`a_request_with_a_wrong_signature_is_neither_parsed_nor_stored`).
///
/// # Errors
/// [`Refused`]; the comparison takes the same time wherever it differs.
pub fn verify(key: &SecretString, header: &str, body: &[u8], now_ms: u64) -> Result<(), Refused> {
    let (digits, hex_digest) = header
        .strip_prefix("v=")
        .and_then(|rest| rest.split_once(",d="))
        .ok_or(Refused::Malformed)?;
    let is_digits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let is_hex = hex_digest.len() == 64
        && hex_digest
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if !is_digits || !is_hex {
        return Err(Refused::Malformed);
    }
    let signed_ms: u64 = digits.parse().map_err(|_| Refused::Malformed)?;
    if now_ms.abs_diff(signed_ms) > WINDOW_MS {
        return Err(Refused::Stale);
    }
    let digest = hex::decode(hex_digest).map_err(|_| Refused::Malformed)?;
    // Both SDKs read `v` as a number and print it again before hashing, so a leading zero is not part of the message.
    keyed(key, body, signed_ms)
        .verify_slice(&digest)
        .map_err(|_| Refused::Mismatch)
}

/// The header that Retell would send.
#[must_use]
pub fn sign(key: &SecretString, body: &[u8], now_ms: u64) -> String {
    format!(
        "v={now_ms},d={}",
        hex::encode(keyed(key, body, now_ms).finalize().into_bytes())
    )
}

fn keyed(key: &SecretString, body: &[u8], signed_ms: u64) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.expose_secret().as_bytes())
        .expect("HMAC takes keys of any length");
    mac.update(body);
    mac.update(signed_ms.to_string().as_bytes());
    mac
}

#[cfg(test)]
mod tests {
    mod properties;

    use proptest::prelude::*;

    use super::*;

    const NOW_MS: u64 = 1_763_800_000_123;

    fn key() -> SecretString {
        SecretString::from("key_0123456789abcdef0123456789ab")
    }

    #[test]
    fn the_window_is_inclusive_to_the_millisecond_either_way() {
        let header = sign(&key(), b"{}", NOW_MS);
        for (now, expected) in [
            (NOW_MS, Ok(())),
            (NOW_MS + WINDOW_MS, Ok(())),
            (NOW_MS - WINDOW_MS, Ok(())),
            (NOW_MS + WINDOW_MS + 1, Err(Refused::Stale)),
            (NOW_MS - WINDOW_MS - 1, Err(Refused::Stale)),
        ] {
            assert_eq!(verify(&key(), &header, b"{}", now), expected, "{now}");
        }
    }

    proptest! {
        #[test]
        fn no_mutation_of_a_signed_request_is_accepted(
            body in proptest::collection::vec(any::<u8>(), 1..200),
            at in any::<prop::sample::Index>(),
            flip in 1_u8..=255,
        ) {
            let header = sign(&key(), &body, NOW_MS);
            prop_assert_eq!(verify(&key(), &header, &body, NOW_MS), Ok(()));
            let mut other = body.clone();
            other[at.index(body.len())] ^= flip;
            prop_assert!(verify(&key(), &header, &other, NOW_MS).is_err());
            let mut bytes = header.clone().into_bytes();
            bytes[at.index(header.len())] ^= flip;
            if let Ok(mutated) = String::from_utf8(bytes) {
                prop_assert!(verify(&key(), &mutated, &body, NOW_MS).is_err());
            }
        }
    }
}
