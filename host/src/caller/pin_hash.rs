//! PINs as they are kept: argon2id, slow on purpose, and the same work whether or not there is a PIN to compare with.
//!
//! Four digits are quickly guessed by whoever has the hash; what protects them is the lock after five wrong ones and the file's
//! permissions. The hash protects against a look at the table.

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Semaphore;

/// Digits of a PIN.
pub const DIGITS: std::ops::RangeInclusive<usize> = 4..=8;

/// 19 MiB, two passes, one lane: the least that OWASP recommends for argon2id, about 20 ms in a release build.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Hashes computed at once: bounds memory to four times 19 MiB however many callers say a PIN.
static AT_ONCE: Semaphore = Semaphore::const_new(4);

/// What a PIN is compared with where there is none: the same work, and a result that no PIN has.
const NOBODYS: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$\
                       AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Why there is no hash.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Not four to eight digits.
    #[error("a PIN has 4 to 8 digits")]
    NotAPin,
    /// The hash could not be computed.
    #[error("the PIN cannot be hashed")]
    NotHashed,
}

/// Whether this is four to eight digits.
#[must_use]
pub fn is_pin(pin: &SecretString) -> bool {
    let pin = pin.expose_secret();
    DIGITS.contains(&pin.len()) && pin.bytes().all(|byte| byte.is_ascii_digit())
}

/// The PIN's hash as a PHC string, with a fresh random salt.
///
/// # Errors
/// [`Error::NotAPin`] for anything but four to eight digits.
pub fn hash(pin: &SecretString) -> Result<SecretString, Error> {
    if !is_pin(pin) {
        return Err(Error::NotAPin);
    }
    hashed(pin.expose_secret()).map(SecretString::from)
}

/// Whether the PIN is the one of the hash. Without a hash it is not, after the same time.
#[must_use]
pub fn verify(pin: &SecretString, hash: Option<&SecretString>) -> bool {
    let known = hash.map(|hash| hash.expose_secret()).unwrap_or(NOBODYS);
    let Ok(known) = PasswordHash::new(known) else {
        return false;
    };
    let is_same = hasher()
        .verify_password(pin.expose_secret().as_bytes(), &known)
        .is_ok();
    is_same && hash.is_some()
}

/// [`hash`] of several PINs, off the threads that serve calls.
///
/// # Errors
/// [`Error`] of the first that has none.
pub async fn hash_all(pins: Vec<SecretString>) -> Result<Vec<SecretString>, Error> {
    let work = pins.into_iter().map(|pin| aside(move || hash(&pin)));
    let hashes = futures_util::future::join_all(work).await;
    hashes
        .into_iter()
        .map(|hash| hash.unwrap_or(Err(Error::NotHashed)))
        .collect()
}

/// [`verify`], off the threads that serve calls.
pub async fn verify_aside(pin: SecretString, hash: Option<SecretString>) -> bool {
    aside(move || verify(&pin, hash.as_ref()))
        .await
        .unwrap_or(false)
}

async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let _turn = AT_ONCE.acquire().await.ok()?;
    tokio::task::spawn_blocking(work).await.ok()
}

fn hashed(secret: &str) -> Result<String, Error> {
    hasher()
        .hash_password(secret.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|_| Error::NotHashed)
}

fn hasher() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).unwrap_or(Params::DEFAULT);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pin(digits: &str) -> SecretString {
        SecretString::from(digits)
    }

    #[test]
    fn only_the_same_pin_is_the_same() {
        let stored = hash(&pin("1234")).unwrap();
        assert!(
            stored
                .expose_secret()
                .starts_with("$argon2id$v=19$m=19456,t=2,p=1$")
        );
        assert!(verify(&pin("1234"), Some(&stored)));
        assert!(!verify(&pin("1235"), Some(&stored)));
        assert_ne!(
            stored.expose_secret(),
            hash(&pin("1234")).unwrap().expose_secret()
        );
    }

    #[test]
    fn a_pin_that_does_not_exist_costs_the_same_work_and_is_never_right() {
        let (nobodys, somebodys) = (
            PasswordHash::new(NOBODYS).unwrap(),
            hash(&pin("1234")).unwrap(),
        );
        let somebodys = PasswordHash::new(somebodys.expose_secret()).unwrap();
        assert_eq!(nobodys.params, somebodys.params);
        assert_eq!(
            nobodys.hash.map(|hash| hash.len()),
            somebodys.hash.map(|hash| hash.len())
        );
        assert!(!verify(&pin("1234"), None));
        assert!(!verify(&pin("1234"), Some(&pin("not a hash"))));
    }

    #[test]
    fn what_is_no_pin_is_not_hashed() {
        for text in ["", "123", "123456789", "12a4", "１２３４", "12 34"] {
            assert_eq!(hash(&pin(text)).err(), Some(Error::NotAPin), "{text:?}");
        }
    }

    #[tokio::test]
    async fn hashing_stands_aside_and_keeps_the_order() {
        let hashes = hash_all(vec![pin("1234"), pin("5678")]).await.unwrap();
        assert!(verify_aside(pin("5678"), Some(hashes[1].clone())).await);
        assert!(!verify_aside(pin("5678"), Some(hashes[0].clone())).await);
    }
}
