//! Samples are shown to people who did not take part: addresses and numbers that name somebody are covered.

/// Digits from which on a number is covered; spaces, dots, dashes and slashes do not divide it.
const LONG: usize = 5;

/// The text with e-mail addresses and long numbers covered.
pub fn redacted(text: &str) -> String {
    let words: Vec<String> =
        text.split_inclusive(char::is_whitespace).map(without_address).collect();
    without_numbers(&words.concat())
}

fn without_address(word: &str) -> String {
    let bare = word.trim_end();
    let is_address = bare.find('@').is_some_and(|at| at > 0 && bare[at + 1..].contains('.'));
    if is_address { format!("•••@•••{}", &word[bare.len()..]) } else { word.to_owned() }
}

fn without_numbers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(begin) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, from) = rest.split_at(begin);
        out.push_str(before);
        let joined = |c: char| c.is_ascii_digit() || matches!(c, ' ' | '.' | '-' | '/');
        let end = from.find(|c| !joined(c)).unwrap_or(from.len());
        let end = from[..end].rfind(|c: char| c.is_ascii_digit()).map_or(end, |last| last + 1);
        let number = &from[..end];
        let digits = number.bytes().filter(u8::is_ascii_digit).count();
        out.push_str(if digits >= LONG { "•••••" } else { number });
        rest = &from[end..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::redacted;

    #[test]
    fn what_names_somebody_is_covered() {
        for (text, shown) in [
            ("write to ana.lima@example.com please", "write to •••@••• please"),
            ("meu CPF é 123.456.789-09, ok?", "meu CPF é •••••, ok?"),
            ("card 4111 1111 1111 1111 was lost", "card ••••• was lost"),
            ("2 cards since 2024", "2 cards since 2024"),
            ("R$ 59,90 @loja", "R$ 59,90 @loja"),
            ("", ""),
        ] {
            assert_eq!(redacted(text), shown);
        }
    }
}
