//! An utterance as words: lower case, apostrophes gone, hyphens between words opened, figures such as `$1,250.50` or `1.5k` read
//! exactly. A chunk that looks like a figure and is none is marked as garbled, never repaired.
//! Does not know what the words mean.

use crate::bindings::bank::voice::types::Turn;
use std::cell::OnceCell;
use std::ops::Range;

// The host's name for it, in the turn's extra texts.
const SAID: &str = "said";

/// One word as it was heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Lower case, without surrounding punctuation and apostrophes.
    pub text: String,
    /// As it came, for ids.
    pub raw: String,
    /// What it looks like.
    pub kind: Kind,
    /// A comma or another mark stands behind it.
    pub ends_clause: bool,
    /// A hyphen ties it to the next word: "forty-leven".
    pub is_tied: bool,
}

/// What a word looks like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Letters, or an id, a date, a percentage.
    Plain,
    /// A number in digits.
    Figure(Figure),
    /// Begins like a number, but is none: `1e308`, `1,25`, `-5`.
    Garbled,
}

/// A number in digits, exact: `mantissa / 10^places`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figure {
    /// All digits, those after the point included.
    pub mantissa: i128,
    /// Digits after the point.
    pub places: u32,
    /// The currency sign before or behind it.
    pub sign: Option<char>,
    /// Carried a `k` or an `m`, which is worked into the mantissa.
    pub scaled: bool,
}

/// The words of an utterance and the same as one line, for phrases.
pub struct Heard {
    /// In the order they were said.
    pub words: Vec<Word>,
    /// With a space behind each word.
    line: String,
    /// Where each word begins in the line.
    starts: Vec<usize>,
    /// How the words begin, a bit each: most phrases begin like none of them.
    beginnings: u64,
    /// Found once, asked for often: the words of idioms.
    idioms: OnceCell<Vec<bool>>,
    /// A question mark stands at the end.
    is_question: bool,
}

impl Heard {
    /// All that the caller said since they were answered last, of which the turn's text may be the end.
    pub fn since_the_reply(turn: &Turn) -> Self {
        let mut extra = turn.extra.iter();
        let all = extra.find(|(name, _)| name == SAID).map(|(_, all)| all);
        Self::new(all.unwrap_or(&turn.text))
    }

    /// Splits an utterance.
    pub fn new(text: &str) -> Self {
        let words: Vec<Word> = text.split_whitespace().flat_map(words_of_chunk).collect();
        let mut line = String::with_capacity(text.len() + words.len());
        let mut starts = Vec::with_capacity(words.len());
        for word in &words {
            starts.push(line.len());
            line.push_str(&word.text);
            line.push(' ');
        }
        let begins = |start: &usize| beginning(&line.as_bytes()[*start..]);
        Self {
            beginnings: starts.iter().map(begins).fold(0, |all, one| all | one),
            is_question: text.trim_end().ends_with('?'),
            idioms: OnceCell::new(),
            words,
            line,
            starts,
        }
    }

    /// Whether it ends in a question mark.
    pub fn is_question(&self) -> bool {
        self.is_question
    }

    /// The words, as texts.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(|word| word.text.as_str())
    }

    /// Whether any of the phrases was said, as whole words; they are parted by `|`.
    pub fn has_any(&self, phrases: &str) -> bool {
        self.visit(phrases, |_| true)
    }

    /// Where the phrases were said, as ranges of words; they are parted by `|`.
    pub fn places(&self, phrases: &str) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        self.visit(phrases, |place| {
            found.push(place);
            false
        });
        found
    }

    // Whether a visitor was content with a place. A turn asks for hundreds of phrases, so one that begins like no word is passed over
    // by its first two letters.
    fn visit(&self, phrases: &str, mut is_enough: impl FnMut(Range<usize>) -> bool) -> bool {
        let (all, line) = (phrases.as_bytes(), self.line.as_bytes());
        let mut start = 0;
        while start < all.len() {
            let end = next_mark(all, start);
            if self.beginnings & beginning(&all[start..]) != 0 {
                let phrase = &all[start..end];
                for (at, from) in self.starts.iter().enumerate() {
                    let rest = &line[*from..];
                    let is_said = rest.starts_with(phrase) && rest.get(phrase.len()) == Some(&b' ');
                    if is_said {
                        let spaces = phrase.iter().filter(|byte| **byte == b' ').count();
                        if is_enough(at..at + spaces + 1) {
                            return true;
                        }
                    }
                }
            }
            start = end + 1;
        }
        false
    }

    /// For each word whether it belongs to one of these idioms, which are always the same.
    pub fn idioms(&self, phrases: &str) -> &[bool] {
        self.idioms.get_or_init(|| self.taken_by(phrases))
    }

    /// For each word whether one of the phrases takes it.
    pub fn taken_by(&self, phrases: &str) -> Vec<bool> {
        let places = self.places(phrases);
        let is_taken = |at: usize| places.iter().any(|place| place.contains(&at));
        (0..self.words.len()).map(is_taken).collect()
    }

    /// Whether the word at a place is one of these; they are parted by `|`.
    pub fn is_one_of(&self, at: usize, words: &str) -> bool {
        let (all, word) = (words.as_bytes(), self.text(at).as_bytes());
        let mut start = 0;
        while start < all.len() && !word.is_empty() {
            let end = next_mark(all, start);
            if all[start] == word[0] && &all[start..end] == word {
                return true;
            }
            start = end + 1;
        }
        false
    }

    /// Whether a comma or another mark stands behind the word at a place.
    pub fn ends_clause(&self, at: usize) -> bool {
        self.words.get(at).is_some_and(|word| word.ends_clause)
    }

    /// The text of the word at a place, empty beyond the ends.
    pub fn text(&self, at: usize) -> &str {
        self.words.get(at).map_or("", |word| word.text.as_str())
    }
}

// A bit for the first two letters. Different ones may share it: a phrase is then compared for nothing.
fn beginning(text: &[u8]) -> u64 {
    let (first, second) = match text {
        [first, b'|', ..] | [first] => (*first, b' '),
        [first, second, ..] => (*first, *second),
        [] => return 0,
    };
    1 << (first.wrapping_mul(11).wrapping_add(second) & 63)
}

// Where the next `|` stands, or the end; eight letters at a time.
fn next_mark(text: &[u8], from: usize) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let mut at = from;
    while let Some(eight) = text[at..].first_chunk::<8>() {
        let differs = u64::from_le_bytes(*eight) ^ (ONES * b'|' as u64);
        let marks = differs.wrapping_sub(ONES) & !differs & (ONES << 7);
        if marks != 0 {
            return at + marks.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    let rest = text[at..].iter().position(|byte| *byte == b'|');
    rest.map_or(text.len(), |more| at + more)
}

fn words_of_chunk(chunk: &str) -> Vec<Word> {
    let keep = |c: char| c.is_alphanumeric() || matches!(c, '$' | '€' | '£');
    let trimmed = chunk.trim_start_matches(|c| !keep(c) && c != '-' && c != '.');
    let raw = trimmed
        .trim_end_matches(|c| !keep(c) && c != '%')
        .to_owned();
    if !raw.chars().any(char::is_alphanumeric) {
        return Vec::new();
    }
    let ends_clause = trimmed.ends_with([',', '.', ';', ':', '!', '?']);
    let pieces: Vec<&str> = raw.split('-').collect();
    let is_word = |piece: &&str| piece.chars().all(|c| c.is_alphabetic() || c == '\'');
    let mut words: Vec<Word> = if pieces.len() > 1 && pieces.iter().all(is_word) {
        let spoken = pieces.iter().filter(|piece| !piece.is_empty());
        let mut tied: Vec<Word> = spoken.map(|piece| word(piece)).collect();
        let last = tied.len().saturating_sub(1);
        tied[..last].iter_mut().for_each(|word| word.is_tied = true);
        tied
    } else {
        vec![word(&raw)]
    };
    if let Some(last) = words.last_mut() {
        last.ends_clause = ends_clause;
    }
    words
}

fn word(raw: &str) -> Word {
    let text: String = raw
        .to_lowercase()
        .chars()
        .filter(|c| !matches!(c, '\'' | '\u{2019}'))
        .collect();
    let kind = kind(&text);
    Word {
        text,
        raw: raw.to_owned(),
        kind,
        ends_clause: false,
        is_tied: false,
    }
}

fn kind(text: &str) -> Kind {
    let unsigned = text.trim_start_matches(['-', '+', '.', '$', '€', '£']);
    let starts_with_digit = unsigned.starts_with(|c: char| c.is_ascii_digit());
    if !starts_with_digit || is_date_or_ordinal(text) {
        return Kind::Plain;
    }
    figure(text).map_or(Kind::Garbled, Kind::Figure)
}

fn is_date_or_ordinal(text: &str) -> bool {
    let digits_and = |mark: char| text.chars().all(|c| c.is_ascii_digit() || c == mark);
    let is_ordinal = ["st", "nd", "rd", "th", "%"].iter().any(|end| {
        text.strip_suffix(end)
            .is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit()))
    });
    let is_date = text.starts_with(|c: char| c.is_ascii_digit())
        && (text.contains('-') && digits_and('-') || text.contains('/') && digits_and('/'));
    is_ordinal || is_date
}

fn figure(text: &str) -> Option<Figure> {
    let is_sign = |c: &char| matches!(c, '$' | '€' | '£');
    let sign = text
        .chars()
        .next()
        .filter(is_sign)
        .or(text.chars().last().filter(is_sign));
    let bare = text
        .trim_start_matches(['$', '€', '£'])
        .trim_end_matches(['$', '€', '£']);
    let (digits, factor) = match bare.as_bytes().last()? {
        b'k' => (&bare[..bare.len() - 1], 1_000),
        b'm' => (&bare[..bare.len() - 1], 1_000_000),
        _ => (bare, 1),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if digits.ends_with('.') || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let groups: Vec<&str> = whole.split(',').collect();
    let is_grouped = groups.len() == 1
        || (1..=3).contains(&groups[0].len()) && groups[1..].iter().all(|g| g.len() == 3);
    let joined = format!("{}{fraction}", groups.concat());
    // Fifteen digits are more than any account holds and far from the end of the type.
    let is_number = joined.bytes().all(|b| b.is_ascii_digit()) && (1..=15).contains(&joined.len());
    if !is_grouped || !is_number || groups[0].is_empty() {
        return None;
    }
    let mantissa = joined.parse::<i128>().ok()? * factor;
    let places = u32::try_from(fraction.len()).ok()?;
    Some(Figure {
        mantissa,
        places,
        sign,
        scaled: factor > 1,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<String> {
        Heard::new(text)
            .words
            .into_iter()
            .map(|word| word.text)
            .collect()
    }

    #[test]
    fn an_utterance_becomes_plain_words() {
        assert_eq!(
            texts("What's my balance, please?"),
            ["whats", "my", "balance", "please"]
        );
        assert_eq!(
            texts("twenty-five — dollars"),
            ["twenty", "five", "dollars"]
        );
        assert_eq!(
            texts("from checking_1 to ACC-12."),
            ["from", "checking_1", "to", "acc-12"]
        );
    }

    #[test]
    fn figures_are_exact_or_garbled() {
        let figure = |mantissa, places, sign, scaled| {
            Kind::Figure(Figure {
                mantissa,
                places,
                sign,
                scaled,
            })
        };
        for (text, expected) in [
            ("$1,250.50", figure(125_050, 2, Some('$'), false)),
            ("1.5k", figure(15_000, 1, None, true)),
            ("50$", figure(50, 0, Some('$'), false)),
            ("1,25", Kind::Garbled),
            ("1.2.3", Kind::Garbled),
            ("1e308", Kind::Garbled),
            ("-50", Kind::Garbled),
            ("-$50", Kind::Garbled),
            (".5", Kind::Garbled),
            ("9007199254740993123", Kind::Garbled),
            ("2026-03", Kind::Plain),
            ("1st", Kind::Plain),
            ("5%", Kind::Plain),
            ("checking_1", Kind::Plain),
        ] {
            assert_eq!(Heard::new(text).words[0].kind, expected, "{text}");
        }
    }

    #[test]
    fn a_phrase_is_found_as_whole_words_only() {
        let heard = Heard::new("Go ahead, do it");
        assert!(heard.has_any("go ahead"));
        assert!(!heard.has_any("head|g|go ahea|o"));
        assert!(heard.has_any("never|do it"));
        assert_eq!(heard.places("do it|go"), [2..4, 0..1]);
        assert_eq!(heard.taken_by("do it"), [false, false, true, true]);
        assert_eq!(heard.places("a phrase of many words"), []);
        assert!(Heard::new("a b").has_any("x|b"));
        assert!(!Heard::new("").has_any("x||b|"));
        assert!(heard.is_one_of(0, "stay|go") && !heard.is_one_of(0, "gone|g|o"));
        assert!(!heard.is_one_of(9, "stay|"));
    }

    #[test]
    fn a_mark_ends_a_clause() {
        let heard = Heard::new("Don't, hang up. Bye-bye");
        let ends: Vec<bool> = (0..5).map(|at| heard.ends_clause(at)).collect();
        assert_eq!(ends, [true, false, true, false, false]);
    }
}
