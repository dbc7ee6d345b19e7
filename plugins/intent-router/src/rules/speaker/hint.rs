//! Words of somebody else that say nothing certain: "this is the cleaner", "she is out", "Alice no longer lives here".
//! Asked only of what nobody understood and nobody asks: there the doubt costs a PIN, and its absence an account.

use super::{is_relation, name, skip};
use crate::rules::Known;
use crate::rules::words::Heard;

const THIRDS: &str = "she|he|her|his|hers|him|shes|hes";
const SOMEBODY: &str = "somebody else now|someone else now|new person|new owner|\
    owns the account|owns this account|stranger|not me";
const PLAIN: &str = "im|i|am|this|is|its|thats|the|here|speaking|calling|hi|hello|hey|good|morning|afternoon|evening|uh|um|well|\
    actually|sorry|yes|no|oh|now|name";
// Who says so asks for something, which the bank's agent may answer.
const ASKING: &str = "what|whats|why|how|when|where|who|which|can|could|is it|is there|are there|do you|do i|does|will|would|\
    should|may";
// Whose "her" is known: the customer speaks of somebody of their own.
const OWN: &str = "my|our";
// In so few words a name is all that was said.
const FEW_WORDS: usize = 6;
// First and last.
const NAMES_MAX: usize = 2;

/// Whether somebody else may be speaking.
pub fn is_given(heard: &Heard, known: &Known) -> bool {
    if heard.is_question() || heard.has_any(ASKING) {
        return false;
    }
    let mut places = 0..heard.words.len();
    let names_own =
        (1..heard.words.len()).any(|at| is_relation(heard, at) && heard.is_one_of(at - 1, OWN));
    // "Yes, this is she."
    let is_of_own = names_own || heard.has_any("this is she|this is he|that is she|thats she");
    heard.has_any(SOMEBODY)
        || !is_of_own && places.clone().any(|at| heard.is_one_of(at, THIRDS))
        || places.any(|at| is_spoken_of(heard, at, known))
        || heard.words.len() <= FEW_WORDS && is_named(heard, known)
}

// "Alice moved out", not "Alice, from Oakland".
fn is_spoken_of(heard: &Heard, at: usize, known: &Known) -> bool {
    let is_said_of_self = at > 0 && heard.is_one_of(at - 1, "is|am|im|its|names|name|this");
    name::is_customer(heard, at, known)
        && !is_said_of_self
        && at + 1 < heard.words.len()
        && !heard.ends_clause(at)
        && !name::is_own(heard, at + 1, known)
        && !heard.is_one_of(at + 1, PLAIN)
        && !heard.is_one_of(at + 1, "from|in|with|of|on")
}

// "Jennifer", "uh, Jennifer here", "Ruth Baker from next door".
fn is_named(heard: &Heard, known: &Known) -> bool {
    let first = skip(heard, 0, PLAIN);
    let others = (0..heard.words.len()).filter(|at| !heard.is_one_of(*at, PLAIN));
    let is_alone = others.count() <= NAMES_MAX;
    let is_whole =
        name::is_strange(heard, first, known) && name::is_strange(heard, first + 1, known);
    !name::is_own(heard, first, known)
        && (is_whole || is_alone && name::is_first_name(heard, first))
}
