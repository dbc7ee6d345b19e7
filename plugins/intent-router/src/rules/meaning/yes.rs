//! Yes, no, and what may be either. Money moves on a yes, so everything that is not plainly one is asked again, and a no, a doubt or a
//! correction in the same utterance always wins.

use super::line::{self, FAREWELL, HANG_UP};
use super::{CORRECTIONS, aside};
use crate::bindings::bank::voice::types::Intent;
use crate::rules::negation::{Said, idioms, said};
use crate::rules::number::is_number_word;
use crate::rules::request::{Request, request};
use crate::rules::words::{Heard, Word};
use speech::further;

// A yes that also begins leave-taking, "okay, bye", is none before a farewell.
const WEAK_YES: &[&str] = &["ok", "okay", "right", "sure", "alright"];
const YES: &[&str] = &[
    "yes",
    "yeah",
    "yep",
    "yup",
    "yea",
    "sure",
    "ok",
    "okay",
    "correct",
    "right",
    "confirm",
    "confirmed",
    "absolutely",
    "definitely",
    "affirmative",
    "certainly",
    "exactly",
    "proceed",
    "alright",
    "agree",
    "agreed",
    "indeed",
    "ye",
    "ya",
    "yah",
    "aye",
    "yess",
    "yesss",
    "yeahh",
];
const YES_PHRASES: &str = "go ahead|do it|do that|please do|send it|sounds good|looks good|of course|thats fine|i do|transfer it|\
    move it|pay it|go for it|you may|im sure|i am sure|im certain|im positive|that works|works for me|sure thing|fine by me|\
    fine with me|i said yes|already said yes";
// "Yeah, right" means the opposite, "confirm the amount" wants to hear it again, "correct that" to put it right, and "all of it" is
// more than what was asked.
const DOUBTED: &str = "to correct|please correct|correct the|correct that|correct my|correct amount|right amount|amount is|\
    the amount|transfer amount|make sure|make it|make my|make the amount|yeah right|yea right|ya right|yah right|confirm the amount|confirm amount|confirm that amount|\
    confirm this amount|confirm my|confirm to|confirm with|confirm the money|all of|it all|that all|them all|all the|all my|\
    send all|move all|transfer all|pay all";
/// Words that say no.
pub const NO: &[&str] = &[
    "no",
    "nope",
    "nah",
    "nuh",
    "dont",
    "not",
    "never",
    "negative",
    "wrong",
    "incorrect",
];
/// These say no without any of those.
pub const RATHER_NOT: &str = "rather keep|rather leave|rather wait|keep the money|keep my money|keep it where|leave the money|leave my money|\
    leave it where|stay where|thats too much|that is too much|too expensive|cant do that";
/// Neither yes nor no, although a no is in it.
pub const UNSURE: &str = "not sure|not certain|not quite sure|dont know|do not know|no idea|unsure";
const FILLERS: &[&str] = &[
    "please", "its", "thanks", "thank", "you", "it", "that", "thats", "this", "is", "i", "do",
    "the", "a", "so", "well", "uh", "um", "oh", "hm", "and", "then", "now", "just", "all", "looks",
    "sounds", "good", "fine", "great", "perfect", "go", "ahead", "of", "course", "am", "lets",
    "sir", "maam", "send", "very", "much", "hell", "heck",
];
// Said along with a yes to a transfer that waits for one; without one they may begin a new transfer.
const PENDING_FILLERS: &[&str] = &[
    "transfer", "payment", "pay", "money", "amount", "to", "want", "would", "like", "id", "make",
    "move", "with", "my",
];
// An utterance that ends in one of these is not finished, or hesitates.
const HANGING: &[&str] = &[
    "um", "uh", "hm", "well", "so", "and", "to", "my", "the", "a", "with", "make", "like", "want",
    "id",
];
// With one of these a yes is half a yes.
const DOUBTS: &[&str] = &[
    "think", "be", "guess", "suppose", "probably", "maybe", "perhaps", "possibly", "mhm", "mmhm",
    "huh", "hmm", "im", "whatever", "fair", "enough", "if", "must", "have", "mind", "see",
    "actually", "wait", "hold", "on", "hang", "moment", "second", "minute", "one", "but", "or",
    "er", "erm", "let", "me",
];
// Content, but no answer: "great, thanks".
const CONTENT: &[&str] = &[
    "please", "fine", "good", "great", "perfect", "thanks", "thank",
];
// What makes more than a yes of a yes with something behind it: a condition, a hesitation, another day.
const RESERVATIONS: &str = "but|if|unless|until|before|first|except|wait|hold on|hang on|stop|cancel|actually|sorry|instead|\
    rather|mean|meant|change|wrong|maybe|perhaps|think|guess|suppose|probably|might|later|tomorrow|question|why|what|\
    how|when|or|nothing|off|less|more|reduce|lower|decrease|increase|raise|half|double";

/// An utterance that is nothing but a yes or a no, or hesitates between them while one is waited for.
pub fn plainly(heard: &Heard, is_waited_for: bool) -> Option<Intent> {
    let idioms = idioms(heard);
    let text = |at: usize| heard.text(at);
    let phrases = heard.taken_by(YES_PHRASES);
    // "Sorry, yes": said before an answer, it is part of none.
    let sorry = is_waited_for && text(0) == "sorry";
    let is_known = |at: usize| {
        is_answering(text(at), is_waited_for)
            || idioms[at]
            || is_waited_for && phrases[at]
            || at == 0 && sorry
    };
    let places = || 0..heard.words.len();
    // "is that right" asks.
    if heard.words.is_empty() || text(first(heard)) == "is" || heard.has_any(UNSURE) {
        return None;
    }
    if !places().all(is_known) {
        return None;
    }
    if places().any(|at| NO.contains(&text(at)) && !idioms[at]) {
        return Some(Intent::Decline);
    }
    let has_yes = places().any(|at| YES.contains(&text(at)));
    let is_hanging = is_waited_for && HANGING.contains(&text(heard.words.len() - 1));
    let is_half = is_hanging || is_waited_for && is_doubted(heard);
    ((has_yes || heard.has_any(YES_PHRASES)) && !is_half).then_some(Intent::Affirm)
}

/// Whether the utterance begins with a yes.
pub fn begins(heard: &Heard) -> bool {
    YES.contains(&heard.text(first(heard)))
}

/// A yes with a farewell or one more wish behind it. The yes counts where it is clear; where it is not, it is asked again, so that
/// what was asked is never dropped without a word.
pub fn with_more(heard: &Heard) -> Option<Intent> {
    let first = first(heard);
    let opens = heard.places(YES_PHRASES).iter().any(|it| it.start == first);
    let is_yes = begins(heard) || opens;
    // A colleague, a stop and "I am not done" count whatever stands before them.
    let is_for_the_line = || {
        !matches!(
            line::of(heard),
            None | Some(Intent::Goodbye | Intent::Repeat)
        )
    };
    if !is_yes || super::has_no(heard) || is_for_the_line() {
        return None;
    }
    if line::leave(heard) == Said::Meant {
        let is_weak = WEAK_YES.contains(&heard.text(first)) || heard.has_any(HANG_UP);
        let is_clear = !is_weak && is_only_farewell(heard) && !is_doubted(heard);
        return Some(affirm_if(is_clear, aside::unclear_answer));
    }
    let wished = request(heard);
    if !further::is_named(&words(heard)) || wished.is_some_and(Request::is_reading) {
        return None;
    }
    let is_wish = wished.is_some() || heard.words.iter().any(is_amount_word);
    let is_plain = !is_reserved(heard) && !heard.has_any(CORRECTIONS);
    Some(affirm_if(is_wish && is_plain, aside::one_at_a_time))
}

/// Whether a condition or a hesitation makes less than a yes of a yes.
pub fn is_reserved(heard: &Heard) -> bool {
    heard.has_any(RESERVATIONS) || heard.has_any(UNSURE) || is_doubted(heard)
}

/// Whether a yes is asked back, mocked, or to more than was asked: the one place that says so for every way to say yes.
fn is_doubted(heard: &Heard) -> bool {
    heard.is_question() || heard.has_any(DOUBTED)
}

/// Whether the words may be a yes and may be a no.
pub fn is_unclear(heard: &Heard) -> bool {
    if heard.has_any(UNSURE) {
        return heard.words.len() <= 6;
    }
    let idioms = idioms(heard);
    let is_known = |at: usize| {
        let text = heard.text(at);
        is_answering(text, true) || DOUBTS.contains(&text) || idioms[at]
    };
    let leans = |at: usize| {
        let text = heard.text(at);
        YES.contains(&text) || DOUBTS.contains(&text) || CONTENT.contains(&text) || idioms[at]
    };
    let places = || 0..heard.words.len();
    let is_leaning = places().any(leans) || heard.has_any(YES_PHRASES);
    places().all(is_known) && is_leaning && !super::has_no(heard)
}

fn affirm_if(is_clear: bool, otherwise: impl FnOnce() -> Intent) -> Intent {
    if is_clear {
        Intent::Affirm
    } else {
        otherwise()
    }
}

fn is_answering(text: &str, is_waited_for: bool) -> bool {
    YES.contains(&text)
        || NO.contains(&text)
        || FILLERS.contains(&text)
        || is_waited_for && PENDING_FILLERS.contains(&text)
}

// "oh yes", "um, well, yes".
fn first(heard: &Heard) -> usize {
    let is_lead = |at: &usize| {
        matches!(
            heard.text(*at),
            "oh" | "um" | "uh" | "well" | "so" | "and" | "sorry"
        )
    };
    (0..heard.words.len()).find(|at| !is_lead(at)).unwrap_or(0)
}

fn is_only_farewell(heard: &Heard) -> bool {
    let farewell = heard.taken_by(FAREWELL);
    let idioms = idioms(heard);
    let is_known = |at: usize| {
        let text = heard.text(at);
        farewell[at]
            || idioms[at]
            || is_answering(text, true)
            || matches!(
                text,
                "for"
                    | "have"
                    | "day"
                    | "nice"
                    | "lovely"
                    | "evening"
                    | "weekend"
                    | "cheers"
                    | "need"
                    | "today"
            )
    };
    (0..heard.words.len()).all(is_known) && said(heard, FAREWELL) == Said::Meant
}

// "one" and "oh" are said of much besides money.
fn is_amount_word(word: &Word) -> bool {
    is_number_word(word) && !matches!(word.text.as_str(), "one" | "oh" | "o" | "half" | "point")
}

fn words(heard: &Heard) -> String {
    let texts: Vec<&str> = heard.words.iter().map(|word| word.text.as_str()).collect();
    texts.join(" ")
}
