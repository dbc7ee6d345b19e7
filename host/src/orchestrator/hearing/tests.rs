//! What is heard as new, over the ways in which the provider asks again.
//!
//! Beside the code because it is pure; the same over a real line is in `tests/it/voice`.

mod pins;

use proptest::prelude::*;
use secrecy::ExposeSecret as _;

use super::*;
use crate::call::Intent;
use crate::call::session::Pending;

fn agent(text: &str) -> Heard {
    Heard::Agent(text.to_owned())
}

fn caller(text: &str) -> Heard {
    Heard::Caller(text.to_owned())
}

fn keys(digits: &str) -> impl Iterator<Item = Heard> {
    digits.chars().map(Heard::Digit)
}

fn pending(intent: PendingIntent) -> Pending {
    Pending {
        intent,
        confirmed: false,
        key: None,
        asked: "Shall I?".into(),
        is_unheard: false,
        asked_after: None,
        turned_away_after: None,
        agreed: None,
        has_pin: false,
        beneath: None,
    }
}

/// A call whose newest turn heard these words after the greeting, and said this.
fn after(words: &str, said: &str) -> Call {
    let mut call = Call::new("call_1", 0);
    call.pending = Some(pending(PendingIntent::Confirm(Intent::Accounts)));
    call.misunderstood = 1;
    call.spoken = Some(Spoken {
        words: words.to_owned(),
        agent_utterances: 1,
        reply: Reply::say(said),
        must_be_heard: false,
        asks: false,
        compared: None,
        done: Vec::new(),
        is_unsaid: false,
        before: DialogueState::default(),
    });
    call
}

fn words(hearing: Hearing) -> Words {
    match hearing {
        Hearing::Words(words) => words,
        other => panic!("no words: {other:?}"),
    }
}

fn only(hearing: Hearing) -> String {
    match hearing {
        Hearing::Only(reply, _) => reply.text,
        other => panic!("more than a reply: {other:?}"),
    }
}

#[test]
fn new_is_what_was_said_since_the_agents_last_words() {
    let mut call = Call::new("call_1", 0);
    let heard = [
        agent("Hello."),
        caller("old"),
        agent("Yes?"),
        agent(" "),
        caller("What is my"),
        caller("balance?\n"),
    ];
    let heard = words(hear(&mut call, &heard));
    assert_eq!(heard.text, "What is my balance?");
    assert_eq!(heard.agent_utterances, 2);
    assert!(matches!(hear(&mut call, &[]), Hearing::Nothing));
    let silent = [caller("old"), agent("Yes?")];
    assert!(matches!(hear(&mut call, &silent), Hearing::Nothing));
}

#[test]
fn a_turn_whose_reply_was_not_heard_is_taken_back() {
    let mut call = after("what is my", "Sorry, what would you like?");
    let more = [agent("Hello."), caller("What is my balance?")];
    assert_eq!(words(hear(&mut call, &more)).text, "What is my balance?");
    assert_eq!((call.pending, call.misunderstood), (None, 0));
}

#[test]
fn a_turn_whose_reply_was_heard_stands_also_where_it_was_cut_off() {
    for said in [
        "Sorry, what would you like?",
        "Sorry,",
        "Wait. Sorry, what would",
    ] {
        let mut call = after("what is my", "Sorry, what would you like?");
        let next = [
            agent("Hello."),
            caller("What is my"),
            agent(said),
            caller("balance"),
        ];
        assert_eq!(words(hear(&mut call, &next)).text, "balance", "{said}");
        assert!(call.pending.is_some(), "{said}");
    }
}

#[test]
fn what_was_changed_and_not_heard_is_told_and_not_done_again() {
    let changed = |is_unsaid| {
        let mut call = after("yes", "Done. I've transferred it.");
        let spoken = call.spoken.as_mut().unwrap();
        (spoken.must_be_heard, spoken.is_unsaid) = (true, is_unsaid);
        call
    };
    for again in ["yes", "Yes.", "yes - ", "no wait", "yeah"] {
        let heard = [agent("Hello."), caller(again)];
        let told = only(hear(&mut changed(false), &heard));
        assert_eq!(told, "Done. I've transferred it.", "{again}");
    }
    let heard = [agent("Hello."), caller("Yes, and my balance?")];
    let more = words(hear(&mut changed(false), &heard));
    assert_eq!(more.text, "and my balance?");
    assert_eq!(more.untold.unwrap().text, "Done. I've transferred it.");
    // Only the holding sentence was heard.
    let held = [
        agent("Hello."),
        caller("yes"),
        agent("One moment, please."),
        caller("hello?"),
    ];
    for is_unsaid in [false, true] {
        let more = words(hear(&mut changed(is_unsaid), &held));
        assert_eq!(
            (more.text.as_str(), more.untold.is_some()),
            ("hello?", true)
        );
    }
    let heard = [
        agent("Hello."),
        caller("yes"),
        agent("Done. I've transferred it."),
        caller("thanks"),
    ];
    let more = words(hear(&mut changed(false), &heard));
    assert_eq!(
        (more.text.as_str(), more.untold.is_some()),
        ("thanks", false)
    );
}

#[test]
fn keys_and_spoken_digits_are_a_pin_where_one_is_awaited() {
    let step_up = || {
        let mut call = Call::new("call_1", 0);
        call.pending = Some(pending(PendingIntent::StepUp(Intent::Profile)));
        call
    };
    let pin = |call: &mut Call, heard: &[Heard]| {
        let words = words(hear(call, heard));
        assert!(
            !words.text.contains("34") && !words.all.contains("34"),
            "{words:?}"
        );
        words
            .pin
            .map(|pin| pin.map(|pin| pin.expose_secret().to_owned()))
    };
    let pressed: Vec<_> = keys("1234#").collect();
    assert_eq!(pin(&mut step_up(), &pressed), Some(Some("1234".into())));
    let spoken = [caller("It's one two, three four.")];
    assert_eq!(pin(&mut step_up(), &spoken), Some(Some("1234".into())));
    assert_eq!(
        pin(&mut step_up(), &[caller("one two")]),
        Some(None),
        "a part"
    );
    assert_eq!(pin(&mut step_up(), &[caller("cancel")]), None);
    let asked = [agent("Please tell me your PIN."), caller("1 2 3 4")];
    assert_eq!(
        pin(&mut Call::new("c", 0), &asked),
        Some(Some("1234".into()))
    );
    let amount: Vec<_> = keys("400").collect();
    assert_eq!(words(hear(&mut Call::new("c", 0), &amount)).text, "400");
}

#[test]
fn the_same_pin_asked_about_again_is_not_compared_again() {
    let tried = || {
        let mut call = after("[pin]", "That PIN isn't right.");
        let spoken = call.spoken.as_mut().unwrap();
        spoken.compared = pin_mark::mark("call_1", &SecretString::from("4711"));
        spoken.before.pending = Some(pending(PendingIntent::StepUp(Intent::Profile)));
        call.pending = None;
        call
    };
    let mut call = tried();
    let heard = [agent("Hello."), caller("4 7 1 1")];
    assert_eq!(only(hear(&mut call, &heard)), "That PIN isn't right.");
    assert!(call.spoken.is_some());
    // Another one is, although both leave the same words.
    for (said, pin) in [
        ("4712", "4712"),
        ("4711 56", "471156"),
        ("4711, no, 1174", "1174"),
    ] {
        let heard = words(hear(&mut tried(), &[agent("Hello."), caller(said)]));
        let found = heard.pin.flatten().unwrap();
        assert_eq!(found.expose_secret(), pin, "{said}");
    }
}

#[test]
fn a_pin_that_comes_in_parts_is_compared_once_it_is_whole() {
    let mut call = after("[pin]", "Please tell me your PIN.");
    call.spoken.as_mut().unwrap().before.pending =
        Some(pending(PendingIntent::StepUp(Intent::Profile)));
    let heard = [agent("Hello."), caller("one two three four")];
    let heard = words(hear(&mut call, &heard));
    assert_eq!(heard.pin.flatten().unwrap().expose_secret(), "1234");
}

#[test]
fn to_hold_on_is_no_answer_so_the_request_still_waits() {
    let held = |holding: &str, then: &str| {
        let heard = [
            agent("Hello."),
            caller("what is my balance"),
            agent(holding),
            caller(then),
        ];
        words(hear(&mut Call::new("call_1", 0), &heard))
    };
    for holding in [
        "One moment, please.",
        "One moment,",
        "One moment, please. I'm still working on it.",
    ] {
        for then in [
            "okay",
            "Okay, thanks.",
            "Sure - take your time!",
            "",
            "Hello? Are you there?",
        ] {
            let heard = held(holding, then);
            assert_eq!(heard.text, "what is my balance", "{holding} {then}");
            assert_eq!(heard.agent_utterances, 1);
        }
        let heard = held(holding, "no, move fifty dollars");
        assert_eq!(heard.text, "no, move fifty dollars", "{holding}");
    }
    let answered = held("One moment, please. You have five dollars.", "okay");
    assert_eq!(
        (answered.text.as_str(), answered.agent_utterances),
        ("okay", 2)
    );
}

#[test]
fn what_was_done_is_shown_with_the_words_that_tell_it_unless_it_was_shown() {
    let done = Done {
        intent: "transfer".into(),
        outcome: crate::call::Outcome::Cancelled,
    };
    for is_unsaid in [true, false] {
        let mut call = after("yes", "Done. I've transferred it.");
        let spoken = call.spoken.as_mut().unwrap();
        (spoken.must_be_heard, spoken.is_unsaid) = (true, is_unsaid);
        spoken.done.push(done.clone());
        let awaited = if is_unsaid {
            vec![done.clone()]
        } else {
            Vec::new()
        };
        match hear(&mut call.clone(), &[agent("Hello."), caller("yes")]) {
            Hearing::Only(_, shown) => assert_eq!(shown, awaited),
            other => panic!("more than a reply: {other:?}"),
        }
        let more = [agent("Hello."), caller("yes and my balance")];
        assert_eq!(words(hear(&mut call, &more)).done, awaited);
    }
}

#[test]
fn what_was_changed_is_told_once_more_where_less_than_half_of_it_was_heard() {
    let told_after = |cut: &str| {
        let mut call = after(
            "yes",
            "Done. I moved seventy dollars to your savings account.",
        );
        call.spoken.as_mut().unwrap().must_be_heard = true;
        let heard = [agent("Hello."), caller("yes"), agent(cut), caller("hello?")];
        words(hear(&mut call, &heard)).untold.is_some()
    };
    assert!(told_after("Done. I"));
    assert!(told_after("Done. I moved"));
    assert!(!told_after("Done. I moved seventy dollars"));
    assert!(!told_after(
        "One moment, please. Done. I moved seventy dollars to"
    ));
}

#[test]
fn what_was_changed_is_told_or_stands_in_the_conversation_whatever_is_heard() {
    let said = || {
        proptest::sample::select(vec![
            agent("Done. I've"),
            agent("One moment, please."),
            agent(""),
            caller("yes"),
            caller("yes please"),
            caller("no"),
            Heard::Digit('4'),
        ])
    };
    proptest!(|(more in proptest::collection::vec(said(), 0..6), is_unsaid in any::<bool>())| {
        let mut call = after("yes", "Done. I've transferred it.");
        let spoken = call.spoken.as_mut().unwrap();
        (spoken.must_be_heard, spoken.is_unsaid) = (true, is_unsaid);
        let mut heard = vec![agent("Hello."), caller("yes")];
        heard.extend(more);
        let was_told = !is_unsaid && heard.contains(&agent("Done. I've"));
        let tells = match hear(&mut call, &heard) {
            Hearing::Words(words) => words.untold.is_some(),
            Hearing::Only(reply, _) => reply.text.starts_with("Done."),
            Hearing::Nothing => false,
        };
        prop_assert_eq!(tells, !was_told, "{:?}", heard);
    });
}

#[test]
fn more_than_a_rule_is_given_is_asked_for_again() {
    let long = [caller(&"word ".repeat(100_000))];
    assert_eq!(only(hear(&mut Call::new("c", 0), &long)), TOO_LONG);
}

#[test]
fn two_replies_become_one() {
    let mut goodbye = Reply::say("Goodbye.");
    goodbye.next = Next::HangUp;
    let mut paid = Reply::say("Done.");
    paid.interruptible = false;
    let both = joined(&paid, goodbye);
    assert_eq!(
        (both.text.as_str(), both.next),
        ("Done. Goodbye.", Next::HangUp)
    );
    assert!(!both.interruptible);
}
