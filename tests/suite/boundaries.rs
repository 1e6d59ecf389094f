//! The direction of dependencies that `docs/architecture.md` draws: any other edge fails here.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// Who may depend on whom, inside the project.
const ALLOWED: &[(&str, &[&str])] = &[
    ("dialogo-domain", &[]),
    ("dialogo-model", &[]),
    ("dialogo-learn", &["dialogo-model"]),
    ("dialogo-host", &[]),
    ("dialogo-rules", &["dialogo-domain"]),
    ("dialogo-journal", &["dialogo-domain"]),
    ("dialogo-desk", &["dialogo-domain", "dialogo-host", "dialogo-journal", "dialogo-rules"]),
    (
        "dialogo-server",
        &["dialogo-desk", "dialogo-domain", "dialogo-host", "dialogo-journal", "dialogo-rules"],
    ),
    (
        "dialogo",
        &[
            "dialogo-desk",
            "dialogo-domain",
            "dialogo-host",
            "dialogo-journal",
            "dialogo-learn",
            "dialogo-model",
            "dialogo-rules",
            "dialogo-server",
            "dialogo-toolkit",
        ],
    ),
    ("dialogo-toolkit", &[]),
    ("dialogo-xtask", &["dialogo-toolkit"]),
];

/// What the pure crates may never pull in.
const NOT_IN_THE_DOMAIN: &[&str] = &["serde", "tokio", "rand", "getrandom", "std-io"];

#[test]
fn dependencies_run_in_the_drawn_direction() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(&root)
        .output()
        .expect("cargo metadata");
    let metadata: Value =
        serde_json::from_slice(&output.stdout).expect("cargo metadata prints JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    let allowed: BTreeMap<&str, BTreeSet<&str>> =
        ALLOWED.iter().map(|(name, to)| (*name, to.iter().copied().collect())).collect();
    let mut wrong = Vec::new();
    let mut seen = 0;
    for package in packages {
        let package_name = package["name"].as_str().unwrap_or_default();
        let Some(allowed) = allowed.get(package_name) else { continue };
        seen += 1;
        let edges = package["dependencies"].as_array().into_iter().flatten();
        // `kind` is null for an ordinary dependency, "dev" or "build" for the others.
        for name in
            edges.filter(|edge| edge["kind"].is_null()).filter_map(|edge| edge["name"].as_str())
        {
            let inside = name.starts_with("dialogo");
            let forbidden = package_name == "dialogo-domain" && NOT_IN_THE_DOMAIN.contains(&name);
            if (inside && !allowed.contains(name)) || forbidden {
                wrong.push(format!("{package_name} → {name}"));
            }
        }
    }
    assert_eq!(seen, ALLOWED.len(), "a crate of the map is missing");
    assert!(wrong.is_empty(), "edges that docs/architecture.md does not draw: {wrong:?}");
}
