//! What a turn leaves behind without having done it: a transfer that nobody said yes to when the call ends, a second wish behind a yes.
//! A caller is told of both, so that nothing is dropped without a word.

use super::Bounds;
use crate::bindings::bank::voice::types::{Draft, Intent, Message, Outcome, Pending, Turn};
use speech::further;

// How the codes of questions begin that wait for a yes to money.
const MONEY_CONFIRMED: &str = "confirm_";

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
        Outcome::Confirmation(message) if wishes_a_reading(turn, message) => {
            format!("One thing after the other. {text}")
        }
        Outcome::Asked(question) if dropped_a_reading(turn, &question.draft) => {
            format!("One thing after the other. {text}")
        }
        _ => return text,
    };
    if bounds.fits(&longer) { longer } else { text }
}

/// What is said when something is dropped: that it was cancelled only where something waited that would have been done. Who only
/// declined a colleague has cancelled nothing, and what was done before stays done.
pub fn dropped(turn: &Turn) -> String {
    let said = match &turn.pending {
        None => {
            "Nothing is waiting that I could cancel. If something was done by mistake, say agent."
        }
        Some(Pending::Confirm(Intent::Unknown | Intent::Custom(_))) => "All right.",
        Some(Pending::Slot(question))
            if matches!(question.draft, Draft::Balance | Draft::Statements(_)) =>
        {
            "All right."
        }
        Some(_) => "All right, I cancelled that.",
    };
    match further::reading(&turn.text) {
        Some(wish) => format!("{said} For {wish}, please ask me again."),
        None => format!("{said} Is there anything else?"),
    }
}

/// What was said, said once more; who hears of money again must not take it for a second time.
pub fn repeated(text: &str, bounds: &Bounds) -> String {
    let Some(told) = text.strip_prefix("Done. ") else {
        return text.to_owned();
    };
    let longer = format!("I said: {told} Nothing more was moved since.");
    if bounds.fits(&longer) {
        longer
    } else {
        format!("I said: {told}")
    }
}

// A yes that came with one more wish.
fn wished_more(turn: &Turn) -> bool {
    let is_answer = matches!(turn.pending, Some(Pending::Confirm(_)));
    is_answer && turn.confirmed && further::is_named(&turn.text)
}

// "Move ten to savings and tell me my balance", "balance of savings, then move ten": the money is asked about first. Of an offer, only
// what stands behind it is left over.
fn wishes_a_reading(turn: &Turn, asked: &Message) -> bool {
    let reading = if asked.code.starts_with(MONEY_CONFIRMED) {
        further::reading(&turn.text)
    } else {
        further::reading_behind(&turn.text)
    };
    !turn.confirmed && reading.is_some()
}

// "My balance please, and then move some money": what is missing for the money is asked first.
fn dropped_a_reading(turn: &Turn, draft: &Draft) -> bool {
    let is_money = matches!(
        draft,
        Draft::Transfer(_) | Draft::Loan(_) | Draft::CreditCard(_)
    );
    is_money && further::reading_before(&turn.text).is_some()
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
