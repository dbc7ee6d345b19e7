//! A confirmation question that was cut off: who has not heard sum and accounts has agreed to nothing.
//!
//! The transcript shows of the agent's words what was heard.

use anyhow::Result;

use super::{alice, fresh_id};
use crate::harness::{ALICE, Caller, Host, Line, Setup, agent, details, request, user};

const WISH: &str = "Move fifteen dollars from savings to checking";
const BEFORE: &str = "5000.50";
const AFTER: &str = "5015.50";

async fn balance(host: &Host) -> Result<String> {
    host.balance("user_1", "checking_1").await
}

/// Asks for fifteen dollars, and hears so much of the question.
async fn hears_of_the_question(caller: &mut Caller, heard: &str) -> Result<()> {
    caller.speaks(WISH);
    caller.ask().await?;
    let asked = caller.line.response(caller.id).await?;
    assert!(asked.text.contains("shall I?"), "{asked:?}");
    caller.said.push(agent(heard));
    Ok(())
}

#[tokio::test]
async fn a_yes_to_a_question_that_was_cut_off_moves_nothing_and_is_asked_for_again() -> Result<()> {
    let host = Setup::sandbox()?.start().await?;
    for (number, heard) in ["Fif", "Fifteen dollars", "Fifteen dollars from savings to"]
        .into_iter()
        .enumerate()
    {
        let before = format!("{}.50", 5_000 + 15 * number);
        let mut caller = alice(&host).await?;
        hears_of_the_question(&mut caller, heard).await?;
        let again = caller.says("yes").await?;
        assert_eq!(balance(&host).await?, before, "{heard}: {again:?}");
        assert!(again.text.contains("shall I?"), "{heard}: {again:?}");
        let done = caller.says("yes").await?;
        assert!(done.text.contains("I moved fifteen"), "{heard}: {done:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_yes_that_comes_before_the_last_words_of_the_question_counts() -> Result<()> {
    let host = Setup::sandbox()?.start().await?;
    let mut caller = alice(&host).await?;
    hears_of_the_question(&mut caller, "Fifteen dollars from savings to checking,").await?;
    let done = caller.says("yes").await?;
    assert!(done.text.contains("I moved fifteen"), "{done:?}");
    assert_eq!(balance(&host).await?, AFTER);
    Ok(())
}

#[tokio::test]
async fn a_question_that_the_reminder_asked_is_heard() -> Result<()> {
    let host = Setup::sandbox()?.start().await?;
    let mut caller = alice(&host).await?;
    hears_of_the_question(&mut caller, "Fif").await?;
    caller.id += 1;
    let reminder = request("reminder_required", caller.id, &caller.said);
    caller.line.send(&reminder).await?;
    let nudge = caller.hears().await?;
    assert!(nudge.text.contains("shall I?"), "{nudge:?}");
    caller.says("yes").await?;
    assert_eq!(balance(&host).await?, AFTER);
    Ok(())
}

#[tokio::test]
async fn a_yes_without_the_conversation_around_it_moves_nothing() -> Result<()> {
    let host = Setup::sandbox()?.start().await?;
    let id = fresh_id(&host);
    let mut caller = Caller::dial(&host, &id, ALICE).await?;
    let asked = caller.says(WISH).await?;
    assert!(asked.text.contains("shall I?"), "{asked:?}");
    let whole = std::mem::replace(&mut caller.said, vec![user("yes")]);
    caller.ask().await?;
    let again = caller.line.response(caller.id).await?;
    assert!(again.text.contains("shall I?"), "{again:?}");
    assert_eq!(balance(&host).await?, BEFORE);
    // A line that comes back with the whole of it.
    caller.said = whole;
    caller.line = Line::open(&host, &id).await?;
    caller.line.send(&details(&id, ALICE)).await?;
    let empty = caller.line.response(0).await?;
    assert_eq!(empty.text, "");
    let done = caller.says("yes").await?;
    assert!(done.text.contains("I moved fifteen"), "{done:?}");
    assert_eq!(balance(&host).await?, AFTER);
    Ok(())
}
