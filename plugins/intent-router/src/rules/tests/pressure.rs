//! Callers in danger, made to say what they say, or talked into moving their money: nothing is moved, and a person takes over.
//! What merely sounds like it is none of that.

use super::*;
use crate::bindings::bank::voice::types::Loan;

#[test]
fn who_is_in_danger_or_complains_gets_a_person() {
    for text in [
        "this is an emergency",
        "it's an emergency!",
        "I want to complain",
        "I'd like to file a complaint",
        "I'm going to kill myself",
        "I don't want to kill myself but I might",
        "help me, somebody is forcing me to do this",
        "someone is forcing me to transfer fifty dollars to savings",
        "he is telling me to say yes",
        "yes, there is a gun to my head",
        "I think someone is scamming me",
        "If I don't send it they'll kill me",
        "I'm being robbed",
        "They have my daughter",
        "I'm scared, he is watching me",
        "I feel pressured to do this",
        "someone is controlling my computer right now",
        "There's somebody here with a knife",
        "I'm under pressure",
        "Help, I'm having a heart attack",
        "Please help me, I'm being held",
        "My boyfriend will hit me if I don't send it",
        "I'm afraid of the man next to me",
        "A man is shouting at me to do it",
        "They'll hurt my son",
        "They say if I hang up I'll go to prison",
    ] {
        assert_eq!(hear(text), plain(Intent::Human), "{text}");
        assert_eq!(at_the_question(text), plain(Intent::Human), "{text}");
    }
}

#[test]
fn whoever_was_talked_into_moving_money_moves_none() {
    for text in [
        "Microsoft says my computer is hacked and I need to move my money to savings",
        "the bank's security team told me to move fifty dollars to checking",
        "somebody from your bank called and told me to transfer my money to a safe account",
        "the police told me to move fifty dollars to checking",
        "The man on the phone told me to move fifty dollars to savings",
    ] {
        assert_eq!(hear(text), plain(Intent::Human), "{text}");
    }
    for text in [
        "The police told me to move my money",
        "They say my account is hacked and I must move everything",
        "The man on the phone told me to do this",
        "I think this is a scam",
        "my money is not safe where it is",
        "somebody on the other line wants me to say yes",
        "The FBI told me to move it",
        "A detective rang and said I must move the money now",
        "The guy on WhatsApp said to do it",
        "Somebody talked me into it",
        "A policeman is on the other line and wants me to do this",
        "I was told to move my money to keep it safe",
        "A computer technician is helping me move the money",
    ] {
        assert_eq!(at_the_question(text), plain(Intent::Human), "{text}");
    }
    let loan = Intent::Loan(Loan {
        amount: usd(1_000_000),
        purpose: "car".into(),
        years: 3,
    });
    let waits = Some(Pending::Confirm(loan));
    let told = says(&alice(), "the FBI told me to", waits);
    assert_eq!(told, plain(Intent::Human));
}

#[test]
fn whoever_spoke_of_being_talked_into_it_moves_nothing_later_in_the_call() {
    let wish = "transfer two dollars from checking to savings";
    for before in [
        "the police told me to do this",
        "my husband will beat me if I don't",
        "Microsoft is on the other line",
        "I can't talk freely",
    ] {
        let bank = Sample {
            said_before: vec![before, "no"],
            ..alice()
        };
        assert_eq!(says(&bank, wish, None), plain(Intent::Human), "{before}");
        let balance = says(&bank, "what's my savings balance", None);
        assert_eq!(balance, plain(Intent::Balance("savings_1".into())));
    }
    let bank = Sample {
        said_before: vec!["my wife told me to call you", "what's my balance"],
        ..alice()
    };
    assert_eq!(
        says(&bank, wish, None),
        moved("checking_1", "savings_1", 200)
    );
}

#[test]
fn what_merely_sounds_like_pressure_is_none() {
    for text in [
        "Will a loan hurt my credit score?",
        "I'm scared of forgetting it",
        "my boss makes me happy",
        "I was robbed last year so I'm careful",
        "can I have my family account balance",
        "my wife told me to check my balance",
    ] {
        assert_ne!(hear(text), plain(Intent::Human), "{text}");
    }
    for (text, name) in [
        ("my card was stolen", "card-help"),
        ("there is fraud on my account", "fraud-help"),
    ] {
        assert_eq!(hear(text), plain(own(name)), "{text}");
    }
    let savings = Sample {
        accounts: Ok(vec![
            account("checking_1", "checking", None),
            account("savings_1", "savings", Some("Emergency fund")),
        ]),
        ..alice()
    };
    for text in [
        "move fifty dollars from checking to my emergency fund",
        "transfer fifty dollars from checking to the emergency fund, it's an emergency",
    ] {
        let routed = says(&savings, text, None);
        assert_eq!(routed, moved("checking_1", "savings_1", 5_000), "{text}");
    }
}

fn at_the_question(text: &str) -> Routed {
    says(&alice(), text, confirms("checking_1", "savings_1", 2_000))
}
