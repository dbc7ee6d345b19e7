//! Amounts against another one, and transfers of another day: neither becomes a plain transfer of the number that was said.
//! What can be worked out is asked about as a whole; everything else is asked for.

use super::*;

fn waiting() -> Option<Pending> {
    confirms("checking_1", "savings_1", 6_100)
}

#[test]
fn more_or_less_than_what_waits_is_worked_out() {
    for (text, minor) in [
        ("ten dollars more", 7_100),
        ("ten more dollars please", 7_100),
        ("add five", 6_600),
        ("no, ten dollars more", 7_100),
        ("yes, ten dollars more", 7_100),
        ("plus twenty", 8_100),
        ("increase it by ten dollars", 7_100),
        ("ten dollars less", 5_100),
        ("make it ten dollars less", 5_100),
        ("reduce it by five", 5_600),
        ("fifty dollars", 5_000),
    ] {
        let routed = says(&alice(), text, waiting());
        assert_eq!(routed, moved("checking_1", "savings_1", minor), "{text}");
    }
}

#[test]
fn what_cannot_be_worked_out_is_asked_for() {
    for text in [
        "fifty dollars less than last time",
        "ten dollars more than usual",
        "a hundred dollars less",
        "another ten dollars",
        "ten dollars off",
        "double it",
        "all but ten",
        "add fifty dollars to savings from checking",
        "make it half of that",
    ] {
        let (code, left) = asked(says(&alice(), text, waiting()));
        assert_eq!(code, "amount_relative", "{text}");
        let kept = draft(Some("checking_1"), Some("savings_1"), None);
        assert_eq!(left, Draft::Transfer(kept), "{text}");
    }
    for text in [
        "transfer fifty dollars less than last time from checking to savings",
        "move ten dollars less from checking to savings",
        "fifty dollars less than last time",
        "transfer money from checking to savings until checking has 100 dollars",
    ] {
        assert_eq!(asks_for(hear(text)), "amount_relative", "{text}");
    }
    assert_eq!(
        asks_for(hear("move up to fifty dollars from checking to savings")),
        "amount_unclear"
    );
}

#[test]
fn who_is_asked_how_much_in_all_must_say_it() {
    for text in ["ten dollars more", "another ten"] {
        let both = draft(Some("checking_1"), Some("savings_1"), None);
        let open = slot_question(Draft::Transfer(both), "amount");
        assert_eq!(
            asks_for(says(&alice(), text, open)),
            "amount_relative",
            "{text}"
        );
    }
}

#[test]
fn without_anything_before_it_one_more_amount_stands_for_itself() {
    for text in [
        "send another fifty dollars from checking to savings",
        "move fifty dollars more from checking to savings",
    ] {
        assert_eq!(
            hear(text),
            moved("checking_1", "savings_1", 5_000),
            "{text}"
        );
    }
}

#[test]
fn a_transfer_of_another_day_or_again_and_again_is_none_now() {
    let later = plain(own("transfer-later"));
    for text in [
        "transfer fifty dollars a month from checking to savings",
        "send fifty to savings every month",
        "move fifty per week from checking to savings",
        "transfer fifty from checking to savings tomorrow",
        "transfer fifty from checking to savings next Friday",
        "transfer fifty from checking to savings in two weeks",
        "transfer fifty from checking to savings on December first",
        "set up a standing order",
        "I'm setting this up every month, move fifty dollars from checking to savings",
        "Every month, move fifty dollars from checking to savings",
    ] {
        assert_eq!(hear(text), later, "{text}");
    }
    for text in [
        "I'm travelling tomorrow, move fifty dollars from checking to savings",
        "Every time I call you, it takes forever. Move fifty dollars from checking to savings",
    ] {
        let now = moved("checking_1", "savings_1", 5_000);
        assert_eq!(hear(text), now, "{text}");
    }
    for text in [
        "fifty dollars a month",
        "every month",
        "yes, every week",
        "tomorrow",
        "fifty each month",
    ] {
        assert_eq!(says(&alice(), text, waiting()), later, "{text}");
    }
    let open = slot_question(
        Draft::Transfer(draft(Some("checking_1"), Some("savings_1"), None)),
        "amount",
    );
    assert_eq!(says(&alice(), "fifty dollars a month", open), later);
}
