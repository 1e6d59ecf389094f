//! Words of Portuguese, English and Spanish that say nothing about what somebody wants.
//!
//! As `engine/model` reads them: without accents, in lower case, chat spellings opened. Greetings and thanks are none: there
//! are canned replies to them.

#[rustfmt::skip]
const WORDS: &[&str] = &[
    "a", "ainda", "al", "ali", "alli", "am", "an", "and", "ao", "aos", "aquel", "aquela", "aquele", "aqui", "are",
    "as", "at", "ate", "aun", "be", "been", "bem", "bien", "but", "by", "can", "com", "como", "con", "could", "cual",
    "cuando", "da", "das", "de", "del", "did", "do", "does", "donde", "done", "dos", "e", "el", "ela", "elas", "ele",
    "eles", "ella", "ellos", "em", "en", "entao", "entonces", "era", "es", "ese", "eso", "essa", "esse", "esta",
    "estan", "estao", "estava", "este", "esto", "estou", "estoy", "eu", "faz", "fazer", "fiz", "foi", "for", "from",
    "fue", "fui", "get", "gostaria", "got", "gustaria", "hace", "hacer", "had", "has", "have", "he", "hecho", "her",
    "here", "him", "his", "how", "i", "if", "in", "ir", "is", "isso", "isto", "it", "its", "ja", "just", "la", "las",
    "le", "les", "lhe", "like", "lo", "los", "mais", "mal", "mas", "may", "me", "menos", "meu", "meus", "mi",
    "might", "minha", "minhas", "mis", "muita", "muito", "must", "muy", "my", "na", "nao", "nas", "necesito", "need",
    "nem", "ni", "no", "nos", "nosotros", "nossa", "nosso", "not", "nuestro", "num", "numa", "o", "of", "on", "onde",
    "or", "os", "ou", "our", "para", "pela", "pelas", "pelo", "pelos", "pero", "please", "pode", "poderia", "podria",
    "pois", "por", "porque", "posso", "preciso", "puede", "puedo", "pues", "quais", "qual", "quando", "quanto",
    "que", "quem", "queria", "quero", "quien", "quiero", "quisiera", "sao", "se", "sem", "ser", "seu", "seus",
    "shall", "she", "should", "si", "sim", "sin", "so", "sob", "sobre", "solo", "son", "sou", "soy", "su", "sua",
    "suas", "sus", "tambem", "tambien", "te", "tem", "temos", "tener", "tengo", "tenho", "ter", "teu", "that", "the",
    "their", "them", "there", "these", "they", "this", "those", "tiene", "tinha", "to", "tu", "tua", "um", "uma",
    "umas", "una", "unas", "unos", "uns", "us", "usted", "ustedes", "va", "vai", "vamos", "voce", "voces", "vou",
    "voy", "want", "was", "we", "were", "what", "when", "where", "which", "who", "why", "will", "with", "without",
    "would", "y", "ya", "yes", "yo", "you", "your",
];

/// Whether it is one of them, or a single letter.
pub(crate) fn says_nothing(word: &str) -> bool {
    word.len() < 2 || WORDS.binary_search(&word).is_ok()
}

#[cfg(test)]
mod tests {
    use super::WORDS;

    #[test]
    fn the_words_are_in_order() {
        assert!(WORDS.is_sorted());
    }
}
