//! What a component carries about itself: the text of its `plugin.toml`, in a custom section that `cargo xtask plugins` appends.
//!
//! Read only after the component was compiled. The digest of the file covers it; nothing in it is believed about what the
//! component may reach.

use contract::BYTES_MAX;
use wasmparser::{Encoding, Parser, Payload};

use super::grant::Phase;
use crate::call::bounds;
use crate::spelling;

/// The custom section's name.
const SECTION: &str = "bank:voice/plugin.toml";

/// Why what is carried cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum CarriedError {
    /// The file is no sequence of a component's sections.
    #[error("its sections cannot be read: {0}")]
    Sections(String),
    /// Which one would count?
    #[error("it carries two sections `{SECTION}`; build it again from one plugin.toml")]
    Twice,
    /// Longer than taken.
    #[error("its plugin.toml has {found} bytes, at most {BYTES_MAX} are taken")]
    TooLarge {
        /// The section's size.
        found: usize,
    },
    /// Not a text.
    #[error("its plugin.toml is not UTF-8 text")]
    NotText,
    /// Not TOML, with the line.
    #[error("its plugin.toml cannot be read: {0}")]
    NotToml(String),
    /// A word or a key that means nothing, or a value of another kind.
    #[error("its plugin.toml has {0}")]
    Words(#[from] contract::Fault),
    /// It says that it is of another phase than it is.
    #[error(
        "its plugin.toml says phase `{said}`, and it is {}, of phase `{}`; correct plugin.toml and build it again",
        .is.plugin(), .is.name()
    )]
    OtherPhase {
        /// By its plugin.toml.
        said: String,
        /// By its exports.
        is: Phase,
    },
}

/// The `plugin.toml` that a component carries; none where it was built without.
///
/// # Errors
/// [`CarriedError`] for whatever is there and cannot be read.
pub fn plugin_toml(component: &[u8]) -> Result<Option<toml::Table>, CarriedError> {
    let Some(text) = section(component)? else {
        return Ok(None);
    };
    if text.len() > BYTES_MAX {
        return Err(CarriedError::TooLarge { found: text.len() });
    }
    let text = std::str::from_utf8(text).map_err(|_| CarriedError::NotText)?;
    let table: toml::Table = toml::from_str(text)
        .map_err(|cause| CarriedError::NotToml(spelling::toml_sentence(text, &cause)))?;
    contract::check(&table)?;
    Ok(Some(table))
}

/// What a component is called by its author, in the `plugin.toml` that it carries; none where that cannot be read or shown.
#[must_use]
pub fn carried_name(component: &[u8]) -> Option<String> {
    let carried = plugin_toml(component).ok().flatten()?;
    let name = carried.get("name")?.as_str()?;
    bounds::is_safe_id(name).then(|| name.to_owned())
}

/// Whether a component that exports this phase says the same in its `plugin.toml`.
///
/// # Errors
/// [`CarriedError::OtherPhase`].
pub(super) fn of_phase(carried: &toml::Table, is: Phase) -> Result<(), CarriedError> {
    match carried.get("phase").and_then(toml::Value::as_str) {
        Some(said) if said != is.name() => Err(CarriedError::OtherPhase {
            said: contract::shown(said),
            is,
        }),
        _ => Ok(()),
    }
}

/// Only of the component itself: modules and components inside it may carry what they like.
fn section(component: &[u8]) -> Result<Option<&[u8]>, CarriedError> {
    let mut found = Vec::new();
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(component) {
        match payload.map_err(|cause| CarriedError::Sections(cause.message().to_owned()))? {
            Payload::Version { encoding, .. } if depth == 0 && encoding != Encoding::Component => {
                return Err(CarriedError::Sections("a core module".to_owned()));
            }
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::CustomSection(custom) if depth == 0 && custom.name() == SECTION => {
                found.push(custom.data());
            }
            _ => {}
        }
    }
    match found.as_slice() {
        [] => Ok(None),
        [text] => Ok(Some(text)),
        _ => Err(CarriedError::Twice),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const EMPTY: &[u8] = b"\0asm\x0d\0\x01\0";

    fn leb(mut value: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        while value > 0x7f {
            bytes.push(u8::try_from(value & 0x7f).expect("seven bits") | 0x80);
            value >>= 7;
        }
        bytes.push(u8::try_from(value).expect("seven bits"));
        bytes
    }

    fn with(component: &[u8], id: u8, content: &[u8]) -> Vec<u8> {
        [component, &[id], &leb(content.len()), content].concat()
    }

    fn carrying(component: &[u8], text: &[u8]) -> Vec<u8> {
        let named = [&leb(SECTION.len()), SECTION.as_bytes(), text].concat();
        with(component, 0, &named)
    }

    #[test]
    fn the_text_is_found_behind_everything_else() {
        let nested = with(EMPTY, 4, &carrying(EMPTY, b"name = 'inner'"));
        let read = |bytes: &[u8]| plugin_toml(bytes).expect("a component");
        assert_eq!(read(EMPTY), None);
        assert_eq!(read(&nested), None, "what is inside carries for itself");
        let table = read(&carrying(&nested, b"name = 'outer'")).expect("carried");
        assert_eq!(table["name"].as_str(), Some("outer"));
    }

    #[test]
    fn what_cannot_be_read_is_an_error_and_never_silence() {
        let refused = |bytes: &[u8]| plugin_toml(bytes).expect_err("refused").to_string();
        let twice = carrying(&carrying(EMPTY, b""), b"");
        assert!(refused(&twice).contains("two sections"));
        let large = carrying(EMPTY, &vec![b'#'; BYTES_MAX + 1]);
        assert!(refused(&large).contains("262145 bytes"));
        assert!(plugin_toml(&carrying(EMPTY, &vec![b'#'; BYTES_MAX])).is_ok());
        assert!(refused(&carrying(EMPTY, b"\xff")).contains("UTF-8"));
        assert!(refused(&carrying(EMPTY, b"name =")).contains("line 1"));
        assert!(refused(b"\0asm\x01\0\0\0").contains("core module"));
        for (text, words) in [
            (
                "phase = 'decid'",
                "has phase `decid`, did you mean `decide`",
            ),
            (
                "nam = 'a'",
                "has an unknown key `nam`, did you mean `name`?",
            ),
            ("name = 7", "has a `name` that is no text"),
        ] {
            let said = refused(&carrying(EMPTY, text.as_bytes()));
            assert!(said.contains(words), "{said}");
        }
        let good = b"phase = 'shape'\ncapabilities = ['accounts', 'clock']";
        assert!(plugin_toml(&carrying(EMPTY, good)).is_ok());
        assert!(refused(b"a text").contains("sections"));
    }

    #[test]
    fn a_slip_in_the_name_of_the_self_tests_does_not_hide_them() {
        for name in [
            "self_test",
            "selftest",
            "self-tests",
            "Self-Test",
            "slef-test",
        ] {
            let text = format!("[[{name}]]\nname = 'it'");
            let found = plugin_toml(&carrying(EMPTY, text.as_bytes()));
            let said = found.expect_err("refused").to_string();
            let words = format!("unknown key `{name}`, did you mean `self-test`?");
            assert!(said.contains(&words), "{said}");
        }
    }

    #[test]
    fn a_phase_that_the_component_is_not_of_is_refused() {
        let table = |text: &str| text.parse::<toml::Table>().expect("TOML");
        assert!(of_phase(&table("phase = 'decide'"), Phase::Decide).is_ok());
        assert!(of_phase(&table("name = 'a'"), Phase::Decide).is_ok());
        let said = of_phase(&table("phase = 'shape'"), Phase::Decide);
        let said = said.expect_err("refused").to_string();
        assert!(
            said.contains("says phase `shape`, and it is a policy, of phase `decide`"),
            "{said}"
        );
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(tail in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = plugin_toml(&tail);
            let _ = plugin_toml(&[EMPTY, &tail].concat());
            let _ = plugin_toml(&carrying(EMPTY, &tail));
        }
    }
}
