//! What an earlier turn left open: a slot that this turn's words may fill, or a transfer that they may correct.
//! None where the words say nothing about it; the question stays open and the utterance is read on its own.

use super::application::{CardSlots, LoanSlots, STATUS, application_id};
use super::correction::asks;
use super::meaning::{agrees, corrects, is_unsure};
use super::negation::{Said, said};
use super::number::is_number_word;
use super::question::Slot;
use super::read::Reading;
use super::transfer::{Mentions, Slots};
use super::words::Heard;
use super::{Known, account, month, plain, read};
use crate::bindings::bank::voice::types::{
    CreditCardDraft, CustomIntent, Draft, Intent, LoanDraft, Question,
};
use crate::bindings::exports::bank::voice::routing::Routed;

/// Fills the slot that was asked for, and any other that was said along with it.
pub fn fill(question: &Question, text: &str, known: &Known) -> Option<Routed> {
    // "I don't know" and "no, make it six thousand" are neither a purpose nor the name of a card.
    let heard = Heard::new(text);
    let is_no_name =
        is_unsure(&heard) || is_free_text(&question.slot) && (corrects(&heard) || says_sum(&heard));
    let asked = Some(question.slot.as_str()).filter(|_| !is_no_name);
    match &question.draft {
        Draft::Transfer(draft) => {
            let mut slots = Slots::of_draft(draft);
            let said = Mentions::of(text, known);
            // "Two more questions" is no answer to which account.
            let is_answer =
                question.slot == "amount" || said.names_accounts() || said.is_correction();
            (is_answer && slots.take(said, asked, known)).then(|| slots.finish(known))
        }
        Draft::Loan(draft) => {
            let mut slots = LoanSlots::of_draft(draft);
            slots.hear(text, asked, known).then(|| slots.finish(known))
        }
        Draft::CreditCard(draft) => {
            let mut slots = CardSlots::of_draft(draft);
            slots.hear(text, asked, known).then(|| slots.finish(known))
        }
        Draft::Balance => read_on(Reading::Balance, &Heard::new(text), known),
        Draft::Statements(month) => {
            read_on(Reading::Statements(month.clone()), &Heard::new(text), known)
        }
        Draft::Custom(CustomIntent { name, .. }) if name == STATUS => {
            application_id(&Heard::new(text)).map(|id| plain(Intent::ApplicationStatus(id)))
        }
        // Another router's question.
        Draft::Custom(_) => Some(Routed::Pass),
    }
}

/// Whether any words may be the answer: what a loan is for, what a card is called.
pub fn is_free_text(slot: &str) -> bool {
    matches!(slot, "purpose" | "card_type")
}

// "move ten dollars to savings" is no purpose, and "for a car of 2020" one.
fn says_sum(heard: &Heard) -> bool {
    heard
        .words
        .iter()
        .any(|word| account::is_unit(&word.text) || word.raw.contains('$'))
}

/// One of the accounts that a question named.
pub struct Choice<'a> {
    /// The question.
    pub question: &'a Question,
    /// What it called the account.
    pub name: String,
}

/// The account that was chosen by its place in the question: "the second one".
pub fn chosen<'a>(question: &'a Question, heard: &Heard) -> Option<Choice<'a>> {
    let is_known = (0..heard.words.len()).all(|at| heard.is_one_of(at, CHOOSING));
    let is_last = heard.has_any("last");
    let place = PLACES.iter().position(|place| heard.has_any(place));
    if !is_known || is_last == place.is_some() {
        return None;
    }
    let choices = question.say.parameters.iter();
    let (_, choices) = choices.rev().find(|(name, _)| name == "choices")?;
    let mut names = choices.split(", ");
    let name = match place {
        Some(place) => names.nth(place),
        None => names.last(),
    };
    name.map(|name| Choice {
        question,
        name: name.to_owned(),
    })
}

const PLACES: [&str; 5] = ["first", "second", "third", "fourth", "fifth"];
const CHOOSING: &str = "first|second|third|fourth|fifth|last|the|one|account|please|i|mean|want|id|like|my|um|uh|of|them|that|no";

/// What comes behind a plea for time, "hold on, make it fifty", where nothing but a correction of the transfer that waits does.
pub fn correct_behind_plea(pending: &Intent, text: &str, known: &Known) -> Option<Routed> {
    let is_plain = Mentions::of(text, known).is_plain_correction();
    is_plain.then(|| correct(pending, text, known)).flatten()
}

/// A correction of what waits for a yes: "no, make it fifty" is a new intent with the new amount.
pub fn correct(pending: &Intent, text: &str, known: &Known) -> Option<Routed> {
    let corrected = match pending {
        Intent::Transfer(transfer) => {
            let mut slots = Slots::of_transfer(transfer);
            let heard = Heard::new(text);
            if said(&heard, OTHER_AMOUNT) == Said::Meant && !heard.words.iter().any(is_number_word)
            {
                slots.amount = Slot::Missing;
                return Some(slots.finish(known));
            }
            let said = Mentions::of(text, known);
            (said.is_correction() && slots.take(said, None, known)).then(|| slots.finish(known))
        }
        Intent::Statements(query) => {
            let heard = Heard::new(text);
            let earlier = query.month.clone();
            match read_on(Reading::Statements(earlier), &heard, known)? {
                // Only the month was said.
                Routed::Ask(_) if account::mentions(&heard, known).is_empty() => {
                    let month = month::said(&heard, known.today);
                    Some(Reading::Statements(month).of(query.account.clone()))
                }
                routed => Some(routed),
            }
        }
        _ if asks(&Heard::new(text)) => None,
        Intent::Loan(loan) => {
            let mut slots = LoanSlots::of_draft(&LoanDraft {
                amount: Some(loan.amount.clone()),
                purpose: Some(loan.purpose.clone()),
                years: Some(loan.years),
            });
            slots.hear(text, None, known).then(|| slots.finish(known))
        }
        Intent::CreditCard(card) => {
            let kind = Some(card.kind.clone());
            let draft = CreditCardDraft {
                kind,
                limit: Some(card.limit.clone()),
            };
            let mut slots = CardSlots::of_draft(&draft);
            slots.hear(text, None, known).then(|| slots.finish(known))
        }
        _ => None,
    }?;
    // "Yes, fifty dollars to savings" repeats what was asked; anything else is a new intent that is asked about again.
    if is_same(&corrected, pending) && agrees(&Heard::new(text)) {
        return Some(plain(Intent::Affirm));
    }
    Some(corrected)
}

const OTHER_AMOUNT: &str = "change the amount|change the sum|change that amount|a different amount|another amount|\
    a different sum|another sum";

// The payee is the host's to say, so it makes no difference here.
fn is_same(corrected: &Routed, pending: &Intent) -> bool {
    match (corrected, pending) {
        (Routed::Intent(Intent::Transfer(new)), Intent::Transfer(old)) => {
            (&new.from_account, &new.to_account, &new.amount, &new.memo)
                == (&old.from_account, &old.to_account, &old.amount, &old.memo)
        }
        (Routed::Intent(new), old) => new == old,
        _ => false,
    }
}

fn read_on(reading: Reading, heard: &Heard, known: &Known) -> Option<Routed> {
    if reading == Reading::Balance && heard.has_any("all|both|each|every|all of them") {
        return Some(plain(Intent::Accounts));
    }
    let has_account = !account::mentions(heard, known).is_empty();
    match reading {
        Reading::Balance => has_account.then(|| read::balance(heard, known)),
        Reading::Statements(earlier) => {
            let has_month = month::said(heard, known.today).is_some();
            (has_account || has_month).then(|| read::statements(heard, earlier, known))
        }
    }
}
