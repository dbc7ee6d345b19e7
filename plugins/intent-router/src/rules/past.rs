//! What is said about a transfer that was: that it is to be undone, that something is wrong with it, or only that it was. It names an
//! amount and two accounts as a wish does, and none of it may move that money once more.
//! A wish that follows with an amount of its own stays one: "I moved house, please transfer fifty dollars". What these lists miss is
//! not asked about either: without a verb of moving, `transfer` takes nothing for a wish that has a word too many.

use super::account::is_unit;
use super::moving::{self, NOUNS, VERBS};
use super::negation::{Said, said};
use super::number::is_number_word;
use super::words::Heard;
use std::ops::Range;

// These ask for money back, whatever else is said.
const UNDO: &str = "reverse|reversed|reversal|undo|undone|refund|refunded";
// Not what was done is turned, but the sides of what waits: "reverse the accounts".
const SIDES: &str = "direction|accounts|account|them|order|way";
// These only where they are said of a transfer.
const STOP: &str = "stop|stopped|halt|cancel|recall|revoke|retract|void|block|abort|return|reject";
// Between a stop and its transfer: "stop that last five dollar transfer".
const BETWEEN: &str = "my|the|this|that|a|an|our|your|last|latest|previous|earlier|recent|pending|money|bank|wire|of|all|from|\
    making";
// Who asks how something is stopped stops nothing.
const ASKING: &str = "how|what|whats|why|when|where|did|does|is|was|has";
// Behind what was done, these undo it too.
const BACK: &str = "move it back|send it back|transfer it back|put it back|take it back|bring it back|move that back|\
    send that back|transfer that back|put that back";

const WHETHER_DONE: &str = "did it go|did that go|did it work|did that work|did this work|has it worked|did it succeed|did it happen|did you do it|did you do that|is it done|is that done|has it gone|\
    how much did you move|how much did you transfer|how much did you send|how much was it|how much was that|what did you do|\
    what did you move|what did you transfer|what did you just do|what happened|did you move it|did you send it|\
    did the transfer go|did the payment go|was it moved|was it sent|did you transfer it";

const DONE: &str =
    "moved|transferred|sent|wired|paid|shifted|deposited|withdrew|withdrawn|took|taken|made|put";
// Who did it; "be moved" and "have fifty dollars moved" are wishes.
const WHO: &str = "i|ive|you|youve|we|weve|he|she|they|theyve|who|someone|somebody|stranger|hacker|scammer|thief|fraudster|bank|\
    app|system|was|were|been|got|had|wife|husband|son|daughter";
// Nobody whom the caller knows.
const STRANGERS: &str = "someone|somebody|stranger|hacker|scammer|thief|fraudster";
// What they do to move it: "someone used my phone to transfer fifty dollars".
const MEANS: &str = "used|uses|using|tried|tries|trying|told|forced|asked|hacked|logged|wants|made|makes|tricked|convinced|got|had";
// Between who did it and what was done.
const WHEN: &str = "already|just|accidentally|mistakenly|wrongly|also|only|have|has|then|even|apparently|recently|yesterday|not|\
    never";
// Between what was done and the money.
const THE: &str = "the|my|a|an|another|about|around|over|out|off|exactly|only|some|all|of|that|this|those|back|away";
const MONEY: &str = "money|amount|sum|funds|cash|it";

// What was to be done before now is asked after, and not for once more.
const ORDERED: &str =
    "asked you to|told you to|instructed you to|supposed to|i asked to|i wanted to";
const BEFORE: &str = "yesterday|ago|last week|last month|earlier|this morning|nothing happened|were supposed|was supposed";

// What was tried to no avail is told, and not wished for once more.
const TRIED: &str = "tried to|trying to|attempted to|wanted to";
const TO_NO_AVAIL: &str = "failed|fails|didnt work|did not work|doesnt work|does not work|isnt working|not working|wont work|\
    an error|bounced|was declined|was rejected|got declined|got rejected|nothing happened|couldnt|could not";

const DENIALS: &str = "didnt|did not|havent|have not|never";
const STRESS: &str = "ever|even|actually|myself|personally";

const WRONG: &str = "mistake|mistakenly|by accident|accidentally|in error|an error|is missing|are missing|went missing|disappeared|\
    vanished|not arrive|didnt arrive|never arrive|not arrived|never arrived|hasnt arrived|havent arrived|isnt there|not there|\
    never got there|didnt get there|not get there|never showed up|didnt show up|not shown up|hasnt come|never came|didnt come|\
    not come through|without asking|without my|without permission|without telling|wrong account|wrong person|went wrong|\
    was wrong|is wrong|want it back|want that back|need it back|get it back|have it back|give it back|like it back|stuck|\
    failed|bounced|dispute|disputed|investigate|report a|report the|shouldnt have|should not have";
// What may be missing beside a transfer.
const RECEIVED: &str = "salary|wages|paycheck|deposit|my money";
const WANTING: &str = "want|need|give|get|like|have|demand";
const GIVEN_BACK: &str = "give me back|give back|pay me back|return my|return the|return it";

/// Whether it is asked whether the last thing was done.
pub fn asks_whether_done(heard: &Heard) -> bool {
    heard.has_any(WHETHER_DONE)
}

/// Whether what was done is to be undone, or a transfer to be stopped, and nothing else is wished for in its place.
pub fn is_undone(heard: &Heard) -> bool {
    if heard.is_one_of(0, ASKING) || has_wish(heard) {
        return false;
    }
    let thing = |from: usize| {
        let is_between = |at: &usize| heard.is_one_of(*at, BETWEEN) || is_amount(heard, *at);
        (from..heard.words.len()).find(|at| !is_between(at))
    };
    let is_of = |end: usize, things: &str| {
        !heard.ends_clause(end - 1) && thing(end).is_some_and(|at| heard.is_one_of(at, things))
    };
    let is_meant = |phrases: &str| said(heard, phrases) == Said::Meant;
    let is_undo = || heard.places(UNDO).iter().any(|it| !is_of(it.end, SIDES));
    let is_stop = || heard.places(STOP).iter().any(|it| is_of(it.end, NOUNS));
    is_meant(UNDO) && is_undo()
        || is_meant(STOP) && is_stop()
        || is_meant(BACK) && told(heard).next().is_some()
}

/// Whether something is wrong with a transfer, or a stranger made it, so that a person has to look into it.
pub fn is_wrong(heard: &Heard) -> bool {
    if is_by_a_stranger(heard) || is_to_no_avail(heard) {
        return true;
    }
    if has_wish(heard) {
        return false;
    }
    let is_about =
        || told(heard).next().is_some() || heard.has_any(NOUNS) || heard.has_any(RECEIVED);
    let is_strangers = |at: usize| {
        subject(heard, at).is_some_and(|who| heard.is_one_of(who, STRANGERS))
            && has_money(heard, at)
    };
    let has_verb = moving::verb(heard).is_some();
    !has_verb && (is_wanted_back(heard) || heard.has_any(WRONG) && is_about())
        || is_denied(heard)
        || done(heard).any(is_strangers)
}

// "a hacker used my phone to transfer fifty dollars"; whom the money is for stands behind the verb.
fn is_by_a_stranger(heard: &Heard) -> bool {
    let verb = moving::verb(heard).unwrap_or(0);
    let acts = |end: usize| {
        let does = (end..verb).find(|at| !heard.is_one_of(*at, "is|was|has|had|just|already"));
        does.is_some_and(|at| heard.is_one_of(at, MEANS))
    };
    heard.places(STRANGERS).iter().any(|who| acts(who.end))
}

// "I tried to transfer fifty dollars and it failed"; a wish behind it stays one.
fn is_to_no_avail(heard: &Heard) -> bool {
    let verb = moving::verb(heard);
    let is_tried = |place: &Range<usize>| Some(place.end) == verb;
    let tried = heard.places(TRIED).into_iter().any(|it| is_tried(&it));
    let ends = heard.places(TO_NO_AVAIL);
    let end = ends.iter().map(|place| place.end).max();
    let is_last = end.is_some_and(|end| {
        let is_wish = |at: usize| heard.is_one_of(at, VERBS);
        !(end..heard.words.len()).any(is_wish)
    });
    tried && is_last
}

/// Whether a transfer that was is told, and none wished for: "I already moved fifty dollars", "don't reverse it".
pub fn is_told(heard: &Heard) -> bool {
    let is_kept = || said(heard, UNDO) == Said::Negated;
    let is_overdue = heard.has_any(ORDERED) && heard.has_any(BEFORE);
    is_overdue || !has_wish(heard) && (told(heard).next().is_some() || is_kept())
}

/// Whether a certain transfer is spoken of, or one that is stopped: no wish is said so without a verb of its own.
pub fn speaks_of_one(heard: &Heard) -> bool {
    heard.has_any(UNDO) || heard.has_any(STOP) || moving::names_one(heard)
}

// A verb of moving with an amount behind it, later than what is told.
fn has_wish(heard: &Heard) -> bool {
    let Some(verb) = moving::verb(heard) else {
        return false;
    };
    let is_later = told(heard).all(|told| told <= verb);
    let has_amount = (verb + 1..heard.words.len()).any(|at| is_amount(heard, at));
    is_later && has_amount && !is_denied(heard)
}

fn done(heard: &Heard) -> impl Iterator<Item = usize> {
    heard.places(DONE).into_iter().map(|place| place.start)
}

// Where it is said that somebody moved money.
fn told(heard: &Heard) -> impl Iterator<Item = usize> {
    done(heard).filter(|at| {
        subject(heard, *at).is_some_and(|who| has_money(heard, *at) || is_of_money(heard, who))
    })
}

// "I have already moved", "was moved".
fn subject(heard: &Heard, done: usize) -> Option<usize> {
    let who = (0..done).rev().find(|at| !heard.is_one_of(*at, WHEN))?;
    heard.is_one_of(who, WHO).then_some(who)
}

// "moved the fifty dollars", "made a transfer"; not "moved house".
fn has_money(heard: &Heard, verb: usize) -> bool {
    let thing = (verb + 1..heard.words.len()).find(|at| !heard.is_one_of(*at, THE));
    let is_that = heard.is_one_of(verb + 1, "that|this");
    !heard.ends_clause(verb) && (is_that || thing.is_some_and(|at| is_money(heard, at)))
}

// "the fifty dollars I moved", "the fifty dollars that were moved".
fn is_of_money(heard: &Heard, who: usize) -> bool {
    let is_link = |at: &usize| heard.is_one_of(*at, "that|which|have|has");
    let before = (0..who).rev().find(|at| !is_link(at));
    before.is_some_and(|at| is_money(heard, at) && !heard.ends_clause(at))
}

fn is_money(heard: &Heard, at: usize) -> bool {
    is_amount(heard, at) || heard.is_one_of(at, MONEY) || heard.is_one_of(at, NOUNS)
}

fn is_amount(heard: &Heard, at: usize) -> bool {
    let word = heard.words.get(at);
    word.is_some_and(|word| is_number_word(word) || is_unit(&word.text))
}

// "I want my fifty dollars back".
fn is_wanted_back(heard: &Heard) -> bool {
    let back = heard.places("back|back please|back now");
    let ends = back.iter().any(|place| place.end == heard.words.len());
    let has_sum =
        (0..heard.words.len()).any(|at| is_amount(heard, at) || heard.text(at) == "money");
    has_sum && (ends && heard.has_any(WANTING) || heard.has_any(GIVEN_BACK))
}

/// Whether somebody denies that they moved it: "I didn't transfer fifty dollars"; "never transfer it" is no denial but an order.
pub fn is_denied(heard: &Heard) -> bool {
    heard.places(DENIALS).into_iter().any(|place| {
        let verb = (place.end..heard.words.len()).find(|at| !heard.is_one_of(*at, STRESS));
        let is_plain = |at: usize| heard.text(place.start) != "never" && heard.is_one_of(at, VERBS);
        verb.is_some_and(|at| (is_plain(at) || heard.is_one_of(at, DONE)) && has_money(heard, at))
    })
}
