//! PINs: taken out of what came in before anything else sees it, compared, and what follows from that and from the words that came
//! with them.
//!
//! Invariant: no plugin, record, log or stored payload holds a PIN (`no_secret_reaches_a_log_metric_or_page`). From here on it is a
//! `SecretString` that only the comparison opens.

use std::sync::atomic::Ordering;

use secrecy::SecretString;

use super::Orchestrator;
use super::held::Held;
use super::pending::{self, Resolved};
use super::pin_mark;
use super::request::{Ask, Error};
use super::working::Working;
use crate::call::intent::{Intent, Message};
use crate::call::pin::{self, Open};
use crate::call::session::{Pending, PendingIntent};
use crate::call::turn::Channel;
use crate::call::{Outcome, Trust};
use crate::caller::{PinCheck, pin_hash};

/// What came besides the request.
pub(super) enum Given {
    /// No PIN was to be given.
    None,
    /// A PIN, or the function for one without it.
    Pin(Option<SecretString>),
    /// Digits that nobody asked for, which stand nowhere any more; this is said to them.
    Digits(String),
}

/// The code of the question for a PIN of which a part was said.
pub(super) const PIN_INCOMPLETE: &str = "pin_incomplete";
/// The code of the question for a PIN behind a wrong one, and how it begins.
pub(super) const PIN_WRONG: &str = "pin_wrong";
const WRONG: &str = "That PIN isn't right.";

/// What a PIN came to.
enum Checked {
    /// It is theirs.
    Right,
    /// It is not, or none was given; this is said where nothing else was wanted.
    Not(Outcome),
    /// Whatever else was wanted.
    Ends(Outcome),
    /// It could not be compared; what was said along with it is still heard.
    Failed(Error),
}

/// Takes every PIN out of a request.
pub(super) fn take(ask: &mut Ask) -> Given {
    match ask {
        Ask::Invocation { name, arguments } => {
            if name == pin::VERIFY_PIN {
                return Given::Pin(pin::take_whole(arguments));
            }
            let _ = pin::take_from_arguments(arguments);
            Given::None
        }
        // A PIN in spoken words is taken where it is known what is new in them.
        Ask::Utterance { .. } | Ask::Rest { .. } => Given::None,
    }
}

impl Orchestrator {
    /// Compares a PIN, and finds out what is wanted: what waited for it where nothing else was said, or what was said along with it.
    ///
    /// Invariant: nothing that waits for a PIN goes on over what was said along with it
    /// (`what_is_said_along_with_the_pin_is_for_the_rules_and_stops_the_money`).
    pub(super) async fn with_pin(
        &self,
        held: &mut Held,
        working: &mut Working,
        ask: &Ask,
        given: Option<SecretString>,
    ) -> Result<Resolved, Error> {
        let besides = pin::besides(&working.turn.text, open_to(held));
        if may_be_sum(held, &working.turn.text) {
            return Ok(self.with_sum(held, working, besides).await);
        }
        let is_whole = given.as_ref().is_some_and(pin_hash::is_pin);
        let checked = match self.check_pin(held, working, given).await {
            Ok(checked) => checked,
            Err(cause) => Checked::Failed(cause),
        };
        let is_offered = is_offered_beside_pin(held);
        let is_gone = ask.is_superseded();
        if is_gone && matches!(checked, Checked::Right) {
            // Nothing of it is lost, and the newer words may stop what waits for it.
            return Err(Error::Superseded);
        }
        if besides.is_empty() || is_gone || matches!(checked, Checked::Ends(_)) {
            if is_offered {
                held.settle();
            }
            return alone(held, checked);
        }
        working.turn.text = besides;
        let mut wanted = self.wanted(held, working).await;
        if is_offered {
            // The PIN answers what waits beneath: a yes before it is no more than a beginning, and a no may have been to more than
            // the offer.
            held.settle();
            wanted = match wanted {
                Resolved::Confirmed { .. } => Resolved::AskAgain,
                Resolved::SetAside => Resolved::Fresh(Intent::Unknown),
                wanted => wanted,
            };
        }
        let waits = step_up(held);
        if matches!((&wanted, &checked), (Resolved::AskAgain, Checked::Right)) {
            // "Do it, 1234".
            return alone(held, checked);
        }
        let is_money =
            matches!(&waits, Some(Resolved::Confirmed { intent, .. }) if intent.is_write());
        // What is no PIN and no words that are understood may be another sum.
        let is_doubt = matches!(wanted, Resolved::Fresh(Intent::Unknown | Intent::Custom(_)))
            && !is_by_another(&wanted);
        if is_money && is_doubt && !is_whole {
            return Ok(ask_again(held));
        }
        let is_asked_anew = matches!(checked, Checked::Right) && ask_anew(held);
        match (wanted, checked) {
            // Words that nobody understands may be a doubt about money: where there is no question to ask anew, the PIN is asked for
            // again.
            (Resolved::Fresh(Intent::Unknown), Checked::Right) if is_money && !is_asked_anew => {
                Ok(Resolved::Fresh(Intent::Unknown))
            }
            (Resolved::AskAgain | Resolved::Fresh(Intent::Unknown), checked) => {
                alone(held, checked)
            }
            // Who gives a PIN to a yes means it to hold with that PIN.
            (Resolved::Confirmed { .. }, checked @ (Checked::Not(_) | Checked::Failed(_))) => {
                alone(held, checked)
            }
            (wanted, _) => Ok(wanted),
        }
    }

    /// What digits come to that may be a sum: who says them counts before what they are.
    async fn with_sum(&self, held: &mut Held, working: &mut Working, besides: String) -> Resolved {
        working.turn.text = besides;
        let wanted = self.wanted(held, working).await;
        if is_by_another(&wanted) {
            wanted
        } else {
            ask_again(held)
        }
    }

    /// Compares a PIN and moves the call's trust.
    async fn check_pin(
        &self,
        held: &mut Held,
        working: &mut Working,
        given: Option<SecretString>,
    ) -> Result<Checked, Error> {
        let Some(user) = held.call().user.clone() else {
            return Ok(Checked::Not(Outcome::Refused(Message::plain(
                "caller_unknown",
                "I don't recognise the number you're calling from, so I can't check a PIN.",
            ))));
        };
        // What is no PIN is not compared: it must not count towards the lock.
        let Some(given) = given.filter(pin_hash::is_pin) else {
            let code = match working.turn.channel {
                Channel::Voice => PIN_INCOMPLETE,
                Channel::Invocation | Channel::Rest => "pin_needed",
            };
            let said = Message::plain(code, "Please tell me your PIN.");
            return Ok(Checked::Not(Outcome::StepUp(said)));
        };
        let compared = mark_of(held, working, &given);
        if compared.is_some() && compared == held.call().wrong_pin {
            // Delivered again: it was counted.
            return Ok(Checked::Not(wrong(Vec::new())));
        }
        let now_ms = working.turn.now.unix_ms;
        // One that is counted is remembered, so the turn lives to do so, whatever is asked meanwhile.
        let is_comparing = &working.scope.is_comparing;
        is_comparing.store(true, Ordering::Release);
        let checked = self.callers.check_pin(&user.id, given, now_ms).await?;
        Ok(match checked {
            PinCheck::Right => {
                is_comparing.store(false, Ordering::Release);
                believe(held, working, now_ms);
                Checked::Right
            }
            PinCheck::Wrong { tries_left } => {
                held.call().wrong_pin = compared;
                let left = ("tries_left".to_owned(), tries_left.to_string());
                Checked::Not(wrong(vec![left]))
            }
            PinCheck::Locked => {
                held.call().pending = None;
                Checked::Ends(Outcome::HandedOff(locked()))
            }
            PinCheck::NotEnrolled => {
                held.call().pending = None;
                Checked::Ends(Outcome::HandedOff(Message::plain(
                    "pin_not_enrolled",
                    "You have no PIN with us yet. I'll connect you to a colleague.",
                )))
            }
        })
    }
}

/// What tells a PIN of a tool call from the same one given again: how often the caller had spoken.
fn mark_of(held: &mut Held, working: &Working, given: &SecretString) -> Option<String> {
    let call = held.call();
    let when = format!("{} {}", call.id, call.caller_utterances);
    let is_tool_call = working.turn.channel == Channel::Invocation;
    pin_mark::mark(&when, given).filter(|_| is_tool_call)
}

fn wrong(parameters: Vec<(String, String)>) -> Outcome {
    Outcome::StepUp(Message {
        code: PIN_WRONG.to_owned(),
        parameters,
        text: format!("{WRONG} Please try it again."),
    })
}

/// What a customer hears whose PIN is locked.
pub(super) fn locked() -> Message {
    Message::plain(
        "pin_locked",
        "For your safety your PIN is locked. I'll connect you to a colleague.",
    )
}

/// Whether digits that came for a PIN may be another sum than the one that waits for it.
fn may_be_sum(held: &mut Held, text: &str) -> bool {
    let call = held.call();
    let open = call.pending.as_ref().map(Pending::question);
    let is_money = open.is_some_and(
        |open| matches!(&open.intent, PendingIntent::StepUp(intent) if intent.is_write()),
    );
    is_money && pin::may_be_sum(text, was_wrong(held))
}

fn is_by_another(wanted: &Resolved) -> bool {
    matches!(wanted, Resolved::Fresh(Intent::Custom(said)) if said.is_by_another())
}

/// What the words are said to in which the PIN stood.
fn open_to(held: &mut Held) -> Open {
    match pending::open(held.call().pending.as_ref()) {
        Open::Other if was_wrong(held) => Open::PinAgain,
        open => open,
    }
}

/// Whether the PIN before was not right.
fn was_wrong(held: &mut Held) -> bool {
    let said = held.call().last_reply.as_ref();
    said.is_some_and(|said| said.contains(WRONG))
}

/// Goes back to the question that was agreed to before the PIN, or asks for the PIN again where there was none.
fn ask_again(held: &mut Held) -> Resolved {
    if is_offered_beside_pin(held) {
        held.settle();
    }
    ask_anew(held);
    Resolved::AskAgain
}

/// Whether a PIN is what is asked for beneath an offer.
fn is_offered_beside_pin(held: &mut Held) -> bool {
    let open = held.call().pending.as_ref();
    open.is_some_and(|open| {
        open.offer().is_some() && matches!(open.question().intent, PendingIntent::StepUp(_))
    })
}

/// What waits for a PIN, with the key that was minted with the question.
fn step_up(held: &mut Held) -> Option<Resolved> {
    let open = held.call().pending.as_ref()?;
    let PendingIntent::StepUp(intent) = &open.intent else {
        return None;
    };
    Some(Resolved::Confirmed {
        intent: intent.clone(),
        key: open.key.clone(),
    })
}

/// What waited for the PIN has it, but more was said: the question that was agreed to before is open again.
fn ask_anew(held: &mut Held) -> bool {
    let Some(open) = &mut held.call().pending else {
        return false;
    };
    let (PendingIntent::StepUp(intent), Some(agreed)) = (&open.intent, &open.agreed) else {
        return false;
    };
    open.asked.clone_from(agreed);
    open.intent = PendingIntent::Confirm(intent.clone());
    open.confirmed = false;
    open.agreed = None;
    true
}

fn believe(held: &mut Held, working: &mut Working, now_ms: i64) {
    let call = held.call();
    call.trust = call.trust.max(Trust::Pin);
    call.is_doubted = false;
    call.pin_at_ms = Some(now_ms);
    if let Some(open) = &mut call.pending {
        let question = open.question_mut();
        question.has_pin |= question.intent.intent().is_some();
    }
    working.turn.caller.trust = call.trust;
    working.turn.caller.pin_age = Some(0);
    working.turn.stepped_up = true;
    // Whatever is decided in this turn was waiting for it, or was said along with it.
    working.turn.note_pin();
}

/// Somebody else is on the line, for all that is known: what the number or a PIN has opened is closed until a PIN is given. What
/// waits is asked about anew behind that PIN, and what was said last is not said again.
///
/// Invariant: whoever says they are somebody else hears nothing of the customer's until the PIN
/// (`whoever_says_they_are_somebody_else_hears_nothing_more_until_the_pin`).
pub(super) fn doubt(held: &mut Held, working: &mut Working) {
    let call = held.call();
    call.trust = Trust::Unknown;
    call.is_doubted = true;
    call.pin_at_ms = None;
    call.prove_first();
    working.turn.caller.trust = call.trust;
    working.turn.caller.pin_age = None;
    working.turn.stepped_up = false;
    working.turn.forget_pin();
}

/// What a PIN comes to with which nothing else was said.
fn alone(held: &mut Held, checked: Checked) -> Result<Resolved, Error> {
    let outcome = match checked {
        Checked::Right => {
            if let Some(waits) = step_up(held) {
                return Ok(waits);
            }
            // What else is open is asked once more after it.
            let text = match held.call().pending {
                Some(_) => "Thank you, that's right.",
                None => "Thank you, that's right. What can I do for you?",
            };
            Outcome::Said(Message::plain("pin_verified", text))
        }
        Checked::Not(outcome) | Checked::Ends(outcome) => outcome,
        Checked::Failed(cause) => return Err(cause),
    };
    Ok(Resolved::Settled {
        name: "verify-pin",
        outcome: Box::new(outcome),
    })
}
