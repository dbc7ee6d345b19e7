//! Processes that many tests ask and none changes the settings of.
//!
//! Money in them is nobody's: a test that counts it starts its own.

use tokio::sync::OnceCell;

use anyhow::Result;

use super::{Host, Setup};

/// A sandbox host for tests that only look at their own calls.
pub async fn sandbox() -> Result<&'static Host> {
    static SANDBOX: OnceCell<Host> = OnceCell::const_new();
    SANDBOX
        .get_or_try_init(async || Setup::sandbox()?.start().await)
        .await
}
