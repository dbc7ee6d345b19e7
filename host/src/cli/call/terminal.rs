//! A caller at the keyboard: what is typed is said, the agent's words come at the pace of speech, Enter cuts in.
//!
//! Lines only, so it works over any terminal and with a pipe. The end of the input hangs up. Whoever pipes cannot hear when the
//! agent has finished, so each line waits for that.

use std::io::{BufRead as _, IsTerminal as _, Write};
use std::time::Duration;

use anyhow::Result;
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};

use super::line::{Happening, Line, Over};
use super::play::Reason;
use super::provider::{After, Effect, NO_WORDS};

/// Lines that may wait for a slow agent.
const LINES_MAX: usize = 64;
/// Nobody listens to a pipe at the pace of speech.
const PIPED_WORDS_PER_MINUTE: u32 = 6_000;

/// Where the caller's lines come from.
pub(super) struct Input {
    /// One by one.
    pub lines: mpsc::Receiver<String>,
    /// From a pipe or a file, not from somebody at a keyboard.
    pub is_piped: bool,
}

impl Input {
    /// Standard input cannot be waited for without a thread of its own, which ends with the process.
    pub(super) fn standard() -> Self {
        let (sender, lines) = mpsc::channel(LINES_MAX);
        std::thread::spawn(move || {
            for line in std::io::stdin().lock().lines() {
                let Ok(line) = line else { return };
                if sender.blocking_send(line).is_err() {
                    return;
                }
            }
        });
        Self {
            lines,
            is_piped: !std::io::stdin().is_terminal(),
        }
    }
}

/// What a typed line means.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Typed {
    Say(String),
    Press(String),
    Silence,
    HangUp,
    /// Enter alone: noise while the agent speaks, nothing otherwise.
    Nothing,
    Unknown(String),
}

fn typed(line: &str) -> Typed {
    let line = line.trim();
    let Some(order) = line.strip_prefix('/') else {
        return match line {
            "" => Typed::Nothing,
            words => Typed::Say(words.to_owned()),
        };
    };
    let is_key = |key: char| key.is_ascii_digit() || key == '*' || key == '#';
    match order.split_once(' ').unwrap_or((order, "")) {
        ("digits", keys) if !keys.is_empty() && keys.chars().all(is_key) => {
            Typed::Press(keys.to_owned())
        }
        ("silence", "") => Typed::Silence,
        ("hangup", "") => Typed::HangUp,
        _ => Typed::Unknown(format!(
            "/{order}: known are /digits 1234, /silence and /hangup; anything else is said"
        )),
    }
}

/// A call by hand.
struct Terminal<'a, 'h> {
    line: &'a mut Line<'h>,
    out: &'a mut dyn Write,
    /// A line of the agent's is open.
    is_open: bool,
    /// The end of the newest reply was reached, and what follows it done.
    is_told: bool,
    is_piped: bool,
}

/// Talks until somebody hangs up; gives why the call ended.
///
/// # Errors
/// The connection cannot be made again.
pub(super) async fn talk(
    line: &mut Line<'_>,
    mut input: Input,
    words_per_minute: u32,
    out: &mut dyn Write,
) -> Result<Reason> {
    let is_piped = input.is_piped;
    let words_per_minute = if is_piped {
        PIPED_WORDS_PER_MINUTE
    } else {
        words_per_minute
    };
    let mut pace = interval(Duration::from_secs(60) / words_per_minute);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut terminal = Terminal {
        line,
        out,
        is_open: false,
        is_told: false,
        is_piped,
    };
    if !is_piped {
        terminal.note("type and press Enter to speak; Enter alone cuts in; /digits 1234, /silence, /hangup or Ctrl-D");
    }
    let interrupted = tokio::signal::ctrl_c();
    tokio::pin!(interrupted);
    loop {
        let is_behind = !terminal.is_told;
        let ended = tokio::select! {
            happening = terminal.line.next() => terminal.take(happening?),
            _ = pace.tick(), if is_behind => terminal.speak().await,
            typed = input.lines.recv(), if !(is_piped && is_behind) => terminal.act(typed).await,
            _ = &mut interrupted => terminal.act(None).await,
        };
        if let Some(reason) = ended {
            terminal.line.close().await;
            return Ok(reason);
        }
    }
}

impl Terminal<'_, '_> {
    /// The terminal may be gone; the call then ends with its input.
    fn print(&mut self, text: &str) {
        let _ = self.out.write_all(text.as_bytes());
        let _ = self.out.flush();
    }

    fn note(&mut self, what: &str) {
        self.close_line();
        self.print(&format!("  ({what})\n"));
    }

    fn close_line(&mut self) {
        if std::mem::take(&mut self.is_open) {
            self.print("\n");
        }
    }

    fn take(&mut self, happening: Happening) -> Option<Reason> {
        match happening {
            Happening::Frame(Effect::Fault(what)) => {
                self.note(&format!("against the protocol: {what}"))
            }
            Happening::Frame(Effect::Invoked { name, .. }) => self.note(&format!("tool {name}")),
            Happening::Frame(Effect::Returned { worked: false, .. }) => {
                self.note("the tool failed")
            }
            Happening::Frame(_) => {}
            Happening::Reconnected(why) => self.note(&format!("{why}; connected again")),
            Happening::Over(Over::HungUp) => {
                self.note("the host closed the line");
                return Some("agent_hangup");
            }
            Happening::Over(Over::Lost(reason, why)) => {
                self.note(&format!("{why}; Retell would end this call with {reason}"));
                return Some(reason);
            }
        }
        None
    }

    /// The next word, or what follows the last one.
    async fn speak(&mut self) -> Option<Reason> {
        let word = self.line.provider.hear(1);
        if !word.is_empty() {
            if !std::mem::replace(&mut self.is_open, true) {
                self.print("agent: ");
            }
            self.print(&word);
        }
        if self.line.provider.is_speaking() {
            return None;
        }
        self.is_told = true;
        self.close_line();
        let update = self.line.provider.update(Some("user_turn"));
        self.line.send(&update).await;
        match self.line.provider.after().cloned() {
            Some(After::End) => {
                self.note("the agent hung up");
                Some("agent_hangup")
            }
            Some(After::HandOver(number)) => {
                self.note(&format!("you are connected to {number}"));
                Some("call_transfer")
            }
            Some(After::Press(key)) => {
                self.note(&format!("the agent presses {key}"));
                None
            }
            None => None,
        }
    }

    async fn act(&mut self, line: Option<String>) -> Option<Reason> {
        let Some(line) = line else {
            self.note("you hung up");
            return Some("user_hangup");
        };
        let cuts_in = self.line.provider.is_speaking();
        let typed = typed(&line);
        if self.is_piped && typed != Typed::Nothing {
            self.print(&format!("caller: {}\n", line.trim()));
        }
        if cuts_in && self.line.provider.must_be_heard() && typed != Typed::HangUp {
            self.note("this may not be interrupted; say it again afterwards");
            return None;
        }
        let request = match typed {
            Typed::Say(words) => self.line.provider.say(&words),
            Typed::Press(digits) => self.line.provider.press(&digits),
            Typed::Silence => self.line.provider.remind(),
            Typed::Nothing if cuts_in => self.line.provider.say(NO_WORDS),
            Typed::Nothing => {
                // Empty lines of a file part others from each other; nobody meant anything by them.
                if !self.is_piped {
                    self.note("nothing to interrupt; type what you want to say");
                }
                return None;
            }
            Typed::HangUp => {
                self.note("you hung up");
                return Some("user_hangup");
            }
            Typed::Unknown(help) => {
                self.note(&help);
                return None;
            }
        };
        if std::mem::take(&mut self.is_open) {
            self.print("—\n");
        }
        self.is_told = false;
        self.line.send(&request).await;
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typed_line_is_said_unless_it_is_an_order() {
        for (line, expected) in [
            ("My balance?\n", Typed::Say("My balance?".to_owned())),
            ("", Typed::Nothing),
            ("/digits 12#", Typed::Press("12#".to_owned())),
            ("/silence", Typed::Silence),
            ("/hangup", Typed::HangUp),
        ] {
            assert_eq!(typed(line), expected, "{line}");
        }
        for line in ["/digits", "/digits abc", "/hang", "/"] {
            assert!(matches!(typed(line), Typed::Unknown(_)), "{line}");
        }
    }
}
