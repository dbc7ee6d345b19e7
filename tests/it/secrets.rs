//! What must never be seen: PINs, keys, whole account and telephone numbers.
//!
//! Each is sent through every way in and every kind of error, then looked for in everything that an operator or a thief could read.

use std::path::Path;

use anyhow::Result;
use serde_json::json;

use crate::harness::{
    ADMIN_TOKEN, API_TOKEN, Answer, Conversation, Host, KEY, Setup, client, signed_now,
};

/// A PIN that stands nowhere else.
const PIN: &str = "839174";
/// The same as it is spoken.
const SPOKEN: &str = "eight three nine one seven four";
/// An account number as long as real ones.
const ACCOUNT: &str = "40817263549201";
/// A caller's number without its plus.
const PHONE: &str = "14155552672";

struct Seen {
    answers: Vec<(String, String)>,
}

impl Seen {
    fn keep(&mut self, what: &str, answer: &Answer) {
        self.answers.push((
            what.to_owned(),
            format!("{:?} {}", answer.headers, answer.text),
        ));
    }
}

async fn speak(host: &Host, seen: &mut Seen) -> Result<String> {
    let phone = format!("+{PHONE}");
    let mut bob = Conversation::of(host, &phone);
    for (name, arguments) in [
        ("verify_pin", json!({"pin": PIN})),
        ("verify_pin", json!({"pin": 839_174})),
        ("verify_pin", json!({"pin": SPOKEN})),
        ("verify_pin", json!({"code": PIN, "pin": {"pin": PIN}})),
        ("check_balance", json!({"account_id": ACCOUNT, "pin": PIN})),
        (
            "transfer_funds",
            json!({"from_account": "checking", "to_account": ACCOUNT, "amount": 20, "memo": format!("my PIN is {PIN}")}),
        ),
        (
            "transfer_funds",
            json!({"from_account": ACCOUNT, "to_account": phone, "amount": 300, "pin": PIN}),
        ),
        (
            "application_status",
            json!({"application_id": ACCOUNT, "pin": PIN}),
        ),
        (
            "no_such_function",
            json!({"pin": PIN, "account": ACCOUNT, "phone": phone}),
        ),
    ] {
        let body = bob.body(name, arguments);
        seen.keep(name, &host.signed("/functions", body).await?);
    }
    let mut call = bob.call();
    call["transcript"] = json!(format!(
        "Agent: Please tell me your PIN.\nUser: {PIN}\nAgent: Again, please, your PIN?\nUser: {SPOKEN}\n"
    ));
    call["transcript_object"] = json!([
        {"role": "agent", "content": "Please tell me your PIN.", "words": []},
        {"role": "user", "content": PIN, "words": [{"word": PIN, "start": 1.0, "end": 2.0}]},
        {"role": "user", "content": format!("My PIN is {SPOKEN}."), "words": []},
    ]);
    call["transcript_with_tool_calls"] = json!([
        {"role": "tool_call_invocation", "tool_call_id": "t", "name": "verify_pin", "arguments": format!("{{\"pin\":\"{PIN}\"}}")},
    ]);
    for event in [
        "call_started",
        "transcript_updated",
        "call_ended",
        "call_analyzed",
    ] {
        let body = json!({"event": event, "call": call}).to_string();
        seen.keep(event, &host.signed("/webhook", body).await?);
    }
    Ok(bob.call_id)
}

async fn err(host: &Host, seen: &mut Seen) -> Result<()> {
    let bodies = [
        (
            "get-balance",
            json!({"call_id": "call_none", "account_id": ACCOUNT}),
        ),
        ("get-user", json!({"user_id": format!("+{PHONE}")})),
        ("get-user-profile", json!({"user_id": ACCOUNT})),
        (
            "load-context",
            json!({"call_id": format!("call {PHONE}"), "user_id": ACCOUNT}),
        ),
        (
            "transfer",
            json!({"call_id": "call_none", "from_account": ACCOUNT, "to_account": PHONE, "amount": "x"}),
        ),
    ];
    for (path, body) in bodies {
        seen.keep(
            path,
            &host.post(&format!("/orchestrate/{path}"), &body).await?,
        );
    }
    let body = format!(r#"{{"user_id": "{ACCOUNT}", "pin": "{PIN}","#);
    seen.keep(
        "broken JSON",
        &host.post_text("/orchestrate/get-user", &body, &[]).await?,
    );
    for path in ["/webhook", "/functions", "/webhook/inbound"] {
        let request = client()
            .post(format!("{}{path}?phone={PHONE}&pin={PIN}", host.url))
            .header("x-retell-signature", signed_now("another key", b"x"))
            .header("authorization", format!("Bearer {KEY}"))
            .body(format!("{ACCOUNT} {PIN} {KEY}"));
        seen.keep(path, &Answer::of(request).await?);
    }
    seen.keep(
        "unknown path",
        &host.get(&format!("/{ACCOUNT}/{PHONE}")).await?,
    );
    let signed = format!("broken {PIN} {ACCOUNT}");
    seen.keep("signed, broken", &host.signed("/functions", signed).await?);
    Ok(())
}

async fn look(host: &Host, call_id: &str, seen: &mut Seen) -> Result<()> {
    let listed = host.get("/admin/decisions").await?.expect(200);
    for one in listed["decisions"].as_array().into_iter().flatten() {
        let path = format!(
            "/admin/decisions/{}",
            one["id"].as_str().unwrap_or_default()
        );
        seen.keep("a decision", &host.get(&path).await?);
    }
    let call = format!("/admin/call?call_id={call_id}");
    for path in [
        "/admin/decisions",
        "/admin/calls",
        "/metrics",
        "/health",
        "/readyz",
        &call,
    ] {
        seen.keep(path, &host.get(path).await?);
    }
    Ok(())
}

/// Everything in the folder of the database, its journal included.
fn bytes_of_files(folder: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        bytes.extend(std::fs::read(entry?.path())?);
    }
    Ok(bytes)
}

fn has(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|window| window == text.as_bytes())
}

#[tokio::test]
async fn no_secret_reaches_a_log_metric_or_page() -> Result<()> {
    let setup = Setup::sandbox()?
        .with_sqlite()
        .set("ORCHESTRATOR_API_TOKEN", API_TOKEN)
        .set("ORCHESTRATOR_ADMIN_TOKEN", ADMIN_TOKEN);
    let host = setup.start().await?;
    let mut seen = Seen {
        answers: Vec::new(),
    };
    let call_id = speak(&host, &mut seen).await?;
    err(&host, &mut seen).await?;
    look(&host, &call_id, &mut seen).await?;
    seen.answers.push(("the log".to_owned(), host.log()));

    let mut found = Vec::new();
    for (what, text) in &seen.answers {
        for secret in [
            PIN,
            SPOKEN,
            KEY,
            API_TOKEN,
            ADMIN_TOKEN,
            ACCOUNT,
            PHONE,
            "4155552672",
        ] {
            if text.contains(secret) {
                let at = text.find(secret).unwrap_or_default();
                let near = &text.as_bytes()[at.saturating_sub(120)..(at + 60).min(text.len())];
                found.push(format!(
                    "{secret} in {what}: …{}…",
                    String::from_utf8_lossy(near)
                ));
            }
        }
    }
    assert!(
        found.is_empty(),
        "{} places:\n{}",
        found.len(),
        found.join("\n")
    );

    // Its parts are read while it runs, then once more when all is on disk.
    let folder = setup.folder().to_path_buf();
    let running = bytes_of_files(&folder)?;
    host.stop()?;
    for bytes in [running, bytes_of_files(&folder)?] {
        assert!(bytes.len() > 10_000, "the database was not found");
        // Accounts and numbers stand in the books on purpose: the ledger could not do without them.
        for secret in [PIN, SPOKEN, KEY, API_TOKEN, ADMIN_TOKEN] {
            assert!(
                !has(&bytes, secret),
                "{secret} lies in the database's files"
            );
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_pin_of_the_command_line_is_neither_printed_nor_stored() -> Result<()> {
    let setup = Setup::sandbox()?.with_sqlite();
    let list = setup.folder().join("customers.csv");
    std::fs::write(
        &list,
        format!(
            "phone,name,user_id,pin\n+14155550001,A,user_1,{PIN}\n+14155550001,B,user_2,{PIN}\n"
        ),
    )?;
    let file = list.display().to_string();
    let doubled = setup
        .clone()
        .with_arguments(&["users", "import", &file])
        .run()?;
    assert_eq!(doubled.code, Some(1), "{doubled:?}");
    let arguments = [
        "users",
        "add",
        "--phone",
        "+14155550002",
        "--user-id",
        "user_2",
        "--pin-stdin",
    ];
    let added = setup
        .clone()
        .with_arguments(&arguments)
        .run_with(&format!("{PIN}\n"))?;
    assert_eq!(added.code, Some(0), "{added:?}");
    let bad = setup
        .clone()
        .with_arguments(&["users", "set-pin", "--phone", "+14155550002"]);
    let bad = bad.run_with(&format!("{PIN}{PIN}\n"))?;
    assert_eq!(bad.code, Some(1), "{bad:?}");
    let listed = setup.clone().with_arguments(&["users", "list"]).run()?;
    for ended in [&doubled, &added, &bad, &listed] {
        let all = format!("{}{}", ended.stdout, ended.stderr);
        assert!(!all.contains(PIN) && !all.contains("argon2"), "{all}");
    }
    std::fs::remove_file(&list)?;
    assert!(
        !has(&bytes_of_files(setup.folder())?, PIN),
        "the PIN lies in the database's files"
    );
    Ok(())
}
