//! Python with virtual environments, which the recipes for plugins in Python and C fetch their tools into. Debian keeps it in
//! a package of its own.

use crate::{debian, say};
use anyhow::{Result, bail};

const REMEDY: &str = "apt-get install -y --no-install-recommends python3 python3-venv";

/// What is missing, when it cannot be installed either.
pub(crate) fn missing() -> Option<String> {
    (!works() && !debian::may_install()).then(|| {
        format!(
            "Python with venv, for the example plugins in Python and C: `{REMEDY}`, or your system's package"
        )
    })
}

/// Installs it when it is not here.
pub(crate) fn ensure() -> Result<()> {
    if works() {
        return Ok(());
    }
    if let Some(missing) = missing() {
        bail!("this machine lacks {missing}");
    }
    say::step("installing Debian's python3-venv", || debian::install(REMEDY))
}

fn works() -> bool {
    debian::output("python3", &["-c", "import ensurepip, venv"]).is_some()
}
