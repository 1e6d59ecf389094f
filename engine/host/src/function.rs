//! One function of the contract in a component: found and compared with its Rust types once, called many times.
//!
//! The generated bindings compare the types of a function in every new instance, which costs as much as the rest of a small
//! call's crossing. Every instance of a component has the same types, so here it is done when the plugin is bound.

use std::marker::PhantomData;

use wasmtime::Store;
use wasmtime::component::{
    ComponentExportIndex, ComponentNamedList, Func, Instance, InstancePre, Lift, Lower, TypedFunc,
};

use crate::hook::Hook;
use crate::sandbox::{Guest, Sandbox};

/// The contract's version, as `sdk/wit` has it.
const CONTRACT: &str = "0.1.0";

/// A function as the contract has it.
pub(crate) trait Signature {
    /// The interface it belongs to.
    const HOOK: Hook;
    /// Its name there.
    const NAME: &'static str;
    /// What it is given.
    type Params<'a>: ComponentNamedList + Lower;
    /// What it answers: one value or none.
    type Answer: ComponentNamedList + Lift;
}

/// Where a function of this signature is in one component. Only to be used with instances of that component.
pub(crate) struct Function<S> {
    index: ComponentExportIndex,
    signature: PhantomData<fn() -> S>,
}

impl<S: Signature> Function<S> {
    /// Finds the function; the error says what of the interface is missing.
    pub(crate) fn find(pre: &InstancePre<Guest>) -> wasmtime::Result<Self> {
        let component = pre.component();
        let interface = format!("dialogo:plugin/{}@{CONTRACT}", S::HOOK);
        let Some(hook) = component.get_export_index(None, &interface) else {
            wasmtime::bail!("the interface `{interface}` is not exported");
        };
        let Some(index) = component.get_export_index(Some(&hook), S::NAME) else {
            wasmtime::bail!("the interface `{interface}` has no function `{}`", S::NAME);
        };
        Ok(Self { index, signature: PhantomData })
    }

    /// Compares its types with the contract's. A function is not called before this has succeeded.
    pub(crate) fn check(&self, sandbox: &mut Sandbox) -> wasmtime::Result<()> {
        let func = self.of(&mut sandbox.store, &sandbox.instance)?;
        func.typed::<S::Params<'_>, S::Answer>(&sandbox.store).map(drop)
    }

    /// Calls it.
    #[expect(unsafe_code, reason = "the types were compared when the plugin was bound")]
    pub(crate) fn call(
        &self,
        store: &mut Store<Guest>,
        instance: &Instance,
        params: S::Params<'_>,
    ) -> wasmtime::Result<S::Answer> {
        let func = self.of(store, instance)?;
        // SAFETY: `check` compared these very types with those of the component that the index was found in, and binding
        // refuses a component for which it fails; the types of a component are the same in each of its instances.
        let typed = unsafe { TypedFunc::<S::Params<'_>, S::Answer>::new_unchecked(func) };
        typed.call(store, params)
    }

    fn of(&self, store: &mut Store<Guest>, instance: &Instance) -> wasmtime::Result<Func> {
        let func = instance.get_func(store, self.index);
        func.ok_or_else(|| wasmtime::format_err!("the function `{}` is gone", S::NAME))
    }
}
