//! What a script says when it is right, and what is said about one that is not.
//!
//! The printed manual of the keys is itself a script, so it cannot lie.

use super::*;

fn refused(steps: &str) -> String {
    Script::parse(&format!("name: a test\nsteps:\n{steps}")).expect_err(steps)
}

#[test]
fn the_manual_of_the_keys_is_a_script() {
    let script = Script::parse(KEYS).expect("readable");
    assert_eq!(script.from.as_deref(), Some("+14155552671"));
    let checks = &script.steps[1].checks;
    assert_eq!(checks.texts, ["five thousand dollars", "checking"]);
    assert!(checks.matches.as_ref().unwrap().is_match("Five Hundred"));
    let does: Vec<_> = script.steps.iter().map(|step| step.does.clone()).collect();
    let interrupt = Deed::Interrupt {
        words: "No, make it sixty".to_owned(),
        when: When::After(200),
        heard: 3,
    };
    assert!(does.contains(&Some(interrupt)), "{does:?}");
    assert!(does.contains(&Some(Deed::Press("1234".to_owned()))));
    assert!(script.needs_the_books());
    let lines: Vec<u64> = script.steps.iter().map(|step| step.line).collect();
    assert!(lines.is_sorted() && lines[0] > 1, "{lines:?}");
}

#[test]
fn a_step_knows_its_line() {
    let text = "name: a test\nsteps:\n  - say: yes\n\n  - say: two\n    expect: two\n";
    let script = Script::parse(text).expect("readable");
    let lines: Vec<u64> = script.steps.iter().map(|step| step.line).collect();
    assert_eq!(lines, [3, 5]);
}

#[test]
fn an_unknown_key_is_refused_with_its_line_and_the_nearest_name() {
    for (steps, expected) in [
        (
            "  - say: one\n    expct: two\n",
            "line 4: unknown key `expct`, did you mean `expect`?",
        ),
        (
            "  - say: one\n    withn_ms: 2\n",
            "line 4: unknown key `withn_ms`, did you mean `within_ms`?",
        ),
        (
            "  - quux: one\n",
            "line 3: unknown key `quux`; known are say",
        ),
        (
            "  - expect_transfer: {from: a, too: b, amount: 1}\n",
            "line 3: unknown key `too`, did you mean `to`?",
        ),
    ] {
        let sentence = refused(steps);
        assert!(sentence.starts_with(expected), "{sentence}");
    }
    let sentence = Script::parse("nane: a\nsteps: []\n").expect_err("unknown");
    assert_eq!(sentence, "line 1: unknown key `nane`, did you mean `name`?");
}

#[test]
fn a_step_that_cannot_be_meant_is_refused_with_its_line() {
    for (steps, expected) in [
        (
            "  - say: one\n    digits: \"1\"\n",
            "line 3: a step does one thing",
        ),
        (
            "  - expect_no_transfer: false\n",
            "line 3: a step that does nothing",
        ),
        (
            "  - interrupt: one\n    after_ms: 3\n    after_tool: transfer_funds\n",
            "line 3: either `after_ms` or `after_tool`",
        ),
        ("  - say: one\n    after_ms: 3\n", "belong to `interrupt`"),
        ("  - digits: abc\n", "line 3: `digits`: keys 0 to 9"),
        (
            "  - expect: one\n    matches: \"(\"\n",
            "no regular expression",
        ),
        (
            "  - hangup: true\n    expect: one\n",
            "nothing is heard any more",
        ),
        (
            "  - expect_transfer: {from: a, to: b}\n",
            "`amount` is missing",
        ),
        ("  - say: one\n    say: two\n", "`say` stands here twice"),
        ("  - say: one\n    within_ms: soon\n", "line 4: "),
        ("  - say: []\n", "a text or a list of texts"),
        (
            "  - say: 60\n",
            "line 3: a text is expected; put it into quotes",
        ),
        (
            "  - say: one\n    expect: true\n",
            "line 4: a text is expected",
        ),
        ("  - say: [one\n", "line "),
        ("  []\n", "there are no steps"),
    ] {
        let sentence = refused(steps);
        assert!(sentence.contains(expected), "{steps}: {sentence}");
    }
}

#[test]
fn a_value_that_cannot_be_meant_is_refused_with_its_line_and_what_is_expected() {
    for (steps, expected) in [
        (
            "  - say: one\n    within_ms: fast\n",
            "line 4: a whole number is expected, such as 1500",
        ),
        (
            "  - interrupt: one\n    heard_words: -1\n",
            "line 4: a whole number is expected, such as 1500",
        ),
        (
            "  - say: one\n    matches: (abc\n",
            "line 3: `matches: (abc` is no regular expression: unclosed group",
        ),
        (
            "  - expect_transfer: {from: a, to: b, amount: \"1.005\"}\n",
            "line 3: `amount: 1.005`: ",
        ),
    ] {
        let sentence = refused(steps);
        assert!(sentence.starts_with(expected), "{sentence}");
        assert!(!sentence.contains('\n'), "{sentence}");
    }
}
