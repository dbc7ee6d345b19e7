//! Words at an offer of the bank's, mostly of a colleague, while a question of the caller's own business waits beneath it.
//! Yes and no are to the offer; whatever else says something to the question answers that, "no, savings" as well.

use super::words::Heard;
use super::{aside, meaning, plain};
use crate::bindings::bank::voice::types::{Intent, Pending, Turn};
use crate::bindings::exports::bank::voice::routing::Routed;

// The host's name for an offer, in the turn's extra texts.
const OFFER: &str = "offer";
const MONEY: &str = "transfer|move|send|pay|payment|money|amount|loan|card|apply|application";

/// Routes what was said by `spoken`: once, or where an offer is open as an answer to that and to what waits beneath it.
pub fn route(turn: &Turn, spoken: impl Fn(&Turn) -> Routed) -> Routed {
    if !turn.extra.iter().any(|(name, _)| name == OFFER) {
        return spoken(turn);
    }
    let offered = Turn {
        pending: Some(Pending::Confirm(Intent::Unknown)),
        ..turn.clone()
    };
    let to_offer = spoken(&offered);
    if meaning::is_plain_no(&turn.text) {
        return to_offer;
    }
    let heard = Heard::new(&turn.text);
    // "Yes, transfer it" is not said to a colleague.
    let is_of_money = heard.has_any(MONEY);
    if to_offer == plain(Intent::Affirm) {
        return if is_of_money {
            plain(aside::unclear_answer())
        } else {
            to_offer
        };
    }
    let beneath = spoken(turn);
    match &beneath {
        // "I don't want a colleague".
        _ if beneath == plain(aside::stay()) && meaning::has_no(&heard) => plain(Intent::Decline),
        // "Yes, it was stolen yesterday".
        Routed::Intent(Intent::Unknown | Intent::Custom(_))
            if meaning::agrees(&heard) && !is_of_money =>
        {
            plain(Intent::Affirm)
        }
        // A yes to what waits beneath must not be taken for one to the offer, which is the only one that was asked.
        Routed::Intent(Intent::Affirm) => plain(aside::unclear_answer()),
        Routed::Intent(Intent::Decline | Intent::Unknown) => to_offer,
        Routed::Intent(Intent::Custom(wanted)) if aside::is_no_answer(wanted) => to_offer,
        _ => beneath,
    }
}
