//! The figures as Markdown: every contestant, then the goals, then on what and how it was measured.
//!
//! The same text is printed and kept.

use std::fmt::Write as _;

use anyhow::Result;

use crate::contestant::Role;
use crate::goals;
use crate::rounds::{Amount, Measured};

/// The whole page.
pub fn markdown(measured: &[Measured], amount: &Amount) -> Result<String> {
    let floor = goals::median(measured, Role::Floor);
    let mut page = String::from(HEAD);
    writeln!(
        page,
        "| one transfer, decided | p50 µs | p99 µs | p99.9 µs | per second and core | p50 : floor |"
    )?;
    writeln!(page, "|---|---:|---:|---:|---:|---:|")?;
    for one in measured {
        let name = match one.role {
            Role::Floor => format!("{} (the floor)", one.name),
            Role::OneStage | Role::FourStages => format!("**{}**", one.name),
            Role::Cedar | Role::Rego | Role::RegoCompiled | Role::FreshExtism | Role::Other => {
                one.name.to_owned()
            }
        };
        let figures = &one.figures;
        writeln!(
            page,
            "| {name} | {} | {} | {} | {:.0} | {:.2} |",
            short(figures.micros(500)),
            short(figures.micros(990)),
            short(figures.micros(999)),
            figures.per_second(),
            figures.micros(500) / floor
        )?;
    }
    for note in measured.iter().filter_map(|one| one.note.as_deref()) {
        writeln!(page, "\n{note}")?;
    }
    page.push_str("\n| p50 : p50 | goal | this run | |\n|---|---:|---:|---|\n");
    for goal in goals::all(measured) {
        let verdict = if goal.measured <= goal.asked {
            "reached"
        } else {
            "missed"
        };
        writeln!(
            page,
            "| {} | ≤ {:.1} | {:.2} | {verdict} |",
            goal.name, goal.asked, goal.measured
        )?;
    }
    let each = u64::from(amount.rounds) * u64::from(amount.evaluations);
    writeln!(
        page,
        "\n`cargo xtask bench pipeline` on {}, {}; {} rounds of {} evaluations each, {each} in all.",
        jiff::Timestamp::now().strftime("%Y-%m-%d"),
        report::machine::description(),
        amount.rounds,
        amount.evaluations
    )?;
    Ok(page)
}

/// Three significant figures are what such a measurement is good for.
pub fn short(micros: f64) -> String {
    match micros {
        small if small < 10.0 => format!("{small:.2}"),
        middle if middle < 100.0 => format!("{middle:.1}"),
        large => format!("{large:.0}"),
    }
}

const HEAD: &str = "\
# One rule, run in ten ways

The shipped rule `transfer-limits` decides one transfer that is allowed. An evaluation begins with the facts in memory and ends with
the answer in memory: whatever a contestant converts, instantiates or looks up counts. All of them gave the same answers to ten
requests before they were measured, and all were measured in one run, in turns.

- **the floor**: the same component on bare wasmtime, a fresh instance from the same kind of pool, host functions that copy out
  constants; no limits, no deadline, no checks, no conversion on the way in. It calls through the bindings that wasmtime generates,
  which compare the types of all exports in every instance; the host compares that of the one function it calls, once.
- **this pipeline**: the host's own library with a bank that answers at once; 4 stages are a whole turn, route, decide, fulfil and
  shape, each plugin in a fresh instance. The plugin reads and checks its 17 settings in every evaluation.
- **peers** keep what a server would keep (compiled policy, script or plugin) and are given all facts at once; they write no sentences
  and their figures are part of their policy. Two reads of the clock, some 50 ns, are part of every figure.
- All of them take their memory from the allocator that the host is shipped with.

";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_as_long_as_they_are_exact() {
        assert_eq!([0.123, 12.34, 190.4].map(short), ["0.12", "12.3", "190"]);
    }
}
