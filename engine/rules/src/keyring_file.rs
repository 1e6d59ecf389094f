//! `keyring.toml`: the keys whose owners this desk believes when they vouch for a plugin.
//!
//! Whether a signature fits its package is found out by the plugin host; here it is only looked up who it is from.

use std::collections::BTreeMap;

use crate::diagnostic::Diagnostic;
use crate::document::Document;
use crate::files::Files;
use crate::names::Ids;
use crate::reader::Reader;
use crate::report::Report;
use crate::shapes;
use crate::spec::check_table;

/// Its name in the folder of the rules.
pub const KEYRING_FILE: &str = "keyring.toml";

/// What a public key begins with, and how long its base64 is.
const PREFIX: &str = "ed25519:";
const LETTERS: usize = 44;

/// The keys that are believed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keyring {
    /// Public key to the name of its owner.
    names: BTreeMap<String, String>,
}

impl Keyring {
    /// The name of a public key's owner.
    pub fn name(&self, public: &str) -> Option<&str> {
        self.names.get(public).map(String::as_str)
    }

    /// Whether nobody is believed.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }
}

/// Reads a keyring that lies alone; the problems as people read them if there are errors.
pub fn read_keyring(bytes: Vec<u8>) -> Result<Keyring, String> {
    let mut problems = Vec::new();
    let keyring = Document::parse(KEYRING_FILE, &bytes, &mut problems)
        .map(|document| read(&document, &mut problems));
    match keyring {
        Some(keyring) if !problems.iter().any(Diagnostic::is_error) => Ok(keyring),
        _ => {
            let files = Files::from_map([(KEYRING_FILE, bytes)]);
            Err(Report::new(&files, &problems).text(false, None))
        }
    }
}

pub(crate) fn read(doc: &Document, out: &mut Vec<Diagnostic>) -> Keyring {
    check_table(doc, doc.table(), doc.root.span, &shapes::KEYRING, out);
    let mut ids = Ids::new("keys");
    let mut keyring = Keyring::default();
    for table in Reader::root(doc, &shapes::KEYRING).tables("key") {
        let (Some(id), Some(public)) = (table.text("id"), table.text("public")) else { continue };
        if !ids.add(doc, &id, out) {
            continue;
        }
        let place = table.place(public.span);
        if !is_public_key(&public.value) {
            let problem = Diagnostic::error("bad-key", place, "this is no public key");
            out.push(
                problem.label("`ed25519:` and 44 letters of base64").help(
                    "`dialogo plugin keygen NAME` prints it; its owner hands it to you, never the file that ends in .key",
                ),
            );
        } else if let Some(owner) = keyring.names.get(&public.value) {
            let message = format!("`{owner}` has the same key");
            out.push(Diagnostic::error("duplicate", place, message));
        } else {
            keyring.names.insert(public.value, id.value);
        }
    }
    keyring
}

fn is_public_key(text: &str) -> bool {
    text.strip_prefix(PREFIX).is_some_and(|encoded| {
        encoded.len() == LETTERS
            && encoded.ends_with('=')
            && encoded[..LETTERS - 1]
                .bytes()
                .all(|letter| letter.is_ascii_alphanumeric() || letter == b'+' || letter == b'/')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "ed25519:Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=";

    #[test]
    fn keys_have_owners() {
        let text = format!("[[key]]\nid = \"acme\"\npublic = \"{KEY}\"\n");
        let keyring = read_keyring(text.into_bytes()).expect("good");
        assert_eq!(keyring.name(KEY), Some("acme"));
        assert_eq!(keyring.name("ed25519:other"), None);
    }

    #[test]
    fn what_is_no_key_is_told_with_its_place() {
        let text = format!(
            "[[key]]\nid = \"a\"\npublic = \"ed25519:short\"\n[[key]]\nid = \"b\"\npublic = \"{KEY}\"\n[[key]]\nid = \"c\"\npublic = \"{KEY}\"\n"
        );
        let report = read_keyring(text.into_bytes()).expect_err("wrong");
        assert!(report.contains("keyring.toml:3:10"), "{report}");
        assert!(report.contains("`b` has the same key"), "{report}");
    }
}
