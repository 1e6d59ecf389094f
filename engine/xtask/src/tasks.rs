//! What each command runs, step by step.

use crate::figures::Figures;
use crate::{
    browser, console as page, examples as words, plugins as packages, preflight, say, types,
};
use anyhow::{Context as _, Result, bail};
use std::ffi::{OsStr, OsString};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// `cargo xtask plugins`
pub(crate) fn plugins(root: &Path, force: bool) -> Result<()> {
    let folder = say::step("building the plugins", || packages::build(root, force))?;
    say::line(&format!("the packages are in {}", folder.display()));
    Ok(())
}

/// `cargo xtask examples`
pub(crate) fn examples(root: &Path) -> Result<()> {
    let folder = say::step("building the example plugin in each language", || words::build(root))?;
    say::line(&format!("the packages are in {}", folder.display()));
    Ok(())
}

/// `cargo xtask console`
pub(crate) fn console(root: &Path) -> Result<()> {
    preflight::check(root)?;
    say::step("building the console", || page::build(root))
}

/// `cargo xtask serve`: ends only when the desk does; this process becomes the desk, so that signals reach it.
pub(crate) fn serve(root: &Path, args: &[String]) -> Result<()> {
    let built = prepare(root, &ENGINE)?;
    say::line("starting the demo desk");
    let mut command = Command::new(&built.binary);
    command.args(["serve", "--demo"]).args(args).env("DIALOGO_PLUGINS", &built.plugins);
    let fault = command.exec();
    Err(fault).with_context(|| format!("cannot start {}", built.binary.display()))
}

/// `cargo xtask test`: goes on after a failed step, so that one run shows everything.
pub(crate) fn test(root: &Path) -> Result<()> {
    let chromium = browser::chromium()?;
    let built = prepare(root, &EVERYTHING)?;
    let mut checks = Checks::default();
    checks.step("building the example plugin in each language", || words::build(root).map(drop));
    let figures = Figures::begin(&target_dir(root));
    let tests = engine(root, &built, ["test", "--workspace", "--no-fail-fast"]);
    checks.cargo("testing the engine", figures.told(tests));
    checks.cargo("testing the plugins' logic", guests(root, ["test"]));
    checks.step("comparing the JavaScript SDK's types with the contract", || types::check(root));
    checks.step("testing the console", || page::check(root));
    checks.step("testing console and widget in a browser", || {
        browser::test(root, &chromium, npm(&built), &[])
    });
    if has("fmt") {
        checks.cargo("checking the format", engine(root, &built, ["fmt", "--all", "--check"]));
        checks.cargo("checking the plugins' format", guests(root, ["fmt", "--all", "--check"]));
    } else {
        say::line(
            "SKIPPED the format check: rustfmt is not installed (`rustup component add rustfmt`)",
        );
    }
    figures.end();
    checks.end()
}

/// `cargo xtask suite`: the black-box tests, which start the built binary many times.
pub(crate) fn suite(root: &Path) -> Result<()> {
    let built = prepare(root, &EVERYTHING)?;
    let mut checks = Checks::default();
    checks.step("building the example plugin in each language", || words::build(root).map(drop));
    let suite = ["test", "--workspace", "--test", "suite"];
    let figures = Figures::begin(&target_dir(root));
    checks.cargo("testing the binary from outside", figures.told(engine(root, &built, suite)));
    figures.end();
    checks.end()
}

/// `cargo xtask browser`: only the journeys in a browser.
pub(crate) fn browser(root: &Path, args: &[String]) -> Result<()> {
    let chromium = browser::chromium()?;
    let built = prepare(root, &ENGINE)?;
    say::step("testing console and widget in a browser", || {
        browser::test(root, &chromium, npm(&built), args)
    })
}

/// `cargo xtask lint`: checks every dependency once more, which is why it is no part of `test`.
pub(crate) fn lint(root: &Path) -> Result<()> {
    if !has("clippy") {
        bail!(
            "clippy is not installed: `rustup component add clippy`, or Debian's package rust-clippy"
        );
    }
    let strict = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
    let mut checks = Checks::default();
    checks.cargo("linting the engine", cargo(root, strict));
    checks.cargo("linting the plugins", guests(root, strict));
    checks.end()
}

/// `cargo xtask bench`
pub(crate) fn bench(root: &Path, args: &[String]) -> Result<()> {
    let built = prepare(root, &PROGRAMS)?;
    say::step("building the example plugin in each language", || words::build(root))?;
    say::run(program(root, &built, "dialogo-bench").args(args))
}

/// `cargo xtask bench-suggest`
pub(crate) fn bench_suggest(root: &Path, args: &[String]) -> Result<()> {
    let built = prepare(root, &PROGRAMS)?;
    say::run(program(root, &built, "bench-suggest").args(args))
}

/// `cargo xtask powercut`
pub(crate) fn powercut(root: &Path, args: &[String]) -> Result<()> {
    let built = prepare(root, &PROGRAMS)?;
    say::run(program(root, &built, "powercut").args(args))
}

/// What every task but `plugins` needs first.
#[derive(Debug)]
struct Built {
    plugins: PathBuf,
    binary: PathBuf,
}

/// What is built at once. Cargo builds a dependency anew when another choice of packages asks for other features of it;
/// all of these ask for the same, so that wasmtime is compiled once.
const ENGINE: [&str; 5] = ["build", "--package", "dialogo", "--package", "dialogo-xtask"];
const PROGRAMS: [&str; 2] = ["build", "--workspace"];
const EVERYTHING: [&str; 5] = ["build", "--workspace", "--tests", "--bin", "dialogo"];

fn prepare(root: &Path, what: &[&str]) -> Result<Built> {
    preflight::check(root)?;
    let plugins = say::step("building the plugins", || packages::build(root, false))?;
    say::step("building the console", || page::build(root))?;
    // The same variable as when the tests run: the binary embeds the packages, and is built anew when it changes.
    let mut build = cargo(root, []);
    build.args(what).env("DIALOGO_PLUGINS", &plugins).stdin(Stdio::null());
    say::step("building the engine", || say::run(&mut build))?;
    Ok(Built { plugins, binary: target_dir(root).join("debug/dialogo") })
}

/// The steps that were run and which of them failed.
#[derive(Debug, Default)]
struct Checks {
    failed: Vec<&'static str>,
}

impl Checks {
    fn cargo(&mut self, what: &'static str, mut command: Command) {
        self.step(what, || say::run(&mut command));
    }

    fn step(&mut self, what: &'static str, work: impl FnOnce() -> Result<()>) {
        if let Err(fault) = say::step(what, work) {
            say::failed(&fault);
            self.failed.push(what);
        }
    }

    fn end(self) -> Result<()> {
        if self.failed.is_empty() {
            say::line("every test passed");
            return Ok(());
        }
        bail!("failed: {}", self.failed.join(", "))
    }
}

/// One of the workspace's own programs, with what its tests want to know.
fn program(root: &Path, built: &Built, name: &str) -> Command {
    let mut command = Command::new(target_dir(root).join("debug").join(name));
    command.current_dir(root);
    told(command, built)
}

/// The journeys' runner, with what its tests want to know.
fn npm(built: &Built) -> Command {
    told(Command::new("npm"), built)
}

fn told(mut command: Command, built: &Built) -> Command {
    command.env("DIALOGO_BIN", &built.binary).env("DIALOGO_PLUGINS", &built.plugins);
    command
}

/// Cargo on the engine's workspace, with what its tests want to know.
fn engine<const N: usize>(root: &Path, built: &Built, args: [&str; N]) -> Command {
    told(cargo(root, args), built)
}

/// Cargo on the plugins' workspace, natively: their logic needs no sandbox to be tested.
fn guests<const N: usize>(root: &Path, args: [&str; N]) -> Command {
    let mut command = cargo(&root.join("plugins"), args);
    command.env("CARGO_TARGET_DIR", root.join("target/plugins-host"));
    command
}

fn cargo<const N: usize>(folder: &Path, args: [&str; N]) -> Command {
    let mut command = Command::new(cargo_program());
    command.current_dir(folder).args(args);
    command
}

fn cargo_program() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| OsStr::new("cargo").to_owned())
}

fn target_dir(root: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| root.join("target"), |folder| root.join(folder))
}

/// Whether cargo knows this extra command.
fn has(subcommand: &str) -> bool {
    Command::new(cargo_program())
        .args([subcommand, "--version"])
        .output()
        .is_ok_and(|output| output.status.success())
}
