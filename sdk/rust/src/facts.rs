//! Facts: the typed key/value pairs in which the host tells what the contract's records have no field for.
//!
//! A fact that is absent is *not known*; it is never "false" or "0". Read with the accessor of the type you
//! expect; a fact of another type reads as absent.
//!
//! ```ignore
//! if conversation.number("waited-seconds").is_some_and(|waited| waited >= 600.0) { … }
//! ```

use crate::{Attachment, Conversation, Fact, FactValue, Message, Participant};

/// Anything that carries facts.
pub trait Facts {
    /// All of them.
    fn facts(&self) -> &[Fact];

    /// The fact of that key.
    fn fact(&self, key: &str) -> Option<&FactValue> {
        self.facts().iter().find(|fact| fact.key == key).map(|fact| &fact.value)
    }

    /// A fact that is true or false.
    fn flag(&self, key: &str) -> Option<bool> {
        match self.fact(key) {
            Some(FactValue::Flag(value)) => Some(*value),
            _ => None,
        }
    }

    /// A fact that is a number; the key's documentation names its unit.
    fn number(&self, key: &str) -> Option<f64> {
        match self.fact(key) {
            Some(FactValue::Number(value)) => Some(*value),
            _ => None,
        }
    }

    /// A fact that is a text.
    fn text_of(&self, key: &str) -> Option<&str> {
        match self.fact(key) {
            Some(FactValue::Text(value)) => Some(value),
            _ => None,
        }
    }

    /// A fact that is a list of texts.
    fn texts(&self, key: &str) -> Option<&[String]> {
        match self.fact(key) {
            Some(FactValue::Texts(values)) => Some(values),
            _ => None,
        }
    }
}

macro_rules! carries_facts {
    ($($type:ty),+) => { $(
        impl Facts for $type {
            fn facts(&self) -> &[Fact] { &self.facts }
        }
    )+ };
}
carries_facts!(Conversation, Message, Participant, Attachment);

#[cfg(test)]
mod tests {
    use super::Facts;
    use crate::{Fact, FactValue, Participant, Side};

    #[test]
    fn a_fact_of_another_type_reads_as_absent() {
        let facts = vec![Fact { key: "vip".to_owned(), value: FactValue::Flag(true) }];
        let consumer = Participant {
            id: "c".to_owned(),
            side: Side::Consumer,
            name: None,
            locale: None,
            facts,
        };
        assert_eq!(consumer.flag("vip"), Some(true));
        assert_eq!(consumer.number("vip"), None);
        assert_eq!(consumer.flag("other"), None);
    }
}
