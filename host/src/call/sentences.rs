//! A text that is still coming, as whole sentences: what a language model says is spoken sentence by sentence.
//!
//! Pure, and the same wherever the text was cut. What may be said of it is decided in `figures`.

/// Longest sentence, in bytes; what runs on beyond it is no sentence and is left out.
const SENTENCE_BYTES_MAX: usize = 400;

/// The sentences of a text that comes in parts.
#[derive(Debug, Default)]
pub struct Sentences {
    /// What has no end yet.
    open: String,
    /// The open sentence has run past the bound; everything up to its end is left out.
    runs_on: bool,
}

impl Sentences {
    /// Takes the next part; gives the sentences that are whole now. One is whole once something stands behind its mark, so that
    /// `3.50` is not cut in two.
    pub fn push(&mut self, part: &str) -> Vec<String> {
        let mut whole = Vec::new();
        for c in part.chars() {
            let ends_here = c == '\n' || c.is_whitespace() && has_end(&self.open);
            if ends_here {
                whole.extend(self.take());
            } else if self.open.len() + c.len_utf8() > SENTENCE_BYTES_MAX {
                self.runs_on = true;
                // The end of it still has to be seen.
                self.open.clear();
                self.open.push(c);
            } else {
                self.open.push(if c.is_control() { ' ' } else { c });
            }
        }
        whole
    }

    /// The last sentence, when the text has come to its end; it may lack its mark.
    pub fn finish(mut self) -> Option<String> {
        self.take()
    }

    fn take(&mut self) -> Option<String> {
        let sentence = std::mem::take(&mut self.open);
        let is_whole = !std::mem::take(&mut self.runs_on);
        let words: Vec<&str> = sentence.split_whitespace().collect();
        (is_whole && !words.is_empty()).then(|| words.join(" "))
    }
}

fn has_end(sentence: &str) -> bool {
    let bare = sentence.trim_end_matches(['"', '\'', ')', '\u{201d}', '\u{2019}']);
    bare.ends_with(['.', '!', '?', '\u{2026}'])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(parts: &[&str]) -> Vec<String> {
        let mut sentences = Sentences::default();
        let mut whole: Vec<String> = parts.iter().flat_map(|part| sentences.push(part)).collect();
        whole.extend(sentences.finish());
        whole
    }

    #[test]
    fn a_sentence_is_whole_once_something_stands_behind_its_mark() {
        let mut sentences = Sentences::default();
        assert!(sentences.push("It costs 3.50 a").is_empty());
        assert!(sentences.push(" month.").is_empty());
        assert_eq!(
            sentences.push(" \"Really?\" "),
            ["It costs 3.50 a month.", "\"Really?\""]
        );
        assert!(sentences.push("Yes").is_empty());
        assert_eq!(sentences.finish().as_deref(), Some("Yes"));
    }

    #[test]
    fn what_runs_on_is_left_out_to_its_end() {
        let endless = "word ".repeat(200);
        assert_eq!(all(&["One. ", &endless, "end. Two."]), ["One.", "Two."]);
        assert!(all(&["", " \n \n"]).is_empty());
    }

    proptest! {
        #[test]
        fn the_sentences_are_the_same_wherever_the_text_was_cut(
            text in "[a-z.!? \n]{0,80}", at in 0_usize..80,
        ) {
            let at = at.min(text.len());
            prop_assert_eq!(all(&[&text[..at], &text[at..]]), all(&[&text]));
        }
    }
}
