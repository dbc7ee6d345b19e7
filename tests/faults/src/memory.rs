//! The most memory that a process held at once since a moment.
//!
//! What is there afterwards does not show what was there meanwhile: a body that was kept whole and given back is seen only here. None
//! where the system does not tell.

use std::fs;

/// A process from a moment on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peak {
    id: u32,
    before_kib: u64,
}

impl Peak {
    /// From now on.
    pub(crate) fn since_now(id: u32) -> Option<Self> {
        // The system forgets the highest mark so far: `proc_pid_clear_refs(5)`.
        fs::write(format!("/proc/{id}/clear_refs"), "5").ok()?;
        let before_kib = highest_kib(id)?;
        Some(Self { id, before_kib })
    }

    /// How far it was above what it held then.
    pub(crate) fn growth_kib(self) -> Option<u64> {
        Some(highest_kib(self.id)?.saturating_sub(self.before_kib))
    }
}

fn highest_kib(id: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let mut lines = status.lines();
    let line = lines.find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn what_was_given_back_is_seen() {
        let peak = Peak::since_now(std::process::id()).unwrap();
        drop(std::hint::black_box(vec![1_u8; 64 * 1024 * 1024]));
        assert!(peak.growth_kib().unwrap() > 60 * 1024);
    }
}
