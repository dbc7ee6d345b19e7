//! PINs in words, digits and arguments, and what is none.
//!
//! Beside the code because it is pure; that none reaches a log, record or page is shown in `tests/it/secrets.rs`.

use secrecy::ExposeSecret as _;
use serde_json::json;

use super::*;

fn taken(text: &str, awaited: bool) -> (String, Option<String>) {
    let (rest, pin) = take_from_text(text, awaited);
    (rest, pin.map(|pin| pin.expose_secret().to_owned()))
}

#[test]
fn spoken_and_written_pins_are_taken_out() {
    for (text, pin) in [
        ("1234", "1234"),
        ("it's one two three four", "1234"),
        ("1 2 3 4", "1234"),
        ("1-2-3-4.", "1234"),
        ("double five oh one please", "5501"),
        ("Nine 0 one two", "9012"),
        ("twelve thirty-four", "1234"),
        ("one two, uh, three four", "1234"),
        ("nineteen eighty", "1980"),
    ] {
        let (rest, found) = taken(text, true);
        assert_eq!(found.as_deref(), Some(pin), "{text}");
        assert!(rest.contains(TAKEN) && !rest.contains(pin), "{rest}");
    }
    assert_eq!(taken("my pin is 5678", false).1.as_deref(), Some("5678"));
}

#[test]
fn amounts_stay_where_no_pin_is_awaited_or_mentioned() {
    for text in [
        "move 1234 dollars to savings",
        "pinch me at 12 30 45",
        "one two three four",
    ] {
        assert_eq!(taken(text, false), (text.to_owned(), None));
    }
}

#[test]
fn a_plea_for_time_is_no_part_of_a_pin() {
    for text in ["One moment please", "give me two minutes"] {
        assert_eq!(taken(text, true), (text.to_owned(), None));
    }
    let (rest, _) = taken("one two, one second, three four", true);
    assert!(!rest.contains("two"), "{rest}");
}

#[test]
fn while_a_pin_is_awaited_no_number_is_kept() {
    assert_eq!(
        taken("one two three four, one two three four", true).0,
        TAKEN
    );
    assert_eq!(taken("it has 12 and 3", true).0, "it has [pin]");
    assert_eq!(taken("4711 dollars", true).0, "[pin] dollars");
}

#[test]
fn an_amount_that_cannot_be_a_pin_is_left_where_one_is_awaited() {
    for text in [
        "no, make it fifty dollars",
        "sorry, 50 dollars",
        "twenty-five bucks",
        "no, make it two hundred",
        "make that fifty",
        "transfer three hundred dollars from checking to savings",
        "no, two hundred",
        "no, $300",
        "sorry, two thousand five hundred dollars",
        "move 5000 dollars to savings",
        "send $1,500.00 instead",
    ] {
        assert_eq!(taken(text, true), (text.to_owned(), None));
    }
    assert_eq!(taken("twelve hundred", true).0, "[pin]");
    assert_eq!(taken("make it 1234", true).0, "make it [pin]");
    assert_eq!(
        taken("no, make that 4321, 4321", true).0,
        "no, make that [pin]"
    );
    assert_eq!(taken("make that 12, 34, 56", true).0, "make that [pin]");
    let named = "Transfer 1500 from checking to savings, my code is 1234";
    assert_eq!(
        taken(named, false),
        (named.replace("1234", "[pin]"), Some("1234".to_owned()))
    );
    assert_eq!(
        taken("make it 290, 1234", true),
        ("make it 290, [pin]".to_owned(), Some("1234".to_owned()))
    );
    let mentioned = "change it, my pin is twelve no wait thirty four";
    assert!(!taken(mentioned, true).0.contains("twelve"));
}

#[test]
fn an_amount_beside_a_pin_is_no_pin_and_the_pin_no_amount() {
    for (text, rest) in [
        (
            "Move 300 dollars to checking, my pin is 1234",
            "Move 300 dollars to checking, my pin is [pin]",
        ),
        (
            "Move 1500 dollars to checking, my pin is 1234",
            "Move 1500 dollars to checking, my pin is [pin]",
        ),
        (
            "Move 1500 to checking, my PIN is 1234",
            "Move 1500 to checking, my PIN is [pin]",
        ),
        (
            "My pin is 1234, send $4,711.00 to savings",
            "My pin is [pin], send $4,711.00 to savings",
        ),
        (
            "Move three hundred to checking, my pin is one two three four",
            "Move three hundred to checking, my pin is [pin]",
        ),
        (
            "my pin is 1234 but make it fifty",
            "my pin is [pin] but make it fifty",
        ),
    ] {
        for awaited in [true, false] {
            let found = taken(text, awaited);
            assert_eq!(found, (rest.to_owned(), Some("1234".to_owned())), "{text}");
        }
    }
}

#[test]
fn a_pin_is_awaited_until_it_is_given() {
    let mut listening = Listening::default();
    for (by_agent, said, kept) in [
        (true, "Please tell me your PIN.", "Please tell me your PIN."),
        (false, "okay", "okay"),
        (true, "Go ahead.", "Go ahead."),
        (false, "it is 4711", "it is [pin]"),
        (false, "and move 1500 dollars", "and move 1500 dollars"),
    ] {
        assert_eq!(listening.hear(by_agent, said).0, kept);
    }
}

#[test]
fn of_a_function_that_passes_a_pin_on_nothing_is_kept() {
    let mut arguments = json!({"code": "one two three four", "note": "hello", "n": [5678]});
    let pin = take_whole(&mut arguments).map(|pin| pin.expose_secret().to_owned());
    assert_eq!(pin.as_deref(), Some("1234"));
    assert_eq!(
        arguments,
        json!({"code": TAKEN, "note": TAKEN, "n": [TAKEN]})
    );
}

#[test]
fn arguments_named_after_a_pin_are_taken_however_deep() {
    let mut arguments = json!({"a": [{"user_pin": 1234}], "note": "my PIN is 9999", "spin": 7});
    let pin = take_from_arguments(&mut arguments).map(|pin| pin.expose_secret().to_owned());
    assert_eq!(pin.as_deref(), Some("1234"));
    assert_eq!(
        arguments,
        json!({"a": [{"user_pin": TAKEN}], "note": "my PIN is [pin]", "spin": 7})
    );
}

#[test]
fn no_pin_stays_in_a_text_because_it_was_said_more_than_once() {
    for said in [
        "my PIN is 4711 4711 4711",
        "my PIN is four seven one one, four seven one one, 4711",
    ] {
        let mut arguments = json!({"note": said, "memo": "rent"});
        assert!(take_from_arguments(&mut arguments).is_none(), "{said}");
        assert_eq!(
            arguments,
            json!({"note": "my PIN is [pin]", "memo": "rent"})
        );
    }
}

#[test]
fn a_field_says_that_it_is_a_pin_in_every_way_to_write_names() {
    for key in [
        "pin",
        "PIN",
        "user_pin",
        "userPin",
        "userPIN",
        "PINCode",
        "pinCode",
        "pincode",
        "pass-code",
        "SecurityCode",
        "pin2",
        "card.pin",
    ] {
        assert!(is_pin_key(key), "{key}");
    }
    for key in [
        "spin", "pinned", "shipping", "opinion", "code", "Spine", "", "zip_code",
    ] {
        assert!(!is_pin_key(key), "{key}");
    }
}

#[test]
fn a_pin_that_is_corrected_is_the_one_that_was_said_last() {
    for (text, pin) in [
        ("1234, no, 4321", Some("4321")),
        ("one two three four, sorry, 4321", Some("4321")),
        ("it's 1234 wait 1235 no I mean 1236", Some("1236")),
        ("1234, and hurry, 4321 is nothing", Some("1234")),
        ("1234, no, move 5000 dollars", Some("1234")),
        // He is still at it.
        ("1234, no, 43", None),
    ] {
        let (rest, found) = taken(text, true);
        assert_eq!(found.as_deref(), pin, "{text}");
        assert!(!rest.contains("12") && !rest.contains("43"), "{rest}");
    }
}

#[test]
fn who_asks_for_a_pin_says_the_word() {
    let asked = asking("Please confirm it's you with your four-digit code.".to_owned());
    assert_eq!(
        asked,
        "Please confirm it's you with your four-digit code. Please tell me your PIN."
    );
    assert_eq!(asking(asked.clone()), asked);
    let mut listening = Listening::default();
    let _ = listening.hear(true, &asked);
    assert_eq!(listening.hear(false, "1234").0, TAKEN);
}

#[test]
fn a_pin_is_taken_after_a_question_that_was_cut_off_before_it_said_the_word() {
    let mut listening = Listening::default();
    for (by_agent, said, kept) in [
        (true, "For that I", "For that I"),
        (false, "one two three four", "[pin]"),
        (true, "Thank you. You have", "Thank you. You have"),
        (
            false,
            "move 50 dollars to my two savings",
            "move 50 dollars to my two savings",
        ),
        (true, "How much?", "How much?"),
        (false, "1500", "1500"),
    ] {
        assert_eq!(listening.hear(by_agent, said).0, kept);
    }
}

#[test]
fn digits_alone_are_taken_where_nobody_asked_for_an_amount() {
    let mut listening = Listening::default();
    for (by_agent, said, kept) in [
        (true, "Twenty dollars, shall I?", "Twenty dollars, shall I?"),
        (false, "It's 1 2 3 4.", "It's [pin]."),
        (false, "400", "400"),
        (false, "move 1500", "move 1500"),
        (true, "How much is it?", "How much is it?"),
        (false, "1500", "1500"),
    ] {
        assert_eq!(listening.hear(by_agent, said).0, kept);
    }
}
