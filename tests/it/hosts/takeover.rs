//! A host that dies or sleeps: its calls go on at the others, and whatever it still believes when it wakes is written nowhere.
//!
//! Real processes; each test leaves itself out where there is no PostgreSQL or no Redis.

use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::json;

use super::{Bench, asked, balance};
use crate::harness::{ALICE, Caller, Conversation, Gate, Line, at_once, details, until};

const CALLS: usize = 40;

#[tokio::test]
async fn a_killed_hosts_calls_are_answered_by_the_others() -> Result<()> {
    let Some(mut bench) = Bench::of(3).await? else {
        return Ok(());
    };
    let dead = bench.hosts.remove(0);
    let hosts = &bench.hosts;
    let mut calls: Vec<_> = (0..CALLS)
        .map(|_| Conversation::of_alice(&hosts[0]))
        .collect();
    for call in &mut calls {
        assert_eq!(balance(&dead, call).await?, "balance");
    }
    // Some are in the middle of a turn when it dies.
    let cut_off = calls.iter_mut().map(|call| balance(&dead, call));
    let _ = tokio::time::timeout(Duration::from_millis(30), at_once(cut_off.collect())).await;
    dead.kill()?;
    let began = Instant::now();
    let others = calls.iter_mut().enumerate().map(async |(at, call)| {
        let said = balance(&hosts[at % 2], call).await;
        (said, began.elapsed())
    });
    let (mut taken_over, mut longest) = (0, Duration::ZERO);
    for (said, after) in at_once(others.collect()).await {
        taken_over += usize::from(said? == "balance");
        longest = longest.max(after);
    }
    println!(
        "killed: {taken_over} of {CALLS} calls answered elsewhere, the last after {longest:?}"
    );
    assert_eq!(taken_over, CALLS);
    Ok(())
}

#[tokio::test]
async fn a_host_that_slept_in_a_turn_writes_nothing_over_what_came_after() -> Result<()> {
    let Some(bench) = Bench::of(1).await? else {
        return Ok(());
    };
    // The sleeper's way to the bank has a gate, so that it sleeps in the middle of a turn.
    let awake = &bench.hosts[0];
    let gate = Gate::before(&bench.bank_url)?;
    let setup = awake.setup.clone().unset("ORCHESTRATOR_PORT");
    let sleeper = setup.set("PYTHON_BACKEND_URL", &gate.url).start().await?;
    let mut call = Conversation::of_alice(awake);
    assert_eq!(balance(awake, &mut call).await?, "balance");
    gate.hold("/accounts");
    let late = call.body("check_balance", json!({"account_id": "checking_1"}));
    let asking = sleeper.signed("/functions", late);
    let elsewhere = async {
        until("a question at the gate", async || {
            Ok((gate.came() > 0).then_some(()))
        })
        .await?;
        crate::harness::signal(sleeper.id(), "STOP")?;
        let wanted = json!({"from_account": "checking", "to_account": "savings", "amount": 150});
        let began = Instant::now();
        let said = asked(awake, &mut call, "transfer_funds", wanted).await?;
        assert_eq!(said.code, "confirm_transfer", "{said:?}");
        println!(
            "asleep: its call was answered elsewhere after {:?}",
            began.elapsed()
        );
        gate.open();
        crate::harness::signal(sleeper.id(), "CONT")?;
        anyhow::Ok(())
    };
    let (late, elsewhere) = tokio::join!(asking, elsewhere);
    elsewhere?;
    assert_eq!(late?.status, 200, "the sleeper's caller hears a sentence");
    // What was asked meanwhile is still asked, on both.
    let said = asked(&sleeper, &mut call, "confirm", json!({})).await?;
    assert_eq!(said.code, "transfer_completed", "{said:?}");
    assert_eq!(bench.bank.balance("user_1", "checking_1").await?, "4850.50");
    assert!(sleeper.log().contains("overtaken by another host"));
    Ok(())
}

#[tokio::test]
async fn a_line_that_comes_back_on_another_host_goes_on_ungreeted() -> Result<()> {
    let Some(mut bench) = Bench::of(2).await? else {
        return Ok(());
    };
    let dead = bench.hosts.remove(0);
    let id = "call_on_two_lines";
    let mut caller = Caller::dial(&dead, id, ALICE).await?;
    let asked = caller
        .says("Transfer fifty dollars from checking to savings")
        .await?;
    assert!(asked.text.contains("shall I"), "{asked:?}");
    dead.kill()?;
    caller.line = Line::open(&bench.hosts[0], id).await?;
    caller.line.send(&details(id, ALICE)).await?;
    let greeting = caller.line.response(0).await?;
    assert_eq!(greeting.text, "");
    let done = caller.says("yes").await?;
    assert!(done.text.contains("I moved fifty dollars"), "{done:?}");
    assert_eq!(bench.bank.balance("user_1", "checking_1").await?, "4950.50");
    Ok(())
}
