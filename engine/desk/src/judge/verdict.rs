//! What plugins said, as the journal keeps it.

use std::collections::BTreeMap;
use std::sync::Arc;

use dialogo_domain::command::{Target, TransferJudgement, TransferVerdict};
use dialogo_domain::plugin::{Judgement, PluginDecision, Suggestion, Verdict};
use dialogo_domain::tree::Tree;
use dialogo_domain::{NodeId, PluginId};
use dialogo_host::input::{self, Explanation};
use dialogo_host::verdict::{
    AttachmentOutcome, AttachmentVerdict, ClassifyOutcome, Decision, MessageOutcome,
    MessageVerdict, Mode, Proposal, Reason, TransferOutcome,
};

/// What the journal keeps beside an answer, so that it can be measured later.
#[derive(Clone, Copy)]
pub(crate) struct Provenance<'a> {
    /// The tree, with its thresholds.
    pub(crate) tree: &'a Tree,
    /// Package and settings of each plugin as one number.
    pub(crate) revisions: &'a BTreeMap<PluginId, u64>,
}

/// Each plugin's part, in the order asked.
pub(crate) fn decisions(of: Provenance<'_>, decisions: &[Decision]) -> Vec<PluginDecision> {
    decisions.iter().map(|decision| recorded(of, decision)).collect()
}

fn recorded(of: Provenance<'_>, decision: &Decision) -> PluginDecision {
    let first = decision.explanations.first();
    let (outcome, detail): (Arc<str>, Arc<str>) = match &decision.failure {
        Some(failure) => {
            (format!("failed:{}", failure.kind().name()).into(), failure.to_string().into())
        }
        None => (
            decision.verdict.as_str().into(),
            first.map_or_else(|| "".into(), |why| Arc::clone(&why.detail)),
        ),
    };
    PluginDecision {
        plugin: decision.plugin.as_ref().into(),
        version: Arc::clone(&decision.version),
        digest: unhex(&decision.module_digest),
        hook: decision.hook.name().into(),
        shadow: decision.mode == Mode::Shadow,
        outcome,
        code: first.map_or_else(|| "".into(), |why| Arc::clone(&why.code)),
        detail,
        evidence: decision.explanations.iter().flat_map(words).collect(),
        settings: spoke(decision).collect(),
        revision: of.revisions.get(&*decision.plugin).copied().unwrap_or_default(),
        agrees: decision.agrees,
        suggests: decision.best.as_ref().and_then(|(node, sure)| shown_first(of, node, *sure)),
    }
}

/// How evidence begins that names what of the settings spoke, as a JSON pointer, instead of what was found.
const SETTING: &str = "settings:";

/// What a plugin rests on, for people.
pub(crate) fn words(why: &Explanation) -> impl Iterator<Item = Arc<str>> + '_ {
    why.evidence.iter().filter(|word| !word.starts_with(SETTING)).cloned()
}

/// What of its settings spoke.
fn settings(why: &Explanation) -> impl Iterator<Item = Arc<str>> + '_ {
    why.evidence.iter().filter_map(|word| word.strip_prefix(SETTING)).map(Arc::from)
}

/// What of its settings spoke in one plugin's part.
pub(crate) fn spoke(decision: &Decision) -> impl Iterator<Item = Arc<str>> + '_ {
    decision.explanations.iter().flat_map(settings)
}

/// The node, if a classifier that is so sure of it would have it shown.
fn shown_first(of: Provenance<'_>, node: &str, sure: f32) -> Option<NodeId> {
    let id = NodeId::from(node);
    let known = of.tree.nodes.get(&id)?;
    (known.active && sure >= known.confidence.suggest).then_some(id)
}

/// SHA-256 from hexadecimal; all zeros where there is none (a plugin that is missing).
fn unhex(text: &str) -> [u8; 32] {
    let mut digest = [0; 32];
    for (byte, pair) in digest.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let pair = std::str::from_utf8(pair).unwrap_or("0");
        *byte = u8::from_str_radix(pair, 16).unwrap_or(0);
    }
    digest
}

/// The reasons in one: the first's code, all details.
fn reason(reasons: &[Reason]) -> (Arc<str>, Arc<str>) {
    explained(reasons.iter().map(|reason| &reason.explanation))
}

fn explained<'a>(explanations: impl Iterator<Item = &'a Explanation>) -> (Arc<str>, Arc<str>) {
    let mut code: Arc<str> = "policy".into();
    let mut details: Vec<&str> = Vec::new();
    for (index, why) in explanations.enumerate() {
        if index == 0 {
            code = Arc::clone(&why.code);
        }
        if !details.contains(&why.detail.as_ref()) {
            details.push(&why.detail);
        }
    }
    (code, details.join("; ").into())
}

/// The verdict over a message, and the text as it goes on.
pub(crate) fn message(
    of: Provenance<'_>,
    outcome: MessageOutcome,
    text: &str,
) -> (Judgement, Arc<str>) {
    let recorded = decisions(of, &outcome.decisions);
    let (verdict, text) = match outcome.verdict {
        MessageVerdict::Allow => (Verdict::Allow, text.into()),
        MessageVerdict::Warn(reasons) => {
            let (code, detail) = reason(&reasons);
            (Verdict::Warn { code, detail }, text.into())
        }
        MessageVerdict::Rewrite { text, edits, .. } => {
            let (code, detail) = explained(edits.iter().map(|edit| &edit.reason.explanation));
            (Verdict::Rewritten { code, detail }, text.into())
        }
        MessageVerdict::Deny(reasons) => {
            let (code, detail) = reason(&reasons);
            (Verdict::Deny { code, detail }, text.into())
        }
    };
    (Judgement { verdict, decisions: recorded }, text)
}

/// The verdict over a file.
pub(crate) fn attachment(of: Provenance<'_>, outcome: AttachmentOutcome) -> Judgement {
    let decisions = decisions(of, &outcome.decisions);
    let verdict = match outcome.verdict {
        AttachmentVerdict::Allow => Verdict::Allow,
        AttachmentVerdict::Warn(reasons) => {
            let (code, detail) = reason(&reasons);
            Verdict::Warn { code, detail }
        }
        AttachmentVerdict::Deny(reasons) => {
            let (code, detail) = reason(&reasons);
            Verdict::Deny { code, detail }
        }
    };
    Judgement { verdict, decisions }
}

/// The verdict over a transfer that somebody asked for.
pub(crate) fn transfer(
    of: Provenance<'_>,
    outcome: &TransferOutcome,
    asked: &Target,
) -> TransferJudgement {
    let decisions = decisions(of, &outcome.decisions);
    let against: Vec<Reason> = outcome.why_not(&host_target(asked)).into_iter().cloned().collect();
    let verdict = match (&outcome.proposal, against.is_empty()) {
        (Some(Proposal::MoveTo(target, why)), _) => match domain_target(target) {
            Some(target) if target != *asked => {
                TransferVerdict::Redirect { target, because: Arc::clone(&why.explanation.detail) }
            }
            _ if against.is_empty() => TransferVerdict::Allow,
            _ => deny(&against),
        },
        (_, false) => deny(&against),
        (Some(Proposal::Stay(why)), true) => deny(std::slice::from_ref(why)),
        (None, true) => TransferVerdict::Allow,
    };
    TransferJudgement { verdict, decisions }
}

fn deny(reasons: &[Reason]) -> TransferVerdict {
    let (code, because) = reason(reasons);
    TransferVerdict::Deny { code, because }
}

/// A target as plugins name it.
pub(crate) fn host_target(target: &Target) -> input::Target {
    match target {
        Target::Department(id) => input::Target::Department(id.as_str().into()),
        Target::Agent(id) => input::Target::Agent(id.as_str().into()),
        Target::FirstContact => input::Target::FirstContact,
    }
}

/// A target as the desk knows it; a bot is none that a conversation with people can go back to.
pub(crate) fn domain_target(target: &input::Target) -> Option<Target> {
    match target {
        input::Target::Department(id) => Some(Target::Department(id.as_ref().into())),
        input::Target::Agent(id) => Some(Target::Agent(id.as_ref().into())),
        input::Target::FirstContact => Some(Target::FirstContact),
        input::Target::Bot => None,
    }
}

/// What the classifiers propose together.
pub(crate) fn suggestions(outcome: &ClassifyOutcome) -> Vec<Suggestion> {
    let of = |suggestion: &dialogo_host::verdict::Suggestion| Suggestion {
        node: suggestion.node.as_ref().into(),
        confidence: suggestion.confidence,
        plugins: suggestion.sources.iter().map(|source| source.plugin.as_ref().into()).collect(),
        evidence: {
            let mut found: Vec<Arc<str>> = Vec::new();
            let sources = suggestion.sources.iter().filter_map(|source| source.why.as_ref());
            for word in sources.flat_map(words) {
                if !found.contains(&word) {
                    found.push(word);
                }
            }
            found
        },
    };
    outcome.suggestions.iter().map(of).collect()
}
