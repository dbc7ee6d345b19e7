//! One file as it is at this moment, within bounds: whoever wrote it, it may be a pipe, a device, or larger than the disk of most.
//!
//! Does not know what the bytes mean.

use std::fs::{File, Metadata, OpenOptions};
use std::io::Read as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// Why a file cannot be read or is not taken, to follow its name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// There is none.
    #[error("there is no such file")]
    Absent,
    /// A folder, a pipe, a device.
    #[error("it is no file")]
    NoFile,
    /// More than is taken of files of its kind.
    #[error("it has {found} bytes, at most {max} are taken")]
    TooLarge {
        /// Its size.
        found: u64,
        /// The bound.
        max: u64,
    },
    /// Anything else, in the system's words.
    #[error("{0}")]
    System(String),
}

impl From<std::io::Error> for Unreadable {
    fn from(cause: std::io::Error) -> Self {
        match cause.kind() {
            std::io::ErrorKind::NotFound => Self::Absent,
            _ => Self::System(cause.to_string()),
        }
    }
}

/// Reads a regular file of at most `bytes_max` bytes, with what the system said of it before; never waits for a writer.
///
/// # Errors
/// [`Unreadable`].
pub fn read(path: &Path, bytes_max: u64) -> Result<(Metadata, Vec<u8>), Unreadable> {
    // A pipe that nobody writes to would be waited for without end.
    let no_wait = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(no_wait)
        .open(path)?;
    let facts = file.metadata()?;
    if !facts.is_file() {
        return Err(Unreadable::NoFile);
    }
    if facts.len() > bytes_max {
        return Err(Unreadable::TooLarge {
            found: facts.len(),
            max: bytes_max,
        });
    }
    let bytes = whole(&file, bytes_max)?;
    Ok((facts, bytes))
}

fn whole(file: &File, bytes_max: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(bytes_max).read_to_end(&mut bytes)?;
    Ok(bytes)
}
