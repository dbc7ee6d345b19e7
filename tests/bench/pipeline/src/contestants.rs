//! Everybody who takes part, in the order of the table.
//!
//! Each file says what its contestant keeps between evaluations, as a server would, and what it makes anew for each.

mod cedar;
mod extism;
mod floor;
mod native;
mod ours;
mod rego;
mod rhai;

use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use tokio::runtime::{Builder, Runtime};

use crate::cases::Case;
use crate::contestant::Contestant;

/// Every contestant, ready.
pub fn all(
    plugins: &Path,
    host: &Path,
    extism_plugin: &Path,
    cases: &[Case],
) -> Result<Vec<Box<dyn Contestant>>> {
    let runtime: Arc<Runtime> = Arc::new(Builder::new_current_thread().enable_all().build()?);
    let revision = ours::revision(&runtime, plugins, host)?;
    let (warm, fresh) = extism::both(extism_plugin)?;
    Ok(vec![
        Box::new(floor::Floor::new(&runtime, plugins, &revision, cases)?),
        Box::new(ours::OneStage::new(&runtime, &revision, cases)?),
        Box::new(ours::FourStages::new(&runtime, &revision, cases)),
        Box::new(native::Native::new()),
        Box::new(rhai::Rhai::new()?),
        Box::new(cedar::Cedar::new()?),
        Box::new(rego::Interpreted::new()?),
        Box::new(rego::Compiled::new()?),
        Box::new(warm),
        Box::new(fresh),
    ])
}
