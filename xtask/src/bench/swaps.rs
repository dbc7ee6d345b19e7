//! How long a change of rules takes until it decides, and how soon a rule that does not end is stopped: seen from outside.
//!
//! The clock starts when a file is renamed over its predecessor and stops when the host names another active revision.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::bench::caller;
use crate::bench::figures::Figures;
use crate::bench::http::Connection;
use crate::bench::page::{self, Around, Goal, Timing};
use crate::bench::scene::{Scene, active, wait_for_another};
use crate::bench::storm;
use crate::plugins;
use crate::workspace::Workspace;

const SAMPLES: u32 = 30;
/// Of fewer, the hundredth part would be the worst one alone.
const LOOPS: u32 = 400;
const DEADLINE: Duration = Duration::from_millis(50);
const HEAD: &str = "\
# Rules are swapped while calls go on

Seen from outside a release host in sandbox mode. \"Saved to serving\" begins when a file is renamed over its predecessor and ends when
`GET /admin/pipeline` names another active revision. A new component has the same code and another digest, so it is checked, compiled in
a child process and put through its self-tests. The storm saves a setting fifty times a second while one connection asks for balances.
A stage's overrun is what its decision record says beyond the 50 ms that it was granted.
";
/// A policy that never ends when its caller asks for that.
const ENDLESS_STAGE: &str = r#"
[[stage]]
phase = "decide"
plugin = "bad-policy"
[stage.limits]
deadline_ms = 50
"#;

/// Measures all, prints, and writes the page.
pub fn run(workspace: &Workspace, results: &Path) -> Result<()> {
    let scene = Scene::new(workspace, &[workspace.plugins().join("dist")], "")?;
    let host = scene.host(workspace)?;
    let mut connection = Connection::open(host.address)?;
    let connection = &mut connection;
    let saved = |name: &str, most_ms, figures| Timing {
        name: format!("{name}, saved to serving"),
        figures,
        goal: Goal::median(most_ms),
    };
    let new = saved_to_serving(connection, |number| scene.save_component(number))?;
    let known = saved_to_serving(connection, |number| scene.save_component(number % 2))?;
    let setting = saved_to_serving(connection, |number| scene.save_setting(number + 1))?;
    let mut lines = vec![
        saved("a new component", 500.0, new),
        saved("a component compiled before", 30.0, known),
        saved("a changed setting", 30.0, setting),
    ];
    lines.extend(rollbacks(&scene, connection)?);
    let storm = storm::run(&scene, host.address)?;
    lines.extend(storm.lines);
    drop(host);
    lines.push(loops(workspace)?);
    let around = Around {
        head: HEAD,
        notes: &storm.note,
        bench: "swaps",
    };
    let page = page::markdown(&lines, &around);
    println!("\n{page}");
    std::fs::create_dir_all(results).context("the results' folder cannot be made")?;
    std::fs::write(results.join("swaps.md"), page).context("swaps.md cannot be written")
}

fn saved_to_serving(
    connection: &mut Connection,
    save: impl Fn(u32) -> Result<Instant>,
) -> Result<Figures> {
    let mut figures = Figures::default();
    // The first makes known what later ones come back to.
    for number in 0..SAMPLES + 2 {
        let before = active(connection)?;
        let saved = save(number)?;
        let serving = wait_for_another(connection, &before)?;
        if number >= 2 {
            figures.add(serving - saved);
        }
    }
    Ok(figures)
}

/// Each undoes a change made before it; at the socket, and as the host tells it.
fn rollbacks(scene: &Scene, connection: &mut Connection) -> Result<[Timing; 2]> {
    let (mut socket, mut own) = (Figures::default(), Figures::default());
    for number in 0..SAMPLES {
        let before = active(connection)?;
        scene.save_setting(1_000 + number)?;
        wait_for_another(connection, &before)?;
        let body = json!({ "reason": "bench" }).to_string();
        let answer = connection.post("/admin/pipeline/rollback", &[], &body)?;
        let told = serde_json::from_str::<Value>(&answer.body).unwrap_or_default();
        let Some(took_micros) = told["took_micros"].as_u64() else {
            bail!("rollback was answered {}: {}", answer.status, answer.body);
        };
        socket.add(answer.took);
        own.add(Duration::from_micros(took_micros));
    }
    let line = |name: &str, figures| Timing {
        name: format!("rollback, {name}"),
        figures,
        goal: Goal::median(5.0),
    };
    Ok([
        line("at the socket", socket),
        line("as the host tells it", own),
    ])
}

/// How far past its deadline a stage ran, as its decision record tells it.
fn loops(workspace: &Workspace) -> Result<Timing> {
    let guests = workspace.guests();
    plugins::build(workspace, &guests)?;
    let folders = [workspace.plugins().join("dist"), guests.join("dist")];
    let scene = Scene::new(workspace, &folders, ENDLESS_STAGE)?;
    let host = scene.host(workspace)?;
    let mut connection = Connection::open(host.address)?;
    let mut figures = Figures::default();
    for number in 0..LOOPS {
        let call_id = format!("call_loop_{number}");
        let arguments = json!({ "account_id": "checking_1", "fault": "bad-policy:endless_loop" });
        caller::ask(&mut connection, &call_id, &arguments)?;
        let ran = stage_micros(&mut connection, &call_id)?;
        figures.add(Duration::from_micros(ran).saturating_sub(DEADLINE));
    }
    Ok(Timing {
        name: "an endless loop, beyond its deadline".to_owned(),
        figures,
        goal: Goal::p99(5.0, "p99 ≤ 5 ms".to_owned()),
    })
}

fn stage_micros(connection: &mut Connection, call_id: &str) -> Result<u64> {
    let mut read = |path: &str| -> Result<Value> {
        let answer = connection.get(path)?;
        serde_json::from_str(&answer.body)
            .with_context(|| format!("{path} was answered {}: {}", answer.status, answer.body))
    };
    let listed = read(&format!("/admin/decisions?call_id={call_id}"))?;
    let id = listed["decisions"][0]["id"]
        .as_str()
        .with_context(|| format!("{call_id} has no decision"))?;
    let record = read(&format!("/admin/decisions/{id}"))?;
    let stages = record["stages"]
        .as_array()
        .context("a decision without stages")?;
    let stage = stages
        .iter()
        .find(|stage| stage["plugin"] == "bad-policy")
        .context("bad-policy was not asked")?;
    if !stage["failure"]
        .as_str()
        .unwrap_or_default()
        .contains("deadline")
    {
        bail!("the loop did not end by its deadline: {stage}");
    }
    stage["micros"].as_u64().context("a stage without its time")
}
