//! Tells whether a PIN is the one that was compared before, without keeping either.
//!
//! A mark is keyed with a secret that lives and dies with this process: four digits are soon guessed from anything less. Another
//! host cannot read it, and compares again.

use std::sync::LazyLock;

use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::Sha256;

use crate::caller::pin_hash;

/// None where the machine has no randomness: then every PIN is compared.
static KEY: LazyLock<Option<[u8; 32]>> = LazyLock::new(|| {
    let mut key = [0; 32];
    getrandom::fill(&mut key).is_ok().then_some(key)
});

/// The mark of a PIN in this call; none for what is no whole PIN, which is never compared.
pub(super) fn mark(call_id: &str, pin: &SecretString) -> Option<String> {
    if !pin_hash::is_pin(pin) {
        return None;
    }
    let mut mac = Hmac::<Sha256>::new_from_slice(KEY.as_ref()?).ok()?;
    mac.update(call_id.as_bytes());
    // No id and no PIN has it, so where one ends is never in doubt.
    mac.update(&[0]);
    mac.update(pin.expose_secret().as_bytes());
    Some(hex::encode(mac.finalize().into_bytes()))
}

/// The PIN that was said behind the one that has this mark, where the provider wrote both as one row of digits.
pub(super) fn behind(call_id: &str, compared: &str, row: &SecretString) -> Option<SecretString> {
    let row = row.expose_secret();
    (1..row.len()).find_map(|end| {
        let (first, then) = row.split_at_checked(end)?;
        let is_compared = mark(call_id, &SecretString::from(first)).as_deref() == Some(compared);
        let then = SecretString::from(then);
        (is_compared && pin_hash::is_pin(&then)).then_some(then)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_behind_one_that_was_compared_is_found_in_the_row_of_both() {
        let compared = mark("call_1", &SecretString::from("9013")).unwrap_or_default();
        let found = |row: &str| {
            let then = behind("call_1", &compared, &SecretString::from(row));
            then.map(|pin| pin.expose_secret().to_owned())
        };
        assert_eq!(found("90139012").as_deref(), Some("9012"));
        for row in ["9013", "901390", "90129013", "9012"] {
            assert_eq!(found(row), None, "{row}");
        }
    }

    #[test]
    fn a_mark_is_the_same_for_the_same_pin_in_the_same_call_only() {
        let of = |call_id: &str, pin: &str| mark(call_id, &SecretString::from(pin));
        let first = of("call_1", "1234");
        assert!(first.is_some());
        assert_eq!(first, of("call_1", "1234"));
        assert_ne!(first, of("call_1", "4321"));
        assert_ne!(first, of("call_2", "1234"));
        for part in ["", "12", "123456789"] {
            assert_eq!(of("call_1", part), None, "{part}");
        }
    }
}
