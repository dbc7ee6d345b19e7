//! What a caller says beside banking and answers, as intents of our own that `banking-actions` has the sentences for: help, a
//! forgotten PIN, a new address, noise, an answer that is none. None of them reads or moves anything. What
//! leaves an open question without an answer is one of them once; the second time in a row it is not understood.
//! Names are part of both plugins' descriptions.

use super::request::{Request, is_change, request};
use super::words::Heard;
use super::{past, pressure};
use crate::bindings::bank::voice::types::{CustomIntent, Intent};

/// The names of all of them.
pub const NAMES: [&str; 18] = [
    "help",
    "greeting",
    "stay",
    "unheard",
    "unclear-answer",
    "one-at-a-time",
    "transfer-later",
    "others-account",
    "another-caller",
    "forgotten-pin",
    "change-details",
    "who-speaks",
    "thanks",
    "card-help",
    "fraud-help",
    "transfer-again",
    "pin-refused",
    "colleague-needed",
];

const HELP: &str = "what can you do|what can i do|what can i say|what can i ask|what are my options|\
    what do you do|how does this work|what can you help|how can you help";
// "help" with nothing but these asks what can be done.
const HELPLESS: &[&str] = &[
    "help", "me", "please", "i", "need", "want", "would", "like", "some", "can", "could", "you",
    "get", "hello", "hi", "a", "little", "bit", "of", "um", "uh", "oh", "options", "menu", "main",
];
const PIN: &str = "pin|pins|pin number|passcode|password|security code";
const PIN_GONE: &str = "forgot|forget|forgotten|lost|remember|reset|change|new|blocked|locked|dont know|do not know|dont have|\
    do not have|whats my|what is my|tell me my";
const PIN_REFUSED: &str = "not to give|never to give|never give|dont give|do not give|wont give|not giving|not going to give|\
    rather not|prefer not|dont want to|do not want to|not to say|not to tell|never to tell|never tell|dont tell|do not tell|\
    cant say|cannot say|wont tell|not telling|not comfortable|out loud|refuse to";
const PIN_KNOWN: &str = "knows my pin|has my pin|saw my pin|gave my pin|given my pin|\
    told my pin|shared my pin|gave out my pin|stole my pin|gave him my pin|gave her my pin|gave them my pin|told them my pin|\
    told him my pin|told her my pin|knows my password|gave my password";
const DETAILS: &str = "address|email|e mail|phone number|telephone number|mobile number|my number|last name|surname|my name|\
    contact details|my details|personal details|my information|my profile";
const CHANGES: &str = "change|changed|changing|update|updating|updated|edit|replace|moved|is wrong|isnt right|is not right|\
    is incorrect|is outdated|have a new|got a new|my new|is now";

const CARD: &str = "card|cards|debit card|wallet|purse";
const CARD_GONE: &str = "lost|lose|losing|stolen|stole|missing|block|blocked|blocking|unblock|freeze|frozen|unfreeze|cancel|\
    swallowed|ate my|eaten|declined|doesnt work|not working|isnt working|wont work|does not work|hacked|cloned|skimmed|\
    compromised|replace|cant find|cannot find|expired|broken|damaged|deactivate|activate|locked|unlock|stopped working|\
    is gone|wrong with|my card work|card stopped|card working";
const APPLIED: &str = "application|applications|applied|apply|approved";
const PAID: &str =
    "transaction|transactions|payment|payments|charge|charges|purchase|withdrawal|debit|transfer";
const NOT_MINE: &str = "dont recognise|dont recognize|do not recognise|do not recognize|didnt make|did not make|wasnt me|\
    was not me|unknown|unauthorised|unauthorized|fraudulent|suspicious|strange|didnt authorize|didnt authorise|never made";
const FRAUD: &str = "stole my money|stolen my money|stole money|my money is gone|money is missing|money was stolen|took my money|\
    been hacked|was hacked|got hacked|fraud|scam|scammed|identity theft|been robbed|was robbed|phished|phishing";
// What the bank does, and this line does not.
const NOT_HERE: &str = "deposit a check|deposit a cheque|deposit my check|deposit this check|cash a check|cash a cheque|\
    cash my check|close my account|close an account|close the account|closing my account|close my accounts|open an account|\
    open a new account|open another account|open a savings account|open a checking account|passed away|has died|mother died|\
    father died|husband died|wife died|is deceased|power of attorney|cant pay my loan|cannot pay my loan|cant pay the loan|\
    cannot pay the loan|cant make my payment|behind on my|overdraft|interest rate|exchange rate|order checks|new checkbook";
const ONCE_MORE: &str = "do it again|do that again|same again|same thing again|the same again|do the same|repeat the transfer|\
    same transfer|another one|send it again|that transfer again|transfer again";

/// What the caller says beside banking, if anything; `waiting` is what waits for a yes or the PIN, which a colleague who takes over
/// would drop.
pub fn of(heard: &Heard, waiting: Option<&Intent>) -> Option<Intent> {
    let texts = || heard.words.iter().map(|word| word.text.as_str());
    let is_helpless =
        texts().all(|text| HELPLESS.contains(&text)) && heard.has_any("help|options|menu");
    if is_helpless || heard.has_any(HELP) && heard.words.len() <= 8 {
        return Some(own("help"));
    }
    let is_talked_into = pressure::is_talked_into(heard);
    let is_waiting = || waiting.is_some_and(is_change);
    // Whoever was talked into moving money is not asked whether they want help.
    let is_moving = || is_waiting() || request(heard) == Some(Request::Transfer);
    if is_talked_into && is_moving() || heard.has_any(FRAUD) && is_waiting() {
        return Some(Intent::Human);
    }
    if is_talked_into {
        return Some(pressed(offered("fraud-help", waiting)));
    }
    if heard.has_any(PIN_KNOWN) {
        return Some(offered("fraud-help", waiting));
    }
    if heard.has_any(PIN) && heard.has_any(PIN_REFUSED) {
        return Some(offered("pin-refused", waiting));
    }
    if heard.has_any(PIN) && heard.has_any(PIN_GONE) {
        return Some(offered("forgotten-pin", waiting));
    }
    let is_gone = heard.has_any(CARD) && heard.has_any(CARD_GONE) && !heard.has_any(APPLIED);
    let is_lost = is_gone
        || heard.has_any(
            "new debit card|another debit card|replacement card|send me a new card|send me another card",
        );
    if is_lost {
        return Some(offered("card-help", waiting));
    }
    // A question about money that waits is not asked again beside a report of money: nothing is moved, and a person looks into it.
    if matches!(waiting, Some(Intent::Transfer(_))) && past::is_wrong(heard) {
        let is_denied = past::is_denied(heard);
        return Some(if is_denied {
            Intent::Cancel
        } else {
            Intent::Human
        });
    }
    if heard.has_any(NOT_HERE) {
        return Some(offered("colleague-needed", waiting));
    }
    let is_not_mine = heard.has_any(PAID) && heard.has_any(NOT_MINE);
    if heard.has_any(FRAUD) || is_not_mine || past::is_wrong(heard) {
        return Some(offered("fraud-help", waiting));
    }
    if waiting.is_none() && heard.has_any(ONCE_MORE) && heard.words.len() <= 6 {
        return Some(own("transfer-again"));
    }
    let changes = heard.has_any(DETAILS) && heard.has_any(CHANGES);
    changes.then(|| offered("change-details", waiting))
}

// The offer of a colleague takes the place of the question, so it carries along what would not be made.
fn offered(name: &str, waiting: Option<&Intent>) -> Intent {
    let dropped = match waiting {
        Some(Intent::Transfer(_)) => Some("transfer"),
        Some(Intent::Loan(_) | Intent::CreditCard(_)) => Some("application"),
        _ => None,
    };
    let slot = dropped.map(|what| ("not_made".to_owned(), what.to_owned()));
    Intent::Custom(CustomIntent {
        name: name.to_owned(),
        slots: slot.into_iter().collect(),
    })
}

// The host moves nothing more in this call.
fn pressed(mut wanted: Intent) -> Intent {
    if let Intent::Custom(wanted) = &mut wanted {
        wanted
            .slots
            .push(("caller".to_owned(), "pressed".to_owned()));
    }
    wanted
}

/// What only a colleague can find out.
pub fn colleague_needed() -> Intent {
    offered("colleague-needed", None)
}

/// The caller says hello.
pub fn greeting() -> Intent {
    own("greeting")
}

/// The caller does not want to go, or needs a moment.
pub fn stay() -> Intent {
    answering("stay", "unheard")
}

/// Nothing but noise was heard.
pub fn unheard() -> Intent {
    answering("unheard", "unheard")
}

/// Neither a clear yes nor a clear no.
pub fn unclear_answer() -> Intent {
    answering("unclear-answer", NO_ANSWER)
}

/// Whether it says that an answer was awaited, and none came or nothing was said.
pub fn is_no_answer(wanted: &CustomIntent) -> bool {
    wanted.slots.iter().any(|(name, _)| name == ANSWER)
}

/// One more wish where a yes is waited for first.
pub fn one_at_a_time() -> Intent {
    own("one-at-a-time")
}

/// A transfer on another day, or again and again.
pub fn transfer_later() -> Intent {
    own("transfer-later")
}

/// Somebody else's account.
pub fn others_account() -> Intent {
    answering(OTHERS_ACCOUNT, NO_ANSWER)
}

/// Somebody else than the customer speaks; along with what else they say or want, if anything: a colleague, or to stop what waits.
pub fn another_caller(beside: Option<Intent>) -> Intent {
    let alone = |slot: (&str, &str)| CustomIntent {
        name: "another-caller".to_owned(),
        slots: vec![(slot.0.to_owned(), slot.1.to_owned())],
    };
    let mut wanted = match beside {
        Some(Intent::Custom(wanted)) => wanted,
        Some(Intent::Human) => alone((WISH, "human")),
        Some(Intent::Cancel) => alone((ANSWER, DROPPED)),
        _ => alone((ANSWER, NO_ANSWER)),
    };
    wanted
        .slots
        .push(("caller".to_owned(), "another".to_owned()));
    Intent::Custom(wanted)
}

/// The caller says thank you, and nothing waits.
pub fn thanks() -> Intent {
    own("thanks")
}

/// Whom the caller is talking to.
pub fn who_speaks() -> Intent {
    own("who-speaks")
}

/// The PIN that is asked for is not to be said.
pub fn pin_refused(waiting: Option<&Intent>) -> Intent {
    offered("pin-refused", waiting)
}

/// The PIN that is asked for is not known any more.
pub fn forgotten_pin(waiting: Option<&Intent>) -> Intent {
    offered("forgotten-pin", waiting)
}

// What the host counts turns by that lead nowhere.
const ANSWER: &str = "answer";
const NO_ANSWER: &str = "none";
// What the host drops what is open for.
const DROPPED: &str = "cancel";
const WISH: &str = "wish";
/// What is said of somebody else's account.
pub const OTHERS_ACCOUNT: &str = "others-account";

fn answering(name: &str, answer: &str) -> Intent {
    Intent::Custom(CustomIntent {
        name: name.to_owned(),
        slots: vec![(ANSWER.to_owned(), answer.to_owned())],
    })
}

fn own(name: &str) -> Intent {
    Intent::Custom(CustomIntent {
        name: name.to_owned(),
        slots: Vec::new(),
    })
}
