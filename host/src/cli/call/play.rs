//! Plays a script on a line and compares what comes with what is expected; the first difference ends it, with its line.
//!
//! The agent's words are heard at once, except where the caller interrupts: a script takes as long as the host does.

use std::time::Duration;

use anyhow::Result;
use tokio::time::{Instant, sleep_until, timeout_at};

use super::books::Books;
use super::check;
use super::line::{Happening, Line, Over};
use super::provider::{After, Effect};
use super::script::{Checks, Deed, Script, Step, When};
use super::show::Show;

/// Longest that a reply may take; a host ends every turn long before.
const REPLY_WITHIN: Duration = Duration::from_secs(20);
/// Longest that a turn's record may take after its reply.
const RECORDED_WITHIN: Duration = Duration::from_secs(1);
/// Longest that a transfer may take to be in the records after its turn was interrupted.
const MOVED_WITHIN: Duration = Duration::from_secs(5);
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Why a script did not pass.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failed {
    /// What came is not what was expected.
    #[error("line {line}: {what}")]
    Differs {
        /// Of the step.
        line: u64,
        /// In a sentence.
        what: String,
    },
    /// Whoever plays it pressed Ctrl-C: the caller hangs up.
    #[error("interrupted; the call was hung up")]
    Interrupted,
    /// It could not be found out.
    #[error(transparent)]
    Broken(#[from] anyhow::Error),
}

/// How the call ended, as Retell's `disconnection_reason`.
pub(super) type Reason = &'static str;

/// A script at work.
pub(super) struct Player<'a> {
    /// The call.
    pub line: Line<'a>,
    /// What was decided and moved.
    pub books: Books<'a>,
    show: Show<'a>,
    currency: String,
    asked_at: Instant,
    first_words: Option<Duration>,
    /// The newest reply was shown.
    is_told: bool,
    /// Turns that were recorded before the newest request.
    records: usize,
    over: Option<(Reason, String)>,
    fault: Option<String>,
    after: Option<After>,
    /// Tools that the host called since the newest request.
    tools: Vec<String>,
    /// Where the script stands.
    at: u64,
}

impl<'a> Player<'a> {
    /// The line was just connected: the greeting is awaited.
    pub(super) fn new(line: Line<'a>, books: Books<'a>, show: Show<'a>, script: &Script) -> Self {
        Self {
            line,
            books,
            show,
            currency: script.currency.clone(),
            asked_at: Instant::now(),
            first_words: None,
            is_told: false,
            records: 0,
            over: None,
            fault: None,
            after: None,
            tools: Vec::new(),
            at: script.steps.first().map_or(1, |step| step.line),
        }
    }

    /// Plays all steps and hangs up; gives why the call ended.
    pub(super) async fn play(&mut self, script: &Script) -> Result<Reason, Failed> {
        let watches_money = script.needs_the_books();
        if watches_money {
            self.books.open().await?;
        }
        for step in &script.steps {
            self.at = step.line;
            self.step(step).await?;
            self.no_fault()?;
        }
        if self.over.is_none() {
            self.hear_out().await?;
        }
        self.no_fault()?;
        if watches_money {
            let movement = self.books.look().await?;
            let what = || format!("at the end more had moved than was looked at: {movement}");
            self.require(movement.is_none(), what)?;
        }
        self.show.summary(self.line.slowest_pong);
        Ok(self.over.as_ref().map_or("user_hangup", |over| over.0))
    }

    fn differs<T>(&self, what: impl Into<String>) -> Result<T, Failed> {
        let (line, what) = (self.at, what.into());
        Err(Failed::Differs { line, what })
    }

    fn require(&self, holds: bool, what: impl FnOnce() -> String) -> Result<(), Failed> {
        if holds { Ok(()) } else { self.differs(what()) }
    }

    fn no_fault(&self) -> Result<(), Failed> {
        match &self.fault {
            Some(fault) => self.differs(format!("against the protocol: {fault}")),
            None => Ok(()),
        }
    }

    async fn step(&mut self, step: &Step) -> Result<(), Failed> {
        if let Some(deed) = &step.does {
            if let Some((_, how)) = &self.over {
                return self.differs(format!("the call is over: {how}"));
            }
            self.act(deed, step.checks.need_a_record()).await?;
        }
        if step.checks.need_a_reply() {
            self.hear_out().await?;
            self.check_reply(&step.checks).await?;
        }
        if step.checks.need_the_books() {
            self.check_books(&step.checks).await?;
        }
        Ok(())
    }

    async fn act(&mut self, deed: &Deed, wants_record: bool) -> Result<(), Failed> {
        match deed {
            Deed::Interrupt { when, heard, .. } => self.wait_to_interrupt(when, *heard).await?,
            Deed::Reconnect | Deed::HangUp => {}
            Deed::Say(_) | Deed::Press(_) | Deed::Silence => self.hear_out().await?,
        }
        if let (Some((_, how)), false) = (&self.over, matches!(deed, Deed::HangUp)) {
            return self.differs(format!("the call is over: {how}"));
        }
        if wants_record {
            self.records = self.books.decisions().await?.len();
        }
        match deed {
            Deed::Say(texts) => {
                for (at, text) in texts.iter().enumerate() {
                    self.show.caller(text);
                    let request = match at {
                        0 => self.line.provider.say(text),
                        _ => self.line.provider.say_longer(text),
                    };
                    self.ask(request).await;
                }
            }
            Deed::Interrupt { words, .. } => {
                self.show.caller(words);
                let request = self.line.provider.say(words);
                self.ask(request).await;
            }
            Deed::Press(digits) => {
                self.show.keys(digits.len());
                let request = self.line.provider.press(digits);
                self.ask(request).await;
            }
            Deed::Silence => {
                self.show.note("nobody speaks");
                let request = self.line.provider.remind();
                self.ask(request).await;
            }
            Deed::Reconnect => {
                self.show.note("the connection breaks and is made again");
                self.line.break_and_reconnect().await?;
                self.asked_at = Instant::now();
            }
            Deed::HangUp => self.hang_up("user_hangup", "the caller hung up").await,
        }
        Ok(())
    }

    async fn ask(&mut self, request: serde_json::Value) {
        self.line.send(&request).await;
        self.asked_at = Instant::now();
        self.first_words = None;
        self.is_told = false;
        self.after = None;
        self.tools.clear();
    }

    /// Until the caller would cut in; then so many words are heard.
    async fn wait_to_interrupt(&mut self, when: &When, heard: usize) -> Result<(), Failed> {
        let until = match when {
            When::After(after_ms) => self.asked_at + Duration::from_millis(*after_ms),
            When::Speaks | When::Works(_) => self.asked_at + REPLY_WITHIN,
        };
        while self.over.is_none() {
            let is_complete = self.line.provider.is_complete();
            match when {
                When::After(_) => {}
                When::Speaks if !self.line.provider.reply().trim().is_empty() => break,
                When::Speaks if is_complete => {
                    return self.differs("there is nothing to interrupt: the reply is empty");
                }
                When::Works(tool) if self.tools.contains(tool) => break,
                When::Works(tool) if is_complete => {
                    return self.differs(format!("the host did not call the tool {tool}"));
                }
                When::Speaks | When::Works(_) => {}
            }
            match when {
                When::After(_) if self.happen_before(until).await?.is_none() => break,
                When::After(_) => {}
                When::Speaks | When::Works(_) => self.happen(until).await?,
            }
        }
        if self.line.provider.must_be_heard() {
            self.show.note("this may not be interrupted");
            return self.hear_out().await;
        }
        if !self.is_told {
            let words = self.line.provider.hear(heard);
            self.show.cut(&words);
            self.is_told = true;
        }
        Ok(())
    }

    /// Waits until the reply is whole, and hears all of it.
    async fn hear_out(&mut self) -> Result<(), Failed> {
        let until = self.asked_at + REPLY_WITHIN;
        while !self.line.provider.is_complete() {
            if let Some((_, how)) = &self.over {
                return self.differs(format!("the call is over: {how}"));
            }
            self.happen(until).await?;
        }
        if self.is_told {
            return Ok(());
        }
        self.is_told = true;
        self.line.provider.hear_all();
        let whole = self.asked_at.elapsed();
        self.show
            .agent(self.line.provider.reply(), self.first_words, whole);
        let update = self.line.provider.update(Some("user_turn"));
        self.line.send(&update).await;
        self.after = self.line.provider.after().cloned();
        match self.after.clone() {
            Some(After::End) => self.hang_up("agent_hangup", "the agent hung up").await,
            Some(After::HandOver(number)) => {
                self.show
                    .note(&format!("the caller is connected to {number}"));
                self.hang_up("call_transfer", "the caller was handed over")
                    .await;
            }
            Some(After::Press(key)) => self.show.note(&format!("the agent presses {key}")),
            None => {}
        }
        Ok(())
    }

    async fn hang_up(&mut self, reason: Reason, how: &str) {
        self.show.note(how);
        self.over = Some((reason, how.to_owned()));
        self.line.close().await;
    }

    async fn happen(&mut self, until: Instant) -> Result<(), Failed> {
        match self.happen_before(until).await? {
            Some(()) => Ok(()),
            None => self.differs(format!(
                "no complete reply within {} s; so far: {:?}",
                REPLY_WITHIN.as_secs(),
                self.line.provider.reply()
            )),
        }
    }

    /// One thing happens, or none until then.
    async fn happen_before(&mut self, until: Instant) -> Result<Option<()>, Failed> {
        let Ok(happening) = timeout_at(until, self.line.next()).await else {
            return Ok(None);
        };
        match happening? {
            Happening::Frame(effect) => self.take(effect),
            Happening::Reconnected(why) => self.show.note(&format!("{why}; connected again")),
            Happening::Over(Over::HungUp) => {
                self.hang_up("agent_hangup", "the host closed the line")
                    .await;
            }
            Happening::Over(Over::Lost(reason, why)) => self.hang_up(reason, &why).await,
        }
        Ok(Some(()))
    }

    fn take(&mut self, effect: Effect) {
        match effect {
            Effect::Speaks | Effect::Completed => {
                if !self.line.provider.reply().trim().is_empty() {
                    self.first_words.get_or_insert(self.asked_at.elapsed());
                }
            }
            Effect::Invoked { name, .. } => {
                self.show.note(&format!("tool {name}"));
                self.tools.push(name);
            }
            Effect::Returned { worked: false, .. } => self.show.note("the tool failed"),
            Effect::Fault(what) => self.fault = Some(what),
            Effect::Discarded(_) => self.show.dropped(),
            Effect::Returned { .. } | Effect::Configured(_) | Effect::Pong | Effect::Quiet => {}
        }
    }

    async fn check_reply(&mut self, checks: &Checks) -> Result<(), Failed> {
        let found = check::reply(checks, self.line.provider.reply(), self.after.as_ref());
        if let Some(what) = found.or_else(|| check::pace(checks, self.first_words)) {
            return self.differs(what);
        }
        if let Some(text) = self.line.provider.unheard(&checks.heard) {
            return self.differs(format!("{text:?} was not heard in this conversation"));
        }
        if !checks.need_a_record() {
            return Ok(());
        }
        let until = Instant::now() + RECORDED_WITHIN;
        loop {
            let decisions = self.books.decisions().await?;
            let newest = decisions.get(self.records..).unwrap_or_default().last();
            match check::record(checks, newest) {
                None => return Ok(()),
                Some(what) if Instant::now() >= until => return self.differs(what),
                Some(_) => sleep_until(Instant::now() + LOOK_EVERY).await,
            }
        }
    }

    /// A transfer whose turn was interrupted is finished and recorded behind the caller's back, so it is waited for.
    async fn check_books(&mut self, checks: &Checks) -> Result<(), Failed> {
        if !self.line.provider.is_complete() && self.over.is_none() {
            self.hear_out().await?;
        }
        let mut movement = self.books.look().await?;
        let Some(moved) = &checks.transfer else {
            let what = || format!("nothing should have moved; {movement}");
            return self.require(movement.is_none(), what);
        };
        let until = Instant::now() + MOVED_WITHIN;
        while movement.payments.is_empty() && Instant::now() < until {
            sleep_until(Instant::now() + LOOK_EVERY).await;
            movement = movement.and(self.books.look().await?);
        }
        let (amount, from, to) = (&moved.amount, &moved.from, &moved.to);
        let what = || format!("{amount} from {from} to {to} should have moved once; {movement}");
        self.require(movement.is(moved, &self.currency)?, what)
    }
}
