//! The function that a phase asks for in every turn: found once, then called without looking for it again.
//!
//! The generated bindings look up every export by name and compare every type with the contract's at each instantiation, which is
//! a twentieth of a whole evaluation. Here only the type of the one function that is called is compared.

use wasmtime::Store;
use wasmtime::component::{
    Component, ComponentExportIndex, ComponentNamedList, InstancePre, Lift, Lower, TypedFunc,
};

use super::grant::{PACKAGE, Phase, VERSION};
use super::instance::State;

/// Once per plugin.
pub(super) struct Entry {
    function: ComponentExportIndex,
}

impl Entry {
    /// The phase's function, where the component exports it.
    pub(super) fn of(component: &Component, phase: Phase) -> Option<Self> {
        let interface = format!("{PACKAGE}{}{VERSION}", phase.export());
        let interface = component.get_export_index(None, &interface)?;
        Some(Self {
            function: component.get_export_index(Some(&interface), phase.function())?,
        })
    }

    /// Calls it in a fresh instance.
    pub(super) async fn call<P, R>(
        &self,
        linked: &InstancePre<State>,
        store: &mut Store<State>,
        parameters: P,
    ) -> wasmtime::Result<R>
    where
        P: ComponentNamedList + Lower + Send + Sync,
        (R,): ComponentNamedList + Lift + Send + Sync + 'static,
    {
        let instance = linked.instantiate_async(&mut *store).await?;
        let function = instance
            .get_func(&mut *store, self.function)
            .ok_or_else(|| wasmtime::Error::msg("the phase's function is gone"))?;
        let function: TypedFunc<P, (R,)> = function.typed(&*store)?;
        let (answer,) = function.call_async(store, parameters).await?;
        Ok(answer)
    }
}
