//! Who may do what: unknown and not-yours look the same.

use expect_test::expect;

use crate::scene::check;

#[test]
fn other_departments_are_invisible() {
    check(
        "ana online; zoe starts billing; carla online",
        "carla notes; carla claims; carla closes; carla reads 1",
        &expect![[r#"
        refused: ConversationUnknown(00000000-0000-0000-0000-000000000065)
        refused: ConversationUnknown(00000000-0000-0000-0000-000000000065)
        refused: ConversationUnknown(00000000-0000-0000-0000-000000000065)
        refused: ConversationUnknown(00000000-0000-0000-0000-000000000065)
    "#]],
    );
}

#[test]
fn colleagues_see_but_do_not_touch() {
    check(
        "ana online; zoe starts billing; bruno online",
        "bruno closes; bruno holds; bruno claims",
        &expect![[r#"
        refused: NotTheirs { agent: Some(ana) }
        refused: NotTheirs { agent: Some(ana) }
        refused: NotTheirs { agent: Some(ana) }
    "#]],
    );
}

#[test]
fn supervisors_take_over() {
    check(
        "ana online; zoe starts billing; sofia online",
        "sofia claims; sofia closes",
        &expect![[r#"
        assigned to sofia in billing: Claimed
        closed by Agent(sofia)
    "#]],
    );
}

#[test]
fn supervisors_give() {
    check(
        "ana online; zoe starts billing; bruno online",
        "bruno assigns bruno; sofia assigns carla; sofia assigns bruno",
        &expect![[r#"
        refused: NotAllowed { needs: "supervisor" }
        refused: AgentNotMember { agent: carla, department: billing }
        assigned to bruno in billing: GivenBy(sofia)
    "#]],
    );
}

#[test]
fn consumers_see_their_own() {
    check(
        "ana online; zoe starts billing; ",
        "yan writes @zoe; yan closes @zoe; yan reads 1 @zoe; yan starts help @zoe",
        &expect![[r#"
        refused: ConversationUnknown(00000000-0000-0000-0000-000000000065)
        refused: ConversationUnknown(00000000-0000-0000-0000-000000000065)
        refused: ConversationUnknown(00000000-0000-0000-0000-000000000065)
        refused: NotAllowed { needs: "consumer" }
    "#]],
    );
}

#[test]
fn accounts_are_for_admins() {
    check(
        "ana online; zoe starts billing; ",
        "sofia removes ana; root removes nobody",
        &expect![[r#"
        refused: NotAllowed { needs: "admin" }
        refused: AgentUnknown(nobody)
    "#]],
    );
}

#[test]
fn presence_is_ones_own() {
    check(
        "",
        "ana online; nobody online",
        &expect![[r#"
        ana is Online
        refused: NotAllowed { needs: "agent" }
    "#]],
    );
}
