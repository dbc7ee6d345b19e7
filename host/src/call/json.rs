//! A JSON value as its text: made once, copied for nothing, read only where somebody asks.
//!
//! Records are made of such values; what they mean is known to whoever reads one.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

/// What a record keeps of the values that went to and fro. Two are equal where their texts are.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Json(Arc<RawValue>);

impl Json {
    /// Of a value of the domain.
    ///
    /// # Panics
    /// For a value that is no JSON, such as a map whose keys are no texts; the domain has none.
    #[must_use]
    pub fn of(value: &(impl Serialize + ?Sized)) -> Self {
        let text = to_raw_value(value).expect("a value of the domain is JSON");
        Self(text.into())
    }

    /// The value, where it is one of these.
    #[must_use]
    pub fn read<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_str(self.text()).ok()
    }

    /// As it is written.
    #[must_use]
    pub fn text(&self) -> &str {
        self.0.get()
    }
}

impl Default for Json {
    fn default() -> Self {
        Self::of(&())
    }
}

impl PartialEq for Json {
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_kept_to_the_last_digit() {
        let figure = Json::of(&serde_json::json!({ "amount": 0.1 }));
        assert_eq!(figure.text(), r#"{"amount":0.1}"#);
        let kept: Json = serde_json::from_str(r#"{"amount":12345678901234567890.10}"#).unwrap();
        assert_eq!(
            serde_json::to_string(&[&kept, &Json::default()]).unwrap(),
            r#"[{"amount":12345678901234567890.10},null]"#
        );
        assert_eq!(figure.read::<serde_json::Value>().unwrap()["amount"], 0.1);
        assert_ne!(kept, figure);
    }
}
