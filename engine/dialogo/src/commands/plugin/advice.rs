//! What a partner does about a call that failed.

use dialogo_host::Failure;
use dialogo_host::manifest::{API, ManifestError};

/// The next step, where there is one.
pub(super) fn todo(failure: &Failure) -> Option<String> {
    let todo = match failure {
        Failure::Trap { panic: Some(_), .. } => {
            "the place of the panic stands above; a plugin answers with an error (`internal`, `misconfigured`) instead of panicking"
        }
        Failure::Trap { .. } => {
            "it ran into what the sandbox forbids; the names of the functions stand above if it was built with them (no `strip = true`)"
        }
        Failure::Deadline { .. } => {
            "make the call cheaper (`dialogo plugin bench` measures it), or ask for more with `limits.time_ms` in plugin.toml; the operator's ceiling wins"
        }
        Failure::Memory { .. } => {
            "keep less in memory, or ask for more with `limits.memory_mib` in plugin.toml; the operator's ceiling wins"
        }
        Failure::Output { .. } => {
            "answer less, or ask for more with `limits.output_kib` in plugin.toml; the operator's ceiling wins"
        }
        Failure::HostCalls { .. } => "ask the host less often: once for each text is enough",
        Failure::Invalid { .. } => {
            "the contract says what an answer may hold: sdk/wit/dialogo-plugin.wit"
        }
        Failure::Misconfigured(_) => {
            "give the case settings that the plugin takes, or expect it: expect.error = \"misconfigured\""
        }
        Failure::Unavailable(_) | Failure::Internal(_) => {
            "the plugin says so itself; if that is right, expect it: expect.error = \"internal\" or \"unavailable\""
        }
        Failure::Missing(_) | Failure::Quarantined { .. } | Failure::Overloaded(_) => return None,
    };
    Some(todo.to_owned())
}

/// What happened, with the names of functions where there are any.
pub(super) fn what(failure: &Failure) -> String {
    match failure {
        Failure::Trap { backtrace, .. } if !backtrace.is_empty() => {
            format!("{failure} (in {})", backtrace.join(" < "))
        }
        other => other.to_string(),
    }
}

/// What a partner does about a manifest that is wrong.
pub(crate) fn manifest(fault: &ManifestError) -> String {
    match fault {
        ManifestError::Value { key: "api", .. } => format!(
            "build it again with the SDK of this version of Dialogo (`dialogo plugin new` writes it into sdk/), and write api = \"{API}\""
        ),
        _ => "docs/guide/plugin-packages.md lists every key of plugin.toml".to_owned(),
    }
}
