//! Whether a sentence of a language model's claims a deed, states how things stand with the caller, or asks for what only the host
//! may ask for.
//!
//! The agent moves nothing and knows of no outcome, so "your transfer was completed" is untrue whatever it was taken from; a yes to
//! "shall I?" of its would be a yes to nothing; and a PIN told to it would be told to nobody. By the shape of the sentence, so a
//! model that words it otherwise is heard: what protects money and secrets is that nothing it says is acted on. Pure.

use std::sync::LazyLock;

use regex::Regex;

/// What a bank does to a customer's things.
const DEEDS: &str = "moved|transferred|sent|paid|completed?|finished|cancell?ed|blocked|unblocked|frozen|locked|unlocked|approved|\
    refused|rejected|declined|refunded|reversed|changed|updated|reset|opened|closed|ordered|submitted|processed|booked|credited|\
    debited|charged|deposited|withdrawn|confirmed|verified|activated|deactivated|reported|scheduled|connected|done|made|applied|\
    received|arrived|executed|issued|increased|lowered|raised|overdrawn|empty|overdue|gone|failed|succeeded|successful|taken care of|\
    went through|gone through";

/// A customer's things.
const THINGS: &str = "account|card|balance|loan|application|transfer|payment|transaction|money|funds|pin|password|cheque|check|\
    limit|order|request|identity|deposit|statement|debt|address|number|phone|email";

/// What nobody but the host asks for.
const SECRETS: &str = "pin|p\\.i\\.n|password|pass ?code|security code|secret code|secret number|one.time code|your code|\
    card number|number on your card|account number";

static CLAIM: LazyLock<Regex> = LazyLock::new(|| {
    let between = "(?: (?:just|now|already|also|all|been|not|successfully|went ahead and))*";
    let is = "(?: (?:is|was|are|were|has|have|had|will|been|be|being|now|already|just|not|successfully))";
    let acts = "move|transfer|send|pay|cancel|block|reverse|refund|connect|put you";
    let patterns = [
        // "I have moved it", "I went ahead and paid it", "I will transfer it".
        format!(r"\bi(?:'?ve| have| had|'?ll| will| am going to|'?m going to|'?m)?{between} (?:{DEEDS}|{acts}|apply|order|submit|close)\b"),
        // "We have refunded the fee", "we blocked your card"; never "we opened in May", which is done to nobody's thing.
        format!(r"\bwe(?:'?ve| have|'?ll| will){between} (?:{DEEDS}|{acts})\b"),
        format!(r"\bwe{between} (?:{DEEDS}) (?:you|your|it|this|that|the (?:{THINGS})s?)\b"),
        // "Your transfer was completed", "money has been sent", "transfer successful"; never "your card can be blocked in the app".
        format!(r"\b(?:your|the|that|this|all) (?:\w+ ){{0,2}}(?:{THINGS})s?{is}* (?:{DEEDS})\b"),
        format!(r"^(?:money|funds|payment|transfer|transaction){is}* (?:{DEEDS})\b"),
        // How things stand with the caller.
        format!(r"\byour (?:\w+ ){{0,2}}(?:{THINGS})s?{is}+ (?:in|on|at|below|above|right|wrong|correct|incorrect|invalid|valid)\b"),
        format!(r"\byou(?:'?ve| have| are| were|'?re){is}* (?:{DEEDS})\b|\byou have (?:no|some|enough) (?:{THINGS})"),
        format!(r"^(?:it|that|this|all|everything|consider it)(?:'?s)?{is}*(?: all)? (?:{DEEDS})\b"),
        r"^(?:all )?done\b".to_owned(),
        // What a yes would answer, or a secret.
        r"\b(?:shall|should|may|can) i\b.*\?|\b(?:do|would) you (?:want|like) me to\b|\bwould you like to (?:transfer|move|send|pay)\b".to_owned(),
        format!(r"\b(?:tell|say|give|enter|type|key in|read|share|spell|what|confirm|provide|need)\b.*\b(?:{SECRETS})\b"),
    ];
    Regex::new(&format!("(?i){}", patterns.join("|")))
        .expect("a constant pattern, compiled in a test")
});

/// Whether nobody here could vouch for it.
#[must_use]
pub fn claims(sentence: &str) -> bool {
    CLAIM.is_match(&sentence.replace(['\u{2018}', '\u{2019}'], "'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_can_vouch_for_is_found() {
        for sentence in [
            "I have moved the money to Bob.",
            "I've just cancelled it.",
            "All done.",
            "Your transfer was completed.",
            "Your card has been blocked.",
            "Your loan has been approved.",
            "Your account is overdrawn.",
            "The money will be sent.",
            "Your PIN is wrong.",
            "Please tell me your PIN.",
            "I connect you to a colleague.",
            "I'll transfer it for you.",
            "Shall I transfer it for you?",
            "Would you like me to send it?",
            "It has been paid.",
            "We have refunded the fee.",
            "Your savings account has been closed.",
            "The payment went through.",
            "Money has been sent.",
            "We sent the money.",
            "We refunded you.",
            "We blocked your card.",
            "I went ahead and paid it.",
            "You have been charged.",
            "The transaction is complete.",
            "Transfer successful.",
            "Your address was changed.",
            "That's taken care of.",
            "Consider it done.",
            "You have no money left.",
            "What is your secret number?",
            "Key in your code.",
            "What is your card number?",
        ] {
            assert!(claims(sentence), "{sentence}");
        }
    }

    #[test]
    fn what_a_bank_tells_everybody_is_left() {
        for sentence in [
            "We open early.",
            "Sure - we can help with that.",
            "We opened our new branch in May.",
            "Our branch is on Market Street, near the station.",
            "You can block your card in the app at any time.",
            "A transfer to another bank takes until the next working day.",
            "Cards are sent by post.",
            "You can open an account at any branch.",
            "You can change your PIN in the app.",
            "Cheques can be ordered at the counter.",
            "What would you like to know?",
            "I am glad to help.",
            "The exchange limits are on our website.",
            "Our branches are closed at weekends.",
            "You are welcome at any branch.",
            "You can read your statements in the app.",
        ] {
            assert!(!claims(sentence), "{sentence}");
        }
    }
}
