//! The known name that an unknown one was probably meant to be, by the number of letters to change.
//! A name that is not near any known one has no nearest.

/// The nearest known name, at most a third of its letters away.
pub fn name<'a>(unknown: &str, known: &[&'a str]) -> Option<&'a str> {
    let (distance, nearest) = known
        .iter()
        .map(|name| (strsim::levenshtein(unknown, name), *name))
        .min_by_key(|(d, _)| *d)?;
    (distance * 3 <= nearest.len().max(3)).then_some(nearest)
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
