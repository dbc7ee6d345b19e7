//! Whether the question of which a yes is awaited was heard: pure.
//!
//! A caller who cuts in at "Fif" knows of no sum and no account, so a yes to that is none. Who has heard everything but "shall I?"
//! may answer.

use super::{agents_words, plain_words};
use crate::call::Call;
use crate::call::session::Heard;

/// Words with which a question ends once all that matters was said.
const ASKING: [&str; 32] = [
    "shall", "should", "may", "can", "i", "we", "is", "that", "this", "it", "so", "right",
    "correct", "ok", "okay", "alright", "all", "do", "you", "want", "like", "me", "to", "go",
    "ahead", "please", "confirm", "proceed", "apply", "yes", "or", "no",
];

/// Words by which a sentence is recognised.
const WORDS_OF_PROOF: usize = 3;

/// Looks whether the question was heard, as the newest reply put it or as a reminder did.
pub(super) fn notice(call: &mut Call, heard: &[Heard]) {
    let Some(open) = call.pending.as_mut().filter(|open| open.is_unheard) else {
        return;
    };
    let since = call
        .spoken
        .as_ref()
        .map_or(0, |spoken| spoken.agent_utterances);
    let said: Vec<Vec<String>> = heard
        .iter()
        .filter_map(agents_words)
        .skip(since)
        .map(plain_words)
        .collect();
    let asks = call.spoken.as_ref().filter(|spoken| spoken.asks);
    let reply = asks.map_or("", |spoken| spoken.reply.text.as_str());
    open.is_unheard = ![reply, &open.asked]
        .into_iter()
        .any(|question| was_asked(question, &said));
}

fn was_asked(question: &str, said: &[Vec<String>]) -> bool {
    let whole = plain_words(question);
    let is_asking = |word: &String| ASKING.contains(&word.as_str());
    let matters = whole.iter().rposition(|word| !is_asking(word));
    let Some(needed) = matters.map(|last| last + 1) else {
        return false;
    };
    let proof = &whole[..needed.min(WORDS_OF_PROOF)];
    // In between a speech engine may write a sum in its own way, so only the beginning is compared, and the words are counted.
    let is_in_one = |said: &Vec<String>| {
        let began = said.windows(proof.len()).rposition(|some| some == proof);
        began.is_some_and(|began| {
            let heard = &said[began..];
            heard.len() > needed || heard.len() == needed && heard.last() == whole[..needed].last()
        })
    };
    // "Mhm" in the middle parts it in two.
    let all = said.concat();
    said.iter().any(is_in_one) || all.windows(needed).any(|some| some == &whole[..needed])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_heard(said: &[&str]) -> bool {
        let said: Vec<_> = said.iter().map(|text| plain_words(text)).collect();
        was_asked("Fifteen dollars from savings to checking, shall I?", &said)
    }

    #[test]
    fn a_question_is_heard_once_sum_and_accounts_were() {
        for said in [
            &["Fifteen dollars from savings to checking, shall I?"][..],
            &["Fifteen dollars from savings to checking,"],
            &["One moment, please. Fifteen dollars from savings to checking, shall"],
            &["Fifteen dollars from", "savings to checking, shall I?"],
            &["Fif", "Fifteen dollars from savings to checking, shall I?"],
        ] {
            assert!(is_heard(said), "{said:?}");
        }
        for said in [
            &[][..],
            &["Fif"],
            &["Fifteen dollars from savings to"],
            &["Fifteen dollars from", "Fifteen dollars from savings to"],
            &[
                "Fifteen dollars",
                "Is there anything else I can do for you?",
            ],
            &["Shall I?"],
        ] {
            assert!(!is_heard(said), "{said:?}");
        }
    }

    #[test]
    fn nothing_is_no_question() {
        assert!(!was_asked("", &[vec!["yes".to_owned()]]));
        assert!(!was_asked("Shall I?", &[plain_words("Shall I?")]));
    }
}
