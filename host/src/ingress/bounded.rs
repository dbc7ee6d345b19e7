//! A JSON body as a handler's argument, for the surfaces that answer faults as problems.
//!
//! Bounded in size and time; what is wrong with it is named.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{FromRequest, Request};
use serde::de::DeserializeOwned;

use super::Shared;
use super::body;
use super::problem::Problem;

/// A bounded JSON body; every fault is a problem that names it.
pub struct Bounded<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Arc<Shared>> for Bounded<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, shared: &Arc<Shared>) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let max = shared.settings.body_bytes_max;
        let within = Duration::from_millis(shared.settings.body_timeout_ms);
        let bytes = body::bounded(&parts.headers, body, max, within).await?;
        Ok(Self(body::json(&bytes)?))
    }
}
