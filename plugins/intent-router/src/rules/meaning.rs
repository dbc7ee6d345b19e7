//! Whether an utterance is an answer to a question, or something for the line: a colleague, a repetition, goodbye.
//! An answer must be nothing but an answer: "yes" inside a longer sentence confirms nothing, unless what follows is a farewell or
//! one more wish. "yeah no" is a no, and what may be a yes or not is asked again.

mod line;
mod yes;

use super::aside;
use super::negation::{Said, idioms};
use super::number::is_number_word;
use super::words::Heard;
use crate::bindings::bank::voice::types::Intent;

/// What the caller was asked last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Nothing that waits for a yes.
    Nothing,
    /// For a yes or a no.
    YesOrNo,
    /// For the PIN.
    Pin,
}

/// What a correction is said with.
pub const CORRECTIONS: &str = "instead|rather|i meant|i mean|make it|make that|change it|change that|send it|send that|\
    should be|go with|move it|move that|transfer it|transfer that|put it|put that|take it|take that";

const THANKS: &str = "thanks|thank|cheers|you|so|very|much|a|lot|great|good|perfect|wonderful|lovely|cool|many|all|right|alright|ok|okay|oh|well";
const CONTENT: &str = "great|perfect|wonderful|lovely|cool|good|nice|excellent|oh|thats|that|is|very|so|all|right|ok|okay|fine";
const DOUBTING: &str = "think about|less|more|maybe|perhaps|not sure|unsure|too much|too little|tomorrow|later|amount|sum|wrong|\
    instead|rather|change|actually|meant|different|another";
const PLAIN_NO: &str =
    "no|nope|nah|nothing|none|thanks|thank|you|not|really|today|very|much|sir|maam|please|im|good";

/// An utterance that is nothing but an answer or something for the line.
pub fn answer(heard: &Heard, asked: Asked) -> Option<Intent> {
    let plainly = yes::plainly(heard, asked != Asked::Nothing);
    // Nothing but a yes, of which nobody could make anything else.
    if plainly == Some(Intent::Affirm) && line::leave(heard) == Said::Not {
        return plainly;
    }
    // "yes, that's it" answers the question, it does not end the call.
    if asked == Asked::YesOrNo
        && let Some(intent) = yes::with_more(heard)
    {
        return Some(intent);
    }
    if asked != Asked::Nothing && yes::begins(heard) && plainly.is_some() {
        return plainly;
    }
    if asked == Asked::YesOrNo && line::may_be_a_yes(heard) {
        return Some(aside::unclear_answer());
    }
    if line::is_greeting(heard) {
        return Some(aside::stay());
    }
    line::of(heard)
        .or(plainly)
        .or_else(|| (asked == Asked::YesOrNo && yes::is_unclear(heard)).then(aside::unclear_answer))
}

/// Whether the utterance begins with a plea for time.
pub fn holds(heard: &Heard) -> bool {
    line::holds(heard)
}

/// Whether nothing but a greeting was said.
pub fn greets(heard: &Heard) -> bool {
    line::greets(heard)
}

/// Whether the utterance speaks of what was asked about: it goes on from a no, says what was meant, or calls the money "it". What
/// it names then takes the place of what was said before, and the rest stays.
pub fn corrects(heard: &Heard) -> bool {
    matches!(
        heard.text(0),
        "no" | "nope" | "wait" | "sorry" | "actually" | "not"
    ) || heard.has_any(CORRECTIONS)
}

/// Whether the utterance begins with a yes.
pub fn begins_with_yes(heard: &Heard) -> bool {
    yes::begins(heard)
}

/// Whether the utterance begins with a no.
pub fn begins_with_no(heard: &Heard) -> bool {
    matches!(heard.text(0), "no" | "nope" | "nah") && has_no(heard)
}

/// Whether the utterance begins with a yes that nothing behind it takes back.
pub fn agrees(heard: &Heard) -> bool {
    yes::begins(heard) && !has_no(heard) && !yes::is_reserved(heard)
}

/// Whether nothing but a no was said, and a thank you perhaps.
pub fn is_plain_no(text: &str) -> bool {
    let heard = Heard::new(text);
    (0..heard.words.len()).all(|at| heard.is_one_of(at, PLAIN_NO))
}

/// Whether the caller says thank you, and no more.
pub fn is_thanks(heard: &Heard) -> bool {
    heard.has_any("thanks|thank|cheers")
        && (0..heard.words.len()).all(|at| heard.is_one_of(at, THANKS))
}

/// Whether the caller says how good that is, and no more.
pub fn is_content(heard: &Heard) -> bool {
    // "Good" alone may as well be "I'm good", which ends a call.
    heard.has_any("great|perfect|wonderful|lovely|cool|nice|excellent")
        && (0..heard.words.len()).all(|at| heard.is_one_of(at, CONTENT))
}

/// Whether something is doubted or to be otherwise, in words that say nothing more.
pub fn doubts(heard: &Heard) -> bool {
    heard.has_any(DOUBTING) || heard.words.iter().any(is_number_word)
}

/// Whether the caller does not know.
pub fn is_unsure(heard: &Heard) -> bool {
    heard.has_any(yes::UNSURE) || has_forgotten(heard)
}

/// Whether the caller knew, and does not any more; "I'm not sure" may be about anything.
pub fn has_forgotten(heard: &Heard) -> bool {
    heard.has_any("dont remember|cant remember|do not remember|forgot it|forgotten it|no idea|dont know|do not know")
}

/// Whether a no is in the utterance, for a question that waits for one: a doubt must not confirm.
pub fn has_no(heard: &Heard) -> bool {
    let idioms = idioms(heard);
    let is_no = |at: usize| yes::NO.contains(&heard.text(at)) && !idioms[at];
    ((0..heard.words.len()).any(is_no) || heard.has_any(yes::RATHER_NOT))
        && !heard.has_any(yes::UNSURE)
}

#[cfg(test)]
mod tests;
