//! One turn's way through a revision: each stage in a fresh instance, each failure turned into what its phase prescribes.
//!
//! A stage that traps, runs out of time or memory, or answers badly: route -> `unknown`, decide -> deny, fulfil -> a failure that
//! is spoken, shape -> the sentence as it was. Always one structured error, one metric, one line in the record.

use std::sync::Arc;
use std::time::Instant as Moment;

use serde::Serialize;

use super::halts::HaltSwitch;
use super::registry::now_ms;
use super::revision::{Revision, Stage};
use crate::call::json::Json;
use crate::call::record::{HostCall, POLICY_FAILED, StageRecord};
use crate::call::{Decision, Failure, Intent, Message, Outcome, Question, Reply, Turn};
use crate::plugin::{Capabilities, Error, Phase, Routed, Scope};

/// Capabilities that remember what was asked of them, so that answers can be recorded and claims checked.
pub trait Recorded: Capabilities {
    /// The host calls since the last time, those among them that the turn's memory answered.
    fn take_host_calls(&self) -> Vec<HostCall>;
    /// Whether an action's outcome says only what the host itself has answered in this turn.
    ///
    /// # Errors
    /// What is claimed without ground.
    fn vouch_for(&self, outcome: &Outcome) -> Result<(), String>;
}

/// What a turn asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// This.
    Intent(Intent),
    /// Something is missing.
    Ask(Question),
}

/// What a shaper is asked besides the turn.
#[derive(Serialize)]
struct Shaped<'a> {
    outcome: &'a Outcome,
    draft: &'a Reply,
}

/// One turn in one revision.
pub struct Run {
    revision: Arc<Revision>,
    halts: HaltSwitch,
    capabilities: Arc<dyn Recorded>,
    /// For route, decide and fulfil.
    stage_deadline: tokio::time::Instant,
    /// For shape.
    turn_deadline: tokio::time::Instant,
    /// For log lines.
    call_id: String,
    stages: Vec<StageRecord>,
    /// What the host itself asked of the bank since the last stage; recorded with the next one, since a stage may be answered from it.
    own_calls: Vec<HostCall>,
    found_no_place: bool,
}

impl Run {
    /// Takes the revision once; the whole turn is decided by it.
    pub fn new(
        revision: Arc<Revision>,
        halts: HaltSwitch,
        capabilities: Arc<dyn Recorded>,
        stage_deadline: tokio::time::Instant,
        turn_deadline: tokio::time::Instant,
        call_id: String,
    ) -> Self {
        Self {
            revision,
            halts,
            capabilities,
            stage_deadline,
            turn_deadline,
            call_id,
            stages: Vec::new(),
            own_calls: Vec::new(),
            found_no_place: false,
        }
    }

    /// The first router that does not pass names what is wanted.
    pub async fn route(&mut self, turn: &Turn) -> Wanted {
        let revision = Arc::clone(&self.revision);
        for stage in revision.phase(Phase::Route) {
            let began = Moment::now();
            let answer = match self.may_run(stage) {
                Ok(()) => stage.plugin.route(self.scope(stage, turn), turn).await,
                Err(halted) => Err(halted),
            };
            self.record(stage, began, Json::default(), &answer);
            match answer {
                Ok(Routed::Intent(intent)) => return Wanted::Intent(intent),
                Ok(Routed::Ask(question)) => return Wanted::Ask(question),
                Ok(Routed::Pass) => {}
                Err(_) => return Wanted::Intent(Intent::Unknown),
            }
        }
        Wanted::Intent(Intent::Unknown)
    }

    /// All policies are asked; the most restrictive answer wins, a failed policy denies.
    ///
    /// Invariant: without any policy nothing is allowed (`a_pipeline_without_a_policy_denies`).
    pub async fn decide(&mut self, turn: &Turn, intent: &Intent) -> Decision {
        let revision = Arc::clone(&self.revision);
        let mut decided: Option<Decision> = None;
        for stage in revision.phase(Phase::Decide) {
            let began = Moment::now();
            let plugin = &stage.plugin;
            let answer = match self.may_run(stage) {
                Ok(()) => plugin.decide(self.scope(stage, turn), turn, intent).await,
                Err(halted) => Err(halted),
            };
            self.record(stage, began, Json::of(intent), &answer);
            let decision = answer.unwrap_or_else(|_| Decision::Deny(policy_failed()));
            decided = Some(match decided {
                Some(before) => before.and(decision),
                None => decision,
            });
        }
        decided.unwrap_or_else(|| {
            Decision::Deny(Message::plain(
                "no_policy",
                "I'm not able to do that at the moment.",
            ))
        })
    }

    /// The first action that lists the intent makes it happen.
    pub async fn fulfil(&mut self, turn: &Turn, intent: &Intent) -> Outcome {
        let revision = Arc::clone(&self.revision);
        let action = revision.phase(Phase::Fulfil).find(|stage| {
            stage
                .description
                .intents
                .iter()
                .any(|name| name == intent.name())
        });
        let Some(stage) = action else {
            return Outcome::Failed(Failure::Unsupported);
        };
        let began = Moment::now();
        let plugin = &stage.plugin;
        let fulfilled = match self.may_run(stage) {
            Ok(()) => plugin.fulfil(self.scope(stage, turn), turn, intent).await,
            Err(halted) => Err(halted),
        };
        let answer = match fulfilled {
            Ok(outcome) => match self.capabilities.vouch_for(&outcome) {
                Ok(()) => Ok(outcome),
                Err(claim) => Err(Error::Implausible(claim)),
            },
            Err(cause) => Err(cause),
        };
        self.record(stage, began, Json::of(intent), &answer);
        answer.unwrap_or(Outcome::Failed(Failure::Unavailable))
    }

    /// Each shaper may rewrite the sentence of the one before; a failed one leaves it as it was.
    pub async fn shape(&mut self, turn: &Turn, outcome: &Outcome, plain: Reply) -> Reply {
        let revision = Arc::clone(&self.revision);
        let mut reply = plain;
        for stage in revision.phase(Phase::Shape) {
            let began = Moment::now();
            let (plugin, scope) = (&stage.plugin, self.scope(stage, turn));
            let answer = match self.may_run(stage) {
                Ok(()) => plugin.shape(scope, turn, outcome, &reply).await,
                Err(halted) => Err(halted),
            };
            let draft = &reply;
            self.record(stage, began, Json::of(&Shaped { outcome, draft }), &answer);
            if let Ok(shaped) = answer {
                reply = shaped;
            }
        }
        reply
    }

    /// Whether a router, a policy or an action was not asked since all places were taken until the time was up: what came of the run is
    /// then no answer of the rules.
    #[must_use]
    pub fn found_no_place(&self) -> bool {
        self.found_no_place
    }

    /// The stages that ran, in order.
    #[must_use]
    pub fn into_records(self) -> Vec<StageRecord> {
        self.stages
    }

    /// A halted plugin is not asked; its stage has failed. What follows is the stage's own: what the turn's memory answered the host
    /// itself before is nobody's.
    fn may_run(&mut self, stage: &Stage) -> Result<(), Error> {
        let halts = self.halts.now();
        if stage.is_called(|name| halts.has_plugin(name)) {
            return Err(Error::Halted);
        }
        self.own_calls = self.capabilities.take_host_calls();
        self.own_calls.retain(|call| !call.from_memory);
        Ok(())
    }

    fn scope(&self, stage: &Stage, turn: &Turn) -> Scope {
        Scope {
            capabilities: Arc::clone(&self.capabilities) as Arc<dyn Capabilities>,
            settings: Arc::clone(&stage.settings),
            now: turn.now,
            turn_deadline: match stage.phase {
                Phase::Shape => self.turn_deadline,
                Phase::Route | Phase::Decide | Phase::Fulfil => self.stage_deadline,
            },
            call_id: turn.call_id.clone(),
        }
    }

    fn record<T: Serialize>(
        &mut self,
        stage: &Stage,
        began: Moment,
        input: Json,
        answer: &Result<T, Error>,
    ) {
        let elapsed = began.elapsed();
        let mut host_calls = std::mem::take(&mut self.own_calls);
        host_calls.extend(self.capabilities.take_host_calls());
        let (plugin, phase) = (stage.name.clone(), stage.phase.name());
        metrics::histogram!(
            "stage_duration_microseconds",
            "plugin" => plugin.clone(), "phase" => phase, "digest" => stage.digest[..12].to_owned()
        )
        .record(elapsed.as_secs_f64() * 1e6);
        // That every place is taken is no fault of the plugin's, which was not asked.
        if !matches!(answer, Err(Error::NoPlace)) {
            let failed = answer.as_ref().err().map(Error::kind);
            stage.tally.count(failed, now_ms());
        }
        if let Err(cause) = answer {
            self.report(stage, cause);
            // Without a shaper there still is a sentence.
            self.found_no_place |= matches!(cause, Error::NoPlace) && stage.phase != Phase::Shape;
        }
        self.stages.push(StageRecord {
            phase: phase.to_owned(),
            plugin,
            digest: stage.digest.clone(),
            input,
            output: answer.as_ref().map(Json::of).unwrap_or_default(),
            failure: answer
                .as_ref()
                .err()
                .map(|cause| format!("{}: {}", cause.kind(), cause.sentence())),
            host_calls,
            micros: u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX),
        });
    }
}

impl Run {
    /// One structured line and one metric. That every place is taken is no fault of the plugin's.
    fn report(&self, stage: &Stage, cause: &Error) {
        let (call_id, plugin, digest) = (&self.call_id, &stage.name, &stage.digest);
        let (phase, kind) = (stage.phase.name(), cause.kind());
        if matches!(cause, Error::NoPlace) {
            tracing::warn!(call_id, plugin, phase, "stage not run: {cause}");
            metrics::counter!("stages_without_place_total", "plugin" => plugin.clone())
                .increment(1);
            return;
        }
        tracing::error!(
            call_id,
            plugin,
            phase,
            kind,
            digest,
            "stage failed: {}",
            cause.sentence()
        );
        metrics::counter!(
            "stage_failures_total",
            "plugin" => plugin.clone(), "phase" => phase, "kind" => kind
        )
        .increment(1);
    }
}

fn policy_failed() -> Message {
    Message::plain(
        POLICY_FAILED,
        "I can't check that at the moment, so I won't do it.",
    )
}
