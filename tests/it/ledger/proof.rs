//! A transfer whose answer was lost, or whose host died: what each kind of bank can prove, and that nothing is done twice.
//!
//! The bank always did what it was asked; only the host does not know.

use anyhow::Result;
use serde_json::json;

use super::bench::{Kind, bank, call, newest_in, on_both, rows, setup, transfer};
use crate::harness::{Cut, Gate, Host, Redis, Setup, at_once, until};

const TRANSFER: &str = "/payments/transfer HTTP";

#[tokio::test]
async fn a_lost_answer_is_proven_by_the_key_by_the_reference_or_by_a_person() -> Result<()> {
    for kind in Kind::ALL {
        let (books, url) = bank(kind).await?;
        let mut left = 500_050;
        for setup in on_both(&setup(kind, &url)?)? {
            let line = Cut::of_answers(&url, TRANSFER)?;
            let host = setup.set("PYTHON_BACKEND_URL", &line.url).start().await?;
            left -= 2_000;
            lost(&host, &books, kind, &line, left).await?;
        }
    }
    Ok(())
}

async fn lost(host: &Host, books: &Host, kind: Kind, line: &Cut, left: i64) -> Result<()> {
    let what = format!("{kind:?}");
    let key = format!("order-{left}");
    call(host, "call_1", kind.alice()).await?;
    let pending = transfer(host, "call_1", "20.00", &key).await?;
    assert_eq!(pending.problem(504), "outcome_pending", "{what}");
    let asked = line.asked();
    if kind == Kind::Keys {
        // The answer is lost again and again; the row waits until one comes through.
        newest_in(host, "unknown").await?;
        line.mend();
    }
    let state = match kind {
        Kind::Keys | Kind::References => "completed",
        Kind::Neither => "needs_review",
    };
    let row = newest_in(host, state).await?;
    assert_eq!(rows(host).await?.len(), 1, "{what}");
    if kind != Kind::Keys {
        assert_eq!(line.asked(), asked, "{what}: sent again");
    }
    let balance = books.balance(kind.alice(), "checking_1").await?;
    assert_eq!(
        balance,
        format!("{}.{:02}", left / 100, left % 100),
        "{what}"
    );

    // A repeat is answered from the row, whatever it has become.
    let again = transfer(host, "call_1", "20.00", &key).await?;
    let evidence = &row["evidence"];
    if kind == Kind::Neither {
        assert_eq!(again.problem(504), "outcome_pending", "{what}");
        assert_eq!(evidence["found"], "no_payment_with_our_reference");
        assert_eq!(evidence["reference"], row["transfer_id"], "{row}");
        let payments = evidence["payments"].as_array().cloned().unwrap_or_default();
        assert!(!payments.is_empty(), "the look-alike is shown: {row}");
    } else {
        let again = again.expect(200);
        assert_eq!(again["id"], row["bank_payment_id"], "{what}");
        assert_eq!(again["status"], "Completed", "{what}");
        assert!(evidence.is_null(), "{row}");
    }
    Ok(())
}

/// A host that was killed while Alice's 20.00 were under way: the bank has paid, its answer is held back.
async fn killed_while_sending(kind: Kind, gate: &Gate) -> Result<Setup> {
    let setup = setup(kind, &gate.url)?.set("ORCHESTRATOR_TURN__DEADLINE_MS", 2_000);
    let host = setup.start().await?;
    call(&host, "call_1", kind.alice()).await?;
    gate.hold_answers("/payments/transfer HTTP");
    let asking = transfer(&host, "call_1", "20.00", "order-1");
    let came = until("the bank's answer", async || {
        Ok((gate.came() > 0).then_some(()))
    });
    tokio::select! {
        answer = asking => panic!("{kind:?}: {answer:?}"),
        came = came => came?,
    }
    host.kill()
}

#[tokio::test]
async fn a_host_that_dies_before_the_answer_settles_it_after_its_restart() -> Result<()> {
    for kind in Kind::ALL {
        let (books, url) = bank(kind).await?;
        let gate = Gate::before(&url)?;
        let host = killed_while_sending(kind, &gate).await?.start().await?;
        gate.open();
        let state = match kind {
            Kind::Keys | Kind::References => "completed",
            Kind::Neither => "needs_review",
        };
        newest_in(&host, state).await?;
        let balance = books.balance(kind.alice(), "checking_1").await?;
        assert_eq!(balance, "4980.50", "{kind:?}");
        if state == "completed" {
            call(&host, "call_2", kind.alice()).await?;
            let again = transfer(&host, "call_2", "20.00", "order-1").await?;
            assert_eq!(again.expect(200)["status"], "Completed", "{kind:?}");
        }
        let metrics = host.get("/metrics").await?.text;
        let gauge = "ledger_open_rows{state=\"needs_review\"}";
        let expected = format!("{gauge} {}", u8::from(kind == Kind::Neither));
        until("the gauge", async || {
            let text = host.get("/metrics").await?.text;
            Ok(text.lines().any(|line| line == expected).then_some(()))
        })
        .await
        .map_err(|cause| cause.context(metrics))?;
    }
    Ok(())
}

#[tokio::test]
async fn what_was_sent_once_is_not_sent_again_since_the_settings_say_so_later() -> Result<()> {
    let kind = Kind::References;
    let (books, url) = bank(kind).await?;
    let gate = Gate::before(&url)?;
    let setup = killed_while_sending(kind, &gate).await?;
    // Not true of this bank: it would move the money twice.
    let host = setup.set("BACKEND_IDEMPOTENT", true).start().await?;
    gate.open();
    newest_in(&host, "completed").await?;
    let balance = books.balance(kind.alice(), "checking_1").await?;
    assert_eq!(balance, "4980.50");
    Ok(())
}

/// The same text with a part of it replaced by one of the same length.
fn replaced(answer: &[u8], part: &str, by: &str) -> Option<Vec<u8>> {
    assert_eq!(part.len(), by.len());
    let text = String::from_utf8_lossy(answer);
    Some(text.replace(part, by).into_bytes())
}

#[tokio::test]
async fn an_absurd_answer_is_none_and_completes_nothing() -> Result<()> {
    let (books, url) = bank(Kind::References).await?;
    let absurd: [(&str, crate::harness::Mishearing); 5] = [
        ("20.00", |answer| replaced(answer, ":20.00", ":20.01")),
        ("21.00", |answer| replaced(answer, ":21.00", ":1e308")),
        ("22.00", |answer| replaced(answer, "savings_1", "savings_2")),
        ("23.00", |answer| replaced(answer, "Completed", "Perhapsed")),
        ("24.00", |answer| replaced(answer, "{\"", "<!")),
    ];
    for (at, (amount, heard)) in absurd.into_iter().enumerate() {
        let line = Cut::misheard(&url, TRANSFER, heard)?;
        let host = setup(Kind::References, &line.url)?.start().await?;
        call(&host, "call_1", "user_1").await?;
        let pending = transfer(&host, "call_1", amount, "order-1").await?;
        assert_eq!(pending.problem(504), "outcome_pending", "{amount}");
        // The bank did it, and its list says so: the row is completed with what was asked for, not with what was misheard.
        let row = newest_in(&host, "completed").await?;
        assert_eq!(row["amount"], amount, "{row}");
        let moved: usize = (0..=at).map(|more| 2_000 + more * 100).sum();
        let left = 500_050 - moved;
        let expected = format!("{}.{:02}", left / 100, left % 100);
        assert_eq!(books.balance("user_1", "checking_1").await?, expected);
    }
    Ok(())
}

#[tokio::test]
async fn an_application_without_an_answer_is_sent_again_or_goes_to_a_person() -> Result<()> {
    for (kind, state) in [
        (Kind::Keys, "completed"),
        (Kind::References, "needs_review"),
    ] {
        let (_books, url) = bank(kind).await?;
        let line = Cut::of_answers(&url, "/applications/loan HTTP")?;
        let host = setup(kind, &line.url)?.start().await?;
        call(&host, "call_1", kind.alice()).await?;
        let loan = json!({
            "call_id": "call_1", "user_id": "user_1", "loan_amount": 10_000, "loan_purpose": "car",
            "term_years": 5,
        });
        let answer = host.post("/orchestrate/apply-loan", &loan).await?;
        assert_eq!(answer.problem(504), "outcome_pending", "{kind:?}");
        line.mend();
        let row = newest_in(&host, state).await?;
        assert_eq!(row["kind"], "loan");
        if kind == Kind::References {
            assert_eq!(row["evidence"]["found"], "no_list_of_applications", "{row}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn while_a_transfer_is_open_an_identical_one_is_refused_and_it_counts() -> Result<()> {
    let (_books, url) = bank(Kind::Neither).await?;
    let line = Cut::of_answers(&url, TRANSFER)?;
    let host = setup(Kind::Neither, &line.url)?
        .set("ORCHESTRATOR_LEDGER__DAY_MAX", "50.00")
        .start()
        .await?;
    call(&host, "call_1", Kind::Neither.alice()).await?;
    let pending = transfer(&host, "call_1", "20.00", "order-1").await?;
    assert_eq!(pending.problem(504), "outcome_pending");
    line.mend();
    let twins = (0..5).map(|at| {
        let host = &host;
        async move { transfer(host, "call_1", "20.00", &format!("twin-{at}")).await }
    });
    for answer in at_once(twins.collect()).await {
        assert_eq!(answer?.problem(409), "transfer_in_progress");
    }
    let over = transfer(&host, "call_1", "30.01", "order-2").await?;
    assert_eq!(over.problem(403), "over_day_limit");
    let edge = transfer(&host, "call_1", "30.00", "order-3").await?;
    edge.expect(200);
    Ok(())
}

#[tokio::test]
async fn two_hosts_search_one_database_and_settle_each_row_once() -> Result<()> {
    let (books, url) = bank(Kind::Keys).await?;
    let line = Cut::of_answers(&url, TRANSFER)?;
    let both = on_both(&setup(Kind::Keys, &line.url)?)?;
    let (Some(setup), Some(redis)) = (both.get(1), Redis::start()?) else {
        return Ok(());
    };
    // The search asks too, and its lost answers must not have the bank rest before all five were sent.
    let setup = setup
        .clone()
        .set("CALL_STATE_DB", "redis")
        .set("REDIS_URL", &redis.url)
        .set("ORCHESTRATOR_BACKEND__BREAKER_FAILURES", 1_000);
    let (one, two) = (setup.start().await?, setup.start().await?);
    call(&one, "call_1", "user_1").await?;
    for at in 1..=5 {
        let amount = format!("{at}.00");
        let answer = transfer(&one, "call_1", &amount, &format!("order-{at}")).await?;
        assert_eq!(answer.problem(504), "outcome_pending");
    }
    line.mend();
    for host in [&one, &two] {
        until("all to be settled", async || {
            let rows = rows(host).await?;
            let done = rows.iter().filter(|row| row["state"] == "completed");
            Ok((done.count() == 5).then_some(()))
        })
        .await?;
    }
    assert_eq!(books.balance("user_1", "checking_1").await?, "4985.50");
    Ok(())
}
