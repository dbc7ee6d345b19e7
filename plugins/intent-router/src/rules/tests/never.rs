//! What no row of words may do, whatever else is said: confirm with a question mark, pay somebody out of an own account, read a fraction
//! as a sum, or take digits for an amount.

use super::*;

const WORDS: &[&str] = &[
    "yes", "okay", "please", "sure", "go", "ahead", "do", "it", "and", "that's", "right", "twenty",
    "dollars", "from", "checking", "to", "savings", "transfer", "send", "the", "my", "now", "all",
];

fn words() -> impl proptest::strategy::Strategy<Value = Vec<&'static str>> {
    proptest::collection::vec(proptest::sample::select(WORDS.to_vec()), 0..7)
}

fn with(words: &[&str], at: usize, said: &str) -> String {
    let mut words = words.to_vec();
    words.insert(at.min(words.len()), said);
    words.join(" ")
}

fn is_transfer(routed: &Routed) -> bool {
    matches!(routed, Routed::Intent(Intent::Transfer(_)))
}

#[test]
fn a_wish_for_money_that_is_not_understood_to_its_last_word_changes_nothing() {
    for (text, intent) in [
        ("my boss will pay me 500", own("unclear-answer")),
        ("send the money", own("unclear-answer")),
        ("do I need to pay 50?", Intent::Unknown),
        ("can I send 500?", Intent::Unknown),
        (
            "no, send fifty dollars because that's rent",
            Intent::Decline,
        ),
    ] {
        let waits = confirms("checking_1", "savings_1", 2_000);
        assert_eq!(says(&alice(), text, waits), plain(intent), "{text}");
    }
}

proptest::proptest! {
    #[test]
    fn no_question_confirms(words in words()) {
        let text = format!("{}?", words.join(" "));
        let routed = says(&alice(), &text, confirms("checking_1", "savings_1", 2_000));
        proptest::prop_assert_ne!(routed, plain(Intent::Affirm), "{}", text);
    }

    #[test]
    fn nobody_is_paid_from_one_own_account_to_another(
        words in words(), at in 0_usize..7, who in proptest::sample::select(vec!["to my landlord", "to somebody", "to him"]),
        is_open in proptest::bool::ANY,
    ) {
        let text = with(&words, at, who);
        let pending = is_open.then(|| confirms("checking_1", "savings_1", 2_000)).flatten();
        let routed = says(&alice(), &text, pending);
        proptest::prop_assert!(!is_transfer(&routed) && routed != plain(Intent::Affirm), "{}: {:?}", text, routed);
    }

    #[test]
    fn no_fraction_becomes_a_sum(
        words in words(), at in 0_usize..7, part in proptest::sample::select(vec![
            "half a dollar", "a third of a dollar", "two dimes", "ten quarters", "fifty pesos", "10%", "forty-leven",
        ]),
    ) {
        let text = with(&words, at, part);
        for pending in [None, confirms("checking_1", "savings_1", 2_000)] {
            let routed = says(&alice(), &text, pending);
            proptest::prop_assert!(!is_transfer(&routed), "{}: {:?}", text, routed);
        }
    }

    #[test]
    fn no_four_digits_alone_become_a_sum(pin in "[0-9]{4,8}", lead in proptest::sample::select(vec!["", "uh ", "yes ", "my pin is "])) {
        let text = format!("{lead}{pin}");
        let routed = says(&alice(), &text, confirms("checking_1", "savings_1", 2_000));
        proptest::prop_assert!(!is_transfer(&routed) && routed != plain(Intent::Affirm), "{}: {:?}", text, routed);
    }
}
