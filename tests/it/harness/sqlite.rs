//! A look into a host's own SQLite file, and a hand that spoils what is in it.
//!
//! Through Python's own client, so that nothing of the host's reads what the host wrote.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::Setup;

/// Runs one statement on a host's database, and gives the first value of what it finds.
pub fn query(python: &Path, setup: &Setup, statement: &str) -> Result<String> {
    let program = "import sqlite3, sys\n\
        with sqlite3.connect(sys.argv[1], timeout=30) as db:\n \
        found = db.execute(sys.argv[2]).fetchone()\n \
        print(found[0] if found else '', end='')\n";
    let ended = Command::new(python)
        .args(["-c", program])
        .arg(setup.sqlite_file())
        .arg(statement)
        .output()?;
    let told = String::from_utf8_lossy(&ended.stderr);
    anyhow::ensure!(ended.status.success(), "{statement}: {told}");
    Ok(String::from_utf8(ended.stdout)?)
}
