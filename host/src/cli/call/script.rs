//! A script: one conversation as YAML, step by step, with what must be heard, decided and moved.
//!
//! Strict: an unknown key, a step that does two things at once or none, a pattern that is none refuse the whole file with the line
//! and the nearest known name. What the keys mean is told by `orchestrator call --script-keys`.

mod explain;
mod read;

use regex::Regex;
use serde::Deserialize;
use serde_saphyr::Spanned;

use crate::call::Money;
use read::{Count, Texts, pattern};

/// What may stand in a script; printed by `--script-keys`.
pub(super) const KEYS: &str = include_str!("script/keys.txt");

/// A conversation.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Script {
    /// What it shows, in a few words.
    pub name: String,
    /// The caller's number; the command line's where it is absent.
    pub from: Option<String>,
    /// The bank's id of the caller, where balances are to be compared.
    pub customer: Option<String>,
    /// The currency of amounts.
    #[serde(default = "dollars")]
    pub currency: String,
    /// In order.
    #[serde(deserialize_with = "read::steps")]
    pub steps: Vec<Step>,
}

fn dollars() -> String {
    "USD".to_owned()
}

/// One step: something that the caller does, what must come of it, or both.
#[derive(Debug, Clone)]
pub(super) struct Step {
    /// Where it stands.
    pub line: u64,
    /// What the caller does.
    pub does: Option<Deed>,
    /// What must come of it.
    pub checks: Checks,
}

/// What a caller does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Deed {
    /// Speaks when the agent has finished; more than one text: Retell asks for each as the utterance grows.
    Say(Vec<String>),
    /// Speaks while the agent does.
    Interrupt {
        /// What.
        words: String,
        /// When.
        when: When,
        /// Words of the agent that were heard before.
        heard: usize,
    },
    /// Presses keys.
    Press(String),
    /// Says nothing until Retell reminds the host.
    Silence,
    /// The connection breaks.
    Reconnect,
    /// Hangs up.
    HangUp,
}

/// When a caller cuts in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum When {
    /// As soon as the agent speaks.
    Speaks,
    /// So many milliseconds after the last request, whether it speaks or not.
    After(u64),
    /// As soon as the host tells that it calls this tool.
    Works(String),
}

/// What must come of a step.
#[derive(Debug, Clone, Default)]
pub(super) struct Checks {
    /// Each stands in the reply, whatever the case of its letters.
    pub texts: Vec<String>,
    /// None does.
    pub not: Vec<String>,
    /// Each was heard in this conversation, now or before.
    pub heard: Vec<String>,
    /// It matches.
    pub matches: Option<Regex>,
    /// The intent in the host's decision record.
    pub intent: Option<String>,
    /// The code of the outcome there.
    pub code: Option<String>,
    /// From the request to the first words.
    pub within_ms: Option<u64>,
    /// The agent hangs up, or does not.
    pub ends: Option<bool>,
    /// The agent hands the caller over, or does not.
    pub hands_over: Option<bool>,
    /// Exactly this moved since the last look.
    pub transfer: Option<Moved>,
    /// Nothing moved since the last look.
    pub no_transfer: bool,
}

impl Checks {
    /// Something of the reply is looked at, so it must be whole.
    pub(super) fn need_a_reply(&self) -> bool {
        !self.texts.is_empty()
            || !self.not.is_empty()
            || !self.heard.is_empty()
            || self.matches.is_some()
            || self.within_ms.is_some()
            || self.ends.is_some()
            || self.hands_over.is_some()
            || self.need_a_record()
    }

    /// The host's decision record is looked at.
    pub(super) fn need_a_record(&self) -> bool {
        self.intent.is_some() || self.code.is_some()
    }

    /// Money is looked at.
    pub(super) fn need_the_books(&self) -> bool {
        self.transfer.is_some() || self.no_transfer
    }
}

/// Money that must have moved.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Moved {
    /// The bank's account id.
    pub from: String,
    /// The bank's account id.
    pub to: String,
    /// `500.00`, in the script's currency.
    pub amount: String,
}

/// A step as it is written.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Written {
    say: Option<Texts>,
    interrupt: Option<String>,
    after_ms: Option<Count>,
    after_tool: Option<String>,
    heard_words: Option<Count>,
    digits: Option<String>,
    silence: Option<bool>,
    reconnect: Option<bool>,
    hangup: Option<bool>,
    expect: Option<Texts>,
    expect_not: Option<Texts>,
    expect_heard: Option<Texts>,
    matches: Option<String>,
    intent: Option<String>,
    code: Option<String>,
    within_ms: Option<Count>,
    expect_end: Option<bool>,
    expect_human: Option<bool>,
    expect_transfer: Option<Moved>,
    expect_no_transfer: Option<bool>,
}

/// Words of the agent that an interrupting caller has heard, where the script does not say.
const HEARD_WORDS: usize = 2;

impl Script {
    /// Reads a script.
    ///
    /// # Errors
    /// A sentence with the line.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        // "Yes" is what callers say, not a boolean.
        let options = serde_saphyr::options! { strict_booleans: true };
        let read = serde_saphyr::from_str_with_options(text, options);
        let script: Self = read.map_err(|cause| explain::sentence(&cause))?;
        if script.steps.is_empty() {
            return Err("there are no steps".to_owned());
        }
        for step in &script.steps {
            if let Some(moved) = &step.checks.transfer {
                let amount = Money::parse(&moved.amount, &script.currency);
                amount.map_err(|cause| {
                    format!("line {}: `amount: {}`: {cause}", step.line, moved.amount)
                })?;
            }
        }
        Ok(script)
    }

    /// Whether any step looks at money.
    pub(super) fn needs_the_books(&self) -> bool {
        self.steps.iter().any(|step| step.checks.need_the_books())
    }
}

impl Step {
    fn of(written: Spanned<Written>) -> Result<Self, String> {
        let line = written.referenced.line();
        let at = |what: String| format!("line {line}: {what}");
        let written = written.value;
        let matches = written.matches.as_deref().map(pattern).transpose();
        let checks = Checks {
            texts: written.expect.clone().map(Vec::from).unwrap_or_default(),
            not: written
                .expect_not
                .clone()
                .map(Vec::from)
                .unwrap_or_default(),
            heard: written
                .expect_heard
                .clone()
                .map(Vec::from)
                .unwrap_or_default(),
            matches: matches.map_err(at)?,
            intent: written.intent.clone(),
            code: written.code.clone(),
            within_ms: written.within_ms.map(|count| count.0),
            ends: written.expect_end,
            hands_over: written.expect_human,
            transfer: written.expect_transfer.clone(),
            no_transfer: written.expect_no_transfer == Some(true),
        };
        let does = Deed::of(written).map_err(at)?;
        if does.is_none() && !checks.need_a_reply() && !checks.need_the_books() {
            return Err(at("a step that does nothing and expects nothing".to_owned()));
        }
        if matches!(does, Some(Deed::HangUp)) && checks.need_a_reply() {
            return Err(at("after `hangup` nothing is heard any more".to_owned()));
        }
        Ok(Self { line, does, checks })
    }
}

impl Deed {
    fn of(written: Written) -> Result<Option<Self>, String> {
        let is_interruption = written.interrupt.is_some();
        let is = |flag: Option<bool>, deed| (flag == Some(true)).then_some(deed);
        let heard = written
            .heard_words
            .map(|Count(words)| usize::try_from(words).unwrap_or(usize::MAX));
        let when = match (written.after_ms, written.after_tool) {
            (Some(_), Some(_)) => return Err("either `after_ms` or `after_tool`".to_owned()),
            (Some(Count(after_ms)), None) => When::After(after_ms),
            (None, Some(tool)) => When::Works(tool),
            (None, None) => When::Speaks,
        };
        let is_timed = when != When::Speaks || heard.is_some();
        let deeds = [
            written.say.map(|said| Self::Say(said.into())),
            written.interrupt.map(|words| Self::Interrupt {
                words,
                when,
                heard: heard.unwrap_or(HEARD_WORDS),
            }),
            written.digits.map(Self::Press),
            is(written.silence, Self::Silence),
            is(written.reconnect, Self::Reconnect),
            is(written.hangup, Self::HangUp),
        ];
        let mut deeds = deeds.into_iter().flatten();
        let first = deeds.next();
        if deeds.next().is_some() {
            let all = "say, interrupt, digits, silence, reconnect, hangup";
            return Err(format!(
                "a step does one thing of {all}; make two steps of it"
            ));
        }
        if !is_interruption && is_timed {
            let keys = "`after_ms`, `after_tool` and `heard_words`";
            return Err(format!("{keys} belong to `interrupt`"));
        }
        if let Some(Self::Press(digits)) = &first {
            let is_key = |key: char| key.is_ascii_digit() || key == '*' || key == '#';
            if digits.is_empty() || !digits.chars().all(is_key) {
                return Err("`digits`: keys 0 to 9, * and # are expected".to_owned());
            }
        }
        Ok(first)
    }
}

#[cfg(test)]
mod tests;
