//! Reads and everything that both have in common: repeats, bounds, ids, the breaker.
//!
//! What is asserted is what the bank saw, counted by the bank itself.

use super::*;

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
async fn a_read_that_does_not_begin_to_be_answered_is_asked_again_and_a_write_is_not() {
    let bank = Stub::new(vec![Act::Silence, ok(ACCOUNT)]);
    let patient = |settings: &mut Settings| {
        settings.first_byte_ms = 300;
        settings.read_try_ms = 20_000;
        settings.read_total_ms = 20_000;
        settings.idempotent = true;
        settings.write_try_ms = 20_000;
    };
    let balance = client(&bank.url, patient)
        .balance("checking_1", within_ms(20_000))
        .await;
    assert!(balance.is_ok(), "{balance:?}");
    let bank = Stub::new(vec![Act::Silence, ok(RECEIPT)]);
    let error = client(&bank.url, patient)
        .transfer(&order(), within_ms(900))
        .await
        .unwrap_err();
    assert!(matches!(error, Error::TimedOut), "{error}");
    assert_eq!(bank.requests().len(), 1);
}

#[tokio::test]
async fn every_request_names_the_trace_it_belongs_to() {
    let bank = Stub::new(vec![failing("500 Internal Server Error"), ok(ACCOUNT)]);
    let backend = client(&bank.url, |_| {});
    let trace = trace::Trace::begin();
    let asked = backend.balance("checking_1", within_ms(5_000));
    trace::within(trace, asked).await.unwrap();
    let headers: Vec<String> = bank
        .requests()
        .iter()
        .flat_map(|request| request.lines().map(str::to_owned).collect::<Vec<_>>())
        .filter_map(|line| Some(line.strip_prefix("traceparent: ")?.to_owned()))
        .collect();
    assert_eq!(headers.len(), 2, "{headers:?}");
    assert_ne!(headers[0], headers[1]);
    for header in headers {
        assert_eq!(trace::Trace::read(&header), Some(trace));
    }
}

#[tokio::test]
async fn a_bank_that_refuses_to_look_for_a_reference_lists_its_payments_whole() {
    for refusal in ["400 Bad Request", "422 Unprocessable Entity"] {
        let bank = Stub::new(vec![failing(refusal), ok("{\"payments\":{},\"count\":0}")]);
        let backend = client(&bank.url, |_| {});
        for _ in 0..2 {
            let listed = backend.payments(Some("row-1"), within_ms(5_000)).await;
            assert_eq!(listed.unwrap().payments, []);
        }
        let asked = bank.requests();
        let firsts: Vec<&str> = asked
            .iter()
            .filter_map(|text| text.lines().next())
            .collect();
        let (filtered, whole) = (
            "GET /api/v1/payments/?reference=row-1 HTTP/1.1",
            "GET /api/v1/payments/ HTTP/1.1",
        );
        assert_eq!(firsts, [filtered, whole, whole], "{refusal}");
    }
}

#[tokio::test]
async fn a_whole_list_that_is_too_long_is_looked_through_by_reference_again() {
    let long: &str = format!("{{\"payments\":{{}},\"note\":\"{}\"}}", "x".repeat(2 << 20)).leak();
    let bank = Stub::new(vec![
        failing("400 Bad Request"),
        ok(long),
        ok("{\"payments\":{},\"count\":0}"),
    ]);
    let backend = client(&bank.url, |_| {});
    let first = backend.payments(Some("row-1"), within_ms(5_000)).await;
    assert!(matches!(first, Err(Error::TooLong { .. })), "{first:?}");
    let next = backend.payments(Some("row-1"), within_ms(5_000)).await;
    assert_eq!(next.unwrap().payments, []);
    let last = bank.requests().pop().unwrap_or_default();
    assert!(
        last.starts_with("GET /api/v1/payments/?reference="),
        "{last}"
    );
}

#[tokio::test]
async fn a_search_that_fails_does_not_keep_callers_from_the_bank() {
    let mut acts = vec![failing("500 Internal Server Error"); 12];
    acts.push(ok(ACCOUNT));
    let bank = Stub::new(acts);
    let backend = client(&bank.url, |_| {});
    let search = backend.apart();
    for _ in 0..4 {
        assert!(search.payments(None, within_ms(2_000)).await.is_err());
    }
    assert!(!search.is_up() && backend.is_up());
    let resting = bank.requests().len();
    assert_eq!(resting, 10);
    let balance = backend.balance("checking_1", within_ms(5_000)).await;
    assert!(balance.is_ok(), "{balance:?}");
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
