//! `dialogo plugin new`: a project that builds, with one passing case for each hook.
//!
//! The templates lie in `sdk/templates`: what all languages share in `every`, the rest in a folder for each language; in
//! both, `base` is always written and `hooks/HOOK` for each hook chosen. Files that end in `.j2` are templates of
//! minijinja. The SDK is written beside them, since it is published nowhere else.

use std::path::PathBuf;

use anyhow::{Context, Result};
use dialogo_host::{Hook, manifest};
use dialogo_toolkit::build::Lang;
use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, context};
use serde_json::json;

use crate::embedded;
use crate::output::{self, Exit, Failure};

/// The lock file of the first-party plugins: a project begins with the versions that are known to work.
const CARGO_LOCK: &str = include_str!("../../../../../plugins/Cargo.lock");

pub(super) struct Wanted<'a> {
    pub(super) name: &'a str,
    pub(super) hooks: &'a [String],
    pub(super) lang: Lang,
    pub(super) folder: Option<PathBuf>,
    pub(super) json: bool,
}

pub(super) fn run(wanted: &Wanted<'_>) -> Result<Exit> {
    let hooks = hooks(wanted.hooks)?;
    if !manifest::is_id(wanted.name) {
        let what = format!("`{}` cannot be a plugin's name", wanted.name);
        let todo = "use 1 to 64 characters of a-z, 0-9 and \"-\"";
        return Err(Failure::usage(what, todo).into());
    }
    let folder = wanted.folder.clone().unwrap_or_else(|| PathBuf::from(wanted.name));
    if folder.read_dir().is_ok_and(|mut entries| entries.next().is_some()) {
        let what = format!("{} is there already and is not empty", folder.display());
        return Err(
            Failure::usage(what, "take another name, or another folder with --folder").into()
        );
    }
    let files = files(wanted.name, &hooks, wanted.lang)?;
    for (path, content) in &files {
        dialogo_toolkit::files::replace(&folder.join(path), content)?;
    }
    if wanted.json {
        let paths: Vec<&String> = files.iter().map(|(path, _)| path).collect();
        output::say_json(&json!({ "folder": folder, "files": paths }));
    } else {
        output::say(format!("{} is a plugin in {}: {}", wanted.name, wanted.lang, names(&hooks)));
        output::say(format!("\n  cd {}\n  dialogo plugin test", folder.display()));
    }
    Ok(Exit::Good)
}

fn names(hooks: &[Hook]) -> String {
    hooks.iter().map(|hook| hook.name()).collect::<Vec<_>>().join(", ")
}

/// The hooks in the contract's order, each once.
fn hooks(asked: &[String]) -> Result<Vec<Hook>> {
    for name in asked {
        if name.parse::<Hook>().is_err() {
            let what = format!("there is no hook `{name}`");
            return Err(Failure::usage(what, format!("choose from {}", names(&Hook::ALL))).into());
        }
    }
    let chosen: Vec<Hook> =
        Hook::ALL.into_iter().filter(|hook| asked.iter().any(|name| name == hook.name())).collect();
    if chosen.iter().all(|hook| *hook == Hook::Setup) {
        let todo = "it is asked nothing with `setup` alone: --hook classifier,setup";
        return Err(Failure::usage("at least one hook besides `setup` is needed", todo).into());
    }
    Ok(chosen)
}

/// Everything that is written: paths below the folder, and contents.
fn files(name: &str, hooks: &[Hook], lang: Lang) -> Result<Vec<(String, Vec<u8>)>> {
    let mut chosen = vec!["templates/every/base/".to_owned(), format!("templates/{lang}/base/")];
    for hook in hooks {
        chosen.push(format!("templates/every/hooks/{hook}/"));
        chosen.push(format!("templates/{lang}/hooks/{hook}/"));
    }
    let mut files = Vec::new();
    for folder in &chosen {
        for (path, bytes) in embedded::sdk_below(folder) {
            // In Rust it is made of the type of the settings.
            if lang == Lang::Rust && path == "settings.schema.json.j2" {
                continue;
            }
            files.push(rendered(path, bytes, name, hooks, lang)?);
        }
    }
    for part in ["wit/".to_owned(), format!("{lang}/")] {
        for (path, bytes) in embedded::sdk_below(&part) {
            let bytes = match path {
                "Cargo.toml" => alone(bytes)?,
                _ => bytes.to_vec(),
            };
            files.push((format!("sdk/{part}{path}"), bytes));
        }
    }
    if lang == Lang::Rust {
        files.push(("Cargo.lock".to_owned(), CARGO_LOCK.into()));
    }
    Ok(files)
}

fn rendered(
    path: &str,
    bytes: &[u8],
    name: &str,
    hooks: &[Hook],
    lang: Lang,
) -> Result<(String, Vec<u8>)> {
    let shown = path.replace("dot-gitignore", ".gitignore");
    let Some(plain) = shown.strip_suffix(".j2") else { return Ok((shown, bytes.to_vec())) };
    let text = std::str::from_utf8(bytes).with_context(|| format!("{path} is not UTF-8"))?;
    let mut templates = Environment::new();
    let whole_lines = SyntaxConfig::builder().keep_trailing_newline(true).build();
    templates.set_syntax(whole_lines.context("the templates' syntax is wrong")?);
    templates.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    let hooks: Vec<&str> = hooks.iter().map(|hook| hook.name()).collect();
    let values = context! {
        id => name,
        module => name.replace('-', "_"),
        title => title(name),
        api => manifest::API,
        lang => lang.name(),
        language => language(lang),
        hooks => hooks,
    };
    let text = templates
        .render_str(text, values)
        .with_context(|| format!("the template {path} is wrong"))?;
    Ok((plain.to_owned(), text.into_bytes()))
}

/// `boleto-words` -> `Boleto words`
fn title(name: &str) -> String {
    let mut letters = name.chars().map(|letter| if letter == '-' { ' ' } else { letter });
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn language(lang: Lang) -> &'static str {
    match lang {
        Lang::Rust => "Rust",
        Lang::Js => "JavaScript",
        Lang::Python => "Python",
        Lang::C => "C",
    }
}

/// The SDK's manifest without the workspace it lives in.
fn alone(manifest: &[u8]) -> Result<Vec<u8>> {
    let text = std::str::from_utf8(manifest).context("the SDK's manifest is not UTF-8")?;
    let mut document: toml_edit::DocumentMut =
        text.parse().context("the SDK's manifest cannot be read")?;
    if let Some(package) = document.get_mut("package").and_then(|item| item.as_table_mut()) {
        package.remove("workspace");
    }
    document.remove("lints");
    Ok(document.to_string().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_choice_of_hooks_renders_in_every_language() {
        let each = Hook::ALL.iter().map(|hook| vec![*hook]);
        for hooks in each.chain([Hook::ALL.to_vec()]) {
            let files = files("my-words", &hooks, Lang::Js).expect("rendered");
            let text = |name: &str| {
                let (_, bytes) = files.iter().find(|(path, _)| path == name).expect(name);
                String::from_utf8(bytes.clone()).expect("UTF-8")
            };
            let schema: serde_json::Value =
                serde_json::from_str(&text("settings.schema.json")).expect("JSON");
            assert!(schema["properties"].is_object());
            for hook in &hooks {
                assert!(text("plugin.toml").contains(&format!("\"{hook}\"")));
                assert!(files.iter().any(|(path, _)| *path == format!("cases/{hook}.toml")));
            }
            assert!(!files.iter().any(|(path, _)| path.ends_with(".j2")));
        }
    }

    #[test]
    fn names_become_titles() {
        assert_eq!(title("boleto-words"), "Boleto words");
    }
}
