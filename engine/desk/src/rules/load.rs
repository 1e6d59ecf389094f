//! From a tree of files to a generation that could be put in force: checked, compiled, bound, configured and tested, all
//! aside. Either everything passes or there is a report.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use dialogo_domain::{Millis, PluginId};
use dialogo_host::recording::Record;
use dialogo_host::verdict::{Mode, OnFailure};
use dialogo_host::{
    Binding, Catalogue, Grant, Hook, HookBinding, Host, Instances, Limits, Node, PluginProblem,
    ProblemKind, Surroundings,
};
use dialogo_rules::{Checked, Diagnostic, Files, PackageFacts, Place, PluginBinding, Source};
use sha2::{Digest, Sha256};

use super::tree::Tree;
use super::{Clockwork, InForce, cases};
use crate::judge::view;

/// What is said of the rules that a desk starts with.
pub const AT_THE_START: &str = "loaded at the start";

/// Why a tree cannot be put in force.
#[derive(Clone, Debug)]
pub struct LoadError {
    /// All problems, warnings too.
    pub problems: Vec<Diagnostic>,
    /// The same, as `dialogo check` prints it.
    pub report: String,
}

impl LoadError {
    /// Something other than the rules stood in the way.
    pub(crate) fn fault(reason: String) -> Self {
        let problem = Diagnostic::error("fault", Place::file("desk.toml"), reason.clone());
        Self { problems: vec![problem], report: reason }
    }
}

/// What came of a tree: the generation if there is no error, and all problems.
pub struct Loaded {
    /// Ready to be put in force.
    pub rules: Option<InForce>,
    /// Errors and warnings.
    pub problems: Vec<Diagnostic>,
    /// As people read it.
    pub report: String,
    /// How many `[[test]]` cases were run.
    pub tests: usize,
}

impl Source for Tree {
    fn files(&self) -> &Files {
        &self.files
    }

    fn package(&self, file: &str) -> dialogo_rules::Package {
        let stem = file.strip_suffix(".wasm").unwrap_or(file);
        match self.packages.get(&format!("{stem}.wasm")) {
            None => dialogo_rules::Package::Missing(self.packages.keys().cloned().collect()),
            Some(Err(reason)) => dialogo_rules::Package::Broken(reason.clone()),
            Some(Ok(package)) => dialogo_rules::Package::Found(PackageFacts {
                digest: package.identity(),
                signed: match &package.signed {
                    dialogo_host::Signed::No => dialogo_rules::Signed::No,
                    dialogo_host::Signed::By(key) => dialogo_rules::Signed::By(key.to_string()),
                    dialogo_host::Signed::Broken(why) => dialogo_rules::Signed::Broken(why.clone()),
                },
                hooks: package.manifest.hooks.iter().map(|hook| hook.name().to_owned()).collect(),
                needs: package
                    .manifest
                    .permissions
                    .iter()
                    .filter(|grant| !grant.is_free())
                    .map(|grant| grant.name().to_owned())
                    .collect(),
                settings_schema: package
                    .settings_schema
                    .as_deref()
                    .and_then(|text| serde_json::from_str(text).ok()),
            }),
        }
    }
}

/// Checks, compiles and tests a tree. With `previous`, what has not changed is carried over.
pub fn load(
    host: &Host,
    tree: &Tree,
    previous: Option<&InForce>,
    now: Millis,
) -> Result<InForce, LoadError> {
    let loaded = check(host, tree, previous, now, &mut |_, _| ());
    loaded.rules.ok_or(LoadError { problems: loaded.problems, report: loaded.report })
}

/// The same for those who want to see everything, such as `dialogo check` and `dialogo test`. `progress` hears how many
/// test cases of how many have been run.
pub fn check(
    host: &Host,
    tree: &Tree,
    previous: Option<&InForce>,
    now: Millis,
    progress: &mut dyn FnMut(usize, usize),
) -> Loaded {
    let mut loaded = dialogo_rules::load(tree);
    let mut rules = None;
    let mut tests = 0;
    if let Some(checked) = loaded.checked.as_ref().or(loaded.doubtful.as_ref()).cloned() {
        let bindings = bindings(&checked, tree);
        let surroundings = Surroundings {
            catalogue: Arc::new(catalogue(&checked)),
            directory: Arc::new(view::directory(&dialogo_domain::Desk::default(), &checked, now)),
        };
        match host.prepare(bindings, &surroundings, previous.map(|rules| &rules.chain)) {
            Err(problems) => {
                // Of settings that do not fit the schema, the plugin would only say the same less well.
                let wrong: BTreeSet<String> = (loaded.problems.iter())
                    .filter(|problem| problem.is_error())
                    .map(|problem| problem.place.file.to_string())
                    .collect();
                // Nor of a grant that the rules miss already.
                let not_granted =
                    loaded.problems.iter().any(|problem| problem.code == "missing-grant");
                let further = problems.iter().map(|problem| located(&checked, problem));
                loaded.add_problems(
                    further
                        .filter(|problem| {
                            problem.code != "settings" || !wrong.contains(&*problem.place.file)
                        })
                        .filter(|problem| problem.code != "import" || !not_granted)
                        .collect(),
                );
            }
            // Cases that fail under rules that are wrong anyway say nothing new.
            Ok(_) if loaded.checked.is_none() => {}
            Ok(chain) => {
                tests = checked.tests.len();
                let failed = cases::run(&checked, &chain, &mut |done| progress(done, tests));
                loaded.add_problems(failed);
                if loaded.checked.is_some() {
                    let revisions = revisions(&checked, tree);
                    rules = Some(InForce {
                        generation: checked.generation,
                        summary: summary(&checked, tree, previous),
                        checked: Arc::new(checked),
                        chain,
                        since: now,
                        warnings: loaded.problems.clone(),
                        packages: tree.identities(),
                        revisions,
                        clockwork: Clockwork::default(),
                    });
                }
            }
        }
    }
    let report = loaded.report().text(false, None);
    Loaded { rules, problems: loaded.problems, report, tests }
}

pub(crate) fn bindings(checked: &Checked, tree: &Tree) -> Vec<Binding> {
    checked.plugins.iter().filter_map(|binding| bind(binding, tree)).collect()
}

/// What `plugins.toml` says of one plugin, in the host's words.
fn bind(binding: &PluginBinding, tree: &Tree) -> Option<Binding> {
    let package = package_of(binding, tree)?;
    let settings = binding.settings.as_ref();
    let revision =
        settings.map_or([0; 8], |settings| std::array::from_fn(|at| settings.digest()[at]));
    let named =
        |hook: &Hook| binding.hooks.as_ref().is_none_or(|named| named.contains(hook.name()));
    let hooks =
        package.manifest.hooks.iter().copied().filter(|hook| *hook != Hook::Setup && named(hook));
    Some(Binding {
        id: binding.id.as_str().to_owned(),
        source: dialogo_host::Source::Package(Arc::clone(package)),
        settings: settings
            .map_or_else(|| serde_json::json!({}), |settings| settings.json().as_ref().clone()),
        settings_revision: u64::from_be_bytes(revision),
        hooks: hooks.map(|hook| hook_binding(binding, hook)).collect(),
        grants: binding.grants.iter().filter_map(|name| name.parse::<Grant>().ok()).collect(),
        limits: Limits {
            time_ms: binding.limits.time_ms,
            memory_mib: binding.limits.memory_mib,
            output_kib: binding.limits.output_kib,
        },
        instances: match binding.instances {
            dialogo_rules::Instances::Package => None,
            dialogo_rules::Instances::Fresh => Some(Instances::Fresh),
            dialogo_rules::Instances::Reuse(calls) => Some(Instances::Reuse(calls)),
        },
        departments: binding.departments.iter().map(|id| id.as_str().into()).collect(),
        percent: binding.promotion.percent,
        replaces: binding.promotion.replaces.as_ref().map(|id| id.as_str().into()),
        record: binding.record.as_ref().map(record),
        check_settings: true,
        probe: true,
    })
}

fn record(record: &dialogo_rules::Record) -> Record {
    let hooks =
        |names: &BTreeSet<String>| names.iter().filter_map(|name| name.parse().ok()).collect();
    Record {
        share: record.share,
        keep_ms: record.keep_ms,
        max_bytes: u64::from(record.max_mib) << 20,
        redact: record.redact,
        hooks: record.hooks.as_ref().map(hooks),
    }
}

/// The revision of every plugin that could be read: package and settings as one number.
fn revisions(checked: &Checked, tree: &Tree) -> BTreeMap<PluginId, u64> {
    let revision = |binding: &PluginBinding| {
        let package = package_of(binding, tree)?;
        let settings = binding.settings.as_ref().map_or([0; 32], |settings| settings.digest());
        let digest: [u8; 32] =
            Sha256::new().chain_update(package.identity()).chain_update(settings).finalize().into();
        let number = u64::from_be_bytes(std::array::from_fn(|at| digest[at]));
        Some((binding.id.clone(), number.max(1)))
    };
    checked.plugins.iter().filter_map(revision).collect()
}

fn package_of<'t>(
    binding: &PluginBinding,
    tree: &'t Tree,
) -> Option<&'t Arc<dialogo_host::Package>> {
    let stem = binding.file.strip_suffix(".wasm").unwrap_or(&binding.file);
    tree.packages.get(&format!("{stem}.wasm"))?.as_ref().ok()
}

fn hook_binding(binding: &PluginBinding, hook: Hook) -> HookBinding {
    let policy = binding.at(hook.name());
    HookBinding {
        hook,
        order: policy.order,
        mode: match policy.mode {
            dialogo_rules::Mode::Enforce => Mode::Enforce,
            dialogo_rules::Mode::Shadow => Mode::Shadow,
            dialogo_rules::Mode::Off => Mode::Off,
        },
        on_failure: match policy.on_failure {
            dialogo_rules::OnFailure::Open => OnFailure::Open,
            dialogo_rules::OnFailure::Closed => OnFailure::Closed,
        },
    }
}

fn catalogue(checked: &Checked) -> Catalogue {
    let tree = &checked.domain.tree;
    let language = checked.desk.languages.first().map_or("pt", String::as_str);
    let nodes = tree
        .nodes
        .iter()
        .map(|(id, node)| Node {
            id: id.as_str().into(),
            parent: node.parent.as_ref().map(|parent| parent.as_str().into()),
            title: node.name.get(language).cloned().unwrap_or_else(|| id.as_str().to_owned()),
            active: node.active,
            synonyms: node.synonyms.clone(),
        })
        .collect();
    // The revision is the tree's version cut to a number: equal trees have equal revisions.
    let revision = u64::from_str_radix(tree.version.get(..16).unwrap_or("0"), 16).unwrap_or(0);
    Catalogue::new(revision, nodes)
}

/// A problem the host or a plugin found, at its line.
fn located(checked: &Checked, problem: &PluginProblem) -> Diagnostic {
    let code = match problem.kind {
        ProblemKind::Component => "component",
        ProblemKind::Export => "export",
        ProblemKind::Import => "import",
        ProblemKind::Manifest => "manifest",
        ProblemKind::Settings => "settings",
        ProblemKind::Pattern => "pattern",
        ProblemKind::Case => "case",
    };
    let binding = checked.plugins.iter().find(|binding| binding.id.as_str() == problem.plugin);
    let Some(binding) = binding else {
        return Diagnostic::error(code, Place::file("plugins.toml"), problem.message.clone());
    };
    let diagnostic = match (&problem.pointer, &binding.settings) {
        (Some(pointer), Some(settings)) => {
            let inside = problem.offset.map(|offset| offset..offset + 1);
            settings.problem_at(pointer, inside, code, problem.message.clone())
        }
        _ => {
            let message = format!("`{}`: {}", problem.plugin, problem.message);
            Diagnostic::error(code, binding.file_place.clone(), message)
        }
    };
    diagnostic.maybe_help(problem.hint.clone())
}

/// What has changed, in one line.
fn summary(checked: &Checked, tree: &Tree, previous: Option<&InForce>) -> String {
    let Some(previous) = previous else { return AT_THE_START.to_owned() };
    let old = &previous.checked.files;
    let new = &checked.files;
    let paths: BTreeSet<&str> = old.paths().chain(new.paths()).collect();
    let mut changed: Vec<String> = paths
        .into_iter()
        .filter(|path| old.get(path) != new.get(path))
        .map(ToOwned::to_owned)
        .collect();
    let packages = tree.identities();
    let names: BTreeSet<&String> = packages.keys().chain(previous.packages.keys()).collect();
    changed.extend(
        names
            .into_iter()
            .filter(|name| packages.get(*name) != previous.packages.get(*name))
            .map(|name| format!("plugin {name}")),
    );
    match changed.as_slice() {
        [] => "nothing changed".to_owned(),
        few if few.len() <= 4 => format!("changed: {}", few.join(", ")),
        many => format!("changed: {} and {} more", many[..3].join(", "), many.len() - 3),
    }
}
