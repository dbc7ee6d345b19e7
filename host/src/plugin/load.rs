//! From file bytes to a plugin that can be invoked: compiled, checked by name against its phase and its grants, linked once.
//!
//! Nothing is linked that was not granted, so a capability cannot be reached by accident; what the component still asks for is
//! refused here, by name, never in a call.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use wasmtime::component::{Component, types::ComponentItem};

use super::capabilities::Nothing;
use super::carried;
use super::engine::Engine;
use super::error::{Error, LoadError};
use super::export::{Export, of_any_phase};
use super::grant::{Grant, Import, PACKAGE, Phase, VERSION};
use super::instance::Scope;
use super::limits::Limits;
use super::share::Share;
use crate::call::bounds;
use crate::call::turn::Instant;

/// How long `describe` and `check-settings` may take in all; they run outside any turn.
const INTROSPECTION: std::time::Duration = std::time::Duration::from_secs(2);

/// What a plugin says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Description {
    /// Its own name, and its file's; a stage may be called otherwise.
    pub name: String,
    /// Semantic version.
    pub version: String,
    /// One sentence.
    pub summary: String,
    /// Intents that it names (router) or fulfils (action).
    pub intents: Vec<String>,
    /// A JSON Schema.
    pub settings_schema: String,
}

/// What a plugin finds wrong with its settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Dotted path.
    pub key: String,
    /// What was found and what was expected.
    pub message: String,
}

impl Problem {
    /// All of them as one text, without a full stop: who shows it goes on in a sentence of their own.
    #[must_use]
    pub fn listed(problems: &[Self]) -> String {
        let each = problems.iter().map(|problem| {
            let message = problem.message.trim_end_matches('.');
            match problem.key.as_str() {
                "" => message.to_owned(),
                key => format!("{key}: {message}"),
            }
        });
        each.collect::<Vec<_>>().join("; ")
    }
}

/// As what a component is to be loaded: its place in the pipeline.
#[derive(Debug, Clone, Copy)]
pub struct Spec<'a> {
    /// Its name in the pipeline.
    pub name: &'a str,
    /// When it is asked.
    pub phase: Phase,
    /// What it may reach.
    pub grants: &'a [Grant],
    /// What it may use.
    pub limits: Limits,
}

/// A plugin, ready to be invoked. Once per revision; cheap to share.
pub struct Plugin {
    pub(super) engine: Engine,
    pub(super) name: Arc<str>,
    pub(super) limits: Limits,
    pub(super) share: Share,
    pub(super) export: Export,
    unused_grants: Vec<Grant>,
}

impl std::fmt::Debug for Plugin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Plugin")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl Plugin {
    /// Links a component as a plugin of `phase`, with just these grants. `bytes` may be left out where the component is compiled
    /// already.
    ///
    /// Takes less than a millisecond where it is; 50 ms and more for a small Rust component that is new, seconds for a JavaScript
    /// one.
    ///
    /// # Errors
    /// [`LoadError`] says what was found and what was expected.
    pub async fn load(
        engine: &Engine,
        spec: &Spec<'_>,
        digest: &str,
        bytes: Option<&[u8]>,
    ) -> Result<Self, LoadError> {
        let component = engine.compiled(digest, bytes).await?;
        let loaded = Self::of_component(engine, spec, &component);
        loaded.map_err(|cause| cause.with_its_name(bytes))
    }

    /// The same from what was compiled already.
    pub(super) fn of_component(
        engine: &Engine,
        spec: &Spec<'_>,
        component: &Component,
    ) -> Result<Self, LoadError> {
        let (phase, grants) = (spec.phase, spec.grants);
        // Of a plugin in the wrong place no grant is missing.
        if other_phase(engine, component, phase).is_some() {
            check_exports(engine, component, phase)?;
        }
        check_imports(engine, component, grants)?;
        check_exports(engine, component, phase)?;
        let export = Export::link(engine, component, phase, grants)
            .map_err(|cause| LoadError::Mismatch(format!("{cause:#}")))?;
        Ok(Self {
            engine: engine.clone(),
            name: Arc::from(spec.name),
            limits: spec.limits,
            share: Share::new(engine.instances_max, spec.limits.instances_max),
            export,
            unused_grants: unused(engine, component, grants),
        })
    }

    /// What its stage grants and it does not import: no fault, but more than it needs.
    #[must_use]
    pub fn unused_grants(&self) -> &[Grant] {
        &self.unused_grants
    }

    /// Instances that it may have at once and those that there can be at all, where the first are more.
    #[must_use]
    pub fn instances_beyond_the_pool(&self) -> Option<(u32, u32)> {
        let (wanted, pool) = (self.limits.instances_max?, self.engine.instances_max);
        (wanted > pool).then_some((wanted, pool))
    }

    /// Asks the plugin what it is.
    ///
    /// # Errors
    /// [`LoadError::Introspection`].
    pub async fn describe(&self) -> Result<Description, LoadError> {
        let scope = outside_a_turn(tokio::time::Instant::now() + INTROSPECTION);
        of_any_phase!(&self.export, |pre| self
            .within(scope, async |store| {
                let guest = pre.instantiate_async(&mut *store).await?;
                let said = guest.bank_voice_plugin().call_describe(store).await?;
                Ok(Description {
                    name: said.name,
                    version: said.version,
                    summary: said.summary,
                    intents: said.intents,
                    settings_schema: said.settings_schema,
                })
            })
            .await)
        .and_then(|said: Description| within_bounds(&said).map(|()| said))
        .map_err(|source| LoadError::Introspection {
            function: "describe",
            source,
        })
    }

    /// Lets the plugin check its settings, a JSON object.
    ///
    /// # Errors
    /// [`LoadError::Introspection`].
    pub async fn check_settings(&self, settings: &str) -> Result<Vec<Problem>, LoadError> {
        let until = tokio::time::Instant::now() + INTROSPECTION;
        self.check_settings_until(settings, until).await
    }

    /// The same, no longer than this.
    pub(super) async fn check_settings_until(
        &self,
        settings: &str,
        until: tokio::time::Instant,
    ) -> Result<Vec<Problem>, LoadError> {
        let scope = outside_a_turn(until);
        of_any_phase!(&self.export, |pre| self
            .within(scope, async |store| {
                let guest = pre.instantiate_async(&mut *store).await?;
                let found = guest
                    .bank_voice_plugin()
                    .call_check_settings(store, settings)
                    .await?;
                Ok(found
                    .into_iter()
                    .map(|problem| Problem {
                        key: problem.key,
                        message: problem.message,
                    })
                    .collect())
            })
            .await)
        .and_then(|found: Vec<Problem>| listed_within_bounds(&found).map(|()| found))
        .map_err(|source| LoadError::Introspection {
            function: "check-settings",
            source,
        })
    }
}

/// What is shown to an operator is checked like what is said to a caller.
fn within_bounds(said: &Description) -> Result<(), Error> {
    let check = || {
        bounds::name("name", &said.name)?;
        bounds::name("version", &said.version)?;
        bounds::text("summary", &said.summary)?;
        bounds::text("settings-schema", &said.settings_schema)?;
        bounds::list("intents", &said.intents)?;
        said.intents
            .iter()
            .try_for_each(|intent| bounds::name("intents", intent))
    };
    check().map_err(Error::BadAnswer)
}

fn listed_within_bounds(found: &[Problem]) -> Result<(), Error> {
    let check = || {
        bounds::list("problems", found)?;
        found.iter().try_for_each(|problem| {
            bounds::text("problem.key", &problem.key)?;
            bounds::text("problem.message", &problem.message)
        })
    };
    check().map_err(Error::BadAnswer)
}

fn outside_a_turn(until: tokio::time::Instant) -> Scope {
    Scope {
        capabilities: Arc::new(Nothing),
        settings: Arc::default(),
        now: Instant {
            unix_ms: 0,
            utc_offset_minutes: 0,
        },
        turn_deadline: until,
        call_id: String::new(),
    }
}

fn check_imports(
    engine: &Engine,
    component: &Component,
    grants: &[Grant],
) -> Result<(), LoadError> {
    for (name, _) in component.component_type().imports(&engine.wasm) {
        let import = name.to_owned();
        match Import::named(name) {
            Import::Of(grant) if !grants.contains(&grant) => {
                let grant = grant.name();
                return Err(LoadError::NotGranted { import, grant });
            }
            Import::Always | Import::Of(_) => {}
            Import::Unknown => return Err(LoadError::UnknownImport(import)),
        }
    }
    Ok(())
}

fn unused(engine: &Engine, component: &Component, grants: &[Grant]) -> Vec<Grant> {
    let ty = component.component_type();
    let imported: Vec<Import> = ty
        .imports(&engine.wasm)
        .map(|(name, _)| Import::named(name))
        .collect();
    let mut unused = grants.to_vec();
    unused.retain(|grant| !imported.contains(&Import::Of(*grant)));
    unused
}

fn check_exports(engine: &Engine, component: &Component, phase: Phase) -> Result<(), LoadError> {
    let exports: Vec<String> = component
        .component_type()
        .exports(&engine.wasm)
        .filter(|(_, item)| matches!(item.ty, ComponentItem::ComponentInstance(_)))
        .map(|(name, _)| name.to_owned())
        .collect();
    for interface in [phase.export(), "plugin"] {
        let needed = format!("{PACKAGE}{interface}{VERSION}");
        if !exports.contains(&needed) {
            let mut found = if exports.is_empty() {
                "nothing".into()
            } else {
                exports.join(", ")
            };
            if let Some(other) = other_phase(engine, component, phase) {
                found = format!("{found}: this is {}", other.plugin());
            }
            return Err(LoadError::WrongWorld {
                missing: needed,
                phase: phase.name(),
                found,
            });
        }
    }
    Ok(())
}

/// The phase that the component is a plugin of, where that is not this one.
fn other_phase(engine: &Engine, component: &Component, phase: Phase) -> Option<Phase> {
    let ty = component.component_type();
    let exports: Vec<&str> = ty.exports(&engine.wasm).map(|(name, _)| name).collect();
    let has = |phase: Phase| {
        let interface = format!("{PACKAGE}{}{VERSION}", phase.export());
        exports.contains(&interface.as_str())
    };
    let mut others = Phase::ALL.into_iter().filter(|other| has(*other));
    if has(phase) { None } else { others.next() }
}

impl LoadError {
    /// The same with what the component is called by its author: a file may lie under another's name.
    fn with_its_name(self, bytes: Option<&[u8]>) -> Self {
        let Self::WrongWorld {
            missing,
            phase,
            found,
        } = self
        else {
            return self;
        };
        let name = bytes.and_then(carried::carried_name);
        Self::WrongWorld {
            missing,
            phase,
            found: match name {
                Some(name) => format!("{found}, `{name}` by its own name"),
                None => found,
            },
        }
    }
}
