//! How long the disk itself takes to make something durable, seen beside a load: what a commit waits for at the least.
//!
//! A thread of its own writes a page of a write-ahead log and waits until it is on disk, again and again.

use std::fs::File;
use std::io::{Seek as _, Write as _};
use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use hdrhistogram::Histogram;

use crate::load::histogram;

/// Between two tries, so that looking costs the disk little.
const EVERY: Duration = Duration::from_millis(10);
/// As PostgreSQL writes.
const PAGE: [u8; 8 * 1024] = [7; 8 * 1024];
/// Written over in turn, like a log of this size.
const PAGES: u64 = 1_024;

/// Looks until it is asked what it saw.
pub struct Disk {
    stop: Sender<()>,
    seen: JoinHandle<Result<Histogram<u64>>>,
}

impl Disk {
    /// The disk of this folder.
    pub fn watch(folder: &Path) -> Result<Self> {
        let file = tempfile::tempfile_in(folder).context("no file to look at the disk with")?;
        let (stop, stopped) = channel();
        let seen = std::thread::spawn(move || look(file, || stopped.recv_timeout(EVERY)));
        Ok(Self { stop, seen })
    }

    /// How long each try took, in microseconds.
    pub fn seen(self) -> Result<Histogram<u64>> {
        drop(self.stop);
        let seen = self.seen.join();
        seen.map_err(|_| anyhow!("looking at the disk ended in a panic"))?
    }
}

fn look(
    mut file: File,
    mut wait: impl FnMut() -> Result<(), RecvTimeoutError>,
) -> Result<Histogram<u64>> {
    for _ in 0..PAGES {
        file.write_all(&PAGE)?;
    }
    file.sync_all()?;
    let mut times_us = histogram()?;
    for page in (0..PAGES).cycle() {
        if wait() != Err(RecvTimeoutError::Timeout) {
            break;
        }
        file.seek(std::io::SeekFrom::Start(page * PAGE.len() as u64))?;
        file.write_all(&PAGE)?;
        let began = Instant::now();
        file.sync_data()?;
        let us = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
        times_us.saturating_record(us.max(1));
    }
    Ok(times_us)
}
