//! The trace that a request names reaches the bank with every question that is asked for it, whichever task asks.
//!
//! Seen at a gate before the bank, as the bank sees it.

use anyhow::Result;
use serde_json::json;

use crate::harness::{Gate, Setup};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const NAMED: (&str, &str) = (
    "traceparent",
    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
);

/// The traces of all questions whose first line has this in it.
fn traces(gate: &Gate, part: &str) -> Vec<String> {
    gate.questions()
        .split("\r\n\r\n")
        .filter(|head| {
            head.lines()
                .any(|line| line.contains("HTTP/1.1") && line.contains(part))
        })
        .filter_map(|head| {
            let header = head
                .lines()
                .find_map(|line| line.strip_prefix("traceparent: "))?;
            header.split('-').nth(1).map(str::to_owned)
        })
        .collect()
}

#[tokio::test]
async fn what_the_bank_is_asked_belongs_to_the_trace_of_whoever_asked() -> Result<()> {
    let (_bank, url) = Setup::bank("documented").await?;
    let gate = Gate::before(&url)?;
    let host = Setup::sandbox()?
        .set("PYTHON_BACKEND_URL", &gate.url)
        .start()
        .await?;
    let asked = json!({"name": "check_balance", "args": {"account_id": "checking"},
        "call": {"call_id": "call_traced", "direction": "inbound", "from_number": "+14155552671"}});
    let body = asked.to_string();
    host.signed_with("/functions", body.clone(), &[NAMED])
        .await?
        .expect(200);
    assert!(
        traces(&gate, "/accounts")
            .iter()
            .all(|trace| trace == TRACE)
    );
    assert!(!traces(&gate, "/accounts").is_empty());

    let order = json!({"user_id": "user_1", "from_account": "checking_1", "to_account": "savings_1", "amount": 5});
    let order = order.to_string();
    host.post_text(
        "/orchestrate/transfer",
        &order,
        &[NAMED, ("idempotency-key", "traced")],
    )
    .await?
    .expect(200);
    assert_eq!(traces(&gate, "POST /api/v1/payments/transfer"), [TRACE]);

    // One of no standard is passed over, and the host begins its own.
    let before = traces(&gate, "/accounts").len();
    for header in [&[("traceparent", "00-not-a-trace-01")][..], &[]] {
        host.signed_with(
            "/functions",
            body.replace("call_traced", &format!("call_{}", header.len())),
            header,
        )
        .await?
        .expect(200);
    }
    let own = traces(&gate, "/accounts").split_off(before);
    assert!(
        own.len() >= 2 && own.iter().all(|trace| trace.len() == 32 && trace != TRACE),
        "{own:?}"
    );
    Ok(())
}
