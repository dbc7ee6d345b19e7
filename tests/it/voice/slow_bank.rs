//! A bank that takes its time, or never answers: the caller is told to hold on, pings are answered, every response is completed.
//!
//! Also rules that fail.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use super::{alice, fifty};
use crate::harness::{
    ALICE, Caller, Gate, Host, Line, Said, Setup, assert_speakable, details, request, sandbox,
    until,
};

async fn gated() -> Result<(Host, Gate, Host)> {
    let (bank, url) = Setup::bank("documented").await?;
    let gate = Gate::before(&url)?;
    let setup = Setup::sandbox()?.set("PYTHON_BACKEND_URL", &gate.url);
    Ok((bank, gate, setup.start().await?))
}

#[tokio::test]
async fn a_ping_is_answered_beside_a_slow_bank_and_the_caller_told_to_hold_on() -> Result<()> {
    let (_bank, gate, host) = gated().await?;
    let mut caller = alice(&host).await?;
    gate.hold("/accounts");
    caller.speaks("what is my checking balance");
    caller.ask().await?;
    until("a question at the gate", async || {
        Ok((gate.came() > 0).then_some(()))
    })
    .await?;
    let echo = caller.line.ping(1_763_800_002_000).await?;
    println!("ping beside a bank that hangs: {echo:?}");
    let first = caller.line.next().await?;
    assert_eq!(first["content"], "One moment, please. ", "{first}");
    assert_eq!(first["content_complete"], false, "{first}");
    gate.open();
    let said = caller.hears().await?;
    assert!(said.text.contains("five thousand"), "{said:?}");
    Ok(())
}

/// Asks something, is told to hold on, and says more before the bank has answered.
async fn says_more_meanwhile(asked: &str, more: &str) -> Result<Said> {
    let (_bank, gate, host) = gated().await?;
    let mut caller = alice(&host).await?;
    gate.hold("/accounts");
    caller.speaks(asked);
    caller.ask().await?;
    let first = caller.line.next().await?;
    assert_eq!(first["content"], "One moment, please. ", "{first}");
    let came = gate.came();
    caller
        .said
        .push(crate::harness::agent("One moment, please."));
    caller.speaks(more);
    caller.ask().await?;
    until("the question once more at the gate", async || {
        Ok((gate.came() > came).then_some(()))
    })
    .await?;
    gate.open();
    caller.hears().await
}

#[tokio::test]
async fn okay_to_the_holding_sentence_does_not_throw_the_request_away() -> Result<()> {
    let said = says_more_meanwhile("what is my checking balance", "Okay, thanks.").await?;
    assert!(said.text.contains("five thousand"), "{said:?}");
    Ok(())
}

#[tokio::test]
async fn whoever_was_told_to_hold_on_is_still_somebody_else_with_the_next_words() -> Result<()> {
    let asked = "I'm her son, what is her checking balance?";
    let said = says_more_meanwhile(asked, "What is the checking balance?").await?;
    assert!(said.text.contains("PIN"), "{said:?}");
    assert!(!said.text.contains("five thousand"), "{said:?}");
    Ok(())
}

#[tokio::test]
async fn a_response_is_completed_whatever_fails() -> Result<()> {
    let (_bank, gate, host) = gated().await?;
    let mut caller = alice(&host).await?;
    gate.hold("/");
    let said = caller.says("what is my checking balance").await?;
    assert_speakable(said.last["content"].as_str().unwrap_or_default());
    gate.open();
    for plugin in [
        "response-shaper",
        "banking-actions",
        "transfer-limits",
        "intent-router",
    ] {
        let halt = json!({"what": "plugin", "name": plugin, "reason": "a test"});
        host.post("/admin/pipeline/halt", &halt).await?.expect(200);
        let said = caller.says("what is my checking balance").await?;
        assert_speakable(&said.text);
    }
    Ok(())
}

#[tokio::test]
async fn money_that_outlives_the_turn_is_promised() -> Result<()> {
    let (bank, gate, host) = gated().await?;
    let mut caller = alice(&host).await?;
    fifty(&mut caller).await?;
    gate.hold("/payments/transfer");
    let said = caller.says("yes").await?;
    assert!(said.text.starts_with("One moment, please. "), "{said:?}");
    assert!(said.text.contains("confirm"), "{said:?}");
    assert!(!said.text.contains("sorry"), "{said:?}");
    let spread = said.frames.last().zip(said.frames.first());
    let took = spread.map_or(Duration::ZERO, |(last, first)| last.0 - first.0);
    println!("from the first words to the promise: {took:?}");
    gate.open();
    drop(bank);
    Ok(())
}

/// Whether this is word of the fifty.
fn is_told(text: &str) -> bool {
    text.contains("The bank has confirmed your transfer of 50 dollars")
        || text.contains("your transfer of 50 dollars did not go through")
        || text.contains("A colleague will look into it")
}

/// Asks until the answer has word of the fifty. A row that nobody settles is closed after half a minute, so there is more patience here
/// than `until` has.
async fn told_by(mut ask: impl AsyncFnMut() -> Result<Said>) -> Result<Said> {
    for _ in 0..8 {
        let word = until("word of the transfer", async || {
            let said = ask().await?;
            Ok(is_told(&said.text).then_some(said))
        });
        if let Ok(told) = word.await {
            return Ok(told);
        }
    }
    bail!("never told")
}

#[tokio::test]
async fn what_was_promised_is_told_once_it_is_known() -> Result<()> {
    let (_bank, gate, host) = gated().await?;
    let mut caller = alice(&host).await?;
    fifty(&mut caller).await?;
    gate.hold("/payments/transfer");
    let promised = caller.says("yes").await?;
    assert!(promised.text.contains("confirm"), "{promised:?}");
    gate.open();
    let told = told_by(async || caller.says("what is my checking balance").await).await?;
    assert!(told.text.contains("thousand"), "and the answer: {told:?}");
    let next = caller.says("what is my checking balance").await?;
    assert!(!is_told(&next.text), "told once: {next:?}");
    Ok(())
}

/// The line is the caller's, who says nothing; until something is said that nobody asked for.
async fn told_unasked(caller: &mut Caller) -> Result<Value> {
    let update = json!({"interaction_type": "update_only", "transcript": caller.said,
        "turntaking": "user_turn"});
    for _ in 0..90 {
        caller.line.send(&update).await?;
        let next = tokio::time::timeout(Duration::from_secs(1), caller.line.next()).await;
        if let Ok(frame) = next {
            return frame;
        }
    }
    bail!("nothing was said")
}

#[tokio::test]
async fn what_was_promised_is_told_unasked_where_nothing_is_asked_and_again_where_it_was_not_heard()
-> Result<()> {
    let (_bank, gate, host) = gated().await?;
    let mut caller = alice(&host).await?;
    fifty(&mut caller).await?;
    gate.hold("/payments/transfer");
    let promised = caller.says("yes").await?;
    assert!(promised.text.contains("confirm"), "{promised:?}");
    let asked = caller.says("did it go through?").await?;
    assert!(asked.text.contains("still waiting"), "{asked:?}");
    gate.open();
    let told = told_unasked(&mut caller).await?;
    assert_eq!(told["response_type"], "agent_interrupt", "{told}");
    assert_eq!(told["interrupt_id"], 1, "{told}");
    assert_eq!(told["no_interruption_allowed"], true, "{told}");
    let words = told["content"].as_str().context("words")?.to_owned();
    assert!(is_told(&words), "{told}");
    // Retell's transcript does not show that it was spoken.
    let again = caller.says("what is my checking balance").await?;
    assert!(
        is_told(&again.text) && again.text.contains("thousand"),
        "{again:?}"
    );
    let next = caller.says("what is my savings balance").await?;
    assert!(!is_told(&next.text), "told once: {next:?}");
    Ok(())
}

/// The caller is silent, and is reminded.
async fn reminded(caller: &mut Caller) -> Result<Said> {
    caller.id += 1;
    let reminder = request("reminder_required", caller.id, &caller.said);
    caller.line.send(&reminder).await?;
    caller.hears().await
}

#[tokio::test]
async fn what_was_promised_is_told_to_a_caller_who_is_silent() -> Result<()> {
    let (_bank, gate, host) = gated().await?;
    let mut caller = alice(&host).await?;
    fifty(&mut caller).await?;
    gate.hold("/payments/transfer");
    let promised = caller.says("yes").await?;
    assert!(promised.text.contains("confirm"), "{promised:?}");
    gate.open();
    // No word that the line is the caller's, so nothing is said unasked.
    let told = told_by(async || reminded(&mut caller).await).await?;
    assert!(
        told.text.ends_with("anything else I can do for you?"),
        "{told:?}"
    );
    let next = reminded(&mut caller).await?;
    assert!(!is_told(&next.text), "told once: {next:?}");
    Ok(())
}

#[tokio::test]
async fn what_was_promised_on_one_line_is_told_unasked_on_the_next() -> Result<()> {
    let (_bank, gate, host) = gated().await?;
    let mut caller = alice(&host).await?;
    let id = caller.call_id.clone();
    fifty(&mut caller).await?;
    gate.hold("/payments/transfer");
    let promised = caller.says("yes").await?;
    assert!(promised.text.contains("confirm"), "{promised:?}");
    caller.line = Line::open(&host, &id).await?;
    caller.line.send(&details(&id, ALICE)).await?;
    assert_eq!(caller.line.response(0).await?.text, "");
    gate.open();
    let told = told_unasked(&mut caller).await?;
    assert_eq!(told["response_type"], "agent_interrupt", "{told}");
    assert!(
        is_told(told["content"].as_str().context("words")?),
        "{told}"
    );
    Ok(())
}

#[tokio::test]
async fn unintelligible_words_are_asked_for_again() -> Result<()> {
    let host = sandbox().await?;
    let mut caller = alice(host).await?;
    let said = caller.says("(unintelligible audio)").await?;
    assert_speakable(&said.text);
    Ok(())
}
