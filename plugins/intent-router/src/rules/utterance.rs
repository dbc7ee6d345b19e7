//! Spoken words: first what is plainly an answer, then a request of its own, then what an earlier turn left open, then "and savings?".
//! What is left is `unknown`; the action for it says what can be done.

use super::application::{self, CardSlots, LoanSlots};
use super::correction;
use super::meaning::{self, Asked};
use super::number::is_number_word;
use super::request::{Request, asks_for_bounds, is_change, request};
use super::transfer::Slots;
use super::words::Heard;
use super::{Known, account, aside, later, noise, past, person, plain, read, slot, speaker};
use crate::bindings::bank::voice::types::{Draft, Intent, Pending, Question, Turn};
use crate::bindings::exports::bank::voice::routing::Routed;
use speech::further;

/// Routes what the caller said; accounts and earlier utterances are only asked for where they matter.
pub fn route<'k>(
    turn: &Turn,
    known: impl FnOnce() -> &'k Known,
    said_before: impl FnOnce() -> Vec<String>,
) -> Routed {
    if noise::is_all(&turn.text) {
        return plain(aside::unheard());
    }
    let heard = Heard::new(&turn.text);
    let (question, waiting, asked) = match &turn.pending {
        Some(Pending::Slot(question)) => (Some(question), None, Asked::Nothing),
        Some(Pending::Confirm(intent)) => (None, Some(intent), Asked::YesOrNo),
        Some(Pending::StepUp(intent)) => (None, Some(intent), Asked::Pin),
        None => (None, None, Asked::Nothing),
    };
    // "The second" asks for no moment where there is a second one to choose.
    if let Some(choice) = question.and_then(|question| slot::chosen(question, &heard)) {
        return slot::fill(choice.question, &choice.name, known())
            .unwrap_or(plain(Intent::Unknown));
    }
    // "Hold on, from market instead" is more than a plea for time.
    let may_correct = matches!(waiting, Some(Intent::Transfer(_))) && meaning::holds(&heard);
    let at_once = at_once(turn, &heard, asked, waiting);
    if let Some(intent) = &at_once
        && !may_correct
    {
        return plain(intent.clone());
    }
    let known = known();
    if may_correct {
        let corrected = waiting.and_then(|it| slot::correct_behind_plea(it, &turn.text, known));
        if let Some(routed) = corrected.or(at_once.map(plain)) {
            return routed;
        }
    }
    let wanted = request(&heard);
    // A free text may hold any words: "to pay my credit card" is what a loan is for.
    let free_text = question
        .filter(|q| slot::is_free_text(&q.slot) && !wanted.is_some_and(Request::is_reading));
    if let Some(routed) = free_text.and_then(|q| slot::fill(q, &turn.text, known)) {
        return routed;
    }
    // A no that comes with a question is a no: the question can be asked again, the money could not be taken back.
    let is_reading = wanted.is_some_and(Request::is_reading);
    if asked == Asked::YesOrNo && is_reading && meaning::begins_with_no(&heard) {
        return plain(Intent::Decline);
    }
    if let Some(beside) = beside(&heard, wanted, &turn.pending, known) {
        return plain(beside);
    }
    if let Some(routed) = waiting.and_then(|it| of_waiting(it, wanted, asked, &turn.text, known)) {
        return routed;
    }
    if let Some(wanted) = wanted {
        return of_request(wanted, &turn.text, &heard, question, known);
    }
    if let Some(routed) = of_what_is_open((question, waiting, asked), &heard, &turn.text, known) {
        return routed;
    }
    if let Some(routed) = go_on(&heard, &turn.text, known, said_before) {
        return routed;
    }
    plain_or_begun(turn, &heard, asked, known)
}

// A name, a transfer without a verb, or what nobody understands.
fn plain_or_begun(turn: &Turn, heard: &Heard, asked: Asked, known: &Known) -> Routed {
    let is_open = turn.pending.is_some();
    if speaker::is_customer_alone(heard, known) {
        return plain(if is_open {
            aside::stay()
        } else {
            aside::greeting()
        });
    }
    let begun = || {
        Slots::begun_by_comparison(&turn.text, known)
            .or_else(|| Slots::begun_without_verb(heard, &turn.text, known))
    };
    let begun = if is_open { None } else { begun() };
    begun.unwrap_or_else(|| plain(left_unsaid(heard, asked)))
}

// An answer to the question that is open, a correction of what waits, a no to it or a doubt.
fn of_what_is_open(
    (question, waiting, asked): (Option<&Question>, Option<&Intent>, Asked),
    heard: &Heard,
    text: &str,
    known: &Known,
) -> Option<Routed> {
    let left_open = match (question, waiting) {
        // "I moved fifty dollars already" is no answer to how much.
        _ if past::is_told(heard) => None,
        (Some(question), _) => slot::fill(question, text, known),
        (None, Some(intent)) => slot::correct(intent, text, known),
        (None, None) => None,
    };
    if let Some(routed) = left_open {
        return Some(routed);
    }
    if waiting.is_some() && meaning::has_no(heard) {
        return Some(plain(Intent::Decline));
    }
    // A doubt at the PIN: what was agreed to is asked about anew, since the right PIN would move it.
    if asked == Asked::Pin
        && let Some(intent @ (Intent::Transfer(_) | Intent::Loan(_) | Intent::CreditCard(_))) =
            waiting
        && meaning::doubts(heard)
    {
        return Some(plain(intent.clone()));
    }
    None
}

// Said of the PIN while it is asked for.
const KEPT_BACK: &str = "want to say it|want to tell you|want to tell it|want to give it|want to give you|rather not say|rather not tell|\
    rather not give|not saying|wont say it|out loud|dont have one|do not have one|dont give it|do not give it|have no pin";
const BY_KEYS: &str = "type it|type in|typing|key it|key in|keypad|the keys|my keys|press it|enter it|dial it|punch it";

// What needs neither accounts nor a request: a greeting, a plain answer, what is for the line.
fn at_once(turn: &Turn, heard: &Heard, asked: Asked, waiting: Option<&Intent>) -> Option<Intent> {
    let is_no_answer = || noise::is_hummed(&turn.text) || correction::is_lone_digit(heard);
    if asked == Asked::YesOrNo && is_no_answer() {
        return Some(aside::unclear_answer());
    }
    if meaning::greets(heard) {
        let is_first = turn.pending.is_none();
        return Some(if is_first {
            aside::greeting()
        } else {
            aside::stay()
        });
    }
    // "Great" after a balance is no wish.
    if turn.pending.is_none() && meaning::is_content(heard) {
        return Some(Intent::Decline);
    }
    // "Okay, thank you" is a yes only where one is waited for.
    if turn.pending.is_none() && meaning::is_thanks(heard) {
        return Some(aside::thanks());
    }
    if let Some(answer) = meaning::answer(heard, asked) {
        return Some(answer);
    }
    if asked == Asked::Pin && meaning::has_forgotten(heard) {
        return Some(aside::forgotten_pin(waiting));
    }
    if asked == Asked::Pin && heard.has_any(KEPT_BACK) {
        return Some(aside::pin_refused(waiting));
    }
    // The keys are as good as words, and whoever looks for them is waited for.
    if asked == Asked::Pin && heard.has_any(BY_KEYS) && !meaning::has_no(heard) {
        return Some(aside::stay());
    }
    let is_thanks = asked != Asked::YesOrNo && meaning::is_thanks(heard);
    is_thanks.then(aside::stay)
}

// What is neither a wish nor an answer: who speaks of numbers without correcting anything has not answered.
fn left_unsaid(heard: &Heard, asked: Asked) -> Intent {
    let speaks_of_numbers = || heard.words.iter().any(is_number_word) && !correction::asks(heard);
    let is_no_answer =
        asked == Asked::YesOrNo && (meaning::begins_with_yes(heard) || speaks_of_numbers());
    if is_no_answer && !heard.has_any(ASKING) {
        aside::unclear_answer()
    } else {
        Intent::Unknown
    }
}

// What is said beside banking, about somebody else, or for another day while a transfer is open.
fn beside(
    heard: &Heard,
    wanted: Option<Request>,
    pending: &Option<Pending>,
    known: &Known,
) -> Option<Intent> {
    let (is_transfer_open, waiting) = match pending {
        Some(Pending::Slot(question)) => (matches!(question.draft, Draft::Transfer(_)), None),
        Some(Pending::Confirm(intent) | Pending::StepUp(intent)) => {
            (matches!(intent, Intent::Transfer(_)), Some(intent))
        }
        None => (false, None),
    };
    // "to Bob's savings" is where the money is to go, and answered as that.
    let is_payee = is_transfer_open && wanted.is_none() && !correction::asks(heard);
    let is_reading = wanted.is_none_or(Request::is_reading);
    if is_reading && !is_payee && person::is_asked_about(heard, known) {
        return Some(aside::others_account());
    }
    let is_later = || later::is_meant(heard) && !asks_for_bounds(heard);
    if application::is_number_open(pending) && wanted.is_none() && lacks(heard) {
        return Some(aside::colleague_needed());
    }
    if is_transfer_open && wanted.is_none() && is_later() {
        return Some(aside::transfer_later());
    }
    aside::of(heard, waiting)
}

// What is asked for is not at hand.
fn lacks(heard: &Heard) -> bool {
    meaning::is_unsure(heard)
        || heard.has_any(
            "dont have|do not have|havent got|have not got|cant find|cannot find|lost it|no number",
        )
}

// A wish for money while a question about money waits for its answer: "no, send fifty" with nothing but an amount corrects the transfer,
// and so does "send it to savings". Another wish behind a yes waits: what was asked is not dropped without a word.
fn of_waiting(
    waiting: &Intent,
    wanted: Option<Request>,
    asked: Asked,
    text: &str,
    known: &Known,
) -> Option<Routed> {
    let heard = Heard::new(text);
    let is_other = match wanted {
        Some(Request::Transfer) => !matches!(waiting, Intent::Transfer(_)),
        Some(Request::Loan) => !matches!(waiting, Intent::Loan(_)),
        Some(Request::CreditCard) => !matches!(waiting, Intent::CreditCard(_)),
        _ => false,
    };
    let is_write = matches!(
        wanted,
        Some(Request::Transfer | Request::Loan | Request::CreditCard)
    );
    let is_of_transfers =
        wanted == Some(Request::Transfer) && matches!(waiting, Intent::Transfer(_));
    let corrected = || slot::correct(waiting, text, known);
    if is_of_transfers
        && (meaning::corrects(&heard) || account::mentions(&heard, known).is_empty())
        && let Some(routed) = corrected()
    {
        return Some(routed);
    }
    // "Send the money" says nothing new, and "my boss will pay me 500" corrects nothing.
    if is_of_transfers && account::mentions(&heard, known).is_empty() && !further::is_named(text) {
        return Some(plain(match asked {
            _ if meaning::begins_with_no(&heard) => Intent::Decline,
            _ if correction::asks(&heard) => Intent::Unknown,
            Asked::YesOrNo => aside::unclear_answer(),
            Asked::Pin | Asked::Nothing => aside::stay(),
        }));
    }
    let is_money = is_change(waiting);
    let is_answer = asked == Asked::YesOrNo && meaning::begins_with_yes(&heard);
    let is_further = further::is_named(text) && !meaning::has_no(&heard);
    if !is_money || !is_write || !is_answer && !is_further && !is_other {
        return None;
    }
    let repeats = is_answer && is_of_transfers && corrected() == Some(plain(Intent::Affirm));
    Some(plain(if repeats {
        Intent::Affirm
    } else {
        aside::one_at_a_time()
    }))
}

// A question behind a yes is one that the bank's agent may answer.
const ASKING: &str = "what|why|how|when|where|who|which|can i|can you|could i|could you|is it|is there|are you|\
    are there|do you|do i|does it|will it|would it";

fn of_request(
    request: Request,
    text: &str,
    heard: &Heard,
    question: Option<&Question>,
    known: &Known,
) -> Routed {
    let draft = question.map(|question| &question.draft);
    match request {
        Request::Transfer => {
            let mut slots = match draft {
                Some(Draft::Transfer(draft)) => Slots::of_draft(draft),
                _ => Slots::default(),
            };
            let asked = match draft {
                Some(Draft::Transfer(_)) => question.map(|question| question.slot.as_str()),
                _ => None,
            };
            slots.hear(text, asked, known);
            slots.finish(known)
        }
        Request::Loan => {
            let mut slots = match draft {
                Some(Draft::Loan(draft)) => LoanSlots::of_draft(draft),
                _ => LoanSlots::default(),
            };
            slots.hear(text, None, known);
            slots.finish(known)
        }
        Request::CreditCard => {
            let mut slots = match draft {
                Some(Draft::CreditCard(draft)) => CardSlots::of_draft(draft),
                _ => CardSlots::default(),
            };
            slots.hear(text, None, known);
            slots.finish(known)
        }
        Request::ApplicationStatus => application::status(heard, known),
        Request::Statements => {
            let earlier = match draft {
                Some(Draft::Statements(month)) => month.clone(),
                _ => None,
            };
            read::statements(heard, earlier, known)
        }
        Request::Balance => read::balance(heard, known),
        Request::Accounts => plain(Intent::Accounts),
        Request::Profile => plain(Intent::Profile),
        Request::NoTransfer => plain(Intent::Decline),
        Request::TransferLater => plain(aside::transfer_later()),
    }
}

// "and savings?" goes on with the reading that was asked for before; only a reading, money never moves by an ellipsis.
fn go_on(
    heard: &Heard,
    text: &str,
    known: &Known,
    said_before: impl FnOnce() -> Vec<String>,
) -> Option<Routed> {
    let is_ellipsis =
        heard.text(0) == "and" || heard.has_any("what about|how about|also|too|as well");
    // "No, I meant savings": another account than the one that was read.
    let is_other = meaning::corrects(heard) && heard.words.len() <= 6;
    if !(is_ellipsis || is_other) || account::mentions(heard, known).is_empty() {
        return None;
    }
    let all = said_before();
    let others = all.iter().rev().filter(|said| said.as_str() != text);
    let request = others
        .map(|said| Heard::new(said))
        .find_map(|said| request(&said))?;
    match request {
        Request::Balance => Some(read::balance(heard, known)),
        Request::Statements => Some(read::statements(heard, None, known)),
        _ => None,
    }
}
