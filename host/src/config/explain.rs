//! One sentence for a setting that cannot be used: the key, the value, what was expected, and the nearest known name.
//!
//! Values of secrets are never part of it.

use std::path::Path;

use figment::error::Kind;
use figment::value::Value;
use figment::{Figment, Source};

use super::Error;
use crate::spelling;

/// Whether a file is TOML at all. figment's own words for that show the line where it is not, and a secret may stand there.
pub(super) fn check_toml(file: &Path) -> Result<(), Error> {
    let unreadable = |why: String| {
        let file = file.display();
        Error::Setting(format!("the settings (in {file}) cannot be read: {why}"))
    };
    let text = std::fs::read_to_string(file).map_err(|cause| unreadable(cause.to_string()))?;
    match toml::from_str::<toml::Table>(&text) {
        Ok(_) => Ok(()),
        Err(cause) => Err(unreadable(spelling::toml_sentence(&text, &cause))),
    }
}

/// The sentence of figment's first error.
pub(super) fn sentence(cause: &figment::Error, figment: &Figment) -> Error {
    let key = cause.path.join(".");
    let source = cause
        .metadata
        .as_ref()
        .and_then(|metadata| metadata.source.as_ref())
        .map(|source| match source {
            // Where in this program a layer was made is nothing to whoever set a variable.
            Source::Code(_) => " (in the environment)".to_owned(),
            source => format!(" (in {source})"),
        })
        .unwrap_or_default();
    let sentence = match &cause.kind {
        Kind::UnknownField(found, known) => {
            let hint = match spelling::nearest(found, known.iter().copied()) {
                Some(near) => format!("; did you mean `{near}`? All keys are in"),
                None => "; all keys are in".to_owned(),
            };
            // The path ends with the field itself where it was found in a table of the file.
            let is_named = cause.path.last() == Some(found);
            let place = match key.as_str() {
                "" => found.clone(),
                _ if is_named => key,
                _ => format!("{key}.{found}"),
            };
            format!("unknown setting `{place}`{source}{hint} config/default.toml")
        }
        Kind::UnknownVariant(found, known) => {
            let hint = spelling::nearest(found, known.iter().copied())
                .map(|near| format!(", for example `{near}`"))
                .unwrap_or_default();
            format!(
                "setting `{key}` = `{found}`{source}: expected one of {}{hint}",
                known.join(", ")
            )
        }
        Kind::InvalidType(_, expected) | Kind::InvalidValue(_, expected) => {
            format!(
                "setting `{key}`{}{source}: expected {expected}",
                shown(&key, figment)
            )
        }
        Kind::MissingField(field) => format!("setting `{key}.{field}` is missing"),
        // What has no key is said of the file as a whole; the reader's words may show any line of it.
        Kind::Message(_) if key.is_empty() => {
            format!("the settings{source} cannot be read: they are not the TOML of this version")
        }
        _ if key.is_empty() => format!("the settings{source} cannot be read: {}", cause.kind),
        _ => format!(
            "setting `{key}`{}{source}: {}",
            shown(&key, figment),
            cause.kind
        ),
    };
    Error::Setting(spelling::sentence(sentence))
}

/// The value, except where the key says that it is a secret, and where a key inside it may say so.
fn shown(key: &str, figment: &Figment) -> String {
    let is_secret = ["token", "key", "url", "password"]
        .iter()
        .any(|part| key.contains(part));
    if is_secret {
        return " (its value is a secret and not shown)".to_owned();
    }
    let value = match figment.find_value(key).ok() {
        Some(Value::Dict(..)) => return " is a table".to_owned(),
        Some(Value::Array(..)) => return " is a list".to_owned(),
        value => value,
    };
    let text = value.and_then(|value| serde_json::to_string(&value).ok());
    text.map(|text| format!(" = {text}")).unwrap_or_default()
}
