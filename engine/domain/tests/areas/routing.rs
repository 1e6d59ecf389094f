//! Who is given what, and what happens to offers and absent agents.

use dialogo_domain::Rules;
use dialogo_domain::rules::{OfferMode, WhenFull};
use expect_test::expect;

use crate::scene::{check, check_with};

#[test]
fn the_fewest_open() {
    check(
        "ana online; bruno online; zoe starts billing",
        "yan starts billing",
        &expect![[r#"
        started
        queued in billing, waiting since 0: Asked
        assigned to bruno in billing: FewestOpen, skipped []
    "#]],
    );
}

#[test]
fn the_longest_idle() {
    check(
        "bruno online; wait 5; ana online",
        "zoe starts billing",
        &expect![[r#"
        started
        queued in billing, waiting since 5: Asked
        assigned to bruno in billing: LongestIdle, skipped []
    "#]],
    );
}

#[test]
fn back_to_the_last_agent() {
    check(
        "ana online; zoe starts billing; ana closes pay; wait 700000; bruno online; yan starts billing",
        "zoe starts billing",
        &expect![[r#"
        started, linked
        queued in billing, waiting since 700000: Asked
        assigned to ana in billing: Recontact, skipped []
    "#]],
    );
}

#[test]
fn waits_and_is_given_when_somebody_comes() {
    check(
        "zoe starts help; wait 3000",
        "carla online",
        &expect![[r#"
        carla is Online
        assigned to carla in help: OnlyOne, skipped [(bruno, Offline)]
    "#]],
    );
}

#[test]
fn no_rights_no_conversation() {
    check(
        "ana online",
        "zoe starts help",
        &expect![[r#"
        started
        queued in help, waiting since 0: Asked
    "#]],
    );
}

#[test]
fn the_longest_waiting_goes_first_over_all_departments() {
    let rules = |rules: &mut Rules| {
        rules.desk.limit = 1;
    };
    check_with(
        rules,
        "yan starts help; wait 10; zoe starts billing",
        "bruno online",
        &expect![[r#"
        bruno is Online
        assigned to bruno in help: OnlyOne, skipped [(carla, Offline)]
    "#]],
    );
}

#[test]
fn priority_goes_before_waiting() {
    let rules = |rules: &mut Rules| {
        rules.desk.limit = 1;
        rules.departments.get_mut("billing").unwrap().priority = 1;
    };
    check_with(
        rules,
        "yan starts help; wait 10; zoe starts billing",
        "bruno online",
        &expect![[r#"
        bruno is Online
        assigned to bruno in billing: OnlyOne, skipped [(ana, Offline)]
    "#]],
    );
}

#[test]
fn an_offer_is_accepted() {
    let rules = |rules: &mut Rules| {
        rules.desk.offers = OfferMode::Manual { timeout_ms: 20_000 };
    };
    check_with(
        rules,
        "ana online; zoe starts billing",
        "ana accepts",
        &expect![[r#"
        assigned to ana in billing: Accepted
    "#]],
    );
}

#[test]
fn an_offer_times_out_and_goes_on() {
    let rules = |rules: &mut Rules| {
        rules.desk.offers = OfferMode::Manual { timeout_ms: 20_000 };
    };
    check_with(
        rules,
        "ana online; wait 1; bruno online; zoe starts billing",
        "wait 20000; bruno declines",
        &expect![[r#"
        passed by ana, timed out: true
        offered to bruno: OnlyOne, skipped [(ana, Passed)]
        passed by bruno, timed out: false
        queued in billing, waiting since 1: NobodyAccepted
        offered to ana: LongestIdle, skipped []
    "#]],
    );
}

#[test]
fn a_drop_within_grace_loses_nothing() {
    check(
        "ana online; zoe starts billing; ana drops; wait 20000",
        "ana returns; wait 20000",
        &expect![[r#"
        AgentReturned
        nothing
    "#]],
    );
}

#[test]
fn unanswered_ones_return_after_grace() {
    check(
        "ana online; zoe starts billing; bruno online; ana drops",
        "wait 29999; wait 1",
        &expect![[r#"
        nothing
        ana is Offline
        queued in billing, waiting since 0: AgentLeft { agent: ana }
        assigned to bruno in billing: OnlyOne, skipped [(ana, Offline)]
    "#]],
    );
}

#[test]
fn answered_ones_wait_for_the_sticky_window() {
    check(
        "ana online; zoe starts billing; zoe writes; ana writes; bruno online; ana drops",
        "wait 30000; wait 119999; wait 1",
        &expect![[r#"
        ana is Offline
        nothing
        queued in billing, waiting since 0: AgentLeft { agent: ana }
        assigned to bruno in billing: OnlyOne, skipped [(ana, Offline)]
    "#]],
    );
}

#[test]
fn nothing_for_the_paused() {
    check(
        "ana busy",
        "zoe starts billing; ana online",
        &expect![[r#"
        started
        queued in billing, waiting since 0: Asked
        ana is Online
        assigned to ana in billing: OnlyOne, skipped [(bruno, Offline)]
    "#]],
    );
}

#[test]
fn overflow_to_where_there_is_room() {
    let rules = |rules: &mut Rules| {
        rules.desk.limit = 1;
        let billing = rules.departments.get_mut("billing").unwrap();
        billing.max_waiting = Some(0);
        billing.when_full = WhenFull::Overflow;
        billing.overflow = vec![("help".into(), 100)];
    };
    check_with(
        rules,
        "ana online; carla online; zoe starts billing",
        "yan starts billing",
        &expect![[r#"
        started
        queued in help, waiting since 0: Overflow { from: billing }
        assigned to carla in help: OnlyOne, skipped [(bruno, Offline)]
    "#]],
    );
}

#[test]
fn a_removed_account_gives_everything_back() {
    check(
        "ana online; zoe starts billing; ana writes; bruno online",
        "root removes ana; root removes root",
        &expect![[r#"
        AccountRemoved
        queued in billing, waiting since 0: AgentLeft { agent: ana }
        assigned to bruno in billing: OnlyOne, skipped [(ana, NoAccount)]
        refused: LastAdmin
    "#]],
    );
}
