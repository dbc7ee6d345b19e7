//! A host that dies or sleeps: its calls go on at the others, and whatever it still believes when it wakes is written nowhere.
//!
//! Real processes; each test leaves itself out where there is no PostgreSQL or no Redis.

use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::json;

use super::{Bench, all_ask, asked, balance, by_askers};
use crate::harness::{
    ALICE, Caller, Conversation, Gate, Host, Line, at_once, details, slack, until,
};

const CALLS: usize = 500;
/// Lines that are open on the host that is killed, besides.
const LINES: usize = 24;
/// Turns that the host is in the middle of when it dies, at least; their calls' locks die two seconds later.
const IN_HAND: usize = 32;
/// The goal, of which a lock may take two seconds.
const TAKEN_OVER_WITHIN: Duration = Duration::from_secs(3);
/// What a development build on a busy machine may take more.
const SLACK: Duration = Duration::from_secs(7);

/// Lines of callers who have been told their balance.
async fn lines(host: &Host) -> Result<Vec<Caller>> {
    let dialled = (0..LINES).map(async |number| {
        let mut caller = Caller::dial(host, &format!("call_on_a_line_{number}"), ALICE).await?;
        caller.says("What is my checking balance?").await?;
        anyhow::Ok(caller)
    });
    by_askers(dialled).await.into_iter().collect()
}

/// Opens the line again on this host and asks once more; how long that took.
async fn goes_on(host: &Host, mut caller: Caller) -> Result<Duration> {
    let began = Instant::now();
    caller.line = Line::open(host, &caller.call_id).await?;
    caller.line.send(&details(&caller.call_id, ALICE)).await?;
    let greeting = caller.line.response(0).await?;
    assert_eq!(greeting.text, "", "greeted a second time");
    let said = caller.says("What is my checking balance?").await?;
    assert!(said.text.contains("five thousand dollars"), "{said:?}");
    Ok(began.elapsed())
}

#[tokio::test]
async fn a_killed_hosts_calls_are_answered_by_the_others() -> Result<()> {
    let Some(mut bench) = Bench::of(2).await? else {
        return Ok(());
    };
    // Its way to the bank has a gate, so that it dies with turns in hand.
    let gate = Gate::before(&bench.bank_url)?;
    let url = gate.url.clone();
    let dies = bench.another(|setup| setup.set("PYTHON_BACKEND_URL", url));
    let dies = dies.await?;
    bench.hosts.push(dies);
    let mut calls: Vec<_> = (0..CALLS)
        .map(|_| Conversation::of(&bench.bank, ALICE))
        .collect();
    assert_eq!(all_ask(&bench.hosts, &mut calls, 0).await?, CALLS);
    let dead = bench.hosts.pop().expect("three hosts");
    let callers = lines(&dead).await?;
    gate.hold("/accounts");
    let cut_off = calls.iter_mut().skip(2).step_by(3);
    let cut_off = at_once(cut_off.map(|call| balance(&dead, call)).collect());
    let in_hand = until("turns in hand", async || {
        Ok((gate.came() >= IN_HAND).then_some(()))
    });
    tokio::select! {
        answers = cut_off => anyhow::bail!("answered although the bank had not: {answers:?}"),
        in_hand = in_hand => in_hand?,
    }
    dead.kill()?;
    let hosts = &bench.hosts;
    let asking = calls.iter_mut().enumerate().map(async |(at, call)| {
        // From the call's own first question on: those before it in the queue of this test are not its wait.
        let began = Instant::now();
        let said = balance(&hosts[at % 2], call).await;
        said.map(|said| (said == "balance", began.elapsed()))
    });
    let (mut taken_over, mut took) = (0, Vec::new());
    for said in by_askers(asking).await {
        let (is_told, after) = said?;
        taken_over += usize::from(is_told);
        took.push(after);
    }
    let reconnected = callers
        .into_iter()
        .enumerate()
        .map(|(at, caller)| goes_on(&hosts[at % 2], caller));
    let lines: Result<Vec<Duration>> = by_askers(reconnected).await.into_iter().collect();
    let lines = lines?;
    took.sort_unstable();
    let longest = took.iter().chain(&lines).max().copied().unwrap_or_default();
    let above = took.iter().filter(|took| **took > TAKEN_OVER_WITHIN);
    let above = above.count();
    println!(
        "killed with {IN_HAND} turns in hand: {taken_over} of {CALLS} calls and {} of {LINES} lines answered elsewhere, half of the calls within {:?}, all within {longest:?}; {above} after more than the 3 s of the goal",
        lines.len(),
        took[CALLS / 2],
    );
    assert_eq!(taken_over, CALLS);
    assert!(longest <= TAKEN_OVER_WITHIN + slack(SLACK), "{longest:?}");
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
    let url = gate.url.clone();
    let sleeper = bench.another(|setup| setup.set("PYTHON_BACKEND_URL", url));
    let sleeper = sleeper.await?;
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
    // To one that slept, the database was silent for as long.
    until("the sleeper serves again", async || {
        Ok((sleeper.get("/readyz").await?.status == 200).then_some(()))
    })
    .await?;
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
