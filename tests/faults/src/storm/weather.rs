//! The weather of a round: mild toxics on every connection, all the time.
//!
//! Mild enough that nobody gives anything up for it alone: it shuffles what happens first, and stretches what lies between two
//! steps. What a blow cuts off comes back into fair weather.

use std::fmt;
use std::time::Duration;

use fastrand::Rng;

use crate::proxy::{Proxy, Toxic, Way};
use crate::world::World;

const MS: Duration = Duration::from_millis(1);
const WAYS: [Way; 2] = [Way::Up, Way::Down];
/// Ways to services: of two hosts to two of them.
const LINKS_MAX: usize = 4;

/// What lies on each way, up and down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weather {
    bank: [[Toxic; 2]; 2],
    services: [[Toxic; 2]; LINKS_MAX],
}

impl Weather {
    /// A late bank, which has another mild toxic each way too, and one on each way to each service.
    pub(super) fn of(seed: u64) -> Self {
        let mut chance = Rng::with_seed(seed);
        let late = Toxic::Latency {
            delay: 15 * MS,
            jitter: 14 * MS,
        };
        let bank = WAYS.map(|way| {
            let other = match chance.u8(0..3) {
                0 => slow_close(&mut chance),
                1 => bandwidth(&mut chance),
                // A request is short. A list of all payments is not, and has to come in time.
                _ if way == Way::Up => slicer(100, 90),
                _ => slicer(chance.usize(4_000..8_000), 3_900),
            };
            [late, other]
        });
        let services = [(); LINKS_MAX].map(|()| WAYS.map(|_| mild(&mut chance)));
        Self { bank, services }
    }

    pub(super) fn comes(&self, world: &World) {
        self.comes_to_bank(world);
        for (link, toxics) in world.services.links().zip(self.services) {
            for (way, toxic) in WAYS.into_iter().zip(toxics) {
                link.set(way, &[toxic]);
            }
        }
    }

    /// Only on the bank's line.
    pub(super) fn comes_to_bank(&self, world: &World) {
        for (way, toxics) in WAYS.into_iter().zip(self.bank) {
            world.bank.proxy().set(way, &toxics);
        }
    }
}

/// What lies on the bank's line, there and back.
impl fmt::Display for Weather {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [up, down] = self
            .bank
            .map(|toxics| toxics.map(|toxic| toxic.name()).join("+"));
        write!(f, "{up} to the bank, {down} back")
    }
}

/// No toxic anywhere.
pub(super) fn fair(world: &World) {
    world.bank.proxy().heal();
    world.services.links().for_each(Proxy::heal);
}

fn mild(chance: &mut Rng) -> Toxic {
    match chance.u8(0..4) {
        0 => Toxic::Latency {
            delay: chance.u32(1..=8) * MS,
            jitter: MS,
        },
        1 => slicer(chance.usize(1_000..6_000), 900),
        2 => bandwidth(chance),
        _ => slow_close(chance),
    }
}

fn slicer(size: usize, spread: usize) -> Toxic {
    Toxic::Slicer {
        size,
        spread,
        pause: MS,
    }
}

fn bandwidth(chance: &mut Rng) -> Toxic {
    Toxic::Bandwidth {
        bytes_per_s: chance.u64(2_000_000..6_000_000),
    }
}

fn slow_close(chance: &mut Rng) -> Toxic {
    Toxic::SlowClose {
        delay: chance.u32(50..500) * MS,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mild_toxic_comes_to_the_bank_and_a_seed_has_one_weather() {
        let seen: String = (0..50).map(|seed| Weather::of(seed).to_string()).collect();
        for name in ["latency", "slow-close", "bandwidth", "slicer"] {
            assert!(seen.contains(name), "{name}");
        }
        assert_eq!(Weather::of(7), Weather::of(7));
    }
}
