//! Whole numbers in English words, the American way: no "and" inside a number, so that an "and" always means cents.
//! The router's amount reader takes back every word that is made here.

const UNITS: [&str; 20] = [
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
const TENS: [&str; 10] = [
    "", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
];
const SCALES: [(u64, &str); 6] = [
    (1_000_000_000_000_000_000, "quintillion"),
    (1_000_000_000_000_000, "quadrillion"),
    (1_000_000_000_000, "trillion"),
    (1_000_000_000, "billion"),
    (1_000_000, "million"),
    (1_000, "thousand"),
];

/// `1250` is "one thousand two hundred fifty".
pub fn words(number: u64) -> String {
    if number == 0 {
        return UNITS[0].to_owned();
    }
    let mut parts = Vec::new();
    let mut rest = number;
    for (scale, name) in SCALES {
        if rest >= scale {
            parts.push(format!("{} {name}", below_thousand(rest / scale)));
            rest %= scale;
        }
    }
    if rest > 0 {
        parts.push(below_thousand(rest));
    }
    parts.join(" ")
}

/// A year as it is said: `2026` is "twenty twenty-six", `2005` "two thousand five".
pub fn year_words(year: u32) -> String {
    let (century, rest) = (u64::from(year / 100), u64::from(year % 100));
    match (century, rest) {
        (10..=99, 10..) => format!("{} {}", words(century), words(rest)),
        _ => words(u64::from(year)),
    }
}

/// A day of the month as it is said: `5` is "fifth"; none outside 1 to 31.
pub fn ordinal_words(day: u32) -> Option<&'static str> {
    const DAYS: [&str; 31] = [
        "first",
        "second",
        "third",
        "fourth",
        "fifth",
        "sixth",
        "seventh",
        "eighth",
        "ninth",
        "tenth",
        "eleventh",
        "twelfth",
        "thirteenth",
        "fourteenth",
        "fifteenth",
        "sixteenth",
        "seventeenth",
        "eighteenth",
        "nineteenth",
        "twentieth",
        "twenty-first",
        "twenty-second",
        "twenty-third",
        "twenty-fourth",
        "twenty-fifth",
        "twenty-sixth",
        "twenty-seventh",
        "twenty-eighth",
        "twenty-ninth",
        "thirtieth",
        "thirty-first",
    ];
    DAYS.get(usize::try_from(day).ok()?.checked_sub(1)?)
        .copied()
}

fn below_thousand(number: u64) -> String {
    match (number / 100, number % 100) {
        (0, rest) => below_hundred(rest),
        (hundreds, 0) => format!("{} hundred", below_hundred(hundreds)),
        (hundreds, rest) => format!(
            "{} hundred {}",
            below_hundred(hundreds),
            below_hundred(rest)
        ),
    }
}

fn below_hundred(number: u64) -> String {
    // Both indices are below 20: the callers pass what is left of a division by a hundred.
    let index = number as usize;
    match (index / 10, index % 10) {
        (0 | 1, _) => UNITS[index].to_owned(),
        (tens, 0) => TENS[tens].to_owned(),
        (tens, units) => format!("{}-{}", TENS[tens], UNITS[units]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_said_without_an_and() {
        for (number, said) in [
            (0, "zero"),
            (7, "seven"),
            (19, "nineteen"),
            (20, "twenty"),
            (42, "forty-two"),
            (100, "one hundred"),
            (1_250, "one thousand two hundred fifty"),
            (12_005, "twelve thousand five"),
            (1_000_000, "one million"),
            (2_000_001, "two million one"),
        ] {
            assert_eq!(words(number), said);
        }
        assert!(words(u64::MAX).starts_with("eighteen quintillion"));
    }

    #[test]
    fn years_are_said_as_people_say_them() {
        assert_eq!(year_words(2026), "twenty twenty-six");
        assert_eq!(year_words(2005), "two thousand five");
        assert_eq!(year_words(1999), "nineteen ninety-nine");
        assert_eq!(year_words(2000), "two thousand");
    }

    #[test]
    fn days_are_ordinals() {
        assert_eq!(ordinal_words(1), Some("first"));
        assert_eq!(ordinal_words(31), Some("thirty-first"));
        assert_eq!(ordinal_words(0), None);
        assert_eq!(ordinal_words(32), None);
    }
}
