//! The blows: what is killed, stopped, emptied or cut off in the middle of a storm, and how it comes back.
//!
//! A blow is over when everything runs again and reaches everything; which host it hits, and how a way is cut, is the seed's.

use std::time::Duration;

use anyhow::{Context as _, Result};
use fastrand::Rng;
use tests::host::Host;
use tokio::task::block_in_place;
use tokio::time::sleep;

use crate::proxy::{Proxy, Toxic, Way};
use crate::world::{Store, World};

/// So long every connection is reset, also those that are made meanwhile.
const RESETS_LAST: Duration = Duration::from_millis(300);

/// What happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Blow {
    /// SIGKILL of a host, and a new start.
    Kill,
    /// SIGSTOP of a host.
    Stop,
    /// SIGKILL of PostgreSQL, and a new start on what it had written.
    KillPostgres,
    /// SIGSTOP of PostgreSQL: it takes connections and says nothing.
    StopPostgres,
    /// Every connection to PostgreSQL is reset.
    ResetPostgres,
    /// One host does not reach PostgreSQL.
    PartitionPostgres,
    /// SIGKILL of Redis, and a new start with nothing in it.
    KillRedis,
    /// SIGSTOP of Redis.
    StopRedis,
    /// Redis loses everything.
    FlushRedis,
    /// One host does not reach Redis.
    PartitionRedis,
    /// The same, and another host, which does, is killed meanwhile and started again.
    PartitionRedisAndKill,
    /// Every connection to the bank ends after so many bytes of answers, in the middle of one.
    LimitBank,
    /// No answer of the bank's comes any more, and its connections close or hang.
    SilenceBank,
}

impl Blow {
    /// Each with its name on the command line.
    pub const ALL: [(&'static str, Self); 13] = [
        ("kill", Self::Kill),
        ("stop", Self::Stop),
        ("kill-postgres", Self::KillPostgres),
        ("stop-postgres", Self::StopPostgres),
        ("reset-postgres", Self::ResetPostgres),
        ("partition-postgres", Self::PartitionPostgres),
        ("kill-redis", Self::KillRedis),
        ("stop-redis", Self::StopRedis),
        ("flush-redis", Self::FlushRedis),
        ("partition-redis", Self::PartitionRedis),
        ("partition-redis-and-kill", Self::PartitionRedisAndKill),
        ("limit-bank", Self::LimitBank),
        ("silence-bank", Self::SilenceBank),
    ];

    /// Whether this store has what the blow hits.
    #[must_use]
    pub fn hits(self, store: Store) -> bool {
        match self {
            Self::Kill | Self::Stop | Self::LimitBank | Self::SilenceBank => true,
            Self::KillPostgres | Self::StopPostgres | Self::ResetPostgres => store != Store::Sqlite,
            Self::PartitionPostgres
            | Self::KillRedis
            | Self::StopRedis
            | Self::FlushRedis
            | Self::PartitionRedis
            | Self::PartitionRedisAndKill => store == Store::PostgresRedis,
        }
    }

    /// Strikes, and comes back when it is over. What sleeps or is away stays so for `lasts`.
    pub(super) async fn strike(
        self,
        world: &World,
        hosts: &mut Vec<Host>,
        lasts: Duration,
        chance: &mut Rng,
    ) -> Result<()> {
        let (services, one) = (&world.services, chance.usize(0..hosts.len()));
        match self {
            Self::LimitBank | Self::SilenceBank => {
                let lost = self.lost_answers(chance);
                loses_answers(world.bank.proxy(), lost, lasts).await;
            }
            Self::Kill => kill_and_start(hosts, one).await?,
            Self::Stop => sleeps(&hosts[one], lasts).await?,
            Self::KillPostgres => {
                let server = services.postgres()?;
                block_in_place(|| server.kill())?;
                sleep(lasts).await;
                block_in_place(|| server.launch())?;
            }
            Self::StopPostgres => {
                services.postgres()?.signal("STOP")?;
                sleep(lasts).await;
                services.postgres()?.signal("CONT")?;
            }
            Self::ResetPostgres => {
                let resets = Toxic::ResetPeer {
                    after: Duration::ZERO,
                };
                let links = services.postgres_links();
                links.iter().for_each(|link| link.set(Way::Down, &[resets]));
                sleep(RESETS_LAST).await;
                links.iter().for_each(Proxy::heal);
            }
            Self::KillRedis => {
                block_in_place(|| services.redis()?.kill())?;
                sleep(lasts).await;
                block_in_place(|| services.redis()?.begin())?;
            }
            Self::StopRedis => {
                services.redis()?.signal("STOP")?;
                sleep(lasts).await;
                services.redis()?.signal("CONT")?;
            }
            Self::FlushRedis => services.redis()?.flush()?,
            Self::PartitionPostgres => {
                let link = cut(services.postgres_links(), one, chance)?;
                sleep(lasts).await;
                link.heal();
            }
            Self::PartitionRedis => {
                let link = cut(services.redis_links(), one, chance)?;
                sleep(lasts).await;
                link.heal();
            }
            Self::PartitionRedisAndKill => {
                let link = cut(services.redis_links(), one, chance)?;
                sleep(lasts / 2).await;
                let other = (one + 1) % hosts.len();
                kill_and_start(hosts, other).await?;
                sleep(lasts / 2).await;
                link.heal();
            }
        }
        Ok(())
    }
}

impl Blow {
    /// What becomes of the bank's answers.
    fn lost_answers(self, chance: &mut Rng) -> Toxic {
        if self == Self::LimitBank {
            // Some answers to reads pass, and what is booked after them is not told.
            let bytes = chance.u64(300..3_000);
            return Toxic::LimitData { bytes };
        }
        let closed_after = Duration::from_millis(chance.u64(500..8_000));
        let after = chance.bool().then_some(closed_after);
        Toxic::Timeout { after }
    }
}

/// For so long the bank's answers meet this.
async fn loses_answers(bank: &Proxy, lost: Toxic, lasts: Duration) {
    bank.set(Way::Down, &[lost]);
    sleep(lasts).await;
    bank.heal();
}

async fn sleeps(host: &Host, lasts: Duration) -> Result<()> {
    host.signal("STOP")?;
    sleep(lasts).await;
    host.signal("CONT")
}

async fn kill_and_start(hosts: &mut Vec<Host>, one: usize) -> Result<()> {
    let setup = block_in_place(|| hosts.remove(one).kill())?;
    // At the same port: whoever asked it asks it again.
    hosts.insert(one, setup.start().await?);
    Ok(())
}

/// Cuts one host off: its way is closed, or swallows everything until it is healed and lets go of it then.
fn cut<'a>(links: &'a [Proxy], host: usize, chance: &mut Rng) -> Result<&'a Proxy> {
    let link = links.get(host).context("a way of every host")?;
    let silence = Toxic::Timeout { after: None };
    let toxic = if chance.bool() { Toxic::Down } else { silence };
    link.set(Way::Up, &[toxic]);
    link.set(Way::Down, &[toxic]);
    Ok(link)
}
