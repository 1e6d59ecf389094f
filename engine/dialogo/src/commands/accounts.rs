//! `dialogo agent …`: accounts, through the running desk or in its folder.

use std::path::Path;

use anyhow::Result;
use dialogo_desk::Desk;
use dialogo_domain::agent;
use serde_json::{Value, json};

use super::password;
use super::running::Running;
use crate::cli::{Agent, Role};
use crate::folder::{self, DeskFolder};
use crate::output::{self, Exit};

pub(super) async fn run(dir: &Path, verb: Agent) -> Result<Exit> {
    match verb {
        Agent::Add { login, name, role, password_stdin, json } => {
            let name = name.unwrap_or_else(|| login.clone());
            let password = password::choose(password_stdin)?;
            add(dir, &login, &name, role, &password.text).await?;
            done(json, &login, "added", password.made.then_some(&password.text));
        }
        Agent::List(json) => list(dir, json.json).await?,
        Agent::Passwd { login, password_stdin, json } => {
            let password = password::choose(password_stdin)?;
            passwd(dir, &login, &password.text).await?;
            done(json, &login, "password set", password.made.then_some(&password.text));
        }
        Agent::Remove { login, json } => {
            remove(dir, &login).await?;
            done(json, &login, "removed", None);
        }
    }
    Ok(Exit::Good)
}

fn done(json: bool, login: &str, what: &str, made: Option<&String>) {
    if json {
        return output::say_json(&json!({ "login": login, "done": what, "password": made }));
    }
    output::say(format!("{login}: {what}"));
    if let Some(password) = made {
        output::say(format!("password: {password}   (shown only now)"));
    }
}

async fn add(dir: &Path, login: &str, name: &str, role: Role, password: &str) -> Result<()> {
    if let Some(desk) = Running::find(dir).await {
        let body =
            json!({ "login": login, "name": name, "role": role.name(), "password": password });
        return desk.call("POST", "/agents", Some(&body)).await.map(drop);
    }
    let role = match role {
        Role::Agent => agent::Role::Agent,
        Role::Supervisor => agent::Role::Supervisor,
        Role::Admin => agent::Role::Admin,
    };
    let desk = open(dir)?;
    let outcome = folder::add_account(&desk, login, name, role, password).await;
    desk.stop().await;
    outcome
}

async fn passwd(dir: &Path, login: &str, password: &str) -> Result<()> {
    if let Some(desk) = Running::find(dir).await {
        let path = format!("/agents/{login}/password");
        return desk.call("PUT", &path, Some(&json!({ "password": password }))).await.map(drop);
    }
    let desk = open(dir)?;
    let outcome = folder::set_password(&desk, login, password).await;
    desk.stop().await;
    outcome
}

async fn remove(dir: &Path, login: &str) -> Result<()> {
    if let Some(desk) = Running::find(dir).await {
        return desk.call("DELETE", &format!("/agents/{login}"), None).await.map(drop);
    }
    let desk = open(dir)?;
    let outcome = folder::remove_account(&desk, login).await;
    desk.stop().await;
    outcome
}

fn open(dir: &Path) -> Result<Desk> {
    DeskFolder::at(dir).open(&mut |_| {})
}

async fn list(dir: &Path, json: bool) -> Result<()> {
    let listed = match Running::find(dir).await {
        Some(desk) => desk.get("/agents").await?,
        None => from_folder(dir).await?,
    };
    if json {
        output::say_json(&listed);
        return Ok(());
    }
    let mut rows =
        vec![["login", "name", "role", "departments", "presence"].map(str::to_owned).to_vec()];
    for agent in listed.get("agents").and_then(Value::as_array).into_iter().flatten() {
        let text = |pointer: &str| {
            agent.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let departments = agent.get("departments").and_then(Value::as_array).into_iter().flatten();
        let departments: Vec<&str> = departments.filter_map(Value::as_str).collect();
        let active = agent.get("active").and_then(Value::as_bool).unwrap_or(true);
        let presence = if active { text("/presence/state") } else { "removed".to_owned() };
        rows.push(vec![
            text("/id"),
            text("/name"),
            text("/role"),
            departments.join(", "),
            presence,
        ]);
    }
    output::say(output::table(&rows));
    Ok(())
}

async fn from_folder(dir: &Path) -> Result<Value> {
    let desk = open(dir)?;
    let rules = desk.rules();
    let agents = desk.read(|state| {
        let agents = state.agents.iter().map(|(id, agent)| {
            let departments: Vec<&str> = rules
                .checked
                .domain
                .departments
                .iter()
                .filter(|(_, department)| department.members.contains(id))
                .map(|(department, _)| department.as_str())
                .collect();
            let role = match agent.role {
                agent::Role::Agent => "agent",
                agent::Role::Supervisor => "supervisor",
                agent::Role::Admin => "admin",
            };
            json!({
                "id": id.as_str(), "name": &*agent.name, "role": role, "active": agent.active,
                "departments": departments, "presence": { "state": "offline" },
            })
        });
        agents.collect::<Vec<Value>>()
    });
    desk.stop().await;
    Ok(json!({ "agents": agents }))
}
