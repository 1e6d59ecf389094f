//! The dialog itself, free of the sandbox: what was said in, what to do out. Tested natively.
//!
//! greeting and menu → an answer → hand-over, or the menu again, `give_up_after` times at most. Whoever asks for a
//! human gets one at once. Out of hours the consumer is told so and handed over all the same, to wait in the
//! queue or leave a callback as the desk's rules say.

use crate::menu::{contains, fold, number};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The settings file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Who gets those that the bot does not understand, and those who ask for a human.
    pub default_department: String,
    /// After so many misunderstandings the bot hands over.
    #[serde(default = "two")]
    pub give_up_after: u8,
    /// The first words.
    #[serde(default)]
    pub greeting: Words,
    /// The question above the menu.
    #[serde(default)]
    pub question: Words,
    /// Said when an answer was not understood.
    #[serde(default)]
    pub not_understood: Words,
    /// Said before a hand-over; `{department}` becomes the title of the choice.
    #[serde(default)]
    pub handing_over: Words,
    /// Said when the department is closed; `{department}` likewise.
    #[serde(default)]
    pub out_of_hours: Words,
    /// Words that ask for a human.
    #[serde(default)]
    pub human_words: Vec<String>,
    /// The menu, in this order.
    #[serde(default)]
    pub option: Vec<Choice>,
}

fn two() -> u8 {
    2
}

/// One line of the menu.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// Where it leads.
    pub department: String,
    /// What the consumer reads.
    pub title: Words,
    /// Words that mean it, beside the title.
    #[serde(default)]
    pub words: Vec<String>,
}

/// One text, or one for each language.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Words {
    /// The same in every language.
    Plain(String),
    /// By language (`pt`, `en`, `es`).
    ByLanguage(BTreeMap<String, String>),
}

impl Default for Words {
    fn default() -> Self {
        Self::Plain(String::new())
    }
}

impl Words {
    /// The text in a language, else in Portuguese, else in whatever there is.
    pub fn in_language(&self, language: &str) -> &str {
        match self {
            Self::Plain(text) => text,
            Self::ByLanguage(texts) => {
                let short = language.split(['-', '_']).next().unwrap_or(language);
                let found =
                    texts.get(language).or_else(|| texts.get(short)).or_else(|| texts.get("pt"));
                found.or_else(|| texts.values().next()).map_or("", String::as_str)
            }
        }
    }

    fn each(&self) -> Vec<&str> {
        match self {
            Self::Plain(text) => vec![text],
            Self::ByLanguage(texts) => texts.values().map(String::as_str).collect(),
        }
    }
}

/// Something to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Say it.
    Say(String),
    /// Say it and offer replies: title and payload.
    Choices(String, Vec<(String, String)>),
    /// Give the conversation to a department.
    HandOver {
        /// Which one.
        department: String,
        /// Why, for machines.
        code: &'static str,
        /// Why, for people.
        detail: String,
    },
}

/// What to do, and what to remember.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// In this order.
    pub acts: Vec<Act>,
    /// Comes back with the next message.
    pub state: Option<Vec<u8>>,
}

/// What an answer to the menu means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning<'a> {
    Chosen(&'a Choice),
    Human,
    Unclear,
}

impl PartialEq for Choice {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}
impl Eq for Choice {}

/// Answers. `text`: none when the consumer has just arrived. `open`: whether a department is open now.
pub fn answer(
    settings: &Settings,
    language: &str,
    text: Option<&str>,
    state: Option<&[u8]>,
    open: impl Fn(&str) -> bool,
) -> Answer {
    let talk = Talk { settings, language, open: &open };
    // No state: this is the first answer. A first message may already say what it is about; a mere "hi" is greeted.
    match (text, state) {
        (None, _) => talk.greet(),
        (Some(text), None) => match settings.meaning(text) {
            Meaning::Unclear => talk.greet(),
            meaning => talk.go_on(meaning, 0),
        },
        (Some(text), Some(state)) => talk.go_on(settings.meaning(text), misses(state)),
    }
}

/// How often the consumer was not understood; unknown bytes count as never.
fn misses(state: &[u8]) -> u8 {
    std::str::from_utf8(state)
        .ok()
        .and_then(|text| text.strip_prefix("misses=")?.parse().ok())
        .unwrap_or(0)
}

fn remember(misses: u8) -> Vec<u8> {
    format!("misses={misses}").into_bytes()
}

struct Talk<'a> {
    settings: &'a Settings,
    language: &'a str,
    open: &'a dyn Fn(&str) -> bool,
}

impl Talk<'_> {
    fn greet(&self) -> Answer {
        let settings = self.settings;
        let (greeting, question) = (
            settings.greeting.in_language(self.language),
            settings.question.in_language(self.language),
        );
        let nobody = settings.departments().all(|id| !(self.open)(id));
        if nobody || settings.option.is_empty() {
            let mut acts = say(greeting);
            acts.extend(self.hand_over(
                None,
                if nobody { "out-of-hours" } else { "no-menu" },
                "greeted",
            ));
            return Answer { acts, state: None };
        }
        Answer { acts: vec![self.menu(&[greeting, question])], state: Some(remember(0)) }
    }

    fn go_on(&self, meaning: Meaning<'_>, misses: u8) -> Answer {
        let misses = misses.saturating_add(1);
        let acts = match meaning {
            Meaning::Chosen(choice) => {
                self.hand_over(Some(choice), "chosen", "chosen from the menu")
            }
            Meaning::Human => {
                self.hand_over(None, "asked-for-human", "the consumer asked for a human")
            }
            Meaning::Unclear if misses >= self.settings.give_up_after => {
                self.hand_over(None, "not-understood", &format!("not understood {misses} times"))
            }
            Meaning::Unclear => {
                let words = self.settings.not_understood.in_language(self.language);
                return Answer { acts: vec![self.menu(&[words])], state: Some(remember(misses)) };
            }
        };
        Answer { acts, state: None }
    }

    fn menu(&self, above: &[&str]) -> Act {
        let titles: Vec<&str> = self
            .settings
            .option
            .iter()
            .map(|choice| choice.title.in_language(self.language))
            .collect();
        let mut lines: Vec<String> =
            above.iter().filter(|text| !text.is_empty()).map(|text| (*text).to_owned()).collect();
        // Numbered, for channels without buttons.
        lines.extend(titles.iter().enumerate().map(|(i, title)| format!("{}. {title}", i + 1)));
        let departments = self.settings.option.iter().map(|choice| choice.department.clone());
        Act::Choices(
            lines.join("\n"),
            titles.iter().map(|title| (*title).to_owned()).zip(departments).collect(),
        )
    }

    /// Says what is to be said and hands over: to the choice's department or to the default one.
    fn hand_over(&self, choice: Option<&Choice>, code: &'static str, detail: &str) -> Vec<Act> {
        let department =
            choice.map_or(&self.settings.default_department, |choice| &choice.department);
        let words = if (self.open)(department) {
            &self.settings.handing_over
        } else {
            &self.settings.out_of_hours
        };
        let title = self.settings.title(department, self.language);
        let mut acts = say(&words.in_language(self.language).replace("{department}", title));
        acts.push(Act::HandOver {
            department: department.clone(),
            code,
            detail: detail.to_owned(),
        });
        acts
    }
}

fn say(text: &str) -> Vec<Act> {
    if text.is_empty() { Vec::new() } else { vec![Act::Say(text.to_owned())] }
}

impl Settings {
    fn departments(&self) -> impl Iterator<Item = &str> {
        self.option
            .iter()
            .map(|choice| choice.department.as_str())
            .chain([self.default_department.as_str()])
    }

    /// How the menu calls a department; its id when the menu has none.
    fn title<'a>(&'a self, department: &'a str, language: &str) -> &'a str {
        let choice = self.option.iter().find(|choice| choice.department == department);
        choice.map_or(department, |choice| choice.title.in_language(language))
    }

    fn meaning(&self, text: &str) -> Meaning<'_> {
        if let Some(choice) = self.option.iter().find(|choice| choice.department == text.trim()) {
            return Meaning::Chosen(choice);
        }
        let folded = fold(text);
        if let Some(number) = number(&folded) {
            return number
                .checked_sub(1)
                .and_then(|i| self.option.get(i))
                .map_or(Meaning::Unclear, Meaning::Chosen);
        }
        if self.human_words.iter().any(|word| contains(&folded, &fold(word))) {
            return Meaning::Human;
        }
        let mut chosen = self.option.iter().filter(|choice| choice.is_meant(&folded));
        match (chosen.next(), chosen.next()) {
            (Some(choice), None) => Meaning::Chosen(choice),
            _ => Meaning::Unclear,
        }
    }

    /// Everything that is wrong: a JSON pointer and what is the matter there.
    pub fn problems(&self, department: impl Fn(&str) -> bool) -> Vec<(String, String)> {
        let unknown = |id: &str| format!("there is no department `{id}`");
        let mut found = Vec::new();
        if !department(&self.default_department) {
            found.push(("/default_department".to_owned(), unknown(&self.default_department)));
        }
        if self.give_up_after == 0 {
            found.push(("/give_up_after".to_owned(), "must be at least 1".to_owned()));
        }
        for (i, choice) in self.option.iter().enumerate() {
            if !department(&choice.department) {
                found.push((format!("/option/{i}/department"), unknown(&choice.department)));
            }
            if choice.title.each().iter().any(|title| title.trim().is_empty())
                || choice.title.each().is_empty()
            {
                found.push((format!("/option/{i}/title"), "a choice needs a title".to_owned()));
            }
        }
        found
    }
}

impl Choice {
    fn is_meant(&self, folded: &str) -> bool {
        let titles = self.title.each();
        titles
            .into_iter()
            .chain(self.words.iter().map(String::as_str))
            .any(|words| contains(folded, &fold(words)))
    }
}

#[cfg(test)]
mod tests {
    use super::{Act, Answer, Settings, answer};

    const SETTINGS: &str = r#"{
        "default_department": "suporte", "give_up_after": 2, "human_words": ["atendente", "falar com alguém"],
        "greeting": {"pt": "Olá!", "en": "Hello!"}, "question": {"pt": "Como podemos ajudar?", "en": "How can we help?"},
        "not_understood": {"pt": "Não entendi.", "en": "Sorry?"}, "handing_over": {"pt": "Vou chamar: {department}."},
        "out_of_hours": {"pt": "{department} está fechado."},
        "option": [
            {"department": "financeiro", "title": {"pt": "Boletos e pagamentos", "en": "Billing"}, "words": ["boleto", "fatura"]},
            {"department": "vendas", "title": {"pt": "Compras", "en": "Sales"}, "words": ["comprar", "preço"]}]}"#;

    fn settings() -> Settings {
        serde_json::from_str(SETTINGS).unwrap()
    }

    fn say(text: Option<&str>, state: Option<&str>) -> Answer {
        answer(&settings(), "pt-BR", text, state.map(str::as_bytes), |_| true)
    }

    fn goes_to(answer: &Answer) -> Option<(String, &'static str)> {
        answer.acts.iter().find_map(|act| match act {
            Act::HandOver { department, code, .. } => Some((department.clone(), *code)),
            _ => None,
        })
    }

    #[test]
    fn greets_with_a_numbered_menu() {
        let greeting = say(None, None);
        let [Act::Choices(text, choices)] = greeting.acts.as_slice() else {
            panic!("{greeting:?}")
        };
        assert_eq!(text, "Olá!\nComo podemos ajudar?\n1. Boletos e pagamentos\n2. Compras");
        assert_eq!(choices[1], ("Compras".to_owned(), "vendas".to_owned()));
        assert_eq!(greeting.state.as_deref(), Some(b"misses=0".as_slice()));
    }

    #[test]
    fn a_payload_a_number_a_title_and_words_choose() {
        for text in [
            "financeiro",
            "1",
            " 1. ",
            "opção 1",
            "BOLETOS E PAGAMENTOS",
            "quero a 2ª via do boleto",
            "billing",
        ] {
            let chosen = say(Some(text), Some("misses=0"));
            assert_eq!(goes_to(&chosen), Some(("financeiro".to_owned(), "chosen")), "{text}");
            assert_eq!(chosen.state, None);
        }
        assert_eq!(
            goes_to(&say(Some("preco"), Some("misses=1"))),
            Some(("vendas".to_owned(), "chosen"))
        );
    }

    #[test]
    fn the_first_message_may_already_choose() {
        assert_eq!(
            goes_to(&say(Some("meu boleto venceu"), None)),
            Some(("financeiro".to_owned(), "chosen"))
        );
        assert_eq!(say(Some("oi"), None), say(None, None));
    }

    #[test]
    fn gives_up_after_two_misunderstandings() {
        let first = say(Some("xyz"), Some("misses=0"));
        assert!(
            matches!(first.acts.as_slice(), [Act::Choices(text, _)] if text.starts_with("Não entendi."))
        );
        let second = say(
            Some("xyz"),
            first.state.as_deref().map(|state| std::str::from_utf8(state).unwrap()),
        );
        assert_eq!(goes_to(&second), Some(("suporte".to_owned(), "not-understood")));
    }

    #[test]
    fn unclear_is_what_could_be_two_things_or_no_line_of_the_menu() {
        for text in ["quero comprar e pagar o boleto", "3", "0", "", "🙂"] {
            assert_eq!(goes_to(&say(Some(text), Some("misses=0"))), None, "{text}");
        }
    }

    #[test]
    fn whoever_asks_for_a_human_gets_one() {
        assert_eq!(
            goes_to(&say(Some("quero um ATENDENTE!"), Some("misses=0"))),
            Some(("suporte".to_owned(), "asked-for-human"))
        );
    }

    #[test]
    fn says_when_the_department_is_closed() {
        let closed =
            answer(&settings(), "pt", Some("1"), Some(b"misses=0"), |id| id != "financeiro");
        assert_eq!(closed.acts[0], Act::Say("Boletos e pagamentos está fechado.".to_owned()));
        assert_eq!(goes_to(&closed), Some(("financeiro".to_owned(), "chosen")));
        let night = answer(&settings(), "pt", None, None, |_| false);
        assert_eq!(night.acts[0], Act::Say("Olá!".to_owned()));
        assert_eq!(goes_to(&night), Some(("suporte".to_owned(), "out-of-hours")));
    }

    #[test]
    fn speaks_the_consumers_language_or_portuguese() {
        let english = answer(&settings(), "en-US", None, None, |_| true);
        assert!(
            matches!(&english.acts[0], Act::Choices(text, _) if text.starts_with("Hello!") && text.contains("1. Billing"))
        );
        let french = answer(&settings(), "fr", None, None, |_| true);
        assert!(matches!(&french.acts[0], Act::Choices(text, _) if text.starts_with("Olá!")));
    }

    #[test]
    fn odd_state_bytes_count_as_none_missed() {
        for state in [b"".as_slice(), b"misses=999", b"\xff\xfe", b"other"] {
            let reply = answer(&settings(), "pt", Some("xyz"), Some(state), |_| true);
            assert_eq!(reply.state.as_deref(), Some(b"misses=1".as_slice()));
        }
    }

    #[test]
    fn every_problem_is_told_with_its_place() {
        let json = r#"{"default_department":"x","give_up_after":0,"option":[{"department":"y","title":" "}]}"#;
        let settings: Settings = serde_json::from_str(json).unwrap();
        let places: Vec<_> =
            settings.problems(|_| false).into_iter().map(|(path, _)| path).collect();
        assert_eq!(
            places,
            ["/default_department", "/give_up_after", "/option/0/department", "/option/0/title"]
        );
    }
}
