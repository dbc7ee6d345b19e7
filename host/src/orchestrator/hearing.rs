//! What is new in what was heard: pure.
//!
//! The provider sends the whole conversation with every request, asks before the caller has finished, drops what it asked and asks
//! again. So new is what the caller said since the agent's last words, less what an earlier turn has settled already: that turn's
//! reply is looked for in the conversation, and where it was not heard the turn is taken back, or told if it changed something.

use secrecy::SecretString;

use crate::call::outcome::Next;
use crate::call::session::{Heard, PendingIntent, Spoken, Standing};
use crate::call::{Call, Reply, bounds, pin};

/// What a spoken turn goes on with.
#[derive(Debug)]
pub(super) enum Hearing {
    /// These words.
    Words(Words),
    /// This is said, and no rule is asked.
    Only(Reply),
    /// The caller has said nothing new.
    Nothing,
}

/// New words, PINs taken out.
#[derive(Debug)]
pub(super) struct Words {
    /// For the rules.
    pub(super) text: String,
    /// Everything since the agent's last words, settled before or not.
    pub(super) all: String,
    /// How often the agent had spoken before.
    pub(super) agent_utterances: usize,
    /// A PIN was given, or should have been: the first that is one.
    pub(super) pin: Option<Option<SecretString>>,
    /// What an earlier turn changed and the caller has not heard of.
    pub(super) untold: Option<Reply>,
}

/// What a spoken turn keeps until its reply.
#[derive(Debug)]
pub(super) struct Voiced {
    /// What it heard.
    pub(super) words: Words,
    /// Where the conversation stood.
    pub(super) before: Standing,
    /// A PIN was in it.
    pub(super) is_pin: bool,
}

/// Words of a reply that show that it was heard.
const WORDS_OF_PROOF: usize = 3;
/// What is said to more words than a rule is given.
const TOO_LONG: &str = "That was a lot at once. Could you say it again in one short sentence?";

/// Finds what is new, and takes back what turned out to be unheard.
pub(super) fn hear(call: &mut Call, heard: &[Heard]) -> Hearing {
    let (all, agent_utterances) = since_the_agent(heard);
    let unheard = call
        .spoken
        .take_if(|spoken| !is_heard(spoken, heard))
        .filter(|spoken| spoken.has_changed || spoken.agent_utterances == agent_utterances);
    let last_words = heard.iter().rev().find_map(agents_words);
    let before = unheard.as_ref().map(|spoken| &spoken.before.pending);
    let waits_for_pin = [Some(&call.pending), before]
        .into_iter()
        .flatten()
        .flatten()
        .any(|pending| matches!(pending.intent, PendingIntent::StepUp(_)))
        || last_words.is_some_and(pin::is_mentioned);
    let (all, taken) = pin::take_from_text(&all, waits_for_pin);
    let mut words = Words {
        text: all.clone(),
        pin: (all.contains(pin::TAKEN)).then_some(taken),
        all,
        agent_utterances,
        untold: None,
    };
    if let Some(spoken) = unheard
        && let Some(reply) = settle(call, spoken, &mut words)
    {
        return Hearing::Only(reply);
    }
    if words.text.is_empty() {
        return Hearing::Nothing;
    }
    if words.text.len() > bounds::TEXT_BYTES_MAX {
        return Hearing::Only(Reply::say(TOO_LONG));
    }
    Hearing::Words(words)
}

/// What becomes of a turn whose reply was not heard; a reply where it is all that is to be said.
fn settle(call: &mut Call, spoken: Spoken, words: &mut Words) -> Option<Reply> {
    let is_same_moment = spoken.agent_utterances == words.agent_utterances;
    if spoken.has_changed {
        let rest = if is_same_moment {
            // Other words in the place of those that were acted on may be the same wish, heard better: they are not acted on again.
            without_beginning(&words.all, &spoken.words).unwrap_or_default()
        } else {
            words.all.clone()
        };
        let reply = spoken.reply.clone();
        call.spoken = Some(spoken);
        if rest.is_empty() {
            return Some(reply);
        }
        words.pin = words.pin.take().filter(|_| rest.contains(pin::TAKEN));
        words.text = rest;
        words.untold = Some(reply);
        return None;
    }
    if spoken.is_pin && plain_words(&spoken.words) == plain_words(&words.all) {
        // The same PIN once more must not count twice.
        let reply = spoken.reply.clone();
        call.spoken = Some(spoken);
        return Some(reply);
    }
    call.stand(spoken.before);
    None
}

/// Whether the agent was heard to say the reply, or the beginning of it.
fn is_heard(spoken: &Spoken, heard: &[Heard]) -> bool {
    let proof: Vec<String> = plain_words(&spoken.reply.text)
        .into_iter()
        .take(WORDS_OF_PROOF)
        .collect();
    !spoken.is_unsaid
        && heard
            .iter()
            .filter_map(agents_words)
            .skip(spoken.agent_utterances)
            .any(|said| {
                let said = plain_words(said);
                // Cut off after a word or two, it was begun all the same.
                let is_cut = proof.starts_with(&said) && !said.is_empty();
                is_cut || said.windows(proof.len().max(1)).any(|some| some == proof)
            })
}

/// The caller's words and keys since the agent's last words, and how often the agent has spoken.
fn since_the_agent(heard: &[Heard]) -> (String, usize) {
    let agent_utterances = heard.iter().filter_map(agents_words).count();
    let first = heard
        .iter()
        .rposition(|item| agents_words(item).is_some())
        .map_or(0, |last| last + 1);
    let mut words = String::new();
    let mut was_digit = false;
    for item in &heard[first..] {
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
    (words, agent_utterances)
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

/// The agent's words; an utterance without any, which was cut off at once, does not count.
fn agents_words(item: &Heard) -> Option<&str> {
    match item {
        Heard::Agent(text) if !text.trim().is_empty() => Some(text),
        _ => None,
    }
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
