//! Copies of tool calls that arrive after the caller has said more: they change nothing of what came since.
//!
//! The provider sends one signed body up to five times; that a copy is old shows in how often the caller had spoken.

use anyhow::Result;
use serde_json::{Value, json};

use super::bench::{Kind, bank, setup, to_savings};
use crate::harness::{Conversation, Gate, Host, Spoken};

/// A host that keeps its books in a file, and the bank behind it.
async fn served() -> Result<(Host, Host)> {
    let (books, url) = bank(Kind::References).await?;
    Ok((setup(Kind::References, &url)?.start().await?, books))
}

async fn left(books: &Host) -> Result<String> {
    books.balance("user_1", "checking_1").await
}

/// Asked for, and asked about.
async fn asked(alice: &mut Conversation<'_>, amount: u32) -> Result<String> {
    let body = alice.body("transfer_funds", to_savings(amount));
    assert_eq!(alice.send(&body).await?.code, "confirm_transfer");
    Ok(body)
}

#[tokio::test]
async fn a_late_copy_of_a_yes_is_no_yes_to_what_was_asked_since() -> Result<()> {
    let (host, books) = served().await?;
    let mut alice = Conversation::of_alice(&host);
    asked(&mut alice, 150).await?;
    let yes = alice.body("confirm", json!({}));
    let done = alice.send(&yes).await?;
    assert_eq!(done.code, "transfer_completed", "{done:?}");
    asked(&mut alice, 200).await?;
    let late = alice.send(&yes).await?;
    assert_eq!(late.code, "outdated", "{late:?}");
    assert_eq!(left(&books).await?, "4850.50");
    let done = alice.invoke("confirm", json!({})).await?;
    assert_eq!(done.code, "transfer_completed", "{done:?}");
    assert_eq!(left(&books).await?, "4650.50");
    Ok(())
}

#[tokio::test]
async fn a_late_copy_of_a_tool_call_does_nothing_to_what_came_after_it() -> Result<()> {
    let (host, books) = served().await?;
    let mut alice = Conversation::of_alice(&host);
    let declined = asked(&mut alice, 150).await?;
    let no = alice.body("cancel", json!({}));
    alice.send(&no).await?;
    asked(&mut alice, 200).await?;
    for late in [&declined, &no] {
        let answer = alice.send(late).await?;
        assert_eq!(answer.code, "outdated", "{answer:?}");
    }
    let done = alice.invoke("confirm", json!({})).await?;
    assert_eq!(done.code, "transfer_completed", "{done:?}");
    assert_eq!(
        left(&books).await?,
        "4800.50",
        "what was declined is not paid"
    );
    Ok(())
}

#[tokio::test]
async fn a_late_copy_of_an_open_wish_leaves_it_open_and_questions_to_the_bank_are_answered()
-> Result<()> {
    let (host, books) = served().await?;
    let mut alice = Conversation::of_alice(&host);
    let early = alice.body("check_balance", json!({"account_id": "checking_1"}));
    let wish = asked(&mut alice, 200).await?;
    let checking = json!({"account_id": "checking_1"});
    alice.invoke("check_balance", checking).await?;
    assert_eq!(alice.send(&wish).await?.code, "outdated");
    // Its first delivery may have been slow.
    assert_eq!(alice.send(&early).await?.code, "balance");
    let done = alice.invoke("confirm", json!({})).await?;
    assert_eq!(done.code, "transfer_completed", "{done:?}");
    assert_eq!(left(&books).await?, "4800.50");
    Ok(())
}

/// What the model calls in the same breath as what it called before.
fn in_one_breath(alice: &Conversation<'_>, name: &str, arguments: Value) -> String {
    json!({"name": name, "args": arguments, "call": alice.call()}).to_string()
}

#[tokio::test]
async fn a_word_in_one_breath_with_a_new_wish_is_not_answered_as_before_it() -> Result<()> {
    let (host, books) = served().await?;
    let mut alice = Conversation::of_alice(&host);
    asked(&mut alice, 200).await?;
    let no = alice.body("cancel", json!({}));
    assert_eq!(alice.send(&no).await?.code, "cancelled");
    let wish = in_one_breath(&alice, "transfer_funds", to_savings(150));
    assert_eq!(alice.send(&wish).await?.code, "confirm_transfer");
    let no = in_one_breath(&alice, "cancel", json!({}));
    assert_eq!(alice.send(&no).await?.code, "cancelled");
    let yes = alice.invoke("confirm", json!({})).await?;
    assert_ne!(yes.code, "transfer_completed", "it was cancelled: {yes:?}");
    // The same question once more is a new one.
    asked(&mut alice, 200).await?;
    asked(&mut alice, 200).await?;
    let yes = in_one_breath(&alice, "confirm", json!({}));
    assert_ne!(alice.send(&yes).await?.code, "transfer_completed");
    assert_eq!(left(&books).await?, "5000.50");
    Ok(())
}

#[tokio::test]
async fn a_yes_before_the_question_could_be_heard_is_none() -> Result<()> {
    let (host, books) = served().await?;
    let mut alice = Conversation::of_alice(&host);
    asked(&mut alice, 150).await?;
    // The provider's model confirms in the same breath, or knows of even less.
    let too_soon = in_one_breath(&alice, "confirm", json!({}));
    for _ in 0..2 {
        let answer = alice.send(&too_soon).await?;
        assert_ne!(answer.code, "transfer_completed", "{answer:?}");
        assert!(answer.result.contains('?'), "asked again: {answer:?}");
    }
    assert_eq!(left(&books).await?, "5000.50");
    let done = alice.invoke("confirm", json!({})).await?;
    assert_eq!(done.code, "transfer_completed", "{done:?}");
    Ok(())
}

#[tokio::test]
async fn a_yes_in_one_breath_with_the_wish_is_none_however_often_either_is_delivered() -> Result<()>
{
    let (host, books) = served().await?;
    let mut alice = Conversation::of_alice(&host);
    let wish = asked(&mut alice, 150).await?;
    let yes = in_one_breath(&alice, "confirm", json!({}));
    let balance = in_one_breath(&alice, "check_balance", json!({"account_id": "checking_1"}));
    for before in [vec![&wish], vec![&balance, &wish], vec![&wish, &balance]] {
        for body in before {
            alice.send(body).await?;
        }
        let answer = alice.send(&yes).await?;
        assert_eq!(answer.code, "asked_again", "{answer:?}");
    }
    let (wished, said) = (host.signed("/functions", wish.clone()), alice.send(&yes));
    let (wished, said) = tokio::try_join!(wished, said)?;
    assert_eq!(Spoken::of(&wished)?.code, "confirm_transfer");
    assert_ne!(said.code, "transfer_completed", "{said:?}");
    assert_ne!(alice.send(&yes).await?.code, "transfer_completed");
    assert_eq!(left(&books).await?, "5000.50");
    let done = alice.invoke("confirm", json!({})).await?;
    assert_eq!(done.code, "transfer_completed", "{done:?}");
    assert_eq!(left(&books).await?, "4850.50");
    Ok(())
}

#[tokio::test]
async fn a_late_copy_of_what_was_told_to_be_undone_does_it_no_more() -> Result<()> {
    let (books, url) = bank(Kind::References).await?;
    let gate = Gate::before(&url)?;
    let host = setup(Kind::References, &gate.url)?.start().await?;
    let mut alice = Conversation::of_alice(&host);
    let body = alice.body("transfer_funds", to_savings(50));
    gate.hold("/accounts HTTP");
    let undone = alice.send(&body).await?;
    assert_ne!(undone.code, "transfer_completed", "{undone:?}");
    gate.open();
    let done = alice.invoke("transfer_funds", to_savings(50)).await?;
    assert_eq!(done.code, "transfer_completed", "{done:?}");
    // Much is said and done until the copy comes.
    for amount in 1..=9 {
        let done = alice.invoke("transfer_funds", to_savings(amount)).await?;
        assert_eq!(done.code, "transfer_completed", "{done:?}");
    }
    asked(&mut alice, 150).await?;
    let late = Spoken::of(&host.signed("/functions", body).await?)?;
    assert_ne!(late.code, "transfer_completed", "{late:?}");
    assert_eq!(left(&books).await?, "4905.50");
    Ok(())
}

#[tokio::test]
async fn a_late_copy_of_a_pin_is_none_for_a_large_transfer() -> Result<()> {
    let (host, books) = served().await?;
    let mut alice = Conversation::of_alice(&host);
    asked(&mut alice, 300).await?;
    let wanted = alice.invoke("confirm", json!({})).await?;
    assert_eq!(wanted.code, "pin_needed", "{wanted:?}");
    let pin = alice.body("verify_pin", json!({"pin": "1234"}));
    let done = alice.send(&pin).await?;
    assert_eq!(done.code, "transfer_completed", "{done:?}");
    asked(&mut alice, 1_200).await?;
    let wanted = alice.invoke("confirm", json!({})).await?;
    assert_eq!(wanted.code, "pin_needed", "{wanted:?}");
    let late = alice.send(&pin).await?;
    assert_ne!(late.code, "pin_accepted", "{late:?}");
    assert_eq!(left(&books).await?, "4700.50");
    let done = alice.invoke("verify_pin", json!({"pin": "1234"})).await?;
    assert_eq!(done.code, "transfer_completed", "{done:?}");
    assert_eq!(left(&books).await?, "3500.50");
    Ok(())
}

#[tokio::test]
async fn a_wrong_pin_that_is_delivered_five_times_counts_once() -> Result<()> {
    let (host, books) = served().await?;
    let mut alice = Conversation::of_alice(&host);
    asked(&mut alice, 300).await?;
    let wanted = alice.invoke("confirm", json!({})).await?;
    assert_eq!(wanted.code, "pin_needed", "{wanted:?}");
    let wrong = alice.body("verify_pin", json!({"pin": "0001"}));
    for _ in 0..5 {
        assert_eq!(alice.send(&wrong).await?.code, "pin_wrong");
    }
    let done = alice.invoke("verify_pin", json!({"pin": "1234"})).await?;
    assert_eq!(done.code, "transfer_completed", "{done:?}");
    assert_eq!(left(&books).await?, "4700.50");
    Ok(())
}
