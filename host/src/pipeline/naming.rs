//! How people name a revision: by its id, by enough of it to be the only one, or as the active one.
//!
//! What a name stands for is asked of the database, so every host answers alike.

use super::Pipeline;
use super::error::Error;
use super::recipe::{ID_DIGITS, ID_MARK};

/// The name of whatever is active.
const ACTIVE: &str = "active";
/// Fewer say nothing to the one who reads an order later.
const DIGITS_MIN: usize = 4;
/// Of those that begin alike, so many are told.
const ALIKE_TOLD: u64 = 5;

impl Pipeline {
    /// The id of the revision that is called so: `r-0123456789ab`, its first digits (four at least, with or without `r-`), or
    /// `active`.
    ///
    /// # Errors
    /// [`Error::UnknownRevision`], or [`Error::AmbiguousRevision`] with those that are meant perhaps.
    pub async fn named(&self, name: &str) -> Result<String, Error> {
        let db = &self.shared.db;
        if name == ACTIVE {
            let newest = db.active_revision().await?;
            let (newest, _, _) = newest.ok_or_else(|| Error::UnknownRevision(name.to_owned()))?;
            return Ok(newest.revision);
        }
        let beginning = beginning(name).ok_or_else(|| Error::UnknownRevision(name.to_owned()))?;
        let mut alike = db.revisions_beginning(&beginning, ALIKE_TOLD).await?;
        if alike.len() > 1 {
            return Err(Error::AmbiguousRevision {
                name: name.to_owned(),
                alike: alike.join(", "),
            });
        }
        alike
            .pop()
            .ok_or_else(|| Error::UnknownRevision(name.to_owned()))
    }
}

/// What the id begins with; none for what is not the beginning of any.
fn beginning(name: &str) -> Option<String> {
    let digits = name.strip_prefix(ID_MARK).unwrap_or(name);
    let is_hex = digits
        .bytes()
        .all(|it| it.is_ascii_digit() || (b'a'..=b'f').contains(&it));
    let is_long_enough = (DIGITS_MIN..=ID_DIGITS).contains(&digits.len());
    (is_hex && is_long_enough).then(|| format!("{ID_MARK}{digits}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revision_is_named_by_the_beginning_of_its_id() {
        assert_eq!(
            beginning("r-0123456789ab").as_deref(),
            Some("r-0123456789ab")
        );
        assert_eq!(beginning("r-0123").as_deref(), Some("r-0123"));
        assert_eq!(beginning("beef").as_deref(), Some("r-beef"));
        for nothing in [
            "",
            "r-",
            "r-012",
            "bee",
            "r-%%%%",
            "r-01_3",
            "r-ABCD",
            "r-0123456789abc",
            "ferry",
        ] {
            assert_eq!(beginning(nothing), None, "{nothing}");
        }
    }
}
