//! Times and their goals as one page of Markdown: printed, and kept beside the table of the contestants.
//!
//! A goal is about the median where a person waits once, and about the 99th percentile where callers must not notice.

use std::time::SystemTime;

use crate::bench::figures::Figures;

/// One row of the page: a time that was measured.
pub struct Timing {
    /// What was measured.
    pub name: String,
    /// Its times.
    pub figures: Figures,
    /// What they are meant to be.
    pub goal: Option<Goal>,
}

/// At most so much, at that rank.
pub struct Goal {
    /// 500 for the median.
    pub rank_permille: usize,
    /// At most.
    pub most_ms: f64,
    /// In words.
    pub text: String,
}

impl Goal {
    /// Half of all take at most this.
    pub fn median(most_ms: f64) -> Option<Self> {
        Some(Self {
            rank_permille: 500,
            most_ms,
            text: format!("p50 ≤ {most_ms} ms"),
        })
    }

    /// One in a hundred may take longer.
    pub fn p99(most_ms: f64, text: String) -> Option<Self> {
        Some(Self {
            rank_permille: 990,
            most_ms,
            text,
        })
    }
}

impl Timing {
    fn markdown(&self) -> String {
        let figures = &self.figures;
        let at = |rank| format!("{:.2}", figures.ms(rank));
        let (goal, verdict) = match &self.goal {
            Some(goal) if figures.ms(goal.rank_permille) <= goal.most_ms => {
                (goal.text.as_str(), "reached")
            }
            Some(goal) => (goal.text.as_str(), "missed"),
            None => ("", ""),
        };
        format!(
            "| {} | {} | {} | {} | {} | {goal} | {verdict} |\n",
            self.name,
            figures.count(),
            at(500),
            at(990),
            at(1000)
        )
    }
}

/// What stands around the times of a page.
pub struct Around<'a> {
    /// What was measured, and how.
    pub head: &'a str,
    /// What else was counted.
    pub notes: &'a str,
    /// `voice`, of `cargo xtask bench voice`.
    pub bench: &'a str,
}

/// The page.
pub fn markdown(lines: &[Timing], around: &Around<'_>) -> String {
    let mut page = format!("{}\n", around.head);
    page.push_str("| | samples | p50 ms | p99 ms | longest ms | goal | this run |\n");
    page.push_str("|---|---:|---:|---:|---:|---|---|\n");
    for line in lines {
        page.push_str(&line.markdown());
    }
    let Around { notes, bench, .. } = around;
    let machine = machine();
    page.push_str(&format!(
        "\n{notes}\n\n`cargo xtask bench {bench}` on {machine}.\n"
    ));
    page
}

/// Date, cores and processor, as the system tells them.
fn machine() -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let (year, month, day) = date(now.map_or(0, |since| since.as_secs() / 86_400));
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let told = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = told
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(':'))
        .map_or("a processor without a name", |(_, model)| model.trim());
    format!("{year}-{month:02}-{day:02}, {cores} cores of {model}")
}

/// The civil date of a day since 1970, by 400-year cycles that begin in March.
fn date(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (cycle, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let shifted = (5 * day + 2) / 153;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = cycle * 400 + year + u64::from(month <= 2);
    (year, month, day - (153 * shifted + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_its_date() {
        assert_eq!(date(0), (1970, 1, 1));
        assert_eq!(date(19_782), (2024, 2, 29));
        assert_eq!(date(20_782), (2026, 11, 25));
    }
}
