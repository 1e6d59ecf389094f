//! JavaScript and TypeScript.

use anyhow::{Result, bail};

use super::Project;

/// From a project to a component.
pub fn component(_project: &Project, _say: &dyn Fn(&str)) -> Result<Vec<u8>> {
    bail!("plugins in JavaScript cannot be built yet: write it in Rust")
}
