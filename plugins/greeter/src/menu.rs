//! Understanding an answer to the menu: a tapped reply, a typed number, or words. No language model, no guessing:
//! what is not clear is not understood.

/// Lower case, without accents and punctuation, one blank between words: how people's words are compared.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    // Accents that stand apart from their letter are left out, so that the word stays whole.
    let letters = text.chars().filter(|c| !('\u{0300}'..='\u{036F}').contains(c));
    for c in letters.flat_map(char::to_lowercase) {
        match bare(c) {
            Some(c) => folded.push(c),
            None if !folded.ends_with(' ') => folded.push(' '),
            None => {}
        }
    }
    folded.trim().to_owned()
}

/// The letter without its accent; none for what is neither letter nor digit.
fn bare(c: char) -> Option<char> {
    Some(match c {
        'á' | 'à' | 'â' | 'ã' | 'ä' | 'å' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'í' | 'ì' | 'î' | 'ï' => 'i',
        'ó' | 'ò' | 'ô' | 'õ' | 'ö' => 'o',
        'ú' | 'ù' | 'û' | 'ü' => 'u',
        'ç' => 'c',
        'ñ' => 'n',
        // Combining accents of decomposed text vanish with their letter kept.
        other if other.is_alphanumeric() => other,
        _ => return None,
    })
}

/// Whether `phrase` stands in `text` as whole words; both folded.
pub fn contains(text: &str, phrase: &str) -> bool {
    !phrase.is_empty() && format!(" {text} ").contains(&format!(" {phrase} "))
}

/// The number somebody typed (`2`, `2.`, `opção 2`), if the text is nothing more.
pub fn number(folded: &str) -> Option<usize> {
    let last = folded
        .strip_prefix("opcao ")
        .or_else(|| folded.strip_prefix("option "))
        .or_else(|| folded.strip_prefix("opcion "));
    last.unwrap_or(folded).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{contains, fold, number};

    #[test]
    fn words_are_compared_without_accents_case_and_punctuation() {
        assert_eq!(fold("  Opção: 2! "), "opcao 2");
        assert_eq!(fold("ÇÃÑ"), "can");
        assert_eq!(fold("🙂"), "");
        assert_eq!(fold("opc\u{0327}a\u{0303}o"), "opcao");
    }

    #[test]
    fn only_whole_words_count() {
        assert!(contains("quero meu boleto hoje", "meu boleto"));
        assert!(!contains("boletos", "boleto"));
        assert!(!contains("anything", ""));
    }

    #[test]
    fn a_number_alone_is_a_choice() {
        assert_eq!(number(&fold("2.")), Some(2));
        assert_eq!(number(&fold("Opção 3")), Some(3));
        assert_eq!(number(&fold("tenho 2 boletos")), None);
        assert_eq!(number("99999999999999999999999"), None);
    }
}
