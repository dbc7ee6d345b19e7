//! Programs that tests need beside cargo's own: where they are, as the test command says by variables.
//!
//! Where one is not there, the tests that need it say so in one line and leave themselves out; with `CI=true` they fail instead.

use std::io::Write as _;
use std::path::PathBuf;

/// The path in a variable that the test command sets; none, with a line that says so, where it is not set.
#[must_use]
pub fn service(variable: &str, what: &str) -> Option<PathBuf> {
    let found = std::env::var_os(variable)
        .filter(|value| !value.is_empty())
        .map(PathBuf::from);
    if found.is_none() {
        let is_strict = std::env::var("CI").is_ok_and(|value| value == "true" || value == "1");
        assert!(
            !is_strict,
            "{variable} is not set, and with CI=true {what} must not be left out"
        );
        // Past libtest's capture: what was not tested must be seen.
        let _ = writeln!(
            std::io::stderr(),
            "left out: {what} ({variable} is not set)"
        );
    }
    found
}
