//! What an utterance asks for, where everyday words could mislead.
//! The tables of whole utterances are beside the entry of the rules.

use super::*;

#[test]
fn everyday_words_do_not_start_a_transfer() {
    for text in [
        "did my payment go through",
        "why was the transfer late",
        "when do I get my pay",
        "my last transfer",
        "put that away",
        "take care",
    ] {
        assert_ne!(
            request(&Heard::new(text)),
            Some(Request::Transfer),
            "{text}"
        );
    }
}

#[test]
fn a_wish_to_move_money_is_a_transfer() {
    for text in [
        "move my balance to savings",
        "send money",
        "can you put fifty dollars in savings",
        "what's my balance and transfer fifty to savings",
        "I need to pay someone",
    ] {
        assert_eq!(
            request(&Heard::new(text)),
            Some(Request::Transfer),
            "{text}"
        );
    }
}

#[test]
fn a_wish_for_another_day_is_no_transfer_now() {
    for text in [
        "transfer fifty from checking to savings tomorrow",
        "send fifty to savings every month",
        "move fifty to savings on the 5th",
        "pay fifty to savings twice",
    ] {
        assert_eq!(
            request(&Heard::new(text)),
            Some(Request::TransferLater),
            "{text}"
        );
    }
}
