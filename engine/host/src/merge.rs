//! Several plugins' answers made into one verdict. Pure; knows nothing of sandboxes.
//!
//! Policies all saw the original, so their order only decides between edits at the same place: deny beats rewrite beats
//! warn beats allow. What a plugin in shadow said is recorded beside, with whether it would have agreed, and never counts.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::emoji::EmojisFound;
use crate::failure::Failure;
use crate::hook::Hook;
use crate::input::{Explanation, Target};
use crate::question::{Answer, AttachmentAnswer, EmojiAnswer, MessageAnswer, TransferAnswer};
use crate::verdict::{
    AttachmentOutcome, AttachmentVerdict, BotOutcome, BotReply, ClassifyOutcome, Conflict,
    Decision, Edit, MessageOutcome, MessageVerdict, Mode, ObserveOutcome, OnFailure, Proposal,
    Reason, RepliesOutcome, Source, SuggestedReply, Suggestion, TransferOutcome,
};

/// What one plugin of the chain said, or why it did not.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    pub(crate) plugin: Arc<str>,
    pub(crate) version: Arc<str>,
    pub(crate) digest: Arc<str>,
    pub(crate) hook: Hook,
    pub(crate) mode: Mode,
    pub(crate) on_failure: OnFailure,
    pub(crate) took_us: u64,
    pub(crate) result: Result<Answer, Failure>,
}

impl Said {
    fn reason(&self, explanation: &Explanation) -> Reason {
        Reason { plugin: self.plugin.clone(), explanation: explanation.clone() }
    }

    /// The reason to deny, if this is a failure of a plugin bound `closed`.
    fn closed(&self) -> Option<Reason> {
        let failure = self.result.as_ref().err()?;
        (self.on_failure == OnFailure::Closed).then(|| {
            self.reason(&Explanation {
                code: format!("plugin-{}", failure.kind().name()).into(),
                detail: format!(
                    "the plugin {} could not judge this, and nothing passes without it",
                    self.plugin
                )
                .into(),
                evidence: vec![failure.to_string().into()],
            })
        })
    }

    fn decision(&self, agrees: Option<bool>) -> Decision {
        Decision {
            plugin: self.plugin.clone(),
            version: self.version.clone(),
            module_digest: self.digest.clone(),
            hook: self.hook,
            mode: self.mode,
            verdict: match &self.result {
                Ok(answer) => summary(answer),
                Err(failure) => failure.kind().name().to_owned(),
            },
            explanations: self.result.as_ref().map(explanations).unwrap_or_default(),
            took_us: self.took_us,
            failure: self.result.as_ref().err().cloned(),
            on_failure: self.on_failure,
            agrees,
            best: self.result.as_ref().ok().and_then(best),
        }
    }
}

/// What a classifier is surest of.
fn best(answer: &Answer) -> Option<(Arc<str>, f32)> {
    let Answer::Classify(suggested) = answer else { return None };
    let best = suggested.iter().max_by(|a, b| a.confidence.total_cmp(&b.confidence))?;
    Some((best.node.clone(), best.confidence))
}

fn enforced(said: &[Said]) -> impl Iterator<Item = &Said> {
    said.iter().filter(|one| one.mode == Mode::Enforce)
}

/// One decision each; those in shadow that gave an answer are asked whether they agree.
fn decisions(said: &[Said], agrees: impl Fn(&Said) -> bool) -> Vec<Decision> {
    said.iter()
        .map(|one| {
            one.decision((one.mode == Mode::Shadow && one.result.is_ok()).then(|| agrees(one)))
        })
        .collect()
}

/// A plugin in shadow as if it alone counted.
fn alone(one: &Said) -> Vec<Said> {
    vec![Said { mode: Mode::Enforce, ..one.clone() }]
}

/// Message and emoji policies over one message.
pub(crate) fn message(
    said: &[Said],
    text: &str,
    found: &EmojisFound,
    may_be_empty: bool,
) -> MessageOutcome {
    let (verdict, conflicts) = message_verdict(said, text, found, may_be_empty);
    let decisions = decisions(said, |one| {
        let (own, _) = message_verdict(&alone(one), text, found, may_be_empty);
        match (&own, &verdict) {
            (
                MessageVerdict::Rewrite { text: own, .. },
                MessageVerdict::Rewrite { text: merged, .. },
            ) => own == merged,
            _ => std::mem::discriminant(&own) == std::mem::discriminant(&verdict),
        }
    });
    MessageOutcome { verdict, conflicts, decisions }
}

fn message_verdict(
    said: &[Said],
    text: &str,
    found: &EmojisFound,
    may_be_empty: bool,
) -> (MessageVerdict, Vec<Conflict>) {
    let (mut denials, mut warnings, mut edits) = (Vec::new(), Vec::new(), Vec::new());
    for one in enforced(said) {
        denials.extend(one.closed());
        match &one.result {
            Ok(Answer::Message(MessageAnswer::Warn(why))) => warnings.push(one.reason(why)),
            Ok(Answer::Message(MessageAnswer::Deny(why))) => denials.push(one.reason(why)),
            Ok(Answer::Message(MessageAnswer::Rewrite(wanted))) => {
                edits.extend(wanted.iter().map(|edit| Edit {
                    start: edit.start,
                    end: edit.end,
                    replacement: edit.replacement.clone(),
                    reason: one.reason(&edit.why),
                }))
            }
            Ok(Answer::Emoji(answers)) => {
                for (answer, places) in answers.iter().zip(&found.places) {
                    emoji_edits(one, answer, places, text, &mut edits, &mut denials);
                }
            }
            _ => {}
        }
    }
    if !denials.is_empty() {
        return (MessageVerdict::Deny(denials), Vec::new());
    }
    if edits.is_empty() {
        let verdict = if warnings.is_empty() {
            MessageVerdict::Allow
        } else {
            MessageVerdict::Warn(warnings)
        };
        return (verdict, Vec::new());
    }
    let (edits, conflicts) = settle(edits);
    let rewritten = apply(text, &edits);
    if rewritten.trim().is_empty() && !may_be_empty {
        // Nobody is shown an empty bubble: the reasons of the edits are the reasons of the denial.
        return (
            MessageVerdict::Deny(edits.into_iter().map(|edit| edit.reason).collect()),
            conflicts,
        );
    }
    (MessageVerdict::Rewrite { text: rewritten, edits, warnings }, conflicts)
}

fn emoji_edits(
    one: &Said,
    answer: &EmojiAnswer,
    places: &[std::ops::Range<usize>],
    text: &str,
    edits: &mut Vec<Edit>,
    denials: &mut Vec<Reason>,
) {
    let (replacement, why) = match answer {
        EmojiAnswer::Allow => return,
        EmojiAnswer::Deny(why) => return denials.push(one.reason(why)),
        EmojiAnswer::Strip(why) => (None, why),
        EmojiAnswer::Replace(replacement, why) => (Some(replacement), why),
    };
    edits.extend(places.iter().map(|place| {
        let start =
            if replacement.is_none() { with_space_before(text, place) } else { place.start };
        Edit {
            start: start as u32,
            end: place.end as u32,
            replacement: replacement.cloned().unwrap_or_default(),
            reason: one.reason(why),
        }
    }));
}

/// Where to begin taking out `place` so that no double space or space at the end is left.
fn with_space_before(text: &str, place: &std::ops::Range<usize>) -> usize {
    let space_after = text[place.end..].chars().next().is_none_or(char::is_whitespace);
    let space_before = text[..place.start].ends_with(' ');
    if space_after && space_before { place.start - 1 } else { place.start }
}

/// Orders edits by place; of those that overlap the earlier stays. The same edit wanted twice is no conflict.
fn settle(mut edits: Vec<Edit>) -> (Vec<Edit>, Vec<Conflict>) {
    edits.sort_by_key(|edit| edit.start);
    let mut kept: Vec<Edit> = Vec::with_capacity(edits.len());
    let mut conflicts = Vec::new();
    for edit in edits {
        match kept.last() {
            Some(last) if overlap(last, &edit) => {
                if (last.start, last.end, &last.replacement)
                    != (edit.start, edit.end, &edit.replacement)
                {
                    conflicts.push(Conflict { kept: last.reason.plugin.clone(), dropped: edit });
                }
            }
            _ => kept.push(edit),
        }
    }
    (kept, conflicts)
}

/// `second` does not begin before `first`.
fn overlap(first: &Edit, second: &Edit) -> bool {
    second.start < first.end || (second.start, second.end) == (first.start, first.end)
}

fn apply(text: &str, edits: &[Edit]) -> String {
    let mut rewritten = String::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        rewritten.push_str(&text[at..edit.start as usize]);
        rewritten.push_str(&edit.replacement);
        at = edit.end as usize;
    }
    rewritten.push_str(&text[at..]);
    rewritten
}

/// Policies over one file.
pub(crate) fn attachment(said: &[Said]) -> AttachmentOutcome {
    let verdict = attachment_verdict(said);
    let decisions = decisions(said, |one| {
        std::mem::discriminant(&attachment_verdict(&alone(one))) == std::mem::discriminant(&verdict)
    });
    AttachmentOutcome { verdict, decisions }
}

fn attachment_verdict(said: &[Said]) -> AttachmentVerdict {
    let (mut denials, mut warnings) = (Vec::new(), Vec::new());
    for one in enforced(said) {
        denials.extend(one.closed());
        match &one.result {
            Ok(Answer::Attachment(AttachmentAnswer::Warn(why))) => warnings.push(one.reason(why)),
            Ok(Answer::Attachment(AttachmentAnswer::Deny(why))) => denials.push(one.reason(why)),
            _ => {}
        }
    }
    if !denials.is_empty() {
        AttachmentVerdict::Deny(denials)
    } else if !warnings.is_empty() {
        AttachmentVerdict::Warn(warnings)
    } else {
        AttachmentVerdict::Allow
    }
}

/// Classifiers over one conversation. A node has the confidence of its most confident source: classifiers look at the same
/// words, so agreement between them is no independent evidence.
pub(crate) fn classify(said: &[Said], limit: u32) -> ClassifyOutcome {
    let suggestions = suggestions(said, limit);
    let decisions = decisions(said, |one| {
        let own = self::suggestions(&alone(one), 1);
        own.first().map(|first| &first.node) == suggestions.first().map(|first| &first.node)
    });
    ClassifyOutcome { suggestions, decisions }
}

fn suggestions(said: &[Said], limit: u32) -> Vec<Suggestion> {
    let mut by_node: BTreeMap<Arc<str>, Vec<Source>> = BTreeMap::new();
    for one in enforced(said) {
        let Ok(Answer::Classify(suggested)) = &one.result else { continue };
        for suggestion in suggested {
            by_node.entry(suggestion.node.clone()).or_default().push(Source {
                plugin: one.plugin.clone(),
                confidence: suggestion.confidence,
                why: suggestion.why.clone(),
            });
        }
    }
    let mut merged: Vec<Suggestion> = by_node
        .into_iter()
        .map(|(node, mut sources)| {
            sources.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
            Suggestion { node, confidence: sources[0].confidence, sources }
        })
        .collect();
    // Stable: equal confidences stay in the order of their ids, so the answer is the same every time.
    merged.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    merged.truncate(limit as usize);
    merged
}

/// Rules over one transfer. A closed plugin that fails forbids what was asked for, or keeps the conversation where it is.
pub(crate) fn transfer(said: &[Said], requested: Option<&Target>) -> TransferOutcome {
    let (forbidden, proposal) = transfer_verdict(said, requested);
    let decisions = decisions(said, |one| match &one.result {
        Ok(Answer::Transfer(TransferAnswer::Forbid(target, _))) => {
            forbidden.iter().any(|(known, _)| known == target)
        }
        _ => {
            let (_, own) = transfer_verdict(&alone(one), requested);
            destination(own.as_ref()) == destination(proposal.as_ref())
        }
    });
    TransferOutcome { forbidden, proposal, decisions }
}

fn destination(proposal: Option<&Proposal>) -> Option<Option<&Target>> {
    proposal.map(|proposal| match proposal {
        Proposal::Stay(_) => None,
        Proposal::MoveTo(target, _) => Some(target),
    })
}

fn transfer_verdict(
    said: &[Said],
    requested: Option<&Target>,
) -> (Vec<(Target, Reason)>, Option<Proposal>) {
    let (mut forbidden, mut proposals) = (Vec::new(), Vec::new());
    for one in enforced(said) {
        if let Some(reason) = one.closed() {
            match requested {
                Some(target) => forbidden.push((target.clone(), reason)),
                None => proposals.push(Proposal::Stay(reason)),
            }
        }
        match &one.result {
            Ok(Answer::Transfer(TransferAnswer::Forbid(target, why))) => {
                forbidden.push((target.clone(), one.reason(why)))
            }
            Ok(Answer::Transfer(TransferAnswer::Stay(why))) => {
                proposals.push(Proposal::Stay(one.reason(why)))
            }
            Ok(Answer::Transfer(TransferAnswer::MoveTo(target, why))) => {
                proposals.push(Proposal::MoveTo(target.clone(), one.reason(why)));
            }
            _ => {}
        }
    }
    let survives = |proposal: &Proposal| match proposal {
        Proposal::Stay(_) => true,
        Proposal::MoveTo(target, _) => !forbidden.iter().any(|(known, _)| known == target),
    };
    let proposal = proposals.into_iter().find(survives);
    (forbidden, proposal)
}

/// Bots over one message: the first that answers.
pub(crate) fn bot(said: &[Said]) -> BotOutcome {
    let reply = bot_reply(said);
    let decisions = decisions(said, |one| {
        bot_reply(&alone(one)).map(|own| own.actions)
            == reply.as_ref().map(|merged| merged.actions.clone())
    });
    BotOutcome { reply, decisions }
}

fn bot_reply(said: &[Said]) -> Option<BotReply> {
    enforced(said).find_map(|one| match &one.result {
        Ok(Answer::Bot(Some(answer))) => Some(BotReply {
            plugin: one.plugin.clone(),
            confidence: answer.confidence,
            actions: answer.actions.clone(),
            state: answer.state.clone(),
        }),
        _ => None,
    })
}

/// Observers have nothing to merge.
pub(crate) fn observe(said: &[Said]) -> ObserveOutcome {
    ObserveOutcome { decisions: said.iter().map(|one| one.decision(None)).collect() }
}

/// Replies of several plugins: the surest, each text once.
pub(crate) fn replies(said: &[Said], limit: u32) -> RepliesOutcome {
    let replies = surest_replies(said, limit);
    let decisions = decisions(said, |one| {
        let own = surest_replies(&alone(one), 1);
        own.first().map(|first| &first.text) == replies.first().map(|first| &first.text)
    });
    RepliesOutcome { replies, decisions }
}

fn surest_replies(said: &[Said], limit: u32) -> Vec<SuggestedReply> {
    let mut all: Vec<SuggestedReply> = Vec::new();
    for one in enforced(said) {
        let Ok(Answer::Replies(replies)) = &one.result else { continue };
        all.extend(replies.iter().map(|reply| SuggestedReply {
            plugin: one.plugin.clone(),
            text: reply.text.trim().into(),
            canned: reply.canned.as_deref().map(Into::into),
            confidence: reply.confidence,
            why: reply.why.clone(),
        }));
    }
    // Stable: where two are equally sure, the operator's order decides.
    all.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    let mut surest: Vec<SuggestedReply> = Vec::new();
    for reply in all {
        if surest.len() < limit as usize && !surest.iter().any(|known| known.text == reply.text) {
            surest.push(reply);
        }
    }
    surest
}

/// An answer in a word or two.
pub(crate) fn summary(answer: &Answer) -> String {
    match answer {
        Answer::NotApplicable => "no opinion".into(),
        Answer::Observed => "seen".into(),
        Answer::Setup(problems) if problems.is_empty() => "accepted".into(),
        Answer::Setup(problems) => format!("{} problems", problems.len()),
        Answer::Classify(_) => match best(answer) {
            Some((node, confidence)) => format!("{node} {confidence:.2}"),
            None => "nothing".into(),
        },
        Answer::Transfer(TransferAnswer::Abstain) => "abstain".into(),
        Answer::Transfer(TransferAnswer::Stay(_)) => "stay".into(),
        Answer::Transfer(TransferAnswer::MoveTo(target, _)) => {
            format!("move-to {}", target_name(target))
        }
        Answer::Transfer(TransferAnswer::Forbid(target, _)) => {
            format!("forbid {}", target_name(target))
        }
        Answer::Message(MessageAnswer::Allow) | Answer::Attachment(AttachmentAnswer::Allow) => {
            "allow".into()
        }
        Answer::Message(MessageAnswer::Warn(_)) | Answer::Attachment(AttachmentAnswer::Warn(_)) => {
            "warn".into()
        }
        Answer::Message(MessageAnswer::Deny(_)) | Answer::Attachment(AttachmentAnswer::Deny(_)) => {
            "deny".into()
        }
        Answer::Message(MessageAnswer::Rewrite(edits)) => format!("rewrite {}", edits.len()),
        Answer::Emoji(answers) => {
            let touched = answers.iter().filter(|answer| **answer != EmojiAnswer::Allow).count();
            let word = strongest_emoji(answers);
            if touched == 0 {
                word.into()
            } else {
                format!("{word} {touched} of {}", answers.len())
            }
        }
        Answer::Bot(Some(reply)) => format!("{} actions", reply.actions.len()),
        Answer::Bot(None) => "no answer".into(),
        Answer::Replies(replies) if replies.is_empty() => "nothing".into(),
        Answer::Replies(replies) => format!("{} replies", replies.len()),
    }
}

/// The strongest of several verdicts, as a word.
pub(crate) fn strongest_emoji(answers: &[EmojiAnswer]) -> &'static str {
    let rank = |answer: &EmojiAnswer| match answer {
        EmojiAnswer::Allow => 0,
        EmojiAnswer::Replace(..) => 1,
        EmojiAnswer::Strip(_) => 2,
        EmojiAnswer::Deny(_) => 3,
    };
    ["allow", "replace", "strip", "deny"][answers.iter().map(rank).max().unwrap_or(0)]
}

/// A target as people write it.
pub(crate) fn target_name(target: &Target) -> String {
    match target {
        Target::Department(id) => format!("department {id}"),
        Target::Agent(id) => format!("agent {id}"),
        Target::FirstContact => "first contact".into(),
        Target::Bot => "bot".into(),
    }
}

/// Everything an answer explains.
pub(crate) fn explanations(answer: &Answer) -> Vec<Explanation> {
    match answer {
        Answer::Setup(_) | Answer::Observed | Answer::NotApplicable | Answer::Bot(None) => {
            Vec::new()
        }
        Answer::Classify(suggested) => suggested.iter().filter_map(|one| one.why.clone()).collect(),
        Answer::Replies(replies) => replies.iter().filter_map(|one| one.why.clone()).collect(),
        Answer::Transfer(
            TransferAnswer::Stay(why)
            | TransferAnswer::MoveTo(_, why)
            | TransferAnswer::Forbid(_, why),
        )
        | Answer::Message(MessageAnswer::Warn(why) | MessageAnswer::Deny(why))
        | Answer::Attachment(AttachmentAnswer::Warn(why) | AttachmentAnswer::Deny(why)) => {
            vec![why.clone()]
        }
        Answer::Transfer(TransferAnswer::Abstain)
        | Answer::Message(MessageAnswer::Allow)
        | Answer::Attachment(AttachmentAnswer::Allow) => Vec::new(),
        Answer::Message(MessageAnswer::Rewrite(edits)) => {
            edits.iter().map(|edit| edit.why.clone()).collect()
        }
        Answer::Emoji(answers) => answers
            .iter()
            .filter_map(|answer| match answer {
                EmojiAnswer::Allow => None,
                EmojiAnswer::Strip(why) | EmojiAnswer::Replace(_, why) | EmojiAnswer::Deny(why) => {
                    Some(why.clone())
                }
            })
            .collect(),
        Answer::Bot(Some(reply)) => reply
            .actions
            .iter()
            .filter_map(|action| match action {
                crate::verdict::BotAction::HandOver(_, why)
                | crate::verdict::BotAction::Close(why) => Some(why.clone()),
                _ => None,
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emoji;
    use crate::question::{EditAnswer, ReplyAnswer, Suggested};

    fn why(code: &str) -> Explanation {
        Explanation { code: code.into(), detail: "".into(), evidence: Vec::new() }
    }

    fn said(plugin: &str, result: Result<Answer, Failure>) -> Said {
        Said {
            plugin: plugin.into(),
            version: "1".into(),
            digest: "d".into(),
            hook: Hook::MessagePolicy,
            mode: Mode::Enforce,
            on_failure: OnFailure::Open,
            took_us: 1,
            result,
        }
    }

    fn edit(start: u32, end: u32, replacement: &str) -> EditAnswer {
        EditAnswer { start, end, replacement: replacement.into(), why: why("e") }
    }

    fn judge(said: &[Said], text: &str) -> MessageOutcome {
        message(said, text, &emoji::find(text), false)
    }

    #[test]
    fn the_strongest_verdict_wins() {
        let warn = said("w", Ok(Answer::Message(MessageAnswer::Warn(why("w")))));
        let deny = said("d", Ok(Answer::Message(MessageAnswer::Deny(why("d")))));
        let rewrite = said("r", Ok(Answer::Message(MessageAnswer::Rewrite(vec![edit(0, 2, "X")]))));
        let allow = said("a", Ok(Answer::Message(MessageAnswer::Allow)));
        assert_eq!(judge(std::slice::from_ref(&allow), "abc").verdict, MessageVerdict::Allow);
        assert!(matches!(
            judge(&[allow.clone(), warn.clone()], "abc").verdict,
            MessageVerdict::Warn(_)
        ));
        match judge(&[warn.clone(), rewrite.clone()], "abc").verdict {
            MessageVerdict::Rewrite { text, warnings, .. } => {
                assert_eq!((text.as_str(), warnings.len()), ("Xc", 1))
            }
            other => panic!("{other:?}"),
        }
        assert!(matches!(
            judge(&[allow, warn, rewrite, deny], "abc").verdict,
            MessageVerdict::Deny(_)
        ));
    }

    #[test]
    fn overlapping_edits_keep_the_earlier_and_tell() {
        let first = said("1", Ok(Answer::Message(MessageAnswer::Rewrite(vec![edit(2, 5, "-")]))));
        let second = said(
            "2",
            Ok(Answer::Message(MessageAnswer::Rewrite(vec![edit(0, 3, "+"), edit(6, 7, "!")]))),
        );
        let outcome = judge(&[first, second], "abcdefgh");
        let MessageVerdict::Rewrite { text, edits, .. } = outcome.verdict else { panic!() };
        assert_eq!(text, "+def!h");
        assert_eq!(edits.len(), 2);
        assert_eq!(&*outcome.conflicts[0].kept, "2");
        assert_eq!(&*outcome.conflicts[0].dropped.reason.plugin, "1");
    }

    #[test]
    fn emojis_are_taken_out_everywhere_with_their_space() {
        let strip =
            said("e", Ok(Answer::Emoji(vec![EmojiAnswer::Strip(why("s")), EmojiAnswer::Allow])));
        let MessageVerdict::Rewrite { text, .. } =
            judge(std::slice::from_ref(&strip), "oi 🖕 :middle_finger: 🙂 🖕").verdict
        else {
            panic!()
        };
        assert_eq!(text, "oi 🙂");
        assert!(
            matches!(judge(&[strip], "🖕").verdict, MessageVerdict::Deny(_)),
            "nothing is left"
        );
    }

    #[test]
    fn failing_open_and_closed() {
        let failed =
            |on_failure| Said { on_failure, ..said("f", Err(Failure::Missing("gone".into()))) };
        assert_eq!(judge(&[failed(OnFailure::Open)], "a").verdict, MessageVerdict::Allow);
        let MessageVerdict::Deny(reasons) = judge(&[failed(OnFailure::Closed)], "a").verdict else {
            panic!()
        };
        assert_eq!(&*reasons[0].explanation.code, "plugin-missing");
        let outcome = transfer(&[failed(OnFailure::Closed)], Some(&Target::Bot));
        assert_eq!(outcome.why_not(&Target::Bot).len(), 1);
        let shadow = Said { mode: Mode::Shadow, ..failed(OnFailure::Closed) };
        assert_eq!(judge(&[shadow], "a").verdict, MessageVerdict::Allow, "shadow is always open");
    }

    #[test]
    fn shadow_never_counts_and_is_compared() {
        let deny = said("d", Ok(Answer::Message(MessageAnswer::Deny(why("d")))));
        let shadow = Said { mode: Mode::Shadow, ..deny.clone() };
        let outcome = judge(std::slice::from_ref(&shadow), "a");
        assert_eq!(outcome.verdict, MessageVerdict::Allow);
        assert_eq!(outcome.decisions[0].agrees, Some(false));
        let outcome = judge(&[deny, shadow], "a");
        assert_eq!(outcome.decisions[1].agrees, Some(true));
        assert_eq!(outcome.decisions[0].agrees, None);
    }

    #[test]
    fn classifiers_are_combined_per_node_with_their_sources() {
        let suggest = |plugin: &str, nodes: &[(&str, f32)]| {
            let suggested = nodes.iter().map(|(node, confidence)| Suggested {
                node: (*node).into(),
                confidence: *confidence,
                why: None,
            });
            said(plugin, Ok(Answer::Classify(suggested.collect())))
        };
        let outcome = classify(
            &[suggest("1", &[("a", 0.5), ("b", 0.6)]), suggest("2", &[("a", 0.9), ("c", 0.1)])],
            2,
        );
        let got: Vec<_> =
            outcome.suggestions.iter().map(|s| (&*s.node, s.confidence, s.sources.len())).collect();
        assert_eq!(got, [("a", 0.9, 2), ("b", 0.6, 1)]);
        assert_eq!(&*outcome.suggestions[0].sources[0].plugin, "2");
    }

    #[test]
    fn the_surest_replies_count_and_each_text_once() {
        let suggest = |plugin: &str, texts: &[(&str, f32)]| {
            let replies = texts.iter().map(|(text, confidence)| ReplyAnswer {
                text: (*text).into(),
                canned: None,
                confidence: *confidence,
                why: None,
            });
            said(plugin, Ok(Answer::Replies(replies.collect())))
        };
        let shadow = Said { mode: Mode::Shadow, ..suggest("3", &[("unseen", 1.0), ("same", 0.1)]) };
        let outcome = replies(
            &[
                suggest("1", &[("one", 0.5), ("same", 0.6)]),
                suggest("2", &[(" same\n", 0.9), ("two", 0.5), ("three", 0.4)]),
                shadow,
            ],
            3,
        );
        let got: Vec<_> =
            outcome.replies.iter().map(|reply| (&*reply.text, &*reply.plugin)).collect();
        assert_eq!(got, [("same", "2"), ("one", "1"), ("two", "2")]);
        assert_eq!(outcome.decisions[2].agrees, Some(false));
    }

    #[test]
    fn transfer_denials_are_a_union_and_the_first_survivor_wins() {
        let to = |id: &str| Target::Department(id.into());
        let answer = |plugin: &str, answer| said(plugin, Ok(Answer::Transfer(answer)));
        let outcome = transfer(
            &[
                answer("1", TransferAnswer::MoveTo(to("x"), why("m"))),
                answer("2", TransferAnswer::MoveTo(to("y"), why("m"))),
                answer("3", TransferAnswer::Forbid(to("x"), why("f"))),
                answer("4", TransferAnswer::Forbid(to("z"), why("f"))),
            ],
            None,
        );
        assert_eq!(outcome.forbidden.len(), 2);
        assert!(
            matches!(&outcome.proposal, Some(Proposal::MoveTo(target, reason)) if *target == to("y") && &*reason.plugin == "2")
        );
    }
}
