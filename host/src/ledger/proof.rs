//! The search for proof after an unknown outcome: when the bank is asked, what it is asked, and what its answer settles.
//!
//! Run by a worker of every host on rows that a crash or a silent bank left open. Proof is the bank's own answer to the same key,
//! or its payment with our reference. A payment that only looks alike is evidence for a person; a payment that is missing from a list
//! proves nothing. Pure: the worker, or a simulation, asks and tells.

use serde_json::{Value, json};

use super::written::{self, NOT_MARKED_AS_SENT, Sending, paid};
use super::{Event, Kind, Row, State};
use crate::backend::{PaymentSeen, PaymentState};
use crate::call::outcome::PaymentStatus;
use crate::call::{Failure, Intent};

mod evidence;

pub use evidence::alike;

/// How long a bank that answers is asked for proof before a person is.
pub const FRUITLESS_MS: i64 = 12_000;
/// How long a bank is trusted to remember a key; afterwards nothing is sent with it again.
pub const KEY_KEPT_MS: i64 = 12 * 60 * 60 * 1_000;
/// For so long a row is the worker's that asks about it; one that dies meanwhile leaves it to the others.
pub const LEASE_MS: i64 = 10_000;
/// For so long a bank is still asked about a row that waits for a person, or that one wrote off: a payment that was slow may yet be
/// listed.
pub const LATE_MS: i64 = 7 * 24 * 60 * 60 * 1_000;
/// Shortest and longest pause between two such questions; in between it is as long as the person has been waited for.
const LATE_PAUSE_MS: (i64, i64) = (15_000, 60 * 60 * 1_000);
/// Code of a payment with our reference of which nobody can tell what it is.
pub const OURS_UNREADABLE: &str = "our_reference_on_an_unreadable_payment";
/// Code of a bank that has no list of payments.
pub const NO_LIST: &str = "no_list_of_payments";
/// Pause after the first question; it doubles.
const PAUSE_MS: i64 = 500;
/// Longest pause, so that a bank which comes back is asked soon.
const PAUSE_MS_MAX: i64 = 10_000;

/// What is to be done about an open row now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Nothing yet, or nothing ever.
    Wait,
    /// Whoever was at it is not any more: the row is told so.
    Tell(Event),
    /// The bank is asked, once the row is claimed until this moment.
    Ask {
        /// What.
        question: Question,
        /// Nobody else asks before.
        until_ms: i64,
    },
}

/// What a bank can be asked about a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// The same request with the same key: a bank that understands keys does it once and answers as it did.
    Again,
    /// Its payments, to find the one with our reference.
    Payments,
    /// Nothing: it lists no applications.
    Nothing,
}

impl Question {
    /// The name in metrics, of what an answer to it proves by.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Again => "key",
            Self::Payments => "reference",
            Self::Nothing => "nothing",
        }
    }
}

/// What was heard of the bank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Testimony {
    /// What the same request with the same key came to.
    Sent(Sending),
    /// Its payments.
    Payments {
        /// Those with our reference.
        ours: Vec<PaymentSeen>,
        /// Those that [`alike`] gives and that no other row holds.
        alike: Vec<PaymentSeen>,
    },
    /// It answered, but not so that anything could be learnt; a stable code.
    Fruitless(&'static str),
    /// Nothing that it could say later would settle it: it contradicts itself or us, or there is nothing to ask; a stable code.
    Hopeless(&'static str),
    /// It did not answer; a stable code.
    Silent(&'static str),
    /// It wants to be left alone for so long.
    Busy {
        /// Milliseconds.
        retry_after_ms: i64,
    },
}

impl Testimony {
    /// Whether the bank has something with our reference that it did not cancel.
    #[must_use]
    pub fn has_ours(&self) -> bool {
        match self {
            Self::Payments { ours, .. } => {
                ours.iter().any(|one| one.state != PaymentState::Canceled)
            }
            Self::Hopeless(code) => *code == OURS_UNREADABLE,
            Self::Sent(_) | Self::Fruitless(_) | Self::Silent(_) | Self::Busy { .. } => false,
        }
    }

    /// Whether a refusal of the same request with the same key stands beside this: nothing in the bank's list may be what the first
    /// sending did, or the bank has no list.
    #[must_use]
    pub fn leaves_a_refusal(&self) -> bool {
        match self {
            Self::Payments { alike, .. } => alike.is_empty() && !self.has_ours(),
            Self::Fruitless(code) => *code == NO_LIST,
            Self::Sent(_) | Self::Hopeless(_) | Self::Silent(_) | Self::Busy { .. } => false,
        }
    }
}

/// What follows from what was heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// The row ends, or a person is asked ([`Event::GiveUp`]).
    Tell(Event),
    /// The bank is asked again.
    Later(Later),
}

/// When, and what is known by then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Later {
    /// Not before this.
    pub at_ms: i64,
    /// Since when the bank answers without giving proof.
    pub fruitless_since_ms: Option<i64>,
    /// What whoever decides should see now, where the bank has shown something.
    pub evidence: Option<Value>,
}

/// What is to be done about a row. `abandoned_after_ms` is longer than any turn: whoever wrote the row is not at it any more.
///
/// Invariant: nothing is sent again to a bank that does not understand keys, or that whoever sent it first was not told of as one that
/// does (`only_a_bank_that_understands_keys_is_sent_a_row_again`).
#[must_use]
pub fn next(row: &Row, is_idempotent: bool, now_ms: i64, abandoned_after_ms: i64) -> Next {
    let is_abandoned = now_ms.saturating_sub(row.updated_at_ms) >= abandoned_after_ms;
    match row.state {
        // Only looked for: nothing is sent again that a person decides about.
        _ if row.is_with_a_person() => look_late(row, now_ms),
        State::Requested | State::Authorised if is_abandoned => Next::Tell(Event::Drop {
            reason: NOT_MARKED_AS_SENT.to_owned(),
        }),
        State::Sent if is_abandoned => Next::Tell(Event::LoseTrack {
            reason: "no_answer".to_owned(),
        }),
        State::Unknown if is_due(row, now_ms) => Next::Ask {
            question: question(row, is_idempotent, now_ms),
            until_ms: now_ms.saturating_add(LEASE_MS),
        },
        State::Requested
        | State::Authorised
        | State::Sent
        | State::Completed
        | State::Refused
        | State::Unknown
        | State::NeedsReview => Next::Wait,
    }
}

fn look_late(row: &Row, now_ms: i64) -> Next {
    let is_late = since_sent(row, now_ms) >= LATE_MS;
    if row.kind != Kind::Transfer || is_late || !is_due(row, now_ms) {
        return Next::Wait;
    }
    Next::Ask {
        question: Question::Payments,
        until_ms: now_ms.saturating_add(LEASE_MS),
    }
}

fn is_due(row: &Row, now_ms: i64) -> bool {
    row.search.next_at_ms.is_none_or(|at_ms| at_ms <= now_ms)
}

fn question(row: &Row, is_idempotent: bool, now_ms: i64) -> Question {
    let is_kept = row.is_repeatable && since_sent(row, now_ms) < KEY_KEPT_MS;
    if is_idempotent && is_kept && written::wish(row).is_some() {
        Question::Again
    } else if row.kind == Kind::Transfer {
        Question::Payments
    } else {
        Question::Nothing
    }
}

/// What follows from what was heard of the bank about a row that is `unknown`, or that waits for a person. `silence_ms_max`: how long a
/// bank that does not answer is waited for, from when the row became unknown.
///
/// Invariant: without proof a row is never completed or refused (`nothing_but_proof_ends_a_row`).
#[must_use]
pub fn proof(row: &Row, heard: &Testimony, silence_ms_max: i64, now_ms: i64) -> Finding {
    let silent_for = |code, pause_ms| silent(row, code, pause_ms, silence_ms_max, now_ms);
    let silent = |code| silent_for(code, pause_ms(row));
    match heard {
        Testimony::Sent(sending @ (Sending::Done(_) | Sending::Refused(_))) => {
            Finding::Tell(sending.event())
        }
        Testimony::Sent(Sending::Bounced(_)) => silent("not_let_in"),
        Testimony::Sent(Sending::Unanswered) => silent("no_answer"),
        Testimony::Silent(code) => silent(code),
        Testimony::Busy { retry_after_ms } => {
            silent_for("busy", pause_ms(row).max(*retry_after_ms))
        }
        Testimony::Hopeless(code) => give_up(row, code, &[], now_ms),
        Testimony::Fruitless(code) => fruitless(row, code, &[], now_ms),
        Testimony::Payments { ours, alike } => {
            let made = |one: &&PaymentSeen| one.state != PaymentState::Canceled;
            let mut made = ours.iter().filter(made);
            match (ours.as_slice(), made.next(), made.next()) {
                ([], ..) => fruitless(row, "no_payment_with_our_reference", alike, now_ms),
                // What the bank canceled beside it moved nothing.
                ([one], ..) | (_, Some(one), None) => found(row, one, now_ms),
                (several, ..) => {
                    give_up(row, "several_payments_with_our_reference", several, now_ms)
                }
            }
        }
    }
}

/// The payment with our reference.
fn found(row: &Row, payment: &PaymentSeen, now_ms: i64) -> Finding {
    let seen = std::slice::from_ref(payment);
    let Some(Intent::Transfer(transfer)) = written::wish(row) else {
        return give_up(row, "our_request_cannot_be_read", seen, now_ms);
    };
    if !evidence::is_same(row, payment) {
        return give_up(row, "our_reference_on_another_payment", seen, now_ms);
    }
    let status = match &payment.state {
        PaymentState::Completed => PaymentStatus::Completed,
        PaymentState::Pending | PaymentState::Scheduled => PaymentStatus::Pending,
        PaymentState::Canceled => {
            let canceled = Failure::Rejected("canceled".to_owned());
            return Finding::Tell(Sending::Refused(canceled).event());
        }
        PaymentState::Other(_) => return fruitless(row, "status_unknown_to_us", seen, now_ms),
    };
    Finding::Tell(Sending::Done(paid(payment.id.clone(), transfer, status)).event())
}

/// The bank is down, or busy: it is waited for, but not for ever; once more it is asked before a person is.
fn silent(row: &Row, code: &str, pause_ms: i64, silence_ms_max: i64, now_ms: i64) -> Finding {
    let end_ms = row.updated_at_ms.saturating_add(silence_ms_max);
    if row.is_with_a_person() || now_ms >= end_ms {
        return give_up(row, code, &[], now_ms);
    }
    Finding::Later(Later {
        at_ms: now_ms.saturating_add(pause_ms).min(end_ms),
        fruitless_since_ms: row.search.fruitless_since_ms,
        evidence: None,
    })
}

/// The bank answers, but that is no proof: a request that is still on its way may yet become one.
fn fruitless(row: &Row, code: &str, seen: &[PaymentSeen], now_ms: i64) -> Finding {
    let since_ms = row.search.fruitless_since_ms.unwrap_or(now_ms);
    let end_ms = since_ms.saturating_add(FRUITLESS_MS);
    if row.is_with_a_person() || now_ms >= end_ms {
        return give_up(row, code, seen, now_ms);
    }
    Finding::Later(Later {
        at_ms: now_ms.saturating_add(pause_ms(row)).min(end_ms),
        fruitless_since_ms: Some(since_ms),
        evidence: None,
    })
}

/// A person is or was asked already; the longer ago that is, the longer until the next look.
#[must_use]
pub fn much_later(row: &Row, evidence: Option<Value>, now_ms: i64) -> Finding {
    let waited_ms = now_ms.saturating_sub(row.updated_at_ms);
    let pause_ms = waited_ms.clamp(LATE_PAUSE_MS.0, LATE_PAUSE_MS.1);
    Finding::Later(Later {
        at_ms: now_ms.saturating_add(pause_ms),
        fruitless_since_ms: row.search.fruitless_since_ms,
        evidence,
    })
}

/// A person is asked; where one is already, they see what the bank shows since, and it is asked again much later.
fn give_up(row: &Row, code: &str, seen: &[PaymentSeen], now_ms: i64) -> Finding {
    let evidence = evidence::of(row, code, seen, now_ms);
    if row.is_with_a_person() {
        // A list that shows nothing, or no list, takes nothing back that was seen before.
        let is_news = !seen.is_empty() || code == OURS_UNREADABLE;
        return much_later(row, is_news.then_some(evidence), now_ms);
    }
    Finding::Tell(Event::GiveUp { evidence })
}

/// What a person sees where the proof that was found belongs to another row.
#[must_use]
pub fn taken(row: &Row, holder: &Row, now_ms: i64) -> Event {
    let mut evidence = evidence::of(row, "payment_settles_another_row", &[], now_ms);
    evidence["other_row"] = json!(holder.id);
    evidence["payment_id"] = holder
        .bank_payment_id
        .as_ref()
        .map_or(Value::Null, |id| json!(id));
    Event::GiveUp { evidence }
}

fn since_sent(row: &Row, now_ms: i64) -> i64 {
    now_ms.saturating_sub(row.sent_at_ms.unwrap_or(row.created_at_ms))
}

fn pause_ms(row: &Row) -> i64 {
    let doublings = row.search.looks.saturating_sub(1).min(16);
    (PAUSE_MS << doublings).min(PAUSE_MS_MAX)
}

#[cfg(test)]
mod tests;
