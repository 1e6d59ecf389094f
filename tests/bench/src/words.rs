//! What the simulated people say: messages of 300 bytes, every fifth with emojis in it, about changing topics.

/// Bytes of a message.
const BYTES: usize = 300;

/// One message in so many has emojis.
const EMOJI_EVERY: usize = 5;

/// Each speaks of something else, in words that the default keyword rules know.
const TOPICS: [&str; 6] = [
    "Bom dia, preciso da segunda via do boleto deste mês, porque perdi o que chegou pelo correio",
    "Meu pedido está atrasado, a entrega era para ontem e ninguém me avisou de nada até agora",
    "O cartão foi recusado na hora do pagamento, mas o valor apareceu na fatura mesmo assim",
    "Quero pedir o reembolso da compra, o produto veio com defeito e não serve para mim",
    "Esqueci a senha e agora a conta está bloqueada, não consigo entrar no aplicativo",
    "A nota fiscal do último pedido não chegou no meu e-mail e eu preciso dela hoje",
];

const FILLER: &str = " e por isso estou escrevendo aqui com todos os detalhes que tenho, para que vocês possam olhar com calma";

const EMOJIS: [&str; 4] = ["🙂", "👍", "🙏🏽", "❤️"];

/// Message number `number` of speaker `speaker`: no two are the same. No character needs escaping in JSON.
pub(crate) fn message(speaker: usize, number: usize) -> String {
    let mut text = format!("{speaker}-{number} {}", TOPICS[(speaker + number) % TOPICS.len()]);
    let emojis = if (speaker + number).is_multiple_of(EMOJI_EVERY) {
        format!(" {}{}", EMOJIS[number % EMOJIS.len()], EMOJIS[(number / 4) % EMOJIS.len()])
    } else {
        String::new()
    };
    let until = BYTES - emojis.len();
    while text.len() < until {
        text.push_str(FILLER);
    }
    let end = (0..=until).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    text.truncate(end);
    text.push_str(&emojis);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_have_their_size_and_their_share_of_emojis() {
        let messages: Vec<String> = (0..100).map(|number| message(7, number)).collect();
        assert!(messages.iter().all(|text| (BYTES - 3..=BYTES).contains(&text.len())));
        let with =
            messages.iter().filter(|text| EMOJIS.iter().any(|emoji| text.contains(emoji))).count();
        assert_eq!(with, 20);
        assert!(messages.iter().all(|text| !text.contains(['"', '\\'])));
    }
}
