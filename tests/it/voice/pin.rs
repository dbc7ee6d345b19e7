//! A PIN and the words around it: what is said along with it reaches the rules, and no money goes on over a stop.
//!
//! A call each, on one host a test, because money is counted.

use anyhow::Result;
use serde_json::json;

use super::alice;
use crate::harness::{Caller, Host, Said, Setup, query, service, user};

const WISH: &str = "Move 300 dollars from savings to checking";
const BEFORE: &str = "5000.50";

/// A new call, up to where the PIN is awaited for three hundred dollars.
async fn asked_for_the_pin(host: &Host) -> Result<Caller> {
    let mut caller = alice(host).await?;
    let asked = caller.says(WISH).await?;
    assert!(asked.text.contains("shall I?"), "{asked:?}");
    let asked = caller.says("yes").await?;
    assert!(asked.text.contains("PIN"), "{asked:?}");
    Ok(caller)
}

async fn balance(host: &Host) -> Result<String> {
    host.balance("user_1", "checking_1").await
}

async fn records_hold_no_pin(host: &Host, call_id: &str, turns: u64) -> Result<()> {
    for turn in 1..=turns {
        let record = host.record(call_id, turn).await?.to_string();
        // As a number of its own: four digits may well be part of a time.
        let mut numbers = record.split(|c: char| !c.is_ascii_digit());
        assert!(!numbers.any(|number| number == "1234"), "{record}");
    }
    Ok(())
}

#[tokio::test]
async fn what_is_said_along_with_the_pin_is_for_the_rules_and_stops_the_money() -> Result<()> {
    let host = Setup::sandbox()?.start().await?;
    for said in [
        "no, 1234",
        "cancel 1234",
        "1234 no wait cancel",
        "one two three four, stop, I changed my mind",
        "don't do it, one two three four",
        "my pin is 1234 but do not transfer",
    ] {
        let mut caller = asked_for_the_pin(&host).await?;
        let stopped = caller.says(said).await?;
        assert!(!stopped.text.contains("PIN"), "{said}: {stopped:?}");
        caller.says("yes").await?;
        caller.says("1234").await?;
        assert_eq!(balance(&host).await?, BEFORE, "{said}: {stopped:?}");
    }
    let mut caller = asked_for_the_pin(&host).await?;
    for digit in ["1", "2", "3", "4"] {
        caller.said.push(json!({"role": "dtmf", "digit": digit}));
    }
    caller.said.push(user("no cancel"));
    caller.ask().await?;
    let stopped = caller.hears().await?;
    assert_eq!(balance(&host).await?, BEFORE, "{stopped:?}");
    Ok(())
}

#[tokio::test]
async fn a_stop_beside_a_pin_that_cannot_be_compared_is_heard() -> Result<()> {
    let Some(python) = service("ORCHESTRATOR_TEST_PYTHON", "a test that hides a table") else {
        return Ok(());
    };
    let setup = Setup::sandbox()?.with_sqlite();
    let host = setup.start().await?;
    let mut stops = asked_for_the_pin(&host).await?;
    let mut waits = asked_for_the_pin(&host).await?;
    query(&python, &setup, "ALTER TABLE users RENAME TO away")?;
    let stopped = stops.says("cancel, one two three four").await?;
    let alone = waits.says("one two three four").await?;
    query(&python, &setup, "ALTER TABLE away RENAME TO users")?;
    assert!(stopped.text.contains("cancelled"), "{stopped:?}");
    assert!(!alone.text.contains("Done"), "{alone:?}");
    stops.says("1234").await?;
    assert_eq!(balance(&host).await?, BEFORE, "{stopped:?}");
    // Who only gave the PIN is still asked for it.
    let paid = waits.says("1234").await?;
    assert!(paid.text.contains("Done"), "{alone:?} {paid:?}");
    Ok(())
}

#[tokio::test]
async fn a_doubt_or_a_question_along_with_the_pin_asks_for_the_yes_anew() -> Result<()> {
    let host = Setup::sandbox()?.start().await?;
    for said in [
        "I won't tell you 1234",
        "is it 1234?",
        "1234 hold on",
        "1234 and what is my checking balance",
    ] {
        let mut caller = asked_for_the_pin(&host).await?;
        let again = caller.says(said).await?;
        assert!(
            again.text.contains("hree hundred dollars"),
            "{said}: {again:?}"
        );
        assert_eq!(questions(&again), 1, "{said}: {again:?}");
        assert_eq!(balance(&host).await?, BEFORE, "{said}");
        let stopped = caller.says("no").await?;
        assert!(!stopped.text.contains("I moved"), "{said}: {stopped:?}");
    }
    let mut caller = asked_for_the_pin(&host).await?;
    caller.says("1234 and what is my checking balance").await?;
    let done = caller.says("yes").await?;
    assert!(done.text.contains("I moved three hundred"), "{done:?}");
    assert_eq!(balance(&host).await?, "5300.50");
    Ok(())
}

#[tokio::test]
async fn an_amount_that_is_corrected_along_with_the_pin_is_asked_about() -> Result<()> {
    let host = Setup::sandbox()?.start().await?;
    let mut caller = asked_for_the_pin(&host).await?;
    let asked = caller.says("1234 but make it two hundred").await?;
    assert!(asked.text.contains("wo hundred dollars"), "{asked:?}");
    assert!(asked.text.contains("shall I?"), "{asked:?}");
    assert_eq!(balance(&host).await?, BEFORE);
    let done = caller.says("yes").await?;
    assert!(done.text.contains("two hundred dollars"), "{done:?}");
    assert_eq!(balance(&host).await?, "5200.50");
    Ok(())
}

#[tokio::test]
async fn what_a_pin_is_given_with_does_not_hold_the_money_up() -> Result<()> {
    let host = Setup::sandbox()?.start().await?;
    let mut moved = 0;
    for said in [
        "sure, it's one two three four",
        "Okay, here you go: 1234. Thanks.",
        "4321, sorry, 1234",
        "do it, 1234",
    ] {
        let mut caller = asked_for_the_pin(&host).await?;
        let done = caller.says(said).await?;
        assert!(
            done.text.contains("I moved three hundred"),
            "{said}: {done:?}"
        );
        moved += 300;
        assert_eq!(balance(&host).await?, format!("{}.50", 5_000 + moved));
    }
    Ok(())
}

#[tokio::test]
async fn a_wish_is_heard_along_with_its_pin() -> Result<()> {
    let host = Setup::sandbox()?.start().await?;
    for (wish, amount, after) in [
        (
            "Move 300 dollars from savings to checking, my pin is 1234",
            "hree hundred dollars",
            "5300.50",
        ),
        (
            "My PIN is one two three four. Move four hundred dollars from savings to checking.",
            "our hundred dollars",
            "5700.50",
        ),
        (
            "Move $1,500 from savings to checking, my pin is 1234",
            "ne thousand five hundred dollars",
            "7200.50",
        ),
    ] {
        let id = super::fresh_id(&host);
        let mut caller = Caller::dial(&host, &id, crate::harness::ALICE).await?;
        let asked = caller.says(wish).await?;
        assert!(asked.text.contains(amount), "{asked:?}");
        assert!(asked.text.contains("shall I?"), "{asked:?}");
        let done = caller.says("yes").await?;
        assert!(done.text.contains("I moved"), "the PIN was given: {done:?}");
        assert_eq!(balance(&host).await?, after);
        records_hold_no_pin(&host, &id, 2).await?;
    }
    Ok(())
}

fn questions(said: &Said) -> usize {
    said.text.matches('?').count()
}

#[tokio::test]
async fn what_is_open_is_asked_once_after_a_pin_that_nobody_asked_for() -> Result<()> {
    let host = Setup::sandbox()?.start().await?;
    let mut caller = alice(&host).await?;
    let which = caller.says("what is my balance").await?;
    assert_eq!(questions(&which), 1, "{which:?}");
    let again = caller.says("my pin is 1234").await?;
    assert_eq!(questions(&again), 1, "{again:?}");
    let answer = caller.says("checking").await?;
    assert!(answer.text.contains("five thousand"), "{answer:?}");
    Ok(())
}

#[tokio::test]
async fn a_yes_along_with_the_pin_is_a_yes() -> Result<()> {
    let host = Setup::sandbox()?.start().await?;
    let mut caller = alice(&host).await?;
    caller.says(WISH).await?;
    let wrong = caller.says("yes my pin is 9999").await?;
    assert!(wrong.text.contains("PIN isn't right"), "{wrong:?}");
    assert_eq!(balance(&host).await?, BEFORE);
    let asked = caller.says("my pin is 1234").await?;
    assert_eq!(questions(&asked), 1, "{asked:?}");
    assert_eq!(balance(&host).await?, BEFORE);
    let done = caller.says("yes my pin is 1234").await?;
    assert!(done.text.contains("I moved three hundred"), "{done:?}");
    assert_eq!(balance(&host).await?, "5300.50");
    Ok(())
}
