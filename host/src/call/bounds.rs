//! Bounds on every text, name and list that crosses a border.
//!
//! The same figures stand in `wit/package.wit`. A text is refused, never silently cut, when a plugin or a client sent it; only
//! log lines are cut. No place here knows what the text means.

/// Longest free text, in bytes.
pub const TEXT_BYTES_MAX: usize = 2_000;
/// Longest name, code, key or id, in bytes.
pub const NAME_BYTES_MAX: usize = 128;
/// Longest spoken sentence, in bytes.
pub const SPOKEN_BYTES_MAX: usize = 600;
/// Most items in a list.
pub const LIST_LEN_MAX: usize = 100;
/// Most utterances of a call that are kept, and given to rules.
pub const TRANSCRIPT_LEN_MAX: usize = 20;

/// Why a value may not cross a border.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OutOfBounds {
    /// Longer than its bound.
    #[error("`{field}` has {found} bytes, at most {max} are allowed")]
    TooLong {
        /// The field, as the contract names it.
        field: &'static str,
        /// What came.
        found: usize,
        /// What is allowed.
        max: usize,
    },
    /// More items than the bound.
    #[error("`{field}` has {found} items, at most {max} are allowed")]
    TooMany {
        /// The list, as the contract names it.
        field: &'static str,
        /// What came.
        found: usize,
        /// What is allowed.
        max: usize,
    },
    /// Empty where something must stand.
    #[error("`{0}` is empty")]
    Empty(&'static str),
    /// A control character, which a speech engine or a terminal might obey.
    #[error("`{0}` holds a control character")]
    ControlCharacter(&'static str),
    /// More, less or something else than one key of a telephone.
    #[error("`{0}` is not one key: 0 to 9, * or #")]
    NoKey(&'static str),
}

/// Checks a free text: length and control characters.
///
/// # Errors
/// [`OutOfBounds`] names the field.
pub fn text(field: &'static str, value: &str) -> Result<(), OutOfBounds> {
    bounded(field, value, TEXT_BYTES_MAX)
}

/// Checks a sentence that will be spoken: never empty.
///
/// # Errors
/// [`OutOfBounds`] names the field.
pub fn spoken(field: &'static str, value: &str) -> Result<(), OutOfBounds> {
    if value.trim().is_empty() {
        return Err(OutOfBounds::Empty(field));
    }
    bounded(field, value, SPOKEN_BYTES_MAX)
}

/// Checks a name, a code, a key or an id: never empty.
///
/// # Errors
/// [`OutOfBounds`] names the field.
pub fn name(field: &'static str, value: &str) -> Result<(), OutOfBounds> {
    if value.is_empty() {
        return Err(OutOfBounds::Empty(field));
    }
    bounded(field, value, NAME_BYTES_MAX)
}

/// Checks a key of a telephone.
///
/// # Errors
/// [`OutOfBounds`] names the field.
pub fn key(field: &'static str, value: &str) -> Result<(), OutOfBounds> {
    match value.as_bytes() {
        [b'0'..=b'9' | b'*' | b'#'] => Ok(()),
        _ => Err(OutOfBounds::NoKey(field)),
    }
}

/// Checks the length of a list.
///
/// # Errors
/// [`OutOfBounds`] names the list.
pub fn list<T>(field: &'static str, items: &[T]) -> Result<(), OutOfBounds> {
    if items.len() > LIST_LEN_MAX {
        return Err(OutOfBounds::TooMany {
            field,
            found: items.len(),
            max: LIST_LEN_MAX,
        });
    }
    Ok(())
}

/// Whether an id of the bank's may leave the host as one path segment: not empty, bounded, no spaces around it,
/// nothing that could leave the path.
#[must_use]
pub fn is_safe_id(id: &str) -> bool {
    !id.is_empty()
        && id.len() <= NAME_BYTES_MAX
        && id.trim() == id
        && !id.contains(['/', '\\'])
        && id != "."
        && !id.contains("..")
        && !id.chars().any(char::is_control)
}

/// Whether it could be a telephone number: `+` and 8 to 15 digits (E.164).
#[must_use]
pub fn is_e164(number: &str) -> bool {
    number.strip_prefix('+').is_some_and(|digits| {
        (8..=15).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit())
    })
}

fn bounded(field: &'static str, value: &str, max: usize) -> Result<(), OutOfBounds> {
    if value.len() > max {
        return Err(OutOfBounds::TooLong {
            field,
            found: value.len(),
            max,
        });
    }
    if value.chars().any(char::is_control) {
        return Err(OutOfBounds::ControlCharacter(field));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_at_its_bound_passes_and_one_byte_more_does_not() {
        assert_eq!(text("t", &"a".repeat(TEXT_BYTES_MAX)), Ok(()));
        assert!(matches!(
            text("t", &"a".repeat(TEXT_BYTES_MAX + 1)),
            Err(OutOfBounds::TooLong { found: 2_001, .. })
        ));
    }

    #[test]
    fn a_telephone_number_has_a_plus_and_8_to_15_digits() {
        for number in ["+12345678", "+123456789012345", "+14155552671"] {
            assert!(is_e164(number), "{number}");
        }
        for number in [
            "",
            "+",
            "+1234567",
            "+1234567890123456",
            "14155552671",
            "+1415555267x",
        ] {
            assert!(!is_e164(number), "{number}");
        }
    }

    #[test]
    fn ids_that_could_leave_the_path_are_not_safe() {
        for id in [
            "",
            "a/b",
            ".",
            "..",
            "a..b",
            "a\nb",
            "a\\b",
            &"x".repeat(129),
        ] {
            assert!(!is_safe_id(id), "{id:?}");
        }
        for id in ["checking_1", "+1-408-585-8267", "a b", "é"] {
            assert!(is_safe_id(id), "{id:?}");
        }
    }
}
