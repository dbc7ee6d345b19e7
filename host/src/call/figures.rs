//! Whether a sentence of a language model's may be spoken: only one without any figure.
//!
//! Money is said from outcomes. The outcome of an open question has no figure, so none in the answer to it can be vouched for:
//! not in digits, not in words, no currency and no percentage. What cannot be read cannot be vouched for either: a sentence with
//! other signs than English letters and common marks is not spoken. Pure.

use std::sync::LazyLock;

use regex::Regex;

/// Marks that carry no figure.
const MARKS: &str = " .,;:!?'\"-()/&\u{2018}\u{2019}\u{201c}\u{201d}\u{2013}\u{2014}\u{2026}";

/// Signs of emphasis, which have no sound.
const SILENT: [char; 4] = ['*', '`', '~', '#'];

/// A word that is made of number words, also run together as in `twentyfive`, as an ordinal or a multiple of them.
static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        "^(?:zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen\
        |seventeen|eighteen|nineteen|twenty|thirty|forty|fourty|fifty|sixty|seventy|eighty|ninety|hundred|thousand\
        |million|billion|trillion|and)+(?:s|es|th|ths|fold|ish|some|plus|ies|ieth|ieths)?$",
    )
    .expect("a constant pattern, compiled in a test")
});

/// Other words for numbers, parts and multiples.
const QUANTITIES: &str = " nil naught nought half halves quarter quarters third thirds fourth fifth fifths eighth eighths ninth \
    ninths twelfth twelfths twentieth thirtieth fortieth fiftieth sixtieth seventieth eightieth ninetieth dozen dozens couple \
    grand lakh lakhs crore crores mil mill double doubled triple tripled twice thrice tenner fiver twenties thirties forties \
    fifties sixties seventies eighties nineties ";

/// Currencies as they are spoken and written.
const CURRENCIES: &str = " dollar dollars buck bucks cent cents penny pennies pence pound pounds quid sterling euro euros \
    eurocent eurocents yen yuan renminbi rupee rupees paise peso pesos centavo centavos franc francs centime centimes krona \
    kronor krone kroner zloty lira ruble rubles rouble roubles rand reais dirham dirhams dinar dinars shekel shekels baht \
    ringgit rupiah dong forint bitcoin bitcoins dime dimes nickel nickels usd eur gbp jpy cad aud nzd chf cny inr mxn brl ";

/// Shares of a whole.
const SHARES: &str = " percent percents percentage percentages percentile pct bps permille ";

/// A sentence as it may be spoken; none where a figure is in it, or something that cannot be read.
///
/// Invariant: no figure survives (`no_figure_survives_whatever_stands_around_it`).
#[must_use]
pub fn without_figures(sentence: &str) -> Option<String> {
    let said: String = sentence.chars().filter(|c| !SILENT.contains(c)).collect();
    let is_readable = |c: char| c.is_ascii_alphabetic() || MARKS.contains(c);
    if !said.chars().all(is_readable) {
        return None;
    }
    let plain = said
        .to_ascii_lowercase()
        .replace(['\'', '\u{2018}', '\u{2019}'], "");
    let words: Vec<&str> = plain
        .split(|c: char| !c.is_ascii_alphabetic())
        .filter(|word| !word.is_empty())
        .collect();
    let has_figure = (0..words.len()).any(|at| is_figure(&words, at));
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    (!words.is_empty() && !has_figure).then_some(said)
}

fn is_figure(words: &[&str], at: usize) -> bool {
    let word = words[at];
    let near = |at: Option<usize>| at.and_then(|at| words.get(at)).copied().unwrap_or_default();
    let (before, after) = (near(at.checked_sub(1)), near(at.checked_add(1)));
    match word {
        // "and" joins number words that run together, and is none itself.
        "and" | "ands" => false,
        // "no one", "one moment": nothing is counted.
        "one" | "ones" => {
            !matches!(
                before,
                "no" | "this" | "that" | "which" | "another" | "each" | "every" | "any" | "some"
            ) && !matches!(after, "of" | "moment")
        }
        "basis" => after.starts_with("point"),
        _ => {
            NUMBER.is_match(word)
                || [QUANTITIES, CURRENCIES, SHARES]
                    .iter()
                    .any(|list| is_listed(list, word))
        }
    }
}

fn is_listed(list: &str, word: &str) -> bool {
    list.split(' ').any(|listed| listed == word)
}

#[cfg(test)]
mod tests;
