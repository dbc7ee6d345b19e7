//! Which application a caller means: by its whole id, or by the digits in which it ends, which is all that is ever said aloud.
//!
//! Pure.

/// Fewest digits by which one is meant.
const DIGITS_MIN: usize = 3;

/// The one that is meant of these, the newest of which is first.
pub(super) fn meant<'a>(own: &'a [String], said: &str) -> Option<&'a str> {
    let is_number = said.len() >= DIGITS_MIN && said.bytes().all(|byte| byte.is_ascii_digit());
    let whole = own.iter().find(|id| *id == said);
    let ending = || {
        own.iter()
            .find(|id| is_number && digits_of(id).ends_with(said))
    };
    whole.or_else(ending).map(String::as_str)
}

fn digits_of(id: &str) -> String {
    id.chars().filter(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_application_is_meant_by_its_id_or_by_the_end_of_its_number() {
        let own = ["application_1501", "application_501", "loan_20260301"].map(str::to_owned);
        for (said, id) in [
            ("application_501", Some("application_501")),
            ("501", Some("application_1501")),
            ("1501", Some("application_1501")),
            ("0301", Some("loan_20260301")),
            ("01", None),
            ("502", None),
            ("application", None),
            ("", None),
        ] {
            assert_eq!(meant(&own, said), id, "{said}");
        }
    }
}
