//! Standard output of every command: the one place that writes to it, and knows what it means when nobody reads it any more.
//!
//! `orchestrator pipeline status | head -1` ends quietly then, as other programs do.

use std::io::{self, ErrorKind, StdoutLock, Write};
use std::process::ExitCode;

/// What shells report of a program whose reader went away: 128 and the number of the signal.
const READER_GONE: u8 = 128 + 13;

/// Whoever read standard output has closed it.
#[derive(Debug, thiserror::Error)]
#[error("nobody reads the output any more")]
struct ReaderGone;

/// Standard output, of which an error says whether its reader went away.
pub(super) struct Output(StdoutLock<'static>);

impl Output {
    pub(super) fn standard() -> Self {
        Self(io::stdout().lock())
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes).map_err(told)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush().map_err(told)
    }
}

/// A pipe may also break on the way to a host; that one is no quiet end.
fn told(cause: io::Error) -> io::Error {
    match cause.kind() {
        ErrorKind::BrokenPipe => io::Error::new(ErrorKind::BrokenPipe, ReaderGone),
        _ => cause,
    }
}

/// Writes an answer and the end of its line.
///
/// # Errors
/// It cannot be written.
pub(super) fn say(text: &str) -> io::Result<()> {
    let mut output = Output::standard();
    writeln!(output, "{text}")?;
    output.flush()
}

/// How a command ends whose reader went away; none where it failed for another reason.
pub(super) fn quiet_end(cause: &anyhow::Error) -> Option<ExitCode> {
    let is_gone = |cause: &(dyn std::error::Error + 'static)| {
        let inner = cause
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        inner.is_some_and(|inner| inner.is::<ReaderGone>())
    };
    cause
        .chain()
        .any(is_gone)
        .then(|| ExitCode::from(READER_GONE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_reader_that_went_away_is_a_quiet_end() {
        let broken = || io::Error::from(ErrorKind::BrokenPipe);
        assert!(quiet_end(&anyhow::Error::from(told(broken())).context("while writing")).is_some());
        assert!(quiet_end(&anyhow::Error::from(broken())).is_none());
        let full = io::Error::from(ErrorKind::StorageFull);
        assert!(quiet_end(&told(full).into()).is_none());
    }
}
