//! Figures about the code, for whoever wants to see where it grows.
//!
//! Only counting; what is too much is said in `tidy.rs`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::source::Source;

/// Lines of `//!` with text in them, at the very beginning.
pub fn opening_lines(text: &str) -> usize {
    let opening = text.lines().take_while(|line| line.starts_with("//!"));
    opening.filter(|line| line.trim() != "//!").count()
}

#[derive(Default)]
struct Sum {
    files: Vec<usize>,
    lines: usize,
    code: usize,
    comments: usize,
    functions: Vec<usize>,
}

/// A table: a line for each package.
pub fn report(sources: &[Source]) -> String {
    let mut packages: BTreeMap<String, Sum> = BTreeMap::new();
    for source in sources {
        let mut parts = source.path.split('/');
        let package = parts.next().unwrap_or_default().to_owned();
        let sum = packages.entry(package).or_default();
        let lines = source.text.lines().count();
        sum.files.push(lines);
        sum.lines += lines;
        for line in source
            .text
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
        {
            if line.starts_with("//") {
                sum.comments += 1;
            } else {
                sum.code += 1;
            }
        }
        sum.functions
            .extend(source.found.functions.iter().map(|function| function.lines));
    }
    let mut report =
        String::from("package: files (median, max lines), functions (median, max lines), comments");
    for (name, mut sum) in packages {
        let share = 100 * sum.comments / (sum.comments + sum.code).max(1);
        let (files, functions) = (sum.files.len(), sum.functions.len());
        let (file, function) = (spread(&mut sum.files), spread(&mut sum.functions));
        let _ = write!(
            report,
            "\n{name}: {} lines in {files} files {file}, {functions} functions {function}, {share} % comments",
            sum.lines
        );
    }
    report
}

fn spread(lengths: &mut [usize]) -> String {
    lengths.sort_unstable();
    let median = lengths.get(lengths.len() / 2).copied().unwrap_or_default();
    format!(
        "({median}, {})",
        lengths.last().copied().unwrap_or_default()
    )
}
