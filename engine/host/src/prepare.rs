//! From bindings to a chain: compile, check, configure, probe; all of it aside from live traffic, all problems at once.
//!
//! What has not changed since the previous chain is carried over: compiled code, breaker, warm sandboxes. The chain itself
//! is in `chain.rs`.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread;

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::bind::{self, PluginProblem, ProblemKind};
use crate::breaker::Breaker;
use crate::cases;
use crate::catalogue::Catalogue;
use crate::chain::{Chain, Seat};
use crate::hook::{Grants, Hook};
use crate::host::{Ceilings, Host, Shared};
use crate::input::{Call, Directory};
use crate::manifest::Instances;
use crate::package::Package;
use crate::patterns::{Pattern, PatternSet, PatternSource, patterns_in};
use crate::question::{Answer, Question};
use crate::recording::{Record, RecordedCall};
use crate::sandbox::{Bounds, Environment};
use crate::unit::Unit;
use crate::verdict::{Mode, OnFailure};

/// Memory a plugin has when nobody says otherwise, in MiB.
const DEFAULT_MEMORY_MIB: u32 = 16;
/// Output a plugin has when nobody says otherwise, in KiB.
const DEFAULT_OUTPUT_KIB: u32 = 256;

/// The operator's binding of one plugin: one `[[plugin]]` of `plugins.toml`.
#[derive(Clone, Debug)]
pub struct Binding {
    /// The operator's name for it; in decisions and metrics.
    pub id: String,
    /// The plugin.
    pub source: Source,
    /// Its settings, without rule tests.
    pub settings: Value,
    /// Told to the plugin; should change with the settings.
    pub settings_revision: u64,
    /// Where it is asked.
    pub hooks: Vec<HookBinding>,
    /// What it may import and see.
    pub grants: Grants,
    /// The operator's limits; the manifest's wishes count where these are none.
    pub limits: Limits,
    /// Overrides the manifest: `Some(Instances::Fresh)` forbids reuse.
    pub instances: Option<Instances>,
    /// Departments whose conversations it is asked about; all if empty.
    pub departments: Vec<Arc<str>>,
    /// Of so many of 100 conversations its word counts, where it is to count at all.
    pub percent: u8,
    /// The binding that is asked in shadow where this one counts.
    pub replaces: Option<Arc<str>>,
    /// Which of its calls are recorded; none if nothing is.
    pub record: Option<Record>,
    /// Runs the package's cases before it is bound.
    pub probe: bool,
    /// Whether the plugin is asked what it thinks of its settings. Not where each of its cases brings its own.
    pub check_settings: bool,
}

/// What of the rules all plugins may see, as far as it is granted.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// The classification tree.
    pub catalogue: Arc<Catalogue>,
    /// Departments (and agents) as `setup` sees them when it checks settings; live calls bring their own.
    pub directory: Arc<Directory>,
}

impl Surroundings {
    /// Changes whenever something a plugin may have built upon changes.
    fn digest(&self, hash: &mut Sha256) {
        hash.update(self.catalogue.revision().to_le_bytes());
        for department in &self.directory.departments {
            hash.update(department.id.as_bytes());
            hash.update([0]);
        }
    }
}

impl From<&Surroundings> for Surroundings {
    fn from(surroundings: &Surroundings) -> Self {
        surroundings.clone()
    }
}

impl From<&Arc<Catalogue>> for Surroundings {
    fn from(catalogue: &Arc<Catalogue>) -> Self {
        Surroundings { catalogue: catalogue.clone(), directory: Arc::default() }
    }
}

/// Where the plugin comes from.
#[derive(Clone, Debug)]
pub enum Source {
    /// From here.
    Package(Arc<Package>),
    /// Nowhere, for this reason: it is bound all the same, and every call is a failure (`missing`) to which `on_failure`
    /// applies. For a start whose last good bytes are gone.
    Missing(String),
}

/// A plugin at one hook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HookBinding {
    /// Which hook; not `setup`, which needs no binding.
    pub hook: Hook,
    /// Lower is asked first and wins ties; equal ones in the order of the bindings.
    pub order: i32,
    /// Enforce, shadow or off.
    pub mode: Mode,
    /// Open or closed.
    pub on_failure: OnFailure,
}

/// Limits an operator sets for one plugin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Limits {
    /// CPU time per call, in milliseconds.
    pub time_ms: Option<u32>,
    /// Linear memory, in MiB.
    pub memory_mib: Option<u32>,
    /// Data given to the host in one go, in KiB.
    pub output_kib: Option<u32>,
}

impl Binding {
    /// Binds a package at all of its hooks: enforced, open, with everything it asks for granted. For tools and tests.
    pub fn of(package: Arc<Package>, settings: Value) -> Self {
        let manifest = &package.manifest;
        let hooks = manifest.hooks.iter().filter(|hook| **hook != Hook::Setup).map(|hook| {
            HookBinding { hook: *hook, order: 0, mode: Mode::Enforce, on_failure: OnFailure::Open }
        });
        Binding {
            id: manifest.id.clone(),
            settings,
            settings_revision: 1,
            hooks: hooks.collect(),
            grants: manifest.permissions.iter().copied().collect(),
            limits: Limits::default(),
            instances: None,
            departments: Vec::new(),
            percent: 100,
            replaces: None,
            record: None,
            probe: true,
            check_settings: true,
            source: Source::Package(package),
        }
    }
}

/// One plugin with its settings, outside of any chain: for `dialogo plugin check | test | run | bench`.
#[derive(Clone, Debug)]
pub struct Plugin {
    pub(crate) unit: Arc<Unit>,
}

impl Plugin {
    /// Asks in a fresh sandbox, without queue, breaker or metrics. Blocks.
    pub fn ask(
        &self,
        call: &Arc<Call>,
        question: &Question,
    ) -> (Result<Answer, crate::Failure>, crate::Cost) {
        self.unit.ask_fresh(call, question)
    }

    /// The same plugin with these settings and this tree: nothing is compiled again.
    pub fn under(
        &self,
        settings: &Value,
        settings_revision: u64,
        catalogue: Arc<Catalogue>,
    ) -> Result<Plugin, Vec<PluginProblem>> {
        let unit = under(&self.unit, settings, settings_revision, catalogue)?;
        Ok(Plugin { unit: Arc::new(unit) })
    }

    /// Puts a recorded call to it once more, in a fresh sandbox. It is told what it was told then; only that nobody waits, so
    /// that a busy machine does not make it fail. Blocks.
    pub fn repeat(&self, recorded: &RecordedCall) -> (Result<Answer, crate::Failure>, crate::Cost) {
        self.unit.ask_unhurried(&recorded.call, &recorded.question)
    }

    /// Its settings as they were given.
    pub fn settings(&self) -> &Arc<str> {
        &self.unit.environment.settings
    }

    /// A sandbox to ask several times in. Blocks.
    pub fn reused(&self) -> ReusedPlugin<'_> {
        ReusedPlugin { unit: &self.unit, warm: None }
    }

    /// Its cases.
    pub fn cases(&self) -> &[cases::Case] {
        &self.unit.cases
    }

    /// The interfaces its component imports.
    pub fn imports(&self) -> Vec<crate::Grant> {
        self.unit.loaded.as_ref().map(|loaded| loaded.imports().to_vec()).unwrap_or_default()
    }

    /// CPU time it has at a hook, in microseconds.
    pub fn budget_us(&self, hook: Hook) -> u64 {
        self.unit.budget_us[hook as usize]
    }

    /// Linear memory it has, in bytes.
    pub fn memory_bytes(&self) -> usize {
        self.unit.bounds.memory_bytes
    }
}

/// See [`Plugin::reused`].
pub struct ReusedPlugin<'p> {
    unit: &'p Unit,
    warm: Option<crate::sandbox::Sandbox>,
}

impl ReusedPlugin<'_> {
    /// Asks in the sandbox of the last call, unless that failed.
    pub fn ask(
        &mut self,
        call: &Arc<Call>,
        question: &Question,
    ) -> (Result<Answer, crate::Failure>, crate::Cost) {
        self.unit.ask_warm(&mut self.warm, u32::MAX, call, question)
    }
}

impl Host {
    /// Binds all, or tells everything that is wrong. Blocks (compiling takes its time): not for a thread that runs tasks.
    pub fn prepare(
        &self,
        bindings: Vec<Binding>,
        surroundings: impl Into<Surroundings>,
        previous: Option<&Chain>,
    ) -> Result<Chain, Vec<PluginProblem>> {
        let surroundings = &surroundings.into();
        let (mut units, mut seats, mut problems) = (Vec::new(), Vec::new(), Vec::new());
        for binding in &bindings {
            if bindings.iter().filter(|other| other.id == binding.id).count() > 1 {
                problems.push(PluginProblem::new(
                    &binding.id,
                    ProblemKind::Manifest,
                    "this id is bound twice",
                ));
                continue;
            }
            match self.unit(binding, surroundings, previous, binding.probe) {
                Ok(unit) => {
                    seats.extend(self.seats(binding, &unit));
                    units.push(unit);
                }
                Err(more) => problems.extend(more),
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        self.shared.remember(&units);
        Ok(Chain::new(self.shared.clone(), units, seats, surroundings.catalogue.clone()))
    }

    /// Binds one plugin outside of any chain, without running its cases.
    pub fn plugin(
        &self,
        binding: &Binding,
        surroundings: impl Into<Surroundings>,
    ) -> Result<Plugin, Vec<PluginProblem>> {
        self.unit(binding, &surroundings.into(), None, false).map(|unit| Plugin { unit })
    }

    fn seats(&self, binding: &Binding, unit: &Arc<Unit>) -> Vec<Seat> {
        let departments: Arc<[Arc<str>]> = binding.departments.clone().into();
        let tape = self.shared.recorder.as_ref().and_then(|recorder| recorder.tape(binding));
        let seat = |hook: &HookBinding| Seat {
            unit: unit.clone(),
            hook: hook.hook,
            order: hook.order,
            mode: hook.mode,
            on_failure: if hook.mode == Mode::Shadow { OnFailure::Open } else { hook.on_failure },
            departments: departments.clone(),
            percent: binding.percent,
            replaces: binding.replaces.clone(),
            counters: self.shared.counters(&unit.id, hook.hook),
            tape: tape.clone().filter(|tape| tape.is_for(hook.hook)),
        };
        binding
            .hooks
            .iter()
            .filter(|hook| hook.mode != Mode::Off && hook.hook != Hook::Setup)
            .map(seat)
            .collect()
    }

    fn unit(
        &self,
        binding: &Binding,
        surroundings: &Surroundings,
        previous: Option<&Chain>,
        probe: bool,
    ) -> Result<Arc<Unit>, Vec<PluginProblem>> {
        let catalogue = &surroundings.catalogue;
        let package = match &binding.source {
            Source::Package(package) => package,
            Source::Missing(reason) => {
                return Ok(Arc::new(missing(&self.shared, binding, catalogue, reason)));
            }
        };
        let plan = Plan::new(binding, package, surroundings, self.shared.config.ceilings);
        let before =
            previous.and_then(|chain| chain.unit(&binding.id)).filter(|unit| unit.loaded.is_ok());
        if let Some(same) = before.filter(|unit| unit.identity == plan.identity) {
            return Ok(same.clone());
        }
        check_hooks(binding, package)?;
        let sets = &package.manifest.patterns.sets;
        let (patterns, mut problems) = match patterns(&binding.id, &binding.settings, sets, before)
        {
            Ok(patterns) => (patterns, Vec::new()),
            Err(problems) => (BTreeMap::new(), problems),
        };
        let environment =
            Arc::new(environment(&self.shared, binding, package, patterns, catalogue));
        let same_code = before.filter(|unit| unit.code_identity == plan.code_identity);
        let loaded = match same_code {
            Some(unit) => unit.loaded.clone(),
            None => Ok(Arc::new(self.load(&binding.id, package, &environment, plan.bounds)?)),
        };
        let cases = match same_code {
            Some(unit) => unit.cases.clone(),
            None => Arc::new(
                cases::cases_of(package)
                    .map_err(|problems| case_problems(&binding.id, &problems))?,
            ),
        };
        let same_settings =
            same_code.filter(|unit| unit.environment.settings == environment.settings);
        let mut unit = Unit {
            uid: Unit::next_uid(),
            id: binding.id.as_str().into(),
            version: environment.version.clone(),
            digest: package.digest.clone(),
            code_identity: plan.code_identity,
            identity: plan.identity,
            loaded,
            environment,
            bounds: plan.bounds,
            budget_us: plan.budget_us,
            recent: package.manifest.needs.recent_messages as usize,
            reuse: plan.reuse,
            cases,
            has_setup: package.manifest.has(Hook::Setup),
            pattern_sources: package.manifest.patterns.sets.clone().into(),
            breaker: same_settings
                .map_or_else(|| Arc::new(Mutex::new(Breaker::new())), |unit| unit.breaker.clone()),
        };
        if binding.check_settings {
            problems
                .extend(check_settings(&unit, binding, surroundings).err().into_iter().flatten());
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        match same_code {
            Some(before) => unit.reuse = plan.reuse.filter(|_| before.reuse.is_some()),
            None if probe || unit.reuse.is_some() => probe_cases(&mut unit, probe)?,
            None => {}
        }
        Ok(Arc::new(unit))
    }

    /// Compiles on a thread of its own, with a stack large enough for any component.
    fn load(
        &self,
        id: &str,
        package: &Arc<Package>,
        environment: &Arc<Environment>,
        bounds: Bounds,
    ) -> Result<bind::Loaded, Vec<PluginProblem>> {
        let shared = &self.shared;
        let compile =
            || bind::load(&shared.engine, shared.cache.as_ref(), id, package, environment, bounds);
        thread::scope(|scope| {
            let builder = thread::Builder::new().name("plugin-compile".into()).stack_size(16 << 20);
            let failed = |what: &str| vec![PluginProblem::new(id, ProblemKind::Component, what)];
            match builder.spawn_scoped(scope, compile) {
                Ok(thread) => thread
                    .join()
                    .unwrap_or_else(|_| Err(failed("the compiler panicked on this component"))),
                Err(_) => Err(failed("no thread to compile on")),
            }
        })
    }
}

/// What follows from binding, manifest and ceilings.
struct Plan {
    code_identity: [u8; 32],
    identity: [u8; 32],
    bounds: Bounds,
    budget_us: [u64; Hook::ALL.len()],
    reuse: Option<u32>,
}

impl Plan {
    fn new(
        binding: &Binding,
        package: &Package,
        surroundings: &Surroundings,
        ceilings: Ceilings,
    ) -> Self {
        let asked = package.manifest.limits;
        let limit = |operator: Option<u32>, asked: Option<u32>, default: u32, ceiling: u32| {
            operator.unwrap_or_else(|| asked.unwrap_or(default)).min(ceiling).max(1)
        };
        let memory_mib = limit(
            binding.limits.memory_mib,
            asked.memory_mib,
            DEFAULT_MEMORY_MIB,
            ceilings.memory_mib,
        );
        let output_kib = limit(
            binding.limits.output_kib,
            asked.output_kib,
            DEFAULT_OUTPUT_KIB,
            ceilings.output_kib,
        );
        let budget_us = Hook::ALL.map(|hook| {
            let default = hook.default_time_ms();
            // Checking settings happens aside; it may take longer than a call.
            let operator = if hook == Hook::Setup { None } else { binding.limits.time_ms };
            let asked = if hook == Hook::Setup { None } else { asked.time_ms };
            u64::from(limit(operator, asked, default, ceilings.time_ms.max(default))) * 1_000
        });
        let bounds = Bounds {
            memory_bytes: (memory_mib as usize) << 20,
            output_bytes: (output_kib as usize) << 10,
        };
        let reuse = match binding.instances.unwrap_or(package.manifest.instances) {
            Instances::Fresh => None,
            Instances::Reuse(calls) => Some(calls),
        };
        let mut code = Sha256::new();
        code.update(package.identity());
        code.update(format!("{:?} {bounds:?} {budget_us:?} {reuse:?}", binding.grants).as_bytes());
        let code_identity: [u8; 32] = code.clone().finalize().into();
        code.update(binding.settings.to_string().as_bytes());
        code.update(binding.settings_revision.to_le_bytes());
        surroundings.digest(&mut code);
        Plan { code_identity, identity: code.finalize().into(), bounds, budget_us, reuse }
    }
}

fn environment(
    shared: &Shared,
    binding: &Binding,
    package: &Package,
    patterns: BTreeMap<String, Arc<PatternSet>>,
    catalogue: &Arc<Catalogue>,
) -> Environment {
    Environment {
        plugin: binding.id.as_str().into(),
        version: package.manifest.version.as_str().into(),
        settings: binding.settings.to_string().into(),
        settings_revision: binding.settings_revision,
        patterns,
        catalogue: catalogue.clone(),
        assets: Arc::new(package.assets.clone()),
        grants: binding.grants,
        found: shared.found.clone(),
    }
}

fn missing(shared: &Shared, binding: &Binding, catalogue: &Arc<Catalogue>, reason: &str) -> Unit {
    Unit {
        uid: Unit::next_uid(),
        id: binding.id.as_str().into(),
        version: "".into(),
        digest: "".into(),
        code_identity: [0; 32],
        identity: [0; 32],
        loaded: Err(reason.to_owned()),
        environment: Arc::new(Environment {
            plugin: binding.id.as_str().into(),
            version: "".into(),
            settings: "{}".into(),
            settings_revision: 0,
            patterns: BTreeMap::new(),
            catalogue: catalogue.clone(),
            assets: Arc::default(),
            grants: Grants::NONE,
            found: shared.found.clone(),
        }),
        bounds: Bounds { memory_bytes: 0, output_bytes: 0 },
        budget_us: Hook::ALL.map(|hook| u64::from(hook.default_time_ms()) * 1_000),
        recent: 0,
        reuse: None,
        cases: Arc::default(),
        has_setup: false,
        pattern_sources: Arc::default(),
        breaker: Arc::new(Mutex::new(Breaker::new())),
    }
}

/// A plugin among other settings and another tree.
pub(crate) fn under(
    unit: &Unit,
    settings: &Value,
    settings_revision: u64,
    catalogue: Arc<Catalogue>,
) -> Result<Unit, Vec<PluginProblem>> {
    let patterns = patterns(&unit.id, settings, &unit.pattern_sources, None)?;
    let environment = &unit.environment;
    Ok(unit.in_environment(Arc::new(Environment {
        plugin: environment.plugin.clone(),
        version: environment.version.clone(),
        settings: settings.to_string().into(),
        settings_revision,
        patterns,
        catalogue,
        assets: environment.assets.clone(),
        grants: environment.grants,
        found: environment.found.clone(),
    })))
}

/// The hooks bound must be hooks it has.
fn check_hooks(binding: &Binding, package: &Package) -> Result<(), Vec<PluginProblem>> {
    let lacking = binding.hooks.iter().filter(|bound| !package.manifest.has(bound.hook));
    let problems: Vec<PluginProblem> = lacking
        .map(|bound| {
            let has: Vec<&str> = package.manifest.hooks.iter().map(|hook| hook.name()).collect();
            let message =
                format!("it is bound at the hook `{}`, which it does not have", bound.hook);
            PluginProblem::new(&binding.id, ProblemKind::Manifest, message)
                .hint(format!("it has: {}", has.join(", ")))
        })
        .collect();
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

/// Compiles the settings' pattern sets; those that `before` has too are taken from there.
pub(crate) fn patterns(
    id: &str,
    settings: &Value,
    sources: &[PatternSource],
    before: Option<&Arc<Unit>>,
) -> Result<BTreeMap<String, Arc<PatternSet>>, Vec<PluginProblem>> {
    let sets = patterns_in(settings, sources).map_err(|problems| {
        let problem = |problem: crate::patterns::SourceProblem| {
            PluginProblem::new(id, ProblemKind::Pattern, problem.message).at(problem.pointer)
        };
        problems.into_iter().map(problem).collect::<Vec<_>>()
    })?;
    let (mut compiled, mut problems) = (BTreeMap::new(), Vec::new());
    for (name, patterns) in sets {
        let known = before.and_then(|unit| unit.environment.patterns.get(&name));
        if let Some(known) = known.filter(|known| known.patterns() == patterns) {
            compiled.insert(name, known.clone());
            continue;
        }
        let names: Vec<Arc<str>> =
            patterns.iter().map(|pattern: &Pattern| pattern.name.clone()).collect();
        match PatternSet::compile(patterns) {
            Ok(set) => {
                compiled.insert(name, Arc::new(set));
            }
            Err(errors) => problems.extend(errors.into_iter().map(|(index, error)| {
                let name =
                    names.get(index).map_or("", |name| name.split('\t').next().unwrap_or_default());
                let message = format!("this pattern cannot be used: {}", error.message);
                PluginProblem {
                    offset: error.offset,
                    ..PluginProblem::new(id, ProblemKind::Pattern, message).at(name)
                }
            })),
        }
    }
    if problems.is_empty() { Ok(compiled) } else { Err(problems) }
}

/// Asks the plugin's own `setup`.
fn check_settings(
    unit: &Unit,
    binding: &Binding,
    surroundings: &Surroundings,
) -> Result<(), Vec<PluginProblem>> {
    if !unit.has_setup {
        return Ok(());
    }
    let directory = surroundings.directory.clone();
    let call =
        Arc::new(Call { call_id: "setup".into(), dry_run: true, directory, ..Call::default() });
    let question = Question::Setup { settings: unit.environment.settings.clone() };
    let one =
        |message: String| vec![PluginProblem::new(&binding.id, ProblemKind::Settings, message)];
    match unit.ask_fresh(&call, &question).0 {
        Ok(Answer::Setup(problems)) if problems.is_empty() => Ok(()),
        Ok(Answer::Setup(problems)) => Err(problems
            .into_iter()
            .map(|problem| {
                PluginProblem::new(&binding.id, ProblemKind::Settings, problem.message)
                    .at(problem.path)
            })
            .collect()),
        Ok(_) => Err(one("it answered something else than whether the settings are good".into())),
        Err(failure) => Err(one(format!("it could not check its settings: {failure}"))),
    }
}

/// Runs the package's cases. Those that fail reject it (if it is to be probed); those that answer differently in a used
/// sandbox forbid reuse, and so does having none.
fn probe_cases(unit: &mut Unit, reject: bool) -> Result<(), Vec<PluginProblem>> {
    let outcomes: Vec<cases::CaseOutcome> =
        unit.cases.iter().map(|case| cases::run_one(unit, case)).collect();
    let mut problems = Vec::new();
    for outcome in outcomes.iter().filter(|outcome| reject && !outcome.passed()) {
        let what = if outcome.deterministic {
            outcome.differences.join("; ")
        } else {
            "two fresh sandboxes gave different answers".into()
        };
        let message = format!("its case \"{}\" ({}) fails: {what}", outcome.name, outcome.file);
        problems.push(
            PluginProblem::new(&unit.id, ProblemKind::Case, message)
                .hint("`dialogo plugin test` runs the cases"),
        );
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let proven = outcomes.iter().any(|outcome| outcome.hook != Hook::Setup)
        && outcomes.iter().all(|outcome| outcome.reusable);
    if unit.reuse.is_some() && !proven {
        tracing::warn!(
            plugin = &*unit.id,
            "sandboxes are not reused: only a plugin whose cases give the same answers in a used sandbox may do that"
        );
        unit.reuse = None;
    }
    Ok(())
}

fn case_problems(id: &str, problems: &[cases::CaseProblem]) -> Vec<PluginProblem> {
    problems
        .iter()
        .map(|problem| PluginProblem::new(id, ProblemKind::Case, problem.to_string()))
        .collect()
}
