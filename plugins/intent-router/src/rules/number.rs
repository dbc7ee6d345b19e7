//! Numbers in English words and in figures, as exact decimals: a cursor that takes a number where one begins.
//! Strict on purpose: what is left over behind a number ("twelve" "fifty") is for the reader of amounts to doubt.

use super::words::{Heard, Kind, Word};

/// `mantissa / 10^places`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal {
    /// All digits.
    pub mantissa: i128,
    /// Digits after the point.
    pub places: u32,
}

impl Decimal {
    fn whole(number: i128) -> Self {
        Self {
            mantissa: number,
            places: 0,
        }
    }

    fn times(self, factor: i128) -> Option<Self> {
        Some(Self {
            mantissa: self.mantissa.checked_mul(factor)?,
            places: self.places,
        })
    }

    fn plus(self, other: Self) -> Option<Self> {
        let places = self.places.max(other.places);
        let mantissa = self
            .in_units(places)?
            .checked_add(other.in_units(places)?)?;
        Some(Self { mantissa, places })
    }

    /// How many units of `10^-places` this is; none where that is not a whole number.
    pub fn in_units(self, places: u32) -> Option<i128> {
        if places >= self.places {
            return self
                .mantissa
                .checked_mul(10_i128.checked_pow(places - self.places)?);
        }
        let factor = 10_i128.checked_pow(self.places - places)?;
        (self.mantissa % factor == 0).then_some(self.mantissa / factor)
    }
}

/// The value of a number word below a hundred.
pub fn small_word(text: &str) -> Option<i128> {
    const WORDS: [&str; 20] = [
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
    ];
    const TENS: [&str; 8] = [
        "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
    ];
    let at = |words: &[&str]| {
        words
            .iter()
            .position(|word| *word == text)
            .map(|n| n as i128)
    };
    at(&WORDS).or_else(|| at(&TENS).map(|tens| (tens + 2) * 10))
}

fn scale_word(text: &str) -> Option<i128> {
    match text {
        "thousand" | "thousands" | "grand" | "k" => Some(1_000),
        "million" => Some(1_000_000),
        "billion" => Some(1_000_000_000),
        _ => None,
    }
}

/// Whether a number may begin or go on with this word.
pub fn is_number_word(word: &Word) -> bool {
    word.kind != Kind::Plain
        || small_word(&word.text).is_some()
        || scale_word(&word.text).is_some()
        || matches!(
            word.text.as_str(),
            "hundred" | "hundreds" | "oh" | "o" | "point" | "half"
        )
}

/// A place in an utterance; words in use by something else end a number.
pub struct Cursor<'a> {
    heard: &'a Heard,
    used: &'a [bool],
    /// The next word.
    pub at: usize,
}

impl<'a> Cursor<'a> {
    /// A cursor at a word.
    pub fn new(heard: &'a Heard, used: &'a [bool], at: usize) -> Self {
        Self { heard, used, at }
    }

    /// The next word, unless it is in use or the utterance ends.
    pub fn word(&self) -> Option<&'a Word> {
        self.word_at(self.at)
    }

    /// The text of the next word, else empty.
    pub fn text(&self) -> &'a str {
        self.text_at(self.at)
    }

    /// The currency sign of the next word, where it is a figure.
    pub fn sign(&self) -> Option<char> {
        match self.word()?.kind {
            Kind::Figure(figure) => figure.sign,
            _ => None,
        }
    }

    /// Takes the number that begins here; none, and nothing taken, where none does.
    pub fn number(&mut self) -> Option<Decimal> {
        let mut total: Option<Decimal> = None;
        let mut ceiling = i128::MAX;
        loop {
            let before = self.at;
            if total.is_some() && self.text() == "and" {
                self.at += 1;
            }
            let scale = |cursor: &mut Self| {
                let scale = scale_word(cursor.text());
                cursor.at += usize::from(scale.is_some());
                scale
            };
            let part = self.group(total.is_none()).and_then(|group| {
                let scale = scale(self);
                let value = group.times(scale.unwrap_or(1))?;
                // Parts go down: "two thousand three hundred", never "three hundred two thousand" in two parts.
                let fits = ceiling == i128::MAX || value.in_units(0).is_some_and(|n| n < ceiling);
                fits.then_some((value, scale))
            });
            let Some((value, scale)) = part else {
                self.at = before;
                return total;
            };
            total = Some(match total {
                Some(sum) => sum.plus(value)?,
                None => value,
            });
            match scale {
                Some(scale) => ceiling = scale,
                None => return total,
            }
        }
    }

    /// Whether the words behind a number go on like a number, which makes it doubtful.
    pub fn runs_on(&self) -> bool {
        let and_half = self.text() == "and"
            && (self.text_at(self.at + 1) == "half" || self.text_at(self.at + 2) == "half");
        and_half || self.word().is_some_and(is_number_word)
    }

    /// Takes all words that look like parts of numbers.
    pub fn skip_numbers(&mut self) {
        while self
            .word()
            .is_some_and(|w| is_number_word(w) || matches!(w.text.as_str(), "and" | "a"))
        {
            self.at += 1;
        }
    }

    // Up to the next scale: a figure, or words below ten thousand ("twelve hundred and fifty").
    fn group(&mut self, is_first: bool) -> Option<Decimal> {
        if let Kind::Figure(figure) = self.word()?.kind {
            self.at += 1;
            let value = Decimal {
                mantissa: figure.mantissa,
                places: figure.places,
            };
            return if figure.scaled {
                Some(value)
            } else {
                self.rest_of_group(value)
            };
        }
        let next = self.text_at(self.at + 1);
        match self.text() {
            "half" if is_first => self.half_a_scale(),
            "a" | "an" if is_counted(next) => {
                self.at += 1;
                self.rest_of_group(Decimal::whole(1))
            }
            "hundred" if is_first => self.rest_of_group(Decimal::whole(1)),
            "thousand" | "million" | "billion" if is_first => Some(Decimal::whole(1)),
            _ => {
                let small = self.below_hundred()?;
                self.rest_of_group(Decimal::whole(small))
            }
        }
    }

    fn rest_of_group(&mut self, start: Decimal) -> Option<Decimal> {
        let mut value = start;
        if matches!(self.text(), "hundred" | "hundreds") {
            self.at += 1;
            value = value.times(100)?;
            let before = self.at;
            if self.text() == "and" {
                self.at += 1;
            }
            match self.below_hundred() {
                Some(small) => value = value.plus(Decimal::whole(small))?,
                None => self.at = before,
            }
        }
        if self.text() == "point" && value.places == 0 {
            value = self.fraction(value);
        }
        self.and_a_half(value)
    }

    fn below_hundred(&mut self) -> Option<i128> {
        let first = small_word(self.word()?.text.as_str())?;
        self.at += 1;
        let unit = small_word(self.text()).filter(|unit| (1..10).contains(unit));
        match unit {
            Some(unit) if first >= 20 => {
                self.at += 1;
                Some(first + unit)
            }
            _ => Some(first),
        }
    }

    // "two point five"; digits only.
    fn fraction(&mut self, value: Decimal) -> Decimal {
        let mut read = value;
        let before = self.at;
        self.at += 1;
        loop {
            let digit = match self.text() {
                "oh" | "o" => Some(0),
                text => small_word(text).filter(|digit| *digit < 10),
            };
            match digit {
                Some(digit) if read.places < 6 => {
                    read = Decimal {
                        mantissa: read.mantissa * 10 + digit,
                        places: read.places + 1,
                    };
                    self.at += 1;
                }
                _ => break,
            }
        }
        if read.places == 0 {
            self.at = before;
        }
        read
    }

    // "two and a half thousand": only before what it is a half of.
    fn and_a_half(&mut self, value: Decimal) -> Option<Decimal> {
        let texts = [
            self.text(),
            self.text_at(self.at + 1),
            self.text_at(self.at + 2),
        ];
        let after = self.text_at(self.at + 3);
        let is_half = texts[0] == "and" && matches!(texts[1], "a" | "one") && texts[2] == "half";
        if !is_half || value.places > 0 || !(scale_word(after).is_some() || is_main_unit(after)) {
            return Some(value);
        }
        self.at += 3;
        value.plus(Decimal {
            mantissa: 5,
            places: 1,
        })
    }

    // "half a grand".
    fn half_a_scale(&mut self) -> Option<Decimal> {
        let skip = if matches!(self.text_at(self.at + 1), "a" | "an") {
            2
        } else {
            1
        };
        scale_word(self.text_at(self.at + skip))?;
        self.at += skip;
        Some(Decimal {
            mantissa: 5,
            places: 1,
        })
    }

    fn word_at(&self, at: usize) -> Option<&'a Word> {
        let is_used = self.used.get(at).copied().unwrap_or(false);
        self.heard.words.get(at).filter(|_| !is_used)
    }

    fn text_at(&self, at: usize) -> &'a str {
        self.word_at(at).map_or("", |word| word.text.as_str())
    }
}

fn is_main_unit(text: &str) -> bool {
    matches!(text, "dollars" | "bucks" | "euros" | "pounds")
}

// What "a" may stand before as a one.
fn is_counted(text: &str) -> bool {
    let is_unit = matches!(
        text,
        "hundred" | "dollar" | "buck" | "euro" | "pound" | "penny" | "cent"
    );
    is_unit || scale_word(text).is_some()
}
