//! How scenarios are read: what may be left out, and what each slip of the pen is answered with.
//!
//! Running them against real components is tested from outside, in `tests/it/self_test.rs`.

mod properties;

use super::*;

fn read(phase: Phase, text: &str) -> Result<Vec<Scenario>, ScenarioError> {
    Scenario::listed(&toml::from_str(text).expect("TOML"), phase)
}

fn one(phase: Phase, rest: &str) -> Scenario {
    let text = format!("[[self-test]]\nname = 'a test'\n{rest}");
    read(phase, &text).expect("good").remove(0)
}

#[track_caller]
fn refused(phase: Phase, text: &str) -> String {
    read(phase, text).expect_err(text).to_string()
}

const HELP: &str = "intent = { intent = 'human' }\n";

#[test]
fn a_plugin_without_scenarios_has_none() {
    let none = read(Phase::Decide, "name = 'a'\nsettings = 1\nsummary = 'b'").expect("good");
    assert!(none.is_empty());
}

#[test]
fn a_turn_is_written_over_the_usual_one() {
    let turn = one(Phase::Route, "expect.routed = 'pass'").turn;
    assert_eq!((turn.channel, turn.number), (Channel::Voice, 1));
    assert!(turn.caller.known && !turn.confirmed && !turn.stepped_up);
    let partial = "turn = { text = 'yes', caller = { trust = 'pin' }, now = 2026-03-10T23:00:00+01:00, pending = { pending = 'confirm', value = { intent = 'loan', slots = { amount = '5.00 USD', purpose = 'car', years = 1 } } } }\nexpect.routed = 'intent'";
    let turn = one(Phase::Route, partial).turn;
    assert_eq!(turn.text, "yes");
    assert_eq!(turn.caller.trust, Trust::Pin);
    assert!(turn.caller.known, "the rest of a table stays");
    assert_eq!(turn.now.utc_offset_minutes, 60);
    assert!(turn.pending.is_some_and(|pending| pending.is_write()));
    let invoked = "turn.invocation = { name = 'confirm' }\nexpect.routed = 'intent'";
    let turn = one(Phase::Route, invoked).turn;
    assert_eq!(turn.channel, Channel::Invocation);
    assert_eq!(
        turn.invocation.map(|call| call.arguments).as_deref(),
        Some("{}")
    );
}

#[test]
fn a_shaper_has_a_draft_and_a_sentence_needs_no_parameters() {
    let text = "outcome = { outcome = 'refused', value = { code = 'no', text = 'No.' } }\ndraft.next = { next = 'hang-up' }\nexpect.text = 'No.'";
    let Asked::Shape(Outcome::Refused(message), draft) = one(Phase::Shape, text).asked else {
        panic!("a refusal")
    };
    assert_eq!(message.parameters, []);
    assert_eq!(draft.next, crate::call::outcome::Next::HangUp);
    assert!(!draft.text.is_empty());
}

#[test]
fn every_slip_is_answered_with_the_scenario_and_the_key() {
    let head = "[[self-test]]\nname = 'it'\n";
    let within = "self-test 1 (\"it\"): ";
    for (rest, fault) in [
        ("intnet = 1", "unknown key `intnet`, did you mean `intent`?"),
        (
            "expect.decision = 'deny'",
            "`intent` is missing: the plugin is asked about it",
        ),
        (
            "intent.intent = 'human'",
            "`expect` is missing: a test that expects nothing",
        ),
        (
            "intent.intent = 'human'\nexpect = {}",
            "`expect` is missing",
        ),
        (
            "intent.intent = 'human'\nexpect.decison = 'deny'",
            "unknown key `expect.decison`, did you mean `decision`?",
        ),
        (
            "intent.intent = 'human'\nexpect.decision = 'deny'\noutcome = 1",
            "`outcome` has no meaning in phase `decide`",
        ),
        (
            "intent.intent = 'human'\nexpect.decision = 'deny'\nturn.caller.trsut = 'pin'",
            "unknown key `turn.caller.trsut`, did you mean `trust`?",
        ),
        (
            "intent.intent = 'human'\nexpect.decision = 'deny'\nturn.caller.trust = 'pn'",
            "`turn`: unknown variant `pn`",
        ),
        (
            "intent = { intent = 'loan', slots = { amount = '5', purpose = 'car', years = 1 } }\nexpect.decision = 'deny'",
            "`intent.slots.amount`: `5` is no amount; write \"500.00 USD\"",
        ),
        (
            "turn.text = \"a\\u0007b\"",
            "`turn.text`: \"a\\u{7}b\" holds a control character",
        ),
    ] {
        let said = refused(Phase::Decide, &format!("{head}{rest}"));
        assert!(said.starts_with(&format!("{within}{fault}")), "{said}");
    }
    let second = format!("{head}{HELP}expect.decision = 'allow'\n[[self-test]]\n{HELP}");
    assert!(refused(Phase::Decide, &second).starts_with("self-test 2 (\"\"): `name` is missing"));
}

#[test]
fn self_tests_that_are_no_list_are_refused() {
    assert!(refused(Phase::Decide, "self-test = 1").contains("no list"));
    assert!(refused(Phase::Decide, "[self-test]\nname = 'it'").contains("no list"));
}

#[test]
fn a_hundred_scenarios_are_read_and_one_more_is_refused() {
    let one = format!("[[self-test]]\nname = 'it'\n{HELP}expect.decision = 'allow'\n");
    let many = |count| read(Phase::Decide, &one.repeat(count));
    assert_eq!(many(100).expect("good").len(), 100);
    let said = many(101).expect_err("too many").to_string();
    assert!(said.contains("101 self-tests, at most 100"), "{said}");
}
