//! `plugin.toml`: what a plugin says about itself. Parsed and checked alone; against the component in `bind.rs`.
//!
//! The format is described for partners in `docs/guide/plugin-packages.md`.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::hook::{Grant, Hook};
use crate::patterns::PatternSource;

/// Contract version this host speaks.
pub const API: &str = "0.1";
/// Messages that a manifest may ask for.
pub const MAX_RECENT: u32 = 50;

/// A checked manifest.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// `a-z`, `0-9` and `-`.
    pub id: String,
    /// The plugin's own version.
    pub version: String,
    /// Contract version it was built against.
    pub api: String,
    /// One line.
    #[serde(default)]
    pub title: String,
    /// A few lines.
    #[serde(default)]
    pub description: String,
    /// Licence expression.
    pub licence: String,
    /// Hooks it exports.
    pub hooks: Vec<Hook>,
    /// What it wants to import or see.
    #[serde(default)]
    pub permissions: Vec<Grant>,
    /// Path of the JSON Schema of its settings inside the package.
    #[serde(default)]
    pub settings: Option<String>,
    /// Whether its sandbox may be used again.
    #[serde(default)]
    pub instances: Instances,
    /// What it needs to be told.
    #[serde(default)]
    pub needs: Needs,
    /// What it asks for.
    #[serde(default)]
    pub limits: AskedLimits,
    /// Where its patterns are.
    #[serde(default)]
    pub patterns: Patterns,
    /// How it is built from its sources. The host does not look at it; `dialogo plugin build` does.
    #[serde(default)]
    pub build: Option<Build>,
}

/// `[build]`; other keys belong to the recipe of the language.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Build {
    /// The language it is written in.
    pub lang: String,
    /// Where the SDK is, from the project's folder; without it, `sdk`.
    #[serde(default)]
    pub sdk: Option<String>,
}

/// `instances = "fresh"` or `{ reuse = N }`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Instances {
    /// A new sandbox for every call.
    #[default]
    Fresh,
    /// One sandbox for so many calls.
    Reuse(u32),
}

/// `[needs]`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Needs {
    /// Last messages in `conversation.recent`.
    pub recent_messages: u32,
}

/// `[limits]`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AskedLimits {
    /// CPU time per call.
    pub time_ms: Option<u32>,
    /// Linear memory per sandbox.
    pub memory_mib: Option<u32>,
    /// Data given to the host at once.
    pub output_kib: Option<u32>,
}

/// `[patterns]`
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Patterns {
    /// Sets and where their patterns stand in the settings.
    pub sets: Vec<PatternSource>,
}

/// What is wrong with a manifest.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// Not TOML, or not of this shape.
    #[error("the manifest cannot be read")]
    Format(#[source] toml::de::Error),
    /// A value that cannot be.
    #[error("`{key}` in the manifest: {problem}")]
    Value {
        /// Which key.
        key: &'static str,
        /// What is wrong with its value.
        problem: String,
    },
}

impl Manifest {
    /// Parses and checks.
    pub fn parse(text: &str) -> Result<Self, ManifestError> {
        let manifest: Manifest = toml::from_str(text).map_err(ManifestError::Format)?;
        manifest.check()?;
        Ok(manifest)
    }

    fn check(&self) -> Result<(), ManifestError> {
        let value = |key, problem: String| Err(ManifestError::Value { key, problem });
        if !is_id(&self.id) {
            return value(
                "id",
                format!("`{}` is not 1 to 64 characters of a-z, 0-9 and \"-\"", self.id),
            );
        }
        if self.version.is_empty() || self.version.len() > 64 {
            return value("version", "must have 1 to 64 characters".into());
        }
        if self.api != API && !self.api.starts_with(&format!("{API}.")) {
            return value(
                "api",
                format!("this host speaks {API}, the plugin was built against {}", self.api),
            );
        }
        if self.hooks.iter().all(|hook| *hook == Hook::Setup) {
            return value("hooks", "at least one hook besides `setup` is needed".into());
        }
        if let Some(hook) = repeated(&self.hooks) {
            return value("hooks", format!("`{hook}` is named twice"));
        }
        if self.needs.recent_messages > MAX_RECENT {
            return value("needs.recent_messages", format!("at most {MAX_RECENT}"));
        }
        if self.instances == Instances::Reuse(0) {
            return value("instances", "reuse = 0 makes no sense: write \"fresh\"".into());
        }
        if let Some(set) = self.patterns.sets.iter().find(|set| !set.pointer.starts_with('/')) {
            return value(
                "patterns.sets",
                format!("`{}` is not a JSON pointer: it must begin with /", set.pointer),
            );
        }
        if self.settings.as_deref().is_some_and(|path| !is_inside(path)) {
            return value("settings", "must be a path inside the package".into());
        }
        Ok(())
    }

    /// Whether it exports this hook.
    pub fn has(&self, hook: Hook) -> bool {
        self.hooks.contains(&hook)
    }
}

/// A path without `..`, drive or root.
pub(crate) fn is_inside(path: &str) -> bool {
    !path.is_empty()
        && std::path::Path::new(path)
            .components()
            .all(|part| matches!(part, std::path::Component::Normal(_)))
}

/// Whether a text can be a plugin's id: 1 to 64 characters of `a-z`, `0-9` and `-`.
pub fn is_id(id: &str) -> bool {
    (1..=64).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

fn repeated(hooks: &[Hook]) -> Option<Hook> {
    let mut seen = BTreeSet::new();
    hooks.iter().copied().find(|hook| !seen.insert(*hook))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
        id = "emoji"
        version = "0.1.0"
        api = "0.1"
        licence = "MIT"
        hooks = ["setup", "emoji-policy"]
        permissions = ["settings", "participant.name"]
        instances = { reuse = 100 }
        [needs]
        recent_messages = 20
        [patterns]
        sets = [{ name = "any", pointer = "/rule/*/any/*", label = ["/rule/*/node"] }]
    "#;

    #[test]
    fn a_good_one_is_read() {
        let manifest = Manifest::parse(GOOD).expect("good");
        assert_eq!(manifest.instances, Instances::Reuse(100));
        assert_eq!(manifest.permissions, [Grant::Settings, Grant::ParticipantName]);
        assert_eq!(manifest.needs.recent_messages, 20);
    }

    #[test]
    fn how_it_is_built_is_no_business_of_the_host() {
        let text = format!("{GOOD}\n[build]\nlang = \"cobol\"\nentry = \"a.cob\"");
        let build = Manifest::parse(&text).expect("good").build.expect("there");
        assert_eq!((build.lang.as_str(), build.sdk), ("cobol", None));
    }

    #[test]
    fn bad_ones_say_which_key() {
        for (from, to, key) in [
            ("\"emoji\"", "\"Emoji!\"", "`id`"),
            ("api = \"0.1\"", "api = \"2.0\"", "`api`"),
            ("[\"setup\", \"emoji-policy\"]", "[\"setup\"]", "`hooks`"),
            ("reuse = 100", "reuse = 0", "`instances`"),
            ("recent_messages = 20", "recent_messages = 5000", "`needs.recent_messages`"),
            ("\"/rule", "\"rule", "`patterns.sets`"),
        ] {
            let error = Manifest::parse(&GOOD.replacen(from, to, 1)).expect_err(to).to_string();
            assert!(error.contains(key), "{error}");
        }
        assert!(matches!(Manifest::parse("hooks = 3"), Err(ManifestError::Format(_))));
        assert!(matches!(
            Manifest::parse(&format!("colour = 1\n{GOOD}")),
            Err(ManifestError::Format(_))
        ));
    }
}
