//! What is said where the PIN is awaited and is none: a doubt about the sum, another month, a moment to find it.
//! The right PIN would move what waits, so a doubt asks about it anew.

use super::*;
use crate::bindings::bank::voice::types::StatementsQuery;

fn waits() -> Option<Pending> {
    let transfer = transfer("checking_1", "savings_1", 30_000);
    Some(Pending::StepUp(Intent::Transfer(transfer)))
}

#[test]
fn a_doubt_at_the_pin_asks_about_the_money_anew() {
    for text in [
        "let me think about it again",
        "perhaps a little less",
        "is it too much? I'm not sure about that",
    ] {
        let anew = plain(Intent::Transfer(transfer(
            "checking_1",
            "savings_1",
            30_000,
        )));
        assert_eq!(says(&alice(), text, waits()), anew, "{text}");
    }
    assert_eq!(
        says(&alice(), "the purple elephants", waits()),
        plain(Intent::Unknown)
    );
}

#[test]
fn whoever_looks_for_the_pin_is_waited_for() {
    for text in [
        "hang on, let me get it",
        "hold on, I have to look for it",
        "hold on please, my kid is crying",
        "just a second, someone is at the door",
        "give me a moment to find it",
        "let me get my card",
        "one moment please",
        "I'd rather type it",
        "can I use the keypad",
    ] {
        assert_eq!(says(&alice(), text, waits()), plain(own("stay")), "{text}");
    }
    // More than a plea for time is a doubt.
    for text in ["hold on, my card was stolen", "wait a minute, no"] {
        assert_ne!(says(&alice(), text, waits()), plain(own("stay")), "{text}");
    }
}

#[test]
fn a_correction_behind_a_plea_for_time_is_one() {
    let yes_or_no = Some(Pending::Confirm(Intent::Transfer(transfer(
        "checking_1",
        "savings_1",
        30_000,
    ))));
    for pending in [waits(), yes_or_no] {
        for text in [
            "hold on, make it two hundred",
            "oh hold on, two hundred",
            "hang on, two hundred dollars",
            "just a moment, no, two hundred instead",
        ] {
            let routed = says(&alice(), text, pending.clone());
            assert_eq!(routed, moved("checking_1", "savings_1", 20_000), "{text}");
        }
        for text in [
            "just a moment, from savings to checking",
            "hold on, the other way round",
        ] {
            let routed = says(&alice(), text, pending.clone());
            assert_eq!(routed, moved("savings_1", "checking_1", 30_000), "{text}");
        }
    }
}

#[test]
fn whoever_keeps_the_pin_to_themselves_is_told_of_the_keys() {
    for text in [
        "I was told never to give my PIN to anyone",
        "I don't give my PIN on the phone",
        "I'm not giving my PIN to a machine",
        "I'd rather not give my PIN",
        "I don't want to tell you my PIN",
        "I don't want to say it out loud",
        "I don't have one",
        "what if I don't give it?",
    ] {
        let Routed::Intent(Intent::Custom(said)) = says(&alice(), text, waits()) else {
            panic!("{text}");
        };
        assert_eq!(said.name, "pin-refused", "{text}");
    }
}

#[test]
fn another_account_or_month_is_heard_before_the_statement_is_read() {
    let statement = |account: &str, month: &str| {
        Intent::Statements(StatementsQuery {
            account: account.into(),
            month: Some(month.into()),
        })
    };
    let waits = || Some(Pending::StepUp(statement("savings_1", "2026-03")));
    for (text, other) in [
        ("I meant checking", statement("checking_1", "2026-03")),
        ("actually February", statement("savings_1", "2026-02")),
        ("checking for February", statement("checking_1", "2026-02")),
    ] {
        assert_eq!(says(&alice(), text, waits()), plain(other), "{text}");
    }
}
