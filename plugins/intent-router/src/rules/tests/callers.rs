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
        "My name is Bob Smith",
        "my name is bob smith",
        "I'm Bob Smith",
        "I'm Bob.",
        "Bob Smith here",
        "Bob Smith speaking, move fifty dollars to savings",
        "Alice's husband here",
        "This is Alice's husband",
        "It's her son",
        "her husband speaking",
        "This is the account holder's wife",
        "I'm the roommate, read me the balance",
        "I am a friend of Alice",
        "I'm not the account holder",
        "I'm not her, but she knows that I am calling",
        "This isn't Alice",
        "I work for the bank",
        "This is officer Miller of the police",
        "I'm Detective Brown",
        "I'm calling from the fraud department",
        "I'm with the police, what is the balance",
        "You are talking to her brother",
        "My name isn't Alice. My name is not Alice.",
        "It's not my account",
        "I don't own this account",
        "I'm not a customer",
        "Not Alice, no",
        "Nope, that's not me",
        "You have the wrong person",
        "I'm not the person you think",
        "It's Bob",
        "The name's Bob",
        "My name is Alice Brown",
        "I am Alice Brown",
        "This is Mr Smith",
        "hi this is bob",
        "i'm bob",
        "bob here",
        "I'm Alice Johnson's assistant",
    ] {
        assert!(is_by_another(text), "{text}");
    }
}

#[test]
fn whoever_speaks_for_the_customer_is_not_the_customer() {
    for text in [
        "I'm calling for my wife",
        "I am calling for Alice, what's her balance",
        "Alice asked me to check her balance",
        "Alice is in hospital and needs her money",
        "She told me to move fifty dollars to savings",
        "my wife asked me to call, balance please",
        "this is her phone, my wife passed away",
        "this is my husband's phone, what's in checking",
        "I have power of attorney for my mother",
        "I'm the executor of the estate",
        "her pin is one two three four",
        "Alice is my wife",
        "The customer is my wife",
        "It's my mother's account",
        "I represent Alice Johnson",
        "Alice isn't here right now",
        "The phone belongs to Alice",
    ] {
        assert!(is_by_another(text), "{text}");
    }
}

#[test]
fn whoever_hands_over_the_phone_has_opened_nothing_for_the_next() {
    for text in [
        "Now my brother takes over",
        "I'm handing the phone to my husband",
        "I give the phone to Bob",
        "Hold on, I'm passing the phone to my wife",
        "let me put my husband on",
        "here's my daughter, she does the rest",
        "my son will continue",
        "I am handing you to my brother",
        "this is Bob, I have taken the phone",
        "I am someone else",
        "My husband is going to talk now",
        "My mom gave me the phone",
        "She handed me the phone",
        "Alice just handed me the phone",
        "I took over from my wife",
        "I'll hand over to Bob",
        "Would you speak to my wife?",
        "Let me pass you to my husband",
        "Here, talk to my husband",
        "Somebody else is speaking now",
        "You are speaking to someone else now",
        "New person on the line",
        "Different person now",
    ] {
        assert!(is_by_another(text), "{text}");
    }
}

#[test]
fn a_customer_who_speaks_of_others_is_still_the_customer() {
    for text in [
        "This is Alice. What's my savings balance?",
        "I'm Alice Johnson and I want my savings balance",
        "I'm Mrs. Johnson, savings balance please",
        "Alice here, what's my savings balance",
        "Alice speaking, my savings balance please",
        "my name is Alice Johnson, what's my savings balance",
        "hi, Alice is my name, my savings balance please",
        "I'm in a hurry, what's my savings balance",
        "this is urgent, savings balance",
        "I am not sure, savings balance please",
        "I'm calling about my savings balance",
        "I'm here for the savings balance",
        "my husband wants to know our savings balance",
        "I'm the account holder, savings balance please",
        "I'm a nurse, savings balance please",
        "I'm a lawyer and I want my savings balance",
        "I'm in New York, what's my savings balance",
        "I work at a bank, savings balance please",
        "I'm a mother of three, savings balance please",
        "My mother told me to save, what's my savings balance",
        "I'm calling on behalf of myself, savings balance please",
        "I'm Alice, Bob's wife, what's my savings balance",
        "Hello, Alice Johnson from Oakland here, my savings balance please",
        "I'm helping my daughter with homework, savings balance please",
    ] {
        let balance = plain(Intent::Balance("savings_1".into()));
        assert_eq!(hear(text), balance, "{text}");
    }
    for text in [
        "my husband passed away",
        "what's my mother's balance",
        "send fifty dollars to my brother",
        "give it to my brother",
        "put fifty dollars on my savings",
        "pay my landlord",
        "can somebody take over",
        "it's about my card",
        "I'm calling for help",
        "It's a mistake",
        "my name is spelled wrong",
        "I'm looking for the number on my card",
        "I'm done",
        "I'm fine, thank you",
        "no I'm not",
        "Still here",
        "that's her account, not mine",
        "Hello, I'm back",
        "I moved fifty dollars to my son's account yesterday",
        "Can I send money to another person?",
        "Transfer fifty dollars to savings, it's for the hospital",
        "That's not my phone number",
    ] {
        assert!(!is_by_another(text), "{text}");
    }
}

#[test]
fn a_customer_who_says_their_name_is_greeted() {
    for text in [
        "This is Alice Johnson speaking",
        "I'm Alice",
        "Hi, my name is Alice Johnson",
    ] {
        assert_eq!(hear(text), plain(own("greeting")), "{text}");
    }
}

// The host opens nothing to what a router marks so.
fn is_by_another(text: &str) -> bool {
    let mark = ("caller".to_owned(), "another".to_owned());
    matches!(hear(text), Routed::Intent(Intent::Custom(said)) if said.slots.contains(&mark))
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
