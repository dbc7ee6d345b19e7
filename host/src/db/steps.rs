//! What activations mean in their order: each is a step forward, and a rollback takes the newest step back that is left. Pure.
//!
//! The same revision again is no step of its own. A rollback never returns to what was taken back.

use std::collections::BTreeSet;

use super::by::By;

/// The steps that are left, oldest first.
#[derive(Debug, Default)]
pub struct Steps(Vec<Step>);

#[derive(Debug)]
struct Step {
    revision: String,
    /// Taken back while this was the step below.
    above: BTreeSet<String>,
}

impl Steps {
    /// The next activation. Of a rollback: what it takes back, which is the step that it undoes and whatever earlier rollbacks
    /// came down from to that step.
    pub fn take(&mut self, by: By, revision: &str) -> BTreeSet<String> {
        let undone = if by == By::Rollback {
            self.0.pop()
        } else {
            None
        };
        let mut taken_back = BTreeSet::new();
        if let Some(undone) = undone {
            taken_back = undone.above;
            taken_back.insert(undone.revision);
            taken_back.remove(revision);
        }
        match self.0.last_mut() {
            Some(top) if top.revision == revision => top.above.extend(taken_back.iter().cloned()),
            _ => self.0.push(Step {
                revision: revision.to_owned(),
                above: taken_back.clone(),
            }),
        }
        taken_back
    }

    /// What a rollback would activate.
    #[must_use]
    pub fn before(&self) -> Option<&str> {
        let (_, below) = self.0.split_last()?;
        below.last().map(|step| step.revision.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BACK: By = By::Rollback;

    /// What the last of these takes back.
    fn taken_back(steps: &[(By, &str)]) -> Vec<String> {
        let mut all = Steps::default();
        let taken = steps.iter().map(|(by, revision)| all.take(*by, revision));
        taken.last().into_iter().flatten().collect()
    }

    #[test]
    fn a_rollback_takes_back_what_was_active_and_what_was_rolled_back_from_to_it() {
        let on = By::Operator;
        let abc = [(on, "a"), (on, "b"), (on, "c")];
        assert!(taken_back(&abc).is_empty());
        let one = [&abc[..], &[(BACK, "b")]].concat();
        assert_eq!(taken_back(&one), ["c"]);
        let two = [&one[..], &[(BACK, "a")]].concat();
        assert_eq!(taken_back(&two), ["b", "c"]);
        // What was taken back before this step was made is another matter.
        let other = [(on, "a"), (on, "b"), (BACK, "a"), (on, "c"), (BACK, "a")];
        assert_eq!(taken_back(&other), ["c"]);
        // Nothing is taken back to itself.
        let round = [
            (on, "a"),
            (on, "b"),
            (on, "a"),
            (on, "b"),
            (BACK, "a"),
            (BACK, "b"),
        ];
        assert_eq!(taken_back(&round), ["a"]);
    }
}
