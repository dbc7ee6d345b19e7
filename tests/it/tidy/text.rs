//! Texts that must stand in no file: paths of somebody's machine, and package registries other than the usual one.
//!
//! The patterns are put together here from halves, so that this file does not hold them itself.

use std::sync::LazyLock;

use regex::Regex;

use super::source::{all, walk};
use crate::harness::root;

static MACHINE: LazyLock<Regex> = LazyLock::new(|| {
    let folders = [
        "/ro{}ot/",
        "/ho{}me/[a-z]",
        "/Us{}ers/[A-Za-z]",
        r"[A-Z]:\\Us{}ers",
        "/wo{}rk/[a-z]",
    ];
    let registries = [
        "index.crates{}.io",
        "static.crates{}.io",
        "pypi{}.org",
        "pythonhosted{}.org",
        "registry.np{}mjs.org",
        "proxy.golang{}.org",
        r"sparse{}\+http",
        "artifact{}ory",
        "nex{}us/repository",
    ];
    let all = [folders.as_slice(), registries.as_slice()]
        .concat()
        .join("|");
    Regex::new(&all.replace("{}", "")).expect("a constant pattern")
});

const USUAL: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// File, line and text of all that must not be there.
pub fn faults() -> Vec<String> {
    let mut paths = Vec::new();
    walk(&root(), &mut paths);
    let mut faults = Vec::new();
    for path in paths {
        // What is no text cannot be read by a person either.
        let Ok(text) = std::fs::read_to_string(root().join(&path)) else {
            continue;
        };
        if is_untracked(&path) {
            continue;
        }
        for (at, line) in text.lines().enumerate() {
            let is_other_registry =
                path.ends_with(".lock") && line.contains("registry+") && !line.contains(USUAL);
            if is_other_registry || MACHINE.is_match(line) {
                let shown: String = line.chars().take(100).collect();
                faults.push(format!("{path}:{}: {shown}", at + 1));
            }
        }
    }
    faults
}

/// What `.gitignore` leaves out.
fn is_untracked(path: &str) -> bool {
    path == ".env" || path.starts_with("data/") || path.contains(".sqlite")
}

/// Paragraphs that start with `Invariant:` and name no test of this repository.
pub fn invariants_without_a_test() -> Vec<String> {
    static NAMED: LazyLock<Regex> =
        LazyLock::new(|| Regex::new("`([a-z0-9_]+)`").expect("constant"));
    // By text, since tests inside a macro are no functions to the parser.
    let is_function = |name: &str| {
        let declared = format!("fn {name}(");
        all().iter().any(|source| source.text.contains(&declared))
    };
    let mut faults = Vec::new();
    for source in all() {
        for (at, line) in source.text.lines().enumerate() {
            let Some(start) = line.trim_start().strip_prefix("//") else {
                continue;
            };
            if !start
                .trim_start_matches(['/', '!'])
                .trim_start()
                .starts_with("Invariant:")
            {
                continue;
            }
            let lines = source.text.lines().skip(at).take(4);
            let paragraph: String = lines.take_while(|line| line.contains("//")).collect();
            let has_test = NAMED
                .captures_iter(&paragraph)
                .any(|name| is_function(&name[1]));
            if !has_test {
                faults.push(format!("{}:{}", source.path, at + 1));
            }
        }
    }
    faults
}
