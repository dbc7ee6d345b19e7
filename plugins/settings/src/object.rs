//! A JSON object whose values are not parsed yet.
//! Keys stay in their order: there are few of them, so to go through all costs less than to keep them sorted.

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// Keys and values as they were written.
#[derive(Default)]
pub struct Object<'a>(Vec<(Text<'a>, &'a RawValue)>);

/// A JSON text, of its own only where it has escapes.
#[derive(Deserialize)]
#[serde(transparent)]
pub struct Text<'a>(#[serde(borrow)] pub Cow<'a, str>);

impl<'a> Object<'a> {
    /// Every key, in its order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(key, _)| &*key.0)
    }

    /// The JSON of a value; of a key that stands twice the last one.
    pub fn get(&self, key: &str) -> Option<&'a str> {
        let mut entries = self.0.iter().rev();
        let (_, value) = entries.find(|(known, _)| known.0 == key)?;
        Some(value.get())
    }
}

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(Entries)
    }
}

struct Entries;

impl<'de> Visitor<'de> for Entries {
    type Value = Object<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Object(entries))
    }
}
