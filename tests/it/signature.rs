//! The voice provider's signature: every vector on which its own two SDKs agree, and what a bad one gets over HTTP.
//!
//! The vectors are checked against the pure function, since time must be given to it.

use anyhow::Result;
use orchestrator::ingress::signature::verify;
use secrecy::SecretString;
use serde_json::Value;

use crate::harness::{
    Answer, Conversation, Host, KEY, client, now_ms, payload_json, sandbox, sign,
};

#[test]
fn every_vector_on_which_both_sdks_agree_has_their_verdict() {
    let vectors = payload_json("signature_vectors.json");
    let vectors = vectors.as_array().unwrap();
    assert_eq!(vectors.len(), 28);
    for vector in vectors {
        let text = |name: &str| vector[name].as_str().unwrap();
        let key = SecretString::from(text("api_key"));
        let now_ms = vector["now_ms"].as_u64().unwrap();
        let verdict = verify(&key, text("header"), text("body").as_bytes(), now_ms);
        let expected = vector["valid"] == Value::Bool(true);
        assert_eq!(verdict.is_ok(), expected, "{}: {verdict:?}", text("name"));
    }
}

/// Header values that must not open the door, for this body.
fn bad_headers(body: &str) -> Vec<(&'static str, Vec<String>)> {
    let now = now_ms();
    let good = sign(KEY, body.as_bytes(), now);
    let digest = good.split_once("d=").expect("signed").1.to_owned();
    vec![
        ("none", vec![]),
        ("two of them", vec![good.clone(), good.clone()]),
        (
            "of another key",
            vec![sign("key_of_somebody", body.as_bytes(), now)],
        ),
        ("of another body", vec![sign(KEY, b"{}", now)]),
        (
            "older than five minutes",
            vec![sign(KEY, body.as_bytes(), now - 301_000)],
        ),
        (
            "from the future",
            vec![sign(KEY, body.as_bytes(), now + 360_000)],
        ),
        (
            "of another moment",
            vec![format!("v={},d={digest}", now - 1)],
        ),
        ("the predecessor's: only a digest", vec![digest.clone()]),
        (
            "in capitals",
            vec![format!("v={now},d={}", digest.to_uppercase())],
        ),
        ("with a space", vec![format!("v={now}, d={digest}")]),
        ("cut short", vec![good[..good.len() - 1].to_owned()]),
        ("empty", vec![String::new()]),
    ]
}

async fn send(host: &Host, path: &str, body: &str, signatures: &[String]) -> Result<Answer> {
    let mut request = client()
        .post(format!("{}{path}", host.url))
        .body(body.to_owned());
    for signature in signatures {
        request = request.header("x-retell-signature", signature);
    }
    Answer::of(request.header("content-type", "application/json")).await
}

#[tokio::test]
async fn a_request_with_a_wrong_signature_is_neither_parsed_nor_stored() -> Result<()> {
    let host = sandbox().await?;
    let mut caller = Conversation::of_alice(host);
    let event = serde_json::json!({"event": "call_started", "call": caller.call()}).to_string();
    let invocation = caller.body(
        "check_balance",
        serde_json::json!({"account_id": "checking_1"}),
    );
    let arguments = r#"{"account_id":"checking_1"}"#;
    let here = format!("/functions/check_balance?call_id={}", caller.call_id);
    for (path, body) in [
        ("/webhook", event.as_str()),
        ("/webhook", "not even JSON"),
        (
            "/webhook/inbound",
            r#"{"event":"call_inbound","call_inbound":{"from_number":"+14155552671"}}"#,
        ),
        ("/functions", &invocation),
        ("/functions/check_balance", &invocation),
        (&here, arguments),
        ("/functions", "not even JSON"),
    ] {
        for (what, signatures) in bad_headers(body) {
            let answer = send(host, path, body, &signatures).await?;
            assert_eq!(
                answer.status, 401,
                "{path}, signature {what}: {}",
                answer.text
            );
            assert_eq!(
                answer.problem(401),
                "signature_invalid",
                "{path}, signature {what}"
            );
            let expected = answer.header("www-authenticate");
            assert_eq!(expected, Some("X-Retell-Signature"), "{path}");
        }
    }
    assert_eq!(host.call(&caller.call_id).await?, None, "a call was opened");
    let decisions = format!("/admin/decisions?call_id={}", caller.call_id);
    assert_eq!(
        host.get(&decisions).await?.expect(200)["count"].to_string(),
        "0"
    );
    Ok(())
}

#[tokio::test]
async fn a_signature_is_taken_until_it_is_five_minutes_old() -> Result<()> {
    let host = sandbox().await?;
    let caller = Conversation::of_alice(host);
    let event = serde_json::json!({"event": "call_started", "call": caller.call()}).to_string();
    let header = sign(KEY, event.as_bytes(), now_ms() - 290_000);
    assert_eq!(send(host, "/webhook", &event, &[header]).await?.status, 204);
    assert_eq!(host.state(&caller.call_id).await?, "AWAITING_INTENT");
    Ok(())
}
