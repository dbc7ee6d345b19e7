//! A transfer from its slots: source, destination, amount. Each is either certain, missing or doubtful, and only three certain ones
//! make an intent; everything else is asked for with the draft that is known so far.
//! Does not decide whose account the destination is: the host finds out.

mod mentions;

use super::account::{Mention, Role, Target};
use super::amount::relation::{self, Relation};
use super::amount::{self, Doubt, portion};
use super::negation::{self, Said};
use super::number::is_number_word;
use super::question::{Slot, Why, ask, first_open};
use super::words::Heard;
use super::{Known, plain};
use crate::bindings::bank::voice::types::{Draft, Intent, Money, Payee, Transfer, TransferDraft};
use crate::bindings::exports::bank::voice::routing::Routed;

pub use mentions::Mentions;

// Source and destination were mixed up.
const TURNED: &str = "other way round|other way around|opposite way|opposite direction|vice versa|swap them|swap the|\
    swap it|swap that|swap accounts|switch accounts|switch them|switch the|switch it|reverse the direction|reverse the accounts|reverse them|wrong way round|\
    wrong way around|wrong direction|backwards|the wrong way";

/// The slots of a transfer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Slots {
    /// Where the money comes from, an id.
    pub from: Slot<String>,
    /// Where it goes, an id.
    pub to: Slot<String>,
    /// How much.
    pub amount: Slot<Money>,
    /// The caller's note.
    pub memo: Option<String>,
}

impl Slots {
    /// What an earlier question left.
    pub fn of_draft(draft: &TransferDraft) -> Self {
        Self {
            from: Slot::of(draft.from_account.as_ref()),
            to: Slot::of(draft.to_account.as_ref()),
            amount: Slot::of(draft.amount.as_ref()),
            memo: draft.memo.clone(),
        }
    }

    /// What a complete transfer says, for a correction of it.
    pub fn of_transfer(transfer: &Transfer) -> Self {
        Self {
            from: Slot::Known(transfer.from_account.clone()),
            to: Slot::Known(transfer.to_account.clone()),
            amount: Slot::Known(transfer.amount.clone()),
            memo: transfer.memo.clone(),
        }
    }

    /// Takes over what an utterance says; `asked` is the slot that an account without a preposition answers.
    /// False where it said nothing about the transfer.
    pub fn hear(&mut self, text: &str, asked: Option<&str>, known: &Known) -> bool {
        self.take(Mentions::of(text, known), asked, known)
    }

    /// Takes over what was read in an utterance.
    pub fn take(&mut self, said: Mentions, asked: Option<&str>, known: &Known) -> bool {
        if said.is_code(asked) {
            return false;
        }
        let before = self.amount.known();
        let is_multiple = before.is_some() && relation::is_multiple(&said.heard);
        let is_turned = self.turn_round(&said.heard);
        let is_share = portion::is_percentage(&said.heard)
            || said.amounts.is_empty() && portion::is_said(&said.heard);
        let has_news = !said.is_nothing() || is_multiple || is_turned || is_share;
        self.exclude(&said.accounts, asked);
        self.hear_accounts(&said.accounts, asked, known);
        self.hear_strangers(&said);
        let before = before.map(|amount| amount.minor);
        // "add fifty to savings" may be more of what waits or a transfer of its own, and who is asked how much may mean more than before.
        let is_open = before.is_some() && !said.accounts.is_empty() || asked == Some("amount");
        self.hear_amounts(&said.amounts, before, is_open, known);
        if is_multiple {
            self.amount = Slot::Doubtful(Why::Relative);
        } else if is_share {
            self.amount = Slot::Doubtful(Why::Share);
        }
        self.memo = said.memo.or(self.memo.take());
        has_news
    }

    // "the other way round": only where both sides are known, and before what else is said about them.
    fn turn_round(&mut self, heard: &Heard) -> bool {
        let is_known = self.from.known().is_some() && self.to.known().is_some();
        let is_turned = is_known && negation::said(heard, TURNED) == Said::Meant;
        if is_turned {
            std::mem::swap(&mut self.from, &mut self.to);
        }
        is_turned
    }

    // "not savings": what was said to be meant no longer is, and a question is not answered by what it is not.
    fn exclude(&mut self, mentions: &[Mention], asked: Option<&str>) {
        for mention in mentions.iter().filter(|it| it.role == Role::Excluded) {
            let Target::Own(id) = &mention.target else {
                continue;
            };
            let sides = [
                ("from_account", &mut self.from),
                ("to_account", &mut self.to),
            ];
            for (name, side) in sides {
                let is_asked = asked == Some(name) && side.known().is_none();
                if is_asked || side.known().as_ref() == Some(id) {
                    *side = Slot::Doubtful(Why::Excluded);
                }
            }
        }
    }

    // Whoever is no account of the caller's is not dropped, so that the money goes nowhere else.
    fn hear_strangers(&mut self, said: &Mentions) {
        if said.is_paid {
            self.to = Slot::Doubtful(Why::NotYours);
        }
        if said.is_payer {
            self.from = Slot::Doubtful(Why::NotYours);
        }
    }

    /// "Checking to savings, ten dollars": a whole transfer without a verb of moving, which is asked about like any other.
    /// Only where every word is understood: much else that is said names two accounts and an amount.
    pub fn begun_without_verb(heard: &Heard, text: &str, known: &Known) -> Option<Routed> {
        if !heard.words.iter().any(is_number_word) {
            return None;
        }
        let said = Mentions::of(text, known);
        let mut slots = Self::default();
        (said.is_bare_wish() && slots.take(said, None, known)).then(|| slots.finish(known))
    }

    /// "fifty dollars less than last time", said out of nowhere: the question how much in all. None where the words begin otherwise.
    pub fn begun_by_comparison(text: &str, known: &Known) -> Option<Routed> {
        let heard = Heard::new(text);
        // Nearly all that is said has no comparison in it.
        if !heard.has_any("more|less|fewer|lower|extra|additional|higher|on top|except|but") {
            return None;
        }
        let amounts = amount::mentions(&heard, &vec![false; heard.words.len()], &known.currency);
        let is_compared = |mention: &amount::Mention| {
            mention.span.start <= 1
                && matches!(mention.relation, Some(Relation::Compared | Relation::Less))
        };
        let mut slots = Self::default();
        (amounts.iter().any(is_compared) && slots.hear(text, None, known))
            .then(|| slots.finish(known))
    }

    fn hear_accounts(&mut self, mentions: &[Mention], asked: Option<&str>, known: &Known) {
        let of = |role: Role| {
            let mut targets: Vec<Target> = Vec::new();
            for mention in mentions.iter().filter(|mention| mention.role == role) {
                if !targets.contains(&mention.target) {
                    targets.push(mention.target.clone());
                }
            }
            targets
        };
        let (mut sources, mut destinations) = (of(Role::Source), of(Role::Destination));
        let mut open = of(Role::Open);
        // Bob's savings are not forgotten because it was not said what for.
        if open.contains(&Target::Theirs) {
            let side = match asked {
                Some("from_account") => &mut sources,
                _ => &mut destinations,
            };
            side.append(&mut open);
        }
        match (open.len(), sources.len(), destinations.len(), asked) {
            (0, ..) => {}
            (1, 0, 1, _) => sources = open,
            (1, 1, 0, _) => destinations = open,
            (_, 0, 0, Some("from_account")) => sources = open,
            (_, 0, 0, Some("to_account")) => destinations = open,
            // "savings, not checking" takes the place of what it is not.
            (1, 0, 0, None) if self.from == Slot::Doubtful(Why::Excluded) => sources = open,
            (1, 0, 0, None) if self.to == Slot::Doubtful(Why::Excluded) => destinations = open,
            // A correction that does not say which side it means.
            (1, 0, 0, None) if self.from.known().is_some() && self.to.known().is_some() => {
                self.to = Slot::Doubtful(Why::Unclear);
            }
            _ => {}
        }
        if let Some(slot) = slot_of(&sources, |target| source(target, known)) {
            self.from = slot;
        }
        if let Some(slot) = slot_of(&destinations, destination) {
            self.to = slot;
        }
    }

    fn hear_amounts(
        &mut self,
        mentions: &[amount::Mention],
        before: Option<i64>,
        is_open: bool,
        known: &Known,
    ) {
        let Some(first) = mentions.first() else {
            return;
        };
        let is_same = |mention: &amount::Mention| {
            (mention.reading, mention.relation) == (first.reading, first.relation)
        };
        self.amount = if !mentions.iter().all(is_same) {
            Slot::Doubtful(Why::Unclear)
        } else if first.relation.is_some() && is_open {
            Slot::Doubtful(Why::Relative)
        } else {
            amount_slot(relation::whole(first, before), known)
        };
    }

    /// The intent, or the question for the first slot that is open.
    pub fn finish(mut self, known: &Known) -> Routed {
        if self.from.known().is_some() && self.from == self.to {
            self.to = Slot::Doubtful(Why::Same);
        }
        let open = first_open(&[
            ("from_account", self.from.why()),
            ("to_account", self.to.why()),
            ("amount", self.amount.why()),
        ]);
        if let Some((slot, why)) = open {
            return ask(Draft::Transfer(self.draft()), slot, &why, known);
        }
        let draft = self.draft();
        match (draft.from_account, draft.to_account, draft.amount) {
            (Some(from_account), Some(to_account), Some(amount)) => {
                let payee = if known.owns(&to_account) {
                    Payee::SameOwner
                } else {
                    Payee::FirstTime
                };
                let memo = draft.memo;
                plain(Intent::Transfer(Transfer {
                    from_account,
                    to_account,
                    payee,
                    amount,
                    memo,
                }))
            }
            _ => plain(Intent::Unknown),
        }
    }

    fn draft(&self) -> TransferDraft {
        TransferDraft {
            from_account: self.from.known(),
            to_account: self.to.known(),
            amount: self.amount.known(),
            memo: self.memo.clone(),
        }
    }
}

/// The slot that an amount fills.
pub fn amount_slot(reading: Result<i64, Doubt>, known: &Known) -> Slot<Money> {
    match reading {
        Ok(minor) => Slot::Known(known.money(minor)),
        Err(Doubt::Invalid) => Slot::Doubtful(Why::Invalid),
        Err(Doubt::Unclear) => Slot::Doubtful(Why::Unclear),
        Err(Doubt::Currency) => Slot::Doubtful(Why::Currency),
        Err(Doubt::Relative) => Slot::Doubtful(Why::Relative),
    }
}

/// Only the caller's own accounts can be a source.
pub fn source(target: &Target, known: &Known) -> Slot<String> {
    match target {
        Target::Own(id) => Slot::Known(id.clone()),
        Target::Several(ids) => Slot::Doubtful(Why::Ambiguous(ids.clone())),
        Target::Foreign(_) | Target::Missing(_) => Slot::Doubtful(not_found(known)),
        Target::Theirs => Slot::Doubtful(Why::NotYours),
    }
}

/// An explicit id of somebody else is kept as it was given.
pub fn destination(target: &Target) -> Slot<String> {
    match target {
        Target::Own(id) | Target::Foreign(id) => Slot::Known(id.clone()),
        Target::Several(ids) => Slot::Doubtful(Why::Ambiguous(ids.clone())),
        Target::Missing(_) => Slot::Doubtful(Why::Unknown),
        Target::Theirs => Slot::Doubtful(Why::NotYours),
    }
}

/// Why an account was not found: it is none of the caller's, or nobody could look.
pub fn not_found(known: &Known) -> Why {
    if known.reachable {
        Why::Unknown
    } else {
        Why::Unreachable
    }
}

fn slot_of(targets: &[Target], fill: impl Fn(&Target) -> Slot<String>) -> Option<Slot<String>> {
    match targets {
        [] => None,
        [only] => Some(fill(only)),
        several if several.contains(&Target::Theirs) => Some(Slot::Doubtful(Why::NotYours)),
        several => {
            let ids = several.iter().flat_map(|target| match target {
                Target::Own(id) => vec![id.clone()],
                Target::Several(ids) => ids.clone(),
                Target::Foreign(_) | Target::Missing(_) | Target::Theirs => Vec::new(),
            });
            Some(Slot::Doubtful(Why::Ambiguous(ids.collect())))
        }
    }
}

// "... memo rent for march": the rest of the utterance is the note and no slot.
fn split_memo(text: &str) -> (String, Option<String>) {
    let words: Vec<&str> = text.split_whitespace().collect();
    let bare = |word: &str| {
        word.trim_matches(|c: char| !c.is_alphanumeric())
            .to_lowercase()
    };
    let Some(at) = words.iter().position(|word| bare(word) == "memo") else {
        return (text.to_owned(), None);
    };
    let is_lead = |word: &&&str| matches!(bare(word).as_str(), "saying" | "says" | "is" | "of");
    let note: Vec<&str> = words[at + 1..]
        .iter()
        .skip_while(is_lead)
        .copied()
        .collect();
    (words[..at].join(" "), note_of(&note.join(" ")))
}

/// A note as it may cross to the bank: one line of at most 140 characters.
pub fn note_of(text: &str) -> Option<String> {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let note: String = line.chars().filter(|c| !c.is_control()).take(140).collect();
    (!note.is_empty()).then_some(note)
}
