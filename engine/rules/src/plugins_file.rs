//! `plugins.toml`: which plugins are asked, where, in which order, with which rights and within which limits.

use std::collections::{BTreeMap, BTreeSet};

use dialogo_domain::id::{DepartmentId, PluginId};

use crate::diagnostic::{Diagnostic, Place};
use crate::document::Document;
use crate::files::{Files, Package, PackageFacts, Signed, Source};
use crate::keyring_file::{KEYRING_FILE, Keyring};
use crate::names::{Ids, Names, Sort};
use crate::reader::{At, Reader};
use crate::settings::Settings;
use crate::shapes;
use crate::spec::check_table;
use crate::suggest::{did_you_mean, listed};

/// Grants that give nothing away; every plugin has them.
const ALWAYS_GRANTED: [&str; 2] = ["log", "settings"];

/// One plugin as the operator binds it.
#[derive(Clone, Debug)]
pub struct PluginBinding {
    /// Name under which everything it says is recorded.
    pub id: PluginId,
    /// Its file or package in the plugin folder.
    pub file: String,
    /// Hooks at which it is asked; `None`: all that its package offers.
    pub hooks: Option<BTreeSet<String>>,
    /// Mode, failure policy and order, where `per_hook` says nothing else.
    pub policy: HookPolicy,
    /// What differs at single hooks, already complete.
    pub per_hook: BTreeMap<String, HookPolicy>,
    /// What it may ask of the engine, `log` and `settings` included.
    pub grants: BTreeSet<String>,
    /// Its settings, if `plugins.toml` names a file.
    pub settings: Option<Settings>,
    /// What it may use at most.
    pub limits: PluginLimits,
    /// Whether a sandbox is used again.
    pub instances: Instances,
    /// Departments it is asked for; empty: all.
    pub departments: BTreeSet<DepartmentId>,
    /// How far its word counts, and what takes it back.
    pub promotion: Promotion,
    /// Which of its calls are recorded, if any.
    pub record: Option<Record>,
    /// Where its `id` stands, for problems that others find.
    pub place: Place,
    /// Where its `file` stands.
    pub file_place: Place,
}

impl PluginBinding {
    /// What holds at one hook.
    pub fn at(&self, hook: &str) -> HookPolicy {
        self.per_hook.get(hook).copied().unwrap_or(self.policy)
    }
}

/// How a plugin's word counts at a hook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HookPolicy {
    /// Whether it counts.
    pub mode: Mode,
    /// What holds when it fails or is missing.
    pub on_failure: OnFailure,
    /// The smaller is heard first.
    pub order: i32,
}

/// Whether what a plugin says counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// It counts.
    Enforce,
    /// It is asked and recorded; nothing depends on it.
    Shadow,
    /// It is not asked.
    Off,
}

/// What holds when a plugin fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnFailure {
    /// As if it had no opinion.
    Open,
    /// What it should have judged is refused.
    Closed,
}

/// The operator's ceilings; `None`: the host's own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PluginLimits {
    /// Milliseconds of computing time per call.
    pub time_ms: Option<u32>,
    /// Mebibytes of memory.
    pub memory_mib: Option<u32>,
    /// Kibibytes of answers.
    pub output_kib: Option<u32>,
}

/// Whether a sandbox is used again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Instances {
    /// As the package says.
    #[default]
    Package,
    /// A new one for every call.
    Fresh,
    /// One for so many calls.
    Reuse(u32),
}

/// How far a plugin's word counts where its mode is [`Mode::Enforce`], and what takes it back to shadow.
#[derive(Clone, Debug, PartialEq)]
pub struct Promotion {
    /// Of so many of 100 conversations.
    pub percent: u8,
    /// The plugin that is asked in shadow where this one counts.
    pub replaces: Option<PluginId>,
    /// Least share of right suggestions, 0..=1.
    pub min_precision: Option<f64>,
    /// Of how many of the last choices the share is taken.
    pub window: u32,
}

/// How the calls of a plugin are recorded.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Of which share of conversations, 0..=1.
    pub share: f64,
    /// Milliseconds after which a recording is deleted.
    pub keep_ms: u64,
    /// Mebibytes of all recordings of the plugin.
    pub max_mib: u32,
    /// Whether e-mail addresses, long runs of digits and names are masked.
    pub redact: bool,
    /// At these hooks; `None`: wherever it is asked.
    pub hooks: Option<BTreeSet<String>>,
}

/// All of `plugins.toml`.
#[derive(Debug, Default)]
pub(crate) struct PluginsFile {
    pub(crate) bindings: Vec<PluginBinding>,
    /// Only what is signed is taken.
    pub(crate) signed: bool,
    /// Digests of the packages that are known.
    pub(crate) packages: BTreeMap<String, [u8; 32]>,
}

/// Everything a binding is read with.
pub(crate) struct Around<'a> {
    pub(crate) source: &'a dyn Source,
    pub(crate) names: &'a Names,
    /// Settings files that could be read, by path; `None` for one that could not.
    pub(crate) settings: &'a BTreeMap<String, Option<Settings>>,
    pub(crate) keyring: &'a Keyring,
}

/// Paths of settings that the file names, with the place where it does, before anything else is read.
pub(crate) fn settings_paths(doc: &Document) -> Vec<At<String>> {
    Reader::root(doc, &shapes::PLUGINS)
        .tables("plugin")
        .iter()
        .filter_map(|table| table.text("settings"))
        .collect()
}

pub(crate) fn read(doc: &Document, around: &Around<'_>, out: &mut Vec<Diagnostic>) -> PluginsFile {
    check_table(doc, doc.table(), doc.root.span, &shapes::PLUGINS, out);
    let root = Reader::root(doc, &shapes::PLUGINS);
    let mut file = PluginsFile { signed: root.flag("signed"), ..PluginsFile::default() };
    let mut ids = Ids::new("plugins");
    for table in root.tables("plugin") {
        let (Some(id), Some(package)) = (table.text("id"), table.text("file")) else { continue };
        if !ids.add(doc, &id, out) {
            continue;
        }
        let binding = binding(&table, &id, &package, around, out);
        let known = around.source.package(&package.value);
        check_package(&table, &binding, &known, out);
        if let Package::Found(facts) = &known {
            if file.signed {
                check_signature(&binding, &facts.signed, around.keyring, out);
            }
            file.packages.insert(package.value, facts.digest);
        }
        file.bindings.push(binding);
    }
    check_replaced(doc, &file.bindings, out);
    file
}

/// Whoever is replaced has to be there, and must not replace another itself: who counts has to be plain.
fn check_replaced(doc: &Document, bindings: &[PluginBinding], out: &mut Vec<Diagnostic>) {
    for table in Reader::root(doc, &shapes::PLUGINS).tables("plugin") {
        let Some(id) = table.text("id") else { continue };
        let Some(replaced) =
            table.table("promotion").and_then(|promotion| promotion.text("replaces"))
        else {
            continue;
        };
        let others = bindings.iter().filter(|binding| binding.id.as_str() != id.value);
        let mut found = others.clone().filter(|other| other.id.as_str() == replaced.value);
        let (code, message, help) = match found.next() {
            None => {
                let message = format!("there is no other plugin `{}` here", replaced.value);
                let near = did_you_mean(&replaced.value, others.map(|other| other.id.as_str()));
                ("unknown-plugin", message, near)
            }
            Some(other) if other.promotion.replaces.is_some() => {
                let message = format!("`{}` replaces another plugin itself", replaced.value);
                ("replaces", message, Some("name the plugin that counts today".to_owned()))
            }
            Some(_) => continue,
        };
        out.push(Diagnostic::error(code, table.place(replaced.span), message).maybe_help(help));
    }
}

fn binding(
    table: &Reader<'_>,
    id: &At<String>,
    file: &At<String>,
    around: &Around<'_>,
    out: &mut Vec<Diagnostic>,
) -> PluginBinding {
    let departments = table.texts("departments");
    for department in &departments {
        around.names.check(Sort::Department, table.doc, department, out);
    }
    let hooks =
        table.has("hooks").then(|| table.texts("hooks").into_iter().map(|at| at.value).collect());
    let policy = policy(table);
    let mut grants: BTreeSet<String> = ALWAYS_GRANTED.into_iter().map(str::to_owned).collect();
    grants.extend(table.texts("grants").into_iter().map(|at| at.value));
    let binding = PluginBinding {
        id: PluginId::from(id.value.as_str()),
        file: file.value.clone(),
        policy,
        per_hook: per_hook(table, hooks.as_ref(), policy, out),
        hooks,
        grants,
        settings: settings(table, around, out),
        limits: limits(table),
        instances: instances(table),
        departments: departments.into_iter().map(|at| DepartmentId::from(at.value)).collect(),
        promotion: promotion(table),
        record: record(table),
        place: table.place(id.span),
        file_place: table.place(file.span),
    };
    check_binding(table, &binding, out);
    binding
}

fn policy(table: &Reader<'_>) -> HookPolicy {
    HookPolicy {
        mode: mode(&table.word("mode")).unwrap_or(Mode::Enforce),
        on_failure: on_failure(&table.word("on_failure")).unwrap_or(OnFailure::Open),
        order: table.int("order").unwrap_or_default() as i32,
    }
}

fn per_hook(
    table: &Reader<'_>,
    hooks: Option<&BTreeSet<String>>,
    policy: HookPolicy,
    out: &mut Vec<Diagnostic>,
) -> BTreeMap<String, HookPolicy> {
    let mut found = BTreeMap::new();
    for (hook, own) in table.map("per_hook") {
        let known: Vec<&str> = match hooks {
            Some(hooks) => hooks.iter().map(String::as_str).collect(),
            None => shapes::HOOKS.iter().map(|(name, _)| *name).collect(),
        };
        if !known.contains(&hook.value.as_str()) {
            let message = format!("`{}` is not a hook of this plugin", hook.value);
            let problem = Diagnostic::error("unknown-hook", table.place(hook.span), message);
            out.push(problem.maybe_help(did_you_mean(&hook.value, known)));
            continue;
        }
        let written = HookPolicy {
            mode: mode(&own.word("mode")).unwrap_or(policy.mode),
            on_failure: on_failure(&own.word("on_failure")).unwrap_or(policy.on_failure),
            order: own.int("order").map_or(policy.order, |order| order as i32),
        };
        found.insert(hook.value, written);
    }
    found
}

fn mode(word: &str) -> Option<Mode> {
    Some(match word {
        "enforce" => Mode::Enforce,
        "shadow" => Mode::Shadow,
        "off" => Mode::Off,
        _ => return None,
    })
}

fn on_failure(word: &str) -> Option<OnFailure> {
    Some(match word {
        "open" => OnFailure::Open,
        "closed" => OnFailure::Closed,
        _ => return None,
    })
}

fn limits(table: &Reader<'_>) -> PluginLimits {
    let Some(limits) = table.table("limits") else { return PluginLimits::default() };
    let number = |name: &str| limits.int(name).and_then(|number| u32::try_from(number).ok());
    PluginLimits {
        time_ms: number("time_ms"),
        memory_mib: number("memory_mib"),
        output_kib: number("output_kib"),
    }
}

fn promotion(table: &Reader<'_>) -> Promotion {
    let of = table.table("promotion").unwrap_or_else(|| table.absent("promotion"));
    Promotion {
        percent: of.int("percent").and_then(|percent| u8::try_from(percent).ok()).unwrap_or(100),
        replaces: of.text("replaces").map(|id| PluginId::from(id.value)),
        min_precision: of.number("min_precision"),
        window: of.int("window").and_then(|window| u32::try_from(window).ok()).unwrap_or(200),
    }
}

fn record(table: &Reader<'_>) -> Option<Record> {
    let of = table.table("record")?;
    let hooks = || of.texts("hooks").into_iter().map(|at| at.value).collect();
    Some(Record {
        share: of.number("share").unwrap_or_default(),
        keep_ms: of.duration("keep").unwrap_or_default(),
        max_mib: of.int("max_mib").and_then(|mib| u32::try_from(mib).ok()).unwrap_or_default(),
        redact: of.flag("redact"),
        hooks: of.has("hooks").then(hooks),
    })
}

fn instances(table: &Reader<'_>) -> Instances {
    if let Some(reuse) = table.table("instances").and_then(|instances| instances.int("reuse")) {
        return Instances::Reuse(u32::try_from(reuse).unwrap_or(1));
    }
    if table.has("instances") { Instances::Fresh } else { Instances::Package }
}

fn settings(
    table: &Reader<'_>,
    around: &Around<'_>,
    out: &mut Vec<Diagnostic>,
) -> Option<Settings> {
    let path = table.text("settings")?;
    if let Some(known) = around.settings.get(&path.value) {
        return known.clone();
    }
    let files: &Files = around.source.files();
    let message = format!("there is no file `{}`", files.shown(&path.value));
    let near = did_you_mean(&path.value, files.paths().filter(|path| path.starts_with("plugins/")));
    let problem = Diagnostic::error("missing-file", table.place(path.span), message);
    out.push(problem.label("not in the folder of the rules").maybe_help(near));
    None
}

fn check_binding(table: &Reader<'_>, binding: &PluginBinding, out: &mut Vec<Diagnostic>) {
    let closed = binding.policy.on_failure == OnFailure::Closed && table.has("on_failure");
    if closed && binding.policy.mode != Mode::Enforce {
        let message = "on_failure = \"closed\" has no effect: only a plugin in mode \"enforce\" can refuse anything";
        out.push(Diagnostic::warning(
            "no-effect",
            table.place(table.key_span("on_failure")),
            message,
        ));
    }
    if binding.hooks.as_ref().is_some_and(BTreeSet::is_empty) {
        let place = table.place(table.key_span("hooks"));
        let problem =
            Diagnostic::warning("no-effect", place, "this plugin is never asked: `hooks` is empty");
        out.push(problem.help(
            "leave `hooks` out to have it asked wherever it can answer, or write mode = \"off\"",
        ));
    }
    if let Some(record) = table.table("record") {
        check_record(&record, binding, out);
    }
    let mut seen = BTreeSet::new();
    for grant in table.texts("grants") {
        if !seen.insert(grant.value.clone()) {
            let message = format!("`{}` is granted twice", grant.value);
            out.push(Diagnostic::warning("duplicate", table.place(grant.span), message));
        }
    }
}

fn check_record(of: &Reader<'_>, binding: &PluginBinding, out: &mut Vec<Diagnostic>) {
    if let Some(hooks) = &binding.hooks {
        // A word that is no hook at all is told already.
        let known = |name: &str| shapes::HOOKS.iter().any(|(known, _)| *known == name);
        let asked = |name: &String| hooks.contains(name) || !known(name);
        for hook in of.texts("hooks").iter().filter(|hook| !asked(&hook.value)) {
            let message = format!("this plugin is not asked at `{}`", hook.value);
            let problem = Diagnostic::error("unknown-hook", of.place(hook.span), message);
            let near = did_you_mean(&hook.value, hooks.iter().map(String::as_str));
            out.push(problem.label("nothing to record").maybe_help(near));
        }
    }
    let asked = std::iter::once(&binding.policy).chain(binding.per_hook.values());
    let why = if of.number("share") == Some(0.0) {
        Some(("share", "nothing is recorded: `share` is 0"))
    } else if asked.into_iter().all(|policy| policy.mode == Mode::Off) {
        Some(("share", "nothing is recorded: the plugin is not asked, its mode is \"off\""))
    } else {
        None
    };
    if let Some((key, message)) = why {
        let problem = Diagnostic::warning("no-effect", of.place(of.key_span(key)), message);
        out.push(problem.help("take `record` out to record nothing"));
    }
}

fn check_package(
    table: &Reader<'_>,
    binding: &PluginBinding,
    known: &Package,
    out: &mut Vec<Diagnostic>,
) {
    match known {
        Package::NotAsked => {}
        Package::Missing(others) => {
            let message = format!("there is no plugin `{}`", binding.file);
            let near = did_you_mean(&binding.file, others.iter().map(String::as_str));
            let problem = Diagnostic::error("missing-plugin", binding.file_place.clone(), message);
            out.push(problem.label("not in the plugin folder").maybe_help(near));
        }
        Package::Broken(why) => {
            let message = format!("the plugin `{}` cannot be used: {why}", binding.file);
            out.push(Diagnostic::error("broken-plugin", binding.file_place.clone(), message));
        }
        Package::Found(facts) => check_facts(table, binding, facts, out),
    }
}

/// Where the desk takes only what is signed.
fn check_signature(
    binding: &PluginBinding,
    signed: &Signed,
    keyring: &Keyring,
    out: &mut Vec<Diagnostic>,
) {
    let file = &binding.file;
    let (message, help) = match signed {
        Signed::By(key) if keyring.name(key).is_some() => return,
        Signed::By(key) => (
            format!("the plugin `{file}` is signed by a key that is not in {KEYRING_FILE}"),
            format!("if you trust its holder: [[key]] id = \"…\", public = \"{key}\""),
        ),
        Signed::No => (
            format!("the plugin `{file}` is not signed"),
            "its author signs it with `dialogo plugin sign`; or write signed = false above"
                .to_owned(),
        ),
        Signed::Broken(why) => (
            format!("the signature of the plugin `{file}` does not fit: {why}"),
            "get it again from its author, and install that".to_owned(),
        ),
    };
    let problem = Diagnostic::error("unsigned", binding.file_place.clone(), message);
    out.push(problem.label("only signed plugins are taken here").help(help));
}

fn check_facts(
    table: &Reader<'_>,
    binding: &PluginBinding,
    facts: &PackageFacts,
    out: &mut Vec<Diagnostic>,
) {
    let offered: Vec<&str> = facts.hooks.iter().map(String::as_str).collect();
    // A word that is no hook at all is told already.
    let known = |name: &str| shapes::HOOKS.iter().any(|(known, _)| *known == name);
    for hook in table
        .texts("hooks")
        .iter()
        .filter(|hook| known(&hook.value) && !facts.hooks.contains(&hook.value))
    {
        let message = format!("the plugin `{}` has no hook `{}`", binding.file, hook.value);
        let problem = Diagnostic::error("unknown-hook", table.place(hook.span), message);
        out.push(
            problem.label("it does not export this").help(format!("it has {}", listed(&offered))),
        );
    }
    if binding.promotion.min_precision.is_some() && !facts.hooks.contains("classifier") {
        let promotion = table.table("promotion").map(|of| of.key_span("min_precision"));
        let place = promotion.map_or(binding.place.clone(), |span| table.place(span));
        let message = format!("`{}` suggests nothing that could be measured", binding.file);
        let problem = Diagnostic::warning("no-effect", place, message);
        out.push(problem.help("min_precision is for classifiers: take it out"));
    }
    let missing: Vec<&str> = facts.needs.difference(&binding.grants).map(String::as_str).collect();
    if !missing.is_empty() {
        let place = if table.has("grants") {
            table.place(table.key_span("grants"))
        } else {
            binding.place.clone()
        };
        let message =
            format!("the plugin `{}` cannot run without {}", binding.file, listed(&missing));
        let problem = Diagnostic::error("missing-grant", place, message);
        let all: Vec<String> = table
            .texts("grants")
            .into_iter()
            .map(|at| at.value)
            .chain(missing.iter().map(|name| (*name).to_owned()))
            .map(|name| format!("\"{name}\""))
            .collect();
        out.push(
            problem
                .label("not granted")
                .help(format!("if you trust it with that: grants = [{}]", all.join(", "))),
        );
    }
    if let (Some(schema), Some(settings)) = (&facts.settings_schema, &binding.settings) {
        out.extend(settings.check(schema));
    }
}
