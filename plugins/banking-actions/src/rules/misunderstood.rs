//! What no rule understood: an open question goes to the bank's own agent; else the caller hears what can be done, then is offered
//! a person, then is connected to one.
//! The agent only talks. The host has taken every sentence with a figure out of what it says, and nothing here adds one.

use super::{Bank, say};
use crate::bindings::bank::voice::types::{Outcome, Turn};

/// Answers a turn that was not understood.
pub fn answer(turn: &Turn, bank: &impl Bank) -> Outcome {
    if turn.confirmed {
        // Yes, a person, please.
        return Outcome::HandedOff(say::human_requested(turn));
    }
    let is_offered = turn.extra.iter().any(|(name, _)| name == OFFER);
    // Who asks the agent again and again, and answers nothing, needs a person too.
    let is_lost = turn.pending.is_some() && !is_offered && turn.misunderstood > 1;
    if !is_lost
        && is_open_question(&turn.text)
        && let Ok(answer) = bank.answer(&turn.text)
    {
        return Outcome::Said(say::agents_words(&answer));
    }
    match turn.misunderstood {
        0 => Outcome::Said(say::help(turn)),
        _ if !is_offered => Outcome::Confirmation(say::human_offered(turn)),
        1 | 2 => Outcome::Confirmation(say::human_offered_again()),
        _ => Outcome::HandedOff(say::human_after_all()),
    }
}

// The host's name for an offer that is open, in the turn's extra texts.
const OFFER: &str = "offer";

// What questions begin with, once "so", "and" or "excuse me" is out of the way.
const ASKING: &[&str] = &[
    "what", "whats", "when", "whens", "where", "wheres", "who", "whos", "whose", "why", "which",
    "how", "hows", "is", "are", "am", "was", "were", "do", "does", "did", "dont", "doesnt",
    "didnt", "can", "could", "will", "would", "should", "may", "might", "has", "have", "isnt",
    "arent",
];
const LEADING: &[&str] = &[
    "so", "and", "but", "um", "uh", "oh", "ok", "okay", "well", "hey", "hi", "hello", "please",
    "sorry", "excuse", "me", "actually", "just", "also", "then", "yes", "no", "sure", "right",
    "yeah", "really",
];
// Said without a question mark, they ask for an answer all the same.
const PHRASES: &[&str] = &[
    "tell me",
    "explain",
    "i wonder",
    "wondering",
    "want to know",
    "like to know",
    "need to know",
    "question about",
    "help with",
    "lost my",
    "lost a",
    "was stolen",
    "been stolen",
    "stole my",
    "is missing",
    "good morning",
    "good afternoon",
    "good evening",
    "hello",
    "thank you",
    "thanks",
    "need a",
    "need an",
    "need some",
    "need new",
    "want a",
    "want an",
    "like a",
    "like an",
    "looking for",
    "interested in",
    "information",
    "info",
    "problem with",
    "trouble with",
    "issue with",
];
// What banks are asked about. Named in a few words, they ask for an answer without any of the above: "opening hours", "fees please".
const TOPICS: &[&str] = &[
    "hours",
    "opening",
    "closing",
    "branch",
    "branches",
    "atm",
    "atms",
    "cash",
    "address",
    "location",
    "rate",
    "rates",
    "interest",
    "exchange",
    "currency",
    "euros",
    "fee",
    "fees",
    "charges",
    "costs",
    "cheque",
    "cheques",
    "chequebook",
    "check",
    "checks",
    "checkbook",
    "iban",
    "swift",
    "bic",
    "routing",
    "sort",
    "mortgage",
    "mortgages",
    "loan",
    "loans",
    "insurance",
    "pension",
    "investment",
    "investments",
    "overdraft",
    "limit",
    "limits",
    "app",
    "online",
    "website",
    "contact",
    "appointment",
    "deposit",
    "deposits",
    "contactless",
    "holidays",
    "tax",
];
const TOPIC_WORDS_MAX: usize = 6;

/// Whether an utterance asks for an answer in words.
fn is_open_question(text: &str) -> bool {
    let plain: String = text
        .to_lowercase()
        .chars()
        .filter(|c| !matches!(c, '\'' | '\u{2019}'))
        .collect();
    let words: Vec<&str> = plain
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let line = format!(" {} ", words.join(" "));
    let first = words.iter().find(|word| !LEADING.contains(word));
    let is_asked = first.is_some_and(|word| ASKING.contains(word));
    let is_of_topic =
        words.len() <= TOPIC_WORDS_MAX && words.iter().any(|word| TOPICS.contains(word));
    // "your parking".
    let is_noun = words.len() > 1 && first == Some(&"your");
    // "Yes?" asks nothing that anybody could answer.
    let is_marked = text.trim_end().ends_with('?') && first.is_some();
    is_marked
        || is_asked
        || is_of_topic
        || is_noun
        || PHRASES
            .iter()
            .any(|phrase| line.contains(&format!(" {phrase} ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_asks_for_an_answer_is_an_open_question() {
        for text in [
            "What are your opening hours?",
            "when do you open",
            "so, where's the nearest branch",
            "excuse me, can I pay in cheques somewhere",
            "the nearest branch?",
            "I lost my card",
            "My card was stolen!",
            "Tell me about mortgages",
            "hello",
            "I'd like to know who owns the bank",
            "opening hours please",
            "your opening hours",
            "your parking",
            "branch address",
            "interest rates",
            "exchange rate for euros",
            "fees",
            "I need a new chequebook",
        ] {
            assert!(is_open_question(text), "{text}");
        }
    }

    #[test]
    fn what_asks_nothing_is_none() {
        for text in [
            "",
            "?",
            "...",
            "yes?",
            "Sure?",
            "the weather is nice",
            "blah blah",
            "I am not sure",
            "hold on a moment",
            "the purple elephants dance sideways",
            "wibble wobble over there",
            "blue",
            "checking",
            "your",
            "(inaudible speech)",
        ] {
            assert!(!is_open_question(text), "{text}");
        }
    }
}
