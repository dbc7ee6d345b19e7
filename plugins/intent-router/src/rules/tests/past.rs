//! What is said about a transfer that was, or against one, and what must stay a wish beside it.
//! Each row of the first tables names an amount and two accounts, and was once asked about as a wish to pay (again).

use super::*;

fn is_about_money(routed: &Routed) -> bool {
    match routed {
        Routed::Intent(intent) => matches!(intent, Intent::Transfer(_)),
        Routed::Ask(question) => matches!(question.draft, Draft::Transfer(_)),
        Routed::Pass => false,
    }
}

fn all_are(intent: &Intent, texts: &[&str]) {
    for text in texts {
        assert_eq!(hear(text), plain(intent.clone()), "{text}");
    }
}

const REVERSALS: &[&str] = &[
    "Please reverse the transfer of five dollars from savings to checking",
    "reverse five dollars from savings to checking",
    "can you reverse my last transfer of five dollars from savings to checking?",
    "stop the payment of five dollars from savings to checking",
    "stop that last five dollar transfer from savings to checking",
    "please stop transferring five dollars from savings to checking",
    "undo the five dollars from savings to checking",
    "recall the payment of five dollars from savings to checking",
    "I want a refund of the five dollars from savings to checking",
    "I moved fifty dollars from checking to savings, please move it back",
];
const REPORTS: &[&str] = &[
    "that five dollar transfer from savings to checking was a mistake",
    "I moved fifty dollars from checking to savings and want it back",
    "I want the fifty dollars I moved from checking to savings back",
    "you transferred fifty dollars from checking to savings by mistake",
    "my transfer of fifty dollars from checking to savings did not arrive",
    "the fifty dollars I moved from checking to savings are missing",
    "fifty dollars were moved from checking to savings without asking me",
    "someone transferred fifty dollars from checking to savings without asking me",
    "somebody moved fifty dollars from checking to savings",
    "someone used my phone to transfer fifty dollars from checking to savings",
    "a hacker is trying to transfer fifty dollars from checking to savings",
    "I didn't transfer fifty dollars from checking to savings",
    "I did not transfer fifty dollars from checking to savings",
    "I never moved fifty dollars from checking to savings",
    "the transfer of fifty dollars from checking to savings failed",
    "I want to dispute the transfer of fifty dollars from checking to savings",
    "I want to report a transfer of fifty dollars from checking to savings",
    "please return the fifty dollars from savings to checking",
    "give me back the fifty dollars from savings to checking",
    "I didn't authorise the payment of fifty dollars from checking to savings",
    "I tried to transfer fifty dollars from checking to savings and it failed",
    "I was trying to send fifty dollars from checking to savings but it didn't work",
    "a scammer made me transfer fifty dollars from checking to savings",
];
const STATEMENTS: &[&str] = &[
    "I already transferred fifty dollars from checking to savings",
    "I moved fifty dollars from checking to savings yesterday",
    "fifty dollars were moved from checking to savings",
    "I just sent fifty dollars from checking to savings",
    "I see a transfer of fifty dollars from checking to savings",
    "there was a transfer of fifty dollars from checking to savings",
    "I'm calling about a transfer of fifty dollars from checking to savings",
    "you were supposed to transfer fifty dollars from checking to savings",
    "I asked you to transfer fifty dollars from checking to savings yesterday",
    "I made a transfer of fifty dollars from checking to savings",
    "please don't reverse the transfer of fifty dollars from checking to savings",
];
const DENIALS: &[&str] = &[
    "under no circumstances transfer fifty dollars from checking to savings",
    "under no circumstances should you ever transfer fifty dollars from checking to savings",
    "never transfer fifty dollars from checking to savings",
    "don't transfer fifty dollars from checking to savings",
    "I do not want you to ever transfer fifty dollars from checking to savings",
    "by no means transfer fifty dollars from checking to savings",
    "no one should transfer fifty dollars from checking to savings",
    "it was wrong to transfer fifty dollars from checking to savings",
    "you weren't supposed to transfer fifty dollars from checking to savings",
    "I refuse to transfer fifty dollars from checking to savings",
    "transfer fifty dollars from checking to savings, no, don't do that",
    "transfer fifty dollars from checking to savings, please don't",
];

#[test]
fn what_is_to_be_undone_is_not_done_again() {
    all_are(&Intent::Cancel, REVERSALS);
}

#[test]
fn what_is_wrong_with_a_transfer_is_for_a_colleague() {
    all_are(&own("fraud-help"), REPORTS);
}

#[test]
fn what_is_only_told_is_no_wish() {
    all_are(&Intent::Unknown, STATEMENTS);
}

#[test]
fn what_is_denied_is_no_wish() {
    all_are(&Intent::Decline, DENIALS);
}

#[test]
fn nothing_of_it_changes_or_confirms_what_waits() {
    let all = [REVERSALS, REPORTS, STATEMENTS, DENIALS].concat();
    for text in all {
        let routed = says(&alice(), text, confirms("checking_1", "savings_1", 2_000));
        let is_wrong = is_about_money(&routed) || routed == plain(Intent::Affirm);
        assert!(!is_wrong, "{text}: {routed:?}");
    }
}

#[test]
fn a_report_stops_what_waits() {
    for (text, intent) in [
        ("I didn't transfer that", Intent::Cancel),
        ("I did not send fifty dollars", Intent::Cancel),
        (
            "someone moved fifty dollars without asking me",
            Intent::Human,
        ),
        ("my last transfer did not arrive", Intent::Human),
    ] {
        let waits = confirms("checking_1", "savings_1", 2_000);
        assert_eq!(says(&alice(), text, waits), plain(intent), "{text}");
    }
}

#[test]
fn real_wishes_beside_it_stay_wishes() {
    for text in [
        "I moved house, please transfer fifty dollars from checking to savings",
        "I paid the rent, so move fifty dollars from checking to savings",
        "I got paid, transfer fifty dollars from checking to savings",
        "I need fifty dollars moved from checking to savings",
        "I'd like fifty dollars transferred from checking to savings please",
        "I'd like to make a transfer of fifty dollars from checking to savings",
        "can you do a transfer of fifty dollars from checking to savings",
        "I wanted to transfer fifty dollars from checking to savings",
        "I was wondering whether you could transfer fifty dollars from checking to savings",
        "my landlord has asked for it, transfer fifty dollars from checking to savings",
        "when you get a chance transfer fifty dollars from checking to savings",
        "I have to pay someone, so transfer fifty dollars from checking to savings",
        "I made a mistake before, please transfer fifty dollars from checking to savings",
        "can fifty dollars be moved from checking to savings",
        "I tried to transfer it online and it failed, please transfer fifty dollars from checking to savings",
        "if it's not too much trouble please transfer fifty dollars from checking to savings",
    ] {
        let routed = hear(text);
        assert_eq!(routed, moved("checking_1", "savings_1", 5_000), "{text}");
    }
    let back = moved("savings_1", "checking_1", 5_000);
    for text in [
        "I want to move it back from savings to checking: fifty dollars",
        "transfer fifty dollars from savings back to checking",
        "reverse that, move fifty dollars from savings to checking",
    ] {
        assert_eq!(hear(text), back, "{text}");
    }
    for text in [
        "transfer fifty dollars back to checking",
        "I moved fifty dollars from checking to savings, now move fifty from savings to checking",
    ] {
        let code = asks_for(hear(text));
        assert!(code.starts_with("from_account"), "{text}: {code}");
    }
}

#[test]
fn what_is_told_answers_no_question() {
    let both = draft(Some("checking_1"), Some("savings_1"), None);
    let open = slot_question(Draft::Transfer(both), "amount");
    let text = "I already transferred fifty dollars";
    assert_eq!(says(&alice(), text, open), plain(Intent::Unknown));
}

#[test]
fn without_a_verb_every_word_must_belong_to_the_wish() {
    for text in [
        "fifty dollars from checking to savings bounced",
        "is it fifty dollars from checking to savings",
        "my statement says fifty dollars from checking to savings",
        "what about the transfer of fifty dollars from checking to savings",
        "not fifty dollars from checking to savings",
    ] {
        assert!(!is_about_money(&hear(text)), "{text}");
    }
}
