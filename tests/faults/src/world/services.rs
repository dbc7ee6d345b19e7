//! What the hosts of a world share: a PostgreSQL and a Redis of its own, so that they can be killed, stopped and cut off.
//!
//! Every host reaches each of them by way of a proxy that no other host uses: one host alone can lose a service that the others
//! still have.

use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::{Context as _, Result};
use tests::host::Setup;
use tests::postgres::{Database, Server};
use tests::redis::Redis;

use super::Store;
use crate::proxy::Proxy;

/// The services of a world; none of them where everything is kept in a file and in the host's memory.
#[derive(Default)]
pub struct Services {
    postgres: Option<Linked<(Server, Database)>>,
    redis: Option<Linked<Mutex<Redis>>>,
}

/// A service and the ways to it, by the host's number.
struct Linked<S> {
    service: S,
    links: Vec<Proxy>,
}

impl<S> Linked<S> {
    async fn start(service: S, address: SocketAddr, hosts: usize, seed: u64) -> Result<Self> {
        let mut links = Vec::with_capacity(hosts);
        for number in 0..hosts as u64 {
            links.push(Proxy::start(address, seed.rotate_left(8) ^ number).await?);
        }
        Ok(Self { service, links })
    }
}

impl Services {
    /// What this store needs; none where PostgreSQL or Redis is not installed.
    ///
    /// # Errors
    /// One of them does not start.
    pub(super) async fn start(store: Store, seed: u64) -> Result<Option<Self>> {
        let mut services = Self::default();
        if store != Store::Sqlite {
            let Some(server) = Server::own()? else {
                return Ok(None);
            };
            let (address, database) = (server.address(), server.database()?);
            let linked = Linked::start((server, database), address, store.hosts(), seed);
            services.postgres = Some(linked.await?);
        }
        if store == Store::PostgresRedis {
            let Some(redis) = Redis::start()? else {
                return Ok(None);
            };
            let address = redis.address();
            let linked = Linked::start(Mutex::new(redis), address, store.hosts(), !seed);
            services.redis = Some(linked.await?);
        }
        Ok(Some(services))
    }

    /// The settings of the host with this number: each service at its own proxy.
    pub(super) fn known_to(&self, host: usize, mut setup: Setup) -> Setup {
        if let Some(Linked { service, links }) = &self.postgres {
            let url = service.1.url_through(links[host].address());
            setup = setup.set("DATABASE_URL", url);
        }
        if let Some(Linked { links, .. }) = &self.redis {
            let url = format!("redis://{}", links[host].address());
            setup = setup.set("CALL_STATE_DB", "redis").set("REDIS_URL", url);
        }
        setup
    }

    /// The database server.
    ///
    /// # Errors
    /// There is none in this world.
    pub fn postgres(&self) -> Result<&Server> {
        let linked = self.postgres.as_ref().context(NO_POSTGRES)?;
        Ok(&linked.service.0)
    }

    /// The ways to it, by the host's number; none where there is none.
    #[must_use]
    pub fn postgres_links(&self) -> &[Proxy] {
        self.postgres
            .as_ref()
            .map_or(&[], |linked| linked.links.as_slice())
    }

    /// The Redis, while nobody else has it.
    ///
    /// # Errors
    /// There is none in this world.
    pub fn redis(&self) -> Result<MutexGuard<'_, Redis>> {
        let linked = self.redis.as_ref().context(NO_REDIS)?;
        Ok(linked
            .service
            .lock()
            .unwrap_or_else(PoisonError::into_inner))
    }

    /// The ways to it, by the host's number; none where there is none.
    #[must_use]
    pub fn redis_links(&self) -> &[Proxy] {
        self.redis
            .as_ref()
            .map_or(&[], |linked| linked.links.as_slice())
    }

    /// Every way of every host to every service.
    pub fn links(&self) -> impl Iterator<Item = &Proxy> {
        self.postgres_links().iter().chain(self.redis_links())
    }
}

const NO_POSTGRES: &str = "this world has no PostgreSQL";
const NO_REDIS: &str = "this world has no Redis";
