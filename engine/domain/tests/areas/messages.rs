//! Messages, notes, receipts and what makes sending safe to repeat.

use expect_test::expect;

use crate::scene::check;

#[test]
fn numbers_count_messages_and_notes() {
    check(
        "ana online; zoe starts billing; ",
        "zoe writes; ana notes; ana writes; sofia writes",
        &expect![[r#"
        message 1 by Consumer
        note 2 by ana
        message 3 by Agent(ana)
        message 4 by Agent(sofia)
    "#]],
    );
}

#[test]
fn the_same_id_gets_the_same_answer() {
    check(
        "ana online; zoe starts billing; zoe writes 7",
        "zoe writes 7; zoe writes 8",
        &expect![[r#"
        answered before
        message 2 by Consumer
    "#]],
    );
}

#[test]
fn refused_once_is_refused_for_ever() {
    check(
        "ana online; zoe starts billing; ",
        "zoe curses 7; zoe writes 7; zoe writes 8",
        &expect![[r#"
        message refused by Consumer: rude
        answered before
        message 1 by Consumer
    "#]],
    );
}

#[test]
fn verdicts_for_an_older_state_are_stale() {
    check(
        "ana online; zoe starts billing; ",
        "zoe writes stale",
        &expect![[r#"
        refused: Stale { generation: 0101010101010101, version: 3 }
    "#]],
    );
}

#[test]
fn marks_only_move_forward() {
    check(
        "ana online; zoe starts billing; zoe writes; zoe writes; zoe writes",
        "ana reads 2; ana reads 1; ana reads 99; sofia reads 1",
        &expect![[r#"
        read up to 2, by the consumer: false
        nothing
        read up to 3, by the consumer: false
        nothing
    "#]],
    );
}

#[test]
fn agents_write_where_they_are() {
    check(
        "ana online; zoe starts billing; bruno online",
        "bruno writes; carla writes; bruno notes",
        &expect![[r#"
        refused: NotTheirs { agent: Some(ana) }
        refused: ConversationUnknown(00000000-0000-0000-0000-000000000065)
        note 1 by bruno
    "#]],
    );
}

#[test]
fn nothing_is_written_to_the_closed() {
    check(
        "ana online; zoe starts billing; ana closes pay",
        "sofia writes",
        &expect![[r#"
        refused: WrongState { state: Closed, action: "send" }
    "#]],
    );
}
