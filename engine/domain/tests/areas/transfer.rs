//! Transfers and each way they are refused.

use dialogo_domain::Rules;
use dialogo_domain::rules::{FullAgent, TransferTargets};
use expect_test::expect;

use crate::scene::{check, check_with};

#[test]
fn to_a_department_with_its_waiting_time() {
    check(
        "ana online; zoe starts billing; wait 5000; ana writes",
        "ana transfers help",
        &expect![[r#"
        transferred from Some(ana) to help None, waits until None
        queued in help, waiting since 0: Transferred
    "#]],
    );
}

#[test]
fn to_an_agent_by_name() {
    check(
        "ana online; zoe starts billing; bruno online",
        "ana transfers to bruno",
        &expect![[r#"
        transferred from Some(ana) to billing Some(bruno), waits until None
        assigned to bruno in billing: Transferred
    "#]],
    );
}

#[test]
fn to_an_agent_of_another_department() {
    check(
        "ana online; zoe starts billing; carla online",
        "ana transfers to carla",
        &expect![[r#"
        transferred from Some(ana) to help Some(carla), waits until None
        assigned to carla in help: Transferred
    "#]],
    );
}

#[test]
fn back_to_the_first_contact() {
    check(
        "ana online; zoe starts billing; bruno online; ana transfers to bruno",
        "bruno transfers first",
        &expect![[r#"
        transferred from Some(bruno) to billing Some(ana), waits until None
        assigned to ana in billing: Transferred
    "#]],
    );
}

#[test]
fn not_to_itself() {
    check(
        "ana online; zoe starts billing; ",
        "ana transfers billing; ana transfers to ana; ana transfers first",
        &expect![[r#"
        refused: TransferToItself
        refused: TransferToItself
        refused: TransferToItself
    "#]],
    );
}

#[test]
fn nobody_of_first_contact() {
    check(
        "zoe starts help",
        "sofia transfers first",
        &expect![[r#"
        refused: NoFirstContact
    "#]],
    );
}

#[test]
fn not_to_the_unknown() {
    check(
        "ana online; zoe starts billing; ",
        "ana transfers nowhere; ana transfers to nobody",
        &expect![[r#"
        refused: DepartmentUnknown(nowhere)
        refused: AgentUnknown(nobody)
    "#]],
    );
}

#[test]
fn not_to_the_absent() {
    check(
        "ana online; zoe starts billing; ",
        "ana transfers to bruno; ana transfers to sofia",
        &expect![[r#"
        refused: AgentNotOnline(bruno)
        refused: AgentNotMember { agent: sofia, department: billing }
    "#]],
    );
}

#[test]
fn not_off_the_list() {
    let rules = |rules: &mut Rules| {
        rules.departments.get_mut("billing").unwrap().may_transfer_to =
            TransferTargets::Only([].into());
    };
    check_with(
        rules,
        "ana online; zoe starts billing; carla online",
        "ana transfers help; ana transfers to carla",
        &expect![[r#"
        refused: TransferNotListed { from: billing, to: help }
        refused: TransferNotListed { from: billing, to: help }
    "#]],
    );
}

#[test]
fn not_too_often() {
    let rules = |rules: &mut Rules| {
        rules.desk.max_hops = 1;
    };
    check_with(
        rules,
        "ana online; zoe starts billing; bruno online; ana transfers to bruno",
        "bruno transfers to ana",
        &expect![[r#"
        refused: TooManyHops { hops: 1, limit: 1 }
    "#]],
    );
}

#[test]
fn not_to_the_full() {
    let rules = |rules: &mut Rules| {
        rules.desk.limit = 1;
    };
    check_with(
        rules,
        "ana online; zoe starts billing; bruno online; yan starts help",
        "ana transfers to bruno",
        &expect![[r#"
        refused: AgentAtLimit { agent: bruno, load: 1, limit: 1, binding: Desk }
    "#]],
    );
}

#[test]
fn waits_for_the_full_then_goes_to_the_department() {
    let rules = |rules: &mut Rules| {
        rules.desk.limit = 1;
        rules.departments.get_mut("billing").unwrap().full_agent = FullAgent::Wait { ms: 10_000 };
    };
    check_with(
        rules,
        "ana online; zoe starts billing; bruno online; yan starts help",
        "ana transfers to bruno; wait 9999; wait 1",
        &expect![[r#"
        transferred from Some(ana) to billing Some(bruno), waits until Some(10000)
        queued in billing, waiting since 0: Transferred
        nothing
        queued in billing, waiting since 0: WaitOver
        assigned to ana in billing: OnlyOne, skipped [(bruno, AtLimit { load: 1, limit: 1, binding: Desk })]
    "#]],
    );
}

#[test]
fn gets_the_full_when_free() {
    let rules = |rules: &mut Rules| {
        rules.desk.limit = 1;
        rules.departments.get_mut("billing").unwrap().full_agent = FullAgent::Wait { ms: 10_000 };
    };
    check_with(
        rules,
        "ana online; zoe starts billing; bruno online; yan starts help; ana transfers to bruno",
        "bruno closes @yan",
        &expect![[r#"
        closed by Agent(bruno)
        assigned to bruno in billing: Transferred
    "#]],
    );
}

#[test]
fn a_plugin_forbids() {
    check(
        "ana online; zoe starts billing; ",
        "ana forbidden help",
        &expect![[r#"
        TransferRefused
    "#]],
    );
}

#[test]
fn a_plugin_leads_elsewhere() {
    check(
        "ana online; zoe starts billing; bruno online",
        "ana redirected help",
        &expect![[r#"
        transferred from Some(ana) to billing Some(bruno), waits until None
        assigned to bruno in billing: Transferred
    "#]],
    );
}

#[test]
fn only_by_who_has_it() {
    check(
        "ana online; zoe starts billing; bruno online; carla online",
        "bruno transfers help; carla transfers billing; zoe transfers help",
        &expect![[r#"
        refused: NotTheirs { agent: Some(ana) }
        refused: ConversationUnknown(00000000-0000-0000-0000-000000000065)
        refused: NotAllowed { needs: "agent" }
    "#]],
    );
}
