//! All Rust files of the repository, read and parsed once.
//!
//! What is only compiled for tests is left out of imports, borders and `unwrap`; its functions are measured like all others.

use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};

use crate::harness::root;

/// A Rust file.
pub struct Source {
    /// From the repository: `host/src/call/state.rs`.
    pub path: String,
    /// All of it.
    pub text: String,
    /// Whether it is only compiled for tests.
    pub is_test: bool,
    /// Its module inside its crate: `["call", "state"]`.
    pub module: Vec<String>,
    /// What was found in it.
    pub found: Found,
}

/// What was found in a file.
#[derive(Default)]
pub struct Found {
    /// Paths into the same crate, from its root.
    pub inner: Vec<(Vec<String>, usize)>,
    /// All other paths.
    pub outer: Vec<(Vec<String>, usize)>,
    /// Lines of `.unwrap()`.
    pub unwraps: Vec<usize>,
    /// All functions.
    pub functions: Vec<Function>,
}

/// A function.
pub struct Function {
    /// Without its type.
    pub name: String,
    /// Its first line.
    pub at: usize,
    /// From `fn` to its last brace.
    pub lines: usize,
}

/// Every file, in the order of their paths.
pub fn all() -> &'static [Source] {
    static ALL: LazyLock<Vec<Source>> = LazyLock::new(|| {
        let mut paths = Vec::new();
        for folder in ["host", "migrations", "wit", "xtask", "tests", "plugins"] {
            walk(&root().join(folder), &mut paths);
        }
        paths.retain(|path| path.ends_with(".rs"));
        paths.into_iter().map(read).collect()
    });
    &ALL
}

/// Every file below a folder, sorted, without what is built.
pub fn walk(folder: &Path, paths: &mut Vec<String>) {
    const BUILT: [&str; 6] = [
        "target",
        "dist",
        ".git",
        "node_modules",
        "__pycache__",
        ".venv",
    ];
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    let mut entries: Vec<_> = entries.flatten().collect();
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Ok(kind) = entry.file_type() else {
            continue;
        };
        if kind.is_dir() && !BUILT.contains(&name.as_str()) {
            walk(&entry.path(), paths);
        } else if kind.is_file() && !BUILT.contains(&name.as_str()) {
            let path = entry.path();
            let inside = path.strip_prefix(root()).unwrap_or(&path);
            paths.push(inside.to_string_lossy().into_owned());
        }
    }
}

fn read(path: String) -> Source {
    let text = std::fs::read_to_string(root().join(&path)).expect("a file that was just listed");
    let module = module_of(&path);
    let is_test = path.starts_with("tests/")
        || module.iter().any(|name| name == "tests")
        || path.contains("/tests/");
    let file = syn::parse_file(&text).unwrap_or_else(|cause| panic!("{path}: {cause}"));
    let mut finder = Finder {
        module: module.clone(),
        found: Found::default(),
        tests: 0,
    };
    finder.visit_file(&file);
    Source {
        path,
        text,
        is_test,
        module,
        found: finder.found,
    }
}

fn module_of(path: &str) -> Vec<String> {
    let inside = path.split_once("/src/").or_else(|| path.split_once("/it/"));
    let inside = inside.map_or(path, |(_, inside)| inside);
    inside
        .trim_end_matches(".rs")
        .split('/')
        .map(str::to_owned)
        .collect()
}

struct Finder {
    module: Vec<String>,
    found: Found,
    tests: usize,
}

static MACRO_PATH: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:^|[^\w:])([a-z_]\w*(?:\s*::\s*\w+)+)").expect("a constant pattern")
});

impl Finder {
    fn note(&mut self, path: &[String], at: usize) {
        let [first, rest @ ..] = path else { return };
        if self.tests > 0 {
            return;
        }
        match first.as_str() {
            "crate" => self.found.inner.push((rest.to_vec(), at)),
            // The binary names its library like any other crate.
            "orchestrator" if self.module == ["main"] => {
                self.found.inner.push((rest.to_vec(), at));
            }
            "self" => {
                let path = self.module.iter().chain(rest).cloned().collect();
                self.found.inner.push((path, at));
            }
            "super" => {
                let up = path.iter().take_while(|name| *name == "super").count();
                let kept = self.module.len().saturating_sub(up);
                let path = self.module[..kept]
                    .iter()
                    .chain(&path[up..])
                    .cloned()
                    .collect();
                self.found.inner.push((path, at));
            }
            _ => self.found.outer.push((path.to_vec(), at)),
        }
    }

    fn note_tree(&mut self, tree: &syn::UseTree, before: &[String]) {
        let with = |name: &syn::Ident| [before, &[name.to_string()]].concat();
        match tree {
            syn::UseTree::Path(path) => self.note_tree(&path.tree, &with(&path.ident)),
            syn::UseTree::Name(name) => self.note(&with(&name.ident), name.span().start().line),
            syn::UseTree::Rename(name) => self.note(&with(&name.ident), name.span().start().line),
            syn::UseTree::Glob(glob) => self.note(before, glob.span().start().line),
            syn::UseTree::Group(group) => {
                for tree in &group.items {
                    self.note_tree(tree, before);
                }
            }
        }
    }

    fn measure(&mut self, signature: &syn::Signature, block: &syn::Block) {
        let at = signature.span().start().line;
        let lines = block.span().end().line - at + 1;
        self.found.functions.push(Function {
            name: signature.ident.to_string(),
            at,
            lines,
        });
    }

    fn inside(&mut self, attributes: &[syn::Attribute], visit: impl FnOnce(&mut Self)) {
        let is_test = attributes.iter().any(is_for_tests);
        self.tests += usize::from(is_test);
        visit(self);
        self.tests -= usize::from(is_test);
    }
}

fn is_for_tests(attribute: &syn::Attribute) -> bool {
    let path = attribute.path();
    if path.is_ident("cfg") {
        return attribute
            .meta
            .require_list()
            .is_ok_and(|list| list.tokens.to_string() == "test");
    }
    path.segments
        .last()
        .is_some_and(|last| last.ident == "test")
}

impl<'ast> Visit<'ast> for Finder {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.inside(&item.attrs, |finder| finder.note_tree(&item.tree, &[]));
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        self.inside(&item.attrs, |finder| {
            finder.module.push(item.ident.to_string());
            visit::visit_item_mod(finder, item);
            finder.module.pop();
        });
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.measure(&item.sig, &item.block);
        self.inside(&item.attrs, |finder| visit::visit_item_fn(finder, item));
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.measure(&item.sig, &item.block);
        self.inside(&item.attrs, |finder| {
            visit::visit_impl_item_fn(finder, item)
        });
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.segments.len() > 1 || path.is_ident("super") {
            let names: Vec<String> = path
                .segments
                .iter()
                .map(|segment| segment.ident.to_string())
                .collect();
            self.note(&names, path.span().start().line);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, item: &'ast syn::Macro) {
        let at = item.span().start().line;
        let tokens = item.tokens.to_string();
        for found in MACRO_PATH.captures_iter(&tokens) {
            let names: Vec<String> = found[1]
                .split("::")
                .map(|name| name.trim().to_owned())
                .collect();
            self.note(&names, at);
        }
        if self.tests == 0 && tokens.replace(' ', "").contains(".unwrap()") {
            self.found.unwraps.push(at);
        }
        visit::visit_macro(self, item);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        if self.tests == 0 && call.method == "unwrap" && call.args.is_empty() {
            self.found.unwraps.push(call.method.span().start().line);
        }
        visit::visit_expr_method_call(self, call);
    }
}
