//! Whether the customer is spoken of as somebody who does not speak: "Alice asked me to", "this is her phone", "on behalf of my wife".
//! Too much is found rather than too little: see the entry of `speaker`.

use super::name::{TITLES, is_anybodys, is_customer, is_customers};
use super::{is_relation, skip};
use crate::rules::Known;
use crate::rules::words::Heard;

// Of a relative too.
const TO_CALL: &str =
    "asked me to call|told me to call|wants me to call|wanted me to call|let me call|lets me call";

/// Somebody who is spoken of.
pub const THIRD: &str = "she|he|they";
// What is said of a customer who does not speak.
const ABSENT: &str = "is|isnt|cant|cannot|couldnt|has|had|asked|told|wants|wanted|said|says|died|passed|gave|needs|let|lets|\
    allowed|knows|lives|lost|forgot|would|will|does|doesnt";
// "Alice is calling": of whoever speaks.
const PRESENT: &str = "calling|speaking|here|on";
const SENT: &str = "asked me|told me to|wants me|wanted me|sent me|lets me|allowed me|allows me|gave me permission";
const AWAY: &str = "said i|let me|cant talk|cannot talk|cant speak|cannot speak|cant come|cannot come|is asleep|is sleeping|\
    is sick|is ill|is in hospital|is in the hospital|is in bed|is busy|is next to me|is right here|is not here|isnt here|\
    is away|is at work|is driving";
// Before a customer who is spoken of, and does not speak.
const BEFORE: &str = "does|did|by|get|know|knows|have|be|about|with|without|wake|ask|asked|of|to|is|no|any|called|that|wrong|\
    from|not";
// What a customer calls "my".
const BELONGINGS: &str = "accounts|finances|money|banking|bank|bills|affairs";
// What is called somebody's, or somebody's to look after.
const OF_ANOTHER: &str = "account is my|phone is my|line is my|number is my|accounts are my";
const MANAGING: &str = "calling about my|ringing about my|manage my|managing my|handle my|handling my|look after my|looking after my|\
    get into my|access my|take care of my|taking care of my|helping my|help my";
// Of a customer who is gone.
const GONE: &str = "just left|just went|just stepped|just handed|just gave|just died|no longer|left|went|used to|stepped out|moved|\
    and i are|doesnt live|does not live|doesnt have|asks|lets me|trusts|might be|may be|wont|will be|never|already|also|always";
const ROLE: &str = "as her|as his|as their";
// Of somebody who is not the customer.
const RELATED: &str = "married to|engaged to|related to|friend of|friends with|neighbor of|neighbour of|live with|living with|\
    caring for|care for|looking after|look after|taking care of|take care of|speaking as|work for|working for|sent by|hired by|\
    child of|kid of|here with|sitting with|next to|using the phone of|phone of|line of|number of|account of|identity of|\
    permission of|permission from|allowed by";
const ACTING: &str = "banking for|in place of|answering for|ringing up for|translating for|interpreting for|ringing for|phoning for|ring for|phone for|calling for|call for|called for|acting for|speaking for|speak for|asking for|calling instead of|\
    belongs to|managing the account of";

/// "On behalf of Alice", "calling for my wife".
pub fn is_on_behalf(heard: &Heard, known: &Known) -> bool {
    let is_mine = || heard.has_any("my own behalf|on my behalf|behalf of myself|behalf of me");
    let is_somebody = |at: usize| {
        let noun = skip(heard, at, "my|the|our");
        is_relation(heard, noun)
            || heard.is_one_of(at, "her|him|them")
            || is_customer(heard, at, known)
            || is_anybodys(heard, at, known)
    };
    let is_customer = |at: usize| heard.is_one_of(at, "her|him") || is_customer(heard, at, known);
    // "As Alice's husband".
    let as_customers = || {
        let mut places = heard.places("as").into_iter();
        places
            .any(|place| is_customers(heard, place.end, known) && is_relation(heard, place.end + 1))
    };
    let mut roles = heard.places(ROLE).into_iter();
    let mut related = heard.places(RELATED).into_iter();
    let is_possessed = |at: usize| {
        let is_of =
            heard.is_one_of(at + 1, "account|accounts") || heard.is_one_of(at + 1, BELONGINGS);
        is_anybodys(heard, at, known) && is_of
    };
    let mut owned = heard.places(OF_ANOTHER).into_iter();
    let mut managed = heard.places(MANAGING).into_iter();
    heard.has_any("behalf") && !is_mine()
        || owned.any(|place| is_anybodys(heard, place.end, known))
        || managed.any(|place| (place.end..place.end + 4).any(is_possessed))
        || (0..heard.words.len()).any(|at| {
            let is_managed = at > 0 && heard.is_one_of(at - 1, "manage|managing|handle|handling");
            is_managed && is_customers(heard, at, known)
        })
        || roles.any(|place| is_relation(heard, place.end))
        || as_customers()
        || related.any(|place| is_customer(skip(heard, place.end, TITLES)))
        || heard
            .places(ACTING)
            .into_iter()
            .any(|place| is_somebody(place.end))
}

/// "Alice asked me to", "she is asleep", "this is her phone", "Alice's husband".
pub fn is_absent(heard: &Heard, at: usize, known: &Known) -> bool {
    let next = heard.text(at + 1);
    let before = |back: usize| at.checked_sub(back).map_or("", |at| heard.text(at));
    let is_self = matches!(before(1), "is" | "am" | "im" | "its" | "names" | "this");
    let is_spoken_of = is_customer(heard, at, known)
        && !is_self
        && heard.is_one_of(at + 1, ABSENT)
        && !(next == "is" && heard.is_one_of(at + 2, PRESENT))
        && !(heard.text(at + 2) == "my" && heard.text(at + 3) == "name")
        || is_customer(heard, at, known) && matches!(before(1), "not" | "isnt");
    let says = |what: &str| {
        let mut places = heard.places(what).into_iter();
        places.any(|place| place.start == at + 1)
    };
    let is_sent = || {
        let is_relative = is_relation(heard, at) && before(1) == "my";
        heard.is_one_of(at, THIRD) && (says(SENT) || says(AWAY)) || is_relative && says(TO_CALL)
    };
    let is_phone = next == "phone" && !matches!(heard.text(at + 2), "number" | "bill");
    let is_theirs = || {
        let is_secret = matches!(next, "pin" | "password" | "passcode");
        (is_phone || is_secret) && is_anybodys(heard, at, known)
    };
    let is_gone = is_customer(heard, at, known) && !is_self && says(GONE);
    // "The daughter of Mrs Johnson".
    let lead = at - usize::from(at > 0 && heard.is_one_of(at - 1, TITLES));
    let leads = |back: usize| lead.checked_sub(back).map_or("", |at| heard.text(at));
    let is_introduced = matches!(
        leads(2),
        "talking" | "speaking" | "this" | "it" | "name" | "caller" | "my" | "im" | "am" | "get"
    );
    let is_object = is_customer(heard, at, known)
        && lead > 0
        && heard.is_one_of(lead - 1, BEFORE)
        && !is_introduced
        && (leads(1) != "is" || heard.is_question());
    let is_belonging = is_customers(heard, at, known)
        && (heard.is_one_of(at + 1, BELONGINGS) || at > 0 && is_customer(heard, at - 1, known));
    let is_customers_relation = || is_customers(heard, at, known) && is_relation(heard, at + 1);
    let is_denied =
        || heard.has_any("not talking to|arent talking to|not speaking to|not speaking with");
    let is_object = is_object || is_customer(heard, at, known) && is_denied();
    let is_name = is_anybodys(heard, at, known) && next == "name" && before(1) == "my";
    is_name
        || is_spoken_of
        || is_object
        || is_belonging
        || is_gone
        || is_sent()
        || is_theirs()
        || is_customers_relation()
}

/// "It's my mother's account".
pub fn is_anothers(heard: &Heard, at: usize, known: &Known) -> bool {
    let owner = skip(heard, at + 1, "is|my|our|the");
    heard.is_one_of(at, "its|it|this|thats")
        && owner > at + 1
        && is_anybodys(heard, owner, known)
        && heard.is_one_of(owner + 1, "account|accounts|phone|money")
}
