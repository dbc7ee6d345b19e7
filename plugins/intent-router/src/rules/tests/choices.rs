//! Answers that say which of the things that a question named is meant.
//! The place counts as the question put them, and only where it put any.

use super::*;

#[test]
fn an_account_is_chosen_by_its_place_in_the_question() {
    let which = || slot_question(Draft::Balance, "account_id");
    let Some(Pending::Slot(mut question)) = which() else {
        panic!("a question");
    };
    let named = ("choices".to_owned(), "checking, savings".to_owned());
    question.say.parameters.push(named);
    for (text, account) in [
        ("the first one", "checking_1"),
        ("the second", "savings_1"),
        ("the last one please", "savings_1"),
        ("no, the first", "checking_1"),
    ] {
        let routed = says(&alice(), text, Some(Pending::Slot(question.clone())));
        assert_eq!(routed, plain(Intent::Balance(account.into())), "{text}");
    }
    for text in ["the third one", "just a second"] {
        let routed = says(&alice(), text, Some(Pending::Slot(question.clone())));
        assert!(
            !matches!(routed, Routed::Intent(Intent::Balance(_))),
            "{text}"
        );
    }
    // Where none was named there is none to choose.
    assert_eq!(says(&alice(), "the second", which()), plain(own("stay")));
}
