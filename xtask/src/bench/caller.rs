//! Signed custom-function requests, as Retell sends them for a sample caller of the sandbox.
//!
//! An answer other than 200 ends the bench: what is refused early would be measured as fast.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::bench::http::{Answer, Connection};

/// What the host of a bench is started with.
pub const API_KEY: &str = "key_of_the_bench";
/// A call of a bank has some twenty turns; then another begins.
const TURNS_PER_CALL: u32 = 20;

/// Asks for a balance; `number` counts the requests of one bench.
pub fn ask_balance(connection: &mut Connection, number: u32) -> Result<Answer> {
    let call_id = format!("call_bench_{}", number / TURNS_PER_CALL);
    let arguments = json!({ "account_id": "checking_1" });
    ask(connection, &call_id, &arguments)
}

/// Asks for a balance with these arguments.
pub fn ask(connection: &mut Connection, call_id: &str, arguments: &Value) -> Result<Answer> {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .context("the clock is before 1970")?;
    let now_ms = now.as_millis();
    let body = body(call_id, arguments, now_ms);
    let signature = signature(API_KEY, body.as_bytes(), now_ms)?;
    let answer = connection
        .post("/functions", &[("x-retell-signature", &signature)], &body)
        .with_context(|| format!("a request of {call_id} failed"))?;
    if answer.status != 200 {
        bail!(
            "a request of {call_id} was answered {}: {}",
            answer.status,
            answer.body
        );
    }
    Ok(answer)
}

fn body(call_id: &str, arguments: &Value, now_ms: u128) -> String {
    let call = json!({
        "call_id": call_id,
        "call_type": "phone_call",
        "agent_id": "agent_bench",
        "agent_version": 1,
        "call_status": "ongoing",
        "from_number": "+14155552671",
        "to_number": "+14155550100",
        "direction": "inbound",
        "start_timestamp": u64::try_from(now_ms).unwrap_or_default(),
        "transcript": "Agent: How can I help you today?\nUser: What is my checking balance?\n",
        "transcript_object": [
            { "role": "agent", "content": "How can I help you today?", "words": [] },
            { "role": "user", "content": "What is my checking balance?", "words": [] },
        ],
    });
    json!({ "name": "check_balance", "args": arguments, "call": call }).to_string()
}

/// `v={ms},d={hex}` over the body and then the digits of the time, as Retell signs.
fn signature(api_key: &str, body: &[u8], now_ms: u128) -> Result<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(api_key.as_bytes()).context("no such key")?;
    mac.update(body);
    mac.update(now_ms.to_string().as_bytes());
    Ok(format!(
        "v={now_ms},d={}",
        hex::encode(mac.finalize().into_bytes())
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_covers_the_body_and_then_the_time() {
        let signed = signature(
            "key_0123456789abcdef0123456789ab",
            b"{\"a\":\"x\0y\"}\r\n",
            1763800000123,
        )
        .expect("any key will do");
        assert_eq!(
            signed,
            "v=1763800000123,d=2a0ed30d3436a924e0f0cb9c5d7f94b252ca2dae5a54ae2eaef127b9d4b40672"
        );
    }

    #[test]
    fn a_request_carries_its_call_and_its_arguments() {
        let body = body("call_1", &json!({ "fault": "none" }), 1);
        assert!(body.contains("\"call_id\":\"call_1\""));
        assert!(body.contains("\"args\":{\"fault\":\"none\"}"));
    }
}
