//! The tidy test: what is agreed about the shape of the code, held.
//!
//! Everything is measured in one pass and printed; each rule is a test of its own. The import table is `tidy/table.rs`.

mod imports;
mod measures;
mod source;
mod table;
mod text;

use std::fmt::Write as _;

use source::{Source, all};

/// Fails with every fault, one a line.
#[track_caller]
fn none(what: &str, faults: &[String]) {
    let listed = faults.iter().fold(String::new(), |mut listed, fault| {
        let _ = write!(listed, "\n  {fault}");
        listed
    });
    assert!(faults.is_empty(), "{} × {what}:{listed}", faults.len());
}

#[test]
fn modules_import_only_what_stands_below_them() {
    none("import against the table", &imports::against_the_table());
}

#[test]
fn no_module_of_a_folder_is_tied_in_a_loop_with_its_siblings() {
    none("loop of imports", &imports::loops());
}

#[test]
fn each_border_is_crossed_in_one_place_only() {
    none("library used outside its border", &imports::over_borders());
}

#[test]
fn the_state_machine_and_the_rules_do_no_io() {
    none("use of the world in a pure file", &imports::impure());
}

#[test]
fn every_invariant_names_a_test_that_exists() {
    none(
        "invariant without its test",
        &text::invariants_without_a_test(),
    );
}

#[test]
fn every_file_says_in_its_first_lines_what_it_is() {
    let wrong = |source: &&Source| {
        let is_guide = table::GUIDES.contains(&source.path.as_str());
        let lines = measures::opening_lines(&source.text);
        !(2..=6).contains(&lines) && !(is_guide && lines >= 2)
    };
    let faults: Vec<String> = all()
        .iter()
        .filter(wrong)
        .map(|source| {
            format!(
                "{}: {} lines",
                source.path,
                measures::opening_lines(&source.text)
            )
        })
        .collect();
    none(
        "file that does not open with two to six lines of `//!`",
        &faults,
    );
}

#[test]
fn no_file_is_longer_than_400_lines() {
    let lines = |source: &Source| source.text.lines().count();
    let faults: Vec<String> = all()
        .iter()
        .filter(|source| lines(source) > 400)
        .map(|source| format!("{}: {} lines", source.path, lines(source)))
        .collect();
    none("long file", &faults);
}

#[test]
fn no_function_is_longer_than_70_lines() {
    let faults: Vec<String> = all()
        .iter()
        .flat_map(|source| source.found.functions.iter().map(move |one| (source, one)))
        .filter(|(_, function)| function.lines > 70)
        .map(|(source, one)| format!("{}:{} {}: {}", source.path, one.at, one.name, one.lines))
        .collect();
    none("long function", &faults);
}

#[test]
fn nothing_is_unwrapped_outside_tests() {
    let faults: Vec<String> = all()
        .iter()
        .filter(|source| !source.is_test)
        .flat_map(|source| {
            source
                .found
                .unwraps
                .iter()
                .map(move |at| format!("{}:{at}", source.path))
        })
        .collect();
    none("`.unwrap()`", &faults);
}

#[test]
fn no_module_hides_in_a_file_called_mod() {
    let is_mod = |source: &&Source| source.path.ends_with("/mod.rs");
    let faults: Vec<String> = all()
        .iter()
        .filter(is_mod)
        .map(|source| source.path.clone())
        .collect();
    none("mod.rs", &faults);
}

#[test]
fn no_file_names_a_machines_path_or_another_package_registry() {
    none("path of a machine, or registry", &text::faults());
}

#[test]
fn what_was_measured_is_printed() {
    println!("{}", measures::report(all()));
    assert!(all().len() > 100, "only {} files were read", all().len());
}
