//! What an answer that is not a success means: the status and FastAPI's `{"detail": …}` made into an [`Error`].
//!
//! Pure. Only a status of the contract's with a reason is a refusal; everything else leaves open what became of a write.

use serde_json::Value;

use super::error::Error;
use super::types::Missing;
use crate::call::mask;

/// Longest reason that is kept, in characters.
const DETAIL_CHARS_MAX: usize = 300;

/// The error of a status other than 200 to 299. `missing` is what a 404 of this operation is about unless its text says so.
pub(super) fn refusal(
    status: u16,
    retry_after_s: Option<u64>,
    body: &[u8],
    missing: Missing,
) -> Error {
    match status {
        429 | 503 => {
            return Error::Busy {
                status,
                retry_after_s,
            };
        }
        401 | 403 => return Error::NotAdmitted(status),
        400 | 404 | 405 | 422 => {}
        // The contract has no other. With a key, 409 and 425 say that the first sending is still being worked on; 408 that the bank
        // stopped waiting; and nobody knows what is behind a 402, a 423 or a 499.
        _ => return Error::Status(status),
    }
    let Some(detail) = detail(body) else {
        return Error::Status(status);
    };
    let words = detail.to_lowercase();
    if status == 404 || status == 405 {
        return Error::NotFound(what_is_missing(status, &words, missing));
    }
    if words.contains("insufficient funds") {
        return Error::InsufficientFunds;
    }
    Error::Rejected { status, detail }
}

fn what_is_missing(status: u16, words: &str, missing: Missing) -> Missing {
    let is_route = status == 405 || words == "not found" || words == "method not allowed";
    [
        ("source account", Missing::SourceAccount),
        ("destination account", Missing::DestinationAccount),
        ("account", Missing::Account),
        ("user", Missing::User),
        ("payment", Missing::Payment),
        ("application", Missing::Application),
    ]
    .into_iter()
    .find_map(|(word, what)| words.contains(word).then_some(what))
    .unwrap_or(if is_route { Missing::Endpoint } else { missing })
}

/// FastAPI's reason: a text, or for 422 a list of `{loc, msg, type}`, of which what was sent (`input`) is left out.
fn detail(body: &[u8]) -> Option<String> {
    let value: Value = serde_json::from_slice(body).ok()?;
    let text = match value.get("detail")? {
        Value::String(text) => text.clone(),
        Value::Array(problems) => problems
            .iter()
            .filter_map(problem)
            .collect::<Vec<_>>()
            .join("; "),
        _ => return None,
    };
    let bounded: String = mask::log_line(&text)
        .chars()
        .take(DETAIL_CHARS_MAX)
        .collect();
    Some(bounded.trim().to_owned()).filter(|text| !text.is_empty())
}

fn problem(item: &Value) -> Option<String> {
    let message = item.get("msg")?.as_str()?;
    let field = item
        .get("loc")
        .and_then(Value::as_array)
        .and_then(|loc| loc.last()?.as_str());
    Some(field.map_or_else(|| message.to_owned(), |field| format!("{field}: {message}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(status: u16, body: &str) -> Error {
        refusal(status, None, body.as_bytes(), Missing::Account)
    }

    #[test]
    fn the_contracts_refusals_are_told_apart_and_leave_nothing_open() {
        let missing = |detail: &str| match of(404, &format!("{{\"detail\":\"{detail}\"}}")) {
            Error::NotFound(what) => what,
            other => panic!("{other:?}"),
        };
        assert_eq!(missing("Source account not found"), Missing::SourceAccount);
        assert_eq!(
            missing("Destination account not found"),
            Missing::DestinationAccount
        );
        assert_eq!(missing("Account not found"), Missing::Account);
        assert_eq!(missing("User not found"), Missing::User);
        assert_eq!(missing("Not Found"), Missing::Endpoint);
        assert_eq!(missing("No such thing"), Missing::Account);
        assert!(matches!(
            of(400, r#"{"detail":"Insufficient funds"}"#),
            Error::InsufficientFunds
        ));
        assert!(matches!(
            of(400, r#"{"detail":"Amount must be positive"}"#),
            Error::Rejected { status: 400, .. }
        ));
        let list = of(
            422,
            r#"{"detail":[{"loc":["body","amount"],"msg":"Input should be greater than 0","type":"x","input":-5}]}"#,
        );
        assert_eq!(
            list.to_string(),
            "the backend refused (422): amount: Input should be greater than 0"
        );
        assert!(!list.may_have_happened());
    }

    #[test]
    fn answers_without_a_reason_leave_the_outcome_open() {
        for status in [
            301, 302, 307, 402, 408, 409, 410, 423, 424, 451, 499, 500, 502, 503, 504,
        ] {
            assert!(
                of(status, r#"{"detail":"x"}"#).may_have_happened(),
                "{status}"
            );
        }
        assert!(of(400, "<html>Bad Request</html>").may_have_happened());
        assert!(of(404, "<html>").may_have_happened());
        assert!(!of(429, "").may_have_happened());
        assert!(!of(401, "").may_have_happened());
    }

    #[test]
    fn a_reason_is_bounded_and_shows_no_long_number() {
        let body = format!(
            r#"{{"detail":"No account 4111111111111111 {}"}}"#,
            "x".repeat(5_000)
        );
        let text = of(400, &body).to_string();
        assert!(text.len() < 400 && !text.contains("41111"), "{text}");
    }
}
