//! Loans, credit cards and the state of an application, from words and from earlier drafts.
//! As with a transfer: only what was said in one way only is taken, the rest is asked for.

use super::account::{self, looks_like_id};
use super::amount::relation;
use super::correction::asks;
use super::number::{Cursor, small_word};
use super::question::{Slot, Why, ask, first_open};
use super::transfer::{amount_slot, note_of};
use super::words::{Heard, Kind, Word};
use super::{Known, amount, plain};
use crate::bindings::bank::voice::types::{
    CreditCard, CreditCardDraft, CustomIntent, Draft, Intent, Loan, LoanDraft, Money, Pending,
};
use crate::bindings::exports::bank::voice::routing::Routed;

/// The name under which a question for an application's number is kept; the contract has no draft of its own for it.
pub const STATUS: &str = "application-status";

const YEARS_MAX: i128 = 40;
const ID_DIGITS_MIN: usize = 3;
const CARD_KINDS: &[&str] = &[
    "platinum", "gold", "silver", "black", "basic", "standard", "classic", "premium", "rewards",
    "travel", "cashback", "student", "business", "secured",
];
const PURPOSES: &[&str] = &[
    "car",
    "auto",
    "home",
    "house",
    "student",
    "education",
    "business",
    "personal",
    "medical",
    "wedding",
    "vacation",
    "renovation",
];

/// The slots of a loan.
#[derive(Clone, Debug, Default)]
pub struct LoanSlots {
    /// How much is borrowed.
    pub amount: Slot<Money>,
    /// What for.
    pub purpose: Slot<String>,
    /// Over how long.
    pub years: Slot<u32>,
}

impl LoanSlots {
    /// What an earlier question left.
    pub fn of_draft(draft: &LoanDraft) -> Self {
        Self {
            amount: Slot::of(draft.amount.as_ref()),
            purpose: Slot::of(draft.purpose.as_ref()),
            years: Slot::of(draft.years.as_ref()),
        }
    }

    /// Takes over what an utterance says; `asked` is the slot that bare words answer.
    pub fn hear(&mut self, text: &str, asked: Option<&str>, known: &Known) -> bool {
        let heard = Heard::new(text);
        let before = (
            self.amount.clone(),
            self.purpose.clone(),
            self.years.clone(),
        );
        if let Some(years) = years_said(&heard, asked == Some("years")) {
            self.years = years;
        }
        // At the years a bare number is one of them; "no, six thousand dollars" is none.
        let is_unit = |word: &Word| account::is_unit(&word.text) || word.raw.contains('$');
        let has_unit = || heard.words.iter().any(is_unit);
        if asked != Some("years") || has_unit() {
            self.amount = amount_heard(&heard, known).unwrap_or(self.amount.clone());
        }
        let purpose = purpose_said(&heard);
        let answer = if asked == Some("purpose") && !asks(&heard) {
            purpose.or_else(|| note_of(text))
        } else {
            purpose
        };
        if let Some(purpose) = answer {
            self.purpose = Slot::Known(purpose);
        }
        before
            != (
                self.amount.clone(),
                self.purpose.clone(),
                self.years.clone(),
            )
    }

    /// The intent, or the question for what is open.
    pub fn finish(self, known: &Known) -> Routed {
        let draft = LoanDraft {
            amount: self.amount.known(),
            purpose: self.purpose.known(),
            years: self.years.known(),
        };
        let open = [
            ("amount", self.amount.why()),
            ("purpose", self.purpose.why()),
            ("years", self.years.why()),
        ];
        match (first_open(&open), self.amount, self.purpose, self.years) {
            (None, Slot::Known(amount), Slot::Known(purpose), Slot::Known(years)) => {
                plain(Intent::Loan(Loan {
                    amount,
                    purpose,
                    years,
                }))
            }
            (Some((slot, why)), ..) => ask(Draft::Loan(draft), slot, &why, known),
            _ => plain(Intent::Unknown),
        }
    }
}

/// The slots of a credit card.
#[derive(Clone, Debug, Default)]
pub struct CardSlots {
    /// Which card.
    pub kind: Slot<String>,
    /// Its credit limit.
    pub limit: Slot<Money>,
}

impl CardSlots {
    /// What an earlier question left.
    pub fn of_draft(draft: &CreditCardDraft) -> Self {
        Self {
            kind: Slot::of(draft.kind.as_ref()),
            limit: Slot::of(draft.limit.as_ref()),
        }
    }

    /// Takes over what an utterance says; `asked` is the slot that bare words answer.
    pub fn hear(&mut self, text: &str, asked: Option<&str>, known: &Known) -> bool {
        let heard = Heard::new(text);
        let before = (self.kind.clone(), self.limit.clone());
        self.limit = amount_heard(&heard, known).unwrap_or(self.limit.clone());
        let listed = CARD_KINDS
            .iter()
            .find(|kind| heard.has_any(kind))
            .map(|kind| (*kind).to_owned());
        let is_short = heard.words.len() <= 4 && !asks(&heard);
        // "Shut up, Rex" is said to somebody else.
        let is_name = heard.words.len() <= 2 || heard.has_any("card|one");
        let bare = || {
            let words = heard.words.iter().map(|word| word.text.as_str());
            let is_name = |word: &&str| !matches!(*word, "the" | "a" | "card" | "please" | "one");
            note_of(&words.filter(is_name).collect::<Vec<_>>().join(" "))
        };
        let answer = if asked == Some("card_type") && is_short {
            listed.or_else(|| bare().filter(|_| is_name))
        } else {
            listed
        };
        if let Some(kind) = answer {
            self.kind = Slot::Known(kind);
        }
        before != (self.kind.clone(), self.limit.clone())
    }

    /// The intent, or the question for what is open.
    pub fn finish(self, known: &Known) -> Routed {
        let draft = CreditCardDraft {
            kind: self.kind.known(),
            limit: self.limit.known(),
        };
        let open = [
            ("card_type", self.kind.why()),
            ("credit_limit", self.limit.why()),
        ];
        match (first_open(&open), self.kind, self.limit) {
            (None, Slot::Known(kind), Slot::Known(limit)) => {
                plain(Intent::CreditCard(CreditCard { kind, limit }))
            }
            (Some((slot, why)), ..) => ask(Draft::CreditCard(draft), slot, &why, known),
            _ => plain(Intent::Unknown),
        }
    }
}

/// The state of the application whose number was said, or the question for it.
pub fn status(heard: &Heard, known: &Known) -> Routed {
    match application_id(heard) {
        Some(id) => plain(Intent::ApplicationStatus(id)),
        None => ask_status(&Why::Needed, known),
    }
}

/// Asks for an application's number.
pub fn ask_status(why: &Why, known: &Known) -> Routed {
    let draft = CustomIntent {
        name: STATUS.to_owned(),
        slots: Vec::new(),
    };
    ask(Draft::Custom(draft), "application_id", why, known)
}

/// Whether an application's number is asked for.
pub fn is_number_open(pending: &Option<Pending>) -> bool {
    let Some(Pending::Slot(question)) = pending else {
        return false;
    };
    matches!(&question.draft, Draft::Custom(draft) if draft.name == STATUS)
}

/// The number of an application: a word with the look of an id or of digits, or digits that are said one by one.
pub fn application_id(heard: &Heard) -> Option<String> {
    let is_digits =
        |raw: &str| raw.len() >= ID_DIGITS_MIN && raw.bytes().all(|it| it.is_ascii_digit());
    let is_id = |raw: &str| raw.len() <= 128 && (looks_like_id(raw) || is_digits(raw));
    let whole = heard.words.iter().find(|word| is_id(&word.raw));
    whole
        .map(|word| word.raw.clone())
        .or_else(|| spelled(heard).filter(|digits| is_digits(digits)))
}

// "five zero two", "five oh two".
fn spelled(heard: &Heard) -> Option<String> {
    let digit = |text: &str| match text {
        "oh" | "o" => Some(0),
        _ if text.len() == 1 => text.parse().ok(),
        _ => small_word(text).filter(|digit| *digit < 10),
    };
    let digits: Vec<Option<i128>> = heard.texts().map(digit).collect();
    let runs = digits.split(Option::is_none);
    let longest = runs.max_by_key(|run| run.len())?;
    Some(longest.iter().flatten().map(i128::to_string).collect())
}

/// A number of years within bounds.
pub fn years_slot(years: Option<i128>) -> Slot<u32> {
    let within = years.filter(|years| (1..=YEARS_MAX).contains(years));
    match within.and_then(|years| u32::try_from(years).ok()) {
        Some(years) => Slot::Known(years),
        None => Slot::Doubtful(Why::Invalid),
    }
}

/// The years that a text says: "five", "five years", "60 months".
pub fn years_of_text(text: &str) -> Option<Slot<u32>> {
    years_said(&Heard::new(text), true)
}

fn amount_heard(heard: &Heard, known: &Known) -> Option<Slot<Money>> {
    let accounts = account::mentions(heard, known);
    let found = amount::mentions(heard, &account::used(heard, &accounts), &known.currency);
    match found.as_slice() {
        [] => None,
        [only] => Some(amount_slot(relation::whole(only, None), known)),
        _ => Some(Slot::Doubtful(Why::Unclear)),
    }
}

// "five years", "60 months"; a bare number where years were asked for.
fn years_said(heard: &Heard, is_asked: bool) -> Option<Slot<u32>> {
    let unused = vec![false; heard.words.len()];
    let mut at = 0;
    while at < heard.words.len() {
        let mut cursor = Cursor::new(heard, &unused, at);
        let number = match heard.text(at) {
            "a" if heard.text(at + 1) == "year" => {
                cursor.at += 1;
                Some(Some(1))
            }
            _ => cursor.number().map(|number| number.in_units(0)),
        };
        let Some(number) = number else {
            at += 1;
            continue;
        };
        if is_below_zero(heard, at) || heard.has_any("half|quarter") {
            return Some(Slot::Doubtful(Why::Invalid));
        }
        if is_one_of_two(heard, &cursor, is_asked) {
            return Some(Slot::Doubtful(Why::Unclear));
        }
        match cursor.text() {
            "year" | "years" => return Some(years_slot(number)),
            "month" | "months" => {
                let years = number
                    .filter(|months| months % 12 == 0)
                    .map(|months| months / 12);
                return Some(years_slot(years));
            }
            "" if is_asked => return Some(years_slot(number)),
            _ => at = cursor.at,
        }
    }
    None
}

// "minus five years".
fn is_below_zero(heard: &Heard, at: usize) -> bool {
    let before = at.checked_sub(1).map_or("", |before| heard.text(before));
    matches!(before, "minus" | "negative")
}

// "five or ten years", "between five and ten years": behind the number another one, and both are years.
fn is_one_of_two(heard: &Heard, first: &Cursor, is_asked: bool) -> bool {
    let unit = usize::from(matches!(first.text(), "year" | "years"));
    let joint = first.at + unit;
    if !matches!(heard.text(joint), "or" | "to" | "and") {
        return false;
    }
    let unused = vec![false; heard.words.len()];
    let mut second = Cursor::new(heard, &unused, joint + 1);
    let is_number = second.number().is_some();
    is_number && (matches!(second.text(), "year" | "years") || is_asked && second.text().is_empty())
}

// "a car loan", "for a new kitchen".
fn purpose_said(heard: &Heard) -> Option<String> {
    let before_loan =
        |at: usize| heard.text(at + 1) == "loan" && PURPOSES.contains(&heard.text(at));
    if let Some(at) = (0..heard.words.len()).find(|at| before_loan(*at)) {
        return Some(heard.text(at).to_owned());
    }
    (0..heard.words.len())
        .filter(|at| heard.text(*at) == "for")
        .find_map(|at| {
            let is_end = |at: usize| {
                let word = &heard.words[at];
                let ends = matches!(
                    word.text.as_str(),
                    "over" | "of" | "for" | "and" | "please" | "with"
                );
                ends || word.kind != Kind::Plain || super::number::is_number_word(word)
            };
            let words = (at + 1..heard.words.len())
                .take_while(|at| !is_end(*at))
                .take(6);
            let said: Vec<&str> = words
                .map(|at| heard.text(at))
                .skip_while(|word| matches!(*word, "a" | "an" | "my" | "the" | "some" | "our"))
                .collect();
            let is_loan = said
                .iter()
                .any(|word| matches!(*word, "loan" | "me" | "year" | "years"));
            (!said.is_empty() && !is_loan).then(|| said.join(" "))
        })
}
