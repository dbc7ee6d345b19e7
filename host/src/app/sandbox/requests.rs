//! Requests to the sandbox bank, read field by field, with FastAPI's 422 for what does not fit.
//!
//! Every problem is listed, not only the first. Amounts are read exactly in the documented dialect and as a double in the
//! published one, as the two services do.

use serde_json::{Map, Value, json};

use super::figure::{CURRENCY, Figure};
use crate::call::Money;
use crate::call::money::MoneyError;

/// A body that is being read.
pub(super) struct Fields {
    fields: Map<String, Value>,
    floats: bool,
    problems: Vec<Value>,
}

impl Fields {
    /// The body's fields; with `floats`, amounts are doubles.
    pub(super) fn of(body: &[u8], floats: bool) -> Self {
        let (fields, problems) = match serde_json::from_slice(body) {
            Ok(Value::Object(fields)) => (fields, Vec::new()),
            Ok(_) => (
                Map::new(),
                vec![problem(
                    None,
                    "model_attributes_type",
                    "Input should be a valid dictionary or object to extract fields from",
                )],
            ),
            Err(_) => (
                Map::new(),
                vec![problem(None, "json_invalid", "JSON decode error")],
            ),
        };
        Self {
            fields,
            floats,
            problems,
        }
    }

    /// A text that must be there.
    pub(super) fn text(&mut self, name: &str) -> String {
        match self.fields.get(name) {
            Some(Value::String(text)) => text.clone(),
            None => self.missing(name),
            Some(_) => self.wrong(name, "string_type", "Input should be a valid string"),
        }
    }

    /// A text that may be absent or null.
    pub(super) fn optional_text(&mut self, name: &str) -> Option<String> {
        match self.fields.get(name) {
            None | Some(Value::Null) => None,
            Some(_) => Some(self.text(name)),
        }
    }

    /// A whole number of at least one.
    pub(super) fn whole(&mut self, name: &str) -> u64 {
        match self.fields.get(name) {
            None => self.missing(name),
            Some(Value::Number(number)) => match number.as_u64() {
                Some(whole) if whole >= 1 => whole,
                Some(_) => self.wrong(
                    name,
                    "greater_than_equal",
                    "Input should be greater than or equal to 1",
                ),
                None => self.wrong(name, "int_type", "Input should be a valid integer"),
            },
            Some(_) => self.wrong(name, "int_type", "Input should be a valid integer"),
        }
    }

    /// An amount, as this bank reads amounts.
    pub(super) fn amount(&mut self, name: &str) -> Figure {
        let token = match self.fields.get(name) {
            None => {
                self.missing::<String>(name);
                return Figure::Minor(0);
            }
            Some(Value::Number(number)) => number.as_str().to_owned(),
            Some(Value::String(text)) => text.clone(),
            Some(_) => String::new(),
        };
        let read = if self.floats {
            float(&token)
        } else {
            exact(&token)
        };
        read.unwrap_or_else(|(kind, message)| {
            self.wrong::<String>(name, kind, message);
            Figure::Minor(0)
        })
    }

    /// The 422's body, if anything did not fit.
    pub(super) fn finish(self) -> Result<(), Value> {
        if self.problems.is_empty() {
            return Ok(());
        }
        // A body that is no object has no fields to complain of one by one.
        let whole: Vec<Value> = self
            .problems
            .iter()
            .filter(|one| one["loc"] == json!(["body"]))
            .cloned()
            .collect();
        Err(json!({"detail": if whole.is_empty() { self.problems } else { whole }}))
    }

    fn missing<T: Default>(&mut self, name: &str) -> T {
        self.wrong(name, "missing", "Field required")
    }

    fn wrong<T: Default>(&mut self, name: &str, kind: &str, message: &str) -> T {
        self.problems.push(problem(Some(name), kind, message));
        T::default()
    }
}

fn problem(field: Option<&str>, kind: &str, message: &str) -> Value {
    let loc: Vec<&str> = std::iter::once("body").chain(field).collect();
    json!({"loc": loc, "msg": message, "type": kind})
}

fn exact(token: &str) -> Result<Figure, (&'static str, &'static str)> {
    Money::parse(token, CURRENCY)
        .map(|money| Figure::Minor(money.minor))
        .map_err(|cause| match cause {
            MoneyError::TooManyDecimals { .. } => (
                "decimal_max_places",
                "Decimal input should have no more than 2 decimal places",
            ),
            MoneyError::TooLarge(_) => (
                "less_than_equal",
                "Input should be less than or equal to 90071992547409.91",
            ),
            MoneyError::NotANumber(_) | MoneyError::UnknownCurrency(_) => {
                ("decimal_parsing", "Input should be a valid decimal")
            }
        })
}

fn float(token: &str) -> Result<Figure, (&'static str, &'static str)> {
    match token.parse::<f64>() {
        Ok(float) if float.is_finite() => Ok(Figure::Float(float)),
        Ok(_) => Err(("finite_number", "Input should be a finite number")),
        Err(_) => Err((
            "float_parsing",
            "Input should be a valid number, unable to parse string as a number",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_is_listed_as_fastapi_does() {
        let mut fields = Fields::of(br#"{"to_account":7,"amount":500.005}"#, false);
        fields.text("from_account");
        fields.text("to_account");
        fields.amount("amount");
        let detail = fields.finish().unwrap_err();
        let kinds: Vec<&str> = detail["detail"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["type"].as_str().unwrap())
            .collect();
        assert_eq!(kinds, ["missing", "string_type", "decimal_max_places"]);
        assert_eq!(detail["detail"][0]["loc"], json!(["body", "from_account"]));
    }

    #[test]
    fn absurd_amounts_are_refused() {
        for (token, floats, fits) in [
            ("500.00", false, true),
            ("\"500.00\"", false, true),
            ("-1", false, true),
            ("1e308", false, false),
            ("9007199254740993", false, false),
            ("null", false, false),
            ("500.005", true, true),
            ("1e999", true, false),
            ("\"lots\"", true, false),
        ] {
            let body = format!("{{\"amount\":{token}}}");
            let mut fields = Fields::of(body.as_bytes(), floats);
            fields.amount("amount");
            assert_eq!(fields.finish().is_ok(), fits, "{token}");
        }
        assert!(Fields::of(b"{\"amount\":NaN}", true).finish().is_err());
        assert!(Fields::of(b"[]", true).finish().is_err());
    }
}
