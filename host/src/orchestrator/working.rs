//! What the steps of one turn share: made from call and request, used up by the decision record.
//!
//! Lives for one turn; nothing of it outlasts the record.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Instant as Moment;

use uuid::Uuid;

use super::Orchestrator;
use super::begun::{self, Earlier};
use super::hearing::Voiced;
use super::held::Held;
use super::memory::Memory;
use super::open_question::Aloud;
use super::repeat;
use super::request::{Ask, Request};
use super::scope::TurnScope;
use super::settings::Deadlines;
use super::write::{self, Permit};
use crate::call::intent::Intent;
use crate::call::json::Json;
use crate::call::outcome::Statement;
use crate::call::record::{DecisionRecord, Repinned};
use crate::call::session::Pending;
use crate::call::turn::{Caller, Channel, Instant, Invocation, OFFER, SAID};
use crate::call::{Call, Cap, Decision, Outcome, Reply, Trust, Turn};
use crate::pipeline::{Recorded, Revision, Run, Taken};

/// What the steps of one turn share.
pub(super) struct Working {
    pub(super) id: String,
    pub(super) now: Instant,
    pub(super) began: Moment,
    /// When the reply is due.
    pub(super) deadline: tokio::time::Instant,
    pub(super) turn: Turn,
    pub(super) run: Run,
    pub(super) revision: Arc<Revision>,
    pub(super) repinned: Option<Repinned>,
    pub(super) scope: Arc<TurnScope>,
    /// The ledger key of what is asked, where the request itself brings one, or answers a question that does.
    pub(super) key: Option<String>,
    /// The key is a question's.
    is_answer: bool,
    /// The key of the question that was open when the turn began.
    open_key: Option<String>,
    /// What the words on a line wish for, since others of the same breath have the same key.
    fingerprint: Option<String>,
    pub(super) intent: String,
    pub(super) decision: Option<Decision>,
}

impl Orchestrator {
    pub(super) async fn prepare(
        &self,
        held: &mut Held,
        request: &Request,
        voiced: Option<&Voiced>,
        (now, began): (Instant, Moment),
        deadlines: Deadlines,
    ) -> Working {
        let taken = self.rules_for(held, deadlines).await;
        let is_closed = self.is_closed(held.call());
        let call = held.call();
        call.turns += 1;
        let deadline = deadlines.work;
        let scope = Arc::new(TurnScope {
            backend: self.backend.clone(),
            db: self.db.clone(),
            writer: self.writer(&self.backend),
            call_id: call.id.clone(),
            user: call.user.clone(),
            transcript: call.transcript.clone(),
            last_reply: call.last_reply.clone(),
            is_closed,
            language: self.callers.language().to_owned(),
            aloud: Aloud::of(&request.ask),
            deadline,
            now_ms: now.unix_ms,
            memory: Memory::default(),
            permit: Mutex::new(None),
            written: Mutex::new(None),
            is_writing: AtomicBool::new(false),
            is_comparing: AtomicBool::new(false),
            transfer_id: Mutex::new(None),
            ledger_key: OnceLock::new(),
            pipeline: self.pipeline.clone(),
        });
        let turn = self.turn_of(call, &request.ask, voiced, now);
        let run = Run::new(
            Arc::clone(&taken.revision),
            self.pipeline.halt_switch(),
            Arc::clone(&scope) as Arc<dyn Recorded>,
            deadlines.stage,
            deadlines.turn,
            call.id.clone(),
        );
        let id = Uuid::now_v7().to_string();
        let key = repeat::ledger_key(request, voiced);
        let open = held.call().pending.as_ref();
        let open_key = open.and_then(Pending::ledger_key).map(str::to_owned);
        let intent = String::new();
        Working {
            id,
            now,
            began,
            deadline: deadlines.turn,
            turn,
            run,
            revision: taken.revision,
            repinned: taken.repinned,
            scope,
            key,
            is_answer: false,
            open_key,
            fingerprint: None,
            intent,
            decision: None,
        }
    }

    /// The revision that decides this turn, half of the turn's time at most spent on having it; the call is pinned to it.
    async fn rules_for(&self, held: &mut Held, deadlines: Deadlines) -> Taken {
        let call = held.call();
        let (pinned, since) = (call.revision.clone(), call.activation);
        let taken = self
            .pipeline
            .take(&call.id, pinned.as_deref(), since, deadlines.rules)
            .await;
        if let Some(repinned) = &taken.repinned {
            let (from, to) = (&repinned.from, &taken.revision.id);
            tracing::warn!(
                call_id = call.id,
                from,
                to,
                "Decided by other rules: {}",
                repinned.why
            );
        }
        if !taken.keeps_pin {
            call.revision = Some(taken.revision.id.clone());
            call.activation = taken.activation;
        }
        taken
    }

    fn turn_of(&self, call: &Call, ask: &Ask, voiced: Option<&Voiced>, now: Instant) -> Turn {
        let (channel, invocation, is_vouched) = match ask {
            Ask::Invocation { name, arguments } => {
                let invocation = Invocation {
                    name: name.clone(),
                    arguments: arguments.to_string(),
                };
                (Channel::Invocation, Some(invocation), false)
            }
            Ask::Utterance { .. } => (Channel::Voice, None, false),
            Ask::Rest { .. } => (Channel::Rest, None, true),
        };
        let trust = if is_vouched {
            Trust::Trusted
        } else {
            call.trust
        };
        let seconds = |since: i64| u32::try_from((now.unix_ms - since).max(0) / 1_000).ok();
        let open = call.pending.as_ref();
        let offer = open.and_then(Pending::offer);
        let offer = offer.map(|offer| (OFFER.to_owned(), offer.name().to_owned()));
        let said = voiced.map(|voiced| &voiced.words);
        let said = said.filter(|words| words.all != words.text);
        let said = said.map(|words| (SAID.to_owned(), words.all.clone()));
        Turn {
            call_id: call.id.clone(),
            agent: call.agent.clone(),
            direction: call.direction,
            line: call.line.clone(),
            age: seconds(call.created_at_ms).unwrap_or(u32::MAX),
            number: call.turns,
            channel,
            text: voiced.map_or_else(String::new, |voiced| voiced.words.text.clone()),
            invocation,
            caller: Caller {
                known: call.user.is_some(),
                name: call.user.as_ref().and_then(|user| user.name.clone()),
                trust,
                pin_age: call.pin_at_ms.and_then(seconds),
                language: self.callers.language().to_owned(),
            },
            pending: open.map(|open| open.question().intent.clone()),
            confirmed: is_vouched,
            stepped_up: trust >= Trust::Pin,
            misunderstood: call.misunderstood,
            extra: offer.into_iter().chain(said).collect(),
            now,
        }
    }
}

impl Working {
    /// Takes note of what is wanted; `answered` is the key of the question that it answers.
    pub(super) fn is_about(&mut self, held: &mut Held, intent: &Intent, answered: Option<&str>) {
        intent.name().clone_into(&mut self.intent);
        if !intent.is_write() {
            return;
        }
        if let Some(key) = answered {
            (self.key, self.is_answer) = (Some(key.to_owned()), true);
        } else if self.turn.channel == Channel::Voice
            && let Some(user) = &held.call().user
        {
            self.fingerprint = Some(write::fingerprint(intent, &user.id));
        }
    }

    /// What an earlier delivery of the same would be known by.
    pub(super) fn earlier(&self, request: &Request) -> Earlier<'_> {
        let is_wish = match request.ask {
            Ask::Invocation { .. } => repeat::is_of_its_own(request),
            Ask::Utterance { .. } => begun::is_for_a_write(&self.intent),
            Ask::Rest { .. } => false,
        };
        let key = match &self.key {
            Some(key) if self.is_answer || is_wish => Some(key),
            // It came to nothing before anybody knew what it was, and may have been a yes.
            _ if self.intent.is_empty() && self.turn.channel != Channel::Rest => {
                self.open_key.as_ref()
            }
            _ => None,
        };
        Earlier {
            key: key.map(String::as_str),
            intent: &self.intent,
            fingerprint: self.fingerprint.as_deref().filter(|_| !self.is_answer),
        }
    }

    pub(super) fn permit(&self, intent: &Intent, caps: Vec<Cap>, key: String) -> Permit {
        Permit {
            intent: intent.clone(),
            caps,
            key,
            call_id: self.turn.call_id.clone(),
            revision: self.revision.id.clone(),
            turn_id: self.id.clone(),
            now_ms: self.now.unix_ms,
        }
    }

    /// All months of the account that a statement was asked of.
    pub(super) async fn months(&self, outcome: &Outcome) -> Vec<Statement> {
        match outcome {
            Outcome::Statement(statement) => self
                .scope
                .months(&statement.account.id)
                .await
                .unwrap_or_default(),
            _ => Vec::new(),
        }
    }

    pub(super) fn into_record(
        self,
        outcome: &Outcome,
        reply: &Reply,
        total_micros: u64,
        backend_micros: u64,
    ) -> DecisionRecord {
        DecisionRecord {
            id: self.id,
            turn: self.turn,
            revision: self.revision.id.clone(),
            repinned: self.repinned,
            intent: self.intent,
            decision: self
                .decision
                .as_ref()
                .map(|decision| decision.name().to_owned()),
            reason: self
                .decision
                .as_ref()
                .and_then(Decision::reason)
                .map(str::to_owned),
            outcome: outcome.code().to_owned(),
            outcome_value: Json::of(outcome),
            reply: reply.text.clone(),
            stages: self.run.into_records(),
            transfer_id: self.scope.transfer_id(),
            total_micros,
            backend_micros,
            at_ms: self.now.unix_ms,
        }
    }
}
