//! A caller who interrupts, and a provider that asks again: only the newest request is spoken, money moves once and is told.
//!
//! The bank is behind a gate, so that a turn stands still where a test wants it to.

use std::time::Duration;

use anyhow::Result;
use serde_json::json;

use super::{alice, fifty};
use crate::harness::{Caller, Gate, Host, Setup, agent, request, until, user};

/// A host in front of a gate; the bank ends with the first.
async fn gated() -> Result<(Host, Gate, Host)> {
    let (bank, url) = Setup::bank("documented").await?;
    let gate = Gate::before(&url)?;
    let setup = Setup::sandbox()?.set("PYTHON_BACKEND_URL", &gate.url);
    Ok((bank, gate, setup.start().await?))
}

async fn waits_at(gate: &Gate) -> Result<()> {
    until("a question at the gate", async || {
        Ok((gate.came() > 0).then_some(()))
    })
    .await
}

/// Takes back the caller's last words and says these in their place, as a better hearing of them.
async fn corrects(caller: &mut Caller, text: &str) -> Result<()> {
    caller.said.pop();
    caller.said.push(user(text));
    caller.ask().await?;
    Ok(())
}

#[tokio::test]
async fn only_the_newest_request_is_spoken() -> Result<()> {
    let (_bank, gate, host) = gated().await?;
    let mut caller = alice(&host).await?;
    gate.hold("/accounts");
    caller.speaks("What is my checking balance");
    caller.ask().await?;
    waits_at(&gate).await?;
    corrects(&mut caller, "Goodbye.").await?;
    // The old turn still waits for the bank; the new one must not wait for it.
    let said = caller.hears().await?;
    assert_eq!(said.last["end_call"], true, "{said:?}");
    gate.open();
    // What the old turn still finds out leaves as little as what it had found out.
    for _ in 0..20 {
        caller.line.is_silent().await?;
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    Ok(())
}

#[tokio::test]
async fn words_that_came_early_are_heard_again_with_the_rest() -> Result<()> {
    let (_bank, _gate, host) = gated().await?;
    let mut caller = alice(&host).await?;
    caller.speaks("Move fifty dollars");
    caller.ask().await?;
    let early = caller.line.response(caller.id).await?;
    assert!(early.text.ends_with('?'), "{early:?}");
    corrects(&mut caller, "Move fifty dollars from savings to checking").await?;
    let asked = caller.hears().await?;
    assert!(asked.text.contains("from savings"), "{asked:?}");
    let done = caller.says("yes").await?;
    assert!(done.text.contains("fifty dollars"), "{done:?}");
    Ok(())
}

#[tokio::test]
async fn money_that_is_interrupted_moves_once_and_is_told() -> Result<()> {
    let (bank, gate, host) = gated().await?;
    let mut caller = alice(&host).await?;
    fifty(&mut caller).await?;
    gate.hold("/payments/transfer");
    caller.speaks("yes");
    caller.ask().await?;
    waits_at(&gate).await?;
    corrects(&mut caller, "yes please").await?;
    let first = caller.line.next().await?;
    assert_eq!(
        first["response_id"], caller.id,
        "the old one is silent: {first}"
    );
    assert_eq!(first["content_complete"], false, "told to hold on: {first}");
    gate.open();
    let done = caller.hears().await?;
    assert!(done.text.contains("fifty dollars"), "{done:?}");
    assert_eq!(done.tools(), ["transfer_funds"], "shown with what tells it");
    assert_eq!(bank.balance("user_1", "checking_1").await?, "4950.50");
    let next = caller.says("thank you").await?;
    assert!(!next.text.contains("fifty dollars"), "told once: {next:?}");
    assert_eq!(bank.balance("user_1", "checking_1").await?, "4950.50");
    Ok(())
}

#[tokio::test]
async fn a_transfer_asked_twice_by_a_discarded_request_happens_once() -> Result<()> {
    let host = Setup::sandbox()?.start().await?;
    let mut caller = alice(&host).await?;
    fifty(&mut caller).await?;
    caller.speaks("yes");
    let mut told = Vec::new();
    for _ in 0..3 {
        caller.ask().await?;
        // Not heard: it does not join the conversation.
        told.push(caller.line.response(caller.id).await?.text);
    }
    assert!(told[0].contains("fifty dollars"), "{told:?}");
    assert!(told.iter().all(|text| *text == told[0]), "{told:?}");
    assert_eq!(host.balance("user_1", "checking_1").await?, "4950.50");
    caller.said.push(crate::harness::agent(&told[0]));
    let balance = caller.says("what is my checking balance").await?;
    assert!(!balance.text.contains("fifty dollars from"), "{balance:?}");
    fifty(&mut caller).await?;
    caller.says("yes").await?;
    assert_eq!(
        host.balance("user_1", "checking_1").await?,
        "4900.50",
        "a second wish is a second transfer"
    );
    Ok(())
}

#[tokio::test]
async fn a_pin_that_is_asked_about_again_counts_once() -> Result<()> {
    let host = Setup::sandbox()?.start().await?;
    let mut caller = alice(&host).await?;
    caller
        .says("Move three hundred dollars from checking to savings")
        .await?;
    let said = caller.says("yes").await?;
    assert!(said.text.contains("PIN"), "{said:?}");
    caller.speaks("nine nine nine nine");
    for _ in 0..7 {
        caller.ask().await?;
        caller.line.response(caller.id).await?;
    }
    let said = caller.hears_again().await?;
    assert!(said.contains("PIN"), "not locked: {said}");
    let done = caller.says("one two three four").await?;
    assert!(done.text.contains("three hundred dollars"), "{done:?}");
    Ok(())
}

#[tokio::test]
async fn a_pin_that_is_asked_about_before_it_is_whole_is_compared_once_it_is() -> Result<()> {
    let host = Setup::sandbox()?.start().await?;
    let mut caller = alice(&host).await?;
    caller
        .says("Move three hundred dollars from checking to savings")
        .await?;
    caller.says("yes").await?;
    caller.speaks("one two");
    caller.ask().await?;
    let early = caller.line.response(caller.id).await?;
    assert!(early.text.contains("PIN"), "{early:?}");
    corrects(&mut caller, "one two three four").await?;
    let done = caller.hears().await?;
    assert!(done.text.contains("three hundred dollars"), "{done:?}");
    Ok(())
}

#[tokio::test]
async fn what_one_customer_has_not_heard_is_not_told_to_the_next() -> Result<()> {
    let host = Setup::sandbox()?.start().await?;
    let id = super::fresh_id(&host);
    let mut caller = Caller::dial(&host, &id, crate::harness::ALICE).await?;
    fifty(&mut caller).await?;
    caller.speaks("yes");
    caller.ask().await?;
    let unheard = caller.line.response(caller.id).await?;
    assert!(unheard.text.contains("fifty dollars"), "{unheard:?}");
    let context = json!({"call_id": id, "user_id": "user_2"});
    host.post("/orchestrate/load-context", &context)
        .await?
        .expect(200);
    caller.ask().await?;
    let said = caller.hears().await?;
    assert!(!said.text.contains("fifty"), "{said:?}");
    Ok(())
}

impl Caller {
    /// Asks once more, and this time hears it.
    async fn hears_again(&mut self) -> Result<String> {
        self.ask().await?;
        Ok(self.hears().await?.text)
    }
}

#[tokio::test]
async fn a_wrong_pin_that_is_asked_about_while_it_is_compared_counts_once() -> Result<()> {
    let host = Setup::sandbox()?.start().await?;
    let mut caller = alice(&host).await?;
    caller
        .says("Move three hundred dollars from checking to savings")
        .await?;
    caller.says("yes").await?;
    caller.speaks("nine nine nine nine");
    for number in 0..12 {
        caller.ask().await?;
        // Other moments of the comparison, as far as a line has them.
        for echo in 0..number {
            caller.line.ping(echo).await?;
        }
    }
    let newest = caller.ask().await?;
    let mut text = String::new();
    while text.is_empty() {
        let frame = caller.line.next().await?;
        if frame["response_id"] == newest && frame["content_complete"] == true {
            text = frame["content"].as_str().unwrap_or_default().to_owned();
        }
    }
    assert!(text.contains("PIN isn't right"), "not locked: {text}");
    caller.said.push(agent(&text));
    let done = caller.says("one two three four").await?;
    assert!(done.text.contains("three hundred dollars"), "{done:?}");
    Ok(())
}

#[tokio::test]
async fn more_words_after_a_wrong_pin_are_heard_and_it_counts_once() -> Result<()> {
    let host = Setup::sandbox()?.start().await?;
    let mut caller = alice(&host).await?;
    caller
        .says("Move three hundred dollars from checking to savings")
        .await?;
    caller.says("yes").await?;
    caller.speaks("nine nine nine nine");
    caller.ask().await?;
    let early = caller.line.response(caller.id).await?;
    assert!(early.text.contains("PIN isn't right"), "{early:?}");
    corrects(&mut caller, "nine nine nine nine no wait cancel that").await?;
    let stopped = caller.hears().await?;
    assert!(!stopped.text.contains("PIN"), "{stopped:?}");
    caller.says("one two three four").await?;
    assert_eq!(host.balance("user_1", "checking_1").await?, "5000.50");
    Ok(())
}

#[tokio::test]
async fn a_pin_in_two_parts_is_joined() -> Result<()> {
    let host = Setup::sandbox()?.start().await?;
    let mut caller = alice(&host).await?;
    caller
        .says("Move three hundred dollars from checking to savings")
        .await?;
    caller.says("yes").await?;
    let part = caller.says("one two").await?;
    assert!(part.text.contains("PIN"), "{part:?}");
    let done = caller.says("three four").await?;
    assert!(done.text.contains("three hundred dollars"), "{done:?}");
    assert_eq!(host.balance("user_1", "checking_1").await?, "4700.50");
    Ok(())
}

#[tokio::test]
async fn money_that_was_heard_is_not_told_again_after_a_reminder_that_was_cut_off() -> Result<()> {
    let host = Setup::sandbox()?.start().await?;
    let mut caller = alice(&host).await?;
    fifty(&mut caller).await?;
    let done = caller.says("yes").await?;
    assert!(done.text.contains("I moved fifty"), "{done:?}");
    for _ in 0..5 {
        caller.id += 1;
        let reminder = request("reminder_required", caller.id, &caller.said);
        caller.line.send(&reminder).await?;
        caller.id += 1;
        let mut said = caller.said.clone();
        said.push(user("what is my checking balance"));
        let words = request("response_required", caller.id, &said);
        caller.line.send(&words).await?;
        let mut frame = caller.line.next().await?;
        while frame["response_id"] != caller.id || frame["content_complete"] != true {
            frame = caller.line.next().await?;
        }
        let text = frame["content"].as_str().unwrap_or_default();
        assert!(text.contains("thousand"), "{frame}");
        assert!(!text.contains("I moved"), "{frame}");
    }
    Ok(())
}

#[tokio::test]
async fn an_old_number_is_no_request() -> Result<()> {
    let host = Setup::sandbox()?.start().await?;
    let mut caller = alice(&host).await?;
    caller.id = 9;
    caller.says("what is my checking balance").await?;
    for id in [10, 3, -1] {
        let frame = request("response_required", id, &caller.said);
        caller.line.send(&frame).await?;
    }
    caller.line.ping(5).await?;
    let metrics = host.get("/metrics").await?.text;
    let skipped = r#"websocket_frames_skipped_total{reason="old_response_id"} 3"#;
    assert!(metrics.contains(skipped), "{metrics}");
    let after = json!({"interaction_type": "update_only", "transcript": []});
    caller.line.send(&after).await?;
    caller.line.ping(6).await?;
    Ok(())
}
