//! What `plugin inspect` found, for eyes and for programs.
//!
//! What was not found, because the component did not get that far, is left out.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

use crate::call::mask;
use crate::plugin::{Anatomy, Grant, Need, Phase};

/// Width of the left column.
const LABEL: usize = 14;

/// What was found, in the order in which it was looked for.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    pub file: String,
    pub size_bytes: usize,
    /// sha-256 of the file bytes, hex.
    pub digest: String,
    pub name: Option<String>,
    pub version: Option<String>,
    pub summary: Option<String>,
    pub phase: Option<Phase>,
    #[serde(flatten)]
    pub anatomy: Option<Anatomy>,
    /// What its stage must grant.
    pub grants: Option<Vec<Grant>>,
    pub intents: Vec<String>,
    pub settings: Vec<SettingKey>,
    pub self_tests: Vec<Tested>,
    pub describe_instructions: Option<u64>,
    /// What its plugin.toml tells readers and is not so.
    pub notes: Vec<String>,
    /// Where its file would have to be named otherwise to be taken.
    pub belongs_in: Option<String>,
    /// Why it would not be taken; none if it would.
    pub refused: Option<String>,
}

/// A key of its settings.
#[derive(Debug, Serialize)]
pub struct SettingKey {
    pub key: String,
    pub default: Option<Value>,
}

/// One scenario.
#[derive(Debug, Serialize)]
pub struct Tested {
    pub name: String,
    /// None where it passed.
    pub failure: Option<String>,
    /// Of one invocation; none where it did not end.
    pub instructions: Option<u64>,
}

impl Report {
    /// How many self-tests did not come out as expected.
    pub fn failed(&self) -> usize {
        let failed = self.self_tests.iter().filter(|one| one.failure.is_some());
        failed.count()
    }

    fn anatomy(&self, f: &mut fmt::Formatter<'_>, anatomy: &Anatomy) -> fmt::Result {
        let contract = anatomy.contract.as_deref().unwrap_or("none");
        line(f, "contract", contract)?;
        if let Some(phase) = self.phase {
            let (world, name) = (phase.world(), phase.name());
            line(f, "world", &format!("{world}, phase {name}"))?;
        }
        let widest = anatomy.imports.iter().map(|import| import.name.len()).max();
        let widest = widest.unwrap_or_default();
        list(f, "imports", &anatomy.imports, |import| {
            let need = match import.need {
                Need::Nothing => "always there".to_owned(),
                Need::Grant(grant) => format!("needs grant `{}`", grant.name()),
                Need::AnotherHost => "not part of the contract: refused at load".to_owned(),
            };
            format!("{:widest$}  {need}", import.name)
        })?;
        list(f, "exports", &anatomy.exports, Clone::clone)
    }

    fn tests(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = self.self_tests.iter().map(|one| grouped(one.instructions));
        let counts: Vec<String> = counts.collect();
        let widest = counts.iter().map(String::len).max().unwrap_or_default();
        let each: Vec<_> = self.self_tests.iter().zip(&counts).collect();
        list(f, "self-tests", &each, |(one, count)| match &one.failure {
            None => format!("ok      {count:>widest$} instructions  {}", one.name),
            Some(how) => format!("FAILED  {count:>widest$} instructions  {}: {how}", one.name),
        })?;
        if self.self_tests.is_empty() && self.describe_instructions.is_some() {
            let count = grouped(self.describe_instructions);
            line(f, "describe", &format!("{count} instructions"))?;
        }
        Ok(())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(name) = &self.name {
            let version = self.version.as_deref().unwrap_or_default();
            line(f, "plugin", format!("{name} {version}").trim_end())?;
        }
        if let Some(summary) = &self.summary {
            line(f, "summary", summary)?;
        }
        line(f, "file", &self.file)?;
        let size = u64::try_from(self.size_bytes).ok();
        line(f, "size", &format!("{} bytes", grouped(size)))?;
        line(f, "sha-256", &self.digest)?;
        if let Some(anatomy) = &self.anatomy {
            self.anatomy(f, anatomy)?;
        }
        if self.grants.is_some() {
            let intents = self.intents.join(", ");
            line(
                f,
                "intents",
                if intents.is_empty() { "none" } else { &intents },
            )?;
            let widest = self.settings.iter().map(|one| one.key.len()).max();
            let widest = widest.unwrap_or_default();
            list(f, "settings", &self.settings, |one| match &one.default {
                Some(default) => format!("{:widest$}  default {default}", one.key),
                None => format!("{:widest$}  no default", one.key),
            })?;
            self.tests(f)?;
        }
        if !self.notes.is_empty() {
            list(f, "notes", &self.notes, Clone::clone)?;
        }
        let grants = self.grants.as_deref().unwrap_or_default();
        let grants: Vec<String> = grants
            .iter()
            .map(|grant| format!("\"{}\"", grant.name()))
            .collect();
        let grants = grants.join(", ");
        let verdict = match (&self.refused, &self.belongs_in) {
            (Some(why), _) => format!("refused: {why}"),
            (None, Some(name)) => {
                format!(
                    "would be taken with grants = [{grants}], in a file named {name}; under this file's own name it would be \
                     refused"
                )
            }
            (None, None) => format!("would be taken with grants = [{grants}]"),
        };
        write!(f, "{:LABEL$}{verdict}", "verdict")
    }
}

fn line(f: &mut fmt::Formatter<'_>, label: &str, text: &str) -> fmt::Result {
    writeln!(f, "{label:LABEL$}{text}")
}

/// One line an item, the label before the first.
fn list<T>(
    f: &mut fmt::Formatter<'_>,
    label: &str,
    items: &[T],
    text: impl Fn(&T) -> String,
) -> fmt::Result {
    if items.is_empty() {
        return line(f, label, "none");
    }
    for (at, item) in items.iter().enumerate() {
        line(f, if at == 0 { label } else { "" }, &text(item))?;
    }
    Ok(())
}

/// 1,234,567.
fn grouped(count: Option<u64>) -> String {
    count.map_or_else(|| "-".to_owned(), mask::grouped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_grouped_by_thousands() {
        assert_eq!(grouped(Some(1_234_567)), "1,234,567");
        assert_eq!(grouped(None), "-");
    }

    #[test]
    fn a_file_that_is_no_component_has_a_short_report() {
        let report = Report {
            file: "a.wasm".to_owned(),
            size_bytes: 6,
            digest: "ab".to_owned(),
            refused: Some("it is not a valid WebAssembly component".to_owned()),
            ..Report::default()
        };
        let lines = [
            "file          a.wasm",
            "size          6 bytes",
            "sha-256       ab",
            "verdict       refused: it is not a valid WebAssembly component",
        ];
        assert_eq!(report.to_string(), lines.join("\n"));
    }
}
