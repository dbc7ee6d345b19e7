//! Whether an utterance is an answer to a question, or something for the line: a colleague, a repetition, goodbye.
//! An answer must be nothing but an answer: "yes" inside a longer sentence confirms nothing. "yeah no" is a no.

use super::words::Heard;
use crate::bindings::bank::voice::types::Intent;

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
];
const YES_PHRASES: &str =
    "go ahead|do it|do that|please do|send it|sounds good|looks good|of course|thats fine|i do";
const NO: &[&str] = &[
    "no",
    "nope",
    "nah",
    "dont",
    "not",
    "never",
    "negative",
    "wrong",
    "incorrect",
];
const FILLERS: &[&str] = &[
    "please", "thanks", "thank", "you", "it", "that", "thats", "this", "is", "i", "do", "the", "a",
    "so", "well", "uh", "um", "oh", "hm", "and", "then", "now", "just", "all", "looks", "sounds",
    "good", "fine", "great", "perfect", "go", "ahead", "of", "course", "am", "lets", "sir", "maam",
    "send", "very", "much",
];
// Said along with a yes to a transfer that waits for one; without one they may begin a new transfer.
const PENDING_FILLERS: &[&str] = &[
    "transfer", "payment", "pay", "money", "amount", "to", "want", "would", "like", "id", "make",
    "move", "with", "my",
];
const PERSON: &str = "human|representative|real person|a person|operator|live agent|an agent|\
    agent please|customer service|advisor|speak to someone|talk to someone|speak with someone|\
    speak to an employee|transfer me|put me through|connect me";
const CORRECTIONS: &str = "instead|rather|i meant|i mean|make it|make that|change it|change that|send it|send that|\
    move it|move that|transfer it|transfer that|put it|put that|take it|take that";
const CANCEL: &str = "cancel|never mind|nevermind|forget it|abort|changed my mind";
// Things of the bank that can be cancelled, which is not ours to do.
const NOT_TO_CANCEL: &str = "card|account|check|appointment|subscription";
const BYE: &str = "bye|goodbye|good bye|hang up|nothing else|end the call|end call|im done|\
    have a nice day|have a good day|that will be all|thatll be all|thats all|that is all|thats it";
const AGAIN: &str = "say that again|say it again|repeat that|repeat it|come again|pardon|\
    repeat please|please repeat|what did you say|didnt catch|didnt hear|one more time|\
    can you repeat|could you repeat";

/// An utterance that is nothing but an answer or something for the line.
pub fn answer(heard: &Heard, is_confirm_pending: bool) -> Option<Intent> {
    let is_unsure = heard.has_any("not sure|dont know|no idea");
    let yes_or_no = yes_or_no(heard, is_confirm_pending).filter(|_| !is_unsure);
    // "yes, that's it" answers the question, it does not end the call.
    if is_confirm_pending && begins_with_yes(heard) && yes_or_no.is_some() {
        return yes_or_no;
    }
    for_the_line(heard).or(yes_or_no)
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
    YES.contains(&heard.text(0))
}

/// Whether a no is in the utterance, for a question that waits for one: a doubt must not confirm.
pub fn has_no(heard: &Heard) -> bool {
    NO.iter().any(|no| heard.has(no)) && !heard.has_any("not sure|dont know|no idea|no problem")
}

fn for_the_line(heard: &Heard) -> Option<Intent> {
    let is_one_word = heard.words.len() == 1;
    if heard.has_any(PERSON) || is_one_word && heard.has_any("agent|person|someone") {
        return Some(Intent::Human);
    }
    let is_negated = heard.has_any("dont cancel|not cancel|dont stop");
    let is_stop = heard.words.len() <= 2 && heard.has("stop");
    let is_cancel = heard.has_any(CANCEL) && !heard.has_any(NOT_TO_CANCEL);
    if !is_negated && (is_cancel || is_stop) {
        return Some(Intent::Cancel);
    }
    if heard.has_any(BYE) && heard.words.len() <= 8 {
        return Some(Intent::Goodbye);
    }
    let again = heard.has_any(AGAIN) || is_one_word && heard.has_any("repeat|again|sorry|what");
    // "one more time" about money is no wish to hear the last sentence again.
    (again && !heard.has_any("transfer|payment|send|pay|move")).then_some(Intent::Repeat)
}

fn yes_or_no(heard: &Heard, is_confirm_pending: bool) -> Option<Intent> {
    let text = |at: usize| heard.text(at);
    let is_idiom = |at: usize| text(at) == "no" && matches!(text(at + 1), "problem" | "worries");
    let is_known = |at: usize| {
        let word = text(at);
        YES.contains(&word)
            || NO.contains(&word)
            || FILLERS.contains(&word)
            || is_confirm_pending && PENDING_FILLERS.contains(&word)
            || matches!(word, "problem" | "worries") && at > 0 && is_idiom(at - 1)
    };
    let places = || 0..heard.words.len();
    // "is that right" asks.
    if heard.words.is_empty() || text(0) == "is" || !places().all(is_known) {
        return None;
    }
    if places().any(|at| NO.contains(&text(at)) && !is_idiom(at)) {
        return Some(Intent::Decline);
    }
    let has_yes = places().any(|at| YES.contains(&text(at)));
    (has_yes || heard.has_any(YES_PHRASES)).then_some(Intent::Affirm)
}

#[cfg(test)]
mod tests;
