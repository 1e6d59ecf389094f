//! From what somebody typed to tokens that mean the same however they were typed.
//!
//! Portuguese, English and Spanish share one table: accents fall away, contractions are opened, chat spellings (*vc*, *pq*,
//! *pls*) become the word, numbers become shapes, emojis stay as tokens of their own. Nothing is stemmed: pieces of words
//! are features anyway. It does not know languages, so nothing breaks where two of them meet. Next: [`crate::features`].

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// One word, number or sign of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// As the model sees it: folded, lower case.
    pub text: String,
    /// Byte range in the text as it was typed.
    pub start: usize,
    /// End of that range, exclusive.
    pub end: usize,
}

/// Bytes of a text that are read; the rest of a longer one adds cost and hardly ever a reason.
pub const MOST_BYTES: usize = 4_096;

/// Tokens of a text that are read.
const MOST_TOKENS: usize = 512;

/// Characters of a token that are kept: longer ones are keys or noise.
pub(crate) const LONGEST_TOKEN: usize = 40;

/// Chat spellings and their words. Only those that are no word of their own in another of the three languages.
const SPELLINGS: &[(&str, &str)] = &[
    ("abs", "abracos"),
    ("acct", "account"),
    ("agr", "agora"),
    ("aki", "aqui"),
    ("asap", "urgent"),
    ("blz", "beleza"),
    ("cannot", "can not"),
    ("cc", "cartao"),
    ("cmg", "comigo"),
    ("dps", "depois"),
    ("dsclp", "desculpa"),
    ("eh", "e"),
    ("fds", "fim de semana"),
    ("flw", "falou"),
    ("gnt", "gente"),
    ("gonna", "going to"),
    ("gotta", "got to"),
    ("grax", "gracias"),
    ("hj", "hoje"),
    ("kd", "cade"),
    ("msg", "mensagem"),
    ("mt", "muito"),
    ("mto", "muito"),
    ("nd", "nada"),
    ("ngm", "ninguem"),
    ("obg", "obrigado"),
    ("obgd", "obrigado"),
    ("pf", "por favor"),
    ("pfv", "por favor"),
    ("plis", "please"),
    ("pls", "please"),
    ("plz", "please"),
    ("ppl", "people"),
    ("pq", "porque"),
    ("pra", "para"),
    ("pro", "para"),
    ("q", "que"),
    ("qdo", "quando"),
    ("qnd", "quando"),
    ("qro", "quero"),
    ("qto", "quanto"),
    ("rn", "now"),
    ("tb", "tambem"),
    ("tbm", "tambem"),
    ("tbn", "tambien"),
    ("td", "tudo"),
    ("thx", "thanks"),
    ("tks", "thanks"),
    ("tmb", "tambien"),
    ("u", "you"),
    ("ur", "your"),
    ("vc", "voce"),
    ("vcs", "voces"),
    ("vlw", "valeu"),
    ("wanna", "want to"),
    ("xq", "porque"),
];

/// English contractions: what follows the apostrophe, and its word.
const AFTER_APOSTROPHE: &[(&str, &str)] =
    &[("m", "am"), ("re", "are"), ("ve", "have"), ("ll", "will"), ("d", "would"), ("s", "s")];

/// The tokens of a text, in its order.
pub fn tokens(text: &str) -> Vec<Token> {
    let text = head(text);
    let mut tokens = Vec::new();
    let mut word = Word::default();
    for (at, c) in text.char_indices() {
        if tokens.len() >= MOST_TOKENS {
            return tokens;
        }
        let end = at + c.len_utf8();
        if c.is_alphanumeric() || (is_combining_mark(c) && !word.text.is_empty()) {
            word.add(c, at, end);
        } else if is_apostrophe(c) && !word.text.is_empty() {
            word.text.push('\'');
            word.end = end;
        } else if is_joiner(c, &word.text)
            && text[end..].starts_with(|next: char| next.is_ascii_digit())
        {
            word.text.push('.');
            word.end = end;
        } else {
            word.close(&mut tokens);
            if let Some(sign) = sign(c) {
                tokens.push(Token { text: sign, start: at, end });
            }
        }
    }
    word.close(&mut tokens);
    tokens
}

/// The part of a text that is read, cut on a border of a character.
fn head(text: &str) -> &str {
    let mut end = text.len().min(MOST_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[derive(Default)]
struct Word {
    text: String,
    start: usize,
    end: usize,
}

impl Word {
    fn add(&mut self, c: char, at: usize, end: usize) {
        if self.text.is_empty() {
            self.start = at;
        }
        self.end = end;
        // Most letters are plain ones, and looking the others up costs more than all else here.
        if c.is_ascii() {
            return self.push(c.to_ascii_lowercase());
        }
        for folded in c.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase) {
            self.push(folded);
        }
    }

    /// “heeeelp” and “heelp” are the same cry.
    fn push(&mut self, c: char) {
        let twice =
            self.text.ends_with(c) && self.text[..self.text.len() - c.len_utf8()].ends_with(c);
        if !twice || c.is_ascii_digit() {
            self.text.push(c);
        }
    }

    fn close(&mut self, tokens: &mut Vec<Token>) {
        let word = std::mem::take(self);
        let text = word.text.trim_end_matches(['\'', '.']);
        if text.is_empty() {
            return;
        }
        let mut push = |text: &str| {
            tokens.push(Token {
                text: text.chars().take(LONGEST_TOKEN).collect(),
                start: word.start,
                end: word.end,
            });
        };
        let mut parts = text.split('\'');
        let first = parts.next().unwrap_or_default();
        let rest: Vec<&str> = parts.collect();
        match rest.as_slice() {
            [] => spelled(first, &mut push),
            ["t"] if first.ends_with('n') => {
                let verb = match first {
                    "can" => "can",
                    "won" => "will",
                    "shan" => "shall",
                    _ => &first[..first.len() - 1],
                };
                push(verb);
                push("not");
            }
            [tail] if AFTER_APOSTROPHE.iter().any(|(t, _)| t == tail) => {
                spelled(first, &mut push);
                let (_, word) =
                    AFTER_APOSTROPHE.iter().find(|(t, _)| t == tail).expect("just found");
                push(word);
            }
            _ => {
                for part in text.split('\'').filter(|part| !part.is_empty()) {
                    spelled(part, &mut push);
                }
            }
        }
    }
}

/// A word of the table as its words, a number as its shape, all else as it is.
fn spelled(word: &str, push: &mut impl FnMut(&str)) {
    if word.bytes().any(|b| b.is_ascii_digit()) {
        return number(word, push);
    }
    match SPELLINGS.binary_search_by_key(&word, |(short, _)| short) {
        Ok(at) => SPELLINGS[at].1.split(' ').for_each(push),
        Err(_) => push(word),
    }
}

/// Small numbers keep their value beside their shape, long ones are a protocol, an order or a card.
fn number(word: &str, push: &mut impl FnMut(&str)) {
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let only_digits = word.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let letters: String = word.chars().filter(|c| c.is_alphabetic()).collect();
    if only_digits && word.contains('.') {
        push("#amount");
    } else if only_digits && digits <= 2 {
        push(word);
    } else if only_digits {
        push(match digits {
            3 => "#3",
            4 => "#4",
            5..=7 => "#567",
            _ => "#long",
        });
    } else if digits >= 4 {
        push("#code");
    } else if digits + letters.len() <= 4 {
        // 2nd, 1st, 5pm, 2a, 3g
        push(word);
    } else {
        push("#mixed");
    }
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | '‘' | '`' | '´')
}

/// A dot or comma inside a number.
fn is_joiner(c: char, word: &str) -> bool {
    matches!(c, '.' | ',') && word.ends_with(|last: char| last.is_ascii_digit())
}

/// What a character that is no letter says by itself, if anything.
fn sign(c: char) -> Option<String> {
    match c {
        '?' => Some("?".to_owned()),
        '$' | '€' | '£' | '¥' => Some("$".to_owned()),
        '%' => Some("%".to_owned()),
        c if is_pictograph(c) => Some(c.to_string()),
        _ => None,
    }
}

/// Emojis and the like; modifiers of skin and joiners are none, so that variants are the same sign.
fn is_pictograph(c: char) -> bool {
    matches!(u32::from(c), 0x2190..=0x21FF | 0x2300..=0x23FF | 0x2600..=0x27BF | 0x2B00..=0x2BFF | 0x1F000..=0x1F3FA | 0x1F400..=0x1FAFF)
}

#[cfg(test)]
mod tests {
    use super::{MOST_BYTES, MOST_TOKENS, SPELLINGS, tokens};

    fn words(text: &str) -> String {
        tokens(text).into_iter().map(|token| token.text).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_means_the_same_reads_the_same() {
        for (typed, read) in [
            ("Não reconheço ESTA compra", "nao reconheco esta compra"),
            ("vc pode me ajudar pq n chegou, blz?", "voce pode me ajudar porque n chegou beleza ?"),
            ("I can't log in, I've tried", "i can not log in i have tried"),
            ("it won’t work and I don't know", "it will not work and i do not know"),
            ("¿Dónde está mi paquete?", "donde esta mi paquete ?"),
            ("heeeeelp pls", "heelp please"),
            ("paguei R$ 1.234,56 ontem", "paguei r $ #amount ontem"),
            ("protocolo 20260115004711", "protocolo #long"),
            ("order AB1234567", "order #code"),
            ("2 cards, 3rd try", "2 cards 3rd try"),
            ("obrigado 🙏🏽👍", "obrigado 🙏 👍"),
            ("…", ""),
            ("", ""),
        ] {
            assert_eq!(words(typed), read, "{typed}");
        }
    }

    #[test]
    fn places_are_those_of_the_text_as_typed() {
        let text = "Olá, não chegou!";
        let shown: Vec<&str> = tokens(text).iter().map(|t| &text[t.start..t.end]).collect();
        assert_eq!(shown, ["Olá", "não", "chegou"]);
    }

    #[test]
    fn a_very_long_text_is_read_to_a_bound() {
        assert!(tokens(&"ação ".repeat(20_000)).len() <= MOST_TOKENS);
        let long = tokens(&"á".repeat(50_000));
        assert_eq!(long.len(), 1);
        assert!(long[0].end <= MOST_BYTES);
        assert!(long[0].text.len() < 50, "letters that are repeated are one or two");
    }

    #[test]
    fn the_spellings_are_in_order() {
        assert!(SPELLINGS.is_sorted_by_key(|(short, _)| *short));
    }
}
