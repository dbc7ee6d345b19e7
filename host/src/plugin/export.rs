//! A component linked with just its grants, by what its phase exports.
//!
//! Whether it exports and imports what it should was found out before, by name.

use wasmtime::component::{Component, Linker};

use super::bindings::{actions, policies, router, shaper};
use super::engine::Engine;
use super::entry::{Decide, Entry, Fulfil, Route, Shape};
use super::grant::{Grant, Phase};
use super::imports;
use super::instance::State;

/// The generated bindings, for what is asked outside a turn, and the phase's own function.
pub(super) enum Export {
    Router(router::RouterPre<State>, Entry<Route>),
    Policy(policies::PoliciesPre<State>, Entry<Decide>),
    Action(actions::ActionsPre<State>, Entry<Fulfil>),
    Shaper(shaper::ShaperPre<State>, Entry<Shape>),
}

/// The same for whatever a component exports: every world has the interface `plugin`, but each in types of its own.
macro_rules! of_any_phase {
    ($export:expr, |$pre:ident| $body:expr) => {
        match $export {
            Export::Router($pre, _) => $body,
            Export::Policy($pre, _) => $body,
            Export::Action($pre, _) => $body,
            Export::Shaper($pre, _) => $body,
        }
    };
}
pub(super) use of_any_phase;

impl Export {
    /// Links what was granted and nothing else.
    pub(super) fn link(
        engine: &Engine,
        component: &Component,
        phase: Phase,
        grants: &[Grant],
    ) -> wasmtime::Result<Self> {
        let mut linker = Linker::new(&engine.wasm);
        imports::add_always(&mut linker)?;
        for grant in grants {
            imports::add(&mut linker, *grant)?;
        }
        let linked = linker.instantiate_pre(component)?;
        Ok(match phase {
            Phase::Route => Self::Router(router::RouterPre::new(linked)?, Entry::of(component)?),
            Phase::Decide => {
                Self::Policy(policies::PoliciesPre::new(linked)?, Entry::of(component)?)
            }
            Phase::Fulfil => Self::Action(actions::ActionsPre::new(linked)?, Entry::of(component)?),
            Phase::Shape => Self::Shaper(shaper::ShaperPre::new(linked)?, Entry::of(component)?),
        })
    }
}
