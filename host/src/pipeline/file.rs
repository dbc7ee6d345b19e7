//! One file as it is at this moment, within bounds: whoever wrote it, it may be a pipe, a device, or larger than the disk of most.
//!
//! Does not know what the bytes mean.

use std::fs::{File, Metadata, OpenOptions};
use std::io::Read as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// Reads a regular file of at most `bytes_max` bytes, with what the system said of it before; never waits for a writer.
///
/// # Errors
/// Why it cannot be read or is not taken, to follow the file's name.
pub fn read(path: &Path, bytes_max: u64) -> Result<(Metadata, Vec<u8>), String> {
    let text = |cause: std::io::Error| cause.to_string();
    // A pipe that nobody writes to would be waited for without end.
    let no_wait = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(no_wait)
        .open(path)
        .map_err(text)?;
    let facts = file.metadata().map_err(text)?;
    if !facts.is_file() {
        return Err("it is no file".to_owned());
    }
    if facts.len() > bytes_max {
        let found = facts.len();
        return Err(format!(
            "it has {found} bytes, at most {bytes_max} are taken"
        ));
    }
    let bytes = whole(&file, bytes_max).map_err(text)?;
    Ok((facts, bytes))
}

fn whole(file: &File, bytes_max: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(bytes_max).read_to_end(&mut bytes)?;
    Ok(bytes)
}
