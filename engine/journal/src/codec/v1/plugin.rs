//! What plugins said, as stored: who and what openly, the words it rests on in the personal part.

use std::sync::Arc;

use dialogo_domain::plugin::{
    PluginDecision, Suggestion as DomainSuggestion, Verdict as DomainVerdict,
};
use dialogo_domain::{NodeId, PluginId};
use minicbor::{Decode, Encode};

use super::ids::Digest;
use super::sealed::some_list;

/// The open part of a decision.
#[derive(Debug, Encode, Decode)]
pub(crate) struct Decision<'a> {
    #[b(0)]
    plugin: &'a str,
    #[b(1)]
    version: &'a str,
    #[n(2)]
    digest: Digest,
    #[b(3)]
    hook: &'a str,
    #[n(4)]
    shadow: bool,
    #[b(5)]
    outcome: &'a str,
    #[b(6)]
    code: &'a str,
    #[n(7)]
    revision: Option<u64>,
    #[n(8)]
    agrees: Option<bool>,
    #[b(9)]
    suggests: Option<&'a str>,
    #[b(10)]
    settings: Option<Vec<&'a str>>,
}

/// The personal part of a decision.
#[derive(Debug, Default, Encode, Decode)]
pub(crate) struct Reason<'a> {
    #[b(0)]
    detail: &'a str,
    #[b(1)]
    evidence: Vec<&'a str>,
}

/// Splits decisions into their open and personal parts.
pub(crate) fn split(decisions: &[PluginDecision]) -> (Vec<Decision<'_>>, Option<Vec<Reason<'_>>>) {
    let open = decisions.iter().map(Decision::of).collect();
    let reasons = decisions.iter().map(|decision| Reason {
        detail: &decision.detail,
        evidence: decision.evidence.iter().map(|word| &**word).collect(),
    });
    (open, some_list(reasons.collect()))
}

/// Puts them together again; reasons that were erased read as empty.
pub(crate) fn join(
    open: Vec<Decision<'_>>,
    reasons: Option<Vec<Reason<'_>>>,
) -> Vec<PluginDecision> {
    let reasons =
        reasons.unwrap_or_default().into_iter().chain(std::iter::repeat_with(Reason::default));
    open.into_iter().zip(reasons).map(|(open, reason)| open.with(reason)).collect()
}

impl<'a> Decision<'a> {
    fn of(decision: &'a PluginDecision) -> Self {
        let PluginDecision {
            plugin,
            version,
            digest,
            hook,
            shadow,
            outcome,
            code,
            detail: _,
            evidence: _,
            settings,
            revision,
            agrees,
            suggests,
        } = decision;
        Self {
            plugin: plugin.as_str(),
            version,
            digest: Digest(*digest),
            hook,
            shadow: *shadow,
            outcome,
            code,
            revision: (*revision != 0).then_some(*revision),
            agrees: *agrees,
            suggests: suggests.as_ref().map(NodeId::as_str),
            settings: (!settings.is_empty())
                .then(|| settings.iter().map(|pointer| &**pointer).collect()),
        }
    }

    fn with(self, reason: Reason<'_>) -> PluginDecision {
        PluginDecision {
            plugin: PluginId::new(self.plugin),
            version: self.version.into(),
            digest: self.digest.0,
            hook: self.hook.into(),
            shadow: self.shadow,
            outcome: self.outcome.into(),
            code: self.code.into(),
            detail: reason.detail.into(),
            evidence: words(reason.evidence),
            revision: self.revision.unwrap_or_default(),
            agrees: self.agrees,
            suggests: self.suggests.map(NodeId::from),
            settings: words(self.settings.unwrap_or_default()),
        }
    }
}

/// The open part of a verdict; its detail is personal.
#[derive(Debug, Encode, Decode)]
pub(crate) enum Verdict<'a> {
    #[n(0)]
    Allow,
    #[n(1)]
    Warn(#[b(0)] &'a str),
    #[n(2)]
    Rewritten(#[b(0)] &'a str),
    #[n(3)]
    Deny(#[b(0)] &'a str),
}

impl<'a> Verdict<'a> {
    /// The open part and the detail.
    pub(crate) fn split(verdict: &'a DomainVerdict) -> (Self, Option<&'a str>) {
        match verdict {
            DomainVerdict::Allow => (Self::Allow, None),
            DomainVerdict::Warn { code, detail } => (Self::Warn(code), Some(detail)),
            DomainVerdict::Rewritten { code, detail } => (Self::Rewritten(code), Some(detail)),
            DomainVerdict::Deny { code, detail } => (Self::Deny(code), Some(detail)),
        }
    }

    pub(crate) fn with(self, detail: Option<&str>) -> DomainVerdict {
        let detail: Arc<str> = detail.unwrap_or_default().into();
        match self {
            Self::Allow => DomainVerdict::Allow,
            Self::Warn(code) => DomainVerdict::Warn { code: code.into(), detail },
            Self::Rewritten(code) => DomainVerdict::Rewritten { code: code.into(), detail },
            Self::Deny(code) => DomainVerdict::Deny { code: code.into(), detail },
        }
    }
}

/// The open part of a suggestion; its evidence is personal.
#[derive(Debug, Encode, Decode)]
pub(crate) struct Suggestion<'a> {
    #[b(0)]
    node: &'a str,
    #[n(1)]
    confidence: f32,
    #[b(2)]
    plugins: Vec<&'a str>,
}

/// Splits suggestions into their open and personal parts.
pub(crate) fn split_suggestions(
    items: &[DomainSuggestion],
) -> (Vec<Suggestion<'_>>, Option<Vec<Vec<&str>>>) {
    let open = items.iter().map(|item| Suggestion {
        node: item.node.as_str(),
        confidence: item.confidence,
        plugins: item.plugins.iter().map(PluginId::as_str).collect(),
    });
    let evidence = items.iter().map(|item| item.evidence.iter().map(|word| &**word).collect());
    (open.collect(), some_list(evidence.collect()))
}

/// Puts them together again.
pub(crate) fn join_suggestions(
    open: Vec<Suggestion<'_>>,
    evidence: Option<Vec<Vec<&str>>>,
) -> Vec<DomainSuggestion> {
    let evidence = evidence.unwrap_or_default().into_iter().chain(std::iter::repeat_with(Vec::new));
    let join = |(item, evidence): (Suggestion<'_>, Vec<&str>)| DomainSuggestion {
        node: item.node.into(),
        confidence: item.confidence,
        plugins: item.plugins.into_iter().map(PluginId::from).collect(),
        evidence: words(evidence),
    };
    open.into_iter().zip(evidence).map(join).collect()
}

fn words(words: Vec<&str>) -> Vec<Arc<str>> {
    words.into_iter().map(Arc::from).collect()
}
