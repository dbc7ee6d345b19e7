//! What a person reads of the host's answers.
//!
//! From JSON to text; what the host really answers is tested against a running one.

use serde_json::json;

use super::*;

fn shown() -> Value {
    json!({
        "active": {"revision": "r-1", "activation": 7, "since_ms": 0, "by": "operator", "who": "ann@host", "why": "fraud",
            "pin": "call", "stages": [{"phase": "decide", "plugin": "limits", "version": "0.1.0", "digest": "0123456789abcdef",
            "grants": ["accounts", "history"], "unused_grants": ["history"],
            "notes": ["it does not import `history`", "the pool has 64 places"],
            "turns": {"asked": 12, "failed": 3, "last": {"kind": "trap", "at_ms": 0}}}]},
        "pinned": [{"revision": "r-1", "calls": 1, "moving": 0, "moving_to": null},
            {"revision": "r-0", "calls": 2, "moving": 0, "moving_to": null},
            {"revision": "r-a", "calls": 3, "moving": 1, "moving_to": "r-b"}],
        "loaded": [{"revision": "r-1", "calls": 3}, {"revision": "r-0", "calls": 2}],
        "candidate": {"revision": null, "verdict": "failed", "reason": "line 3\nkey", "at_ms": 0,
            "replaced": ["limits max"]},
        "ignored": [{"file": "x.txt", "why": "no plugin"}],
        "halts": [{"what": "plugin", "name": "limits", "halted": true, "who": "bob", "why": "wrong", "at_ms": 0}],
        "behind": null,
    })
}

#[test]
fn a_status_shows_what_is_active_refused_ignored_and_halted() {
    let text = status(&shown());
    for words in [
        "active     r-1  activation 7, since 1970-01-01 00:00:00 UTC",
        "by ann@host (operator): fraud",
        "a call keeps it until it ends: pin = call",
        "0123456789ab  grants: accounts, history (not used: history)\n",
        "           the pool has 64 places\n",
        "FAILED 3 of 12 turns here since it was made active; last: trap, 1970",
        "loaded     r-1, r-0 on this host",
        "no revision  failed",
        "           key",
        "[stage.sandbox] stands in for limits max",
        "ignored    x.txt: no plugin",
        "HALTED     plugin limits, 1970-01-01 00:00:00 UTC by bob: wrong",
    ] {
        assert!(text.contains(words), "{words} is not in\n{text}");
    }
    assert_eq!(text.matches("does not import").count(), 0, "{text}");
}

#[test]
fn a_status_tells_of_the_live_calls_which_rules_they_keep_and_which_they_take_next() {
    let mut answer = shown();
    let text = status(&answer);
    for words in [
        "r-1  1 live call pinned\n",
        "r-0  2 live calls pinned; `orchestrator pipeline activate r-1 --now --reason ...` moves them\n",
        "r-a  3 live calls pinned; 1 takes r-b at the next turn; `orchestrator pipeline activate r-1 --now --reason ...` moves the others\n",
    ] {
        assert!(text.contains(words), "{words} is not in\n{text}");
    }
    answer["pinned"] = Value::Null;
    answer["active"]["pin"] = json!("turn");
    let text = status(&answer);
    assert!(text.contains("the database cannot be asked"), "{text}");
    assert!(
        text.contains("a call takes what is active at each turn"),
        "{text}"
    );
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
fn an_order_tells_what_it_changed_and_which_calls_it_moves_and_leaves() {
    let order = |replaced: &str, (kept, moved): (u64, u64), took: u64| {
        changed(
            &json!({"revision": "r-1", "replaced": replaced, "activation": 4, "calls_kept": kept, "calls_moved": moved,
            "took_micros": took}),
        )
    };
    assert_eq!(
        order("r-1", (0, 0), 0),
        "active     r-1 already, activation 4: nothing changed"
    );
    let kept = order("r-2", (3, 0), 1_500);
    assert!(
        kept.contains("r-1 instead of r-2, activation 4, 1.500 ms"),
        "{kept}"
    );
    assert!(
        kept.contains("3 live calls keep the rules they began with; "),
        "{kept}"
    );
    assert!(order("r-2", (1, 0), 9).contains("1 live call keeps the rules it began with; "));
    let moved = order("r-2", (0, 1), 1_500);
    assert!(
        moved.contains("1 live call takes it at the next turn") && !moved.contains("keep"),
        "{moved}"
    );
    let nobody = changed(
        &json!({"revision": "r-1", "replaced": "r-2", "took_micros": 1, "calls_moved": 0, "now": true}),
    );
    assert!(
        nobody.contains("no live call is on other rules"),
        "{nobody}"
    );
    let rolled_back = changed(
        &json!({"revision": "r-1", "replaced": "r-2", "took_micros": 1, "calls_moved": 0, "calls_kept": 2, "now": true}),
    );
    assert!(
        rolled_back.contains("no live call is on what was taken back"),
        "{rolled_back}"
    );
    let again = order("r-1", (0, 2), 1_500);
    assert!(again.contains("r-1 as before, activation 4"), "{again}");
    let lost = changed(
        &json!({"revision": "r-1", "replaced": "r-2", "took_micros": 1, "calls_kept": null}),
    );
    assert!(lost.contains("could not be counted"), "{lost}");
}

#[test]
fn what_a_rollback_took_back_is_no_offer_of_a_folder() {
    let text = history(&json!({"taken_back": [
        {"folder": "", "revision": "r-2", "verdict": "rejected", "reason": "too low", "at_ms": 0},
    ], "proposals": [
        {"folder": "f1", "revision": "r-2", "verdict": "activated", "reason": null, "at_ms": 0},
    ]}));
    let (before, offered) = text.split_once("What folders offered").unwrap();
    assert!(before.contains("r-2: too low"), "{text}");
    assert!(
        offered.contains("folder f1") && !offered.contains("too low"),
        "{text}"
    );
}

#[test]
fn a_history_says_what_a_rollback_moved_what_is_active_again_and_where_it_is_cut() {
    let activation = |number: i64, revision: &str, by: &str, takes_back: &[&str]| {
        json!({"number": number, "revision": revision, "by": by, "repins": true, "who": "ann", "why": "x", "at_ms": 0,
            "takes_back": takes_back})
    };
    let answer = json!({
        "activations": [
            activation(9, "r-2", "operator", &[]), activation(8, "r-1", "rollback", &["r-2", "r-3"]),
        ],
        "taken_back": [
            {"folder": "", "revision": "r-2", "verdict": "rejected", "reason": "too low", "at_ms": 0},
            {"folder": "", "revision": "r-3", "verdict": "rejected", "reason": "odd", "at_ms": 0},
        ],
        "cut": ["halts"],
    });
    let text = history(&answer);
    for words in [
        "r-2  operator (live calls too) by ann",
        "r-1  rollback (and the live calls on r-2, r-3) by ann",
        "r-2: too low; ACTIVE again by activation 9, since 1970",
        "r-3: odd\n",
        "Halts, newest first\n        … there are older ones; `--limit N`",
    ] {
        assert!(text.contains(words), "{words} is not in\n{text}");
    }
    assert_eq!(text.matches("older ones").count(), 1, "{text}");
    let mut again = shown();
    again["active"]["taken_back"] = json!({"at_ms": 0, "why": "too low"});
    let text = status(&again);
    let words = "TAKEN BACK before, 1970-01-01 00:00:00 UTC: too low\n";
    assert!(text.contains(words), "{text}");
}
