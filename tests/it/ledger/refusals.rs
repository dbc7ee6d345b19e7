//! A repeat with the same key that the bank refuses, although it may have done the first: its list of payments decides. One that it is
//! too busy for waits as long as it says.
//!
//! The bank itself moved the money; what is said of it on the line is not what it said.

use std::time::Duration;

use anyhow::Result;

use super::bench::{Kind, bank, call, newest_in, rows, setup, transfer};
use crate::harness::{Cut, Mishearing, until};

const TRANSFER: &str = "/payments/transfer HTTP";
const LIST: &str = "/payments/?reference";

/// How long the busy bank wants to be left alone.
const RETRY_AFTER: Duration = Duration::from_secs(6);

fn answer(status: &str, header: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n{header}connection: close\r\n\r\n{body}"
    )
    .into_bytes()
}

/// As a bank says that does not remember what came of a key, and has less money in the account by now.
fn refused(_answer: &[u8]) -> Option<Vec<u8>> {
    let body = r#"{"detail":"Insufficient funds"}"#;
    Some(answer("400 Bad Request", "", body))
}

fn busy(_answer: &[u8]) -> Option<Vec<u8>> {
    let header = format!("retry-after: {}\r\n", RETRY_AFTER.as_secs());
    Some(answer("429 Too Many Requests", &header, "{}"))
}

/// The end of a transfer whose first answer was lost and whose repeat is refused, with the bank's list heard so: `state` and
/// evidence.
async fn came_of(heard: Mishearing, state: &str) -> Result<serde_json::Value> {
    let (books, url) = bank(Kind::Keys).await?;
    let list = Cut::misheard(&url, LIST, heard)?;
    let refuses = Cut::misheard(&list.url, TRANSFER, refused)?;
    let lost = Cut::of_answers(&refuses.url, TRANSFER)?;
    let host = setup(Kind::Keys, &lost.url)?.start().await?;
    call(&host, "call_1", "user_1").await?;
    let pending = transfer(&host, "call_1", "20.00", "order-1").await?;
    assert_eq!(pending.problem(504), "outcome_pending");
    newest_in(&host, "unknown").await?;
    lost.mend();
    let row = newest_in(&host, state).await?;
    assert_eq!(rows(&host).await?.len(), 1);
    assert!(list.asked() > 0, "its list was not asked for: {row}");
    assert_eq!(books.balance("user_1", "checking_1").await?, "4980.50");
    Ok(row)
}

#[tokio::test]
async fn a_refused_repeat_of_a_payment_that_the_bank_lists_is_completed() -> Result<()> {
    let row = came_of(|answer| Some(answer.to_vec()), "completed").await?;
    assert!(row["bank_payment_id"].is_string(), "{row}");
    Ok(())
}

#[tokio::test]
async fn a_refused_repeat_ends_nothing_where_the_list_cannot_be_read_or_shows_one_alike()
-> Result<()> {
    let unreadable: Mishearing = |answer| {
        let text = String::from_utf8_lossy(answer);
        Some(text.replace("{\"", "<p").into_bytes())
    };
    let without_references: Mishearing = |answer| {
        let text = String::from_utf8_lossy(answer);
        Some(text.replace("\"reference\"", "\"unrelated\"").into_bytes())
    };
    let (one, other) = tokio::join!(
        came_of(unreadable, "needs_review"),
        came_of(without_references, "needs_review"),
    );
    assert_eq!(one?["evidence"]["found"], "unreadable");
    let alike = other?["evidence"]["payments"].as_array().map(Vec::len);
    assert_eq!(alike, Some(1), "a person sees the payment that looks alike");
    Ok(())
}

#[tokio::test]
async fn a_bank_that_wants_to_be_left_alone_is_not_sent_a_repeat_before() -> Result<()> {
    let (books, url) = bank(Kind::Keys).await?;
    let is_busy = Cut::misheard(&url, TRANSFER, busy)?;
    let lost = Cut::of_answers(&is_busy.url, TRANSFER)?;
    let host = setup(Kind::Keys, &lost.url)?.start().await?;
    call(&host, "call_1", "user_1").await?;
    let pending = transfer(&host, "call_1", "20.00", "order-1").await?;
    assert_eq!(pending.problem(504), "outcome_pending");
    let before = is_busy.asked();
    lost.mend();
    until("a repeat", async || {
        Ok((is_busy.asked() > before).then_some(()))
    })
    .await?;
    let repeats = is_busy.asked();
    tokio::time::sleep(RETRY_AFTER - Duration::from_secs(1)).await;
    assert_eq!(is_busy.asked(), repeats, "sent again though it is busy");
    is_busy.mend();
    newest_in(&host, "completed").await?;
    assert_eq!(books.balance("user_1", "checking_1").await?, "4980.50");
    Ok(())
}
