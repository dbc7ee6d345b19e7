//! The transcript that a script's run prints: when, who, what, and how long the agent took.
//!
//! Keys are counted, not shown: they are mostly a PIN.

use std::io::Write;
use std::time::Duration;

use tokio::time::Instant;

/// A conversation on its way to a reader.
pub(super) struct Show<'a> {
    out: &'a mut dyn Write,
    since: Instant,
    replies: usize,
    dropped: usize,
    slowest: Duration,
}

impl<'a> Show<'a> {
    /// From now on.
    pub(super) fn new(out: &'a mut dyn Write) -> Self {
        Self {
            out,
            since: Instant::now(),
            replies: 0,
            dropped: 0,
            slowest: Duration::ZERO,
        }
    }

    /// Who reads may be gone; a conversation does not end for that.
    fn line(&mut self, who: &str, what: &str) {
        let at = self.since.elapsed().as_secs_f64();
        let _ = writeln!(self.out, "  {at:7.3} s  {who:<7} {what}");
    }

    /// The caller spoke.
    pub(super) fn caller(&mut self, words: &str) {
        self.line("caller", words);
    }

    /// The caller pressed so many keys.
    pub(super) fn keys(&mut self, count: usize) {
        self.line("caller", &format!("({count} keys)"));
    }

    /// The agent was heard to the end.
    pub(super) fn agent(&mut self, words: &str, first_words: Option<Duration>, whole: Duration) {
        let ms = |time: Duration| time.as_secs_f64() * 1_000.0;
        let took = match first_words {
            Some(first) => format!("  [{:.1} ms, whole {:.1} ms]", ms(first), ms(whole)),
            None => format!("  [nothing said, {:.1} ms]", ms(whole)),
        };
        self.replies += 1;
        self.slowest = self.slowest.max(first_words.unwrap_or(whole));
        self.line("agent", &format!("{}{took}", words.trim()));
    }

    /// The agent was interrupted after these words.
    pub(super) fn cut(&mut self, words: &str) {
        match words.trim() {
            "" => self.line("agent", "—"),
            words => self.line("agent", &format!("{words} —")),
        }
    }

    /// Anything else.
    pub(super) fn note(&mut self, what: &str) {
        self.line("", &format!("({what})"));
    }

    /// Content of an old request was dropped, as Retell does.
    pub(super) fn dropped(&mut self) {
        self.dropped += 1;
    }

    /// The last line of a script that passed.
    pub(super) fn summary(&mut self, slowest_pong: Option<Duration>) {
        let mut text = format!(
            "  passed: {} replies in {:.2} s, slowest first words {:.1} ms",
            self.replies,
            self.since.elapsed().as_secs_f64(),
            self.slowest.as_secs_f64() * 1_000.0
        );
        if let Some(pong) = slowest_pong {
            text += &format!(", slowest pong {:.1} ms", pong.as_secs_f64() * 1_000.0);
        }
        if self.dropped > 0 {
            text += &format!(", {} late frames dropped", self.dropped);
        }
        let _ = writeln!(self.out, "{text}");
    }
}
