//! Which activation live calls take at their next turn: the newest that was ordered so and was not taken back.
//!
//! What a call's next turn makes of it is decided by whoever pins calls.

use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};

use super::by::By;
use super::{Error, entity};
use entity::activation;

/// The newest activation that live calls take at their next turn.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Repinning {
    /// 0 where there never was one.
    pub number: i64,
    /// Which revision they take.
    pub revision: String,
    /// Why.
    pub why: String,
}

/// The newest activation up to this one that live calls take: one that a rollback took back orders nothing any more.
pub(super) async fn newest(
    connection: &impl ConnectionTrait,
    newest: i32,
) -> Result<Repinning, Error> {
    use activation::Column as C;
    let mut before = newest.saturating_add(1);
    loop {
        let ordered = activation::Entity::find()
            .filter(C::Repins.eq(1))
            .filter(C::Id.lt(before))
            .order_by_desc(C::Id)
            .one(connection)
            .await?;
        let Some(ordered) = ordered else {
            return Ok(Repinning::default());
        };
        let since: Vec<(String, String)> = activation::Entity::find()
            .select_only()
            .columns([C::Kind, C::Revision])
            .filter(C::Id.gt(ordered.id))
            .filter(C::Id.lte(newest))
            .order_by_asc(C::Id)
            .into_tuple()
            .all(connection)
            .await?;
        if !is_taken_back(&ordered.revision, &since) {
            return Ok(Repinning {
                number: i64::from(ordered.id),
                revision: ordered.revision,
                why: ordered.why,
            });
        }
        before = ordered.id;
    }
}

/// Whether the activation of `ordered` before these, oldest first, was taken back: each rollback takes the newest step that is left,
/// and the same revision again is no step of its own.
fn is_taken_back(ordered: &str, since: &[(String, String)]) -> bool {
    let mut steps = vec![ordered];
    for (kind, revision) in since {
        if By::from_name(kind) == By::Rollback {
            steps.pop();
            if steps.is_empty() {
                return true;
            }
        }
        if steps.last() != Some(&revision.as_str()) {
            steps.push(revision);
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_taken_back_by_the_rollback_that_comes_down_to_it() {
        let taken_back = |since: &[(&str, &str)]| {
            let since: Vec<(String, String)> = since
                .iter()
                .map(|&(kind, revision)| (kind.to_owned(), revision.to_owned()))
                .collect();
            is_taken_back("b", &since)
        };
        let (on, back) = ("operator", "rollback");
        assert!(!taken_back(&[]));
        assert!(taken_back(&[(back, "a")]));
        assert!(taken_back(&[(on, "b"), (back, "a")]));
        assert!(!taken_back(&[(on, "c"), (back, "b")]));
        assert!(taken_back(&[(on, "c"), (back, "b"), (back, "a")]));
        assert!(!taken_back(&[("folder", "c"), (on, "d"), (back, "c")]));
    }
}
