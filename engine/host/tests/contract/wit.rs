//! The contract as `wit-parser` reads it, and its types spelled out.

use std::path::{Path, PathBuf};

use wit_parser::{Interface, Resolve, Type, TypeDef, TypeDefKind, TypeOwner, WorldItem};

/// The contract that this host speaks.
pub(crate) fn contract() -> Resolve {
    parse(include_str!("../../../../sdk/wit/dialogo-plugin.wit"))
}

pub(crate) fn parse(text: &str) -> Resolve {
    let mut resolve = Resolve::new();
    resolve.push_str("contract.wit", text).expect("WIT");
    resolve
}

/// A file of the repository.
pub(crate) fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

/// The interfaces as they stand in the text.
pub(crate) fn interfaces(resolve: &Resolve) -> impl Iterator<Item = &Interface> {
    let named = resolve.interfaces.iter().map(|(_, interface)| interface);
    named.filter(|interface| interface.name.is_some() && interface.clone_of.is_none())
}

/// The interfaces that a guest exports: the hooks.
pub(crate) fn hooks(resolve: &Resolve) -> Vec<&str> {
    let (_, all) =
        resolve.worlds.iter().find(|(_, world)| world.name == "host-all").expect("host-all");
    let exported = all.exports.values().filter_map(|item| match item {
        WorldItem::Interface { id, .. } => resolve.interfaces[*id].name.as_deref(),
        _ => None,
    });
    exported.collect()
}

/// Whether a type is only another interface's, made known by `use`.
pub(crate) fn is_used(resolve: &Resolve, interface: &str, of: &TypeDef) -> bool {
    matches!(of.kind, TypeDefKind::Type(Type::Id(id)) if owner(resolve, &resolve.types[id]) != Some(interface))
}

/// The interface that a type stands in.
pub(crate) fn owner<'a>(resolve: &'a Resolve, of: &TypeDef) -> Option<&'a str> {
    match of.owner {
        TypeOwner::Interface(id) => resolve.interfaces[id].name.as_deref(),
        TypeOwner::World(_) | TypeOwner::None => None,
    }
}

/// A type as in WIT; `named` writes the types that have a name, which are given with their interface.
pub(crate) fn spelled(
    resolve: &Resolve,
    of: &Type,
    named: &impl Fn(&str, &str) -> String,
) -> String {
    let Type::Id(id) = of else { return primitive(of).to_owned() };
    let definition = &resolve.types[*id];
    let all = |types: &[Type]| {
        types.iter().map(|one| spelled(resolve, one, named)).collect::<Vec<_>>().join(", ")
    };
    let or_nothing =
        |of: &Option<Type>| of.map_or_else(|| "_".to_owned(), |of| spelled(resolve, &of, named));
    match (&definition.kind, &definition.name) {
        (TypeDefKind::Type(aliased @ Type::Id(_)), Some(name)) => {
            match owner(resolve, definition) {
                Some(interface) if !is_used(resolve, interface, definition) => {
                    named(interface, name)
                }
                _ => spelled(resolve, aliased, named),
            }
        }
        (_, Some(name)) => named(owner(resolve, definition).unwrap_or_default(), name),
        (TypeDefKind::Option(inside), None) => {
            format!("option<{}>", spelled(resolve, inside, named))
        }
        (TypeDefKind::List(inside), None) => format!("list<{}>", spelled(resolve, inside, named)),
        (TypeDefKind::Tuple(tuple), None) => format!("tuple<{}>", all(&tuple.types)),
        (TypeDefKind::Result(result), None) => {
            format!("result<{}, {}>", or_nothing(&result.ok), or_nothing(&result.err))
        }
        (other, None) => panic!("the contract has no `{}` yet: spell it here", other.as_str()),
    }
}

fn primitive(of: &Type) -> &'static str {
    match of {
        Type::Bool => "bool",
        Type::U8 => "u8",
        Type::U16 => "u16",
        Type::U32 => "u32",
        Type::U64 => "u64",
        Type::S8 => "s8",
        Type::S16 => "s16",
        Type::S32 => "s32",
        Type::S64 => "s64",
        Type::F32 => "f32",
        Type::F64 => "f64",
        Type::Char => "char",
        Type::String => "string",
        Type::ErrorContext => "error-context",
        Type::Id(_) => unreachable!("a type with an id is no primitive"),
    }
}
