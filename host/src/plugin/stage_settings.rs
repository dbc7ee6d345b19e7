//! A stage's settings as its guest asks for them: each by its key, or all as one text that is made once and not in every turn.
//!
//! What they mean is known to the plugin alone.

use serde_json::{Map, Value, json};

/// Once per stage of a revision.
#[derive(Debug)]
pub struct StageSettings {
    values: Map<String, Value>,
    object: String,
}

impl StageSettings {
    /// The JSON of one of them; none where it is not set.
    #[must_use]
    pub fn one(&self, key: &str) -> Option<String> {
        self.values.get(key).map(Value::to_string)
    }

    /// Whether the plugin's defaults hold throughout.
    pub(super) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// All of them as one JSON object.
    #[must_use]
    pub fn object(&self) -> &str {
        &self.object
    }
}

impl From<Map<String, Value>> for StageSettings {
    fn from(values: Map<String, Value>) -> Self {
        Self {
            object: json!(values).to_string(),
            values,
        }
    }
}

impl Default for StageSettings {
    fn default() -> Self {
        Map::new().into()
    }
}
