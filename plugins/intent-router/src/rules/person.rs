//! Whether somebody else's account is meant: "David's checking balance", "my wife's savings", "the balance for Carol".
//! The caller's own name, contractions ("what's") and days ("last month's") are nobody else.

use super::Known;
use super::words::{Heard, Word};
use speech::account::canonical_kind;
use speech::date::MONTHS;

const THEIRS: &[&str] = &["his", "her", "their", "hers", "theirs"];
const RELATIVES: &[&str] = &[
    "wife",
    "husband",
    "son",
    "daughter",
    "mother",
    "father",
    "mom",
    "mum",
    "dad",
    "brother",
    "sister",
    "partner",
    "friend",
    "neighbor",
    "neighbour",
    "boyfriend",
    "girlfriend",
    "boss",
];
// They end like a possessive and are none, or are no person's.
const NOBODYS: &[&str] = &[
    "whats",
    "thats",
    "its",
    "lets",
    "hows",
    "wheres",
    "theres",
    "heres",
    "whos",
    "whens",
    "hes",
    "shes",
    "ones",
    "todays",
    "yesterdays",
    "tomorrows",
    "months",
    "weeks",
    "years",
    "days",
    "nights",
    "mornings",
    "banks",
    "accounts",
    "cards",
    "loans",
    "mondays",
    "tuesdays",
    "wednesdays",
    "thursdays",
    "fridays",
    "saturdays",
    "sundays",
    "everythings",
    "names",
];
const NOUNS: &[&str] = &[
    "balance",
    "balances",
    "account",
    "accounts",
    "statement",
    "statements",
    "transactions",
    "money",
    "address",
    "email",
    "phone",
    "details",
    "profile",
    "number",
];
// Behind "of" and "for" with a capital letter, and no names.
const NO_NAMES: &[&str] = &[
    "i",
    "me",
    "my",
    "mine",
    "all",
    "both",
    "each",
    "every",
    "the",
    "this",
    "that",
    "these",
    "those",
    "last",
    "next",
    "today",
    "yesterday",
    "tomorrow",
    "please",
    "now",
    "it",
    "them",
    "account",
    "accounts",
    "money",
    "us",
    "our",
];

/// Whether the utterance asks about what somebody else has.
pub fn is_asked_about(heard: &Heard, known: &Known) -> bool {
    let is_theirs = |at: usize| {
        let mut next = at + 1..at + 4;
        is_owner(heard, at, known) && next.any(|at| is_owned(heard.text(at)))
    };
    let is_named = |at: usize| is_named_behind(heard, at, &["of", "for", "does", "has"], known);
    (0..heard.words.len()).any(|at| is_theirs(at) || is_named(at) || is_relative(heard, at))
}

/// Whether the money is to go to somebody by name: "send twenty to Carol".
pub fn is_paid(heard: &Heard, known: &Known) -> bool {
    (0..heard.words.len()).any(|at| is_named_behind(heard, at, &["to", "pay"], known))
}

// "how much does my son have", "the balance of my daughter".
fn is_relative(heard: &Heard, at: usize) -> bool {
    let before = |back: usize| at.checked_sub(back).map_or("", |at| heard.text(at));
    let is_said =
        RELATIVES.contains(&heard.text(at)) && matches!(before(1), "my" | "our" | "a" | "the");
    let has = matches!(heard.text(at + 1), "have" | "has" | "got" | "own" | "owns");
    is_said && (has || matches!(before(2), "of" | "for"))
}

/// Whether the account that is named at a place is called somebody else's.
pub fn owns(heard: &Heard, start: usize, known: &Known) -> bool {
    let Some(before) = start.checked_sub(1) else {
        return false;
    };
    let is_between = !matches!(
        heard.text(before),
        "my" | "our" | "the" | "from" | "to" | "into" | "in" | "and" | "or" | "of"
    );
    is_owner(heard, before, known) || is_between && before > 0 && is_owner(heard, before - 1, known)
}

fn is_owner(heard: &Heard, at: usize, known: &Known) -> bool {
    let Some(word) = heard.words.get(at) else {
        return false;
    };
    let text = word.text.as_str();
    // A transcription may write "my wifes savings".
    let is_relatives = text
        .strip_suffix('s')
        .is_some_and(|one| RELATIVES.contains(&one));
    if THEIRS.contains(&text) || is_relatives {
        return true;
    }
    let raw = word.raw.to_lowercase().replace('\u{2019}', "'");
    let Some(name) = raw.strip_suffix("'s") else {
        return false;
    };
    let is_time = MONTHS.iter().any(|month| month.eq_ignore_ascii_case(name));
    let is_word = NOBODYS.contains(&text) || is_time || canonical_kind(name).is_some();
    !is_word && !is_own(name, known)
}

// "the balance for Carol": only where capitals mean something.
fn is_named_behind(heard: &Heard, at: usize, behind: &[&str], known: &Known) -> bool {
    let Some(word) = heard.words.get(at).filter(|word| is_capitalised(word)) else {
        return false;
    };
    let text = word.text.as_str();
    let is_behind = at > 0 && behind.contains(&heard.text(at - 1));
    let capitals = heard
        .words
        .iter()
        .filter(|word| is_capitalised(word))
        .count();
    let is_month = MONTHS.iter().any(|month| {
        let month = month.to_lowercase();
        month == text || text.len() >= 3 && month.starts_with(text)
    });
    let is_kind = canonical_kind(text).is_some() || heard.text(at + 1).starts_with("account");
    is_behind
        && capitals * 2 <= heard.words.len()
        && !is_month
        && !is_kind
        && !NO_NAMES.contains(&text)
        && !NOBODYS.contains(&format!("{text}s").as_str())
        && !is_own(text, known)
}

fn is_capitalised(word: &Word) -> bool {
    let mut letters = word.raw.chars();
    let is_upper = letters.next().is_some_and(char::is_uppercase);
    is_upper
        && word.raw.len() > 1
        && letters.all(|c| c.is_lowercase() || matches!(c, '\'' | '\u{2019}'))
}

fn is_owned(text: &str) -> bool {
    NOUNS.contains(&text) || canonical_kind(text).is_some()
}

// The caller's own name, or a word of what an account of theirs is called.
fn is_own(name: &str, known: &Known) -> bool {
    let is_word_of = |text: &str| {
        text.to_lowercase()
            .split(|c: char| !c.is_alphanumeric())
            .any(|word| word == name)
    };
    let nicknames = known
        .accounts
        .iter()
        .filter_map(|account| account.nickname.as_deref());
    known.caller.as_deref().is_some_and(is_word_of) || nicknames.into_iter().any(is_word_of)
}
