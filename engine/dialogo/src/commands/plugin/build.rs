//! `dialogo plugin build`: a project becomes a package.

use std::path::Path;

use anyhow::Result;
use serde_json::json;

use crate::output::{self, Exit};
use crate::project::Project;

pub(super) fn run(folder: &Path, json: bool) -> Result<Exit> {
    let project = Project::need(folder)?;
    let built = project.build(&|line| output::note(line))?;
    if json {
        output::say_json(&json!({
            "id": project.manifest.id, "version": project.manifest.version, "package": built.package,
            "bytes": built.bytes, "seconds": built.took.as_secs_f64(),
        }));
    } else {
        output::say(format!(
            "{} {}: {} KiB in {:.1} s, the package is {}",
            project.manifest.id,
            project.manifest.version,
            built.bytes.div_ceil(1024),
            built.took.as_secs_f64(),
            built.package.display()
        ));
    }
    Ok(Exit::Good)
}
