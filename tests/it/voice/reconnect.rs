//! Lines that end and come back: no second greeting, nothing of the conversation lost, and an end on which the provider connects again.
//!
//! A host that is killed comes back over the same database.

use anyhow::Result;
use serde_json::json;

use super::{FIFTY, fifty, fresh_id};
use crate::harness::{ALICE, Caller, Gate, Host, Line, Setup, assert_speakable, details, until};
use crate::rules::{ruled, with};

/// Opens the call's line again; the conversation goes on.
async fn again(mut caller: Caller, host: &Host, call_id: &str) -> Result<Caller> {
    caller.line = Line::open(host, call_id).await?;
    caller.line.send(&details(call_id, ALICE)).await?;
    caller
        .line
        .send(&json!({"interaction_type": "ping_pong", "timestamp": 4}))
        .await?;
    Ok(caller)
}

/// Beside the echo comes number 0, without which the provider says nothing, and no words with it.
async fn is_not_greeted(caller: &mut Caller) -> Result<()> {
    let mut frames = [caller.line.next().await?, caller.line.next().await?];
    frames.sort_by_key(|frame| frame["response_type"] == "response");
    let [echo, words] = frames;
    assert_eq!(echo["response_type"], "ping_pong", "{echo}");
    let empty = json!({"response_type": "response", "response_id": 0, "content": "",
        "content_complete": true});
    assert_eq!(words, empty);
    Ok(())
}

/// The same host anew, after it was killed while these words had money at the bank; the bank moves it.
async fn dies_while_sending(
    host: Host,
    gate: &Gate,
    caller: &mut Caller,
    words: &str,
) -> Result<Host> {
    gate.hold_answers("/payments/transfer");
    caller.speaks(words);
    caller.ask().await?;
    until("an answer at the gate", async || {
        Ok((gate.came() > 0).then_some(()))
    })
    .await?;
    let host = host.kill()?.start().await?;
    gate.open();
    Ok(host)
}

#[tokio::test]
async fn a_line_that_comes_back_is_not_greeted_again_and_goes_on() -> Result<()> {
    let mut host = Setup::sandbox()?.with_sqlite().start().await?;
    let id = fresh_id(&host);
    let mut caller = Caller::dial(&host, &id, ALICE).await?;
    caller = again(caller, &host, &id).await?;
    is_not_greeted(&mut caller).await?;
    fifty(&mut caller).await?;
    host = host.kill()?.start().await?;
    caller = again(caller, &host, &id).await?;
    is_not_greeted(&mut caller).await?;
    let done = caller.says("yes").await?;
    assert!(done.text.contains("fifty dollars"), "{done:?}");
    // The host dies before anybody hears it, and the words are asked about once more.
    caller.said.pop();
    host = host.kill()?.start().await?;
    caller = again(caller, &host, &id).await?;
    is_not_greeted(&mut caller).await?;
    caller.ask().await?;
    let told = caller.hears().await?;
    // A slow machine may have asked to hold on before either.
    let words = |text: &str| text.replace("One moment, please. ", "");
    assert_eq!(words(&told.text), words(&done.text));
    Ok(())
}

#[tokio::test]
async fn a_greeting_that_its_line_did_not_live_to_hear_is_said_on_the_next() -> Result<()> {
    let (_bank, url) = Setup::bank("documented").await?;
    let gate = Gate::before(&url)?;
    let setup = Setup::sandbox()?.set("PYTHON_BACKEND_URL", &gate.url);
    let host = setup.start().await?;
    let id = fresh_id(&host);
    gate.hold("/users");
    let mut first = Line::open(&host, &id).await?;
    first.send(&details(&id, "+14155559876")).await?;
    until("a question at the gate", async || {
        Ok((gate.came() > 0).then_some(()))
    })
    .await?;
    let mut second = Line::open(&host, &id).await?;
    second.send(&details(&id, "+14155559876")).await?;
    gate.open();
    assert_speakable(&second.response(0).await?.text);
    Ok(())
}

#[tokio::test]
async fn money_that_was_moving_when_the_line_broke_is_told_on_the_next() -> Result<()> {
    let (bank, url) = Setup::bank("documented").await?;
    let gate = Gate::before(&url)?;
    let setup = Setup::sandbox()?.set("PYTHON_BACKEND_URL", &gate.url);
    let host = setup.start().await?;
    let id = fresh_id(&host);
    let mut caller = Caller::dial(&host, &id, ALICE).await?;
    fifty(&mut caller).await?;
    gate.hold("/payments/transfer");
    caller.speaks("yes");
    caller.ask().await?;
    until("a question at the gate", async || {
        Ok((gate.came() > 0).then_some(()))
    })
    .await?;
    caller = again(caller, &host, &id).await?;
    is_not_greeted(&mut caller).await?;
    gate.open();
    caller
        .said
        .push(crate::harness::user("Hello? Are you there?"));
    caller.ask().await?;
    let told = caller.hears().await?;
    assert!(told.text.contains("I moved fifty dollars"), "{told:?}");
    assert_eq!(bank.balance("user_1", "checking_1").await?, "4950.50");
    Ok(())
}

#[tokio::test]
async fn money_that_was_moving_when_the_host_died_is_not_moved_by_the_next() -> Result<()> {
    let (bank, url) = Setup::bank("documented").await?;
    let gate = Gate::before(&url)?;
    let setup = Setup::sandbox()?.with_sqlite();
    let host = setup.set("PYTHON_BACKEND_URL", &gate.url).start().await?;
    let id = fresh_id(&host);
    let mut caller = Caller::dial(&host, &id, ALICE).await?;
    fifty(&mut caller).await?;
    let host = dies_while_sending(host, &gate, &mut caller, "yes").await?;
    caller = again(caller, &host, &id).await?;
    is_not_greeted(&mut caller).await?;
    caller.ask().await?;
    let told = caller.hears().await?;
    assert!(told.text.contains("confirm"), "{told:?}");
    assert_eq!(bank.balance("user_1", "checking_1").await?, "4950.50");
    Ok(())
}

#[tokio::test]
async fn money_that_was_moving_when_the_host_died_is_told_whatever_the_rules_say_by_then()
-> Result<()> {
    for (above, words) in [("\"0.00\"", "yes"), ("\"60.00\"", FIFTY)] {
        let (bank, url) = Setup::bank("documented").await?;
        let gate = Gate::before(&url)?;
        let rules = with(&[("confirm_voice_above", above)])?;
        let setup = ruled(Setup::sandbox()?.with_sqlite(), &rules)?;
        let host = setup.set("PYTHON_BACKEND_URL", &gate.url).start().await?;
        let id = fresh_id(&host);
        let mut caller = Caller::dial(&host, &id, ALICE).await?;
        if words == "yes" {
            fifty(&mut caller).await?;
        }
        let host = dies_while_sending(host, &gate, &mut caller, words).await?;
        let halt = json!({"what": "transfers", "reason": "a test", "who": "ann"});
        host.post("/admin/pipeline/halt", &halt).await?.expect(200);
        caller = again(caller, &host, &id).await?;
        is_not_greeted(&mut caller).await?;
        caller.ask().await?;
        let told = caller.hears().await?;
        let is_told = [
            "has confirmed your transfer",
            "I will confirm it",
            "I moved fifty dollars",
        ];
        let is_told = is_told.iter().any(|told_so| told.text.contains(told_so));
        assert!(is_told, "{words}: {told:?}");
        assert_eq!(bank.balance("user_1", "checking_1").await?, "4950.50");
    }
    Ok(())
}

#[tokio::test]
async fn a_newer_line_takes_the_call_from_the_older() -> Result<()> {
    let host = Setup::sandbox()?.start().await?;
    let id = fresh_id(&host);
    let mut older = Caller::dial(&host, &id, ALICE).await?;
    let mut newer = Line::open(&host, &id).await?;
    assert_eq!(older.line.closed().await?, None);
    newer.ping(3).await?;
    Ok(())
}

#[tokio::test]
async fn a_host_that_stops_finishes_what_it_says_and_closes_so_that_the_provider_comes_back()
-> Result<()> {
    let (_bank, url) = Setup::bank("documented").await?;
    let gate = Gate::before(&url)?;
    let setup = Setup::sandbox()?.set("PYTHON_BACKEND_URL", &gate.url);
    let host = setup.start().await?;
    let mut idle = Caller::dial(&host, &fresh_id(&host), ALICE).await?;
    let mut caller = Caller::dial(&host, &fresh_id(&host), ALICE).await?;
    gate.hold("/accounts");
    caller.speaks("what is my checking balance");
    caller.ask().await?;
    until("a question at the gate", async || {
        Ok((gate.came() > 0).then_some(()))
    })
    .await?;
    host.signal("TERM")?;
    assert_eq!(idle.line.closed().await?, None);
    gate.open();
    let said = caller.hears().await?;
    assert!(said.text.contains("five thousand"), "{said:?}");
    assert_eq!(caller.line.closed().await?, None);
    Ok(())
}
