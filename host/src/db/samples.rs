//! The five customers of the sandbox.
//!
//! The same five that the sandbox bank and the reference backend know. Their PINs are public; a real installation never makes
//! them.

use secrecy::SecretString;

use super::users::NewUser;
use super::{Db, Error};

/// One of the five.
#[derive(Debug, Clone, Copy)]
pub struct Sample {
    /// E.164.
    pub phone: &'static str,
    /// Full name.
    pub name: &'static str,
    /// The bank's id.
    pub backend_id: &'static str,
    /// Published in the README.
    pub pin: &'static str,
}

const fn sample(
    phone: &'static str,
    name: &'static str,
    backend_id: &'static str,
    pin: &'static str,
) -> Sample {
    Sample {
        phone,
        name,
        backend_id,
        pin,
    }
}

/// All five.
pub const SAMPLES: [Sample; 5] = [
    sample("+14155552671", "Alice Johnson", "user_1", "1234"),
    sample("+14155552672", "Bob Smith", "user_2", "5678"),
    sample("+14155552673", "Carol Williams", "user_3", "9012"),
    sample("+14155552674", "David Brown", "user_4", "3456"),
    sample("+14155552675", "Emma Davis", "user_5", "7890"),
];

/// How the bank names its customers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ids {
    /// `user_1`, the documented dialect.
    Named,
    /// `+1-415-555-2671`, the published dialect.
    Phones,
}

impl Ids {
    fn id_of(self, sample: &Sample) -> String {
        match self {
            Self::Named => sample.backend_id.to_owned(),
            Self::Phones => {
                let number = sample.phone;
                format!(
                    "{}-{}-{}-{}",
                    &number[..2],
                    &number[2..5],
                    &number[5..8],
                    &number[8..]
                )
            }
        }
    }
}

impl Db {
    /// Enrols the five where nobody is enrolled yet, and says whether it did. `hashes` are their PINs, hashed in the order of
    /// [`SAMPLES`]; it runs only where they are needed.
    ///
    /// # Errors
    /// [`Error`] of the database, or whatever `hashes` fails with.
    pub async fn create_sample_users<E: From<Error>>(
        &self,
        now_ms: i64,
        dialect: Ids,
        hashes: impl AsyncFnOnce(Vec<SecretString>) -> Result<Vec<SecretString>, E>,
    ) -> Result<bool, E> {
        if self.count_users().await? > 0 {
            return Ok(false);
        }
        let pins = SAMPLES
            .iter()
            .map(|sample| SecretString::from(sample.pin))
            .collect();
        let users = SAMPLES
            .iter()
            .zip(hashes(pins).await?)
            .map(|(sample, hash)| NewUser {
                backend_id: dialect.id_of(sample),
                phone: sample.phone.to_owned(),
                name: Some(sample.name.to_owned()),
                pin_hash: Some(hash),
            })
            .collect();
        match self
            .add_users(users, now_ms)
            .await
            .map_err(|failed| failed.error)
        {
            Ok(()) => {
                tracing::info!("Created {} sample users", SAMPLES.len());
                Ok(true)
            }
            // Another host of the same sandbox was first.
            Err(Error::Taken(_)) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}
