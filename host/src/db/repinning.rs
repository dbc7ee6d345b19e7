//! What live calls were ordered to take at their next turn: all of them by an activation, and by a rollback those that are pinned
//! to what it takes back.
//!
//! What a call's next turn makes of it is decided by whoever pins calls.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};

use super::by::By;
use super::steps::Steps;
use super::{Error, entity};
use entity::activation;

/// Activations that are looked back over for what a rollback took back.
const LOOKED_BACK: u64 = 2_000;
/// Rollbacks whose calls are still waited for.
const ROLLBACKS_MAX: u64 = 100;

/// An order for live calls.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Repinning {
    /// The activation that ordered it.
    pub number: i64,
    /// Which revision they take.
    pub revision: String,
    /// Why.
    pub why: String,
    /// Those pinned to one of these; none where it is for all.
    pub of: Option<BTreeSet<String>>,
}

/// The orders that stand, newest first; the last one at most is for all calls.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Repinnings(Vec<Repinning>);

impl Repinnings {
    /// Just this one, for all calls: whatever was ordered before is overtaken.
    #[must_use]
    pub fn for_all(number: i64, revision: &str, why: &str) -> Self {
        Self(vec![Repinning {
            number,
            revision: revision.to_owned(),
            why: why.to_owned(),
            of: None,
        }])
    }

    /// What a call was ordered to take that is pinned to `pinned` and has seen no later activation than `seen`.
    #[must_use]
    pub fn ordered(&self, pinned: &str, seen: i64) -> Option<&Repinning> {
        let mut unseen = self.0.iter().take_while(|it| seen < it.number);
        unseen.find(|it| it.of.as_ref().is_none_or(|of| of.contains(pinned)))
    }

    /// The same when this revision is active again: it is not taken back any more.
    #[must_use]
    pub fn after(mut self, revision: &str) -> Self {
        for of in self.0.iter_mut().filter_map(|it| it.of.as_mut()) {
            of.remove(revision);
        }
        self.0
            .retain(|it| it.of.as_ref().is_none_or(|of| !of.is_empty()));
        self
    }
}

/// The orders that stand after the activation `newest`.
pub(super) async fn standing(
    connection: &impl ConnectionTrait,
    newest: i32,
) -> Result<Repinnings, Error> {
    use activation::Column as C;
    let for_all = for_all(connection, newest).await?;
    let since = for_all.as_ref().map_or(0, |it| it.id);
    let rollbacks = activation::Entity::find()
        .filter(C::Repins.eq(1))
        .filter(C::Kind.eq(By::Rollback.name()))
        .filter(C::Id.gt(since))
        .filter(C::Id.lte(newest))
        .order_by_desc(C::Id)
        .limit(ROLLBACKS_MAX)
        .all(connection)
        .await?;
    let mut orders = Vec::new();
    if !rollbacks.is_empty() {
        let mut steps: Vec<(i32, String, String)> = activation::Entity::find()
            .select_only()
            .columns([C::Id, C::Kind, C::Revision])
            .filter(C::Id.lte(newest))
            .order_by_desc(C::Id)
            .limit(LOOKED_BACK)
            .into_tuple()
            .all(connection)
            .await?;
        steps.reverse();
        let mut taken_back = taken_back(&steps);
        orders.extend(rollbacks.into_iter().filter_map(|row| {
            let of = taken_back.remove(&row.id)?;
            Some(order(row, Some(of)))
        }));
    }
    orders.extend(for_all.map(|row| order(row, None)));
    Ok(Repinnings(orders))
}

fn order(row: activation::Model, of: Option<BTreeSet<String>>) -> Repinning {
    Repinning {
        number: i64::from(row.id),
        revision: row.revision,
        why: row.why,
        of,
    }
}

/// What each rollback among these, oldest first, took back and nobody made active again since.
fn taken_back(steps: &[(i32, String, String)]) -> BTreeMap<i32, BTreeSet<String>> {
    let (mut all, mut taken_back) = (Steps::default(), BTreeMap::new());
    for (number, kind, revision) in steps {
        for of in taken_back.values_mut() {
            BTreeSet::remove(of, revision.as_str());
        }
        let by = By::from_name(kind);
        let taken = all.take(by, revision);
        if by == By::Rollback {
            taken_back.insert(*number, taken);
        }
    }
    taken_back.retain(|_, of| !of.is_empty());
    taken_back
}

/// The newest activation up to this one that all live calls take: one that a rollback took back orders nothing any more.
async fn for_all(
    connection: &impl ConnectionTrait,
    newest: i32,
) -> Result<Option<activation::Model>, Error> {
    use activation::Column as C;
    let mut before = newest.saturating_add(1);
    loop {
        let ordered = activation::Entity::find()
            .filter(C::Repins.eq(1))
            .filter(C::Kind.ne(By::Rollback.name()))
            .filter(C::Id.lt(before))
            .order_by_desc(C::Id)
            .one(connection)
            .await?;
        let Some(ordered) = ordered else {
            return Ok(None);
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
            return Ok(Some(ordered));
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

    fn for_calls_on(number: i64, of: &[&str], revision: &str) -> Repinning {
        Repinning {
            number,
            revision: revision.to_owned(),
            why: String::new(),
            of: Some(of.iter().map(|&id| id.to_owned()).collect()),
        }
    }

    #[test]
    fn a_call_takes_the_newest_order_that_is_for_it_and_that_it_has_not_seen() {
        let Repinnings(for_all) = Repinnings::for_all(3, "c", "");
        let orders = [
            for_calls_on(7, &["b", "d"], "a"),
            for_calls_on(5, &["d"], "b"),
        ];
        let all = Repinnings(orders.into_iter().chain(for_all).collect());
        for (pinned, seen, expected) in [
            ("d", 4, Some("a")),
            ("b", 6, Some("a")),
            ("b", 7, None),
            ("x", 2, Some("c")),
            ("x", 3, None),
            ("x", 6, None),
        ] {
            let ordered = all.ordered(pinned, seen);
            let ordered = ordered.map(|it| it.revision.as_str());
            assert_eq!(ordered, expected, "{pinned} {seen}");
        }
        let again = all.after("d");
        assert_eq!(again.ordered("d", 4), None);
        assert_eq!(again.0.len(), 2, "an order for nobody is none");
    }

    #[test]
    fn what_was_taken_back_and_is_active_again_is_taken_from_no_call() {
        let steps = |all: &[(&str, &str)]| {
            let all = all.iter().zip(1..);
            let all: Vec<_> = all
                .map(|(&(kind, id), number)| (number, kind.to_owned(), id.to_owned()))
                .collect();
            taken_back(&all)
        };
        let (on, back) = ("operator", "rollback");
        let mut all = vec![(on, "a"), (on, "b"), (on, "c"), (back, "b"), (back, "a")];
        let found = steps(&all);
        assert_eq!(found[&4], BTreeSet::from(["c".to_owned()]));
        assert_eq!(found[&5], BTreeSet::from(["b".to_owned(), "c".to_owned()]));
        all.push((on, "c"));
        let found = steps(&all);
        assert_eq!(found.get(&4), None);
        assert_eq!(found[&5], BTreeSet::from(["b".to_owned()]));
    }
}
