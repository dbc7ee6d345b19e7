//! `orchestrator plugin inspect`: what it says of what is shipped, of what would be refused, and of what is no plugin at all.
//!
//! The binary is run as an author would; what is for eyes is read by its lines, what is for programs as JSON.

use std::path::Path;

use anyhow::Result;
use serde_json::{Value, json};

use crate::harness::{Ended, Setup, carrying, guests, plugins};
use crate::rules::digest;

/// Runs it with nothing configured.
fn inspect(file: &Path, more: &[&str]) -> Result<Ended> {
    let file = file.display().to_string();
    let arguments = [&["plugin", "inspect", file.as_str()], more].concat();
    let setup = Setup::command(&arguments)?;
    let bare = setup.unset("RETELL_API_KEY").unset("ORCHESTRATOR_PIPELINE");
    bare.unset("ORCHESTRATOR_PLUGIN_DIR").run()
}

fn inspect_json(file: &Path, more: &[&str]) -> Result<(Value, i32)> {
    let ended = inspect(file, &[&["--json"], more].concat())?;
    let report = serde_json::from_str(&ended.stdout);
    let report = report.unwrap_or_else(|cause| panic!("{cause}: {ended:?}"));
    Ok((report, ended.code.unwrap_or(-1)))
}

/// The report has these lines, with any number of spaces between columns.
#[track_caller]
fn assert_lines(ended: &Ended, lines: &[&str]) {
    let joined = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let said: Vec<String> = ended.stdout.lines().map(joined).collect();
    for line in lines {
        assert!(
            said.iter().any(|said| said.contains(line)),
            "`{line}` is missing:\n{}\n{}",
            ended.stdout,
            ended.stderr
        );
    }
}

#[test]
fn a_copy_under_another_name_is_told_where_it_belongs() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let copy = folder.path().join("my-limits.wasm");
    std::fs::copy(plugins()?.join("transfer-limits.wasm"), &copy)?;
    let ended = inspect(&copy, &[])?;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_lines(
        &ended,
        &[
            "\"history\"], in a file named transfer-limits.wasm; under this file's own name it would be refused",
        ],
    );
    // In the plugin folder its name counts.
    let command = ["plugin", "inspect", &copy.display().to_string()];
    let there = Setup::command(&command)?.set("ORCHESTRATOR_PLUGIN_DIR", folder.path().display());
    let ended = there.run()?;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert_lines(&ended, &["refused: it calls itself `transfer-limits`"]);
    Ok(())
}

#[test]
fn what_a_plugin_toml_says_and_is_not_so_is_noted() -> Result<()> {
    let shipped = std::fs::read(plugins()?.join("transfer-limits.wasm"))?;
    let said = "name = \"transfer-limits\"\nphase = \"decide\"\nversion = \"7.0.0\"\nworld = \"policies\"\n\
        capabilities = [\"accounts\"]\n";
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("transfer-limits.wasm");
    std::fs::write(&file, carrying(&shipped, said))?;
    let (report, code) = inspect_json(&file, &[])?;
    assert_eq!(code, 0, "{report}");
    let notes = [
        "plugin.toml says version = 7.0.0; of the component it is 0.1.0",
        "plugin.toml says capabilities = [accounts]; of the component it is [accounts, history]",
    ];
    assert_eq!(report["notes"], json!(notes), "{report}");
    assert_lines(&inspect(&file, &[])?, &notes);
    let (report, _) = inspect_json(&plugins()?.join("transfer-limits.wasm"), &[])?;
    assert_eq!(report["notes"], json!([]), "{report}");
    Ok(())
}

#[test]
fn a_shipped_plugin_is_shown_with_what_it_needs_what_it_takes_and_what_it_costs() -> Result<()> {
    let file = plugins()?.join("transfer-limits.wasm");
    let ended = inspect(&file, &[])?;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_lines(
        &ended,
        &[
            "plugin transfer-limits 0.1.0",
            "summary Limits, confirmation, PIN",
            &format!("sha-256 {}", digest(&file)?),
            "contract bank:voice@0.1.0",
            "world policies, phase decide",
            "bank:voice/accounts@0.1.0 needs grant `accounts`",
            "bank:voice/clock@0.1.0 always there",
            "bank:voice/policy@0.1.0",
            "intents none",
            "pin_above default \"250.00\"",
            "night_max no default",
            "instructions a transfer over the maximum is refused",
            "verdict would be taken with grants = [\"accounts\", \"history\"]",
        ],
    );
    // Columns begin at the same place, whatever stands in them.
    let needs: Vec<Option<usize>> = ended
        .stdout
        .lines()
        .filter(|line| line.contains("grant `") || line.contains("always there"))
        .map(|line| {
            line.find("needs grant")
                .or_else(|| line.find("always there"))
        })
        .collect();
    assert!(
        needs.len() >= 5 && needs.iter().all(|at| *at == needs[0]),
        "{needs:?}"
    );
    Ok(())
}

#[test]
fn every_shipped_plugin_passes_and_costs_the_same_every_time() -> Result<()> {
    for (name, phase) in [
        ("intent-router", "route"),
        ("transfer-limits", "decide"),
        ("banking-actions", "fulfil"),
        ("response-shaper", "shape"),
    ] {
        let file = plugins()?.join(format!("{name}.wasm"));
        let (report, code) = inspect_json(&file, &[])?;
        assert_eq!((code, &report["refused"]), (0, &Value::Null), "{report}");
        assert_eq!(report["name"], name);
        assert_eq!(report["phase"], phase);
        assert_eq!(report["phases"], json!([phase]));
        let tests = report["self_tests"].as_array().expect("a list");
        assert!(tests.len() >= 5, "{report}");
        for test in tests {
            assert!(test["failure"].is_null(), "{test}");
            assert!(
                test["instructions"].as_u64().expect("counted") > 100,
                "{test}"
            );
        }
        assert_eq!(inspect_json(&file, &["--phase", phase])?.0, report);
    }
    Ok(())
}

#[test]
fn a_failing_self_test_is_shown_and_is_the_verdict() -> Result<()> {
    let shipped = std::fs::read(plugins()?.join("response-shaper.wasm"))?;
    let text = "
        [[self-test]]
        name = 'goodbye is short'
        outcome = { outcome = 'ended' }
        expect = { text = 'Bye.' }
        [[self-test]]
        name = 'and ends the call'
        outcome = { outcome = 'ended' }
        expect = { next = { next = 'hang-up' } }
    ";
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("shaper.wasm");
    std::fs::write(&file, carrying(&shipped, text))?;
    let ended = inspect(&file, &[])?;
    assert_eq!(ended.code, Some(1));
    assert_lines(
        &ended,
        &[
            "goodbye is short: expected {\"text\":\"Bye.\"}, answered",
            "instructions and ends the call",
            "verdict refused: 1 of its 2 self-tests fail",
        ],
    );
    std::fs::write(&file, carrying(&shipped, "[[self-test]]\nnmae = 'x'"))?;
    let (report, code) = inspect_json(&file, &[])?;
    assert_eq!(code, 1);
    let refused = report["refused"].as_str().expect("refused");
    assert!(
        refused.contains("`nmae`, did you mean `name`?"),
        "{refused}"
    );
    Ok(())
}

#[test]
fn a_plugin_without_self_tests_is_counted_by_its_description() -> Result<()> {
    let (report, code) = inspect_json(&guests()?.join("bad-action.wasm"), &[])?;
    assert_eq!(code, 0, "{report}");
    assert_eq!(report["self_tests"], json!([]));
    assert!(report["describe_instructions"].as_u64().expect("counted") > 100);
    assert_eq!(report["grants"], json!(["accounts", "payments"]));
    let ended = inspect(&guests()?.join("bad-action.wasm"), &[])?;
    assert_lines(&ended, &["self-tests none", "describe", "instructions"]);
    Ok(())
}

#[test]
fn a_component_of_another_host_is_shown_as_far_as_it_goes_and_refused_by_name() -> Result<()> {
    let file = guests()?.join("wasi-import.wasm");
    let ended = inspect(&file, &[])?;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert_lines(
        &ended,
        &[
            "plugin wasi-import 0.1.0",
            "summary Phase decide: asks for something outside the contract",
            "world policies, phase decide",
            "wasi:cli/environment@0.2.0 not part of the contract: refused at load",
            "verdict refused: it imports `wasi:cli/environment@0.2.0`, which is not part of the contract bank:voice@0.1.0",
        ],
    );
    let (report, _) = inspect_json(&file, &[])?;
    let imports = report["imports"].as_array().expect("a list");
    let foreign = json!({"name": "wasi:cli/environment@0.2.0", "need": "another-host"});
    assert!(imports.contains(&foreign), "{report}");
    Ok(())
}

#[test]
fn a_phase_that_it_is_not_of_is_answered_as_at_load() -> Result<()> {
    let file = plugins()?.join("response-shaper.wasm");
    let (report, code) = inspect_json(&file, &["--phase", "decide"])?;
    let refused = report["refused"].as_str().expect("refused");
    assert_eq!(code, 1);
    assert!(
        refused.contains("does not export `bank:voice/policy@0.1.0`"),
        "{refused}"
    );
    let unknown = inspect(&file, &["--phase", "decied"])?;
    assert_eq!(unknown.code, Some(2));
    assert!(
        unknown.stderr.contains("route, decide, fulfil, shape"),
        "{unknown:?}"
    );
    Ok(())
}

#[test]
fn a_file_that_is_no_plugin_is_refused_with_the_reason() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let shipped = std::fs::read(plugins()?.join("transfer-limits.wasm"))?;
    let half = shipped.len() / 2;
    let cases: [(&str, &[u8], &str); 5] = [
        ("a text", b"a text", "not a valid WebAssembly component"),
        ("nothing", b"", "not a valid WebAssembly component"),
        ("a core module", b"\0asm\x01\0\0\0", "component"),
        (
            "cut short",
            &shipped[..half],
            "not a valid WebAssembly component",
        ),
        (
            "an empty component",
            b"\0asm\x0d\0\x01\0",
            "exports no phase of the contract",
        ),
    ];
    for (what, bytes, reason) in cases {
        let file = folder.path().join("file.wasm");
        std::fs::write(&file, bytes)?;
        let ended = inspect(&file, &[])?;
        assert_eq!(ended.code, Some(1), "{what}: {ended:?}");
        assert_lines(&ended, &["verdict refused: ", reason, "sha-256"]);
        assert!(
            !ended.stderr.contains("panicked"),
            "{what}: {}",
            ended.stderr
        );
    }
    let missing = inspect(Path::new("no-such.wasm"), &[])?;
    assert_eq!(missing.code, Some(1));
    assert!(
        missing.stderr.contains("cannot read no-such.wasm"),
        "{missing:?}"
    );
    Ok(())
}
