//! The page for partners, made from the contract's own comments. `UPDATE_EXPECT=1` writes it anew.

use std::fmt::Write as _;

use expect_test::expect_file;
use wit_parser::{Docs, Function, Interface, Resolve, Type, TypeDef, TypeDefKind};

use super::wit::{contract, hooks, interfaces, is_used, spelled};

const HEAD: &str = "\
# The contract

<!-- Made from sdk/wit/dialogo-plugin.wit by the host's tests; change it there, then run
     `UPDATE_EXPECT=1 cargo test -p dialogo-host --test contract`. -->

What a plugin may export (its [hooks](#hooks)) and import (its [permissions](#permissions)), every function and field of it.
The text that compilers read is `sdk/wit/dialogo-plugin.wit`; it is written down there in the
[language of component interfaces](https://component-model.bytecodealliance.org/design/wit.html). Which facts there are
stands in [facts.md](facts.md), how a plugin is packaged in [plugin-packages.md](plugin-packages.md).

| in the contract | Rust | JavaScript, TypeScript | Python | C |
| --- | --- | --- | --- | --- |
| field `opened-at` | `opened_at` | `openedAt` | `opened_at` | `opened_at` |
| enum case `on-hold` | `State::OnHold` | `\"on-hold\"` | `State.ON_HOLD` | `DIALOGO_PLUGIN_TYPES_STATE_ON_HOLD` |
| variant case `warn(why)` | `Verdict::Warn(why)` | `{ tag: \"warn\", val: why }` | `Verdict_Warn(why)` | a struct of `tag` and `val` |
| `option<string>` | `Option<String>` | `string \\| undefined` | `Optional[str]` | a struct of `is_some` and `val` |
| `result<A, B>` | `Result<A, B>` | returns A, throws B | returns A, raises `Err(B)` | returns `bool`, A and B by pointer |
| `u64` | `u64` | `bigint` | `int` | `uint64_t` |
| `list<u8>` | `Vec<u8>` | `Uint8Array` | `bytes` | a struct of `ptr` and `len` |
";

fn page(resolve: &Resolve) -> String {
    let hooks = hooks(resolve);
    let mut page = String::from(HEAD);
    type Chosen<'a> = &'a dyn Fn(&str) -> bool;
    let is_hook = |name: &str| hooks.contains(&name);
    let is_shared = |name: &str| name == "types";
    let is_permission = |name: &str| !is_hook(name) && !is_shared(name);
    let parts: [(&str, &str, Chosen<'_>); 3] = [
        ("Hooks", "A plugin exports any of them, and at least one besides `setup`.", &is_hook),
        (
            "Permissions",
            "A plugin imports what it uses; what it imports it must declare, and the operator must grant.",
            &is_permission,
        ),
        ("Shared shapes", "", &is_shared),
    ];
    for (title, text, chosen) in parts {
        write!(page, "\n## {title}\n").expect("a string");
        if !text.is_empty() {
            write!(page, "\n{text}\n").expect("a string");
        }
        for interface in interfaces(resolve) {
            let name = interface.name.as_deref().expect("named");
            if chosen(name) {
                write!(page, "\n### {name}\n\n{}\n", prose(&interface.docs)).expect("a string");
                section(resolve, interface, name, &mut page);
            }
        }
    }
    page
}

fn section(resolve: &Resolve, interface: &Interface, name: &str, page: &mut String) {
    for function in interface.functions.values() {
        let head = format!("#### {name}.{}", function.name);
        write!(
            page,
            "\n{head}\n\n{}\n\n```wit\n{}\n```\n",
            prose(&function.docs),
            signature(resolve, function)
        )
        .expect("a string");
    }
    for (of, id) in &interface.types {
        let definition = &resolve.types[*id];
        if is_used(resolve, name, definition) {
            continue;
        }
        let kind = definition.kind.as_str();
        write!(page, "\n#### {name}.{of}\n\n*{kind}* — {}\n", prose(&definition.docs))
            .expect("a string");
        table(resolve, definition, page);
    }
}

/// Fields or cases of a type, a row each.
fn table(resolve: &Resolve, definition: &TypeDef, page: &mut String) {
    let row = |name: &str, of: Option<&Type>, docs: &Docs| match of {
        Some(of) => format!("| `{name}` | {} | {} |", linked(resolve, of), prose(docs)),
        None => format!("| `{name}` | | {} |", prose(docs)),
    };
    let (head, rows): (_, Vec<String>) = match &definition.kind {
        TypeDefKind::Record(record) => (
            "| field | type | meaning |",
            record
                .fields
                .iter()
                .map(|field| row(&field.name, Some(&field.ty), &field.docs))
                .collect(),
        ),
        TypeDefKind::Variant(variant) => (
            "| case | with | meaning |",
            variant
                .cases
                .iter()
                .map(|case| row(&case.name, case.ty.as_ref(), &case.docs))
                .collect(),
        ),
        TypeDefKind::Enum(cases) => (
            "| case | | meaning |",
            cases.cases.iter().map(|case| row(&case.name, None, &case.docs)).collect(),
        ),
        TypeDefKind::Type(of) => {
            write!(page, "\nThe same as {}.\n", linked(resolve, of)).expect("a string");
            return;
        }
        other => panic!("the contract has no `{}` yet: describe it here", other.as_str()),
    };
    write!(page, "\n{head}\n| --- | --- | --- |\n{}\n", rows.join("\n")).expect("a string");
}

fn signature(resolve: &Resolve, function: &Function) -> String {
    let plain = |of: &Type| spelled(resolve, of, &|_, name| name.to_owned());
    let given: Vec<String> = function
        .params
        .iter()
        .map(|given| format!("{}: {}", given.name, plain(&given.ty)))
        .collect();
    let answer = function.result.map(|of| format!(" -> {}", plain(&of))).unwrap_or_default();
    let line = format!("{}: func({}){answer}", function.name, given.join(", "));
    if line.len() <= 100 {
        return line;
    }
    format!("{}: func(\n    {},\n){answer}", function.name, given.join(",\n    "))
}

/// A type with links to where its parts are described.
fn linked(resolve: &Resolve, of: &Type) -> String {
    let link = |interface: &str, name: &str| {
        format!("[`{name}`](#{})", format!("{interface}{name}").to_lowercase())
    };
    let text = spelled(resolve, of, &link);
    if text.contains('[') { text.replace('<', "\\<") } else { format!("`{text}`") }
}

fn prose(docs: &Docs) -> String {
    let text = docs.contents.as_deref().unwrap_or_default().trim();
    text.split("\n\n")
        .map(|paragraph| paragraph.replace('\n', " "))
        .collect::<Vec<_>>()
        .join("\n\n")
        .replace('|', "\\|")
}

#[test]
fn the_page_is_what_the_contract_says() {
    expect_file!["../../../../docs/guide/contract.md"].assert_eq(&page(&contract()));
}

#[test]
fn everything_is_described() {
    let resolve = contract();
    let mut bare = Vec::new();
    let mut look = |name: String, docs: &Docs| {
        if docs.contents.as_deref().is_none_or(|text| text.trim().is_empty()) {
            bare.push(name);
        }
    };
    for interface in interfaces(&resolve) {
        let name = interface.name.as_deref().expect("named");
        look(name.to_owned(), &interface.docs);
        for function in interface.functions.values() {
            look(format!("{name}.{}", function.name), &function.docs);
        }
        for (of, id) in &interface.types {
            let definition = &resolve.types[*id];
            if is_used(&resolve, name, definition) {
                continue;
            }
            look(format!("{name}.{of}"), &definition.docs);
            let mut inside = |part: &str, docs: &Docs| look(format!("{name}.{of}.{part}"), docs);
            match &definition.kind {
                TypeDefKind::Record(record) => {
                    record.fields.iter().for_each(|field| inside(&field.name, &field.docs));
                }
                TypeDefKind::Variant(variant) => {
                    variant.cases.iter().for_each(|case| inside(&case.name, &case.docs));
                }
                TypeDefKind::Enum(cases) => {
                    cases.cases.iter().for_each(|case| inside(&case.name, &case.docs));
                }
                _ => {}
            }
        }
    }
    assert!(bare.is_empty(), "not described in sdk/wit/dialogo-plugin.wit: {}", bare.join(", "));
}
