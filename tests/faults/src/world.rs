//! One world of the bench: a bank, what hosts share, and hosts that are started, broken and started again.
//!
//! Lives for many rounds, each with customers of its own, who are imported the way an operator does it: so what one of them moved in a
//! day is what the round shows. The limits of the rules are wide, and the ledger's for a day is the round's.

mod services;

use std::ops::Range;

use anyhow::{Context as _, Result, ensure};
use tests::host::{Host, Setup};
use tests::paths;

use crate::bank::{Bank, Kind, shown};

pub use services::Services;

/// Turns worked on at once by all hosts that were not built for speed, and stand beside a whole bench. One that was works on as
/// many as what ships does: races that only a full house brings about must be met here.
const DEBUG_TURNS_AT_ONCE: usize = 24;

/// Where the hosts keep everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Store {
    /// A file; live calls in the memory of one host.
    Sqlite,
    /// A server of the world's own; live calls in the memory of one host.
    Postgres,
    /// The same, and live calls in a Redis of the world's own, for two hosts.
    PostgresRedis,
}

impl Store {
    /// All three.
    pub const ALL: [Self; 3] = [Self::Sqlite, Self::Postgres, Self::PostgresRedis];

    /// How many hosts serve at once.
    #[must_use]
    pub fn hosts(self) -> usize {
        match self {
            Self::Sqlite | Self::Postgres => 1,
            Self::PostgresRedis => 2,
        }
    }
}

/// A bank, its customers and how hosts are started for them.
pub struct World {
    /// The bank.
    pub bank: Bank,
    /// What the hosts share.
    pub services: Services,
    /// How each host is started, by its number; all have one folder.
    pub setups: Vec<Setup>,
    seed: u64,
}

/// The number that a customer calls from.
#[must_use]
pub fn phone(customer: usize) -> String {
    format!("+1415{}", 5_560_000 + customer)
}

impl World {
    /// A bank and an empty database, with no customers yet; none where there is no such database.
    ///
    /// # Errors
    /// Something cannot be started.
    pub async fn make(kind: Kind, store: Store, seed: u64) -> Result<Option<Self>> {
        let Some(services) = Services::start(store, seed).await? else {
            return Ok(None);
        };
        let bank = Bank::start(kind, seed).await?;
        let mut setup = Setup::served(&format!("http://{}", bank.address()))?
            .set("BACKEND_DIALECT", kind.dialect())
            .set("BACKEND_IDEMPOTENT", kind == Kind::Idempotent)
            .set(DAY_MAX, "1000000000.00")
            .set("LOG_LEVEL", "WARN");
        if cfg!(debug_assertions) {
            let turns = DEBUG_TURNS_AT_ONCE / store.hosts();
            setup = setup.set("ORCHESTRATOR_TURN__AT_ONCE_MAX", turns);
        }
        let pipeline = wide_limits(&setup)?;
        let setup = setup.set("ORCHESTRATOR_PIPELINE", pipeline.display());
        let setups: Vec<Setup> = (0..store.hosts())
            .map(|host| services.known_to(host, setup.clone()))
            .collect();
        Ok(Some(Self {
            bank,
            services,
            setups,
            seed,
        }))
    }

    /// Opens accounts for these customers and makes their numbers known; nobody twice.
    ///
    /// # Errors
    /// The import failed.
    pub fn admit(&self, customers: Range<usize>) -> Result<()> {
        self.bank.books().admit(customers.clone(), self.seed);
        import(&self.setups[0], customers)
    }

    /// Its hosts, each ready, by their numbers; nobody moves more than this in a day.
    ///
    /// # Errors
    /// One does not start.
    pub async fn hosts(&self, day_max_cents: i64) -> Result<Vec<Host>> {
        let mut hosts = Vec::with_capacity(self.setups.len());
        for setup in &self.setups {
            let setup = setup.clone().set(DAY_MAX, shown(day_max_cents));
            hosts.push(setup.start().await?);
        }
        Ok(hosts)
    }
}

const DAY_MAX: &str = "ORCHESTRATOR_LEDGER__DAY_MAX";

/// The shipped rules with limits that no round reaches.
fn wide_limits(setup: &Setup) -> Result<std::path::PathBuf> {
    let mut text = std::fs::read_to_string(paths::root().join("config/pipeline.toml"))?;
    for (narrow, wide) in [
        (r#"payees = "known""#, r#"payees = "anyone""#),
        (
            r#"day_total_max = "25000.00""#,
            r#"day_total_max = "90000000.00""#,
        ),
        ("day_count_max = 20", "day_count_max = 1000"),
        (r#"night_max = "1000.00""#, r#"night_max = "off""#),
        // None of the customers has a PIN.
        (r#"day_pin_above = "500.00""#, r#"day_pin_above = "off""#),
    ] {
        ensure!(
            text.contains(narrow),
            "config/pipeline.toml no longer has `{narrow}`"
        );
        text = text.replacen(narrow, wide, 1);
    }
    let file = setup.folder().join("pipeline.toml");
    std::fs::write(&file, text)?;
    Ok(file)
}

fn import(setup: &Setup, customers: Range<usize>) -> Result<()> {
    let mut rows = "phone,name,user_id\n".to_owned();
    for customer in customers {
        let phone = phone(customer);
        rows.push_str(&format!("{phone},Customer {customer},user_{customer}\n"));
    }
    let file = setup.folder().join("customers.csv");
    std::fs::write(&file, rows)?;
    let file = file.to_str().context("a folder with a plain name")?;
    let ended = setup
        .clone()
        .with_arguments(&["users", "import", file])
        .run()?;
    ensure!(ended.code == Some(0), "users import: {}", ended.stderr);
    Ok(())
}
