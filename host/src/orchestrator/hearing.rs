//! What is new in what was heard: pure.
//!
//! The provider sends the whole conversation with every request, asks before the caller has finished, drops what it asked and asks
//! again. So new is what the caller said since the agent's last words, less what an earlier turn has settled already: that turn's
//! reply is looked for in the conversation, and where it was not heard the turn is taken back, or told if it changed something.

mod digits;
mod question;

use std::sync::LazyLock;

use regex::Regex;
use secrecy::SecretString;

use super::{pending, pin_mark};
use crate::call::outcome::Next;
use crate::call::session::{DialogueState, Done, Heard, Pending, PendingIntent, Spoken};
use crate::call::{Call, Reply, bounds, pin};
use crate::reply;

/// What a spoken turn goes on with.
#[derive(Debug)]
pub(super) enum Hearing {
    /// These words.
    Words(Words),
    /// This is said, and no rule is asked; what was done is shown with it.
    Only(Reply, Vec<Done>),
    /// The caller has said nothing new.
    Nothing,
}

/// New words, PINs taken out.
#[derive(Debug)]
pub(super) struct Words {
    /// For the rules.
    pub(super) text: String,
    /// Pressed on the keys, every one of them.
    pub(super) is_keyed: bool,
    /// Everything since the agent's last words, settled before or not.
    pub(super) all: String,
    /// How often the agent had spoken before.
    pub(super) agent_utterances: usize,
    /// A PIN was given, or should have been: the first that is one.
    pub(super) pin: Option<Option<SecretString>>,
    /// The text was nothing but digits that nobody asked for: this is said to them.
    pub(super) unasked: Option<String>,
    /// What an earlier turn changed and the caller has not heard of.
    pub(super) untold: Option<Reply>,
    /// The same for the provider's transcript, where that has not been shown it.
    pub(super) done: Vec<Done>,
}

/// What a spoken turn keeps until its reply.
#[derive(Debug)]
pub(super) struct Voiced {
    /// What it heard.
    pub(super) words: Words,
    /// Where the conversation stood.
    pub(super) before: DialogueState,
    /// The mark of the PIN in it, which is compared.
    pub(super) compared: Option<String>,
}

/// Words of a reply that show that it was heard.
const WORDS_OF_PROOF: usize = 3;
/// What is said to more words than a rule is given.
const TOO_LONG: &str = "That was a lot at once. Could you say it again in one short sentence?";
/// What a caller says to "one moment, please": no wish, and no answer to a question.
static ACKNOWLEDGEMENT: LazyLock<Regex> = LazyLock::new(|| {
    let said = [
        "okay",
        "ok",
        "sure",
        "fine",
        "good",
        "great",
        "alright",
        "all right",
        "right",
        "yes",
        "yeah",
        "yep",
        "thanks",
        "thank you",
        "please",
        "uh huh",
        "mhm",
        "hm+",
        "no problem",
        "no worries",
        "take your time",
        "i'll wait",
        "hello",
        "are you (?:still )?there",
        r"\(unintelligible audio\)",
    ]
    .join("|");
    Regex::new(&format!(
        r"(?i)^(?:[\s,.!?\-]*(?:(?:{said})(?:[\s,.!?\-]+|$)))+$"
    ))
    .expect("a constant pattern, compiled in a test")
});

/// Finds what is new, and takes back what turned out to be unheard.
pub(super) fn hear(call: &mut Call, heard: &[Heard]) -> Hearing {
    let agent_utterances = agent_utterances(heard);
    question::notice(call, heard);
    let unheard = call
        .spoken
        .take_if(|spoken| !is_heard(spoken, heard))
        .filter(|spoken| spoken.must_be_heard || spoken.agent_utterances == agent_utterances);
    let last_words = heard.iter().rev().find_map(agents_words);
    let before = unheard.as_ref().map(|spoken| &spoken.before.pending);
    let is_for_pin = |open: &Pending| matches!(open.question().intent, PendingIntent::StepUp(_));
    let waits_for_pin = [Some(&call.pending), before]
        .into_iter()
        .flatten()
        .flatten()
        .any(is_for_pin)
        || call.is_doubted && digits::are_only_pin(heard)
        || last_words.is_some_and(pin::is_mentioned);
    let mut words = since_the_agent(heard, agent_utterances, waits_for_pin);
    if matches!(words.pin, Some(None)) {
        words.pin = Some(pin_in_parts(heard));
    }
    if let (Some(spoken), Some(Some(pin))) = (&unheard, &words.pin)
        && let Some(compared) = &spoken.compared
        && let Some(newer) = pin_mark::behind(&call.id, compared, pin)
    {
        words.pin = Some(Some(newer));
    }
    if let Some(spoken) = unheard
        && let Some(reply) = settle(call, spoken, &mut words)
    {
        return Hearing::Only(reply, words.done);
    }
    if words.text.is_empty() {
        return Hearing::Nothing;
    }
    if words.text.len() > bounds::TEXT_BYTES_MAX {
        return Hearing::Only(Reply::say(TOO_LONG), Vec::new());
    }
    let Some(said) = digits::unasked(call, &words.text, words.is_keyed) else {
        return Hearing::Words(words);
    };
    if let Some(untold) = &words.untold {
        let asked = call.pending.as_ref().map(|open| open.asked.as_str());
        let said = [Some(said.as_str()), asked];
        let said: Vec<_> = said.into_iter().flatten().collect();
        let told = joined(untold, Reply::say(said.join(" ")));
        return Hearing::Only(told, words.done);
    }
    pin::TAKEN.clone_into(&mut words.text);
    pin::TAKEN.clone_into(&mut words.all);
    words.unasked = Some(said);
    Hearing::Words(words)
}

/// How often the agent has spoken, asking to hold on not counted.
pub(super) fn agent_utterances(heard: &[Heard]) -> usize {
    heard.iter().filter_map(agents_words).count()
}

/// What becomes of a turn whose reply was not heard; a reply where it is all that is to be said.
fn settle(call: &mut Call, spoken: Spoken, words: &mut Words) -> Option<Reply> {
    let is_same_moment = spoken.agent_utterances == words.agent_utterances;
    if spoken.must_be_heard {
        let rest = if is_same_moment {
            // Other words in the place of those that were acted on may be the same wish, heard better: they are not acted on again.
            without_beginning(&words.all, &spoken.words).unwrap_or_default()
        } else {
            words.text.clone()
        };
        let reply = spoken.reply.clone();
        if spoken.is_unsaid {
            // Words that nobody waited for have taken what was done with them.
            words.done.clone_from(&spoken.done);
        }
        call.spoken = Some(spoken);
        if rest.is_empty() {
            return Some(reply);
        }
        words.pin = words.pin.take().filter(|_| rest.contains(pin::TAKEN));
        words.text = rest;
        // To somebody else it is told behind the PIN.
        words.untold = (!call.is_doubted).then_some(reply);
        return None;
    }
    if spoken.compared.is_some() && spoken.compared == words.mark(&call.id) {
        // The same PIN once more must not count twice; what is said along with it now is heard.
        let rest = pin::besides(&words.text, pending::open(spoken.before.pending.as_ref()));
        if rest.is_empty() || spoken.words == words.all {
            let reply = spoken.reply.clone();
            call.spoken = Some(spoken);
            return Some(reply);
        }
        words.text = rest;
        words.pin = None;
    }
    call.restore_dialogue(spoken.before);
    None
}

/// Whether the agent was heard to say the reply, or the beginning of it; what was changed at the bank is heard once half of its
/// words were: a caller who cuts in at "Done. I" knows of no amount.
fn is_heard(spoken: &Spoken, heard: &[Heard]) -> bool {
    let whole = plain_words(&spoken.reply.text);
    let proof = &whole[..whole.len().min(WORDS_OF_PROOF)];
    let enough = if spoken.must_be_heard {
        whole.len().div_ceil(2)
    } else {
        0
    };
    !spoken.is_unsaid
        && heard
            .iter()
            .filter_map(agents_words)
            .skip(spoken.agent_utterances)
            .any(|said| {
                let said = plain_words(said);
                // Cut off after a word or two, it was begun all the same.
                let is_cut = proof.starts_with(&said) && !said.is_empty();
                let began = said
                    .windows(proof.len().max(1))
                    .position(|some| some == proof)
                    .or_else(|| is_cut.then_some(0));
                began.is_some_and(|began| said.len() - began >= enough)
            })
}

impl Words {
    /// The mark of the PIN in them.
    pub(super) fn mark(&self, call_id: &str) -> Option<String> {
        pin_mark::mark(call_id, self.pin.as_ref()?.as_ref()?)
    }
}

/// What the caller has said since the agent's last words, PINs taken out.
///
/// A sentence that asked to hold on answered nothing, so the words before it still wait for their answer: "okay" after it is no
/// wish of its own, anything else takes their place.
fn since_the_agent(heard: &[Heard], agent_utterances: usize, waits_for_pin: bool) -> Words {
    let after = |is_last: fn(&Heard) -> bool, heard: &[Heard]| {
        heard.iter().rposition(is_last).map_or(0, |last| last + 1)
    };
    let heard = &heard[after(|item| agents_words(item).is_some(), heard)..];
    let (before, now) = heard.split_at(after(
        |item| matches!(item, Heard::Agent(text) if !text.trim().is_empty()),
        heard,
    ));
    let (waiting, waiting_pin) = pin::take_from_text(&callers_words(before), waits_for_pin);
    let (newest, newest_pin) = pin::take_from_text(&callers_words(now), waits_for_pin);
    let mut all = waiting.clone();
    append(&mut all, &newest, false);
    let still_waits = newest.is_empty() || ACKNOWLEDGEMENT.is_match(&newest);
    let (text, pin, is_keyed) = if !waiting.is_empty() && still_waits {
        (waiting, waiting_pin, digits::are_keyed(before))
    } else {
        (newest, newest_pin, digits::are_keyed(now))
    };
    Words {
        pin: text.contains(pin::TAKEN).then_some(pin),
        text,
        is_keyed,
        all: all.trim().to_owned(),
        agent_utterances,
        unasked: None,
        untold: None,
        done: Vec::new(),
    }
}

/// The PIN of which the caller's newest words are the last part, where the agent has asked for it before each.
fn pin_in_parts(heard: &[Heard]) -> Option<SecretString> {
    let mut parts = Vec::new();
    let mut is_asked_for = false;
    let mut after_the_agent = 0;
    for (at, item) in heard.iter().enumerate() {
        let Some(said) = agents_words(item) else {
            continue;
        };
        if is_asked_for {
            parts.push(callers_words(&heard[after_the_agent..at]));
        } else {
            parts.clear();
        }
        is_asked_for = pin::is_mentioned(said);
        after_the_agent = at + 1;
    }
    if !is_asked_for || parts.is_empty() {
        return None;
    }
    parts.push(callers_words(&heard[after_the_agent..]));
    pin::in_parts(&parts)
}

/// The caller's words and keys, in order.
fn callers_words(heard: &[Heard]) -> String {
    let mut words = String::new();
    let mut was_digit = false;
    for item in heard {
        match item {
            Heard::Agent(_) => {}
            Heard::Caller(text) => {
                append(&mut words, text, false);
                was_digit = false;
            }
            Heard::Digit(digit) if digit.is_ascii_digit() => {
                append(&mut words, digit.encode_utf8(&mut [0; 4]), was_digit);
                was_digit = true;
            }
            Heard::Digit(_) => was_digit = false,
        }
    }
    words
}

fn append(words: &mut String, text: &str, is_joined: bool) {
    if !words.is_empty() && !is_joined {
        words.push(' ');
    }
    words.extend(
        text.trim()
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c }),
    );
}

/// The agent's words; an utterance without any, which was cut off at once, does not count, and neither does one that only asks to
/// hold on.
fn agents_words(item: &Heard) -> Option<&str> {
    match item {
        Heard::Agent(text) if !text.trim().is_empty() && !is_holding(text) => Some(text),
        _ => None,
    }
}

/// Whether this is nothing but what is said while the bank takes its time, or the beginning of it.
fn is_holding(text: &str) -> bool {
    let said = plain_words(text);
    let whole: Vec<String> = reply::HOLDING
        .iter()
        .flat_map(|text| plain_words(text))
        .collect();
    whole.starts_with(&said)
}

/// What follows after the words of `beginning`; none where they are others.
fn without_beginning(all: &str, beginning: &str) -> Option<String> {
    let mut awaited = plain_words(beginning).into_iter().peekable();
    let mut rest = Vec::new();
    for word in all.split_whitespace() {
        let plain = plain_words(word);
        match awaited.peek() {
            Some(next) if plain.first() == Some(next) => {
                awaited.next();
            }
            Some(_) if plain.is_empty() => {}
            Some(_) => return None,
            None if rest.is_empty() && plain.is_empty() => {}
            None => rest.push(word),
        }
    }
    awaited.next().is_none().then(|| rest.join(" "))
}

/// Words without case and marks.
fn plain_words(text: &str) -> Vec<String> {
    text.split_whitespace()
        .map(|word| {
            let letters = word.chars().filter(|c| c.is_alphanumeric());
            letters.flat_map(char::to_lowercase).collect::<String>()
        })
        .filter(|word| !word.is_empty())
        .collect()
}

/// Two replies said one after the other.
pub(super) fn joined(first: &Reply, then: Reply) -> Reply {
    Reply {
        text: format!("{} {}", first.text, then.text),
        next: match then.next {
            Next::Listen => first.next.clone(),
            other => other,
        },
        interruptible: first.interruptible && then.interruptible,
    }
}

#[cfg(test)]
mod tests;
