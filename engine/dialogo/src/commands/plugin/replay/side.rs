//! One of the two plugins that recorded calls are put to.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::Result;
use dialogo_host::question::{Answer, Question};
use dialogo_host::recording::Header;
use dialogo_host::{Binding, Catalogue, Hook, Host, Limits, Package, Plugin, PluginProblem};
use serde_json::{Value, json};

use crate::output::{self, Failure};

/// A package in a host, with settings of its own or those of the recording.
pub(super) struct Side<'h> {
    host: &'h Host,
    package: Arc<Package>,
    settings: Option<Value>,
    /// Compiled once for each set of limits.
    bound: HashMap<Limits, Plugin>,
}

impl<'h> Side<'h> {
    pub(super) fn new(host: &'h Host, package: Arc<Package>, settings: Option<Value>) -> Self {
        Self { host, package, settings, bound: HashMap::new() }
    }

    /// Id, version and digest.
    pub(super) fn named(&self) -> Value {
        let manifest = &self.package.manifest;
        json!({ "id": manifest.id, "version": manifest.version, "digest": &*self.package.digest })
    }

    /// The plugin among what surrounded the one that was recorded.
    pub(super) fn under(&mut self, header: &Header) -> Result<Plugin> {
        let plugin = self.bound(header.limits)?;
        let settings = self.settings.as_ref().unwrap_or(&header.settings);
        let under = plugin.under(settings, header.settings_revision, header.catalogue());
        let under = under.map_err(|problems| self.unusable(&problems))?;
        self.note_refused_settings(&under);
        Ok(under)
    }

    fn bound(&mut self, limits: Limits) -> Result<Plugin> {
        if !self.bound.contains_key(&limits) {
            let mut binding = Binding::of(Arc::clone(&self.package), json!({}));
            binding.check_settings = false;
            binding.limits = limits;
            let tree = Arc::new(Catalogue::new(0, Vec::new()));
            let plugin = self.host.plugin(&binding, &tree);
            let plugin = plugin.map_err(|problems| self.unusable(&problems))?;
            self.bound.insert(limits, plugin);
        }
        Ok(self.bound[&limits].clone())
    }

    fn unusable(&self, problems: &[PluginProblem]) -> anyhow::Error {
        let what: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
        let manifest = &self.package.manifest;
        let what = format!(
            "{} {} cannot be used here: {}",
            manifest.id,
            manifest.version,
            what.join("; ")
        );
        Failure::usage(what, "`dialogo plugin check` says what is wrong with a package; --settings gives it other settings").into()
    }

    /// A plugin may answer all the same; what it says is to be read with that in mind.
    fn note_refused_settings(&self, plugin: &Plugin) {
        if !self.package.manifest.has(Hook::Setup) {
            return;
        }
        let question = Question::Setup { settings: plugin.settings().clone() };
        let call = dialogo_host::input::Call {
            call_id: "setup".into(),
            dry_run: true,
            ..dialogo_host::input::Call::default()
        };
        let refused = match plugin.ask(&Arc::new(call), &question).0 {
            Ok(Answer::Setup(problems)) => {
                let problem = problems.into_iter().next();
                problem.map(|problem| format!("{}: {}", problem.path, problem.message))
            }
            Ok(_) => None,
            Err(failure) => Some(failure.to_string()),
        };
        if let Some(why) = refused {
            let manifest = &self.package.manifest;
            output::note(format!(
                "note: {} {} does not accept these settings: {why}",
                manifest.id, manifest.version
            ));
        }
    }
}
