//! A delivery that is turned away while nobody can look up whether an earlier one was made: the caller is not told that nothing was
//! changed, and hears with the next thing what came of it.

use std::time::Duration;

use anyhow::Result;
use serde_json::json;

use super::bench::{Kind, bank, setup};
use crate::harness::{Conversation, Gate, PostgresServer, Spoken, until};

#[tokio::test]
async fn who_is_turned_away_while_the_ledger_is_silent_hears_later_what_became_of_it() -> Result<()>
{
    let Some(server) = PostgresServer::own()? else {
        return Ok(());
    };
    let database = server.database()?;
    let (books, url) = bank(Kind::References).await?;
    let gate = Gate::before(&url)?;
    let host = setup(Kind::References, &gate.url)?
        .set("DATABASE_URL", &database.url)
        .set("ORCHESTRATOR_TURN__AT_ONCE_MAX", "1")
        .start()
        .await?;
    let (mut alice, mut other) = (Conversation::of_alice(&host), Conversation::of_alice(&host));
    let wish = json!({"from_account": "checking_1", "to_account": "savings_1", "amount": 20});
    let body = alice.body("transfer_funds", wish);
    // Paid, and the provider delivers it again as if it had heard no answer.
    let paid = Spoken::of(&host.signed("/functions", body.clone()).await?)?;
    assert_eq!(paid.code, "transfer_completed", "{paid:?}");
    let balance = other.body("check_balance", json!({"account_id": "checking_1"}));
    gate.hold("/accounts HTTP");
    let waits = tokio::time::timeout(Duration::from_secs(4), host.signed("/functions", balance));
    let turned_away = async {
        until("the only place to be taken", async || {
            Ok((gate.came() > 0).then_some(()))
        })
        .await?;
        server.signal("STOP")?;
        Spoken::of(&host.signed("/functions", body).await?)
    };
    let (_, turned_away) = tokio::join!(waits, turned_away);
    server.signal("CONT")?;
    gate.open();
    let turned_away = turned_away?;
    assert_eq!(turned_away.code, "database_unavailable", "{turned_away:?}");
    assert!(
        !turned_away.result.contains("nothing was changed"),
        "{turned_away:?}"
    );
    until("a host that is ready again", async || {
        Ok((host.get("/readyz").await?.status == 200).then_some(()))
    })
    .await?;
    let next = alice
        .invoke("check_balance", json!({"account_id": "checking_1"}))
        .await?;
    assert!(next.result.contains("confirmed your transfer"), "{next:?}");
    assert_eq!(books.balance("user_1", "checking_1").await?, "4980.50");
    Ok(())
}
