//! What decides: components, revisions, activations.
//!
//! On a SQLite file, and on PostgreSQL where there is one.

use serde_json::json;

use super::*;
use crate::db::{Activation, Component, Error, Revision};

on_both!(the_newest_activation_is_the_active_revision);

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

    let mut revision = Revision {
        id: "r1".to_owned(),
        manifest: json!({"stages": [], "limit": 10.50}),
        state: "candidate".to_owned(),
        reason: None,
        created_at_ms: NOW_MS,
    };
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

    let activation = |revision: &str, at_ms| Activation {
        number: 0,
        revision: revision.to_owned(),
        who: "operator".to_owned(),
        why: "test".to_owned(),
        at_ms,
    };
    let first = db.save_activation(&activation("r2", NOW_MS)).await.unwrap();
    // A clock that goes back does not bring an old revision back.
    let last = bench
        .other
        .save_activation(&activation("r1", NOW_MS - 9))
        .await
        .unwrap();
    assert!(last > first);
    let (active, revision) = db.active_revision().await.unwrap().unwrap();
    assert_eq!((active.number, revision.id.as_str()), (last, "r1"));
    assert_eq!(revision.state, "active");
    let unknown = db.save_activation(&activation("r9", NOW_MS)).await;
    assert!(matches!(unknown, Err(Error::Missing(_))));
}
