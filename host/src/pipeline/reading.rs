//! Reading the files for a look at them: once nobody writes them any more that was heard of, and again where they changed meanwhile.
//!
//! What they make is not known here.

use std::time::{Duration, Instant};

use super::error::Error;
use super::registry::read;
use super::snapshot::Snapshot;
use super::{Occasion, Pipeline, writers};

/// Reads of files that keep changing, before the look is left to the next change.
const READS_MAX: u32 = 20;
/// Between two reads.
pub(super) const READ_AGAIN_AFTER: Duration = Duration::from_millis(10);
/// Whoever asks waits so long for a file that is being written.
const ASKED_PATIENCE: Duration = Duration::from_secs(2);

impl Pipeline {
    /// Gives whoever writes the files a moment to close them.
    ///
    /// # Errors
    /// [`Error::BeingWritten`].
    pub(super) async fn wait_for_writers(&self) -> Result<(), Error> {
        // What was written just now is told in a moment.
        tokio::time::sleep(READ_AGAIN_AFTER).await;
        let reached = self.rest().reached(ASKED_PATIENCE).await;
        reached.map_err(Error::BeingWritten)
    }

    /// Reads the files where nobody writes them that was heard of; and whether all that changed was heard of. A start has heard of
    /// nobody.
    ///
    /// # Errors
    /// [`Error::BeingWritten`]; nobody is waited for here, since others may want to look.
    pub(super) async fn read_at_rest(&self, occasion: Occasion) -> Result<(Snapshot, bool), Error> {
        if occasion != Occasion::Start {
            let reached = self.rest().reached(Duration::ZERO).await;
            reached.map_err(Error::BeingWritten)?;
        }
        let is_told = self.rest().looked();
        Ok((
            self.read_files().await?,
            is_told && occasion == Occasion::Watch,
        ))
    }

    /// Looks whether somebody writes files of which nobody told that they are whole, as where a link leads to them.
    ///
    /// # Errors
    /// [`Error::BeingWritten`], unless that lasts too long.
    pub(super) async fn written_by_nobody(&self, snapshot: &Snapshot) -> Result<(), Error> {
        match writers::found(snapshot.identities()).await {
            Some(path) if self.rest().is_waited_for(Instant::now()) => {
                Err(Error::BeingWritten(path))
            }
            Some(_) => Ok(()),
            None => {
                self.rest().nobody_found();
                Ok(())
            }
        }
    }

    async fn read_files(&self) -> Result<Snapshot, Error> {
        let mut reads = 0;
        loop {
            match read(
                &self.shared.settings,
                &self.shared.engine,
                self.shared.sandbox,
            )
            .await
            {
                Err(Error::Unsettled) if reads < READS_MAX => reads += 1,
                read => return read,
            }
            tokio::time::sleep(READ_AGAIN_AFTER).await;
        }
    }
}
