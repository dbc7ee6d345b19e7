//! The host's answers as text for people: aligned, one thing a line, reasons in full.
//!
//! Pure: from JSON to text.

use std::fmt::Write as _;

use serde_json::Value;

/// Hex digits of a digest that are enough to tell files apart.
const DIGEST_SHOWN: usize = 12;

/// `pipeline status`.
pub(super) fn status(answer: &Value) -> String {
    let active = &answer["active"];
    let mut text = format!(
        "active     {}  activation {}, since {}\n           by {} ({}): {}\n           calls keep it: pin = {}\n",
        plain(&active["revision"]),
        active["activation"],
        moment(&active["since_ms"]),
        plain(&active["who"]),
        plain(&active["by"]),
        plain(&active["why"]),
        plain(&active["pin"]),
    );
    for stage in list(&active["stages"]) {
        line(
            &mut text,
            &format!(
                "stage      {:7} {:20} {:10} {}  grants: {}{}",
                plain(&stage["phase"]),
                plain(&stage["plugin"]),
                plain(&stage["version"]),
                digest(&stage["digest"]),
                joined(&stage["grants"]),
                unused(&stage["unused_grants"]),
            ),
        );
    }
    for loaded in list(&answer["loaded"]) {
        let (revision, calls) = (plain(&loaded["revision"]), &loaded["calls"]);
        let now = plain(&active["revision"]);
        let mover = if revision != now && calls.as_u64() > Some(0) {
            format!("; `orchestrator pipeline activate {now} --now --reason ...` moves them")
        } else {
            String::new()
        };
        line(
            &mut text,
            &format!("loaded     {revision}  {calls} calls pinned here{mover}"),
        );
    }
    if !answer["candidate"].is_null() {
        line(&mut text, &candidate(&answer["candidate"]));
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

/// What the files held.
pub(super) fn candidate(candidate: &Value) -> String {
    let revision = candidate["revision"].as_str().unwrap_or("no revision");
    let verdict = plain(&candidate["verdict"]);
    let at = moment(&candidate["at_ms"]);
    let mut text = format!("files      {revision}  {verdict}, looked at {at}");
    if let Some(reason) = candidate["reason"].as_str() {
        let _ = write!(
            text,
            "\n           {}",
            reason.trim_end().replace('\n', "\n           ")
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

/// `pipeline history`.
pub(super) fn history(answer: &Value) -> String {
    let mut text = "Activations, newest first\n".to_owned();
    for one in list(&answer["activations"]) {
        let repins = if one["repins"] == Value::Bool(true) {
            " (live calls too)"
        } else {
            ""
        };
        line(
            &mut text,
            &format!(
                "{:>6}  {}  {}  {}{repins} by {}: {}",
                one["number"].to_string(),
                moment(&one["at_ms"]),
                plain(&one["revision"]),
                plain(&one["by"]),
                plain(&one["who"]),
                plain(&one["why"]),
            ),
        );
    }
    text.push_str("\nRevisions, newest first\n");
    for one in list(&answer["revisions"]) {
        let (id, state) = (plain(&one["id"]), plain(&one["state"]));
        let at = moment(&one["created_at_ms"]);
        let reason = one["reason"]
            .as_str()
            .map(|why| format!(": {}", first_line(why)));
        let reason = reason.unwrap_or_default();
        line(&mut text, &format!("        {at}  {id}  {state}{reason}"));
    }
    let is_of_a_folder = |one: &&Value| one["folder"] != "";
    let (offered, taken_back): (Vec<_>, Vec<_>) =
        list(&answer["proposals"]).iter().partition(is_of_a_folder);
    text.push_str("\nTaken back, newest first\n");
    for one in taken_back {
        let (at, revision) = (moment(&one["at_ms"]), plain(&one["revision"]));
        let why = first_line(plain(&one["reason"]));
        line(&mut text, &format!("        {at}  {revision}: {why}"));
    }
    text.push_str("\nWhat folders offered, newest first\n");
    for one in offered {
        let reason = one["reason"]
            .as_str()
            .map(|why| format!(": {}", first_line(why)));
        line(
            &mut text,
            &format!(
                "        {}  {:14}  {}{}, folder {}",
                moment(&one["at_ms"]),
                one["revision"].as_str().unwrap_or("no revision"),
                plain(&one["verdict"]),
                reason.unwrap_or_default(),
                plain(&one["folder"]),
            ),
        );
    }
    text.push_str("\nHalts, newest first\n");
    for one in list(&answer["halts"]) {
        line(&mut text, &format!("        {}", halt(one)));
    }
    text.trim_end().to_owned()
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
    let mut text = format!(
        "active     {revision} instead of {replaced}, activation {activation}, {}.{:03} ms",
        took_us / 1_000,
        took_us % 1_000,
    );
    if let Some(calls) = answer["calls_kept"].as_u64().filter(|calls| *calls > 0) {
        let _ = write!(
            text,
            "\n           {calls} calls on this host keep {replaced} until they end; \
             `orchestrator pipeline activate {revision} --now --reason ...` moves them"
        );
    }
    text
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
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_status_shows_what_is_active_refused_ignored_and_halted() {
        let text = status(&json!({
            "active": {"revision": "r-1", "activation": 7, "since_ms": 0, "by": "operator", "who": "ann@host", "why": "fraud",
                "pin": "call", "stages": [{"phase": "decide", "plugin": "limits", "version": "0.1.0", "digest": "0123456789abcdef",
                "grants": ["accounts", "history"], "unused_grants": ["history"]}]},
            "loaded": [{"revision": "r-1", "calls": 3}, {"revision": "r-0", "calls": 2}],
            "candidate": {"revision": null, "verdict": "failed", "reason": "line 3\nkey", "at_ms": 0},
            "ignored": [{"file": "x.txt", "why": "no plugin"}],
            "halts": [{"what": "plugin", "name": "limits", "halted": true, "who": "bob", "why": "wrong", "at_ms": 0}],
            "behind": null,
        }));
        for words in [
            "active     r-1  activation 7, since 1970-01-01 00:00:00 UTC",
            "by ann@host (operator): fraud",
            "0123456789ab  grants: accounts, history (not used: history)\n",
            "3 calls pinned here\n",
            "r-0  2 calls pinned here; `orchestrator pipeline activate r-1 --now --reason ...` moves them",
            "no revision  failed",
            "           key",
            "ignored    x.txt: no plugin",
            "HALTED     plugin limits, 1970-01-01 00:00:00 UTC by bob: wrong",
        ] {
            assert!(text.contains(words), "{words} is not in\n{text}");
        }
    }

    #[test]
    fn a_difference_is_a_line() {
        let text = diff(&json!([{"what": "decide limits settings.max", "from": "10", "to": null}]));
        assert_eq!(text, "decide limits settings.max: \"10\" -> nothing");
        assert_eq!(diff(&json!([])), "no difference");
        let added = diff(&json!([{"what": "stages added: shape a", "from": null, "to": null}]));
        assert_eq!(added, "stages added: shape a");
    }

    #[test]
    fn an_order_tells_what_it_changed_and_which_calls_it_left() {
        let order = |replaced: &str, calls: u64, took: u64| {
            changed(
                &json!({"revision": "r-1", "replaced": replaced, "activation": 4, "calls_kept": calls, "took_micros": took}),
            )
        };
        assert_eq!(
            order("r-1", 0, 0),
            "active     r-1 already, activation 4: nothing changed"
        );
        assert!(order("r-2", 3, 1_500).contains("3 calls on this host keep r-2"));
        assert!(!order("r-2", 0, 1_500).contains("keep"));
    }

    #[test]
    fn what_a_rollback_took_back_is_no_offer_of_a_folder() {
        let text = history(&json!({"proposals": [
            {"folder": "", "revision": "r-2", "verdict": "rejected", "reason": "too low", "at_ms": 0},
            {"folder": "f1", "revision": "r-2", "verdict": "activated", "reason": null, "at_ms": 0},
        ]}));
        let (before, offered) = text.split_once("What folders offered").unwrap();
        assert!(before.contains("r-2: too low"), "{text}");
        assert!(
            offered.contains("folder f1") && !offered.contains("too low"),
            "{text}"
        );
    }
}
