//! Python.

use anyhow::{Result, bail};

use super::Project;

/// From a project to a component.
pub fn component(_project: &Project, _say: &dyn Fn(&str)) -> Result<Vec<u8>> {
    bail!("plugins in Python cannot be built yet: write it in Rust")
}
