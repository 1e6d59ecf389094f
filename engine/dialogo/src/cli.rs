//! The command line: verbs, options, help texts. What the verbs do is in `commands`.

mod plugin;
mod reasons;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

pub use plugin::Plugin;
pub use reasons::{Accept, FindReasons, Reasons};

/// Exit codes, said once for all verbs.
const EXIT_CODES: &str = "\
Exit codes:
  0  done, nothing wrong
  1  done, and something was found: problems in rule files, failed tests, lost messages
  2  the command line is wrong
  3  the desk cannot be reached, its folder is locked, or something outside broke
  4  the desk said no";

/// A chat desk in one file: conversations, sandboxed plugins, rules that reload.
#[derive(Debug, Parser)]
#[command(name = "dialogo", version, propagate_version = true, after_help = EXIT_CODES, max_term_width = 100)]
pub struct Cli {
    /// The desk's folder, with config, plugins and data in it.
    #[arg(long, global = true, value_name = "DIR", env = "DIALOGO_DIR", default_value = "./desk")]
    pub dir: PathBuf,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write a desk to begin with: rules, plugins and the first admin.
    #[command(after_help = "Examples:
  dialogo init                      writes ./desk and prints a password for `admin`
  dialogo init /srv/desk --admin maria --password-stdin < password.txt")]
    Init(Init),
    /// Serve the desk over HTTP and WebSocket.
    #[command(after_help = "Examples:
  dialogo serve                     serves ./desk on 127.0.0.1:7070
  dialogo serve --demo              a desk with agents and consumers in it, to look at
  dialogo --dir /srv/desk serve --listen 0.0.0.0:443 --tls-cert cert.pem --tls-key key.pem
  dialogo serve --listen 127.0.0.1:8080 --trusted-proxy 127.0.0.1/32")]
    Serve(Serve),
    /// Check the rule files and say everything that is wrong, with file, line and column.
    #[command(after_help = "Examples:
  dialogo check                     checks ./desk/config
  dialogo check ./my-desk --json    for scripts
  dialogo check --sarif > s.sarif   for code hosts that show problems in a change
  dialogo check --schemas .schemas  writes a JSON Schema for each file, for completion in editors")]
    Check(Check),
    /// Run the [[test]] cases that stand in the rule files.
    #[command(after_help = "Examples:
  dialogo test                      tries ./desk/config against its own cases
  dialogo test ./my-desk --json
  dialogo test --coverage           also names the rules that no case would miss
  dialogo test --require-coverage 80   ends with 1 if in some file less than 80 % of the rules are tried")]
    Test(Test),
    /// Say what other rules would have done: judges past conversations by the rules in use and by a candidate.
    #[command(after_help = "Examples:
  dialogo backtest --config ../new-rules                 over everything the desk has seen; it may be running
  dialogo backtest --config ../new-rules --days 30 --html report.html
  dialogo backtest --config ../new-rules --dialogues talks.jsonl --department suporte --json
  dialogo backtest --config ../new-rules --dialogues talks.jsonl --arrivals 60/h --agents 4

Nothing is touched. Compared are suggestions, verdicts over messages and files, transfers that were asked for and transfers
that the rules propose; and, in simulated time, who would have been given each conversation and how long people would have
waited. What the simulation takes for granted, and how well it matches what really happened, stands in the report.")]
    Backtest(Backtest),
    /// Learn from what agents decided, and tell how good it is: makes a plugin that suggests classifications.
    #[command(after_help = "Examples:
  dialogo train                                    from this desk's own journal; it may be running
  dialogo train --install                          and put it into the desk, in shadow, if it is not worse than the one in use
  dialogo train --days 180 --html report.html --json
  dialogo train --from train.csv --test test.csv --out ./learned

Lessons of a journal are divided by time: learned from the older four fifths, measured on the latest. What is written has
learned from all of them. The same lessons and seed give the same bytes. Nothing leaves this machine.
Exit code 1 with --install if what was learned is worse than the model in use, which then stays.")]
    Train(Train),
    /// Learn what agents answer to similar messages: makes a package of the plugin that suggests replies.
    #[command(after_help = "Examples:
  dialogo train-replies --out ./replies && dialogo plugin install ./replies
  dialogo train-replies --out ./replies --days 90 --least-support 5
  dialogo train-replies --out ./replies --from talks.jsonl --json

An answer counts when it was given, word for word or nearly so, in at least N conversations, and holds no e-mail address, no
number of more than two digits and no name of who took part. Of what consumers wrote only hashes of words are kept. The
same conversations give the same bytes. Read answers.txt in the package before you install it. Nothing leaves this machine.")]
    TrainReplies(TrainReplies),
    /// Measure a classifier, any partner's too, on conversations that are classified.
    #[command(after_help = "Examples:
  dialogo eval keywords                            a plugin of this desk, on everything the desk has seen
  dialogo eval ./learned --data test.csv           a package, on a CSV with the columns text and label
  dialogo eval ./learned --data talks.jsonl --html report.html --json

Exit code 1 if it failed on any of them.")]
    Eval(Eval),
    /// Say how the running desk is: rules in force, queues, agents, what is wrong.
    #[command(after_help = "Example:
  dialogo status --json | jq .rules.problems")]
    Status(Json),
    /// List generations of rules, compare them, go back to one, or have the files read again.
    #[command(subcommand)]
    Rules(Rules),
    /// Find groups of conversations that fit no classification, and nodes that are hardly told apart; accept or decline them.
    #[command(subcommand)]
    Reasons(Reasons),
    /// Take the classification tree to a spreadsheet and back.
    #[command(subcommand)]
    Tree(Tree),
    /// Let the word of a plugin count: in a share of the conversations, then in all of them.
    #[command(after_help = "Examples:
  dialogo promote learned --percent 10    counts in every tenth conversation, always the same ones
  dialogo promote learned                 counts in all of them

It is written into plugins.toml and in force at once; `dialogo rules rollback` takes it back. Refused (exit code 4) where what
was measured falls short of `promotion.min_precision`; `dialogo plugin list` shows what was measured.")]
    Promote(Promote),
    /// Play recorded dialogues through a desk and check that everything reaches everybody, once and in order.
    #[command(after_help = "Examples:
  dialogo replay talks.jsonl                        as fast as it goes, on a desk of its own
  dialogo replay talks.jsonl --speed real --agents 20 --consumers 80
  dialogo replay talks.jsonl --edit-rules 10 --replace-plugin 3 --json
  dialogo replay talks.jsonl --server https://desk.example.com --login ana --password-stdin < p

A line of the file: {\"id\": \"1\", \"turns\": [{\"who\": \"consumer\", \"text\": \"oi\"}, …], \"labels\": {\"tasks\": […]}}
Exit code 1 if anything was lost, doubled, out of order or failed.")]
    Replay(Box<Replay>),
    /// Say why a conversation went the way it went: who got it, who did not, what the plugins said.
    #[command(after_help = "Examples:
  dialogo explain 7f3a5c1e-0d2b-4c55-9a39-6f1f4be1a001
  dialogo explain 7f3a5c1e-0d2b-4c55-9a39-6f1f4be1a001 --only suggestion
  dialogo explain 7f3a5c1e-0d2b-4c55-9a39-6f1f4be1a001 --message 3

Rules are named by file and line as they stood when it was decided; `dialogo rules diff` shows what changed since.")]
    Explain(Explain),
    /// Check the journal from end to end: every frame, every hash, every commit.
    #[command(after_help = "Example:
  dialogo verify && echo \"nothing is damaged\"")]
    Verify(Json),
    /// Make everything that can be made from the journal anew (the desk must not run).
    Rebuild(Json),
    /// Copy a desk, running or not, to a new folder from which it can be served again.
    #[command(after_help = "Example:
  dialogo backup /backup/desk-$(date +%F)")]
    Backup(Backup),
    /// Make, list and remove accounts, and set passwords.
    #[command(subcommand)]
    Agent(Agent),
    /// Begin, build, try, sign and install plugins, and list those of a desk.
    #[command(subcommand)]
    Plugin(Plugin),
    /// Print a completion script for a shell.
    #[command(after_help = "Example:
  dialogo completions bash > /etc/bash_completion.d/dialogo")]
    Completions {
        /// Which shell.
        shell: Shell,
    },
}

/// Output for scripts.
#[derive(Debug, Clone, Copy, Args)]
pub struct Json {
    /// Print one JSON object instead of text.
    #[arg(long)]
    pub json: bool,
}

/// `init`
#[derive(Debug, Args)]
pub struct Init {
    /// Where; without it, the folder of --dir.
    #[arg(value_name = "DIR")]
    pub folder: Option<PathBuf>,
    /// Login of the first admin.
    #[arg(long, default_value = "admin")]
    pub admin: String,
    /// Read the password from standard input; without it one is asked for, or made where nobody can answer.
    #[arg(long)]
    pub password_stdin: bool,
    /// Print one JSON object instead of text.
    #[arg(long)]
    pub json: bool,
}

/// `serve`
#[derive(Debug, Args)]
pub struct Serve {
    /// Address and port; port 0 takes a free one.
    #[arg(long, value_name = "ADDR", env = "DIALOGO_LISTEN", default_value = "127.0.0.1:7070")]
    pub listen: SocketAddr,
    /// Journal, views, attachments and keys; without it, DIR/data.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Rule files; without it, DIR/config.
    #[arg(long, value_name = "DIR")]
    pub config: Option<PathBuf>,
    /// Plugin packages; without it, DIR/plugins.
    #[arg(long, value_name = "DIR")]
    pub plugins: Option<PathBuf>,
    /// A desk to look at: demo accounts, and a few simulated people who write and answer.
    #[arg(long)]
    pub demo: bool,
    /// Certificate chain, PEM; with --tls-key.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// Private key, PEM; with --tls-cert.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// Network of a proxy whose forwarding headers are believed; may be repeated.
    #[arg(long, value_name = "CIDR")]
    pub trusted_proxy: Vec<ipnet::IpNet>,
    /// How to write the log, to standard error. `DIALOGO_LOG` filters it: `info`, `dialogo_desk=debug`, …
    #[arg(long, value_enum, default_value_t = LogFormat::Text)]
    pub log: LogFormat,
}

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// `check`
#[derive(Debug, Args)]
pub struct Check {
    /// A desk's folder, or a folder of rule files; without it, the one of --dir.
    #[arg(value_name = "DIR")]
    pub folder: Option<PathBuf>,
    /// Print one JSON object instead of text.
    #[arg(long)]
    pub json: bool,
    /// Print SARIF 2.1.0 instead of text, for code hosts and pipelines.
    #[arg(long, conflicts_with = "json")]
    pub sarif: bool,
    /// Also write a JSON Schema for each rule file to this folder.
    #[arg(long, value_name = "DIR")]
    pub schemas: Option<PathBuf>,
}

/// `test`
#[derive(Debug, Args)]
pub struct Test {
    /// A desk's folder; without it, the one of --dir.
    #[arg(value_name = "DIR")]
    pub folder: Option<PathBuf>,
    /// Also say which rules are tried: each is taken out in turn, and is tried if a case of its file is then answered otherwise.
    #[arg(long)]
    pub coverage: bool,
    /// With --coverage: so many of 100 rules of each file have to be tried.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(0..=100))]
    pub require_coverage: Option<u8>,
    /// Print one JSON object instead of text.
    #[arg(long)]
    pub json: bool,
}

/// `backtest`
#[derive(Debug, Args)]
pub struct Backtest {
    /// The candidate: a desk's folder, or a folder of rule files with `plugins` beside it.
    #[arg(long, value_name = "DIR")]
    pub config: PathBuf,
    /// What it is compared with; without it, the rules of --dir.
    #[arg(long, value_name = "DIR")]
    pub against: Option<PathBuf>,
    /// Judge recorded dialogues instead of the desk's own history (see `dialogo help replay`).
    #[arg(long, value_name = "FILE")]
    pub dialogues: Option<PathBuf>,
    /// The department that recorded dialogues are in, where they do not name one.
    #[arg(long, value_name = "ID", requires = "dialogues")]
    pub department: Option<String>,
    /// Only conversations that began in the last N days.
    #[arg(long, value_name = "N", conflicts_with = "dialogues")]
    pub days: Option<u32>,
    /// Judge only the latest N conversations; assignments and waiting are played over all of them.
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// Play assignments and waiting for recorded dialogues, too: consumers come by chance, N of them in an hour.
    #[arg(long, value_name = "N/h", requires = "dialogues", value_parser = per_hour)]
    pub arrivals: Option<f64>,
    /// With --arrivals: only so many of the departments' members are there, the first by name; without it, all.
    #[arg(long, value_name = "N", requires = "arrivals")]
    pub agents: Option<usize>,
    /// Print so many conversations that differ.
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub show: usize,
    /// Print one JSON object instead of text.
    #[arg(long)]
    pub json: bool,
    /// Also write the report to this file, as one page with charts.
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// End with exit code 1 if anything differs.
    #[arg(long)]
    pub exit_code: bool,
}

/// A number of arrivals in an hour: `60/h`, or `60`.
fn per_hour(text: &str) -> Result<f64, String> {
    let number = text.trim_end_matches("/h").trim();
    let wrong = || format!("`{text}` is no number of arrivals an hour such as 60/h");
    let rate: f64 = number.parse().map_err(|_| wrong())?;
    if rate.is_finite() && rate > 0.0 { Ok(rate) } else { Err(wrong()) }
}

/// `train`
#[derive(Debug, Args)]
pub struct Train {
    /// Learn from this file instead: a CSV with the columns `text` and `label`, or recorded dialogues (.jsonl).
    #[arg(long, value_name = "FILE")]
    pub from: Option<PathBuf>,
    /// Measure on this file, and learn from all lessons at once.
    #[arg(long, value_name = "FILE", requires = "from")]
    pub test: Option<PathBuf>,
    /// Write a package to this folder, which must not exist yet.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Put it into the desk, asked in shadow at first, unless it is worse than the one in use.
    #[arg(long)]
    pub install: bool,
    /// Only conversations that began in the last N days.
    #[arg(long, value_name = "N", conflicts_with = "from")]
    pub days: Option<u32>,
    /// Leave out nodes with fewer conversations.
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub least_support: usize,
    /// What looks random follows from it.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Print so many nodes and mistakes.
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub show: usize,
    /// Print one JSON object instead of text.
    #[arg(long)]
    pub json: bool,
    /// Also write the report to this file, as one page.
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
}

/// `train-replies`
#[derive(Debug, Args)]
pub struct TrainReplies {
    /// Write the package to this folder, which must not exist yet.
    #[arg(long, value_name = "DIR", required = true)]
    pub out: PathBuf,
    /// Learn from recorded dialogues (.jsonl) instead of the desk's journal.
    #[arg(long, value_name = "FILE")]
    pub from: Option<PathBuf>,
    /// Only conversations that began in the last N days.
    #[arg(long, value_name = "N", conflicts_with = "from")]
    pub days: Option<u32>,
    /// Leave out answers that were given in fewer conversations; never fewer than two.
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub least_support: usize,
    /// Print so many answers.
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub show: usize,
    /// Print one JSON object instead of text.
    #[arg(long)]
    pub json: bool,
}

/// `eval`
#[derive(Debug, Args)]
pub struct Eval {
    /// A plugin's id in the desk's plugins.toml, or a package: its folder or .wasm file.
    #[arg(value_name = "CLASSIFIER")]
    pub classifier: String,
    /// Measure on this file instead of the desk's own journal: a CSV with `text` and `label`, or recorded dialogues.
    #[arg(long, value_name = "FILE")]
    pub data: Option<PathBuf>,
    /// Its settings, a TOML file; without it those of the desk, or none for a package.
    #[arg(long, value_name = "FILE")]
    pub settings: Option<PathBuf>,
    /// Only conversations that began in the last N days.
    #[arg(long, value_name = "N", conflicts_with = "data")]
    pub days: Option<u32>,
    /// Print so many nodes and mistakes.
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub show: usize,
    /// Print one JSON object instead of text.
    #[arg(long)]
    pub json: bool,
    /// Also write the report to this file, as one page.
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
}

/// `rules …`
#[derive(Debug, Subcommand)]
pub enum Rules {
    /// List the generations that are known, the present one first.
    List(Json),
    /// Show what differs between two generations.
    #[command(after_help = "Examples:
  dialogo rules diff                 what the present generation changed
  dialogo rules diff 3f2a… 91bc…     from one to another")]
    Diff {
        /// From this one; without it, the one before the present.
        from: Option<String>,
        /// To this one; without it, the present one.
        to: Option<String>,
        /// Print one JSON object instead of text.
        #[arg(long)]
        json: bool,
    },
    /// Put an older generation in force; it holds until the files change.
    Rollback {
        /// Which; without it, the one before the present.
        to: Option<String>,
        /// Print one JSON object instead of text.
        #[arg(long)]
        json: bool,
    },
    /// Read the files again now, and say what came of it.
    Reload(Json),
}

/// `promote`
#[derive(Debug, Args)]
pub struct Promote {
    /// The plugin's id in plugins.toml.
    pub plugin: String,
    /// Of so many of 100 conversations.
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u8).range(1..=100))]
    pub percent: u8,
    /// Print one JSON object instead of text.
    #[arg(long)]
    pub json: bool,
}

/// `replay`
#[derive(Debug, Args)]
pub struct Replay {
    /// The recording, JSON Lines.
    pub file: PathBuf,
    /// Agents at work.
    #[arg(long, default_value_t = 8, value_name = "N")]
    pub agents: usize,
    /// Consumers at a time.
    #[arg(long, default_value_t = 32, value_name = "N")]
    pub consumers: usize,
    /// `real`, so many times the speed of the recording, or `max`.
    #[arg(long, default_value = "max", value_name = "real|N|max", value_parser = speed)]
    pub speed: Speed,
    /// Play only the first dialogues of the file.
    #[arg(long, value_name = "N")]
    pub first: Option<usize>,
    /// Address of a desk that runs; without it, one is started on a temporary folder.
    #[arg(long, value_name = "URL")]
    pub server: Option<String>,
    /// Login of an agent on that desk, or of an admin, who then makes the agents; may be repeated.
    #[arg(long, requires = "server")]
    pub login: Vec<String>,
    /// Its password; once for each login. On a shared machine rather use --password-stdin.
    #[arg(long, requires = "login")]
    pub password: Vec<String>,
    /// Read the passwords from standard input, one a line.
    #[arg(long, requires = "login", conflicts_with = "password")]
    pub password_stdin: bool,
    /// Keep the folder of the desk that is started, here.
    #[arg(long, value_name = "DIR", conflicts_with = "server")]
    pub keep: Option<PathBuf>,
    /// Let the bot of the default rules answer first.
    #[arg(long, conflicts_with = "server")]
    pub with_bot: bool,
    /// Edit rule files so many times meanwhile, and measure until each edit is in force.
    #[arg(long, default_value_t = 0, value_name = "N", conflicts_with = "server")]
    pub edit_rules: usize,
    /// Replace a plugin's bytes so many times meanwhile: first new ones, then known ones, in turn.
    #[arg(long, default_value_t = 0, value_name = "N", conflicts_with = "server")]
    pub replace_plugin: usize,
    /// Break a rule file so many times meanwhile and mend it; the last good generation has to stay.
    #[arg(long = "break", default_value_t = 0, value_name = "N", conflicts_with = "server")]
    pub break_rules: usize,
    /// Kill the server so many times meanwhile and start it again at the same place.
    #[arg(long, default_value_t = 0, value_name = "N", conflicts_with = "server")]
    pub kill: usize,
    /// Print one JSON object instead of a table.
    #[arg(long)]
    pub json: bool,
}

/// How fast a recording is played.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Speed {
    /// So many times its own speed.
    Times(f64),
    /// As fast as it goes.
    Max,
}

fn speed(text: &str) -> Result<Speed, String> {
    match text {
        "real" => Ok(Speed::Times(1.0)),
        "max" => Ok(Speed::Max),
        number => match number.parse::<f64>() {
            Ok(times) if times.is_finite() && times > 0.0 => Ok(Speed::Times(times)),
            _ => Err("write `real`, `max`, or a number above 0".to_owned()),
        },
    }
}

/// `explain`
#[derive(Debug, Args)]
pub struct Explain {
    /// Id of the conversation.
    pub conversation: uuid::Uuid,
    /// Only decisions of this kind.
    #[arg(long, value_enum, value_name = "KIND")]
    pub only: Option<Kind>,
    /// Only what was decided over the message with this number.
    #[arg(long, value_name = "N", conflicts_with = "only")]
    pub message: Option<u64>,
    /// Print one JSON object instead of text.
    #[arg(long)]
    pub json: bool,
}

/// What can be explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// Who got it, and who did not.
    Assignment,
    /// Messages and files: let through, changed, refused.
    Message,
    /// Where it went, or was not let go.
    Transfer,
    /// What it is about.
    Suggestion,
}

/// `tree …`
#[derive(Debug, Subcommand)]
pub enum Tree {
    /// Write the classification tree as a table: semicolons, UTF-8 with a mark, as spreadsheets take it.
    #[command(after_help = "Example:
  dialogo tree export tree.csv")]
    Export {
        /// The table; it is replaced if it is there.
        file: PathBuf,
    },
    /// Merge a table into classifications.toml; without --apply only say what that would change.
    #[command(after_help = "Examples:
  dialogo tree import tree.csv                       says what would change
  dialogo tree import tree.csv --apply               and does it
  dialogo tree import tree.csv --apply --switch-off  nodes that the table lacks are switched off

Columns: id, parent, active, name.LANGUAGE, departments, channels, synonyms (lists with | between). Columns that are missing, and
names that are empty, change nothing. Semicolon or comma, UTF-8 or Windows-1252. Ids stay for ever: a node does not move.")]
    Import {
        /// The table.
        file: PathBuf,
        /// Write it into classifications.toml.
        #[arg(long)]
        apply: bool,
        /// Switch off nodes that the table lacks.
        #[arg(long)]
        switch_off: bool,
        /// Print one JSON object instead of text.
        #[arg(long)]
        json: bool,
    },
}

/// `backup`
#[derive(Debug, Args)]
pub struct Backup {
    /// Where; it must not exist yet, or be empty.
    pub dest: PathBuf,
    /// Print one JSON object instead of text.
    #[arg(long)]
    pub json: bool,
}

/// `agent …`
#[derive(Debug, Subcommand)]
pub enum Agent {
    /// Make an account. Who belongs to which department is decided in departments.toml.
    #[command(after_help = "Examples:
  dialogo agent add ana --name \"Ana Lima\"
  dialogo agent add sofia --role supervisor --password-stdin < password.txt")]
    Add {
        /// Login: small letters, digits, `.`, `-`, `_`.
        login: String,
        /// Name that consumers see; without it, the login.
        #[arg(long)]
        name: Option<String>,
        /// What it may do.
        #[arg(long, value_enum, default_value_t = Role::Agent)]
        role: Role,
        /// Read the password from standard input.
        #[arg(long)]
        password_stdin: bool,
        /// Print one JSON object instead of text.
        #[arg(long)]
        json: bool,
    },
    /// List the accounts.
    List(Json),
    /// Set a password; sessions of the account end.
    Passwd {
        /// Whose.
        login: String,
        /// Read the password from standard input.
        #[arg(long)]
        password_stdin: bool,
        /// Print one JSON object instead of text.
        #[arg(long)]
        json: bool,
    },
    /// Take an account out of use; what it wrote stays.
    Remove {
        /// Whose.
        login: String,
        /// Print one JSON object instead of text.
        #[arg(long)]
        json: bool,
    },
}

/// What an account may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Role {
    /// Answers.
    Agent,
    /// Watches and helps.
    Supervisor,
    /// Edits the rules.
    Admin,
}

impl Role {
    /// Its name in the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Supervisor => "supervisor",
            Self::Admin => "admin",
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn speeds() {
        assert_eq!(speed("real"), Ok(Speed::Times(1.0)));
        assert_eq!(speed("20"), Ok(Speed::Times(20.0)));
        assert_eq!(speed("max"), Ok(Speed::Max));
        for wrong in ["0", "-1", "fast", "inf", "NaN"] {
            assert!(speed(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_folder_can_be_named_either_way() {
        let cli = Cli::try_parse_from(["dialogo", "check", "--dir", "a"]).expect("fine");
        assert_eq!(cli.dir, PathBuf::from("a"));
        let cli = Cli::try_parse_from(["dialogo", "--dir", "a", "check", "b"]).expect("fine");
        let Command::Check(check) = cli.command else { panic!("not a check") };
        assert_eq!(check.folder, Some(PathBuf::from("b")));
    }

    #[test]
    fn every_verb_has_a_help_text() {
        for verb in Cli::command().get_subcommands() {
            assert!(verb.get_about().is_some(), "{}", verb.get_name());
        }
    }

    #[test]
    fn troubles_are_for_a_desk_of_its_own() {
        let wrong = Cli::try_parse_from([
            "dialogo", "replay", "a.jsonl", "--server", "http://x", "--kill", "2",
        ]);
        assert!(wrong.is_err());
    }
}
