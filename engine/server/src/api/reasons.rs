//! Reasons that the classification tree lacks, as the API shows them and as they are kept beside the log.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What was found last, and whether it is being looked for now.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct NewReasons {
    /// What was found last, less what was decided since; absent: nobody has looked yet.
    pub found: Option<FoundReasons>,
    /// It is being looked for.
    pub searching: Option<SearchStep>,
    /// Why the last search found nothing, if it failed.
    pub failed: Option<String>,
}

/// How far a search has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SearchStep {
    /// Steps done.
    pub done: u64,
    /// Steps in all.
    pub of: u64,
    /// What is being done, in a word of English.
    pub what: String,
}

/// What a search found.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FoundReasons {
    /// When, in milliseconds UTC.
    pub at: u64,
    /// Conversations in the journal.
    pub conversations: u64,
    /// Of them, without a node, or with one that stands for all others.
    pub looked_at: u64,
    /// Groups that fit no node, the largest first.
    pub groups: Vec<ReasonGroup>,
    /// Nodes that are hardly told apart, the worst first.
    pub alike: Vec<AlikeNodes>,
    /// Nodes that could be chosen and never were.
    pub unused: Vec<String>,
}

/// Conversations about the same that fit no node.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReasonGroup {
    /// Its name in commands, from the words that tell it from others.
    pub id: String,
    /// How many conversations it has.
    pub size: u64,
    /// How near to each other they stand: 1 would be all the same.
    pub cohesion: f32,
    /// How many began in each of the last four weeks, the latest last; empty where their time is not known.
    pub weeks: Vec<u64>,
    /// The words that tell it from others, the most telling first.
    pub phrases: Vec<String>,
    /// Typical messages; addresses and long numbers are covered.
    pub samples: Vec<String>,
    /// The node whose conversations are nearest.
    pub nearest: Option<String>,
    /// The node that it could become.
    pub proposed: ProposedNode,
    /// A decline that it has outgrown, in milliseconds UTC.
    pub declined_at: Option<u64>,
    /// Its most typical conversations, at most 200.
    pub conversations: Vec<String>,
}

/// A node that could be added.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProposedNode {
    /// Its id, for ever.
    pub id: String,
    /// What agents read.
    pub title: String,
    /// The node above it; absent: none.
    pub parent: Option<String>,
}

/// Two nodes that are hardly told apart.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AlikeNodes {
    /// One and the other.
    pub nodes: [String; 2],
    /// Conversations of both that were judged by a model that had not seen them.
    pub of: u64,
    /// Of them, taken for the other node; two names for one thing come to about a half.
    pub confused: u64,
    /// How much the model sees the same in both: 1 is the same.
    pub similarity: f32,
    /// Messages of each that were taken for the other.
    pub samples: [Vec<String>; 2],
}

/// Which node a group becomes. What is absent is as proposed.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptReasonBody {
    /// Its id, for ever.
    pub id: Option<String>,
    /// What agents read, in the desk's first language.
    pub title: Option<String>,
    /// The node above it; empty: none.
    pub parent: Option<String>,
}
