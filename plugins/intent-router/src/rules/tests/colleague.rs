//! What only a person at the bank can do: a lost card, fraud, a death, and whoever was talked into something.
//! The caller is offered one, and who is in danger gets one at once.

use super::*;

#[test]
fn cards_and_stolen_money_are_for_a_colleague() {
    let heard = |text: &str| match hear(text) {
        Routed::Intent(Intent::Custom(wanted)) => wanted.name,
        other => panic!("{text}: {other:?}"),
    };
    for text in [
        "I lost my card",
        "my card was stolen",
        "block my card please",
        "my card is blocked",
        "why doesn't my card work",
        "cancel my credit card",
        "I lost my wallet",
    ] {
        assert_eq!(heard(text), "card-help", "{text}");
    }
    for text in [
        "there's a transaction I don't recognise",
        "someone stole my money",
        "I've been scammed",
        "I didn't make that payment",
        "somebody from your bank called and spoke of a safe account",
        "I gave my PIN to somebody",
        "somebody knows my PIN",
        "block my account right now",
    ] {
        assert_eq!(heard(text), "fraud-help", "{text}");
    }
    for text in [
        "I want to deposit a check",
        "I want to close my account",
        "my mother died and she had an account with you",
        "I can't pay my loan this month",
    ] {
        assert_eq!(heard(text), "colleague-needed", "{text}");
    }
    assert_eq!(heard("can you send me a new card"), "card-help");
    for text in ["same again", "do it again"] {
        assert_eq!(heard(text), "transfer-again", "{text}");
    }
    assert_eq!(
        asks_for(hear("I'd like a new credit card")),
        "card_type_needed"
    );
}
