//! Messages' parts as stored.

use std::sync::Arc;

use dialogo_domain::desk::Profile as DomainProfile;
use dialogo_domain::message::{
    Attachment as DomainAttachment, Author as DomainAuthor, Body, Channel as DomainChannel,
    Choice as DomainChoice,
};
use dialogo_domain::{AgentId, AttachmentId};
use minicbor::{Decode, Encode};

use super::ids::{Digest, Id};
use super::sealed::{Personal, some_list, some_text};

#[derive(Clone, Copy, Debug, Encode, Decode)]
#[cbor(index_only)]
pub(crate) enum Channel {
    #[n(0)]
    Web,
    #[n(1)]
    Mobile,
    #[n(2)]
    Email,
    #[n(3)]
    Social,
    #[n(4)]
    Voice,
    #[n(5)]
    Api,
}

impl Channel {
    pub(crate) fn of(channel: DomainChannel) -> Self {
        match channel {
            DomainChannel::Web => Self::Web,
            DomainChannel::Mobile => Self::Mobile,
            DomainChannel::Email => Self::Email,
            DomainChannel::Social => Self::Social,
            DomainChannel::Voice => Self::Voice,
            DomainChannel::Api => Self::Api,
        }
    }

    pub(crate) fn into_domain(self) -> DomainChannel {
        match self {
            Self::Web => DomainChannel::Web,
            Self::Mobile => DomainChannel::Mobile,
            Self::Email => DomainChannel::Email,
            Self::Social => DomainChannel::Social,
            Self::Voice => DomainChannel::Voice,
            Self::Api => DomainChannel::Api,
        }
    }
}

#[derive(Debug, Encode, Decode)]
pub(crate) enum Author<'a> {
    #[n(0)]
    Consumer,
    #[n(1)]
    Agent(#[b(0)] &'a str),
    #[n(2)]
    Bot,
    #[n(3)]
    System,
}

impl<'a> Author<'a> {
    pub(crate) fn of(author: &'a DomainAuthor) -> Self {
        match author {
            DomainAuthor::Consumer => Self::Consumer,
            DomainAuthor::Agent(agent) => Self::Agent(agent.as_str()),
            DomainAuthor::Bot => Self::Bot,
            DomainAuthor::System => Self::System,
        }
    }

    pub(crate) fn into_domain(self) -> DomainAuthor {
        match self {
            Self::Consumer => DomainAuthor::Consumer,
            Self::Agent(agent) => DomainAuthor::Agent(AgentId::new(agent)),
            Self::Bot => DomainAuthor::Bot,
            Self::System => DomainAuthor::System,
        }
    }
}

#[derive(Debug, Encode, Decode)]
pub(crate) struct Attachment<'a> {
    #[n(0)]
    id: Id,
    #[b(1)]
    name: &'a str,
    #[b(2)]
    mime: &'a str,
    #[n(3)]
    bytes: u64,
    #[n(4)]
    sha256: Digest,
    #[b(5)]
    warning: Option<&'a str>,
}

impl<'a> Attachment<'a> {
    fn of(attachment: &'a DomainAttachment) -> Self {
        let DomainAttachment { id, name, mime, bytes, sha256, warning } = attachment;
        Self {
            id: Id(id.0),
            name,
            mime,
            bytes: *bytes,
            sha256: Digest(*sha256),
            warning: warning.as_deref(),
        }
    }

    fn into_domain(self) -> DomainAttachment {
        DomainAttachment {
            id: AttachmentId(self.id.0),
            name: self.name.into(),
            mime: self.mime.into(),
            bytes: self.bytes,
            sha256: self.sha256.0,
            warning: self.warning.map(Arc::from),
        }
    }
}

#[derive(Debug, Encode, Decode)]
pub(crate) struct Choice<'a> {
    #[b(0)]
    title: &'a str,
    #[b(1)]
    payload: &'a str,
}

/// Puts a body into a personal part.
pub(crate) fn put_body<'a>(body: &'a Body, personal: &mut Personal<'a>) {
    let Body { text, attachments, choices } = body;
    personal.text = some_text(text);
    personal.attachments = some_list(attachments.iter().map(Attachment::of).collect());
    let choices = choices.iter().map(|DomainChoice { title, payload }| Choice { title, payload });
    personal.choices = some_list(choices.collect());
}

/// Takes a body out of a personal part.
pub(crate) fn take_body(personal: &mut Personal<'_>) -> Body {
    let attachments = personal.attachments.take().unwrap_or_default();
    let choices = personal.choices.take().unwrap_or_default();
    Body {
        text: personal.text.unwrap_or_default().into(),
        attachments: attachments.into_iter().map(Attachment::into_domain).collect(),
        choices: choices
            .into_iter()
            .map(|choice| DomainChoice {
                title: choice.title.into(),
                payload: choice.payload.into(),
            })
            .collect(),
    }
}

#[derive(Debug, Encode, Decode)]
pub(crate) struct Profile<'a> {
    #[b(0)]
    name: Option<&'a str>,
    #[b(1)]
    email: Option<&'a str>,
    #[b(2)]
    locale: Option<&'a str>,
    #[b(3)]
    facts: Vec<(&'a str, &'a str)>,
}

impl<'a> Profile<'a> {
    pub(crate) fn of(profile: &'a DomainProfile) -> Self {
        let DomainProfile { name, email, locale, facts } = profile;
        Self {
            name: name.as_deref(),
            email: email.as_deref(),
            locale: locale.as_deref(),
            facts: facts.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect(),
        }
    }

    pub(crate) fn into_domain(self) -> DomainProfile {
        DomainProfile {
            name: self.name.map(str::to_owned),
            email: self.email.map(str::to_owned),
            locale: self.locale.map(str::to_owned),
            facts: self
                .facts
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .collect(),
        }
    }
}
