//! The one mapping from what went wrong to an HTTP answer: RFC 9457 problems with a stable `code`.
//!
//! Also carries the predecessor's `error` and `status` members. No arm is a wildcard: a new error has to be given its status here.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::body::{BodyError, NotTaken};
use super::signature::Refused;
use crate::call::intent::Message;
use crate::call::{Failure, mask};
use crate::orchestrator::Error;
use crate::pipeline;

/// How long a client should wait before it repeats what is safe to repeat.
const RETRY_AFTER_S: &str = "1";

/// The code of a request that is not signed as Retell signs; a token would not help.
const SIGNATURE_INVALID: &str = "signature_invalid";

/// An answer that says what is wrong.
#[derive(Debug, Clone)]
pub struct Problem {
    status: StatusCode,
    code: String,
    detail: String,
    /// Whether the detail is of files and settings only, so that its figures are to be read.
    has_figures: bool,
    may_retry: bool,
}

impl Problem {
    /// A problem of this status.
    pub fn new(status: StatusCode, code: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            status,
            code: code.into(),
            detail: detail.into(),
            has_figures: false,
            may_retry: false,
        }
    }

    /// A field that cannot be meant.
    pub fn field(code: &str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, detail)
    }

    /// A problem about rules, outside of any call: ids of revisions and amounts in it are not masked.
    fn of_files(status: StatusCode, code: &str, detail: String) -> Self {
        Self {
            has_figures: true,
            ..Self::new(status, code, detail)
        }
    }

    /// Says when to come again.
    pub fn retry(mut self) -> Self {
        self.may_retry = true;
        self
    }

    /// The stable code.
    pub fn code(&self) -> &str {
        &self.code
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let title = self.status.canonical_reason().unwrap_or("Problem");
        // A detail may repeat what a client sent; numbers of people and accounts stay masked all the same.
        let detail = if self.has_figures {
            mask::numbers_but_figures(&self.detail)
        } else {
            mask::numbers(&self.detail)
        };
        let body: Value = json!({
            "type": format!("urn:orchestrator:problem:{}", self.code),
            "title": title,
            "status": self.status.as_u16(),
            "detail": detail,
            "code": self.code,
            "error": detail,
        });
        let mut response = (self.status, Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if self.may_retry {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER_S));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            let expected = if self.code == SIGNATURE_INVALID {
                "X-Retell-Signature"
            } else {
                "Bearer"
            };
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(expected));
        }
        response
    }
}

impl From<Refused> for Problem {
    fn from(cause: Refused) -> Self {
        match cause {
            Refused::NotOnce | Refused::Malformed | Refused::Stale | Refused::Mismatch => {
                Self::new(
                    StatusCode::UNAUTHORIZED,
                    SIGNATURE_INVALID,
                    cause.to_string(),
                )
            }
        }
    }
}

impl From<NotTaken> for Problem {
    fn from(cause: NotTaken) -> Self {
        match cause {
            NotTaken::Signature(cause) => cause.into(),
            NotTaken::Body(cause) => cause.into(),
        }
    }
}

impl From<BodyError> for Problem {
    fn from(cause: BodyError) -> Self {
        let detail = cause.to_string();
        match cause {
            BodyError::TooLarge { .. } => {
                Self::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", detail)
            }
            BodyError::Encoded => {
                Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "body_encoded", detail)
            }
            BodyError::Interrupted => {
                Self::new(StatusCode::REQUEST_TIMEOUT, "body_interrupted", detail)
            }
            BodyError::NotJson(_) => Self::new(StatusCode::BAD_REQUEST, "not_json", detail),
            BodyError::WrongShape(_) => Self::field("wrong_shape", detail),
        }
    }
}

impl From<Error> for Problem {
    fn from(cause: Error) -> Self {
        let detail = cause.to_string();
        match cause {
            Error::IllegalState { .. } => Self::new(StatusCode::CONFLICT, "illegal_state", detail),
            Error::UnknownCall => Self::new(StatusCode::NOT_FOUND, "call_not_found", detail),
            Error::UnknownUser => Self::new(StatusCode::NOT_FOUND, "user_not_found", detail),
            Error::OtherUser => Self::new(StatusCode::FORBIDDEN, "other_customer", detail),
            Error::Busy | Error::Overtaken => {
                Self::new(StatusCode::CONFLICT, "call_busy", detail).retry()
            }
            Error::Overloaded => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "overloaded", detail).retry()
            }
            Error::BadCallId => Self::field("call_id_invalid", detail),
            Error::BackendUnavailable(source) => {
                tracing::warn!("the bank cannot be asked: {source}");
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "bank_unavailable", detail).retry()
            }
            Error::Database(source) => {
                tracing::error!("the database cannot be used: {source}");
                let code = "database_unavailable";
                Self::new(StatusCode::SERVICE_UNAVAILABLE, code, detail).retry()
            }
            Error::Outdated => Self::new(StatusCode::CONFLICT, "outdated", detail),
            Error::Superseded => Self::new(StatusCode::CONFLICT, "superseded", detail),
            Error::Lost => Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail),
        }
    }
}

impl From<pipeline::Error> for Problem {
    fn from(cause: pipeline::Error) -> Self {
        of_rules(&cause)
    }
}

fn of_rules(cause: &pipeline::Error) -> Problem {
    use pipeline::Error as E;
    let problem = |status, code| Problem::of_files(status, code, cause.sentence());
    match cause {
        E::Loading(cause) => of_rules(cause),
        E::UnknownRevision(_) => problem(StatusCode::NOT_FOUND, "revision_not_found"),
        E::AmbiguousRevision { .. } => problem(StatusCode::CONFLICT, "revision_ambiguous"),
        E::ReasonMissing => problem(StatusCode::UNPROCESSABLE_ENTITY, "reason_missing"),
        E::BadReason(_) => problem(StatusCode::UNPROCESSABLE_ENTITY, "reason_invalid"),
        E::UnknownPlugin { .. } => problem(StatusCode::UNPROCESSABLE_ENTITY, "plugin_unknown"),
        E::NotActive { .. } => problem(StatusCode::CONFLICT, "revision_not_active"),
        E::NothingBefore => problem(StatusCode::CONFLICT, "nothing_before"),
        E::NeverValid { .. } => problem(StatusCode::CONFLICT, "revision_failed"),
        E::Unsettled | E::BeingWritten(_) => {
            problem(StatusCode::CONFLICT, "files_changing").retry()
        }
        E::Files(_)
        | E::Refused { .. }
        | E::Settings(_)
        | E::SelfTestsUnreadable { .. }
        | E::SelfTestFailed { .. }
        | E::Unknown { .. } => problem(StatusCode::CONFLICT, "revision_not_loadable"),
        E::Lost => problem(StatusCode::INTERNAL_SERVER_ERROR, "internal"),
        E::Overtaken => problem(StatusCode::CONFLICT, "rules_changed"),
        E::Database(source) => Error::Database(source.clone()).into(),
    }
}

/// What the rules or a human have to do with: the client asked rightly and is told no.
pub fn refused(message: &Message) -> Problem {
    let status = match message.code.as_str() {
        "idempotency_key_reused" | "amount_not_positive" | "same_account" | "written_off" => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
        "transfer_in_progress" => StatusCode::CONFLICT,
        "transfers_halted" => StatusCode::SERVICE_UNAVAILABLE,
        // The fault of a policy, not of the request: nothing was done.
        "policy_failed" => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::FORBIDDEN,
    };
    let problem = Problem::new(status, message.code.clone(), message.text.clone());
    if message.code == "policy_failed" {
        problem.retry()
    } else {
        problem
    }
}

/// What did not work.
pub fn failed(failure: &Failure) -> Problem {
    let code = failure.code();
    let (status, detail) = match failure {
        Failure::NotFound(what) => (StatusCode::NOT_FOUND, format!("the {what} was not found")),
        Failure::NotAllowed(_) => (StatusCode::FORBIDDEN, "this is not allowed".to_owned()),
        Failure::InsufficientFunds => (
            StatusCode::CONFLICT,
            "there is not enough money in that account".to_owned(),
        ),
        Failure::Rejected(reason) => (
            StatusCode::UNPROCESSABLE_ENTITY,
            format!("the bank refused: {reason}"),
        ),
        Failure::Unavailable => (
            StatusCode::SERVICE_UNAVAILABLE,
            "the bank cannot be reached".to_owned(),
        ),
        Failure::Uncertain => (
            StatusCode::GATEWAY_TIMEOUT,
            "sent to the bank, but not answered yet; do not send it again with another key"
                .to_owned(),
        ),
        Failure::Unsupported => (
            StatusCode::NOT_IMPLEMENTED,
            "the bank has no such thing".to_owned(),
        ),
    };
    let problem = Problem::new(status, code, detail);
    if *failure == Failure::Unavailable {
        problem.retry()
    } else {
        problem
    }
}

/// No route.
pub async fn no_such_path() -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        "path_not_found",
        "there is nothing at this path",
    )
}

/// A route, but not for this method.
pub async fn no_such_method() -> Problem {
    let detail = "this path takes another method";
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail)
}

/// A defect of ours; what the panic said stays in the log.
pub fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    metrics::counter!("panics_total").increment(1);
    Problem::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        "internal",
        "something went wrong here",
    )
    .into_response()
}
