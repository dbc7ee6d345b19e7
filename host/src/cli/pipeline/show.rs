//! The host's answers as text for people: aligned, one thing a line, reasons in full.
//!
//! Pure: from JSON to text.

mod history;

use std::fmt::Write as _;

use serde_json::Value;

pub(super) use history::history;

/// Hex digits of a digest that are enough to tell files apart.
const DIGEST_SHOWN: usize = 12;

/// `pipeline status`.
pub(super) fn status(answer: &Value) -> String {
    let active = &answer["active"];
    let mut text = format!(
        "active     {}  activation {}, since {}\n           by {} ({}): {}\n           {}\n",
        plain(&active["revision"]),
        active["activation"],
        moment(&active["since_ms"]),
        plain(&active["who"]),
        plain(&active["by"]),
        plain(&active["why"]),
        match plain(&active["pin"]) {
            "turn" => "a call takes what is active at each turn: pin = turn",
            _ => "a call keeps it until it ends: pin = call",
        },
    );
    if let Some(before) = taken_back(&active["taken_back"]) {
        line(
            &mut text,
            &format!("           TAKEN BACK before, {before}"),
        );
    }
    for stage in list(&active["stages"]) {
        stage_lines(&mut text, stage);
    }
    pinned(&mut text, answer);
    let loaded = list(&answer["loaded"]).iter();
    let loaded: Vec<&str> = loaded.map(|one| plain(&one["revision"])).collect();
    line(
        &mut text,
        &format!("loaded     {} on this host", loaded.join(", ")),
    );
    if !answer["candidate"].is_null() {
        line(&mut text, &candidate(&answer["candidate"]));
    }
    if let Some(file) = answer["waits_for"].as_str() {
        line(
            &mut text,
            &format!("waits      {file} is being written; it counts once it is closed"),
        );
    }
    for file in list(&answer["ignored"]) {
        let (name, why) = (plain(&file["file"]), plain(&file["why"]));
        line(&mut text, &format!("ignored    {name}: {why}"));
    }
    if let Some(why) = answer["behind"].as_str() {
        line(
            &mut text,
            &format!("BEHIND     this host does not follow: {why}"),
        );
    }
    text.push_str(&halts(answer));
    text
}

/// What it is, what of it counts for less than it says, and how it fares.
fn stage_lines(text: &mut String, stage: &Value) {
    let component = stage["component"].as_str();
    line(
        text,
        &format!(
            "stage      {:7} {:20} {:10} {}  grants: {}{}{}",
            plain(&stage["phase"]),
            plain(&stage["plugin"]),
            plain(&stage["version"]),
            digest(&stage["digest"]),
            joined(&stage["grants"]),
            unused(&stage["unused_grants"]),
            component.map_or_else(String::new, |it| format!(", is plugin {it}")),
        ),
    );
    // Of grants the line itself tells.
    let notes = list(&stage["notes"]).iter().filter_map(Value::as_str);
    for note in notes.filter(|note| !note.contains("does not import")) {
        line(text, &format!("           {note}"));
    }
    let turns = &stage["turns"];
    if turns["failed"].as_u64() > Some(0) {
        line(
            text,
            &format!(
                "           FAILED {} of {} here since it was made active; last: {}, {}",
                turns["failed"],
                counted(turns["asked"].as_u64().unwrap_or_default(), "turn"),
                plain(&turns["last"]["kind"]),
                moment(&turns["last"]["at_ms"]),
            ),
        );
    }
}

/// The live calls of all hosts by their rules, and what becomes of those that are not on the active ones.
fn pinned(text: &mut String, answer: &Value) {
    let now = plain(&answer["active"]["revision"]);
    if answer["pinned"].is_null() {
        line(
            text,
            "calls      the database cannot be asked to which rules they are pinned",
        );
    }
    for pinned in list(&answer["pinned"]) {
        let revision = plain(&pinned["revision"]);
        let number = |key: &str| pinned[key].as_u64().unwrap_or_default();
        let (calls, moving) = (number("calls"), number("moving"));
        let mut said = format!(
            "calls      {revision}  {} pinned",
            counted(calls, "live call")
        );
        if moving > 0 {
            let (to, take) = (plain(&pinned["moving_to"]), verb(moving, "take"));
            let _ = write!(said, "; {moving} {take} {to} at the next turn");
        }
        if revision != now && calls > moving {
            let them = if moving > 0 { "the others" } else { "them" };
            let _ = write!(
                said,
                "; `orchestrator pipeline activate {now} --now --reason ...` moves {them}"
            );
        }
        line(text, &said);
    }
}

/// What the files held.
pub(super) fn candidate(candidate: &Value) -> String {
    let revision = candidate["revision"].as_str().unwrap_or("no revision");
    let verdict = plain(&candidate["verdict"]);
    let at = moment(&candidate["at_ms"]);
    // A watching host may have been faster than whoever asks it to look.
    let is_active = candidate["active"] == Value::Bool(true) && verdict == "unchanged";
    let active = if is_active {
        ": they are active already"
    } else {
        ""
    };
    let mut text = format!("files      {revision}  {verdict}{active}, looked at {at}");
    if let Some(reason) = candidate["reason"].as_str() {
        let _ = write!(
            text,
            "\n           {}",
            reason.trim_end().replace('\n', "\n           ")
        );
    }
    for stage in list(&candidate["replaced"]) {
        let stage = plain(stage);
        let _ = write!(
            text,
            "\n           sandbox: [stage.sandbox] stands in for {stage}; what production takes there is checked only"
        );
    }
    text
}

/// What is halted.
pub(super) fn halts(answer: &Value) -> String {
    let halts = list(&answer["halts"]);
    if halts.is_empty() {
        return "halted     nothing".to_owned();
    }
    let each: Vec<String> = halts.iter().map(halt).collect();
    each.join("\n")
}

fn halt(halt: &Value) -> String {
    let name = match halt["name"].as_str() {
        Some(name) if !name.is_empty() => format!(" {name}"),
        _ => String::new(),
    };
    format!(
        "{:10} {}{name}, {} by {}: {}",
        if halt["halted"] == Value::Bool(true) {
            "HALTED"
        } else {
            "resumed"
        },
        plain(&halt["what"]),
        moment(&halt["at_ms"]),
        plain(&halt["who"]),
        plain(&halt["why"]),
    )
}

/// When and why a rollback took it back.
fn taken_back(before: &Value) -> Option<String> {
    let why = first_line(before["why"].as_str()?);
    Some(format!("{}: {why}", moment(&before["at_ms"])))
}

/// `pipeline diff`.
pub(super) fn diff(answer: &Value) -> String {
    let differences = list(answer);
    if differences.is_empty() {
        return "no difference".to_owned();
    }
    let each: Vec<String> = differences
        .iter()
        .map(|one| {
            if one["from"].is_null() && one["to"].is_null() {
                return plain(&one["what"]).to_owned();
            }
            let (from, to) = (value(&one["from"]), value(&one["to"]));
            format!("{}: {from} -> {to}", plain(&one["what"]))
        })
        .collect();
    each.join("\n")
}

/// `pipeline activate` and `rollback`.
pub(super) fn changed(answer: &Value) -> String {
    let took_us = answer["took_micros"].as_u64().unwrap_or_default();
    let (revision, replaced) = (plain(&answer["revision"]), plain(&answer["replaced"]));
    let activation = &answer["activation"];
    if revision == replaced && took_us == 0 {
        return format!("active     {revision} already, activation {activation}: nothing changed");
    }
    let instead = if revision == replaced {
        "as before".to_owned()
    } else {
        format!("instead of {replaced}")
    };
    let mut text = format!(
        "active     {revision} {instead}, activation {activation}, {}.{:03} ms",
        took_us / 1_000,
        took_us % 1_000,
    );
    match answer["calls_moved"].as_u64() {
        Some(calls) if calls > 0 => {
            let take = verb(calls, "take");
            let calls = counted(calls, "live call");
            let _ = write!(text, "\n           {calls} {take} it at the next turn");
        }
        Some(_) if answer["now"] == Value::Bool(true) => {
            text.push_str(match answer["calls_kept"].as_u64() {
                Some(kept) if kept > 0 => "\n           no live call is on what was taken back",
                _ => "\n           no live call is on other rules",
            });
        }
        Some(_) => {}
        None => text.push_str("\n           the live calls could not be counted"),
    }
    if let Some(calls) = answer["calls_kept"].as_u64().filter(|calls| *calls > 0) {
        let (keep, begin) = (verb(calls, "keep"), if calls == 1 { "it" } else { "they" });
        let calls = counted(calls, "live call");
        let _ = write!(
            text,
            "\n           {calls} {keep} the rules {begin} began with; \
             `orchestrator pipeline activate {revision} --now --reason ...` moves them"
        );
    }
    text
}

/// `1 call`, `2 calls`.
fn counted(number: u64, thing: &str) -> String {
    let s = if number == 1 { "" } else { "s" };
    format!("{number} {thing}{s}")
}

/// `1 keeps`, `2 keep`.
fn verb(number: u64, verb: &str) -> String {
    let s = if number == 1 { "s" } else { "" };
    format!("{verb}{s}")
}

fn line(text: &mut String, line: &str) {
    text.push_str(line.trim_end());
    text.push('\n');
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn plain(value: &Value) -> &str {
    value.as_str().unwrap_or("-")
}

fn value(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::String(text) if text.len() == 64 => text[..DIGEST_SHOWN].to_owned(),
        other => other.to_string(),
    }
}

fn digest(value: &Value) -> &str {
    let digest = plain(value);
    digest.get(..DIGEST_SHOWN).unwrap_or(digest)
}

fn joined(value: &Value) -> String {
    let names: Vec<&str> = list(value).iter().filter_map(Value::as_str).collect();
    if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    }
}

fn unused(grants: &Value) -> String {
    if list(grants).is_empty() {
        return String::new();
    }
    format!(" (not used: {})", joined(grants))
}

fn moment(value: &Value) -> String {
    let at = value
        .as_i64()
        .and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
    match at {
        Some(at) => at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
        None => "-".to_owned(),
    }
}

#[cfg(test)]
mod tests;
