//! The files that propose a revision, read at one moment: the manifest, its files of settings, the components it names.
//!
//! Nothing here is trusted: a file may be half written, vanish, be a pipe, a loop of links or larger than the disk of most. What
//! is read is bounded, must be a file, and must not have changed while it was read.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::Settings;
use super::error::{Error, FilesError, printable};
use super::file::{self, Unreadable};
use super::manifest::{Manifest, StageSpec};
use super::recipe::Recipe;
use super::writers::Identity;
use crate::call::bounds;
use crate::spelling;

/// A manifest is a page or two.
pub(super) const TEXT_BYTES_MAX: u64 = 256 * 1024;
/// Other files of the folder that are looked at.
const OTHERS_MAX: usize = 1_000;

/// What a file looked like when it was read; a change of any of it means that it is another one.
type Look = (u64, i64, i64, u64, u64);

/// A file of the plugin folder that no stage uses.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Ignored {
    /// Its name.
    pub file: String,
    /// Why it counts for nothing.
    pub why: &'static str,
}

/// What the files hold, for whoever loads what they make.
pub(super) struct Files {
    /// The manifest.
    pub(super) manifest: PathBuf,
    /// Its stages, in the order of the recipe's.
    pub(super) stages: Vec<StageSpec>,
    /// The components, by digest.
    pub(super) components: HashMap<String, Arc<[u8]>>,
    /// The digest of each plugin's file.
    pub(super) names: BTreeMap<String, String>,
}

impl Files {
    /// What a sandbox replaces: `transfer-limits day_count_max, night_max`, a stage each.
    pub(super) fn replaced(&self) -> Vec<String> {
        let replaced = |stage: &StageSpec| {
            let keys = &stage.replaced.as_ref()?.keys;
            Some(format!("{} {}", stage.name, keys.join(", ")))
        };
        self.stages.iter().filter_map(replaced).collect()
    }
}

/// The files at one moment.
pub(super) struct Snapshot {
    /// Of everything that was read, as far as it could be.
    pub(super) digest: String,
    /// What they make.
    pub(super) recipe: Result<Recipe, FilesError>,
    /// What they hold.
    pub(super) files: Files,
    /// What lies there for nothing.
    pub(super) ignored: Vec<Ignored>,
    looks: Vec<(PathBuf, Option<Look>)>,
}

impl Snapshot {
    /// Reads all; blocks for as long as the files are large.
    ///
    /// # Errors
    /// [`Error::Unsettled`] where a file changed meanwhile; what is wrong with the files is part of the snapshot.
    pub(super) fn read(
        settings: &Settings,
        sandbox: bool,
        component_bytes_max: u64,
    ) -> Result<Self, Error> {
        let mut reader = Reader {
            hash: Sha256::new_with_prefix([u8::from(sandbox)]),
            looks: Vec::new(),
        };
        let manifest = reader.manifest(settings, sandbox)?;
        let mut files = Files {
            manifest: settings.file.clone(),
            stages: manifest.as_ref().map_or(Vec::new(), |it| it.stages.clone()),
            components: HashMap::new(),
            names: BTreeMap::new(),
        };
        let mut fault = None;
        for spec in &files.stages {
            if files.names.contains_key(&spec.plugin) {
                continue;
            }
            match reader.component(settings, spec, component_bytes_max)? {
                Ok(bytes) => {
                    let digest = hex::encode(Sha256::digest(&bytes));
                    files.names.insert(spec.plugin.clone(), digest.clone());
                    files.components.insert(digest, bytes);
                }
                Err(found) => {
                    fault.get_or_insert(found);
                }
            }
        }
        let used = files.stages.iter().map(|spec| spec.plugin.as_str());
        // Where the manifest cannot be read, nobody knows which files it would name.
        let ignored = match &manifest {
            Ok(_) => others(&settings.plugin_dir, &used.collect()),
            Err(_) => Vec::new(),
        };
        let recipe = match (manifest, fault) {
            (Err(fault), _) | (Ok(_), Some(fault)) => Err(fault),
            (Ok(manifest), None) => {
                let digest = |spec: &StageSpec| files.names[&spec.plugin].clone();
                let digests = manifest.stages.iter().map(digest).collect();
                Ok(Recipe::new(&manifest, digests))
            }
        };
        Ok(Self {
            digest: hex::encode(reader.hash.finalize()),
            recipe,
            files,
            ignored,
            looks: reader.looks,
        })
    }

    /// The files that are there, whatever their names are.
    pub(super) fn identities(&self) -> Vec<(Identity, PathBuf)> {
        let files = self.looks.iter().filter_map(|(path, look)| {
            let (.., inode, device) = (*look)?;
            Some(((device, inode), path.clone()))
        });
        files.collect()
    }

    /// Whether the files still look as they did when they were read.
    pub(super) async fn compared(self) -> (Self, bool) {
        let compared = tokio::task::spawn_blocking(move || {
            let is_current = self.is_current();
            (self, is_current)
        });
        compared.await.expect("looking at files does not panic")
    }

    /// Whether the files still look as they did.
    pub(super) fn is_current(&self) -> bool {
        self.looks
            .iter()
            .all(|(path, look)| std::fs::metadata(path).ok().as_ref().map(look_of) == *look)
    }
}

struct Reader {
    hash: Sha256,
    looks: Vec<(PathBuf, Option<Look>)>,
}

impl Reader {
    fn manifest(
        &mut self,
        settings: &Settings,
        sandbox: bool,
    ) -> Result<Result<Manifest, FilesError>, Error> {
        let path = &settings.file;
        let refuse = |message: String| FilesError::Manifest {
            path: path.clone(),
            message,
        };
        let text = match self.text(path)? {
            Ok(text) => text,
            Err(why) => {
                let why = format!("{why}; is this the manifest? ORCHESTRATOR_PIPELINE names it");
                return Ok(Err(refuse(why)));
            }
        };
        let folder = path.parent().unwrap_or(Path::new(""));
        let mut is_settled = true;
        let parsed = Manifest::parse_with(&text, sandbox, |name| {
            match self.text(&folder.join(name)) {
                Ok(read) => read.map_err(|why| {
                    format!("`settings_file` {name}: {why}; a page of TOML beside the manifest is expected")
                }),
                Err(_) => {
                    is_settled = false;
                    Err(String::new())
                }
            }
        });
        if is_settled {
            Ok(parsed.map_err(refuse))
        } else {
            Err(Error::Unsettled)
        }
    }

    fn text(&mut self, path: &Path) -> Result<Result<String, String>, Error> {
        let read = self.bytes(path, TEXT_BYTES_MAX)?;
        Ok(read.map_err(|why| why.to_string()).and_then(|bytes| {
            String::from_utf8(bytes).map_err(|cause| {
                let whole = cause.utf8_error().valid_up_to();
                let before = &cause.as_bytes()[..whole];
                let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
                format!("line {line} holds a letter that is not UTF-8; save the file as UTF-8")
            })
        }))
    }

    fn component(
        &mut self,
        settings: &Settings,
        spec: &StageSpec,
        bytes_max: u64,
    ) -> Result<Result<Arc<[u8]>, FilesError>, Error> {
        let (folder, plugin) = (&settings.plugin_dir, &spec.plugin);
        let path = folder.join(format!("{plugin}.wasm"));
        let read = self.bytes(&path, bytes_max)?;
        Ok(read.map(Arc::from).map_err(|why| FilesError::Unreadable {
            place: format!("{}: line {}", settings.file.display(), spec.places.line()).into(),
            nearest: nearest(folder, plugin),
            plugin: plugin.clone(),
            path,
            why,
        }))
    }

    /// A whole file, or why it cannot be one.
    fn bytes(&mut self, path: &Path, bytes_max: u64) -> Result<Result<Vec<u8>, Unreadable>, Error> {
        let read = file::read(path, bytes_max).map(|(facts, bytes)| (look_of(&facts), bytes));
        let look = std::fs::metadata(path).ok().as_ref().map(look_of);
        if let Ok((seen, _)) = &read
            && look != Some(*seen)
        {
            return Err(Error::Unsettled);
        }
        self.looks.push((path.to_owned(), look));
        // Its name, not its place: the same files elsewhere are the same files.
        let name = path.file_name().unwrap_or_default();
        self.hash.update(name.as_encoded_bytes());
        self.hash.update([0]);
        let content = read.map(|(_, bytes)| bytes);
        match &content {
            Ok(bytes) => self.hash.update(Sha256::digest(bytes)),
            Err(why) => self.hash.update(why.to_string()),
        }
        Ok(content)
    }
}

fn look_of(facts: &Metadata) -> Look {
    (
        facts.len(),
        facts.mtime(),
        facts.mtime_nsec(),
        facts.ino(),
        facts.dev(),
    )
}

/// The component of the folder whose name is most like one that is not there.
fn nearest(folder: &Path, plugin: &str) -> Option<String> {
    let entries = std::fs::read_dir(folder).ok()?.take(OTHERS_MAX);
    let name =
        |entry: std::io::Result<std::fs::DirEntry>| entry.ok()?.file_name().into_string().ok();
    let files: Vec<String> = entries.filter_map(name).collect();
    let stems = files.iter().filter_map(|file| file.strip_suffix(".wasm"));
    let others = stems.filter(|stem| bounds::is_safe_id(stem) && *stem != plugin);
    spelling::nearest(plugin, others).map(str::to_owned)
}

/// What else lies in the folder, without the hidden files that writers leave for a moment.
fn others(folder: &Path, used: &HashSet<&str>) -> Vec<Ignored> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut ignored: Vec<Ignored> = entries
        .filter_map(Result::ok)
        .take(OTHERS_MAX)
        .filter_map(|entry| {
            let file = entry.file_name().to_string_lossy().into_owned();
            let stem = file.strip_suffix(".wasm");
            if file.starts_with('.') || stem.is_some_and(|stem| used.contains(stem)) {
                return None;
            }
            let why = if stem.is_some() {
                "no stage of the pipeline names this plugin"
            } else {
                "plugins are files that end in .wasm"
            };
            // One line each, whatever its name holds.
            let file = printable(&file).replace('\n', "\u{fffd}");
            Some(Ignored { file, why })
        })
        .collect();
    ignored.sort_unstable();
    ignored
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::*;

    const MANIFEST: &str = "without = [\"route\", \"fulfil\", \"shape\"]\n[[stage]]\nphase = \"decide\"\nplugin = \"a\"\n";

    struct Folder(tempfile::TempDir);

    impl Folder {
        fn new() -> Self {
            let folder = Self(tempfile::tempdir().unwrap());
            folder.write("pipeline.toml", MANIFEST.as_bytes());
            folder.write("a.wasm", b"bytes");
            folder
        }

        fn path(&self, name: &str) -> PathBuf {
            self.0.path().join(name)
        }

        fn write(&self, name: &str, bytes: &[u8]) {
            std::fs::write(self.path(name), bytes).unwrap();
        }

        fn read(&self) -> Snapshot {
            let settings = Settings {
                file: self.path("pipeline.toml"),
                plugin_dir: self.0.path().to_owned(),
                ..Settings::default()
            };
            Snapshot::read(&settings, false, 1_000).unwrap()
        }

        #[track_caller]
        fn assert_refused(&self, words: &str) {
            let refused = self.read().recipe.expect_err(words).to_string();
            assert!(refused.contains(words), "{refused}");
        }
    }

    #[test]
    fn the_same_files_have_the_same_digest_and_any_other_byte_another() {
        let folder = Folder::new();
        let first = folder.read();
        assert!(first.recipe.is_ok() && first.is_current());
        assert_eq!(folder.read().digest, first.digest);
        folder.write("a.wasm", b"others");
        assert!(!first.is_current());
        assert_ne!(folder.read().digest, first.digest);
        assert_eq!(first.ignored[0].file, "pipeline.toml");
    }

    #[test]
    fn what_is_no_file_of_a_sane_size_is_refused_with_the_reason() {
        let folder = Folder::new();
        let plugin = folder.path("a.wasm");
        let empty_it = || std::fs::remove_file(&plugin).unwrap();
        File::create(&plugin).unwrap().set_len(1 << 40).unwrap();
        folder.assert_refused("at most 1000 are taken); make it smaller");
        empty_it();
        folder.assert_refused("no such file); build the plugins");
        folder.write("aa.wasm", b"bytes");
        folder.assert_refused("no such file); did you mean `aa`?");
        std::os::unix::fs::symlink(&plugin, &plugin).unwrap();
        folder.assert_refused("symbolic links");
        empty_it();
        std::fs::create_dir(&plugin).unwrap();
        folder.assert_refused("no file");
        std::fs::remove_dir(&plugin).unwrap();
        let made = std::process::Command::new("mkfifo").arg(&plugin).status();
        assert!(made.unwrap().success());
        folder.assert_refused("no file");
        folder.write("pipeline.toml", &[0xff, 0xfe]);
        folder.assert_refused("UTF-8");
        assert!(
            folder.read().ignored.is_empty(),
            "nobody knows what is used"
        );
    }
}
