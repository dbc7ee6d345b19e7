//! Digits that nobody asked for, and PINs that were said in one breath.
//!
//! Beside the code because it is pure.

use super::*;
use crate::call::Draft;
use crate::call::intent::{Message, Question};

#[test]
fn digits_alone_where_nobody_asked_for_them_are_neither_an_amount_nor_a_try() {
    for said in ["1234", "one two three four", "it's 1234", "yes 1234"] {
        let mut call = Call::new("call_1", 0);
        call.pending = Some(pending(PendingIntent::Confirm(Intent::Accounts)));
        let heard = [agent("Twenty dollars, shall I?"), caller(said)];
        let (text, asked) = unasked(words(hear(&mut call, &heard)));
        assert_eq!(text, pin::TAKEN);
        assert!(!asked.contains("1234"), "{asked}");
    }
    for said in ["7890", "nine zero one two"] {
        for (slot, is_number) in [
            ("account_id", false),
            ("card_type", false),
            ("amount", true),
            ("customer_number", true),
        ] {
            let mut call = Call::new("call_1", 0);
            call.pending = Some(pending(PendingIntent::Slot(question(slot))));
            let heard = words(hear(&mut call, &[agent("Which one?"), caller(said)]));
            assert_eq!(heard.unasked.is_none(), is_number, "{slot}: {heard:?}");
        }
    }
    // Keyed, they are a PIN even where a sum is asked for.
    let mut call = Call::new("call_1", 0);
    call.pending = Some(pending(PendingIntent::Slot(question("amount"))));
    let keyed = "7890".chars().map(Heard::Digit);
    let heard: Vec<Heard> = [agent("How much?")].into_iter().chain(keyed).collect();
    let (_, asked) = unasked(words(hear(&mut call, &heard)));
    assert!(asked.ends_with("with dollars."), "{asked}");
    let mut call = Call::new("call_1", 0);
    let heard = [agent("Hello, how can I help?"), caller("1234")];
    let (_, asked) = unasked(words(hear(&mut call, &heard)));
    assert!(asked.ends_with("How can I help you?"), "{asked}");
    for said in [
        "400",
        "make it 1500",
        "1500 dollars",
        "no, 1234",
        "two thousand",
    ] {
        let mut call = Call::new("call_1", 0);
        call.pending = Some(pending(PendingIntent::Confirm(Intent::Accounts)));
        let heard = [agent("Twenty dollars, shall I?"), caller(said)];
        assert_eq!(words(hear(&mut call, &heard)).text, said);
    }
}

/// What stands for the digits, everywhere, and what is said to them.
fn unasked(words: Words) -> (String, String) {
    assert_eq!(words.text, words.all);
    (
        words.text,
        words.unasked.expect("digits that nobody asked for"),
    )
}

fn question(slot: &str) -> Question {
    Question {
        draft: Draft::Balance,
        slot: slot.to_owned(),
        say: Message::plain("which_account", "Which one?"),
    }
}

#[test]
fn the_right_pin_behind_a_wrong_one_whose_answer_was_not_heard_is_compared() {
    let mut call = after("[pin]", "That PIN isn't right. Please try it again.");
    call.pending = Some(pending(PendingIntent::StepUp(Intent::Accounts)));
    let spoken = call.spoken.as_mut().expect("it has one");
    spoken.compared = pin_mark::mark("call_1", &SecretString::from("9013"));
    spoken.before.pending.clone_from(&call.pending);
    let both = [
        agent("Please tell me your PIN."),
        caller("9013"),
        caller("9012"),
    ];
    let heard = words(hear(&mut call, &both));
    let pin = heard.pin.flatten().expect("a PIN");
    assert_eq!(pin.expose_secret(), "9012");
}
