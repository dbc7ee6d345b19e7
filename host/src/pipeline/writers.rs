//! Who has a file open for writing at this moment, as far as the system tells: for changes that nobody told of, whose files may not be
//! whole.
//!
//! Linux tells it of the processes of the same user, and root of all.

use std::path::{Path, PathBuf};
use std::time::Duration;

/// Longest look.
const LOOK_WITHIN: Duration = Duration::from_secs(1);

/// A file by device and inode, whatever its names are.
pub(super) type Identity = (u64, u64);

/// The first of these files that a process writes; none where the system does not tell, or not in time: a disk that is far away may not
/// answer.
pub(super) async fn found(files: Vec<(Identity, PathBuf)>) -> Option<PathBuf> {
    let looked = tokio::task::spawn_blocking(move || written(&files));
    let looked = tokio::time::timeout(LOOK_WITHIN, looked).await;
    looked.ok()?.ok()?
}

fn written(files: &[(Identity, PathBuf)]) -> Option<PathBuf> {
    open_for_writing(|identity| {
        let found = files.iter().find(|(known, _)| *known == identity);
        found.map(|(_, path)| path.clone())
    })
}

#[cfg(target_os = "linux")]
fn open_for_writing<T>(wanted: impl Fn(Identity) -> Option<T>) -> Option<T> {
    use std::os::unix::fs::MetadataExt as _;

    let processes = std::fs::read_dir("/proc").ok()?.filter_map(Result::ok);
    let open = processes
        .filter_map(|process| std::fs::read_dir(process.path().join("fd")).ok())
        .flat_map(|files| files.filter_map(Result::ok).map(|file| file.path()));
    // Others' files are asked of their disks last, and only those that are written.
    let mut open = open.filter(|file| is_file(file) && is_for_writing(file));
    open.find_map(|file| {
        let facts = std::fs::metadata(file).ok()?;
        wanted((facts.dev(), facts.ino()))
    })
}

#[cfg(not(target_os = "linux"))]
fn open_for_writing<T>(_: impl Fn(Identity) -> Option<T>) -> Option<T> {
    None
}

/// Whether what is open has a path; a socket and a pipe have none.
#[cfg(target_os = "linux")]
fn is_file(file: &Path) -> bool {
    std::fs::read_link(file).is_ok_and(|target| target.is_absolute())
}

/// Of `/proc/1/fd/3`, by the flags that proc(5) has for it.
#[cfg(target_os = "linux")]
fn is_for_writing(file: &Path) -> bool {
    /// Of O_RDONLY, O_WRONLY and O_RDWR.
    const ACCESS: u32 = 3;
    let flags = || {
        let process = file.parent()?.parent()?;
        let facts = std::fs::read_to_string(process.join("fdinfo").join(file.file_name()?)).ok()?;
        let flags = facts.lines().find_map(|line| line.strip_prefix("flags:"))?;
        u32::from_str_radix(flags.trim(), 8).ok()
    };
    flags().is_some_and(|flags| flags & ACCESS != 0)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::fs::File;
    use std::os::unix::fs::MetadataExt as _;

    use super::*;

    #[test]
    fn a_file_is_written_as_long_as_it_is_open_for_that_under_whatever_name() {
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("a"), folder.path().join("b"));
        let writer = File::create(&path).unwrap();
        std::fs::hard_link(&path, &link).unwrap();
        let facts = std::fs::metadata(&link).unwrap();
        let files = [((facts.dev(), facts.ino()), link.clone())];
        assert_eq!(written(&files), Some(link));
        drop(writer);
        let reader = File::open(&path).unwrap();
        assert_eq!(written(&files), None);
        drop(reader);
    }
}
