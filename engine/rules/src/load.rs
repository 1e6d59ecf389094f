//! All files together: text in, one checked generation out, or every problem there is.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use dialogo_domain::id::{DepartmentId, Generation};
use dialogo_domain::rules::{DeskRules, Rules};
use dialogo_domain::time::Millis;
use dialogo_domain::tree::Tree;
use jiff::tz::TimeZone;

use crate::calendar::Calendars;
use crate::departments_file::{self, DepartmentHours, DepartmentsFile};
use crate::desk_file::{self, DeskSettings};
use crate::diagnostic::{Diagnostic, Place};
use crate::document::Document;
use crate::files::{Files, Source};
use crate::generation::generation;
use crate::keyring_file::{self, KEYRING_FILE, Keyring};
use crate::names::{self, Names, ids_of};
use crate::plugins_file::{self, Around, PluginBinding, PluginsFile};
use crate::replies_file::{self, Reply};
use crate::report::Report;
use crate::rule_tests::{self, RuleTest};
use crate::settings::Settings;
use crate::suggest::did_you_mean;
use crate::{classifications_file, shapes};

/// The files that have a name of their own; settings of plugins stand in `plugins/`.
pub const FILE_NAMES: [&str; 6] = [
    "desk.toml",
    "departments.toml",
    "classifications.toml",
    "replies.toml",
    "plugins.toml",
    KEYRING_FILE,
];

/// What came of a set of files: what can be used of it, *and* all problems.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The rules; `None` if there is any error.
    pub checked: Option<Checked>,
    /// With errors: what could be read all the same, good enough to look for further problems and for nothing else.
    pub doubtful: Option<Checked>,
    /// Errors and warnings, by file and line.
    pub problems: Vec<Diagnostic>,
    /// The files they were read from.
    pub files: Files,
}

impl Loaded {
    /// The problems as people and programs read them.
    pub fn report(&self) -> Report<'_> {
        Report::new(&self.files, &self.problems)
    }

    /// Takes further problems, found by those who run the plugins; an error takes the rules away.
    pub fn add_problems(&mut self, problems: Vec<Diagnostic>) {
        self.problems.extend(problems);
        sort(&mut self.problems);
        if self.problems.iter().any(Diagnostic::is_error) {
            self.checked = None;
        }
    }
}

/// One generation of rules, checked.
#[derive(Clone, Debug)]
pub struct Checked {
    /// Its name: a digest of everything it was made of.
    pub generation: Generation,
    /// What the desk decides with.
    pub domain: Arc<Rules>,
    /// What `desk.toml` says for the rest of the engine.
    pub desk: DeskSettings,
    /// Calendars by their ids.
    pub calendars: Calendars,
    /// Hours of each department.
    pub hours: BTreeMap<DepartmentId, DepartmentHours>,
    /// Canned replies, in the order of the file.
    pub replies: Vec<Reply>,
    /// Plugins, in the order of the file.
    pub plugins: Vec<PluginBinding>,
    /// Whether a plugin must be signed to be taken.
    pub signed: bool,
    /// By whom.
    pub keyring: Keyring,
    /// `[[test]]` cases of all files.
    pub tests: Vec<RuleTest>,
    /// The files it was read from.
    pub files: Files,
}

impl Checked {
    /// Whether a calendar is open at an instant; an unknown one is.
    pub fn calendar_open(&self, calendar: &str, at: Millis) -> bool {
        self.calendars.get(calendar).is_none_or(|calendar| calendar.is_open(at))
    }

    /// Whether a department is open at an instant.
    pub fn department_open(&self, department: &DepartmentId, at: Millis) -> bool {
        let calendar = self.hours.get(department).and_then(|hours| hours.calendar.as_ref());
        calendar.is_none_or(|calendar| self.calendar_open(calendar, at))
    }

    /// Departments that are outside their hours at an instant.
    pub fn closed_at(&self, at: Millis) -> BTreeSet<DepartmentId> {
        self.hours
            .keys()
            .filter(|department| !self.department_open(department, at))
            .cloned()
            .collect()
    }

    /// When a department opens next: `at` itself if it is open then, `None` if not within a year.
    pub fn next_opening(&self, department: &DepartmentId, at: Millis) -> Option<Millis> {
        match self.hours.get(department).and_then(|hours| hours.calendar.as_ref()) {
            Some(calendar) => self.calendars.get(calendar)?.next_open(at),
            None => Some(at),
        }
    }

    /// What a consumer reads outside a department's hours, `{opens}` filled in with the local day and time; `None` if the
    /// department is open or says nothing.
    pub fn closed_message(
        &self,
        department: &DepartmentId,
        language: &str,
        at: Millis,
    ) -> Option<String> {
        if self.department_open(department, at) {
            return None;
        }
        let hours = self.hours.get(department)?;
        let text = in_language(&hours.closed_message, language, &self.desk.languages)?;
        let opens = self
            .next_opening(department, at)
            .map(|at| local(&self.zone_of(hours), at))
            .unwrap_or_default();
        Some(text.replace("{opens}", &opens))
    }

    /// The canned replies for a department and those for all, in the order of the file: id, title and text in a language.
    pub fn replies_for<'a>(
        &'a self,
        department: Option<&'a DepartmentId>,
        language: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a str, &'a str)> {
        let usable = move |reply: &&Reply| {
            reply.departments.is_empty()
                || department.is_some_and(|department| reply.departments.contains(department))
        };
        self.replies.iter().filter(usable).filter_map(move |reply| {
            let languages = &self.desk.languages;
            let title = in_language(&reply.title, language, languages)?;
            Some((reply.id.as_str(), title, in_language(&reply.text, language, languages)?))
        })
    }

    /// The generation's name once the plugin packages are known, for those who look at packages only after reading the
    /// rules.
    #[must_use]
    pub fn with_packages(mut self, packages: &BTreeMap<String, [u8; 32]>) -> Self {
        self.generation = generation(&self.files, packages);
        self
    }

    fn zone_of(&self, hours: &DepartmentHours) -> TimeZone {
        let calendar = hours.calendar.as_ref().and_then(|id| self.calendars.get(id));
        calendar.map_or_else(|| self.desk.zone.clone(), |calendar| calendar.zone().clone())
    }
}

/// The text in a language, in the desk's first language, or in any.
pub fn in_language<'a>(
    text: &'a dialogo_domain::rules::Text,
    language: &str,
    languages: &[String],
) -> Option<&'a str> {
    let short = language.split(['-', '_']).next().unwrap_or(language);
    let wanted = [Some(language), Some(short), languages.first().map(String::as_str)];
    let found = wanted.into_iter().flatten().find_map(|language| text.get(language));
    found.or_else(|| text.values().next()).map(String::as_str)
}

/// `24/11 09:00`, as all three languages read it.
fn local(zone: &TimeZone, at: Millis) -> String {
    let stamp = i64::try_from(at.0).ok().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
    stamp.map_or_else(String::new, |stamp| {
        let local = zone.to_datetime(stamp);
        format!("{:02}/{:02} {:02}:{:02}", local.day(), local.month(), local.hour(), local.minute())
    })
}

/// Reads and checks everything.
pub fn load(source: &dyn Source) -> Loaded {
    let files = source.files().clone();
    let mut problems = Vec::new();
    let checked = read(source, &files, &mut problems);
    sort(&mut problems);
    let (checked, doubtful) =
        if problems.iter().any(Diagnostic::is_error) { (None, checked) } else { (checked, None) };
    Loaded { checked, doubtful, problems, files }
}

/// By file, place and severity; the same problem is told once.
fn sort(problems: &mut Vec<Diagnostic>) {
    problems.sort_by(|a, b| {
        (&a.place, a.severity, &a.code, &a.message)
            .cmp(&(&b.place, b.severity, &b.code, &b.message))
    });
    problems.dedup();
}

/// The files as TOML; `None` for one that is missing or could not be read.
struct Documents {
    desk: Option<Document>,
    departments: Option<Document>,
    classifications: Option<Document>,
    replies: Option<Document>,
    plugins: Option<Document>,
    keyring: Option<Document>,
}

impl Documents {
    fn parse(files: &Files, out: &mut Vec<Diagnostic>) -> Self {
        let mut parse =
            |path: &str| files.get(path).and_then(|bytes| Document::parse(path, bytes, out));
        Self {
            desk: parse("desk.toml"),
            departments: parse("departments.toml"),
            classifications: parse("classifications.toml"),
            replies: parse("replies.toml"),
            plugins: parse("plugins.toml"),
            keyring: parse(KEYRING_FILE),
        }
    }

    fn names(&self, files: &Files) -> Names {
        let ids = |document: &Option<Document>, path: &str, list: &str, below: Option<&str>| {
            match document {
                Some(document) => Some(ids_of(document, list, below)),
                // A file that is not there defines nothing; one that cannot be read, who knows what.
                None => files.get(path).is_none().then(BTreeMap::new),
            }
        };
        Names {
            languages: self.desk.as_ref().map(desk_file::languages).unwrap_or_default(),
            calendars: ids(&self.desk, "desk.toml", "calendar", None),
            departments: ids(&self.departments, "departments.toml", "department", None),
            nodes: ids(&self.classifications, "classifications.toml", "node", Some("child")),
            replies: ids(&self.replies, "replies.toml", "reply", None),
            switched_off: self
                .classifications
                .as_ref()
                .map(names::switched_off)
                .unwrap_or_default(),
        }
    }
}

fn read(source: &dyn Source, files: &Files, out: &mut Vec<Diagnostic>) -> Option<Checked> {
    let documents = Documents::parse(files, out);
    unknown_files(files, out);
    for required in
        ["desk.toml", "departments.toml"].into_iter().filter(|path| files.get(path).is_none())
    {
        let problem = Diagnostic::error(
            "missing-file",
            Place::file(required),
            format!("there is no `{}`", files.shown(required)),
        );
        out.push(problem.help("`dialogo init` writes a desk to begin with"));
    }
    let names = Arc::new(documents.names(files));
    let desk = documents.desk.as_ref().map(|document| desk_file::read(document, &names, out));
    let zone = desk.as_ref().map_or(TimeZone::UTC, |desk| desk.settings.zone.clone());
    let desk_rules = desk.as_ref().map_or_else(DeskRules::default, |desk| desk.rules.clone());
    let mut tests = Vec::new();

    let mut departments = DepartmentsFile::default();
    if let Some(document) = &documents.departments {
        departments = departments_file::read(document, &names, &desk_rules, out);
        tests.extend(rule_tests::read(document, &shapes::DEPARTMENTS, &names, &zone, out));
    }
    let mut tree = Tree::default();
    if let Some(document) = &documents.classifications {
        tree = classifications_file::read(document, &names, out);
        tests.extend(rule_tests::read(document, &shapes::CLASSIFICATIONS, &names, &zone, out));
    }
    let replies = documents
        .replies
        .as_ref()
        .map(|document| replies_file::read(document, &names, out))
        .unwrap_or_default();
    let keyring = documents.keyring.as_ref().map(|document| keyring_file::read(document, out));
    let keyring = keyring.unwrap_or_default();
    let mut plugins = PluginsFile::default();
    if let Some(document) = &documents.plugins {
        let settings = read_settings(document, files, &names, &zone, &mut tests, out);
        plugins = plugins_file::read(
            document,
            &Around { source, names: &names, settings: &settings, keyring: &keyring },
            out,
        );
    }
    rule_tests::same_names(&tests, out);
    if let Some(desk) = &desk {
        unused_calendars(desk, &departments, out);
    }
    default_classifications(&documents, &departments, &tree, out);

    let mut desk = desk?;
    if desk.settings.start_department.is_none() {
        desk.settings.start_department = departments.first;
    }
    Some(Checked {
        generation: generation(files, &plugins.packages),
        domain: Arc::new(Rules { desk: desk.rules, departments: departments.rules, tree }),
        desk: desk.settings,
        calendars: desk.calendars,
        hours: departments.hours,
        replies,
        plugins: plugins.bindings,
        signed: plugins.signed,
        keyring,
        tests,
        files: files.clone(),
    })
}

fn read_settings(
    plugins: &Document,
    files: &Files,
    names: &Arc<Names>,
    zone: &TimeZone,
    tests: &mut Vec<RuleTest>,
    out: &mut Vec<Diagnostic>,
) -> BTreeMap<String, Option<Settings>> {
    let mut settings = BTreeMap::new();
    let mut in_use = BTreeSet::new();
    for path in plugins_file::settings_paths(plugins) {
        in_use.insert(path.value.clone());
        if settings.contains_key(&path.value) {
            continue;
        }
        let Some(bytes) = files.get(&path.value) else { continue };
        let document = Document::parse(&path.value, bytes, out).map(Arc::new);
        if let Some(document) = &document {
            rule_tests::check_in_settings(document, &shapes::SETTINGS_TESTS, out);
            tests.extend(rule_tests::read(document, &shapes::SETTINGS_TESTS, names, zone, out));
        }
        settings.insert(
            path.value,
            document.map(|document| Settings::new(document, Arc::clone(names))),
        );
    }
    for path in files
        .paths()
        .filter(|path| path.starts_with("plugins/") && is_toml(path) && !in_use.contains(*path))
    {
        let message =
            format!("nothing uses `{}`: no plugin names it as its settings", files.shown(path));
        let problem = Diagnostic::warning("unused-file", Place::file(path), message);
        out.push(problem.help(format!("in plugins.toml: settings = \"{path}\"")));
    }
    settings
}

fn unknown_files(files: &Files, out: &mut Vec<Diagnostic>) {
    for path in files
        .paths()
        .filter(|path| is_toml(path) && !path.starts_with("plugins/") && !FILE_NAMES.contains(path))
    {
        let message = format!("nothing reads `{}`", files.shown(path));
        let missing: Vec<&str> =
            FILE_NAMES.into_iter().filter(|name| files.get(name).is_none()).collect();
        let near = did_you_mean(path, missing).unwrap_or_else(|| {
            format!("the rule files are {}, and those in plugins/", FILE_NAMES.join(", "))
        });
        out.push(Diagnostic::warning("unused-file", Place::file(path), message).help(near));
    }
}

fn is_toml(path: &str) -> bool {
    std::path::Path::new(path)
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("toml"))
}

fn unused_calendars(
    desk: &desk_file::DeskFile,
    departments: &DepartmentsFile,
    out: &mut Vec<Diagnostic>,
) {
    for (id, place) in &desk.calendar_places {
        let used = departments.hours.values().any(|hours| hours.calendar.as_ref() == Some(id));
        if !used && !departments.hours.is_empty() {
            let problem = Diagnostic::warning(
                "unused-calendar",
                place.clone(),
                format!("no department has the hours `{id}`"),
            );
            out.push(problem.help(format!("in departments.toml: hours = \"{id}\"")));
        }
    }
}

/// A default classification must be one that can be taken.
fn default_classifications(
    documents: &Documents,
    departments: &DepartmentsFile,
    tree: &Tree,
    out: &mut Vec<Diagnostic>,
) {
    let Some(document) = &documents.departments else { return };
    let places = departments_file::default_places(document);
    for (department, rules) in &departments.rules {
        let Some((id, node)) =
            rules.default_classification.as_ref().and_then(|id| tree.nodes.get_key_value(id))
        else {
            continue;
        };
        let Some(place) = places.get(department.as_str()) else { continue };
        let outside = !node.departments.is_empty() && !node.departments.contains(department);
        if !node.active || outside {
            let why = if outside {
                format!("it is not meant for `{department}`")
            } else {
                "it is not active".to_owned()
            };
            out.push(Diagnostic::error(
                "contradiction",
                place.clone(),
                format!("`{id}` cannot be taken: {why}"),
            ));
        }
    }
}
