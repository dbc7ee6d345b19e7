//! The ledger's rows as text for people: one a line, or one whole.
//!
//! Pure: from JSON to text.

use std::fmt::Write as _;

use serde_json::Value;

/// `transfers list`.
pub(super) fn list(answer: &Value) -> String {
    let mut text = String::new();
    for row in rows(&answer["transfers"]) {
        let _ = writeln!(text, "{}", line(row));
    }
    if text.is_empty() {
        text.push_str("none\n");
    }
    if let Some(id) = answer["older"].as_str() {
        let _ = writeln!(text, "older: --before {id}");
    }
    let open = answer["not_settled"].as_object();
    let open: Vec<String> = open
        .into_iter()
        .flatten()
        .map(|(state, count)| format!("{state} {count}"))
        .collect();
    let _ = write!(text, "not settled: {}", open.join(", "));
    text
}

fn line(row: &Value) -> String {
    format!(
        "{}  {}  {:12}  {:11}  {:>12} {}  {} -> {}",
        word(&row["transfer_id"]),
        moment(&row["created_at_ms"]),
        word(&row["state"]),
        word(&row["kind"]),
        word(&row["amount"]),
        word(&row["currency"]),
        word(&row["from_account"]),
        word(&row["to_account"]),
    )
}

/// `transfers show`, and what a decision leaves.
pub(super) fn one(row: &Value) -> String {
    let mut text = line(row);
    for (name, field) in [
        ("customer", "user_id"),
        ("call", "call_id"),
        ("payment", "bank_payment_id"),
        ("reason", "reason"),
        ("decided by", "reviewed_by"),
        ("because", "review_reason"),
    ] {
        if let Some(value) = row[field].as_str() {
            let _ = write!(text, "\n{name:10} {value}");
        }
    }
    let evidence = &row["evidence"];
    if evidence.is_null() {
        return text;
    }
    let _ = write!(
        text,
        "\nevidence   {}\n           {}\n           reference {}, sent {}, the bank was asked {} times",
        word(&evidence["found"]),
        word(&evidence["explained"]),
        word(&evidence["reference"]),
        moment(&evidence["sent_at_ms"]),
        evidence["asked"],
    );
    let before = &evidence["written_off"];
    if !before.is_null() {
        let _ = write!(
            text,
            "\n           before that written off by {}: {}",
            word(&before["by"]),
            word(&before["reason"]),
        );
    }
    for payment in rows(&evidence["payments"]) {
        let _ = write!(
            text,
            "\n           payment {}  {}  {}  {}",
            word(&payment["payment_id"]),
            word(&payment["date"]),
            word(&payment["amount"]),
            word(&payment["state"]),
        );
    }
    text
}

fn rows(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn word(value: &Value) -> &str {
    value.as_str().unwrap_or("-")
}

/// UTC, to the second.
fn moment(value: &Value) -> String {
    value
        .as_i64()
        .and_then(|at_ms| jiff::Timestamp::from_millisecond(at_ms).ok())
        .map_or_else(
            || "-".to_owned(),
            |at| at.strftime("%Y-%m-%d %H:%M:%S").to_string(),
        )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_list_is_a_line_a_row_and_counts_what_is_open() {
        let row = json!({
            "transfer_id": "t1", "created_at_ms": 1_900_000_000_000_i64, "state": "needs_review", "kind": "transfer",
            "amount": "20.00", "currency": "USD", "from_account": "checking_1", "to_account": "savings_1",
        });
        let text = list(&json!({"transfers": [row], "not_settled": {"needs_review": 1}}));
        assert_eq!(
            text,
            "t1  2030-03-17 17:46:40  needs_review  transfer            20.00 USD  checking_1 -> savings_1\n\
             not settled: needs_review 1"
        );
        assert_eq!(list(&json!({})), "none\nnot settled: ");
    }

    #[test]
    fn a_row_shows_its_evidence_and_who_decided() {
        let row = json!({
            "transfer_id": "t1", "reviewed_by": "ann", "evidence": {
                "found": "no_payment", "explained": "None.", "reference": "t1", "asked": 4,
                "payments": [{"payment_id": "p9", "state": "completed"}],
                "written_off": {"by": "bob", "reason": "not there"},
            },
        });
        let text = one(&row);
        for part in [
            "decided by ann",
            "no_payment",
            "asked 4 times",
            "payment p9",
            "before that written off by bob: not there",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
}
