//! Finding a month among those that the bank names in its own words: `January`, `January 2026`, `2026-01`. Pure.
//!
//! A name that is no month is only found by being the same.

/// English month names, in order.
const NAMES: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// A month as far as its name tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Month {
    year: Option<i32>,
    month: usize,
}

/// Which of the bank's `names` is `wanted`; without a wish the newest.
#[must_use]
pub fn find(names: &[String], wanted: Option<&str>) -> Option<usize> {
    let Some(wanted) = wanted else {
        return newest(names);
    };
    if let Some(at) = names
        .iter()
        .position(|name| name.eq_ignore_ascii_case(wanted))
    {
        return Some(at);
    }
    let wanted = read(wanted)?;
    names.iter().position(|name| {
        read(name).is_some_and(|named| {
            named.month == wanted.month
                && (named.year.is_none() || wanted.year.is_none() || named.year == wanted.year)
        })
    })
}

fn newest(names: &[String]) -> Option<usize> {
    names
        .iter()
        .enumerate()
        .max_by_key(|(at, name)| (read(name).map(|named| (named.year, named.month)), *at))
        .map(|(at, _)| at)
}

fn read(name: &str) -> Option<Month> {
    let name = name.to_lowercase();
    let words: Vec<&str> = name
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    if let [year, month] = words.as_slice()
        && let (Ok(year), Ok(month)) = (year.parse::<i32>(), month.parse::<usize>())
    {
        return (1..=12).contains(&month).then_some(Month {
            year: Some(year),
            month,
        });
    }
    let month = NAMES.iter().position(|known| words.contains(known))? + 1;
    let year = words
        .iter()
        .find_map(|word| (word.len() == 4).then(|| word.parse().ok())?);
    Some(Month { year, month })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found<'a>(names: &[&'a str], wanted: Option<&str>) -> Option<&'a str> {
        let owned: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        find(&owned, wanted).map(|at| names[at])
    }

    #[test]
    fn a_month_is_found_however_the_bank_names_it() {
        assert_eq!(
            found(&["January", "February"], Some("2026-01")),
            Some("January")
        );
        assert_eq!(
            found(&["2026-01", "2026-02"], Some("february")),
            Some("2026-02")
        );
        assert_eq!(
            found(&["January 2025", "January 2026"], Some("2026-01")),
            Some("January 2026")
        );
        assert_eq!(found(&["January"], Some("2026-02")), None);
        assert_eq!(found(&["Q1"], Some("q1")), Some("Q1"));
    }

    #[test]
    fn without_a_wish_the_newest_is_meant() {
        assert_eq!(
            found(&["2025-12", "2026-02", "2026-01"], None),
            Some("2026-02")
        );
        assert_eq!(
            found(&["January", "March", "February"], None),
            Some("March")
        );
        assert_eq!(found(&["first", "second"], None), Some("second"));
        assert_eq!(found(&[], None), None);
    }
}
