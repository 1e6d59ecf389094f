//! `settings.schema.json`, as the type of the settings has it: what the test does that [`crate::settings_schema!`] makes.

use std::fs;
use std::path::Path;

/// Set by `dialogo plugin build`: the schema is written instead of compared.
const WRITE: &str = "DIALOGO_WRITE_SCHEMA";

/// See [`settings_schema!`](crate::settings_schema).
///
/// # Panics
/// Where the file is not as the type has it, or cannot be written.
#[doc(hidden)]
pub fn keep_schema(folder: &str, schema: &serde_json::Value) {
    let file = Path::new(folder).join("settings.schema.json");
    let text = format!("{schema:#}\n");
    let before = fs::read_to_string(&file).unwrap_or_default();
    if before == text {
        return;
    }
    assert!(
        std::env::var_os(WRITE).is_some(),
        "{} is not what the type of the settings says: `dialogo plugin build` writes it, or {WRITE}=1 cargo test settings_schema",
        file.display()
    );
    fs::write(&file, text)
        .unwrap_or_else(|fault| panic!("cannot write {}: {fault}", file.display()));
}
