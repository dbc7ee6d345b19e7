//! The steps of a long command: each is announced, timed and listed at the end.
//!
//! A failed step does not end the run, so that one run shows every fault. What could not be had is told apart from what failed:
//! a person may go on without it, a build machine may not.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// What came of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It succeeded.
    Passed,
    /// It found a fault, or broke.
    Failed(String),
    /// Something it needs is not here, so it was not run. Fails the run on a build machine.
    Missing(String),
    /// It was not run, and nobody has to mind.
    NotRun(String),
}

struct Row {
    name: String,
    outcome: Outcome,
    took: Duration,
}

/// The steps so far, in order.
#[derive(Default)]
pub struct Steps {
    rows: Vec<Row>,
}

impl Steps {
    /// Announces and times `work`; an error is a failed step.
    pub fn check(&mut self, name: &str, work: impl FnOnce() -> Result<()>) -> bool {
        self.outcome(name, || match work() {
            Ok(()) => Outcome::Passed,
            Err(error) => Outcome::Failed(format!("{error:#}")),
        })
    }

    /// Announces and times getting something; an error means that it is missing.
    pub fn get<T>(&mut self, name: &str, work: impl FnOnce() -> Result<T>) -> Option<T> {
        let mut got = None;
        self.outcome(name, || match work() {
            Ok(value) => {
                got = Some(value);
                Outcome::Passed
            }
            Err(error) => Outcome::Missing(format!("{error:#}")),
        });
        got
    }

    /// Announces and times `work`, which says itself what came of it. True where it passed.
    pub fn outcome(&mut self, name: &str, work: impl FnOnce() -> Outcome) -> bool {
        println!("\n==> {name}");
        let start = Instant::now();
        let outcome = work();
        let took = start.elapsed();
        match &outcome {
            Outcome::Passed => {}
            Outcome::Failed(why) => eprintln!("{name} FAILED: {why}"),
            Outcome::Missing(why) => eprintln!("{name} MISSING: {why}"),
            Outcome::NotRun(why) => eprintln!("{name} NOT RUN: {why}"),
        }
        let passed = outcome == Outcome::Passed;
        self.rows.push(Row {
            name: name.to_owned(),
            outcome,
            took,
        });
        passed
    }

    /// Lists a step that is left out, without announcing it.
    pub fn leave_out(&mut self, name: &str, why: &str) {
        let outcome = Outcome::NotRun(why.to_owned());
        self.rows.push(Row {
            name: name.to_owned(),
            outcome,
            took: Duration::ZERO,
        });
    }

    /// Prints the table. With `strict` a missing thing fails the run as a fault does.
    pub fn finish(&self, strict: bool) -> Result<()> {
        println!("\n{}", self.table());
        let bad = |row: &&Row| match row.outcome {
            Outcome::Failed(_) => true,
            Outcome::Missing(_) => strict,
            Outcome::Passed | Outcome::NotRun(_) => false,
        };
        let names: Vec<&str> = self
            .rows
            .iter()
            .filter(bad)
            .map(|row| row.name.as_str())
            .collect();
        if names.is_empty() {
            return Ok(());
        }
        bail!(
            "not good: {}; the reasons are in the list above",
            names.join(", ")
        )
    }

    fn table(&self) -> String {
        let width = self
            .rows
            .iter()
            .map(|row| row.name.len())
            .max()
            .unwrap_or(0);
        let mut table = String::new();
        for row in &self.rows {
            let (word, why) = match &row.outcome {
                Outcome::Passed => ("ok", ""),
                Outcome::Failed(why) => ("FAILED", why.as_str()),
                Outcome::Missing(why) => ("MISSING", why.as_str()),
                Outcome::NotRun(why) => ("NOT RUN", why.as_str()),
            };
            let took = row.took.as_secs_f64();
            // The first line is enough here, all of it stands where the step was run.
            let why = why.lines().next().unwrap_or("");
            let line = format!("{:width$}  {word:7} {took:8.1} s  {why}", row.name);
            // Writing to a string does not fail.
            let _ = writeln!(table, "{}", line.trim_end());
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps() -> Steps {
        let mut steps = Steps::default();
        assert!(steps.check("format", || Ok(())));
        assert_eq!(
            steps.get("redis", || -> Result<u8> { bail!("no redis\nand no way") }),
            None
        );
        steps.leave_out("deny", "--fast");
        steps
    }

    #[test]
    fn the_table_has_a_line_for_each_step_with_its_reason() {
        let table = steps().table();
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!(lines[0], "format  ok           0.0 s");
        assert_eq!(lines[1], "redis   MISSING      0.0 s  no redis");
        assert_eq!(lines[2], "deny    NOT RUN      0.0 s  --fast");
    }

    #[test]
    fn what_is_missing_fails_a_build_machine_only() {
        assert!(steps().finish(false).is_ok());
        let error = steps().finish(true).expect_err("redis is missing");
        assert!(error.to_string().contains("not good: redis;"));
    }

    #[test]
    fn a_fault_fails_everybody_and_later_steps_still_run() {
        let mut steps = steps();
        assert!(!steps.check("tests", || bail!("1 failed")));
        assert!(steps.check("after", || Ok(())));
        assert!(steps.finish(false).is_err());
    }
}
