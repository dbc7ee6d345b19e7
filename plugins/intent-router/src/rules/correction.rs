//! Whether words with a number or an account in them correct what waits for a yes: "no, make it fifty", "it should be 400".
//! Only where every word is understood as part of one: "I have two questions" and "do I have 500 dollars there?" change no transfer.

use super::meaning::CORRECTIONS;
use super::number::{is_number_word, small_word};
use super::words::{Heard, Kind, Word};

// What a correction is made of, beside amounts, accounts and the phrases of correcting.
const WORDS: &str = "no|scratch|ahead|leave|drop|anything|nope|nah|not|dont|wait|sorry|actually|yes|yeah|yep|yea|yup|ok|okay|sure|\
    right|alright|please|make|it|that|this|change|to|should|be|is|was|i|meant|mean|said|wanted|want|would|like|id|\
    rather|instead|only|just|send|move|transfer|put|take|use|pay|the|a|an|and|from|of|in|into|out|off|account|my|\
    amount|sum|uh|um|oh|well|so|but|its|thats|for|lets|do|can|could|we|you|at|then|now|than|more|less|another|\
    additional|extra|by|increase|reduce|raise|decrease|lower|add|plus|on|top|wrong|thanks|thank|correct|better|them|\
    all|except|last|time|usual|before|as|double|triple|other|way|round|around|swap|switch|reverse|everything|rest|\
    whole|entire|money|ill|total|exactly|up|new|going|coming|come|go|comes|goes|memo|with|percent|half|twice|much|one|\
    accounts|together|back|never|onto|towards|correction|try|let|us|me|over|dollars|bucks|dollar|hold on|hang on|hold it|moment|\
    second|minute|sec";
// They sound like a question and correct.
const PROPOSING: &str = "how about|what about";
// Questions begin with these, or with one of the second row and somebody behind it.
const ASKING: &str = "is|was|are|were|does|did|have|has|had|what|whats|how|why|when|where|who|which|isnt|wasnt|didnt|\
    doesnt|hasnt|am";
const ASKING_OF: &[&str] = &["do", "will", "should", "can", "could", "would", "may"];
const LEADS: &str = "no|yes|yeah|ok|okay|sorry|wait|actually|and|but|so|well|um|uh|oh|excuse|me";
// Said along with a PIN.
const WITH_A_CODE: &str = "please|uh|um|its|it|is|my|pin|code|number|the|yes|yeah|ok|okay|sure|thanks|and|to|from|into|account";
// Fewest digits that are more likely a PIN than an amount, where nobody asked for one.
const CODE_DIGITS_MIN: usize = 4;

/// Whether all words beside those that are `read` belong to a correction.
pub fn is_one(heard: &Heard, read: &[bool]) -> bool {
    let is_read = |at: usize| read.get(at).copied().unwrap_or(false);
    let (known, proposed) = (heard.taken_by(WORDS), heard.taken_by(PROPOSING));
    let is_known = |at: usize| {
        let word = &heard.words[at];
        let is_share = word.text.ends_with('%');
        is_read(at) || is_share || known[at] || proposed[at] || is_number_word(word)
    };
    !asks(heard) && (0..heard.words.len()).all(is_known)
}

/// Whether the words ask something.
pub fn asks(heard: &Heard) -> bool {
    let lead = (0..heard.words.len()).find(|at| !heard.is_one_of(*at, LEADS));
    let first = lead.unwrap_or(0);
    let is_of = |at: usize| {
        matches!(
            heard.text(at),
            "i" | "it" | "that" | "this" | "they" | "you"
        )
    };
    let is_asked = heard.is_one_of(first, ASKING)
        || ASKING_OF.contains(&heard.text(first)) && is_of(first + 1);
    (is_asked || heard.is_question()) && !heard.has_any(CORRECTIONS) && !heard.has_any(PROPOSING)
}

/// Whether nothing but digits was said or pressed, so many that they may be a PIN.
pub fn is_code(heard: &Heard) -> bool {
    let mut digits = 0;
    for (at, word) in heard.words.iter().enumerate() {
        match digits_of(word) {
            Some(more) => digits += more,
            None if heard.is_one_of(at, WITH_A_CODE) => {}
            None => return false,
        }
    }
    digits >= CODE_DIGITS_MIN
}

/// Whether one digit was said or pressed and nothing else: on many lines a one means yes, and it is an amount on none.
pub fn is_lone_digit(heard: &Heard) -> bool {
    matches!(heard.words.as_slice(), [only] if digits_of(only) == Some(1))
}

fn digits_of(word: &Word) -> Option<usize> {
    match word.kind {
        Kind::Figure(figure) => {
            let is_bare = figure.sign.is_none() && figure.places == 0 && !figure.scaled;
            let is_plain = word.raw.bytes().all(|byte| byte.is_ascii_digit());
            (is_bare && is_plain).then_some(word.raw.len())
        }
        Kind::Plain if matches!(word.text.as_str(), "oh" | "o") => Some(1),
        Kind::Plain => small_word(&word.text).map(|number| if number < 10 { 1 } else { 2 }),
        Kind::Garbled => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_alone_may_be_a_pin() {
        for text in [
            "1234",
            "1 2 3 4",
            "one two three four",
            "uh, 12 34",
            "my number is 4155552671",
        ] {
            assert!(is_code(&Heard::new(text)), "{text}");
        }
        for text in [
            "$1234",
            "1234 dollars",
            "make it 1500",
            "no, 1500",
            "fifty",
            "1,500",
            "400",
            "yes",
        ] {
            assert!(!is_code(&Heard::new(text)), "{text}");
        }
    }

    #[test]
    fn a_question_is_told_from_a_correction() {
        for text in [
            "do I have 500 there",
            "is that from savings",
            "honey, fifty?",
            "sorry, did you say fifty",
        ] {
            assert!(asks(&Heard::new(text)), "{text}");
        }
        for text in [
            "do fifty instead",
            "can you make it fifty?",
            "no, fifty",
            "could we do fifty",
        ] {
            assert!(!asks(&Heard::new(text)), "{text}");
        }
    }
}
