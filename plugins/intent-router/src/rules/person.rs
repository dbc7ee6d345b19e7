//! Whether somebody else's account is meant: "David's checking balance", "my wife's savings", "the balance for Carol".
//! The caller's own name, contractions ("what's") and days ("last month's") are nobody else.

use super::Known;
use super::number::is_number_word;
use super::words::{Heard, Word};
use crate::bindings::bank::voice::types::Account;
use speech::account::canonical_kind;
use speech::date::MONTHS;
use std::ops::Range;

const THEIRS: &[&str] = &["his", "her", "their", "hers", "theirs"];
/// Who belongs to somebody.
pub const RELATIVES: &[&str] = &[
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

// Behind "at", and no bank.
const NO_PLACES: &[&str] = &[
    "once", "the", "noon", "midnight", "least", "most", "this", "that", "all", "it", "my", "our",
    "your", "a", "an", "night", "home", "moment", "end",
];
// Whose accounts are not a person's own.
const FIRMS: &[&str] = &[
    "company",
    "companys",
    "business",
    "corporate",
    "firm",
    "firms",
    "office",
    "church",
    "club",
    "childrens",
    "kids",
    "trust",
    "joint",
];
// They may begin with a capital letter, and are no names.
const VERBS: &[&str] = &[
    "transfer",
    "move",
    "send",
    "wire",
    "pay",
    "put",
    "shift",
    "take",
    "give",
    "yes",
    "no",
    "and",
    "from",
    "to",
    "into",
    "of",
    "please",
    "primary",
    "main",
    "regular",
    "personal",
    "dollars",
    "bucks",
    "high",
    "yield",
    "premium",
    "online",
    "christmas",
    "easter",
    "thanksgiving",
    "halloween",
    "hanukkah",
    "diwali",
];

/// Whether the utterance asks about what somebody else has.
pub fn is_asked_about(heard: &Heard, known: &Known) -> bool {
    let is_theirs = |at: usize| {
        let mut next = at + 1..at + 4;
        is_owner(heard, at, known) && next.any(|at| is_owned(heard.text(at)))
    };
    let is_named = |at: usize| is_named_behind(heard, at, &["of", "for", "does", "has"], known);
    (0..heard.words.len()).any(|at| is_theirs(at) || is_named(at) || has_relative(heard, at))
}

// "how much does my son have", "the balance of my daughter".
fn has_relative(heard: &Heard, at: usize) -> bool {
    let before = |back: usize| at.checked_sub(back).map_or("", |at| heard.text(at));
    let is_said =
        RELATIVES.contains(&heard.text(at)) && matches!(before(1), "my" | "our" | "a" | "the");
    let has = matches!(heard.text(at + 1), "have" | "has" | "got" | "own" | "owns");
    is_said && (has || matches!(before(2), "of" | "for"))
}

/// Whether a word is a relative's or a friend's: "mother".
pub fn is_relative(text: &str) -> bool {
    RELATIVES.contains(&text)
}

/// Whether the account that is named at these words is called somebody else's, before or behind.
pub fn owns(heard: &Heard, span: &Range<usize>, known: &Known) -> bool {
    owns_before(heard, span.start, known) || owns_behind(heard, span.end, known)
}

// "savings of Bob Smith", "savings at Chase", "checking in another bank".
fn owns_behind(heard: &Heard, end: usize, known: &Known) -> bool {
    let link = heard.text(end);
    if !matches!(link, "of" | "for" | "at" | "with" | "in") || heard.ends_clause(end - 1) {
        return false;
    }
    let at = (end + 1..end + 3)
        .find(|at| !matches!(heard.text(*at), "my" | "our" | "the" | "a" | "an"))
        .unwrap_or(end + 1);
    let text = heard.text(at);
    let is_elsewhere = matches!(
        text,
        "another" | "different" | "other" | "someone" | "somebody"
    );
    let is_place = link == "at" && !text.is_empty() && !NO_PLACES.contains(&text);
    let is_name = heard
        .words
        .get(at)
        .is_some_and(|word| is_name(heard, word, known));
    is_elsewhere
        || is_place && !is_number_word(&heard.words[at])
        || is_relative(text)
        || THEIRS.contains(&text)
        || is_name && link != "in"
}

// "Bob's savings", "my Chase checking", "the company checking".
fn owns_before(heard: &Heard, start: usize, known: &Known) -> bool {
    let Some(before) = start.checked_sub(1) else {
        return false;
    };
    let word = &heard.words[before];
    let is_possessive = word.raw.contains(['\'', '\u{2019}']);
    let is_named = before > 0 && !is_possessive && is_name(heard, word, known);
    if (is_named || FIRMS.contains(&heard.text(before))) && !is_own(heard.text(before), known) {
        return true;
    }
    let is_between = !matches!(
        heard.text(before),
        "my" | "our" | "the" | "from" | "to" | "into" | "in" | "and" | "or" | "of"
    );
    is_owner(heard, before, known) || is_between && before > 0 && is_owner(heard, before - 1, known)
}

/// Whether somebody else than the customer is named as an owner: "Bob's", "her", "wifes".
pub fn is_owner(heard: &Heard, at: usize, known: &Known) -> bool {
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

/// Whether a word is somebody's name: only where capitals mean something.
pub fn is_name(heard: &Heard, word: &Word, known: &Known) -> bool {
    let capitals = || {
        heard
            .words
            .iter()
            .filter(|word| is_capitalised(word))
            .count()
    };
    may_be_name(word, known) && capitals() * 2 <= heard.words.len() + 1
}

/// Whether a word may be somebody else's name, where one is to be expected.
pub fn may_be_name(word: &Word, known: &Known) -> bool {
    let text = word.text.as_str();
    is_capitalised(word)
        && !NO_NAMES.contains(&text)
        && !VERBS.contains(&text)
        && !is_month(text)
        && canonical_kind(text).is_none()
        && !is_number_word(word)
        && !NOBODYS.contains(&format!("{text}s").as_str())
        && !is_own(text, known)
}

fn is_month(text: &str) -> bool {
    MONTHS.iter().any(|month| {
        let month = month.to_lowercase();
        month == text || text.len() >= 3 && month.starts_with(text)
    })
}

// "the balance for Carol".
fn is_named_behind(heard: &Heard, at: usize, behind: &[&str], known: &Known) -> bool {
    let Some(word) = heard.words.get(at).filter(|word| is_capitalised(word)) else {
        return false;
    };
    let text = word.text.as_str();
    let is_behind = at > 0 && behind.contains(&heard.text(at - 1));
    let capitals = || {
        heard
            .words
            .iter()
            .filter(|word| is_capitalised(word))
            .count()
    };
    let is_kind = canonical_kind(text).is_some() || heard.text(at + 1).starts_with("account");
    is_behind
        && capitals() * 2 <= heard.words.len()
        && !is_month(text)
        && !is_kind
        && !NO_NAMES.contains(&text)
        && !NOBODYS.contains(&format!("{text}s").as_str())
        && !is_own(text, known)
}

/// Whether a word begins with a capital letter and is more than one.
pub fn is_capitalised(word: &Word) -> bool {
    let mut letters = word.raw.chars();
    let is_upper = letters.next().is_some_and(char::is_uppercase);
    is_upper
        && word.raw.len() > 1
        && letters.all(|c| c.is_lowercase() || matches!(c, '\'' | '\u{2019}'))
}

fn is_owned(text: &str) -> bool {
    NOUNS.contains(&text) || canonical_kind(text).is_some()
}

/// Whether a word is the caller's own name, or of what an account of theirs is called.
pub fn is_own(name: &str, known: &Known) -> bool {
    let is_word_of = |text: &str| {
        text.to_lowercase()
            .split(|c: char| !c.is_alphanumeric())
            .any(|word| word == name)
    };
    let nicknames = known
        .accounts
        .iter()
        .filter_map(|account| account.nickname.as_deref());
    let is_kind = |account: &Account| account.kind.eq_ignore_ascii_case(name);
    known.caller.as_deref().is_some_and(is_word_of)
        || known.accounts.iter().any(is_kind)
        || nicknames.into_iter().any(is_word_of)
}
