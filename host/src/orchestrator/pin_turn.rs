//! PINs: taken out of what came in before anything else sees it, compared, and what follows from that.
//!
//! Invariant: no plugin, record, log or stored payload holds a PIN (`no_secret_reaches_a_log_metric_or_page`). From here on it is a
//! `SecretString` that only the comparison opens.

use secrecy::SecretString;

use super::Orchestrator;
use super::held::Held;
use super::request::{Ask, Error};
use super::working::Working;
use crate::call::intent::{Intent, Message};
use crate::call::session::PendingIntent;
use crate::call::{Outcome, Trust, pin};
use crate::caller::{PinCheck, pin_hash};

/// What came besides the request.
pub(super) enum Given {
    /// No PIN was to be given.
    None,
    /// A PIN, or the function for one without it.
    Pin(Option<SecretString>),
}

/// How a turn goes on after a PIN.
pub(super) enum After {
    /// With the intent that waited for it.
    Goes {
        /// That intent.
        intent: Intent,
        /// The key that was minted with the question.
        key: Option<String>,
    },
    /// With this, and nothing else.
    Says(Outcome),
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
    /// Compares a PIN and moves the call's trust.
    pub(super) async fn check_pin(
        &self,
        held: &mut Held,
        working: &mut Working,
        given: Option<SecretString>,
    ) -> Result<After, Error> {
        let says = |outcome| Ok(After::Says(outcome));
        let Some(user) = held.call().user.clone() else {
            return says(Outcome::Refused(Message::plain(
                "caller_unknown",
                "I don't recognise the number you're calling from, so I can't check a PIN.",
            )));
        };
        // What is no PIN is not compared: it must not count towards the lock.
        let Some(given) = given.filter(pin_hash::is_pin) else {
            return says(Outcome::StepUp(Message::plain(
                "pin_needed",
                "Please tell me your PIN.",
            )));
        };
        let now_ms = working.turn.now.unix_ms;
        match self.callers.check_pin(&user.id, given, now_ms).await? {
            PinCheck::Right => Ok(believed(held, working, now_ms)),
            PinCheck::Wrong { tries_left } => says(Outcome::StepUp(Message {
                code: "pin_wrong".to_owned(),
                parameters: vec![("tries_left".to_owned(), tries_left.to_string())],
                text: "That PIN isn't right. Please try it again.".to_owned(),
            })),
            PinCheck::Locked => {
                held.call().pending = None;
                says(Outcome::HandedOff(Message::plain(
                    "pin_locked",
                    "For your safety your PIN is locked. I'll connect you to a colleague.",
                )))
            }
            PinCheck::NotEnrolled => {
                held.call().pending = None;
                says(Outcome::HandedOff(Message::plain(
                    "pin_not_enrolled",
                    "You have no PIN with us yet. I'll connect you to a colleague.",
                )))
            }
        }
    }
}

fn believed(held: &mut Held, working: &mut Working, now_ms: i64) -> After {
    let call = held.call();
    call.trust = call.trust.max(Trust::Pin);
    call.pin_at_ms = Some(now_ms);
    working.turn.caller.trust = call.trust;
    working.turn.caller.pin_age = Some(0);
    working.turn.stepped_up = true;
    match &call.pending {
        Some(open) => match &open.intent {
            PendingIntent::StepUp(intent) => After::Goes {
                intent: intent.clone(),
                key: open.key.clone(),
            },
            PendingIntent::Confirm(_) | PendingIntent::Slot(_) => {
                After::Says(Outcome::Said(Message::plain("pin_verified", &open.asked)))
            }
        },
        None => After::Says(Outcome::Said(Message::plain(
            "pin_verified",
            "Thank you, that's right. What can I do for you?",
        ))),
    }
}
