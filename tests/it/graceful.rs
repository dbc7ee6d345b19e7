//! A host that is told to stop: it says so first, drops nobody, and ends in order; told twice, it ends at once.
//!
//! What a service manager hears of it is read from a real datagram socket.

mod crowd;

use std::os::unix::net::UnixDatagram;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use futures_util::stream::{StreamExt as _, iter};
use serde_json::json;

use crate::harness::{ALICE, Caller, Conversation, Gate, Host, Setup, Spoken, at_once, until};

/// Turns over HTTP, and as many over websockets, and as many websockets that are idle.
const EACH: usize = 12;

/// A host behind whose gate a bank takes its time.
async fn gated(setup: Setup) -> Result<(Host, Gate, Host)> {
    let (bank, url) = Setup::bank("documented").await?;
    let gate = Gate::before(&url)?;
    let host = setup.set("PYTHON_BACKEND_URL", &gate.url).start().await?;
    Ok((bank, gate, host))
}

async fn held(gate: &Gate, count: usize) -> Result<()> {
    until("questions at the gate", async || {
        Ok((gate.came() >= count).then_some(()))
    })
    .await
}

/// Lines of callers who have asked for their balance, or for nothing yet.
async fn lines(host: &Host, what: &str, count: usize, asks: bool) -> Result<Vec<Caller>> {
    let dialled = (0..count).map(|number| async move {
        let id = format!("call_{what}_{number}_{}", std::process::id());
        let mut caller = Caller::dial(host, &id, ALICE).await?;
        if asks {
            caller.speaks("what is my checking balance");
            caller.ask().await?;
        }
        anyhow::Ok(caller)
    });
    iter(dialled)
        .buffered(EACH)
        .collect::<Vec<_>>()
        .await
        .into_iter()
        .collect()
}

/// So many calls ask for a balance by function call, all at once; how many were told it.
async fn balances(host: &Host, count: usize) -> Result<usize> {
    let asking = (0..count).map(|_| async {
        let asked = json!({"account_id": "checking_1"});
        let mut call = Conversation::of_alice(host);
        call.invoke("check_balance", asked).await
    });
    let mut told = 0;
    for answer in at_once(asking.collect()).await {
        let said = answer.context("a function call was dropped")?;
        assert_eq!(said.code, "balance", "{said:?}");
        told += 1;
    }
    Ok(told)
}

/// Each hears its sentence, then an end on which Retell connects again; how many sentences, and how many ends.
async fn all_are_served(asking: &mut [Caller], idle: &mut [Caller]) -> Result<(usize, usize)> {
    let (mut sentences, mut ends) = (0, 0);
    for caller in asking.iter_mut() {
        let said = caller.hears().await.context("a turn was dropped")?;
        assert!(!said.text.is_empty());
        sentences += 1;
    }
    for caller in asking.iter_mut().chain(idle) {
        let code = caller.line.closed().await?;
        assert_eq!(code, None, "Retell comes back to a broken connection only");
        ends += 1;
    }
    Ok((sentences, ends))
}

/// Tells the host to stop while turns wait at the gate: it says so at once, then they go on, then the door is closed. When it was told.
async fn says_so_and_closes(host: &Host, gate: &Gate) -> Result<Instant> {
    let told = Instant::now();
    host.signal("TERM")?;
    let answer = until("a host that is not ready", async || {
        let answer = host.get("/readyz").await?;
        Ok((answer.status == 503).then_some(answer))
    })
    .await?;
    assert_eq!(answer.problem(503), "stopping");
    assert!(answer.header("retry-after").is_some());
    host.get("/health").await?.expect(200);
    gate.open();
    until("a closed door", async || {
        Ok(host.get("/readyz").await.is_err().then_some(()))
    })
    .await?;
    Ok(told)
}

#[tokio::test]
async fn a_host_that_is_told_to_stop_says_so_first_and_drops_nobody() -> Result<()> {
    // Long enough for a look at the open door on any machine.
    let setup = Setup::sandbox()?.set("ORCHESTRATOR_SERVER__DRAIN_MS", 1_500);
    let (_bank, gate, host) = gated(setup).await?;
    let mut idle = lines(&host, "idle", EACH, false).await?;
    gate.hold("/accounts");
    let mut asking = lines(&host, "asking", EACH, true).await?;
    let stop = async {
        held(&gate, 1).await?;
        says_so_and_closes(&host, &gate).await
    };
    let (told, answered) = tokio::join!(stop, balances(&host, EACH));
    let (told, answered) = (told?, answered?);
    let (heard, restarts) = all_are_served(&mut asking, &mut idle).await?;
    let sentences = answered + heard;
    let (_, ended) = host.stopped(Duration::from_secs(30))?;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    println!(
        "told to stop with {sentences} turns in flight and {restarts} websockets: 0 dropped, ended after {:?}",
        told.elapsed()
    );
    Ok(())
}

/// Alice's 20.00, which the bank has moved and not answered yet; the client is gone with its connection. The request's body.
async fn unanswered(host: &Host, gate: &Gate) -> Result<String> {
    let mut alice = Conversation::of_alice(host);
    let wanted = json!({"from_account": "checking", "to_account": "savings", "amount": "20.00"});
    let body = alice.body("transfer_funds", wanted);
    gate.hold_answers("/payments/transfer");
    let sending = host.signed("/functions", body.clone());
    tokio::select! {
        _ = sending => anyhow::bail!("answered although the bank had not"),
        held = held(gate, 1) => held?,
    }
    Ok(body)
}

/// Asks a new host for the same again: it was done, and once.
async fn is_done_once(bank: &Host, host: &Host, body: String) -> Result<()> {
    let said = Spoken::of(&host.signed("/functions", body).await?)?;
    assert_eq!(said.code, "transfer_completed", "{said:?}");
    assert_eq!(bank.balance("user_1", "checking_1").await?, "4980.50");
    Ok(())
}

#[tokio::test]
async fn money_that_nobody_waits_for_is_settled_before_the_end() -> Result<()> {
    let (bank, gate, host) = gated(Setup::sandbox()?.with_sqlite()).await?;
    let body = unanswered(&host, &gate).await?;
    host.signal("TERM")?;
    until("a closed door", async || {
        Ok(host.get("/readyz").await.is_err().then_some(()))
    })
    .await?;
    gate.open();
    let (setup, ended) = host.stopped(Duration::from_secs(30))?;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    is_done_once(&bank, &setup.start().await?, body).await
}

#[tokio::test]
async fn money_that_the_bank_never_answers_about_is_parked_and_settled_by_the_next_host()
-> Result<()> {
    let (bank, gate, host) = gated(Setup::sandbox()?.with_sqlite()).await?;
    let body = unanswered(&host, &gate).await?;
    host.signal("TERM")?;
    let (setup, ended) = host.stopped(Duration::from_secs(30))?;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let host = setup.start().await?;
    until("the parked row to be settled", async || {
        let rows = host.get("/admin/transfers").await?.expect(200);
        Ok((rows["transfers"][0]["state"] == "completed").then_some(()))
    })
    .await?;
    let settled = "ledger_settled_total{state=\"completed\",how=\"reference\"} 1";
    let metrics = host.get("/metrics").await?.text;
    assert!(metrics.lines().any(|line| line == settled), "{metrics}");
    is_done_once(&bank, &host, body).await
}

#[tokio::test]
async fn a_host_that_is_told_twice_ends_at_once() -> Result<()> {
    let setup = Setup::sandbox()?.set("ORCHESTRATOR_SERVER__DRAIN_MS", 8_000);
    let host = setup.start().await?;
    host.signal("TERM")?;
    until("a host that is not ready", async || {
        Ok((host.get("/readyz").await?.status == 503).then_some(()))
    })
    .await?;
    host.signal("INT")?;
    let (_, ended) = host.stopped(Duration::from_secs(30))?;
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert!(ended.stderr.contains("second time"), "{}", ended.stderr);
    Ok(())
}

#[tokio::test]
async fn a_service_manager_hears_of_ready_alive_and_stopping() -> Result<()> {
    let setup = Setup::sandbox()?.set("WATCHDOG_USEC", 200_000);
    let path = setup.folder().join("notify");
    let manager = UnixDatagram::bind(&path)?;
    manager.set_read_timeout(Some(Duration::from_secs(15)))?;
    let host = setup.set("NOTIFY_SOCKET", path.display()).start().await?;
    let hear = || -> Result<String> {
        let mut told = [0; 1_024];
        let length = manager.recv(&mut told).context("nothing was told")?;
        Ok(String::from_utf8_lossy(&told[..length]).into_owned())
    };
    let mut heard = vec![hear()?];
    while heard
        .iter()
        .filter(|told| told.contains("WATCHDOG=1"))
        .count()
        < 3
    {
        heard.push(hear()?);
    }
    assert_eq!(count(&heard, "READY=1"), 1, "{heard:?}");
    assert_eq!(count(&heard, "STOPPING=1"), 0, "{heard:?}");
    let (_, ended) = host.stop()?;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    while count(&heard, "STOPPING=1") == 0 {
        heard.push(hear()?);
    }
    Ok(())
}

fn count(heard: &[String], what: &str) -> usize {
    let lines = heard.iter().flat_map(|told| told.lines());
    lines.filter(|line| *line == what).count()
}
