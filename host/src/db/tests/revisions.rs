//! What decides: components, revisions, activations.
//!
//! On a SQLite file, and on PostgreSQL where there is one.

use serde_json::json;

use super::*;
use crate::db::{
    Activation, By, Component, Error, Halt, Marks, Proposal, Proposed, Rejects, Revision, Verdict,
};

on_both!(
    the_newest_activation_is_the_active_revision,
    a_rollback_rejects_what_it_took_back_until_a_folder_shows_something_else,
    what_is_halted_is_what_was_said_last,
);

async fn the_newest_activation_is_the_active_revision(bench: &Bench) {
    let db = &bench.db;
    assert!(db.active_revision().await.unwrap().is_none());
    let component = Component {
        digest: "d1".to_owned(),
        name: "transfer-limits".to_owned(),
        bytes: vec![0, 97, 115, 109],
        first_seen_ms: NOW_MS,
    };
    db.save_component(component.clone()).await.unwrap();
    let renamed = Component {
        name: "other".to_owned(),
        ..component.clone()
    };
    bench.other.save_component(renamed).await.unwrap();
    assert_eq!(db.component("d1").await.unwrap(), Some(component));

    assert!(db.has_component("d1").await.unwrap() && !db.has_component("d2").await.unwrap());

    let mut revision = revision("r1");
    db.save_revision(&revision).await.unwrap();
    revision.state = "validated".to_owned();
    db.save_revision(&revision).await.unwrap();
    let second = Revision {
        id: "r2".to_owned(),
        created_at_ms: NOW_MS + 1,
        ..revision.clone()
    };
    db.save_revision(&second).await.unwrap();
    assert_eq!(bench.other.revision("r1").await.unwrap(), Some(revision));
    assert_eq!(db.revisions(1).await.unwrap(), [second]);

    let first = db.activate(&activation("r2", NOW_MS), None).await.unwrap();
    // A clock that goes back does not bring an old revision back.
    let repinning = Activation {
        repins: true,
        ..activation("r1", NOW_MS - 9)
    };
    let last = bench.other.activate(&repinning, None).await.unwrap();
    assert!(last.number > first.number);
    let (active, revision, ordered) = db.active_revision().await.unwrap().unwrap();
    assert_eq!((active.number, revision.id.as_str()), (last.number, "r1"));
    let ordered = ordered.ordered("r2", first.number);
    assert_eq!(ordered.map(|it| it.number), Some(last.number));
    assert_eq!(db.marks().await.unwrap().activation, last.number);
    let unknown = db.activate(&activation("r9", NOW_MS), None).await;
    assert!(matches!(unknown, Err(Error::Missing(_))));
}

async fn a_rollback_rejects_what_it_took_back_until_a_folder_shows_something_else(bench: &Bench) {
    let db = &bench.db;
    for id in ["r1", "r2", "r3"] {
        db.save_revision(&revision(id)).await.unwrap();
    }
    let propose = async |revision: &str| {
        let wanted = activation(revision, NOW_MS);
        let digest = format!("files of {revision}");
        match db
            .propose("here", &digest, &wanted, i64::MAX)
            .await
            .unwrap()
        {
            Proposed::Activated(_) => "activated",
            Proposed::Unchanged => "unchanged",
            Proposed::Rejected => "rejected",
            Proposed::Overtaken => "overtaken",
        }
    };
    assert_eq!(propose("r1").await, "activated");
    assert_eq!(propose("r1").await, "unchanged");
    assert_eq!(propose("r2").await, "activated");
    let back = Activation {
        by: By::Rollback,
        ..activation("r1", NOW_MS)
    };
    let known = db.marks().await.unwrap().activation;
    let rejects = |known| {
        Some(Rejects {
            revision: "r2",
            known,
        })
    };
    let overtaken = bench.other.activate(&back, rejects(known - 1)).await;
    assert!(matches!(overtaken, Err(Error::Overtaken)));
    bench.other.activate(&back, rejects(known)).await.unwrap();
    assert_eq!(propose("r2").await, "rejected");
    assert_eq!(propose("r2").await, "rejected");
    let broken = Proposal {
        folder: "here".to_owned(),
        digest: "a slip of the pen".to_owned(),
        revision: None,
        verdict: Verdict::Failed,
        reason: None,
        at_ms: NOW_MS,
    };
    db.save_proposal(&broken).await.unwrap();
    assert_eq!(propose("r2").await, "rejected");
    assert_eq!(propose("r3").await, "activated");
    assert_eq!(propose("r2").await, "activated");
    assert_eq!(
        db.last_seen("here").await.unwrap().unwrap().digest,
        "files of r2"
    );
    assert_eq!(db.last_seen("elsewhere").await.unwrap(), None);
    // Somebody ordered otherwise after these files were read.
    let ordered = db.activate(&activation("r1", NOW_MS), None).await.unwrap();
    let late = activation("r3", NOW_MS);
    let known = ordered.number - 1;
    let overtaken = db.propose("here", "files of r3", &late, known).await;
    assert_eq!(overtaken.unwrap(), Proposed::Overtaken);
    assert!(db.was_seen("files of r3").await.unwrap());
    assert!(!db.was_seen("files of r4").await.unwrap());
}

async fn what_is_halted_is_what_was_said_last(bench: &Bench) {
    let db = &bench.db;
    assert_eq!(db.marks().await.unwrap(), Marks::default());
    let halt = |halted| Halt {
        what: "plugin".to_owned(),
        name: "transfer-limits".to_owned(),
        halted,
        who: "operator".to_owned(),
        why: "test".to_owned(),
        at_ms: NOW_MS,
    };
    db.save_halt(&halt(true)).await.unwrap();
    bench.other.save_halt(&halt(false)).await.unwrap();
    assert_eq!(db.halts(None).await.unwrap(), [halt(false), halt(true)]);
    assert!(db.marks().await.unwrap().halt > 0);
}

fn revision(id: &str) -> Revision {
    Revision {
        id: id.to_owned(),
        manifest: json!({"stages": [], "limit": 10.50}),
        state: "candidate".to_owned(),
        reason: None,
        created_at_ms: NOW_MS,
    }
}

fn activation(revision: &str, at_ms: i64) -> Activation {
    Activation {
        number: 0,
        revision: revision.to_owned(),
        by: By::Operator,
        repins: false,
        who: "operator".to_owned(),
        why: "test".to_owned(),
        at_ms,
    }
}
