//! Where each key of a stage and each of its settings stands: the line of the manifest, or the file of settings and its line there.
//!
//! For those who read what a plugin says of its settings; a plugin knows keys and no files.

use std::collections::BTreeMap;

use toml::de::{DeTable, DeValue};

use crate::spelling;

/// The line of each key.
pub(super) type Lines = BTreeMap<String, usize>;

/// Where the keys of one stage and its settings stand.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Places {
    /// The stage's own line.
    stage: usize,
    own: Lines,
    limits: Lines,
    /// Of each grant, in order.
    grants: Vec<usize>,
    settings: Lines,
    sandbox: Lines,
    file: Option<(String, Lines)>,
}

impl Places {
    /// Of a stage that begins at this line, with its grants at those.
    pub(super) fn at(mut self, line: usize, grants: Vec<usize>) -> Self {
        self.stage = line;
        self.grants = grants;
        self
    }

    /// The stage's own line.
    #[must_use]
    pub fn line(&self) -> usize {
        self.stage
    }

    /// The line of a key of the stage itself, such as `grants`; the stage's own where it has none.
    #[must_use]
    pub fn of_key(&self, key: &str) -> usize {
        self.own.get(key).copied().unwrap_or(self.stage)
    }

    pub(super) fn of_limit(&self, key: &str) -> Option<usize> {
        self.limits.get(key).copied()
    }

    pub(super) fn of_grant(&self, at: usize) -> Option<usize> {
        self.grants.get(at).copied()
    }

    /// Of a setting, as it stands in the manifest for all, or for a sandbox.
    pub(super) fn of_setting(&self, key: &str, sandbox: bool) -> Option<usize> {
        let lines = if sandbox {
            &self.sandbox
        } else {
            &self.settings
        };
        lines.get(key).copied()
    }

    pub(super) fn add_file(&mut self, name: &str, lines: Lines) {
        self.file = Some((name.to_owned(), lines));
    }

    /// `line 12`, or `limits.toml line 3`: of what is taken in a sandbox, or outside of one. A setting that stands nowhere is missed
    /// where its stage is.
    #[must_use]
    pub fn of(&self, key: &str, sandbox: bool) -> String {
        let key = key.split('.').next().unwrap_or_default();
        let replaced = self.sandbox.get(key).filter(|_| sandbox);
        if let Some(line) = replaced.or_else(|| self.settings.get(key)) {
            return format!("line {line}");
        }
        match &self.file {
            Some((name, lines)) => match lines.get(key) {
                Some(line) => format!("{name} line {line}"),
                None => format!("line {} or {name}", self.stage),
            },
            None => format!("line {}", self.stage),
        }
    }
}

/// Of all stages of a manifest that was read already, in order; without an end, so that none is without.
pub(super) fn of_stages(text: &str) -> impl Iterator<Item = Places> {
    let parsed = DeTable::parse(text).ok();
    let stages: Vec<Places> = parsed
        .as_ref()
        .and_then(|root| root.get_ref().get("stage")?.get_ref().as_array())
        .into_iter()
        .flat_map(|stages| stages.iter())
        .map(|stage| Places {
            own: stage
                .get_ref()
                .as_table()
                .map_or_else(Lines::new, |it| lines(text, it)),
            limits: lines_below(text, stage.get_ref(), "limits"),
            settings: lines_below(text, stage.get_ref(), "settings"),
            sandbox: lines_below(text, stage.get_ref(), "sandbox"),
            ..Places::default()
        })
        .collect();
    stages
        .into_iter()
        .chain(std::iter::repeat_with(Places::default))
}

/// Of a file that holds nothing but settings.
pub(super) fn of_keys(text: &str) -> Lines {
    let parsed = DeTable::parse(text).ok();
    parsed.map_or_else(Lines::new, |root| lines(text, root.get_ref()))
}

fn lines_below(text: &str, stage: &DeValue<'_>, table: &str) -> Lines {
    let table = stage.get(table).and_then(|it| it.get_ref().as_table());
    table.map_or_else(Lines::new, |table| lines(text, table))
}

fn lines(text: &str, table: &DeTable<'_>) -> Lines {
    table
        .keys()
        .map(|key| (key.get_ref().to_string(), spelling::line(text, &key.span())))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_is_found_in_the_manifest_the_sandbox_or_its_own_file() {
        let text = "[[stage]]\nplugin = 'a'\n[stage.settings]\nmax = 1\nlist.of = 2\n[stage.sandbox]\nmax = 3\n[[stage]]\n";
        let mut stages = of_stages(text);
        let mut first = stages.next().expect("endless").at(2, Vec::new());
        assert_eq!(first.of("max", false), "line 4");
        assert_eq!(first.of("max", true), "line 7");
        assert_eq!(first.of("list.of", true), "line 5");
        assert_eq!(first.of("gone", true), "line 2");
        first.add_file("more.toml", of_keys("\nmin = 1"));
        assert_eq!(first.of("min", true), "more.toml line 2");
        assert_eq!(first.of("max", false), "line 4");
        assert_eq!(first.of("gone", false), "line 2 or more.toml");
        assert_eq!(
            stages
                .next()
                .expect("endless")
                .at(8, Vec::new())
                .of("max", true),
            "line 8"
        );
    }
}
