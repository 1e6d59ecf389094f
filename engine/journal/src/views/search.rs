//! Looking for conversations by what was said in them, by the consumer's name and by what they were about.
//!
//! A search walks one list, newest first, and looks into the words that were kept at each close (`words`). It is bounded
//! and says how far it came: whoever wants more goes on from there. Open conversations are not here; the desk has them.

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::{Duration, Instant};

use dialogo_domain::{AgentId, ConsumerId, ConversationId, Millis, NodeId};

use crate::fault::Fault;

use super::keys::{self, Key};
use super::words::{self, fold};
use super::{Summary, Views, broken};

/// What is looked for. Every word has to begin a word of the conversation: of its texts, of the consumer's name, or of
/// the names of its classification.
#[derive(Clone, Debug)]
pub struct Query {
    words: Vec<String>,
    /// The names of the nodes that hold one of the words, folded.
    nodes: BTreeMap<NodeId, String>,
}

/// Where to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Within<'a> {
    /// What this agent had last.
    Agent(&'a AgentId),
    /// What this consumer wrote.
    Consumer(ConsumerId),
    /// Everything.
    All,
}

/// How much one search may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Conversations to find.
    pub found: usize,
    /// Conversations to look at.
    pub looked_at: usize,
    /// Time to take.
    pub time: Duration,
}

/// What a search found, and how far it looked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Newest first.
    pub conversations: Vec<Summary>,
    /// Conversations that were looked at.
    pub looked_at: usize,
    /// The time in the list of the oldest one looked at, where it did not come to the end: what is older was not looked
    /// at, and everything of that very moment was.
    pub stopped_at: Option<Millis>,
}

impl Query {
    /// What somebody wrote, with the nodes of the tree and all their names; `None` where there is no word in it.
    pub fn new<'a>(
        text: &str,
        tree: impl IntoIterator<Item = (&'a NodeId, String)>,
    ) -> Option<Self> {
        let words: Vec<String> =
            fold(text).split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect();
        if words.is_empty() {
            return None;
        }
        let named = tree.into_iter().map(|(id, names)| (id.clone(), format!(" {}", fold(&names))));
        let nodes = named.filter(|(_, names)| words.iter().any(|word| begins(names, word)));
        let nodes = nodes.collect();
        Some(Self { words, nodes })
    }

    /// Whether a conversation with these words and this classification is meant. `text` is folded, with a blank before
    /// each word.
    pub fn finds(&self, text: &str, node: Option<&NodeId>) -> bool {
        let names = node.and_then(|node| self.nodes.get(node)).map_or("", String::as_str);
        self.words.iter().all(|word| begins(text, word) || begins(names, word))
    }

    /// Where words of a text are meant, as bytes of it.
    pub fn hits(&self, text: &str) -> Vec<Range<usize>> {
        let meant = |word: &Range<usize>| {
            let folded = fold(&text[word.clone()]);
            self.words.iter().any(|wanted| folded.starts_with(wanted.as_str()))
        };
        words::places(text).filter(meant).collect()
    }

    /// How many of the words are in a text.
    pub fn count(&self, text: &str) -> usize {
        let folded = format!(" {}", fold(text));
        self.words.iter().filter(|word| begins(&folded, word)).count()
    }
}

fn begins(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| at > 0 && text.as_bytes()[at - 1] == b' ')
}

impl Within<'_> {
    fn list(&self) -> Key {
        match self {
            Self::Agent(agent) => keys::of_agent(agent),
            Self::Consumer(consumer) => keys::of_consumer(*consumer),
            Self::All => keys::closed(),
        }
    }
}

impl Views {
    /// Closed conversations that a query finds, before a time in their list (when they were closed; for a consumer's,
    /// when they began). `None` finds all there are.
    pub fn search(
        &self,
        within: Within<'_>,
        query: Option<&Query>,
        before: Millis,
        bounds: Bounds,
    ) -> Result<Found, Fault> {
        let list = within.list();
        let from = keys::from_time(list.clone(), Millis(0));
        let to = keys::from_time(list, before);
        let deadline = Instant::now() + bounds.time;
        let mut found = Found::default();
        let mut last = None;
        for key in self.tree.range(from..to).keys().rev() {
            let key = key.map_err(|error| broken("read", &error))?;
            let (Some(conversation), at) = (keys::conversation_in(&key), keys::time_in(&key))
            else {
                continue;
            };
            let spent = found.looked_at >= bounds.looked_at
                || found.conversations.len() >= bounds.found
                || Instant::now() >= deadline;
            // Whoever goes on does so from before this time, so none of the same moment may be left.
            if spent && last != at {
                found.stopped_at = last;
                return Ok(found);
            }
            last = at;
            found.looked_at += 1;
            found.conversations.extend(self.meant(conversation, query)?);
        }
        Ok(found)
    }

    fn meant(
        &self,
        conversation: ConversationId,
        query: Option<&Query>,
    ) -> Result<Option<Summary>, Fault> {
        let Some(query) = query else { return self.summary(conversation) };
        let text = self.get(keys::words(conversation))?;
        let text = text.as_deref().and_then(|text| std::str::from_utf8(text).ok()).unwrap_or("");
        // Most do not need their summary: only where the classification may help is it read.
        if query.nodes.is_empty() && !query.finds(text, None) {
            return Ok(None);
        }
        let summary = self.summary(conversation)?;
        Ok(summary.filter(|summary| query.finds(text, summary.node.as_ref())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_has_to_begin_one_of_the_text_or_of_the_classification() {
        let node = NodeId::from("cobranca.boleto");
        let tree = [(&node, "Cobrança Boleto Billing Bill".to_owned())];
        let query = Query::new("Boléto devol", tree).unwrap();
        assert!(query.finds(" cartao devolucao", Some(&node)));
        assert!(!query.finds(" cartao devolucao", None));
        assert!(!query.finds(" redevolucao", Some(&node)));
        assert!(Query::new(" … ", []).is_none());
    }

    #[test]
    fn hits_are_whole_words_where_they_stand() {
        let query = Query::new("devol aca", []).unwrap();
        let text = "A Devolução — do pedido, «ação» não.";
        let hits: Vec<&str> = query.hits(text).into_iter().map(|hit| &text[hit]).collect();
        assert_eq!(hits, ["Devolução", "ação"]);
        assert_eq!(query.count(text), 2);
    }
}
