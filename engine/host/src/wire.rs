//! The contract as Rust: what `bindgen!` makes of `sdk/wit`. No behaviour.
//!
//! The shared records are mapped to [`crate::input`]; the hooks' own verdict types are generated here and converted in
//! `hooks.rs`. The imports are implemented in `imports.rs`.

#![allow(
    dead_code,
    missing_docs,
    unreachable_pub,
    clippy::pedantic,
    reason = "generated code; which lints it trips changes with the generator"
)]

wasmtime::component::bindgen!({
    path: "../../sdk/wit",
    world: "host-all",
    imports: { default: trappable },
    with: { "dialogo:plugin/types": types },
});

/// The shared records, with what the generator expects beside them: the interface has no functions, so nothing is linked.
pub mod types {
    pub use crate::input::*;
    use wasmtime::component::{HasData, Linker};

    pub trait HostWithStore<T>: HasData {}
    impl<D: HasData + ?Sized, T> HostWithStore<T> for D {}
    pub trait Host {}
    impl<T: ?Sized> Host for T {}

    pub fn add_to_linker<T, D>(
        _: &mut Linker<T>,
        _: fn(&mut T) -> D::Data<'_>,
    ) -> wasmtime::Result<()>
    where
        D: HostWithStore<T>,
        T: 'static,
    {
        Ok(())
    }
}
