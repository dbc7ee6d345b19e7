//! The weather of a round: mild toxics on every connection, all the time.
//!
//! Mild enough that nobody gives anything up for it alone: it shuffles what happens first, and stretches what lies between two
//! steps. What a blow cuts off comes back into fair weather.

use std::time::Duration;

use fastrand::Rng;

use crate::proxy::{Proxy, Toxic, Way};
use crate::world::World;

const MS: Duration = Duration::from_millis(1);

/// No toxic anywhere.
pub(super) fn fair(world: &World) {
    world.bank.proxy().heal();
    world.services.links().for_each(Proxy::heal);
}

/// A late bank, and on each way to each service whatever chance brings.
pub(super) fn rough(world: &World, chance: &mut Rng) {
    for way in [Way::Up, Way::Down] {
        let late = Toxic::Latency {
            delay: 15 * MS,
            jitter: 14 * MS,
        };
        world.bank.proxy().set(way, &[late]);
        for link in world.services.links() {
            link.set(way, mild(chance).as_slice());
        }
    }
}

fn mild(chance: &mut Rng) -> Option<Toxic> {
    match chance.u8(0..4) {
        0 => Some(Toxic::Latency {
            delay: chance.u32(1..=8) * MS,
            jitter: MS,
        }),
        1 => Some(Toxic::Slicer {
            size: chance.usize(1_000..6_000),
            spread: 900,
            pause: MS,
        }),
        2 => Some(Toxic::Bandwidth {
            bytes_per_s: chance.u64(1_000_000..4_000_000),
        }),
        _ => None,
    }
}
