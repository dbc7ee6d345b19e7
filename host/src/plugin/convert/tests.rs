//! Answers of plugins, whatever stands in them: within the contract's bounds they arrive unchanged, and beyond they do not arrive.
//!
//! An answer is made from the form of decision records, with other texts in some places and lists of other lengths, and handed over
//! as a guest would. How a component's bytes become such an answer is wasmtime's business.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::super::bindings::{policies, router, wit::types as guest};
use super::super::routed::Routed;
use super::*;
use crate::call::bounds::{LIST_LEN_MAX, NAME_BYTES_MAX, OutOfBounds, TEXT_BYTES_MAX};
use crate::call::{Decision, Intent, Outcome, Reply};
use crate::tests::trial::{self, Judged, Meter, Parser, Verdict};

const PARSER: Parser = Parser {
    name: "plugin-answer",
    base: 4_096,
    per_byte: 16,
};

/// What is a word of the contract and no text.
const TAGS: [&str; 7] = [
    "outcome", "intent", "draft", "failure", "next", "payee", "is",
];

fn outcomes() -> Vec<Value> {
    let money = json!({"minor": 50_000, "currency": "USD"});
    let account = json!({"id": "a_1", "kind": "checking", "nickname": "Bills", "currency": "USD"});
    let said = json!({"code": "done", "parameters": [["amount", "5"]], "text": "Done."});
    let line = json!({"date": "2026-01-02", "description": "Tea", "amount": money});
    let slots = json!([["colour", "red"]]);
    let wanted = json!({"from_account": "a", "to_account": "b", "payee": "known", "amount": money, "memo": "rent"});
    let drafts = [
        json!({"draft": "transfer", "slots": {"from_account": "a", "to_account": null, "amount": money, "memo": "m"}}),
        json!({"draft": "balance"}),
        json!({"draft": "statements", "slots": "2026-01"}),
        json!({"draft": "loan", "slots": {"amount": money, "purpose": "car", "years": 3}}),
        json!({"draft": "credit-card", "slots": {"kind": "gold", "limit": money}}),
        json!({"draft": "custom", "slots": {"name": "n", "slots": slots}}),
    ];
    let failures = [
        json!({"failure": "not-found", "detail": "account"}),
        json!({"failure": "not-allowed", "detail": "code"}),
        json!({"failure": "rejected", "detail": "why"}),
        json!({"failure": "uncertain"}),
    ];
    let asked = drafts.map(
        |draft| json!({"outcome": "asked", "value": {"draft": draft, "slot": "s", "say": said}}),
    );
    let failed = failures.map(|failure| json!({"outcome": "failed", "value": failure}));
    let paid = json!({"id": "p_1", "transfer": wanted, "status": "completed"});
    let applied = json!({"id": "l_1", "status": "open", "message": "We call you."});
    let mut all = vec![
        json!({"outcome": "balances", "value": [{"account": account, "available": money}]}),
        json!({"outcome": "accounts", "value": [account]}),
        json!({"outcome": "statement", "value": {"account": account, "month": "2026-01", "lines": [line]}}),
        json!({"outcome": "profile", "value": {"name": "A", "email": "e", "phone": "p", "address": "d"}}),
        json!({"outcome": "paid", "value": paid}),
        json!({"outcome": "applied", "value": applied}),
        json!({"outcome": "ended"}),
    ];
    for word in ["confirmation", "step-up", "refused", "handed-off", "said"] {
        all.push(json!({"outcome": word, "value": said}));
    }
    all.extend(asked.into_iter().chain(failed));
    all
}

fn intents() -> Vec<Value> {
    let money = json!({"minor": -1, "currency": "EUR"});
    vec![
        json!({"intent": "balance", "slots": "a_1"}),
        json!({"intent": "statements", "slots": {"account": "a_1", "month": "2026-01"}}),
        json!({"intent": "transfer", "slots": {"from_account": "a", "to_account": "b", "payee": "first-time",
            "amount": money, "memo": null}}),
        json!({"intent": "loan", "slots": {"amount": money, "purpose": "car", "years": 4_294_967_295_u32}}),
        json!({"intent": "credit-card", "slots": {"kind": "gold", "limit": money}}),
        json!({"intent": "application-status", "slots": "l_1"}),
        json!({"intent": "custom", "slots": {"name": "n", "slots": [["k", "v"], ["k", "w"]]}}),
        json!({"intent": "unknown"}),
    ]
}

fn replies() -> Vec<Value> {
    let reply = |next| json!({"text": "Good day.", "next": next, "interruptible": true});
    vec![
        reply(json!({"next": "listen"})),
        reply(json!({"next": "hand-off", "to": "+14155550199"})),
        reply(json!({"next": "hand-off", "to": null})),
        reply(json!({"next": "press", "to": "5"})),
    ]
}

/// A sample with other texts in some places and lists of another length.
fn answers(samples: Vec<Value>) -> impl Strategy<Value = Value> {
    let length = prop_oneof![4 => 0_usize..200, 1 => 120_usize..135, 1 => 595_usize..605, 1 => 1_995_usize..2_005, 1 => Just(60_000)];
    let text = prop_oneof![
        6 => "[ -~]{0,100}",
        2 => length.prop_map(|length| "x".repeat(length)),
        1 => vec(any::<char>(), 0..100).prop_map(String::from_iter),
        1 => proptest::sample::select(vec!["", " ", "\u{7}", "\u{9b}", "#", "55", "\u{202e}", "é"]).prop_map(str::to_owned),
    ];
    let items =
        prop_oneof![4 => Just(1_usize), 1 => 0_usize..5, 1 => 49_usize..52, 1 => 99_usize..103];
    let texts = vec((any::<Index>(), text), 0..4);
    (proptest::sample::select(samples), texts, items).prop_map(|(mut sample, texts, items)| {
        lengthen(&mut sample, items);
        let mut count = 0;
        each_text(&mut sample, &mut |_| count += 1);
        for (at, text) in texts.into_iter().filter(|_| count > 0) {
            let (at, mut number) = (at.index(count), 0);
            each_text(&mut sample, &mut |there| {
                if number == at {
                    there.clone_from(&text);
                }
                number += 1;
            });
        }
        sample
    })
}

fn lengthen(value: &mut Value, items: usize) {
    match value {
        // A pair is no list.
        Value::Array(list) if !list.iter().any(Value::is_string) => {
            *list = list
                .iter()
                .cycle()
                .take(items * list.len())
                .cloned()
                .collect();
        }
        Value::Object(fields) => fields.values_mut().for_each(|it| lengthen(it, items)),
        _ => {}
    }
}

/// Every text that is no word of the contract; a payment's status is one.
fn each_text(value: &mut Value, change: &mut impl FnMut(&mut String)) {
    match value {
        Value::String(text) => change(text),
        Value::Array(list) => list.iter_mut().for_each(|it| each_text(it, change)),
        Value::Object(fields) => {
            let is_payment = fields.contains_key("transfer");
            for (name, value) in fields {
                let is_word = TAGS.contains(&name.as_str()) || (is_payment && name == "status");
                if !is_word || value.is_object() {
                    each_text(value, change);
                }
            }
        }
        _ => {}
    }
}

/// What of a text or list may never arrive, and whether it is so small that it always must.
fn bounds_of(value: &Value, is_beyond: &mut bool, is_small: &mut bool) {
    match value {
        Value::String(text) => {
            let is_bad = text.chars().any(char::is_control);
            *is_beyond |= is_bad || text.len() > TEXT_BYTES_MAX;
            *is_small &= !is_bad && !text.trim().is_empty() && text.len() <= NAME_BYTES_MAX;
        }
        Value::Array(list) => {
            *is_beyond |= list.len() > LIST_LEN_MAX;
            *is_small &= list.len() <= LIST_LEN_MAX;
            list.iter()
                .for_each(|it| bounds_of(it, is_beyond, is_small));
        }
        Value::Object(fields) => fields
            .values()
            .for_each(|it| bounds_of(it, is_beyond, is_small)),
        _ => {}
    }
}

fn judge<T: PartialEq + std::fmt::Debug>(
    given: &Value,
    expected: T,
    arrived: Result<T, OutOfBounds>,
) -> Judged {
    let (mut is_beyond, mut is_small) = (false, true);
    bounds_of(given, &mut is_beyond, &mut is_small);
    match arrived {
        Ok(arrived) => {
            prop_assert!(!is_beyond, "beyond the bounds, and taken");
            prop_assert_eq!(arrived, expected, "changed on its way");
            Ok(Verdict::Accepted)
        }
        Err(refused) => {
            // The one narrower bound: a key of the telephone.
            let is_key = given["next"]["next"] == "press";
            prop_assert!(
                !is_small || is_key,
                "within the bounds, and refused: {refused}"
            );
            prop_assert!(
                refused.to_string().starts_with('`'),
                "names no field: {refused}"
            );
            prop_assert!(refused.to_string().len() < 200);
            Ok(Verdict::Refused)
        }
    }
}

fn of<T: DeserializeOwned>(value: &Value) -> T {
    serde_json::from_value(value.clone()).unwrap_or_else(|cause| panic!("{value}: {cause}"))
}

/// An action's and a shaper's answers, then a router's and a policy's around the same parts.
fn property((outcome, intent, reply): &(Value, Value, Value), meter: &Meter) -> Judged {
    let size = |value: &Value| value.to_string().len();
    let expected: Outcome = of(outcome);
    let given = outcome_to_guest(&expected);
    let parts = given.clone();
    let arrived = meter.watch(size(outcome), || super::outcome(given))?;
    let verdict = judge(outcome, expected.clone(), arrived)?;

    let expected_reply: Reply = of(reply);
    let given = reply_to_guest(&expected_reply);
    let arrived = meter.watch(size(reply), || super::reply(given))?;
    judge(reply, expected_reply, arrived)?;

    let expected_intent: Intent = of(intent);
    use router::exports::bank::voice::routing::Routed as Given;
    let given = Given::Intent(intent_to_guest(&expected_intent));
    let arrived = meter.watch(size(intent), || routed(given))?;
    judge(intent, Routed::Intent(expected_intent), arrived)?;

    use policies::exports::bank::voice::policy::Decision as Said;
    match (parts, expected) {
        (guest::Outcome::Asked(asked), Outcome::Asked(expected)) => {
            judge(outcome, Routed::Ask(expected), routed(Given::Ask(asked)))?;
        }
        (guest::Outcome::Said(said), Outcome::Said(expected)) => {
            let answers = [
                (
                    Said::Confirm(said.clone()),
                    Decision::Confirm(expected.clone()),
                ),
                (
                    Said::StepUp(said.clone()),
                    Decision::StepUp(expected.clone()),
                ),
                (
                    Said::HandOff(said.clone()),
                    Decision::HandOff(expected.clone()),
                ),
                (Said::Deny(said), Decision::Deny(expected)),
            ];
            for (given, expected) in answers {
                judge(outcome, expected, decision(given))?;
            }
        }
        _ => {}
    }
    Ok(verdict)
}

#[test]
fn an_answer_within_the_bounds_arrives_unchanged_and_beyond_them_never() {
    let inputs = (answers(outcomes()), answers(intents()), answers(replies()));
    println!("{}", trial::run(PARSER, &inputs, property));
}
