//! The import table, as data: every top-level module of the host on its floor, with the reason why it stands there.
//!
//! A module imports only from floors below its own. `app::sandbox` counts as a module: it is a bank, started by `app`.

/// Top down.
pub const FLOORS: [(&str, &str); 19] = [
    ("main", "starts the command line and nothing else"),
    ("cli", "arguments choose what is built and run"),
    (
        "app",
        "puts the parts together; knows all of them, and is known only by the command line",
    ),
    (
        "config",
        "reads the modules' own settings; no module reads `config`",
    ),
    ("ingress", "HTTP to turns and answers; decides nothing"),
    (
        "app::sandbox",
        "the bank's side of the contract: it shares the dialect's name and money, no more",
    ),
    (
        "orchestrator",
        "one turn; the only one that knows callers, rules, money and records at once",
    ),
    ("caller", "who is calling: asks the database, then the bank"),
    (
        "pipeline",
        "which plugins run, and what their failures mean",
    ),
    ("live", "one writer per call, in memory or in Redis"),
    (
        "db",
        "keeps what the others decided; executes the ledger's steps",
    ),
    ("ledger", "pure steps of money"),
    ("reply", "outcome to sentence"),
    ("plugin", "WASM, and nothing about turns"),
    (
        "backend",
        "HTTP that leaves the host: to the bank, and to Retell; no state of a call",
    ),
    ("call", "plain data and pure functions; knows nobody"),
    (
        "spelling",
        "what was meant by an unknown name; knows no text of its own",
    ),
    ("telemetry", "logs and metrics of the process; knows nobody"),
    ("lib", "the reading guide; imports nothing"),
];

/// Lowest of all, but not for everybody: what may be in a log line is decided where it is written, with `tracing`.
pub const TELEMETRY_USERS: [&str; 5] = ["main", "cli", "app", "config", "ingress"];

/// Libraries that stay behind one border: the library, and the beginnings of the paths that may name it.
pub const BORDERS: [(&str, &[&str]); 7] = [
    ("wasmtime", &["host/src/plugin.rs", "host/src/plugin/"]),
    ("wasmparser", &["host/src/plugin.rs", "host/src/plugin/"]),
    (
        "axum",
        &[
            "host/src/ingress.rs",
            "host/src/ingress/",
            "host/src/app.rs",
            "host/src/app/",
        ],
    ),
    (
        "sea_orm",
        &["host/src/db.rs", "host/src/db/", "migrations/"],
    ),
    (
        "sea_orm_migration",
        &["host/src/db.rs", "host/src/db/", "migrations/"],
    ),
    ("fred", &["host/src/live.rs", "host/src/live/"]),
    ("reqwest", &["host/src/backend.rs", "host/src/backend/"]),
];

/// Files whose opening lines are a guide to others and may therefore be many.
pub const GUIDES: [&str; 1] = ["host/src/lib.rs"];

/// Files that only compute: a part of their path. What they need of the world is an argument.
pub const PURE: [&str; 5] = [
    "host/src/call/",
    "host/src/ledger/",
    "host/src/ledger.rs",
    "host/src/reply.rs",
    "/src/rules",
];

/// What such files must not name.
pub const IMPURE: [&str; 12] = [
    "tokio",
    "reqwest",
    "sea_orm",
    "axum",
    "wasmtime",
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::time::SystemTime",
    "std::time::Instant",
    "jiff::Timestamp::now",
];
