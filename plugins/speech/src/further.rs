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

/// Whether one more wish is named.
pub fn is_named(text: &str) -> bool {
    let plain = text.to_lowercase();
    let words: Vec<&str> = plain
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let line = format!(" {} ", words.join(" "));
    MARKS.iter().any(|mark| line.contains(&format!(" {mark} ")))
}

#[cfg(test)]
mod tests {
    use super::*;

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
