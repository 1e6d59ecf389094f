//! Every key of every rule file: name, what it may hold, what it means, an example, its default.
//!
//! These tables check the files, fill in defaults and become the JSON Schemas. They do not say how keys depend on each other:
//! that is in the reader of each file.

use crate::spec::{Key, Kind, Shape};

const SECOND: u64 = 1_000;
const HOUR: u64 = 3_600_000;
const DAY: u64 = 24 * HOUR;
const YEAR: u64 = 365 * DAY;

const NEVER: Kind = Kind::Choice(&[("never", "")]);

/// Names of the days and of groups of days.
pub(crate) const DAYS: &[(&str, &str)] = &[
    ("mon", ""),
    ("tue", ""),
    ("wed", ""),
    ("thu", ""),
    ("fri", ""),
    ("sat", ""),
    ("sun", ""),
    ("mon-fri", "the working days"),
    ("mon-sat", ""),
    ("sat-sun", "the weekend"),
    ("every-day", ""),
];

/// Where a conversation comes in.
pub(crate) const CHANNELS: &[(&str, &str)] = &[
    ("web", "the widget"),
    ("mobile", "an app"),
    ("email", ""),
    ("social", ""),
    ("voice", ""),
    ("api", "a program"),
];

/// Hooks of the plugin contract.
pub(crate) const HOOKS: &[(&str, &str)] = &[
    ("setup", ""),
    ("classifier", "suggests classifications"),
    ("transfer-rules", "judges and proposes transfers"),
    ("message-policy", "judges texts"),
    ("emoji-policy", "judges emoji"),
    ("attachment-policy", "judges files"),
    ("bot", "answers before a human"),
    ("observer", "sees what happened"),
    ("replies", "suggests replies to agents"),
];

/// What an operator can grant to a plugin.
pub(crate) const GRANTS: &[(&str, &str)] = &[
    ("log", "write to the desk's log"),
    ("settings", "read its own settings"),
    ("patterns", "have its patterns matched by the engine"),
    ("catalogue", "see the classification tree"),
    ("assets", "read the files of its own package"),
    ("history", "read older messages of the conversation"),
    ("directory", "see departments and who is online"),
    ("participant.name", "see the names of consumers and agents"),
    ("participant.locale", "see their language"),
];

const MODES: Kind = Kind::Choice(&[
    ("enforce", "what it says counts"),
    ("shadow", "it is asked and recorded, but nothing depends on it"),
    ("off", "it is not asked"),
]);

const ON_FAILURE: Kind = Kind::Choice(&[
    ("open", "when it fails, it is as if it had no opinion"),
    ("closed", "when it fails, what it should have judged is refused"),
]);

/// `desk.toml`.
pub(crate) static DESK: Shape = Shape {
    what: "desk.toml",
    keys: &[
        Key::new(
            "name",
            Kind::Localized,
            r#"name = { pt = "Atendimento", en = "Support" }"#,
            "Name that consumers see.",
        )
        .required(),
        Key::new(
            "languages",
            Kind::List(&Kind::Text(16)),
            r#"languages = ["pt", "en", "es"]"#,
            "Languages of the desk. The first one is used wherever a text is not translated.",
        )
        .default(r#"["pt"]"#),
        Key::new(
            "timezone",
            Kind::Text(64),
            r#"timezone = "America/Sao_Paulo""#,
            "Time zone in which hours are meant.",
        )
        .default(r#""UTC""#),
        Key::new(
            "limit",
            Kind::Int(1, 100),
            "limit = 4",
            "Conversations an agent may hold at once.",
        )
        .default("4"),
        Key::new(
            "agents_may_lower_limit",
            Kind::Bool,
            "agents_may_lower_limit = true",
            "Whether agents may choose a lower limit for themselves.",
        )
        .default("true"),
        Key::new(
            "start_department",
            Kind::Ref("a department"),
            r#"start_department = "suporte""#,
            "Department of a new conversation that names none. Without it, the first one in departments.toml.",
        ),
        Key::new(
            "pause_reasons",
            Kind::List(&Kind::Localized),
            r#"pause_reasons = [{ pt = "Almoço", en = "Lunch" }]"#,
            "What agents choose from when they pause. They may always write another reason.",
        ),
        Key::new(
            "finish",
            Kind::Table(&FINISH),
            r#"finish = { classification = "remind" }"#,
            "What happens when a conversation is finished.",
        ),
        Key::new(
            "conversation",
            Kind::Table(&CONVERSATION),
            r#"conversation = { reopen_window = "24 h" }"#,
            "How long things last in the life of a conversation.",
        ),
        Key::new(
            "routing",
            Kind::Table(&ROUTING),
            r#"routing = { recontact = "24 h" }"#,
            "How conversations reach agents.",
        ),
        Key::new(
            "visitor",
            Kind::Table(&VISITOR),
            r#"visitor = { messages = 10, per = "10 s" }"#,
            "What one visitor may do; every visitor has limits of their own.",
        ),
        Key::new(
            "attachments",
            Kind::Table(&ATTACHMENTS),
            "attachments = { max_mb = 25 }",
            "Upper bounds for files. The attachment policy may only be stricter.",
        ),
        Key::new(
            "widget",
            Kind::Table(&WIDGET),
            r#"widget = { origins = ["https://www.example.com"] }"#,
            "Where the widget may be used.",
        ),
        Key::new(
            "retention",
            Kind::Table(&RETENTION),
            r#"retention = { conversations = "5 years" }"#,
            "How long things are kept.",
        ),
        Key::new(
            "calendar",
            Kind::List(&Kind::Table(&CALENDAR)),
            "[[calendar]]",
            "Opening hours that departments refer to.",
        ),
    ],
};

static FINISH: Shape = Shape {
    what: "[finish]",
    keys: &[
        Key::new(
            "classification",
            Kind::Choice(&[
                ("off", "no classification is needed"),
                ("remind", "what was not classified goes to the agent's list \"to classify\""),
                ("require", "an agent cannot finish without a classification"),
            ]),
            r#"classification = "remind""#,
            "Whether finishing needs a classification.",
        )
        .default(r#""remind""#),
        Key::new(
            "undo",
            Kind::Duration(0, 10 * 60 * SECOND),
            r#"undo = "10 s""#,
            "How long an agent can take a finish back.",
        )
        .default(r#""10 s""#),
    ],
};

static CONVERSATION: Shape = Shape {
    what: "[conversation]",
    keys: &[
        Key::new("reopen_window", Kind::Duration(0, YEAR), r#"reopen_window = "24 h""#,
            "A new message within this time after the end continues the same conversation.").default(r#""24 h""#),
        Key::new("idle_timeout", Kind::Either(&[NEVER, Kind::Duration(10 * SECOND, 30 * DAY)]), r#"idle_timeout = "30 min""#,
            "A consumer who does not answer an agent for so long has left: the conversation is closed. \"never\": it stays open.")
            .default(r#""never""#),
        Key::new("connection_timeout", Kind::Either(&[NEVER, Kind::Duration(10 * SECOND, 30 * DAY)]),
            r#"connection_timeout = "10 min""#,
            "A consumer whose page is gone for so long has left: the conversation is closed. \"never\": it stays open.")
            .default(r#""never""#),
        Key::new("keep_closed", Kind::Duration(0, 7 * DAY), r#"keep_closed = "10 min""#,
            "How long a closed conversation stays in memory. It is never lost; later it is read from disk.").default(r#""10 min""#),
    ],
};

static ROUTING: Shape = Shape {
    what: "[routing]",
    keys: &[
        Key::new("grace", Kind::Duration(0, HOUR), r#"grace = "30 s""#,
            "An agent whose connection breaks has so long to come back with nothing changed.").default(r#""30 s""#),
        Key::new("sticky", Kind::Duration(0, DAY), r#"sticky = "2 min""#,
            "After that, conversations already answered wait so long for their agent before they go to another.")
            .default(r#""2 min""#),
        Key::new("recontact", Kind::Either(&[NEVER, Kind::Duration(0, 30 * DAY)]), r#"recontact = "24 h""#,
            "A consumer who comes back within this time goes to the agent of the last time, if possible.").default(r#""24 h""#),
        Key::new("offers",
            Kind::Either(&[Kind::Choice(&[("immediate", "the window simply opens")]), Kind::Table(&OFFERS)]),
            r#"offers = "immediate""#, "Whether a conversation opens by itself or has to be accepted.").default(r#""immediate""#),
        Key::new("max_transfers", Kind::Int(1, 50), "max_transfers = 5",
            "How often one conversation may be passed on.").default("5"),
    ],
};

static OFFERS: Shape = Shape {
    what: "offers",
    keys: &[Key::new(
        "accept_within",
        Kind::Duration(SECOND, HOUR),
        r#"accept_within = "30 s""#,
        "How long an agent has to accept; then the next one is asked.",
    )
    .required()],
};

static VISITOR: Shape = Shape {
    what: "[visitor]",
    keys: &[
        Key::new(
            "messages",
            Kind::Int(1, 10_000),
            "messages = 10",
            "Messages a visitor may send …",
        )
        .default("10"),
        Key::new("per", Kind::Duration(SECOND, HOUR), r#"per = "10 s""#, "… within this time.")
            .default(r#""10 s""#),
        Key::new(
            "uploads_per_hour",
            Kind::Int(0, 10_000),
            "uploads_per_hour = 30",
            "Files a visitor may send in an hour.",
        )
        .default("30"),
        Key::new(
            "open_conversations",
            Kind::Int(1, 100),
            "open_conversations = 1",
            "Conversations a visitor may have open at once.",
        )
        .default("1"),
        Key::new(
            "new_per_hour",
            Kind::Int(1, 10_000),
            "new_per_hour = 20",
            "New visitors that may come from one address in an hour.",
        )
        .default("600"),
    ],
};

static ATTACHMENTS: Shape = Shape {
    what: "[attachments]",
    keys: &[
        Key::new(
            "max_mb",
            Kind::Number(0.001, 2_048.0),
            "max_mb = 25",
            "Largest file, in megabytes.",
        )
        .default("25"),
        Key::new(
            "max_per_message",
            Kind::Int(0, 10),
            "max_per_message = 10",
            "Most files in one message.",
        )
        .default("10"),
    ],
};

static WIDGET: Shape = Shape {
    what: "[widget]",
    keys: &[Key::new(
        "origins",
        Kind::List(&Kind::Text(256)),
        r#"origins = ["https://www.example.com"]"#,
        "Sites on which the widget may stand: scheme and host. \"*\" means everywhere.",
    )
    .default("[]")],
};

static RETENTION: Shape = Shape {
    what: "[retention]",
    keys: &[
        Key::new("conversations", Kind::Either(&[NEVER, Kind::Duration(DAY, 100 * YEAR)]), r#"conversations = "5 years""#,
            "Closed conversations are deleted after this time. \"never\": they are kept.").default(r#""never""#),
        Key::new("attachments", Kind::Either(&[NEVER, Kind::Duration(DAY, 100 * YEAR)]), r#"attachments = "1 year""#,
            "Files are deleted after this time, also where the conversation is kept. \"never\": with the conversation.")
            .default(r#""never""#),
    ],
};

static CALENDAR: Shape = Shape {
    what: "a calendar",
    keys: &[
        Key::new("id", Kind::Id, r#"id = "comercial""#, "Name by which departments refer to it.")
            .required(),
        Key::new(
            "timezone",
            Kind::Text(64),
            r#"timezone = "America/Sao_Paulo""#,
            "Time zone; without it, the desk's.",
        ),
        Key::new(
            "always",
            Kind::Bool,
            "always = true",
            "Open day and night; then no hours are given.",
        )
        .default("false"),
        Key::new(
            "hours",
            Kind::List(&Kind::Table(&HOURS)),
            r#"hours = [{ days = "mon-fri", from = "09:00", to = "18:00" }]"#,
            "When it is open in a week.",
        ),
        Key::new(
            "closed",
            Kind::List(&Kind::Table(&CLOSED)),
            r#"closed = [{ on = "2026-12-25", name = "Natal" }]"#,
            "Days on which it is closed all day.",
        ),
    ],
};

static HOURS: Shape = Shape {
    what: "a line of hours",
    keys: &[
        Key::new(
            "days",
            Kind::Either(&[Kind::Choice(DAYS), Kind::List(&Kind::Choice(DAYS))]),
            r#"days = "mon-fri""#,
            "One day, several, or a group of days.",
        )
        .required(),
        Key::new("from", Kind::Time, r#"from = "09:00""#, "Opens at.").required(),
        Key::new(
            "to",
            Kind::Time,
            r#"to = "18:00""#,
            "Closes at; a time before `from` means the next morning.",
        )
        .required(),
        Key::new(
            "breaks",
            Kind::List(&Kind::Table(&BREAK)),
            r#"breaks = [{ from = "12:00", to = "13:00" }]"#,
            "Closed in between.",
        ),
    ],
};

static BREAK: Shape = Shape {
    what: "a break",
    keys: &[
        Key::new("from", Kind::Time, r#"from = "12:00""#, "Begins at.").required(),
        Key::new("to", Kind::Time, r#"to = "13:00""#, "Ends at.").required(),
    ],
};

static CLOSED: Shape = Shape {
    what: "a closure",
    keys: &[
        Key::new(
            "on",
            Kind::Date,
            r#"on = "2026-12-25""#,
            "The day; for several days use `from` and `to`.",
        ),
        Key::new("from", Kind::Date, r#"from = "2026-12-24""#, "First day."),
        Key::new("to", Kind::Date, r#"to = "2027-01-01""#, "Last day."),
        Key::new("name", Kind::Text(100), r#"name = "Natal""#, "What it is."),
    ],
};

/// `departments.toml`.
pub(crate) static DEPARTMENTS: Shape = Shape {
    what: "departments.toml",
    keys: &[
        Key::new(
            "department",
            Kind::List(&Kind::Table(&DEPARTMENT)),
            "[[department]]",
            "The teams, each with a queue.",
        )
        .required(),
        Key::new(
            "test",
            Kind::List(&Kind::Table(&TEST)),
            "[[test]]",
            "What must hold; `dialogo test` tries it.",
        ),
    ],
};

static DEPARTMENT: Shape = Shape {
    what: "a department",
    keys: &[
        Key::new("id", Kind::Id, r#"id = "financeiro""#, "Stable name; it stands in every report.")
            .required(),
        Key::new(
            "name",
            Kind::Localized,
            r#"name = { pt = "Financeiro", en = "Billing" }"#,
            "Name that people see.",
        )
        .required(),
        Key::new(
            "members",
            Kind::List(&Kind::Ref("an agent")),
            r#"members = ["ana", "bruno"]"#,
            "Logins of its agents.",
        )
        .default("[]"),
        Key::new(
            "limit",
            Kind::Int(1, 100),
            "limit = 4",
            "Conversations an agent may hold here; the smaller of this and the desk's limit binds.",
        ),
        Key::new(
            "hours",
            Kind::Ref("a calendar"),
            r#"hours = "comercial""#,
            "A calendar from desk.toml; without it the department is always open.",
        ),
        Key::new(
            "closed_message",
            Kind::Localized,
            r#"closed_message = { pt = "Voltamos {opens}." }"#,
            "What a consumer reads outside the hours; {opens} becomes the day and time of the next opening.",
        ),
        Key::new(
            "when_closed",
            Kind::Choice(&[
                ("wait", "the consumer waits in the queue"),
                ("callback", "the consumer leaves a message and is called back"),
            ]),
            r#"when_closed = "wait""#,
            "What happens to a conversation outside the hours.",
        )
        .default(r#""wait""#),
        Key::new(
            "may_transfer_to",
            Kind::Either(&[
                Kind::Choice(&[("*", "every department")]),
                Kind::List(&Kind::Ref("a department")),
            ]),
            r#"may_transfer_to = ["suporte"]"#,
            "Where its agents may transfer to; \"*\" for everywhere.",
        )
        .default("[]"),
        Key::new(
            "overflow",
            Kind::List(&Kind::Table(&SHARE)),
            r#"overflow = [{ to = "suporte", share = 100 }]"#,
            "Where conversations go when its queue is full.",
        ),
        Key::new(
            "queue",
            Kind::Table(&QUEUE),
            r#"queue = { max_waiting = 200, when_full = "callback" }"#,
            "How many may wait.",
        ),
        Key::new(
            "full_agent",
            Kind::Either(&[
                Kind::Choice(&[("refuse", "the transfer is refused")]),
                Kind::Table(&FULL_AGENT),
            ]),
            r#"full_agent = { wait = "2 min" }"#,
            "What a transfer to an agent with no free window does.",
        )
        .default(r#""refuse""#),
        Key::new(
            "default_classification",
            Kind::Ref("a classification"),
            r#"default_classification = "outros""#,
            "Taken when a conversation ends by itself and nobody classified it.",
        ),
        Key::new(
            "priority",
            Kind::Int(-100, 100),
            "priority = 0",
            "Conversations with a higher number are served first.",
        )
        .default("0"),
    ],
};

static SHARE: Shape = Shape {
    what: "an overflow target",
    keys: &[
        Key::new("to", Kind::Ref("a department"), r#"to = "suporte""#, "Department.").required(),
        Key::new("share", Kind::Int(1, 1_000), "share = 60", "Its share, in percent.")
            .default("100"),
    ],
};

static QUEUE: Shape = Shape {
    what: "queue",
    keys: &[
        Key::new(
            "max_waiting",
            Kind::Int(0, 1_000_000),
            "max_waiting = 200",
            "Most conversations that may wait.",
        ),
        Key::new(
            "when_full",
            Kind::Choice(&[
                ("wait", "one more waits all the same"),
                ("overflow", "it goes to the departments under `overflow`"),
                ("callback", "the consumer leaves a message and is called back"),
            ]),
            r#"when_full = "callback""#,
            "What happens to one more.",
        )
        .default(r#""wait""#),
    ],
};

static FULL_AGENT: Shape = Shape {
    what: "full_agent",
    keys: &[Key::new(
        "wait",
        Kind::Duration(SECOND, HOUR),
        r#"wait = "2 min""#,
        "It waits so long for that agent, then goes to the department.",
    )
    .required()],
};

/// `classifications.toml`.
pub(crate) static CLASSIFICATIONS: Shape = Shape {
    what: "classifications.toml",
    keys: &[
        Key::new(
            "node",
            Kind::List(&Kind::Table(&NODE)),
            "[[node]]",
            "The first level of the tree.",
        ),
        Key::new(
            "test",
            Kind::List(&Kind::Table(&TEST)),
            "[[test]]",
            "What must hold; `dialogo test` tries it.",
        ),
    ],
};

pub(crate) static NODE: Shape = Shape {
    what: "a classification",
    keys: &[
        Key::new(
            "id",
            Kind::Id,
            r#"id = "cobranca.boleto""#,
            "Stable name, never changed or used again: old reports refer to it.",
        )
        .required(),
        Key::new(
            "name",
            Kind::Localized,
            r#"name = { pt = "Cobrança", en = "Billing" }"#,
            "Name that agents see.",
        )
        .required(),
        Key::new(
            "active",
            Kind::Bool,
            "active = true",
            "`false` takes it out of use; old conversations keep it. Never delete a node.",
        )
        .default("true"),
        Key::new(
            "departments",
            Kind::List(&Kind::Ref("a department")),
            r#"departments = ["financeiro"]"#,
            "Only for these departments; without it, for all.",
        ),
        Key::new(
            "channels",
            Kind::List(&Kind::Choice(CHANNELS)),
            r#"channels = ["web"]"#,
            "Only for these channels; without it, for all.",
        ),
        Key::new(
            "synonyms",
            Kind::List(&Kind::Text(200)),
            r#"synonyms = ["2a via", "fatura"]"#,
            "Other words for it, for the search and for plugins.",
        ),
        Key::new(
            "confidence",
            Kind::Table(&CONFIDENCE),
            "confidence = { suggest = 0.35, preselect = 0.75 }",
            "How sure a suggestion must be, from 0 to 1.",
        ),
        Key::new("child", Kind::List(&Kind::Table(&NODE)), "[[node.child]]", "The level below."),
    ],
};

static CONFIDENCE: Shape = Shape {
    what: "confidence",
    keys: &[
        Key::new("suggest", Kind::Number(0.0, 1.0), "suggest = 0.35", "It is shown from here on.")
            .default("0.35"),
        Key::new(
            "preselect",
            Kind::Either(&[NEVER, Kind::Number(0.0, 1.0)]),
            "preselect = 0.75",
            "It is already marked from here on; \"never\": not by itself.",
        )
        .default("0.75"),
        Key::new(
            "apply",
            Kind::Either(&[NEVER, Kind::Number(0.0, 1.0)]),
            "apply = 0.95",
            "It is taken as a draft from here on; \"never\": not by itself.",
        )
        .default(r#""never""#),
    ],
};

/// `replies.toml`.
pub(crate) static REPLIES: Shape = Shape {
    what: "replies.toml",
    keys: &[Key::new(
        "reply",
        Kind::List(&Kind::Table(&REPLY)),
        "[[reply]]",
        "Texts kept for use again.",
    )],
};

static REPLY: Shape = Shape {
    what: "a reply",
    keys: &[
        Key::new("id", Kind::Id, r#"id = "ola""#, "Short code; agents type / and this.").required(),
        Key::new("title", Kind::Localized, r#"title = { pt = "Saudação" }"#, "Name in the list.")
            .required(),
        Key::new(
            "text",
            Kind::Localized,
            r#"text = { pt = "Olá, {consumer}! Sou {agent}." }"#,
            "The text. {consumer}, {agent}, {department} and {protocol} are filled in.",
        )
        .required(),
        Key::new(
            "departments",
            Kind::List(&Kind::Ref("a department")),
            r#"departments = ["financeiro"]"#,
            "Only for these departments; without it, for all.",
        ),
    ],
};

/// `plugins.toml`.
pub(crate) static PLUGINS: Shape = Shape {
    what: "plugins.toml",
    keys: &[
        Key::new(
            "signed",
            Kind::Bool,
            "signed = true",
            "Only plugins that somebody in keyring.toml has signed are taken.",
        )
        .default("false"),
        Key::new("plugin", Kind::List(&Kind::Table(&PLUGIN)), "[[plugin]]", "The plugins in use."),
    ],
};

/// `keyring.toml`.
pub(crate) static KEYRING: Shape = Shape {
    what: "keyring.toml",
    keys: &[Key::new(
        "key",
        Kind::List(&Kind::Table(&KEY)),
        "[[key]]",
        "Whose signatures are believed.",
    )],
};

static KEY: Shape = Shape {
    what: "a key",
    keys: &[
        Key::new("id", Kind::Id, r#"id = "acme""#, "Whose key it is.").required(),
        Key::new(
            "public",
            Kind::Text(100),
            r#"public = "ed25519:…""#,
            "The public key, as `dialogo plugin keygen` prints it.",
        )
        .required(),
    ],
};

static PLUGIN: Shape = Shape {
    what: "a plugin",
    keys: &[
        Key::new(
            "id",
            Kind::Id,
            r#"id = "keywords""#,
            "Name by which it is recorded with everything it says.",
        )
        .required(),
        Key::new(
            "file",
            Kind::Text(200),
            r#"file = "keywords.wasm""#,
            "Its file or package in the plugin folder.",
        )
        .required(),
        Key::new(
            "hooks",
            Kind::List(&Kind::Choice(HOOKS)),
            r#"hooks = ["classifier"]"#,
            "At which points it is asked; without it, at all it offers.",
        ),
        Key::new(
            "order",
            Kind::Int(-1_000, 1_000),
            "order = 10",
            "Who is heard first where several propose: the smaller number.",
        )
        .default("0"),
        Key::new("mode", MODES, r#"mode = "enforce""#, "Whether what it says counts.")
            .default(r#""enforce""#),
        Key::new(
            "on_failure",
            ON_FAILURE,
            r#"on_failure = "open""#,
            "What holds when it fails or is missing.",
        )
        .default(r#""open""#),
        Key::new(
            "per_hook",
            Kind::Map(&Kind::Table(&PER_HOOK)),
            r#"per_hook = { classifier = { mode = "shadow" } }"#,
            "Another mode, failure policy or order at single hooks.",
        ),
        Key::new(
            "grants",
            Kind::List(&Kind::Choice(GRANTS)),
            r#"grants = ["patterns", "catalogue"]"#,
            "What it may ask of the engine; nothing else is there for it.",
        )
        .default("[]"),
        Key::new(
            "settings",
            Kind::Text(200),
            r#"settings = "plugins/keywords.toml""#,
            "Its settings, a file in this folder.",
        ),
        Key::new(
            "limits",
            Kind::Table(&LIMITS),
            "limits = { time_ms = 20, memory_mib = 16 }",
            "Most it may use for one call; more ends the call.",
        ),
        Key::new(
            "instances",
            Kind::Either(&[
                Kind::Choice(&[("fresh", "a new sandbox for every call")]),
                Kind::Table(&INSTANCES),
            ]),
            r#"instances = "fresh""#,
            "Whether a sandbox is used again; without it, as the package says.",
        ),
        Key::new(
            "departments",
            Kind::List(&Kind::Ref("a department")),
            r#"departments = ["financeiro"]"#,
            "Only for conversations of these departments; without it, for all.",
        ),
        Key::new(
            "promotion",
            Kind::Table(&PROMOTION),
            "promotion = { percent = 10, min_precision = 0.7 }",
            "Lets it count step by step, and takes it back to shadow by itself when it is wrong too often.",
        ),
        Key::new(
            "record",
            Kind::Table(&RECORD),
            r#"record = { share = 0.05, keep = "7 d", max_mib = 64 }"#,
            "Keeps what it is asked below data/recordings, for `dialogo plugin replay`; without it, nothing is kept.",
        ),
    ],
};

static RECORD: Shape = Shape {
    what: "record",
    keys: &[
        Key::new(
            "share",
            Kind::Number(0.0, 1.0),
            "share = 0.05",
            "Of which share of conversations; of these, all calls. Always the same conversations.",
        )
        .required(),
        Key::new(
            "keep",
            Kind::Duration(HOUR, YEAR),
            r#"keep = "7 d""#,
            "What is older is deleted.",
        )
        .default(r#""7 d""#),
        Key::new(
            "max_mib",
            Kind::Int(1, 65_536),
            "max_mib = 64",
            "Mebibytes of all its recordings; the oldest go first.",
        )
        .default("64"),
        Key::new(
            "redact",
            Kind::Bool,
            "redact = false",
            "Masks e-mail addresses, runs of eight digits and more, and people's names; false: texts are kept as they were written.",
        )
        .default("true"),
        Key::new(
            "hooks",
            Kind::List(&Kind::Choice(HOOKS)),
            r#"hooks = ["message-policy"]"#,
            "Only at these; without it, wherever the plugin is asked.",
        ),
    ],
};

static PROMOTION: Shape = Shape {
    what: "promotion",
    keys: &[
        Key::new(
            "percent",
            Kind::Int(1, 100),
            "percent = 10",
            "In mode \"enforce\": of so many of 100 conversations what it says counts; of the others it is asked in shadow.",
        )
        .default("100"),
        Key::new(
            "replaces",
            Kind::Ref("a plugin"),
            r#"replaces = "keywords""#,
            "The plugin whose place it takes: where this one counts, that one is asked in shadow.",
        ),
        Key::new(
            "min_precision",
            Kind::Number(0.0, 1.0),
            "min_precision = 0.7",
            "Least share of right suggestions, measured by what people chose; below it, the desk takes it back to shadow.",
        ),
        Key::new(
            "window",
            Kind::Int(10, PROMOTION_WINDOW_MOST as i64),
            "window = 200",
            "Of how many of the last choices the share is taken.",
        )
        .default("200"),
    ],
};

/// So many of a plugin's last measured suggestions are kept, and no more can be asked for.
pub(crate) const PROMOTION_WINDOW_MOST: u32 = 500;

pub(crate) static PER_HOOK: Shape = Shape {
    what: "per_hook",
    keys: &[
        Key::new("mode", MODES, r#"mode = "shadow""#, "Whether what it says at this hook counts."),
        Key::new(
            "on_failure",
            ON_FAILURE,
            r#"on_failure = "open""#,
            "What holds when it fails at this hook.",
        ),
        Key::new("order", Kind::Int(-1_000, 1_000), "order = 10", "Its place at this hook."),
    ],
};

static LIMITS: Shape = Shape {
    what: "limits",
    keys: &[
        Key::new(
            "time_ms",
            Kind::Int(1, 10_000),
            "time_ms = 20",
            "Milliseconds of computing time.",
        ),
        Key::new("memory_mib", Kind::Int(1, 512), "memory_mib = 16", "Mebibytes of memory."),
        Key::new("output_kib", Kind::Int(1, 16_384), "output_kib = 256", "Kibibytes of answers."),
    ],
};

static INSTANCES: Shape = Shape {
    what: "instances",
    keys: &[Key::new(
        "reuse",
        Kind::Int(1, 1_000_000),
        "reuse = 100",
        "Calls one sandbox serves before it is thrown away.",
    )
    .required()],
};

/// A file of settings, as far as the engine itself reads it: the tests.
pub(crate) static SETTINGS_TESTS: Shape = Shape {
    what: "a settings file",
    keys: &[Key::new(
        "test",
        Kind::List(&Kind::Table(&TEST)),
        "[[test]]",
        "What must hold; `dialogo test` tries it.",
    )],
};

const YES_OR_CODE: Kind = Kind::Either(&[Kind::Bool, Kind::Text(200)]);
const NODES: Kind =
    Kind::Either(&[Kind::Ref("a classification"), Kind::List(&Kind::Ref("a classification"))]);

/// One `[[test]]`.
pub(crate) static TEST: Shape = Shape {
    what: "a test",
    keys: &[
        Key::new(
            "name",
            Kind::Text(200),
            r#"name = "asks for the slip again""#,
            "Shown when it fails.",
        )
        .required(),
        Key::new(
            "consumer",
            Kind::Either(&[Kind::Text(16_384), Kind::List(&Kind::Text(16_384))]),
            r#"consumer = "preciso da 2ª via do boleto""#,
            "What the consumer writes.",
        ),
        Key::new("agent", Kind::Text(16_384), r#"agent = "ok 🙂""#, "What an agent writes."),
        Key::new(
            "turns",
            Kind::List(&Kind::Table(&TURN)),
            r#"turns = [{ consumer = "oi" }, { agent = "bom dia" }]"#,
            "Both, where the order matters.",
        ),
        Key::new("arrives", Kind::Bool, "arrives = true", "The consumer has just opened the chat."),
        Key::new(
            "attachment",
            Kind::Table(&TEST_FILE),
            r#"attachment = { name = "foto.jpg", mime = "image/jpeg" }"#,
            "A file that is sent.",
        ),
        Key::new(
            "transfer",
            Kind::Table(&TEST_TRANSFER),
            r#"transfer = { from = "suporte", to = "financeiro" }"#,
            "A transfer that is asked for.",
        ),
        Key::new(
            "channel",
            Kind::Choice(CHANNELS),
            r#"channel = "web""#,
            "Where the conversation comes in.",
        )
        .default(r#""web""#),
        Key::new(
            "department",
            Kind::Ref("a department"),
            r#"department = "suporte""#,
            "Where the conversation is.",
        ),
        Key::new(
            "classification",
            Kind::Ref("a classification"),
            r#"classification = "reclamacao""#,
            "What it is classified as so far.",
        ),
        Key::new(
            "waited_min",
            Kind::Number(0.0, 100_000.0),
            "waited_min = 10",
            "Minutes the consumer has waited.",
        ),
        Key::new(
            "at",
            Kind::Moment,
            r#"at = "2026-11-23 10:00""#,
            "When, in the desk's time zone; else a Monday noon.",
        ),
        Key::new(
            "facts",
            Kind::Map(&Kind::Any),
            "facts = { vip = true }",
            "What is known of the consumer.",
        ),
        Key::new(
            "state",
            Kind::Map(&Kind::Table(&TEST_STATE)),
            "state = { suporte = { waiting = 3 } }",
            "How the departments stand.",
        ),
        Key::new(
            "suggests",
            NODES,
            r#"suggests = "cobranca.boleto""#,
            "First suggestion, or the first ones in order.",
        ),
        Key::new(
            "suggests_not",
            NODES,
            r#"suggests_not = "cobranca.boleto""#,
            "Not among the suggestions.",
        ),
        Key::new(
            "confidence_min",
            Kind::Number(0.0, 1.0),
            "confidence_min = 0.5",
            "Least confidence of the first suggestion.",
        ),
        Key::new("sends", Kind::Bool, "sends = true", "The text goes out exactly as written."),
        Key::new(
            "becomes",
            Kind::Text(16_384),
            r#"becomes = "ok""#,
            "What the text is after the policies.",
        ),
        Key::new("accepted", Kind::Bool, "accepted = true", "The file is taken."),
        Key::new(
            "warned",
            YES_OR_CODE,
            "warned = true",
            "It goes through with a warning; or the warning's code.",
        ),
        Key::new(
            "refused",
            YES_OR_CODE,
            r#"refused = "too-large""#,
            "It is refused; or the reason's code.",
        ),
        Key::new(
            "allowed",
            Kind::Bool,
            "allowed = true",
            "The transfer goes where it was meant to.",
        ),
        Key::new(
            "denied",
            YES_OR_CODE,
            "denied = true",
            "The transfer is refused; or a part of the reason.",
        ),
        Key::new(
            "moved_to",
            Kind::Ref("a department"),
            r#"moved_to = "ouvidoria""#,
            "Where it goes instead.",
        ),
        Key::new("stays", Kind::Bool, "stays = true", "Nobody proposes a transfer."),
        Key::new("open", Kind::Bool, "open = true", "The department is open then."),
        Key::new("says", Kind::Text(1_000), r#"says = "Olá""#, "A part of what the bot says."),
        Key::new(
            "choices",
            Kind::List(&Kind::Text(200)),
            r#"choices = ["Boleto"]"#,
            "What the bot lets choose.",
        ),
        Key::new(
            "hands_over_to",
            Kind::Either(&[Kind::Bool, Kind::Ref("a department")]),
            r#"hands_over_to = "suporte""#,
            "The bot hands over to a human; or to which department.",
        ),
        Key::new(
            "bot_classifies",
            Kind::Ref("a classification"),
            r#"bot_classifies = "cobranca""#,
            "What the bot classifies it as.",
        ),
        Key::new("silent", Kind::Bool, "silent = true", "The bot says nothing."),
    ],
};

static TURN: Shape = Shape {
    what: "a turn",
    keys: &[
        Key::new("consumer", Kind::Text(16_384), r#"consumer = "oi""#, "The consumer writes."),
        Key::new("agent", Kind::Text(16_384), r#"agent = "bom dia""#, "An agent writes."),
    ],
};

static TEST_FILE: Shape = Shape {
    what: "attachment",
    keys: &[
        Key::new(
            "by",
            Kind::Choice(&[("consumer", ""), ("agent", "")]),
            r#"by = "consumer""#,
            "Who sends it.",
        )
        .default(r#""consumer""#),
        Key::new("name", Kind::Text(255), r#"name = "foto.jpg""#, "Its name.").required(),
        Key::new("mime", Kind::Text(255), r#"mime = "image/jpeg""#, "The type it is sent as."),
        Key::new(
            "content_mime",
            Kind::Text(255),
            r#"content_mime = "image/jpeg""#,
            "The type its content has; else the same.",
        ),
        Key::new("bytes", Kind::Int(0, 1 << 40), "bytes = 120000", "Its size in bytes."),
        Key::new("mb", Kind::Number(0.0, 1_000_000.0), "mb = 12", "Its size in megabytes."),
        Key::new(
            "kind",
            Kind::Text(64),
            r#"kind = "image""#,
            "What the engine finds inside: the fact content.kind.",
        ),
        Key::new(
            "matches_name",
            Kind::Bool,
            "matches_name = true",
            "Whether content and name fit.",
        )
        .default("true"),
        Key::new(
            "active",
            Kind::Bool,
            "active = true",
            "Whether it holds programs, macros or scripts.",
        ),
        Key::new(
            "encrypted",
            Kind::Bool,
            "encrypted = true",
            "Whether it is an encrypted archive.",
        ),
        Key::new("entries", Kind::Int(0, 1 << 40), "entries = 3", "Files in the archive."),
        Key::new(
            "expanded_mb",
            Kind::Number(0.0, 1_000_000_000.0),
            "expanded_mb = 50",
            "Size of the archive's content.",
        ),
        Key::new("pixels", Kind::Int(0, 1 << 50), "pixels = 1000000", "Pixels of the image."),
        Key::new(
            "facts",
            Kind::Map(&Kind::Any),
            r#"facts = { "document.macros" = true }"#,
            "Other things found in it.",
        ),
    ],
};

static TEST_TRANSFER: Shape = Shape {
    what: "transfer",
    keys: &[
        Key::new(
            "from",
            Kind::Ref("a department"),
            r#"from = "suporte""#,
            "Where the conversation is.",
        ),
        Key::new(
            "to",
            Kind::Either(&[
                Kind::Choice(&[("first-contact", "the agent of first contact")]),
                Kind::Ref("a department"),
            ]),
            r#"to = "financeiro""#,
            "Where it is asked to go.",
        ),
        Key::new("to_agent", Kind::Ref("an agent"), r#"to_agent = "ana""#, "Or to which agent."),
        Key::new(
            "trigger",
            Kind::Choice(&[
                ("new-message", ""),
                ("classified", ""),
                ("agent-left", ""),
                ("waited-too-long", ""),
                ("agent-asked", ""),
            ]),
            r#"trigger = "waited-too-long""#,
            "Why it is asked; else agent-asked with `to`, waited-too-long without.",
        ),
        Key::new(
            "classification",
            Kind::Ref("a classification"),
            r#"classification = "reclamacao""#,
            "What it is classified as.",
        ),
        Key::new(
            "waited_min",
            Kind::Number(0.0, 100_000.0),
            "waited_min = 12",
            "Minutes the consumer has waited.",
        ),
        Key::new(
            "at",
            Kind::Moment,
            r#"at = "2026-11-22 10:00""#,
            "When, in the desk's time zone.",
        ),
    ],
};

static TEST_STATE: Shape = Shape {
    what: "the state of a department",
    keys: &[
        Key::new("open", Kind::Bool, "open = true", "Whether it is open."),
        Key::new("waiting", Kind::Int(0, 1_000_000), "waiting = 3", "How many wait."),
        Key::new(
            "online_agents",
            Kind::Int(0, 1_000_000),
            "online_agents = 1",
            "How many agents are there.",
        ),
    ],
};
