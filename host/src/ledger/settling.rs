//! Telling a row what happened: the row that follows, and what is contradicted.
//!
//! Which state follows is [`step`]'s word; here is what else changes with it. The database writes the row that comes out, if the
//! stored one is still in the state that was asked about.

use serde_json::Value;

use super::entry::WRITTEN_OFF;
use super::written::{self, Written};
use super::{Event, Row, State, Verdict, step};
use crate::call::Failure;

/// What came of an event.
#[derive(Debug, Clone, PartialEq)]
pub enum Settled {
    /// The row has moved.
    Moved(Box<Row>),
    /// It was so already.
    Unchanged(Box<Row>),
    /// The event contradicts the row, which stays as it is.
    Illegal(Box<Row>),
    /// Another row holds this payment of the bank's; nothing was changed.
    PaymentTaken(Box<Row>),
}

impl Settled {
    /// The row as it stands now; that of the other where the payment is another's.
    #[must_use]
    pub fn row(&self) -> &Row {
        match self {
            Self::Moved(row)
            | Self::Unchanged(row)
            | Self::Illegal(row)
            | Self::PaymentTaken(row) => row,
        }
    }
}

impl Event {
    /// The bank's payment that an event names.
    #[must_use]
    pub fn payment(&self) -> Option<&str> {
        match self {
            Self::Complete {
                bank_payment_id, ..
            }
            | Self::Confirm {
                bank_payment_id, ..
            } => bank_payment_id.as_deref(),
            _ => None,
        }
    }
}

/// What comes of telling `row` that `event` happened; `holder` is the row of its kind that holds the payment which the event names.
#[must_use]
pub fn settle(row: Row, holder: Option<Row>, event: &Event, now_ms: i64) -> Settled {
    let to = match step(row.standing(), event) {
        Verdict::Moved(to) => to,
        Verdict::Unchanged => return Settled::Unchanged(row.into()),
        Verdict::Illegal => return Settled::Illegal(row.into()),
    };
    match holder {
        Some(holder) if holder.id != row.id => Settled::PaymentTaken(holder.into()),
        _ => Settled::Moved(moved(row, to, event, now_ms).into()),
    }
}

fn moved(row: Row, to: State, event: &Event, now_ms: i64) -> Row {
    let was_written_off = row.is_written_off();
    let after_write_off = was_written_off.then(|| written::PAID_AFTER_WRITE_OFF.to_owned());
    let mut row = Row {
        state: to,
        updated_at_ms: now_ms,
        ..row
    };
    if let Some(payment) = event.payment() {
        row.bank_payment_id = Some(payment.to_owned());
    }
    match event {
        Event::Authorise => {}
        Event::Send { is_repeatable } => {
            row.sent_at_ms = Some(now_ms);
            row.is_repeatable = *is_repeatable;
        }
        Event::Drop { reason } | Event::LoseTrack { reason } => row.reason = Some(reason.clone()),
        Event::Complete { answer, .. } => {
            row.reason = after_write_off;
            row.answer = Some(answer.clone());
        }
        Event::Refuse { reason, answer } | Event::Bounce { reason, answer } => {
            row.reason = Some(reason.clone());
            row.answer = Some(answer.clone());
        }
        Event::GiveUp { evidence } => row.evidence = Some(evidence.clone()),
        Event::Confirm { by, reason, .. } => {
            if was_written_off {
                note_write_off(&mut row);
            }
            reviewed(&mut row, by, reason);
            row.reason = after_write_off;
            row.answer = Written::confirmed(&row).map(|written| serde_json::json!(written));
        }
        Event::WriteOff { by, reason } => {
            reviewed(&mut row, by, reason);
            row.reason = Some(WRITTEN_OFF.to_owned());
            // The bank has not refused it: it has said nothing.
            let failure = Failure::NotAllowed(WRITTEN_OFF.to_owned());
            row.answer = Some(serde_json::json!(failure));
        }
    }
    if !to.is_unsettled() {
        row.settled_at_ms = Some(now_ms);
    }
    row
}

/// Who wrote it off and why stays with the row when another decision takes that one's place.
fn note_write_off(row: &mut Row) {
    let decided = serde_json::json!({
        "by": row.reviewed_by,
        "reason": row.review_reason,
        "at_ms": row.settled_at_ms,
    });
    match row.evidence.as_mut().and_then(Value::as_object_mut) {
        Some(evidence) => drop(evidence.insert("written_off".to_owned(), decided)),
        None => row.evidence = Some(serde_json::json!({ "written_off": decided })),
    }
}

fn reviewed(row: &mut Row, by: &str, reason: &str) {
    row.reviewed_by = Some(by.to_owned());
    row.review_reason = Some(reason.to_owned());
}

#[cfg(test)]
mod tests {
    use super::super::tests::entry;
    use super::super::written::{Sending, answered, never_reached_the_bank};
    use super::*;

    fn row(state: State) -> Row {
        let mut row = Row::opened(&entry("key", 500), 1);
        row.state = state;
        row
    }

    fn moved(settled: Settled) -> Row {
        match settled {
            Settled::Moved(row) => *row,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_bounced_may_be_wished_again_unless_somebody_took_it_for_lost() {
        let bounced = Sending::Bounced(Failure::Unavailable).event();
        let refused = moved(settle(row(State::Sent), None, &bounced, 2));
        assert!(never_reached_the_bank(&refused));
        assert_eq!(answered(&refused), Err(Failure::Unavailable));
        for state in [State::Unknown, State::NeedsReview] {
            let settled = settle(row(state), None, &bounced, 2);
            assert_eq!(settled, Settled::Unchanged(row(state).into()));
            assert_eq!(answered(settled.row()), Err(Failure::Uncertain));
        }
    }

    #[test]
    fn a_refusal_of_the_banks_is_told_again_and_is_no_new_wish() {
        let event = Sending::Refused(Failure::InsufficientFunds).event();
        let refused = moved(settle(row(State::Unknown), None, &event, 2));
        assert_eq!(answered(&refused), Err(Failure::InsufficientFunds));
        assert!(!never_reached_the_bank(&refused));
        assert_eq!(refused.settled_at_ms, Some(2));
    }

    #[test]
    fn a_decision_is_kept_with_who_and_why_and_answers_a_repeat() {
        let confirm = |bank_payment_id: Option<&str>| Event::Confirm {
            by: "ann".to_owned(),
            reason: "seen".to_owned(),
            bank_payment_id: bank_payment_id.map(str::to_owned),
        };
        for (named, told) in [(Some("payment_9"), "payment_9"), (None, "id of key")] {
            let done = moved(settle(row(State::NeedsReview), None, &confirm(named), 2));
            assert_eq!(
                answered(&done)
                    .map(|one| one.bank_id().to_owned())
                    .as_deref(),
                Ok(told)
            );
            assert_eq!(done.reviewed_by.as_deref(), Some("ann"));
        }
        let write_off = Event::WriteOff {
            by: "bob".to_owned(),
            reason: "not there".to_owned(),
        };
        let done = moved(settle(row(State::NeedsReview), None, &write_off, 2));
        let told = Failure::NotAllowed(WRITTEN_OFF.to_owned());
        assert_eq!(answered(&done), Err(told));
        assert!(!never_reached_the_bank(&done) && !done.state.is_counted());
        assert_eq!(done.review_reason.as_deref(), Some("not there"));
    }

    #[test]
    fn what_was_written_off_is_completed_by_proof_or_by_a_second_look_and_says_so() {
        let write_off = Event::WriteOff {
            by: "bob".to_owned(),
            reason: "not there".to_owned(),
        };
        let written_off = || moved(settle(row(State::NeedsReview), None, &write_off, 2));
        let proven = Event::Complete {
            bank_payment_id: Some("payment_9".to_owned()),
            answer: serde_json::json!("as the bank said it"),
        };
        let paid = moved(settle(written_off(), None, &proven, 3));
        assert_eq!(paid.state, State::Completed);
        assert_eq!(paid.reason.as_deref(), Some(written::PAID_AFTER_WRITE_OFF));
        assert_eq!(paid.reviewed_by.as_deref(), Some("bob"));

        let confirm = Event::Confirm {
            by: "ann".to_owned(),
            reason: "there now".to_owned(),
            bank_payment_id: None,
        };
        let confirmed = moved(settle(written_off(), None, &confirm, 3));
        assert_eq!(confirmed.reviewed_by.as_deref(), Some("ann"));
        let evidence = confirmed.evidence.unwrap_or_default();
        assert_eq!(evidence["written_off"]["by"], "bob");
        assert_eq!(evidence["written_off"]["reason"], "not there");
    }

    #[test]
    fn a_sending_that_may_have_happened_is_never_a_refusal() {
        let every = [
            Failure::NotFound("account".to_owned()),
            Failure::NotAllowed("x".to_owned()),
            Failure::InsufficientFunds,
            Failure::Rejected("x".to_owned()),
            Failure::Unavailable,
            Failure::Uncertain,
            Failure::Unsupported,
        ];
        for failure in every {
            let came = Sending::failed(failure.clone(), true);
            assert_eq!(came, Sending::Unanswered, "{failure:?}");
            assert!(matches!(came.event(), Event::LoseTrack { .. }));
        }
        assert_eq!(
            Sending::failed(Failure::Uncertain, false),
            Sending::Unanswered
        );
    }
}
