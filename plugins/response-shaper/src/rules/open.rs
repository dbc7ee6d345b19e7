//! What a turn leaves behind without having done it: a transfer that nobody said yes to when the call ends, a second wish behind a yes.
//! A caller is told of both, so that nothing is dropped without a word.

use super::Bounds;
use crate::bindings::bank::voice::types::{Intent, Outcome, Pending, Turn};
use speech::further;

/// The reply with what is left behind, where there is something and it fits.
pub fn told(turn: &Turn, outcome: &Outcome, text: String, bounds: &Bounds) -> String {
    let longer = match outcome {
        Outcome::Ended => match waiting(turn) {
            Some(what) => format!("The {what} was not made. {text}"),
            None => return text,
        },
        Outcome::Paid(_) | Outcome::Applied(_) if wished_more(turn) => {
            format!("{text} What else would you like? Please say it again.")
        }
        Outcome::StepUp(_) if wished_more(turn) => format!("One thing after the other. {text}"),
        _ => return text,
    };
    if bounds.fits(&longer) { longer } else { text }
}

/// What is said when something is dropped; who only declined a colleague has cancelled nothing.
pub fn dropped(turn: &Turn) -> &'static str {
    let is_offer = matches!(
        turn.pending,
        Some(Pending::Confirm(Intent::Unknown | Intent::Custom(_)))
    );
    if is_offer {
        "All right. Is there anything else?"
    } else {
        "All right, I cancelled that. Is there anything else?"
    }
}

// A yes that came with one more wish.
fn wished_more(turn: &Turn) -> bool {
    let is_answer = matches!(turn.pending, Some(Pending::Confirm(_)));
    is_answer && turn.confirmed && further::is_named(&turn.text)
}

// What waited for the caller's yes or PIN.
fn waiting(turn: &Turn) -> Option<&'static str> {
    let (Some(Pending::Confirm(intent)) | Some(Pending::StepUp(intent))) = &turn.pending else {
        return None;
    };
    match intent {
        Intent::Transfer(_) => Some("transfer"),
        Intent::Loan(_) | Intent::CreditCard(_) => Some("application"),
        _ => None,
    }
}
