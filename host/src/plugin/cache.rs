//! Compiled code on disk, by the component's digest and the engine that made it: a host that starts, or rolls back, does not
//! compile again.
//!
//! Loading machine code means trusting it. So the folder belongs to the host's own account and is closed to all others, and every
//! file begins with a digest of what follows; whatever does not fit is left alone and compiled anew. A host without a usable
//! folder works, and says once what that costs.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use sha2::{Digest as _, Sha256};

/// Bytes of the digest at the head of each file.
const HEAD: usize = 32;

/// The folder; once per process.
#[derive(Debug)]
pub(super) struct Cache {
    folder: Option<PathBuf>,
    /// Names the engine's settings and version.
    made_by: String,
    bytes_max: u64,
}

impl Cache {
    /// Opens the folder, and makes it where it is missing.
    pub(super) fn open(folder: &Path, made_by: String, bytes_max: u64) -> Self {
        let folder = match private(folder) {
            Ok(()) => Some(folder.to_owned()),
            Err(why) => {
                let folder = folder.display();
                tracing::warn!(
                    "compiled plugins are not kept in {folder}: {why}; every start compiles them again"
                );
                None
            }
        };
        Self {
            folder,
            made_by,
            bytes_max,
        }
    }

    /// Keeps nothing.
    pub(super) fn nowhere() -> Self {
        Self {
            folder: None,
            made_by: String::new(),
            bytes_max: 0,
        }
    }

    /// The code of this component, where it is kept and whole.
    pub(super) fn get(&self, digest: &str) -> Option<Vec<u8>> {
        let path = self.path(digest)?;
        let mut kept = fs::read(&path).ok()?;
        if kept.len() <= HEAD {
            return None;
        }
        let code = kept.split_off(HEAD);
        if Sha256::digest(&code).as_slice() != kept {
            tracing::warn!(
                digest,
                "the compiled plugin on disk is damaged; it is compiled again"
            );
            let _ = fs::remove_file(&path);
            return None;
        }
        // Its age tells how long it was not used.
        if let Ok(file) = fs::File::open(&path) {
            let _ = file.set_modified(SystemTime::now());
        }
        Some(code)
    }

    /// Keeps code; what cannot be written is compiled again some day.
    pub(super) fn put(&self, digest: &str, code: &[u8]) {
        let Some((folder, path)) = self.folder.as_ref().zip(self.path(digest)) else {
            return;
        };
        let written = tempfile::NamedTempFile::new_in(folder).and_then(|mut file| {
            file.write_all(&Sha256::digest(code))?;
            file.write_all(code)?;
            file.persist(&path).map_err(std::io::Error::from)
        });
        match written {
            Ok(_) => self.trim(folder),
            Err(cause) => tracing::warn!("a compiled plugin cannot be kept: {cause}"),
        }
    }

    fn path(&self, digest: &str) -> Option<PathBuf> {
        let folder = self.folder.as_ref()?;
        Some(folder.join(format!("{digest}-{}.code", self.made_by)))
    }

    /// Removes what was not used for longest until the rest fits.
    fn trim(&self, folder: &Path) {
        let Ok(entries) = fs::read_dir(folder) else {
            return;
        };
        let mut kept: Vec<(SystemTime, u64, PathBuf)> = entries
            .filter_map(|entry| {
                let entry = entry.ok()?;
                let facts = entry.metadata().ok().filter(fs::Metadata::is_file)?;
                Some((facts.modified().ok()?, facts.len(), entry.path()))
            })
            .collect();
        kept.sort_unstable();
        let mut total: u64 = kept.iter().map(|(_, size, _)| size).sum();
        for (_, size, path) in kept {
            if total <= self.bytes_max {
                break;
            }
            if fs::remove_file(&path).is_ok() {
                total -= size;
            }
        }
    }
}

/// Makes the folder, or makes sure that nobody else can write code into it.
fn private(folder: &Path) -> Result<(), String> {
    let mut make = fs::DirBuilder::new();
    make.recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|cause| cause.to_string())?;
    let facts = fs::metadata(folder).map_err(|cause| cause.to_string())?;
    if facts.uid() != rustix::process::geteuid().as_raw() {
        return Err("it belongs to another account".to_owned());
    }
    if facts.mode() & 0o022 != 0 {
        return Err("other accounts may write to it (chmod 700 would do)".to_owned());
    }
    let real = fs::canonicalize(folder).map_err(|cause| cause.to_string())?;
    match real.ancestors().skip(1).find(|above| is_open(above)) {
        Some(open) => Err(format!(
            "other accounts may replace it: they may write to {}",
            open.display()
        )),
        None => Ok(()),
    }
}

/// Whether others may put another folder in the place of one in here; a sticky folder keeps each one's own.
fn is_open(folder: &Path) -> bool {
    let Ok(facts) = fs::metadata(folder) else {
        return true;
    };
    // Many systems give each account a group of its own, whose members are trusted like the account.
    let own_groups = [0, rustix::process::getegid().as_raw()];
    let by_group = facts.mode() & 0o020 != 0 && !own_groups.contains(&facts.gid());
    let by_all = facts.mode() & 0o002 != 0;
    (by_group || by_all) && facts.mode() & 0o1000 == 0
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn cache(folder: &Path, bytes_max: u64) -> Cache {
        Cache::open(folder, "engine-1".to_owned(), bytes_max)
    }

    #[test]
    fn what_was_put_is_got_by_the_same_engine_only_and_never_damaged() {
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join("compiled");
        let kept = cache(&own, 1_000_000);
        kept.put("d1", b"code");
        assert_eq!(kept.get("d1").as_deref(), Some(b"code".as_slice()));
        assert_eq!(kept.get("d2"), None);
        let other = Cache::open(&own, "engine-2".to_owned(), 1_000_000);
        assert_eq!(other.get("d1"), None);
        let file = kept.path("d1").unwrap();
        let mut bytes = fs::read(&file).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        fs::write(&file, bytes).unwrap();
        assert_eq!(kept.get("d1"), None);
        assert!(!file.exists());
    }

    #[test]
    fn the_oldest_goes_when_the_folder_is_full() {
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join("compiled");
        let kept = cache(&own, 250);
        for digest in ["d1", "d2", "d3"] {
            kept.put(digest, &[7; 80]);
        }
        assert_eq!(kept.get("d1"), None);
        assert!(kept.get("d3").is_some());
    }

    #[test]
    fn a_folder_that_others_may_write_to_is_not_trusted() {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
        let kept = cache(folder.path(), 1_000);
        kept.put("d1", b"code");
        assert_eq!(kept.get("d1"), None);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
