//! Sealing what a call's caller said and was told: ChaCha20-Poly1305 with one random key per call.
//!
//! Deleting the key is erasure: what it sealed stays as bytes that nobody can read, in every backup too. The random nonce stands
//! before the sealed bytes; the id of the row is bound to them, so that a row cannot be passed off as another.

use std::collections::{BTreeSet, HashMap};

use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, Set};

use super::{Error, entity};

const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 12;

/// The key of one call.
#[derive(Clone)]
pub(super) struct CallKey([u8; KEY_BYTES]);

impl CallKey {
    fn read(bytes: &[u8]) -> Result<Self, Error> {
        bytes
            .try_into()
            .map(Self)
            .map_err(|_| Error::Unreadable("call key"))
    }

    fn cipher(&self) -> ChaCha20Poly1305 {
        ChaCha20Poly1305::new(&Key::from(self.0))
    }

    /// Seals `plain` for the row `row_id`.
    pub(super) fn seal(&self, row_id: &str, plain: &[u8]) -> Result<Vec<u8>, Error> {
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(|_| Error::Randomness)?;
        let payload = Payload {
            msg: plain,
            aad: row_id.as_bytes(),
        };
        let sealed = self
            .cipher()
            .encrypt(&Nonce::from(nonce), payload)
            .map_err(|_| Error::Unreadable("payload"))?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// Opens what was sealed for the row `row_id`.
    pub(super) fn open(&self, row_id: &str, sealed: &[u8]) -> Result<Vec<u8>, Error> {
        let broken = || Error::Unreadable("sealed payload");
        let (nonce, sealed) = sealed.split_at_checked(NONCE_BYTES).ok_or_else(broken)?;
        let nonce: [u8; NONCE_BYTES] = nonce.try_into().map_err(|_| broken())?;
        let payload = Payload {
            msg: sealed,
            aad: row_id.as_bytes(),
        };
        self.cipher()
            .decrypt(&Nonce::from(nonce), payload)
            .map_err(|_| broken())
    }
}

/// The keys of these calls, made where they do not exist yet.
pub(super) async fn keys(
    db: &impl ConnectionTrait,
    call_ids: BTreeSet<&str>,
    now_ms: i64,
) -> Result<HashMap<String, CallKey>, Error> {
    let mut keys = known(db, call_ids.iter().copied()).await?;
    let missing: BTreeSet<&str> = call_ids
        .into_iter()
        .filter(|id| !keys.contains_key(*id))
        .collect();
    if missing.is_empty() {
        return Ok(keys);
    }
    let mut rows = Vec::with_capacity(missing.len());
    for id in &missing {
        let mut bytes = vec![0; KEY_BYTES];
        getrandom::fill(&mut bytes).map_err(|_| Error::Randomness)?;
        rows.push(entity::key::ActiveModel {
            call_id: Set((*id).to_owned()),
            key_bytes: Set(bytes),
            created_at_ms: Set(now_ms),
        });
    }
    let nothing = OnConflict::column(entity::key::Column::CallId)
        .do_nothing()
        .to_owned();
    entity::key::Entity::insert_many(rows)
        .on_conflict(nothing)
        .exec_without_returning(db)
        .await?;
    // Another host may have made one of them first; the stored key is the key.
    keys.extend(known(db, missing).await?);
    Ok(keys)
}

/// The key of one call, if it has one; none after erasure.
pub(super) async fn key(
    db: &impl ConnectionTrait,
    call_id: &str,
) -> Result<Option<CallKey>, Error> {
    let row = entity::key::Entity::find_by_id(call_id).one(db).await?;
    row.map(|row| CallKey::read(&row.key_bytes)).transpose()
}

/// The keys of those of these calls that have one.
pub(super) async fn known<'a>(
    db: &impl ConnectionTrait,
    call_ids: impl IntoIterator<Item = &'a str>,
) -> Result<HashMap<String, CallKey>, Error> {
    let ids = rounded_up(call_ids.into_iter().collect());
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let column = entity::key::Column::CallId;
    let rows = entity::key::Entity::find()
        .filter(column.is_in(ids))
        .all(db)
        .await?;
    rows.into_iter()
        .map(|row| Ok((row.call_id, CallKey::read(&row.key_bytes)?)))
        .collect()
}

/// The last id is repeated up to one of few lengths, so that few different statements are prepared.
fn rounded_up(mut ids: Vec<&str>) -> Vec<&str> {
    if let Some(last) = ids.last().copied() {
        let length = ids.len().next_power_of_two();
        ids.resize(length, last);
    }
    ids
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_key_and_row_open_what_was_sealed() {
        let key = CallKey([7; KEY_BYTES]);
        let sealed = key.seal("turn_1", b"hello").unwrap();
        assert_eq!(key.open("turn_1", &sealed).unwrap(), b"hello");
        assert!(key.open("turn_2", &sealed).is_err());
        assert!(CallKey([8; KEY_BYTES]).open("turn_1", &sealed).is_err());
        assert!(key.open("turn_1", &sealed[..5]).is_err());
        assert_ne!(sealed, key.seal("turn_1", b"hello").unwrap());
    }
}
