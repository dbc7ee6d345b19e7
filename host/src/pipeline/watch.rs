//! Watching the files that propose revisions: what the system tells, and a look of its own now and then.
//!
//! What is told is noted also while a candidate is loaded, and where changes are not taken by themselves: whoever reads the files has to
//! know who writes them.
//!
//! The folders themselves and the one above the plugins are watched, so that a file that is renamed into place, a link that is
//! turned and a folder that is replaced as a whole are all seen. What is told may be lost (a full queue, a network disk), so the
//! files are compared by their looks as well.

use std::collections::HashSet;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use notify::event::{AccessKind, AccessMode, CreateKind, ModifyKind};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::mpsc;

use super::error::Error;
use super::file;
use super::rest::Rest;
use super::settle::Seen;
use super::snapshot::TEXT_BYTES_MAX;
use super::{Occasion, Pipeline, Settings};

/// How often files are compared by their looks.
const OWN_LOOK: Duration = Duration::from_secs(2);
/// After a look that failed for a reason that passes; each time twice as long.
const AGAIN_AFTER_MIN: Duration = Duration::from_millis(500);
const AGAIN_AFTER_MAX: Duration = Duration::from_secs(30);
/// Told changes that wait to be noted; of more it is only known that there were some.
const EVENTS_MAX: usize = 1_024;

/// Watches as long as the process runs.
pub(super) async fn run(pipeline: Pipeline) {
    let takes = async {
        if pipeline.settings().watch {
            take(&pipeline).await;
        }
    };
    tokio::join!(note(&pipeline), takes);
}

/// Notes what happens to the files.
async fn note(pipeline: &Pipeline) {
    let (settings, rest) = (pipeline.settings(), pipeline.rest());
    let (told, mut telling) = mpsc::channel(EVENTS_MAX);
    let lost = Arc::new(AtomicBool::new(false));
    let (mut eyes, _) = Eyes::open(settings, told, Arc::clone(&lost)).looked().await;
    // What changed between the start's own look and the first moment of watching is told by nobody.
    rest.doubt();
    let mut rounds = tokio::time::interval(OWN_LOOK);
    loop {
        tokio::select! {
            event = telling.recv() => match event {
                Some(Ok(event)) => {
                    if eyes.note(&event, rest) {
                        (eyes, _) = eyes.looked().await;
                        if eyes.names_more {
                            rest.doubt();
                        }
                    }
                }
                Some(Err(cause)) => {
                    tracing::warn!("watching the rules: {cause}");
                    rest.doubt();
                }
                None => return,
            },
            _ = rounds.tick() => {
                let looks_new;
                (eyes, looks_new) = eyes.looked().await;
                if looks_new || lost.swap(false, Ordering::Relaxed) {
                    rest.doubt();
                }
            }
        }
    }
}

/// Takes changes once they are at rest.
async fn take(pipeline: &Pipeline) {
    let mut again_after = AGAIN_AFTER_MIN;
    loop {
        pipeline.rest().due().await;
        match pipeline.propose(Occasion::Watch).await {
            Ok(_) => again_after = AGAIN_AFTER_MIN,
            Err(Error::BeingWritten(path)) => {
                tracing::debug!("{} is being written", path.display());
            }
            Err(cause) => {
                let again_ms = again_after.as_millis();
                tracing::warn!(again_ms, "the files of the rules: {}", cause.sentence());
                tokio::time::sleep(again_after).await;
                again_after = (again_after * 2).min(AGAIN_AFTER_MAX);
            }
        }
    }
}

/// What is watched.
struct Eyes {
    settings: Settings,
    watcher: Option<RecommendedWatcher>,
    watched: HashSet<(PathBuf, u64, u64)>,
    looks: Vec<(PathBuf, u64, i64, i64, u64)>,
    /// The manifest's text, to know which files it may mean.
    manifest: String,
    /// Those of them that are there.
    meant: HashSet<PathBuf>,
    /// Whether it means one since the last look that it did not mean before, and for whose writer nobody waited.
    names_more: bool,
}

impl Eyes {
    fn open(
        settings: &Settings,
        told: mpsc::Sender<notify::Result<Event>>,
        lost: Arc<AtomicBool>,
    ) -> Self {
        let watcher = notify::recommended_watcher(move |event| {
            if told.try_send(event).is_err() {
                lost.store(true, Ordering::Relaxed);
            }
        });
        let watcher = watcher.inspect_err(|cause| {
            tracing::warn!(
                "the system tells no changes of files ({cause}); they are looked at every 2 s"
            );
        });
        Self {
            settings: settings.clone(),
            watcher: watcher.ok(),
            watched: HashSet::new(),
            looks: Vec::new(),
            manifest: String::new(),
            meant: HashSet::new(),
            names_more: false,
        }
    }

    /// Looks where that keeps nobody waiting: the folders may be large, or on a disk that is far away.
    async fn looked(mut self) -> (Self, bool) {
        let looked = tokio::task::spawn_blocking(move || {
            let is_new = self.look();
            (self, is_new)
        });
        looked.await.expect("looking at files does not panic")
    }

    /// Watches what is new under its name, and says whether a file looks different from the last time.
    fn look(&mut self) -> bool {
        let (manifest, plugins) = (&self.settings.file, &self.settings.plugin_dir);
        let above = |path: &Path| {
            let parent = path.parent().unwrap_or(Path::new(""));
            if parent.as_os_str().is_empty() {
                PathBuf::from(".")
            } else {
                parent.to_owned()
            }
        };
        let folders = [above(manifest), plugins.clone(), above(plugins)];
        let mut seen = HashSet::new();
        for folder in folders {
            let Ok(facts) = std::fs::metadata(&folder) else {
                continue;
            };
            let key = (folder.clone(), facts.dev(), facts.ino());
            if !self.watched.contains(&key)
                && let Some(watcher) = &mut self.watcher
            {
                // The old watch, if any, belongs to a folder that has lost this name.
                let _ = watcher.unwatch(&folder);
                if let Err(cause) = watcher.watch(&folder, RecursiveMode::NonRecursive) {
                    let folder = folder.display();
                    tracing::warn!(
                        "{folder} cannot be watched ({cause}); it is looked at every 2 s"
                    );
                }
            }
            seen.insert(key);
        }
        self.watched = seen;
        let looks = looks(manifest, plugins);
        self.manifest = file::read(manifest, TEXT_BYTES_MAX).map_or_else(
            |_| String::new(),
            |(_, bytes)| String::from_utf8_lossy(&bytes).into_owned(),
        );
        let paths = looks.iter().map(|(path, ..)| path.clone());
        let meant: HashSet<PathBuf> = paths.filter(|it| self.may_be_meant(it)).collect();
        self.names_more = !meant.is_subset(&self.meant);
        self.meant = meant;
        let is_new = looks != self.looks;
        self.looks = looks;
        is_new
    }

    /// Notes what was told, and says whether the folder under a name is another one now, or the manifest may be.
    fn note(&self, event: &Event, rest: &Rest) -> bool {
        let mut must_look = false;
        if event.need_rescan() {
            rest.doubt();
        }
        for path in &event.paths {
            if let Some(seen) = meaning(event.kind, path)
                && self.concerns(path)
            {
                let is_manifest = *path == self.settings.file;
                let is_waited_for = is_manifest || is_rules(path) && self.may_be_meant(path);
                let seen = if is_waited_for { seen } else { Seen::Complete };
                rest.see(path, seen);
                must_look |=
                    is_manifest || path.file_name() == self.settings.plugin_dir.file_name();
            }
        }
        must_look
    }

    /// Whether a stage may be made of the file: whoever writes one that none names keeps nobody else's change waiting. A plugin is
    /// named without its ending, a file of settings with it.
    fn may_be_meant(&self, path: &Path) -> bool {
        let is_component = path.extension().is_some_and(|ending| ending == "wasm");
        let name = if is_component {
            path.file_stem()
        } else {
            path.file_name()
        };
        let is_named = |name: &str| {
            let mut quoted = ['"', '\'']
                .into_iter()
                .map(|mark| format!("{mark}{name}{mark}"));
            quoted.any(|named| self.manifest.contains(&named))
        };
        name.and_then(|name| name.to_str()).is_some_and(is_named)
    }

    /// Files beside the manifest and in the plugin folder, and that folder itself.
    fn concerns(&self, path: &Path) -> bool {
        concerns(&self.settings, path)
    }
}

/// Links that are turned as a whole have names of all kinds; what else changes is found to be the same set.
fn concerns(settings: &Settings, path: &Path) -> bool {
    let (manifest, plugins) = (&settings.file, &settings.plugin_dir);
    let is_rules = is_rules(path) || path.is_symlink();
    path == manifest
        || path == plugins
        || path.parent() == Some(plugins)
        || (path.parent() == manifest.parent() && is_rules)
}

/// What a stage may be made of; other files are not waited for while somebody writes them.
fn is_rules(path: &Path) -> bool {
    path.extension()
        .is_some_and(|ending| ending == "toml" || ending == "wasm")
}

fn meaning(kind: EventKind, path: &Path) -> Option<Seen> {
    match kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write))
        | EventKind::Modify(ModifyKind::Name(_))
        | EventKind::Create(CreateKind::Folder)
        | EventKind::Remove(_) => Some(Seen::Complete),
        // A link of either kind comes to be without being written.
        EventKind::Create(_) => {
            let facts = std::fs::symlink_metadata(path).ok()?;
            // Nor is what is no file, such as a pipe.
            let is_whole = !facts.is_file() || facts.nlink() > 1;
            Some(if is_whole {
                Seen::Complete
            } else {
                Seen::Written
            })
        }
        EventKind::Modify(ModifyKind::Data(_) | ModifyKind::Any) => Some(Seen::Written),
        EventKind::Modify(_) | EventKind::Access(_) | EventKind::Any | EventKind::Other => None,
    }
}

/// Size, age and identity of every file that counts.
fn looks(manifest: &Path, plugins: &Path) -> Vec<(PathBuf, u64, i64, i64, u64)> {
    let beside = manifest.parent().into_iter();
    let mut looks: Vec<_> = beside
        .chain([plugins])
        .filter_map(|folder| std::fs::read_dir(folder).ok())
        .flat_map(|entries| entries.filter_map(Result::ok).take(2_000))
        .map(|entry| entry.path())
        .filter(|path| is_rules(path) || path == manifest)
        .filter_map(|path| {
            let facts = std::fs::metadata(&path).ok()?;
            let age = (facts.mtime(), facts.mtime_nsec());
            Some((path, facts.len(), age.0, age.1, facts.ino()))
        })
        .collect();
    looks.sort_unstable();
    looks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_tells_of_relative_settings_concerns_them() {
        let settings = Settings {
            file: "config/rules.conf".into(),
            plugin_dir: "./plugins/dist".into(),
            ..Settings::default()
        };
        let here = std::env::current_dir().unwrap();
        let settings = settings.absolute();
        for (path, is_concerned) in [
            ("config/rules.conf", true),
            ("config/limits.toml", true),
            ("config/notes.txt", false),
            ("plugins/dist", true),
            ("plugins/dist/a.wasm", true),
            ("plugins/dist/..data", true),
            ("plugins/other", false),
            ("elsewhere/limits.toml", false),
        ] {
            assert_eq!(
                concerns(&settings, &here.join(path)),
                is_concerned,
                "{path}"
            );
        }
    }
}
