//! Every shipped script, played by `orchestrator call` against every kind of bank: what is said, decided and moved is as written.
//!
//! Where a script fails, the test fails with what the command printed, which names the line.

use anyhow::{Context as _, Result};

use crate::harness::{Dialect, Ended, FastApi, Host, Setup, TlsFront, root};

/// Number, name, bank's id and PIN of the five customers that both reference banks know.
const CUSTOMERS: [(&str, &str, &str, &str); 5] = [
    ("+14155552671", "Alice Johnson", "user_1", "1234"),
    ("+14155552672", "Bob Smith", "user_2", "5678"),
    ("+14155552673", "Carol Williams", "user_3", "9012"),
    ("+14155552674", "David Brown", "user_4", "3456"),
    ("+14155552675", "Emma Davis", "user_5", "7890"),
];

/// Of the websocket.
const SECRET: &str = "line-of-the-tests-41d0";

/// Runs `orchestrator call` with the host's own settings.
fn call(host: &Host, arguments: &[&str]) -> Result<Ended> {
    let arguments: Vec<&str> = ["call"].iter().chain(arguments).copied().collect();
    host.setup.clone().with_arguments(&arguments).run()
}

#[track_caller]
fn all_pass(played: &Ended) {
    let (printed, told) = (&played.stdout, &played.stderr);
    assert_eq!(played.code, Some(0), "\n{printed}\n{told}");
    assert!(printed.contains("scripts passed"), "{printed}");
}

fn shipped() -> String {
    root().join("tests/conversations").display().to_string()
}

/// Enrols all five at a host outside sandbox, under the ids of a bank in this dialect.
fn enrol(setup: &Setup, dialect: Dialect) -> Result<()> {
    for (phone, name, id, pin) in CUSTOMERS {
        let id = match dialect {
            Dialect::Documented => id.to_owned(),
            Dialect::Published => published_id(phone),
        };
        let arguments = [
            "users",
            "add",
            "--phone",
            phone,
            "--user-id",
            &id,
            "--name",
            name,
            "--pin-stdin",
        ];
        let added = setup.clone().with_arguments(&arguments).run_with(pin)?;
        assert_eq!(added.code, Some(0), "{added:?}");
    }
    Ok(())
}

/// `+1-415-555-2671`.
fn published_id(phone: &str) -> String {
    let (country, area, exchange, line) = (&phone[..2], &phone[2..5], &phone[5..8], &phone[8..]);
    format!("{country}-{area}-{exchange}-{line}")
}

/// The shipped rules with what a sandbox replaces: the scripts say the same at every hour, and call more often in a day than a
/// customer does.
fn by_day(setup: Setup) -> Result<Setup> {
    let shipped = std::fs::read_to_string(root().join("config/pipeline.toml"))?;
    let mut rules = shipped;
    for (rule, replaced) in [
        ("night_max = \"1000.00\"", "night_max = \"off\""),
        ("day_count_max = 20\n", "day_count_max = 1000\n"),
        ("day_pin_above = \"500.00\"", "day_pin_above = \"off\""),
    ] {
        assert!(rules.contains(rule), "the shipped rules have no {rule}");
        rules = rules.replacen(rule, replaced, 1);
    }
    let file = setup.folder().join("pipeline.toml");
    std::fs::write(&file, rules)?;
    Ok(setup.set("ORCHESTRATOR_PIPELINE", file.display()))
}

/// A host as in production before a FastAPI bank; none where there is no Python.
async fn before_fastapi(dialect: Dialect) -> Result<Option<(FastApi, Host)>> {
    let Some(bank) = FastApi::start(dialect).await? else {
        return Ok(None);
    };
    let setup = Setup::served(&bank.url)?
        .set("ORCHESTRATOR_WEBSOCKET_TOKEN", SECRET)
        .set("ORCHESTRATOR_VOICE__HAND_OFF_NUMBER", "+14155550199");
    let setup = by_day(setup)?;
    enrol(&setup, dialect)?;
    let host = setup.start().await?;
    Ok(Some((bank, host)))
}

#[tokio::test]
async fn the_shipped_conversations_with_the_sandbox_bank() -> Result<()> {
    let host = Setup::sandbox()?.start().await?;
    all_pass(&call(&host, &["--script", &shipped()])?);
    let calls = host.get("/admin/calls").await?.expect(200);
    let calls = calls["calls"].as_array().context("a list of calls")?;
    let open: Vec<_> = calls
        .iter()
        .filter(|call| call["state"] != "CALL_ENDED")
        .collect();
    assert!(!calls.is_empty() && open.is_empty(), "left open: {open:?}");
    Ok(())
}

#[tokio::test]
async fn the_shipped_conversations_with_the_fastapi_bank() -> Result<()> {
    let Some((_bank, host)) = before_fastapi(Dialect::Documented).await? else {
        return Ok(());
    };
    all_pass(&call(&host, &["--script", &shipped()])?);
    Ok(())
}

#[tokio::test]
async fn the_shipped_conversations_with_a_bank_of_the_published_dialect() -> Result<()> {
    let Some((_bank, host)) = before_fastapi(Dialect::Published).await? else {
        return Ok(());
    };
    let mut played = 0;
    for entry in std::fs::read_dir(shipped())? {
        let path = entry?.path();
        let text = std::fs::read_to_string(&path)?;
        let mut phones = CUSTOMERS.iter().map(|customer| customer.0);
        let phone = phones.find(|phone| text.contains(phone));
        // Balances are compared as well, and this bank's ids of its customers are not those in the scripts.
        let customer = phone.map(published_id);
        let path = path.display().to_string();
        let mut arguments = vec!["--script", &path];
        match &customer {
            Some(customer) => arguments.extend(["--customer", customer]),
            None => assert!(!text.contains("customer:"), "who calls in {path}?"),
        }
        let ended = call(&host, &arguments)?;
        assert_eq!(ended.code, Some(0), "\n{}\n{}", ended.stdout, ended.stderr);
        played += 1;
    }
    assert!(played >= 14, "only {played} scripts are shipped");
    Ok(())
}

#[tokio::test]
async fn a_script_that_differs_fails_with_its_line_and_both_sides() -> Result<()> {
    let host = Setup::sandbox()?.start().await?;
    let file = host.setup.folder().join("wrong.yaml");
    let path = file.display().to_string();
    for (steps, expected) in [
        (
            "- say: What is my checking balance?\n  expect: six dollars\n",
            "wrong.yaml:3: \"six dollars\" was expected; heard was \"You have five thousand",
        ),
        (
            "- say: What is my checking balance?\n  intent: transfer\n",
            "wrong.yaml:3: the intent `transfer` was expected; the host decided `balance`",
        ),
        (
            "- expect_transfer: {from: checking_1, to: savings_1, amount: 1.00}\n",
            "wrong.yaml:3: 1.00 from checking_1 to savings_1 should have moved once; no payment",
        ),
    ] {
        std::fs::write(&file, format!("name: wrong\nsteps:\n{steps}"))?;
        let played = call(&host, &["--script", &path])?;
        assert_eq!(played.code, Some(1), "{played:?}");
        assert!(played.stdout.contains(expected), "{expected}: {played:?}");
    }
    std::fs::write(&file, "name: wrong\nsteps:\n- sai: Hello\n")?;
    let refused = call(&host, &["--script", &path])?;
    assert_eq!(refused.code, Some(1), "{refused:?}");
    let slip = "line 3: unknown key `sai`, did you mean `say`?";
    assert!(refused.stderr.contains(slip), "{refused:?}");
    Ok(())
}

#[tokio::test]
async fn a_caller_without_the_secret_or_with_another_key_is_told_what_to_do() -> Result<()> {
    let host = Setup::sandbox()?
        .set("ORCHESTRATOR_WEBSOCKET_TOKEN", SECRET)
        .start()
        .await?;
    let script = root().join("tests/conversations/balance.yaml");
    let script = script.display().to_string();
    let played = call(&host, &["--script", &script, "--token", "another"])?;
    assert_eq!(played.code, Some(1), "{played:?}");
    assert!(
        played.stdout.contains("ORCHESTRATOR_WEBSOCKET_TOKEN"),
        "{played:?}"
    );
    let said = format!("{}{}", played.stdout, played.stderr);
    assert!(!said.contains("another"), "{played:?}");
    let arguments = ["call", "--script", script.as_str()];
    let another_key = host
        .setup
        .clone()
        .set("RETELL_API_KEY", "key_of_somebody_else");
    let played = another_key.with_arguments(&arguments).run()?;
    assert_eq!(played.code, Some(1), "{played:?}");
    assert!(played.stdout.contains("set RETELL_API_KEY"), "{played:?}");
    Ok(())
}

#[tokio::test]
async fn a_line_that_is_refused_leaves_no_open_call_and_the_other_scripts_are_played() -> Result<()>
{
    let host = Setup::sandbox()?
        .set("ORCHESTRATOR_WEBSOCKET_TOKEN", SECRET)
        .start()
        .await?;
    let script = root().join("tests/conversations/balance.yaml");
    let script = script.display().to_string();
    let twice = ["--script", &script, "--script", &script];
    let played = call(&host, &[&twice[..], &["--token", "another"]].concat())?;
    assert_eq!(played.code, Some(1), "{played:?}");
    assert!(
        played.stdout.contains("0 of 2 scripts passed"),
        "{played:?}"
    );
    let by_hand = call(&host, &["--call-id", "call_refused", "--token", "another"])?;
    assert_eq!(by_hand.code, Some(1), "{by_hand:?}");
    assert_eq!(host.state("call_refused").await?, "CALL_ENDED");
    let calls = host.get("/admin/calls").await?.expect(200);
    let calls = calls["calls"].as_array().context("a list of calls")?;
    assert_eq!(calls.len(), 3, "{calls:?}");
    assert!(
        calls.iter().all(|call| call["state"] == "CALL_ENDED"),
        "{calls:?}"
    );
    Ok(())
}

#[tokio::test]
async fn a_call_by_hand_says_what_is_typed_and_the_end_of_the_input_hangs_up() -> Result<()> {
    let host = Setup::sandbox()?.start().await?;
    let arguments = [
        "call",
        "--call-id",
        "call_by_hand",
        "--words-per-minute",
        "6000",
    ];
    let by_hand = host.setup.clone().with_arguments(&arguments);
    let played = by_hand.run_with("/keys\n/hangup\n")?;
    assert_eq!(played.code, Some(0), "{played:?}");
    assert!(
        played.stdout.contains("known are /digits 1234"),
        "{played:?}"
    );
    assert!(played.stdout.contains("you hung up"), "{played:?}");
    assert_eq!(host.state("call_by_hand").await?, "CALL_ENDED");
    Ok(())
}

#[tokio::test]
async fn a_host_behind_tls_is_called_where_its_certificate_is_trusted_and_only_there() -> Result<()>
{
    let host = Setup::sandbox()?.start().await?;
    let certificate = host.setup.folder().join("front.pem");
    let front = TlsFront::before(host.url.trim_start_matches("http://"), &certificate)?;
    let script = root().join("tests/conversations/balance.yaml");
    let script = script.display().to_string();
    let arguments = ["call", "--url", &front.url, "--script", &script];
    let caller = host.setup.clone().with_arguments(&arguments);

    let refused = caller.run()?;
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.stdout.contains("SSL_CERT_FILE"), "{refused:?}");

    let trusting = caller.set("SSL_CERT_FILE", certificate.display());
    let played = trusting.run()?;
    assert_eq!(played.code, Some(0), "{played:?}");
    assert!(played.stdout.contains("fifteen thousand"), "{played:?}");
    Ok(())
}
