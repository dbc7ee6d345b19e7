//! Whether money is to go to somebody, or to come from somebody: "to Bob", "pay my landlord", "to savings for my son".
//! Whom no account of the caller's stands for must never be dropped, because what is left would go to an account of the caller's own.
//! An account that is called somebody else's ("Bob's savings") is found in `account`.

use super::number::is_number_word;
use super::words::Heard;
use super::{Known, account, person};

// Between a verb of paying and whom it is about.
const PARTICLES: &str = "off|back|out";
// Whoever is called so is somebody else.
const OTHERS: &[&str] = &[
    "him", "her", "his", "hers", "their", "theirs", "someone", "somebody", "anyone", "anybody",
];
// Behind "to", these are what is to be done, or nobody.
const NOBODY_BEHIND_TO: &str = "account|accounts|one|it|them|there|here|mine|me|myself|us|other|others|another|same|\
    both|either|each|which|what|where|that|this|transfer|move|send|wire|pay|put|shift|take|make|do|have|get|go|be|see|\
    know|check|change|use|give|add|set|start|try|cancel|confirm|say|tell|ask|hear|help|keep|save|complete|finish|\
    continue|proceed|deposit|withdraw|borrow|buy|cover|apply|speak|talk|just|please|today|now|number|ending|money|\
    amount|and|from|uh|um|up|begin|come|hold|spend|invest|reach|avoid|bring|open|stop|correct|switch";
// Before "to", these lead to what is to be done, or to whom something is said.
const BEFORE_A_VERB: &str = "need|needs|needed|have|has|had|want|wants|wanted|like|love|prefer|wish|got|going|ought|used|able|\
    trying|try|how|what|where|when|not|glad|happy|ready|forgot|hoping|plan|planning|decided|order|talk|talking|speak|\
    speaking|spoke|listen|said|say";
// What is paid or sent, and not whom.
const NOBODY_BEHIND_PAY: &str = "it|money|some|cash|funds|this|that|all|everything|half|rest|more|additional|extra|\
    exactly|just|only|about|around|roughly|approximately|maybe|like|over|in|from|to|into|onto|and|please|then|now|\
    today|tomorrow|later|payment|payments|transfer|amount|sum|up|uh|um|at|on|by|with|using|for|me|myself|us|through|\
    across|both|something|anything|another|one|account|of|instead|rather|no|not|or|monthly|weekly|once|twice|same|\
    other|else|few|couple|bit|whole|entire|maximum|max|less|yes|okay|ok|i|you|is|was|the|again|there|here|as|much|\
    whatever|what|how|sorry|wait|actually|right|away|immediately|double";
const PAYING: &[&str] = &["send", "pay", "wire", "give"];
// Before a verb of paying, these make it a noun.
const NOUN_BEFORE: &[&str] = &[
    "my", "the", "that", "last", "this", "any", "your", "pending", "a",
];

/// Whether the money is to go to somebody who is none of the caller's accounts; words that are `used` by an account are none.
/// `has_destination` tells that an own account is named, so that "to pay the rent" is what it is for.
pub fn is_paid(heard: &Heard, used: &[bool], has_destination: bool, known: &Known) -> bool {
    (0..heard.words.len()).any(|at| match heard.text(at) {
        "to" | "into" | "onto" | "towards" => is_reached(heard, used, at, known),
        "for" => is_person(heard, at + 1, known) && !(has_destination && is_reason(heard, at)),
        verb if PAYING.contains(&verb) => {
            !has_destination && !is_noun(heard, at) && is_given(heard, used, at, known)
        }
        "transfer" | "move" => !is_noun(heard, at) && is_person(heard, at + 1, known),
        _ => false,
    })
}

/// Whether the money is to come from somebody.
pub fn is_payer(heard: &Heard, used: &[bool], known: &Known) -> bool {
    let is_from = |at: usize| heard.text(at) == "from";
    (0..heard.words.len()).any(|at| {
        is_from(at) && !is_used(used, skipped(heard, at + 1)) && is_person(heard, at + 1, known)
    })
}

// "It's for my daughter", where the destination was said.
fn is_reason(heard: &Heard, at: usize) -> bool {
    at > 0 && heard.is_one_of(at - 1, "its|is|thats")
}

fn is_reached(heard: &Heard, used: &[bool], at: usize, known: &Known) -> bool {
    if at > 0 && heard.is_one_of(at - 1, BEFORE_A_VERB) {
        return false;
    }
    let who = skipped(heard, at + 1);
    let text = heard.text(who);
    if text.is_empty() || is_used(used, who) || OTHERS.contains(&text) {
        return OTHERS.contains(&text) && !is_used(used, who);
    }
    let is_number = is_number_word(&heard.words[who]);
    // "up to fifty", "go back to that".
    !is_number && !heard.is_one_of(who, NOBODY_BEHIND_TO) && !person::is_own(text, known)
}

fn is_given(heard: &Heard, used: &[bool], at: usize, known: &Known) -> bool {
    let whom = skipped(heard, at + 1);
    let text = heard.text(whom);
    if text.is_empty() || is_used(used, whom) || is_number_word(&heard.words[whom]) {
        return false;
    }
    let is_money = account::is_unit(text);
    text == "them"
        || !is_money && !heard.is_one_of(whom, NOBODY_BEHIND_PAY) && !person::is_own(text, known)
}

// A name, a relative, or a word that stands for either.
fn is_person(heard: &Heard, at: usize, known: &Known) -> bool {
    let who = skipped(heard, at);
    let text = heard.text(who);
    let is_name = heard
        .words
        .get(who)
        .is_some_and(|word| person::is_name(heard, word, known));
    OTHERS.contains(&text) || text == "them" || person::is_relative(text) || is_name
}

fn skipped(heard: &Heard, mut at: usize) -> usize {
    while heard.is_one_of(at, account::BETWEEN) || heard.is_one_of(at, PARTICLES) {
        at += 1;
    }
    at
}

fn is_used(used: &[bool], at: usize) -> bool {
    used.get(at).copied().unwrap_or(false)
}

fn is_noun(heard: &Heard, at: usize) -> bool {
    at > 0 && NOUN_BEFORE.contains(&heard.text(at - 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::tests::{account as one, known};

    fn who(text: &str) -> (bool, bool) {
        let known = known(&[
            one("checking_1", "checking", None),
            one("savings_1", "savings", Some("Rainy Day")),
        ]);
        let heard = Heard::new(text);
        let used = account::used(&heard, &account::mentions(&heard, &known));
        (
            is_paid(&heard, &used, false, &known),
            is_payer(&heard, &used, &known),
        )
    }

    #[test]
    fn who_is_none_of_the_accounts_is_noticed() {
        for text in [
            "send fifty dollars to Bob",
            "send fifty dollars to bob",
            "Send Bob Smith fifty dollars from checking",
            "pay my landlord fifty dollars from checking",
            "pay my electricity bill of 5 dollars from checking",
            "pay my credit card 5 dollars from checking",
            "transfer fifty to my landlord",
            "send 5 dollars from checking to PayPal",
            "to somebody else",
            "send him fifty",
            "it's for my son",
            "for Bob",
            "pay off my car",
            "transfer Bob fifty dollars",
            "give my mother fifty",
        ] {
            assert!(who(text).0, "{text}");
        }
        assert!(who("move fifty from my mother to savings").1);
        assert!(who("take fifty from Bob").1);
    }

    #[test]
    fn what_is_nobody_is_left_alone() {
        for text in [
            "transfer fifty from checking to savings",
            "I want to transfer fifty to my savings account",
            "I'd like to move some money to Rainy Day",
            "send fifty bucks to the other account",
            "send money",
            "pay fifty into savings",
            "please send exactly fifty dollars to savings",
            "move it to mine",
            "send another twenty",
            "my last payment to",
            "make it fifty",
            "up to fifty dollars",
            "no, send it to savings instead",
            "send $50 to savings",
            "from now on",
            "I need to think about it",
            "I have to look it up",
            "let me talk to my husband",
            "I'd like to initiate a transfer of fifty from checking to savings",
            "I'd like to increase it to fifty",
            "No, I want to wait",
        ] {
            assert_eq!(who(text), (false, false), "{text}");
        }
    }
}
