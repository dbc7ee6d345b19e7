//! One sentence for a setting that cannot be used: the key, the value, what was expected, and the nearest known name.
//!
//! Values of secrets are never part of it.

use figment::error::Kind;
use figment::{Figment, Source};

use super::Error;
use crate::spelling;

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
        // A file that is no TOML has no key at which that could be said.
        _ if key.is_empty() => format!("the settings{source} cannot be read: {}", cause.kind),
        _ => format!(
            "setting `{key}`{}{source}: {}",
            shown(&key, figment),
            cause.kind
        ),
    };
    Error::Setting(sentence)
}

/// The value, except where the key says that it is a secret.
fn shown(key: &str, figment: &Figment) -> String {
    let is_secret = ["token", "key", "url", "password"]
        .iter()
        .any(|part| key.contains(part));
    if is_secret {
        return " (its value is a secret and not shown)".to_owned();
    }
    let value = figment.find_value(key).ok();
    let text = value.and_then(|value| serde_json::to_string(&value).ok());
    text.map(|text| format!(" = {text}")).unwrap_or_default()
}
