//! Trying a parser with many inputs: how long, from which seed, and what must hold of its memory.
//!
//! Every input has two bounds on the thread's own allocations: what is in use at once while it is read, and what is still there
//! when everything made of it was dropped. So growth is found without waiting for it. The resident memory of the process is looked
//! at only in the long form, where nothing else runs beside the parser.

use std::cell::Cell;
use std::fmt;
use std::hash::{BuildHasher as _, RandomState};
use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::{Duration, Instant};

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

/// Inputs that share a seed; a seed that is told is replayed in a moment.
const ROUND: u32 = 64;
/// Rounds of the short form.
const ROUNDS: u64 = 4;
/// Between two lines of the long form, so that a seed is known even where the process is ended by its stack.
const TOLD_EVERY: Duration = Duration::from_secs(10);
/// What a parser may keep for itself after all inputs together: compiled patterns and their caches.
const KEPT_BYTES_MAX: i64 = 8 << 20;
/// How far the resident memory may rise after the first tenth of the time.
const RESIDENT_RISE_MAX: usize = 48 << 20;

/// What came of an input that a property holds for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Accepted,
    Refused,
}

/// A property's answer for one input.
pub type Judged = Result<Verdict, TestCaseError>;

/// A parser and what it may use: `base` bytes, and `per_byte` more for each byte of an input.
#[derive(Debug, Clone, Copy)]
pub struct Parser {
    pub name: &'static str,
    pub base: u64,
    pub per_byte: u64,
}

/// Watches what a parser allocates.
#[derive(Debug)]
pub struct Meter {
    parser: Parser,
    peak: Cell<u64>,
}

impl Meter {
    /// Reads an input of so many bytes and fails where that takes more memory than the parser may use.
    pub fn watch<T>(&self, bytes: usize, read: impl FnOnce() -> T) -> Result<T, TestCaseError> {
        let (read, used) = measured(read);
        self.peak.set(self.peak.get().max(used.bytes_max));
        let most = self.parser.base + self.parser.per_byte * bytes as u64;
        if used.bytes_max > most {
            let used = used.bytes_max;
            let why = format!("{bytes} bytes took {used} bytes of memory, at most {most} may be");
            return Err(TestCaseError::fail(why));
        }
        Ok(read)
    }
}

/// What was allocated meanwhile. A panic goes on only after the counting has ended.
fn measured<T>(read: impl FnOnce() -> T) -> (T, allocation_counter::AllocationInfo) {
    let mut ended = None;
    let used = allocation_counter::measure(|| {
        ended = Some(catch_unwind(AssertUnwindSafe(read)));
    });
    match ended.expect("it was run") {
        Ok(read) => (read, used),
        Err(panic) => resume_unwind(panic),
    }
}

/// How much is tried.
enum Length {
    Rounds(u64),
    Until(Duration),
}

fn length() -> Length {
    let seconds = std::env::var("ORCHESTRATOR_TEST_FUZZ_SECONDS").ok();
    seconds.map_or(Length::Rounds(ROUNDS), |seconds| {
        let seconds = seconds.parse().expect("whole seconds");
        Length::Until(Duration::from_secs(seconds))
    })
}

fn first_seed() -> u64 {
    match std::env::var("ORCHESTRATOR_TEST_FUZZ_SEED") {
        Ok(seed) => seed.parse().expect("a number"),
        Err(_) => RandomState::new().hash_one("a seed") >> 16,
    }
}

/// What was tried, for whoever reads a run.
#[derive(Debug)]
pub struct Tried {
    parser: Parser,
    seed: u64,
    accepted: u64,
    refused: u64,
    /// Most that one input took.
    peak: u64,
    /// What all of them together left behind.
    kept: i64,
    /// Of the process, after the first tenth, and then at its highest.
    resident: Option<(usize, usize)>,
    /// And the seed of its round.
    slowest: (Duration, u64),
}

impl fmt::Display for Tried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inputs = self.accepted + self.refused;
        write!(
            f,
            "{}: {inputs} inputs, {} accepted, {} refused; most memory of one {} KiB, kept after all {} KiB, ",
            self.parser.name,
            self.accepted,
            self.refused,
            self.peak / 1024,
            self.kept / 1024,
        )?;
        if let Some((first, most)) = self.resident {
            write!(
                f,
                "resident rose by {} KiB, ",
                most.saturating_sub(first) / 1024
            )?;
        }
        let (slowest, at) = self.slowest;
        write!(
            f,
            "slowest {} ms (seed {at}); seed {}",
            slowest.as_millis(),
            self.seed
        )
    }
}

/// Tries a property with as many inputs as the environment asks for. Fails with the seed and the smallest input that was found.
#[track_caller]
pub fn run<S: Strategy>(
    parser: Parser,
    inputs: &S,
    property: impl Fn(&S::Value, &Meter) -> Judged,
) -> Tried {
    let (length, began) = (length(), Instant::now());
    let mut tried = Tried {
        parser,
        seed: first_seed(),
        accepted: 0,
        refused: 0,
        peak: 0,
        kept: 0,
        resident: None,
        slowest: (Duration::ZERO, 0),
    };
    let mut told = Duration::ZERO;
    for number in 0.. {
        let is_over = match length {
            Length::Rounds(rounds) => number >= rounds,
            Length::Until(end) => began.elapsed() >= end,
        };
        if is_over {
            break;
        }
        let seed = tried.seed.wrapping_add(number);
        if let (Length::Until(_), true) = (&length, began.elapsed() >= told) {
            let inputs = tried.accepted + tried.refused;
            let line = format!("{}: seed {seed} after {inputs} inputs\n", parser.name);
            let _ = std::io::stderr().write_all(line.as_bytes());
            told = began.elapsed() + TOLD_EVERY;
        }
        round(&mut tried, seed, inputs, &property);
        if let Length::Until(end) = length {
            tried.look_at_resident(began.elapsed() * 10 >= end);
        }
    }
    tried.check_growth();
    tried
}

#[track_caller]
fn round<S: Strategy>(
    tried: &mut Tried,
    seed: u64,
    inputs: &S,
    property: &impl Fn(&S::Value, &Meter) -> Judged,
) {
    let parser = tried.parser;
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let config = Config {
        cases: ROUND,
        failure_persistence: None,
        max_shrink_iters: 8_192,
        max_shrink_time: 30_000,
        ..Config::default()
    };
    let meter = Meter {
        parser,
        peak: Cell::new(tried.peak),
    };
    let counts = Cell::new((0, 0, 0_i64, Duration::ZERO));
    let ended = TestRunner::new_with_rng(config, rng).run(inputs, |input| {
        let began = Instant::now();
        let (judged, used) = measured(|| property(&input, &meter));
        let (mut accepted, mut refused, mut kept, slowest) = counts.get();
        match judged? {
            Verdict::Accepted => accepted += 1,
            Verdict::Refused => refused += 1,
        }
        kept += used.bytes_current;
        counts.set((accepted, refused, kept, slowest.max(began.elapsed())));
        Ok(())
    });
    let (accepted, refused, kept, slowest) = counts.get();
    tried.accepted += accepted;
    tried.refused += refused;
    tried.kept += kept;
    tried.peak = meter.peak.get();
    tried.slowest = tried.slowest.max((slowest, seed));
    match ended {
        Ok(()) => {}
        Err(TestError::Fail(why, input)) => {
            panic!("{}, seed {seed}: {why}\ninput: {input:?}", parser.name)
        }
        Err(TestError::Abort(why)) => panic!("{}, seed {seed}: {why}", parser.name),
    }
}

impl Tried {
    fn look_at_resident(&mut self, is_warm: bool) {
        let Some(now) = memory_stats::memory_stats().filter(|_| is_warm) else {
            return;
        };
        let (first, most) = self.resident.unwrap_or((now.physical_mem, 0));
        self.resident = Some((first, most.max(now.physical_mem)));
    }

    #[track_caller]
    fn check_growth(&self) {
        assert!(self.kept <= KEPT_BYTES_MAX, "something is kept: {self}");
        let rise = self.resident.map_or(0, |(first, most)| most - first);
        assert!(rise <= RESIDENT_RISE_MAX, "the process grows: {self}");
    }
}
