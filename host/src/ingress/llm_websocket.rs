//! `GET /llm-websocket/{call_id}`: Retell's custom-LLM websocket, on which the host itself holds the conversation.
//!
//! One socket a call, with a reader and a writer of its own; each request gets a task, and only the newest is spoken (protocol,
//! section 5). Nobody signs what comes in here: the secret `?token=` says that it is Retell's line, and a number in it opens nothing
//! outside sandbox until a signed event names it too.

mod conversation;
mod flood;
pub mod frame;
mod heard;
mod holding;
mod line;
mod reader;
mod response;
mod settings;
pub mod sockets;
mod tool;
mod unasked;
mod vouch;

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::problem::Problem;
use super::{Shared, access};
use crate::call::bounds;

pub use settings::Settings;

/// Read from the socket at once; most of Retell's frames are shorter, and an idle line should cost little.
const READ_BUFFER_BYTES: usize = 4 * 1024;
/// What is written leaves at once.
const WRITE_BUFFER_BYTES: usize = 0;

/// What the address says beside the call.
#[derive(Debug, Default, Deserialize)]
pub struct Secret {
    token: Option<String>,
}

/// Takes a line, or says why not.
pub async fn connect(
    State(shared): State<Arc<Shared>>,
    Path(call_id): Path<String>,
    secret: Result<Query<Secret>, QueryRejection>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    let given = secret.ok().and_then(|secret| secret.0.token);
    let expected = shared.settings.websocket_token.as_ref();
    let is_open = shared.is_sandbox && expected.is_none();
    if !is_open && !access::is(given.as_deref(), expected) {
        let detail =
            "the websocket's address needs its secret as `?token=` (ORCHESTRATOR_WEBSOCKET_TOKEN)";
        return Err(Problem::new(
            StatusCode::UNAUTHORIZED,
            "token_invalid",
            detail,
        ));
    }
    if !bounds::is_safe_id(&call_id) {
        let detail = "the call id is empty, too long or holds characters that no id has";
        return Err(Problem::field("call_id_invalid", detail));
    }
    let upgrade =
        upgrade.map_err(|cause| Problem::new(cause.status(), "no_websocket", cause.body_text()))?;
    let place = shared.sockets.enter(&call_id).ok_or_else(|| {
        let detail = "this host takes no more lines; another one, or this one later, does";
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "no_line_free", detail)
    })?;
    let bytes_max = shared.settings.webhook_bytes_max;
    Ok(upgrade
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(WRITE_BUFFER_BYTES)
        // Twice the limit still gets a proper goodbye; beyond it the line just drops.
        .max_message_size(bytes_max.saturating_mul(2))
        .max_frame_size(bytes_max.saturating_mul(2))
        .on_upgrade(move |socket| reader::hold(shared, call_id, socket, place)))
}
