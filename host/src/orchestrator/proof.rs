//! The search for proof of what became of open rows: their process has died, or the bank never answered.
//!
//! Every host runs it; which row is asked about when, and what an answer settles, is `ledger::proof`'s word. What certainly never
//! left the host is given up, so that the same wish may be made again. A row that nothing proves goes to a person, with what was found.

use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::Orchestrator;
use crate::backend::{Error as BackendError, PaymentList, PaymentSeen};
use crate::call::Failure;
use crate::db::Error;
use crate::ledger::proof::{self, Finding, Next, Question, Testimony};
use crate::ledger::written::{self, Sending};
use crate::ledger::{Event, Kind, Row, Settled, State};

/// Longer than a turn by this: whoever wrote the row is not at it any more, clocks of hosts included.
const GRACE_MS: i64 = 3_000;
/// Rows in one round.
const ROWS_MAX: u64 = 200;
/// Of which so many at once.
const AT_ONCE: usize = 32;
/// Nothing is begun in a round afterwards, so that a slow bank does not keep rows waiting that it need not be asked about.
const ROUND_MAX: Duration = Duration::from_secs(5);
/// Longest wait for one answer of the bank's; shorter than a claim.
const ANSWER_WITHIN: Duration = Duration::from_secs(4);

/// How the bank lists its payments, as this round has seen it.
#[derive(Default)]
enum Listed {
    /// Not asked yet: one asks, and the others wait for what comes of it.
    #[default]
    Unasked,
    /// All of them, or that there are none to be had: asked for once a round.
    Whole(Result<PaymentList, Testimony>),
    /// Only those that it is asked for: each asks for its own, side by side.
    Filtered,
}

impl Orchestrator {
    /// One round over the open rows.
    pub async fn close_open_rows(&self) {
        let now_ms = self.clock.now().unix_ms;
        let abandoned_before_ms = now_ms.saturating_sub(self.abandoned_after_ms());
        let due = self.due(now_ms, abandoned_before_ms).await;
        let rows = match due {
            Ok(rows) => rows,
            Err(cause) => return tracing::warn!("open transfers cannot be looked at: {cause}"),
        };
        let listed = Mutex::new(Listed::default());
        let until = Instant::now() + ROUND_MAX;
        stream::iter(rows)
            .take_while(|_| std::future::ready(Instant::now() < until))
            .for_each_concurrent(AT_ONCE, async |row| {
                let id = row.id.clone();
                if let Err(cause) = self.look_at(row, &listed).await {
                    tracing::warn!(transfer_id = id, "stays open: {cause}");
                }
            })
            .await;
        self.gauge_open_rows().await;
    }

    async fn due(&self, now_ms: i64, abandoned_before_ms: i64) -> Result<Vec<Row>, Error> {
        let open = self.db.unsettled(now_ms, abandoned_before_ms, ROWS_MAX);
        let mut rows = open.await?;
        rows.extend(self.db.written_off_due(now_ms, ROWS_MAX).await?);
        Ok(rows)
    }

    fn abandoned_after_ms(&self) -> i64 {
        i64::try_from(self.turn_time().as_millis())
            .unwrap_or(i64::MAX)
            .saturating_add(GRACE_MS)
    }

    async fn look_at(&self, mut row: Row, listed: &Mutex<Listed>) -> Result<(), Error> {
        let now_ms = self.clock.now().unix_ms;
        let is_idempotent = self.backend.is_idempotent();
        match proof::next(&row, is_idempotent, now_ms, self.abandoned_after_ms()) {
            Next::Wait => Ok(()),
            Next::Tell(event) => self.tell(&row, "abandoned", &event).await.map(drop),
            Next::Ask { question, until_ms } => {
                if !self.db.claim_search(&row, until_ms).await? {
                    return Ok(());
                }
                row.search.looks = row.search.looks.saturating_add(1);
                let heard = self.ask(&row, question, listed).await?;
                let now_ms = self.clock.now().unix_ms;
                let finding = match proof::proof(&row, &heard, self.search.silence_ms_max(), now_ms)
                {
                    Finding::Tell(event) => {
                        let settled = self.tell(&row, question.name(), &event).await?;
                        if matches!(settled, Settled::Moved(_)) || !row.is_with_a_person() {
                            return Ok(());
                        }
                        // Proof of another row's: the person who is asked already decides.
                        proof::much_later(&row, None, now_ms)
                    }
                    later @ Finding::Later(_) => later,
                };
                if row.is_written_off() && heard.has_ours() {
                    tracing::error!(
                        transfer_id = row.id,
                        "written off, and the bank lists its reference"
                    );
                }
                self.look_again(&row, finding).await
            }
        }
    }

    async fn look_again(&self, row: &Row, finding: Finding) -> Result<(), Error> {
        match finding {
            Finding::Later(later) => self.db.search_later(row, &later).await,
            Finding::Tell(_) => Ok(()),
        }
    }

    async fn tell(&self, row: &Row, how: &'static str, event: &Event) -> Result<Settled, Error> {
        let now_ms = self.clock.now().unix_ms;
        let settled = match self.db.settle(&row.id, event, now_ms).await? {
            Settled::PaymentTaken(holder) => {
                let event = proof::taken(row, &holder, now_ms);
                self.db.settle(&row.id, &event, now_ms).await?
            }
            settled => settled,
        };
        count(how, &settled);
        let state = settled.row().state.as_str();
        if row.is_written_off() && matches!(settled, Settled::Moved(_)) {
            tracing::error!(
                transfer_id = row.id,
                state,
                how,
                "written off, yet done by the bank"
            );
        } else if settled.row().state == State::NeedsReview {
            let id = row.id.as_str();
            tracing::warn!(
                transfer_id = id,
                how,
                "no proof settles it; a person decides, see `orchestrator transfers show {id}`"
            );
        } else {
            tracing::warn!(transfer_id = row.id, state, how, "open transfer looked at");
        }
        Ok(settled)
    }

    async fn ask(
        &self,
        row: &Row,
        question: Question,
        listed: &Mutex<Listed>,
    ) -> Result<Testimony, Error> {
        match question {
            Question::Again => match self.ask_again(row).await {
                Testimony::Sent(Sending::Refused(cause)) => {
                    self.unless_listed(row, cause, listed).await
                }
                heard => Ok(heard),
            },
            Question::Payments => self.ask_for_payments(row, listed).await,
            Question::Nothing => Ok(Testimony::Hopeless("no_list_of_applications")),
        }
    }

    /// A bank may refuse a repeat of what it did at first, for want of the money that went with it or for a key in use: where it lists
    /// the payment, or one that it may be, that counts, and where its list cannot be read nothing does.
    async fn unless_listed(
        &self,
        row: &Row,
        cause: Failure,
        listed: &Mutex<Listed>,
    ) -> Result<Testimony, Error> {
        let refused = Testimony::Sent(Sending::Refused(cause));
        if row.kind != Kind::Transfer {
            return Ok(refused);
        }
        let heard = self.ask_for_payments(row, listed).await?;
        Ok(if heard.leaves_a_refusal() {
            refused
        } else {
            heard
        })
    }

    /// Only where the bank understands keys.
    async fn ask_again(&self, row: &Row) -> Testimony {
        let Some(wish) = written::wish(row) else {
            return Testimony::Hopeless("our_request_cannot_be_read");
        };
        let until = Instant::now() + ANSWER_WITHIN;
        let writer = self.writer(&self.search);
        match writer.send(&wish, &row.user_id, row, until).await {
            Ok(written) => Testimony::Sent(Sending::Done(written)),
            Err(BackendError::Rejected { status: 422, .. }) => {
                Testimony::Hopeless("key_stands_for_another_request")
            }
            Err(cause) if cause.may_have_happened() || cause.retry_after().is_some() => {
                no_answer(&cause)
            }
            Err(cause) => Testimony::Sent(Sending::failed(cause.as_write_failure(), false)),
        }
    }

    async fn ask_for_payments(
        &self,
        row: &Row,
        listed: &Mutex<Listed>,
    ) -> Result<Testimony, Error> {
        // Held while the bank is asked for what may be its whole list: that may be long, and one in memory is enough.
        let mut held = listed.lock().await;
        let answer = match std::mem::take(&mut *held) {
            Listed::Whole(answer) => answer,
            Listed::Unasked => self.payments_for(row).await,
            Listed::Filtered => {
                *held = Listed::Filtered;
                drop(held);
                let answer = self.payments_for(row).await;
                held = listed.lock().await;
                answer
            }
        };
        let list = match answer {
            Ok(list) => list,
            Err(heard) => {
                *held = Listed::Whole(Err(heard.clone()));
                return Ok(heard);
            }
        };
        let is_whole = names_others(row, &list);
        let testimony = self.testimony(row, &list).await;
        *held = if is_whole {
            Listed::Whole(Ok(list))
        } else {
            Listed::Filtered
        };
        testimony
    }

    async fn payments_for(&self, row: &Row) -> Result<PaymentList, Testimony> {
        let until = Instant::now() + ANSWER_WITHIN;
        let asked = self.search.payments(Some(&row.id), until).await;
        asked.map_err(|cause| no_answer(&cause))
    }

    /// What a list says of a row.
    async fn testimony(&self, row: &Row, list: &PaymentList) -> Result<Testimony, Error> {
        if list.unreadable.contains(&row.id) {
            return Ok(Testimony::Hopeless(proof::OURS_UNREADABLE));
        }
        let is_ours = |payment: &&PaymentSeen| payment.reference.as_ref() == Some(&row.id);
        let ours: Vec<PaymentSeen> = list.payments.iter().filter(is_ours).cloned().collect();
        let alike = if ours.is_empty() {
            self.unclaimed(proof::alike(row, &list.payments)).await?
        } else {
            Vec::new()
        };
        Ok(Testimony::Payments { ours, alike })
    }

    /// Less those that settle a row already.
    async fn unclaimed(&self, payments: Vec<&PaymentSeen>) -> Result<Vec<PaymentSeen>, Error> {
        if payments.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<String> = payments.iter().map(|one| one.id.clone()).collect();
        let held = self.db.held_payments(&ids).await?;
        let is_free = |payment: &&PaymentSeen| !held.contains(&payment.id);
        Ok(payments.into_iter().filter(is_free).cloned().collect())
    }

    async fn gauge_open_rows(&self) {
        match self.db.count_unsettled().await {
            Ok(counts) => {
                for (state, rows) in counts {
                    let rows = u32::try_from(rows).unwrap_or(u32::MAX);
                    metrics::gauge!("ledger_open_rows", "state" => state.as_str())
                        .set(f64::from(rows));
                }
            }
            Err(cause) => tracing::warn!("open transfers cannot be counted: {cause}"),
        }
    }
}

/// Whether a list holds anything but a row's own: what it does not hold then, the bank does not list.
fn names_others(row: &Row, list: &PaymentList) -> bool {
    let is_others = |reference: Option<&String>| reference != Some(&row.id);
    let mut read = list.payments.iter().map(|it| it.reference.as_ref());
    read.any(is_others) || list.unreadable.iter().any(|it| is_others(Some(it)))
}

/// What it is that the bank did not answer, or not so that anything could be learnt.
fn no_answer(cause: &BackendError) -> Testimony {
    if let Some(wait) = cause.retry_after() {
        let retry_after_ms = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
        return Testimony::Busy { retry_after_ms };
    }
    match cause {
        BackendError::Unknown(cause) => no_answer(cause),
        BackendError::Status(404 | 405 | 410 | 501) | BackendError::NotFound(_) => {
            Testimony::Fruitless(proof::NO_LIST)
        }
        BackendError::Status(status) if *status < 500 && !matches!(status, 408 | 409 | 425) => {
            Testimony::Fruitless(cause.label())
        }
        BackendError::Setting { .. }
        | BackendError::UnsafeId(_)
        | BackendError::TooLong { .. }
        | BackendError::Unreadable(_)
        | BackendError::InsufficientFunds
        | BackendError::Rejected { .. } => Testimony::Fruitless(cause.label()),
        BackendError::NotSent
        | BackendError::Resting
        | BackendError::Connect(_)
        | BackendError::TimedOut
        | BackendError::Broken(_)
        | BackendError::Busy { .. }
        | BackendError::Status(_)
        | BackendError::NotAdmitted(_) => Testimony::Silent(cause.label()),
    }
}

/// One row that moved, and how that was known.
pub(super) fn count(how: &'static str, settled: &Settled) {
    if let Settled::Moved(row) = settled {
        metrics::counter!("ledger_settled_total", "state" => row.state.as_str(), "how" => how)
            .increment(1);
    }
}
