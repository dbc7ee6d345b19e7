//! Words of somebody else that mean other things as well: who says them counts before anything else.
//! Which words say so is in `callers`.

use super::callers::all_are_by;
use super::offers::what_for;
use super::*;

#[test]
fn no_other_meaning_of_the_same_words_hides_that_somebody_else_says_them() {
    let beside = [
        "can you repeat that?",
        "what did you say?",
        "pardon",
        "say again",
        "what was that",
        "come again",
        "speak slower please",
        "speak up",
        "are you a robot?",
        "hold on",
        "one moment please",
        "cancel",
        "undo that",
        "hello",
        "thank you",
        "sorry",
        "yes",
        "okay",
        "how much is in checking?",
        "what can you do?",
    ];
    for claim in [
        "I'm her son",
        "this is her husband now",
        "This is his wife",
        "I'm Bob Smith",
    ] {
        let texts = beside.map(|other| format!("{claim}, {other}"));
        let turned = beside.map(|other| format!("{other}. {claim}"));
        let all: Vec<&str> = texts.iter().chain(&turned).map(String::as_str).collect();
        all_are_by(true, &all);
    }
}

#[test]
fn what_somebody_else_wants_stopped_or_a_person_for_is_heard() {
    let waits = confirms("checking_1", "savings_1", 5_000);
    let slots = |text: &str, pending: Option<Pending>| match says(&alice(), text, pending) {
        Routed::Intent(Intent::Custom(said)) => said.slots,
        other => panic!("{text}: {other:?}"),
    };
    let is = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let stopped = slots("I'm her husband, cancel that", waits.clone());
    assert!(stopped.contains(&is("answer", "cancel")), "{stopped:?}");
    assert!(stopped.contains(&is("caller", "another")), "{stopped:?}");
    let agent = slots("I'm her husband, get me an agent please", waits);
    assert!(agent.contains(&is("wish", "human")), "{agent:?}");
    let nothing = slots("I'm her husband, cancel that", None);
    assert!(nothing.contains(&is("answer", "none")), "{nothing:?}");
}

#[test]
fn what_a_loan_is_for_hides_nobody() {
    let mark = ("caller".to_owned(), "another".to_owned());
    for text in [
        "I'm not Alice",
        "This is her husband now",
        "Here's my son, he will talk",
    ] {
        let routed = says(&alice(), text, what_for());
        let is_marked =
            matches!(&routed, Routed::Intent(Intent::Custom(said)) if said.slots.contains(&mark));
        assert!(is_marked, "{text}: {routed:?}");
    }
    for text in [
        "for my wife's car",
        "my mother's operation",
        "It's for my son's wedding",
    ] {
        assert_eq!(
            asks_for(says(&alice(), text, what_for())),
            "years_needed",
            "{text}"
        );
    }
}

#[test]
fn words_that_nobody_answered_yet_count_for_who_speaks() {
    let mark = ("caller".to_owned(), "another".to_owned());
    let mut later = turn("What's the balance in checking?", None);
    let said = "This is her son. What's the balance in checking?";
    later.extra.push(("said".to_owned(), said.to_owned()));
    let routed = route(&later, &preferences(), &alice());
    let is_marked =
        matches!(&routed, Routed::Intent(Intent::Custom(said)) if said.slots.contains(&mark));
    assert!(is_marked, "{routed:?}");
}
