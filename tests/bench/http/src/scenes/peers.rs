//! The host beside its peers: balance questions as fast as they are answered, and then at half of what each can do.
//!
//! All of them run all the time and are asked in turns; who is not asked has nothing to do.

use anyhow::Result;

use super::{Bench, Measured, calls, counted, tell};
use crate::load::{self, Ask};
use crate::request::Call;
use crate::running::Cores;
use crate::server::{Bank, Keeping, Kind, Server};

/// Live calls in this scene.
const CALLS: usize = 1_000;

/// One server.
pub struct Peer {
    /// Which.
    pub kind: Kind,
    /// Closed load, all rounds.
    pub full: Measured,
    /// Open load at half that rate.
    pub half: Measured,
}

impl Bench<'_> {
    pub(super) async fn peers(&self, bank: &Bank) -> Result<Vec<Peer>> {
        let mut calls = calls("peers", 0..CALLS);
        let mut servers = Vec::new();
        for kind in [Kind::Ceiling, Kind::Host, Kind::Fastify, Kind::FastApi] {
            let keeping = Keeping::default();
            let server = self
                .programs
                .start(kind, Cores::First, bank, &keeping, self.work)
                .await?;
            load::begin(server.address, &mut calls, self.amount.lines, Ask::Balance).await?;
            servers.push((kind, server));
        }
        let mut full: Vec<Option<Measured>> = servers.iter().map(|_| None).collect();
        for _ in 0..self.amount.rounds.max(1) {
            for ((kind, server), sum) in servers.iter().zip(&mut full) {
                let round = self.full(server, &mut calls).await?;
                tell(kind.name(), &round);
                match sum {
                    None => *sum = Some(round),
                    Some(sum) => {
                        sum.load.absorb(&round.load)?;
                        sum.cpu += round.cpu;
                        sum.resident_bytes = round.resident_bytes;
                    }
                }
            }
        }
        let mut peers = Vec::new();
        for ((kind, server), full) in servers.iter().zip(full.into_iter().flatten()) {
            let rate = full.load.rate() / 2.0;
            let asking = load::open(
                server.address,
                &mut calls,
                rate,
                Ask::Balance,
                self.amount.lasts(),
            );
            let half = counted(&server.running, asking).await?;
            tell(&format!("{}, at half", kind.name()), &half);
            peers.push(Peer {
                kind: *kind,
                full,
                half,
            });
        }
        Ok(peers)
    }

    async fn full(&self, server: &Server, calls: &mut Vec<Call>) -> Result<Measured> {
        let (lines, lasts) = (self.amount.lines, self.amount.lasts());
        let asking = load::closed(server.address, calls, lines, Ask::Balance, lasts);
        counted(&server.running, asking).await
    }
}
