//! What is said to the line and not to the bank: a colleague, never mind, goodbye, again, and "I am not done".
//! Each counts only where it is meant: "I don't want to hang up" ends no call.

use super::CORRECTIONS;
use crate::bindings::bank::voice::types::Intent;
use crate::rules::aside;
use crate::rules::negation::{Said, said};
use crate::rules::words::Heard;

const PERSON: &str = "human|representative|real person|a person|operator|live agent|an agent|\
    agent please|customer service|advisor|speak to someone|talk to someone|speak with someone|\
    speak to an employee|transfer me|put me through|connect me|a colleague";
const CANCEL: &str = "cancel|never mind|nevermind|forget it|abort|changed my mind";
// Things of the bank that can be cancelled, which is not ours to do.
const NOT_TO_CANCEL: &str = "card|account|check|appointment|subscription";
/// Takes leave.
pub const FAREWELL: &str = "bye|goodbye|good bye|bye bye|nothing else|im done|i am done|im all done|were done|\
    we are done|im finished|have a nice day|have a good day|\
    have a great day|have a good one|that will be all|thatll be all|thats all|that is all|thats it|see you later|\
    see you|talk to you later|take care";
/// Tells us to end the call.
pub const HANG_UP: &str = "hang up|end the call|end call|end this call";
const NOT_OVER: &str = "im not done|am not done|im not finished|am not finished|not done yet|not finished yet|\
    were not done|thats not all|that is not all|dont go|do not go|dont leave|do not leave";
const WAIT: &str = "wait|hold on|hang on|moment|second|minute|sec|let me think|let me see";
// A caller who asks to wait says nothing else.
const WAITING: &[&str] = &[
    "wait", "hold", "hang", "on", "a", "one", "just", "moment", "second", "minute", "sec",
    "please", "yes", "yeah", "ok", "okay", "um", "uh", "oh", "let", "me", "think", "see", "give",
    "for", "the", "line", "sorry", "well", "about", "it",
];
const AGAIN: &str = "say that again|say it again|say again|repeat that|repeat it|come again|pardon|\
    repeat please|please repeat|what did you say|what was that|didnt catch|didnt hear|did not catch|did not hear|\
    missed that|one more time|once more|once again|again please|cant hear you|\
    cannot hear you|speak up|louder|slower|please again|can you repeat|could you repeat";
// Alone, these ask for the last words again.
const WHAT: &[&str] = &["repeat", "again", "sorry", "what", "huh"];
const POLITE: &[&str] = &[
    "please", "sorry", "oh", "um", "uh", "excuse", "me", "i", "am", "im",
];

/// What is for the line, if anything is.
pub fn of(heard: &Heard) -> Option<Intent> {
    let is_alone = |word: &str| heard.words.len() == 1 && heard.text(0) == word;
    let person = said(heard, PERSON);
    if person == Said::Meant || ["agent", "person", "someone"].into_iter().any(is_alone) {
        return Some(Intent::Human);
    }
    let stop = said(heard, "stop");
    let is_stop = heard.words.len() <= 2 && stop == Said::Meant;
    let cancel = said(heard, CANCEL);
    if is_stop || cancel == Said::Meant && !heard.has_any(NOT_TO_CANCEL) {
        return Some(Intent::Cancel);
    }
    let bye = leave(heard);
    let goes_on = heard.has_any(NOT_OVER);
    if bye == Said::Meant && !goes_on && heard.words.len() <= 8 {
        return Some(Intent::Goodbye);
    }
    let is_negated = [person, cancel, stop, bye].contains(&Said::Negated);
    // "don't cancel, make it fifty" goes on to a correction, which says what is meant.
    if goes_on || is_negated && !heard.has_any(CORRECTIONS) || only_waits(heard) {
        return Some(aside::stay());
    }
    // "one more time" about money is no wish to hear the last sentence again.
    let is_about_money = heard.has_any("transfer|payment|send|pay|move");
    (asks_again(heard) && !is_about_money).then_some(Intent::Repeat)
}

/// Whether the caller takes leave, or wants the call ended.
pub fn leave(heard: &Heard) -> Said {
    // "that's all right" is no "that's all".
    let is_fine = heard.has_any("thats all right|that is all right");
    let farewell = if is_fine {
        Said::Not
    } else {
        said(heard, FAREWELL)
    };
    match (farewell, said(heard, HANG_UP)) {
        (Said::Meant, _) | (_, Said::Meant) => Said::Meant,
        (Said::Not, Said::Not) => Said::Not,
        _ => Said::Negated,
    }
}

fn only_waits(heard: &Heard) -> bool {
    let mut texts = heard.words.iter().map(|word| word.text.as_str());
    heard.has_any(WAIT) && texts.all(|text| WAITING.contains(&text))
}

fn asks_again(heard: &Heard) -> bool {
    let texts = || heard.words.iter().map(|word| word.text.as_str());
    let is_little = |text: &str| WHAT.contains(&text) || POLITE.contains(&text);
    let is_only_what = texts().all(is_little) && texts().any(|text| WHAT.contains(&text));
    let is_hum = heard.has("uh huh");
    heard.has_any(AGAIN)
        || (is_only_what || heard.words.len() == 2 && heard.has("excuse me"))
            && !is_hum
            && heard.words.len() <= 4
}
