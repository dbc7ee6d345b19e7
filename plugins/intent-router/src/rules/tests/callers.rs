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
fn words_that_nobody_understands_and_that_hint_at_somebody_else_open_nothing() {
    all_are_by(
        true,
        &[
            "Bob Smith is my name.",
            "I'm called Jennifer.",
            "call me Jennifer",
            "I'm the cleaner.",
            "I'm her driver.",
            "I'm married to Alice.",
            "This account isn't mine.",
            "I'm not the one who owns the account",
            "I just found a phone and it dialled you",
            "Alice no longer lives here, I'm the new owner of this number.",
            "Good morning, I'm ringing for my grandmother, she doesn't hear very well",
            "I took over the phone",
            "Alice just left",
            "One second, my husband wants to speak",
            "Can I do this as her husband?",
            "Now you're talking to somebody else.",
            "I'm an imposter",
            "Daniel.",
            "She went to the shop",
            "Alice moved to Spain",
            "It's somebody else now",
            "Could you repeat that for my husband?",
            "Can you tell my husband what you just told me?",
            "Mrs Johnson is my grandmother.",
            "I take care of Mrs Johnson and I need to check her balance",
            "I handle Mrs Johnson's finances",
            "How much does Alice have in checking?",
            "Could you give me information about Alice Johnson's account?",
            "Is Alice Johnson a customer of yours?",
            "Should I get Alice?",
            "I bought this phone second hand",
            "Somebody left this phone in my taxi",
            "Wrong person.",
            "I'm family",
            "You are talking to the nanny.",
            "Ruth Baker from next door.",
            "I'm giving you my wife",
            "I'm authorised by Alice",
            "I am a different person.",
            "A different person is speaking now.",
            "My daughter is now on the phone.",
            "Somebody else will speak now.",
            "You were talking to my husband before.",
            "The person before was my husband.",
            "You're not talking to Alice.",
            "There is no Alice here.",
            "I'm not that Alice.",
            "That's not my name.",
            "Just so you know, I'm not the person whose account this is.",
            "This account is my dad's.",
            "I don't have an account with you.",
            "I'm on a borrowed phone.",
            "I'm helping my grandmother with her banking.",
            "Hi, wife here, he went to the bathroom, what's the balance in checking?",
            "It's somebody else now, what's the balance in checking?",
        ],
    );
}

#[test]
fn words_that_hint_at_nobody_else_cost_no_pin() {
    all_are_by(
        false,
        &[
            "Hello, I'm here",
            "yes I'm here",
            "I'm American",
            "I'm Dutch",
            "I'm Alice Mary Johnson",
            "My middle name is Mary",
            "My maiden name is Brown",
            "I'm Alise Johnson",
            "This is Alice Jonson",
            "My son is getting married",
            "my husband lost his job",
            "the weather is nice today",
            "I'm a bit confused",
            "I'm the one who called yesterday",
            "I'm the account holder",
            "I'm travelling to Spain",
            "my kids are so loud, sorry",
            "what are your opening hours for my wife",
            "can my husband get a card too",
            "does she need an appointment",
            "I saw it on the phone bill",
            "ask again",
            "purple monkey dishwasher",
            "Yes, this is she.",
            "Bob owes me money.",
            "I talked to another person",
            "I'll tell my husband",
            "I have an account with another bank",
            "I got this phone for Christmas from my wife",
            "I spoke to somebody else yesterday",
            "Someone else was talking in the background",
            "I'm not a robot.",
            "My wife's account is at another bank",
        ],
    );
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

#[track_caller]
pub fn all_are_by(another: bool, texts: &[&str]) {
    let other: Vec<&&str> = texts
        .iter()
        .filter(|text| is_by_another(text) != another)
        .collect();
    assert!(other.is_empty(), "{other:#?}");
}

// The host opens nothing to what a router marks so.
pub fn is_by_another(text: &str) -> bool {
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
        "I don't want to talk to a machine",
        "Could I talk with a member of staff?",
        "let me speak to a banker",
        "someone else please",
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
