//! `dialogo explain`: what was decided over a conversation, by which rule, and what would have changed it.
//!
//! The desk gives the facts, with the lines in which rules stood at that time; here they become sentences.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Result;
use serde_json::Value;

use super::running::Running;
use super::status::when;
use crate::cli::{Explain, Kind};
use crate::output::{self, Exit};

pub(super) async fn run(dir: &Path, asked: &Explain) -> Result<Exit> {
    let desk = Running::need(dir).await?;
    let mut answer = desk.get(&format!("/explain/{}", asked.conversation)).await?;
    keep_asked(&mut answer, asked);
    if asked.json {
        output::say_json(&answer);
    } else {
        output::say(in_words(&answer).trim_end());
    }
    Ok(Exit::Good)
}

/// Takes out what was not asked for.
fn keep_asked(answer: &mut Value, asked: &Explain) {
    let wanted = |event: &Value| match (asked.only, asked.message) {
        (Some(kind), _) => kind_of(event) == Some(kind),
        (None, Some(number)) => event["message"]["number"] == number,
        (None, None) => true,
    };
    let Some(commits) = answer["decisions"].as_array_mut() else { return };
    for commit in commits.iter_mut() {
        if let Some(events) = commit["events"].as_array_mut() {
            events.retain(wanted);
        }
    }
    commits.retain(|commit| commit["events"].as_array().is_some_and(|events| !events.is_empty()));
}

fn kind_of(event: &Value) -> Option<Kind> {
    match event["type"].as_str()? {
        "conversation_assigned"
        | "conversation_offered"
        | "conversation_queued"
        | "offer_passed" => Some(Kind::Assignment),
        "message_sent" | "message_refused" => Some(Kind::Message),
        "conversation_transferred" | "transfer_refused" => Some(Kind::Transfer),
        "classification_suggested" | "conversation_classified" | "suggestions_settled" => {
            Some(Kind::Suggestion)
        }
        _ => None,
    }
}

fn in_words(answer: &Value) -> String {
    let mut text = format!("conversation {}\n", plain(&answer["conversation"]));
    let mut said = "";
    for commit in items(&answer["decisions"]) {
        let generation = commit["generation"].as_str().unwrap_or_default();
        if generation != said {
            let _ = writeln!(text, "\nunder the rules of generation {generation}");
            said = generation;
        }
        for event in items(&commit["events"]) {
            let lines = event_lines(event);
            let mut lines = lines.iter();
            if let Some(first) = lines.next() {
                let at = when(commit.get("at"));
                let _ = writeln!(text, "{at}  {first}");
            }
            for line in lines {
                let _ = writeln!(text, "    {line}");
            }
        }
    }
    now_lines(&answer["now"], &mut text);
    text
}

/// What happened in the first line, why in the others.
fn event_lines(event: &Value) -> Vec<String> {
    let text = |key: &str| plain(&event[key]);
    match event["type"].as_str().unwrap_or_default() {
        "conversation_assigned" => assignment("given to", event),
        "conversation_offered" => assignment("offered to", event),
        "conversation_queued" => {
            let why = &event["why"];
            let from = why["from"].as_str().map(|from| format!(" ({from})"));
            let because = plain(&why["because"]).replace('_', " ");
            let from = from.unwrap_or_default();
            vec![format!("waits in the queue of {}: {because}{from}", text("department"))]
        }
        "message_sent" => message(event, &verdict(&event["verdict"])),
        "message_refused" => {
            message(event, &format!("REFUSED: {} ({})", text("detail"), text("code")))
        }
        "conversation_transferred" => {
            let mut lines = vec![format!(
                "transferred to {}{}",
                text("to_department"),
                named(&event["to_agent"]).map(|agent| format!(", {agent}")).unwrap_or_default()
            )];
            if let Some(why) = event["redirected"].as_str() {
                lines.push(format!("it was to go elsewhere and was redirected: {why}"));
            }
            lines.extend(decisions(event, "it would have gone, or stayed, as was asked"));
            lines
        }
        "transfer_refused" => {
            let mut lines =
                vec![format!("transfer REFUSED: {} ({})", text("because"), text("code"))];
            lines.extend(decisions(event, "it would have been let go"));
            lines
        }
        "classification_suggested" => {
            let mut lines = vec![format!("suggested (set {})", text("set"))];
            for one in items(&event["suggestions"]) {
                lines.push(format!(
                    "{} {:.2}, by {}{}",
                    plain(&one["node"]),
                    one["confidence"].as_f64().unwrap_or_default(),
                    listed(&one["plugins"]),
                    found(&one["evidence"])
                ));
            }
            lines.extend(decisions(event, "that would not have been suggested, or with less"));
            lines
        }
        "conversation_classified" => vec![format!(
            "classified as {}{} by {}",
            text("node"),
            if event["final"] == true { ", for good," } else { "" },
            event["by"].as_str().unwrap_or("the desk")
        )],
        "bot_answered" => {
            let mut lines = vec!["the bot answered".to_owned()];
            lines.extend(decisions(event, "it would have answered otherwise"));
            lines
        }
        other => vec![other.replace('_', " ")],
    }
}

fn assignment(what: &str, event: &Value) -> Vec<String> {
    let why = &event["why"];
    let agent = named(&event["agent"]).unwrap_or_default();
    let reason = match why["rule"].as_str() {
        Some(rule) => rule.replace('_', " "),
        None => plain(&why["because"]).replace('_', " "),
    };
    let mut lines = vec![format!("{what} {agent} for {}: {reason}", plain(&event["department"]))];
    let candidates: Vec<(&str, u64)> = items(&why["candidates"])
        .filter_map(|one| Some((one[0].as_str()?, one[1].as_u64()?)))
        .collect();
    let chosen =
        candidates.iter().find(|(id, _)| *id == event["agent"]["id"]).map(|(_, load)| *load);
    for (other, load) in candidates.iter().filter(|(id, _)| *id != event["agent"]["id"]) {
        let otherwise = match (why["rule"].as_str(), chosen) {
            (Some("fewest_open"), Some(chosen)) => {
                format!("with fewer than {chosen} it would have been {other}")
            }
            (Some("longest_idle"), _) => format!("idle for longer, it would have been {other}"),
            (Some("recontact"), _) => {
                format!("without {agent}'s earlier answers it could have been {other}")
            }
            _ => format!("{other} was free, too"),
        };
        lines.push(format!("not {other}, who had {load} open: {otherwise}"));
    }
    lines.extend(items(&why["skipped"]).map(skipped));
    if let Some(held) = event["over_limit"].as_u64() {
        lines.push(format!("over the limit: {agent} holds {held} now"));
    }
    lines
}

fn skipped(one: &Value) -> String {
    let agent = plain(&one["agent"]);
    let (load, limit) =
        (one["load"].as_u64().unwrap_or_default(), one["limit"].as_u64().unwrap_or_default());
    match one["because"].as_str().unwrap_or_default() {
        "at_limit" => format!(
            "not {agent}, who had {load} of {limit}, the limit of the {}{}: with a free place, or a limit of {}, {agent} could have had it",
            plain(&one["limit_of"]),
            place(&one["limit_at"]).map(|place| format!(" at {place}")).unwrap_or_default(),
            load + 1,
        ),
        "offline" => format!("not {agent}, who was not connected"),
        "busy" => format!(
            "not {agent}, who paused{}",
            one["detail"].as_str().map(|reason| format!(" ({reason})")).unwrap_or_default()
        ),
        "dropped" => format!(
            "not {agent}, whose connection had broken: back in time, {agent} could have had it"
        ),
        "passed" => format!("not {agent}, who let this offer pass"),
        "no_account" => format!("not {agent}, who has no account: `dialogo agent add {agent}`"),
        other => format!("not {agent}: {other}"),
    }
}

fn message(event: &Value, verdict: &str) -> Vec<String> {
    let message = &event["message"];
    let number = match message["number"].as_u64() {
        Some(number) if number > 0 => format!("message {number}"),
        _ => "a message".to_owned(),
    };
    let by = plain(&message["author"]["side"]);
    let by = if by.is_empty() { String::new() } else { format!(" of the {by}") };
    let mut lines = vec![format!("{number}{by}: {verdict}")];
    lines.extend(decisions(event, "it would have gone out as it was"));
    lines
}

fn verdict(verdict: &Value) -> String {
    let detail = plain(&verdict["detail"]);
    match verdict["kind"].as_str() {
        Some("warn") => format!("sent with a warning: {detail}"),
        Some("rewritten") => format!("sent with other words: {detail}"),
        _ => "sent".to_owned(),
    }
}

/// What each plugin said, by which of its rules; and what follows from that.
fn decisions(event: &Value, without_it: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut speakers = Vec::new();
    for decision in items(&event["decisions"]) {
        let detail = plain(&decision["detail"]);
        let detail = if detail.is_empty() { String::new() } else { format!(": {detail}") };
        let shadow = if decision["shadow"] == true { ", in shadow" } else { "" };
        lines.push(format!(
            "{} {} ({}{shadow}) said {}{detail}{}",
            plain(&decision["plugin"]),
            plain(&decision["version"]),
            plain(&decision["hook"]),
            plain(&decision["outcome"]),
            found(&decision["evidence"])
        ));
        for setting in items(&decision["settings"]) {
            let Some(place) = place(setting) else { continue };
            lines.push(format!("  by {place}: {}", plain(&setting["text"])));
            if decision["shadow"] != true && !speakers.contains(&place) {
                speakers.push(place);
            }
        }
    }
    match speakers.as_slice() {
        [] => {}
        [one] => lines.push(format!("without {one}, {without_it}")),
        several => lines.push(format!("without {}, {without_it}", several.join(" and "))),
    }
    lines
}

fn place(setting: &Value) -> Option<String> {
    Some(format!("{}:{}", setting["file"].as_str()?, setting["line"].as_u64()?))
}

fn now_lines(now: &Value, text: &mut String) {
    if now.is_null() {
        return;
    }
    let _ = writeln!(text, "\nnow {}", plain(&now["state"]));
    if let Some(position) = now["position"].as_u64() {
        let _ =
            writeln!(text, "    place {position} in the queue of {}", plain(&now["department"]));
    }
    if now["department_closed"] == true {
        let _ = writeln!(text, "    {} is closed", plain(&now["department"]));
    }
    for one in items(&now["free"]) {
        let _ = writeln!(text, "    {} is free, with {} open", plain(&one[0]), plain(&one[1]));
    }
    for one in items(&now["skipped"]) {
        let _ = writeln!(text, "    {}", skipped(one));
    }
}

fn found(evidence: &Value) -> String {
    let words: Vec<String> = items(evidence).map(|word| format!("“{}”", plain(word))).collect();
    if words.is_empty() { String::new() } else { format!(" (found {})", words.join(", ")) }
}

fn named(agent: &Value) -> Option<String> {
    agent["id"].as_str().map(str::to_owned)
}

fn listed(value: &Value) -> String {
    items(value).map(plain).collect::<Vec<_>>().join(", ")
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use serde_json::json;

    use super::*;

    fn explained() -> Value {
        json!({ "conversation": "c1", "decisions": [
            { "generation": "g1", "at": 0, "events": [
                { "type": "conversation_assigned", "agent": { "id": "ana" }, "department": "suporte", "why": {
                    "because": "routed", "rule": "fewest_open", "candidates": [["ana", 1], ["bruno", 2]],
                    "skipped": [{ "agent": "carla", "because": "at_limit", "load": 4, "limit": 4, "limit_of": "desk",
                        "limit_at": { "pointer": "/limit", "file": "config/desk.toml", "line": 19 } },
                        { "agent": "davi", "because": "busy", "detail": "almoço" }] } },
                { "type": "message_sent", "message": { "number": 3 }, "verdict": { "kind": "rewritten", "detail": "no" },
                    "decisions": [{ "plugin": "emoji-policy", "version": "1.0.0", "hook": "emoji-policy", "outcome": "strip 1 of 2",
                        "detail": "🖕 is denied", "evidence": ["🖕"],
                        "settings": [{ "pointer": "/agent/deny/0", "file": "config/plugins/emoji.toml", "line": 9, "text": "deny = [\"🖕\"]" }] }] },
            ] },
        ] })
    }

    #[test]
    fn decisions_are_told_with_what_would_have_changed_them() {
        expect![[r#"
            conversation c1

            under the rules of generation g1
            1970-01-01 00:00:00 UTC  given to ana for suporte: fewest open
                not bruno, who had 2 open: with fewer than 1 it would have been bruno
                not carla, who had 4 of 4, the limit of the desk at config/desk.toml:19: with a free place, or a limit of 5, carla could have had it
                not davi, who paused (almoço)
            1970-01-01 00:00:00 UTC  message 3: sent with other words: no
                emoji-policy 1.0.0 (emoji-policy) said strip 1 of 2: 🖕 is denied (found “🖕”)
                  by config/plugins/emoji.toml:9: deny = ["🖕"]
                without config/plugins/emoji.toml:9, it would have gone out as it was
        "#]]
        .assert_eq(&in_words(&explained()));
    }

    #[test]
    fn only_what_was_asked_for() {
        let asked =
            |only, message| Explain { conversation: uuid::Uuid::nil(), only, message, json: false };
        let kept = |asked: &Explain| {
            let mut answer = explained();
            keep_asked(&mut answer, asked);
            answer["decisions"][0]["events"].as_array().map(Vec::len)
        };
        assert_eq!(kept(&asked(Some(Kind::Assignment), None)), Some(1));
        assert_eq!(kept(&asked(None, Some(3))), Some(1));
        assert_eq!(kept(&asked(None, Some(4))), None);
        assert_eq!(kept(&asked(None, None)), Some(2));
    }
}
