//! What this machine says of itself.
//!
//! Nothing that tells one machine of a kind from another.

/// Cores and processor, as the system tells them.
#[must_use]
pub fn description() -> String {
    let told = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    // Not by what this program may use: some leave a core to the servers.
    let cores = told
        .lines()
        .filter(|line| line.starts_with("processor"))
        .count();
    let model = told
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(':'))
        .map_or("a processor that does not tell its name", |(_, model)| {
            model.trim()
        });
    format!(
        "{cores} cores of {model}, {} {}",
        std::env::consts::OS,
        std::env::consts::ARCH
    )
}

/// How many programs wanted to run in the last minute, as the system tells it: what a run on a busy machine is worth.
#[must_use]
pub fn load_average() -> Option<String> {
    let told = std::fs::read_to_string("/proc/loadavg").ok()?;
    told.split_whitespace().next().map(str::to_owned)
}
