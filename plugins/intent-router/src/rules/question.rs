//! The questions this router asks: one slot at a time, with the reason in the code and a sentence made for the ear.
//! A code is the slot's name and why it is asked for: `amount_needed`, `amount_invalid`, `from_account_unknown`.

use super::{Known, named};
use crate::bindings::bank::voice::types::{Account, Draft, Message, Question};
use crate::bindings::exports::bank::voice::routing::Routed;
use speech::{account, currency, sentence};

/// Why a slot is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// Nothing was said about it.
    Needed,
    /// What was said cannot be it.
    Invalid,
    /// What was said can be read in more than one way.
    Unclear,
    /// An amount in another currency.
    Currency,
    /// An amount against another one: "ten more than last time".
    Relative,
    /// None of the caller's accounts.
    Unknown,
    /// One of these accounts, it was not said which.
    Ambiguous(Vec<String>),
    /// Source and destination are one account.
    Same,
    /// The accounts could not be looked up.
    Unreachable,
    /// A share was said where an amount is needed: "everything", "half".
    Share,
    /// Somebody, or somebody else's account.
    NotYours,
    /// It was said which one is not meant.
    Excluded,
}

/// What is known about one slot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Slot<T> {
    /// Not said yet.
    #[default]
    Missing,
    /// Said, and understood in one way only.
    Known(T),
    /// Said, but to be asked for again.
    Doubtful(Why),
}

impl<T: Clone> Slot<T> {
    /// From a draft.
    pub fn of(value: Option<&T>) -> Self {
        value.cloned().map_or(Self::Missing, Self::Known)
    }

    /// For a draft: what is certain.
    pub fn known(&self) -> Option<T> {
        match self {
            Self::Known(value) => Some(value.clone()),
            _ => None,
        }
    }

    /// Why it must be asked for, if it must.
    pub fn why(&self) -> Option<Why> {
        match self {
            Self::Missing => Some(Why::Needed),
            Self::Known(_) => None,
            Self::Doubtful(why) => Some(why.clone()),
        }
    }
}

/// The slot to ask for first: a doubtful one before one that nothing was said about, so that a misheard word is cleared up at once.
pub fn first_open(slots: &[(&'static str, Option<Why>)]) -> Option<(&'static str, Why)> {
    let open = || {
        slots
            .iter()
            .filter_map(|(slot, why)| Some((*slot, why.clone()?)))
    };
    open()
        .find(|(_, why)| *why != Why::Needed)
        .or_else(|| open().next())
}

/// Asks for one slot of a draft.
pub fn ask(draft: Draft, slot: &str, why: &Why, known: &Known) -> Routed {
    let choices = choices(&draft, slot, why, known);
    let mut text = lead(slot, why, known);
    text.push_str(&match why {
        // No answer could be looked up either.
        Why::Unreachable => "Could you ask me again in a moment?".to_owned(),
        _ => sentence(&draft, slot, &choices),
    });
    let mut parameters = vec![("slot".to_owned(), slot.to_owned())];
    if !choices.is_empty() {
        parameters.push(("choices".to_owned(), choices.join(", ")));
    }
    let say = Message {
        code: format!("{slot}_{}", suffix(why)),
        parameters,
        text,
    };
    Routed::Ask(Question {
        draft,
        slot: slot.to_owned(),
        say,
    })
}

fn suffix(why: &Why) -> &'static str {
    match why {
        Why::Needed => "needed",
        Why::Invalid => "invalid",
        Why::Unclear => "unclear",
        Why::Currency => "currency",
        Why::Relative => "relative",
        Why::Unknown => "unknown",
        Why::Ambiguous(_) => "ambiguous",
        Why::Same => "same",
        Why::Unreachable => "unreachable",
        Why::Share => "share",
        Why::NotYours => "not_yours",
        Why::Excluded => "excluded",
    }
}

fn lead(slot: &str, why: &Why, known: &Known) -> String {
    let is_amount = matches!(slot, "amount" | "credit_limit");
    match why {
        Why::Needed => String::new(),
        Why::Invalid if is_amount => "That is not an amount I can use. ".into(),
        Why::Invalid if slot == "years" => "It must be whole years, from one to forty. ".into(),
        Why::Invalid => "I did not get that. ".into(),
        Why::Unclear if is_amount => "I am not sure I got the amount right. ".into(),
        Why::Unclear => "I am not sure I got that right. ".into(),
        Why::Currency => format!("I can only do that in {}. ", unit(known)),
        Why::Share => format!("I need that as a sum in {}. ", unit(known)),
        Why::NotYours => "I can only move money between your own accounts. ".into(),
        Why::Excluded => "Not that one, then. ".into(),
        Why::Relative => "I need the whole amount. ".into(),
        Why::Unknown => "I could not find that account. ".into(),
        Why::Ambiguous(_) => "There is more than one. ".into(),
        Why::Same => "That is the same account twice. ".into(),
        Why::Unreachable => "I cannot look up your accounts right now. ".into(),
    }
}

fn unit(known: &Known) -> &str {
    let major = currency::named(&known.currency).major;
    major.map_or(known.currency.as_str(), |(_, many)| many)
}

fn sentence(draft: &Draft, slot: &str, choices: &[String]) -> String {
    let question = match (slot, draft) {
        ("from_account", _) => "Which account should the money come from",
        ("to_account", _) => "Which account should the money go to",
        ("account_id", _) => "Which account do you mean",
        ("amount", Draft::Loan(_)) => "How much would you like to borrow",
        ("amount", _) => "How much should I transfer",
        ("purpose", _) => "What is the loan for",
        ("years", _) => "Over how many years would you like to pay it back",
        ("card_type", _) => "Which kind of card would you like",
        ("credit_limit", _) => "What credit limit would you like",
        ("application_id", _) => "What is the number of your application",
        ("month", _) => "Which month do you mean",
        _ => "Could you say that again",
    };
    let with_choices = format!("{question}: {}?", sentence::list(choices, "or"));
    // Long nicknames are not read out one after the other.
    let is_short = sentence::word_count(&with_choices) <= 20 && with_choices.len() <= 200;
    if choices.len() > 1 && is_short {
        with_choices
    } else {
        format!("{question}?")
    }
}

// The caller's accounts that would fit, where they are few enough to be said.
fn choices(draft: &Draft, slot: &str, why: &Why, known: &Known) -> Vec<String> {
    if !matches!(slot, "from_account" | "to_account" | "account_id") {
        return Vec::new();
    }
    let source = match draft {
        Draft::Transfer(transfer) if slot == "to_account" => transfer.from_account.as_deref(),
        _ => None,
    };
    let fits = |account: &&Account| match why {
        Why::Ambiguous(ids) => ids.contains(&account.id),
        _ => source != Some(account.id.as_str()),
    };
    let names = known.names();
    let fitting = known.accounts.iter().filter(fits);
    let labels: Vec<String> = fitting
        .map(|account| sentence::clean(&account::label(&named(account), &names)))
        .collect();
    if labels.len() > known.accounts_listed_max {
        Vec::new()
    } else {
        labels
    }
}
