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

#[cfg(test)]
mod tests {
    use super::*;

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
