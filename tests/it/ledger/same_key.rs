//! One key is one wish: however often and wherever it is asked, it happens once and is answered alike.
//!
//! Asked in several calls at once, since the requests of one call wait for each other anyway.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};

use super::bench::{Kind, bank, call, on_both, rows, setup, transfer};
use crate::harness::{Conversation, Gate, Host, Redis, Spoken, at_once, until};

#[tokio::test]
async fn a_hundred_requests_with_one_key_at_once_are_one_transfer_and_one_answer() -> Result<()> {
    for kind in [Kind::References, Kind::Keys] {
        let (books, url) = bank(kind).await?;
        let mut left = 500_050;
        for setup in on_both(&setup(kind, &url)?)? {
            let hosts = [setup.start().await?];
            hundred(&hosts, &format!("order-{left}")).await?;
            left -= 2_000;
            let expected = format!("{}.{:02}", left / 100, left % 100);
            assert_eq!(books.balance("user_1", "checking_1").await?, expected);
        }
    }
    Ok(())
}

#[tokio::test]
async fn so_they_are_on_two_hosts() -> Result<()> {
    let (books, url) = bank(Kind::References).await?;
    let both = on_both(&setup(Kind::References, &url)?)?;
    let (Some(setup), Some(redis)) = (both.get(1), Redis::start()?) else {
        return Ok(());
    };
    let setup = setup
        .clone()
        .set("CALL_STATE_DB", "redis")
        .set("REDIS_URL", &redis.url);
    let hosts = [setup.start().await?, setup.start().await?];
    hundred(&hosts, "order-1").await?;
    assert_eq!(books.balance("user_1", "checking_1").await?, "4980.50");
    Ok(())
}

/// Four calls on each host, all of which ask for the same.
async fn hundred(hosts: &[Host], key: &str) -> Result<()> {
    let mut calls = Vec::new();
    for (at, host) in hosts.iter().enumerate() {
        for number in 0..4 {
            let call_id = format!("call_{at}_{number}");
            call(host, &call_id, "user_1").await?;
            calls.push((host, call_id));
        }
    }
    let asked = (0..100).map(|at| {
        let (host, call_id) = &calls[at % calls.len()];
        transfer(host, call_id, "20.00", key)
    });
    let mut answers = BTreeSet::new();
    for answer in at_once(asked.collect()).await {
        answers.insert(answer?.expect(200).to_string());
    }
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert_eq!(rows(&hosts[0]).await?.len(), 1);
    let other = transfer(&hosts[0], "call_0_0", "20.01", key).await?;
    assert_eq!(other.problem(422), "idempotency_key_reused");
    Ok(())
}

#[tokio::test]
async fn who_asks_while_the_first_is_under_way_waits_for_its_answer() -> Result<()> {
    let (_books, url) = bank(Kind::References).await?;
    let gate = Gate::before(&url)?;
    let host = setup(Kind::References, &gate.url)?
        .set("ORCHESTRATOR_TURN__DEADLINE_MS", 20_000)
        .start()
        .await?;
    for call_id in ["call_1", "call_2"] {
        call(&host, call_id, "user_1").await?;
    }
    gate.hold_answers("/payments/transfer HTTP");
    let first = transfer(&host, "call_1", "20.00", "order-1");
    let second = async {
        until("the first to be under way", async || {
            Ok((gate.came() > 0).then_some(()))
        })
        .await?;
        let (answer, opened) = tokio::join!(transfer(&host, "call_2", "20.00", "order-1"), async {
            // Whatever has been told the second by then, it is not told before the first is.
            host.get("/health").await?.expect(200);
            gate.open();
            anyhow::Ok(())
        });
        opened?;
        answer
    };
    let (first, second) = tokio::join!(first, second);
    assert_eq!(first?.expect(200), second?.expect(200));
    assert_eq!(gate.came(), 1, "one was sent");
    Ok(())
}

#[tokio::test]
async fn a_tool_call_that_paid_before_its_host_died_is_told_so_whatever_the_rules_say_by_then()
-> Result<()> {
    let (_books, url) = bank(Kind::References).await?;
    let gate = Gate::before(&url)?;
    let host = setup(Kind::References, &gate.url)?.start().await?;
    let mut alice = Conversation::of_alice(&host);
    let call_id = alice.call_id.clone();
    let body = alice.body(
        "transfer_funds",
        json!({"from_account": "checking_1", "to_account": "savings_1", "amount": 20}),
    );
    gate.hold_answers("/payments/transfer HTTP");
    let (_, paid) = tokio::join!(
        tokio::time::timeout(
            Duration::from_secs(3),
            host.signed("/functions", body.clone())
        ),
        until("the payment", async || Ok((gate.came() > 0).then_some(())))
    );
    paid?;
    let host = host.kill()?;
    gate.open();
    let host = host.start().await?;
    let halt = json!({"what": "transfers", "reason": "a test", "who": "ann"});
    host.post("/admin/pipeline/halt", &halt).await?.expect(200);
    until("proof of the payment", async || {
        Ok((rows(&host).await?[0]["state"] == "completed").then_some(()))
    })
    .await?;
    let told = Spoken::of(&host.signed("/functions", body).await?)?;
    assert_eq!(told.code, "transfer_completed", "{told:?}");
    assert!(told.result.contains("twenty dollars"), "{told:?}");
    let record = host.record(&call_id, 1).await?;
    assert_eq!(record["outcome"], told.code, "{record}");
    assert!(record["transfer_id"].is_string(), "{record}");
    Ok(())
}

/// Nothing was done so far; the same wish of Alice's, made anew, is carried out.
async fn is_done_anew(
    host: &Host,
    books: &Host,
    alice: &mut Conversation<'_>,
    wish: Value,
) -> Result<()> {
    assert!(rows(host).await?.is_empty(), "it was no transfer");
    let anew = alice.body("transfer_funds", wish);
    let anew = Spoken::of(&host.signed("/functions", anew).await?)?;
    assert_eq!(anew.code, "transfer_completed", "{anew:?}");
    assert_eq!(books.balance("user_1", "checking_1").await?, "4980.50");
    Ok(())
}

#[tokio::test]
async fn a_tool_call_that_was_told_nothing_was_done_does_it_no_more_when_it_is_delivered_again()
-> Result<()> {
    let (books, url) = bank(Kind::References).await?;
    let gate = Gate::before(&url)?;
    let host = setup(Kind::References, &gate.url)?.start().await?;
    let mut alice = Conversation::of_alice(&host);
    let wish = json!({"from_account": "checking_1", "to_account": "savings_1", "amount": 20});
    let body = alice.body("transfer_funds", wish.clone());
    gate.hold("/accounts HTTP");
    let first = Spoken::of(&host.signed("/functions", body.clone()).await?)?;
    gate.open();
    assert_ne!(first.code, "transfer_completed", "{first:?}");
    // The bank is back, and the provider delivers once more what it heard no answer to: whoever heard one may have asked anew.
    let again = Spoken::of(&host.signed("/functions", body).await?)?;
    assert_eq!((&again.code, &again.result), (&first.code, &first.result));
    is_done_anew(&host, &books, &mut alice, wish).await
}

#[tokio::test]
async fn a_tool_call_that_only_came_to_a_question_for_want_of_the_bank_is_not_done_later()
-> Result<()> {
    let (books, url) = bank(Kind::References).await?;
    let gate = Gate::before(&url)?;
    let host = setup(Kind::References, &gate.url)?.start().await?;
    let mut alice = Conversation::of_alice(&host);
    // Nobody knows what "checking" is while the bank cannot be asked.
    let wish = json!({"from_account": "checking", "to_account": "savings", "amount": 20});
    let body = alice.body("transfer_funds", wish.clone());
    gate.hold("/accounts HTTP");
    let first = Spoken::of(&host.signed("/functions", body.clone()).await?)?;
    assert_eq!(first.code, "from_account_unreachable", "{first:?}");
    gate.open();
    let again = Spoken::of(&host.signed("/functions", body).await?)?;
    assert_eq!((&again.code, &again.result), (&first.code, &first.result));
    is_done_anew(&host, &books, &mut alice, wish).await
}

#[tokio::test]
async fn a_tool_call_that_was_turned_away_is_not_done_when_it_is_delivered_again() -> Result<()> {
    let (books, url) = bank(Kind::References).await?;
    let gate = Gate::before(&url)?;
    let setup = setup(Kind::References, &gate.url)?.set("ORCHESTRATOR_TURN__AT_ONCE_MAX", "1");
    let host = setup.start().await?;
    let (mut alice, mut other) = (Conversation::of_alice(&host), Conversation::of_alice(&host));
    let wish = json!({"from_account": "checking_1", "to_account": "savings_1", "amount": 20});
    let body = alice.body("transfer_funds", wish.clone());
    let balance = other.body("check_balance", json!({"account_id": "checking_1"}));
    // The only place is taken by a turn whose bank does not answer.
    gate.hold("/accounts HTTP");
    let waits = tokio::time::timeout(Duration::from_secs(3), host.signed("/functions", balance));
    let turned_away = async {
        until("the question of the other call", async || {
            Ok((gate.came() > 0).then_some(()))
        })
        .await?;
        Spoken::of(&host.signed("/functions", body.clone()).await?)
    };
    let (_, turned_away) = tokio::join!(waits, turned_away);
    let turned_away = turned_away?;
    assert!(
        turned_away.result.contains("nothing was changed"),
        "{turned_away:?}"
    );
    gate.open();
    until("a free place", async || {
        let asked = json!({"account_id": "checking_1"});
        let said = other.invoke("check_balance", asked).await?;
        Ok((said.code == "balance").then_some(()))
    })
    .await?;
    let again = Spoken::of(&host.signed("/functions", body).await?)?;
    assert_ne!(again.code, "transfer_completed", "{again:?}");
    assert!(again.result.contains("nothing was changed"), "{again:?}");
    is_done_anew(&host, &books, &mut alice, wish).await
}
