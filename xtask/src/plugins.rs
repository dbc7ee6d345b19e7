//! `cargo xtask plugins`: every plugin of a workspace becomes one component in that workspace's `dist` folder.
//!
//! Cargo decides what has to be compiled. A component carries its plugin.toml along, so that one file and one digest are all of it.
//! It is written to a temporary file and renamed, and only where its bytes differ: a running host watches that folder and takes
//! every change for a proposal.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result};
use wasm_encoder::{ComponentSection, CustomSection};

use crate::command;
use crate::plugins::members::{Plugin, Source};
use crate::toolchain::{self, TARGET, Toolchain, Wish};
use crate::workspace::Workspace;

mod border;
mod left_out;
mod members;
mod text;

/// Fresh instances pay for every page of guest memory they touch, so the shadow stack is small and the data lies right behind it.
const STACK: &str = "link-arg=-zstack-size=65536";

/// The section in which the host looks for a component's plugin.toml.
const CARRIED: &str = "bank:voice/plugin.toml";

/// Arguments of `cargo xtask plugins`.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    /// Another workspace of plugins; its components go to FOLDER/dist.
    folder: Option<PathBuf>,
    /// Which compiler.
    #[arg(long, value_enum, default_value_t = Wish::Auto)]
    with: Wish,
    /// Say what each component imports, and let cargo say what it does.
    #[arg(long, short)]
    verbose: bool,
}

/// The command.
pub fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    let folder = arguments
        .folder
        .clone()
        .unwrap_or_else(|| workspace.plugins());
    build_with(workspace, &folder, arguments.with, arguments.verbose)
}

/// What the other commands need: the plugins of `folder`, built by whatever compiler is there.
pub fn build(workspace: &Workspace, folder: &Path) -> Result<()> {
    build_with(workspace, folder, Wish::Auto, false)
}

/// The plugins of `folder` as core modules, for a host that takes no components: the files that cargo left, in cargo's order.
pub fn modules(workspace: &Workspace, folder: &Path) -> Result<Vec<PathBuf>> {
    let plugins = members::list(folder)?;
    let toolchain = toolchain::find(workspace, Wish::Auto)?;
    compile(workspace, folder, &toolchain, &plugins, false)?;
    let artifacts = plugins.iter().filter_map(|plugin| match &plugin.source {
        Source::Package { artifact, .. } => Some(built(workspace, artifact)),
        Source::Text(_) => None,
    });
    Ok(artifacts.collect())
}

fn build_with(workspace: &Workspace, folder: &Path, wish: Wish, verbose: bool) -> Result<()> {
    let start = Instant::now();
    let folder = folder.canonicalize().with_context(|| {
        format!(
            "{} is not there; name a folder with a plugin workspace",
            folder.display()
        )
    })?;
    let plugins = members::list(&folder)?;
    let toolchain = toolchain::find(workspace, wish)?;
    println!("{}", said(&toolchain));
    compile(workspace, &folder, &toolchain, &plugins, verbose)?;
    // All of them first: where one is no component, none is written.
    let components = plugins
        .iter()
        .map(|plugin| encode(workspace, plugin))
        .collect::<Result<Vec<_>>>()?;
    for (plugin, component) in plugins.iter().zip(&components) {
        border::check_phase(plugin.phase.as_deref(), &border::exports(component)?)
            .with_context(|| plugin.name.clone())?;
    }
    let dist = folder.join("dist");
    std::fs::create_dir_all(&dist)
        .with_context(|| format!("{} cannot be made; is it writable?", dist.display()))?;
    let mut written = 0;
    for (plugin, component) in plugins.iter().zip(&components) {
        let file = dist.join(format!("{}.wasm", plugin.name));
        let changed = write_if_changed(&file, component)?;
        written += usize::from(changed);
        if changed || verbose {
            let state = if changed { "written" } else { "unchanged" };
            println!(
                "{} {state}, {} bytes",
                workspace.shown(&file),
                component.len()
            );
        }
        if verbose {
            println!("  imports {}", border::imports(component)?.join(", "));
        }
    }
    for file in left_over(&dist, &plugins)? {
        println!(
            "{} is of no plugin of this workspace: brought by hand, or left of one that was renamed or removed",
            workspace.shown(&file)
        );
    }
    println!(
        "{} plugins in {}, {written} written, {:.1} s",
        plugins.len(),
        workspace.shown(&dist),
        start.elapsed().as_secs_f64()
    );
    Ok(())
}

/// Components in `dist` that none of these plugins became: of a plugin that was renamed or removed, or brought by hand.
fn left_over(dist: &Path, plugins: &[Plugin]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(dist)? {
        let file = entry?.path();
        let is_component = file.extension().is_some_and(|it| it == "wasm");
        let is_built = |plugin: &Plugin| file.file_stem().is_some_and(|it| *it == *plugin.name);
        if is_component && !plugins.iter().any(is_built) {
            files.push(file);
        }
    }
    files.sort();
    Ok(files)
}

fn said(toolchain: &Toolchain) -> String {
    match toolchain {
        Toolchain::Current { version } => {
            format!("Plugins are built by {version} and its {TARGET}")
        }
        Toolchain::Debian { version, linker } => format!(
            "Plugins are built by Debian's {version} with its own standard library, linked by {}; the first time takes about a minute",
            linker.display()
        ),
    }
}

fn compile(
    workspace: &Workspace,
    folder: &Path,
    toolchain: &Toolchain,
    plugins: &[Plugin],
    verbose: bool,
) -> Result<()> {
    let mut command = toolchain.cargo(folder);
    command.args([
        "build",
        "--release",
        "--locked",
        "--lib",
        "--target",
        TARGET,
        "--target-dir",
    ]);
    command.arg(workspace.plugins_target());
    if matches!(toolchain, Toolchain::Debian { .. }) {
        command.arg("-Zbuild-std=std,panic_abort");
    }
    if !verbose {
        command.arg("--quiet");
    }
    for plugin in plugins {
        if let Source::Package { package, .. } = &plugin.source {
            command.args(["--package", package]);
        }
    }
    compiler_flags(&mut command, folder);
    command::run(&mut command)
}

/// Flags are given in the form that outranks all others, so that a `RUSTFLAGS` of the caller cannot lose the small stack. Paths of
/// this machine are cut out of panic messages: the same sources have the same digest in every checkout.
fn compiler_flags(command: &mut Command, folder: &Path) {
    let mut flags = vec!["-C".to_owned(), STACK.to_owned()];
    let mut hide = |from: &Path, to: &str| {
        flags.push(format!("--remap-path-prefix={}={to}", from.display()));
    };
    if let Some(home) = cargo_home() {
        hide(&home, "cargo");
    }
    hide(folder, "plugins");
    command
        .env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"))
        .env_remove("RUSTFLAGS");
}

fn cargo_home() -> Option<PathBuf> {
    let set = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    set.or_else(|| std::env::home_dir().map(|home| home.join(".cargo")))
}

/// What cargo left of a plugin.
fn built(workspace: &Workspace, artifact: &str) -> PathBuf {
    let release = workspace.plugins_target().join(TARGET).join("release");
    release.join(artifact)
}

fn encode(workspace: &Workspace, plugin: &Plugin) -> Result<Vec<u8>> {
    let module = match &plugin.source {
        Source::Package { artifact, .. } => {
            let built = built(workspace, artifact);
            std::fs::read(&built).with_context(|| {
                format!("cargo left no {}; is the crate a cdylib?", built.display())
            })?
        }
        Source::Text(text) => text::module(text, &workspace.root.join("wit"))?,
    };
    wit_component::ComponentEncoder::default()
        .module(&module)
        .and_then(|encoder| encoder.validate(true).encode())
        .map(|component| carrying(component, &plugin.manifest))
        .map_err(|cause| match undeclared(&cause) {
            Some(import) => cause.context(format!(
                "`{import}` is imported by {} and by no world that it names; add the capability to its world, or leave it alone",
                plugin.name
            )),
            None => cause.context(format!(
                "{} is no component; does its lib.rs implement the world it names?",
                plugin.name
            )),
        })
}

/// The import that a module has and its world does not, out of the encoder's words.
fn undeclared(cause: &anyhow::Error) -> Option<String> {
    let said = cause.chain().map(ToString::to_string);
    said.into_iter().find_map(|said| {
        let (_, named) = said.split_once("failed to resolve import `")?;
        let (import, _) = named.split_once('`')?;
        Some(import.to_owned())
    })
}

/// The component with one section more, behind all others.
fn carrying(mut component: Vec<u8>, manifest: &str) -> Vec<u8> {
    let section = CustomSection {
        name: CARRIED.into(),
        data: manifest.as_bytes().into(),
    };
    section.append_to_component(&mut component);
    component
}

/// True where the file had to be written.
fn write_if_changed(file: &Path, bytes: &[u8]) -> Result<bool> {
    if std::fs::read(file).is_ok_and(|there| there == bytes) {
        return Ok(false);
    }
    let folder = file
        .parent()
        .context("a file without a folder; name another one")?;
    let cannot = || format!("{} cannot be written; is it writable?", file.display());
    let mut partial = tempfile::Builder::new()
        .prefix(".")
        .suffix(".partial")
        .tempfile_in(folder)
        .with_context(cannot)?;
    partial.write_all(bytes).with_context(cannot)?;
    readable_by_all(partial.path()).with_context(cannot)?;
    partial.persist(file).with_context(cannot)?;
    Ok(true)
}

/// Temporary files are private; a component is read by a host that may run as another user.
fn readable_by_all(file: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o644))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_import_that_no_world_declares_is_named_first() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let text = "(module (import \"bank:voice/moon@0.1.0\" \"rise\" (func)) (memory (export \"memory\") 1))";
        std::fs::write(folder.path().join("guest.wat"), text).expect("writable");
        let guest = members::Plugin {
            phase: None,
            name: "stargazer".to_owned(),
            source: Source::Text(text::Text {
                folder: folder.path().to_owned(),
                world: "policies".to_owned(),
            }),
            manifest: String::new(),
        };
        let workspace = Workspace::find().expect("this one");
        let refused = encode(&workspace, &guest).expect_err("there is no moon");
        let said = format!("{refused:#}");
        assert!(
            said.starts_with("`bank:voice/moon@0.1.0::rise` is imported by stargazer"),
            "{said}"
        );
    }

    #[test]
    fn a_component_carries_its_plugin_toml_behind_all_else() {
        let carried = carrying(b"\0asm\x0d\0\x01\0".to_vec(), "phase = 'decide'");
        let section = [&b"\0\x27\x16"[..], CARRIED.as_bytes(), b"phase = 'decide'"].concat();
        assert_eq!(carried[8..], section);
    }

    #[test]
    fn a_component_of_no_plugin_is_named() {
        let dist = tempfile::tempdir().expect("a temporary folder");
        for name in ["a.wasm", "old.wasm", "note.txt"] {
            std::fs::write(dist.path().join(name), b"").expect("writable");
        }
        let plugin = Plugin {
            phase: None,
            name: "a".to_owned(),
            source: Source::Package {
                package: "a".to_owned(),
                artifact: "a.wasm".to_owned(),
            },
            manifest: String::new(),
        };
        let found = left_over(dist.path(), &[plugin]).expect("readable");
        assert_eq!(found, [dist.path().join("old.wasm")]);
    }

    #[test]
    fn a_file_is_written_only_where_its_bytes_differ() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("a.wasm");
        assert!(write_if_changed(&file, b"one").expect("writable"));
        assert!(!write_if_changed(&file, b"one").expect("writable"));
        assert!(write_if_changed(&file, b"two").expect("writable"));
        assert_eq!(std::fs::read(&file).expect("there"), b"two");
        assert_eq!(std::fs::read_dir(folder.path()).expect("there").count(), 1);
    }
}
