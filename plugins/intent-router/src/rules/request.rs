//! What an utterance asks for, from its words alone, before any slot is read.
//! A question about a transfer that was, or a noun ("my last transfer"), starts none.

use super::later;
use super::words::Heard;

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

const CARD: &str = "credit card|new card|a card|gold card|platinum card";
const LOAN: &str = "loan|loans|borrow|mortgage|borrowing";
const WISH: &str = "apply|want|get|need|new|open|request|like|borrow|take out|order|\
    interested|a loan|car loan|home loan";
const STATE: &str = "status|approved|progress|heard back|update on|how is my|hows my|\
    what happened to|decision on|gone through";
const MOVED: &str = "statement|statements|transactions|transaction|account activity|\
    recent activity|did i spend|have i spent|account history|transaction history";
const OWNED: &str = "balance|balances|check my savings|check my checking|check my account|\
    how much do i have|how much money|how much is in|how much is left|how much have i|\
    whats in my|what is in my|what do i have|how much i have|do i have any|do i have enough|do i have money|\
    do i have anything";
const PROFILE: &str = "profile|my address|my email|my phone number|my details|my personal|on file";
const VERBS: &[&str] = &[
    "transfer", "move", "send", "wire", "pay", "put", "shift", "take", "deposit",
];
// Before a verb, these make it a noun.
const POSSESSIVES: &[&str] = &[
    "my", "the", "that", "last", "this", "any", "recent", "your", "pending",
];
// Asked for without any verb of moving.
const STANDING: &str = "standing order|standing orders|recurring transfer|recurring payment|automatic transfer|\
    automatic payment|scheduled transfer|scheduled payment|direct debit";
const ASKS: &str = "did|was|has|didnt|wasnt|hasnt|why|when";
/// What the utterance asks for.
pub fn request(heard: &Heard) -> Option<Request> {
    let (is_card, is_loan) = (heard.has_any(CARD), heard.has_any(LOAN));
    let is_application = is_card || is_loan || heard.has_any("application|applications");
    if is_application && heard.has_any(STATE) {
        return Some(Request::ApplicationStatus);
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
        (heard.has_any("accounts"), Request::Accounts),
    ];
    all.into_iter()
        .find(|(is_meant, _)| *is_meant)
        .map(|(_, request)| request)
}

fn transfer(heard: &Heard) -> Option<Request> {
    if heard.has_any(ASKS) {
        return None;
    }
    let is_verb = |at: &usize| {
        let is_noun = *at > 0 && POSSESSIVES.contains(&heard.text(*at - 1));
        VERBS.contains(&heard.text(*at)) && !is_noun
    };
    let Some(at) = (0..heard.words.len()).find(is_verb) else {
        if heard.has_any(STANDING) {
            return Some(Request::TransferLater);
        }
        let is_made = heard.has_any("make a payment|make a transfer|transferring|sending money");
        return is_made.then_some(Request::Transfer);
    };
    let denies = |before: usize| matches!(heard.text(before), "dont" | "not" | "never");
    if (at.saturating_sub(4)..at).any(denies) {
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

#[cfg(test)]
mod tests;
