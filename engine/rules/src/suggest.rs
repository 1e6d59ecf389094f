//! "Did you mean": the known name nearest to a wrong one.

/// A line of help that names the nearest known name, or the few there are.
pub(crate) fn did_you_mean<'a>(
    wrong: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    let known: Vec<&str> = known.into_iter().collect();
    if let Some(near) = nearest(wrong, &known) {
        return Some(format!("did you mean `{near}`?"));
    }
    match known.len() {
        1..=12 => Some(format!("there is {}", listed(&known))),
        _ => None,
    }
}

fn nearest<'a>(wrong: &str, known: &[&'a str]) -> Option<&'a str> {
    let folded = wrong.to_lowercase();
    let score = |name: &str| strsim::damerau_levenshtein(&folded, &name.to_lowercase());
    let allowed = 1.max(wrong.chars().count() / 3);
    let (best, distance) =
        known.iter().map(|name| (*name, score(name))).min_by_key(|(_, distance)| *distance)?;
    (distance <= allowed).then_some(best)
}

/// `` `a`, `b` and `c` ``.
pub(crate) fn listed(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}
