//! Stops that say why, and transfers that are meant for another time.
//! None of these may move money now.

use super::*;

fn all_are(intent: &Intent, texts: &[&str]) {
    for text in texts {
        let routed = says(&alice(), text, confirms("checking_1", "savings_1", 2_000));
        assert_eq!(routed, plain(intent.clone()), "{text}");
    }
}

#[test]
fn a_stop_with_its_reason_behind_it_is_a_stop() {
    let stops = [
        "cancel, I need to check my account first",
        "cancel, I want the other account",
        "leave it, I need to think about it",
        "scrap that, I have to go",
    ];
    all_are(&Intent::Cancel, &stops);
    let nos = ["No, I need to think about it", "No, I want to wait"];
    all_are(&Intent::Decline, &nos);
}

#[test]
fn what_is_meant_for_another_time_is_not_made_now() {
    for when in [
        "on the fifth",
        "at 5 pm",
        "at five pm",
        "this evening",
        "in the morning",
        "at the end of the month",
        "after the weekend",
    ] {
        let text = format!("transfer fifty dollars from checking to savings {when}");
        let routed = says(&alice(), &text, None);
        let is_made = matches!(&routed, Routed::Intent(Intent::Transfer(_)));
        assert!(!is_made, "{text}: {routed:?}");
    }
}
