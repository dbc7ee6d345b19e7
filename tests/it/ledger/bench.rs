//! A host, a bank of a certain kind, and the line between them; transfers by REST, and the ledger's rows.
//!
//! Waiting for a row to settle takes a minute at most, far more than the host may need.

use anyhow::{Result, bail};
use serde_json::{Value, json};

use crate::harness::{Answer, Host, Setup, free_port, postgres, until};

/// What a bank knows of a request that it has seen before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It understands keys.
    Keys,
    /// It keeps references.
    References,
    /// Neither.
    Neither,
}

impl Kind {
    /// All.
    pub const ALL: [Self; 3] = [Self::Keys, Self::References, Self::Neither];

    /// What such a bank speaks.
    pub fn dialect(self) -> &'static str {
        match self {
            Self::Keys | Self::References => "documented",
            Self::Neither => "published",
        }
    }

    /// Alice's id there.
    pub fn alice(self) -> &'static str {
        match self {
            Self::Keys | Self::References => "user_1",
            Self::Neither => "+1-415-555-2671",
        }
    }
}

/// Such a bank: that of a sandbox host, which is there for nothing else.
pub async fn bank(kind: Kind) -> Result<(Host, String)> {
    let port = free_port();
    let setup = Setup::sandbox()?
        .set("ORCHESTRATOR_SANDBOX__PORT", port)
        .set("ORCHESTRATOR_SANDBOX__DIALECT", kind.dialect())
        .set("ORCHESTRATOR_SANDBOX__IDEMPOTENT", kind == Kind::Keys);
    Ok((setup.start().await?, format!("http://127.0.0.1:{port}")))
}

/// A host that finds such a bank at `url` and keeps its books in a file.
pub fn setup(kind: Kind, url: &str) -> Result<Setup> {
    Ok(Setup::sandbox()?
        .with_sqlite()
        .set("PYTHON_BACKEND_URL", url)
        .set("BACKEND_DIALECT", kind.dialect())
        .set("ORCHESTRATOR_BACKEND__IDEMPOTENT", kind == Kind::Keys))
}

/// The same setup on a file, and on PostgreSQL where there is one.
pub fn on_both(setup: &Setup) -> Result<Vec<Setup>> {
    let mut both = vec![setup.clone()];
    if let Some(database) = postgres()? {
        both.push(setup.clone().set("DATABASE_URL", database.url));
    }
    Ok(both)
}

/// A customer's call, so that REST requests may be made in it.
pub async fn call(host: &Host, call_id: &str, user_id: &str) -> Result<()> {
    let context = json!({"call_id": call_id, "user_id": user_id});
    host.post("/orchestrate/load-context", &context)
        .await?
        .expect(200);
    Ok(())
}

/// Asks for a transfer of Alice's with this key.
pub async fn transfer(host: &Host, call_id: &str, amount: &str, key: &str) -> Result<Answer> {
    let body = format!(
        r#"{{"call_id":"{call_id}","from_account":"checking_1","to_account":"savings_1","amount":{amount}}}"#
    );
    let headers = [("idempotency-key", key)];
    host.post_text("/orchestrate/transfer", &body, &headers)
        .await
}

/// The arguments of a tool call that moves this much of Alice's to her savings.
pub fn to_savings(amount: u32) -> Value {
    json!({"from_account": "checking_1", "to_account": "savings_1", "amount": amount})
}

/// The ledger's rows, newest first.
pub async fn rows(host: &Host) -> Result<Vec<Value>> {
    let answer = host.get("/admin/transfers").await?.expect(200);
    Ok(answer["transfers"].as_array().cloned().unwrap_or_default())
}

/// The newest row once it is in this state, whole; a minute is far more than it may take.
pub async fn newest_in(host: &Host, state: &str) -> Result<Value> {
    for _ in 0..4 {
        let found = until("a row", async || {
            let newest = rows(host).await?.into_iter().next();
            Ok(newest.filter(|row| row["state"] == state))
        });
        if let Ok(row) = found.await {
            let id = row["transfer_id"].as_str().unwrap_or_default().to_owned();
            let path = format!("/admin/transfers/{id}");
            return Ok(host.get(&path).await?.expect(200));
        }
    }
    bail!(
        "no row became {state}: {:?}\n{}",
        rows(host).await?,
        host.log()
    )
}
