//! Whether whoever is on the line is not the customer, by their own words: "I'm Bob Smith", "Alice's husband here", "I'm with the
//! police", "my brother takes over now".
//! What the number or a PIN has opened is closed then until a PIN is given, so rather too much is found here than too little: a
//! customer who is taken for somebody else is asked for a PIN, and somebody else who is taken for the customer hears a balance.

use super::Known;
use super::person::{self, RELATIVES};
use super::words::Heard;
use std::ops::Range;

// Who speaks for a person without being a relative.
const ROLES: &str = "lawyer|attorney|assistant|secretary|accountant|carer|caretaker|caregiver|nurse|colleague|fiance|fiancee|roommate|\
    flatmate|housemate|relative|spouse|ex|widow|widower|guardian|grandson|granddaughter|grandmother|grandfather|nephew|niece|uncle|aunt|\
    cousin|kid|child|stepson|stepdaughter|landlord|babysitter|coworker|neighbor|neighbour|executor|trustee|advisor|family member";
const RANKS: &str = "officer|detective|inspector|sergeant|lieutenant|constable|sheriff|marshal";
const TITLES: &str = "mr|mrs|ms|miss|mister|dr|doctor|sir|madam|maam";
// Whom nobody who calls their own bank works for while they do.
const OFFICES: &str = "bank|banks|police|fraud|irs|fbi|court|government|tax|security|support|microsoft|amazon|law|hospital|bailiff";
// Before what somebody says they are.
const FILLERS: &str =
    "actually|really|just|only|now|still|also|calling|speaking|in|fact|sorry|here";
const ARTICLES: &str = "the|a|an|your|their|our";
// Where a name would stand behind "my name", and none stands.
const NO_NAME: &str = "wrong|spelled|misspelled|spelt|written|incorrect|missing|different|long|too|on|in|and|of|the|a|changed|being|\
    been|still|really|also|so|pronounced|hard|difficult|not|no";
const THIRD: &str = "she|he|they";
// What is said of a customer who does not speak.
const ABSENT: &str = "is|isnt|cant|cannot|couldnt|has|had|asked|told|wants|wanted|said|says|died|passed|gave|needs|let|lets|allowed|knows|\
    lives|lost|forgot|would|will|does|doesnt";
// "Alice is my name", "Alice is calling": of whoever speaks.
const PRESENT: &str = "my|calling|speaking|here|on";
const SENT: &str = "asked me|told me to|wants me|wanted me|sent me|lets me|allowed me|allows me|gave me permission";
const AWAY: &str = "said i|let me|cant talk|cannot talk|cant speak|cannot speak|cant come|cannot come|is asleep|is sleeping|is sick|is ill|\
    is in hospital|is in the hospital|is in bed|is busy|is next to me|is right here|is not here|isnt here|is away|is at work|is driving";
const ACTING: &str = "calling for|call for|called for|acting for|speaking for|speak for|asking for|helping|calling instead of|\
    managing the account of|looking after|taking care of";
// Said by nobody on a line of their own.
const FOREIGN: &str = "found this phone|found the phone|borrowed this phone|borrowed the phone|stole this phone|stole the phone|not my phone|\
    isnt my phone|somebody elses phone|someone elses phone|not the account holder|not the account owner|not the customer|\
    not the owner|not the cardholder|isnt the account holder|isnt the account owner|account holder is not|account holder isnt|\
    somebody elses account|someone elses account|this is not my account|this isnt my account|pretending to be|pretend to be|\
    im someone else|im somebody else|i am someone else|i am somebody else|this is someone else|this is somebody else|another person now|\
    have power of attorney|has power of attorney|have a power of attorney|have the power of attorney|hold power of attorney|\
    executor of|trustee of|guardian of|next of kin";
const HANDED: &str = "hand the phone|hands the phone|handing the phone|handed the phone|give the phone|gives the phone|giving the phone|\
    gave the phone|pass the phone|passes the phone|passing the phone|passed the phone|take the phone|takes the phone|taking the phone|\
    took the phone|taken the phone|grab the phone|grabbed the phone|have the phone now|got the phone now|handing you|passing you|\
    hand you to|hand you over to my|giving you to|give you to";
const TAKES: &str = "takes over|taking over|take over|took over|taken over|takes it from here|take it from here|wants to talk to you|\
    wants to speak to you|wants to speak with you|wants to talk with you|will talk|will speak|can talk to you|will continue|continues|\
    do the talking|talk for me|speak for me|is on the phone now|is on the line now|tell you the rest|do the rest";
const PUTS: &str = "put|putting|get|getting|let|have|bring|bringing";

/// Whether somebody else than the customer speaks, or is about to.
pub fn is_another(heard: &Heard, known: &Known) -> bool {
    let places = || 0..heard.words.len();
    heard.has_any(FOREIGN)
        || hands_over(heard)
        || is_on_behalf(heard, known)
        || has_strange_name(heard, known)
        || places().any(|at| is_introduced(heard, at, known))
        || places().any(|at| is_announced(heard, at, known))
        || places().any(|at| is_absent(heard, at, known))
}

/// Whether the phone goes to somebody else.
pub fn hands_over(heard: &Heard) -> bool {
    let is_third = |at: usize| {
        is_relation(heard, at) || heard.is_one_of(at, THIRD) || heard.is_one_of(at, "him|her")
    };
    let takes = |place: Range<usize>| (0..place.start).any(is_third);
    // "Let me put my wife on", "here is my son".
    let is_put = |at: usize| {
        let after = usize::from(heard.is_one_of(at + 1, "my|the")) + at + 1;
        let is_on = || (after + 1..after + 4).any(|at| heard.is_one_of(at, "on|talk|speak"));
        is_third(after) && heard.is_one_of(at, PUTS) && is_on()
    };
    let is_shown =
        |place: Range<usize>| heard.text(place.end) == "my" && is_relation(heard, place.end + 1);
    heard.has_any(HANDED)
        || heard.places(TAKES).into_iter().any(takes)
        || (0..heard.words.len()).any(is_put)
        || heard
            .places("here is|heres|here comes")
            .into_iter()
            .any(is_shown)
}

// "I'm Bob Smith", "this is her son", "I am not Alice", "you're talking to the roommate".
fn is_introduced(heard: &Heard, at: usize, known: &Known) -> bool {
    let Some(next) = introduction(heard, at) else {
        return false;
    };
    let is_it = heard.is_one_of(at, "its|it");
    let next = skip(heard, next, FILLERS);
    let noun = skip(heard, next, ARTICLES);
    if matches!(heard.text(next), "not" | "isnt") {
        return is_denied(heard, next + 1, known);
    }
    let is_relations = (next..noun + 2)
        .any(|at| is_anybodys(heard, at, known) && (1..3).any(|on| is_relation(heard, at + on)));
    let is_role = noun > next && is_relation(heard, noun) && {
        let is_alone = heard.ends_clause(noun) || noun + 1 == heard.words.len();
        heard.text(next) == "the" || is_alone || heard.is_one_of(noun + 1, "of|to|for|and|here")
    };
    let is_sent = heard.is_one_of(next, "from|with|for|at") && is_office(heard, next + 1);
    let is_ranked = heard.is_one_of(noun, RANKS);
    is_relations
        || is_role
        || is_sent
        || is_ranked
        || !is_it && !heard.ends_clause(next - 1) && is_strange(heard, next, known)
}

// Where begins what somebody says they are.
fn introduction(heard: &Heard, at: usize) -> Option<usize> {
    let second = heard.text(at + 1);
    let talks = |from: usize| {
        let is_said =
            heard.is_one_of(from, "speaking|talking") && heard.is_one_of(from + 1, "to|with");
        is_said.then_some(from + 2)
    };
    match heard.text(at) {
        "im" | "its" | "thiss" => Some(at + 1),
        "i" if second == "am" => Some(at + 2),
        "this" | "it" if second == "is" => Some(at + 2),
        "this" if second == "isnt" => Some(at + 1),
        "youre" => talks(at + 1),
        "you" if second == "are" => talks(at + 2),
        "i" if second == "work" => Some(at + 2),
        "calling" if second == "from" => Some(at + 1),
        _ => None,
    }
}

// "I'm not Alice", "this isn't her", "I am not the account holder".
fn is_denied(heard: &Heard, at: usize, known: &Known) -> bool {
    let at = skip(heard, skip(heard, at, FILLERS), "the|really|to");
    person::is_own(heard.text(at), known) && !known_kind(heard.text(at), known)
        || heard.is_one_of(at, "her|him|she|he|them")
        || heard.text(at) == "account" && heard.is_one_of(at + 1, "holder|owner")
}

// "Bob Smith here", "Alice's husband calling".
fn is_announced(heard: &Heard, at: usize, known: &Known) -> bool {
    if !heard.is_one_of(at, "here|speaking|calling") || at == 0 {
        return false;
    }
    let is_last = at + 1 == heard.words.len() || heard.ends_clause(at);
    let is_relations = is_relation(heard, at - 1) && {
        let owner = (1..3).find_map(|back| (at - 1).checked_sub(back));
        owner.is_some_and(|owner| is_anybodys(heard, owner, known) || heard.text(owner) == "the")
            || at > 2 && is_anybodys(heard, at - 3, known)
    };
    let is_plain = heard.is_one_of(
        at - 1,
        "hello|hi|still|right|over|anyone|anybody|nobody|just|only",
    );
    is_relations || is_last && !is_plain && is_strange(heard, at - 1, known)
}

// "My name is Bob".
fn has_strange_name(heard: &Heard, known: &Known) -> bool {
    if known.caller.is_none() {
        return false;
    }
    heard
        .places("my name is|my names|name is")
        .into_iter()
        .any(|place| {
            let at = skip(heard, skip(heard, place.end, TITLES), FILLERS);
            if heard.text(at) == "not" {
                return person::is_own(heard.text(at + 1), known);
            }
            let is_word = heard.is_one_of(at, NO_NAME) || heard.text(at).is_empty();
            !is_word && !heard.ends_clause(place.end - 1) && !person::is_own(heard.text(at), known)
        })
}

// "On behalf of Alice", "calling for my wife".
fn is_on_behalf(heard: &Heard, known: &Known) -> bool {
    let is_mine = || heard.has_any("my own behalf|on my behalf");
    let is_somebody = |at: usize| {
        let noun = skip(heard, at, "my|the|our");
        is_relation(heard, noun)
            || heard.is_one_of(at, "her|him|them")
            || is_customer(heard, at, known)
            || is_anybodys(heard, at, known)
    };
    heard.has_any("behalf") && !is_mine()
        || heard
            .places(ACTING)
            .into_iter()
            .any(|place| is_somebody(place.end))
}

// "Alice asked me to", "she is asleep", "this is her phone", "Alice's husband".
fn is_absent(heard: &Heard, at: usize, known: &Known) -> bool {
    let next = heard.text(at + 1);
    let before = |back: usize| at.checked_sub(back).map_or("", |at| heard.text(at));
    let is_self = matches!(before(1), "is" | "am" | "im" | "its" | "names" | "this");
    let is_spoken_of = is_customer(heard, at, known)
        && !is_self
        && heard.is_one_of(at + 1, ABSENT)
        && !heard.is_one_of(at + 2, PRESENT);
    let says = |what: &str| {
        let mut places = heard.places(what).into_iter();
        places.any(|place| place.start == at + 1)
    };
    let is_sent = || {
        let is_third = heard.is_one_of(at, THIRD);
        let is_relative = is_relation(heard, at) && before(1) == "my";
        (is_third || is_relative) && says(SENT) || is_third && says(AWAY)
    };
    let is_phone = next == "phone" && !matches!(heard.text(at + 2), "number" | "bill");
    let is_theirs = || {
        let is_secret = matches!(next, "pin" | "password" | "passcode");
        (is_phone || is_secret) && is_anybodys(heard, at, known)
    };
    let is_customers_relation = || is_customers(heard, at, known) && is_relation(heard, at + 1);
    is_spoken_of || is_sent() || is_theirs() || is_customers_relation()
}

// "her", "Bob's", "my wife's", and the customer's own, who would say "my".
fn is_anybodys(heard: &Heard, at: usize, known: &Known) -> bool {
    person::is_owner(heard, at, known) || is_customers(heard, at, known)
}

fn is_customers(heard: &Heard, at: usize, known: &Known) -> bool {
    let text = heard.text(at);
    let is_name = |name: &str| given_name(known).is_some_and(|own| own == name);
    text.strip_suffix('s').is_some_and(is_name)
}

// The name that a customer has at home, and says of themselves only to introduce themselves.
fn is_customer(heard: &Heard, at: usize, known: &Known) -> bool {
    given_name(known).is_some_and(|own| own == heard.text(at))
}

fn given_name(known: &Known) -> Option<String> {
    let name = known.caller.as_deref()?;
    name.split_whitespace().next().map(str::to_lowercase)
}

fn known_kind(text: &str, known: &Known) -> bool {
    known
        .accounts
        .iter()
        .any(|account| account.kind.eq_ignore_ascii_case(text))
}

fn is_relation(heard: &Heard, at: usize) -> bool {
    RELATIVES.contains(&heard.text(at)) || heard.is_one_of(at, ROLES)
}

fn is_office(heard: &Heard, at: usize) -> bool {
    heard.is_one_of(skip(heard, at, ARTICLES), OFFICES)
}

fn is_strange(heard: &Heard, at: usize, known: &Known) -> bool {
    let at = skip(heard, at, TITLES);
    let is_title = heard.words.len() > 4 && heard.words.iter().all(person::is_capitalised);
    let word = heard.words.get(at);
    !is_title && word.is_some_and(|word| person::may_be_name(word, known))
}

// The first place from here on that is none of these words.
fn skip(heard: &Heard, from: usize, words: &str) -> usize {
    (from..heard.words.len())
        .find(|at| !heard.is_one_of(*at, words))
        .unwrap_or(heard.words.len())
}
