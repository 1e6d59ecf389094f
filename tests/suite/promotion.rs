//! A plugin on trial: asked in shadow, let count in a part of the conversations and then in all, and taken back by the desk
//! itself when it gets worse.

use anyhow::{Context as _, Result, ensure};
use dialogo_tests::api::Person;
use dialogo_tests::deadline::{SOON, until, when};
use dialogo_tests::desk::Desk;
use dialogo_tests::folder::Folder;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

const NEXT: &str = "keywords-next";
/// What it suggests for `zebra`.
const SUGGESTED: &str = "elogio";
/// What people choose once the truth has changed.
const OTHERWISE: &str = "outros";

const BINDING: &str = r#"
# On trial since the meeting.
[[plugin]]
id = "keywords-next"
file = "keywords.wasm"
hooks = ["classifier"]
mode = "shadow"            # until we know more
grants = ["patterns", "catalogue", "history"]
settings = "plugins/keywords-next.toml"
promotion = { replaces = "keywords", min_precision = 0.7, window = 20 } # Ana's wish
"#;

fn settings(node: &str) -> String {
    format!("[[rule]]\nnode = \"{node}\"\nany = ['\\bzebra\\b']\nweight = 0.9\n")
}

fn on_trial(folder: &Folder) -> Result<()> {
    folder.append("plugins.toml", BINDING)?;
    folder.write("plugins/keywords-next.toml", &settings(SUGGESTED))
}

struct Story {
    desk: Desk,
    ana: Person,
    admin: Person,
}

impl Story {
    async fn begin() -> Result<Self> {
        let desk = Desk::begin_with(on_trial).await?;
        let ana = desk.api().on_duty("ana").await?;
        let admin = desk.admin().await?;
        Ok(Self { desk, ana, admin })
    }

    /// A conversation about a zebra, classified by its agent once every classifier has spoken. Gives its id and the
    /// plugins whose suggestions were shown.
    async fn conversation(&self, chosen: &str) -> Result<(String, Vec<String>)> {
        let visit = self.desk.api().begin("suporte").await?;
        visit.say("uma zebra perdeu o boleto").await?;
        self.desk.state_until(&self.ana, &visit.id, "active").await?;
        let path = format!("/conversations/{}/explain", visit.id);
        let said = until("both classifiers to speak", SOON, || async {
            let why = self.admin.get(&path).await?.expect(200)?;
            let events = why["decisions"].as_array().into_iter().flatten();
            let said = events
                .flat_map(|commit| commit["events"].as_array().into_iter().flatten())
                .rfind(|event| event["type"] == "classification_suggested")
                .cloned();
            let text = why.to_string();
            Ok(when(said.is_some() && text.contains(NEXT), said, text))
        })
        .await?
        .context("nothing was suggested")?;
        let close = json!({ "classify": { "node": chosen } });
        self.ana.post(&format!("/conversations/{}/close", visit.id), close).await?.expect(204)?;
        let shown = said["suggestions"].as_array().into_iter().flatten();
        let plugins = shown
            .flat_map(|one| one["plugins"].as_array().into_iter().flatten())
            .filter_map(|plugin| plugin.as_str().map(str::to_owned));
        Ok((visit.id, plugins.collect()))
    }

    async fn plugin(&self) -> Result<Value> {
        let list = self.admin.get("/plugins").await?.expect(200)?;
        let plugins = list["plugins"].as_array().context("no plugins")?;
        plugins.iter().find(|one| one["plugin"] == NEXT).cloned().context("not bound")
    }

    /// Waits until so many choices were measured.
    async fn measured(&self, right: u64, wrong: u64) -> Result<Value> {
        until("the choices to be measured", SOON, || async {
            let plugin = self.plugin().await?;
            let seen = (&plugin["promotion"]["right"], &plugin["promotion"]["wrong"]);
            let there = seen == (&json!(right), &json!(wrong));
            Ok(when(there, plugin.clone(), plugin["promotion"].to_string()))
        })
        .await
    }
}

/// Whether a conversation is in the share, reckoned here by what is documented.
fn in_share(conversation: &str, percent: u64) -> bool {
    let digest = Sha256::digest(format!("{NEXT}\0{conversation}"));
    let number = digest.iter().take(4).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    number * 100 < percent << 32
}

#[tokio::test]
async fn a_plugin_is_promoted_step_by_step_and_steps_back_when_it_gets_worse() -> Result<()> {
    let mut story = Story::begin().await?;

    // In shadow: what it says is measured, and nobody is shown it.
    for _ in 0..4 {
        let (_, shown) = story.conversation(SUGGESTED).await?;
        assert_eq!(shown, ["keywords"], "what is asked in shadow was shown");
    }
    let plugin = story.measured(4, 0).await?;
    assert_eq!((&plugin["mode"], &plugin["promotion"]["window_of"]), (&json!("shadow"), &json!(4)));
    assert!(plugin["promotion"]["differed"].as_u64() > Some(0), "{plugin:#}");

    // Half of the conversations, always the same ones, and there in the place of the old one.
    let said = story.desk.dialogo(&["promote", NEXT, "--percent", "50"]).await?.expect(0)?;
    assert!(said.out.contains("counts in 50 % of conversations"), "{}", said.out);
    let file = story.desk.folder().read("plugins.toml")?;
    assert!(file.contains("mode = \"enforce\"            # until we know more"), "{file}");
    assert!(file.contains("# Ana's wish") && file.contains("percent = 50"), "{file}");
    let mut shares = (0, 0);
    for _ in 0..8 {
        let (id, shown) = story.conversation(SUGGESTED).await?;
        let counts = in_share(&id, 50);
        assert_eq!(shown, [if counts { NEXT } else { "keywords" }], "{id}");
        *(if counts { &mut shares.0 } else { &mut shares.1 }) += 1;
    }
    println!("of 8 conversations {} were in the half, {} not", shares.0, shares.1);

    // All of them; and what was measured is there after a restart.
    story.desk.dialogo(&["promote", NEXT]).await?.expect(0)?;
    let (_, shown) = story.conversation(SUGGESTED).await?;
    assert_eq!(shown, [NEXT]);
    story.measured(13, 0).await?;
    story.desk.process.stop().await?;
    story.desk.process.again().await?;
    story.admin = story.desk.admin().await?;
    story.ana = story.desk.api().on_duty("ana").await?;
    let plugin = story.measured(13, 0).await?;
    assert_eq!(plugin["promotion"]["percent"], 100);

    // People choose otherwise from now on: the seventh wrong one in twenty is one too many.
    for wrong in 1..=7 {
        assert_eq!(story.plugin().await?["mode"], "enforce", "taken back after {wrong} - 1 wrong");
        story.conversation(OTHERWISE).await?;
        story.measured(13, wrong).await?;
    }
    let plugin = until("the step back", SOON, || async {
        // The views follow the rules by a moment.
        let plugin = story.plugin().await?;
        let told = !plugin["promotion"]["stepped_back"].is_null();
        Ok(when(plugin["mode"] == "shadow" && told, plugin.clone(), plugin.to_string()))
    })
    .await?;
    let back = &plugin["promotion"]["stepped_back"];
    assert_eq!((&back["right"], &back["of"]), (&json!(13), &json!(20)), "{plugin:#}");
    let (_, shown) = story.conversation(OTHERWISE).await?;
    assert_eq!(shown, ["keywords"], "the old one does not count again");

    it_is_told_everywhere(&story).await?;

    // It is not let back as it is; mended it begins anew.
    let refused = story.desk.dialogo(&["promote", NEXT, "--percent", "10"]).await?.expect(4)?;
    assert!(refused.all().contains("the rules ask for 70 %"), "{}", refused.all());
    let path = format!("/plugins/{NEXT}/promote");
    story.admin.post(&path, json!({ "percent": 10 })).await?.problem(409, "cannot-promote")?;
    story.desk.folder().write("plugins/keywords-next.toml", &settings(OTHERWISE))?;
    until("the mended settings", SOON, || async {
        let plugin = story.plugin().await?;
        let fresh = plugin["promotion"]["falls_short"] == false;
        Ok(when(fresh, (), plugin["promotion"].to_string()))
    })
    .await?;
    story.admin.post(&path, json!({ "percent": 100 })).await?.expect(200)?;
    let (_, shown) = story.conversation(OTHERWISE).await?;
    assert_eq!(shown, [NEXT]);
    let plugin = story.measured(1, 0).await?;
    assert!(plugin["promotion"]["stepped_back"].is_null(), "{plugin:#}");

    // All of it is counted again from the journal.
    let stopped = story.desk.stop_and_keep().await?;
    stopped.dialogo(&["rebuild"]).await?.expect(0)?;
    let desk = stopped.serve().await?;
    let admin = desk.admin().await?;
    let ana = desk.api().on_duty("ana").await?;
    let story = Story { desk, ana, admin };
    story.measured(1, 0).await?;
    story.desk.stop().await
}

async fn it_is_told_everywhere(story: &Story) -> Result<()> {
    let file = story.desk.folder().read("plugins.toml")?;
    let remark = "# The desk: 13 of the last 20 suggestions were right, the rules ask for 70 %";
    assert!(file.contains(remark), "{file}");
    assert!(file.contains("mode = \"shadow\"            # until we know more"), "{file}");
    let rules = story.admin.get("/rules").await?.expect(200)?;
    let newest = &rules["history"][0];
    assert_eq!(newest["by"], "desk", "{newest}");
    let summary = newest["summary"].as_str().unwrap_or_default();
    assert!(summary.starts_with("keywords-next stepped back to shadow: 13 of"), "{summary}");
    assert_eq!((&rules["healthy"], &rules["rolled_back"]), (&json!(true), &json!(false)));
    let begun = rules["history"].as_array().and_then(|all| all.last()).context("no history")?;
    assert_eq!(begun["by"], "start", "{begun}");
    let status = story.desk.dialogo(&["status"]).await?.expect(0)?;
    assert!(status.out.contains("STEPPED BACK"), "{}", status.out);
    let metrics = story.desk.metrics().await?;
    ensure!(metrics.sum("dialogo_plugin_stepped_back") == Some(1.0), "{:?}", metrics.names());
    let diff = story.desk.dialogo(&["rules", "diff"]).await?.expect(0)?;
    assert!(diff.out.contains("+mode = \"shadow\""), "{}", diff.out);
    let log = story.desk.process.log();
    assert!(log.contains("it goes back to shadow"), "the log is silent");
    Ok(())
}

#[tokio::test]
async fn where_the_rules_cannot_be_written_a_plugin_is_taken_back_all_the_same() -> Result<()> {
    let desk = Desk::begin_with(|folder| {
        on_trial(folder)?;
        folder.replace(
            "plugins.toml",
            "mode = \"shadow\"            # until",
            "mode = \"enforce\" # until",
        )
    })
    .await?;
    let ana = desk.api().on_duty("ana").await?;
    let admin = desk.admin().await?;
    let story = Story { desk, ana, admin };
    // What lies there is not what is in force, so it is not the desk's to write.
    let good = story.desk.folder().read("desk.toml")?;
    story.desk.folder().write("desk.toml", "limit = -1\n")?;
    until("the broken file to be seen", SOON, || async {
        let rules = story.admin.get("/rules").await?.expect(200)?;
        Ok(when(rules["healthy"] == false, (), rules["problems"].to_string()))
    })
    .await?;
    let path = format!("/plugins/{NEXT}/promote");
    story.admin.post(&path, json!({ "percent": 50 })).await?.problem(409, "cannot-promote")?;
    for _ in 0..7 {
        story.conversation(OTHERWISE).await?;
    }
    until("the step back", SOON, || async {
        let plugin = story.plugin().await?;
        Ok(when(plugin["mode"] == "shadow", (), plugin.to_string()))
    })
    .await?;
    // Said a moment after it is in force.
    until("the files are not what is in force", SOON, || async {
        let rules = story.admin.get("/rules").await?.expect(200)?;
        Ok(when(rules["rolled_back"] == true, (), rules.to_string()))
    })
    .await?;
    let file = story.desk.folder().read("plugins.toml")?;
    assert!(!file.contains("# The desk:"), "{file}");
    // The files are mended: the plugin counts again, is looked at, and now it is written down.
    story.desk.folder().write("desk.toml", &good)?;
    until("the remark in the file", SOON, || async {
        let file = story.desk.folder().read("plugins.toml")?;
        Ok(when(file.contains("# The desk: 0 of the last 7"), (), file))
    })
    .await?;
    until("the step back that is written down", SOON, || async {
        let rules = story.admin.get("/rules").await?.expect(200)?;
        let plugin = story.plugin().await?;
        let there = plugin["mode"] == "shadow" && rules["rolled_back"] == false;
        Ok(when(there, (), plugin.to_string()))
    })
    .await?;
    story.desk.stop().await
}
