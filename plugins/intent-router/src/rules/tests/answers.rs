//! What confirms, what declines and what is asked again while a transfer waits for a yes.
//! Money moves on a yes: everything that is not plainly one stands in a table of what must never confirm.

use super::*;

fn answers(text: &str) -> Routed {
    says(&alice(), text, confirms("checking_1", "savings_1", 10_000))
}

fn all_are(intent: &Intent, texts: &[&str]) {
    for text in texts {
        assert_eq!(answers(text), plain(intent.clone()), "{text}");
    }
}

#[test]
fn a_clear_yes_confirms() {
    let texts = [
        "yes",
        "yes please",
        "Yeah, go ahead.",
        "sure, do it",
        "that's correct",
        "no problem, go ahead",
        "yes transfer it",
        "sure, why not",
        "yes, why not",
        "go ahead",
        "I don't mind, go ahead",
        "I do not mind, yes",
        "of course, no objections",
        "oh yes",
        "yes, that works",
        "yes, I'm sure",
        "sorry, yes",
        "sure thing",
        "I already said yes",
        "it's correct",
        "transfer it",
        "yes, one hundred dollars to savings",
        "yes, transfer one hundred dollars from checking to savings",
    ];
    all_are(&Intent::Affirm, &texts);
}

#[test]
fn a_farewell_behind_a_clear_yes_takes_nothing_back() {
    let texts = [
        "yes, bye",
        "yes thanks goodbye",
        "yes that's all",
        "yes please and that will be all",
        "yes, go ahead, have a nice day",
        "yep, thank you, bye bye",
        "yes nothing else",
        "yes, that's all I need for today",
        "go ahead, bye",
    ];
    all_are(&Intent::Affirm, &texts);
}

#[test]
fn one_more_wish_behind_a_clear_yes_takes_nothing_back() {
    let texts = [
        "yes and also move 10 dollars from savings to checking",
        "yes and send another 20 dollars",
        "yes, and then send twenty dollars to savings_2",
        "yes and ten dollars to savings_2 as well",
        "yes and I also want a loan",
    ];
    all_are(&Intent::Affirm, &texts);
}

#[test]
fn a_no_declines() {
    let texts = [
        "no",
        "nope",
        "yeah no",
        "yes no",
        "no thanks",
        "don't",
        "don't do it",
        "do not send it",
        "no that's not what I meant at all",
        "I don't want to transfer the money",
        "I don't think so",
        "no why not",
        "yes, don't transfer anything",
        "no wait",
    ];
    all_are(&Intent::Decline, &texts);
}

#[test]
fn what_may_be_a_yes_or_a_no_is_asked_again() {
    let texts = [
        "why not",
        "I don't mind",
        "no problem",
        "I'm not sure",
        "I guess so",
        "I think so",
        "maybe",
        "mhm",
        "uh huh",
        "yes but",
        "yes um",
        "okay so",
        "okay, bye",
        "right, that's it",
        "sure, goodbye",
        "yes, hang up",
        "actually yes",
        "great, thanks",
        "that would be great",
        "yes that would be great",
        "I don't care",
        "no problem at all",
        "yes if I have enough",
    ];
    all_are(&own("unclear-answer"), &texts);
}

#[test]
fn a_second_wish_never_drops_the_first_without_a_word() {
    let texts = [
        "yes and move 10 dollars from savings to checking",
        "yes, move fifty dollars from savings to checking",
        "yes and also if you can send ten dollars",
        "yes and also make it fifty",
        "yes, one more thing",
        "yes and I want a loan",
        "yes and another thing, take ten off that",
        "yes and also ten more",
        "also move ten dollars from savings to checking",
        "move another ten dollars from savings to checking",
    ];
    all_are(&own("one-at-a-time"), &texts);
}

#[test]
fn an_offer_of_a_colleague_does_not_hold_a_wish() {
    let offered = Some(Pending::Confirm(Intent::Unknown));
    let text = "also move ten dollars from savings to checking";
    let routed = says(&alice(), text, offered);
    assert_eq!(routed, moved("savings_1", "checking_1", 1_000));
}

#[test]
fn the_line_comes_before_an_answer() {
    all_are(
        &Intent::Cancel,
        &[
            "cancel",
            "never mind",
            "yes, also cancel that",
            "okay cancel the transfer",
        ],
    );
    all_are(
        &Intent::Human,
        &[
            "yes and connect me to an agent",
            "yes and also a person please",
        ],
    );
    all_are(
        &Intent::Repeat,
        &[
            "say that again please",
            "pardon",
            "sorry?",
            "come again",
            "say again please",
            "yes, say that again",
        ],
    );
    all_are(
        &Intent::Goodbye,
        &["thanks, bye", "no that's all", "no, bye"],
    );
    all_are(
        &own("stay"),
        &[
            "don't cancel",
            "I'm not done",
            "hold on a moment",
            "yes, wait",
            "one moment please",
        ],
    );
}

#[test]
fn a_refusal_a_doubt_or_a_correction_wins_over_a_yes() {
    for text in [
        "yes no",
        "yes but make it fifty",
        "yes, wait",
        "yes wait no",
        "yes if it is free",
        "yes, tomorrow",
        "yes, every month",
        "yes, fifty dollars a month",
        "yes I was told to say yes by my nephew",
        "yes, my nephew said goodbye",
        "is that right",
        "yes, ten dollars more",
        "yes, one hundred dollars to savings, no wait",
        "yes, one hundred dollars to savings, if I may",
        "yes, transfer one hundred dollars from checking to savings tomorrow",
        "okay but not now, bye",
        "don't cancel, go ahead",
        "yes, don't hang up",
        "yes first tell me my balance",
        "but do it",
        "(unintelligible audio) yes",
        "yes (unintelligible audio) bye maybe",
    ] {
        assert_ne!(answers(text), plain(Intent::Affirm), "{text}");
    }
}

proptest::proptest! {
    #[test]
    fn no_row_of_words_with_a_no_in_it_confirms(
        words in proptest::collection::vec(proptest::sample::select(vec![
            "yes", "okay", "please", "bye", "and", "also", "send", "twenty", "another", "that's", "all", "it",
            "go", "ahead", "sure", "mind", "I",
        ]), 0..8),
        at in 0_usize..8,
        no in proptest::sample::select(vec!["never", "nope", "wrong", "cancel", "instead", "unless"]),
    ) {
        let mut words = words;
        words.insert(at.min(words.len()), no);
        let text = words.join(" ");
        proptest::prop_assert_ne!(answers(&text), plain(Intent::Affirm), "{}", text);
    }
}
