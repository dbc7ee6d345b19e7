//! Conversations over several turns: what waits while something else is asked, and what a yes, a no and a correction mean then.
//!
//! Each test has a host of its own, because money is counted. What a single turn does with money is in `transfers.rs`.

use anyhow::Result;
use serde_json::{Value, json};

use crate::harness::{ALICE, Caller, Conversation, Dialect, FastApi, Said, Setup};

const CONFIRMATION: &str = "Five hundred dollars from checking to savings, shall I?";

fn transfer(amount: &str) -> Value {
    json!({"from_account": "checking", "to_account": "savings", "amount": amount})
}

/// Invokes one function after the other; each answers with its code.
async fn talk(caller: &mut Conversation<'_>, turns: &[(&str, Value, &str)]) -> Result<String> {
    let mut last = String::new();
    for (name, arguments, code) in turns {
        let said = caller.invoke(name, arguments.clone()).await?;
        assert_eq!(said.code, *code, "{name} {arguments}: {said:?}");
        last = said.result;
    }
    Ok(last)
}

#[tokio::test]
async fn a_question_in_between_is_answered_and_the_money_asked_about_again() -> Result<()> {
    let host = Setup::sandbox()?.start().await?;
    let mut alice = Conversation::of_alice(&host);
    let said = talk(
        &mut alice,
        &[
            ("transfer_funds", transfer("500"), "confirm_transfer"),
            (
                "check_balance",
                json!({"account_id": "checking"}),
                "balance",
            ),
        ],
    )
    .await?;
    let balance = "You have five thousand dollars and fifty cents in your checking account.";
    assert_eq!(said, format!("{balance} {CONFIRMATION}"));
    talk(
        &mut alice,
        &[
            ("confirm", json!({}), "pin_needed"),
            ("verify_pin", json!({"pin": "1234"}), "transfer_completed"),
        ],
    )
    .await?;
    assert_eq!(host.balance("user_1", "checking_1").await?, "4500.50");
    Ok(())
}

#[tokio::test]
async fn a_question_in_between_may_ask_back_and_want_a_pin() -> Result<()> {
    let host = Setup::sandbox()?.start().await?;
    let mut alice = Conversation::of_alice(&host);
    let march = json!({"account_id": "checking", "month": "March"});
    let said = talk(
        &mut alice,
        &[
            ("transfer_funds", transfer("500"), "confirm_transfer"),
            ("check_balance", json!({}), "account_id_needed"),
            // A yes to "which account?" is no yes to the money.
            ("confirm", json!({}), "asked_again"),
            ("get_statements", march, "pin_needed"),
            ("confirm", json!({}), "asked_again"),
            ("verify_pin", json!({"pin": "1234"}), "statement"),
        ],
    )
    .await?;
    assert!(said.ends_with(CONFIRMATION), "{said}");
    assert_eq!(host.balance("user_1", "checking_1").await?, "5000.50");
    talk(&mut alice, &[("confirm", json!({}), "transfer_completed")]).await?;
    assert_eq!(host.balance("user_1", "checking_1").await?, "4500.50");
    Ok(())
}

#[tokio::test]
async fn what_waits_beneath_a_question_survives_a_restart() -> Result<()> {
    let host = Setup::sandbox()?.with_sqlite().start().await?;
    let mut alice = Conversation::of_alice(&host);
    talk(
        &mut alice,
        &[
            ("transfer_funds", transfer("150"), "confirm_transfer"),
            ("check_balance", json!({}), "account_id_needed"),
        ],
    )
    .await?;
    let call = alice.call();
    let host = host.kill()?.start().await?;
    let mut alice = Conversation::of_alice(&host);
    alice.take_up(&call);
    let balance = json!({"account_id": "savings"});
    let said = talk(&mut alice, &[("check_balance", balance, "balance")]).await?;
    assert!(
        said.ends_with("from checking to savings, shall I?"),
        "{said}"
    );
    talk(&mut alice, &[("confirm", json!({}), "transfer_completed")]).await?;
    Ok(())
}

#[tokio::test]
async fn a_yes_never_carries_over_to_another_amount() -> Result<()> {
    let host = Setup::sandbox()?.start().await?;
    let mut alice = Conversation::of_alice(&host);
    talk(
        &mut alice,
        &[
            ("transfer_funds", transfer("500"), "confirm_transfer"),
            ("confirm", json!({}), "pin_needed"),
            // Confirmed, and waiting for the PIN; then another amount, which nobody has said yes to.
            ("transfer_funds", transfer("600"), "confirm_transfer"),
            ("verify_pin", json!({"pin": "1234"}), "pin_verified"),
        ],
    )
    .await?;
    assert_eq!(host.balance("user_1", "checking_1").await?, "5000.50");
    talk(
        &mut alice,
        &[
            ("confirm", json!({}), "transfer_completed"),
            ("confirm", json!({}), "nothing_to_confirm"),
        ],
    )
    .await?;
    assert_eq!(host.balance("user_1", "checking_1").await?, "4400.50");
    Ok(())
}

#[tokio::test]
async fn cancel_drops_everything_and_says_so() -> Result<()> {
    let host = Setup::sandbox()?.start().await?;
    let mut alice = Conversation::of_alice(&host);
    talk(
        &mut alice,
        &[
            ("transfer_funds", transfer("500"), "confirm_transfer"),
            ("check_balance", json!({}), "account_id_needed"),
            ("cancel", json!({}), "cancelled"),
            ("confirm", json!({}), "nothing_to_confirm"),
        ],
    )
    .await?;
    assert_eq!(host.balance("user_1", "checking_1").await?, "5000.50");
    Ok(())
}

#[tokio::test]
async fn who_is_not_understood_twice_is_offered_a_person() -> Result<()> {
    let host = Setup::sandbox()?.start().await?;
    let mut alice = Conversation::of_alice(&host);
    let mumble = |code| ("mumble", json!({}), code);
    talk(
        &mut alice,
        &[
            mumble("help"),
            mumble("human_offered"),
            ("confirm", json!({}), "human_requested"),
        ],
    )
    .await?;
    let mut bob = Conversation::of(&host, "+14155552672");
    let said = talk(
        &mut bob,
        &[
            mumble("help"),
            ("list_accounts", json!({}), "balance"),
            mumble("help"),
            mumble("human_offered"),
            mumble("human_offered"),
            mumble("human_after_all"),
        ],
    )
    .await?;
    assert!(said.contains("colleague"), "{said}");
    Ok(())
}

#[tokio::test]
async fn the_offer_of_a_person_does_not_take_the_money_s_place() -> Result<()> {
    let host = Setup::sandbox()?.start().await?;
    let mut alice = Conversation::of_alice(&host);
    let said = talk(
        &mut alice,
        &[
            ("transfer_funds", transfer("150"), "confirm_transfer"),
            ("mumble", json!({}), "help"),
            ("mumble", json!({}), "human_offered"),
            ("cancel", json!({}), "cancelled"),
        ],
    )
    .await?;
    assert!(!said.contains("shall I"), "{said}");
    assert_eq!(host.balance("user_1", "checking_1").await?, "5000.50");
    Ok(())
}

/// What Alice hears when she asks for the opening hours on a host with an agent of this manner.
async fn hours(manner: &str) -> Result<Said> {
    let host = Setup::sandbox()?
        .set("ORCHESTRATOR_SANDBOX__AGENT", manner)
        .set("ORCHESTRATOR_BACKEND__ASSISTANT_MS", 1_000)
        .start()
        .await?;
    let mut alice = Caller::dial(&host, "call_of_the_hours", ALICE).await?;
    alice.says("What are your opening hours?").await
}

const WITHOUT_FIGURES: &str = "Our branches are open on weekdays, and on Saturday mornings.";

#[tokio::test]
async fn an_open_question_is_answered_by_the_bank_s_agent_without_its_figures() -> Result<()> {
    // The agent's second sentence is "On weekdays that is from nine to five."
    assert_eq!(hours("answers").await?.text.trim(), WITHOUT_FIGURES);
    Ok(())
}

#[tokio::test]
async fn an_agent_that_stalls_has_its_first_sentence_spoken_before_the_turn_ends() -> Result<()> {
    let said = hours("stalls").await?;
    let (_, first) = &said.frames[0];
    assert_eq!(first["content"], format!("{WITHOUT_FIGURES} "));
    assert_eq!(first["content_complete"], false);
    assert_eq!(
        said.last["content"], "That is all I could find out.",
        "it is not said twice: {said:?}"
    );
    Ok(())
}

#[tokio::test]
async fn without_an_agent_or_with_one_that_fails_or_hangs_the_caller_is_asked_again() -> Result<()>
{
    for manner in ["absent", "fails", "hangs"] {
        let said = hours(manner).await?;
        assert!(
            said.text.contains("I can tell you a balance"),
            "{manner}: {said:?}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn the_agent_of_the_fastapi_bank_is_asked_too() -> Result<()> {
    for (manner, expected) in [
        ("answers", WITHOUT_FIGURES),
        ("stalls", WITHOUT_FIGURES),
        ("hangs", "I can tell you a balance"),
    ] {
        let Some(bank) = FastApi::start_with(Dialect::Documented, &["--agent", manner]).await?
        else {
            return Ok(());
        };
        let host = Setup::sandbox()?
            .set("PYTHON_BACKEND_URL", &bank.url)
            .set("ORCHESTRATOR_BACKEND__ASSISTANT_MS", 1_000)
            .start()
            .await?;
        let mut alice = Caller::dial(&host, "call_of_the_agent", ALICE).await?;
        let said = alice.says("What are your opening hours?").await?;
        assert!(said.text.contains(expected), "{manner}: {said:?}");
    }
    Ok(())
}

#[tokio::test]
async fn an_open_question_in_between_leaves_the_money_waiting() -> Result<()> {
    let host = Setup::sandbox()?.start().await?;
    let mut alice = Caller::dial(&host, "call_of_two_minds", ALICE).await?;
    let asked = alice
        .says("Move fifty dollars from checking to savings")
        .await?;
    assert!(asked.text.ends_with("shall I?"), "{asked:?}");
    let said = alice.says("Sorry, when do you open?").await?;
    let both = format!("{WITHOUT_FIGURES} {}", asked.text);
    assert_eq!(said.text, both);
    let said = alice.says("I lost my card").await?;
    assert!(said.text.contains("blocks your card"), "{said:?}");
    assert!(said.text.ends_with(&asked.text), "{said:?}");
    assert_eq!(host.balance("user_1", "checking_1").await?, "5000.50");
    alice.says("yes").await?;
    assert_eq!(host.balance("user_1", "checking_1").await?, "4950.50");
    Ok(())
}

#[tokio::test]
async fn a_spoken_statement_in_between_takes_the_spoken_pin_and_comes_back() -> Result<()> {
    let host = Setup::sandbox()?.start().await?;
    let mut alice = Caller::dial(&host, "call_of_the_statement", ALICE).await?;
    let asked = alice
        .says("Move fifty dollars from checking to savings")
        .await?;
    let said = alice.says("What's my balance?").await?;
    assert!(said.text.contains("Which account"), "{said:?}");
    let said = alice.says("savings").await?;
    assert!(said.text.ends_with(&asked.text), "{said:?}");
    let said = alice.says("my checking statement please").await?;
    assert!(said.text.contains("PIN"), "{said:?}");
    let said = alice.says("one two three four").await?;
    assert!(said.text.ends_with(&asked.text), "{said:?}");
    let said = alice.says("no, make it sixty").await?;
    assert_eq!(
        said.text,
        "Sixty dollars from checking to savings, shall I?"
    );
    assert_eq!(host.balance("user_1", "checking_1").await?, "5000.50");
    alice.says("yes please").await?;
    assert_eq!(host.balance("user_1", "checking_1").await?, "4940.50");
    Ok(())
}
