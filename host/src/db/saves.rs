//! How calls are written: many in one statement, an older version never over a newer one, an ended call never to life again.
//!
//! Runs inside the writer's transaction, which goes on without a version that is not newer: whoever saves one is told.

use std::collections::{BTreeMap, HashMap, HashSet};

use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait as _};

use super::calls::{Ending, analysis_id, key_of, row, session_row};
use super::portions::portions;
use super::seal::CallKey;
use super::{Error, entity};
use crate::call::{Call, State};
use entity::{call, session};

/// Saves calls; of several saves of one call the newest. The ids of those that are not newer than what is kept, of which nothing is
/// written.
///
/// Invariant: an older version never takes the place of a newer one (`an_older_version_of_a_call_is_refused`).
///
/// # Errors
/// [`Error`] of the database.
pub(super) async fn save_all<'a>(
    db: &impl ConnectionTrait,
    keys: &HashMap<String, CallKey>,
    calls: impl Iterator<Item = &'a Call>,
) -> Result<HashSet<String>, Error> {
    // Sorted by id, so that two hosts that save the same calls do not wait in a circle.
    let mut newest: BTreeMap<&str, &Call> = BTreeMap::new();
    for call in calls {
        let known = newest.entry(&call.id).or_insert(call);
        if known.version <= call.version {
            *known = call;
        }
    }
    let calls = newest;
    let mut rows = Vec::with_capacity(calls.len());
    for call in calls.values() {
        rows.push(row(call, keys)?);
    }
    let mut written = HashSet::with_capacity(rows.len());
    for portion in portions(rows) {
        let newer = call::Entity::insert_many(portion)
            .on_conflict(renewed())
            .exec_with_returning_keys(db)
            .await?;
        written.extend(newer);
    }
    let (newer, stale): (Vec<&Call>, Vec<&Call>) =
        calls.values().partition(|call| written.contains(&call.id));
    let sessions = newer.into_iter().map(session_row).collect();
    for portion in portions(sessions) {
        use session::Column as C;
        let mut renewed = OnConflict::column(C::CallId);
        renewed.update_columns([C::UserId, C::Trust, C::PinAtMs, C::UpdatedAtMs]);
        session::Entity::insert_many(portion)
            .on_conflict(renewed)
            .exec_without_returning(db)
            .await?;
    }
    Ok(stale.into_iter().map(|call| call.id.clone()).collect())
}

/// What a later save changes: everything but the beginning and what is known of the end.
fn renewed() -> OnConflict {
    use call::Column as C;
    OnConflict::column(C::Id)
        .update_columns([
            C::State,
            C::Agent,
            C::Direction,
            C::Line,
            C::Phone,
            C::UserId,
            C::UserName,
            C::Revision,
            C::Activation,
            C::Turns,
            C::Misunderstood,
            C::Pending,
            C::Metadata,
            C::Conversation,
            C::UpdatedAtMs,
            C::Version,
        ])
        .value(
            C::EndedAtMs,
            Expr::cust("COALESCE(calls.ended_at_ms, excluded.ended_at_ms)"),
        )
        .action_and_where(Expr::cust(
            "calls.version < excluded.version AND (calls.state <> 'CALL_ENDED' OR excluded.state = 'CALL_ENDED')",
        ))
        .to_owned()
}

/// Writes the end of one call; its version stays, since what is known of the end is nobody's turn.
pub(super) async fn end(
    db: &impl ConnectionTrait,
    keys: &HashMap<String, CallKey>,
    ending: &Ending,
) -> Result<(), Error> {
    use call::Column as C;
    let mut unknown = Call::new(ending.call_id.as_str(), ending.at_ms);
    unknown.state = State::CallEnded;
    let mut row = row(&unknown, keys)?;
    row.disconnection_reason = Set(ending.reason.clone());
    if let Some(analysis) = &ending.analysis {
        let row_id = analysis_id(&ending.call_id);
        row.analysis = Set(Some(
            key_of(keys, &ending.call_id)?.seal(&row_id, analysis.to_string().as_bytes())?,
        ));
    }
    let known = OnConflict::column(C::Id)
        .update_columns([C::State, C::UpdatedAtMs])
        .value(
            C::EndedAtMs,
            Expr::cust("COALESCE(calls.ended_at_ms, excluded.ended_at_ms)"),
        )
        .value(
            C::DisconnectionReason,
            Expr::cust("COALESCE(excluded.disconnection_reason, calls.disconnection_reason)"),
        )
        .value(
            C::Analysis,
            Expr::cust("COALESCE(excluded.analysis, calls.analysis)"),
        )
        .to_owned();
    call::Entity::insert(row)
        .on_conflict(known)
        .exec_without_returning(db)
        .await?;
    Ok(())
}
