//! Which round strikes what: every blow at every store that has what it hits, with another kind of bank each time around.
//!
//! The seed gives the order. A full turn through everything takes 72 rounds; fifty meet every pair at least twice.

use fastrand::Rng;

use crate::bank::Kind;
use crate::storm::Blow;
use crate::world::Store;

/// What one round is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Case {
    /// The bank.
    pub kind: Kind,
    /// Where the hosts keep everything.
    pub store: Store,
    /// What happens.
    pub blow: Blow,
}

impl std::fmt::Display for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { kind, store, blow } = self;
        write!(f, "{} bank, {store:?}, {blow:?}", kind.name())
    }
}

/// The order of the rounds.
#[derive(Debug)]
pub struct Plan {
    pairs: Vec<(Store, Blow)>,
}

impl Plan {
    /// With all blows, or with one alone.
    #[must_use]
    pub fn of(seed: u64, only: Option<Blow>) -> Self {
        let blows = Blow::ALL.into_iter().map(|(_, blow)| blow);
        let mut pairs: Vec<(Store, Blow)> = blows
            .filter(|blow| only.is_none_or(|only| only == *blow))
            .flat_map(|blow| Store::ALL.map(|store| (store, blow)))
            .filter(|(store, blow)| blow.hits(*store))
            .collect();
        Rng::with_seed(seed).shuffle(&mut pairs);
        Self { pairs }
    }

    /// The round with this number, counted from 0.
    #[must_use]
    pub fn case(&self, round: usize) -> Case {
        let (turn, place) = (round / self.pairs.len(), round % self.pairs.len());
        let (store, blow) = self.pairs[place];
        let kind = Kind::ALL[(turn + place) % Kind::ALL.len()];
        Case { kind, store, blow }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use super::*;

    #[test]
    fn fifty_rounds_meet_every_blow_at_every_store_at_least_twice_and_72_with_every_bank() {
        for seed in 0..100 {
            let plan = Plan::of(seed, None);
            let mut met: HashMap<(Store, Blow), usize> = HashMap::new();
            for case in (0..50).map(|round| plan.case(round)) {
                *met.entry((case.store, case.blow)).or_default() += 1;
            }
            assert_eq!(met.len(), 24);
            assert!(met.values().all(|count| *count >= 2), "seed {seed}");
            let all: HashSet<Case> = (0..72).map(|round| plan.case(round)).collect();
            assert_eq!(all.len(), 72, "seed {seed}");
        }
    }

    #[test]
    fn a_blow_alone_meets_every_bank_and_every_store_that_has_it() {
        for (name, blow) in Blow::ALL {
            let stores = Store::ALL.into_iter().filter(|store| blow.hits(*store));
            let wanted = stores.count() * Kind::ALL.len();
            let plan = Plan::of(7, Some(blow));
            let all: HashSet<Case> = (0..wanted).map(|round| plan.case(round)).collect();
            assert_eq!(all.len(), wanted, "{name}");
        }
    }
}
