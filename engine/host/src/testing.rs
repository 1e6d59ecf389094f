//! Guests made on the spot, most of them hostile, with what the host must make of each. For tests here and black-box.
//!
//! Written as core WebAssembly text and turned into components with the contract's own WIT, so they need no compiler for
//! guests. Nothing of this is in a release.

use crate::bind::ProblemKind;
use crate::failure::FailureKind;
use crate::hook::{Grant, Hook};
use crate::manifest::Manifest;
use crate::package::Package;

const WIT: &str = include_str!("../../../sdk/wit/dialogo-plugin.wit");

/// What the host must make of a guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expectation {
    /// It is not bound.
    Rejected(ProblemKind),
    /// It is bound, and every call fails like this.
    Fails(FailureKind),
    /// It does what a plugin should.
    Works,
}

/// One guest.
#[derive(Clone, Debug)]
pub struct TestGuest {
    /// What it does.
    pub name: &'static str,
    /// The hook it has.
    pub hook: Hook,
    /// Its component, or what pretends to be one.
    pub bytes: Vec<u8>,
    /// What it declares.
    pub permissions: Vec<Grant>,
    /// What must become of it, if everything it declares is granted.
    pub expectation: Expectation,
}

impl TestGuest {
    /// As a package; the plugin's id is the guest's name.
    pub fn package(&self) -> Package {
        let permissions: Vec<String> =
            self.permissions.iter().map(|grant| format!("\"{grant}\"")).collect();
        let manifest = format!(
            "id = \"{}\"\nversion = \"1.0.0\"\napi = \"0.1\"\nlicence = \"MIT\"\nhooks = [\"{}\"]\npermissions = [{}]\n",
            self.name,
            self.hook,
            permissions.join(", ")
        );
        Package::new(Manifest::parse(&manifest).expect("a good manifest"), self.bytes.clone())
    }
}

/// Memory, an allocator that only goes up, and `body` as the hook's function `(param i32) (result i32)`.
///
/// `imports` come first; `rest` may hold more functions and data. The answer is read where the returned pointer says;
/// everything up to 1024 is zero, which is `ok(allow)` for a message policy.
fn module(hook: Hook, function: &str, pages: u32, imports: &str, body: &str, rest: &str) -> String {
    format!(
        r#"(module
            {imports}
            (memory (export "memory") {pages})
            (global $top (mut i32) (i32.const 65536))
            (func (export "cabi_realloc") (param $old i32) (param $size i32) (param $align i32) (param $new i32) (result i32)
                (local $at i32)
                (local.set $at (i32.and (i32.add (global.get $top) (i32.const 7)) (i32.const -8)))
                (global.set $top (i32.add (local.get $at) (local.get $new)))
                (local.get $at))
            (func $hook (export "dialogo:plugin/{hook}@0.1.0#{function}") (param i32) (result i32) {body})
            {rest})"#
    )
}

/// A component of the world that has just this hook.
fn component(hook: Hook, text: &str) -> Vec<u8> {
    let world = match hook {
        Hook::Setup => "setup-plugin",
        Hook::Classifier => "classifier-plugin",
        Hook::TransferRules => "transfer-plugin",
        Hook::MessagePolicy => "message-policy-plugin",
        Hook::EmojiPolicy => "emoji-policy-plugin",
        Hook::AttachmentPolicy => "attachment-policy-plugin",
        Hook::Bot => "bot-plugin",
        Hook::Observer => "observer-plugin",
        Hook::Replies => "replies-plugin",
    };
    let mut resolve = wit_parser::Resolve::default();
    let package = resolve.push_str("dialogo-plugin.wit", WIT).expect("the contract parses");
    let world = resolve.select_world(&[package], Some(world)).expect("the world exists");
    let mut module = wat::parse_str(text).expect("good text");
    wit_component::embed_component_metadata(
        &mut module,
        &resolve,
        world,
        wit_component::StringEncoding::UTF8,
        false,
    )
    .expect("metadata");
    let mut encoder = wit_component::ComponentEncoder::default();
    encoder.validate(true).module(&module).expect("a module").encode().expect("a component")
}

fn message(
    name: &'static str,
    expectation: Expectation,
    pages: u32,
    body: &str,
    rest: &str,
) -> TestGuest {
    let text = module(Hook::MessagePolicy, "check", pages, "", body, rest);
    let bytes = component(Hook::MessagePolicy, &text);
    TestGuest { name, hook: Hook::MessagePolicy, bytes, permissions: Vec::new(), expectation }
}

fn importing(
    name: &'static str,
    expectation: Expectation,
    permissions: Vec<Grant>,
    imports: &str,
    body: &str,
    rest: &str,
) -> TestGuest {
    let text = module(Hook::MessagePolicy, "check", 2, imports, body, rest);
    let bytes = component(Hook::MessagePolicy, &text);
    TestGuest { name, hook: Hook::MessagePolicy, bytes, permissions, expectation }
}

fn classifier(
    name: &'static str,
    expectation: Expectation,
    count: u32,
    confidence: &str,
    node: &str,
) -> TestGuest {
    // result: tag at 0, list at 4 and 8; each suggestion: node (pointer, length), confidence, option of explanation (28 bytes)
    let body = format!(
        r"(local $i i32)
          (i32.store (i32.const 2052) (i32.const 4096))
          (i32.store (i32.const 2056) (i32.const {count}))
          (loop $next
            (i32.store (i32.add (i32.const 4096) (i32.mul (local.get $i) (i32.const 40))) (i32.const 1024))
            (i32.store (i32.add (i32.const 4100) (i32.mul (local.get $i) (i32.const 40))) (i32.const {length}))
            (f32.store (i32.add (i32.const 4104) (i32.mul (local.get $i) (i32.const 40))) (f32.const {confidence}))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if $next (i32.lt_u (local.get $i) (i32.const {count}))))
          (i32.const 2048)",
        length = node.len()
    );
    let text = module(
        Hook::Classifier,
        "suggest",
        2,
        "",
        &body,
        &format!("(data (i32.const 1024) \"{node}\")"),
    );
    let bytes = component(Hook::Classifier, &text);
    TestGuest { name, hook: Hook::Classifier, bytes, permissions: Vec::new(), expectation }
}

/// `count` times the same reply.
fn replying(
    name: &'static str,
    expectation: Expectation,
    count: u32,
    confidence: &str,
    text: &str,
    canned: Option<&str>,
) -> TestGuest {
    // Each reply of 52 bytes: text (pointer, length), option of an id (12 bytes), confidence, option of explanation (28 bytes)
    let body = format!(
        r"(local $i i32) (local $at i32)
          (i32.store (i32.const 2052) (i32.const 4096))
          (i32.store (i32.const 2056) (i32.const {count}))
          (loop $next
            (local.set $at (i32.add (i32.const 4096) (i32.mul (local.get $i) (i32.const 52))))
            (i32.store (local.get $at) (i32.const 8192))
            (i32.store (i32.add (local.get $at) (i32.const 4)) (i32.const {text_length}))
            (i32.store (i32.add (local.get $at) (i32.const 8)) (i32.const {is_canned}))
            (i32.store (i32.add (local.get $at) (i32.const 12)) (i32.const 1024))
            (i32.store (i32.add (local.get $at) (i32.const 16)) (i32.const {id_length}))
            (f32.store (i32.add (local.get $at) (i32.const 20)) (f32.const {confidence}))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if $next (i32.lt_u (local.get $i) (i32.const {count}))))
          (i32.const 2048)",
        text_length = text.len(),
        is_canned = u8::from(canned.is_some()),
        id_length = canned.unwrap_or_default().len(),
    );
    let data = format!(
        "(data (i32.const 1024) \"{}\") (data (i32.const 8192) \"{text}\")",
        canned.unwrap_or_default()
    );
    let bytes = component(Hook::Replies, &module(Hook::Replies, "suggest", 2, "", &body, &data));
    TestGuest { name, hook: Hook::Replies, bytes, permissions: Vec::new(), expectation }
}

fn raw(name: &'static str, kind: ProblemKind, bytes: Vec<u8>) -> TestGuest {
    let hook = Hook::MessagePolicy;
    TestGuest {
        name,
        hook,
        bytes,
        permissions: Vec::new(),
        expectation: Expectation::Rejected(kind),
    }
}

fn text(name: &'static str, kind: ProblemKind, text: &str) -> TestGuest {
    raw(name, kind, wat::parse_str(text).expect("good text"))
}

/// A message policy that allows everything.
pub fn allows() -> TestGuest {
    message("allows", Expectation::Works, 2, "(i32.const 512)", "")
}

/// A message policy that denies everything, with the code `no`.
pub fn denies() -> TestGuest {
    let body = "(i32.store (i32.const 516) (i32.const 3)) (i32.store (i32.const 520) (i32.const 1024)) \
                (i32.store (i32.const 524) (i32.const 2)) (i32.const 512)";
    message("denies", Expectation::Works, 2, body, "(data (i32.const 1024) \"no\")")
}

/// A message policy that counts its calls and denies from the second on: what must not be reused.
pub fn remembers() -> TestGuest {
    let body = "(if (i32.load (i32.const 2000)) (then (i32.store (i32.const 516) (i32.const 3)))) \
                (i32.store (i32.const 2000) (i32.const 1)) (i32.const 512)";
    message("remembers", Expectation::Works, 2, body, "")
}

/// A classifier that suggests the node `a` with confidence 0.5.
pub fn suggests_a() -> TestGuest {
    classifier("suggests-a", Expectation::Works, 1, "0.5", "a")
}

/// A well-behaved message policy that is handed no messages; it asks for the last two, and denies with what was said in them.
pub fn quotes() -> TestGuest {
    let said = r#"(import "dialogo:plugin/history@0.1.0" "said" (func $said (param i32 i32)))"#;
    // The transcript comes to 640: text at 0 and 4, lines at 8 and 12. One line is its side and, at 4, its end.
    let body = r"(call $said (i32.const 2) (i32.const 640))
        (if (i32.ne (i32.load (i32.const 652)) (i32.const 2)) (then unreachable))
        (if (i32.ne (i32.load8_u (i32.load (i32.const 648))) (i32.const 1)) (then unreachable))
        (if (i32.ne
                (i32.load offset=12 (i32.load (i32.const 648)))
                (i32.load (i32.const 644)))
            (then unreachable))
        (i32.store (i32.const 516) (i32.const 3))
        (i32.store (i32.const 528) (i32.load (i32.const 640)))
        (i32.store (i32.const 532) (i32.load (i32.const 644)))
        (i32.const 512)";
    importing("quotes", Expectation::Works, vec![Grant::History], said, body, "")
}

/// Guests that suggest replies, asked with the canned reply `hello` at hand.
pub fn reply_guests() -> Vec<TestGuest> {
    use Expectation::{Fails, Works};
    let invalid = Fails(FailureKind::Invalid);
    let long = "x".repeat((8 << 10) + 1);
    let longest = "x".repeat(8 << 10);
    vec![
        replying("replies", Works, 3, "0.5", "Hi!", Some("hello")),
        replying("replies-at-length", Works, 1, "1", &longest, None),
        replying("replies-four-times", invalid, 4, "0.5", "Hi!", None),
        replying("replies-unknown-canned", invalid, 1, "0.5", "Hi!", Some("nowhere")),
        replying("replies-too-long", invalid, 1, "0.5", &long, None),
        replying("replies-empty", invalid, 1, "0.5", " ", None),
        replying("replies-unsure", invalid, 1, "nan", "Hi!", None),
        replying("replies-too-sure", invalid, 1, "1.01", "Hi!", None),
    ]
}

/// Every guest. Those that are bound are asked about the text `é 1` with the tree `a`, `b` (both active).
pub fn guests() -> Vec<TestGuest> {
    use Expectation::{Fails, Rejected};
    let mut guests = vec![allows(), denies(), suggests_a()];

    // What runs too long or wants too much.
    guests.push(message(
        "endless",
        Fails(FailureKind::Deadline),
        2,
        "(loop $again (br $again)) (i32.const 512)",
        "",
    ));
    let grow = "(loop $more (br_if $more (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) unreachable";
    guests.push(message("memory-bomb", Fails(FailureKind::Memory), 2, grow, ""));
    guests.push(message(
        "recursion",
        Fails(FailureKind::Trap),
        2,
        "(call $hook (local.get 0))",
        "",
    ));
    guests.push(message("unreachable", Fails(FailureKind::Trap), 2, "unreachable", ""));
    guests.push(message(
        "divides-by-zero",
        Fails(FailureKind::Trap),
        2,
        "(i32.div_u (i32.const 1) (i32.const 0))",
        "",
    ));
    let huge = "(i32.store (i32.const 516) (i32.const 3)) (i32.store (i32.const 528) (i32.const 65536)) \
                (i32.store (i32.const 532) (i32.const 4000000)) (i32.const 512)";
    guests.push(message("huge-output", Fails(FailureKind::Output), 80, huge, ""));
    let edits = "(i32.store (i32.const 516) (i32.const 2)) (i32.store (i32.const 520) (i32.const 65536)) \
                 (i32.store (i32.const 524) (i32.const 20000)) (i32.const 512)";
    guests.push(message("huge-list", Fails(FailureKind::Output), 40, edits, ""));
    let revision =
        r#"(import "dialogo:plugin/settings@0.1.0" "revision" (func $revision (result i64)))"#;
    let ask = "(loop $again (drop (call $revision)) (br $again)) (i32.const 512)";
    guests.push(importing(
        "asks-forever",
        Fails(FailureKind::HostCalls),
        vec![Grant::Settings],
        revision,
        ask,
        "",
    ));
    let panicked = r#"(import "dialogo:plugin/log@0.1.0" "panicked" (func $panicked (param i32 i32 i32 i32)))"#;
    let panic = "(call $panicked (i32.const 1024) (i32.const 5) (i32.const 1029) (i32.const 9)) unreachable";
    let said = "(data (i32.const 1024) \"ouch!lib.rs:42\")";
    guests.push(importing(
        "panics",
        Fails(FailureKind::Trap),
        vec![Grant::Log],
        panicked,
        panic,
        said,
    ));

    // Answers that break the contract.
    guests.push(message(
        "wild-pointer",
        Fails(FailureKind::Invalid),
        2,
        "(i32.const 0x7ffffff0)",
        "",
    ));
    guests.push(message(
        "unaligned-pointer",
        Fails(FailureKind::Invalid),
        2,
        "(i32.const 513)",
        "",
    ));
    let unknown = "(i32.store (i32.const 516) (i32.const 9)) (i32.const 512)";
    guests.push(message("unknown-verdict", Fails(FailureKind::Invalid), 2, unknown, ""));
    let bad_text = "(i32.store (i32.const 516) (i32.const 3)) (i32.store (i32.const 520) (i32.const 1024)) \
                    (i32.store (i32.const 524) (i32.const 2)) (i32.const 512)";
    guests.push(message(
        "bad-text",
        Fails(FailureKind::Invalid),
        2,
        bad_text,
        "(data (i32.const 1024) \"\\ff\\fe\")",
    ));
    for (name, start, end) in
        [("edit-outside", 0, 99), ("edit-backwards", 3, 2), ("edit-cuts-a-character", 1, 2)]
    {
        let body = format!(
            "(i32.store (i32.const 516) (i32.const 2)) (i32.store (i32.const 520) (i32.const 2048)) \
             (i32.store (i32.const 524) (i32.const 1)) (i32.store (i32.const 2048) (i32.const {start})) \
             (i32.store (i32.const 2052) (i32.const {end})) (i32.const 512)"
        );
        guests.push(message(name, Fails(FailureKind::Invalid), 2, &body, ""));
    }
    let many = "(i32.store (i32.const 516) (i32.const 2)) (i32.store (i32.const 520) (i32.const 2048)) \
                (i32.store (i32.const 524) (i32.const 65)) (i32.const 512)";
    guests.push(message("too-many-edits", Fails(FailureKind::Invalid), 2, many, ""));
    guests.push(classifier("confidence-nan", Fails(FailureKind::Invalid), 1, "nan", "a"));
    guests.push(classifier("confidence-above-one", Fails(FailureKind::Invalid), 1, "1.5", "a"));
    guests.push(classifier("confidence-infinite", Fails(FailureKind::Invalid), 1, "-inf", "a"));
    guests.push(classifier("unknown-node", Fails(FailureKind::Invalid), 1, "0.5", "nowhere"));
    guests.push(classifier("same-node-twice", Fails(FailureKind::Invalid), 2, "0.5", "a"));
    guests.push(classifier("too-many-suggestions", Fails(FailureKind::Invalid), 21, "0.5", "a"));

    // What is not bound at all.
    let started = "(func $start (loop $again (br $again))) (start $start)";
    guests.push(message(
        "endless-start",
        Rejected(ProblemKind::Component),
        2,
        "(i32.const 512)",
        started,
    ));
    guests.push(message(
        "starts-too-large",
        Rejected(ProblemKind::Component),
        1_000,
        "(i32.const 512)",
        "",
    ));
    let node =
        r#"(import "dialogo:plugin/catalogue@0.1.0" "revision" (func $revision (result i64)))"#;
    let look = "(drop (call $revision)) (i32.const 512)";
    guests.push(importing(
        "undeclared-import",
        Rejected(ProblemKind::Manifest),
        Vec::new(),
        node,
        look,
        "",
    ));
    guests.push(text(
        "imports-wasi",
        ProblemKind::Import,
        r#"(component (import "wasi:filesystem/types@0.2.0" (instance)))"#,
    ));
    guests.push(text(
        "imports-unknown",
        ProblemKind::Import,
        r#"(component (import "evil" (func)))"#,
    ));
    guests.push(text("exports-nothing", ProblemKind::Export, "(component)"));
    guests.push(text(
        "wrong-type",
        ProblemKind::Export,
        r#"(component
            (core module $m (func (export "check") (result i32) i32.const 0))
            (core instance $i (instantiate $m))
            (func $check (result u32) (canon lift (core func $i "check")))
            (instance $e (export "check" (func $check)))
            (export "dialogo:plugin/message-policy@0.1.0" (instance $e)))"#,
    ));
    guests.push(text(
        "lacks-the-function",
        ProblemKind::Export,
        r#"(component (instance $e) (export "dialogo:plugin/message-policy@0.1.0" (instance $e)))"#,
    ));
    let other = TestGuest { name: "undeclared-export", hook: Hook::EmojiPolicy, ..allows() };
    guests.push(TestGuest { expectation: Rejected(ProblemKind::Export), ..other });
    guests.push(text("core-module", ProblemKind::Component, "(module)"));
    guests.push(raw("empty", ProblemKind::Component, Vec::new()));
    let whole = allows().bytes;
    guests.push(raw("truncated", ProblemKind::Component, whole[..whole.len() / 2].to_vec()));
    guests.push(raw("random", ProblemKind::Component, noise(10_000)));
    let mut wounded = whole[..64.min(whole.len())].to_vec();
    wounded.extend(noise(whole.len()));
    guests.push(raw("random-after-a-good-start", ProblemKind::Component, wounded));
    guests
}

/// The same bytes every time.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    std::iter::repeat_with(next).take(length).collect()
}
