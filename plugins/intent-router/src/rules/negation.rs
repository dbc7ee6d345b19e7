//! What is said not to be meant: "don't hang up", "I do not want to cancel", and the idioms that hold a no without saying one.
//! A negation reaches over the little words of wanting and saying, and ends at a comma: "I don't need more, goodbye" is a goodbye.

use super::words::Heard;

/// Whether and how a phrase was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// It was not.
    Not,
    /// It was, and is meant.
    Meant,
    /// It was said not to be meant.
    Negated,
}

const NEGATORS: &[&str] = &[
    "dont", "not", "never", "didnt", "wont", "wouldnt", "shouldnt", "without", "neither",
];
// May stand between a negator and what it denies.
const BRIDGE: &[&str] = &[
    "want", "wanna", "wanted", "need", "like", "wish", "mean", "meant", "have", "plan", "intend",
    "going", "gonna", "ready", "try", "trying", "ask", "asked", "asking", "say", "said", "saying",
    "tell", "let", "to", "you", "me", "please", "just", "yet", "be", "talk", "talking", "connect",
    "transfer", "put", "through", "speak", "with", "a", "an", "the", "any", "think", "sure",
    "wanting", "now", "ever",
];
const IDIOMS: &str = "why not|no problem|no problems|not a problem|no worries|no objection|no objections|dont mind|\
    do not mind|no doubt|no trouble|no problem at all|not a problem at all|wouldnt mind|would not mind|\
    dont care|do not care|dont forget|do not forget|dont see why not|cant see why not|do not see why not|no rush|\
    no hurry|not in a hurry|not in a rush|not feeling well|not feeling good|not feeling great|not good with|not a robot|\
    not very good with|not used to";

/// For each word whether it belongs to an idiom that holds a no without saying one.
pub fn idioms(heard: &Heard) -> &[bool] {
    heard.idioms(IDIOMS)
}

/// Whether one of the phrases was said, and meant; they are parted by `|`.
pub fn said(heard: &Heard, phrases: &str) -> Said {
    let places = heard.places(phrases);
    if places.is_empty() {
        Said::Not
    } else if places
        .iter()
        .all(|place| is_negated(heard, place.start, idioms(heard)))
    {
        Said::Negated
    } else {
        Said::Meant
    }
}

fn is_negated(heard: &Heard, start: usize, idioms: &[bool]) -> bool {
    for at in (0..start).rev() {
        if heard.ends_clause(at) {
            return false;
        }
        if NEGATORS.contains(&heard.text(at)) {
            return !idioms[at];
        }
        if !is_bridge(heard, at) {
            return false;
        }
    }
    false
}

fn is_bridge(heard: &Heard, at: usize) -> bool {
    let before = at.checked_sub(1).map_or("", |before| heard.text(before));
    match heard.text(at) {
        // "I don't want to talk to you, connect me" denies the talking, not the connecting.
        "you" => !matches!(before, "to" | "with"),
        // "I don't think I want to": without the thinking, a new sentence begins.
        "i" => matches!(before, "think" | "sure" | "say" | "said"),
        text => BRIDGE.contains(&text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_negation_reaches_what_it_denies_and_no_further() {
        for (text, expected) in [
            ("hang up", Said::Meant),
            ("don't hang up", Said::Negated),
            ("I don't want to hang up", Said::Negated),
            ("I do not want you to hang up yet", Said::Negated),
            ("I don't think I want to hang up", Said::Negated),
            ("I never said hang up", Said::Negated),
            ("I don't need anything else hang up", Said::Meant),
            ("I don't want to, hang up", Said::Meant),
            ("I don't want to talk to you hang up", Said::Meant),
            ("it's not I hang up", Said::Meant),
            ("why not hang up", Said::Meant),
            ("don't hang up, no, hang up", Said::Meant),
            ("the weather", Said::Not),
        ] {
            assert_eq!(said(&Heard::new(text), "hang up"), expected, "{text}");
        }
    }
}
