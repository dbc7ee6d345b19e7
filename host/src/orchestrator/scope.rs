//! What the plugins of one turn may reach: the caller's own accounts and no others, and one permit for one write.
//!
//! Invariant: a caller reaches only their own accounts (`a_caller_reaches_only_their_own_accounts`): every id is looked up in the
//! caller's list before the bank is asked about it.
//! Invariant: nothing is written without its permit (`nothing_is_written_without_its_permit`): the permit names the whole intent and
//! is used up by the first write.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use async_trait::async_trait;
use serde::Serialize;
use serde_json::json;
use tokio::time::Instant;

use super::application;
use super::memory::Memory;
use super::months;
use super::open_question::{self, Aloud};
use super::write::{Permit, Writer};
use crate::backend::{Backend, OpenQuestion};
use crate::call::Money;
use crate::call::intent::{CreditCard, Intent, Loan, Transfer};
use crate::call::outcome::{Account, Application, Balance, Failure, Payment, Profile, Statement};
use crate::call::session::{User, Utterance};
use crate::db::Db;
use crate::ledger::{Row, Written};
use crate::pipeline::Pipeline;
use crate::plugin::{Capabilities, Totals};

/// Names of reads in memory and record.
pub(super) const LISTED: &str = "accounts.get-all";
pub(super) const BALANCE: &str = "accounts.get-balance";
pub(super) const STATEMENTS: &str = "accounts.get-statement";
const ANSWER: &str = "assistant.answer";

/// One of the caller's accounts, as the bank lists it.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Listed {
    pub(super) account: Account,
    pub(super) balance: Option<Money>,
}

/// The capabilities of one turn.
pub(super) struct TurnScope {
    pub(super) backend: Backend,
    pub(super) db: Db,
    pub(super) writer: Writer,
    pub(super) call_id: String,
    pub(super) user: Option<User>,
    pub(super) transcript: Vec<Utterance>,
    pub(super) last_reply: Option<String>,
    /// Whether nothing of the customer's may be told yet, not even to the bank's agent as theirs.
    pub(super) is_closed: bool,
    /// What is spoken on this call, BCP 47.
    pub(super) language: String,
    pub(super) aloud: Aloud,
    pub(super) deadline: Instant,
    pub(super) now_ms: i64,
    pub(super) memory: Memory,
    pub(super) permit: Mutex<Option<Permit>>,
    pub(super) written: Mutex<Option<Written>>,
    /// From the moment a write is begun until it is known what came of it.
    pub(super) is_writing: AtomicBool,
    /// A PIN was compared, or may be at this moment: a wrong one counts, so the turn must live to remember which.
    pub(super) is_comparing: AtomicBool,
    pub(super) transfer_id: Mutex<Option<String>>,
    /// The ledger key of this turn's write, from the moment it is begun.
    pub(super) ledger_key: OnceLock<String>,
    /// For what is halted at the moment of a write.
    pub(super) pipeline: Pipeline,
}

impl TurnScope {
    /// Opens exactly one write, until [`Self::revoke`].
    pub(super) fn permit(&self, permit: Permit) {
        *self.permit.lock().unwrap_or_else(PoisonError::into_inner) = Some(permit);
    }

    /// Ends the fulfil phase.
    pub(super) fn revoke(&self) {
        *self.permit.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Whether something was changed at the bank, or may be at this moment.
    pub(super) fn has_begun_to_write(&self) -> bool {
        self.is_writing.load(Ordering::Acquire) || self.written().is_some()
    }

    /// Whether the turn has done what must not be done again for the same words.
    pub(super) fn must_be_finished(&self) -> bool {
        self.has_begun_to_write() || self.is_comparing.load(Ordering::Acquire)
    }

    /// What was written in this turn, whatever the action says.
    pub(super) fn written(&self) -> Option<Written> {
        self.written
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// This turn is the repeat of an earlier one, which may have written under this key.
    pub(super) fn repeats(&self, key: &str) {
        let _ = self.ledger_key.set(key.to_owned());
    }

    /// The turn that this one repeats wrote this row.
    pub(super) fn is_about(&self, row: &Row) {
        *self
            .transfer_id
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(row.id.clone());
    }

    /// The ledger row of this turn.
    pub(super) fn transfer_id(&self) -> Option<String> {
        self.transfer_id
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The ledger key of what this turn writes, or tried to.
    pub(super) fn ledger_key(&self) -> Option<String> {
        self.ledger_key.get().cloned()
    }

    fn user_id(&self) -> Result<&str, Failure> {
        self.user
            .as_ref()
            .map(|user| user.id.as_str())
            .ok_or_else(|| Failure::NotAllowed("caller_unknown".to_owned()))
    }

    /// The caller's accounts as the bank lists them, asked once a turn; some banks list balances as well.
    async fn listed(&self) -> Result<Vec<Listed>, Failure> {
        let user_id = self.user_id()?.to_owned();
        self.memory
            .read(LISTED, &json!({}), async {
                let seen = self.backend.accounts(&user_id, self.deadline).await;
                let seen = seen.map_err(|cause| failure("accounts", &cause))?;
                let listed = |(account, balance)| Listed { account, balance };
                Ok(seen.into_iter().map(listed).collect())
            })
            .await
    }

    async fn own(&self, account: &str) -> Result<Listed, Failure> {
        let listed = self.listed().await?;
        listed
            .into_iter()
            .find(|own| own.account.id == account)
            .ok_or_else(|| Failure::NotFound("account".to_owned()))
    }

    /// All months of one of the caller's accounts, asked once a turn.
    pub(super) async fn months(&self, account: &str) -> Result<Vec<Statement>, Failure> {
        let own = self.own(account).await?.account;
        let arguments = json!({ "account": account });
        self.memory
            .read(STATEMENTS, &arguments, async {
                let months = self
                    .backend
                    .statements(account, self.deadline)
                    .await
                    .map_err(|cause| failure("statements", &cause))?;
                Ok(months
                    .into_iter()
                    .map(|month| Statement {
                        account: own.clone(),
                        month: month.month,
                        lines: month.lines,
                    })
                    .collect())
            })
            .await
    }

    /// Uses up the permit for `intent`, and writes.
    async fn write(&self, function: &str, intent: Intent) -> Result<Written, Failure> {
        let user_id = self.user_id()?.to_owned();
        let permit = {
            let mut held = self.permit.lock().unwrap_or_else(PoisonError::into_inner);
            match held.take() {
                Some(permit) if permit.intent == intent => permit,
                other => {
                    *held = other;
                    return Err(Failure::NotAllowed("no_permit".to_owned()));
                }
            }
        };
        if let Intent::Transfer(transfer) = &intent {
            if self.pipeline.halts().transfers {
                return Err(Failure::NotAllowed("transfers_halted".to_owned()));
            }
            self.own(&transfer.from_account).await?;
        }
        // There is one permit a turn, so this is the only one.
        let _ = self.ledger_key.set(permit.key.clone());
        self.is_writing.store(true, Ordering::Release);
        let written = self
            .memory
            .write(function, &intent, async {
                let attempt = self.writer.write(permit, user_id, self.deadline).await;
                *self
                    .transfer_id
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner) = attempt.row_id;
                (attempt.came_of_it, attempt.waited)
            })
            .await;
        if written.as_ref().err() != Some(&Failure::Uncertain) {
            self.is_writing.store(false, Ordering::Release);
        }
        let written = written?;
        *self.written.lock().unwrap_or_else(PoisonError::into_inner) = Some(written.clone());
        Ok(written)
    }

    async fn apply(&self, function: &str, intent: Intent) -> Result<Application, Failure> {
        match self.write(function, intent).await? {
            Written::Applied(application) => Ok(application),
            Written::Paid(_) => Err(Failure::Unsupported),
        }
    }
}

#[async_trait]
impl Capabilities for TurnScope {
    async fn accounts(&self) -> Result<Vec<Account>, Failure> {
        Ok(self
            .listed()
            .await?
            .into_iter()
            .map(|own| own.account)
            .collect())
    }

    async fn balance(&self, account: &str) -> Result<Balance, Failure> {
        let own = self.own(account).await?;
        let available = match own.balance {
            Some(available) => available,
            None => {
                self.memory
                    .read(BALANCE, &json!({ "account": account }), async {
                        let balance = self.backend.balance(account, self.deadline).await;
                        balance.map_err(|cause| failure("balance", &cause))
                    })
                    .await?
            }
        };
        Ok(Balance {
            account: own.account,
            available,
        })
    }

    async fn statement(&self, account: &str, month: Option<&str>) -> Result<Statement, Failure> {
        let mut all = self.months(account).await?;
        let names: Vec<String> = all
            .iter()
            .map(|statement| statement.month.clone())
            .collect();
        match months::find(&names, month) {
            Some(at) => Ok(all.swap_remove(at)),
            None => Err(Failure::NotFound("statement".to_owned())),
        }
    }

    async fn profile(&self) -> Result<Profile, Failure> {
        let user_id = self.user_id()?.to_owned();
        self.memory
            .read("profile-reader.get-profile", &json!({}), async {
                let profile = self.backend.profile(&user_id, self.deadline).await;
                profile.map_err(|cause| failure("profile", &cause))
            })
            .await
    }

    async fn pay(&self, transfer: &Transfer) -> Result<Payment, Failure> {
        match self
            .write("payments.pay", Intent::Transfer(transfer.clone()))
            .await?
        {
            Written::Paid(payment) => Ok(payment),
            Written::Applied(_) => Err(Failure::Unsupported),
        }
    }

    async fn apply_for_loan(&self, loan: &Loan) -> Result<Application, Failure> {
        self.apply("applications.apply-for-loan", Intent::Loan(loan.clone()))
            .await
    }

    async fn apply_for_credit_card(&self, card: &CreditCard) -> Result<Application, Failure> {
        self.apply(
            "applications.apply-for-credit-card",
            Intent::CreditCard(card.clone()),
        )
        .await
    }

    async fn application(&self, id: &str) -> Result<Application, Failure> {
        let user_id = self.user_id()?;
        // Only what this customer applied for through this host: the bank's answer does not say whose an application is.
        let own = self.db.applications(user_id).await;
        let own = own.map_err(|cause| ledger(&cause))?;
        let id = application::meant(&own, id)
            .ok_or_else(|| Failure::NotFound("application".to_owned()))?;
        self.memory
            .read("applications.get-status", &json!({ "id": id }), async {
                let found = self.backend.application(id, self.deadline).await;
                found.map_err(|cause| failure("application", &cause))
            })
            .await
    }

    async fn transferred(&self, window_hours: u32, from: Option<&str>) -> Result<Totals, Failure> {
        let user_id = self.user_id()?.to_owned();
        let own = self.listed().await?;
        let named = own.iter().find(|own| Some(own.account.id.as_str()) == from);
        let Some(one) = named.or(own.first()) else {
            return Err(Failure::NotFound("account".to_owned()));
        };
        let currency = one.account.currency.as_str();
        let arguments = json!({ "window_hours": window_hours, "from_account": from });
        let (count, sum) = self
            .memory
            .read("history.transferred", &arguments, async {
                let totals = self
                    .db
                    .totals(&user_id, window_hours, from, self.now_ms)
                    .await;
                let totals = totals.map_err(|cause| ledger(&cause))?;
                let currency = totals.told_in(currency, self.backend.currency());
                Ok((totals.count, totals.sum(currency)))
            })
            .await?;
        Ok(Totals {
            count: u32::try_from(count).unwrap_or(u32::MAX),
            sum,
        })
    }

    async fn recent(&self, limit: usize) -> Vec<Utterance> {
        let first = self.transcript.len().saturating_sub(limit);
        self.transcript[first..].to_vec()
    }

    async fn last_reply(&self) -> Option<String> {
        self.last_reply.clone()
    }

    async fn answer(&self, question: &str) -> Result<String, Failure> {
        // Number words are known in English only; an answer in another language could not be vouched for.
        if !self.language.starts_with("en") {
            return Err(Failure::Unsupported);
        }
        // The agent answers whom it takes for the customer, and from what was told before.
        let user = self.user.as_ref().filter(|_| !self.is_closed);
        let told_before = if self.is_closed {
            &[][..]
        } else {
            &self.transcript
        };
        let asked = OpenQuestion {
            call_id: self.call_id.clone(),
            user_id: user.map(|user| user.id.clone()),
            question: question.to_owned(),
            transcript: told_before.to_vec(),
        };
        let asking = open_question::answer(&self.backend, &asked, self.deadline, &self.aloud);
        self.memory
            .read(ANSWER, &json!({ "question": question }), asking)
            .await
    }
}

fn failure(what: &'static str, cause: &crate::backend::Error) -> Failure {
    tracing::warn!(what, "the bank did not answer as hoped: {cause}");
    cause.as_read_failure()
}

fn ledger(cause: &crate::db::Error) -> Failure {
    tracing::error!("the ledger did not answer: {cause}");
    Failure::Unavailable
}

impl std::fmt::Debug for TurnScope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TurnScope")
            .field("call_id", &self.call_id)
            .finish_non_exhaustive()
    }
}
