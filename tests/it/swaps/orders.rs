//! `orchestrator pipeline` as an operator types it, against a running host.
//!
//! What is printed is read as a person would; the host's own answers are tested elsewhere.

use anyhow::{Context as _, Result};

use super::LOW;
use super::bench::{Rules, active, active_other_than};
use crate::harness::{Ended, Host, Setup, free_port, query, service};

pub fn typed(host: &Host, arguments: &[&str]) -> Result<Ended> {
    let mut all = vec!["pipeline"];
    all.extend(arguments);
    host.setup.clone().with_arguments(&all).run()
}

#[track_caller]
pub fn assert_prints(ended: &Ended, words: &[&str]) {
    assert_eq!(ended.code, Some(0), "{ended:?}");
    for word in words {
        assert!(
            ended.stdout.contains(word),
            "`{word}` is not in\n{}",
            ended.stdout
        );
    }
}

#[tokio::test]
async fn an_operator_sees_compares_activates_and_rolls_back_from_the_command_line() -> Result<()> {
    let rules = Rules::new()?;
    let host = rules.setup.start().await?;
    let first = active(&host).await?;
    assert_prints(
        &typed(&host, &["status"])?,
        &[&first, "transfer-limits", "halted     nothing"],
    );
    rules.save(&super::LOW)?;
    let second = active_other_than(&host, &first).await?;
    let diff = typed(&host, &["diff", &first, &second])?;
    assert_prints(
        &diff,
        &["decide transfer-limits settings.transfer_max: \"10000.00\" -> \"50.00\""],
    );
    assert_eq!(diff.stdout.lines().count(), 1, "{diff:?}");
    let activated = typed(&host, &["activate", &first, "--reason", "too low", "--now"])?;
    assert_prints(&activated, &[&first, &second]);
    assert_eq!(active(&host).await?, first);
    let again = typed(&host, &["activate", &first, "--reason", "again"])?;
    assert_prints(&again, &["already", "nothing changed"]);
    let other = typed(
        &host,
        &["rollback", "--of", &second, "--reason", "all clear"],
    )?;
    assert_eq!(other.code, Some(1), "{other:?}");
    let words = format!("`{second}` is not active");
    assert!(other.stderr.contains(&words), "{other:?}");
    let rollback = typed(&host, &["rollback", "--reason", "all clear"])?;
    assert_prints(&rollback, &[&second]);
    assert_eq!(active(&host).await?, second);
    let history = typed(&host, &["history"])?;
    assert_prints(
        &history,
        &["too low", "(live calls too)", "rollback", "retired"],
    );
    let cut = typed(&host, &["history", "--limit", "1"])?;
    let older = "there are older ones; `--limit N` shows more rows";
    assert_prints(&cut, &[older, &format!("{first}: all clear")]);
    assert!(!history.stdout.contains("older ones"), "{history:?}");
    let json = typed(&host, &["status", "--json"])?;
    let json: serde_json::Value = serde_json::from_str(&json.stdout)?;
    assert_eq!(json["active"]["revision"], second.as_str());

    // The files still hold what is taken back: they are not what is active, and nobody has to read to know.
    assert_prints(&typed(&host, &["reload"])?, &["unchanged"]);
    typed(&host, &["rollback", "--reason", "it was right"])?;
    let other = typed(&host, &["reload"])?;
    assert_eq!(other.code, Some(1), "{other:?}");
    assert!(
        other.stdout.contains("not active: rolled back"),
        "{other:?}"
    );
    let answer = super::order(&host, "reload", serde_json::json!({})).await?;
    assert_eq!(answer["active"], serde_json::json!(false), "{answer}");
    Ok(())
}

#[tokio::test]
async fn a_revision_is_named_by_its_first_digits_where_no_other_begins_so() -> Result<()> {
    let rules = Rules::new()?;
    let host = rules.setup.start().await?;
    let first = active(&host).await?;
    rules.save(&super::LOW)?;
    let second = active_other_than(&host, &first).await?;
    let (whole, digits) = (&first[..9], &first[2..9]);
    let diff = typed(&host, &["diff", "active", digits])?;
    assert_prints(&diff, &["\"50.00\" -> \"10000.00\""]);
    let activated = typed(&host, &["activate", whole, "--reason", "too low"])?;
    assert_prints(&activated, &[&format!("{first} instead of {second}")]);
    let history = typed(&host, &["history"])?;
    assert_prints(
        &history,
        &[&format!("{first} instead of {second}  operator")],
    );
    let back = ["rollback", "--of", digits, "--reason", "it was right"];
    assert_prints(&typed(&host, &back)?, &[&second]);

    let Some(python) = service(
        "ORCHESTRATOR_TEST_PYTHON",
        "a second revision that begins so",
    ) else {
        return Ok(());
    };
    let twin = format!("{whole}zzz");
    let statement = format!(
        "INSERT INTO revisions SELECT '{twin}', manifest, state, reason, created_at_ms FROM revisions WHERE id = '{first}'"
    );
    query(&python, &rules.setup, &statement)?;
    let either = typed(&host, &["activate", whole, "--reason", "which?"])?;
    assert_eq!(either.code, Some(1), "{either:?}");
    for words in ["several revisions begin with", &first, &twin] {
        assert!(either.stderr.contains(words), "{words}: {either:?}");
    }
    assert_eq!(active(&host).await?, second);
    Ok(())
}

#[tokio::test]
async fn an_operator_halts_resumes_and_reloads_from_the_command_line() -> Result<()> {
    let rules = Rules::new()?;
    let host = rules.setup.start().await?;
    let halted = typed(&host, &["halt", "transfers", "--reason", "fraud"])?;
    assert_prints(&halted, &["HALTED     transfers", "fraud"]);
    assert_eq!(super::new_call(&host).await?, "transfers_halted");
    let resumed = typed(&host, &["resume", "transfers", "--reason", "over"])?;
    assert_prints(&resumed, &["halted     nothing"]);
    let plugin = ["halt", "plugin", "response-shaper", "--reason", "odd words"];
    assert_prints(
        &typed(&host, &plugin)?,
        &["HALTED     plugin response-shaper"],
    );
    let metrics = host.get("/metrics").await?.text;
    assert!(metrics.contains("\npipeline_halts 1"), "{metrics}");
    // What was never halted, or is not any more, is not resumed, and nothing is kept of it.
    typed(&host, &["resume", "transfers", "--reason", "again"])?;
    let history = typed(&host, &["history"])?;
    assert_eq!(history.stdout.matches("resumed").count(), 1, "{history:?}");
    assert_prints(&typed(&host, &["reload"])?, &["files"]);
    rules.write("[[stage")?;
    let reloaded = typed(&host, &["reload"])?;
    assert_eq!(reloaded.code, Some(1), "{reloaded:?}");
    assert!(
        reloaded.stdout.contains("failed") && reloaded.stdout.contains("line 1"),
        "{reloaded:?}"
    );
    Ok(())
}

#[tokio::test]
async fn an_order_that_cannot_be_followed_says_why() -> Result<()> {
    let rules = Rules::new()?;
    let host = rules.setup.start().await?;
    for (arguments, words) in [
        (
            ["activate", "r-none", "--reason", "x"].as_slice(),
            "no revision `r-none`",
        ),
        (&["rollback", "--reason", "x"], "no revision before"),
        (
            &["halt", "plugin", "shaper", "--reason", "x"],
            "intent-router",
        ),
        (&["diff", "a/b", "c"], "no id of a revision"),
    ] {
        let refused = typed(&host, arguments)?;
        assert_eq!(refused.code, Some(1), "{refused:?}");
        assert!(refused.stderr.contains(words), "{words}: {refused:?}");
    }
    let missing = typed(&host, &["activate", "r-1"])?;
    assert!(missing.stderr.contains("--reason"), "{missing:?}");
    let nobody = Setup::command(&["pipeline", "status"])?
        .set("ORCHESTRATOR_PORT", free_port())
        .run()?;
    assert_eq!(nobody.code, Some(1));
    assert!(nobody.stderr.contains("no host listens"), "{nobody:?}");
    let port = host.setup.clone();
    let named = host.url.rsplit_once(':').context("a port")?.1.to_owned();
    let elsewhere = port
        .set("ORCHESTRATOR_PORT", free_port())
        .with_arguments(&[
            "pipeline",
            "status",
            "--url",
            &format!("http://127.0.0.1:{named}"),
        ])
        .run()?;
    assert_prints(&elsewhere, &["active     r-"]);
    Ok(())
}

#[tokio::test]
async fn a_check_tells_what_a_sandbox_makes_of_the_files_and_which_stage_outlasts_the_turn()
-> Result<()> {
    let rules = Rules::new()?;
    let text = rules.text()?;
    let named = "plugin = \"response-shaper\"";
    rules.write(&text.replace(
        named,
        &format!("{named}\nlimits = {{ deadline_ms = 60000 }}"),
    ))?;
    let check = |arguments: &[&str]| {
        let ended = rules.setup.clone().with_arguments(arguments).run()?;
        let plugins = ended.stdout.lines().find(|line| line.contains("plugins: "));
        Ok::<_, anyhow::Error>(plugins.context("a verdict")?.to_owned())
    };
    let (here, there) = (check(&["check", "--sandbox"])?, check(&["check"])?);
    let id = |line: &str| {
        let (_, named) = line.split_once("revision ").context("a revision")?;
        let id = named.split_whitespace().next().context("an id")?;
        anyhow::Ok(id.to_owned())
    };
    let (of_a_sandbox, outside) = (id(&here)?, id(&there)?);
    let note = "`deadline_ms` = 60000, but a turn ends after 4500 ms";
    for (line, words) in [
        (
            &here,
            format!(
                "outside a sandbox these files make {outside}, since [stage.sandbox] replaces transfer-limits "
            ),
        ),
        (
            &there,
            format!("in a sandbox these files make {of_a_sandbox}, since"),
        ),
    ] {
        assert!(
            line.contains(&words) && line.contains(note),
            "{words}: {line}"
        );
    }
    let host = rules.setup.start().await?;
    assert!(host.log().contains(note), "{}", host.log());
    assert_prints(&typed(&host, &["status"])?, &[note]);
    Ok(())
}

#[tokio::test]
async fn a_check_names_what_a_router_can_want_and_no_action_does() -> Result<()> {
    let rules = Rules::new()?;
    let text = rules.text()?;
    let is_of_actions = |stage: &&str| stage.contains("plugin = \"banking-actions\"");
    let action = text.split("[[stage]]").find(is_of_actions);
    let action = action.context("the action's stage")?;
    let none = text.replacen(&format!("[[stage]]{action}"), "", 1);
    rules.write(&format!("without = [\"fulfil\"]\n{none}"))?;
    let ended = rules.setup.clone().with_arguments(&["check"]).run()?;
    let note = "plugin `intent-router` names `balance`, `accounts`, ";
    assert!(
        ended.stdout.contains(note) && ended.stdout.contains("which no action fulfils"),
        "{}",
        ended.stdout
    );
    rules.write(&text)?;
    let whole = rules.setup.clone().with_arguments(&["check"]).run()?;
    assert!(!whole.stdout.contains("no action"), "{}", whole.stdout);
    Ok(())
}

#[tokio::test]
async fn what_was_rolled_back_is_named_when_another_change_brings_it_back() -> Result<()> {
    let rules = Rules::new()?;
    let host = rules.setup.start().await?;
    let first = active(&host).await?;
    rules.save(&LOW)?;
    active_other_than(&host, &first).await?;
    assert_prints(
        &typed(&host, &["rollback", "--reason", "too low"])?,
        &[&first],
    );
    // The file still has the low limit; somebody else changes another.
    rules.save(&[("pin_above", "\"200.00\"")])?;
    active_other_than(&host, &first).await?;
    let brought = "BROUGHT BACK what was rolled back: decide transfer-limits settings.transfer_max";
    assert_prints(&typed(&host, &["status"])?, &[brought]);
    assert_prints(&typed(&host, &["history"])?, &[brought]);
    Ok(())
}
