//! Accounts in an utterance: by id, nickname, kind or last digits, each with the part it plays in a transfer.
//! A kind that two accounts share names both; which one is meant is asked, not chosen.

use super::number::small_word;
use super::words::{Heard, Kind, Word};
use super::{Known, named, person};
use crate::bindings::bank::voice::types::Account;
use speech::account::canonical_kind;
use std::ops::Range;

/// Which account was meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// One of the caller's, by its id.
    Own(String),
    /// One of several of the caller's.
    Several(Vec<String>),
    /// An explicit id that is none of the caller's, as it was given.
    Foreign(String),
    /// A kind that the caller has no account of.
    Missing(String),
    /// Called somebody else's: "David's checking".
    Theirs,
}

/// The part that an account plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The money comes from it.
    Source,
    /// The money goes to it.
    Destination,
    /// Named only to say that it is not meant: "instead of checking".
    Excluded,
    /// Not said.
    Open,
}

/// One account that was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// The words that it takes.
    pub span: Range<usize>,
    /// Which one.
    pub target: Target,
    /// As what.
    pub role: Role,
}

/// Every account of the utterance.
pub fn mentions(heard: &Heard, known: &Known) -> Vec<Mention> {
    let mut found: Vec<Mention> = Vec::new();
    let mut at = 0;
    while at < heard.words.len() {
        let Some((length, target)) = target_at(heard, at, known) else {
            at += 1;
            continue;
        };
        let span = at..at + length;
        let is_theirs = person::owns(heard, &span, known);
        found.push(Mention {
            span,
            target: if is_theirs { Target::Theirs } else { target },
            role: match role(heard, at, is_theirs) {
                Role::Open => joined_role(heard, at, &found),
                role => role,
            },
        });
        at += length;
    }
    found
}

/// The account that a text is, as an argument gives it: id, nickname or kind.
pub fn of_text(text: &str, known: &Known) -> Option<Target> {
    let is_same = |account: &&Account| account.id.eq_ignore_ascii_case(text.trim());
    if let Some(account) = known.accounts.iter().find(is_same) {
        return Some(Target::Own(account.id.clone()));
    }
    let mut found = mentions(&Heard::new(text), known);
    let first = found.pop().map(|mention| mention.target);
    if found.is_empty() { first } else { None }
}

/// Marks the words that accounts take, so that "checking 1" is no amount.
pub fn used(heard: &Heard, mentions: &[Mention]) -> Vec<bool> {
    let is_used = |at: usize| mentions.iter().any(|mention| mention.span.contains(&at));
    (0..heard.words.len()).map(is_used).collect()
}

fn target_at(heard: &Heard, at: usize, known: &Known) -> Option<(usize, Target)> {
    by_id(heard, at, known)
        .or_else(|| by_nickname(heard, at, known))
        .or_else(|| by_kind(heard, at, known))
        .or_else(|| by_ending(heard, at, known))
        .or_else(|| by_foreign_id(heard, at))
}

// The id itself, or its parts as they are said: "checking one" for `checking_1`.
fn by_id(heard: &Heard, at: usize, known: &Known) -> Option<(usize, Target)> {
    known.accounts.iter().find_map(|account| {
        let word = &heard.words[at];
        if word.raw.eq_ignore_ascii_case(&account.id) && !is_money(word) {
            return Some((1, Target::Own(account.id.clone())));
        }
        // Most words begin like no id.
        let initial = account.id.bytes().next().unwrap_or_default();
        let is_letter = initial.is_ascii_alphabetic();
        if is_letter
            && !word
                .text
                .starts_with(char::from(initial.to_ascii_lowercase()))
        {
            return None;
        }
        let id = account.id.to_lowercase();
        let parts: Vec<&str> = id.split(|c: char| !c.is_alphanumeric()).collect();
        let is_said = |(offset, part): (usize, &&str)| is_part(heard.text(at + offset), part);
        let after = heard.words.get(at + parts.len());
        let goes_on =
            after.is_some_and(|word| super::number::is_number_word(word) || is_unit(&word.text));
        let all_said = parts.len() > 1 && parts.iter().enumerate().all(is_said);
        (all_said && !goes_on).then(|| (parts.len(), Target::Own(account.id.clone())))
    })
}

fn by_nickname(heard: &Heard, at: usize, known: &Known) -> Option<(usize, Target)> {
    let said = |account: &Account| {
        let name = Heard::new(account.nickname.as_deref()?);
        let is_said = (0..name.words.len()).all(|i| name.text(i) == heard.text(at + i));
        (is_said && !name.words.is_empty()).then(|| (name.words.len(), account.id.clone()))
    };
    let found: Vec<(usize, String)> = known.accounts.iter().filter_map(said).collect();
    let longest = found.iter().map(|(length, _)| *length).max()?;
    let ids = found
        .into_iter()
        .filter(|(length, _)| *length == longest)
        .map(|(_, id)| id);
    Some((longest, one_or_several(ids.collect(), "")))
}

fn by_kind(heard: &Heard, at: usize, known: &Known) -> Option<(usize, Target)> {
    let word = heard.text(at);
    let is_money_market = word == "money" && heard.text(at + 1) == "market";
    let start = at + usize::from(is_money_market);
    let is_account_next = heard.text(start + 1).starts_with("account");
    let kind = match heard.text(start) {
        // Everyday words, unless they stand before "account": "check my current balance".
        "check" | "current" | "everyday" if !is_account_next => return None,
        "brokerage" | "retirement" | "joint" if is_account_next => heard.text(start).to_owned(),
        text => match canonical_kind(text) {
            Some(kind) => kind.to_owned(),
            None => bank_kind(text, known)?,
        },
    };
    let is_kind = |account: &&Account| named(account).kind() == kind;
    let mut ids: Vec<String> = known
        .accounts
        .iter()
        .filter(is_kind)
        .map(|account| account.id.clone())
        .collect();
    let mut length = start + 1 - at + usize::from(is_account_next);
    if let Some((more, ending)) = ending_at(heard, at + length) {
        length += more;
        ids.retain(|id| id.to_lowercase().ends_with(&ending));
    }
    Some((length, one_or_several(ids, &kind)))
}

// "the account ending in 1234", "account number 12345678".
fn by_ending(heard: &Heard, at: usize, known: &Known) -> Option<(usize, Target)> {
    let skip = usize::from(heard.text(at).starts_with("account"));
    if let Some((length, ending)) = ending_at(heard, at + skip) {
        let is_meant = |account: &&Account| account.id.to_lowercase().ends_with(&ending);
        let ids = known
            .accounts
            .iter()
            .filter(is_meant)
            .map(|account| account.id.clone());
        return Some((skip + length, one_or_several(ids.collect(), &ending)));
    }
    if skip == 0 {
        return None;
    }
    let skip = if heard.text(at + 1) == "number" { 2 } else { 1 };
    let word = heard.words.get(at + skip)?;
    let digits = word.raw.bytes().filter(u8::is_ascii_digit).count();
    let is_id = digits >= 4 && word.raw.len() <= 128 && !word.raw.contains(['.', ',', '$']);
    is_id.then(|| (skip + 1, Target::Foreign(word.raw.clone())))
}

fn by_foreign_id(heard: &Heard, at: usize) -> Option<(usize, Target)> {
    let word = &heard.words[at];
    looks_like_id(&word.raw).then(|| (1, Target::Foreign(word.raw.clone())))
}

/// Whether a word has the look of an id: letters and digits, at least five, such as `savings_2` or `ACC-1234`.
pub fn looks_like_id(raw: &str) -> bool {
    let has_digit = raw.bytes().any(|byte| byte.is_ascii_digit());
    let starts_like_id = raw.starts_with(|c: char| c.is_ascii_alphabetic());
    let is_plain = raw
        .chars()
        .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'));
    has_digit && starts_like_id && is_plain && (5..=128).contains(&raw.len())
}

fn ending_at(heard: &Heard, at: usize) -> Option<(usize, String)> {
    let skip = match (heard.text(at), heard.text(at + 1)) {
        ("ending" | "ends", "in" | "with") => 2,
        _ => return None,
    };
    let first = heard.words.get(at + skip)?;
    if first.text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some((skip + 1, first.text.clone()));
    }
    let digit = |offset: usize| small_word(heard.text(at + skip + offset)).filter(|n| *n < 10);
    let digits: String = (0..4).map_while(digit).map(|n| n.to_string()).collect();
    (!digits.is_empty()).then(|| (skip + digits.len(), digits))
}

// A kind of the bank's own that we have no synonyms for.
fn bank_kind(text: &str, known: &Known) -> Option<String> {
    let is_kind = |account: &Account| account.kind.eq_ignore_ascii_case(text);
    let is_one = !text.is_empty() && known.accounts.iter().any(is_kind);
    is_one.then(|| text.to_owned())
}

fn one_or_several(mut ids: Vec<String>, said: &str) -> Target {
    match ids.len() {
        0 => Target::Missing(said.to_owned()),
        1 => Target::Own(ids.remove(0)),
        _ => Target::Several(ids),
    }
}

// "From checking and savings", "from savings, sorry, checking": both are sources, of which one must be chosen.
fn joined_role(heard: &Heard, at: usize, found: &[Mention]) -> Role {
    const JOINING_MAX: usize = 6;
    let is_joined = |before: &&Mention| {
        let between = before.span.end..at;
        let is_link = |at: usize| heard.is_one_of(at, JOINING) || heard.is_one_of(at, BETWEEN);
        let links = |at: usize| heard.is_one_of(at, JOINING);
        between.len() <= JOINING_MAX && between.clone().any(links) && between.clone().all(is_link)
    };
    found
        .last()
        .filter(is_joined)
        .map_or(Role::Open, |before| before.role)
}

/// Between a preposition and an account, or whom it is about instead.
pub const BETWEEN: &str = "my|the|our|account|number|a|an|this|that|own|personal|main|primary|regular|normal|usual|other|old|new|\
    little|private|your";

// Between two accounts of which the second is meant beside the first, or in its place.
const JOINING: &str = "and|or|plus|sorry|no|nope|wait|actually|rather|oops|i|mean|meant|correction|uh|um|er|oh|scratch|make|excuse|me|\
    pardon|well|say|said|its|is|maybe|better";

// Somebody's name may stand between: "from my mother's savings".
const NAME_WORDS_MAX: usize = 3;

fn role(heard: &Heard, start: usize, is_theirs: bool) -> Role {
    let mut at = start;
    while at > 0 && heard.is_one_of(at - 1, BETWEEN) {
        at -= 1;
    }
    let found = role_before(heard, at);
    if found != Role::Open || !is_theirs {
        return found;
    }
    let further = (start.saturating_sub(NAME_WORDS_MAX)..start).rev();
    further
        .map(|at| role_before(heard, at))
        .find(|role| *role != Role::Open)
        .unwrap_or(Role::Open)
}

fn role_before(heard: &Heard, at: usize) -> Role {
    let before = |back: usize| at.checked_sub(back).map_or("", |at| heard.text(at));
    let is_out = before(1) == "of" && before(2) == "out";
    let role = match before(1) {
        "from" | "off" | "using" | "use" | "with" | "debit" => Role::Source,
        "of" if is_out => Role::Source,
        "of" if before(2) == "instead" => Role::Excluded,
        "not" | "than" | "except" | "never" => Role::Excluded,
        "but" if is_any(before(2)) => Role::Excluded,
        "to" | "into" | "in" | "onto" | "toward" | "towards" | "pay" | "credit" => {
            Role::Destination
        }
        _ => Role::Open,
    };
    let is_placed = matches!(role, Role::Source | Role::Destination);
    let preposition = at - usize::from(is_placed) - usize::from(is_out);
    if is_placed && is_denied(heard, preposition) {
        Role::Excluded
    } else {
        role
    }
}

// "not from checking", "don't take it from checking", "anything but from checking".
fn is_denied(heard: &Heard, preposition: usize) -> bool {
    const REACH: usize = 4;
    for at in (preposition.saturating_sub(REACH)..preposition).rev() {
        let before = at.checked_sub(1).map_or("", |at| heard.text(at));
        match heard.text(at) {
            _ if heard.ends_clause(at) => return false,
            "not" | "dont" | "never" | "except" => return true,
            "but" => return is_any(before),
            "take" | "it" | "that" | "the" | "money" | "send" | "move" | "transfer" | "put"
            | "want" | "to" | "go" | "come" | "use" | "be" | "should" => {}
            _ => return false,
        }
    }
    false
}

fn is_any(text: &str) -> bool {
    matches!(
        text,
        "anything" | "any" | "all" | "everything" | "anywhere" | "nothing" | "account"
    )
}

fn is_part(said: &str, part: &str) -> bool {
    said == part
        || small_word(said).is_some_and(|number| number < 20 && number.to_string() == *part)
}

fn is_money(word: &Word) -> bool {
    matches!(&word.kind, Kind::Figure(figure) if figure.sign.is_some() || figure.places > 0)
}

/// Whether a word is a unit of money.
pub fn is_unit(text: &str) -> bool {
    ["dollar", "buck", "cent", "euro", "pound"]
        .iter()
        .any(|unit| text.starts_with(unit))
}

#[cfg(test)]
mod tests;
