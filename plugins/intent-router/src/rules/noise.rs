//! Whether an utterance is nothing but noise: what the transcription writes for sounds, and the sounds of thinking.
//! Noise is asked about again and says nothing about how well a caller is understood.

use super::words::Heard;

// What stands for a PIN that was taken out is no noise.
const TAKEN: &str = "[pin]";
// Hummed, these are answers, of whichever kind.
const HUMMED: &[&str] = &[
    "mm-hm", "mm-mm", "uh-uh", "uh-huh", "mhm-mm", "nuh-uh", "unh-unh",
];
const SOUNDS: &[&str] = &[
    "uh",
    "um",
    "uhm",
    "umm",
    "uhh",
    "er",
    "erm",
    "err",
    "hm",
    "hmm",
    "hmmm",
    "mm",
    "mmm",
    "ah",
    "ahh",
    "eh",
    "oh",
    "ugh",
    "unintelligible",
    "inaudible",
];

/// Whether nothing was said.
pub fn is_all(text: &str) -> bool {
    if text.contains(TAKEN) {
        return false;
    }
    let heard = Heard::new(&without_brackets(text));
    let is_sound = heard.texts().all(|text| SOUNDS.contains(&text));
    is_sound && !is_hummed(text)
}

/// Whether a yes or a no was hummed.
pub fn is_hummed(text: &str) -> bool {
    let text = text.to_lowercase();
    HUMMED.iter().any(|hummed| text.contains(hummed))
}

// "(unintelligible audio)", "[noise]", "*coughs*".
fn without_brackets(text: &str) -> String {
    let mut kept = String::new();
    let mut closing = None;
    for c in text.chars() {
        match (closing, c) {
            (Some(end), _) if c == end => closing = None,
            (Some(_), _) => {}
            (None, '(') => closing = Some(')'),
            (None, '[') => closing = Some(']'),
            (None, '<') => closing = Some('>'),
            (None, '*') => closing = Some('*'),
            (None, _) => kept.push(c),
        }
    }
    // A bracket that never closes is no noise but a slip in the text.
    if closing.is_some() {
        text.to_owned()
    } else {
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_is_told_from_words() {
        for text in [
            "(unintelligible audio)",
            "uh",
            "Um, uh...",
            "[noise]",
            "*coughs*",
            "(inaudible speech) uh",
            "",
            "...",
        ] {
            assert!(is_all(text), "{text}");
        }
        for text in [
            "uh yes",
            "(unintelligible audio) yes",
            "mhm",
            "Mm-hmm.",
            "uh-uh",
            "hello",
            "[pin]",
            "(savings",
            "no",
            "five",
        ] {
            assert!(!is_all(text), "{text}");
        }
    }
}
