//! The trace that a request names goes with all that is done for it.
//!
//! A header that is not the standard's is passed over: a trace is for whoever looks at it later, and refuses nothing.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;

use crate::backend::trace::{self, Trace};

/// Around a handler.
pub async fn carry(request: Request, next: Next) -> Response {
    let named = request
        .headers()
        .get(trace::HEADER)
        .and_then(|header| header.to_str().ok())
        .and_then(Trace::read);
    trace::within(named.unwrap_or_else(Trace::begin), next.run(request)).await
}
