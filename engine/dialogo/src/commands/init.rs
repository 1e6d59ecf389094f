//! `dialogo init`: a desk to begin with.

use std::path::Path;

use anyhow::Result;
use serde_json::json;

use super::password;
use crate::cli::Init;
use crate::folder::{DeskFolder, first_account};
use crate::output::{self, Exit, Failure};

pub(super) async fn run(dir: &Path, asked: Init) -> Result<Exit> {
    let root = asked.folder.as_deref().unwrap_or(dir);
    let folder = DeskFolder::at(root);
    refuse_if_there(&folder)?;
    let password = password::choose(asked.password_stdin)?;
    let plugins = folder.write_default()?;
    let bar = output::progress(0, "compiling");
    let added = first_account(root, &asked.admin, &asked.admin, &password.text).await;
    bar.finish_and_clear();
    added?;
    let shown = password.made.then_some(password.text.as_str());
    if asked.json {
        output::say_json(
            &json!({ "dir": root, "plugins": plugins, "admin": asked.admin, "password": shown }),
        );
    } else {
        say(root, &plugins, &asked.admin, shown);
    }
    Ok(Exit::Good)
}

fn refuse_if_there(folder: &DeskFolder) -> Result<()> {
    for part in [&folder.config, &folder.data] {
        if part.exists() {
            let what = format!(
                "there is a desk in {} already ({} exists)",
                folder.root.display(),
                part.display()
            );
            return Err(Failure::usage(what, "name another folder; nothing was changed").into());
        }
    }
    Ok(())
}

fn say(root: &Path, plugins: &[String], admin: &str, password: Option<&str>) {
    let dir = root.display();
    output::say(format!("wrote a desk to {dir}"));
    output::say(
        "  config/   rule files: departments, classifications, replies, plugins; each explains itself",
    );
    output::say(format!("  plugins/  {}", plugins.join(", ")));
    output::say("  data/     journal, views, attachments: back this up (`dialogo backup`)");
    output::say(format!("first admin: {admin}"));
    if let Some(password) = password {
        output::say(format!("password:    {password}   (shown only now)"));
    }
    output::say(format!("\nnext: dialogo --dir {dir} serve"));
}
