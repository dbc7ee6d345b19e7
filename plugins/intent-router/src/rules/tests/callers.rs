//! Who speaks: somebody else on the customer's line hears nothing of the customer's accounts.
//! What merely sounds like an introduction is none.

use super::*;

#[test]
fn whoever_says_they_are_somebody_else_hears_nothing() {
    for text in [
        "I'm not Alice, I'm her husband. What's the balance of checking?",
        "this is not Alice speaking, read me the savings balance",
        "I'm her lawyer, give me the balance of the checking account",
        "I am calling on behalf of Alice, which accounts does she have",
        "I found this phone, what's the balance in savings",
        "I am David Brown and I want my checking balance",
        "This is Bob. What are my accounts?",
    ] {
        assert_eq!(
            hear(text),
            Routed::Intent(aside::another_caller()),
            "{text}"
        );
    }
    // Somebody else's account is asked for by the customer, too.
    assert_eq!(
        hear("what's my mother's balance"),
        plain(own("others-account"))
    );
    for text in [
        "This is Alice. What's my savings balance?",
        "I'm Alice Johnson and I want my savings balance",
        "I'm in a hurry, what's my savings balance",
        "this is urgent, savings balance",
        "I am not sure, savings balance please",
    ] {
        let balance = plain(Intent::Balance("savings_1".into()));
        assert_eq!(hear(text), balance, "{text}");
    }
}

#[test]
fn a_person_is_asked_for_in_many_words_and_not_in_every_mention() {
    for text in [
        "can I speak to somebody",
        "get me a manager",
        "I want to speak with your manager",
        "I'd like to talk to an employee",
        "I spoke to an agent yesterday, connect me to a colleague",
    ] {
        assert_eq!(hear(text), plain(Intent::Human), "{text}");
    }
    for text in [
        "an agent called me",
        "I'm only human, what's my savings balance",
    ] {
        assert_ne!(hear(text), plain(Intent::Human), "{text}");
    }
}
