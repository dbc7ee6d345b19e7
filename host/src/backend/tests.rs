//! The client against banks that misbehave: what is repeated, what is bounded, what is never sent.
mod stub;

use std::time::Duration;

use stub::{Act, Stub};
use tokio::time::Instant;

use super::*;
use crate::call::{Failure, Money};

const RECEIPT: &str = r#"{"id":"payment_789","from_account":"checking_1","to_account":"savings_1","amount":500.00,"status":"Completed"}"#;
const ACCOUNT: &str = r#"{"account_id":"checking_1","balance":5000.50}"#;

fn ok(body: &'static str) -> Act {
    Act::Answer("200 OK", "", body)
}

fn failing(status: &'static str) -> Act {
    Act::Answer(status, "", "{\"detail\":\"boom\"}")
}

fn within_ms(ms: u64) -> Instant {
    Instant::now() + Duration::from_millis(ms)
}

fn client(url: &str, change: impl FnOnce(&mut Settings)) -> Backend {
    let mut settings = Settings {
        url: url.to_owned(),
        read_try_ms: 300,
        read_total_ms: 2_500,
        write_try_ms: 400,
        ..Settings::default()
    };
    change(&mut settings);
    Backend::new(settings).unwrap()
}

fn order() -> TransferOrder {
    TransferOrder {
        key: "key-1".to_owned(),
        reference: "reference-1".to_owned(),
        from_account: "checking_1".to_owned(),
        to_account: "savings_1".to_owned(),
        amount: Money::new(50_000, "USD"),
    }
}

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

#[tokio::test]
async fn a_key_that_the_bank_understands_allows_another_try() {
    let bank = Stub::new(vec![Act::Hangup, Act::Silence, ok(RECEIPT)]);
    let backend = client(&bank.url, |settings| {
        settings.idempotent = true;
        settings.token = Some("secret-token".to_owned().into());
    });
    let receipt = backend.transfer(&order(), within_ms(3_000)).await.unwrap();
    assert_eq!(receipt.payment_id, "payment_789");
    let requests = bank.requests();
    assert_eq!(requests.len(), 3);
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

#[tokio::test]
async fn a_read_is_repeated_at_most_twice_and_only_where_it_may_help() {
    for (act, tries) in [
        (failing("500 Internal Server Error"), 3),
        (failing("503 Service Unavailable"), 3),
        (Act::Hangup, 3),
        (Act::Silence, 3),
        (
            Act::Bytes("HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{"),
            3,
        ),
        (failing("400 Bad Request"), 1),
        (failing("404 Not Found"), 1),
        (failing("401 Unauthorized"), 1),
        (ok("<html>"), 1),
        (ok("{\"account_id\":\"checking_1\",\"balance\":1e308}"), 1),
        (ok("{\"account_id\":\"checking_2\",\"balance\":1}"), 1),
    ] {
        let bank = Stub::new(vec![act.clone()]);
        let backend = client(&bank.url, |_| {});
        let began = Instant::now();
        assert!(
            backend
                .balance("checking_1", within_ms(5_000))
                .await
                .is_err()
        );
        assert_eq!(bank.requests().len(), tries, "{act:?}");
        assert!(began.elapsed() < Duration::from_secs(3), "{act:?}");
    }
    let bank = Stub::new(vec![Act::Hangup, failing("502 Bad Gateway"), ok(ACCOUNT)]);
    let balance = client(&bank.url, |_| {})
        .balance("checking_1", within_ms(5_000))
        .await;
    assert_eq!(balance.unwrap(), Money::new(500_050, "USD"));
}

#[tokio::test]
async fn retry_after_is_kept_where_it_fits_and_otherwise_ends_the_tries() {
    let busy = |after| Act::Answer("429 Too Many Requests", after, "");
    let bank = Stub::new(vec![busy("retry-after: 1\r\n"), ok(ACCOUNT)]);
    let began = Instant::now();
    let balance = client(&bank.url, |_| {})
        .balance("checking_1", within_ms(5_000))
        .await;
    assert!(balance.is_ok() && began.elapsed() >= Duration::from_secs(1));

    let bank = Stub::new(vec![busy("retry-after: 60\r\n"), ok(ACCOUNT)]);
    let error = client(&bank.url, |_| {})
        .balance("checking_1", within_ms(5_000))
        .await
        .unwrap_err();
    assert!(matches!(
        error,
        Error::Busy {
            status: 429,
            retry_after_s: Some(60)
        }
    ));
    assert_eq!(bank.requests().len(), 1);
}

#[tokio::test]
async fn an_answer_without_an_end_is_cut_off_at_its_bound() {
    let bank = Stub::new(vec![Act::Flood]);
    let backend = client(&bank.url, |settings| settings.answer_bytes_max = 10_000);
    let error = backend
        .balance("checking_1", within_ms(5_000))
        .await
        .unwrap_err();
    assert!(
        matches!(error, Error::TooLong { bytes_max: 10_000 }),
        "{error}"
    );
    assert_eq!(error.fault(), Fault::Theirs);
}

#[tokio::test]
async fn an_answer_byte_by_byte_ends_at_the_deadline() {
    let bank = Stub::new(vec![Act::Drip]);
    let backend = client(&bank.url, |settings| settings.read_try_ms = 5_000);
    let began = Instant::now();
    let error = backend
        .balance("checking_1", within_ms(400))
        .await
        .unwrap_err();
    assert!(matches!(error, Error::TimedOut), "{error}");
    assert!(began.elapsed() < Duration::from_secs(1));
    let error = backend
        .transfer(&order(), within_ms(400))
        .await
        .unwrap_err();
    assert!(
        matches!(error, Error::TimedOut) && error.may_have_happened(),
        "{error}"
    );
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

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Stub::new(vec![ok(ACCOUNT)]);
    let location: &'static str = Box::leak(format!("location: {}\r\n", elsewhere.url).into());
    let bank = Stub::new(vec![Act::Answer("302 Found", location, "")]);
    let error = client(&bank.url, |_| {})
        .balance("checking_1", within_ms(2_000))
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Status(302)), "{error}");
    assert!(elsewhere.requests().is_empty());
}

#[tokio::test]
async fn ids_are_one_path_segment_and_unsafe_ones_never_leave() {
    let bank = Stub::new(vec![failing("404 Not Found")]);
    let backend = client(&bank.url, |_| {});
    let deadline = within_ms(5_000);
    for id in [
        "a/b",
        "..",
        ".",
        "a\u{0}",
        "",
        "a\\b",
        "a\r\nHost: evil",
        &"x".repeat(129),
    ] {
        let error = backend.balance(id, deadline).await.unwrap_err();
        assert!(matches!(error, Error::UnsafeId("account")), "{id:?}");
        let transfer = TransferOrder {
            to_account: id.to_owned(),
            ..order()
        };
        assert!(
            !backend
                .transfer(&transfer, deadline)
                .await
                .unwrap_err()
                .may_have_happened()
        );
    }
    assert!(bank.requests().is_empty());
    let _ = backend.balance("é a?b#c%2F+1@evil.com:80", deadline).await;
    let sent = bank.requests();
    assert!(
        sent[0].starts_with("GET /api/v1/accounts/%C3%A9%20a%3Fb%23c%252F%2B1%40evil.com%3A80 "),
        "{sent:?}"
    );
}

#[tokio::test]
async fn errors_show_neither_ids_nor_the_token() {
    let bank = Stub::new(vec![Act::Hangup]);
    let backend = client(&bank.url, |settings| {
        settings.token = Some("secret-token".to_owned().into());
        assert!(!format!("{settings:?}").contains("secret-token"));
    });
    let error = backend
        .customer("+14155552671", within_ms(2_000))
        .await
        .unwrap_err();
    let shown = format!("{error} {error:?} {:?}", std::error::Error::source(&error));
    assert!(
        !shown.contains("4155552671") && !shown.contains("secret-token"),
        "{shown}"
    );
}

#[tokio::test]
async fn the_breaker_opens_after_ten_failures_and_closes_when_the_bank_is_well_again() {
    let mut acts = vec![failing("500 Internal Server Error"); 10];
    acts.push(ok("{\"status\":\"healthy\"}"));
    acts.push(ok(RECEIPT));
    let bank = Stub::new(acts);
    let backend = client(&bank.url, |settings| settings.breaker_probe_ms = 300);
    for _ in 0..4 {
        assert!(
            backend
                .balance("checking_1", within_ms(2_000))
                .await
                .is_err()
        );
    }
    assert!(!backend.is_up());
    assert_eq!(bank.requests().len(), 10);
    let error = backend
        .transfer(&order(), within_ms(1_000))
        .await
        .unwrap_err();
    assert!(
        matches!(error, Error::Resting) && !error.may_have_happened(),
        "{error}"
    );
    assert_eq!(bank.requests().len(), 10);
    tokio::time::sleep(Duration::from_millis(350)).await;
    assert!(backend.transfer(&order(), within_ms(1_000)).await.is_ok());
    assert!(backend.is_up());
    assert!(bank.requests()[10].starts_with("GET /api/v1/health "));
}

#[tokio::test]
async fn a_bank_without_an_assistant_is_no_error() {
    let question = OpenQuestion {
        call_id: "c".to_owned(),
        user_id: None,
        question: "Hello?".to_owned(),
        transcript: Vec::new(),
    };
    let bank = Stub::new(vec![Act::Answer(
        "404 Not Found",
        "",
        "{\"detail\":\"Not Found\"}",
    )]);
    let asked = client(&bank.url, |_| {})
        .assistant(&question, within_ms(1_000))
        .await;
    assert_eq!(asked.unwrap(), None);

    let stream = "data: {\"delta\":\"Half a\"}\n\n";
    let bank = Stub::new(vec![Act::Answer(
        "200 OK",
        "content-type: text/event-stream\r\n",
        stream,
    )]);
    let asked = client(&bank.url, |_| {})
        .assistant(&question, within_ms(1_000))
        .await;
    assert!(matches!(asked, Err(Error::Unreadable(_))));
}

#[tokio::test]
async fn health_is_also_found_at_the_root() {
    let lost = Act::Answer("404 Not Found", "", "{\"detail\":\"Not Found\"}");
    let bank = Stub::new(vec![
        lost,
        ok("{\"status\":\"healthy\",\"version\":\"0.1.0\"}"),
    ]);
    let with_prefix = format!("{}/api/v1/", bank.url);
    let health = client(&with_prefix, |_| {})
        .health(within_ms(1_000))
        .await
        .unwrap();
    assert_eq!(health.version, "0.1.0");
    assert!(bank.requests()[0].starts_with("GET /api/v1/health "));
    assert!(bank.requests()[1].starts_with("GET /health "));
}

#[test]
fn addresses_that_cannot_be_used_are_named_at_start() {
    for url in [
        "",
        "localhost:8000",
        "ftp://bank",
        "http://user:pw@bank",
        "http://bank?x=1",
    ] {
        let settings = Settings {
            url: url.to_owned(),
            ..Settings::default()
        };
        assert!(
            matches!(
                Backend::new(settings),
                Err(Error::Setting { key: "url", .. })
            ),
            "{url}"
        );
    }
    let settings = Settings {
        currency: "dollars".to_owned(),
        ..Settings::default()
    };
    assert!(matches!(
        Backend::new(settings),
        Err(Error::Setting {
            key: "currency",
            ..
        })
    ));
}
