//! Turns: the facts openly, for lists and figures; the whole record sealed, for replay.
//!
//! Written by the group writer, read by administrators. Erasing a call deletes its key and what can be read of it; the facts of
//! its turns stay, since they name nobody.

use std::collections::HashMap;

use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _,
};
use serde::{Deserialize, Serialize};

use super::portions::portions;
use super::seal::{self, CallKey};
use super::transaction::{Tries, end};
use super::{Db, Error, entity};
use crate::call::mask;
use crate::call::record::{DecisionRecord, POLICY_FAILED};
use crate::call::turn::Channel;
use entity::{call, key, payload, turn};

/// Which component a turn used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageDigest {
    /// `route`, `decide`, `fulfil`, `shape`.
    pub phase: String,
    /// The plugin's name.
    pub plugin: String,
    /// sha-256 of its file.
    pub digest: String,
    /// Why it failed, if it did.
    pub failure: Option<String>,
    /// Of several policies, the one whose answer became the turn's.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub decided: bool,
}

/// What may be shown of a turn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TurnFacts {
    /// Unique in time order.
    pub id: String,
    /// The call.
    pub call_id: String,
    /// From 1 within the call.
    pub number: u32,
    /// `voice`, `invocation`, `rest`.
    pub channel: String,
    /// The revision that decided.
    pub revision: String,
    /// Stages in order.
    pub stages: Vec<StageDigest>,
    /// Name of the intent.
    pub intent: String,
    /// Name of the decision.
    pub decision: Option<String>,
    /// Its reason code.
    pub reason: Option<String>,
    /// The policy whose answer that was; none where all allowed, or the host itself said more.
    pub decided_by: Option<String>,
    /// Code of the outcome.
    pub outcome: String,
    /// What was said, long numbers masked.
    pub reply: String,
    /// The whole turn.
    pub total_micros: u64,
    /// Of that, waiting for the backend.
    pub backend_micros: u64,
    /// The ledger row, if any.
    pub transfer_id: Option<String>,
    /// When it began.
    pub at_ms: i64,
}

impl Db {
    /// The facts of one turn.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn turn(&self, id: &str) -> Result<Option<TurnFacts>, Error> {
        let row = turn::Entity::find_by_id(id)
            .one(&self.pools.reader())
            .await?;
        row.map(facts).transpose()
    }

    /// The turns of a call, in order.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn turns_of(&self, call_id: &str) -> Result<Vec<TurnFacts>, Error> {
        let rows = turn::Entity::find()
            .filter(turn::Column::CallId.eq(call_id))
            .order_by_asc(turn::Column::Number)
            .order_by_asc(turn::Column::Id)
            .all(&self.pools.reader())
            .await?;
        rows.into_iter().map(facts).collect()
    }

    /// The newest turns of all calls, newest first.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn recent_turns(&self, limit: u64) -> Result<Vec<TurnFacts>, Error> {
        let rows = turn::Entity::find()
            .order_by_desc(turn::Column::AtMs)
            .order_by_desc(turn::Column::Id)
            .limit(limit)
            .all(&self.pools.reader())
            .await?;
        rows.into_iter().map(facts).collect()
    }

    /// The whole record of one turn; none after erasure.
    ///
    /// # Errors
    /// [`Error::Unreadable`] where the bytes are not what was sealed.
    pub async fn turn_payload(&self, id: &str) -> Result<Option<DecisionRecord>, Error> {
        let db = &self.pools.reader();
        let Some(row) = payload::Entity::find_by_id(id).one(db).await? else {
            return Ok(None);
        };
        let Some(key) = seal::key(db, &row.call_id).await? else {
            return Ok(None);
        };
        let plain = key.open(&row.turn_id, &row.payload)?;
        serde_json::from_slice(&plain)
            .map(Some)
            .map_err(|_| Error::Unreadable("turn payload"))
    }

    /// Erases what a call's caller said and was told: the key is deleted, and what is readable of the person is emptied.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn erase_call(&self, call_id: &str) -> Result<(), Error> {
        let mut tries = Tries::new();
        loop {
            match self.pools.within(self.try_erase(call_id)).await {
                Ok(()) => return Ok(()),
                Err(error) => tries.again(error).await?,
            }
        }
    }

    async fn try_erase(&self, call_id: &str) -> Result<(), Error> {
        use call::Column as C;
        let transaction = self.pools.begin(&[]).await?;
        let nothing = || Expr::value(None::<String>);
        let work = async {
            key::Entity::delete_by_id(call_id)
                .exec(&transaction)
                .await?;
            call::Entity::update_many()
                .col_expr(C::Phone, nothing())
                .col_expr(C::UserName, nothing())
                .col_expr(C::Pending, nothing())
                .col_expr(C::Metadata, Expr::value("{}"))
                .col_expr(C::Conversation, Expr::value(None::<Vec<u8>>))
                .col_expr(C::Analysis, Expr::value(None::<Vec<u8>>))
                .filter(C::Id.eq(call_id))
                .exec(&transaction)
                .await?;
            turn::Entity::update_many()
                .col_expr(turn::Column::Reply, Expr::value(""))
                .filter(turn::Column::CallId.eq(call_id))
                .exec(&transaction)
                .await?;
            Ok(())
        }
        .await;
        end(transaction, work).await
    }
}

/// Records turns; one that is known already is left as it is.
pub(super) async fn record_all<'a>(
    db: &impl ConnectionTrait,
    keys: &HashMap<String, CallKey>,
    records: impl Iterator<Item = &'a DecisionRecord>,
) -> Result<(), Error> {
    let (mut turns, mut payloads) = (Vec::new(), Vec::new());
    for record in records {
        let call_id = &record.turn.call_id;
        let key = keys
            .get(call_id)
            .ok_or(Error::Missing("key of this call"))?;
        let plain = serde_json::to_vec(record).map_err(|_| Error::Unreadable("record"))?;
        payloads.push(payload::ActiveModel {
            turn_id: Set(record.id.clone()),
            call_id: Set(call_id.clone()),
            payload: Set(key.seal(&record.id, &plain)?),
        });
        turns.push(row(record)?);
    }
    for portion in portions(turns) {
        let known = OnConflict::column(turn::Column::Id).do_nothing().to_owned();
        turn::Entity::insert_many(portion)
            .on_conflict(known)
            .exec_without_returning(db)
            .await?;
    }
    for portion in portions(payloads) {
        let known = OnConflict::column(payload::Column::TurnId)
            .do_nothing()
            .to_owned();
        payload::Entity::insert_many(portion)
            .on_conflict(known)
            .exec_without_returning(db)
            .await?;
    }
    Ok(())
}

fn row(record: &DecisionRecord) -> Result<turn::ActiveModel, Error> {
    let decider = decider(record);
    let stages = record.stages.iter().enumerate();
    let stages: Vec<_> = stages
        .map(|(at, stage)| StageDigest {
            decided: Some(at) == decider,
            phase: stage.phase.clone(),
            plugin: stage.plugin.clone(),
            digest: stage.digest.clone(),
            failure: stage.failure.clone(),
        })
        .collect();
    let channel = match record.turn.channel {
        Channel::Voice => "voice",
        Channel::Invocation => "invocation",
        Channel::Rest => "rest",
    };
    Ok(turn::ActiveModel {
        id: Set(record.id.clone()),
        call_id: Set(record.turn.call_id.clone()),
        number: Set(i64::from(record.turn.number)),
        channel: Set(channel.to_owned()),
        revision: Set(record.revision.clone()),
        digests: Set(serde_json::to_string(&stages).map_err(|_| Error::Unreadable("digests"))?),
        intent: Set(record.intent.clone()),
        decision: Set(record.decision.clone()),
        reason: Set(record.reason.clone()),
        outcome: Set(record.outcome.clone()),
        reply: Set(mask::numbers(&record.reply)),
        total_micros: Set(i64::try_from(record.total_micros).unwrap_or(i64::MAX)),
        backend_micros: Set(i64::try_from(record.backend_micros).unwrap_or(i64::MAX)),
        transfer_id: Set(record.transfer_id.clone()),
        at_ms: Set(record.at_ms),
    })
}

/// The place of the policy whose answer became the turn's: the first that said so, since of equally strict ones the earlier counts.
fn decider(record: &DecisionRecord) -> Option<usize> {
    let (decision, reason) = (record.decision.as_deref()?, record.reason.as_deref()?);
    record.stages.iter().position(|stage| {
        let says_so = || {
            let answer = stage.output.read::<Answer>();
            answer.is_some_and(|it| it.decision == decision && it.value.code == reason)
        };
        // A failed policy has no answer of its own.
        let is_failed = stage.failure.is_some() && reason == POLICY_FAILED;
        stage.phase == "decide" && (is_failed || says_so())
    })
}

/// A policy's answer that did not allow, as records have it.
#[derive(Deserialize)]
struct Answer {
    decision: String,
    value: Because,
}

#[derive(Deserialize)]
struct Because {
    code: String,
}

fn facts(row: turn::Model) -> Result<TurnFacts, Error> {
    let stages: Vec<StageDigest> =
        serde_json::from_str(&row.digests).map_err(|_| Error::Unreadable("digests"))?;
    Ok(TurnFacts {
        decided_by: stages
            .iter()
            .find(|stage| stage.decided)
            .map(|stage| stage.plugin.clone()),
        stages,
        id: row.id,
        call_id: row.call_id,
        number: u32::try_from(row.number).unwrap_or(u32::MAX),
        channel: row.channel,
        revision: row.revision,
        intent: row.intent,
        decision: row.decision,
        reason: row.reason,
        outcome: row.outcome,
        reply: row.reply,
        total_micros: u64::try_from(row.total_micros).unwrap_or_default(),
        backend_micros: u64::try_from(row.backend_micros).unwrap_or_default(),
        transfer_id: row.transfer_id,
        at_ms: row.at_ms,
    })
}
