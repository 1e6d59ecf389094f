//! What happens to the desk while it is played on: rules edited, plugins replaced, files broken and
//! mended, the process killed. One after the other, spread over the replay.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;
use tokio::time::Instant;

use super::agent::Account;
use super::child::Server;
use super::desk_folder::Edits;
use super::report::{Latencies, Report};
use super::world::World;

/// How often what happens.
#[derive(Clone, Debug, Default)]
pub struct Troubles {
    /// Rule files edited.
    pub edit_rules: usize,
    /// Plugins' bytes replaced.
    pub replace_plugin: usize,
    /// Rule files broken and mended.
    pub break_rules: usize,
    /// Times the server is killed and started again.
    pub kill: usize,
}

impl Troubles {
    /// Whether there is any.
    pub fn any(&self) -> bool {
        self.edit_rules + self.replace_plugin + self.break_rules + self.kill > 0
    }

    /// All of them in order, each with the share of the replay after which it happens.
    fn in_order(&self) -> Vec<(f64, Trouble)> {
        let kinds = [
            (self.edit_rules, Trouble::Edit),
            (self.replace_plugin, Trouble::Replace),
            (self.break_rules, Trouble::Break),
            (self.kill, Trouble::Kill),
        ];
        let mut all: Vec<(f64, Trouble)> = kinds
            .into_iter()
            .flat_map(|(count, kind)| {
                (1..=count).map(move |turn| (turn as f64 / (count as f64 + 1.0), kind))
            })
            .collect();
        all.sort_by(|left, right| left.0.total_cmp(&right.0));
        all
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trouble {
    Edit,
    Replace,
    Break,
    Kill,
}

/// Where it happens.
pub struct Scene {
    /// The replay.
    pub world: Arc<World>,
    /// Its server.
    pub server: Arc<Server>,
    /// An account that may see the rules' state.
    pub admin: Account,
    /// The desk's folder.
    pub folder: PathBuf,
}

/// What was measured on the way.
#[derive(Debug, Default)]
pub struct Found {
    reload: Latencies,
    reload_new_plugin: Latencies,
    breaks: u64,
    kills: u64,
}

impl Found {
    /// Adds it to the report.
    pub fn write_into(&self, report: &mut Report) {
        report.reload_ms = self.reload.summary();
        report.reload_new_plugin_ms = self.reload_new_plugin.summary();
        report.breaks = self.breaks;
        report.kills = self.kills;
    }
}

/// Makes everything happen; what does not go as it should is a failure of the replay.
pub async fn happen(troubles: Troubles, scene: Scene) -> Found {
    let mut found = Found::default();
    let mut edits = Edits::new(&scene.folder);
    let mut replaced = 0;
    let total = scene.world.dialogues.len() as f64;
    for (share, trouble) in troubles.in_order() {
        scene.world.wait_for_ended((share * total) as usize).await;
        let outcome = match trouble {
            Trouble::Edit => edit(&scene, &mut edits, &found).await,
            Trouble::Replace => {
                replaced += 1;
                replace(&scene, &edits, replaced, &found).await
            }
            Trouble::Break => break_and_mend(&scene, &edits).await.map(|()| found.breaks += 1),
            Trouble::Kill => scene.server.kill_and_restart().await.map(|()| found.kills += 1),
        };
        if let Err(fault) = outcome {
            scene.world.tally.fail(format!("{trouble:?}: {fault:#}"));
        }
        scene.world.progress();
    }
    scene.world.more_wanted.store(false, Ordering::Relaxed);
    found
}

/// How long an edit may take to be in force: the slow poll, with room.
const IN_FORCE: Duration = Duration::from_secs(15);
/// The same where a component has to be compiled first.
const COMPILED: Duration = Duration::from_mins(1);

async fn edit(scene: &Scene, edits: &mut Edits, found: &Found) -> Result<()> {
    let known = scene.world.rules.current();
    let file = edits.next_file()?;
    let took = in_force(scene, known, Instant::now(), IN_FORCE).await;
    found.reload.add(took.with_context(|| format!("after the edit of {}", file.display()))?);
    Ok(())
}

/// Odd rounds bring new bytes, even ones the original back, which the code cache holds.
async fn replace(scene: &Scene, edits: &Edits, round: u32, found: &Found) -> Result<()> {
    let Some(plugin) = edits.a_plugin() else { bail!("the desk has no plugin to replace") };
    let known = scene.world.rules.current();
    let is_new = round % 2 == 1;
    edits.replace_plugin(&plugin, if is_new { round } else { 0 })?;
    let took =
        in_force(scene, known, Instant::now(), if is_new { COMPILED } else { IN_FORCE }).await;
    let took = took.with_context(|| format!("after the plugin {plugin} was replaced"))?;
    if is_new { &found.reload_new_plugin } else { &found.reload }.add(took);
    Ok(())
}

/// From the last write to the first commit that names other rules.
async fn in_force(
    scene: &Scene,
    known: Option<u64>,
    written: Instant,
    patience: Duration,
) -> Result<Duration> {
    match tokio::time::timeout(patience, scene.world.rules.other_than(known)).await {
        Ok(change) => Ok(change.at.saturating_duration_since(written)),
        Err(_) => bail!("no commit named other rules within {} s", patience.as_secs()),
    }
}

async fn break_and_mend(scene: &Scene, edits: &Edits) -> Result<()> {
    let before = status(scene).await?;
    let (file, held) = edits.break_file()?;
    let broken =
        wait_for_status(scene, "the problem to be told", |status| !problems(status).is_empty())
            .await;
    let kept = broken.as_ref().is_ok_and(|broken| generation(broken) == generation(&before));
    std::fs::write(&file, held).with_context(|| format!("cannot mend {}", file.display()))?;
    let broken = broken?;
    if !kept {
        bail!("a broken file brought other rules into force");
    }
    if let Some(nowhere) = problems(&broken).iter().find(|problem| !names_a_place(problem)) {
        bail!("a problem does not say where: {nowhere}");
    }
    let mended =
        wait_for_status(scene, "the mended file to be read", |status| problems(status).is_empty())
            .await?;
    if generation(&mended) != generation(&before) {
        bail!("the mended file is not the generation it was");
    }
    Ok(())
}

async fn wait_for_status(
    scene: &Scene,
    what: &str,
    until: impl Fn(&Value) -> bool,
) -> Result<Value> {
    let deadline = Instant::now() + IN_FORCE;
    loop {
        let status = status(scene).await?;
        if until(&status) {
            return Ok(status);
        }
        if Instant::now() > deadline {
            bail!("waited {} s for {what}", IN_FORCE.as_secs());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn status(scene: &Scene) -> Result<Value> {
    // A session may be lost when the server is killed, so each look has its own.
    let session = scene.world.api.log_in(&scene.admin.login, &scene.admin.password).await?;
    Ok(scene.world.api.get("/rules", &session.token).await?)
}

fn generation(status: &Value) -> Option<&str> {
    status.get("generation")?.as_str()
}

fn problems(status: &Value) -> Vec<&Value> {
    let listed = status.get("problems").and_then(Value::as_array);
    let is_error =
        |problem: &&Value| problem.get("severity").and_then(Value::as_str) != Some("warning");
    listed.map(|all| all.iter().filter(is_error).collect()).unwrap_or_default()
}

/// Whether a problem names a line, wherever its shape puts that.
fn names_a_place(problem: &Value) -> bool {
    match problem {
        Value::Object(fields) => {
            fields.get("line").is_some_and(Value::is_number) || fields.values().any(names_a_place)
        }
        Value::Array(items) => items.iter().any(names_a_place),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn troubles_are_spread_over_the_replay() {
        let troubles = Troubles { edit_rules: 3, kill: 1, ..Troubles::default() };
        let all = troubles.in_order();
        let shares: Vec<f64> = all.iter().map(|(share, _)| *share).collect();
        assert_eq!(shares, [0.25, 0.5, 0.5, 0.75]);
        assert_eq!(all.iter().filter(|(_, trouble)| *trouble == Trouble::Kill).count(), 1);
    }

    #[test]
    fn warnings_are_no_problems() {
        let status = serde_json::json!({ "problems": [{ "severity": "warning" }, { "severity": "error", "place": { "line": 3 } }] });
        let found = problems(&status);
        assert_eq!(found.len(), 1);
        assert!(names_a_place(found[0]));
    }
}
