//! Choices, suggestions and the "to classify" list.

use dialogo_domain::Rules;
use dialogo_domain::rules::FinishPolicy;
use expect_test::expect;

use crate::scene::{check, check_with};

#[test]
fn a_draft_becomes_final_at_the_close() {
    check(
        "ana online; zoe starts billing; ana classifies pay",
        "ana closes",
        &expect![[r#"
        classified as pay by ana, final: true, from set: None
        closed by Agent(ana)
    "#]],
    );
}

#[test]
fn required_binds_the_agent() {
    let rules = |rules: &mut Rules| {
        rules.desk.finish = FinishPolicy::Require;
    };
    check_with(
        rules,
        "ana online; zoe starts billing; ",
        "ana closes; ana closes pay",
        &expect![[r#"
        refused: ClassificationRequired
        classified as pay by ana, final: true, from set: None
        closed by Agent(ana)
    "#]],
    );
}

#[test]
fn required_does_not_bind_the_consumer() {
    let rules = |rules: &mut Rules| {
        rules.desk.finish = FinishPolicy::Require;
    };
    check_with(
        rules,
        "ana online; zoe starts billing; ",
        "zoe closes",
        &expect![[r#"
        closed by Consumer
    "#]],
    );
}

#[test]
fn off_asks_nobody() {
    let rules = |rules: &mut Rules| {
        rules.desk.finish = FinishPolicy::Off;
    };
    check_with(
        rules,
        "ana online; zoe starts billing; ",
        "ana closes",
        &expect![[r#"
        ClassificationWaived
        closed by Agent(ana)
    "#]],
    );
}

#[test]
fn who_closes_by_itself_takes_the_default() {
    let rules = |rules: &mut Rules| {
        rules.departments.get_mut("billing").unwrap().default_classification = Some("pay".into());
    };
    check_with(
        rules,
        "ana online; zoe starts billing; ",
        "zoe closes",
        &expect![[r#"
        classified as pay by the desk, final: true, from set: None
        closed by Consumer
    "#]],
    );
}

#[test]
fn after_the_close_it_is_final() {
    check(
        "ana online; zoe starts billing; ana closes",
        "ana classifies pay; bruno classifies pay; sofia classifies pay.late",
        &expect![[r#"
        classified as pay by ana, final: true, from set: None
        refused: NotTheirs { agent: None }
        classified as pay.late by sofia, final: true, from set: None
    "#]],
    );
}

#[test]
fn nodes_have_to_fit() {
    check(
        "ana online; zoe starts billing; ",
        "ana classifies nothing; ana classifies old; ana classifies tech",
        &expect![[r#"
        refused: NodeUnknown(nothing)
        refused: NodeInactive(old)
        refused: NodeOutOfScope(tech)
    "#]],
    );
}

#[test]
fn three_at_most_and_only_what_fits() {
    check(
        "ana online; zoe starts billing; ",
        "suggest pay=0.4 pay.late=0.9 pay.slip=0.5 pay.sure=0.6 old=0.99 tech=0.99 nothing=1; suggest pay=0.1",
        &expect![[r#"
        suggested, set 1: pay.late 0.9, pay.sure 0.6, pay.slip 0.5
        suggested, set 2: 
    "#]],
    );
}

#[test]
fn nothing_moves_when_nothing_changed() {
    check(
        "ana online; zoe starts billing; suggest pay=0.5",
        "suggest pay=0.5; suggest pay=0.6",
        &expect![[r#"
        nothing
        suggested, set 2: pay 0.6
    "#]],
    );
}

#[test]
fn one_is_taken() {
    check(
        "ana online; zoe starts billing; suggest pay=0.5 pay.late=0.4; ana sees 1",
        "ana takes pay.late#1; ana classifies pay",
        &expect![[r#"
        classified as pay.late by ana, final: false, from set: Some(1)
        set 1: Accepted { node: pay.late, rank: 1 }
        classified as pay by ana, final: false, from set: None
    "#]],
    );
}

#[test]
fn another_is_taken() {
    check(
        "ana online; zoe starts billing; suggest pay=0.5",
        "ana classifies pay.late",
        &expect![[r#"
        classified as pay.late by ana, final: false, from set: None
        set 1: Changed { node: pay.late }
    "#]],
    );
}

#[test]
fn none_is_taken() {
    check(
        "ana online; zoe starts billing; suggest pay=0.5",
        "ana closes",
        &expect![[r#"
        set 1: Ignored
        closed by Agent(ana)
    "#]],
    );
}

#[test]
fn who_could_not_choose_yet_has_ignored_nothing() {
    check(
        "ana online; zoe starts billing; suggest pay=0.5",
        "zoe closes; ana takes pay#1",
        &expect![[r#"
        closed by Consumer
        classified as pay by ana, final: true, from set: Some(1)
        set 1: Accepted { node: pay, rank: 0 }
    "#]],
    );
}

#[test]
fn sets_are_named() {
    check(
        "ana online; zoe starts billing; suggest pay=0.5; suggest pay=0.6",
        "ana takes pay#1; ana takes pay.late#2; ana sees 1",
        &expect![[r#"
        refused: SuggestionsOutdated { set: 1, current: 2 }
        refused: NotSuggested(pay.late)
        refused: SuggestionsOutdated { set: 1, current: 2 }
    "#]],
    );
}

#[test]
fn a_sure_one_is_applied_as_a_draft() {
    check(
        "ana online; zoe starts billing; ",
        "suggest pay.sure=0.95",
        &expect![[r#"
        suggested, set 1: pay.sure 0.95
        classified as pay.sure by the desk, final: false, from set: Some(1)
    "#]],
    );
}

#[test]
fn people_go_before_the_desk() {
    check(
        "ana online; zoe starts billing; ana classifies pay",
        "suggest pay.sure=0.95",
        &expect![[r#"
        suggested, set 1: pay.sure 0.95
    "#]],
    );
}

#[test]
fn a_final_one_survives_reopening() {
    check(
        "ana online; zoe starts billing; ana closes pay; zoe writes",
        "ana closes",
        &expect![[r#"
        closed by Agent(ana)
    "#]],
    );
}

#[test]
fn a_supervisor_waives() {
    check(
        "ana online; zoe starts billing; ana closes",
        "ana waives; sofia waives; sofia waives",
        &expect![[r#"
        refused: NotAllowed { needs: "supervisor" }
        ClassificationWaived
        nothing
    "#]],
    );
}
