//! Whether whoever is on the line is not the customer, by their own words: "I'm Bob Smith", "Alice's husband here", "I'm with the
//! police", "my brother takes over now".
//! What the number or a PIN has opened is closed then until a PIN is given, so rather too much is found here than too little: a
//! customer who is taken for somebody else is asked for a PIN, and somebody else who is taken for the customer hears a balance.

mod absent;
mod handover;
mod hint;
mod name;

use super::Known;
use super::person::RELATIVES;
use super::words::Heard;

// Who speaks for a person without being a relative.
const ROLES: &str = "lawyer|attorney|assistant|secretary|accountant|carer|caretaker|caregiver|nurse|colleague|fiance|fiancee|\
    roommate|flatmate|housemate|relative|spouse|ex|widow|widower|guardian|grandson|granddaughter|grandmother|grandfather|nephew|\
    niece|uncle|aunt|cousin|kid|child|stepson|stepdaughter|landlord|babysitter|coworker|neighbor|neighbour|executor|trustee|\
    advisor";
// Of these, who says "I'm a" means somebody on this line; "I'm a nurse" is a trade.
const CLOSE: &str = "friend|roommate|flatmate|housemate|relative|spouse|colleague|coworker|neighbor|neighbour|family";
const RANKS: &str = "officer|detective|inspector|sergeant|lieutenant|constable|sheriff|marshal";
// Whom nobody who calls their own bank works for while they do.
const OFFICES: &str = "bank|banks|police|fraud|irs|fbi|court|government|tax|security|support|microsoft|amazon|law|hospital|bailiff";
const FILLERS: &str =
    "actually|really|just|only|now|still|also|calling|speaking|sorry|here|called|named";
// "I'm the" one of these may be the customer; whoever is anything else by that name is not.
const CUSTOMERS: &str = "one|owner|account|holder|customer|cardholder|same|person|primary|only|main|user|client|caller|member|\
    first|last|second|third|type|kind|sort|worst|best|real|actual|right|wrong|sole|joint|co|legal|rightful";
const PRESENTING: &str = "this|is|im|i|am|my|name|its|it|speaking|here|calling|hello|hi|hey|good|morning|afternoon|evening|mr|\
    mrs|ms|miss";
const ARTICLES: &str = "the|a|an|your|their|our";
// Said by nobody on a line of their own.
const FOREIGN: &str = "found this phone|found the phone|borrowed this phone|borrowed the phone|stole this phone|stole the phone|\
    somebody elses phone|someone elses phone|not the account holder|not the account owner|not the customer|not a customer|\
    not the owner|not the cardholder|isnt the account holder|isnt the account owner|account holder is|account owner is|\
    customer is|owner is|i represent|somebody elses account|someone elses account|this is not my account|this isnt my account|\
    its not my account|it isnt my account|it is not my account|dont own this account|dont own the account|\
    do not own this account|pretending to be|pretend to be|thats not me|that isnt me|this is not me|this isnt me|\
    not the person you|not who you think|have the wrong person|got the wrong person|someone else speaking|\
    somebody else speaking|someone else is|somebody else is|to someone else now|to somebody else now|im someone else|\
    im somebody else|i am someone else|i am somebody else|this is someone else|this is somebody else|another person now|\
    another person here|new person on|new person here|different person now|different person here|have power of attorney|\
    has power of attorney|have a power of attorney|have the power of attorney|hold power of attorney|executor of|trustee of|\
    guardian of|next of kin|account isnt mine|account is not mine|accounts arent mine|phone isnt mine|phone is not mine|\
    not the one who owns|not the one that owns|not the person who owns|dont own this|found a phone|new owner of this|\
    new owner of the|has a new number|imposter|impostor|\
    wrong person|second hand|got this number|left this phone|picked up this phone|this number used to|im family|\
    a third party|im a kid|im a child|im a minor|im only a kid|im just a kid|\
    different person is|different person on|somebody else on the|someone else on the|now talking to somebody|now talking to someone|\
    new caller now|different caller|new person speaking|someone else here|somebody else here|isnt in my name|not in my name|\
    dont bank with you|do not bank with you|not my account its|somebody different|someone different|im a different person|am a different person|person before was|not the same person|daughter is now on|\
    youre talking to somebody else|youre talking to someone else|you are talking to somebody else|you are talking to someone else|\
    youre speaking to somebody else|youre speaking to someone else|you are speaking to someone else|\
    somebody else will|someone else will|its somebody else|its someone else|have someone else on|have somebody else on|\
    wrong number|thats not my name|that is not my name|that isnt my name|not the person whose|a borrowed phone|borrowed phone|\
    is the customer not me|calling for someone else|calling for somebody else|dont have an account with you|do not have an account with you|have no account with you|\
    have no account here|not a customer of|is in my husbands name|is in my wifes name|in my fathers name|in my mothers name|\
    talking to somebody else now|a stranger";

/// Whether words that nobody understood hint at somebody else.
pub fn is_hinted(heard: &Heard, known: &Known) -> bool {
    hint::is_given(heard, known)
}

/// Whether somebody else than the customer speaks, or is about to.
pub fn is_another(heard: &Heard, known: &Known) -> bool {
    let places = || 0..heard.words.len();
    // "That's not my phone number" is of a number.
    let is_of_number = heard.has_any("number");
    heard.has_any(FOREIGN)
        || !is_of_number && heard.has_any("not my phone|isnt my phone")
        || handover::is_said(heard)
        || absent::is_on_behalf(heard, known)
        || name::is_strange_behind_name(heard, known)
        || name::is_strange_before_name(heard, known)
        || places().any(|at| is_introduced(heard, at, known))
        || places().any(|at| is_announced(heard, at, known))
        || places()
            .any(|at| absent::is_absent(heard, at, known) || absent::is_anothers(heard, at, known))
}

/// Whether the customer says who they are, and nothing else: "this is Alice Johnson speaking".
pub fn is_customer_alone(heard: &Heard, known: &Known) -> bool {
    let is_known = |at: usize| heard.is_one_of(at, PRESENTING) || name::is_own(heard, at, known);
    let mut places = 0..heard.words.len();
    places.clone().any(|at| name::is_own(heard, at, known)) && places.all(is_known)
}

// "I'm Bob Smith", "this is her son", "I am not Alice", "you're talking to the roommate".
fn is_introduced(heard: &Heard, at: usize, known: &Known) -> bool {
    let Some(next) = introduction(heard, at) else {
        return false;
    };
    let is_it = heard.is_one_of(at, "its|it");
    let next = skip(heard, next, FILLERS);
    let is_of_customer =
        |at: usize| name::is_customers(heard, at, known) && is_relation(heard, at + 1);
    if (next..next + 3).any(is_of_customer) {
        return true;
    }
    if name::is_own_misheard(heard, next, known) {
        return false;
    }
    if name::is_own(heard, next, known) {
        return name::has_other_surname(heard, next, known);
    }
    let noun = skip(heard, next, ARTICLES);
    if matches!(heard.text(next), "not" | "isnt") {
        return is_denied(heard, next + 1, known);
    }
    let is_relations = (next..noun + 2).any(|at| {
        name::is_anybodys(heard, at, known) && (1..3).any(|on| is_relation(heard, at + on))
    });
    let is_i = matches!(heard.text(at), "im" | "i" | "you" | "youre");
    let is_role = match heard.text(next) {
        "the" if is_i => noun < heard.words.len() && !heard.is_one_of(noun, CUSTOMERS),
        "the" => is_relation(heard, noun),
        // "I'm her driver".
        "her" | "his" | "their" if is_i => true,
        "a" | "an" => heard.is_one_of(noun, CLOSE),
        _ => false,
    };
    // "It's for the hospital" is no trade, "I work for the bank" is one.
    let of = if heard.text(at) == "i" && heard.text(at + 1) == "work" {
        "for|at"
    } else {
        "from|with"
    };
    let is_sent = heard.is_one_of(next, of) && is_office(heard, next + 1);
    let is_ranked = heard.is_one_of(noun, RANKS);
    is_relations
        || is_role
        || is_sent
        || is_ranked
        || !heard.ends_clause(next - 1) && name::is_strange(heard, next, known)
        || !is_it && name::is_small(heard, next, known)
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
        "call" if second == "me" => Some(at + 2),
        "calling" if second == "from" => Some(at + 1),
        _ => None,
    }
}

// "I'm not Alice", "this isn't her", "I am not the account holder".
fn is_denied(heard: &Heard, at: usize, known: &Known) -> bool {
    let at = skip(heard, skip(heard, at, FILLERS), "the|really|to");
    name::is_own(heard, at, known)
        || heard.is_one_of(at, "her|him|she|he|them")
        || heard.text(at) == "account" && heard.is_one_of(at + 1, "holder|owner")
}

// "Bob Smith here", "Alice's husband calling".
fn is_announced(heard: &Heard, at: usize, known: &Known) -> bool {
    if !heard.is_one_of(at, "here|speaking|calling") || at == 0 {
        return false;
    }
    let is_last = at + 1 == heard.words.len() || heard.ends_clause(at);
    // "Hi, wife here."
    let is_bare = at == 1 || heard.ends_clause(at - 2) || heard.is_one_of(at - 2, "hi|hello|hey");
    let is_relations = is_relation(heard, at - 1) && {
        let owner = (1..3).find_map(|back| (at - 1).checked_sub(back));
        owner.is_some_and(|owner| {
            name::is_anybodys(heard, owner, known) || heard.text(owner) == "the"
        }) || is_bare
            || at > 2 && name::is_anybodys(heard, at - 3, known)
    };
    let is_customer = (0..at).any(|at| name::is_customer(heard, at, known));
    if is_customer && !is_relations {
        return false;
    }
    if is_last && name::is_small(heard, at - 1, known) {
        return true;
    }
    let is_plain = heard.is_one_of(
        at - 1,
        "hello|hi|still|right|over|anyone|anybody|nobody|just|only|im|am|is|its|this|thats|from|in|be|was",
    );
    is_relations || is_last && !is_plain && name::is_strange(heard, at - 1, known)
}

fn is_relation(heard: &Heard, at: usize) -> bool {
    RELATIVES.contains(&heard.text(at)) || heard.is_one_of(at, ROLES)
}

fn is_office(heard: &Heard, at: usize) -> bool {
    let is_some = heard.is_one_of(at, "a|an") && heard.text(at + 1) == "bank";
    !is_some && heard.is_one_of(skip(heard, at, ARTICLES), OFFICES)
}

// The first place from here on that is none of these words.
fn skip(heard: &Heard, from: usize, words: &str) -> usize {
    (from..heard.words.len())
        .find(|at| !heard.is_one_of(*at, words))
        .unwrap_or(heard.words.len())
}
