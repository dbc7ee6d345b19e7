//! A call that changes hands.
//!
//! Beside the code because it is pure.

use super::*;
use crate::call::{Draft, Intent, Message, Question};

fn user(id: &str) -> User {
    User {
        id: id.to_owned(),
        name: None,
    }
}

/// A call in which everything that can be somebody's is Alice's.
fn of_alice() -> Call {
    let standing = DialogueState {
        pending: Some(Pending {
            intent: PendingIntent::Confirm(Intent::Accounts),
            confirmed: true,
            key: Some("key".into()),
            asked: "Shall I?".into(),
            is_unheard: false,
            asked_after: None,
            turned_away_after: None,
            agreed: None,
            has_pin: false,
            beneath: None,
        }),
        misunderstood: 1,
        last_reply: Some("You have five thousand dollars.".into()),
    };
    let reply = Reply::say("Done.");
    let mut call = Call::new("call_1", 0);
    call.belongs_to(user("alice"));
    call.restore_dialogue(standing.clone());
    call.trust = Trust::Pin;
    call.pin_at_ms = Some(1);
    call.answered.push(Answered {
        is_bare: false,
        ledger_key: None,
        key: "key".into(),
        outcome: Outcome::Cancelled,
        reply: reply.clone(),
    });
    call.promised.push("key".into());
    call.has_changed = true;
    call.spoken = Some(Spoken {
        words: "yes".into(),
        agent_utterances: 1,
        reply,
        must_be_heard: true,
        asks: false,
        compared: None,
        done: Vec::new(),
        is_unsaid: true,
        before: standing,
    });
    call.transcript.push(Utterance {
        by_agent: false,
        text: "yes".into(),
    });
    call.metadata = serde_json::json!({"segment": "gold"});
    call
}

#[test]
fn nothing_of_a_customer_is_left_to_the_next() {
    let mut call = of_alice();
    call.belongs_to(user("alice"));
    assert_eq!(call, of_alice(), "the same customer keeps everything");
    call.belongs_to(user("bob"));
    let mut fresh = Call::new("call_1", 0);
    fresh.user = Some(user("bob"));
    assert_eq!(call, fresh);
}

#[test]
fn what_was_said_is_read_by_hosts_of_an_older_version() {
    let wire = serde_json::to_value(of_alice().spoken).unwrap();
    assert_eq!(wire["has_changed"], true);
    assert_eq!(wire.get("must_be_heard"), None);
}

fn open(intent: PendingIntent, beneath: Option<Pending>) -> Pending {
    Pending {
        intent,
        confirmed: false,
        key: None,
        asked: "Shall I?".into(),
        is_unheard: false,
        asked_after: None,
        turned_away_after: None,
        agreed: None,
        has_pin: false,
        beneath: beneath.map(Box::new),
    }
}

#[test]
fn beneath_an_offer_lies_the_question_that_other_words_may_answer() {
    let reading = open(PendingIntent::Confirm(Intent::Accounts), None);
    let offer = |beneath: Option<Pending>| open(PendingIntent::Confirm(Intent::Unknown), beneath);
    assert_eq!(reading.offer(), None);
    assert_eq!(reading.question(), &reading);
    let alone = offer(None);
    assert_eq!(alone.offer(), Some(&Intent::Unknown));
    assert_eq!(
        (alone.question(), alone.clone().without_offer()),
        (&alone, None)
    );
    let over = offer(Some(reading.clone()));
    assert_eq!(over.question(), &reading);
    assert_eq!(over.without_offer(), Some(reading.clone()));
    assert_eq!(reading.clone().without_offer(), Some(reading));
}

#[test]
fn only_money_is_money_however_deep_it_lies() {
    let reading = |beneath| open(PendingIntent::Confirm(Intent::Accounts), beneath);
    let offer = |beneath| open(PendingIntent::Confirm(Intent::Unknown), beneath);
    let loan = Intent::Loan(crate::call::intent::Loan {
        amount: crate::call::Money::new(1, "USD"),
        purpose: "car".into(),
        years: 1,
    });
    let money = open(PendingIntent::Confirm(loan), None);
    assert_eq!(offer(Some(reading(None))).into_money(), None);
    let deep = offer(Some(reading(Some(money.clone()))));
    assert_eq!(deep.into_money(), Some(money));
}

#[test]
fn what_waits_when_the_pin_must_come_first_is_asked_anew_and_names_nothing() {
    let money = Pending {
        confirmed: true,
        agreed: Some("Fifty dollars, shall I?".into()),
        has_pin: true,
        ..open(PendingIntent::Confirm(Intent::Accounts), None)
    };
    let offer = open(PendingIntent::Confirm(Intent::Unknown), Some(money));
    let left = offer.proved_first().expect("the offer");
    let beneath = left.beneath.expect("what waits beneath");
    assert_eq!(beneath.intent, PendingIntent::StepUp(Intent::Accounts));
    let kept = (beneath.confirmed, beneath.has_pin, beneath.agreed.is_some());
    assert_eq!(kept, (false, false, false));
    assert!(beneath.asked.contains("PIN"), "{}", beneath.asked);

    let slot = PendingIntent::Slot(Question {
        draft: Draft::Balance,
        slot: "account_id".into(),
        say: Message::plain("which", "Checking or savings?"),
    });
    assert_eq!(open(slot, None).proved_first(), None);
}
