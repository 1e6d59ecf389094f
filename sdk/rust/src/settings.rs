//! The plugin's settings: the admin's rule file, handed over as JSON that already fits the package's schema.
//!
//! A sandbox is fresh for most calls, so settings are parsed when first needed and not before. An
//! instance that is reused parses them once: keep the result in a [`Prepared`].

use crate::PluginError;
use crate::host::{self, settings::json};
use serde::de::DeserializeOwned;
use std::sync::OnceLock;

/// Reads the settings now. For a type that is needed in every call prefer [`Prepared`].
///
/// # Errors
/// [`PluginError::Misconfigured`] with serde's words when the JSON does not fit `T`.
pub fn settings<T: DeserializeOwned>() -> Result<T, PluginError> {
    parse(&json())
}

/// Parses settings that came as an argument, as in [`crate::hooks::Setup::prepare`].
///
/// # Errors
/// [`PluginError::Misconfigured`] with serde's words when the JSON does not fit `T`.
pub fn parse<T: DeserializeOwned>(text: &str) -> Result<T, PluginError> {
    serde_json::from_str(text).map_err(|fault| PluginError::Misconfigured(fault.to_string()))
}

/// What a plugin makes of its settings, built at the first use and kept for as long as the instance lives.
///
/// ```ignore
/// static RULES: Prepared<Rules> = Prepared::new();
/// let rules = RULES.get(|json| parse::<Settings>(json).map(Rules::from))?;
/// ```
#[derive(Debug)]
pub struct Prepared<T>(OnceLock<Box<Built<T>>>);

/// A value, the host it was built for, and what was built for the next one: a guest has one host, tests have many.
#[derive(Debug)]
struct Built<T> {
    host: u64,
    value: T,
    next: Prepared<T>,
}

impl<T> Default for Prepared<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Prepared<T> {
    /// Nothing built yet.
    pub const fn new() -> Self {
        Self(OnceLock::new())
    }

    /// The value; when there is none yet, `build` makes it from the settings' JSON.
    pub fn get(
        &self,
        build: impl FnOnce(&str) -> Result<T, PluginError>,
    ) -> Result<&T, PluginError> {
        match self.known(host::number()) {
            Some(value) => Ok(value),
            None => Ok(self.put(build(&json())?)),
        }
    }

    /// Keeps a value that [`crate::hooks::Setup::prepare`] has built; a second one is dropped.
    pub fn keep(&self, value: T) {
        self.put(value);
    }

    fn known(&self, host: u64) -> Option<&T> {
        let built = self.0.get()?;
        if built.host == host { Some(&built.value) } else { built.next.known(host) }
    }

    /// Keeps the value unless there is one, and gives the one that is kept.
    fn put(&self, value: T) -> &T {
        let host = host::number();
        let mut fresh = Some(value);
        let built = self.0.get_or_init(|| {
            let value = fresh.take().expect("it is built once");
            Box::new(Built { host, value, next: Self::new() })
        });
        match fresh {
            Some(value) if built.host != host => built.next.put(value),
            _ => &built.value,
        }
    }
}

/// Makes a test that keeps `settings.schema.json` as the type of the settings has it; `dialogo plugin build` runs it to write
/// the file. The crate depends on `schemars`; nothing of it is in the guest.
///
/// ```ignore
/// dialogo_plugin::settings_schema!(Settings);
/// ```
#[macro_export]
macro_rules! settings_schema {
    ($settings:ty) => {
        #[cfg(test)]
        #[test]
        fn settings_schema() {
            let schema = ::schemars::schema_for!($settings);
            $crate::testing::keep_schema(env!("CARGO_MANIFEST_DIR"), schema.as_value());
        }
    };
}
