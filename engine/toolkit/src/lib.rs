//! How guests are built: from sources in one of four languages to a WebAssembly component in a package folder.
//!
//! It runs the tools of each language and knows nothing of the desk, the host or what is in a manifest. `cargo xtask` uses
//! it for the first-party plugins, `dialogo plugin build` for those of partners. It is compiled first on a newcomer's
//! machine, so it stays small. Faults are `anyhow` errors, as in the two programs: each says what to do. Next: [`build`]
//! for the recipes, [`package`] for what comes out.

pub mod build;
pub mod cache;
pub mod files;
pub mod package;
pub mod wasm_target;
pub mod world;
