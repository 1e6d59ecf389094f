//! A package against the contract: compile, link what is granted, find the hooks, compare with the manifest.
//!
//! Nothing of the settings yet; that is `unit.rs`. Every problem is told at once, as far as one can be seen behind the
//! other.

use std::collections::BTreeSet;
use std::sync::Arc;

use wasmtime::Engine;
use wasmtime::component::{Component, InstancePre, Linker};

use crate::failure::Failure;
use crate::hook::{Grant, Grants, Hook};
use crate::hooks::Exports;
use crate::imports;
use crate::manifest::API;
use crate::package::Package;
use crate::precompiled::{self, CodeCache};
use crate::sandbox::{Bounds, Environment, Guest, Sandbox};

/// The contract's namespace.
const NAMESPACE: &str = "dialogo:plugin/";
/// Time the throw-away instance of the type check may take, in microseconds.
const CHECK_BUDGET_US: u64 = 250_000;

/// What is wrong with a plugin or its binding.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{plugin}: {message}")]
pub struct PluginProblem {
    /// The binding's id.
    pub plugin: String,
    /// What sort of problem.
    pub kind: ProblemKind,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// For settings and patterns: JSON pointer into the settings.
    pub pointer: Option<String>,
    /// For patterns: byte offset inside the pattern, where known.
    pub offset: Option<usize>,
}

/// Sorts of [`PluginProblem`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProblemKind {
    /// The component is no component, or cannot be compiled or started.
    Component,
    /// It exports what its manifest does not say, or not as the contract says.
    Export,
    /// It imports what is not granted.
    Import,
    /// Manifest and binding do not fit.
    Manifest,
    /// The settings.
    Settings,
    /// A pattern in the settings.
    Pattern,
    /// One of its own cases.
    Case,
}

impl PluginProblem {
    pub(crate) fn new(plugin: &str, kind: ProblemKind, message: impl Into<String>) -> Self {
        PluginProblem {
            plugin: plugin.to_owned(),
            kind,
            message: message.into(),
            hint: None,
            pointer: None,
            offset: None,
        }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub(crate) fn at(mut self, pointer: impl Into<String>) -> Self {
        self.pointer = Some(pointer.into());
        self
    }
}

/// A component compiled and linked, ready to be instantiated.
pub(crate) struct Loaded {
    pre: InstancePre<Guest>,
    exports: Exports,
    imports: Vec<Grant>,
    hooks: Vec<Hook>,
}

impl std::fmt::Debug for Loaded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Loaded")
            .field("hooks", &self.hooks)
            .field("imports", &self.imports)
            .finish_non_exhaustive()
    }
}

impl Loaded {
    pub(crate) fn engine(&self) -> &Engine {
        self.pre.engine()
    }
    pub(crate) fn pre(&self) -> &InstancePre<Guest> {
        &self.pre
    }
    pub(crate) fn exports(&self) -> &Exports {
        &self.exports
    }
    /// Interfaces the component imports.
    pub(crate) fn imports(&self) -> &[Grant] {
        &self.imports
    }
}

/// Compiles and checks. `plugin` is the binding's id, for messages. Slow: compiling takes its time.
pub(crate) fn load(
    engine: &Engine,
    cache: Option<&CodeCache>,
    plugin: &str,
    package: &Package,
    environment: &Arc<Environment>,
    bounds: Bounds,
) -> Result<Loaded, Vec<PluginProblem>> {
    let (component, origin) = precompiled::component(
        engine,
        cache,
        &package.digest,
        &package.component,
    )
    .map_err(|error| {
        let message = format!("the component cannot be compiled: {}", error.root_cause());
        let hint =
            "a plugin is a component (`dialogo plugin build` makes one), not a plain core module";
        vec![PluginProblem::new(plugin, ProblemKind::Component, message).hint(hint)]
    })?;
    tracing::debug!(plugin, ?origin, digest = &*package.digest, "component ready");

    let mut problems = Vec::new();
    let imports =
        check_imports(&component, engine, plugin, package, environment.grants, &mut problems);
    check_exports(&component, engine, plugin, package, &mut problems);
    if !problems.is_empty() {
        return Err(problems);
    }
    let one = |kind, message: String| vec![PluginProblem::new(plugin, kind, message)];
    let mut linker = Linker::new(engine);
    let linked = imports::link(&mut linker, environment.grants);
    let pre = linked.and_then(|()| linker.instantiate_pre(&component)).map_err(|error| {
        one(
            ProblemKind::Import,
            format!("an import is not as the contract says: {}", chain(&error)),
        )
    })?;

    let mut exports = Exports::default();
    for hook in &package.manifest.hooks {
        exports.find(*hook, &pre).map_err(|error| {
            one(
                ProblemKind::Export,
                format!("the hook `{hook}` is not as the contract says: {}", chain(&error)),
            )
        })?;
    }
    let loaded = Loaded { pre, exports, imports, hooks: package.manifest.hooks.clone() };
    check_types(&loaded, plugin, environment, bounds)?;
    Ok(loaded)
}

/// One throw-away instance, so that the types of the exports are really compared.
fn check_types(
    loaded: &Loaded,
    plugin: &str,
    environment: &Arc<Environment>,
    bounds: Bounds,
) -> Result<(), Vec<PluginProblem>> {
    let call = Arc::new(crate::input::Call {
        call_id: "check".into(),
        dry_run: true,
        ..Default::default()
    });
    let mut sandbox =
        Sandbox::new(loaded, environment, bounds, &call, CHECK_BUDGET_US).map_err(|failure| {
            let problem = PluginProblem::new(
                plugin,
                ProblemKind::Component,
                format!("it cannot be started: {failure}"),
            );
            let problem = match failure {
                Failure::Memory { .. } => {
                    problem.hint("raise `limits.memory_mib` in the manifest and in plugins.toml")
                }
                _ => problem,
            };
            vec![problem]
        })?;
    loaded.exports.check_types(&mut sandbox).map_err(|(hook, error)| {
        let message =
            format!("the hook `{hook}` does not have the contract's type: {}", chain(&error));
        vec![
            PluginProblem::new(plugin, ProblemKind::Export, message)
                .hint("build it against this engine's sdk/wit"),
        ]
    })
}

fn check_imports(
    component: &Component,
    engine: &Engine,
    plugin: &str,
    package: &Package,
    grants: Grants,
    problems: &mut Vec<PluginProblem>,
) -> Vec<Grant> {
    let mut imports = Vec::new();
    for (name, _) in component.component_type().imports(engine) {
        let interface = interface_of(name);
        if let Some(problem) = other_contract(plugin, name) {
            problems.push(problem);
            continue;
        }
        if interface == Some("types") {
            continue;
        }
        let Some(grant) = interface.and_then(|interface| interface.parse::<Grant>().ok()) else {
            let hint = if name.starts_with("wasi:") {
                "build it without WASI (wasm32-unknown-unknown, or with the WASI stubbed out): a plugin has no files, network or clock"
            } else {
                "only the interfaces of dialogo:plugin can be imported"
            };
            let message = format!("it imports `{name}`, which this host never gives");
            problems.push(PluginProblem::new(plugin, ProblemKind::Import, message).hint(hint));
            continue;
        };
        imports.push(grant);
        if !package.manifest.permissions.contains(&grant) && !grant.is_free() {
            let message = format!("it imports `{grant}`, which its manifest does not declare");
            let hint = format!("add \"{grant}\" to `permissions` in plugin.toml");
            problems.push(PluginProblem::new(plugin, ProblemKind::Manifest, message).hint(hint));
        }
        if !grants.has(grant) {
            let message = format!("it imports `{grant}`, which is not granted");
            problems.push(
                PluginProblem::new(plugin, ProblemKind::Import, message)
                    .hint(grant_hint(plugin, grants, grant)),
            );
        }
    }
    imports
}

/// The line an admin adds.
fn grant_hint(plugin: &str, grants: Grants, missing: Grant) -> String {
    let line: Vec<String> = Grant::ALL
        .into_iter()
        .filter(|grant| !grant.is_free() && (grants.has(*grant) || *grant == missing))
        .map(|grant| format!("\"{grant}\""))
        .collect();
    format!(
        "to allow it, write `grants = [{}]` under the plugin `{plugin}` in config/plugins.toml",
        line.join(", ")
    )
}

fn check_exports(
    component: &Component,
    engine: &Engine,
    plugin: &str,
    package: &Package,
    problems: &mut Vec<PluginProblem>,
) {
    let mut exported = BTreeSet::new();
    for (name, _) in component.component_type().exports(engine) {
        let Some(interface) = interface_of(name) else { continue };
        if let Some(problem) = other_contract(plugin, name) {
            problems.push(problem);
            // What it exports under another contract is not missing as well.
            exported.extend(interface.parse::<Hook>());
            continue;
        }
        match interface.parse::<Hook>() {
            Ok(hook) => {
                exported.insert(hook);
            }
            Err(_) if interface == "types" => {}
            Err(_) => {
                let message = format!("it exports `{name}`, which is no hook of this contract");
                problems.push(PluginProblem::new(plugin, ProblemKind::Export, message));
            }
        }
    }
    let declared: BTreeSet<Hook> = package.manifest.hooks.iter().copied().collect();
    for hook in declared.difference(&exported) {
        let message =
            format!("its manifest declares the hook `{hook}`, which the component does not export");
        let hint = format!("implement it, or take \"{hook}\" out of `hooks` in plugin.toml");
        problems.push(PluginProblem::new(plugin, ProblemKind::Export, message).hint(hint));
    }
    for hook in exported.difference(&declared) {
        let message =
            format!("the component exports the hook `{hook}`, which its manifest does not declare");
        let hint = format!("add \"{hook}\" to `hooks` in plugin.toml");
        problems.push(PluginProblem::new(plugin, ProblemKind::Export, message).hint(hint));
    }
}

/// An interface of another version of the contract. Without a look at the version, only its types would be found wrong.
fn other_contract(plugin: &str, name: &str) -> Option<PluginProblem> {
    let (_, version) = name.strip_prefix(NAMESPACE)?.split_once('@')?;
    if version == API || version.starts_with(&format!("{API}.")) {
        return None;
    }
    let message =
        format!("it was built against contract {version} (`{name}`); this host speaks {API}");
    let hint = "build it again with the SDK of this version of Dialogo: `dialogo plugin new` writes it into sdk/";
    Some(PluginProblem::new(plugin, ProblemKind::Export, message).hint(hint))
}

/// `dialogo:plugin/classifier@0.1.0` -> `classifier`
fn interface_of(name: &str) -> Option<&str> {
    let interface = name.strip_prefix(NAMESPACE)?;
    Some(interface.split_once('@').map_or(interface, |(interface, _)| interface))
}

/// An error with its causes on one line.
pub(crate) fn chain(error: &wasmtime::Error) -> String {
    error.chain().map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
