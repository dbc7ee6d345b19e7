//! The bench on which guests misbehave: a host with all of them in its pipeline, and what is asked of it after each misdeed.
//!
//! Log lines are JSON here; failed stages are counted by guest and kind, and no two tests share such a pair on one host.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use super::attacks::Attack;
use crate::harness::{Conversation, Host, Setup, Spoken, copy_dir, guests, plugins, root, until};

/// Alice Johnson, `user_1`.
pub const ALICE: &str = "+14155552671";
/// Bob Smith, `user_2`.
pub const BOB: &str = "+14155552672";
/// Carol Williams, `user_3`.
pub const CAROL: &str = "+14155552673";
/// David Brown, `user_4`: only for good calls beside bad ones.
const DAVID: &str = "+14155552674";
/// Emma Davis, `user_5`.
pub const EMMA: &str = "+14155552675";

/// What the host itself says of Bob's checking account.
pub const PLAIN_OF_BOB: &str = "You have 1250 dollars and 25 cents in your checking account.";
/// And of David's.
const PLAIN_OF_DAVID: &str = "You have 64 dollars and 15 cents in your checking account.";

/// One turn of a call of its own.
#[derive(Debug)]
pub struct Turn {
    pub said: Spoken,
    pub record: Value,
}

impl Turn {
    /// The stages that failed.
    pub fn failed(&self) -> Vec<&Value> {
        failed(&self.record)
    }

    /// Exactly one stage failed: this one, in this way.
    #[track_caller]
    pub fn assert_one_failed(&self, guest: &str, phase: &str, kind: &str) {
        let failed = self.failed();
        let [stage] = failed.as_slice() else {
            panic!("{} stages failed, not one: {}", failed.len(), self.record);
        };
        assert_eq!(
            (&stage["plugin"], &stage["phase"]),
            (&json!(guest), &json!(phase)),
            "{stage}"
        );
        let text = stage["failure"].as_str().expect("a failed stage says why");
        assert!(
            text.starts_with(&format!("{kind}: ")),
            "not {kind}: {stage}"
        );
        assert!(stage["output"].is_null(), "{stage}");
    }
}

/// No stage failed.
#[track_caller]
pub fn assert_nothing_failed(record: &Value) {
    assert!(failed(record).is_empty(), "{record}");
}

fn failed(record: &Value) -> Vec<&Value> {
    let stages = record["stages"].as_array().expect("a record has stages");
    stages
        .iter()
        .filter(|stage| !stage["failure"].is_null())
        .collect()
}

/// The shipped pipeline with a guest before the others of each phase, and no other shaper. `limits` are the guests'.
pub fn pipeline(limits: &str) -> Result<String> {
    let shipped = std::fs::read_to_string(root().join("config/pipeline.toml"))?;
    let mut text = without(&shipped, "response-shaper");
    for (phase, guest, grants) in [
        ("shape", "bad-shaper", ""),
        ("fulfil", "bad-action", r#""accounts", "payments""#),
        ("decide", "bad-policy", ""),
        ("route", "bad-core", ""),
        ("route", "bad-router", ""),
    ] {
        let at = text
            .find("[[stage]]")
            .context("the shipped pipeline has stages")?;
        let stage = format!(
            "[[stage]]\nphase = \"{phase}\"\nplugin = \"{guest}\"\ngrants = [{grants}]\nlimits = {{ {limits} }}\n\n"
        );
        text.insert_str(at, &stage);
    }
    Ok(text)
}

/// A pipeline without this plugin.
pub fn without(pipeline: &str, plugin: &str) -> String {
    let named = format!("plugin = \"{plugin}\"");
    assert!(pipeline.contains(&named), "the pipeline has no {plugin}");
    let stages = pipeline
        .split("[[stage]]")
        .filter(|stage| !stage.contains(&named));
    stages.collect::<Vec<_>>().join("[[stage]]")
}

/// A sandbox host with this pipeline, and a plugin folder of its own with the shipped plugins and all guests.
pub fn setup(pipeline: &str) -> Result<Setup> {
    let setup = Setup::sandbox()?;
    let dist = setup.folder().join("dist");
    copy_dir(&plugins()?, &dist)?;
    copy_dir(&guests()?, &dist)?;
    let file = setup.folder().join("pipeline.toml");
    std::fs::write(&file, pipeline)?;
    Ok(setup
        .set("ORCHESTRATOR_PIPELINE", file.display())
        .set("ORCHESTRATOR_PLUGIN_DIR", dist.display())
        .set("LOG_FORMAT", "json"))
}

/// One host for all that need no settings of their own.
pub async fn shared() -> Result<&'static Host> {
    static SHARED: OnceCell<Host> = OnceCell::const_new();
    SHARED
        .get_or_try_init(async || setup(&pipeline("")?)?.start().await)
        .await
}

/// One turn with its record; `fault` is `GUEST:MISDEED`, or empty.
pub async fn turn(
    host: &Host,
    phone: &str,
    fault: &str,
    function: &str,
    mut arguments: Value,
) -> Result<Turn> {
    if !fault.is_empty() {
        arguments["fault"] = json!(fault);
    }
    let mut call = Conversation::of(host, phone);
    let said = call.invoke(function, arguments).await?;
    let record = host.record(&call.call_id, 1).await?;
    Ok(Turn { said, record })
}

/// A question for the balance of a customer's checking account.
pub async fn balance(host: &Host, phone: &str, fault: &str) -> Result<Turn> {
    let user = phone
        .chars()
        .last()
        .context("a number")?
        .to_digit(10)
        .context("a digit")?;
    let account = match user {
        1..=5 => format!("checking_{user}"),
        _ => "checking".to_owned(),
    };
    turn(
        host,
        phone,
        fault,
        "check_balance",
        json!({"account_id": account}),
    )
    .await
}

/// Lets `ask` provoke a misdeed on the shared host, with a good call at the same time: one failed stage in the record, one line
/// in the log, one more in the metric; and the good call is answered as if nothing were.
pub async fn misdeed(
    attack: Attack,
    ask: impl AsyncFn(&'static Host, &str) -> Result<Turn>,
) -> Result<Turn> {
    let host = shared().await?;
    let Attack {
        guest, phase, kind, ..
    } = attack;
    let lines_before = lines(host, guest, kind);
    let counted_before = counted(host, guest, phase, kind).await?;
    let fault = attack.fault();
    let (bad, good) = tokio::join!(ask(host, &fault), balance(host, DAVID, ""));
    let (bad, good) = (bad?, good?);
    bad.assert_one_failed(guest, phase, kind);
    assert_nothing_failed(&good.record);
    assert_eq!(good.said.result, PLAIN_OF_DAVID, "beside {fault}");
    let found = until("the line of a failed stage", async || {
        let now = lines(host, guest, kind);
        Ok((now.len() > lines_before.len()).then_some(now))
    });
    let found = found.await.with_context(|| fault.clone())?;
    assert_eq!(found.len(), lines_before.len() + 1, "{fault}: {found:?}");
    let line = found.last().context("a line")?;
    assert_eq!(line["fields"]["phase"], phase, "{line}");
    let stages = bad.record["stages"].as_array().context("stages")?;
    let stage = stages
        .iter()
        .find(|stage| stage["plugin"] == guest)
        .context("its stage")?;
    assert_eq!(line["fields"]["digest"], stage["digest"], "{line}");
    assert_eq!(
        counted(host, guest, phase, kind).await?,
        counted_before + 1,
        "{fault}"
    );
    Ok(bad)
}

/// The errors that the log has of a guest's failures of this kind.
fn lines(host: &Host, guest: &str, kind: &str) -> Vec<Value> {
    let log = host.log();
    let errors = log
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    errors
        .filter(|line| {
            let fields = &line["fields"];
            line["level"] == "ERROR" && fields["plugin"] == guest && fields["kind"] == kind
        })
        .collect()
}

/// What `stage_failures_total` says of them.
pub async fn counted(host: &Host, guest: &str, phase: &str, kind: &str) -> Result<u64> {
    let metrics = host.get("/metrics").await?.text;
    let wanted = BTreeMap::from([("plugin", guest), ("phase", phase), ("kind", kind)]);
    for line in metrics.lines() {
        let Some(rest) = line.strip_prefix("stage_failures_total{") else {
            continue;
        };
        let (labels, value) = rest.split_once("} ").context("a metric's line")?;
        let labels = labels.split(',').filter_map(|label| label.split_once('='));
        let labels: BTreeMap<&str, &str> = labels
            .map(|(name, value)| (name, value.trim_matches('"')))
            .collect();
        if labels == wanted {
            return Ok(value.parse()?);
        }
    }
    Ok(0)
}
