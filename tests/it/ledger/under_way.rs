//! A host that dies between a yes and its answer, and a caller who then wants it otherwise: what is on its way is not called stopped.
//!
//! The bank did, or will do, what it was asked.

use anyhow::Result;
use serde_json::json;

use super::bench::{Kind, bank, newest_in, rows, setup, to_savings};
use crate::harness::{Conversation, Gate, Host, Spoken, until};

/// The same host anew, after it was killed while this was at the bank; its call is as it was before.
async fn killed_while_sending(host: Host, gate: &Gate, body: String) -> Result<Host> {
    gate.hold_answers("/payments/transfer HTTP");
    let asking = host.signed("/functions", body);
    let came = until("the bank's answer", async || {
        Ok((gate.came() > 0).then_some(()))
    });
    tokio::select! {
        answer = asking => panic!("{answer:?}"),
        came = came => came?,
    }
    let host = host.kill()?.start().await?;
    gate.open();
    Ok(host)
}

async fn say(host: &Host, body: String) -> Result<Spoken> {
    Spoken::of(&host.signed("/functions", body).await?)
}

/// The body of a yes to a question that was put.
async fn asked(host: &Host, caller: &mut Conversation<'_>) -> Result<String> {
    let asked = say(host, caller.body("transfer_funds", to_savings(150))).await?;
    assert_eq!(asked.code, "confirm_transfer");
    Ok(caller.body("confirm", json!({})))
}

#[tokio::test]
async fn money_of_a_host_that_died_is_not_called_cancelled() -> Result<()> {
    let otherwise = [("cancel", json!({})), ("transfer_funds", to_savings(160))];
    for (name, arguments) in otherwise {
        let (books, url) = bank(Kind::References).await?;
        let gate = Gate::before(&url)?;
        let host = setup(Kind::References, &gate.url)?.start().await?;
        let mut alice = Conversation::of_alice(&books);
        let yes = asked(&host, &mut alice).await?;
        let host = killed_while_sending(host, &gate, yes).await?;
        let answer = say(&host, alice.body(name, arguments)).await?;
        assert_eq!(answer.code, "too_late", "{name}: {answer:?}");
        newest_in(&host, "completed").await?;
        assert_eq!(rows(&host).await?.len(), 1, "{name}");
        assert_eq!(books.balance("user_1", "checking_1").await?, "4850.50");
        let told = say(&host, alice.body("check_balance", json!({}))).await?;
        let heard = format!("{} {}", answer.result, told.result);
        assert!(heard.contains("confirmed your transfer"), "{name}: {heard}");
    }
    Ok(())
}

#[tokio::test]
async fn money_that_needed_no_question_is_not_called_nothing() -> Result<()> {
    let (books, url) = bank(Kind::References).await?;
    let gate = Gate::before(&url)?;
    let host = setup(Kind::References, &gate.url)?.start().await?;
    let mut alice = Conversation::of_alice(&books);
    let wish = alice.body("transfer_funds", to_savings(50));
    let host = killed_while_sending(host, &gate, wish).await?;
    let answer = say(&host, alice.body("cancel", json!({}))).await?;
    assert_eq!(answer.code, "too_late", "{answer:?}");
    newest_in(&host, "completed").await?;
    assert_eq!(books.balance("user_1", "checking_1").await?, "4950.50");
    Ok(())
}

/// What is said to a yes that is delivered again to a host that came back, and to the next thing.
async fn delivered_again(
    meanwhile: impl AsyncFnOnce(&Host, &Gate) -> Result<()>,
) -> Result<(Spoken, Spoken)> {
    let (books, url) = bank(Kind::References).await?;
    let gate = Gate::before(&url)?;
    let host = setup(Kind::References, &gate.url)?.start().await?;
    let mut alice = Conversation::of_alice(&books);
    let yes = asked(&host, &mut alice).await?;
    let host = killed_while_sending(host, &gate, yes.clone()).await?;
    meanwhile(&host, &gate).await?;
    let again = say(&host, yes).await?;
    gate.open();
    newest_in(&host, "completed").await?;
    let told = say(&host, alice.body("check_balance", json!({}))).await?;
    assert_eq!(rows(&host).await?.len(), 1);
    assert_eq!(books.balance("user_1", "checking_1").await?, "4850.50");
    Ok((again, told))
}

#[tokio::test]
async fn a_yes_that_was_done_before_its_host_died_is_told_so_whatever_the_rules_say_by_then()
-> Result<()> {
    let (again, told) = delivered_again(async |host, _| {
        let halt = json!({"what": "transfers", "reason": "a test", "who": "ann"});
        host.post("/admin/pipeline/halt", &halt).await?.expect(200);
        Ok(())
    })
    .await?;
    is_told(&again, &told);
    Ok(())
}

#[tokio::test]
async fn so_it_is_where_the_bank_is_silent_by_then() -> Result<()> {
    let (again, told) = delivered_again(async |_, gate| {
        gate.hold("/accounts HTTP");
        Ok(())
    })
    .await?;
    is_told(&again, &told);
    Ok(())
}

fn is_told(again: &Spoken, told: &Spoken) {
    match again.code.as_str() {
        "transfer_completed" => {}
        "outcome_pending" => {
            let has_followed = told.result.contains("has confirmed your transfer");
            assert!(has_followed, "{told:?}");
        }
        _ => panic!("{again:?}"),
    }
}
