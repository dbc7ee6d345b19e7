//! Every bank with every database and every place of live calls: a balance, a statement and a transfer by function call, in both dialects.
//!
//! The host runs as it does in production: tokens, no sample customers; Alice is enrolled through the command line.

use anyhow::Result;
use serde_json::json;

use crate::harness::{Conversation, Dialect, FastApi, Host, Redis, Setup, postgres};

/// Alice at a bank of this dialect.
fn alice_at(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Documented => "user_1",
        Dialect::Published => "+1-415-555-2671",
    }
}

fn enrol(setup: &Setup, dialect: Dialect) -> Result<()> {
    let (phone, id) = ("+14155552671", alice_at(dialect));
    let arguments = [
        "users",
        "add",
        "--phone",
        phone,
        "--user-id",
        id,
        "--name",
        "Alice Johnson",
        "--pin-stdin",
    ];
    let added = setup
        .clone()
        .with_arguments(&arguments)
        .run_with("1234\n")?;
    assert_eq!(added.code, Some(0), "{added:?}");
    Ok(())
}

/// What every combination must do.
async fn the_day_of_a_customer(host: &Host, dialect: Dialect) -> Result<()> {
    let what = |step: &str| format!("{step}, {dialect:?}");
    let mut alice = Conversation::of_alice(host);
    let account = json!({"account_id": "checking_1"});
    let said = alice.invoke("check_balance", account.clone()).await?;
    assert_eq!(said.code, "balance", "{}: {said:?}", what("balance"));
    assert!(
        said.result
            .starts_with("You have five thousand dollars and fifty cents in your "),
        "{said:?}"
    );
    assert_eq!(said.data["balance"].to_string(), "5000.50", "{said:?}");

    assert_eq!(
        alice.invoke("get_statements", account).await?.code,
        "pin_needed"
    );
    let said = alice.invoke("verify_pin", json!({"pin": "1234"})).await?;
    assert_eq!(said.code, "statement", "{}: {said:?}", what("statement"));

    let wanted = json!({"from_account": "checking_1", "to_account": "savings_1", "amount": 50.10});
    let body = alice.body("transfer_funds", wanted);
    for _ in 0..2 {
        let said = alice.send(&body).await?;
        assert_eq!(
            said.code,
            "transfer_completed",
            "{}: {said:?}",
            what("transfer")
        );
    }
    assert_eq!(
        host.balance(alice_at(dialect), "checking_1").await?,
        "4950.40",
        "{}",
        what("after")
    );
    let record = host.record(&alice.call_id, 1).await?;
    assert_eq!(
        record["stages"].as_array().map(Vec::len),
        Some(4),
        "{record}"
    );
    assert!(record["revision"].is_string(), "{record}");
    Ok(())
}

/// Where live calls are kept, as far as that is there.
fn live_states(redis: Option<&Redis>) -> Vec<Vec<(&'static str, String)>> {
    let mut states = vec![vec![("CALL_STATE_DB", "memory".to_owned())]];
    if let Some(redis) = redis {
        states.push(vec![
            ("CALL_STATE_DB", "redis".to_owned()),
            ("REDIS_URL", redis.url.clone()),
        ]);
    }
    states
}

/// Each dialect with each place of live calls and, where one is asked for, a database of its own. `bank` gives a bank on which
/// nothing has moved yet, with what keeps it running; none where it cannot be had. How many combinations there were.
async fn matrix<Kept>(
    bank: impl AsyncFn(Dialect) -> Result<Option<(Kept, String)>>,
    with_server: bool,
) -> Result<usize> {
    let redis = Redis::start()?;
    let mut days = 0;
    for dialect in Dialect::ALL {
        for live in live_states(redis.as_ref()) {
            let Some((_bank, url)) = bank(dialect).await? else {
                return Ok(days);
            };
            let mut setup = Setup::served(&url)?;
            if with_server {
                let Some(database) = postgres()? else {
                    return Ok(days);
                };
                setup = setup.set("DATABASE_URL", database.url);
            }
            for (name, value) in live {
                setup = setup.set(name, value);
            }
            enrol(&setup, dialect)?;
            let host = setup.start().await?;
            the_day_of_a_customer(&host, dialect).await?;
            days += 1;
        }
    }
    Ok(days)
}

async fn sandbox_bank(dialect: Dialect) -> Result<Option<(Host, String)>> {
    Setup::bank(dialect.name()).await.map(Some)
}

async fn fastapi_bank(dialect: Dialect) -> Result<Option<(FastApi, String)>> {
    let bank = FastApi::start(dialect).await?;
    Ok(bank.map(|bank| {
        let url = bank.url.clone();
        (bank, url)
    }))
}

#[tokio::test]
async fn the_sandbox_bank_with_sqlite() -> Result<()> {
    let days = matrix(sandbox_bank, false).await?;
    println!("{days} days of a customer: dialects and places of live calls");
    Ok(())
}

#[tokio::test]
async fn the_sandbox_bank_with_postgresql() -> Result<()> {
    let days = matrix(sandbox_bank, true).await?;
    println!("{days} days of a customer: dialects and places of live calls");
    Ok(())
}

#[tokio::test]
async fn the_fastapi_bank_with_sqlite() -> Result<()> {
    let days = matrix(fastapi_bank, false).await?;
    println!("{days} days of a customer: dialects and places of live calls");
    Ok(())
}

#[tokio::test]
async fn the_fastapi_bank_with_postgresql() -> Result<()> {
    let days = matrix(fastapi_bank, true).await?;
    println!("{days} days of a customer: dialects and places of live calls");
    Ok(())
}

#[tokio::test]
async fn the_published_banks_float_noise_is_heard_as_cents() -> Result<()> {
    let host = Setup::sandbox()?
        .set("ORCHESTRATOR_SANDBOX__DIALECT", "published")
        .start()
        .await?;
    let mut emma = Conversation::of(&host, "+14155552675");
    for _ in 0..3 {
        let wanted =
            json!({"from_account": "checking_5", "to_account": "savings_5", "amount": "10.10"});
        let said = emma.invoke("transfer_funds", wanted).await?;
        assert_eq!(said.code, "transfer_completed", "{said:?}");
    }
    let said = emma
        .invoke("check_balance", json!({"account_id": "checking_5"}))
        .await?;
    assert_eq!(said.data["balance"].to_string(), "2469.70", "{said:?}");
    assert!(
        said.result.contains("sixty-nine dollars and seventy cents"),
        "{said:?}"
    );
    Ok(())
}

#[tokio::test]
async fn a_published_banks_caller_is_found_by_number_and_remembered() -> Result<()> {
    let (_bank, url) = Setup::bank("published").await?;
    let host = Setup::served(&url)?.start().await?;
    let mut alice = Conversation::of_alice(&host);
    let said = alice
        .invoke("check_balance", json!({"account_id": "checking_1"}))
        .await?;
    assert_eq!(said.code, "balance", "{said:?}");
    let user = host
        .post(
            "/orchestrate/get-user",
            &json!({"user_id": "+1-415-555-2671"}),
        )
        .await?;
    let user = user.expect(200);
    assert_eq!(user["details"]["name"], "Alice Johnson", "{user}");
    let text = user.to_string();
    assert!(
        !text.contains("900-11") && !text.contains("1984"),
        "ssn or date of birth: {text}"
    );
    Ok(())
}

#[tokio::test]
async fn a_bank_that_does_not_answer_is_said_and_nothing_moves() -> Result<()> {
    let closed = format!("http://127.0.0.1:{}", crate::harness::free_port());
    let setup = Setup::served(&closed)?;
    enrol(&setup, Dialect::Documented)?;
    let host = setup.start().await?;
    let mut alice = Conversation::of_alice(&host);
    for (name, arguments) in [
        ("check_balance", json!({"account_id": "checking_1"})),
        (
            "transfer_funds",
            json!({"from_account": "checking_1", "to_account": "savings_1", "amount": 10}),
        ),
        ("list_accounts", json!({})),
    ] {
        let said = alice.invoke(name, arguments).await?;
        assert!(
            said.code != "balance" && said.code != "transfer_completed",
            "{name}: {said:?}"
        );
        assert!(
            said.result.contains("right now") || said.result.contains("reach"),
            "{name}: {said:?}"
        );
    }
    let context = json!({"call_id": "call_1", "user_id": "user_1"});
    let refused = host.post("/orchestrate/load-context", &context).await?;
    assert_eq!(refused.problem(503), "bank_unavailable");
    assert!(refused.header("retry-after").is_some());
    assert_eq!(
        host.get("/health").await?.status,
        200,
        "the host itself is well"
    );
    Ok(())
}
