//! Whether a sentence of a language model's claims a deed, states how things stand with the caller, or asks for what only the host
//! may ask for.
//!
//! The agent moves nothing and knows of no outcome, so "your transfer was completed" is untrue whatever it was taken from; a yes to
//! "shall I?" of its would be a yes to nothing; and a PIN told to it would be told to nobody. Pure.

use std::sync::LazyLock;

use regex::Regex;

/// What a bank does to a customer's things.
const DEEDS: &str = "moved|transferred|sent|paid|completed|finished|cancell?ed|blocked|unblocked|frozen|locked|unlocked|approved|\
    refused|rejected|declined|refunded|reversed|changed|updated|reset|opened|closed|ordered|submitted|processed|booked|credited|\
    debited|charged|deposited|withdrawn|confirmed|verified|activated|deactivated|reported|scheduled|connected|done|made|applied|\
    received|arrived|executed|issued|increased|lowered|raised|overdrawn|empty|overdue";

/// A customer's things.
const THINGS: &str = "accounts?|cards?|balances?|loans?|applications?|transfers?|payments?|money|funds|pins?|passwords?|cheque|\
    check|cheques|checks|limits?|orders?|requests?|identity|deposits?|statements?|debts?";

static CLAIM: LazyLock<Regex> = LazyLock::new(|| {
    let patterns = [
        // "I have moved it", "we just sent the money", "I will transfer it": never "we opened in May", which has no object of theirs.
        format!(r"\bi(?:'?ve| have| had|'?ll| will| am going to|'?m going to|'?m)?(?: (?:just|now|already|also))* (?:{DEEDS}|move|transfer|send|pay|cancel|block|reverse|refund|connect|put you|apply|order|submit|close)\b"),
        format!(r"\bwe(?:'?ve| have|'?ll| will)(?: (?:just|now|already|also))* (?:{DEEDS}|moved?|transfer|send|pay|cancel|block|reverse|refund|connect|put you)\b"),
        // "Your transfer was completed", "the money has been sent": never "your card can be blocked in the app".
        format!(r"\b(?:your|the|that|this) (?:\w+ ){{0,2}}(?:{THINGS})(?: (?:is|was|are|were|has|have|had|will|been|be|being|now|already|just|not|successfully))+ (?:{DEEDS}|in|on|at|below|above|right|wrong|correct|incorrect|invalid|valid)\b"),
        format!(r"^(?:it|that|this|all|everything)(?:'?s| is| was| has| has been| will be| are)(?: (?:all|now|already|been))* (?:{DEEDS})\b"),
        r"^(?:all )?done\b".to_owned(),
        // What a yes would answer, or a PIN.
        r"\b(?:shall|should|may|can) i\b.*\?|\b(?:do|would) you (?:want|like) me to\b|\bwould you like to (?:transfer|move|send|pay)\b".to_owned(),
        r"\b(?:tell|say|give|enter|type|share|spell|what|confirm|provide|need)\b.*\b(?:pin|password|pass ?code|security code|secret code|one.time code)\b".to_owned(),
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
        ] {
            assert!(!claims(sentence), "{sentence}");
        }
    }
}
