//! A delivery that finds no place: whoever brings it hears what an earlier one did, or that nothing was done, and that is so.
//!
//! Another copy moves nothing then, while the caller may still say yes. While nobody can look that up, the caller is not told that nothing
//! was changed, and hears with the next thing what came of it.

use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};

use super::bench::{Kind, bank, newest_in, rows, setup, to_savings};
use crate::harness::{Conversation, Database, Gate, Host, PostgresServer, Spoken, until};

/// The answers to a body that is delivered to a host whose only place is taken by a turn that waits for the bank.
async fn without_a_place(
    host: &Host,
    gate: &Gate,
    bodies: &[&str],
    meanwhile: impl AsyncFnOnce() -> Result<()>,
) -> Result<Vec<Spoken>> {
    let mut other = Conversation::of_alice(host);
    let balance = other.body("check_balance", json!({"account_id": "checking_1"}));
    gate.hold("/accounts HTTP");
    let waits = tokio::time::timeout(Duration::from_secs(5), host.signed("/functions", balance));
    let delivered = async {
        until("the only place to be taken", async || {
            Ok((gate.came() > 0).then_some(()))
        })
        .await?;
        meanwhile().await?;
        let mut heard = Vec::new();
        for body in bodies {
            heard.push(say(host, body).await?);
        }
        gate.open();
        anyhow::Ok(heard)
    };
    tokio::join!(waits, delivered).1
}

/// A bank, the line to it, and a host that works on one turn at once.
async fn with_one_place(database: Option<&str>) -> Result<(Host, Gate, Host)> {
    let (books, url) = bank(Kind::References).await?;
    let gate = Gate::before(&url)?;
    let setup = setup(Kind::References, &gate.url)?.set("ORCHESTRATOR_TURN__AT_ONCE_MAX", "1");
    let setup = match database {
        Some(url) => setup.set("DATABASE_URL", url),
        None => setup,
    };
    let host = setup.start().await?;
    Ok((books, gate, host))
}

async fn say(host: &Host, body: &str) -> Result<Spoken> {
    Spoken::of(&host.signed("/functions", body.to_owned()).await?)
}

/// A caller who was asked, and the body of their yes or PIN.
async fn asked(host: &Host, amount: u32, answer: &str) -> Result<(String, String)> {
    let mut alice = Conversation::of_alice(host);
    let wish = alice.invoke("transfer_funds", to_savings(amount)).await?;
    assert!(wish.moves(), "{wish:?}");
    if wish.code == "confirm_transfer" && answer == "verify_pin" {
        let yes = alice.invoke("confirm", json!({})).await?;
        assert_eq!(yes.code, "pin_needed", "{yes:?}");
    }
    let arguments = || match answer {
        "verify_pin" => json!({"pin": "1234"}),
        _ => json!({}),
    };
    let first = alice.body(answer, arguments());
    Ok((first, alice.body(answer, arguments())))
}

#[tokio::test]
async fn a_yes_that_finds_no_place_is_told_what_its_first_delivery_did() -> Result<()> {
    let (books, gate, host) = with_one_place(None).await?;
    let (yes, _) = asked(&host, 150, "confirm").await?;
    let paid = say(&host, &yes).await?;
    assert_eq!(paid.code, "transfer_completed", "{paid:?}");
    // Its host has died, and the call is read from the database.
    let host = host.kill()?.start().await?;
    let again = without_a_place(&host, &gate, &[&yes], async || Ok(())).await?;
    assert_eq!(again, [paid]);
    assert_eq!(books.balance("user_1", "checking_1").await?, "4850.50");
    Ok(())
}

#[tokio::test]
async fn a_yes_that_finds_no_place_while_the_money_is_under_way_is_not_told_that_nothing_was_changed()
-> Result<()> {
    let (books, gate, host) = with_one_place(None).await?;
    let (yes, again) = asked(&host, 150, "confirm").await?;
    gate.hold_answers("/payments/transfer HTTP");
    let (_, came) = tokio::join!(
        tokio::time::timeout(Duration::from_secs(3), say(&host, &yes)),
        until("the payment", async || Ok((gate.came() > 0).then_some(())))
    );
    came?;
    // Its turn never ended.
    let host = host.kill()?.start().await?;
    gate.open();
    let told = without_a_place(&host, &gate, &[&yes, &again], async || Ok(())).await?;
    for told in told {
        assert!(
            ["outcome_pending", "transfer_completed"].contains(&told.code.as_str()),
            "{told:?}"
        );
    }
    newest_in(&host, "completed").await?;
    assert_eq!(rows(&host).await?.len(), 1);
    assert_eq!(books.balance("user_1", "checking_1").await?, "4850.50");
    Ok(())
}

#[tokio::test]
async fn a_yes_that_found_no_place_moves_nothing_when_it_is_delivered_again_and_a_new_one_does()
-> Result<()> {
    for (answer, amount, left) in [("confirm", 150, "4850.50"), ("verify_pin", 300, "4700.50")] {
        let (books, gate, host) = with_one_place(None).await?;
        let (first, anew) = asked(&host, amount, answer).await?;
        let told = without_a_place(&host, &gate, &[&first], async || Ok(())).await?;
        assert_eq!(told[0].code, "overloaded", "{told:?}");
        // Another copy may reach a host that was not there for the first.
        let host = host.kill()?.start().await?;
        let again = say(&host, &first).await?;
        assert_ne!(again.code, "transfer_completed", "{again:?}");
        assert!(
            rows(&host)
                .await?
                .iter()
                .all(|row| row["state"] == "refused")
        );
        assert_eq!(books.balance("user_1", "checking_1").await?, "5000.50");
        let anew = say(&host, &anew).await?;
        assert_eq!(anew.code, "transfer_completed", "{answer}: {anew:?}");
        assert_eq!(books.balance("user_1", "checking_1").await?, left);
    }
    Ok(())
}

#[tokio::test]
async fn an_answer_whose_turn_came_to_nothing_is_not_done_by_a_copy_and_a_new_one_is() -> Result<()>
{
    for (answer, amount, left) in [("confirm", 150, "4850.50"), ("verify_pin", 300, "4700.50")] {
        let (books, gate, host) = with_one_place(None).await?;
        let (first, anew) = asked(&host, amount, answer).await?;
        gate.hold("/accounts HTTP");
        let told = say(&host, &first).await?;
        gate.open();
        assert!(told.result.contains("nothing was changed"), "{told:?}");
        let copy = say(&host, &first).await?;
        assert_ne!(copy.code, "transfer_completed", "{answer}: {copy:?}");
        assert_eq!(books.balance("user_1", "checking_1").await?, "5000.50");
        let anew = say(&host, &anew).await?;
        assert_eq!(anew.code, "transfer_completed", "{answer}: {anew:?}");
        assert_eq!(books.balance("user_1", "checking_1").await?, left);
    }
    Ok(())
}

#[tokio::test]
async fn copies_that_come_out_of_order_move_nothing_and_the_question_stands() -> Result<()> {
    let (books, gate, host) = with_one_place(None).await?;
    let mut alice = Conversation::of_alice(&host);
    let wish = alice.body("transfer_funds", to_savings(150));
    assert_eq!(say(&host, &wish).await?.code, "confirm_transfer");
    let [first, second, third] = [(); 3].map(|()| alice.body("confirm", json!({})));
    let bodies = [&*first, &second, &first, &wish];
    let told = without_a_place(&host, &gate, &bodies, async || Ok(())).await?;
    let codes: Vec<&str> = told.iter().map(|told| told.code.as_str()).collect();
    assert_eq!(codes[..3], ["overloaded", "overloaded", "outdated"]);
    for copy in [&second, &first, &wish] {
        let copy = say(&host, copy).await?;
        assert_ne!(copy.code, "transfer_completed", "{copy:?}");
    }
    assert_eq!(books.balance("user_1", "checking_1").await?, "5000.50");
    let done = say(&host, &third).await?;
    assert_eq!(done.code, "transfer_completed", "{done:?}");
    assert_eq!(books.balance("user_1", "checking_1").await?, "4850.50");
    Ok(())
}

#[tokio::test]
async fn a_copy_of_the_wish_does_not_bring_back_what_was_told_to_be_undone() -> Result<()> {
    let (books, url) = bank(Kind::References).await?;
    let gate = Gate::before(&url)?;
    let setup = setup(Kind::References, &gate.url)?;
    let small = setup.set("ORCHESTRATOR_CALLER__PHONE_TRANSFER_MAX", "10.00");
    let host = small.start().await?;
    let mut alice = Conversation::of_alice(&host);
    let wish = alice.body("transfer_funds", to_savings(50));
    let pin = |call: Value| json!({"name": "verify_pin", "args": {"pin": "1234"}, "call": call});
    let in_one_breath = pin(alice.call()).to_string();
    assert_eq!(say(&host, &wish).await?.code, "pin_needed");
    gate.hold("/accounts HTTP");
    let told = say(&host, &in_one_breath).await?;
    gate.open();
    assert!(told.result.contains("nothing was changed"), "{told:?}");
    for copy in [&wish, &in_one_breath, &wish] {
        let copy = say(&host, copy).await?;
        assert_ne!(copy.code, "transfer_completed", "{copy:?}");
    }
    assert_eq!(books.balance("user_1", "checking_1").await?, "5000.50");
    let anew = alice.invoke("verify_pin", json!({"pin": "1234"})).await?;
    assert_eq!(anew.code, "transfer_completed", "{anew:?}");
    assert_eq!(books.balance("user_1", "checking_1").await?, "4950.50");
    Ok(())
}

#[tokio::test]
async fn without_a_transcript_the_same_wish_is_asked_about_anew_and_its_yes_counts() -> Result<()> {
    let (books, gate, host) = with_one_place(None).await?;
    let mut call = Conversation::of_alice(&host).call();
    call.as_object_mut()
        .expect("a call")
        .remove("transcript_object");
    let body =
        |name: &str, args: Value| json!({"name": name, "args": args, "call": call}).to_string();
    let (wish, yes) = (
        body("transfer_funds", to_savings(150)),
        body("confirm", json!({})),
    );
    assert_eq!(say(&host, &wish).await?.code, "confirm_transfer");
    let told = without_a_place(&host, &gate, &[&yes], async || Ok(())).await?;
    assert_eq!(told[0].code, "overloaded", "{told:?}");
    assert_eq!(say(&host, &wish).await?.code, "confirm_transfer");
    let done = say(&host, &yes).await?;
    assert_eq!(done.code, "transfer_completed", "{done:?}");
    assert_eq!(books.balance("user_1", "checking_1").await?, "4850.50");
    Ok(())
}

#[tokio::test]
async fn who_was_turned_away_on_the_way_to_a_colleague_hears_of_no_transfer() -> Result<()> {
    let (_books, gate, host) = with_one_place(None).await?;
    let mut alice = Conversation::of_alice(&host);
    let person = alice.body("transfer_to_human", json!({"reason": "a complaint"}));
    without_a_place(&host, &gate, &[&person], async || Ok(())).await?;
    let told = say(&host, &person).await?;
    assert!(!told.result.contains("transfer of"), "{told:?}");
    Ok(())
}

/// A host with one place on a PostgreSQL of its own, its bank, and the line between them.
async fn on_postgres() -> Result<Option<(Database, PostgresServer, Host, Gate, Host)>> {
    let Some(server) = PostgresServer::own()? else {
        return Ok(None);
    };
    let database = server.database()?;
    let (books, gate, host) = with_one_place(Some(&database.url)).await?;
    Ok(Some((database, server, books, gate, host)))
}

/// Nobody was told that nothing was changed; returns once the host is ready again.
async fn in_doubt(host: &Host, told: &[Spoken]) -> Result<()> {
    for told in told {
        assert_eq!(told.code, "database_unavailable", "{told:?}");
        assert!(!told.result.contains("nothing was changed"), "{told:?}");
    }
    until("a host that is ready again", async || {
        Ok((host.get("/readyz").await?.status == 200).then_some(()))
    })
    .await
}

#[tokio::test]
async fn who_says_yes_while_the_books_are_silent_hears_later_what_became_of_it() -> Result<()> {
    let Some((_database, server, books, gate, host)) = on_postgres().await? else {
        return Ok(());
    };
    let (paid, next) = asked(&host, 150, "confirm").await?;
    let first = say(&host, &paid).await?;
    assert_eq!(first.code, "transfer_completed", "{first:?}");
    let (open, after) = asked(&host, 160, "confirm").await?;
    // A host that knows neither call, with a database that is silent.
    let host = host.kill()?.start().await?;
    let told = without_a_place(&host, &gate, &[&paid, &open], async || {
        server.signal("STOP")
    })
    .await;
    server.signal("CONT")?;
    in_doubt(&host, &told?).await?;
    let next = say(&host, &next).await?;
    assert!(next.result.contains("confirmed your transfer"), "{next:?}");
    let copy = say(&host, &open).await?;
    assert_ne!(copy.code, "transfer_completed", "{copy:?}");
    assert_eq!(books.balance("user_1", "checking_1").await?, "4850.50");
    let after = say(&host, &after).await?;
    assert_eq!(after.code, "transfer_completed", "{after:?}");
    assert_eq!(books.balance("user_1", "checking_1").await?, "4690.50");
    Ok(())
}

#[tokio::test]
async fn who_is_turned_away_while_the_ledger_is_silent_hears_later_what_became_of_it() -> Result<()>
{
    let Some((_database, server, books, gate, host)) = on_postgres().await? else {
        return Ok(());
    };
    let mut alice = Conversation::of_alice(&host);
    let wish = alice.body("transfer_funds", to_savings(20));
    // Paid, and the provider delivers it again as if it had heard no answer.
    let paid = say(&host, &wish).await?;
    assert_eq!(paid.code, "transfer_completed", "{paid:?}");
    let told = without_a_place(&host, &gate, &[&wish], async || server.signal("STOP")).await;
    server.signal("CONT")?;
    in_doubt(&host, &told?).await?;
    let next = alice.invoke("check_balance", json!({})).await?;
    assert!(next.result.contains("confirmed your transfer"), "{next:?}");
    assert_eq!(books.balance("user_1", "checking_1").await?, "4980.50");
    Ok(())
}
