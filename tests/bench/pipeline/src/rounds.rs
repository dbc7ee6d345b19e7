//! The measuring: contestants in turns, so that whatever else this machine does hits all of them alike.
//!
//! Each evaluation is a sample of its own. In every round each contestant first runs unmeasured, because the one before it has
//! taken the caches.

use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::cases::Case;
use crate::contestant::{Contestant, Role};
use crate::figures::Figures;

/// How much is measured.
#[derive(clap::Args, Debug)]
pub struct Amount {
    /// Times that every contestant has its turn.
    #[arg(long, default_value_t = 30)]
    pub rounds: u32,
    /// Measured evaluations in each.
    #[arg(long, default_value_t = 400)]
    pub evaluations: u32,
    /// Evaluations before them.
    #[arg(long, default_value_t = 50)]
    pub warm_up: u32,
}

/// One contestant's figures.
pub struct Measured {
    /// Its name.
    pub name: &'static str,
    /// What it is there for.
    pub role: Role,
    /// Its times.
    pub figures: Figures,
    /// What else it knows.
    pub note: Option<String>,
}

/// Measures all of them on one case.
pub fn run(
    contestants: &mut [Box<dyn Contestant>],
    case: &Case,
    amount: &Amount,
) -> Result<Vec<Measured>> {
    let mut samples: Vec<Vec<Duration>> = vec![Vec::new(); contestants.len()];
    for _ in 0..amount.rounds {
        for (contestant, samples) in contestants.iter_mut().zip(&mut samples) {
            for _ in 0..amount.warm_up {
                black_box(contestant.decide(black_box(case))?);
            }
            for _ in 0..amount.evaluations {
                let began = Instant::now();
                let answer = black_box(contestant.decide(black_box(case)));
                samples.push(began.elapsed());
                answer?;
            }
        }
    }
    let named = contestants.iter().zip(&samples);
    Ok(named
        .map(|(contestant, samples)| Measured {
            name: contestant.name(),
            role: contestant.role(),
            figures: Figures::new(samples),
            note: contestant.note(),
        })
        .collect())
}
