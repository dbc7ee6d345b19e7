//! This host's pipeline, through its own library: one stage, and a whole turn's way through all four.
//!
//! Kept: the revision, compiled and linked. Made for each evaluation: everything else, as in a call.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use orchestrator::call::record::StageRecord;
use orchestrator::call::{Decision, Intent, Outcome, Reply};
use orchestrator::pipeline::{HaltSwitch, Pipeline, Recorded, Revision, Run, Settings, Wanted};
use orchestrator::plugin::{Capabilities, Engine, Phase, Scope, Settings as EngineSettings};
use rule::{Answer, Kind};
use tokio::runtime::Runtime;
use tokio::time::Instant;

use crate::bank::Bank;
use crate::cases::Case;
use crate::contestant::{Contestant, Role};

const TURN: Duration = Duration::from_secs(5);

/// The shipped pipeline with the figures of the bench.
pub fn revision(runtime: &Runtime, plugins: &Path, host: &Path) -> Result<Arc<Revision>> {
    let folder = host.parent().context("the host's binary is in no folder")?;
    let engine = Engine::new(&EngineSettings {
        // The host compiles by starting itself, and this program is not the host.
        compiler: Some(host.to_owned()),
        cache_dir: folder.join("compiled-by-bench"),
        ..EngineSettings::default()
    })?;
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("rule/pipeline.toml");
    let settings = Settings {
        file,
        plugin_dir: plugins.to_path_buf(),
        ..Settings::default()
    };
    Ok(runtime.block_on(Pipeline::check(&settings, &engine, false))?)
}

fn banks(cases: &[Case]) -> Vec<Arc<Bank>> {
    cases
        .iter()
        .map(|case| Arc::new(Bank::new(&case.facts)))
        .collect()
}

/// One policy in a fresh instance.
pub struct OneStage {
    runtime: Arc<Runtime>,
    revision: Arc<Revision>,
    policy: usize,
    banks: Vec<Arc<Bank>>,
}

impl OneStage {
    /// With a bank for each case.
    pub fn new(runtime: &Arc<Runtime>, revision: &Arc<Revision>, cases: &[Case]) -> Result<Self> {
        let stages = &revision.stages;
        Ok(Self {
            runtime: Arc::clone(runtime),
            revision: Arc::clone(revision),
            policy: stages
                .iter()
                .position(|stage| stage.phase == Phase::Decide)
                .context("no policy")?,
            banks: banks(cases),
        })
    }
}

impl Contestant for OneStage {
    fn name(&self) -> &'static str {
        "this pipeline, 1 stage"
    }

    fn role(&self) -> Role {
        Role::OneStage
    }

    fn decide(&mut self, case: &Case) -> Result<Answer> {
        let stage = &self.revision.stages[self.policy];
        let scope = Scope {
            capabilities: Arc::clone(&self.banks[case.number]) as Arc<dyn Capabilities>,
            settings: Arc::clone(&stage.settings),
            now: case.turn.now,
            turn_deadline: Instant::now() + TURN,
            call_id: case.turn.call_id.clone(),
        };
        let decision = stage.plugin.decide(scope, &case.turn, &case.intent);
        answer(self.runtime.block_on(decision)?)
    }
}

/// Route, decide, fulfil, shape, each in a fresh instance.
pub struct FourStages {
    runtime: Arc<Runtime>,
    revision: Arc<Revision>,
    halts: HaltSwitch,
    banks: Vec<Arc<Bank>>,
    /// Microseconds of each stage that ran, as a decision record tells them.
    micros: Vec<Vec<u64>>,
}

impl FourStages {
    /// With a bank for each case.
    pub fn new(runtime: &Arc<Runtime>, revision: &Arc<Revision>, cases: &[Case]) -> Self {
        Self {
            runtime: Arc::clone(runtime),
            revision: Arc::clone(revision),
            halts: HaltSwitch::default(),
            banks: banks(cases),
            micros: vec![Vec::new(); revision.stages.len()],
        }
    }

    async fn turn(&self, case: &Case) -> Result<(Answer, Vec<StageRecord>)> {
        let until = Instant::now() + TURN;
        let mut run = Run::new(
            Arc::clone(&self.revision),
            self.halts.clone(),
            Arc::clone(&self.banks[case.number]) as Arc<dyn Recorded>,
            until,
            until,
            case.turn.call_id.clone(),
        );
        let Wanted::Intent(mut intent) = run.route(&case.turn).await else {
            bail!("the router asked a question");
        };
        // Whose account it is, the host finds out.
        if let (Intent::Transfer(routed), Intent::Transfer(known)) = (&mut intent, &case.intent) {
            routed.payee = known.payee;
        }
        if intent != case.intent {
            bail!("the router understood {intent:?}");
        }
        let decision = run.decide(&case.turn, &intent).await;
        let outcome = match &decision {
            Decision::Allow(_) => run.fulfil(&case.turn, &intent).await,
            Decision::Confirm(said) => Outcome::Confirmation(said.clone()),
            Decision::StepUp(said) => Outcome::StepUp(said.clone()),
            Decision::HandOff(said) => Outcome::HandedOff(said.clone()),
            Decision::Deny(said) => Outcome::Refused(said.clone()),
        };
        let plain = Reply::say("Done.");
        let reply = run.shape(&case.turn, &outcome, plain).await;
        let stages = run.into_records();
        if let Some(failure) = stages.iter().find_map(|stage| stage.failure.as_deref()) {
            bail!("a stage failed: {failure}; the reply was {}", reply.text);
        }
        Ok((answer(decision)?, stages))
    }
}

impl Contestant for FourStages {
    fn name(&self) -> &'static str {
        "this pipeline, 4 stages"
    }

    fn role(&self) -> Role {
        Role::FourStages
    }

    fn decide(&mut self, case: &Case) -> Result<Answer> {
        let (answer, stages) = self.runtime.block_on(self.turn(case))?;
        // A refused transfer skips its fulfilment.
        if stages.len() == self.micros.len() {
            for (micros, stage) in self.micros.iter_mut().zip(&stages) {
                micros.push(stage.micros);
            }
        }
        Ok(answer)
    }

    fn note(&self) -> Option<String> {
        let median = |micros: &Vec<u64>| {
            let mut sorted = micros.clone();
            sorted.sort_unstable();
            sorted.get(sorted.len() / 2).copied().unwrap_or_default()
        };
        let stages = self.revision.stages.iter().zip(&self.micros);
        let parts = stages.map(|(stage, micros)| format!("{} {}", stage.name, median(micros)));
        let parts = parts.collect::<Vec<_>>().join(", ");
        Some(format!("The four stages alone, median µs: {parts}."))
    }
}

fn answer(decision: Decision) -> Result<Answer> {
    let (kind, said) = match decision {
        Decision::Allow(caps) => {
            let cap = caps.first().context("allowed without a cap")?;
            let total = cap.total.as_ref().context("a cap without a total")?;
            let count = cap.count.context("a cap without a count")?;
            return Ok(Answer::allow(total.minor, count));
        }
        Decision::Confirm(said) => (Kind::Confirm, said),
        Decision::StepUp(said) => (Kind::StepUp, said),
        Decision::HandOff(said) => (Kind::HandOff, said),
        Decision::Deny(said) => (Kind::Deny, said),
    };
    Ok(Answer::said(kind, said.code))
}
