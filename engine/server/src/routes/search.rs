//! Finding conversations: open ones from the desk's memory, closed ones by walking the views, newest first and bounded.
//!
//! An agent searches what is or was the own; a supervisor everything. Within one consumer's conversations everybody
//! finds what they may see. Who may see it is asked again for each conversation that is shown.

use std::time::Duration;

use dialogo_domain::conversation::{Classification, Conversation, State};
use dialogo_domain::visibility::may_see;
use dialogo_domain::{ConsumerId, ConversationId, Event, Millis, NodeId};
use dialogo_journal::views::search::{Bounds, Found, Query, Within};
use dialogo_journal::views::{Page, by_people, fold, kind};

use crate::api::{ConversationList, Hit, Piece, Searched};
use crate::auth::{Account, Caller};
use crate::problem::{Problem, log_fault};
use crate::reads;
use crate::state::App;

/// Longest text looked for, in bytes: some words, not a document.
const MAX_QUERY: usize = 200;
/// Conversations looked at in one go, and the time that may take: whoever wants more asks for it.
const LOOKED_AT: usize = 5_000;
const TIME: Duration = Duration::from_millis(250);
/// Messages of one conversation in which the words are looked for again, to show where they stand.
const READ_AGAIN: usize = 400;
/// Letters of a text shown before and after the first hit.
const BEFORE: usize = 40;
const AFTER: usize = 120;

/// What is looked for, and where.
pub(crate) struct Wanted {
    /// The words; `None`: everything of the consumer.
    pub(crate) text: Option<String>,
    /// Whose; `None`: anybody's.
    pub(crate) consumer: Option<ConsumerId>,
    /// From where to go on.
    pub(crate) before: Option<u64>,
    /// Conversations in the answer.
    pub(crate) limit: usize,
}

/// Finds conversations. It reads the disk: not for the async threads.
pub(crate) fn find(
    app: &App,
    account: &Account,
    wanted: &Wanted,
) -> Result<ConversationList, Problem> {
    let query = query(app, wanted.text.as_deref())?;
    let within = match wanted.consumer {
        Some(consumer) => Within::Consumer(consumer),
        None if account.sees_all() => Within::All,
        None => Within::Agent(&account.id),
    };
    let views = app.desk.views();
    if let Err(fault) = views.wait_for(app.desk.head(), reads::VIEWS_WITHIN) {
        tracing::warn!(%fault, "the views do not follow; what is newest may not be found");
    }
    let mut ids = Vec::new();
    // Open ones stand before all that are closed, on the first page.
    if wanted.before.is_none() && wanted.consumer.is_none() {
        ids = open(app, account, query.as_ref(), wanted.limit);
    }
    let bounds = Bounds {
        found: wanted.limit.saturating_sub(ids.len()).max(1),
        looked_at: LOOKED_AT,
        time: TIME,
    };
    let before = Millis(wanted.before.unwrap_or(u64::MAX));
    let found: Found = views
        .search(within, query.as_ref(), before, bounds)
        .map_err(|error| log_fault("searching", &error))?;
    ids.extend(found.conversations.iter().map(|summary| summary.conversation));
    ids.dedup();
    let caller = Caller::Account(account.clone());
    let mut conversations = Vec::with_capacity(ids.len());
    for id in ids {
        // One that the caller may not see, or that has been reopened meanwhile by somebody else.
        let Ok(mut shown) = reads::conversation(app, &caller, id) else { continue };
        if let Some(query) = &query {
            shown.hit = hit(app, id, query)?;
        }
        conversations.push(shown);
    }
    Ok(ConversationList {
        conversations,
        next: found.stopped_at.map(|at| at.0),
        position: reads::number(app.desk.head()),
        searched: Some(Searched {
            looked_at: found.looked_at,
            back_to: found.stopped_at.map(|at| at.0),
        }),
    })
}

fn query(app: &App, text: Option<&str>) -> Result<Option<Query>, Problem> {
    let Some(text) = text else { return Ok(None) };
    if text.len() > MAX_QUERY {
        return Err(Problem::invalid("search", format!("at most {MAX_QUERY} bytes")));
    }
    let rules = app.desk.rules();
    let tree = &rules.checked.domain.tree.nodes;
    let named = tree.iter().map(|(id, node)| {
        let names: Vec<&str> = node.name.values().map(String::as_str).collect();
        (id, names.join(" "))
    });
    Query::new(text, named)
        .map(Some)
        .ok_or_else(|| Problem::invalid("search", "a search has a word in it"))
}

/// Open conversations that are meant, the latest first: by the name and by the last words that are in memory.
fn open(app: &App, account: &Account, query: Option<&Query>, limit: usize) -> Vec<ConversationId> {
    let rules = app.desk.rules();
    let actor = account.actor();
    app.desk.look(|moment| {
        let desk = moment.desk;
        let own = |it: &Conversation| account.sees_all() || it.agent.as_ref() == Some(&account.id);
        let meant = |it: &Conversation| {
            query.is_none_or(|query| {
                let name =
                    desk.consumers.get(&it.consumer).and_then(|of| of.profile.name.as_deref());
                let said = moment.said(it.id).map(|(_, text)| &**text);
                let words: String =
                    name.into_iter().chain(said).map(|text| format!(" {}", fold(text))).collect();
                query.finds(&words, node_of(it))
            })
        };
        let mut found: Vec<&Conversation> = desk
            .conversations
            .values()
            .filter(|it| it.state != State::Closed && own(it))
            .filter(|it| may_see(desk, &rules.checked.domain, &actor, it))
            .filter(|it| meant(it))
            .collect();
        found.sort_by_key(|it| (std::cmp::Reverse(it.opened_at), it.id));
        found.into_iter().take(limit).map(|it| it.id).collect()
    })
}

fn node_of(conversation: &Conversation) -> Option<&NodeId> {
    match &conversation.classification {
        Classification::Draft(chosen) | Classification::Final(chosen) => Some(&chosen.node),
        Classification::None | Classification::Waived => None,
    }
}

/// The message that holds the most of the words, the latest of them; `None` where the name or the classification does.
fn hit(app: &App, id: ConversationId, query: &Query) -> Result<Option<Hit>, Problem> {
    let commits = app
        .desk
        .views()
        .transcript_of(id, Page::Latest, READ_AGAIN, kind::MESSAGE)
        .map_err(|error| log_fault("reading a conversation", &error))?;
    let said = commits.iter().flat_map(|commit| {
        commit.events.iter().filter_map(|event| match event {
            Event::MessageSent { number, author, body, .. } if by_people(author) => {
                Some((commit.stamp.at, *number, &body.text))
            }
            _ => None,
        })
    });
    let best =
        said.map(|said| (query.count(said.2), said)).max_by_key(|(count, said)| (*count, said.1));
    Ok(best.filter(|(count, _)| *count > 0).map(|(_, (at, number, text))| Hit {
        number,
        at: at.0,
        pieces: pieces(text, query),
    }))
}

/// The text around the first hit, cut into what was meant and what was not.
fn pieces(text: &str, query: &Query) -> Vec<Piece> {
    let hits = query.hits(text);
    let first = hits.first().map_or(0, |hit| hit.start);
    let from = text[..first].char_indices().rev().nth(BEFORE - 1).map_or(0, |(at, _)| at);
    let to = text[first..].char_indices().nth(AFTER).map_or(text.len(), |(at, _)| first + at);
    let mut pieces = Vec::new();
    let mut push = |text: &str, hit: bool| {
        if !text.is_empty() {
            pieces.push(Piece { text: text.to_owned(), hit });
        }
    };
    let mut at = from;
    push(if from > 0 { "…" } else { "" }, false);
    for hit in hits.into_iter().filter(|hit| hit.end <= to) {
        push(&text[at..hit.start], false);
        push(&text[hit.clone()], true);
        at = hit.end;
    }
    push(&text[at..to], false);
    push(if to < text.len() { "…" } else { "" }, false);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str, words: &str) -> String {
        let query = Query::new(words, []).expect("a word");
        let marked = pieces(text, &query)
            .into_iter()
            .map(|piece| if piece.hit { format!("[{}]", piece.text) } else { piece.text });
        marked.collect()
    }

    #[test]
    fn an_excerpt_shows_the_hit_in_its_surroundings() {
        assert_eq!(cut("Não recebi a devolução.", "devolucao"), "Não recebi a [devolução].");
        let long = format!("{} cartão {}", "é ".repeat(100), "ç ".repeat(100));
        let shown = cut(&long, "cart");
        assert!(
            shown.starts_with("… é") && shown.ends_with('…') && shown.contains("[cartão]"),
            "{shown}"
        );
        assert!(shown.chars().count() < 180, "{shown}");
    }
}
