//! `dialogo reasons …`: what it takes.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Json;

/// `reasons …`
#[derive(Debug, Subcommand)]
pub enum Reasons {
    /// Look for them: in the desk's journal, which may be running, or in a file.
    #[command(after_help = "Examples:
  dialogo reasons find                        takes a minute or so on a large desk
  dialogo reasons find --days 90 --least 20
  dialogo reasons find --from messages.csv --json

Looked at are conversations that nobody classified, or as \"other\". Nothing leaves this machine, and nothing is changed:
`dialogo reasons accept` makes a node of a group, `decline` keeps it away. A running desk looks every night by itself.")]
    Find(FindReasons),
    /// Show what was found last, less what was decided since.
    List(Json),
    /// Make a node of a group: written into classifications.toml with every comment kept.
    #[command(after_help = "Examples:
  dialogo reasons accept cartao-engolido
  dialogo reasons accept cartao-engolido --title \"Cartão retido no caixa\" --id conta.cartao-retido --parent conta")]
    Accept(Accept),
    /// Turn a group down: it does not come back unless it has grown by half.
    #[command(after_help = "Example:
  dialogo reasons decline bom-dia")]
    Decline {
        /// The group, as `dialogo reasons list` names it.
        group: String,
        /// Print one JSON object instead of text.
        #[arg(long)]
        json: bool,
    },
}

/// `reasons find`
#[derive(Debug, Args)]
pub struct FindReasons {
    /// Look in this file instead, and keep nothing: a CSV with the columns `text` and `label`, or recorded dialogues (.jsonl).
    #[arg(long, value_name = "FILE")]
    pub from: Option<PathBuf>,
    /// Only conversations that began in the last N days.
    #[arg(long, value_name = "N", conflicts_with = "from")]
    pub days: Option<u32>,
    /// Groups have at least so many conversations.
    #[arg(long, value_name = "N", default_value_t = 8)]
    pub least: usize,
    /// What looks random follows from it.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Print one JSON object instead of text.
    #[arg(long)]
    pub json: bool,
    /// Print a line of JSON for each step and nothing else, for the desk that asked.
    #[arg(long, hide = true, conflicts_with_all = ["json", "from"])]
    pub steps: bool,
}

/// `reasons accept`
#[derive(Debug, Args)]
pub struct Accept {
    /// The group, as `dialogo reasons list` names it.
    pub group: String,
    /// The node's id, for ever; without it, the proposed one.
    #[arg(long, value_name = "ID")]
    pub id: Option<String>,
    /// What agents read, in the desk's first language; without it, the proposed one.
    #[arg(long, value_name = "TEXT")]
    pub title: Option<String>,
    /// The node above it, empty for none; without it, the proposed one.
    #[arg(long, value_name = "ID")]
    pub parent: Option<String>,
    /// Print one JSON object instead of text.
    #[arg(long)]
    pub json: bool,
}
