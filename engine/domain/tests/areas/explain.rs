//! Why this agent and why not the others; what is to be done next; who may see what.

use dialogo_domain::effects::effects;
use dialogo_domain::explain::{explain_assignment, explain_event};
use dialogo_domain::visibility::may_see;
use dialogo_domain::{Actor, ConsumerId, Event, Rules};
use expect_test::{Expect, expect};

use crate::scene::Scene;

fn explain(change: impl FnOnce(&mut Rules), given: &str, then: &Expect) {
    let mut scene = Scene::new(change);
    scene.given(given);
    let explained =
        explain_assignment(&scene.desk, &scene.context(), scene.conversation(2)).unwrap();
    let agents: Vec<_> =
        explained.agents.iter().map(|(id, verdict)| format!("{id}: {verdict:?}")).collect();
    let limits: Vec<_> =
        explained.limits.iter().map(|(id, limit)| format!("{id} {limit:?}")).collect();
    then.assert_eq(&format!(
        "{:?} in {:?}, place {:?}, about {:?} ms, awaits {:?}, recontact {:?}\n{}\n{}\n",
        explained.state,
        explained.department,
        explained.position,
        explained.estimated_wait_ms,
        explained.awaits.map(|(agent, _)| agent),
        explained.recontact,
        agents.join("\n"),
        limits.join(", "),
    ));
}

#[test]
fn why_nobody_has_it_yet() {
    let rules = |rules: &mut Rules| rules.desk.limit = 1;
    explain(
        rules,
        "ana online; zoe starts billing; bruno busy; yan starts billing",
        &expect![[r#"
        Queued in Some(billing), place Some(1), about Some(960000) ms, awaits None, recontact None
        ana: Skipped(AtLimit { load: 1, limit: 1, binding: Desk })
        bruno: Skipped(Busy("lunch"))
        ana Limit { value: 1, binding: Desk }, bruno Limit { value: 1, binding: Desk }
    "#]],
    );
}

#[test]
fn why_it_waits_for_one_by_name() {
    let rules = |rules: &mut Rules| {
        rules.desk.limit = 1;
        let billing = rules.departments.get_mut("billing").unwrap();
        billing.full_agent = dialogo_domain::rules::FullAgent::Wait { ms: 5000 };
    };
    let given = "bruno online; zoe starts help; ana online; yan starts billing; ana transfers to bruno @yan";
    explain(
        rules,
        given,
        &expect![[r#"
        Queued in Some(billing), place Some(1), about Some(0) ms, awaits Some(bruno), recontact None
        ana: Free { load: 0 }
        bruno: Skipped(AtLimit { load: 1, limit: 1, binding: Desk })
        ana Limit { value: 1, binding: Desk }, bruno Limit { value: 1, binding: Desk }
    "#]],
    );
}

#[test]
fn why_this_agent() {
    let mut scene = Scene::new(|_| {});
    scene.given("ana online; bruno online; zoe starts billing");
    let events = scene.events("yan starts billing");
    let explained: Vec<_> = events.iter().filter_map(explain_event).collect();
    expect![[r#"
        {
            ana: NotPreferred {
                load: 1,
                rule: FewestOpen,
            },
            bruno: Chosen,
        }
    "#]]
    .assert_debug_eq(&explained[0].agents);
}

fn effects_of(given: &str, when: &str) -> String {
    let mut scene = Scene::new(|_| {});
    scene.given(given);
    let events = scene.events(when);
    let all = events.iter().flat_map(|event: &Event| effects(&scene.desk, event));
    all.map(|effect| format!("{effect:?}\n").replace("00000000-0000-0000-0000-", "")).collect()
}

#[test]
fn the_bot_is_asked_first_and_the_classifiers_once_people_have_it() {
    let told = ["zoe starts bot", "zoe writes 7", "bot hands help"].map(|when| {
        let given = match when {
            "zoe starts bot" => "",
            "zoe writes 7" => "zoe starts bot",
            _ => "zoe starts bot; zoe writes 7",
        };
        effects_of(given, when)
    });
    expect![[r#"
        AskBot { conversation: 000000000065, message: None }
        Observe { conversation: 000000000065, what: Opened }
        AskBot { conversation: 000000000065, message: Some(000000000007) }
        Observe { conversation: 000000000065, what: MessageSent }
        SayWhenClosed { conversation: 000000000065 }
        AskClassifiers { conversation: 000000000065 }
    "#]]
    .assert_eq(&told.concat());
}

#[test]
fn a_message_to_people_asks_classifiers_and_transfer_rules() {
    expect![[r#"
        AskClassifiers { conversation: 000000000065 }
        AskTransferRules { conversation: 000000000065, trigger: NewMessage }
        AskReplies { conversation: 000000000065 }
        Observe { conversation: 000000000065, what: MessageSent }
    "#]]
    .assert_eq(&effects_of("ana online; zoe starts billing", "zoe writes 7"));
}

#[test]
fn what_could_be_answered_is_asked_once_somebody_has_it() {
    let waiting = effects_of("zoe starts billing", "zoe writes 7");
    assert!(!waiting.contains("AskReplies"), "{waiting}");
    let taken = effects_of("zoe starts billing; zoe writes 7", "ana online");
    assert!(taken.contains("AskReplies"), "{taken}");
}

#[test]
fn who_sees_a_conversation() {
    let mut scene = Scene::new(|_| {});
    scene.given("ana online; zoe starts billing; carla online; ana transfers help; carla closes");
    let it = &scene.desk.conversations[&scene.conversation(1)];
    let sees = |actor: &Actor| may_see(&scene.desk, &scene.rules, actor, it);
    let agents = ["ana", "bruno", "carla", "sofia", "root", "nobody"];
    let mut answers =
        agents.map(|agent| format!("{agent}: {}", sees(&Actor::Agent(agent.into())))).to_vec();
    answers.push(format!("zoe: {}", sees(&Actor::Consumer(ConsumerId(1)))));
    answers.push(format!("yan: {}", sees(&Actor::Consumer(ConsumerId(2)))));
    expect![[r#"
        ana: false
        bruno: true
        carla: true
        sofia: true
        root: true
        nobody: false
        zoe: true
        yan: false
    "#]]
    .assert_eq(&(answers.join("\n") + "\n"));
}
