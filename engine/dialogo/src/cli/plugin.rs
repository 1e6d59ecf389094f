//! `dialogo plugin …`: verbs, options, help texts.
//!
//! What they are given is a project (a folder whose plugin.toml says how it is built), a package (a folder with the
//! component in it), or a packed file.

use std::path::PathBuf;

use clap::Subcommand;
use dialogo_toolkit::build::Lang;

use super::Json;

/// `plugin …`
#[derive(Debug, Subcommand)]
pub enum Plugin {
    /// Begin a plugin: a project that builds, with one passing case for each hook.
    #[command(after_help = "Examples:
  dialogo plugin new boletos --hook classifier --lang rust
  dialogo plugin new house-rules --hook message-policy,emoji-policy,setup --lang python

Hooks: classifier, transfer-rules, message-policy, emoji-policy, attachment-policy, bot, observer, replies; and setup, which checks
the settings. Languages: rust, js, python, c.")]
    New {
        /// Its id: a-z, 0-9 and \"-\".
        name: String,
        /// What it is asked; several with commas.
        #[arg(long, required = true, value_delimiter = ',', value_name = "HOOK")]
        hook: Vec<String>,
        /// What it is written in.
        #[arg(long, default_value = "rust", value_name = "rust|js|python|c")]
        lang: Lang,
        /// Where; without it, a folder of its name.
        #[arg(long, value_name = "DIR")]
        folder: Option<PathBuf>,
        /// Print one JSON object instead of text.
        #[arg(long)]
        json: bool,
    },
    /// Compile a project into a package: dist/NAME.
    #[command(after_help = "Examples:
  dialogo plugin build              the project in this folder
  dialogo plugin build ./boletos --json

What a language needs besides its usual tools is fetched or made once, into the user's cache folder.")]
    Build {
        /// A project.
        #[arg(default_value = ".")]
        project: PathBuf,
        /// Print one JSON object instead of text.
        #[arg(long)]
        json: bool,
    },
    /// Compare manifest, exports, imports, settings and cases, and say everything that does not fit.
    #[command(after_help = "Examples:
  dialogo plugin check              builds the project in this folder, and checks the package
  dialogo plugin check ./boletos-0.1.0.dialogo --json

Exit code 1 if anything is wrong.")]
    Check {
        /// A project, a package or a packed file.
        #[arg(default_value = ".")]
        package: PathBuf,
        /// Print one JSON object instead of text.
        #[arg(long)]
        json: bool,
    },
    /// Try packages against their own cases; a project is built before.
    #[command(after_help = "Examples:
  dialogo plugin test                       the project in this folder, else every package of the desk
  dialogo plugin test ./target/plugins/keywords")]
    Test {
        /// A project, a package or a packed file.
        package: Option<PathBuf>,
        /// Print one JSON object instead of text.
        #[arg(long)]
        json: bool,
    },
    /// Ask a plugin about a text or a case, and print what it says.
    #[command(after_help = "Examples:
  dialogo plugin run \"perdi o boleto\"
  dialogo plugin run --hook message-policy \"seu idiota\" --settings settings.toml
  dialogo plugin run '{\"hook\": \"classifier\", \"input\": {\"conversation\": {\"recent\": [\"oi\"]}}}'
  echo \"perdi o boleto\" | dialogo plugin run --package ./dist/boletos --json

Text goes to every hook that can be asked about one. JSON is a case as in cases/ (docs/guide/plugin-packages.md); with
`expect` in it, exit code 1 if it differs.")]
    Run {
        /// A text, or a case as JSON; without it, standard input.
        question: Option<String>,
        /// A project, a package or a packed file.
        #[arg(long, default_value = ".", value_name = "DIR")]
        package: PathBuf,
        /// Only this hook.
        #[arg(long)]
        hook: Option<String>,
        /// Its settings, a TOML file; without it, those of the first case of the hook.
        #[arg(long, value_name = "FILE")]
        settings: Option<PathBuf>,
        /// Print one JSON object instead of text.
        #[arg(long)]
        json: bool,
    },
    /// Build and run the cases whenever a file of the project changes, and show which verdicts differ.
    #[command(after_help = "Example:
  dialogo plugin watch              until Ctrl-C")]
    Watch {
        /// A project.
        #[arg(default_value = ".")]
        project: PathBuf,
        /// One JSON object a line instead of text.
        #[arg(long)]
        json: bool,
    },
    /// Measure a package with its own cases: how long a call takes, in a fresh sandbox and in one that is used again.
    #[command(after_help = "Examples:
  dialogo plugin bench ./target/plugins/keywords
  dialogo plugin bench ./keywords --json > before.json
  dialogo plugin bench ./keywords --baseline before.json

Times are of the wall clock: run it on a quiet machine, and compare within one.")]
    Bench {
        /// A project, a package or a packed file.
        #[arg(default_value = ".")]
        package: PathBuf,
        /// Calls of each case, in each way.
        #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=100_000))]
        calls: u32,
        /// What an earlier run printed with --json: differences are shown beside it.
        #[arg(long, value_name = "FILE")]
        baseline: Option<PathBuf>,
        /// Print one JSON object instead of text.
        #[arg(long)]
        json: bool,
    },
    /// Put a package into one file, NAME-VERSION.dialogo; the same package gives the same bytes.
    #[command(after_help = "Examples:
  dialogo plugin pack               builds the project in this folder, and packs it
  dialogo plugin pack ./dist/boletos --key acme.key --out /tmp")]
    Pack {
        /// A project or a package.
        #[arg(default_value = ".")]
        package: PathBuf,
        /// Sign it with this private key, made by `dialogo plugin keygen`.
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
        /// The folder to write to.
        #[arg(long, default_value = ".", value_name = "DIR")]
        out: PathBuf,
        /// Print one JSON object instead of text.
        #[arg(long)]
        json: bool,
    },
    /// Make a pair of keys (Ed25519): a private one to sign with, and the public one for the keyrings of desks.
    #[command(after_help = "Example:
  dialogo plugin keygen acme        writes acme.key, which nobody else may see, and prints the lines for config/keyring.toml")]
    Keygen {
        /// Whose key it is: a-z, 0-9 and \"-\".
        name: String,
        /// The folder to write to.
        #[arg(long, default_value = ".", value_name = "DIR")]
        out: PathBuf,
        /// Print one JSON object instead of text.
        #[arg(long)]
        json: bool,
    },
    /// Sign a package, in a folder or in one file.
    #[command(after_help = "Example:
  dialogo plugin sign ./boletos-0.1.0.dialogo --key acme.key")]
    Sign {
        /// A package or a packed file.
        package: PathBuf,
        /// The private key, made by `dialogo plugin keygen`.
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
    },
    /// Say who has signed a package, and whether it is as it was then.
    #[command(after_help = "Examples:
  dialogo --dir /srv/desk plugin verify ./boletos-0.1.0.dialogo
  dialogo plugin verify ./dist/boletos --keyring keyring.toml

Exit code 1 if nobody in the keyring has signed it as it is.")]
    Verify {
        /// A package or a packed file.
        package: PathBuf,
        /// The keyring; without it, the one of the desk.
        #[arg(long, value_name = "FILE")]
        keyring: Option<PathBuf>,
        /// Print one JSON object instead of text.
        #[arg(long)]
        json: bool,
    },
    /// Put a package into the desk's plugins folder, if it passes its own cases.
    #[command(after_help = "Examples:
  dialogo --dir /srv/desk plugin install ./boletos-0.1.0.dialogo
  dialogo --dir /srv/desk plugin install .       builds the project in this folder first

A running desk takes a plugin that it uses over within a second. One that it does not know yet is asked nothing until
plugins.toml names it; the lines to add are printed.")]
    Install {
        /// A project, a package or a packed file.
        package: PathBuf,
    },
    /// List what a desk has recorded of its plugins, and where it lies.
    #[command(after_help = "Examples:
  dialogo --dir /srv/desk plugin recordings
  dialogo --dir /srv/desk plugin recordings keywords --json

A desk records the calls of a plugin when config/plugins.toml says so beside its id: record = { share = 0.05 }")]
    Recordings {
        /// Only of this plugin.
        plugin: Option<String>,
        /// Print one JSON object instead of text.
        #[arg(long)]
        json: bool,
    },
    /// Put recorded calls to two plugins, without the desk, and show every verdict that differs.
    #[command(after_help = "Examples:
  dialogo --dir /srv/desk plugin replay /srv/desk/data/recordings/boletos --against ./dist/boletos
  dialogo plugin replay monday.jsonl --plugin ./boletos-0.1.0.dialogo --against ./boletos-0.2.0.dialogo --exit-code
  dialogo plugin replay monday.jsonl --plugin ./boletos --settings new.toml
  dialogo plugin replay monday.jsonl --plugin ./boletos --against . --cases ./cases
  dialogo plugin replay monday.jsonl --plugin ./boletos --call 3-19a4-07 --cases ./cases

Each call is put to both as it was put to the plugin that was recorded: the same clock, seed, settings, limits and tree. With
--exit-code, exit code 1 if a verdict differs.")]
    Replay {
        /// Recordings of one plugin: files, or folders of them.
        #[arg(required = true, value_name = "RECORDING")]
        recordings: Vec<PathBuf>,
        /// The one that counts as \"then\"; without it, the one that was recorded, from the desk's plugins folder.
        #[arg(long, value_name = "PACKAGE")]
        plugin: Option<PathBuf>,
        /// The one that counts as \"now\": a project, a package or a packed file.
        #[arg(long, value_name = "PACKAGE")]
        against: Option<PathBuf>,
        /// Settings for the one of \"now\", a TOML file; without it, those of the recording.
        #[arg(long, value_name = "FILE")]
        settings: Option<PathBuf>,
        /// Only this call; can be given several times.
        #[arg(long, value_name = "ID")]
        call: Vec<String>,
        /// Writes the calls that differ (with --call: those) into this folder as cases, expecting what is answered now.
        #[arg(long, value_name = "DIR")]
        cases: Option<PathBuf>,
        /// Print one JSON object instead of text.
        #[arg(long)]
        json: bool,
        /// Exit code 1 if a verdict differs.
        #[arg(long)]
        exit_code: bool,
    },
    /// List the plugins in use, with mode, calls and failures if the desk runs.
    List(Json),
}
