//! What must not be taken for a yes, for another amount or for another account while a transfer waits, and what stops it.
//! Each row here moved money, or asked about other money, for a caller who had not said so.

use super::*;

fn answers(text: &str) -> Routed {
    says(&alice(), text, confirms("checking_1", "savings_1", 2_000))
}

fn all_are(intent: &Intent, texts: &[&str]) {
    for text in texts {
        assert_eq!(answers(text), plain(intent.clone()), "{text}");
    }
}

#[test]
fn a_yes_that_is_asked_back_mocked_or_to_more_is_asked_again() {
    let texts = [
        "sure?",
        "yes?",
        "okay?",
        "yeah right",
        "Yeah, right.",
        "confirm the amount",
        "yes all of it",
        "yes, send it all",
        "yes, bye?",
        "yes, twenty dollars to savings?",
        "mm-hmm",
        "Mm-hmm.",
        "uh-uh",
        "uh-uh, okay",
        "I want to make sure the amount is right",
        "just to make sure",
        "I would like to correct the amount",
        "please correct that",
        "please confirm the transfer amount",
        "the correct amount is",
        "okay, make it",
        "send it to my",
        "okay, I'd like to",
        "mhm",
        "that's it",
        "that's all",
        "I'm done",
        "thanks, that's all",
    ];
    all_are(&own("unclear-answer"), &texts);
}

#[test]
fn more_ways_to_say_yes_confirm() {
    let texts = [
        "yess",
        "ye",
        "hell yes",
        "you may",
        "yeah go for it",
        "go for it",
        "confirm it",
        "confirm the transfer",
        "yeah that's right",
        "confirmed",
        "that's all right, yes",
    ];
    all_are(&Intent::Affirm, &texts);
}

#[test]
fn another_amount_is_asked_for_where_none_is_said() {
    for text in ["change the amount", "no, a different amount please"] {
        let Routed::Ask(question) = answers(text) else {
            panic!("{text}");
        };
        assert_eq!(question.slot, "amount", "{text}");
    }
    let kept = answers("don't change the amount");
    assert!(!matches!(kept, Routed::Ask(_)), "{kept:?}");
}

#[test]
fn a_no_needs_no_word_for_it() {
    let texts = [
        "I'd rather keep the money where it is",
        "that's too much",
        "leave the money where it is",
        "keep my money",
        "okay, I'd rather keep it where it is",
    ];
    all_are(&Intent::Decline, &texts);
}

#[test]
fn digits_alone_at_a_yes_or_no_are_no_amount() {
    let texts = [
        "1234",
        "1 2 3 4",
        "five six seven eight",
        "my PIN is 1234",
        "yes 1234",
        "4155552671",
    ];
    for text in texts {
        let routed = answers(text);
        assert!(
            matches!(routed, Routed::Intent(Intent::Custom(_))),
            "{text}: {routed:?}"
        );
    }
    let open = || {
        let known = draft(Some("checking_1"), None, None);
        slot_question(Draft::Transfer(known), "to_account")
    };
    for text in ["1234", "one two three four"] {
        assert_eq!(
            says(&alice(), text, open()),
            plain(Intent::Unknown),
            "{text}"
        );
    }
    let amount = slot_question(
        Draft::Transfer(draft(Some("checking_1"), Some("savings_1"), None)),
        "amount",
    );
    assert_eq!(
        says(&alice(), "1234", amount),
        moved("checking_1", "savings_1", 123_400)
    );
    for text in ["no, 1500", "make it 1500", "1500 dollars", "$1500"] {
        assert_eq!(
            answers(text),
            moved("checking_1", "savings_1", 150_000),
            "{text}"
        );
    }
}

#[test]
fn a_number_that_corrects_nothing_changes_nothing() {
    let texts = [
        "I have two questions",
        "option two",
        "flat 20",
        "I have fifty dollars in cash",
        "I got 500 yesterday",
    ];
    all_are(&own("unclear-answer"), &texts);
    for text in [
        "do I have 500 dollars there?",
        "honey did you say fifty?",
        "is that from savings?",
        "is that from savings",
        "fifty dollars?",
        "my number is 4155552671",
    ] {
        let routed = answers(text);
        let is_transfer = matches!(routed, Routed::Ask(_) | Routed::Intent(Intent::Transfer(_)));
        assert!(
            !is_transfer && routed != plain(Intent::Affirm),
            "{text}: {routed:?}"
        );
    }
    let balance = Routed::Intent(Intent::Balance("savings_1".into()));
    assert_eq!(answers("do I have anything in savings?"), balance);
}

#[test]
fn corrections_are_still_understood() {
    for (text, routed) in [
        ("it should be 400", moved("checking_1", "savings_1", 40_000)),
        (
            "can you make it fifty?",
            moved("checking_1", "savings_1", 5_000),
        ),
        (
            "could we do fifty instead",
            moved("checking_1", "savings_1", 5_000),
        ),
        ("I said fifty", moved("checking_1", "savings_1", 5_000)),
        (
            "scratch that, fifty dollars",
            moved("checking_1", "savings_1", 5_000),
        ),
        (
            "the other way round",
            moved("savings_1", "checking_1", 2_000),
        ),
        (
            "no, the other way around please",
            moved("savings_1", "checking_1", 2_000),
        ),
        ("swap them", moved("savings_1", "checking_1", 2_000)),
        (
            "yes, but the other way round",
            moved("savings_1", "checking_1", 2_000),
        ),
        (
            "the other way round, from savings to checking",
            moved("savings_1", "checking_1", 2_000),
        ),
    ] {
        assert_eq!(answers(text), routed, "{text}");
    }
}

#[test]
fn what_is_said_not_to_be_meant_is_not_chosen() {
    let known = || draft(None, Some("savings_1"), Some(500));
    for text in ["not checking", "not from checking", "anything but checking"] {
        let open = slot_question(Draft::Transfer(known()), "from_account");
        let (code, left) = asked(says(&alice(), text, open));
        assert_eq!(
            (code.as_str(), left),
            ("from_account_excluded", Draft::Transfer(known())),
            "{text}"
        );
    }
    assert_eq!(asks_for(answers("not savings")), "to_account_excluded");
    assert_eq!(
        asks_for(answers("not from checking")),
        "from_account_excluded"
    );
    assert_eq!(
        answers("not to savings_2"),
        moved("checking_1", "savings_1", 2_000)
    );
}

#[test]
fn a_payee_or_a_share_is_never_dropped() {
    for (text, code) in [
        ("no, send it to Bob", "to_account_not_yours"),
        ("to Bob's savings", "to_account_not_yours"),
        ("it's for my son", "to_account_not_yours"),
        ("from my mother's savings", "from_account_not_yours"),
        ("everything", "amount_share"),
        ("all of it", "amount_share"),
        ("no, half", "amount_share"),
        ("make it 10%", "amount_share"),
    ] {
        assert_eq!(asks_for(answers(text)), code, "{text}");
    }
    let amount = slot_question(
        Draft::Transfer(draft(Some("checking_1"), Some("savings_1"), None)),
        "amount",
    );
    assert_eq!(
        asks_for(says(&alice(), "fifty to Bob", amount)),
        "to_account_not_yours"
    );
}

#[test]
fn every_stop_stops() {
    let texts = [
        "stop",
        "halt",
        "quit",
        "exit",
        "terminate",
        "drop it",
        "skip it",
        "scrap that",
        "scratch that",
        "delete that",
        "leave it",
        "forget about it",
        "nvm",
        "undo",
        "send it back",
        "that was a mistake",
        "start over",
        "go back",
        "I refuse",
        "reject it",
        "decline",
        "please reject the transfer",
        "I didn't ask for that",
        "I can't afford it",
        "forget the transfer, just tell me my balance",
        "cancel the transfer to my savings account",
        "actually never mind what's my savings balance",
    ];
    all_are(&Intent::Cancel, &texts);
    all_are(&Intent::Decline, &["nothing", "none", "hell no"]);
    for text in [
        "don't stop",
        "I forgot the PIN",
        "did you cancel it?",
        "drop it to ten",
    ] {
        assert_ne!(answers(text), plain(Intent::Cancel), "{text}");
    }
}

#[test]
fn who_speaks_is_answered_and_the_question_stays() {
    let texts = [
        "are you a robot",
        "Am I talking to a real person?",
        "is this a machine",
        "are you human?",
        "who are you?",
    ];
    all_are(&own("who-speaks"), &texts);
    let texts = [
        "can I talk to a real person",
        "colleague",
        "I want a human, not a robot",
    ];
    all_are(&Intent::Human, &texts);
    all_are(
        &own("stay"),
        &["hello?", "are you there", "two seconds please"],
    );
}

#[test]
fn another_kind_of_wish_leaves_what_waits() {
    let waits = || {
        Pending::StepUp(Intent::Transfer(transfer(
            "checking_1",
            "savings_1",
            50_000,
        )))
    };
    let routed = says(&alice(), "what about a loan? I need one", Some(waits()));
    assert_eq!(routed, plain(own("one-at-a-time")));
    let Routed::Intent(Intent::Custom(wanted)) = says(&alice(), "I don't know it", Some(waits()))
    else {
        panic!("no offer")
    };
    assert_eq!(wanted.name, "forgotten-pin");
}

#[test]
fn a_no_to_anything_else_is_a_goodbye() {
    let after = |last_reply| Sample {
        last_reply,
        ..alice()
    };
    let asked = Some("All right. Is there anything else I can do for you?");
    for text in ["no", "no thanks", "nope, thank you"] {
        assert_eq!(
            says(&after(asked), text, None),
            plain(Intent::Goodbye),
            "{text}"
        );
        assert_eq!(says(&alice(), text, None), plain(Intent::Decline), "{text}");
    }
    let waits = confirms("checking_1", "savings_1", 2_000);
    assert_eq!(says(&after(asked), "no", waits), plain(Intent::Decline));
    assert_ne!(says(&after(asked), "no wait", None), plain(Intent::Goodbye));
}

#[test]
fn a_whole_transfer_needs_no_verb() {
    for text in [
        "checking to savings ten dollars",
        "from checking ten dollars to savings please",
    ] {
        assert_eq!(
            hear(text),
            moved("checking_1", "savings_1", 1_000),
            "{text}"
        );
    }
    for text in [
        "ten dollars",
        "savings ten dollars",
        "did I move ten dollars from checking to savings",
    ] {
        assert_eq!(hear(text), plain(Intent::Unknown), "{text}");
    }
    let known = draft(None, Some("savings_1"), Some(500));
    let open = slot_question(Draft::Transfer(known), "from_account");
    assert_eq!(
        says(&alice(), "I have two questions", open),
        plain(Intent::Unknown)
    );
}
