//! Rows of a customer list: reading the CSV file, and what a row must be.
//!
//! Pure. Every complaint names its line, and none repeats a PIN.

use std::sync::LazyLock;

use regex::Regex;
use secrecy::SecretString;

use crate::call::bounds;
use crate::caller::pin_hash;

static E164: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^\+[1-9][0-9]{6,14}$").expect("a constant pattern"));

pub(super) const NOT_E164: &str = "the phone number is not E.164, such as +14155552671";

/// A row as written.
pub(super) struct Row {
    pub(super) phone: String,
    /// Empty for none.
    pub(super) name: String,
    pub(super) user_id: String,
    pub(super) pin: Option<SecretString>,
}

/// A row that may be enrolled.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) phone: String,
    pub(super) name: Option<String>,
    pub(super) user_id: String,
    pub(super) pin: Option<SecretString>,
}

/// The first thing that is wrong with a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Bad {
    pub(super) line: u64,
    pub(super) why: String,
}

/// Whether a number is written as `+` and 7 to 15 digits.
pub(in crate::cli) fn is_e164(phone: &str) -> bool {
    E164.is_match(phone)
}

impl Row {
    pub(super) fn check(self) -> Result<Checked, String> {
        if !is_e164(&self.phone) {
            return Err(NOT_E164.to_owned());
        }
        if !bounds::is_safe_id(&self.user_id) {
            return Err("the user id is empty, too long, or holds `/` or `..`".to_owned());
        }
        if !self.name.is_empty() {
            bounds::name("name", &self.name).map_err(|cause| cause.to_string())?;
        }
        if self.pin.as_ref().is_some_and(|pin| !pin_hash::is_pin(pin)) {
            return Err(pin_hash::Error::NotAPin.to_string());
        }
        Ok(Checked {
            phone: self.phone,
            name: Some(self.name).filter(|name| !name.is_empty()),
            user_id: self.user_id,
            pin: self.pin,
        })
    }
}

/// The rows of a file with their lines, or the first that is wrong.
pub(super) fn read(text: &[u8]) -> Result<Vec<(u64, Checked)>, Bad> {
    // Spreadsheets put a byte order mark before the header.
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(text);
    let header = reader.headers().map_err(|cause| Bad {
        line: 1,
        why: unreadable(&cause),
    })?;
    let at = |name: &str| header.iter().position(|column| column == name);
    let known = ["phone", "name", "user_id", "pin"];
    if let Some(other) = header.iter().find(|column| !known.contains(column)) {
        return Err(Bad {
            line: 1,
            why: format!("unknown column `{other}`"),
        });
    }
    let (Some(phone), Some(name), Some(user_id)) = (at("phone"), at("name"), at("user_id")) else {
        return Err(Bad {
            line: 1,
            why: "the header must be phone,name,user_id[,pin]".to_owned(),
        });
    };
    let pin = at("pin");
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|cause| Bad {
            line: cause.position().map_or(0, csv::Position::line),
            why: unreadable(&cause),
        })?;
        let line = record.position().map_or(0, csv::Position::line);
        let field = |at: usize| record.get(at).unwrap_or_default().to_owned();
        let row = Row {
            phone: field(phone),
            name: field(name),
            user_id: field(user_id),
            pin: pin
                .map(field)
                .filter(|pin| !pin.is_empty())
                .map(SecretString::from),
        };
        rows.push((line, row.check().map_err(|why| Bad { line, why })?));
    }
    Ok(rows)
}

/// What is wrong with the file's form, in words that hold none of its content.
fn unreadable(cause: &csv::Error) -> String {
    match cause.kind() {
        csv::ErrorKind::Utf8 { .. } => "not UTF-8".to_owned(),
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => {
            format!("{len} fields where the header has {expected_len}")
        }
        _ => "not readable as CSV".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(text: &str) -> (u64, String) {
        let bad = read(text.as_bytes()).unwrap_err();
        (bad.line, bad.why)
    }

    #[test]
    fn rows_are_read_whatever_the_order_of_the_columns() {
        let text = "\u{feff}user_id,phone,name,pin\nuser_1,+14155552671, Alice ,1234\nuser_2,+14155552672,,\n";
        let rows = read(text.as_bytes()).unwrap();
        assert_eq!(
            rows.iter().map(|(line, _)| *line).collect::<Vec<_>>(),
            [2, 3]
        );
        assert_eq!(rows[0].1.name.as_deref(), Some("Alice"));
        assert!(rows[0].1.pin.is_some() && rows[1].1.pin.is_none() && rows[1].1.name.is_none());
    }

    #[test]
    fn the_first_error_names_its_line_and_no_pin() {
        let header = "phone,name,user_id,pin\n+14155552671,A,user_1,1234\n";
        assert_eq!(
            why(&format!("{header}4155552672,B,user_2,5678\n")),
            (3, NOT_E164.to_owned())
        );
        assert_eq!(why(&format!("{header}+14155552672,B,../x,\n")).0, 3);
        let (line, text) = why(&format!("{header}+14155552672,B,user_2,99x9\n"));
        assert!(line == 3 && !text.contains("99x9"));
        assert_eq!(
            why(&format!("{header}+14155552672,B\n")),
            (3, "2 fields where the header has 4".into())
        );
        assert_eq!(why("phone,name\n").0, 1);
        assert_eq!(
            why("phone,name,user_id,email\n"),
            (1, "unknown column `email`".into())
        );
    }

    #[test]
    fn numbers_are_e164_or_refused() {
        assert!(is_e164("+14155552671") && is_e164("+4930123456"));
        for phone in [
            "14155552671",
            "+04155552671",
            "+1415555x",
            "+123456",
            "+1234567890123456",
            "+1 415",
        ] {
            assert!(!is_e164(phone), "{phone}");
        }
    }
}
