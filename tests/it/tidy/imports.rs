//! Who imports whom: between the host's modules by the table, between the files of a folder without loops, and over borders.
//!
//! Every path counts, in `use`, in code and in macros; a path through a re-export counts for the module that re-exports.

use std::collections::{BTreeMap, BTreeSet};

use super::source::{Source, all};
use super::table::{BORDERS, FLOORS, IMPURE, PURE, TELEMETRY_USERS};

type Graph = BTreeMap<String, BTreeMap<String, String>>;

fn compiled() -> impl Iterator<Item = &'static Source> {
    all().iter().filter(|source| !source.is_test)
}

fn of_host() -> impl Iterator<Item = &'static Source> {
    compiled().filter(|source| source.path.starts_with("host/src/"))
}

/// The name in the table.
fn node(module: &[String]) -> String {
    match module {
        [app, sandbox, ..] if app == "app" && sandbox == "sandbox" => "app::sandbox".to_owned(),
        [first, ..] => first.clone(),
        [] => "lib".to_owned(),
    }
}

/// Imports that the table does not allow.
pub fn against_the_table() -> Vec<String> {
    let floor = |name: &str| FLOORS.iter().position(|(known, _)| *known == name);
    let mut faults = BTreeSet::new();
    for source in of_host() {
        let from = node(&source.module);
        let Some(from_floor) = floor(&from) else {
            faults.insert(format!(
                "`{from}` ({}) has no floor in the table",
                source.path
            ));
            continue;
        };
        for (path, at) in &source.found.inner {
            let to = node(path);
            let Some(to_floor) = floor(&to) else { continue };
            let is_allowed = if to == "telemetry" {
                TELEMETRY_USERS.contains(&from.as_str())
            } else {
                to_floor > from_floor
            };
            if from != to && !is_allowed {
                faults.insert(format!("{}:{at}: `{from}` imports `{to}`", source.path));
            }
        }
    }
    faults.into_iter().collect()
}

/// Loops between the modules of one folder, the crates' top level included.
pub fn loops() -> Vec<String> {
    let mut crates: BTreeMap<String, Vec<&Source>> = BTreeMap::new();
    for source in compiled() {
        let (name, _) = source
            .path
            .split_once("/src/")
            .unwrap_or((&source.path, ""));
        crates.entry(name.to_owned()).or_default().push(source);
    }
    crates
        .iter()
        .flat_map(|(name, sources)| loops_of(name, sources))
        .collect()
}

fn loops_of(name: &str, sources: &[&Source]) -> Vec<String> {
    let modules: BTreeSet<&[String]> = sources
        .iter()
        .map(|source| source.module.as_slice())
        .collect();
    let mut folders: BTreeMap<Vec<String>, Graph> = BTreeMap::new();
    for source in sources {
        for (path, at) in &source.found.inner {
            let to = (0..=path.len()).rev().map(|len| &path[..len]);
            let Some(to) = to.into_iter().find(|path| modules.contains(path)) else {
                continue;
            };
            let from = &source.module;
            let common = from.iter().zip(to).take_while(|(a, b)| a == b).count();
            if let (Some(a), Some(b)) = (from.get(common), to.get(common)) {
                let why = format!("{}:{at}", source.path);
                let graph = folders.entry(from[..common].to_vec()).or_default();
                graph.entry(a.clone()).or_default().insert(b.clone(), why);
            }
        }
    }
    let mut faults = Vec::new();
    for (folder, mut graph) in folders {
        if folder.is_empty() && name == "host" {
            // The table holds the top level, where the sandbox bank is a module of its own.
            graph.remove("config");
        }
        faults
            .extend(loop_in(&graph).map(|found| format!("{name} {}: {found}", folder.join("::"))));
    }
    faults
}

/// Takes away what imports nothing that is left, and what nothing that is left imports; what remains is tied in loops.
fn loop_in(graph: &Graph) -> Option<String> {
    let mut left = graph.clone();
    loop {
        let imports_some = |name: &String| left[name].keys().any(|to| left.contains_key(to));
        let is_imported = |name: &String| left.values().any(|imports| imports.contains_key(name));
        let is_free = |name: &&String| !imports_some(name) || !is_imported(name);
        let free: Vec<String> = left.keys().filter(is_free).cloned().collect();
        if free.is_empty() {
            break;
        }
        for name in free {
            left.remove(&name);
        }
    }
    let tied = |to: &String| left.contains_key(to);
    let edges: Vec<String> = left
        .iter()
        .flat_map(|(from, imports)| {
            let inside = imports.iter().filter(|(to, _)| tied(to));
            inside.map(move |(to, why)| format!("{from} -> {to} ({why})"))
        })
        .collect();
    (!edges.is_empty()).then(|| edges.join(", "))
}

/// Libraries named outside their border.
pub fn over_borders() -> Vec<String> {
    let mut faults = BTreeSet::new();
    for source in compiled() {
        for (library, inside) in BORDERS {
            if inside.iter().any(|start| source.path.starts_with(start)) {
                continue;
            }
            for (path, at) in &source.found.outer {
                if path[0] == library {
                    faults.insert(format!("{}:{at}: {library}", source.path));
                }
            }
        }
    }
    faults.into_iter().collect()
}

/// What pure files name that does something outside them: reads a clock, a file, the network, or starts a task.
pub fn impure() -> Vec<String> {
    let mut faults = BTreeSet::new();
    for source in compiled().filter(|source| PURE.iter().any(|part| source.path.contains(part))) {
        for (path, at) in &source.found.outer {
            let path = path.join("::");
            if IMPURE
                .iter()
                .any(|start| path == *start || path.starts_with(&format!("{start}::")))
            {
                faults.insert(format!("{}:{at}: {path}", source.path));
            }
        }
    }
    faults.into_iter().collect()
}
