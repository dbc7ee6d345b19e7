//! A key that comes again a day or a week later: the answer of its row, whatever the bank has forgotten, and no second payment.
//!
//! The days pass in the database alone: every moment of the row is put back, past the host. The bank is one that keeps neither
//! keys nor references, so only the row can know.

use std::path::PathBuf;

use anyhow::Result;

use super::bench::{Kind, bank, call, rows, setup, transfer};
use crate::harness::{Cut, Database, Host, Setup, postgres, query, service};

const TRANSFER: &str = "/payments/transfer HTTP";
const KEY: &str = "order-of-last-week";
const HOUR_MS: u64 = 3_600_000;

/// Where a row's moments can be changed.
enum Rows {
    File(PathBuf),
    Server(Database),
}

impl Rows {
    /// Whatever database this machine has the means to change, with a setup that uses it.
    fn all(setup: &Setup) -> Result<Vec<(Self, Setup)>> {
        let mut all = Vec::new();
        if let Some(python) = service("ORCHESTRATOR_TEST_PYTHON", "a key in a file, days later") {
            all.push((Self::File(python), setup.clone()));
        }
        if let Some(database) = postgres()? {
            let setup = setup.clone().set("DATABASE_URL", &database.url);
            all.push((Self::Server(database), setup));
        }
        Ok(all)
    }

    /// Lets this many hours pass for every row.
    fn age(&self, setup: &Setup, hours: u64) -> Result<()> {
        let moments = [
            "created_at_ms",
            "sent_at_ms",
            "settled_at_ms",
            "updated_at_ms",
            "next_look_ms",
            "fruitless_since_ms",
        ];
        let past = moments.map(|column| format!("{column} = {column} - {}", hours * HOUR_MS));
        let statement = format!("UPDATE transfers SET {}", past.join(", "));
        match self {
            Self::File(python) => query(python, setup, &statement)?,
            Self::Server(database) => database.run(&statement)?,
        };
        Ok(())
    }
}

/// A service asks in a call of its own; the answer as it was sent.
async fn asked(host: &Host, call_id: &str, amount: &str) -> Result<(u16, String)> {
    call(host, call_id, Kind::Neither.alice()).await?;
    let answer = transfer(host, call_id, amount, KEY).await?;
    Ok((answer.status, answer.text))
}

/// The key is answered as it was first, and stands for no other body.
async fn is_known(host: &Host, call_id: &str, first: &(u16, String)) -> Result<()> {
    let again = asked(host, call_id, "20.00").await?;
    assert_eq!(again, *first, "{call_id}");
    let other = transfer(host, call_id, "20.01", KEY).await?;
    assert_eq!(other.problem(422), "idempotency_key_reused");
    Ok(())
}

#[tokio::test]
async fn a_key_that_comes_again_after_a_day_and_after_a_week_gets_the_stored_answer() -> Result<()>
{
    let (books, url) = bank(Kind::Neither).await?;
    let mut left = 500_050;
    for (kept, setup) in Rows::all(&setup(Kind::Neither, &url)?)? {
        let line = Cut::of_answers(&url, TRANSFER)?;
        line.mend();
        let mut host = setup.set("PYTHON_BACKEND_URL", &line.url).start().await?;
        let first = asked(&host, "call_of_the_first_day", "20.00").await?;
        assert_eq!(first.0, 200, "{first:?}");
        left -= 2_000;
        let (mut hours, mut repeats) = (0, 0);
        for more in [25, 8 * 24 - 25] {
            hours += more;
            kept.age(&host.setup, more)?;
            let call_id = format!("call_after_{hours}_hours");
            is_known(&host, &call_id, &first).await?;
            // Nor is it in the memory of the host alone.
            host = host.kill()?.start().await?;
            is_known(&host, &call_id, &first).await?;
            repeats += 2;
        }
        assert_eq!(line.asked(), 1, "payments that the bank was asked for");
        assert_eq!(rows(&host).await?.len(), 1);
        let expected = format!("{}.{:02}", left / 100, left % 100);
        let balance = books.balance(Kind::Neither.alice(), "checking_1").await?;
        assert_eq!(balance, expected);
        println!("{repeats} repeats within {hours} h: 1 payment, 1 answer, {repeats} times 422");
    }
    Ok(())
}
