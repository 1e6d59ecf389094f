//! How a conversation begins, ends, is taken back, goes on and goes cold.

use dialogo_domain::Rules;
use dialogo_domain::rules::{WhenClosed, WhenFull};
use expect_test::expect;

use crate::scene::{Scene, check, check_with};

#[test]
fn a_conversation_opens_with_the_agent_who_is_there() {
    check(
        "ana online",
        "zoe starts billing",
        &expect![[r#"
        started
        queued in billing, waiting since 0: Asked
        assigned to ana in billing: OnlyOne, skipped [(bruno, Offline)]
    "#]],
    );
}

#[test]
fn a_second_start_finds_the_first() {
    check(
        "ana online; zoe starts billing; ",
        "zoe starts help",
        &expect![[r#"
        ConversationFound
    "#]],
    );
}

#[test]
fn closing_says_who_and_why() {
    check(
        "ana online; zoe starts billing; ",
        "ana closes pay",
        &expect![[r#"
        classified as pay by ana, final: true, from set: None
        closed by Agent(ana)
    "#]],
    );
}

#[test]
fn the_consumer_may_close() {
    check(
        "ana online; zoe starts billing; ",
        "zoe closes",
        &expect![[r#"
        closed by Consumer
    "#]],
    );
}

#[test]
fn closed_is_closed() {
    check(
        "ana online; zoe starts billing; zoe closes",
        "ana closes; sofia closes",
        &expect![[r#"
        refused: WrongState { state: Closed, action: "close" }
        refused: WrongState { state: Closed, action: "close" }
    "#]],
    );
}

#[test]
fn a_finish_is_taken_back() {
    check(
        "ana online; zoe starts billing; ana closes pay",
        "ana undoes; ana undoes",
        &expect![[r#"
        reopened, undone: true
        assigned to ana in billing: Reopened
        refused: WrongState { state: Active, action: "undo" }
    "#]],
    );
}

#[test]
fn too_late_to_take_back() {
    check(
        "ana online; zoe starts billing; ana closes; wait 10001",
        "ana undoes",
        &expect![[r#"
        refused: TooLateToUndo { since_ms: 10001, window_ms: 10000 }
    "#]],
    );
}

#[test]
fn a_message_reopens_with_the_last_agent() {
    check(
        "ana online; zoe starts billing; ana closes pay; wait 60000",
        "zoe writes",
        &expect![[r#"
        reopened, undone: false
        message 1 by Consumer
        assigned to ana in billing: Reopened
    "#]],
    );
}

#[test]
fn reopened_for_another_when_the_last_agent_is_gone() {
    check(
        "ana online; zoe starts billing; ana closes pay; ana offline; bruno online",
        "zoe writes",
        &expect![[r#"
        reopened, undone: false
        message 1 by Consumer
        queued in billing, waiting since 0: Reopened
        assigned to bruno in billing: OnlyOne, skipped [(ana, Offline)]
    "#]],
    );
}

#[test]
fn after_the_window_a_new_one_is_linked() {
    let rules = |rules: &mut Rules| {
        rules.desk.reopen_window_ms = 0;
    };
    check_with(
        rules,
        "ana online; zoe starts billing; ana closes pay",
        "wait 1; zoe writes",
        &expect![[r#"
        nothing
        started, linked
        message 1 by Consumer
        queued in billing, waiting since 1: Asked
        assigned to ana in billing: Recontact, skipped [(bruno, Offline)]
    "#]],
    );
}

#[test]
fn the_consumer_is_silent_for_too_long() {
    let rules = |rules: &mut Rules| {
        rules.desk.idle_timeout_ms = Some(60_000);
    };
    check_with(
        rules,
        "ana online; zoe starts billing; zoe writes; ana writes; wait 59999; zoe writes; wait 2; ana writes",
        "wait 59999; wait 1",
        &expect![[r#"
        nothing
        closed by MessageTimeout
    "#]],
    );
}

#[test]
fn the_connection_is_gone_for_too_long() {
    let rules = |rules: &mut Rules| {
        rules.desk.connection_timeout_ms = Some(30_000);
    };
    check_with(
        rules,
        "ana online; zoe starts billing; zoe disconnects; wait 5000; zoe connects; zoe disconnects",
        "wait 5000; wait 25000",
        &expect![[r#"
        nothing
        closed by ConnectionTimeout
    "#]],
    );
}

#[test]
fn goes_cold_after_a_while() {
    check(
        "ana online; zoe starts billing; ana closes pay",
        "wait 599999; wait 1",
        &expect![[r#"
        nothing
        ConversationWentCold
    "#]],
    );
}

#[test]
fn a_callback_outside_the_hours() {
    let mut scene = Scene::new(|rules| {
        rules.departments.get_mut("billing").unwrap().when_closed = WhenClosed::Callback;
    });
    scene.closed.insert("billing".into());
    // What is written later is kept, and opens nothing.
    expect![[r#"
        ana is Online
        started
        queued in billing, waiting since 0: Asked
        closed by Callback
        reopened, undone: false
        message 1 by Consumer
        queued in billing, waiting since 0: Reopened
        closed by Callback
    "#]]
    .assert_eq(&scene.play("ana online; zoe starts billing; zoe writes"));
}

#[test]
fn a_callback_when_the_queue_is_full() {
    let rules = |rules: &mut Rules| {
        let billing = rules.departments.get_mut("billing").unwrap();
        billing.max_waiting = Some(1);
        billing.when_full = WhenFull::Callback;
    };
    check_with(
        rules,
        "zoe starts billing",
        "yan starts billing",
        &expect![[r#"
        started
        queued in billing, waiting since 0: Asked
        closed by Callback
    "#]],
    );
}

#[test]
fn rated_once_and_only_when_closed() {
    check(
        "ana online; zoe starts billing; zoe closes",
        "zoe rates 5; zoe rates 4",
        &expect![[r#"
        ConversationRated
        refused: CannotRate
    "#]],
    );
}

#[test]
fn not_rated_while_open_or_out_of_bounds() {
    check(
        "ana online; zoe starts billing; ",
        "zoe rates 5; zoe rates 6",
        &expect![[r#"
        refused: CannotRate
        refused: Invalid { field: "stars", problem: "is 6; it has to be between 1 and 5" }
    "#]],
    );
}

#[test]
fn the_bot_hands_over() {
    check(
        "ana online; carla online; zoe starts bot; zoe writes",
        "bot says; bot hands help",
        &expect![[r#"
        message 2 by Bot
        BotAnswered
        BotAnswered
        queued in help, waiting since 0: Bot
        assigned to carla in help: OnlyOne, skipped [(bruno, Offline)]
    "#]],
    );
}

#[test]
fn the_bot_ends_it() {
    check(
        "zoe starts bot",
        "bot ends; bot says",
        &expect![[r#"
        BotAnswered
        closed by Bot
        refused: WrongState { state: Closed, action: "answer-as-bot" }
    "#]],
    );
}
