//! Whether words name one more wish beside what they answer: "yes, and also ...", "yes, and send another twenty".
//! Shared, because the router takes such a yes for a yes and the shaper tells the caller that the rest is still to be said.

// "too" and a lone "then" are left out: "okay then" and "too much" wish for nothing more.
const MARKS: &[&str] = &[
    "also",
    "another",
    "additionally",
    "and then",
    "and after that",
    "afterwards",
    "as well",
    "one more",
    "second transfer",
];

// What is asked for without moving anything, and what it is called.
const READINGS: &[(&str, &str)] = &[
    ("balance", "your balance"),
    ("balances", "your balances"),
    ("how much do i have", "your balance"),
    ("how much is in", "your balance"),
    ("how much money", "your balance"),
    ("statement", "your statement"),
    ("statements", "your statement"),
    ("transactions", "your statement"),
    ("which accounts", "your accounts"),
];
// Behind one of these, another wish may begin.
const LINKS: &[&str] = &[" and ", " then ", " also ", " plus "];

/// Whether one more wish is named.
pub fn is_named(text: &str) -> bool {
    let line = line(text);
    MARKS.iter().any(|mark| line.contains(&format!(" {mark} ")))
}

/// The balance or the statement that the words name, as it is called: "your balance".
pub fn reading(text: &str) -> Option<&'static str> {
    reading_in(&line(text))
}

/// The same, where it comes behind another wish: "move ten to savings and tell me my balance".
pub fn reading_behind(text: &str) -> Option<&'static str> {
    let line = line(text);
    let ends = LINKS
        .iter()
        .filter_map(|link| Some(line.find(link)? + link.len() - 1));
    reading_in(&line[ends.min()?..])
}

/// The same, where another wish comes behind it: "tell me my balance, and then move ten".
pub fn reading_before(text: &str) -> Option<&'static str> {
    let line = line(text);
    let link = LINKS.iter().filter_map(|link| line.find(link)).min()?;
    reading_in(&line[..=link])
}

fn reading_in(line: &str) -> Option<&'static str> {
    let is_said = |(said, _): &&(&str, &str)| line.contains(&format!(" {said} "));
    READINGS.iter().find(is_said).map(|(_, name)| *name)
}

// Plain words, a space before and behind each.
fn line(text: &str) -> String {
    let plain = text.to_lowercase();
    let words: Vec<&str> = plain
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    format!(" {} ", words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reading_beside_another_wish_is_named() {
        assert_eq!(
            reading("never mind, what's my balance"),
            Some("your balance")
        );
        assert_eq!(reading("never mind"), None);
        let text = "transfer four dollars to savings and tell me my balance";
        assert_eq!(reading_behind(text), Some("your balance"));
        assert_eq!(reading_behind("what's my balance and thanks"), None);
        assert_eq!(reading_behind("what's my balance"), None);
        let text = "balance of savings please, then move ten dollars to checking";
        assert_eq!(reading_before(text), Some("your balance"));
        for text in [
            "move my balance to savings",
            "move ten and tell me my balance",
        ] {
            assert_eq!(reading_before(text), None, "{text}");
        }
    }

    #[test]
    fn one_more_wish_is_told_from_a_plain_answer() {
        for text in [
            "yes and also move ten",
            "Yes, and send another twenty dollars",
            "yes and then send ten to market",
            "yes, and ten to market as well",
        ] {
            assert!(is_named(text), "{text}");
        }
        for text in ["yes", "okay then", "yes and thank you", "yes send it all"] {
            assert!(!is_named(text), "{text}");
        }
    }
}
