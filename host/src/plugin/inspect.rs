//! A component taken apart without being run: what it imports and exports, and what that means in this contract.
//!
//! For tools. It works on components of any world, so that one that would be refused can be told apart from another.

use serde::Serialize;
use sha2::{Digest as _, Sha256};
use wasmtime::component::Component;

use super::engine::Engine;
use super::error::LoadError;
use super::grant::{self, Grant, PACKAGE, Phase, VERSION};
use super::limits::Limits;
use super::load::{Plugin, Spec};

/// A compiled component that nobody has looked at yet.
pub struct Specimen {
    engine: Engine,
    component: Component,
}

impl std::fmt::Debug for Specimen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Specimen").finish_non_exhaustive()
    }
}

/// What a component has on its outside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Anatomy {
    /// Package and version of the contract that it was built against; none where it names none.
    pub contract: Option<String>,
    /// The phases that it can be a plugin of: one, for every plugin that is one.
    pub phases: Vec<Phase>,
    /// In its own order.
    pub imports: Vec<Import>,
    /// In its own order.
    pub exports: Vec<String>,
}

/// Something that a component cannot do without.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Import {
    /// As the component names it.
    pub name: String,
    /// What its stage needs for it.
    #[serde(flatten)]
    pub need: Need,
}

/// What a stage needs for an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "need", content = "grant")]
pub enum Need {
    /// Nothing: it is always there.
    Nothing,
    /// To be granted this.
    Grant(Grant),
    /// Another host: it is not part of the contract.
    AnotherHost,
}

impl Specimen {
    /// Compiles the file's bytes: in a bounded child process where the engine serves, in this one where it counts instructions, so
    /// a tool that counts lets a serving engine take the bytes first.
    ///
    /// # Errors
    /// [`LoadError`] where they are no component.
    pub async fn compile(engine: &Engine, bytes: &[u8]) -> Result<Self, LoadError> {
        let component = if engine.counter.is_some() {
            engine.check_size(bytes)?;
            Component::from_binary(&engine.wasm, bytes)
                .map_err(|cause| LoadError::NotAComponent(cause.root_cause().to_string()))?
        } else {
            let digest = hex::encode(Sha256::digest(bytes));
            engine.compiled(&digest, Some(bytes)).await?
        };
        Ok(Self {
            engine: engine.clone(),
            component,
        })
    }

    /// Looks at it.
    #[must_use]
    pub fn anatomy(&self) -> Anatomy {
        let ty = self.component.component_type();
        let imports = ty.imports(&self.engine.wasm);
        let imports: Vec<Import> = imports
            .map(|(name, _)| Import {
                name: name.to_owned(),
                need: need(name),
            })
            .collect();
        let exports = ty.exports(&self.engine.wasm);
        let exports: Vec<String> = exports.map(|(name, _)| name.to_owned()).collect();
        let offers = |interface: &str| {
            let name = format!("{PACKAGE}{interface}{VERSION}");
            exports.contains(&name)
        };
        let phases = Phase::ALL.into_iter();
        let phases = phases.filter(|phase| offers("plugin") && offers(phase.export()));
        let mut names = exports
            .iter()
            .chain(imports.iter().map(|import| &import.name));
        Anatomy {
            contract: names.find_map(|name| contract(name)),
            phases: phases.collect(),
            imports,
            exports,
        }
    }

    /// Makes a plugin of it, if it fits.
    ///
    /// # Errors
    /// [`LoadError`], as any plugin's.
    pub fn plugin(
        &self,
        name: &str,
        phase: Phase,
        grants: &[Grant],
        limits: Limits,
    ) -> Result<Plugin, LoadError> {
        let spec = Spec {
            name,
            phase,
            grants,
            limits,
        };
        Plugin::of_component(&self.engine, &spec, &self.component)
    }
}

fn need(import: &str) -> Need {
    match grant::Import::named(import) {
        grant::Import::Always => Need::Nothing,
        grant::Import::Of(grant) => Need::Grant(grant),
        grant::Import::Unknown => Need::AnotherHost,
    }
}

/// `bank:voice/policy@0.1.0` is of `bank:voice@0.1.0`.
fn contract(name: &str) -> Option<String> {
    let (_, version) = name.strip_prefix(PACKAGE)?.split_once('@')?;
    Some(format!("{}@{version}", PACKAGE.trim_end_matches('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_import_is_there_or_granted_or_of_another_host() {
        for (import, expected) in [
            ("bank:voice/clock@0.1.0", Need::Nothing),
            (
                "bank:voice/profile-reader@0.1.0",
                Need::Grant(Grant::Profile),
            ),
            ("bank:voice/clock@0.2.0", Need::AnotherHost),
            ("bank:voice/vault@0.1.0", Need::AnotherHost),
            ("wasi:cli/environment@0.2.0", Need::AnotherHost),
        ] {
            assert_eq!(need(import), expected, "{import}");
        }
    }

    #[test]
    fn the_contract_is_read_from_any_name_of_it() {
        let named = contract("bank:voice/policy@0.2.0");
        assert_eq!(named.as_deref(), Some("bank:voice@0.2.0"));
        assert_eq!(contract("wasi:cli/run@0.2.0"), None);
        assert_eq!(contract("run"), None);
    }
}
