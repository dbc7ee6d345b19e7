//! From an outcome to a plain sentence: what is said when no shaper improves on it.
//!
//! The one mapping to speech. Every outcome and every failure has its sentence, so a broken shaper never makes the caller hear
//! nothing. No ids, no jargon, and nothing that is not in the outcome.

use crate::call::outcome::{Account, Next, Payment, PaymentStatus};
use crate::call::sentences::Sentences;
use crate::call::{Failure, Money, Outcome, Reply};

/// What is said when the turn's time is up while money is under way.
pub const STILL_PENDING: &str =
    "That is being processed. I will confirm it as soon as the bank answers.";
/// What is said to a caller who asks about money that the bank has not answered about. It begins as no outcome does, so that none
/// is taken for heard with it.
pub const STILL_OPEN: &str =
    "I am still waiting for the bank's answer. I will tell you as soon as it comes.";
/// What is said to a caller who is silent before anything was asked.
pub const HOW_CAN_I_HELP: &str = "How can I help you?";
/// What is said to a caller who is silent afterwards.
pub const ANYTHING_ELSE: &str = "Is there anything else I can do for you?";
/// What is said when the host itself fails.
pub const APOLOGY: &str = "I'm sorry, something went wrong on my side. Please try that again.";
/// What is said when this call is in other hands, or over.
pub const LINE_CLOSED: &str = "I can't do anything more on this call.";
/// What is said when nobody can tell how far a turn came: no invitation to try again, since money may have moved.
const UNSURE: &str =
    "I'm sorry, something went wrong on my side. Let me connect you to a colleague.";
/// What is said while the bank takes its time, one after the other; no answer to anything.
pub const HOLDING: [&str; 2] = ["One moment, please.", "I'm still working on it."];
/// What is said when a caller should be connected and there is nowhere to connect to.
const NOBODY_THERE: &str = "I can't connect you from here. Please call the bank's service number.";
/// What is said when the books cannot be opened.
pub const BOOKS_CLOSED: &str = "I can't get to my records right now. If this is about moving money, please ask me in a moment whether it went through before you ask for it again.";
/// What is said when the call is busy with what was asked before.
pub const ONE_MOMENT: &str = "One moment please, I'm still working on what you asked before.";
/// What is said when more is asked for than can be done in time.
pub const OVERLOADED: &str = "I'm helping a lot of people right now, and nothing was changed. Please ask me again in a moment.";
/// The same where nobody has looked up what became of it.
pub const CROWDED: &str = "I'm helping a lot of people right now. Please ask me again in a moment.";
/// What is said to what was asked before something newer.
pub const OUTDATED: &str =
    "I may have missed something there. Could you say once more what you'd like?";
/// What is said when nothing could be looked up.
pub const OUT_OF_REACH: &str =
    "I can't reach the bank right now, and nothing was changed. Please try again shortly.";
/// The same where nobody has looked up what became of what was asked.
pub const BANK_SILENT: &str = "I can't reach the bank right now. Please try again shortly.";

/// The plain sentence of an outcome. `last_reply` is what `repeat` says again.
///
/// Invariant: every turn ends in a spoken sentence (`every_outcome_has_a_sentence_within_bounds`).
#[must_use]
pub fn plain(outcome: &Outcome, last_reply: Option<&str>) -> Reply {
    match outcome {
        Outcome::Balances(all) => Reply::say(match all.as_slice() {
            [] => "You have no accounts with us.".to_owned(),
            [one] => {
                format!(
                    "You have {} in your {}.",
                    amount(&one.available),
                    account(&one.account)
                )
            }
            [first, rest @ ..] => format!(
                "You have {} in your {}, and {} more {}.",
                amount(&first.available),
                account(&first.account),
                rest.len(),
                if rest.len() == 1 {
                    "account"
                } else {
                    "accounts"
                }
            ),
        }),
        Outcome::Accounts(all) => Reply::say(match all.as_slice() {
            [] => "You have no accounts with us.".to_owned(),
            [one] => format!("You have one account, your {}.", account(one)),
            many => format!("You have {} accounts.", many.len()),
        }),
        Outcome::Statement(statement) => Reply::say(format!(
            "Your statement has {} {}.",
            statement.lines.len(),
            if statement.lines.len() == 1 {
                "entry"
            } else {
                "entries"
            }
        )),
        Outcome::Profile(_) => Reply::say("I have your details here. What would you like to know?"),
        Outcome::Paid(payment) => uninterruptible(paid(payment)),
        Outcome::Applied(_) => {
            Reply::say("Your application has been received. The bank will come back to you.")
        }
        Outcome::Asked(question) => Reply::say(&question.say.text),
        Outcome::Confirmation(message) | Outcome::StepUp(message) | Outcome::Said(message) => {
            Reply::say(&message.text)
        }
        Outcome::Refused(message) => uninterruptible(message.text.clone()),
        Outcome::HandedOff(message) => Reply {
            text: message.text.clone(),
            next: Next::HandOff(None),
            interruptible: false,
        },
        Outcome::Failed(failure) => Reply::say(failed(failure)),
        Outcome::Cancelled => Reply::say("All right, I've dropped that. What else can I do?"),
        Outcome::Repeated => {
            Reply::say(last_reply.unwrap_or("I haven't said anything yet. How can I help?"))
        }
        Outcome::Ended => Reply {
            text: "Thank you for calling. Goodbye.".to_owned(),
            next: Next::HangUp,
            interruptible: true,
        },
    }
}

/// What is said when nobody can tell how far a turn came; what it says is done.
#[must_use]
pub fn unsure() -> Reply {
    Reply {
        text: UNSURE.to_owned(),
        next: Next::HandOff(None),
        interruptible: false,
    }
}

/// What is said in the place of a reply that hands the caller over where there is nobody to take over: its reason stays, what it
/// says of a colleague does not.
#[must_use]
pub fn nobody_there(reply: &str) -> String {
    let mut sentences = Sentences::default();
    let mut said = sentences.push(reply);
    said.extend(sentences.finish());
    said.retain(|sentence| {
        let sentence = sentence.to_ascii_lowercase();
        !["colleague", "connect"]
            .iter()
            .any(|it| sentence.contains(it))
    });
    said.push(NOBODY_THERE.to_owned());
    said.join(" ")
}

/// The plain sentence of a failure.
#[must_use]
pub fn failed(failure: &Failure) -> &'static str {
    match failure {
        Failure::NotFound(what) if what == "account" => "I couldn't find that account.",
        Failure::NotFound(_) => "I couldn't find that.",
        Failure::NotAllowed(_) => "I'm not able to do that.",
        Failure::InsufficientFunds => "There isn't enough money in that account.",
        Failure::Rejected(_) => "The bank declined that request.",
        Failure::Unavailable => OUT_OF_REACH,
        Failure::Uncertain => STILL_PENDING,
        Failure::Unsupported => "I can't help with that here.",
    }
}

fn paid(payment: &Payment) -> String {
    let amount = amount(&payment.transfer.amount);
    match payment.status {
        PaymentStatus::Completed => format!("Done. I've transferred {amount}."),
        PaymentStatus::Pending => {
            format!("I've sent {amount}. The bank will book it shortly.")
        }
    }
}

fn uninterruptible(text: String) -> Reply {
    Reply {
        text,
        next: Next::Listen,
        interruptible: false,
    }
}

/// An amount as it is spoken.
#[must_use]
pub fn amount(money: &Money) -> String {
    let decimal = money.to_decimal();
    let (unit, small) = match money.currency.as_str() {
        "USD" => (["dollar", "dollars"], ["cent", "cents"]),
        "EUR" => (["euro", "euros"], ["cent", "cents"]),
        "GBP" => (["pound", "pounds"], ["penny", "pence"]),
        other => return format!("{decimal} {other}"),
    };
    let counted = |count: &str, [one, many]: [&str; 2]| {
        let is_one = count.trim_start_matches('-') == "1";
        format!("{count} {}", if is_one { one } else { many })
    };
    let (whole, part) = decimal.split_once('.').unwrap_or((&decimal, ""));
    let part = part.trim_start_matches('0');
    match (whole, part) {
        (_, "") => counted(whole, unit),
        ("0" | "-0", _) => counted(&whole.replace('0', part), small),
        _ => format!("{} and {}", counted(whole, unit), counted(part, small)),
    }
}

fn account(account: &Account) -> String {
    match (&account.nickname, account.kind.as_str()) {
        (Some(nickname), _) => nickname.clone(),
        (None, "") => "account".to_owned(),
        (None, kind) => format!("{kind} account"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::bounds;
    use crate::call::intent::Message;
    use crate::call::outcome::Balance;

    fn checking() -> Account {
        Account {
            id: "checking_1".into(),
            kind: "checking".into(),
            nickname: None,
            currency: "USD".into(),
        }
    }

    #[test]
    fn every_outcome_has_a_sentence_within_bounds() {
        let said = || Message::plain("code", "Text.");
        let mut outcomes = vec![
            Outcome::Balances(Vec::new()),
            Outcome::Accounts(vec![checking()]),
            Outcome::Confirmation(said()),
            Outcome::StepUp(said()),
            Outcome::Refused(said()),
            Outcome::HandedOff(said()),
            Outcome::Said(said()),
            Outcome::Cancelled,
            Outcome::Repeated,
            Outcome::Ended,
        ];
        outcomes.extend(
            [
                Failure::NotFound("account".into()),
                Failure::NotFound("user".into()),
                Failure::NotAllowed("x".into()),
                Failure::InsufficientFunds,
                Failure::Rejected("r".into()),
                Failure::Unavailable,
                Failure::Uncertain,
                Failure::Unsupported,
            ]
            .map(Outcome::Failed),
        );
        for outcome in outcomes {
            let reply = plain(&outcome, None);
            assert_eq!(bounds::spoken("reply", &reply.text), Ok(()), "{outcome:?}");
        }
    }

    #[test]
    fn a_balance_is_said_without_its_id() {
        let balances = Outcome::Balances(vec![Balance {
            account: checking(),
            available: Money::new(500_050, "USD"),
        }]);
        assert_eq!(
            plain(&balances, None).text,
            "You have 5000 dollars and 50 cents in your checking account."
        );
    }

    #[test]
    fn an_amount_is_said_as_people_say_it() {
        for (minor, currency, said) in [
            (4_300, "USD", "43 dollars"),
            (100, "GBP", "1 pound"),
            (1_207, "USD", "12 dollars and 7 cents"),
            (201, "GBP", "2 pounds and 1 penny"),
            (50, "EUR", "50 cents"),
            (-50, "USD", "-50 cents"),
            (-4_250, "USD", "-42 dollars and 50 cents"),
            (4_300, "JPY", "4300 JPY"),
            (0, "USD", "0 dollars"),
        ] {
            assert_eq!(amount(&Money::new(minor, currency)), said);
        }
    }

    #[test]
    fn who_is_told_to_be_connected_is_connected() {
        let reply = unsure();
        assert!(reply.text.contains("connect you"), "{reply:?}");
        assert_eq!(reply.next, Next::HandOff(None));
    }

    #[test]
    fn why_a_caller_should_be_connected_is_said_where_nobody_is_there() {
        assert_eq!(
            nobody_there("For that I connect you to a colleague."),
            NOBODY_THERE
        );
        let locked = nobody_there("Your PIN is locked. I'll connect you to a colleague.");
        assert_eq!(locked, format!("Your PIN is locked. {NOBODY_THERE}"));
    }

    #[test]
    fn an_uncertain_transfer_is_never_told_as_failed() {
        let text = failed(&Failure::Uncertain);
        assert!(!text.contains("fail") && !text.contains("sorry"), "{text}");
    }
}
