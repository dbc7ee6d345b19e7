//! What an utterance asks for, from its words alone, before any slot is read.
//! A question about a transfer that was, or a noun ("my last transfer"), starts none.

use super::negation::{self, Said};
use super::number::is_number_word;
use super::words::Heard;
use super::{later, moving, past};
use crate::bindings::bank::voice::types::Intent;
use std::ops::Range;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// How much there is.
    Balance,
    /// Which accounts there are.
    Accounts,
    /// What moved.
    Statements,
    /// Who the bank thinks the caller is.
    Profile,
    /// Money is to move.
    Transfer,
    /// Money is to be borrowed.
    Loan,
    /// A card is wanted.
    CreditCard,
    /// How far an application is.
    ApplicationStatus,
    /// A transfer is not wanted: "don't transfer anything".
    NoTransfer,
    /// A transfer on another day, or again and again, which nobody here can do.
    TransferLater,
}

impl Request {
    /// Whether something is to be read and nothing changed.
    pub fn is_reading(self) -> bool {
        matches!(
            self,
            Self::Balance
                | Self::Accounts
                | Self::Statements
                | Self::Profile
                | Self::ApplicationStatus
        )
    }
}

/// Whether an intent changes something at the bank.
pub fn is_change(intent: &Intent) -> bool {
    matches!(
        intent,
        Intent::Transfer(_) | Intent::Loan(_) | Intent::CreditCard(_)
    )
}

const CARD: &str = "credit card|new card|a card|gold card|platinum card";
const LOAN: &str = "loan|loans|borrow|mortgage|borrowing";
const WISH: &str = "apply|want|get|need|new|open|request|like|borrow|take out|order|\
    interested|a loan|loan of|loan for|car loan|home loan";
const STATE: &str = "status|approved|progress|heard back|update on|how is my|hows my|\
    what happened to|decision on|gone through";
const MOVED: &str = "statement|statements|transactions|transaction|account activity|\
    recent activity|did i spend|have i spent|account history|transaction history";
const OWNED: &str = "balance|balances|check my savings|check my checking|check my account|\
    how much do i have|how much money|how much is in|how much is left|how much have i|\
    whats in my|what is in my|what do i have|how much i have|do i have any|do i have enough|do i have money|\
    do i have anything";
// None of them is asked for.
const SWAPPED: &str =
    "swap the accounts|switch the accounts|reverse the accounts|swap accounts|switch accounts";
const PROFILE: &str = "profile|my address|my email|my phone number|my details|my personal|on file";
// Asked for without any verb of moving.
const STANDING: &str = "standing order|standing orders|recurring transfer|recurring payment|automatic transfer|\
    automatic payment|scheduled transfer|scheduled payment|direct debit";
// Who begins so asks about a transfer that was; "I was wondering if you could" and "that's why I want to" do not.
const ASKS: &str =
    "did|was|has|didnt|wasnt|hasnt|why|when did|when was|when will|when do|when does|when is";
const LEADS: &str = "so|and|but|sorry|oh|um|uh|okay|ok|well|yes|no|hello|hi|hey|please";
const ASKS_ANYWHERE: &str = "did you|who told|did i|did my|did it|did that|has my|has the|was my|was the|know if|know why|know when|\
    tell me if|tell me why|tell me when";
// How much may be moved is no balance, and no transfer.
const BOUND: &str = "how much can|how much could|how much may|how much money can|how much money could|how much money may|\
    how often can|how often may|how many transfers|the most i can|maximum i can|limit|limits|the fee|a fee|fees|does it cost|would it cost|how long";
// So begin questions about transfers in general, which move nothing as long as no number is in them.
const GENERAL: &str = "how|what|whats|which|is there|are there|do you";
const LEADING_TO_A_WISH: &str =
    "how do i|how can i|how could i|how would i|how about|what about|what i|what id|do you want";
// Before a verb of moving, these say that it is not wanted.
const DENIALS: &str = "dont|not|never|refuse|nor|no circumstances|any circumstances|no means|no way|avoid|nobody|no one|noone|wasnt|werent|shouldnt|mustnt|wrong to|mistake to|error to|bad to|regret";
// What takes a wish back at its end.
const TAKEN_BACK: &str = "dont do that|do not do that|dont do it|do not do it|no dont|no do not|please dont|actually dont|wait dont|never mind|\
    nevermind|forget it|forget that|forget about it|scratch that|cancel that|cancel it|drop it|changed my mind|leave it|\
    better not|rather not|actually no|actually not|no stop|wait no|no wait";
const DENIED_WITHIN: usize = 4;

/// What the utterance asks for.
pub fn request(heard: &Heard) -> Option<Request> {
    let (is_card, is_loan) = (heard.has_any(CARD), heard.has_any(LOAN));
    let is_application = is_card || is_loan || heard.has_any("application|applications");
    if is_application && heard.has_any(STATE) {
        return Some(Request::ApplicationStatus);
    }
    if asks_for_bounds(heard) {
        return None;
    }
    if let Some(transfer) = transfer(heard) {
        return Some(transfer);
    }
    let wishes = heard.has_any(WISH);
    let all = [
        (is_card && wishes, Request::CreditCard),
        (is_loan && wishes, Request::Loan),
        (heard.has_any(MOVED), Request::Statements),
        (heard.has_any(OWNED), Request::Balance),
        (heard.has_any(PROFILE), Request::Profile),
        (
            heard.has_any("accounts") && !heard.has_any(SWAPPED),
            Request::Accounts,
        ),
    ];
    all.into_iter()
        .find(|(is_meant, _)| *is_meant)
        .map(|(_, request)| request)
}

fn transfer(heard: &Heard) -> Option<Request> {
    let lead = usize::from(heard.is_one_of(0, LEADS));
    let begins = || heard.places(ASKS).iter().any(|place| place.start == lead);
    let is_asked = begins() || heard.has_any(ASKS_ANYWHERE) || is_general(heard);
    // "Send me my statement" moves no money.
    let is_for_me =
        heard.has_any("send me|send it to me") && !heard.words.iter().any(is_number_word);
    if is_asked || is_for_me || past::is_told(heard) {
        return None;
    }
    let Some(at) = moving::verb(heard) else {
        if heard.has_any(STANDING) {
            return Some(Request::TransferLater);
        }
        let is_made = heard.has_any("make a payment|make a transfer|transferring|sending money");
        return is_made.then_some(Request::Transfer);
    };
    let denies = |it: &Range<usize>| it.end <= at && at - it.end < DENIED_WITHIN;
    if heard.places(DENIALS).iter().any(denies)
        || negation::said(heard, heard.text(at)) == Said::Negated
        || is_taken_back(heard)
    {
        return Some(Request::NoTransfer);
    }
    // "put" and "take" are said about many things; about money, a place goes with them.
    let is_weak = matches!(heard.text(at), "put" | "take");
    let is_idiom = heard.has_any("take out a|put in for");
    let has_place = heard.words.len() > 3 && heard.has_any("from|into|in|to|out of");
    let wanted = if later::is_meant(heard) {
        Request::TransferLater
    } else {
        Request::Transfer
    };
    (!is_weak || has_place && !is_idiom).then_some(wanted)
}

// "transfer ten dollars to savings, no, don't do that". "Don't forget it" takes nothing back.
fn is_taken_back(heard: &Heard) -> bool {
    let is_last = |place: &Range<usize>| {
        let before = place.start.checked_sub(1);
        let is_denied = before.is_some_and(|at| heard.is_one_of(at, "dont|not|never"));
        place.end == heard.words.len() && before.is_some() && !is_denied
    };
    heard.places(TAKEN_BACK).iter().any(is_last)
}

/// Whether it is asked how much or how often money may be moved, or what that costs.
pub fn asks_for_bounds(heard: &Heard) -> bool {
    heard.has_any(BOUND) && moving::verb(heard).is_some()
}

// "how long does a transfer take"; "how do I transfer money" is a wish.
fn is_general(heard: &Heard) -> bool {
    let begins = heard.places(GENERAL).iter().any(|place| place.start <= 1);
    let has_number = heard.words.iter().any(is_number_word);
    begins && !has_number && !heard.has_any(LEADING_TO_A_WISH)
}

#[cfg(test)]
mod tests;
