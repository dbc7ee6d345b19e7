//! A program of this bench while it runs: where it may run, what it has used, and its end.
//!
//! A server has the first core to itself where there are two or more; load generator and bank share the rest. What a server can do
//! on one core is then not bent by what it costs to ask it.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

const TASKSET: &str = "/usr/bin/taskset";
const START_LIMIT: Duration = Duration::from_secs(120);
const STOP_LIMIT: Duration = Duration::from_secs(30);

/// Where a program may run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cores {
    /// The first alone.
    First,
    /// All but the first.
    Rest,
    /// All.
    All,
}

/// A child with its log; dropping it ends it.
pub struct Running {
    child: Child,
    name: String,
    log: std::path::PathBuf,
}

/// What a program and its children have used.
#[derive(Debug, Clone, Copy, Default)]
pub struct Used {
    /// Processor time.
    pub cpu: Duration,
    /// Resident memory.
    pub resident_bytes: u64,
}

/// `program` on these cores, where this system can do that.
pub fn on_cores(cores: Cores, program: &Path) -> Command {
    let last = core_count().unwrap_or(1).saturating_sub(1);
    if last == 0 || !can_pin() {
        return Command::new(program);
    }
    let list = match cores {
        Cores::First => "0".to_owned(),
        Cores::Rest => format!("1-{last}"),
        Cores::All => format!("0-{last}"),
    };
    let mut command = Command::new(TASKSET);
    command.args(["--cpu-list", &list]).arg(program);
    command
}

/// All cores of the machine, also those that this program may not use.
fn core_count() -> Option<usize> {
    let told = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let count = told
        .lines()
        .filter(|line| line.starts_with("processor"))
        .count();
    (count > 0).then_some(count)
}

impl Running {
    /// Starts it; its output goes to `NAME.log` in `folder`.
    pub fn start(mut command: Command, name: &str, folder: &Path) -> Result<Self> {
        let log = folder.join(format!("{name}.log"));
        let file = File::create(&log).with_context(|| format!("no log for {name}"))?;
        let child = command
            .stdout(file.try_clone().context("the log cannot be shared")?)
            .stderr(file)
            .spawn()
            .with_context(|| format!("{name} could not be started"))?;
        Ok(Self {
            child,
            name: name.to_owned(),
            log,
        })
    }

    /// Waits until `is_ready`.
    pub async fn ready(&mut self, mut is_ready: impl AsyncFnMut() -> bool) -> Result<()> {
        let began = Instant::now();
        while began.elapsed() < START_LIMIT {
            if let Some(status) = self.child.try_wait().context("a child is lost")? {
                bail!(
                    "{} ended by itself ({status}): {}",
                    self.name,
                    self.last_words()
                );
            }
            if is_ready().await {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        bail!("{} was not ready in time: {}", self.name, self.last_words());
    }

    fn last_words(&self) -> String {
        let said = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = said.lines().collect();
        lines[lines.len().saturating_sub(5)..].join("\n")
    }

    /// What it has used, its children included.
    pub fn used(&self) -> Used {
        let mut sum = Used::default();
        let mut open = vec![self.child.id()];
        while let Some(id) = open.pop() {
            if let Some(used) = used(id) {
                sum.cpu += used.cpu;
                sum.resident_bytes += used.resident_bytes;
            }
            open.extend(children(id));
        }
        sum
    }
}

impl Drop for Running {
    /// Asks first.
    fn drop(&mut self) {
        if !matches!(self.child.try_wait(), Ok(None)) {
            return;
        }
        let _ = Command::new("kill")
            .arg(self.child.id().to_string())
            .status();
        let began = Instant::now();
        while began.elapsed() < STOP_LIMIT {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Leaves the first core to the servers, for this program and all that it starts without saying where.
pub fn leave_first_core() {
    use rustix::thread::{CpuSet, sched_setaffinity};
    let count = core_count().unwrap_or(1);
    if count < 2 || !can_pin() {
        return;
    }
    let mut rest = CpuSet::new();
    (1..count.min(CpuSet::MAX_CPU)).for_each(|core| rest.set(core));
    // Where it is not allowed everything shares all cores, as on a machine with one.
    let _ = sched_setaffinity(None, &rest);
}

fn can_pin() -> bool {
    cfg!(target_os = "linux") && Path::new(TASKSET).exists()
}

/// A port that nobody listens on at this moment.
pub fn free_address() -> Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no port is free")?;
    listener.local_addr().context("the port is not told")
}

fn used(id: u32) -> Option<Used> {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    Some(Used {
        cpu: cpu(&stat, rustix::param::clock_ticks_per_second())?,
        resident_bytes: resident_bytes(&stat, rustix::param::page_size())?,
    })
}

fn children(id: u32) -> Vec<u32> {
    let tasks = std::fs::read_dir(format!("/proc/{id}/task"));
    let lists = tasks
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|task| std::fs::read_to_string(task.path().join("children")).ok());
    lists
        .flat_map(|list| {
            list.split_whitespace()
                .filter_map(|id| id.parse().ok())
                .collect::<Vec<u32>>()
        })
        .collect()
}

/// Field `number` of proc(5)'s stat, counted from 1; the second, a name in parentheses, may itself hold spaces.
fn field(stat: &str, number: usize) -> Option<u64> {
    let after_name = stat.rsplit_once(')')?.1;
    after_name
        .split_whitespace()
        .nth(number.checked_sub(3)?)?
        .parse()
        .ok()
}

fn cpu(stat: &str, ticks_per_second: u64) -> Option<Duration> {
    let ticks = field(stat, 14)? + field(stat, 15)?;
    Some(Duration::from_millis(
        ticks * 1000 / ticks_per_second.max(1),
    ))
}

fn resident_bytes(stat: &str, page_bytes: usize) -> Option<u64> {
    Some(field(stat, 24)? * u64::try_from(page_bytes).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAT: &str = "42 (a name) with) S 1 42 42 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 4 0 1000 123456789 2048 18446744073709551615";

    #[test]
    fn what_a_program_used_is_read_from_the_systems_own_line() {
        assert_eq!(cpu(STAT, 100), Some(Duration::from_secs(3)));
        assert_eq!(resident_bytes(STAT, 4096), Some(2048 * 4096));
        assert_eq!(cpu("42 (a", 100), None);
    }
}
