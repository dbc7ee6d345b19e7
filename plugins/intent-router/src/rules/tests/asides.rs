//! What people say beside banking: noise, help, a wish to stay, and what cannot be done here.
//! None of it may end a call, drop what is pending or read somebody's own account for another's.

use super::*;

fn all_are(intent: &Intent, texts: &[&str]) {
    for text in texts {
        assert_eq!(hear(text), plain(intent.clone()), "{text}");
    }
}

#[test]
fn a_goodbye_or_a_colleague_that_is_not_wanted_keeps_the_call() {
    let texts = [
        "I don't want to hang up",
        "don't hang up",
        "please do not end the call",
        "don't cancel",
        "I do not want to cancel",
        "don't connect me to an agent",
        "I don't want to talk to a human",
        "I'm not done",
        "that's not all",
        "I didn't say goodbye",
        "hold on",
        "just a second",
        "let me think about it",
        "are you there",
        "can you hear me",
        "anybody there",
    ];
    all_are(&own("stay"), &texts);
    all_are(
        &Intent::Goodbye,
        &[
            "I don't need anything else, bye",
            "that's all, thank you",
            "hang up",
            "I'm all done",
        ],
    );
    let texts = [
        "I don't want to talk to you, connect me",
        "I want a real person",
    ];
    all_are(&Intent::Human, &texts);
    for text in ["that's all right", "not a goodbye"] {
        assert_ne!(hear(text), plain(Intent::Goodbye), "{text}");
    }
}

#[test]
fn noise_is_not_taken_for_words() {
    all_are(
        &own("unheard"),
        &["(unintelligible audio)", "uh", "um, uh", "", "[noise]"],
    );
    let pending = confirms("checking_1", "savings_1", 10_000);
    assert_eq!(says(&alice(), "uh", pending), plain(own("unheard")));
}

#[test]
fn again_and_help_are_understood() {
    let texts = [
        "say again please",
        "sorry?",
        "sorry, what?",
        "come again",
        "what?",
        "what was that",
        "I didn't catch that",
        "excuse me?",
        "I can't hear you",
    ];
    all_are(&Intent::Repeat, &texts);
    let texts = [
        "help",
        "help me please",
        "I need some help",
        "can you help me",
        "what can you do",
        "what can I say?",
    ];
    all_are(&own("help"), &texts);
    assert_eq!(hear("help with my wedding"), plain(Intent::Unknown));
}

#[test]
fn a_forgotten_pin_and_a_new_address_are_for_a_colleague() {
    all_are(
        &own("forgotten-pin"),
        &[
            "I forgot my PIN",
            "I don't know my pin",
            "I need a new PIN",
            "what's my PIN",
        ],
    );
    let texts = [
        "change my address",
        "I need to update my phone number",
        "I moved, my address is wrong",
        "I have a new email",
    ];
    all_are(&own("change-details"), &texts);
    let pending = confirms("checking_1", "savings_1", 10_000);
    let Routed::Intent(Intent::Custom(wanted)) = says(&alice(), "I forgot my PIN", pending) else {
        panic!("no intent of our own")
    };
    assert_eq!(wanted.slots, [("not_made".into(), "transfer".into())]);
    all_are(
        &Intent::Profile,
        &["what's my address", "what is on file for me"],
    );
}

#[test]
fn somebody_elses_account_is_not_answered_with_ones_own() {
    let texts = [
        "What's David's checking balance",
        "David's balance",
        "my wife's savings balance",
        "how much is in her checking account",
        "my husband\u{2019}s statement",
        "what is the checking balance of David",
        "read me the savings statement for Carol Davis please",
        "what is my wifes balance",
        "how much does my son have in savings",
        "the balance of my daughter",
        "how much does Carol have in savings",
        "show me Carol's accounts",
    ];
    all_are(&own("others-account"), &texts);
    let own = plain(Intent::Balance("checking_1".into()));
    for text in [
        "What's my checking balance",
        "it's my checking balance",
        "Alice's checking balance",
        "What's Alice's checking balance",
        "today's checking balance",
        "what is the balance of Checking",
        "the balance of Checking for Alice",
    ] {
        assert_eq!(hear(text), own, "{text}");
    }
    assert_eq!(
        asks_for(hear("send 50 from checking to David's savings")),
        "to_account_not_yours"
    );
    let to_carol = says(
        &alice(),
        "send 20 to Carol",
        confirms("savings_1", "checking_1", 6_100),
    );
    assert_eq!(asks_for(to_carol), "to_account_not_yours");
    assert_eq!(
        asks_for(hear("move 50 from his checking to savings")),
        "from_account_not_yours"
    );
}

#[test]
fn the_accounts_that_were_named_are_read() {
    for text in [
        "savings and checking balance",
        "checking and savings balances please",
        "how much is in both, checking and savings",
    ] {
        assert_eq!(hear(text), plain(Intent::Accounts), "{text}");
    }
    assert_eq!(
        hear("the balance of savings, not checking"),
        plain(Intent::Balance("savings_1".into()))
    );
    assert_eq!(
        asks_for(hear("savings and market balance")),
        "account_id_unknown"
    );
}

#[test]
fn thanks_is_an_answer_to_nothing_and_drops_nothing() {
    let texts = [
        "thanks",
        "Thank you very much.",
        "great, thanks",
        "okay thank you",
    ];
    all_are(&own("thanks"), &texts);
    let which = slot_question(Draft::Balance, "account_id");
    assert_eq!(says(&alice(), "thank you", which), plain(own("stay")));
    assert_ne!(hear("thanks, my balance please"), plain(own("thanks")));
}
