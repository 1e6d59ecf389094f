//! Where a password comes from: standard input, a question on a terminal, or a fresh random one.

use std::io::{BufRead, IsTerminal, Read, Write};

use anyhow::{Context, Result};

use crate::output::Failure;

/// Shortest password taken here; the desk may ask for more.
const SHORTEST: usize = 8;

/// A password, and whether it was made here and has to be shown.
pub(super) struct Password {
    pub(super) text: String,
    pub(super) made: bool,
}

/// Reads it from standard input, asks for it, or makes one where nobody can answer.
pub(super) fn choose(from_stdin: bool) -> Result<Password> {
    if from_stdin {
        let mut text = String::new();
        std::io::stdin()
            .read_to_string(&mut text)
            .context("cannot read the password from standard input")?;
        return given(text.trim_end_matches(['\r', '\n']));
    }
    if std::io::stdin().is_terminal() && std::io::stderr().is_terminal() {
        let text = ask("password (empty: make one): ")?;
        if !text.is_empty() {
            return given(&text);
        }
    }
    Ok(Password { text: fresh()?, made: true })
}

fn given(text: &str) -> Result<Password> {
    if text.chars().count() < SHORTEST {
        let todo = format!("choose one of {SHORTEST} characters or more");
        return Err(Failure::usage("the password is too short", todo).into());
    }
    Ok(Password { text: text.to_owned(), made: false })
}

/// Asks on the terminal, without showing what is typed.
fn ask(question: &str) -> Result<String> {
    let mut err = std::io::stderr();
    write!(err, "{question}").and_then(|()| err.flush()).context("cannot ask for a password")?;
    let stdin = std::io::stdin();
    let before = rustix::termios::tcgetattr(&stdin).context("cannot hide the password")?;
    let mut hidden = before.clone();
    hidden.local_modes.remove(rustix::termios::LocalModes::ECHO);
    rustix::termios::tcsetattr(&stdin, rustix::termios::OptionalActions::Now, &hidden)
        .context("cannot hide the password")?;
    let mut text = String::new();
    let read = stdin.lock().read_line(&mut text);
    // Whatever came of the reading, the terminal shows letters again.
    let shown = rustix::termios::tcsetattr(&stdin, rustix::termios::OptionalActions::Now, &before);
    writeln!(err).context("cannot write to the terminal")?;
    read.context("cannot read the password")?;
    shown.context("cannot give the terminal back as it was")?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// Letters and digits that are not mistaken for one another.
const LETTERS: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";

/// 20 letters out of 31: 99 bits.
fn fresh() -> Result<String> {
    let mut text = String::new();
    while text.len() < 20 {
        let mut byte = [0_u8];
        getrandom::fill(&mut byte).context("the system gives no random numbers")?;
        // 248 is the largest multiple of 31 below 256: no letter is more likely than another.
        if byte[0] < 248 {
            text.push(char::from(LETTERS[usize::from(byte[0]) % LETTERS.len()]));
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fresh_ones_are_long_and_differ() {
        let (one, other) = (fresh().expect("made"), fresh().expect("made"));
        assert_eq!(one.len(), 20);
        assert_ne!(one, other);
    }

    #[test]
    fn a_short_one_is_not_taken() {
        assert!(given("1234567").is_err());
        assert!(given("12345678").is_ok());
    }
}
