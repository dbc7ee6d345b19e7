//! What a revision is made of: for each stage its component's digest, grants, limits and settings, and how calls keep it.
//!
//! Its id is a digest of all that decides. So two hosts that read the same files agree on the id, a restart with unchanged files
//! continues the same revision, and a line of comment makes no new one. A recipe is what the database keeps.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::manifest::{Manifest, Pin};
use crate::plugin::{Grant, Limits, Phase};

/// One stage, with the digest of its component instead of a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ingredient {
    /// When it is asked.
    pub phase: Phase,
    /// Its name in the pipeline.
    pub plugin: String,
    /// The plugin that it is, where its stage is called otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub component: Option<String>,
    /// sha-256 of the component's bytes, hex.
    pub digest: String,
    /// What it may reach.
    pub grants: Vec<Grant>,
    /// What it may use.
    pub limits: Limits,
    /// What the policy owner set.
    pub settings: Map<String, Value>,
}

impl Ingredient {
    /// What its component calls itself.
    #[must_use]
    pub fn component(&self) -> &str {
        self.component.as_deref().unwrap_or(&self.plugin)
    }
}

/// A revision that is not loaded.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Recipe {
    /// `r-` and twelve hex digits.
    pub(super) id: String,
    pub(super) pin: Pin,
    pub(super) stages: Vec<Ingredient>,
    /// As the database keeps it: canonical, since `serde_json` keeps keys sorted.
    pub(super) content: Value,
}

#[derive(Deserialize)]
struct Stored {
    pin: Pin,
    stages: Vec<Ingredient>,
}

impl Recipe {
    /// Of a manifest, with the digests of its stages' components in the same order.
    pub(super) fn new(manifest: &Manifest, digests: Vec<String>) -> Self {
        let stages: Vec<Ingredient> = manifest
            .stages
            .iter()
            .zip(digests)
            .map(|(spec, digest)| Ingredient {
                phase: spec.phase,
                plugin: spec.name.clone(),
                component: (spec.plugin != spec.name).then(|| spec.plugin.clone()),
                digest,
                grants: spec.grants.clone(),
                limits: spec.limits,
                settings: spec.settings.clone(),
            })
            .collect();
        let content = json!({ "pin": manifest.pin, "stages": stages });
        Self {
            id: id_of(&content),
            pin: manifest.pin,
            stages,
            content,
        }
    }

    /// As the database kept it.
    ///
    /// Invariant: a row that was changed by hand is no revision (`a_revision_that_was_changed_is_none`).
    ///
    /// # Errors
    /// What of it this version does not know, or that it is not what the id stands for.
    pub(super) fn stored(id: &str, content: &Value) -> Result<Self, String> {
        if id_of(content) != id {
            return Err(
                "the database keeps another content under this id than it stands for".to_owned(),
            );
        }
        let stored: Stored =
            serde_json::from_value(content.clone()).map_err(|cause| cause.to_string())?;
        Ok(Self {
            id: id.to_owned(),
            pin: stored.pin,
            stages: stored.stages,
            content: content.clone(),
        })
    }
}

/// How a revision's id begins.
pub(super) const ID_MARK: &str = "r-";
/// Hex digits behind that.
pub(super) const ID_DIGITS: usize = 12;

fn id_of(content: &Value) -> String {
    id(&hex::encode(Sha256::digest(content.to_string())))
}

/// The digest's first twelve digits that are not figures alone: those would be taken for the number of an account wherever numbers
/// are masked, and nobody could look the revision up.
fn id(digest: &str) -> String {
    let windows = 0..=digest.len() - ID_DIGITS;
    let mut windows = windows.map(|at| &digest[at..at + ID_DIGITS]);
    let digits = windows.find(|it| !it.bytes().all(|byte| byte.is_ascii_digit()));
    format!("{ID_MARK}{}", digits.unwrap_or(&digest[..ID_DIGITS]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::mask;

    #[test]
    fn a_revision_that_was_changed_is_none() {
        let mut content = json!({ "pin": "call", "stages": [] });
        let id = id_of(&content);
        assert!(Recipe::stored(&id, &content).is_ok());
        content["pin"] = json!("turn");
        let refused = Recipe::stored(&id, &content).unwrap_err();
        assert!(refused.contains("another content"), "{refused}");
    }

    #[test]
    fn the_id_of_a_revision_is_never_masked() {
        let figures = "123456789012345";
        let digest = format!("{figures}c{}", "0".repeat(64 - figures.len() - 1));
        assert_eq!(id(&digest), "r-56789012345c");
        assert_eq!(id(&"ab12".repeat(16)), "r-ab12ab12ab12");
        for id in [id(&digest), id(&"ab12".repeat(16))] {
            let said = format!("there is no revision `{id}`: {id}");
            assert_eq!(mask::log_line(&said), said);
        }
    }

    const TEXT: &str = r#"
        without = ["route", "fulfil", "shape"]
        [[stage]]
        phase = "decide"
        plugin = "transfer-limits"
        grants = ["history", "accounts"]
        [stage.settings]
        day_count_max = 20
        transfer_max = "10000.00"
    "#;

    fn recipe(text: &str, digest: &str) -> Recipe {
        let manifest = Manifest::parse(text, false).expect("good");
        Recipe::new(&manifest, vec![digest.to_owned()])
    }

    #[test]
    fn what_was_stored_is_the_same_recipe() {
        let made = recipe(TEXT, "d1");
        let kept: Value = serde_json::from_str(&made.content.to_string()).expect("JSON");
        assert_eq!(Recipe::stored(&made.id, &kept), Ok(made));
    }

    #[test]
    fn only_what_decides_makes_another_revision() {
        let id = recipe(TEXT, "d1").id;
        assert_eq!(recipe(&format!("# why\n{TEXT}"), "d1").id, id);
        assert_ne!(recipe(TEXT, "d2").id, id);
        assert_ne!(recipe(&TEXT.replace("20", "21"), "d1").id, id);
        assert_ne!(recipe(&format!("pin = \"turn\"\n{TEXT}"), "d1").id, id);
    }

    #[test]
    fn a_stage_may_be_called_otherwise_than_its_plugin_and_both_are_kept() {
        let named = "plugin = \"transfer-limits\"";
        let other = TEXT.replace(named, &format!("{named}\nname = \"savings\""));
        let (plain, named) = (recipe(TEXT, "d1"), recipe(&other, "d1"));
        assert_ne!(plain.id, named.id);
        let stage = &named.stages[0];
        assert_eq!(
            (stage.plugin.as_str(), stage.component()),
            ("savings", "transfer-limits")
        );
        assert!(plain.content["stages"][0].get("component").is_none());
        assert_eq!(plain.stages[0].component(), "transfer-limits");
    }
}
