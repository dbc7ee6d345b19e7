//! Corrections inside one sentence, and questions about transfers in general.
//! What was said first is not taken where something else was said in its place.

use super::*;

fn bob() -> Sample {
    let accounts = vec![
        account("checking_2", "checking", None),
        account("savings_2", "savings", None),
        account("market_2", "market", None),
    ];
    Sample {
        accounts: Ok(accounts),
        ..alice()
    }
}

#[test]
fn an_account_that_is_corrected_in_the_same_breath_is_asked_about() {
    for (text, code) in [
        (
            "transfer fifty dollars from savings, sorry, checking, to market",
            "from_account_ambiguous",
        ),
        (
            "transfer fifty from savings no checking to market",
            "from_account_ambiguous",
        ),
        (
            "transfer fifty from savings I mean from checking to market",
            "from_account_ambiguous",
        ),
        (
            "move fifty from savings uh no wait my checking account to market",
            "from_account_ambiguous",
        ),
        (
            "move fifty from checking to savings, sorry, market",
            "to_account_ambiguous",
        ),
        (
            "move fifty from checking to savings or rather my money market",
            "to_account_ambiguous",
        ),
    ] {
        assert_eq!(asks_for(says(&bob(), text, None)), code, "{text}");
    }
    let (code, left) = asked(says(
        &bob(),
        "move fifty from savings no checking to market",
        None,
    ));
    assert_eq!(code, "from_account_ambiguous");
    let kept = draft(None, Some("market_2"), Some(5_000));
    assert_eq!(left, Draft::Transfer(kept));
}

#[test]
fn a_number_that_may_have_been_another_is_asked_about() {
    for text in [
        "transfer too hundred dollars from checking to savings",
        "transfer to hundred dollars from checking to savings",
        "transfer for hundred dollars from checking to savings",
        "transfer too thousand from checking to savings",
    ] {
        assert_eq!(asks_for(hear(text)), "amount_unclear", "{text}");
    }
    for text in [
        "transfer two hundred dollars from checking to savings",
        "increase it to two hundred dollars and transfer from checking to savings",
    ] {
        let routed = hear(text);
        assert_eq!(routed, moved("checking_1", "savings_1", 20_000), "{text}");
    }
}

#[test]
fn one_digit_at_a_yes_or_no_is_neither() {
    for text in ["1", "2", "one", "9."] {
        let routed = says(&alice(), text, confirms("checking_1", "savings_1", 2_000));
        assert_eq!(routed, plain(own("unclear-answer")), "{text}");
    }
    let both = draft(Some("checking_1"), Some("savings_1"), None);
    let open = slot_question(Draft::Transfer(both), "amount");
    assert_eq!(
        says(&alice(), "5", open),
        moved("checking_1", "savings_1", 500)
    );
}

#[test]
fn a_question_about_transfers_in_general_is_no_wish() {
    for text in [
        "How much can I transfer per day?",
        "how much money can I send",
        "what is my limit",
        "what's my daily transfer limit",
        "how long does a transfer take",
        "what is the fee to transfer ten dollars from checking to savings",
        "is there a fee to send money abroad",
        "do you transfer money to other banks",
    ] {
        assert_eq!(hear(text), plain(Intent::Unknown), "{text}");
    }
    let waits = confirms("checking_1", "savings_1", 2_000);
    let routed = says(&alice(), "how much can I transfer per day?", waits);
    assert_eq!(routed, plain(Intent::Unknown));
    for text in [
        "how do I transfer money",
        "how about sending money",
        "can you transfer money",
    ] {
        assert_eq!(asks_for(hear(text)), "from_account_needed", "{text}");
    }
}

#[test]
fn swapped_accounts_are_swapped_and_not_read() {
    for text in [
        "swap the accounts",
        "no, switch the accounts please",
        "reverse the accounts",
    ] {
        let routed = says(&alice(), text, confirms("checking_1", "savings_1", 2_000));
        assert_eq!(routed, moved("savings_1", "checking_1", 2_000), "{text}");
    }
}

#[test]
fn a_greeting_is_greeted_and_leaves_what_is_open() {
    for text in ["hi", "Hello?", "hey there", "good morning"] {
        assert_eq!(hear(text), plain(own("greeting")), "{text}");
        let waits = confirms("checking_1", "savings_1", 2_000);
        assert_eq!(says(&alice(), text, waits), plain(own("stay")), "{text}");
    }
    assert_ne!(hear("good"), plain(own("greeting")));
}
