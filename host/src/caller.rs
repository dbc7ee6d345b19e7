//! Who is calling, and how far that is believed.
//!
//! A number maps to a customer: first in the host's own table, then at the bank, and is remembered. A number alone is weak; the
//! PIN makes it strong, five wrong ones in 24 hours lock the customer across calls. What each level opens is decided here, before
//! any plugin is asked, so that no rule can loosen it.

pub mod pin_hash;
mod trust;

use std::sync::Arc;

use secrecy::SecretString;
use serde::Deserialize;
use tokio::time::Instant;

use crate::backend::{self, Backend};
use crate::call::Money;
use crate::call::session::User;
use crate::db::{self, Db};

pub use trust::{may, pin_needed, pin_not_enrolled};

/// Keys of section `[caller]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Names of the intents that a known number alone opens.
    pub phone_opens: Vec<String>,
    /// Most money that a known number alone moves in one transfer, `"1000.00"`.
    pub phone_transfer_max: String,
    /// ISO 4217 of it.
    pub currency: String,
    /// BCP 47, told to plugins.
    pub language: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            phone_opens: ["balance", "accounts", "transfer"]
                .map(str::to_owned)
                .to_vec(),
            phone_transfer_max: "1000.00".to_owned(),
            currency: "USD".to_owned(),
            language: "en-US".to_owned(),
        }
    }
}

impl Settings {
    /// What types alone cannot tell.
    ///
    /// # Errors
    /// A sentence with the key, the value and what was expected.
    pub fn check(&self) -> Result<(), String> {
        const READINGS_AND_WRITES: [&str; 8] = [
            "balance",
            "accounts",
            "statements",
            "profile",
            "transfer",
            "loan",
            "credit-card",
            "application-status",
        ];
        let unknown = self
            .phone_opens
            .iter()
            .find(|name| !READINGS_AND_WRITES.contains(&name.as_str()));
        if let Some(name) = unknown {
            return Err(format!(
                "setting `caller.phone_opens` holds `{name}`: expected some of {}",
                READINGS_AND_WRITES.join(", ")
            ));
        }
        self.transfer_max().map(|_| ())
    }

    fn transfer_max(&self) -> Result<Money, String> {
        Money::parse(&self.phone_transfer_max, &self.currency)
            .map_err(|cause| format!("setting `caller.phone_transfer_max`: {cause}"))
    }
}

/// Whose a number is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owner {
    /// A customer's.
    Known(User),
    /// Nobody's that the host or the bank knows.
    Stranger,
    /// Perhaps a customer's: the bank could not be asked, and is asked again in the next turn.
    Unasked,
}

/// What a PIN did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PinCheck {
    /// It is theirs.
    Right,
    /// It is not; so many tries are left.
    Wrong {
        /// Before the customer is locked.
        tries_left: u32,
    },
    /// Locked, now or before; the PIN was not even compared.
    Locked,
    /// The customer has none.
    NotEnrolled,
}

/// Finds callers and checks their PINs.
#[derive(Clone)]
pub struct Callers {
    db: Db,
    backend: Backend,
    settings: Arc<Settings>,
    phone_transfer_max: Money,
}

impl Callers {
    /// # Panics
    /// Never: the settings were checked when they were read.
    #[must_use]
    pub fn new(db: Db, backend: Backend, settings: Settings) -> Self {
        let phone_transfer_max = settings
            .transfer_max()
            .expect("checked when the settings were read");
        Self {
            db,
            backend,
            settings: Arc::new(settings),
            phone_transfer_max,
        }
    }

    /// BCP 47.
    #[must_use]
    pub fn language(&self) -> &str {
        &self.settings.language
    }

    /// What a known number alone moves at most.
    #[must_use]
    pub fn phone_transfer_max(&self) -> &Money {
        &self.phone_transfer_max
    }

    /// Names of the intents that a known number alone opens.
    #[must_use]
    pub fn phone_opens(&self) -> &[String] {
        &self.settings.phone_opens
    }

    /// The customer with this number.
    ///
    /// # Errors
    /// The database's.
    pub async fn find(
        &self,
        phone: &str,
        now_ms: i64,
        deadline: Instant,
    ) -> Result<Owner, db::Error> {
        if let Some(user) = self.db.user_by_phone(phone).await? {
            return Ok(Owner::Known(User {
                id: user.backend_id,
                name: user.name,
            }));
        }
        match self.backend.find_by_phone(phone, deadline).await {
            Ok(Some(customer)) => {
                let (name, id) = (Some(customer.name.as_str()), &customer.user_id);
                self.db.remember_user(phone, name, id, now_ms).await?;
                Ok(Owner::Known(User {
                    id: customer.user_id,
                    name: Some(customer.name),
                }))
            }
            Ok(None) => Ok(Owner::Stranger),
            Err(cause) => {
                tracing::warn!("caller not looked up at the bank: {cause}");
                Ok(Owner::Unasked)
            }
        }
    }

    /// The customer with this id of the bank's, for a service that vouches for it.
    ///
    /// # Errors
    /// The bank's; no such customer is `None`.
    pub async fn by_id(
        &self,
        user_id: &str,
        deadline: Instant,
    ) -> Result<Option<User>, backend::Error> {
        match self.backend.customer(user_id, deadline).await {
            Ok(customer) => Ok(Some(User {
                id: customer.user_id,
                name: Some(customer.name),
            })),
            Err(backend::Error::NotFound(_) | backend::Error::UnsafeId(_)) => Ok(None),
            Err(cause) => Err(cause),
        }
    }

    /// Whether the customer could prove themselves at all.
    ///
    /// # Errors
    /// The database's.
    pub async fn has_pin(&self, user_id: &str) -> Result<bool, db::Error> {
        Ok(self
            .db
            .user_by_backend_id(user_id)
            .await?
            .is_some_and(|user| user.pin_hash.is_some()))
    }

    /// Whether a customer's PIN is locked.
    ///
    /// # Errors
    /// The database's.
    pub async fn is_locked(&self, user_id: &str) -> Result<bool, db::Error> {
        self.db.is_locked(user_id).await
    }

    /// Compares a PIN, counts a wrong one.
    ///
    /// # Errors
    /// The database's.
    pub async fn check_pin(
        &self,
        user_id: &str,
        pin: SecretString,
        now_ms: i64,
    ) -> Result<PinCheck, db::Error> {
        let user = self.db.user_by_backend_id(user_id).await?;
        if let Some(user) = &user
            && self.db.is_locked(&user.backend_id).await?
        {
            return Ok(PinCheck::Locked);
        }
        let hash = user.as_ref().and_then(|user| user.pin_hash.clone());
        let is_enrolled = hash.is_some();
        // A customer without a PIN takes as long as one with: the time must not tell.
        let is_right = pin_hash::verify_aside(pin, hash).await;
        let Some(user) = user.filter(|_| is_enrolled) else {
            return Ok(PinCheck::NotEnrolled);
        };
        if is_right {
            // Guesses that ran beside this one may have locked the customer meanwhile.
            if self.db.is_locked(&user.backend_id).await? {
                return Ok(PinCheck::Locked);
            }
            self.db.clear_wrong_pins(&user.backend_id).await?;
            return Ok(PinCheck::Right);
        }
        let wrong = self.db.record_wrong_pin(&user.backend_id, now_ms).await?;
        if wrong.locked {
            return Ok(PinCheck::Locked);
        }
        let tries_left = db::WRONG_PINS_MAX.saturating_sub(wrong.count);
        Ok(PinCheck::Wrong {
            tries_left: u32::try_from(tries_left).unwrap_or(0),
        })
    }
}
