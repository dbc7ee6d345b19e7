//! `/admin/pipeline` and `/admin/revisions`: which rules are active, what was before, and every order that changes it.
//!
//! What is answered is what the pipeline says; who may ask is decided before.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::Shared;
use super::super::bounded::Bounded;
use super::super::problem::Problem;
use super::parameters::Parameters;
use crate::pipeline::{
    Candidate, Changed, Difference, Error, History, Occasion, Order, Status, Target,
};

/// Rows of each list in a history.
const LISTED: u64 = 50;

/// `GET /admin/pipeline`.
pub async fn status(State(shared): State<Arc<Shared>>) -> Json<Status> {
    Json(shared.orchestrator.pipeline().status().await)
}

/// How much of the past.
#[derive(Debug, Deserialize)]
pub struct Limit {
    limit: Option<u64>,
}

/// `GET /admin/revisions?limit=`.
pub async fn history(
    State(shared): State<Arc<Shared>>,
    Parameters(how_much): Parameters<Limit>,
) -> Result<Json<History>, Problem> {
    let limit = how_much.limit.unwrap_or(LISTED);
    let history = shared.orchestrator.pipeline().history(limit).await?;
    Ok(Json(history))
}

/// `GET /admin/revisions/{id}`: manifest, settings and digests. Here and in every order the first digits of an id are enough, and
/// `active` names what is.
pub async fn revision(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    let (id, content) = shared.orchestrator.pipeline().content(&id).await?;
    Ok(Json(json!({ "id": id, "content": content })))
}

/// Which two.
#[derive(Debug, Deserialize)]
pub struct Two {
    from: String,
    to: String,
}

/// `GET /admin/pipeline/diff?from=&to=`.
pub async fn diff(
    State(shared): State<Arc<Shared>>,
    Parameters(two): Parameters<Two>,
) -> Result<Json<Vec<Difference>>, Problem> {
    let pipeline = shared.orchestrator.pipeline();
    Ok(Json(pipeline.diff(&two.from, &two.to).await?))
}

/// Which revision, who and why.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Activate {
    revision: String,
    #[serde(default)]
    who: Option<String>,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    now: bool,
}

/// `POST /admin/pipeline/activate`.
pub async fn activate(
    State(shared): State<Arc<Shared>>,
    Bounded(wanted): Bounded<Activate>,
) -> Result<Json<Changed>, Problem> {
    let order = Order {
        who: wanted.who,
        reason: wanted.reason,
        now: wanted.now,
    };
    let pipeline = shared.orchestrator.pipeline().clone();
    to_its_end(async move { pipeline.activate(&wanted.revision, &order).await }).await
}

/// Of what, who and why.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RollBack {
    /// Only where this revision is the active one.
    #[serde(default)]
    of: Option<String>,
    #[serde(default)]
    who: Option<String>,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    now: bool,
}

/// `POST /admin/pipeline/rollback`.
pub async fn roll_back(
    State(shared): State<Arc<Shared>>,
    Bounded(wanted): Bounded<RollBack>,
) -> Result<Json<Changed>, Problem> {
    let order = Order {
        who: wanted.who,
        reason: wanted.reason,
        now: wanted.now,
    };
    let pipeline = shared.orchestrator.pipeline().clone();
    to_its_end(async move { pipeline.roll_back(&order, wanted.of.as_deref()).await }).await
}

/// `POST /admin/pipeline/reload`: the files are looked at now.
pub async fn reload(State(shared): State<Arc<Shared>>) -> Result<Json<Candidate>, Problem> {
    let pipeline = shared.orchestrator.pipeline().clone();
    to_its_end(async move { pipeline.propose(Occasion::Asked).await }).await
}

/// Work that may compile a component goes on where the one who asked has given up waiting.
async fn to_its_end<T: Send + 'static>(
    work: impl Future<Output = Result<T, Error>> + Send + 'static,
) -> Result<Json<T>, Problem> {
    let done = tokio::spawn(work).await;
    Ok(Json(done.unwrap_or(Err(Error::Lost))?))
}

/// What is halted or let go on, who and why.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HaltOrder {
    what: What,
    /// The plugin's.
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    who: Option<String>,
    #[serde(default)]
    reason: String,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum What {
    Transfers,
    Plugin,
}

/// `POST /admin/pipeline/halt`.
pub async fn halt(
    state: State<Arc<Shared>>,
    Bounded(wanted): Bounded<HaltOrder>,
) -> Result<Json<Status>, Problem> {
    set_halt(state, wanted, true).await
}

/// `POST /admin/pipeline/resume`.
pub async fn resume(
    state: State<Arc<Shared>>,
    Bounded(wanted): Bounded<HaltOrder>,
) -> Result<Json<Status>, Problem> {
    set_halt(state, wanted, false).await
}

async fn set_halt(
    State(shared): State<Arc<Shared>>,
    wanted: HaltOrder,
    halted: bool,
) -> Result<Json<Status>, Problem> {
    let target = match (wanted.what, wanted.name) {
        (What::Transfers, None) => Target::Transfers,
        (What::Transfers, Some(_)) => {
            let detail = "`name` is of a plugin; all transfers are halted, or none";
            return Err(Problem::field("name_unexpected", detail));
        }
        (What::Plugin, Some(name)) => Target::Plugin(name),
        (What::Plugin, None) => {
            let detail = "`name` of the plugin is expected";
            return Err(Problem::field("plugin_name_missing", detail));
        }
    };
    let order = Order {
        who: wanted.who,
        reason: wanted.reason,
        now: false,
    };
    let pipeline = shared.orchestrator.pipeline();
    pipeline.halt(&target, halted, &order).await?;
    Ok(Json(pipeline.status().await))
}
