//! The predecessor's REST API: every curl of its README with the JSON printed there, and everything that may go wrong.
//!
//! Answers are compared with numbers as they are written: `5000.50` is not `5000.5`.

use anyhow::Result;
use serde_json::{Value, json};

use crate::harness::{Setup, at_once, sandbox};

fn read(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

#[tokio::test]
async fn every_curl_of_the_predecessors_readme_gets_the_answer_printed_there() -> Result<()> {
    let host = Setup::sandbox()?.start().await?;
    let health = host.get("/health").await?.expect(200);
    assert_eq!(health["status"], "healthy");
    assert_eq!(
        health.as_object().unwrap().len(),
        2,
        "status and version, nothing else: {health}"
    );
    assert!(health["version"].is_string());

    let legacy = r#"{"event": "call_started", "data": {"call_id": "call_123456", "phone_number": "+1234567890"}}"#;
    assert_eq!(host.signed("/webhook", legacy).await?.status, 204);
    for (path, request, answer) in [
        (
            "/orchestrate/load-context",
            r#"{ "call_id": "call_123456", "user_id": "user_1" }"#,
            r#"{"status": "context loaded"}"#,
        ),
        (
            "/orchestrate/get-balance",
            r#"{ "call_id": "call_123456", "account_id": "checking_1" }"#,
            r#"{ "account_id": "checking_1", "balance": 5000.50 }"#,
        ),
        (
            "/orchestrate/transfer",
            r#"{ "call_id": "call_123456", "from_account": "checking_1", "to_account": "savings_1", "amount": 500.00 }"#,
            r#"{ "id": "payment_789", "from_account": "checking_1", "to_account": "savings_1", "amount": 500.00,
                "status": "Completed" }"#,
        ),
    ] {
        let found = host.post_text(path, request, &[]).await?.expect(200);
        assert_eq!(found, read(answer), "{path}");
    }
    let calls = host.get("/admin/calls").await?.expect(200);
    assert_eq!(calls["count"].to_string(), "1", "{calls}");
    let call = host
        .get("/admin/call?call_id=call_123456")
        .await?
        .expect(200);
    assert_eq!(call, calls["calls"][0]);
    assert_eq!(
        (&call["call_id"], &call["user_id"]),
        (&json!("call_123456"), &json!("user_1"))
    );
    for member in ["created_at", "updated_at"] {
        assert!(
            call[member].as_i64().is_some_and(|at| at > 1_700_000_000),
            "{member}: {call}"
        );
    }
    for member in ["phone_number", "state", "metadata"] {
        assert!(call.get(member).is_some(), "{member}: {call}");
    }
    assert_eq!(
        host.get("/admin/call").await?.problem(400),
        "call_id_missing"
    );
    assert_eq!(
        host.get("/admin/call?call_id=nobody").await?.problem(404),
        "call_not_found"
    );
    assert_eq!(host.balance("user_1", "checking_1").await?, "4500.50");
    Ok(())
}

#[tokio::test]
async fn the_start_is_told_with_the_predecessors_lines() -> Result<()> {
    let host = Setup::sandbox()?.set("LOG_LEVEL", "INFO").start().await?;
    host.get("/health").await?.expect(200);
    let log = host.log();
    for line in [
        "Created 5 sample users",
        "Orchestrator starting on 127.0.0.1:",
        "Python backend is healthy",
    ] {
        assert!(log.contains(line), "`{line}` is missing:\n{log}");
    }
    assert!(
        log.contains("Connected to") && log.contains("schema"),
        "{log}"
    );
    Ok(())
}

#[tokio::test]
async fn every_other_endpoint_answers_as_the_api_says() -> Result<()> {
    let host = sandbox().await?;
    let user = host
        .post("/orchestrate/get-user", &json!({"user_id": "user_1"}))
        .await?
        .expect(200);
    assert_eq!(user["user_id"], "user_1", "{user}");
    assert_eq!(user["details"]["name"], "Alice Johnson", "{user}");
    let ids = json!(["checking_1", "savings_1", "market_1"]);
    assert_eq!(user["details"]["accounts"], ids, "{user}");
    for member in ["email", "phone", "address"] {
        assert!(user["details"][member].is_string(), "{member}: {user}");
    }
    let profile = host
        .post(
            "/orchestrate/get-user-profile",
            &json!({"user_id": "user_1"}),
        )
        .await?;
    let profile = profile.expect(200);
    for member in ["user_id", "name", "email", "phone", "address"] {
        assert!(profile[member].is_string(), "{member}: {profile}");
    }
    for answer in [&user, &profile] {
        let text = answer.to_string();
        assert!(
            !text.contains("ssn") && !text.contains("900-11") && !text.contains("birth"),
            "{text}"
        );
    }
    let accounts = host
        .post("/orchestrate/get-accounts", &json!({"user_id": "user_1"}))
        .await?;
    let accounts = accounts.expect(200);
    assert_eq!(accounts["account_count"].to_string(), "3", "{accounts}");
    assert_eq!(
        accounts["accounts"]["checking_1"]["balance"].to_string(),
        "5000.50",
        "{accounts}"
    );
    Ok(())
}

#[tokio::test]
async fn statements_and_applications_are_answered_in_their_shapes() -> Result<()> {
    let host = sandbox().await?;
    let call_id = "call_of_statements";
    let context = json!({"call_id": call_id, "user_id": "user_2"});
    host.post("/orchestrate/load-context", &context)
        .await?
        .expect(200);
    let asked = json!({"call_id": call_id, "account_id": "checking_2"});
    let statements = host
        .post("/orchestrate/get-statements", &asked)
        .await?
        .expect(200);
    assert_eq!(statements["account_id"], "checking_2");
    for month in ["January", "February", "March"] {
        assert!(
            !statements["statements"][month].is_null(),
            "{month}: {statements}"
        );
    }
    let loan =
        json!({"user_id": "user_2", "loan_amount": 10_000, "loan_purpose": "car", "term_years": 5});
    let card = json!({"user_id": "user_2", "card_type": "gold", "credit_limit": 2_500});
    for (path, request) in [("apply-loan", loan), ("apply-credit-card", card)] {
        let answer = host
            .post(&format!("/orchestrate/{path}"), &request)
            .await?
            .expect(200);
        assert_eq!(answer["status"], "submitted", "{path}: {answer}");
        assert!(answer["message"].is_string(), "{path}: {answer}");
        let id = json!({"call_id": call_id, "application_id": answer["application_id"]});
        let status = host
            .post("/orchestrate/get-application-status", &id)
            .await?
            .expect(200);
        assert_eq!(
            status["application_id"], answer["application_id"],
            "{status}"
        );
        assert!(
            status["status"].is_string() && status["message"].is_string(),
            "{status}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn an_idempotency_key_makes_a_transfer_happen_once() -> Result<()> {
    let host = Setup::sandbox()?.start().await?;
    let context = json!({"call_id": "call_1", "user_id": "user_1"});
    host.post("/orchestrate/load-context", &context)
        .await?
        .expect(200);
    let body = |amount: &str| {
        format!(
            r#"{{"call_id":"call_1","from_account":"checking_1","to_account":"savings_1","amount":{amount}}}"#
        )
    };
    let path = "/orchestrate/transfer";
    let key = [("idempotency-key", "order-17")];
    let first = host
        .post_text(path, &body("100.00"), &key)
        .await?
        .expect(200);
    let again = host
        .post_text(path, &body("100.00"), &key)
        .await?
        .expect(200);
    assert_eq!(first, again);
    let other = host.post_text(path, &body("100.01"), &key).await?;
    assert_eq!(other.problem(422), "idempotency_key_reused");
    assert_eq!(host.balance("user_1", "checking_1").await?, "4900.50");

    let key = [("idempotency-key", "order-18")];
    let (path, text) = (path, body("200.00"));
    let copies = (0..20).map(|_| host.post_text(path, &text, &key));
    let mut ids = std::collections::BTreeSet::new();
    for answer in at_once(copies.collect()).await {
        let answer = answer?;
        match answer.status {
            200 => drop(ids.insert(answer.json()?["id"].to_string())),
            409 => assert_eq!(answer.problem(409), "transfer_in_progress"),
            status => panic!("{status}: {}", answer.text),
        }
    }
    assert_eq!(ids.len(), 1, "one payment: {ids:?}");
    assert_eq!(host.balance("user_1", "checking_1").await?, "4700.50");
    let same = host.post_text(path, &text, &key).await?.expect(200);
    assert!(ids.contains(&same["id"].to_string()));
    Ok(())
}

#[tokio::test]
async fn transfers_without_a_key_are_two_wishes() -> Result<()> {
    let host = Setup::sandbox()?.start().await?;
    let context = json!({"call_id": "call_1", "user_id": "user_3"});
    host.post("/orchestrate/load-context", &context)
        .await?
        .expect(200);
    let body = r#"{"call_id":"call_1","from_account":"checking_3","to_account":"savings_3","amount":10.10}"#;
    let mut ids = Vec::new();
    for _ in 0..2 {
        let answer = host
            .post_text("/orchestrate/transfer", body, &[])
            .await?
            .expect(200);
        ids.push(answer["id"].to_string());
    }
    assert_ne!(ids[0], ids[1]);
    assert_eq!(host.balance("user_3", "checking_3").await?, "722.60");
    Ok(())
}

#[tokio::test]
async fn another_customers_account_is_out_of_reach_over_rest_too() -> Result<()> {
    let host = sandbox().await?;
    let context = json!({"call_id": "call_of_user_1", "user_id": "user_1"});
    host.post("/orchestrate/load-context", &context)
        .await?
        .expect(200);
    let before = host.balance("user_4", "checking_4").await?;
    let transfer = |from: &str, to: &str| json!({"call_id": "call_of_user_1", "from_account": from, "to_account": to, "amount": 1});
    for account in [
        "checking_4",
        "checking_9",
        "../checking_1",
        "checking_1/balance",
        "",
    ] {
        let account_only = json!({"call_id": "call_of_user_1", "account_id": account});
        for (path, body) in [
            ("get-balance", &account_only),
            ("get-statements", &account_only),
            ("transfer", &transfer(account, "checking_1")),
        ] {
            let answer = host.post(&format!("/orchestrate/{path}"), body).await?;
            assert!(
                (400..500).contains(&answer.status),
                "{path} {account}: {}",
                answer.text
            );
            assert!(!answer.problem(answer.status).is_empty());
            assert!(!answer.text.contains("64.15"), "{}", answer.text);
        }
    }
    let foreign = json!({"call_id": "call_of_user_1", "account_id": "checking_4"});
    let foreign = host.post("/orchestrate/get-balance", &foreign).await?;
    assert!([403, 404].contains(&foreign.status), "{}", foreign.text);
    assert_eq!(host.balance("user_4", "checking_4").await?, before);
    for (path, body, code) in [
        (
            "load-context",
            json!({"call_id": "c", "user_id": "user_99"}),
            "user_not_found",
        ),
        ("get-user", json!({"user_id": "user_99"}), "user_not_found"),
        (
            "get-balance",
            json!({"call_id": "call_never_opened", "account_id": "checking_1"}),
            "call_not_found",
        ),
    ] {
        let answer = host.post(&format!("/orchestrate/{path}"), &body).await?;
        assert_eq!(answer.problem(404), code, "{path}");
    }
    Ok(())
}

#[tokio::test]
async fn what_cannot_be_meant_is_a_problem_with_a_stable_code() -> Result<()> {
    let host = sandbox().await?;
    let context = json!({"call_id": "call_of_bad_input", "user_id": "user_1"});
    host.post("/orchestrate/load-context", &context)
        .await?
        .expect(200);
    let with = |amount: &str| {
        format!(
            r#"{{"call_id":"call_of_bad_input","from_account":"savings_1","to_account":"checking_1","amount":{amount}}}"#
        )
    };
    let before = host.balance("user_1", "savings_1").await?;
    let mut bodies: Vec<String> = [
        "0",
        "0.00",
        "-5",
        "-0.01",
        "1.005",
        "0.001",
        "\"abc\"",
        "\"500.00\"",
        "1e308",
        "1e-7",
        "1E400",
        "NaN",
        "Infinity",
        "9007199254740993",
        "null",
        "true",
        "[]",
        "{}",
        "\"\"",
    ]
    .map(with)
    .to_vec();
    bodies.extend(["", "{", "[]", "null", "7", "\"text\"", "{}", "not JSON"].map(str::to_owned));
    bodies.push(with("5").replace("\"savings_1\"", "7"));
    bodies.push(with("5").replace("\"checking_1\"", "\"savings_1\""));
    bodies.push(with("5").replace("\"call_of_bad_input\"", "null"));
    bodies.push(with("99999999.00"));
    for body in bodies {
        let answer = host.post_text("/orchestrate/transfer", &body, &[]).await?;
        assert!(
            (400..500).contains(&answer.status),
            "{body}: {} {}",
            answer.status,
            answer.text
        );
        let code = answer.problem(answer.status);
        let is_stable = code
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        assert!(is_stable && !code.is_empty(), "{body}: {code}");
    }
    assert_eq!(host.balance("user_1", "savings_1").await?, before);
    assert_eq!(
        host.get("/orchestrate/transfer").await?.problem(405),
        "method_not_allowed"
    );
    assert_eq!(
        host.get("/no/such/path").await?.problem(404),
        "path_not_found"
    );
    Ok(())
}

#[tokio::test]
async fn over_the_limit_is_the_plugins_no_with_its_code() -> Result<()> {
    let host = Setup::sandbox()?.start().await?;
    let context = json!({"call_id": "call_1", "user_id": "user_1"});
    host.post("/orchestrate/load-context", &context)
        .await?
        .expect(200);
    let body = json!({"call_id": "call_1", "from_account": "savings_1", "to_account": "checking_1", "amount": 10_001});
    let refused = host.post("/orchestrate/transfer", &body).await?;
    let code = refused.problem(403);
    assert!(
        ["amount_needs_human", "over_transfer_max"].contains(&code.as_str()),
        "{code}"
    );
    assert_eq!(host.balance("user_1", "savings_1").await?, "12500.00");
    Ok(())
}
