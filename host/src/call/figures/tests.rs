//! What may be said and what may not, and that no figure gets through whatever stands around it.
//!
//! The property spells amounts by itself, so that a word forgotten in the lists is not forgotten here too.

use proptest::prelude::*;

use super::*;

#[test]
fn sentences_without_figures_are_spoken_as_they_stand() {
    for sentence in [
        "Our branches are open on weekdays, and on Saturday mornings.",
        "I'm sorry to hear that.",
        "One moment, no one has used it.",
        "Say \u{2018}colleague\u{2019} \u{2014} and one of us takes over.",
        "A tone often tells someone more.",
        "Your credit score is not something I can see.",
    ] {
        assert_eq!(without_figures(sentence).as_deref(), Some(sentence));
    }
    assert_eq!(
        without_figures("**Please** call `us`.").as_deref(),
        Some("Please call us.")
    );
}

#[test]
fn no_sentence_with_a_figure_is_spoken() {
    for sentence in [
        "You have $5.",
        "You have 5000.50 in checking.",
        "You have five thousand in checking.",
        "We open at nine.",
        "It's twenty-five.",
        "It's twentyfive.",
        "It is fi**ve**.",
        "Fees are a dollar.",
        "That is a hundred\u{2019}s worth.",
        "The rate is per cent based.",
        "A percentage is kept.",
        "It costs 50%.",
        "Half of it is yours.",
        "It comes on the third.",
        "A couple of them.",
        "You owe a grand.",
        "It is \u{ff15}\u{ff10}.",
        "It is \u{ff46}\u{ff49}\u{ff56}\u{ff45}.",
        "It is f\u{456}ve.",
        "It is fi\u{200b}ve.",
        "It is \u{2164}.",
        "It is \u{20ac}.",
        "You have one.",
        "That one hundred is yours.",
        "Some basis points more.",
        "",
        "...",
    ] {
        assert_eq!(without_figures(sentence), None, "{sentence:?}");
    }
}

const UNITS: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: [&str; 8] = [
    "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
];

fn spelled(number: usize) -> String {
    match number {
        0..20 => UNITS[number].to_owned(),
        20..100 if number.is_multiple_of(10) => TENS[number / 10 - 2].to_owned(),
        20..100 => format!("{}-{}", TENS[number / 10 - 2], UNITS[number % 10]),
        100..1_000 => format!(
            "{} hundred and {}",
            UNITS[number / 100],
            spelled(number % 100)
        ),
        _ => format!(
            "{} thousand {}",
            spelled(number / 1_000),
            spelled(number % 1_000)
        ),
    }
}

fn figure() -> impl Strategy<Value = String> {
    (2_usize..1_000_000, 0_usize..8).prop_map(|(number, form)| match form {
        0 => number.to_string(),
        1 => format!("${number}.50"),
        2 => spelled(number),
        3 => spelled(number).to_uppercase(),
        4 => spelled(number).replace([' ', '-'], ""),
        5 => format!("{number}%"),
        6 => format!("{} dollars", spelled(number)),
        _ => format!("{} percent", spelled(number)),
    })
}

proptest! {
    #[test]
    fn no_figure_survives_whatever_stands_around_it(
        before in "([a-z]{1,8}[ ,;'-]){0,6}", figure in figure(), after in "([ ,;'-][a-z]{1,8}){0,6}",
    ) {
        // A letter glued to a word makes another word of it.
        let sentence = format!("{before} {figure} {after}.");
        prop_assert_eq!(without_figures(&sentence), None);
    }

    #[test]
    fn what_is_spoken_has_no_digit_and_no_sign_in_it(sentence in "\\PC{0,60}") {
        if let Some(said) = without_figures(&sentence) {
            let is_sign = |c: char| ['$', '\u{20ac}', '\u{a3}', '\u{a5}', '%'].contains(&c);
            prop_assert!(!said.chars().any(|c| c.is_numeric() || is_sign(c)));
            prop_assert_eq!(without_figures(&said), Some(said));
        }
    }
}
