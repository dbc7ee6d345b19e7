//! What was changed at the bank cannot be called back: what is said to a "cancel" that comes after it.
//!
//! Nobody is told that something was stopped which was not.

use std::sync::LazyLock;

use regex::Regex;

use crate::call::intent::{Intent, Message};
use crate::call::session::Spoken;
use crate::call::{Call, Outcome, Reply};

/// The code of an outcome that could no longer be stopped.
const CODE: &str = "too_late";
/// Follows what was done, where the caller wanted it otherwise in the same breath.
const SAID_TOO_LATE: &str = "It had gone through before you said so.";

/// Words that want something otherwise.
static OBJECTION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:but|no|not|never|don['’]?t|didn['’]?t|wait|stop|hold on|cancel|instead|actually|make it|change|wrong|undo)\b")
        .expect("a constant pattern, compiled in a test")
});

/// Words that regret what was done, in whatever sentence the rules have not understood.
static REGRET: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:wait|stop|wrong|undo|not what|not that|too much|take (?:it|that) back|didn['’]?t (?:want|mean))\b")
        .expect("a constant pattern, compiled in a test")
});

/// Words that end a conversation, whatever no is in them.
static COURTESY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b(?:thanks?|thank you|nothing|nope|all|else|more|good|fine|great|problem|bye)\b",
    )
    .expect("a constant pattern, compiled in a test")
});

/// Whether words of no other meaning take back what the caller has just been told was done: "no, don't do that!"
pub(super) fn objects(call: &Call, intent: &Intent, words: &str) -> bool {
    let is_against = match intent {
        Intent::Decline => OBJECTION.is_match(words) && !COURTESY.is_match(words),
        // An open question of something else may have any "but" and "no" in it.
        Intent::Unknown => REGRET.is_match(words) && !words.trim_end().ends_with('?'),
        _ => false,
    };
    is_against
        && call.pending.is_none()
        && call.spoken.as_ref().is_some_and(Spoken::tells_of_a_change)
}

/// What a "cancel" comes to while nothing is open.
pub(super) fn cancelled(call: &Call) -> Outcome {
    let (code, text) = if !call.promised.is_empty() {
        (
            CODE,
            "The bank has that already, so I can't stop it. I'll tell you what comes of it.",
        )
    } else if call.has_changed {
        (
            CODE,
            "That has gone through already, so I can't take it back. Say agent, and a colleague will look into it.",
        )
    } else {
        (
            "nothing_to_cancel",
            "There is nothing to cancel in this call. If it was made earlier, say agent, and a colleague will look into it.",
        )
    };
    Outcome::Said(Message::plain(code, text))
}

/// What is said to words that came behind those which were acted on, where the rules have done nothing about them.
pub(super) fn said(call: &Call, outcome: &Outcome, words: &str) -> Option<Reply> {
    if !call.promised.is_empty() {
        // Nobody knows yet that it has gone through.
        return None;
    }
    let is_unmet = matches!(outcome, Outcome::Said(_)) && OBJECTION.is_match(words);
    let is_objection = outcome.code() == CODE || is_unmet;
    is_objection.then(|| Reply::say(SAID_TOO_LATE))
}

/// Whether an outcome says so, so that the word of what came of it is all that is left to say.
pub(super) fn is_told(outcome: &Outcome) -> bool {
    outcome.code() == CODE
}

/// Keeps in mind that something was changed at the bank, until something else is stopped.
pub(super) fn note(call: &mut Call, outcome: &Outcome) {
    match outcome {
        Outcome::Paid(_) | Outcome::Applied(_) => call.has_changed = true,
        Outcome::Cancelled => call.has_changed = false,
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::outcome::Application;
    use crate::call::session::{DialogueState, Done};

    #[test]
    fn nobody_is_told_that_something_was_stopped_which_was_not() {
        let mut call = Call::new("call_1", 0);
        assert_eq!(cancelled(&call).code(), "nothing_to_cancel");
        note(&mut call, &Outcome::Repeated);
        assert_eq!(cancelled(&call).code(), "nothing_to_cancel");
        call.promised.push("key".into());
        assert_eq!(cancelled(&call).code(), CODE);
        // It did not go through, and something else did.
        call.promised.clear();
        assert_eq!(cancelled(&call).code(), "nothing_to_cancel");
        call.has_changed = true;
        assert_eq!(cancelled(&call).code(), CODE);
        note(&mut call, &Outcome::Cancelled);
        assert_eq!(
            cancelled(&call).code(),
            "nothing_to_cancel",
            "something else"
        );
    }

    #[test]
    fn a_no_to_what_was_just_done_is_no_courtesy() {
        let mut call = Call::new("call_1", 0);
        let objection = |call: &Call, words: &str| objects(call, &Intent::Decline, words);
        assert!(!objection(&call, "no!"), "nothing was done");
        call.spoken = Some(Spoken {
            words: "yes".to_owned(),
            agent_utterances: 2,
            reply: Reply::say("Done."),
            must_be_heard: true,
            asks: false,
            compared: None,
            done: vec![Done {
                intent: "transfer".to_owned(),
                outcome: Outcome::Applied(application()),
            }],
            is_unsaid: false,
            before: DialogueState::default(),
        });
        for words in [
            "no!",
            "don't",
            "no, don't do that!",
            "oh no",
            "no no no",
            "I didn't want to transfer that",
        ] {
            assert!(objection(&call, words), "{words}");
        }
        for words in ["no thanks", "no, that's all", "no, nothing else", "no, bye"] {
            assert!(!objection(&call, words), "{words}");
        }
        let unknown = |words: &str| objects(&call, &Intent::Unknown, words);
        for words in [
            "wait, wrong account",
            "that's not what I wanted",
            "that's too much",
        ] {
            assert!(unknown(words), "{words}");
        }
        for words in [
            "but when do you open",
            "do you not have branches",
            "what went wrong?",
        ] {
            assert!(!unknown(words), "{words}");
        }
        assert!(!objects(&call, &Intent::Accounts, "not that, my accounts"));
    }

    fn application() -> Application {
        Application {
            id: "a".into(),
            status: "received".into(),
            message: String::new(),
        }
    }

    #[test]
    fn words_behind_a_yes_that_want_it_otherwise_are_answered() {
        let mut call = Call::new("call_1", 0);
        let nothing = Outcome::Said(Message::plain("not_understood", "Sorry?"));
        for words in ["but make it ten", "no wait", "wait", "don't", "no"] {
            assert!(said(&call, &nothing, words).is_some(), "{words}");
        }
        assert_eq!(said(&call, &nothing, "please"), None);
        let answered = Outcome::Accounts(Vec::new());
        assert_eq!(said(&call, &answered, "but which accounts do I have"), None);
        call.promised.push("key".into());
        assert_eq!(said(&call, &nothing, "no wait"), None, "nobody knows yet");
    }
}
