//! Files that change nothing: kept with the reason, told in the log and counted.
//!
//! Whether they change something is decided in `propose`.

use super::error::Error;
use super::snapshot::Snapshot;
use super::{Pipeline, figures};
use crate::db::{Proposal, Verdict};

impl Pipeline {
    pub(super) fn rejected(
        &self,
        snapshot: &Snapshot,
        kind: &'static str,
        reason: &str,
    ) -> (Verdict, Option<String>) {
        self.tell_refusal(snapshot, (kind, None), reason);
        (Verdict::Rejected, Some(reason.to_owned()))
    }

    /// Keeps that these files changed nothing.
    pub(super) async fn turn_down(
        &self,
        snapshot: &Snapshot,
        verdict: Verdict,
        reason: Option<&str>,
        at_ms: i64,
    ) -> Result<(), Error> {
        let proposal = Proposal {
            folder: self.folder(),
            digest: snapshot.digest.clone(),
            revision: snapshot.recipe.as_ref().ok().map(|it| it.id.clone()),
            verdict,
            reason: reason.map(str::to_owned),
            at_ms,
        };
        Ok(self.shared.db.save_proposal(&proposal).await?)
    }

    /// Tells everybody who watches. The same files that are looked at again, since somebody asks, are no other candidate.
    pub(super) fn tell_refusal(
        &self,
        snapshot: &Snapshot,
        (kind, plugin): (&'static str, Option<&str>),
        reason: &str,
    ) {
        let is_known = self.last().is_some_and(|last| {
            last.digest == snapshot.digest && last.reason.as_deref() == Some(reason)
        });
        if !is_known {
            figures::refused(kind, plugin);
        }
        let active = self.active();
        tracing::error!(
            kind,
            plugin,
            active = active.revision.id,
            "Candidate refused, the active revision stays: {reason}"
        );
    }
}

/// What is active is the database's word; what a start finds may have been packed long ago, or not be whole.
pub(super) fn unwatched(revision: &str) -> String {
    format!(
        "the files differ from what is active, and this host did not see them change, so they wait; if they are meant, \
         `orchestrator pipeline reload`, or `orchestrator pipeline activate {revision} --reason ...`"
    )
}

/// A file that lost a policy loosens the rules, whether somebody wanted it or an editor cut it short; and nobody but a person knows
/// whether another that came asks for as much.
pub(super) fn held_back(gone: &[String], revision: &str) -> String {
    let (what, names) = match gone {
        [one] => ("a policy disappears", one.clone()),
        several => ("policies disappear", several.join(", ")),
    };
    format!(
        "{what}: {names}; if that is meant, `orchestrator pipeline activate {revision} --reason ...`"
    )
}
