//! What is said to the line and not to the bank: a colleague, never mind, goodbye, again, and "I am not done".
//! Each counts only where it is meant: "I don't want to hang up" ends no call.

use super::CORRECTIONS;
use crate::bindings::bank::voice::types::Intent;
use crate::rules::negation::{Said, said};
use crate::rules::number::is_number_word;
use crate::rules::request::request;
use crate::rules::words::Heard;
use crate::rules::{aside, past, pressure};

const PERSON: &str = "human|representative|real person|a person|operator|live agent|an agent|\
    agent please|customer service|advisor|speak to someone|talk to someone|speak with someone|\
    speak to an employee|transfer me|put me through|connect me|a colleague|speak to somebody|talk to somebody|speak with somebody|\
    talk with somebody|a manager|your manager|supervisor|talk to an employee|\
    customer support|give me someone|get me someone|member of staff|staff member|a banker|an employee|someone else please|\
    somebody else please|real human|someone real|somebody real|someone from the bank|somebody from the bank|human being";
// Whoever does not want one of these wants a person.
const MACHINE: &str = "talk to a machine|talk to a robot|talk to a bot|talk to a computer|speak to a machine|speak to a robot|\
    speak to a bot|speak to a computer|talk with a machine|talk with a robot|speak with a machine|speak with a robot|talk to machines|\
    talk to robots|talking to a machine|talking to a robot|talking to a bot|talking to a computer|speaking to a machine|\
    speaking to a robot";
// Of a person, and no wish for one.
const NO_WISH: &str = "only human|just human|called me|told me|spoke to|spoke with|talked to|would a colleague do|is there a human|\
    a person too";
const URGENT: &str = "an emergency|emergency help|emergency please|emergency situation|complain|complaint|complaints|threatened";
const CANCEL: &str = "cancel|never mind|nevermind|nvm|forget it|forget that|forget the|forget about|abort|changed my mind|\
    call it off|i didnt ask for|i did not ask for|cant afford|cannot afford|start over";
// Things of the bank that can be cancelled, which is not ours to do, and what else is forgotten.
const NOT_TO_CANCEL: &str = "card|account|check|appointment|subscription|pin|password|code";
// Between a stop and the thing that it is about.
const ITS: &str =
    "my|the|this|that|a|an|our|all|of|credit|debit|bank|savings|checking|money|market|old|other";
// What is ours to cancel, whatever else is named with it.
const TO_CANCEL: &str = "transfer|payment|transaction";
const ASKED_BACK: &str = "did you cancel|did i cancel|did it cancel|did we cancel|didnt you cancel";
// Stops, unless something is to take the place of what is stopped: "scratch that, make it fifty".
const DROP: &str = "scrap that|scrap it|scrap the|scratch that|drop it|drop that|drop the|leave it|skip it|skip that|\
    delete that|delete it|undo that|undo it|undo the|stop that|stop it|go back|please stop|send it back|take it back|put it back|\
    reverse the transfer|reverse it|reverse that|was a mistake|made a mistake|that was wrong|didnt want that|\
    did not want that";
// With one of these something else is wanted in its place.
const REPLACED: &str =
    "make it|make that|instead|rather|i meant|i mean|change it|change that|should be";
// Directly behind what is stopped, these lead to what takes its place.
const REPLACING: &str = "to|from|into|in|at|as";
const STOPS: &str = "stop|halt|quit|exit|terminate|undo|refuse|reject|decline|scrap|drop|skip|delete|discard|withdraw|deny";
// Beside these, a stop says nothing else.
const STOPPING: &str = "i|we|you|please|just|no|the|transfer|payment|it|that|this|to|want|now|ok|okay|um|uh|oh|must|\
    can|sorry|wait|yes|my|id|like|everything|all|right|hey|actually|think|will|ill|would";
/// Takes leave.
pub const FAREWELL: &str = "bye|goodbye|good bye|bye bye|nothing else|im done|i am done|im all done|were done|we are done|\
    im finished|have a nice day|have a good day|have a great day|have a good one|that will be all|thatll be all|thats all|\
    thats everything|that is everything|that is all|thats it|see you later|see you|talk to you later|take care";
/// Tells us to end the call.
pub const HANG_UP: &str = "hang up|end the call|end call|end this call";
const NOT_OVER: &str = "im not done|am not done|im not finished|am not finished|not done yet|not finished yet|\
    were not done|thats not all|that is not all|dont go|do not go|dont leave|do not leave";
// Also said of an answer: "that's it".
const DONE: &str = "thats everything|that is everything|im done|i am done|im all done|were done|we are done|im finished|\
    that will be all|thatll be all|thats all|that is all|thats it|that is it";
const WHO: &str = "robot|bot|chatbot|machine|computer|human|real|a person|an ai|ai|automated|automatic|recording|a recording|\
    software|alive|artificial|who are you|what are you|who am i speaking|who am i talking";
const WAIT: &str = "wait|hold on|hang on|moment|moments|second|seconds|minute|minutes|sec|let me think|let me see|bear with me";
// A wish for one all the same: "I spoke to an agent, connect me again".
const WISH: &str = "connect me|put me through|transfer me|get me|give me|speak to|speak with|talk to|talk with|please";
// Asks for a moment, whatever comes behind it.
const HOLDING: &str = "hold on|hang on|hold the line|stay on the line|one moment|one second|one sec|just a moment|just a second|\
    just a minute|just a sec|give me a moment|give me a second|give me a minute|give me time|give me a sec|let me look|\
    let me find|let me get|let me check|let me ask|let me grab|i need a moment|i need a second|i need a minute|i need to find|\
    i need to get|i need to look|i have to look|i have to find|i have to get|wait a moment|wait a second|wait a minute";
const POLITELY: &str = "um|uh|oh|ok|okay|yes|yeah|please|sorry|well|wait";
// A caller who asks to wait says nothing else.
const WAITING: &str = "umm|uhm|hmmm|wait|hold|hang|on|a|one|just|moment|second|minute|sec|please|yes|yeah|ok|okay|um|uh|oh|let|me|think|see|\
    give|for|the|line|sorry|well|about|it|two|three|few|couple|of|seconds|minutes|moments|need|i|im|thinking|id|like|with|\
    patient|bear|hm|hmm|er|ah";
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
    if asks_who(heard) {
        return Some(aside::who_speaks());
    }
    let person = match said(heard, PERSON) {
        Said::Meant if heard.has_any(NO_WISH) && !heard.has_any(WISH) => Said::Not,
        person => person,
    };
    if is_urgent(heard)
        || person == Said::Meant
        || said(heard, MACHINE) == Said::Negated
        || ["agent", "person", "someone", "colleague"]
            .into_iter()
            .any(is_alone)
    {
        return Some(Intent::Human);
    }
    let stop = said(heard, STOPS);
    let cancel = said(heard, CANCEL);
    if is_stop(heard) || past::is_undone(heard) || cancel == Said::Meant && is_ours(heard) {
        return Some(Intent::Cancel);
    }
    if matches!(heard.text(0), "nothing" | "none" | "nay") && heard.words.len() == 1 {
        return Some(Intent::Decline);
    }
    let bye = leave(heard);
    let goes_on = heard.has_any(NOT_OVER);
    // "My balance please, and then goodbye": the balance comes first.
    let wants_more = heard.has_any("balance|balances|statement|statements");
    if bye == Said::Meant
        && !goes_on
        && !wants_more
        && (heard.words.len() <= 8 || ends_in_farewell(heard))
    {
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

// Who is in danger, or complains, is not asked twice. An account may be called "emergency fund".
fn is_urgent(heard: &Heard) -> bool {
    pressure::is_in_danger(heard)
        || said(heard, URGENT) == Said::Meant
            && request(heard).is_none()
            && !heard.has_any("cant complain|cannot complain|no complaints")
}

/// Whether nothing but "that's all" was said, which may also be a yes.
pub fn may_be_a_yes(heard: &Heard) -> bool {
    let done = heard.taken_by(DONE);
    let is_little =
        |at: usize| matches!(heard.text(at), "thanks" | "thank" | "you" | "ok" | "okay");
    heard.has_any(DONE) && (0..heard.words.len()).all(|at| done[at] || is_little(at))
}

/// Whether nothing but a greeting was said.
pub fn greets(heard: &Heard) -> bool {
    const WORDS: &str =
        "hello|hi|hey|helo|hiya|greetings|there|good|morning|afternoon|evening|day|to|you";
    const GREETINGS: &str =
        "hello|hi|hey|helo|hiya|greetings|good morning|good afternoon|good evening|good day";
    heard.has_any(GREETINGS) && (0..heard.words.len()).all(|at| heard.is_one_of(at, WORDS))
}

/// Whether the caller wants to know whether anybody listens.
pub fn is_greeting(heard: &Heard) -> bool {
    const WORDS: &[&str] = &[
        "hello", "hi", "hey", "are", "you", "there", "still", "anybody", "anyone", "helo", "can",
        "hear", "me",
    ];
    let is_known = heard.texts().all(|text| WORDS.contains(&text));
    is_known && heard.has_any("hello|hi|hey|there|hear me")
}

// "stop", "I refuse", "please reject it", "scrap that"; not "drop it to fifty".
fn is_stop(heard: &Heard) -> bool {
    let stops = heard.taken_by(STOPS);
    let is_known = |at: usize| stops[at] || heard.is_one_of(at, STOPPING);
    let is_only = heard.words.len() <= 6
        && stops.contains(&true)
        && (0..stops.len()).all(is_known)
        && said(heard, STOPS) == Said::Meant;
    is_only || said(heard, DROP) == Said::Meant && !is_replaced(heard)
}

fn is_replaced(heard: &Heard) -> bool {
    let mut dropped = heard.places(DROP).into_iter();
    heard.words.iter().any(is_number_word)
        || heard.has_any(REPLACED)
        || dropped.any(|place| heard.is_one_of(place.end, REPLACING))
}

// A card and an account are the bank's to cancel, and "did you cancel it" stops nothing.
fn is_ours(heard: &Heard) -> bool {
    let is_about_other = |place: std::ops::Range<usize>| {
        let thing = (place.end..heard.words.len()).find(|at| !heard.is_one_of(*at, ITS));
        thing.is_some_and(|at| heard.is_one_of(at, NOT_TO_CANCEL))
    };
    let is_other =
        !heard.has_any(TO_CANCEL) && heard.places(CANCEL).into_iter().any(is_about_other);
    !is_other && !heard.has_any(ASKED_BACK)
}

// "are you a robot", "am I talking to a real person"; not "can I talk to a real person".
fn asks_who(heard: &Heard) -> bool {
    heard.has_any(
        "are you|am i|is this|is that|who are you|what are you|you sound|youre a|you are a",
    ) && heard.has_any(WHO)
        && !heard.has_any("connect|put|transfer|able|can|could|let|want|need|give|get|going")
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

// "Oh, that is lovely, thank you dear. Bye bye." Whoever wishes for something first is answered first.
fn ends_in_farewell(heard: &Heard) -> bool {
    let is_last = |it: &std::ops::Range<usize>| it.end == heard.words.len();
    let is_number = heard.words.iter().any(is_number_word);
    heard.places(FAREWELL).iter().any(is_last) && !is_number && request(heard).is_none()
}

fn only_waits(heard: &Heard) -> bool {
    let is_all =
        heard.has_any(WAIT) && (0..heard.words.len()).all(|at| heard.is_one_of(at, WAITING));
    is_all || looks_for_it(heard)
}

/// Whether the utterance begins with a plea for time.
pub fn holds(heard: &Heard) -> bool {
    let taken = heard.taken_by(HOLDING);
    let first = (0..heard.words.len()).find(|at| !heard.is_one_of(*at, POLITELY));
    first.is_some_and(|first| taken[first])
}

// "Hold on, I have to look for it", "let me get my card": whatever the reason, nothing is asked for.
fn looks_for_it(heard: &Heard) -> bool {
    let says_more = || {
        heard.has_any("stop|cancel|make it|change|instead|rather|meant|but")
            || heard
                .words
                .iter()
                .any(|word| is_number_word(word) && word.text != "one" && word.text != "second")
            || request(heard).is_some()
            || super::has_no(heard)
            // "Hold on, my card was stolen".
            || aside::of(heard, None).is_some()
    };
    holds(heard) && !says_more()
}

fn asks_again(heard: &Heard) -> bool {
    let texts = || heard.words.iter().map(|word| word.text.as_str());
    let is_little = |text: &str| WHAT.contains(&text) || POLITE.contains(&text);
    let is_only_what = texts().all(is_little) && texts().any(|text| WHAT.contains(&text));
    let is_hum = heard.has_any("uh huh");
    heard.has_any(AGAIN)
        || (is_only_what || heard.words.len() == 2 && heard.has_any("excuse me"))
            && !is_hum
            && heard.words.len() <= 4
}
