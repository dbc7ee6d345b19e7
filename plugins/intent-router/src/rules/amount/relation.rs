//! Amounts that are no amounts of their own: "ten dollars more", "add five", "fifty less than last time", "double it".
//! Against an amount that waits for a yes they are worked out and asked about; without one the whole amount is asked for.

use super::{Doubt, Mention};
use crate::rules::words::Heard;
use std::ops::Range;

/// How an amount is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// "ten more", "add ten": on top of what there is. Without anything there, "send ten more" is ten.
    More,
    /// "ten less": off what there is.
    Less,
    /// "another ten", "ten off": on top of it, or an amount of its own.
    Open,
    /// "ten more than last time": against what is not known here.
    Compared,
}

const MULTIPLE: &str =
    "double|triple|twice as much|half as much|half of that|half of it|half that|halve";
const COMPARED: &str =
    "last time|as before|than before|than usual|as usual|than that|than yesterday|than last";
const GOAL: &str = "until|till|leaving|so that|so there";

/// Whether a multiple of an amount is said instead of one.
pub fn is_multiple(heard: &Heard) -> bool {
    heard.has_any(MULTIPLE)
}

/// How the amount at these words is meant; none where it stands for itself.
pub fn of(heard: &Heard, span: &Range<usize>) -> Option<Relation> {
    let before = |back: usize| span.start.checked_sub(back).map_or("", |at| heard.text(at));
    let (after, next) = (heard.text(span.end), heard.text(span.end + 1));
    let is_more = matches!(after, "more" | "extra" | "additional" | "higher")
        || after == "on" && next == "top";
    let is_less = matches!(after, "less" | "fewer" | "lower");
    let is_by = before(1) == "by";
    // "until checking has ten": a balance to come to.
    let is_goal = |place: Range<usize>| place.end <= span.start;
    if heard.places(GOAL).into_iter().any(is_goal) || matches!(before(1), "leave" | "keep") {
        return Some(Relation::Compared);
    }
    // "all but ten", "everything except ten".
    if before(1) == "except" || before(1) == "but" && matches!(before(2), "all" | "everything") {
        return Some(Relation::Compared);
    }
    if (is_more || is_less) && (next == "than" || heard.has_any(COMPARED)) {
        return Some(Relation::Compared);
    }
    if is_more
        || matches!(before(1), "add" | "plus" | "adding")
        || is_by && heard.has_any("increase|raise|up")
    {
        return Some(Relation::More);
    }
    if is_less || is_by && heard.has_any("reduce|decrease|lower|cut") {
        return Some(Relation::Less);
    }
    let is_open =
        matches!(before(1), "another" | "additional" | "extra" | "further") || after == "off";
    is_open.then_some(Relation::Open)
}

/// The whole amount, in minor units, where one of `before` is known.
pub fn whole(mention: &Mention, before: Option<i64>) -> Result<i64, Doubt> {
    let said = mention.reading?;
    let summed = match (mention.relation, before) {
        (None, _) | (Some(Relation::More | Relation::Open), None) => Some(said),
        (Some(Relation::More), Some(before)) => before.checked_add(said),
        (Some(Relation::Less), Some(before)) => before.checked_sub(said).filter(|left| *left > 0),
        (Some(Relation::Less), None) | (Some(Relation::Open), Some(_)) => None,
        (Some(Relation::Compared), _) => None,
    };
    summed.ok_or(Doubt::Relative)
}
