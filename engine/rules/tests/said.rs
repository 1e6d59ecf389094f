//! What is said about each kind of mistake, exactly as an admin reads it.
//!
//! One small case for each mistake; `UPDATE_EXPECT=1 cargo test -p dialogo-rules` writes new texts. Whole desks are tried in
//! `whole.rs`.

#![expect(clippy::needless_raw_string_hashes, reason = "expect-test writes them")]
#![expect(
    clippy::needless_pass_by_value,
    reason = "`expect![[…]]` reads best as the last argument"
)]

use std::collections::{BTreeMap, BTreeSet};

use dialogo_rules::{Diagnostic, Files, Package, PackageFacts, Source, load};
use expect_test::{Expect, expect};
use serde_json::json;

const DESK: &str = "name = \"Atendimento\"\n";
const DEPARTMENTS: &str =
    "[[department]]\nid = \"suporte\"\nname = \"Suporte\"\nmembers = [\"ana\"]\n";
const TREE: &str = "[[node]]\nid = \"cobranca\"\nname = \"Cobrança\"\n  [[node.child]]\n  id = \"cobranca.boleto\"\n  name = \"Boleto\"\n";

/// A whole desk in which some files are replaced.
fn files(replaced: &[(&str, &str)]) -> Files {
    let mut all = BTreeMap::from([
        ("desk.toml", DESK),
        ("departments.toml", DEPARTMENTS),
        ("classifications.toml", TREE),
    ]);
    all.extend(replaced.iter().copied());
    Files::from_map(all.into_iter().map(|(path, text)| (path, text.as_bytes().to_vec())))
        .shown_under("config")
}

fn check(replaced: &[(&str, &str)], said: Expect) {
    said.assert_eq(&load(&files(replaced)).report().text(false, None));
}

/// A desk whose plugin packages are known.
struct WithPackages(Files, Package);

impl Source for WithPackages {
    fn files(&self) -> &Files {
        &self.0
    }

    fn package(&self, _file: &str) -> Package {
        self.1.clone()
    }
}

fn check_package(replaced: &[(&str, &str)], package: Package, said: Expect) {
    said.assert_eq(&load(&WithPackages(files(replaced), package)).report().text(false, None));
}

#[test]
fn nothing_wrong() {
    check(
        &[],
        expect![[r#"
        no problems in 3 files.
    "#]],
    );
}

#[test]
fn missing_files() {
    let files = Files::from_map([("department.toml", Vec::new())]).shown_under("config");
    expect![[r#"
        warning[unused-file]: nothing reads `config/department.toml`
         = in config/department.toml
         = did you mean `departments.toml`?

        error[missing-file]: there is no `config/departments.toml`
         = in config/departments.toml
         = `dialogo init` writes a desk to begin with

        error[missing-file]: there is no `config/desk.toml`
         = in config/desk.toml
         = `dialogo init` writes a desk to begin with

        2 errors, 1 warning in 1 file.
    "#]]
    .assert_eq(&load(&files).report().text(false, None));
}

#[test]
fn unknown_key_missing_key_wrong_type_and_range_all_at_once() {
    check(
        &[
            (
                "desk.toml",
                "name = 7\nlimt = 4\nlimit = 0\n[routing]\ngrace = 30\nsticky = \"2 minits\"\n[finish]\nclassification = \"reqire\"\n",
            ),
            ("departments.toml", "[[department]]\nname = \"Suporte\"\nmembers = [\"ana\", 7]\n"),
        ],
        expect![[r#"
            error[missing-key]: a department needs the key `id`
              ┌─ config/departments.toml:1:1
            1 │ [[department]]
              │ ^^^^^^^^^^^^^^ `id` is missing here
              = such as: id = "financeiro"

            error[empty-list]: a desk needs at least one department
              ┌─ config/departments.toml:1:3
            1 │ [[department]]
              │   ^^^^^^^^^^

            error[wrong-type]: `members` must be the id of an agent, and this is a whole number
              ┌─ config/departments.toml:3:19
            3 │ members = ["ana", 7]
              │                   ^ wanted: the id of an agent
              = such as: members = ["ana", "bruno"]

            error[wrong-type]: `name` must be a text, or one text for each language, and this is a whole number
              ┌─ config/desk.toml:1:8
            1 │ name = 7
              │        ^ wanted: a text, or one text for each language
              = such as: name = { pt = "Atendimento", en = "Support" }

            error[unknown-key]: desk.toml has no key `limt`
              ┌─ config/desk.toml:2:1
            2 │ limt = 4
              │ ^^^^ not known here
              = did you mean `limit`?

            error[out-of-range]: `limit` must be from 1 to 100
              ┌─ config/desk.toml:3:9
            3 │ limit = 0
              │         ^ out of these bounds

            error[wrong-type]: `grace` must be a duration in quotes, and this is a whole number
              ┌─ config/desk.toml:5:9
            5 │ grace = 30
              │         ^^ wanted: a duration in quotes
              = such as: grace = "30 s"

            error[bad-duration]: `minits` is no unit of time
              ┌─ config/desk.toml:6:10
            6 │ sticky = "2 minits"
              │          ^^^^^^^^^^ a number and a unit
              = write it like "30 s", "10 min", "24 h" or "7 days"

            error[unknown-value]: `classification` cannot be `reqire`
              ┌─ config/desk.toml:8:18
            8 │ classification = "reqire"
              │                  ^^^^^^^^
              = did you mean `require`?
              = `off`: no classification is needed
              = `remind`: what was not classified goes to the agent's list "to classify"
              = `require`: an agent cannot finish without a classification

            9 errors in 3 files.
        "#]],
    );
}

#[test]
fn syntax_errors_in_two_files_and_what_is_not_utf8() {
    let mut all: BTreeMap<&str, Vec<u8>> = BTreeMap::new();
    all.insert("desk.toml", b"name = Atendimento\nlimit = = 4\nlimit = 5\nlimit = 6\n".to_vec());
    all.insert("departments.toml", b"[[department]\nid = \"suporte\"\n".to_vec());
    all.insert("replies.toml", b"# ol\xe1\n".to_vec());
    let files = Files::from_map(all).shown_under("config");
    expect![[r#"
        error[syntax]: this cannot be read as TOML: unclosed array table
          ┌─ config/departments.toml:1:14
        1 │ [[department]
          │              ^ expected `]`
          = a list of tables is written with two brackets on both sides: [[department]]

        error[syntax]: this cannot be read as TOML: string values must be quoted
          ┌─ config/desk.toml:1:8
        1 │ name = Atendimento
          │        ^^^^^^^^^^^ a text needs quotes
          = put texts between quotes: name = "Suporte"

        error[syntax]: this cannot be read as TOML: extra `=`
          ┌─ config/desk.toml:2:9
        2 │ limit = = 4
          │         ^

        error[duplicate-key]: `limit` stands here twice
          ┌─ config/desk.toml:3:1
        2 │ limit = = 4
          │ ----- the first time
        3 │ limit = 5
          │ ^^^^^ the second time
          = keep one of them; a list of tables is written `[[…]]`, with two brackets

        error[duplicate-key]: `limit` stands here twice
          ┌─ config/desk.toml:4:1
        2 │ limit = = 4
          │ ----- the first time
        3 │ limit = 5
        4 │ limit = 6
          │ ^^^^^ the second time
          = keep one of them; a list of tables is written `[[…]]`, with two brackets

        error[not-utf8]: this file is not UTF-8: byte 4 is 0xe1
          ┌─ config/replies.toml:1:5
        1 │ # ol�
          │     ^ here
          = save the file as UTF-8 in your editor (in Windows' Notepad: Save as, Encoding: UTF-8)

        6 errors in 3 files.
    "#]]
    .assert_eq(&load(&files).report().text(false, None));
}

#[test]
fn a_file_that_is_too_large() {
    let large = format!("# {}\n{DESK}", "x".repeat(1024 * 1024));
    check(
        &[("desk.toml", &large)],
        expect![[r#"
        error[file-too-large]: this file is too large: 1048600 bytes, the most is 1048576
         = in config/desk.toml

        1 error in 3 files.
    "#]],
    );
}

#[test]
fn duplicates_point_to_both() {
    check(
        &[
            ("desk.toml", "name = \"A\"\nname = \"B\"\n"),
            (
                "departments.toml",
                "[[department]]\nid = \"suporte\"\nname = \"Suporte\"\nmembers = [\"ana\", \"ana\"]\n[[department]]\nid = \"suporte\"\nname = \"Outro\"\nmembers = [\"ana\"]\n",
            ),
            (
                "classifications.toml",
                "[[node]]\nid = \"a\"\nname = \"Um\"\n[[node]]\nid = \"b\"\nname = \"Um\"\n[[node.child]]\nid = \"a\"\nname = \"Dois\"\n",
            ),
        ],
        expect![[r#"
            warning[duplicate-name]: `Um` stands twice side by side
              ┌─ config/classifications.toml:6:8
            3 │ name = "Um"
              │        ---- the first one
              ·
            6 │ name = "Um"
              │        ^^^^ agents cannot tell them apart

            error[duplicate-id]: there are two classifications with the id `a`
              ┌─ config/classifications.toml:8:6
            2 │ id = "a"
              │      --- the first one
              ·
            8 │ id = "a"
              │      ^^^ the second one
              = give one of them another id

            warning[duplicate]: `ana` stands twice in `members`
              ┌─ config/departments.toml:4:19
            4 │ members = ["ana", "ana"]
              │                   ^^^^^ the second time

            error[duplicate-id]: there are two departments with the id `suporte`
              ┌─ config/departments.toml:6:6
            2 │ id = "suporte"
              │      --------- the first one
              ·
            6 │ id = "suporte"
              │      ^^^^^^^^^ the second one
              = give one of them another id

            error[duplicate-key]: `name` stands here twice
              ┌─ config/desk.toml:2:1
            1 │ name = "A"
              │ ---- the first time
            2 │ name = "B"
              │ ^^^^ the second time
              = keep one of them; a list of tables is written `[[…]]`, with two brackets

            3 errors, 2 warnings in 3 files.
        "#]],
    );
}

#[test]
fn references_to_what_does_not_exist() {
    check(
        &[
            ("desk.toml", "name = \"A\"\nstart_department = \"suport\"\n"),
            (
                "departments.toml",
                "[[department]]\nid = \"suporte\"\nname = \"Suporte\"\nmembers = [\"ana\"]\nhours = \"comercial\"\nmay_transfer_to = [\"finaceiro\", \"suporte\", \"*\"]\ndefault_classification = \"cobranca.boletos\"\n[[department]]\nid = \"financeiro\"\nname = \"Financeiro\"\nmembers = []\n",
            ),
            (
                "classifications.toml",
                "[[node]]\nid = \"cobranca.boleto\"\nname = \"Boleto\"\ndepartments = [\"vendas\"]\n",
            ),
        ],
        expect![[r#"
            error[unknown-department]: there is no department `vendas`
              ┌─ config/classifications.toml:4:16
            4 │ departments = ["vendas"]
              │                ^^^^^^^^ not in departments.toml
              = there is `financeiro` and `suporte`

            error[unknown-calendar]: there is no calendar `comercial`
              ┌─ config/departments.toml:5:9
            5 │ hours = "comercial"
              │         ^^^^^^^^^^^ not in desk.toml

            error[unknown-department]: there is no department `finaceiro`
              ┌─ config/departments.toml:6:20
            6 │ may_transfer_to = ["finaceiro", "suporte", "*"]
              │                    ^^^^^^^^^^^ not in departments.toml
              = did you mean `financeiro`?

            warning[no-effect]: `suporte` cannot transfer to itself
              ┌─ config/departments.toml:6:33
            6 │ may_transfer_to = ["finaceiro", "suporte", "*"]
              │                                 ^^^^^^^^^

            error[unknown-department]: `*` cannot stand in a list
              ┌─ config/departments.toml:6:44
            6 │ may_transfer_to = ["finaceiro", "suporte", "*"]
              │                                            ^^^
              = write may_transfer_to = "*"

            error[unknown-node]: there is no classification `cobranca.boletos`
              ┌─ config/departments.toml:7:26
            7 │ default_classification = "cobranca.boletos"
              │                          ^^^^^^^^^^^^^^^^^^ not in classifications.toml
              = did you mean `cobranca.boleto`?

            warning[no-members]: the department `financeiro` has no members, so nobody answers there
              ┌─ config/departments.toml:9:6
            9 │ id = "financeiro"
              │      ^^^^^^^^^^^^
              = such as: members = ["ana", "bruno"]

            error[unknown-department]: there is no department `suport`
              ┌─ config/desk.toml:2:20
            2 │ start_department = "suport"
              │                    ^^^^^^^^ not in departments.toml
              = did you mean `suporte`?

            6 errors, 2 warnings in 3 files.
        "#]],
    );
}

#[test]
fn languages() {
    check(
        &[
            (
                "desk.toml",
                "name = { en = \"Help\" }\nlanguages = [\"pt\", \"en\", \"Português\"]\n",
            ),
            (
                "departments.toml",
                "[[department]]\nid = \"suporte\"\nname = { pt = \"Suporte\", eng = \"Support\" }\nmembers = [\"ana\"]\n",
            ),
        ],
        expect![[r#"
            warning[unknown-language]: `eng` is not a language of this desk
              ┌─ config/departments.toml:3:26
            3 │ name = { pt = "Suporte", eng = "Support" }
              │                          ^^^ not in `languages` of desk.toml
              = did you mean `en`?

            error[missing-language]: `name` has no text in `pt`, the desk's first language
              ┌─ config/desk.toml:1:8
            1 │ name = { en = "Help" }
              │        ^^^^^^^^^^^^^^^ add it here
              = such as: name = { pt = "…" }

            error[bad-language]: `Português` is not a language code
              ┌─ config/desk.toml:2:26
            2 │ languages = ["pt", "en", "Português"]
              │                          ^^^^^^^^^^^
              = such as "pt", "en", "es" or "pt-BR"

            2 errors, 1 warning in 3 files.
        "#]],
    );
}

#[test]
fn calendars() {
    check(
        &[
            (
                "desk.toml",
                r#"name = "A"
timezone = "America/Sao_Paolo"
[[calendar]]
id = "a"
always = true
hours = [{ days = "mon", from = "09:00", to = "18:00" }]
[[calendar]]
id = "b"
hours = [
  { days = ["mon", "monday"], from = "9h", to = "25:00" },
  { days = "tue", from = "09:00", to = "09:00" },
  { days = "wed", from = "09:00", to = "18:00", breaks = [{ from = "08:00", to = "10:00" }] },
]
closed = [{ on = "25/12/2026" }, { from = "2026-12-24" }, { from = "2026-12-24", to = "2026-12-01" }]
"#,
            ),
            (
                "departments.toml",
                "[[department]]\nid = \"suporte\"\nname = \"Suporte\"\nmembers = [\"ana\"]\nhours = \"b\"\n",
            ),
        ],
        expect![[r#"
            error[unknown-timezone]: there is no time zone `America/Sao_Paolo`
              ┌─ config/desk.toml:2:12
            2 │ timezone = "America/Sao_Paolo"
              │            ^^^^^^^^^^^^^^^^^^^ continent/city
              = did you mean `America/Sao_Paulo`?

            warning[unused-calendar]: no department has the hours `a`
              ┌─ config/desk.toml:4:6
            4 │ id = "a"
              │      ^^^
              = in departments.toml: hours = "a"

            error[contradiction]: this calendar is always open, so its hours say nothing
              ┌─ config/desk.toml:6:1
            5 │ always = true
              │ ------ open day and night
            6 │ hours = [{ days = "mon", from = "09:00", to = "18:00" }]
              │ ^^^^^ has no effect
              = take one of them out

            error[unknown-value]: `days` cannot be `monday`
               ┌─ config/desk.toml:10:20
            10 │   { days = ["mon", "monday"], from = "9h", to = "25:00" },
               │                    ^^^^^^^^
               = there is `mon`, `tue`, `wed`, `thu`, `fri`, `sat`, `sun`, `mon-fri`, `mon-sat`, `sat-sun` and `every-day`
               = `mon-fri`: the working days
               = `sat-sun`: the weekend

            error[bad-time]: `9h` is not a time of day; write hours:minutes
               ┌─ config/desk.toml:10:38
            10 │   { days = ["mon", "monday"], from = "9h", to = "25:00" },
               │                                      ^^^^
               = such as: from = "09:00"

            error[bad-time]: `25:00` is not a time of day; the day ends at 24:00
               ┌─ config/desk.toml:10:49
            10 │   { days = ["mon", "monday"], from = "9h", to = "25:00" },
               │                                                 ^^^^^^^
               = such as: to = "18:00"

            error[empty-hours]: these hours end when they begin
               ┌─ config/desk.toml:11:40
            11 │   { days = "tue", from = "09:00", to = "09:00" },
               │                                        ^^^^^^^
               = a whole day is from "00:00" to "24:00"

            error[break-outside]: this break is not inside the hours it interrupts
               ┌─ config/desk.toml:12:59
            12 │   { days = "wed", from = "09:00", to = "18:00", breaks = [{ from = "08:00", to = "10:00" }] },
               │                          -------                          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
               │                          │
               │                          the hours begin here

            error[bad-date]: `25/12/2026` is not a date; write year-month-day
               ┌─ config/desk.toml:14:18
            14 │ closed = [{ on = "25/12/2026" }, { from = "2026-12-24" }, { from = "2026-12-24", to = "2026-12-01" }]
               │                  ^^^^^^^^^^^^
               = such as: on = "2026-12-25"

            error[bad-closure]: which days are closed?
               ┌─ config/desk.toml:14:34
            14 │ closed = [{ on = "25/12/2026" }, { from = "2026-12-24" }, { from = "2026-12-24", to = "2026-12-01" }]
               │                                  ^^^^^^^^^^^^^^^^^^^^^^^
               = either on = "2026-12-25", or from = "2026-12-24" and to = "2027-01-01"

            error[bad-closure]: this closure ends before it begins
               ┌─ config/desk.toml:14:87
            14 │ closed = [{ on = "25/12/2026" }, { from = "2026-12-24" }, { from = "2026-12-24", to = "2026-12-01" }]
               │                                                                    ------------       ^^^^^^^^^^^^
               │                                                                    │
               │                                                                    begins here

            10 errors, 1 warning in 3 files.
        "#]],
    );
}

#[test]
fn departments_that_contradict_themselves() {
    check(
        &[(
            "departments.toml",
            r#"[[department]]
id = "Suporte Técnico"
name = "Suporte"
members = ["ana"]
limit = 9
closed_message = "volte"
queue = { when_full = "overflow" }
[[department]]
id = "b"
name = "B"
members = ["ana"]
overflow = [{ to = "b", share = 50 }, { to = "c", share = 60 }]
[[department]]
id = "c"
name = "C"
members = ["ana"]
queue = { max_waiting = 5, when_full = "overflow" }
"#,
        )],
        expect![[r#"
            error[bad-id]: `Suporte Técnico` cannot be an id
              ┌─ config/departments.toml:2:6
            2 │ id = "Suporte Técnico"
              │      ^^^^^^^^^^^^^^^^^ small letters without accents, digits, `-`, `_` and `.`, at most 64
              = such as `suporte-tecnico`

            warning[no-effect]: this limit never binds: the desk's own is 4
              ┌─ config/departments.toml:5:1
            5 │ limit = 9
              │ ^^^^^
              = the smaller of both holds; raise `limit` in desk.toml if more is meant

            warning[no-effect]: `closed_message` has no effect: this department has no `hours`, so it is always open
              ┌─ config/departments.toml:6:1
            6 │ closed_message = "volte"
              │ ^^^^^^^^^^^^^^

            error[contradiction]: the queue is never full: it has no `max_waiting`
              ┌─ config/departments.toml:7:11
            7 │ queue = { when_full = "overflow" }
              │           ^^^^^^^^^ never happens
              = such as: queue = { max_waiting = 200, when_full = "callback" }

            error[contradiction]: there is no `overflow` to go to
              ┌─ config/departments.toml:7:11
            7 │ queue = { when_full = "overflow" }
              │           ^^^^^^^^^
              = add: overflow = [{ to = "suporte", share = 100 }]

            warning[no-effect]: `overflow` has no effect: the queue does not say when_full = "overflow"
               ┌─ config/departments.toml:12:1
            12 │ overflow = [{ to = "b", share = 50 }, { to = "c", share = 60 }]
               │ ^^^^^^^^
               = add: queue = { max_waiting = 50, when_full = "overflow" }

            warning[shares]: these shares add up to 60, not to 100; they count in proportion
               ┌─ config/departments.toml:12:1
            12 │ overflow = [{ to = "b", share = 50 }, { to = "c", share = 60 }]
               │ ^^^^^^^^

            error[overflow-to-itself]: `b` cannot overflow into itself
               ┌─ config/departments.toml:12:20
            12 │ overflow = [{ to = "b", share = 50 }, { to = "c", share = 60 }]
               │                    ^^^

            error[contradiction]: there is no `overflow` to go to
               ┌─ config/departments.toml:17:28
            17 │ queue = { max_waiting = 5, when_full = "overflow" }
               │                            ^^^^^^^^^
               = add: overflow = [{ to = "suporte", share = 100 }]

            5 errors, 4 warnings in 3 files.
        "#]],
    );
}

#[test]
fn trees() {
    check(
        &[(
            "classifications.toml",
            r#"[[node]]
id = "a"
name = "A"
active = false
[[node.child]]
id = "a.b"
name = "B"
confidence = { suggest = 0.9, preselect = 0.5, apply = 2 }
"#,
        )],
        expect![[r#"
            warning[unreachable-node]: `a.b` can never be chosen: `a` above it is not active
              ┌─ config/classifications.toml:6:6
            6 │ id = "a.b"
              │      ^^^^^
              = write active = false here too, or take it away above

            error[contradiction]: `preselect` (0.5) must not be below `suggest` (0.9)
              ┌─ config/classifications.toml:8:43
            8 │ confidence = { suggest = 0.9, preselect = 0.5, apply = 2 }
              │                                           ^^^
              = the ladder goes up: suggest, then preselect, then apply

            error[out-of-range]: `apply` must be from 0 to 1
              ┌─ config/classifications.toml:8:56
            8 │ confidence = { suggest = 0.9, preselect = 0.5, apply = 2 }
              │                                                        ^ out of these bounds

            2 errors, 1 warning in 3 files.
        "#]],
    );
}

#[test]
fn replies() {
    check(
        &[(
            "replies.toml",
            "[[reply]]\nid = \"ola\"\ntitle = \"Olá\"\ntext = \"Olá {consumidor}, aqui é {agent}\"\n",
        )],
        expect![[r#"
            warning[unknown-placeholder]: nothing is filled in for {consumidor}
              ┌─ config/replies.toml:4:8
            4 │ text = "Olá {consumidor}, aqui é {agent}"
              │        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ it would be sent as it stands
              = did you mean `consumer`?

            1 warning in 4 files.
        "#]],
    );
}

#[test]
fn bindings() {
    check(
        &[
            (
                "plugins.toml",
                r#"[[plugin]]
id = "keywords"
file = "keywords.wasm"
hooks = ["clasifier"]
mode = "shadow"
on_failure = "closed"
grants = ["patern", "catalogue"]
settings = "plugins/keyword.toml"
limits = { time_ms = 0 }
per_hook = { bot = { mode = "off" } }
"#,
            ),
            ("plugins/keywords.toml", ""),
        ],
        expect![[r#"
            error[unknown-value]: `hooks` cannot be `clasifier`
              ┌─ config/plugins.toml:4:10
            4 │ hooks = ["clasifier"]
              │          ^^^^^^^^^^^
              = did you mean `classifier`?
              = `classifier`: suggests classifications
              = `transfer-rules`: judges and proposes transfers
              = `message-policy`: judges texts
              = `emoji-policy`: judges emoji
              = `attachment-policy`: judges files
              = `bot`: answers before a human
              = `observer`: sees what happened
              = `replies`: suggests replies to agents

            warning[no-effect]: on_failure = "closed" has no effect: only a plugin in mode "enforce" can refuse anything
              ┌─ config/plugins.toml:6:1
            6 │ on_failure = "closed"
              │ ^^^^^^^^^^

            error[unknown-value]: `grants` cannot be `patern`
              ┌─ config/plugins.toml:7:11
            7 │ grants = ["patern", "catalogue"]
              │           ^^^^^^^^
              = did you mean `patterns`?
              = `log`: write to the desk's log
              = `settings`: read its own settings
              = `patterns`: have its patterns matched by the engine
              = `catalogue`: see the classification tree
              = `assets`: read the files of its own package
              = `history`: read older messages of the conversation
              = `directory`: see departments and who is online
              = `participant.name`: see the names of consumers and agents
              = `participant.locale`: see their language

            error[missing-file]: there is no file `config/plugins/keyword.toml`
              ┌─ config/plugins.toml:8:12
            8 │ settings = "plugins/keyword.toml"
              │            ^^^^^^^^^^^^^^^^^^^^^^ not in the folder of the rules
              = did you mean `plugins/keywords.toml`?

            error[out-of-range]: `time_ms` must be from 1 to 10000
              ┌─ config/plugins.toml:9:22
            9 │ limits = { time_ms = 0 }
              │                      ^ out of these bounds

            error[unknown-hook]: `bot` is not a hook of this plugin
               ┌─ config/plugins.toml:10:14
            10 │ per_hook = { bot = { mode = "off" } }
               │              ^^^
               = there is `clasifier`

            warning[unused-file]: nothing uses `config/plugins/keywords.toml`: no plugin names it as its settings
             = in config/plugins/keywords.toml
             = in plugins.toml: settings = "plugins/keywords.toml"

            5 errors, 2 warnings in 5 files.
        "#]],
    );
}

#[test]
fn recordings() {
    check(
        &[(
            "plugins.toml",
            r#"[[plugin]]
id = "keywords"
file = "keywords.wasm"
hooks = ["classifier", "bot"]
record = { share = 5, kept = "7d", max_mib = 0 }

[[plugin]]
id = "other"
file = "other.wasm"
hooks = ["classifier", "bot"]
record = { share = 0.1, keep = "5 min", hooks = ["classifer", "observer"] }

[[plugin]]
id = "none"
file = "none.wasm"
record = { share = 0 }

[[plugin]]
id = "off"
file = "off.wasm"
mode = "off"
record = { share = 0.5 }

[[plugin]]
id = "lacks"
file = "lacks.wasm"
record = { redact = false }
"#,
        )],
        expect![[r#"
            error[out-of-range]: `share` must be from 0 to 1
              ┌─ config/plugins.toml:5:20
            5 │ record = { share = 5, kept = "7d", max_mib = 0 }
              │                    ^ out of these bounds

            error[unknown-key]: record has no key `kept`
              ┌─ config/plugins.toml:5:23
            5 │ record = { share = 5, kept = "7d", max_mib = 0 }
              │                       ^^^^ not known here
              = there is `share`, `keep`, `max_mib`, `redact` and `hooks`

            error[out-of-range]: `max_mib` must be from 1 to 65536
              ┌─ config/plugins.toml:5:46
            5 │ record = { share = 5, kept = "7d", max_mib = 0 }
              │                                              ^ out of these bounds

            error[out-of-range]: `keep` must be from 1 h to 365 days
               ┌─ config/plugins.toml:11:32
            11 │ record = { share = 0.1, keep = "5 min", hooks = ["classifer", "observer"] }
               │                                ^^^^^^^ out of these bounds

            error[unknown-value]: `hooks` cannot be `classifer`
               ┌─ config/plugins.toml:11:50
            11 │ record = { share = 0.1, keep = "5 min", hooks = ["classifer", "observer"] }
               │                                                  ^^^^^^^^^^^
               = did you mean `classifier`?
               = `classifier`: suggests classifications
               = `transfer-rules`: judges and proposes transfers
               = `message-policy`: judges texts
               = `emoji-policy`: judges emoji
               = `attachment-policy`: judges files
               = `bot`: answers before a human
               = `observer`: sees what happened
               = `replies`: suggests replies to agents

            error[unknown-hook]: this plugin is not asked at `observer`
               ┌─ config/plugins.toml:11:63
            11 │ record = { share = 0.1, keep = "5 min", hooks = ["classifer", "observer"] }
               │                                                               ^^^^^^^^^^ nothing to record
               = there is `bot` and `classifier`

            warning[no-effect]: nothing is recorded: `share` is 0
               ┌─ config/plugins.toml:16:12
            16 │ record = { share = 0 }
               │            ^^^^^
               = take `record` out to record nothing

            warning[no-effect]: nothing is recorded: the plugin is not asked, its mode is "off"
               ┌─ config/plugins.toml:22:12
            22 │ record = { share = 0.5 }
               │            ^^^^^
               = take `record` out to record nothing

            error[missing-key]: record needs the key `share`
               ┌─ config/plugins.toml:27:10
            27 │ record = { redact = false }
               │          ^^^^^^^^^^^^^^^^^^ `share` is missing here
               = such as: share = 0.05

            7 errors, 2 warnings in 4 files.
        "#]],
    );
}

const BOUND: &str = "[[plugin]]\nid = \"keywords\"\nfile = \"keywords.wasm\"\nhooks = [\"classifier\"]\ngrants = [\"patterns\"]\nsettings = \"plugins/keywords.toml\"\n";

#[test]
fn packages_that_are_missing_broken_or_want_more() {
    let bound = [("plugins.toml", BOUND), ("plugins/keywords.toml", "")];
    check_package(
        &bound,
        Package::Missing(vec!["keyword.wasm".into(), "emoji.wasm".into()]),
        expect![[r#"
            error[missing-plugin]: there is no plugin `keywords.wasm`
              ┌─ config/plugins.toml:3:8
            3 │ file = "keywords.wasm"
              │        ^^^^^^^^^^^^^^^ not in the plugin folder
              = did you mean `keyword.wasm`?

            1 error in 5 files.
        "#]],
    );
    check_package(
        &bound,
        Package::Broken("it is not a component".into()),
        expect![[r#"
        error[broken-plugin]: the plugin `keywords.wasm` cannot be used: it is not a component
          ┌─ config/plugins.toml:3:8
        3 │ file = "keywords.wasm"
          │        ^^^^^^^^^^^^^^^

        1 error in 5 files.
    "#]],
    );
    let facts = PackageFacts {
        hooks: BTreeSet::from(["bot".to_owned(), "setup".to_owned()]),
        needs: BTreeSet::from(["patterns".to_owned(), "history".to_owned()]),
        ..PackageFacts::default()
    };
    check_package(
        &bound,
        Package::Found(facts),
        expect![[r#"
        error[unknown-hook]: the plugin `keywords.wasm` has no hook `classifier`
          ┌─ config/plugins.toml:4:10
        4 │ hooks = ["classifier"]
          │          ^^^^^^^^^^^^ it does not export this
          = it has `bot` and `setup`

        error[missing-grant]: the plugin `keywords.wasm` cannot run without `history`
          ┌─ config/plugins.toml:5:1
        5 │ grants = ["patterns"]
          │ ^^^^^^ not granted
          = if you trust it with that: grants = ["patterns", "history"]

        2 errors in 5 files.
    "#]],
    );
}

fn keywords() -> Package {
    let node = json!({ "type": "string", "format": "dialogo-node" });
    let rule = json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["node", "any"],
        "properties": {
            "node": node,
            "any": { "type": "array", "minItems": 1, "items": { "type": "string" } },
            "weight": { "type": "number", "minimum": 0, "maximum": 1 },
            "when": { "enum": ["always", "never"] },
            "say": { "anyOf": [{ "type": "string" }, { "type": "object", "required": ["pt"], "properties": { "pt": { "type": "string" } } }] },
        },
    });
    let schema = json!({ "type": "object", "additionalProperties": false, "properties": { "rule": { "type": "array", "items": rule } } });
    Package::Found(PackageFacts {
        hooks: BTreeSet::from(["classifier".to_owned()]),
        settings_schema: Some(schema),
        ..PackageFacts::default()
    })
}

#[test]
fn settings_against_the_schema_of_the_package() {
    let settings = r#"[[rule]]
node = "cobranca.boletos"
any = ['\bboletos?\b']
wieght = 0.8

[[rule]]
node = "cobranca"
any = []
weight = 3
when = "allways"
say = { en = "x" }

[[rule]]
any = "boleto"
say = 7

[[test]]
name = "the slip"
consumer = "boleto"
suggests = "cobranca.boleto"
"#;
    check_package(
        &[("plugins.toml", BOUND), ("plugins/keywords.toml", settings)],
        keywords(),
        expect![[r#"
            error[unknown-node]: there is no classification `cobranca.boletos`
              ┌─ config/plugins/keywords.toml:2:8
            2 │ node = "cobranca.boletos"
              │        ^^^^^^^^^^^^^^^^^^ not in classifications.toml
              = did you mean `cobranca.boleto`?

            error[unknown-key]: there is no key `wieght` here
              ┌─ config/plugins/keywords.toml:4:1
            4 │ wieght = 0.8
              │ ^^^^^^ not known here
              = did you mean `weight`?

            error[too-few]: `any` needs 1 entries at least
              ┌─ config/plugins/keywords.toml:8:7
            8 │ any = []
              │       ^^

            error[out-of-range]: `weight` must be 1 at most
              ┌─ config/plugins/keywords.toml:9:10
            9 │ weight = 3
              │          ^

            error[unknown-value]: `when` cannot be `allways`
               ┌─ config/plugins/keywords.toml:10:8
            10 │ when = "allways"
               │        ^^^^^^^^^
               = did you mean `always`?

            error[missing-key]: the key `pt` is missing
               ┌─ config/plugins/keywords.toml:11:7
            11 │ say = { en = "x" }
               │       ^^^^^^^^^^^^ `pt` is missing here

            error[missing-key]: the key `node` is missing
               ┌─ config/plugins/keywords.toml:13:1
            13 │ [[rule]]
               │ ^^^^^^^^ `node` is missing here

            error[wrong-type]: `any` must be a list, and this is a text
               ┌─ config/plugins/keywords.toml:14:7
            14 │ any = "boleto"
               │       ^^^^^^^^

            error[wrong-type]: `say` must be a text or a table, and this is a whole number
               ┌─ config/plugins/keywords.toml:15:7
            15 │ say = 7
               │       ^

            9 errors in 5 files.
        "#]],
    );
}

#[test]
fn problems_that_the_host_finds_are_underlined_where_they_are() {
    let settings = "[[test]]\nname = \"x\"\nconsumer = \"y\"\nsuggests = []\n\n[[rule]]\nany = ['\\bação (2a|segunda via\\b', \"a\\tb(\", '''\nx(''']\n";
    let mut loaded = load(&files(&[("plugins.toml", BOUND), ("plugins/keywords.toml", settings)]));
    let bound = loaded.checked.as_ref().unwrap().plugins[0].settings.clone().unwrap();
    assert_eq!(
        bound.json().to_string(),
        r#"{"rule":[{"any":["\\bação (2a|segunda via\\b","a\tb(","x("]}]}"#
    );
    let unclosed = |pointer: &str, text: &str| {
        let at = text.find('(').unwrap();
        let message = "this pattern cannot be used: unclosed group";
        bound.problem_at(pointer, Some(at..at + 1), "pattern", message).label("opened here")
    };
    let nowhere: Diagnostic =
        bound.problem_at("/rule/0/nothing", None, "settings", "something is missing");
    let problems = vec![
        unclosed("/rule/0/any/0", "\\bação ("),
        unclosed("/rule/0/any/1", "a\tb("),
        unclosed("/rule/0/any/2", "x("),
        nowhere,
    ];
    loaded.add_problems(problems);
    assert!(loaded.checked.is_none());
    expect![[r#"
        error[settings]: something is missing
          ┌─ config/plugins/keywords.toml:6:1
        6 │ [[rule]]
          │ ^^^^^^^^

        error[pattern]: this pattern cannot be used: unclosed group
          ┌─ config/plugins/keywords.toml:7:16
        7 │ any = ['\bação (2a|segunda via\b', "a\tb(", '''
          │                ^ opened here

        error[pattern]: this pattern cannot be used: unclosed group
          ┌─ config/plugins/keywords.toml:7:36
        7 │ any = ['\bação (2a|segunda via\b', "a\tb(", '''
          │                                    ^^^^^^^ opened here

        error[pattern]: this pattern cannot be used: unclosed group
          ┌─ config/plugins/keywords.toml:8:2
        8 │ x(''']
          │  ^ opened here

        4 errors in 5 files. The running desk keeps generation 41.
    "#]]
    .assert_eq(&loaded.report().text(false, Some("The running desk keeps generation 41.")));
}

#[test]
fn tests_that_make_no_sense() {
    check(
        &[(
            "departments.toml",
            r#"[[department]]
id = "suporte"
name = "Suporte"
members = ["ana"]

[[test]]
name = "nothing at all"

[[test]]
name = "nothing expected"
consumer = "oi"

[[test]]
name = "what cannot be expected"
transfer = { from = "suporte", to = "vendas" }
suggests = "cobranca"

[[test]]
name = "unknown things"
consumr = "oi"
department = "suporte"
at = "segunda 10h"
open = true

[[test]]
name = "unknown things"
turns = [{ consumer = "a", agent = "b" }]
suggests = ["cobranca", "cobrança"]
"#,
        )],
        expect![[r#"
            error[empty-test]: this test tries nothing
              ┌─ config/departments.toml:7:8
            7 │ name = "nothing at all"
              │        ^^^^^^^^^^^^^^^^
              = give it `consumer`, `agent`, `turns`, `arrives`, `attachment`, `transfer`, or `department` with `at`

            error[empty-test]: the test "nothing expected" expects nothing
               ┌─ config/departments.toml:10:8
            10 │ name = "nothing expected"
               │        ^^^^^^^^^^^^^^^^^^
               = of a text: suggests, suggests_not, confidence_min, sends, becomes, warned, refused, says, choices, hands_over_to, bot_classifies, silent

            error[unknown-department]: there is no department `vendas`
               ┌─ config/departments.toml:15:37
            15 │ transfer = { from = "suporte", to = "vendas" }
               │                                     ^^^^^^^^ not in departments.toml
               = there is `suporte`

            error[wrong-expectation]: this cannot be expected here
               ┌─ config/departments.toml:16:12
            16 │ suggests = "cobranca"
               │            ^^^^^^^^^^ not of a transfer
               = of a transfer: allowed, denied, moved_to, stays

            error[unknown-key]: a test has no key `consumr`
               ┌─ config/departments.toml:20:1
            20 │ consumr = "oi"
               │ ^^^^^^^ not known here
               = did you mean `consumer`?

            error[bad-time]: `segunda 10h` is not a date and time; write year-month-day hours:minutes
               ┌─ config/departments.toml:22:6
            22 │ at = "segunda 10h"
               │      ^^^^^^^^^^^^^
               = such as: at = "2026-11-23 10:00"

            error[bad-turn]: who writes here?
               ┌─ config/departments.toml:27:10
            27 │ turns = [{ consumer = "a", agent = "b" }]
               │          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
               = one of them: { consumer = "…" } or { agent = "…" }

            7 errors in 3 files.
        "#]],
    );
}

#[test]
fn a_failed_test_is_told_at_its_line() {
    let departments = format!(
        "{DEPARTMENTS}\n[[test]]\nname = \"the slip\"\nconsumer = \"boleto\"\nsuggests = \"cobranca.boleto\"\n"
    );
    let mut loaded = load(&files(&[("departments.toml", &departments)]));
    let test = loaded.checked.as_ref().unwrap().tests[0].clone();
    assert!(test.asks().classifiers && !test.asks().bot);
    loaded.add_problems(vec![test.expect[0].failed(&test, "nothing was suggested")]);
    expect![[r#"
        error[test-failed]: the test "the slip" fails: nothing was suggested
          ┌─ config/departments.toml:9:12
        9 │ suggests = "cobranca.boleto"
          │            ^^^^^^^^^^^^^^^^^ expected this

        1 error in 3 files.
    "#]]
    .assert_eq(&loaded.report().text(false, None));
}

#[test]
fn as_json() {
    let loaded = load(&files(&[(
        "departments.toml",
        "[[department]]\nid = \"a\"\nname = \"ção\"\nmembers = [\"ana\"]\nlimite = 3\n",
    )]));
    let json = serde_json::to_string_pretty(&loaded.report().located()).unwrap();
    expect![[r#"
        [
          {
            "severity": "error",
            "code": "unknown-key",
            "message": "a department has no key `limite`",
            "file": "config/departments.toml",
            "line": 5,
            "column": 1,
            "end_line": 5,
            "end_column": 7,
            "label": "not known here",
            "help": [
              "did you mean `limit`?"
            ]
          }
        ]"#]]
    .assert_eq(&json);
}

#[test]
fn colours_change_nothing_but_colours() {
    let loaded = load(&files(&[("desk.toml", "name = 7\nlimt = 4\n")]));
    let coloured = loaded.report().text(true, None);
    assert!(coloured.contains("\u{1b}["));
    let mut bare = String::new();
    let mut chars = coloured.chars();
    while let Some(next) = chars.next() {
        if next == '\u{1b}' {
            chars.by_ref().find(char::is_ascii_alphabetic);
        } else {
            bare.push(next);
        }
    }
    assert_eq!(bare, loaded.report().text(false, None));
}
