//! Tokens: what an internal service may ask, and what an operator may.
//!
//! The admin token opens both; the API token opens `/orchestrate` only. In sandbox, where no token is set, everything is open.
//! Compared in constant time.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use secrecy::{ExposeSecret as _, SecretString};
use subtle::ConstantTimeEq as _;

use super::Shared;
use super::problem::Problem;

/// Guards `/orchestrate`.
pub async fn api(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let given = bearer(request.headers());
    let settings = &shared.settings;
    let is_open = shared.is_sandbox && settings.api_token.is_none();
    let opens = is(given, settings.api_token.as_ref()) || is(given, settings.admin_token.as_ref());
    if is_open || opens {
        return next.run(request).await;
    }
    unauthorised()
}

/// Guards `/admin` and `/metrics`.
pub async fn admin(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let given = bearer(request.headers());
    let settings = &shared.settings;
    let is_open = shared.is_sandbox && settings.admin_token.is_none();
    if is_open || is(given, settings.admin_token.as_ref()) {
        return next.run(request).await;
    }
    if is(given, settings.api_token.as_ref()) {
        let detail = "this token does not open the admin surface";
        return Problem::new(StatusCode::FORBIDDEN, "token_insufficient", detail).into_response();
    }
    unauthorised()
}

fn unauthorised() -> Response {
    let detail = "a valid token is expected as `Authorization: Bearer …`";
    Problem::new(StatusCode::UNAUTHORIZED, "token_invalid", detail).into_response()
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Compared in constant time; an empty or absent secret opens nothing.
pub fn is(given: Option<&str>, expected: Option<&SecretString>) -> bool {
    match (given, expected) {
        (Some(given), Some(expected)) => {
            let expected = expected.expose_secret().as_bytes();
            !expected.is_empty() && bool::from(given.as_bytes().ct_eq(expected))
        }
        _ => false,
    }
}
