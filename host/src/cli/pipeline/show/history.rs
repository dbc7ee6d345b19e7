//! What was before, list by list: activations, revisions, what was taken back, what folders offered, halts.
//!
//! Pure, as all that is shown.

use serde_json::Value;

use super::{first_line, halt, joined, line, list, moment, plain};

/// `pipeline history`.
pub(in crate::cli::pipeline) fn history(answer: &Value) -> String {
    let mut text = String::new();
    let of = |name: &str| list(&answer[name]);
    let now = of("activations").first().unwrap_or(&Value::Null);
    for (title, lines, cut) in [
        (
            "Activations",
            of("activations").iter().map(activation).collect(),
            "activations",
        ),
        (
            "Revisions",
            of("revisions").iter().map(revision).collect(),
            "revisions",
        ),
        (
            "Taken back",
            of("taken_back")
                .iter()
                .map(|one| rejection(one, now))
                .collect(),
            "taken_back",
        ),
        (
            "What folders offered",
            of("proposals").iter().map(proposal).collect(),
            "proposals",
        ),
        (
            "Halts",
            of("halts")
                .iter()
                .map(|one| format!("        {}", halt(one)))
                .collect::<Vec<String>>(),
            "halts",
        ),
    ] {
        line(&mut text, &format!("{title}, newest first"));
        for one in lines {
            line(&mut text, &one);
        }
        if of("cut").iter().any(|name| name == cut) {
            line(
                &mut text,
                "        … there are older ones; `--limit N` shows more rows",
            );
        }
        text.push('\n');
    }
    text.trim_end().to_owned()
}

fn activation(one: &Value) -> String {
    let takes_back = joined(&one["takes_back"]);
    let repins = match (one["repins"] == Value::Bool(true), plain(&one["by"])) {
        (true, "rollback") => format!(" (and the live calls on {takes_back})"),
        (true, _) => " (live calls too)".to_owned(),
        (false, _) => String::new(),
    };
    let replaces = match one["replaces"].as_str() {
        Some(before) if one["revision"] != before => format!(" instead of {before}"),
        _ => String::new(),
    };
    format!(
        "{:>6}  {}  {}{replaces}  {}{repins} by {}: {}",
        one["number"].to_string(),
        moment(&one["at_ms"]),
        plain(&one["revision"]),
        plain(&one["by"]),
        plain(&one["who"]),
        plain(&one["why"]),
    )
}

fn revision(one: &Value) -> String {
    let (id, state) = (plain(&one["id"]), plain(&one["state"]));
    let (at, why) = (moment(&one["created_at_ms"]), reason(one));
    format!("        {at}  {id}  {state}{why}")
}

/// `now`: the newest activation, which may have brought it back.
fn rejection(one: &Value, now: &Value) -> String {
    let (at, revision) = (moment(&one["at_ms"]), plain(&one["revision"]));
    let why = first_line(plain(&one["reason"]));
    let again = if one["revision"] == now["revision"] {
        let (number, since) = (&now["number"], moment(&now["at_ms"]));
        format!("; ACTIVE again by activation {number}, since {since}")
    } else {
        String::new()
    };
    format!("        {at}  {revision}: {why}{again}")
}

fn proposal(one: &Value) -> String {
    format!(
        "        {}  {:14}  {}{}, folder {}",
        moment(&one["at_ms"]),
        one["revision"].as_str().unwrap_or("no revision"),
        plain(&one["verdict"]),
        reason(one),
        plain(&one["folder"]),
    )
}

fn reason(one: &Value) -> String {
    let why = one["reason"].as_str();
    why.map_or_else(String::new, |why| format!(": {}", first_line(why)))
}
