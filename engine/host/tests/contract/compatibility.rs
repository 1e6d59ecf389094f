//! Whether the contract still fits the plugins that were built against a released version of it.
//!
//! Inside a major version nothing is removed or changed; types must match exactly, and one added field breaks old guests.
//! What may be added: facts (which are data), whole interfaces, and functions and types of interfaces that guests *import*.

use std::collections::BTreeMap;

use expect_test::{Expect, expect};
use wit_parser::{Resolve, TypeDef, TypeDefKind};

use super::wit::{contract, hooks, interfaces, is_used, parse, repository, spelled};

/// What `now` breaks for plugins built against `frozen`: a sentence each.
fn breaks(frozen: &Resolve, now: &Resolve) -> Vec<String> {
    let (was, is) = (shapes(frozen), shapes(now));
    let mut broken = Vec::new();
    for (name, shape) in &was {
        match is.get(name) {
            None => broken.push(format!("{name} is gone")),
            Some(changed) if changed != shape => {
                broken.push(format!("{name} was `{shape}` and is `{changed}`"));
            }
            Some(_) => {}
        }
    }
    for hook in hooks(frozen) {
        let inside = format!("{hook}.");
        let added = is.keys().filter(|name| name.starts_with(&inside) && !was.contains_key(*name));
        broken.extend(
            added.map(|name| format!("{name} is new in a hook, which old plugins do not export")),
        );
    }
    broken
}

/// Everything a guest is compiled against, by `interface.name`, spelled out.
fn shapes(resolve: &Resolve) -> BTreeMap<String, String> {
    let mut shapes = BTreeMap::new();
    let package = resolve.packages.iter().next().expect("one package").1;
    let version = package.name.version.as_ref().expect("a version");
    let line = format!(
        "{}:{}@{}.{}",
        package.name.namespace, package.name.name, version.major, version.minor
    );
    shapes.insert("the package".to_owned(), line);
    let hooks = hooks(resolve);
    for interface in interfaces(resolve) {
        let name = interface.name.as_deref().expect("named");
        let role = if hooks.contains(&name) { "hook" } else { "imported" };
        shapes.insert(format!("{name}."), role.to_owned());
        for (of, id) in &interface.types {
            let definition = &resolve.types[*id];
            if !is_used(resolve, name, definition) {
                shapes.insert(format!("{name}.{of}"), shape(resolve, definition));
            }
        }
        for (of, function) in &interface.functions {
            let given = function.params.iter().map(|given| (given.name.as_str(), Some(given.ty)));
            let answer =
                function.result.map_or_else(|| "nothing".to_owned(), |of| full(resolve, &of));
            shapes.insert(
                format!("{name}.{of}"),
                format!("func({}) -> {answer}", list(resolve, given)),
            );
        }
    }
    shapes
}

fn shape(resolve: &Resolve, of: &TypeDef) -> String {
    match &of.kind {
        TypeDefKind::Record(record) => {
            let fields = record.fields.iter().map(|field| (field.name.as_str(), Some(field.ty)));
            format!("record {}", list(resolve, fields))
        }
        TypeDefKind::Variant(variant) => {
            let cases = variant.cases.iter().map(|case| (case.name.as_str(), case.ty));
            format!("variant {}", list(resolve, cases))
        }
        TypeDefKind::Enum(cases) => {
            format!(
                "enum {}",
                list(resolve, cases.cases.iter().map(|case| (case.name.as_str(), None)))
            )
        }
        TypeDefKind::Type(aliased) => format!("type {}", full(resolve, aliased)),
        other => panic!("the contract has no `{}` yet: spell it here", other.as_str()),
    }
}

fn list<'a>(
    resolve: &Resolve,
    parts: impl Iterator<Item = (&'a str, Option<wit_parser::Type>)>,
) -> String {
    let part = |(name, of): (&str, Option<wit_parser::Type>)| match of {
        Some(of) => format!("{name}: {}", full(resolve, &of)),
        None => name.to_owned(),
    };
    parts.map(part).collect::<Vec<_>>().join(", ")
}

fn full(resolve: &Resolve, of: &wit_parser::Type) -> String {
    spelled(resolve, of, &|interface, name| format!("{interface}.{name}"))
}

#[test]
fn the_contract_fits_every_released_one() {
    let folder = repository("tests/data/contract");
    let mut seen = 0;
    for version in std::fs::read_dir(&folder).expect("tests/data/contract") {
        let path = version.expect("an entry").path().join("contract.wit");
        let text = std::fs::read_to_string(&path)
            .unwrap_or_else(|fault| panic!("{}: {fault}", path.display()));
        let broken = breaks(&parse(&text), &contract());
        assert!(
            broken.is_empty(),
            "plugins built against {} would no longer load:\n  {}\nput what is new into facts, into new functions of \
             imported interfaces, or into new interfaces",
            path.display(),
            broken.join("\n  ")
        );
        seen += 1;
    }
    assert!(seen > 0, "no released contract");
}

/// Changes the contract's text and tells what that breaks.
fn check(changes: &[(&str, &str)], expect: &Expect) {
    let whole = include_str!("../../../../sdk/wit/dialogo-plugin.wit");
    // Without the comments, so that a change needs no knowledge of them.
    let text: Vec<&str> =
        whole.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let text = text.join("\n");
    let mut changed = text.clone();
    for (from, to) in changes {
        assert_eq!(changed.matches(from).count(), 1, "`{from}` must stand there once");
        changed = changed.replace(from, to);
    }
    expect.assert_eq(&breaks(&parse(&text), &parse(&changed)).join("\n"));
}

#[test]
fn what_breaks_plugins_is_named() {
    check(
        &[("load: u32,\n", "load: u32,\n        mood: option<string>,\n")],
        &expect![
            "types.agent was `record id: types.id, presence: types.presence, load: u32, capacity: u32, departments: list<types.id>, skills: list<string>` and is `record id: types.id, presence: types.presence, load: u32, mood: option<string>, capacity: u32, departments: list<types.id>, skills: list<string>`"
        ],
    );
    check(
        &[("rated,\n", "")],
        &expect![
            "observer.event was `enum opened, assigned, transferred, classified, message-sent, message-denied, closed, rated` and is `enum opened, assigned, transferred, classified, message-sent, message-denied, closed`"
        ],
    );
    check(
        &[(
            "misconfigured(string),\n        unavailable(string),",
            "unavailable(string),\n        misconfigured(string),",
        )],
        &expect![
            "types.plugin-error was `variant not-applicable, misconfigured: string, unavailable: string, internal: string` and is `variant not-applicable, unavailable: string, misconfigured: string, internal: string`"
        ],
    );
    check(
        &[("get: func(id: string)", "get: func(id: string, deep: bool)")],
        &expect![
            "catalogue.get was `func(id: string) -> option<catalogue.node>` and is `func(id: string, deep: bool) -> option<catalogue.node>`"
        ],
    );
    check(
        &[("read: func(name: string) -> option<list<u8>>;", "open: func() -> u32;")],
        &expect!["assets.read is gone"],
    );
    check(
        &[("prepare: func(", "forget: func();\n    prepare: func(")],
        &expect!["setup.forget is new in a hook, which old plugins do not export"],
    );
    check(
        &[("dialogo:plugin@0.1.0", "dialogo:plugin@0.2.0")],
        &expect!["the package was `dialogo:plugin@0.1` and is `dialogo:plugin@0.2`"],
    );
    check(
        &[("type millis = u64", "type millis = s64")],
        &expect!["types.millis was `type u64` and is `type s64`"],
    );
}

#[test]
fn what_breaks_nobody_is_allowed() {
    check(
        &[
            ("dialogo:plugin@0.1.0", "dialogo:plugin@0.1.3"),
            (
                "read: func(name: string)",
                "record entry { name: string }\n    names: func() -> list<entry>;\n    read: func(name: string)",
            ),
            (
                "interface observer {",
                "interface survey { ask: func() -> string; }\ninterface observer {",
            ),
        ],
        &expect![""],
    );
}
