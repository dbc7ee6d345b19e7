//! Texts that are nearly right: a sample that somebody changed in a few places.
//!
//! A sample is taken apart into words, spaces and single signs, which are then taken out, doubled, moved and put in anew, so that
//! much of what comes of it still has the form of what it was. Some inputs are no text at all.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

/// Longest text that comes of changes, in bytes.
const BYTES_MAX: usize = 64 * 1024;

/// One change of a text.
#[derive(Debug, Clone)]
pub enum Change {
    /// Takes pieces out.
    Without { at: Index, pieces: usize },
    /// Says pieces again, maybe very often.
    Again {
        at: Index,
        pieces: usize,
        times: usize,
    },
    /// Puts a text in the place of pieces.
    Put {
        at: Index,
        pieces: usize,
        text: String,
    },
    /// Puts pieces in another place.
    Moved { from: Index, to: Index },
    /// Ends there.
    Cut { at: Index },
    /// Changes one sign inside a piece.
    Sign {
        at: Index,
        inside: Index,
        sign: char,
    },
}

/// A few changes; `words` are what the language of the text has a meaning for.
pub fn changes(words: &'static [&'static str]) -> impl Strategy<Value = Vec<Change>> {
    prop_oneof![1 => Just(Vec::new()), 8 => vec(change(words), 1..4), 2 => vec(change(words), 4..16)]
}

fn change(words: &'static [&'static str]) -> impl Strategy<Value = Change> {
    let at = any::<Index>;
    let times = prop_oneof![8 => 1_usize..4, 1 => 4_usize..200, 1 => 200_usize..40_000];
    prop_oneof![
        4 => (at(), 1_usize..9).prop_map(|(at, pieces)| Change::Without { at, pieces }),
        2 => (at(), 1_usize..9, times)
            .prop_map(|(at, pieces, times)| Change::Again { at, pieces, times }),
        8 => (at(), 0_usize..3, word(words))
            .prop_map(|(at, pieces, text)| Change::Put { at, pieces, text }),
        2 => (at(), at()).prop_map(|(from, to)| Change::Moved { from, to }),
        1 => at().prop_map(|at| Change::Cut { at }),
        4 => (at(), at(), any::<char>())
            .prop_map(|(at, inside, sign)| Change::Sign { at, inside, sign }),
    ]
}

/// A word of the language, a number of whatever size, or anything.
pub fn word(words: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop_oneof![
        6 => proptest::sample::select(words).prop_map(str::to_owned),
        1 => any::<i64>().prop_map(|number| number.to_string()),
        1 => any::<f64>().prop_map(|number| number.to_string()),
        1 => "-?[0-9]{1,40}",
        1 => "[a-z_]{1,12}",
        1 => vec(any::<char>(), 0..12).prop_map(String::from_iter),
    ]
}

/// One of the samples with changes, or a text of whatever signs.
pub fn texts(
    samples: Vec<String>,
    words: &'static [&'static str],
) -> impl Strategy<Value = String> {
    let changed = (proptest::sample::select(samples), changes(words))
        .prop_map(|(sample, changes)| changed(&sample, &changes));
    let anything = vec(any::<char>(), 0..200).prop_map(String::from_iter);
    prop_oneof![12 => changed, 1 => anything]
}

/// The text after all changes, one after the other.
pub fn changed(text: &str, changes: &[Change]) -> String {
    let mut pieces = pieces(text);
    for change in changes {
        apply(change, &mut pieces);
    }
    pieces.concat()
}

/// Words, runs of spaces, and single signs.
fn pieces(text: &str) -> Vec<String> {
    let kind = |sign: char| match sign {
        '_' => 1,
        sign if sign.is_alphanumeric() => 1,
        ' ' => 2,
        _ => 0,
    };
    let mut pieces: Vec<String> = Vec::new();
    let mut last = 0;
    for sign in text.chars() {
        match pieces.last_mut() {
            Some(piece) if kind(sign) == last && last > 0 => piece.push(sign),
            _ => pieces.push(sign.into()),
        }
        last = kind(sign);
    }
    pieces
}

fn apply(change: &Change, pieces: &mut Vec<String>) {
    if let Change::Put { text, .. } = change
        && pieces.is_empty()
    {
        pieces.push(text.clone());
    }
    if pieces.is_empty() {
        return;
    }
    let place = |at: &Index, most: usize| {
        let at = at.index(pieces.len());
        at..(at + most).min(pieces.len())
    };
    match change {
        Change::Without { at, pieces: most } => drop(pieces.drain(place(at, *most))),
        Change::Again {
            at,
            pieces: most,
            times,
        } => {
            let place = place(at, *most);
            let again = pieces[place.clone()].concat();
            let length: usize = pieces.iter().map(String::len).sum();
            let room = BYTES_MAX.saturating_sub(length) / again.len().max(1);
            pieces.insert(place.end, again.repeat((*times).min(room)));
        }
        Change::Put {
            at,
            pieces: most,
            text,
        } => {
            pieces.splice(place(at, *most), [text.clone()]);
        }
        Change::Moved { from, to } => {
            let (from, to) = (from.index(pieces.len()), to.index(pieces.len()));
            let piece = pieces.remove(from);
            pieces.insert(to, piece);
        }
        Change::Cut { at } => pieces.truncate(at.index(pieces.len())),
        Change::Sign { at, inside, sign } => {
            let at = at.index(pieces.len());
            let mut signs: Vec<char> = pieces[at].chars().collect();
            if !signs.is_empty() {
                let inside = inside.index(signs.len());
                signs[inside] = *sign;
            }
            pieces[at] = signs.into_iter().collect();
        }
    }
}

#[test]
fn a_text_is_the_sum_of_its_pieces_and_never_grows_beyond_the_bound() {
    let sample = "a_1 = \"two  words\" # é\n";
    assert_eq!(changed(sample, &[]), sample);
    assert_eq!(pieces("ab  c=1"), ["ab", "  ", "c", "=", "1"]);
    proptest!(|(changes in changes(&["x", "[", "null"]))| {
        prop_assert!(changed(sample, &changes).len() <= BYTES_MAX + 1_000);
    });
}
