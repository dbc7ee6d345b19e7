//! Calls for good: saved between turns, ended once, listed for administrators, erased on request.
//!
//! What was said is sealed with the key of the call; where it stands, whose it is and what is pending can be read. Trust has a
//! table of its own. Whether an event may move a call is decided by the state machine, not here; only one thing is held in the
//! table as well: an ended call stays ended.

use std::collections::HashMap;

use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::seal::{self, CallKey};
use super::{Db, Error, entity};
use crate::call::session::{Answered, Spoken, Utterance};
use crate::call::{Call, Direction, State, Trust, User};
use entity::{call, session};

/// A call with what is known of its end.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredCall {
    /// As between turns.
    pub call: Call,
    /// The provider's word for why it ended.
    pub disconnection_reason: Option<String>,
    /// The provider's analysis.
    pub analysis: Option<Value>,
    /// When it ended.
    pub ended_at_ms: Option<i64>,
}

/// A call that has not ended, as far as its age and its silence go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveCall {
    /// The provider's id.
    pub id: String,
    /// When it was first heard of.
    pub created_at_ms: i64,
    /// When it was heard of last.
    pub updated_at_ms: i64,
}

/// The end of a call.
#[derive(Debug)]
pub(super) struct Ending {
    pub(super) call_id: String,
    pub(super) reason: Option<String>,
    pub(super) analysis: Option<Value>,
    pub(super) at_ms: i64,
}

/// What is sealed of a call.
#[derive(Default, Serialize, Deserialize)]
struct Conversation {
    transcript: Vec<Utterance>,
    last_reply: Option<String>,
    answered: Vec<Answered>,
    #[serde(default)]
    greeted: bool,
    #[serde(default)]
    socket: Option<String>,
    #[serde(default)]
    promised: Vec<String>,
    #[serde(default)]
    has_changed: bool,
    #[serde(default)]
    is_doubted: bool,
    #[serde(default)]
    is_pressed: bool,
    #[serde(default)]
    caller_utterances: usize,
    #[serde(default)]
    spoken: Option<Spoken>,
}

/// States of calls that have not ended, as they are kept.
pub(super) fn live_states() -> impl Iterator<Item = &'static str> {
    let live = State::ALL.into_iter().filter(|state| state.is_live());
    live.map(State::as_str)
}

impl Db {
    /// One call.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn call(&self, call_id: &str) -> Result<Option<Call>, Error> {
        Ok(self.stored_call(call_id).await?.map(|stored| stored.call))
    }

    /// One call with what is known of its end.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn stored_call(&self, call_id: &str) -> Result<Option<StoredCall>, Error> {
        let row = call::Entity::find_by_id(call_id)
            .one(&self.pools.reader())
            .await?;
        Ok(self.read_calls(row.into_iter().collect()).await?.pop())
    }

    /// How often a call was saved; nothing of it is opened.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn call_version(&self, call_id: &str) -> Result<Option<i64>, Error> {
        let version = call::Entity::find_by_id(call_id)
            .select_only()
            .column(call::Column::Version)
            .into_tuple()
            .one(&self.pools.reader())
            .await?;
        Ok(version)
    }

    /// Calls that have not ended, the longest silent first; nothing sealed is opened.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn live_calls(&self, limit: u64) -> Result<Vec<LiveCall>, Error> {
        use call::Column as C;
        let rows: Vec<(String, i64, i64)> = call::Entity::find()
            .select_only()
            .columns([C::Id, C::CreatedAtMs, C::UpdatedAtMs])
            .filter(C::State.is_in(live_states()))
            .order_by_asc(C::UpdatedAtMs)
            .limit(limit)
            .into_tuple()
            .all(&self.pools.reader())
            .await?;
        let calls = rows.into_iter();
        Ok(calls
            .map(|(id, created_at_ms, updated_at_ms)| LiveCall {
                id,
                created_at_ms,
                updated_at_ms,
            })
            .collect())
    }

    /// A page of all calls, newest first.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn calls(&self, offset: u64, limit: u64) -> Result<Vec<StoredCall>, Error> {
        let rows = call::Entity::find()
            .order_by_desc(call::Column::CreatedAtMs)
            .order_by_asc(call::Column::Id)
            .offset(offset)
            .limit(limit)
            .all(&self.pools.reader())
            .await?;
        self.read_calls(rows).await
    }

    /// How many calls there are.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn count_calls(&self) -> Result<u64, Error> {
        Ok(call::Entity::find().count(&self.pools.reader()).await?)
    }

    /// Adds trust and opens what is sealed; the order of the rows is kept.
    async fn read_calls(&self, rows: Vec<call::Model>) -> Result<Vec<StoredCall>, Error> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
        let sessions = session::Entity::find()
            .filter(session::Column::CallId.is_in(ids.iter().copied()))
            .all(&self.pools.reader())
            .await?;
        let mut sessions: HashMap<_, _> = sessions
            .into_iter()
            .map(|row| (row.call_id.clone(), row))
            .collect();
        let keys = seal::known(&self.pools.reader(), ids).await?;
        rows.into_iter()
            .map(|row| {
                let session = sessions.remove(&row.id);
                let key = keys.get(&row.id);
                read(row, session, key)
            })
            .collect()
    }
}

pub(super) fn row(
    call: &Call,
    keys: &HashMap<String, CallKey>,
) -> Result<call::ActiveModel, Error> {
    let said = Conversation {
        transcript: call.transcript.clone(),
        last_reply: call.last_reply.clone(),
        answered: call.answered.clone(),
        greeted: call.greeted,
        socket: call.socket.clone(),
        promised: call.promised.clone(),
        has_changed: call.has_changed,
        is_doubted: call.is_doubted,
        is_pressed: call.is_pressed,
        caller_utterances: call.caller_utterances,
        spoken: call.spoken.clone(),
    };
    let said = serde_json::to_vec(&said).map_err(|_| Error::Unreadable("conversation"))?;
    let pending = call.pending.as_ref().map(serde_json::to_string).transpose();
    Ok(call::ActiveModel {
        id: Set(call.id.clone()),
        state: Set(call.state.as_str().to_owned()),
        agent: Set(call.agent.clone()),
        direction: Set(call.direction.as_str().to_owned()),
        line: Set(call.line.clone()),
        phone: Set(call.phone.clone()),
        user_id: Set(call.user.as_ref().map(|user| user.id.clone())),
        user_name: Set(call.user.as_ref().and_then(|user| user.name.clone())),
        revision: Set(call.revision.clone()),
        activation: Set(call.activation),
        turns: Set(i64::from(call.turns)),
        misunderstood: Set(i64::from(call.misunderstood)),
        pending: Set(pending.map_err(|_| Error::Unreadable("pending intent"))?),
        metadata: Set(call.metadata.to_string()),
        conversation: Set(Some(
            key_of(keys, &call.id)?.seal(&conversation_id(&call.id), &said)?,
        )),
        disconnection_reason: Set(None),
        analysis: Set(None),
        created_at_ms: Set(call.created_at_ms),
        updated_at_ms: Set(call.updated_at_ms),
        ended_at_ms: Set((call.state == State::CallEnded).then_some(call.updated_at_ms)),
        version: Set(call.version),
    })
}

pub(super) fn session_row(call: &Call) -> session::ActiveModel {
    session::ActiveModel {
        call_id: Set(call.id.clone()),
        user_id: Set(call.user.as_ref().map(|user| user.id.clone())),
        trust: Set(call.trust.as_str().to_owned()),
        pin_at_ms: Set(call.pin_at_ms),
        updated_at_ms: Set(call.updated_at_ms),
    }
}

/// A call without its key was erased: what was said is gone, the rest is still true.
fn read(
    row: call::Model,
    session: Option<session::Model>,
    key: Option<&CallKey>,
) -> Result<StoredCall, Error> {
    let open = |row_id: String, sealed: Option<Vec<u8>>| match (key, sealed) {
        (Some(key), Some(sealed)) => key.open(&row_id, &sealed).ok(),
        _ => None,
    };
    let said: Option<Conversation> = open(conversation_id(&row.id), row.conversation)
        .map(|said| serde_json::from_slice(&said))
        .transpose()
        .map_err(|_| Error::Unreadable("conversation"))?;
    let analysis = open(analysis_id(&row.id), row.analysis)
        .map(|analysis| serde_json::from_slice(&analysis))
        .transpose()
        .map_err(|_| Error::Unreadable("analysis"))?;
    let pending = row.pending.as_deref().map(serde_json::from_str).transpose();
    let said = said.unwrap_or_default();
    let call = Call {
        state: State::from_name(&row.state).ok_or(Error::Unreadable("state of a call"))?,
        agent: row.agent,
        direction: Direction::from_name(&row.direction),
        line: row.line,
        phone: row.phone,
        user: row.user_id.map(|id| User {
            id,
            name: row.user_name,
        }),
        trust: session
            .as_ref()
            .and_then(|session| Trust::from_name(&session.trust))
            .unwrap_or(Trust::Unknown),
        pin_at_ms: session.and_then(|session| session.pin_at_ms),
        revision: row.revision,
        activation: row.activation,
        turns: u32::try_from(row.turns).unwrap_or(u32::MAX),
        misunderstood: u32::try_from(row.misunderstood).unwrap_or(u32::MAX),
        pending: pending.map_err(|_| Error::Unreadable("pending intent"))?,
        last_reply: said.last_reply,
        answered: said.answered,
        greeted: said.greeted,
        socket: said.socket,
        promised: said.promised,
        has_changed: said.has_changed,
        is_doubted: said.is_doubted,
        is_pressed: said.is_pressed,
        caller_utterances: said.caller_utterances,
        // Another process has another key for marks.
        wrong_pin: None,
        spoken: said.spoken,
        transcript: said.transcript,
        metadata: serde_json::from_str(&row.metadata).map_err(|_| Error::Unreadable("metadata"))?,
        created_at_ms: row.created_at_ms,
        updated_at_ms: row.updated_at_ms,
        version: row.version,
        id: row.id,
    };
    Ok(StoredCall {
        call,
        disconnection_reason: row.disconnection_reason,
        analysis,
        ended_at_ms: row.ended_at_ms,
    })
}

pub(super) fn key_of<'a>(
    keys: &'a HashMap<String, CallKey>,
    call_id: &str,
) -> Result<&'a CallKey, Error> {
    keys.get(call_id).ok_or(Error::Missing("key of this call"))
}

fn conversation_id(call_id: &str) -> String {
    format!("{call_id}/conversation")
}

pub(super) fn analysis_id(call_id: &str) -> String {
    format!("{call_id}/analysis")
}
