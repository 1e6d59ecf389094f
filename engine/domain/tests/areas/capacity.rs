//! Limits: which binds, what counts, and what goes over.

use dialogo_domain::Rules;
use expect_test::expect;

use crate::scene::{check, check_with};

#[test]
fn the_limit_holds_back() {
    let rules = |rules: &mut Rules| {
        rules.desk.limit = 1;
    };
    check_with(
        rules,
        "ana online; zoe starts billing",
        "yan starts billing; ana claims @yan",
        &expect![[r#"
        started
        queued in billing, waiting since 0: Asked
        refused: AgentAtLimit { agent: ana, load: 1, limit: 1, binding: Desk }
    "#]],
    );
}

#[test]
fn the_smallest_binds() {
    let rules = |rules: &mut Rules| {
        rules.departments.get_mut("billing").unwrap().limit = Some(1);
    };
    check_with(
        rules,
        "ana online; zoe starts billing",
        "yan starts billing; sofia assigns ana @yan",
        &expect![[r#"
        started
        queued in billing, waiting since 0: Asked
        refused: AgentAtLimit { agent: ana, load: 1, limit: 1, binding: Department }
    "#]],
    );
}

#[test]
fn the_agents_own_limit() {
    check(
        "ana online; ana limits 1; zoe starts billing",
        "yan starts billing; ana limits; ana limits 0",
        &expect![[r#"
        started
        queued in billing, waiting since 0: Asked
        OwnLimitSet
        assigned to ana in billing: OnlyOne, skipped [(bruno, Offline)]
        refused: Invalid { field: "limit", problem: "is 0; it has to be between 1 and 4" }
    "#]],
    );
}

#[test]
fn own_limits_may_be_forbidden() {
    let rules = |rules: &mut Rules| {
        rules.desk.agents_may_lower_limit = false;
    };
    check_with(
        rules,
        "ana online",
        "ana limits 1",
        &expect![[r#"
        refused: OwnLimitForbidden
    "#]],
    );
}

#[test]
fn on_hold_frees_a_window() {
    let rules = |rules: &mut Rules| {
        rules.desk.limit = 1;
    };
    check_with(
        rules,
        "ana online; zoe starts billing; yan starts billing",
        "ana holds",
        &expect![[r#"
        ConversationHeld
        assigned to ana in billing: OnlyOne, skipped [(bruno, Offline)]
    "#]],
    );
}

#[test]
fn back_from_hold_over_the_limit() {
    let rules = |rules: &mut Rules| {
        rules.desk.limit = 1;
    };
    check_with(
        rules,
        "ana online; zoe starts billing; yan starts billing; ana holds",
        "ana resumes",
        &expect![[r#"
        resumed, over the limit: Some(2)
    "#]],
    );
}

#[test]
fn the_consumer_brings_it_back() {
    check(
        "ana online; zoe starts billing; ana holds",
        "zoe writes",
        &expect![[r#"
        message 1 by Consumer
        resumed, over the limit: None
    "#]],
    );
}

#[test]
fn only_what_is_active_is_held() {
    check(
        "zoe starts billing",
        "sofia holds; sofia resumes",
        &expect![[r#"
        refused: WrongState { state: Queued, action: "hold" }
        refused: WrongState { state: Queued, action: "resume" }
    "#]],
    );
}
