//! The verbs of moving money, told from the nouns that sound like them: "move it" against "my last transfer".
//! Says nothing about whether a move is wanted: `request` and `past` do.

use super::words::Heard;

/// The verbs, one after the other.
pub const VERBS: &str = "transfer|move|send|wire|pay|put|shift|take|deposit";
/// What was moved, as a noun.
pub const NOUNS: &str = "transfer|transfers|payment|payments|transaction|transactions|transferring|sending|moving|paying";
// Before a verb, these make it a noun: whose it is, or what is to become of it.
const BEFORE_A_NOUN: &str = "my|the|that|last|this|any|recent|your|pending|our|of|wire|dollar|reverse|stop|halt|cancel|undo|recall";
const ARTICLES: &str = "a|another";
// "make a transfer" is as good as a verb; "I see a transfer" is none.
const MAKING: &str = "make|do|need|want|like|start|initiate|arrange|request|place|begin|schedule|have|execute|and|then|also|for|up|just";

/// Where the first verb of moving stands that is no noun.
pub fn verb(heard: &Heard) -> Option<usize> {
    let is_verb = |at: &usize| heard.is_one_of(*at, VERBS) && !is_noun(heard, *at);
    (0..heard.words.len()).find(is_verb)
}

/// Whether a certain transfer is spoken of: "the transfer", "I see a payment".
pub fn names_one(heard: &Heard) -> bool {
    let is_certain =
        |at: usize| heard.is_one_of(at - 1, "my|the|that|this|your") || is_of_one(heard, at);
    (1..heard.words.len()).any(|at| heard.is_one_of(at, NOUNS) && is_certain(at))
}

// A comma parts: "stop, send ten".
fn is_noun(heard: &Heard, at: usize) -> bool {
    let is_of_it = at > 0 && heard.is_one_of(at - 1, BEFORE_A_NOUN) && !heard.ends_clause(at - 1);
    is_of_it || is_of_one(heard, at)
}

fn is_of_one(heard: &Heard, at: usize) -> bool {
    at > 1 && heard.is_one_of(at - 1, ARTICLES) && !heard.is_one_of(at - 2, MAKING)
}
