//! A balance or an amount in the sandbox bank's books: exact minor units, or the floats of the published bank.
//!
//! The published bank computes with doubles, and its noise (`2469.7000000000003`) is part of what a client must survive, so it is
//! made here in the same way and not imitated.

use serde_json::{Number, Value};

use crate::call::Money;

/// An amount as one of the two banks holds it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Figure {
    /// Minor units of the bank's one currency.
    Minor(i64),
    /// A double.
    Float(f64),
}

/// The bank's one currency.
pub(super) const CURRENCY: &str = "USD";

impl Figure {
    /// So many cents, held as this bank holds amounts.
    pub(super) fn of_cents(cents: i64, floats: bool) -> Self {
        if floats {
            // The same double that the decimal token reads as.
            let token = Money::new(cents, CURRENCY).to_decimal();
            Self::Float(token.parse().unwrap_or_default())
        } else {
            Self::Minor(cents)
        }
    }

    pub(super) fn is_positive(self) -> bool {
        match self {
            Self::Minor(minor) => minor > 0,
            Self::Float(float) => float > 0.0,
        }
    }

    pub(super) fn covers(self, amount: Self) -> bool {
        match (self, amount) {
            (Self::Minor(held), Self::Minor(wanted)) => held >= wanted,
            _ => self.float() >= amount.float(),
        }
    }

    pub(super) fn plus(self, amount: Self) -> Self {
        match (self, amount) {
            (Self::Minor(held), Self::Minor(more)) => Self::Minor(held.saturating_add(more)),
            _ => Self::Float(self.float() + amount.float()),
        }
    }

    pub(super) fn minus(self, amount: Self) -> Self {
        match (self, amount) {
            (Self::Minor(held), Self::Minor(less)) => Self::Minor(held.saturating_sub(less)),
            _ => Self::Float(self.float() - amount.float()),
        }
    }

    /// As a JSON number: `500.00`, or a double as Python writes it.
    pub(super) fn json(self) -> Value {
        let number = match self {
            Self::Minor(minor) => Money::new(minor, CURRENCY)
                .to_decimal()
                .parse::<Number>()
                .ok(),
            Self::Float(float) => Number::from_f64(float),
        };
        number.map_or(Value::Null, Value::Number)
    }

    fn float(self) -> f64 {
        match self {
            Self::Float(float) => float,
            Self::Minor(minor) => Money::new(minor, CURRENCY)
                .to_decimal()
                .parse()
                .unwrap_or_default(),
        }
    }
}
