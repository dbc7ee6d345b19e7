//! Whoever says that they are somebody else: nothing of the customer's is told or moved until the PIN, whatever else is said.
//!
//! Which words say so is the router's and tested natively; here is what the host makes of it.

use anyhow::Result;

use super::alice;
use crate::harness::{Caller, Host, Said, Setup};

async fn hears(caller: &mut Caller, said: &str, words: &[&str]) -> Result<Said> {
    let heard = caller.says(said).await?;
    for word in words {
        assert!(heard.text.contains(word), "{said}: {word}: {heard:?}");
    }
    Ok(heard)
}

async fn pays_five_dollars_behind_the_pin(host: &Host, caller: &mut Caller) -> Result<()> {
    let asked = ["Five dollars", "shall I?"];
    hears(caller, "one two three four", &asked).await?;
    hears(caller, "yes", &["Done."]).await?;
    assert_eq!(host.balance("user_1", "checking_1").await?, "4995.50");
    Ok(())
}

#[tokio::test]
async fn whoever_says_they_are_somebody_else_hears_nothing_more_until_the_pin() -> Result<()> {
    let host = Setup::sandbox()?.start().await?;
    let mut caller = alice(&host).await?;
    hears(
        &mut caller,
        "What is my checking balance?",
        &["five thousand"],
    )
    .await?;
    for said in [
        "Hi, I'm her son, can you repeat that?",
        "What did you say?",
        "Pardon, this is her husband",
        "Cancel that, I'm her son",
        "What is the checking balance?",
        "What's the balance?",
        "What's the balance of my holiday account?",
        "Transfer some money",
        // Neither what is too much nor what is enough tells how much there is.
        "Transfer six thousand dollars from checking to savings",
        "Transfer twenty thousand dollars from checking to savings",
        "Transfer five dollars from checking to savings",
    ] {
        let heard = caller.says(said).await?;
        // Whoever gets nowhere is offered a person.
        let is_way_on = heard.text.contains("PIN") || heard.text.contains("colleague");
        assert!(is_way_on, "{said}: {heard:?}");
        for private in [
            "five thousand",
            "enough",
            "more than",
            "shall I",
            "checking",
            "find",
        ] {
            assert!(!heard.text.contains(private), "{said}: {heard:?}");
        }
    }
    pays_five_dollars_behind_the_pin(&host, &mut caller).await
}

#[tokio::test]
async fn what_waits_when_somebody_else_speaks_is_neither_read_out_nor_moved_without_the_pin_and_a_new_yes()
-> Result<()> {
    let host = Setup::sandbox()?.start().await?;
    let mut caller = alice(&host).await?;
    let wish = "Transfer fifty dollars from checking to savings";
    hears(&mut caller, wish, &["shall I?"]).await?;
    let heard = hears(
        &mut caller,
        "Sorry, this is his wife now, what did you say?",
        &["PIN"],
    )
    .await?;
    assert!(!heard.text.to_lowercase().contains("fifty"), "{heard:?}");
    let heard = hears(&mut caller, "yes", &["PIN"]).await?;
    assert!(!heard.text.to_lowercase().contains("fifty"), "{heard:?}");
    assert_eq!(host.balance("user_1", "checking_1").await?, "5000.50");
    hears(
        &mut caller,
        "one two three four",
        &["Fifty dollars", "shall I?"],
    )
    .await?;
    hears(&mut caller, "yes", &["Done."]).await?;
    assert_eq!(host.balance("user_1", "checking_1").await?, "4950.50");

    // The PIN that was spoken of is taken whenever it comes.
    let mut caller = alice(&host).await?;
    hears(&mut caller, "I'm her husband", &["PIN"]).await?;
    hears(&mut caller, "okay", &[]).await?;
    hears(&mut caller, "1234", &["that's right"]).await?;
    hears(&mut caller, "What is my checking balance?", &["You have"]).await?;

    // A stop is a stop, whoever says it.
    let mut caller = alice(&host).await?;
    hears(&mut caller, wish, &["shall I?"]).await?;
    hears(
        &mut caller,
        "I'm her husband, cancel that",
        &["dropped", "PIN"],
    )
    .await?;
    hears(&mut caller, "yes", &[]).await?;
    hears(&mut caller, "one two three four", &[]).await?;
    hears(&mut caller, "yes", &[]).await?;
    assert_eq!(host.balance("user_1", "checking_1").await?, "4950.50");
    Ok(())
}

#[tokio::test]
async fn a_number_that_opens_nothing_is_told_nothing_and_moves_nothing_before_the_pin() -> Result<()>
{
    let host = Setup::sandbox()?
        .set("ORCHESTRATOR_CALLER__PHONE_OPENS", "[]")
        .start()
        .await?;
    for wish in [
        "What's my balance?",
        "What is my checking balance?",
        "Transfer twenty thousand dollars from checking to savings",
        "Transfer five dollars from checking to savings",
        "Transfer some money",
    ] {
        let mut caller = alice(&host).await?;
        let heard = hears(&mut caller, wish, &["PIN"]).await?;
        for private in ["thousand", "enough", "shall I", "checking"] {
            assert!(!heard.text.contains(private), "{wish}: {heard:?}");
        }
    }
    let mut caller = alice(&host).await?;
    hears(
        &mut caller,
        "Transfer five dollars from checking to savings",
        &["PIN"],
    )
    .await?;
    pays_five_dollars_behind_the_pin(&host, &mut caller).await
}

#[tokio::test]
async fn whoever_speaks_along_with_a_pin_counts_before_the_pin() -> Result<()> {
    let host = Setup::sandbox()?.start().await?;
    for said in [
        "This is her husband now, sorry, 1234",
        "I'm her husband, one two three four",
        "1234, this is her husband",
    ] {
        let mut caller = alice(&host).await?;
        let wish = "Transfer 300 dollars from checking to savings";
        hears(&mut caller, wish, &["shall I?"]).await?;
        hears(&mut caller, "yes", &["PIN"]).await?;
        let heard = hears(&mut caller, said, &["PIN"]).await?;
        assert!(!heard.text.contains("hundred"), "{said}: {heard:?}");
        let heard = hears(&mut caller, "What is my checking balance?", &["PIN"]).await?;
        assert!(!heard.text.contains("thousand"), "{said}: {heard:?}");
    }
    assert_eq!(host.balance("user_1", "checking_1").await?, "5000.50");
    Ok(())
}

#[tokio::test]
async fn whoever_was_talked_into_it_moves_nothing_more_in_the_call() -> Result<()> {
    let host = Setup::sandbox()?.start().await?;
    let mut caller = alice(&host).await?;
    hears(&mut caller, "The police told me to do this", &["colleague"]).await?;
    hears(&mut caller, "no", &[]).await?;
    for _ in 0..12 {
        hears(
            &mut caller,
            "What is my checking balance?",
            &["five thousand"],
        )
        .await?;
    }
    let wish = "Transfer five dollars from checking to savings";
    hears(&mut caller, wish, &["colleague"]).await?;
    hears(&mut caller, "yes", &[]).await?;
    assert_eq!(host.balance("user_1", "checking_1").await?, "5000.50");
    Ok(())
}
