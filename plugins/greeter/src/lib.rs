//! `greeter`: a bot before the human. It greets, offers the departments, says when nobody is there, hands over.
//!
//! This file is only the glue between the host and [`logic`], where the dialog is. It keeps nothing between two
//! answers but the state bytes it returns. Next: [`menu`] for how an answer is understood, `cases/` for what it
//! must answer.

pub mod logic;
pub mod menu;

use dialogo_plugin::bot::{Action, QuickReply, Reply};
use dialogo_plugin::setup::{self, Problem, problem};
use dialogo_plugin::{
    Bot, CallContext, Conversation, Facts as _, Message, PluginError, Prepared, Setup, directory,
    explain,
};
use logic::{Act, Settings};

/// The plugin.
#[derive(Debug)]
pub struct Greeter;

static SETTINGS: Prepared<Settings> = Prepared::new();

impl Setup for Greeter {
    fn prepare(settings: &str) -> Result<(), Vec<Problem>> {
        let settings: Settings = setup::read(settings)?;
        let known: Vec<String> =
            directory::departments().into_iter().map(|department| department.id).collect();
        let department = |id: &str| known.is_empty() || known.iter().any(|known| known == id);
        let problems: Vec<Problem> = settings
            .problems(department)
            .into_iter()
            .map(|(path, what)| problem(path, what))
            .collect();
        if !problems.is_empty() {
            return Err(problems);
        }
        SETTINGS.keep(settings);
        Ok(())
    }
}

impl Bot for Greeter {
    fn answer(
        _: &CallContext,
        conversation: &Conversation,
        message: Option<&Message>,
        state: Option<&[u8]>,
    ) -> Result<Option<Reply>, PluginError> {
        let settings = SETTINGS.get(dialogo_plugin::settings::parse)?;
        let departments = directory::departments();
        // A department that the directory does not know counts as open: the desk decides anyway.
        let open = |id: &str| {
            departments.iter().find(|known| known.id == id).is_none_or(|known| known.open_now)
        };
        let locale = conversation.consumer.locale.as_deref();
        let language = locale.or_else(|| conversation.text_of("desk.language")).unwrap_or("pt");
        let answer = logic::answer(
            settings,
            language,
            message.map(|message| message.text.as_str()),
            state,
            open,
        );
        Ok(Some(Reply {
            confidence: 1.0,
            actions: answer.acts.into_iter().map(action).collect(),
            state: answer.state,
        }))
    }
}

fn action(act: Act) -> Action {
    match act {
        Act::Say(text) => Action::Say(text),
        Act::Choices(text, choices) => {
            let replies =
                choices.into_iter().map(|(title, payload)| QuickReply { title, payload }).collect();
            Action::Choices((text, replies))
        }
        Act::HandOver { department, code, detail } => {
            Action::HandOver((Some(department), explain(code, detail)))
        }
    }
}

dialogo_plugin::export!(Greeter: bot, setup);
