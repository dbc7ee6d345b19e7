//! Self-tests of real components: those that are shipped pass, and rules that no longer do what is expected are found out.
//!
//! Through the library, because a host that refuses a component for it is tested where revisions are.

use anyhow::Result;
use orchestrator::plugin::{
    Engine, Error, Grant, How, Limits, Phase, Plugin, Scenario, SelfTestError, Settings, Specimen,
    Unmet,
};

use crate::harness::{binary, carrying, compiled, guests, plugins};

const SHIPPED: [(&str, Phase); 4] = [
    ("intent-router", Phase::Route),
    ("transfer-limits", Phase::Decide),
    ("banking-actions", Phase::Fulfil),
    ("response-shaper", Phase::Shape),
];

fn engine() -> Result<Engine> {
    let settings = Settings {
        instances_max: 4,
        cache_dir: compiled()?,
        compiler: Some(binary()?),
        ..Settings::default()
    };
    Ok(Engine::new(&settings)?)
}

async fn load(name: &str, phase: Phase, bytes: &[u8]) -> Result<(Plugin, Vec<Scenario>)> {
    let grants = Grant::ALL;
    let specimen = Specimen::compile(&engine()?, bytes).await?;
    let plugin = specimen.plugin(name, phase, &grants, Limits::default())?;
    Ok((plugin, Scenario::read(bytes, phase)?))
}

fn shipped(name: &str) -> Result<Vec<u8>> {
    Ok(std::fs::read(plugins()?.join(format!("{name}.wasm")))?)
}

/// A guest with these self-tests; each is asked of a tool call with this fault.
async fn guest(faults: &[&str]) -> Result<(Plugin, Vec<Scenario>)> {
    let bytes = std::fs::read(guests()?.join("bad-policy.wasm"))?;
    let tests = faults.iter().map(|fault| {
        format!(
            "[[self-test]]\nname = '{fault}'\nturn.invocation = {{ name = 'x', arguments.fault = 'bad-policy:{fault}' }}\n\
             intent.intent = 'human'\nexpect = {{ decision = 'allow', value = [] }}\n"
        )
    });
    let text: String = tests.collect();
    load("bad-policy", Phase::Decide, &carrying(&bytes, &text)).await
}

#[track_caller]
fn unmet(ended: SelfTestError) -> Vec<Unmet> {
    match ended {
        SelfTestError::Unmet { unmet, .. } => unmet,
        other @ SelfTestError::OutOfTime { .. } => panic!("{other}"),
    }
}

#[tokio::test]
async fn every_shipped_plugin_carries_self_tests_and_passes_them() -> Result<()> {
    for (name, phase) in SHIPPED {
        let (plugin, scenarios) = load(name, phase, &shipped(name)?).await?;
        assert!(scenarios.len() >= 5, "{name} has {}", scenarios.len());
        let passed = plugin.self_test(&scenarios).await;
        let passed = passed.unwrap_or_else(|failed| panic!("{name}: {failed}"));
        assert_eq!(passed.scenarios, scenarios.len());
    }
    Ok(())
}

#[tokio::test]
async fn a_component_without_self_tests_passes() -> Result<()> {
    let bytes = carrying(&shipped("transfer-limits")?, "phase = 'decide'");
    let (plugin, scenarios) = load("transfer-limits", Phase::Decide, &bytes).await?;
    assert!(scenarios.is_empty());
    assert_eq!(plugin.self_test(&scenarios).await?.scenarios, 0);
    Ok(())
}

#[tokio::test]
async fn a_rule_that_decides_otherwise_is_named_with_what_was_expected_and_what_it_said()
-> Result<()> {
    let text = "
        [[self-test]]
        name = 'any amount may be moved'
        turn = { confirmed = true, stepped_up = true }
        intent = { intent = 'transfer', slots = { from_account = 'savings_1', to_account = 'checking_1', payee = 'same-owner', amount = '10000.01 USD' } }
        expect = { decision = 'allow' }
        [[self-test]]
        name = 'reading is free'
        intent = { intent = 'accounts' }
        expect = { decision = 'allow', value = [] }
        [[self-test]]
        name = 'and cheap'
        intent = { intent = 'accounts' }
        expect.value = [{ count = 1 }]
    ";
    let bytes = carrying(&shipped("transfer-limits")?, text);
    let (plugin, scenarios) = load("transfer-limits", Phase::Decide, &bytes).await?;
    let failed = plugin.self_test(&scenarios).await.expect_err("two differ");
    let said = failed.to_string();
    assert!(
        said.starts_with("it fails its self-tests, 2 of 3: \"any amount may be moved\" expected"),
        "{said}"
    );
    let unmet = unmet(failed);
    let [amount, cheap] = unmet.as_slice() else {
        panic!("{unmet:?}")
    };
    let How::Otherwise {
        at,
        expected,
        answered,
    } = &amount.how
    else {
        panic!("{amount:?}")
    };
    assert_eq!(
        (at.as_str(), expected.as_str()),
        ("decision", r#"{"decision":"allow"}"#)
    );
    assert!(
        answered.contains(r#""code":"over_transfer_max""#),
        "{answered}"
    );
    assert_eq!(cheap.scenario, "and cheap");
    Ok(())
}

#[tokio::test]
async fn the_settings_of_a_scenario_are_checked_by_the_plugin() -> Result<()> {
    let text = "
        [[self-test]]
        name = 'a key that is none'
        settings = { pin_over = '1.00' }
        intent = { intent = 'accounts' }
        expect = { decision = 'allow' }
    ";
    let bytes = carrying(&shipped("transfer-limits")?, text);
    let (plugin, scenarios) = load("transfer-limits", Phase::Decide, &bytes).await?;
    let said = plugin
        .self_test(&scenarios)
        .await
        .expect_err("refused")
        .to_string();
    assert!(
        said.contains("settings that the plugin refuses: pin_over"),
        "{said}"
    );
    Ok(())
}

#[tokio::test]
async fn a_plugin_that_fails_in_a_scenario_does_not_pass() -> Result<()> {
    let faults = [
        "trap",
        "endless_loop",
        "memory_bomb",
        "too_many_caps",
        "none",
    ];
    let (plugin, scenarios) = guest(&faults).await?;
    let failed = plugin.self_test(&scenarios).await.expect_err("four fail");
    let unmet = unmet(failed);
    let kinds: Vec<(&str, &str)> = unmet
        .iter()
        .map(|one| match &one.how {
            How::Failed(cause) => (one.scenario.as_str(), cause.kind()),
            other => panic!("{other:?}"),
        })
        .collect();
    let expected = [
        ("trap", "trap"),
        ("endless_loop", "deadline"),
        ("memory_bomb", "resource"),
        ("too_many_caps", "bad_answer"),
    ];
    assert_eq!(kinds, expected);
    Ok(())
}

#[tokio::test]
async fn self_tests_that_do_not_end_are_given_up_together() -> Result<()> {
    let (plugin, scenarios) = guest(&["endless_loop"; 100]).await?;
    match plugin.self_test(&scenarios).await {
        Err(SelfTestError::OutOfTime { done, of: 100 }) => assert!(done < 100),
        other => panic!("{other:?}"),
    }
    Ok(())
}

#[tokio::test]
async fn scenarios_of_another_phase_are_not_run() -> Result<()> {
    let limits = shipped("transfer-limits")?;
    let of_no_phase =
        "[[self-test]]\nname = 'a'\nintent.intent = 'human'\nexpect.decision = 'deny'";
    for (component, words) in [
        (limits.clone(), "says phase `decide`, and it is a shaper"),
        (
            carrying(&limits, of_no_phase),
            "self-test 1 (\"a\"): `intent`",
        ),
    ] {
        let read = Scenario::read(&component, Phase::Shape);
        let said = read.expect_err("they are of `decide`").to_string();
        assert!(said.contains(words), "{said}");
    }
    let (plugin, _) = load(
        "transfer-limits",
        Phase::Decide,
        &shipped("transfer-limits")?,
    )
    .await?;
    let foreign = Scenario::read(&shipped("response-shaper")?, Phase::Shape)?;
    let unmet = unmet(
        plugin
            .self_test(&foreign)
            .await
            .expect_err("no such export"),
    );
    assert!(matches!(unmet[0].how, How::Failed(Error::Implausible(_))));
    Ok(())
}
