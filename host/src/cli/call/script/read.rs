//! Reading the parts of a script that are more than a plain value.
//!
//! Errors made here carry their line themselves, because a step is checked only once it was read whole.

use regex::{Regex, RegexBuilder};
use serde::Deserialize;
use serde::de::{self, Deserializer, SeqAccess, Visitor};
use serde_saphyr::Spanned;

use super::{Step, Written};

/// YAML reads `60` as a number, and how it was written is then gone.
const QUOTES: &str = "a text is expected; put it into quotes";

/// One text or a list of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Texts(Vec<String>);

impl From<Texts> for Vec<String> {
    fn from(texts: Texts) -> Self {
        texts.0
    }
}

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMore;
        impl<'de> Visitor<'de> for OneOrMore {
            type Value = Texts;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("a text or a list of texts")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Texts, E> {
                Ok(Texts(vec![text.to_owned()]))
            }

            fn visit_bool<E: de::Error>(self, _: bool) -> Result<Texts, E> {
                Err(E::custom(QUOTES))
            }

            fn visit_i64<E: de::Error>(self, _: i64) -> Result<Texts, E> {
                Err(E::custom(QUOTES))
            }

            fn visit_u64<E: de::Error>(self, _: u64) -> Result<Texts, E> {
                Err(E::custom(QUOTES))
            }

            fn visit_f64<E: de::Error>(self, _: f64) -> Result<Texts, E> {
                Err(E::custom(QUOTES))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Texts, A::Error> {
                let mut texts = Vec::new();
                while let Some(text) = items.next_element()? {
                    texts.push(text);
                }
                if texts.is_empty() {
                    return Err(de::Error::custom("a text or a list of texts is expected"));
                }
                Ok(Texts(texts))
            }
        }
        deserializer.deserialize_any(OneOrMore)
    }
}

/// How many, where a script counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Count(pub u64);

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        u64::deserialize(deserializer)
            .map(Self)
            .map_err(|_| de::Error::custom("a whole number is expected, such as 1500"))
    }
}

/// The steps with their lines.
pub(super) fn steps<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Step>, D::Error> {
    let written = Vec::<Spanned<Written>>::deserialize(deserializer)?;
    let steps = written.into_iter().map(Step::of);
    steps.collect::<Result<_, _>>().map_err(de::Error::custom)
}

/// A pattern, whatever the case of the letters.
pub(super) fn pattern(text: &str) -> Result<Regex, String> {
    let built = RegexBuilder::new(text).case_insensitive(true).build();
    built.map_err(|cause| {
        let cause = cause.to_string();
        // The lines before draw the place, which one sentence cannot.
        let why = cause.lines().last().unwrap_or_default();
        let why = why.trim_start_matches("error: ");
        format!("`matches: {text}` is no regular expression: {why}")
    })
}
