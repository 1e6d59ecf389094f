//! Durations as admins write them: `"30 s"`, `"10 min"`, `"24 h"`, `"1 h 30 min"`, `"2 days"`.

const UNITS: [(&str, u64); 22] = [
    ("ms", 1),
    ("s", 1_000),
    ("sec", 1_000),
    ("second", 1_000),
    ("seconds", 1_000),
    ("m", 60_000),
    ("min", 60_000),
    ("minute", 60_000),
    ("minutes", 60_000),
    ("h", 3_600_000),
    ("hour", 3_600_000),
    ("hours", 3_600_000),
    ("d", 86_400_000),
    ("day", 86_400_000),
    ("days", 86_400_000),
    ("w", 604_800_000),
    ("week", 604_800_000),
    ("weeks", 604_800_000),
    ("year", 31_536_000_000),
    ("years", 31_536_000_000),
    ("month", 2_592_000_000),
    ("months", 2_592_000_000),
];

/// Milliseconds of a duration; a month has 30 days, a year 365. The error says what is wrong with the text.
pub(crate) fn parse(text: &str) -> Result<u64, String> {
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err("a duration cannot be empty".to_owned());
    }
    let mut total = 0u64;
    while !rest.is_empty() {
        let (number, after) = split_number(rest)?;
        let end = after.find(|next: char| !next.is_alphabetic()).unwrap_or(after.len());
        let (unit, after) = after.split_at(end);
        let factor = factor(unit, text)?;
        let part = number * factor as f64;
        if !part.is_finite() || part > 1e15 {
            return Err("this duration is too long".to_owned());
        }
        total = total.saturating_add(part.round() as u64);
        rest = after.trim_start();
    }
    Ok(total)
}

fn split_number(text: &str) -> Result<(f64, &str), String> {
    let end = text.find(|next: char| !next.is_ascii_digit() && next != '.').unwrap_or(text.len());
    let number =
        text[..end].parse().map_err(|_| format!("`{text}` does not begin with a number"))?;
    Ok((number, text[end..].trim_start()))
}

fn factor(unit: &str, whole: &str) -> Result<u64, String> {
    if unit.is_empty() {
        return Err(format!("`{whole}` has no unit"));
    }
    let lower = unit.to_lowercase();
    UNITS
        .iter()
        .find_map(|(name, factor)| (*name == lower).then_some(*factor))
        .ok_or_else(|| format!("`{unit}` is no unit of time"))
}

/// A duration in the largest units that fit: `1 h 30 min`.
pub(crate) fn shown(ms: u64) -> String {
    let mut parts = Vec::new();
    let mut rest = ms;
    for (unit, factor) in
        [("days", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("s", 1_000), ("ms", 1)]
    {
        if rest >= factor {
            parts.push(format!("{} {unit}", rest / factor));
            rest %= factor;
        }
    }
    if parts.is_empty() { "0 s".to_owned() } else { parts.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_admins_write() {
        for (text, ms) in [
            ("30 s", 30_000),
            ("30s", 30_000),
            ("10 min", 600_000),
            ("24 h", 86_400_000),
            ("1 h 30 min", 5_400_000),
            ("1.5 h", 5_400_000),
            ("2 days", 172_800_000),
            ("500 ms", 500),
            ("0 s", 0),
        ] {
            assert_eq!(parse(text), Ok(ms), "{text}");
        }
    }

    #[test]
    fn what_is_no_duration() {
        for text in [
            "",
            "10",
            "ten min",
            "10 parsecs",
            "-3 s",
            "1e99 h",
            "5 min then",
            "99999999999999999999 years",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn shown_as_people_say_it() {
        assert_eq!(shown(5_400_000), "1 h 30 min");
        assert_eq!(shown(0), "0 s");
    }
}
