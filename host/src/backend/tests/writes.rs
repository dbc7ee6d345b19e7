//! Writes: never sent twice without a key, and never told as failed while they may have happened.
//!
//! The bank counts what reached it; the client's own word is not taken for it.

use super::*;

#[tokio::test]
async fn a_transfer_is_never_sent_again_after_a_reset() {
    let wrong_amount = r#"{"id":"p","from_account":"checking_1","to_account":"savings_1","amount":5.00,"status":"Completed"}"#;
    for act in [
        Act::Hangup,
        Act::Silence,
        Act::Drip,
        Act::Flood,
        Act::Bytes("HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"id\":"),
        failing("500 Internal Server Error"),
        failing("503 Service Unavailable"),
        failing("409 Conflict"),
        Act::Answer("503 Service Unavailable", "retry-after: 0\r\n", ""),
        Act::Answer("307 Temporary Redirect", "location: /elsewhere\r\n", ""),
        ok("<html>Welcome</html>"),
        ok("{}"),
        ok(wrong_amount),
    ] {
        let bank = Stub::new(vec![act.clone(), ok(RECEIPT)]);
        let backend = client(&bank.url, |_| {});
        let error = backend
            .transfer(&order(), within_ms(600))
            .await
            .unwrap_err();
        assert!(error.may_have_happened(), "{act:?}: {error}");
        assert!(!error.is_repeat_safe(), "{act:?}: {error}");
        assert_eq!(error.as_write_failure(), Failure::Uncertain);
        assert_eq!(bank.requests().len(), 1, "{act:?}: {error}");
    }
}

#[tokio::test]
async fn a_refusal_with_a_reason_leaves_nothing_open_and_is_not_repeated() {
    let refused = Act::Answer("400 Bad Request", "", "{\"detail\":\"Insufficient funds\"}");
    let bank = Stub::new(vec![refused, ok(RECEIPT)]);
    let backend = client(&bank.url, |settings| settings.idempotent = true);
    let error = backend
        .transfer(&order(), within_ms(1_000))
        .await
        .unwrap_err();
    assert!(matches!(error, Error::InsufficientFunds));
    assert!(!error.may_have_happened());
    assert_eq!(bank.requests().len(), 1);
}

/// The trace that a request names, and the rest of it.
fn without_trace(request: &str) -> (trace::Trace, String) {
    let is_trace = |line: &&str| line.starts_with("traceparent: ");
    let header = request.lines().find(is_trace).unwrap();
    let rest: Vec<&str> = request.lines().filter(|line| !is_trace(line)).collect();
    (
        trace::Trace::read(&header["traceparent: ".len()..]).unwrap(),
        rest.join("\n"),
    )
}

#[tokio::test]
async fn a_key_that_the_bank_understands_allows_another_try() {
    let bank = Stub::new(vec![Act::Hangup, Act::Silence, ok(RECEIPT)]);
    let backend = client(&bank.url, |settings| {
        settings.idempotent = true;
        settings.token = Some("secret-token".to_owned().into());
    });
    let receipt = backend.transfer(&order(), within_ms(3_000)).await.unwrap();
    assert_eq!(receipt.payment_id, "payment_789");
    let sent = bank.requests();
    assert_eq!(sent.len(), 3);
    // Each is a request of its own in one trace.
    let (traces, requests): (Vec<_>, Vec<_>) =
        sent.iter().map(|request| without_trace(request)).unzip();
    assert!(traces.iter().all(|trace| trace == &traces[0]), "{traces:?}");
    assert!(
        requests.iter().all(|request| request == &requests[0]),
        "{requests:?}"
    );
    let sent = requests[0].to_lowercase();
    assert!(
        sent.starts_with("post /api/v1/payments/transfer "),
        "{sent}"
    );
    assert!(sent.contains("idempotency-key: key-1"), "{sent}");
    assert!(
        sent.contains("authorization: bearer secret-token"),
        "{sent}"
    );
    assert!(sent.contains("\"amount\":500.00") && sent.contains("\"reference\":\"reference-1\""));
}

#[tokio::test]
async fn after_an_unknown_try_a_refusal_does_not_settle_it() {
    let refused = Act::Answer("400 Bad Request", "", "{\"detail\":\"Insufficient funds\"}");
    let bank = Stub::new(vec![Act::Hangup, refused]);
    let backend = client(&bank.url, |settings| settings.idempotent = true);
    let error = backend
        .transfer(&order(), within_ms(3_000))
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Unknown(_)), "{error}");
    assert!(error.may_have_happened());
}

#[tokio::test]
async fn a_refused_connection_means_that_nothing_was_sent() {
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let backend = client(&format!("http://{free}"), |_| {});
    let error = backend
        .transfer(&order(), within_ms(1_000))
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Connect(_)), "{error}");
    assert!(!error.may_have_happened() && error.is_repeat_safe());
    assert_eq!(error.fault(), Fault::Network);
    assert_eq!(error.as_write_failure(), Failure::Unavailable);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_is_read_after_the_deadline_was_to_something_that_was_sent() {
    let bank = Stub::new(vec![Act::Late(200, RECEIPT)]);
    let backend = client(&bank.url, |_| {});
    let (order, deadline) = (order(), within_ms(500));
    // As a process that is stopped, or gets no time: the answer is there, and nobody looks until it is too late.
    let stands_still = async {
        while bank.requests().is_empty() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        std::thread::sleep(Duration::from_millis(700));
    };
    let (paid, ()) = tokio::join!(backend.transfer(&order, deadline), stands_still);
    if let Err(error) = paid {
        assert!(error.may_have_happened(), "{error}");
    }
}

#[tokio::test]
async fn nothing_is_sent_after_the_deadline() {
    let bank = Stub::new(vec![ok(RECEIPT)]);
    let backend = client(&bank.url, |_| {});
    let error = backend
        .transfer(&order(), Instant::now())
        .await
        .unwrap_err();
    assert!(
        matches!(error, Error::NotSent) && !error.may_have_happened(),
        "{error}"
    );
    assert!(bank.requests().is_empty());
}
