//! Who may open a line, and what an unsigned line opens.
//!
//! Outside sandbox a number that only the line names is nobody's until a signed event names it too.

use anyhow::Result;
use serde_json::json;

use super::fresh_id;
use crate::harness::{ALICE, Caller, Line, Provider, Setup, details, until};

#[tokio::test]
async fn outside_sandbox_a_line_needs_its_secret() -> Result<()> {
    let (_bank, url) = Setup::bank("documented").await?;
    let closed = Setup::served(&url)?.start().await?;
    for path in ["/llm-websocket/call_1", "/llm-websocket/call_1?token="] {
        assert_eq!(
            Line::try_open(&closed, path).await?.err(),
            Some(401),
            "{path}"
        );
    }
    let setup = Setup::served(&url)?.set("ORCHESTRATOR_WEBSOCKET_TOKEN", "secret of the line");
    let host = setup.start().await?;
    for (token, status) in [
        ("", Some(401)),
        ("?token=", Some(401)),
        ("?token=secret", Some(401)),
        ("?token=secret%20of%20the%20line2", Some(401)),
        ("?token=secret%20of%20the%20line", None),
    ] {
        let path = format!("/llm-websocket/call_1{token}");
        assert_eq!(Line::try_open(&host, &path).await?.err(), status, "{token}");
    }
    Ok(())
}

#[tokio::test]
async fn a_call_id_that_cannot_be_one_opens_no_line() -> Result<()> {
    let host = Setup::sandbox()?.start().await?;
    for (id, status) in [
        ("..%2F..%2Fadmin".to_owned(), 422),
        ("..".to_owned(), 422),
        ("a%0Ab".to_owned(), 422),
        ("x".repeat(129), 422),
        ("%ff".to_owned(), 400),
        ("a/b".to_owned(), 404),
    ] {
        let path = format!("/llm-websocket/{id}");
        assert_eq!(
            Line::try_open(&host, &path).await?.err(),
            Some(status),
            "{id}"
        );
    }
    let plain = host.get("/llm-websocket/call_1").await?;
    assert_eq!(plain.problem(400), "no_websocket");
    Ok(())
}

#[tokio::test]
async fn an_unsigned_number_greets_by_name_and_opens_nothing() -> Result<()> {
    let (_bank, url) = Setup::bank("documented").await?;
    let setup = Setup::served(&url)?.set("ORCHESTRATOR_WEBSOCKET_TOKEN", "t");
    let host = setup.start().await?;
    let id = fresh_id(&host);
    let path = format!("/llm-websocket/{id}?token=t");
    let Ok(mut line) = Line::try_open(&host, &path).await? else {
        panic!("refused");
    };
    assert_eq!(line.next().await?["response_type"], "config");
    line.send(&details(&id, ALICE)).await?;
    let greeting = line.response(0).await?;
    assert!(greeting.text.contains("Alice"), "{greeting:?}");
    let mut caller = Caller {
        line,
        call_id: id.clone(),
        said: Vec::new(),
        id: 0,
    };
    let said = caller.says("what is my checking balance").await?;
    assert!(!said.text.contains("five thousand"), "{said:?}");
    let started = json!({"event": "call_started", "call": details(&id, ALICE)["call"]});
    let answer = host.signed("/webhook", started.to_string()).await?;
    assert_eq!(answer.status, 204);
    let said = caller.says("what is my checking balance").await?;
    assert!(said.text.contains("five thousand"), "{said:?}");
    Ok(())
}

#[tokio::test]
async fn a_number_that_retell_itself_names_counts_without_a_signed_event() -> Result<()> {
    let (_bank, url) = Setup::bank("documented").await?;
    let provider = Provider::start()?;
    let host = Setup::served(&url)?
        .set("ORCHESTRATOR_WEBSOCKET_TOKEN", "t")
        .set("ORCHESTRATOR_RETELL__REST", true)
        .set("RETELL_BASE_URL", &provider.url)
        .start()
        .await?;
    let id = fresh_id(&host);
    provider.stands(&id, "ongoing", "");
    let Ok(mut line) = Line::try_open(&host, &format!("/llm-websocket/{id}?token=t")).await? else {
        panic!("refused");
    };
    assert_eq!(line.next().await?["response_type"], "config");
    line.send(&details(&id, ALICE)).await?;
    line.response(0).await?;
    until("a caller whom Retell names", async || {
        let call = host.call(&id).await?.unwrap_or_default();
        Ok((call["trust"] == "phone").then_some(()))
    })
    .await?;
    let mut caller = Caller {
        line,
        call_id: id.clone(),
        said: Vec::new(),
        id: 0,
    };
    let said = caller.says("what is my checking balance").await?;
    assert!(said.text.contains("five thousand"), "{said:?}");
    Ok(())
}
