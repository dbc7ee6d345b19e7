//! One world of the bench: a bank, a database and a host that is started, broken and started again.
//!
//! Lives for many rounds. Its customers are imported once, the way an operator does it; the limits of the rules are wide, so that
//! what a round shows is the ledger's doing.

use anyhow::{Context as _, Result, ensure};
use tests::host::{Host, Setup};
use tests::paths;
use tests::postgres::{Database, postgres};

use crate::bank::{Bank, Kind};

/// Where the host keeps everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Store {
    /// A file.
    Sqlite,
    /// A server of its own.
    Postgres,
}

/// A bank, its customers and how a host is started for them.
pub struct World {
    /// The bank.
    pub bank: Bank,
    /// How a host is started.
    pub setup: Setup,
    /// How many customers.
    pub customers: usize,
    _database: Option<Database>,
}

/// The number that a customer calls from.
#[must_use]
pub fn phone(customer: usize) -> String {
    format!("+1415556{customer:04}")
}

impl World {
    /// A bank and an empty database with these customers; none where there is no such database.
    ///
    /// # Errors
    /// Something cannot be started, or the import failed.
    pub async fn make(
        kind: Kind,
        store: Store,
        customers: usize,
        seed: u64,
    ) -> Result<Option<Self>> {
        let bank = Bank::start(kind, customers, seed).await?;
        let mut setup = Setup::served(&format!("http://{}", bank.address()))?
            .set("BACKEND_DIALECT", kind.dialect())
            .set("BACKEND_IDEMPOTENT", kind == Kind::Idempotent)
            .set("ORCHESTRATOR_LEDGER__DAY_MAX", "1000000000.00")
            // A host that was not built for speed, beside a whole bench: those that are begun must end in time.
            .set("ORCHESTRATOR_TURN__AT_ONCE_MAX", 24)
            .set("LOG_LEVEL", "WARN");
        let pipeline = wide_limits(&setup)?;
        setup = setup.set("ORCHESTRATOR_PIPELINE", pipeline.display());
        let database = match store {
            Store::Sqlite => None,
            Store::Postgres => {
                let Some(database) = postgres()? else {
                    return Ok(None);
                };
                setup = setup.set("DATABASE_URL", &database.url);
                Some(database)
            }
        };
        import(&setup, customers)?;
        Ok(Some(Self {
            bank,
            setup,
            customers,
            _database: database,
        }))
    }

    /// A host of this world.
    ///
    /// # Errors
    /// It does not start.
    pub async fn host(&self) -> Result<Host> {
        self.setup.start().await
    }
}

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

fn import(setup: &Setup, customers: usize) -> Result<()> {
    let mut rows = "phone,name,user_id\n".to_owned();
    for customer in 0..customers {
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
