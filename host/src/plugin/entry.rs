//! The function that a phase asks for in every turn: found once, its type compared once, then called.
//!
//! The generated bindings look up every export of an instance and compare every type with the contract's, in every instance anew,
//! which is a tenth of a whole evaluation and always ends the same: all instances of a component have the component's types.

use std::marker::PhantomData;
use std::sync::atomic::{AtomicBool, Ordering};

use wasmtime::Store;
use wasmtime::component::{
    Component, ComponentExportIndex, ComponentNamedList, Func, InstancePre, Lift, Lower, TypedFunc,
};

use super::bindings::{policies, router, wit::types as guest};
use super::grant::{PACKAGE, Phase, VERSION};
use super::instance::State;

/// One phase's function, as the contract types it.
pub(super) trait Function {
    /// Whose it is.
    const PHASE: Phase;
    /// What it is given.
    type Asked<'a>: ComponentNamedList + Lower + Send + Sync;
    /// What it answers.
    type Answered: ComponentNamedList + Lift + Send + Sync + 'static;
}

pub(super) enum Route {}

impl Function for Route {
    const PHASE: Phase = Phase::Route;
    type Asked<'a> = (&'a guest::Turn,);
    type Answered = (router::exports::bank::voice::routing::Routed,);
}

pub(super) enum Decide {}

impl Function for Decide {
    const PHASE: Phase = Phase::Decide;
    type Asked<'a> = (&'a guest::Turn, &'a guest::Intent);
    type Answered = (policies::exports::bank::voice::policy::Decision,);
}

pub(super) enum Fulfil {}

impl Function for Fulfil {
    const PHASE: Phase = Phase::Fulfil;
    type Asked<'a> = (&'a guest::Turn, &'a guest::Intent);
    type Answered = (guest::Outcome,);
}

pub(super) enum Shape {}

impl Function for Shape {
    const PHASE: Phase = Phase::Shape;
    type Asked<'a> = (&'a guest::Turn, &'a guest::Outcome, &'a guest::Reply);
    type Answered = (guest::Reply,);
}

/// Once per plugin.
pub(super) struct Entry<F> {
    index: ComponentExportIndex,
    /// Whether the component's function was seen to have the types of `F`.
    is_compared: AtomicBool,
    function: PhantomData<fn() -> F>,
}

impl<F: Function> Entry<F> {
    /// The phase's function of this component.
    pub(super) fn of(component: &Component) -> wasmtime::Result<Self> {
        let interface = format!("{PACKAGE}{}{VERSION}", F::PHASE.export());
        let index = component
            .get_export_index(None, &interface)
            .and_then(|it| component.get_export_index(Some(&it), F::PHASE.function()))
            .ok_or_else(|| {
                let function = F::PHASE.function();
                wasmtime::Error::msg(format!("`{function}` is no function"))
            })?;
        Ok(Self {
            index,
            is_compared: AtomicBool::new(false),
            function: PhantomData,
        })
    }

    /// Calls it in a fresh instance of that component.
    pub(super) async fn call(
        &self,
        linked: &InstancePre<State>,
        store: &mut Store<State>,
        asked: F::Asked<'_>,
    ) -> wasmtime::Result<F::Answered> {
        let instance = linked.instantiate_async(&mut *store).await?;
        let function = instance
            .get_func(&mut *store, self.index)
            .ok_or_else(|| wasmtime::Error::msg("the phase's function is gone"))?;
        self.typed(function, store)?.call_async(store, asked).await
    }

    #[expect(
        unsafe_code,
        reason = "a type that was compared is not compared again in every turn"
    )]
    fn typed<'a>(
        &self,
        function: Func,
        store: &Store<State>,
    ) -> wasmtime::Result<TypedFunc<F::Asked<'a>, F::Answered>> {
        if self.is_compared.load(Ordering::Relaxed) {
            // SAFETY: an index leads to nothing in an instance of another component, `F` fixes both types, and this component's
            // function was seen to have them.
            return Ok(unsafe { TypedFunc::new_unchecked(function) });
        }
        let function = function.typed(store)?;
        self.is_compared.store(true, Ordering::Relaxed);
        Ok(function)
    }
}
