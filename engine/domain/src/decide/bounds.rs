//! How big the parts of a command may be. The rim checks sizes too; the desk does not rely on it.

use std::sync::Arc;

use crate::desk::Profile;
use crate::message::{Body, Choice};
use crate::refusal::Refusal;

/// Longest login, in bytes.
pub const MAX_LOGIN_BYTES: usize = 64;
/// Longest name of a person or a file, in bytes: what file systems take.
pub const MAX_NAME_BYTES: usize = 255;
/// Longest note, reason or comment, in bytes.
pub const MAX_NOTE_BYTES: usize = 4 * 1024;
/// Most facts of a visitor.
pub const MAX_FACTS: usize = 64;
/// Longest value of a fact, in bytes.
pub const MAX_FACT_BYTES: usize = 1024;
/// Most quick replies in one message.
pub const MAX_CHOICES: usize = 20;
/// Most that a bot may keep for one conversation, in bytes.
pub const MAX_BOT_STATE_BYTES: usize = 64 * 1024;
/// Most things a bot does in one answer.
pub const MAX_BOT_ACTIONS: usize = 16;
/// Most messages in one conversation: its message ids stay in memory, and a robot must not fill it.
pub const MAX_MESSAGES: usize = 1_000_000;

/// A refusal for a field that is out of its bounds.
pub(super) fn invalid(field: &'static str, problem: impl Into<Arc<str>>) -> Refusal {
    Refusal::Invalid { field, problem: problem.into() }
}

/// A text that may be empty.
pub(super) fn text(field: &'static str, text: &str, most: usize) -> Result<(), Refusal> {
    if text.len() > most {
        return Err(invalid(
            field,
            format!("is {} bytes long; at most {most} are allowed", text.len()),
        ));
    }
    Ok(())
}

/// A text that must say something.
pub(super) fn some_text(field: &'static str, it: &str, most: usize) -> Result<(), Refusal> {
    if it.trim().is_empty() {
        return Err(invalid(field, "is empty"));
    }
    text(field, it, most)
}

/// No more than so many.
pub(super) fn count(field: &'static str, count: usize, most: usize) -> Result<(), Refusal> {
    if count > most {
        return Err(invalid(field, format!("has {count} entries; at most {most} are allowed")));
    }
    Ok(())
}

pub(super) fn body(body: &Body) -> Result<(), Refusal> {
    text("text", &body.text, Body::MAX_TEXT_BYTES)?;
    if body.text.trim().is_empty() && body.attachments.is_empty() {
        return Err(invalid("text", "is empty, and there is no attachment"));
    }
    count("attachments", body.attachments.len(), Body::MAX_ATTACHMENTS)?;
    body.attachments
        .iter()
        .try_for_each(|file| some_text("attachments.name", &file.name, MAX_NAME_BYTES))?;
    choices(&body.choices)
}

pub(super) fn choices(choices: &[Choice]) -> Result<(), Refusal> {
    count("choices", choices.len(), MAX_CHOICES)?;
    choices.iter().try_for_each(|choice| {
        some_text("choices.title", &choice.title, MAX_NAME_BYTES)?;
        text("choices.payload", &choice.payload, MAX_FACT_BYTES)
    })
}

pub(super) fn profile(profile: &Profile) -> Result<(), Refusal> {
    text("profile.name", profile.name.as_deref().unwrap_or_default(), MAX_NAME_BYTES)?;
    text("profile.email", profile.email.as_deref().unwrap_or_default(), MAX_NAME_BYTES)?;
    text("profile.locale", profile.locale.as_deref().unwrap_or_default(), MAX_LOGIN_BYTES)?;
    count("profile.facts", profile.facts.len(), MAX_FACTS)?;
    profile.facts.iter().try_for_each(|(key, value)| {
        some_text("profile.facts", key, MAX_LOGIN_BYTES)?;
        text("profile.facts", value, MAX_FACT_BYTES)
    })
}
