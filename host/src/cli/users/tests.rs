//! The subcommand against a real file.
//!
//! What is typed and printed is a buffer; the database is a real one.

use clap::Parser as _;

use super::*;
use crate::db::Settings;

#[derive(clap::Parser)]
struct Cli {
    #[command(flatten)]
    users: Args,
}

async fn typed(db: &Db, line: &str, input: &str) -> anyhow::Result<String> {
    let words = std::iter::once("users").chain(line.split(' '));
    let args = Cli::try_parse_from(words)?.users;
    let mut output = Vec::new();
    run(args, db, &mut input.as_bytes(), &mut output, 1_000).await?;
    Ok(String::from_utf8(output)?)
}

async fn open(folder: &tempfile::TempDir) -> Db {
    let url = format!("sqlite://{}", folder.path().join("users.sqlite").display());
    let db = Db::connect(&Settings {
        url: url.into(),
        ..Settings::default()
    })
    .await
    .unwrap();
    db.migrate().await.unwrap();
    db
}

#[tokio::test]
async fn a_customer_is_enrolled_given_a_pin_and_listed_without_number_or_hash() {
    let folder = tempfile::tempdir().unwrap();
    let db = open(&folder).await;
    let add = "add --phone +14155552671 --user-id user_1 --name Alice --pin-stdin";
    assert_eq!(
        typed(&db, add, "1234\n").await.unwrap(),
        "Added ********2671\n"
    );
    let listed = typed(&db, "list", "").await.unwrap();
    assert!(
        listed.contains("Alice") && listed.contains("PIN set"),
        "{listed}"
    );
    assert!(
        !listed.contains("4155") && !listed.contains("argon2"),
        "{listed}"
    );

    typed(&db, "set-pin --phone +14155552671", "567890\n")
        .await
        .unwrap();
    let user = db.user_by_phone("+14155552671").await.unwrap().unwrap();
    assert!(pin_hash::verify(
        &SecretString::from("567890"),
        user.pin_hash.as_ref()
    ));

    let again = typed(&db, "add --phone +14155552671 --user-id user_9", "")
        .await
        .unwrap_err();
    assert_eq!(again.to_string(), "this phone number is already in use");
    for (line, input) in [
        ("set-pin --phone +14155552671", "12\n"),
        ("set-pin --phone +14155550000", "1234\n"),
        ("unlock --phone 4155552671", ""),
        ("add --phone 123 --user-id user_3", ""),
    ] {
        assert!(typed(&db, line, input).await.is_err(), "{line}");
    }
}

#[tokio::test]
async fn an_import_adds_all_or_nobody_and_names_the_line() {
    let folder = tempfile::tempdir().unwrap();
    let db = open(&folder).await;
    let file = folder.path().join("users.csv");
    let line = format!("import {}", file.display());
    let good = "phone,name,user_id,pin\n+14155552671,Alice,user_1,1234\n+14155552672,Bob,user_2,\n";

    std::fs::write(&file, format!("{good}+14155552671,Carol,user_3,\n")).unwrap();
    let twice = typed(&db, &line, "").await.unwrap_err().to_string();
    assert!(
        twice.contains("line 4: this phone number is already in use"),
        "{twice}"
    );
    assert_eq!(db.count_users().await.unwrap(), 0);

    std::fs::write(&file, good).unwrap();
    assert!(
        typed(&db, &line, "")
            .await
            .unwrap()
            .starts_with("Added 2 users")
    );
    assert_eq!(db.count_users().await.unwrap(), 2);
}
