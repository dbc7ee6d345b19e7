//! What the bank said is kept although the books cannot be written, and what it never heard may be asked for again.
//!
//! A bank that can prove nothing: whatever is forgotten here is found by nobody.

use std::time::Duration;

use anyhow::Result;

use super::bench::{Kind, bank, call, newest_in, rows, setup, transfer};
use crate::harness::{Gate, PostgresServer, until};

/// Waits until the bank has answered and the gate holds its answer.
async fn has_answered(gate: &Gate) -> Result<()> {
    until("the bank's answer", async || {
        Ok((gate.came() > 0).then_some(()))
    })
    .await
}

#[tokio::test]
async fn an_answer_that_came_while_the_database_was_away_is_recorded_once_it_is_back() -> Result<()>
{
    let Some(server) = PostgresServer::own()? else {
        return Ok(());
    };
    let kind = Kind::Neither;
    let (books, url) = bank(kind).await?;
    let gate = Gate::before(&url)?;
    let setup = setup(kind, &gate.url)?.set("DATABASE_URL", &server.database()?.url);
    let host = setup.start().await?;
    call(&host, "call_1", kind.alice()).await?;
    gate.hold_answers("/payments/transfer HTTP");
    let answered = async {
        has_answered(&gate).await?;
        server.signal("STOP")?;
        gate.open();
        anyhow::Ok(())
    };
    let asking = transfer(&host, "call_1", "20.00", "order-1");
    let (told, answered) = tokio::join!(asking, answered);
    answered?;
    assert_eq!(told?.expect(200)["status"], "Completed");
    server.signal("CONT")?;
    until("a database that answers", async || {
        Ok((host.get("/readyz").await?.status == 200).then_some(()))
    })
    .await?;
    let row = newest_in(&host, "completed").await?;
    assert!(row["bank_payment_id"].is_string(), "{row}");
    let balance = books.balance(kind.alice(), "checking_1").await?;
    assert_eq!(balance, "4980.50");
    Ok(())
}

#[tokio::test]
async fn a_row_tells_how_long_the_bank_took() -> Result<()> {
    const TOOK: Duration = Duration::from_millis(300);
    let kind = Kind::References;
    let (_books, url) = bank(kind).await?;
    let gate = Gate::before(&url)?;
    let host = setup(kind, &gate.url)?.start().await?;
    call(&host, "call_1", kind.alice()).await?;
    gate.hold_answers("/payments/transfer HTTP");
    let answered = async {
        has_answered(&gate).await?;
        tokio::time::sleep(TOOK).await;
        gate.open();
        anyhow::Ok(())
    };
    let asking = transfer(&host, "call_1", "20.00", "order-1");
    let (told, answered) = tokio::join!(asking, answered);
    answered?;
    told?.expect(200);
    let row = newest_in(&host, "completed").await?;
    let at = |moment: &str| row[moment].as_u64().unwrap_or_default();
    let took = Duration::from_millis(at("settled_at_ms") - at("sent_at_ms"));
    assert!(took >= TOOK, "{row}");
    Ok(())
}

#[tokio::test]
async fn a_key_that_never_reached_the_bank_is_as_good_after_a_dozen_tries_as_after_one()
-> Result<()> {
    let kind = Kind::References;
    let (books, url) = bank(kind).await?;
    let host = setup(kind, &url)?.start().await?;
    call(&host, "call_1", kind.alice()).await?;
    let pay = async || transfer(&host, "call_1", "20.00", "order-1").await;
    let closed = books.kill()?;
    for _ in 0..12 {
        assert_eq!(pay().await?.status, 503);
    }
    let books = closed.start().await?;
    until("the payment", async || {
        Ok((pay().await?.status == 200).then_some(()))
    })
    .await?;
    let paid = rows(&host).await?;
    let paid = paid.iter().filter(|row| row["state"] == "completed");
    assert_eq!(paid.count(), 1);
    let balance = books.balance(kind.alice(), "checking_1").await?;
    assert_eq!(balance, "4980.50");
    Ok(())
}
