//! What an utterance says besides its PIN: the rules must hear it, and nothing that waits for a PIN goes on over it.
//!
//! Only what a PIN is given with is passed over, phrase by phrase. What is not known here has a meaning: a stop must never be lost,
//! and a phrase too few costs one question more.

use std::sync::LazyLock;

use regex::Regex;

use super::{NAMES, TAKEN};

/// What was open when the utterance came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Open {
    /// A yes or a no is awaited, so a yes is an answer of its own.
    YesOrNo,
    /// The PIN once more, since one was wrong: "no, it's" goes with the right one.
    PinAgain,
    /// The PIN, or anything else: "sure" goes with a PIN.
    Other,
}

/// Says that what comes, or came, is the PIN; the names of one go before.
const NAMING: [&str; 3] = [
    r"(?:it|that|here)['’]?s(?: it)?",
    r"(?:it|that|this|here) is(?: it)?",
    r"here it is|here you (?:go|are)|there you (?:go|are)|here",
];

/// Said along with it, and of no meaning.
const COMPANY: [&str; 4] = [
    "please|thanks|thank you|very much|so much|bye|bye bye|good ?bye|sir|ma['’]?am|madam|hello|hi",
    "u+h+m*|u+m+|er+m*|hm+|mhm|ah|oh|well|so|and|then|now|again|once more",
    "i think|i believe|let me see|let['’]?s see",
    r"\(unintelligible audio\)",
];

/// A yes, where none was asked for.
const YES: &str = "yes|yeah|yep|yup|sure|ok|okay|all ?right|right|fine|of course|certainly|absolutely|correct|go ahead|please do|no problem";

/// Between two numbers of which the second takes the place of the first.
const CORRECTING: &str = "no|nope|not|sorry|wait|actually|rather|correction|i mean|i meant|i said|scratch that|oops|that['’]?s wrong|make that";

/// Before the PIN, for the one that was not right.
const APOLOGY: &str = "sorry|oops|my mistake|i mean|i meant";

/// A no that is hummed, and a yes that is asked or mocked: made of words that are passed over.
const DOUBT: &str = r"\b(?:n?uh[\s\-]+n?uh|m+[\s\-]+m+|yeah,? right|(?:yes|yeah|yep|sure|ok|okay|all ?right|right|fine|correct)\s*\?)";

/// Marks between words.
const MARKS: &str = r"[\s,.…!?;:\-]";

struct Patterns {
    /// A PIN, and the ones that took its place.
    corrected: Regex,
    /// A PIN with the words that name it.
    named: Regex,
    /// The same behind a no, which is to the PIN before.
    named_anew: Regex,
    /// Somewhere in it.
    doubt: Regex,
    /// Nothing but company.
    company: Regex,
    /// Nothing but company or a yes.
    company_or_yes: Regex,
}

static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| {
    let compile =
        |pattern: &str| Regex::new(pattern).expect("a constant pattern, compiled in a test");
    let taken = regex::escape(TAKEN);
    let named = format!(
        r"(?:(?:my|the|that|this|a) )?(?:{NAMES}|code|number)(?: (?:number|code))?(?: ?['’]s| is| was| would be| will be| should be)?"
    );
    let naming = format!("{named}|{}", NAMING.join("|"));
    let company = COMPANY.join("|");
    let row = |phrases: &str| format!("(?:{MARKS}*(?:(?:{phrases})(?:{MARKS}+|$)))*");
    let whole = |phrases: &str| compile(&format!("(?i)^{}{MARKS}*$", row(phrases)));
    let between = row(&format!("{naming}|{company}|{CORRECTING}"));
    Patterns {
        corrected: compile(&format!("(?i){taken}(?:{MARKS}+{between}{taken})+")),
        named: compile(&format!(
            r"(?i)(?:\b(?:{APOLOGY}){MARKS}+)?(?:\b(?:{naming}){MARKS}+)?{taken}"
        )),
        named_anew: compile(&format!(
            r"(?i)\b(?:no|nope){MARKS}+(?:it['’]?s|it is|{named}){MARKS}+{taken}"
        )),
        doubt: compile(&format!("(?i){DOUBT}")),
        company: whole(&format!("{naming}|{company}")),
        company_or_yes: whole(&format!("{naming}|{company}|{YES}")),
    }
});

/// What is left of an utterance, in which PINs were taken out, once these and the words they are given with are gone; empty where
/// nothing of a meaning is left.
///
/// Invariant: nothing that was said along with a PIN is lost (`a_stop_beside_a_pin_is_left_for_the_rules`).
#[must_use]
pub fn besides(text: &str, open: Open) -> String {
    let one = PATTERNS.corrected.replace_all(text, TAKEN);
    let one = match open {
        Open::YesOrNo | Open::Other => one,
        Open::PinAgain => PATTERNS
            .named_anew
            .replace_all(&one, TAKEN)
            .into_owned()
            .into(),
    };
    let left = PATTERNS.named.replace_all(&one, " ");
    let pattern = match open {
        Open::YesOrNo => &PATTERNS.company,
        Open::PinAgain | Open::Other => &PATTERNS.company_or_yes,
    };
    if pattern.is_match(&left) && !PATTERNS.doubt.is_match(&left) {
        return String::new();
    }
    let words: Vec<&str> = left.split_whitespace().collect();
    let is_edge = |c: char| matches!(c, ',' | ';' | ':' | '-' | ' ');
    words.join(" ").trim_matches(is_edge).to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::take_from_text;
    use super::*;

    fn left(said: &str, open: Open) -> String {
        besides(&take_from_text(said, true).0, open)
    }

    #[test]
    fn a_stop_beside_a_pin_is_left_for_the_rules() {
        for (said, rest) in [
            ("no, 1234", "no"),
            ("cancel 1234", "cancel"),
            ("1234 no wait cancel", "no wait cancel"),
            (
                "one two three four, stop, I changed my mind",
                "stop, I changed my mind",
            ),
            ("don't do it, one two three four", "don't do it"),
            ("my pin is 1234 but do not transfer", "but do not transfer"),
            ("I won't tell you 1234", "I won't tell you"),
            ("is it 1234?", "is it ?"),
            ("1234 but make it two hundred", "but make it two hundred"),
            (
                "my pin is 1234 but make it two hundred",
                "but make it two hundred",
            ),
            ("my pin is 1234, no, make it fifty", "no, make it fifty"),
            ("1234 hold on", "hold on"),
            ("1234 no thanks bye", "no thanks bye"),
            ("make it 290, 1234", "make it 290"),
            (
                "make it two hundred and one two three four",
                "make it two hundred and",
            ),
            ("1234 no", "no"),
            ("1234 uh-uh", "uh-uh"),
            ("uh uh, 1234", "uh uh"),
            ("1234 yeah right", "yeah right"),
            ("sure? 1234", "sure?"),
            ("1234, no, cancel, 1234", "no, cancel"),
        ] {
            assert_eq!(left(said, Open::Other), rest, "{said}");
        }
    }

    #[test]
    fn what_a_pin_is_given_with_leaves_nothing() {
        for said in [
            "1234",
            "1 2 3 4.",
            "My PIN is 1234.",
            "it's one two, three four",
            "It’s 1234",
            "yes, it is 1234",
            "sure, here: 1234",
            "Okay, here you go. 1234, thank you.",
            "yeah my pin number is 1234 please",
            "um, well, so the code is 1234",
            "1234 that's my pin",
            "1234, no, 4321",
            "it's 1234 wait 1235 no I mean 1236",
            "one two three four, sorry, 4321",
            "1234 go ahead",
            "let me see, 1234",
            "oh, sorry, it's 1234",
            "1234?",
            "1234 thanks, bye",
        ] {
            assert_eq!(left(said, Open::Other), "", "{said}");
        }
    }

    #[test]
    fn a_yes_that_is_awaited_is_an_answer() {
        assert_eq!(left("yes my pin is 1234", Open::YesOrNo), "yes");
        assert_eq!(
            left("my pin is 1234, yes please", Open::YesOrNo),
            "yes please"
        );
        assert_eq!(left("my pin is 1234", Open::YesOrNo), "");
        assert_eq!(left("no, it's 1234", Open::YesOrNo), "no");
        assert_eq!(left("No. My PIN is 1234", Open::Other), "No.");
        assert_eq!(left("No, it's 1234", Open::PinAgain), "");
        assert_eq!(left("no, 1234", Open::PinAgain), "no");
        assert_eq!(left("no, cancel, it's 1234", Open::PinAgain), "no, cancel");
    }

    #[test]
    fn a_wish_and_its_amount_are_left_where_the_pin_was_taken() {
        let wish = "Move 300 dollars from savings to checking";
        for said in [
            "Move 300 dollars from savings to checking, my pin is 1234",
            "my PIN is 1234. Move 300 dollars from savings to checking",
        ] {
            let (text, _) = take_from_text(said, false);
            assert_eq!(besides(&text, Open::Other).trim_matches('.').trim(), wish);
        }
    }
}
