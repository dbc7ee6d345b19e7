//! Request bodies of the REST surface, and their amounts.
//!
//! Amounts are JSON numbers, read from their own token; a text is another type and refused.

use serde::Deserialize;
use serde_json::Number;

use super::super::problem::Problem;
use crate::call::money::MoneyError;
use crate::call::{Money, bounds};

/// `load-context`.
#[derive(Debug, Deserialize)]
pub struct LoadContext {
    pub call_id: String,
    pub user_id: String,
}

/// `get-user`, `get-user-profile`, `get-accounts`.
#[derive(Debug, Deserialize)]
pub struct OneUser {
    pub call_id: Option<String>,
    pub user_id: String,
}

/// `get-balance`, `get-statements`.
#[derive(Debug, Deserialize)]
pub struct OneAccount {
    pub call_id: Option<String>,
    pub user_id: Option<String>,
    pub account_id: String,
}

/// `get-application-status`.
#[derive(Debug, Deserialize)]
pub struct OneApplication {
    pub call_id: Option<String>,
    pub user_id: Option<String>,
    pub application_id: String,
}

/// `transfer`.
#[derive(Debug, Deserialize)]
pub struct Transfer {
    pub call_id: Option<String>,
    pub user_id: Option<String>,
    pub from_account: String,
    pub to_account: String,
    pub amount: Number,
}

/// `apply-loan`.
#[derive(Debug, Deserialize)]
pub struct Loan {
    pub call_id: Option<String>,
    pub user_id: String,
    pub loan_amount: Number,
    pub loan_purpose: String,
    pub term_years: u32,
}

/// `apply-credit-card`.
#[derive(Debug, Deserialize)]
pub struct CreditCard {
    pub call_id: Option<String>,
    pub user_id: String,
    pub card_type: String,
    pub credit_limit: Number,
}

/// An id of the bank's.
pub fn id(field: &str, value: String) -> Result<String, Problem> {
    if bounds::is_safe_id(&value) {
        return Ok(value);
    }
    Err(Problem::field(
        &format!("{field}_invalid"),
        format!("`{field}` cannot be an id"),
    ))
}

/// A text that is passed on.
pub fn text(field: &'static str, value: String) -> Result<String, Problem> {
    let checked = bounds::name(field, &value);
    checked
        .map(|()| value)
        .map_err(|cause| Problem::field("text_invalid", cause.to_string()))
}

/// An amount above zero.
pub fn amount(field: &str, token: &Number, currency: &str) -> Result<Money, Problem> {
    let money = Money::parse(token.as_str(), currency).map_err(|cause| {
        let code = match &cause {
            MoneyError::NotANumber(_) | MoneyError::UnknownCurrency(_) => "amount_invalid",
            MoneyError::TooManyDecimals { .. } => "amount_too_precise",
            MoneyError::TooLarge(_) => "amount_too_large",
        };
        Problem::field(code, format!("`{field}`: {cause}"))
    })?;
    if !money.is_positive() {
        let detail = format!("`{field}` has to be more than zero");
        return Err(Problem::field("amount_not_positive", detail));
    }
    Ok(money)
}
