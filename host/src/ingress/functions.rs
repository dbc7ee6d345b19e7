//! `/functions` and `/functions/{name}`: tool calls of Retell's own model.
//!
//! Two body forms: `{name, args, call}`, or the arguments alone with the call's id in the header `x-call-id` or the query
//! `call_id`. Once the signature holds, the answer is always a 200 with a speakable sentence: the agent reads it out.

mod fields;

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::problem::Problem;
use super::{Shared, apology, body, retell, wire};
use crate::call::outcome::Next;
use crate::call::{Reply, bounds};
use crate::orchestrator::{Answer, Ask, CallFacts, Error, Request as TurnRequest};
use crate::reply;

/// `POST /functions`: the function's name is in the body.
pub async fn by_body(
    State(shared): State<Arc<Shared>>,
    request: Request,
) -> Result<Response, Problem> {
    invoke(&shared, None, request).await
}

/// `/functions/{name}`: with the methods that carry a body, since only a body is signed.
pub async fn by_path(
    State(shared): State<Arc<Shared>>,
    Path(name): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    invoke(&shared, Some(name), request).await
}

async fn invoke(
    shared: &Shared,
    path_name: Option<String>,
    request: Request,
) -> Result<Response, Problem> {
    let (parts, raw) = body::signed(shared, request, shared.settings.webhook_bytes_max).await?;
    let asked = match read(&parts, &raw, path_name) {
        Ok(asked) => asked,
        Err(unfit) => return Ok(unfit.into_response()),
    };
    let call_id = asked.call.id.clone();
    Ok(match shared.orchestrator.take_turn(asked).await {
        Ok(answer) => {
            hand_off(shared, call_id, &answer.reply);
            spoken(&answer)
        }
        Err(cause) => {
            let reply = apology::reply(&cause);
            hand_off(shared, call_id, &reply);
            sorry(cause, reply)
        }
    })
}

/// What the live call's model is told beside the function's result, which it may put aside.
const HAND_OFF: &str = "The bank's rules hand this caller to a colleague. Say so in one short sentence and transfer the call now.";

/// Tells Retell that a person has to take the call; the caller does not wait for it.
fn hand_off(shared: &Shared, call_id: String, reply: &Reply) {
    let (Next::HandOff(_), Some(provider)) = (&reply.next, shared.provider.clone()) else {
        return;
    };
    tokio::spawn(async move {
        if let Err(cause) = provider.tell(&call_id, HAND_OFF).await {
            tracing::warn!(call_id, "Retell was not told of a hand-off: {cause}");
        }
    });
}

/// What cannot be understood is told to the model, which can put it right or apologise.
struct Unfit {
    code: &'static str,
    result: &'static str,
}

impl IntoResponse for Unfit {
    fn into_response(self) -> Response {
        Json(json!({ "result": self.result, "code": self.code, "data": {} })).into_response()
    }
}

fn read(parts: &Parts, raw: &Bytes, path_name: Option<String>) -> Result<TurnRequest, Unfit> {
    let unfit = |code| Unfit {
        code,
        result: reply::APOLOGY,
    };
    let query = query(parts.uri.query().unwrap_or_default());
    // Nothing but the call's id is ever taken from the URL: the signature covers the body alone.
    let parsed = retell::parse_with(raw, fields::read).map_err(|_| unfit("not_json"))?;
    let Value::Object(fields) = parsed else {
        return Err(unfit("wrong_shape"));
    };
    let (name, arguments, call) = split(fields, path_name);
    let name = name
        .filter(|name| is_function_name(name))
        .ok_or(unfit("function_name_missing"))?;
    let call = call
        .as_ref()
        .and_then(retell::call_facts)
        .or_else(|| named_elsewhere(&parts.headers, &query))
        .ok_or(unfit("call_id_missing"))?;
    Ok(TurnRequest {
        call,
        ask: Ask::Invocation { name, arguments },
    })
}

/// The three parts of a body, or the whole as arguments.
fn split(
    mut fields: Map<String, Value>,
    path_name: Option<String>,
) -> (Option<String>, Value, Option<Value>) {
    // Every argument may be absent, so all of them may.
    let has_arguments = matches!(fields.get("args"), Some(Value::Object(_) | Value::Null));
    let is_whole = has_arguments && (fields.contains_key("call") || fields.contains_key("name"));
    if !is_whole {
        return (path_name, Value::Object(fields), None);
    }
    let name = fields
        .get("name")
        .and_then(Value::as_str)
        .map(str::to_owned);
    let arguments = fields.remove("args").filter(Value::is_object);
    let arguments = arguments.unwrap_or_else(|| Value::Object(Map::new()));
    (path_name.or(name), arguments, fields.remove("call"))
}

fn named_elsewhere(headers: &HeaderMap, query: &HashMap<String, String>) -> Option<CallFacts> {
    let header = headers
        .get("x-call-id")
        .and_then(|id| id.to_str().ok())
        .map(str::to_owned);
    let id = header.or_else(|| query.get("call_id").cloned())?;
    bounds::name("call_id", &id).ok()?;
    Some(CallFacts {
        id,
        ..CallFacts::default()
    })
}

/// Retell's own rule: letters, digits, `_` and `-`, at most 64.
fn is_function_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

fn query(text: &str) -> HashMap<String, String> {
    axum::extract::Query::<HashMap<String, String>>::try_from_uri(
        &format!("/?{text}").parse().unwrap_or_default(),
    )
    .map(|query| query.0)
    .unwrap_or_default()
}

fn spoken(answer: &Answer) -> Response {
    let mut response = Json(json!({
        "result": answer.reply.text,
        "code": answer.outcome.code(),
        "data": wire::outcome(&answer.outcome),
    }))
    .into_response();
    response.headers_mut().extend(server_timing(answer));
    response
}

/// The orchestrator's own share, and what the bank took; in milliseconds, as browsers and load tools read it.
pub fn server_timing(answer: &Answer) -> Option<(HeaderName, HeaderValue)> {
    let own = answer.total_micros.saturating_sub(answer.backend_micros);
    let text = format!(
        "host;dur={}.{:03}, backend;dur={}.{:03}",
        own / 1_000,
        own % 1_000,
        answer.backend_micros / 1_000,
        answer.backend_micros % 1_000
    );
    let value = HeaderValue::from_str(&text).ok()?;
    Some((HeaderName::from_static("server-timing"), value))
}

fn sorry(cause: Error, reply: Reply) -> Response {
    let problem = Problem::from(cause);
    Json(json!({ "result": reply.text, "code": problem.code(), "data": {} })).into_response()
}
