//! One contract, two banks: the sandbox bank and the FastAPI bank answer the same requests alike, in both dialects.
//!
//! Whatever is in the list below was agreed with neither of them alone; dates of bookings are the only thing that may differ.

use anyhow::Result;
use serde_json::{Value, json};

use crate::harness::{Answer, Dialect, FastApi, Setup, client};

/// A request: method, path under the prefix, body, key.
type Request = (
    &'static str,
    &'static str,
    Option<&'static str>,
    Option<&'static str>,
);

const ORDER: &str =
    r#"{"from_account":"checking_1","to_account":"savings_1","amount":500.00,"reference":"r-1"}"#;

/// In this order, since some depend on what was moved before.
const REQUESTS: [Request; 49] = [
    ("GET", "/health", None, None),
    ("GET", "/users/", None, None),
    ("GET", "/users/{alice}", None, None),
    ("GET", "/users/{alice}/accounts", None, None),
    ("GET", "/users/{alice}/profile", None, None),
    ("GET", "/users/nobody", None, None),
    ("GET", "/users/nobody/accounts", None, None),
    ("GET", "/users/nobody/profile", None, None),
    ("GET", "/users/a%20b", None, None),
    ("GET", "/accounts/checking_1", None, None),
    ("GET", "/accounts/checking_1/balance", None, None),
    ("GET", "/accounts/checking_1/statements", None, None),
    ("GET", "/accounts/savings_2/statements", None, None),
    ("GET", "/accounts/market_3/statements", None, None),
    ("GET", "/accounts/nothing", None, None),
    ("GET", "/accounts/nothing/balance", None, None),
    ("GET", "/accounts/nothing/statements", None, None),
    ("GET", "/payments/", None, None),
    ("GET", "/payments/payment_1", None, None),
    ("POST", "/payments/transfer", Some(ORDER), Some("key-1")),
    ("POST", "/payments/transfer", Some(ORDER), Some("key-1")),
    (
        "POST",
        "/payments/transfer",
        Some(r#"{"from_account":"checking_1","to_account":"savings_1","amount":1}"#),
        Some("key-1"),
    ),
    ("GET", "/accounts/checking_1/balance", None, None),
    ("GET", "/payments/", None, None),
    ("GET", "/payments/?reference=r-1", None, None),
    ("GET", "/payments/?reference=r-2", None, None),
    ("GET", "/payments/payment_789", None, None),
    (
        "POST",
        "/payments/transfer",
        Some(r#"{"from_account":"checking_5","to_account":"savings_5","amount":10.10}"#),
        None,
    ),
    (
        "POST",
        "/payments/transfer",
        Some(r#"{"from_account":"checking_5","to_account":"savings_5","amount":10.10}"#),
        None,
    ),
    (
        "POST",
        "/payments/transfer",
        Some(r#"{"from_account":"checking_5","to_account":"savings_5","amount":"10.10"}"#),
        None,
    ),
    ("GET", "/accounts/checking_5/balance", None, None),
    (
        "POST",
        "/payments/transfer",
        Some(r#"{"from_account":"checking_4","to_account":"savings_4","amount":99999}"#),
        Some("key-2"),
    ),
    (
        "POST",
        "/payments/transfer",
        Some(r#"{"from_account":"checking_4","to_account":"savings_4","amount":0}"#),
        None,
    ),
    (
        "POST",
        "/payments/transfer",
        Some(r#"{"from_account":"checking_4","to_account":"savings_4","amount":-1}"#),
        None,
    ),
    (
        "POST",
        "/payments/transfer",
        Some(r#"{"from_account":"nothing","to_account":"savings_4","amount":1}"#),
        None,
    ),
    (
        "POST",
        "/payments/transfer",
        Some(r#"{"from_account":"checking_4","to_account":"nothing","amount":1}"#),
        None,
    ),
    (
        "POST",
        "/payments/transfer",
        Some(r#"{"from_account":7,"to_account":"savings_4","amount":1}"#),
        None,
    ),
    ("POST", "/payments/transfer", Some("{}"), None),
    ("POST", "/payments/transfer", Some("[]"), None),
    ("POST", "/payments/transfer", Some("not JSON"), None),
    (
        "POST",
        "/applications/loan",
        Some(r#"{"user_id":"{alice}","loan_amount":10000,"loan_purpose":"car","term_years":5}"#),
        Some("key-3"),
    ),
    (
        "POST",
        "/applications/loan",
        Some(r#"{"user_id":"{alice}","loan_amount":10000,"loan_purpose":"car","term_years":0}"#),
        None,
    ),
    (
        "POST",
        "/applications/loan",
        Some(r#"{"user_id":"nobody","loan_amount":10000,"loan_purpose":"car","term_years":5}"#),
        None,
    ),
    (
        "POST",
        "/applications/credit-card",
        Some(r#"{"user_id":"{alice}","card_type":"gold","credit_limit":2500}"#),
        None,
    ),
    ("GET", "/applications/application_501", None, None),
    ("GET", "/applications/nothing", None, None),
    (
        "POST",
        "/agent/reply",
        Some(
            r#"{"call_id":"c","user_id":"user_1","question":"When do you open?","transcript":[]}"#,
        ),
        None,
    ),
    ("GET", "/no/such/path", None, None),
    ("DELETE", "/payments/transfer", None, None),
];

async fn ask(url: &str, dialect: Dialect, request: Request) -> Result<(u16, Value)> {
    let (method, path, body, key) = request;
    let alice = match dialect {
        Dialect::Documented => "user_1",
        Dialect::Published => "+1-415-555-2671",
    };
    let path = path.replace("{alice}", alice);
    let mut asked = client().request(method.parse()?, format!("{url}/api/v1{path}"));
    if let Some(body) = body {
        let body = body.replace("{alice}", alice);
        asked = asked.header("content-type", "application/json").body(body);
    }
    if let Some(key) = key {
        asked = asked.header("idempotency-key", key);
    }
    let answer = Answer::of(asked).await?;
    let mut json = answer.json()?;
    without_booking_dates(&mut json);
    Ok((answer.status, json))
}

/// A booking happens now; its date keeps only its length, so that a day stays a day and a moment a moment.
fn without_booking_dates(json: &mut Value) {
    match json {
        Value::Object(fields) => {
            let is_payment = fields.contains_key("from_account");
            for (name, value) in fields {
                match value.as_str() {
                    Some(date) if is_payment && name == "date" => {
                        *value = json!("-".repeat(date.len()))
                    }
                    _ => without_booking_dates(value),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(without_booking_dates),
        _ => {}
    }
}

#[tokio::test]
async fn both_banks_answer_the_same_requests_alike() -> Result<()> {
    for dialect in Dialect::ALL {
        let Some(service) = FastApi::start(dialect).await? else {
            return Ok(());
        };
        let (_host, sandbox) = Setup::bank(dialect.name()).await?;
        let mut faults = Vec::new();
        for request in REQUESTS {
            let ours = ask(&sandbox, dialect, request).await?;
            let theirs = ask(&service.url, dialect, request).await?;
            if ours != theirs {
                faults.push(format!(
                    "{request:?}\n  sandbox {ours:?}\n  FastAPI {theirs:?}"
                ));
            }
        }
        assert!(
            faults.is_empty(),
            "{dialect:?}: {} differ\n{}",
            faults.len(),
            faults.join("\n")
        );
    }
    Ok(())
}

#[tokio::test]
async fn the_banks_answers_have_the_shapes_that_the_contract_names() -> Result<()> {
    for dialect in Dialect::ALL {
        let (_host, url) = Setup::bank(dialect.name()).await?;
        let get = async |path: &'static str| ask(&url, dialect, ("GET", path, None, None)).await;
        let (_, account) = get("/accounts/checking_1").await?;
        let (_, accounts) = get("/users/{alice}/accounts").await?;
        let (_, statements) = get("/accounts/checking_1/statements").await?;
        match dialect {
            Dialect::Documented => {
                assert_eq!(
                    (&account["type"], &account["currency"]),
                    (&json!("checking"), &json!("USD"))
                );
                assert_eq!(account["balance"].to_string(), "5000.50");
                assert!(accounts["accounts"].is_array(), "{accounts}");
                assert!(
                    statements["statements"]["January"].is_array(),
                    "{statements}"
                );
            }
            Dialect::Published => {
                assert!(account["details"]["type"].is_null(), "{account}");
                assert!(account["details"]["balance"].is_number(), "{account}");
                assert!(accounts["accounts"]["checking_1"].is_object(), "{accounts}");
                assert!(
                    statements["statements"]["January"].is_string(),
                    "{statements}"
                );
            }
        }
        let (status, missing) = get("/accounts/nothing").await?;
        assert_eq!(
            (status, &missing),
            (404, &json!({"detail": "Account not found"}))
        );
    }
    Ok(())
}
