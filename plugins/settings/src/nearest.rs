//! The known name that an unknown one was probably meant to be, by the number of letters to change.
//! A name that is not near any known one has no nearest.

/// The nearest known name, at most a third of its letters away.
pub fn name<'a>(unknown: &str, known: &[&'a str]) -> Option<&'a str> {
    let (distance, nearest) = known
        .iter()
        .map(|name| (distance(unknown, name), *name))
        .min_by_key(|(d, _)| *d)?;
    (distance * 3 <= nearest.len().max(3)).then_some(nearest)
}

// Levenshtein, one row at a time.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, letter) in left.chars().take(128).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, other) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != *other);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_the_name_that_was_meant() {
        let known = ["transfer_max", "day_total_max", "pin_above"];
        assert_eq!(name("transfers_max", &known), Some("transfer_max"));
        assert_eq!(name("pin_abuv", &known), Some("pin_above"));
        assert_eq!(name("colour", &known), None);
        assert_eq!(name("x", &[]), None);
    }
}
