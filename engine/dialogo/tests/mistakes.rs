//! Mistakes that admins make, one each, in the rules a desk begins with: what is said of them, exactly as it is read, by the
//! same check that a reload goes through, plugins and all.
//!
//! The mistakes are in `tests/data/mistakes`. `UPDATE_EXPECT=1` writes what is said; read it aloud before you keep it.

use std::fs;
use std::path::{Path, PathBuf};

use dialogo_desk::rules::{Folders, load, tree};
use dialogo_domain::Millis;
use dialogo_host::{Host, HostConfig};
use dialogo_rules::Report;
use expect_test::expect_file;
use serde::Deserialize;

#[derive(Deserialize)]
struct Mistakes {
    mistake: Vec<Mistake>,
}

#[derive(Deserialize)]
struct Mistake {
    name: String,
    file: String,
    find: Option<String>,
    put: String,
}

/// A Monday in November 2026, ten in the morning in Brazil.
const NOW: Millis = Millis(1_795_438_800_000);

#[test]
fn each_is_told_with_its_place_and_what_to_do() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let data = root.join("tests/data/mistakes");
    let text = fs::read_to_string(data.join("mistakes.toml")).unwrap();
    let mistakes: Mistakes = toml_edit::de::from_str(&text).unwrap();
    assert!(mistakes.mistake.len() >= 40, "only {} mistakes", mistakes.mistake.len());
    let plugins = std::env::var_os("DIALOGO_PLUGINS")
        .map_or_else(|| root.join("target/plugins"), PathBuf::from);
    let host = Host::new(HostConfig::default()).unwrap();
    let rules = root.join("config");
    let good = tree::read(&Folders { config: rules.clone(), plugins: plugins.clone() }).unwrap();
    let good = load::check(&host, &good, None, NOW, &mut |_, _| ());
    let good =
        good.rules.unwrap_or_else(|| panic!("the default rules are wrong:\n{}", good.report));

    for mistake in mistakes.mistake {
        let place = tempfile::tempdir().unwrap();
        let config = place.path().join("config");
        copy(&rules, &config);
        let file = config.join(&mistake.file);
        let before = fs::read_to_string(&file).unwrap();
        let after = match &mistake.find {
            Some(find) => {
                assert!(before.contains(find.as_str()), "{}: nothing to replace", mistake.name);
                before.replacen(find.as_str(), &mistake.put, 1)
            }
            None => format!("{before}\n{}\n", mistake.put),
        };
        fs::write(&file, after).unwrap();
        let tree = tree::read(&Folders { config, plugins: plugins.clone() }).unwrap();
        let loaded = load::check(&host, &tree, Some(&good), NOW, &mut |_, _| ());
        let said = Report::new(&tree.files, &loaded.problems).text(false, None);
        let expected = data.join("said").join(format!("{}.txt", mistake.name));
        expect_file![expected].assert_eq(&said);
        assert!(!loaded.problems.is_empty(), "{}: nothing is said of it", mistake.name);
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to.join(entry.file_name()));
        } else {
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}
