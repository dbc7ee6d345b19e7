//! A host's place at its database: held until the host ends, however it ends.
//!
//! Who may take one stands in `hosts`.

use std::fs::File;

use tokio::task::AbortHandle;

/// A host's place at the database, until it ends.
#[derive(Debug)]
pub(super) enum Place {
    /// The lock beside a file; held by being open.
    Beside { _lock: File },
    /// The row at a server, and who renews it.
    Row { id: String, renewal: AbortHandle },
}
