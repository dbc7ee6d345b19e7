//! The misdeeds that end in a failed stage when a balance is asked for: who commits them, when in a turn, and what they end as.
//!
//! One table for the tests of each phase, for the storm, and for the guard that every documented misdeed is tested.

/// One misdeed of one guest.
#[derive(Debug, Clone, Copy)]
pub struct Attack {
    pub guest: &'static str,
    pub phase: &'static str,
    pub misdeed: &'static str,
    /// As the metric, the log and the record name it.
    pub kind: &'static str,
}

impl Attack {
    /// What a function's argument asks for.
    pub fn fault(&self) -> String {
        format!("{}:{}", self.guest, self.misdeed)
    }

    /// What the caller hears instead: the rule of the phase.
    pub fn code(&self) -> &'static str {
        match self.phase {
            "route" => "help",
            "decide" => "policy_failed",
            "fulfil" => "bank_unavailable",
            "shape" => "balance",
            other => panic!("no phase is called {other}"),
        }
    }
}

/// All of them.
pub fn all() -> impl Iterator<Item = Attack> {
    GUESTS.iter().flat_map(|(guest, phase, misdeeds)| {
        misdeeds.iter().map(move |(misdeed, kind)| Attack {
            guest,
            phase,
            misdeed,
            kind,
        })
    })
}

/// Those of one guest that go wrong before there is an answer to look at.
pub fn of(guest: &str) -> impl Iterator<Item = Attack> {
    all().filter(move |attack| attack.guest == guest && attack.kind != "bad_answer")
}

/// Those that answer outside the contract's bounds.
pub fn bad_answers() -> impl Iterator<Item = Attack> {
    all().filter(|attack| attack.kind == "bad_answer")
}

type Guest = (
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
);

const GUESTS: [Guest; 5] = [
    (
        "bad-router",
        "route",
        &[
            ("trap", "trap"),
            ("endless_loop", "deadline"),
            ("memory_bomb", "resource"),
            ("deep_recursion", "trap"),
            ("many_host_calls", "host_calls"),
            ("ten_megabytes", "border_bytes"),
            ("oversized_text", "bad_answer"),
            ("control_characters", "bad_answer"),
            ("empty_name", "bad_answer"),
            ("endless_list", "bad_answer"),
        ],
    ),
    (
        "bad-core",
        "route",
        &[
            ("table_bomb", "resource"),
            ("gc_bomb", "resource"),
            ("text_beyond_memory", "trap"),
            ("list_beyond_memory", "trap"),
            ("one_text_a_million_times", "border_bytes"),
            ("not_utf8", "trap"),
            ("unknown_case", "trap"),
            ("crooked_pointer", "trap"),
            ("answers_and_loops", "deadline"),
        ],
    ),
    (
        "bad-policy",
        "decide",
        &[
            ("trap", "trap"),
            ("endless_loop", "deadline"),
            ("memory_bomb", "resource"),
            ("oversized", "bad_answer"),
            ("too_many_caps", "bad_answer"),
        ],
    ),
    (
        "bad-action",
        "fulfil",
        &[
            ("trap", "trap"),
            ("endless_loop", "deadline"),
            ("memory_bomb", "resource"),
            ("claims_account", "implausible"),
            ("wrong_balance", "implausible"),
            ("oversized", "bad_answer"),
            ("control_characters", "bad_answer"),
        ],
    ),
    (
        "bad-shaper",
        "shape",
        &[
            ("trap", "trap"),
            ("endless_loop", "deadline"),
            ("memory_bomb", "resource"),
            ("megabyte_in_log", "border_bytes"),
            ("oversized_text", "bad_answer"),
            ("empty_text", "bad_answer"),
            ("control_characters", "bad_answer"),
        ],
    ),
];
