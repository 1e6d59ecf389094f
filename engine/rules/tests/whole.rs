//! Whole desks: the shipped one, a very large one, and many with random damage.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use dialogo_domain::id::DepartmentId;
use dialogo_domain::time::Millis;
use dialogo_rules::{Files, Package, PackageFacts, Source, load, schemas, settings_schema};

/// The rule files that are shipped. Settings of plugins are added where they are there.
fn shipped() -> Files {
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config");
    let mut files = BTreeMap::new();
    for folder in ["", "plugins/"] {
        let Ok(entries) = std::fs::read_dir(config.join(folder)) else { continue };
        for entry in
            entries.map(Result::unwrap).filter(|entry| entry.file_type().unwrap().is_file())
        {
            let name = format!("{folder}{}", entry.file_name().to_str().unwrap());
            files.insert(name, std::fs::read(entry.path()).unwrap());
        }
    }
    Files::from_map(files).shown_under("config")
}

#[test]
fn the_shipped_desk_has_no_problems() {
    let loaded = load(&shipped());
    let text = loaded.report().text(false, None);
    let checked = loaded.checked.unwrap_or_else(|| panic!("{text}"));
    assert!(loaded.problems.is_empty(), "{text}");
    assert_eq!(checked.domain.desk.limit, 4);
    assert_eq!(checked.plugins.len(), 6);
    let nodes = checked.domain.tree.nodes.len();
    assert!((25..=60).contains(&nodes), "{nodes} nodes");
}

/// The shipped files beside the plugins in the source tree.
struct WithPlugins(Files);

impl Source for WithPlugins {
    fn files(&self) -> &Files {
        &self.0
    }

    fn package(&self, file: &str) -> Package {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../plugins")
            .join(file.trim_end_matches(".wasm"));
        let manifest: toml::Table =
            std::fs::read_to_string(folder.join("plugin.toml")).unwrap().parse().unwrap();
        let texts = |key: &str| {
            let listed = manifest[key].as_array().unwrap().iter();
            listed.map(|text| text.as_str().unwrap().to_owned()).collect()
        };
        let schema = std::fs::read(folder.join("settings.schema.json")).unwrap();
        Package::Found(PackageFacts {
            hooks: texts("hooks"),
            needs: texts("permissions"),
            settings_schema: Some(serde_json::from_slice(&schema).unwrap()),
            ..PackageFacts::default()
        })
    }
}

#[test]
fn the_shipped_settings_fit_the_plugins_of_this_repository() {
    let loaded = load(&WithPlugins(shipped()));
    assert!(loaded.problems.is_empty(), "{}", loaded.report().text(false, None));
}

#[test]
fn the_shipped_hours() {
    let checked = load(&shipped()).checked.unwrap();
    // Sunday, 22 November 2026, noon in São Paulo.
    let sunday = Millis(1_795_359_600_000);
    let closed = checked.closed_at(sunday);
    assert_eq!(closed.into_iter().collect::<Vec<_>>(), [DepartmentId::from("financeiro")]);
    let said = checked.closed_message(&"financeiro".into(), "pt-BR", sunday);
    assert_eq!(said.unwrap(), "O financeiro atende em horário comercial e volta em 23/11 09:00.");
    assert_eq!(checked.closed_message(&"suporte".into(), "pt-BR", sunday), None);
    assert!(checked.closed_at(Millis(sunday.0 + 24 * 3_600_000)).is_empty());
}

#[test]
fn the_tests_of_departments_hold() {
    use dialogo_rules::{Expect, Subject};
    let checked = load(&shipped()).checked.unwrap();
    let mut tried = 0;
    for test in &checked.tests {
        let Subject::Hours(department) = &test.subject else { continue };
        for expectation in &test.expect {
            let Expect::Open(open) = &expectation.expect else { panic!("{}", test.name) };
            assert_eq!(
                checked.department_open(department, test.situation.at),
                *open,
                "{}",
                test.name
            );
            tried += 1;
        }
    }
    assert!(tried >= 4);
}

#[test]
fn the_shipped_files_fit_the_schemas_for_editors() {
    let files = shipped();
    let schemas: BTreeMap<&str, serde_json::Value> = schemas().into_iter().collect();
    for (path, bytes) in files.iter() {
        let schema =
            if path.starts_with("plugins/") { &schemas["plugins/*.toml"] } else { &schemas[path] };
        let table: toml::Table = std::str::from_utf8(bytes).unwrap().parse().unwrap();
        let instance = serde_json::to_value(table).unwrap();
        let validator = jsonschema::validator_for(schema).unwrap();
        let errors: Vec<String> = validator
            .iter_errors(&instance)
            .map(|error| format!("{path}{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }
}

#[test]
fn the_schemas_refuse_what_the_checks_refuse() {
    let schemas: BTreeMap<&str, serde_json::Value> = schemas().into_iter().collect();
    for (path, text) in [
        ("desk.toml", "name = 7"),
        ("desk.toml", "name = \"a\"\nlimt = 4"),
        ("desk.toml", "name = \"a\"\nlimit = 0"),
        ("desk.toml", "name = \"a\"\n[finish]\nclassification = \"x\""),
        ("desk.toml", "name = \"a\"\n[routing]\ngrace = \"30\""),
        ("departments.toml", "[[department]]\nid = \"A b\"\nname = \"x\""),
        ("classifications.toml", "[[node]]\nid = \"a\"\nname = \"x\"\n[[node.child]]\nid = \"b\""),
        ("plugins.toml", "[[plugin]]\nid = \"a\"\nfile = \"a.wasm\"\nhooks = [\"x\"]"),
    ] {
        let instance = serde_json::to_value(text.parse::<toml::Table>().unwrap()).unwrap();
        assert!(!jsonschema::is_valid(&schemas[path], &instance), "{path}: {text}");
    }
}

#[test]
fn a_package_schema_gets_the_tests_added() {
    let package = serde_json::json!({ "additionalProperties": false, "properties": { "x": { "type": "integer" } } });
    let schema = settings_schema(&package);
    let with = |text: &str| {
        jsonschema::is_valid(
            &schema,
            &serde_json::to_value(text.parse::<toml::Table>().unwrap()).unwrap(),
        )
    };
    assert!(with("x = 1\n[[test]]\nname = \"a\"\nconsumer = \"b\"\nsuggests = []"));
    assert!(!with("x = 1\n[[test]]\nnam = \"a\""));
    assert!(!with("y = 1"));
}

/// 5,000 nodes and 1,000 keyword rules: the bound is for computing time on one core, so that a reload stays far below
/// what an admin notices.
#[test]
fn a_very_large_desk_loads_fast() {
    let mut tree = String::new();
    for mother in 0..50 {
        let _ = writeln!(
            tree,
            "[[node]]\nid = \"m{mother}\"\nname = {{ pt = \"Mãe {mother}\", en = \"Mother {mother}\" }}"
        );
        for child in 0..99 {
            let _ = writeln!(
                tree,
                "[[node.child]]\nid = \"m{mother}.c{child}\"\nname = {{ pt = \"Filha {child}\" }}"
            );
        }
    }
    let mut rules = String::new();
    for rule in 0..1_000 {
        let _ = writeln!(
            rules,
            "[[rule]]\nnode = \"m{}.c{}\"\nany = ['\\bpalavra{rule}\\b', '\\boutra{rule}s?\\b']\nweight = 0.8",
            rule % 50,
            rule % 99
        );
    }
    let files = Files::from_map([
        ("desk.toml", b"name = \"A\"\nlanguages = [\"pt\", \"en\"]\n".to_vec()),
        (
            "departments.toml",
            b"[[department]]\nid = \"a\"\nname = \"A\"\nmembers = [\"ana\"]\n".to_vec(),
        ),
        ("classifications.toml", tree.into_bytes()),
        (
            "plugins.toml",
            b"[[plugin]]\nid = \"k\"\nfile = \"k.wasm\"\nsettings = \"plugins/k.toml\"\n".to_vec(),
        ),
        ("plugins/k.toml", rules.into_bytes()),
    ]);
    let best = (0..5).map(|_| timed(&files)).min().unwrap();
    println!("a desk of 5,000 nodes and 1,000 rules loads in {best:?}");
    assert!(best < Duration::from_millis(100), "{best:?}");
}

fn timed(files: &Files) -> Duration {
    let start = cpu_time();
    let loaded = load(files);
    let took = cpu_time().saturating_sub(start);
    assert_eq!(loaded.checked.unwrap().domain.tree.nodes.len(), 5_000);
    took
}

/// Time this thread has spent computing, so that a busy machine does not count; elsewhere than on Linux, the wall's.
fn cpu_time() -> Duration {
    static START: std::sync::LazyLock<Instant> = std::sync::LazyLock::new(Instant::now);
    let spent = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let spent = spent.and_then(|text| text.split(' ').next()?.parse().ok());
    spent.map_or_else(|| START.elapsed(), Duration::from_nanos)
}

/// Numbers from a seed, the same on every machine (`SplitMix64`).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, most: usize) -> usize {
        (self.next() % most.max(1) as u64) as usize
    }
}

/// Shipped files with bytes changed, lines moved and values swapped, and plain noise: never a panic, and every problem can
/// be shown.
#[test]
fn nothing_that_is_written_makes_it_panic() {
    let shipped = shipped();
    let values = [
        "7",
        "-1",
        "true",
        "\"x\"",
        "\"never\"",
        "[]",
        "[[1]]",
        "{ a = 1 }",
        "2026-01-01",
        "09:00",
        "1e400",
        "nan",
        "\"ção\\u0000\"",
        "''",
        "99999999999999999999",
        "{ pt = [] }",
    ];
    for seed in 0..1_500 {
        let mut dice = Dice(seed);
        let mut files: BTreeMap<String, Vec<u8>> =
            shipped.iter().map(|(path, bytes)| (path.to_owned(), bytes.to_vec())).collect();
        let paths: Vec<String> = files.keys().cloned().collect();
        for _ in 0..=dice.below(4) {
            let path = &paths[dice.below(paths.len())];
            let bytes = files.get_mut(path).unwrap();
            match dice.below(5) {
                0 => {
                    for _ in 0..=dice.below(5) {
                        let at = dice.below(bytes.len());
                        if let Some(byte) = bytes.get_mut(at) {
                            *byte = dice.next() as u8;
                        }
                    }
                }
                1 => bytes.truncate(dice.below(bytes.len())),
                2 => *bytes = swapped_values(bytes, &values, &mut dice),
                3 => *bytes = without_lines(bytes, &mut dice),
                _ => *bytes = (0..dice.below(300)).map(|_| dice.next() as u8).collect(),
            }
        }
        let loaded = load(&Files::from_map(files));
        let report = loaded.report();
        assert!(!report.text(seed % 2 == 0, None).is_empty(), "seed {seed}");
        assert_eq!(report.located().len(), loaded.problems.len(), "seed {seed}");
        assert_eq!(
            loaded.checked.is_none(),
            loaded.problems.iter().any(dialogo_rules::Diagnostic::is_error),
            "seed {seed}"
        );
    }
}

fn swapped_values(bytes: &[u8], values: &[&str], dice: &mut Dice) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes);
    let lines = text.lines().map(|line| match line.split_once('=') {
        Some((key, _)) if dice.below(6) == 0 => {
            format!("{key}= {}", values[dice.below(values.len())])
        }
        _ => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n").into_bytes()
}

fn without_lines(bytes: &[u8], dice: &mut Dice) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes);
    text.lines().filter(|_| dice.below(8) != 0).collect::<Vec<_>>().join("\n").into_bytes()
}
