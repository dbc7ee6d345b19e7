//! The parameters of an address as a handler's argument: what is missing or cannot be read is a problem like any other.
//!
//! What the parameters mean is the handler's business.

use axum::extract::{FromRequestParts, Query};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::super::problem::Problem;

/// What follows the `?`.
pub struct Parameters<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Parameters<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Query::from_request_parts(parts, state).await {
            Ok(Query(found)) => Ok(Self(found)),
            Err(cause) => Err(Problem::new(
                StatusCode::BAD_REQUEST,
                "parameters_invalid",
                cause.body_text(),
            )),
        }
    }
}
