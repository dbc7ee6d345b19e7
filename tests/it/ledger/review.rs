//! What a person decides about a transfer that nothing proves, and what it means to a repeat.
//!
//! By HTTP and by the command line, both of which end at the same admin surface.

use anyhow::Result;
use serde_json::{Value, json};

use super::bench::{Kind, bank, call, newest_in, setup, transfer};
use crate::harness::{ADMIN_TOKEN, API_TOKEN, Answer, Cut, Host, Setup, client};

/// A row that only a person can decide about, and its id.
async fn in_review(host: &Host, amount: &str, key: &str) -> Result<String> {
    let pending = transfer(host, "call_1", amount, key).await?;
    assert_eq!(pending.problem(504), "outcome_pending");
    let row = newest_in(host, "needs_review").await?;
    assert_eq!(row["amount"], amount, "{row}");
    Ok(row["transfer_id"].as_str().unwrap_or_default().to_owned())
}

async fn decide(host: &Host, id: &str, what: &str, body: Value) -> Result<Answer> {
    host.post(&format!("/admin/transfers/{id}/{what}"), &body)
        .await
}

#[tokio::test]
async fn a_person_confirms_or_writes_off_and_is_recorded() -> Result<()> {
    let (_books, url) = bank(Kind::Neither).await?;
    let line = Cut::of_answers(&url, "/payments/transfer HTTP")?;
    let host = setup(Kind::Neither, &line.url)?.start().await?;
    call(&host, "call_1", Kind::Neither.alice()).await?;
    let confirmed = in_review(&host, "20.00", "order-1").await?;
    let why = json!({"reason": "seen in the bank's books", "by": "ann", "bank_payment_id": "payment_789"});
    for (body, code) in [
        (json!({"reason": " ", "by": "ann"}), "reason_missing"),
        (json!({"reason": "x", "by": ""}), "by_missing"),
        (json!({"reason": "x"}), "wrong_shape"),
        (
            json!({"reason": "x", "by": "ann", "bank_payment_id": "../x"}),
            "bank_payment_id_invalid",
        ),
        (
            json!({"reason": "x".repeat(501), "by": "ann"}),
            "text_too_long",
        ),
    ] {
        let answer = decide(&host, &confirmed, "confirm", body).await?;
        assert_eq!(answer.problem(422), code);
    }
    let nobody = decide(&host, "no-such-row", "confirm", why.clone()).await?;
    assert_eq!(nobody.problem(404), "transfer_not_found");
    let row = decide(&host, &confirmed, "confirm", why.clone())
        .await?
        .expect(200);
    assert_eq!(
        (&row["state"], &row["reviewed_by"], &row["bank_payment_id"]),
        (&json!("completed"), &json!("ann"), &json!("payment_789")),
    );
    assert_eq!(row["review_reason"], "seen in the bank's books");
    for what in ["confirm", "write-off"] {
        let body = json!({"reason": "again", "by": "bob"});
        let answer = decide(&host, &confirmed, what, body).await?;
        assert_eq!(answer.problem(409), "not_in_review", "{what}");
    }
    let again = transfer(&host, "call_1", "20.00", "order-1")
        .await?
        .expect(200);
    assert_eq!(again["id"], "payment_789", "a repeat is answered as done");

    let written_off = in_review(&host, "21.00", "order-2").await?;
    let taken = decide(&host, &written_off, "confirm", why).await?;
    assert_eq!(taken.problem(409), "payment_taken");
    let body = json!({"reason": "not in the bank's books", "by": "bob"});
    let row = decide(&host, &written_off, "write-off", body)
        .await?
        .expect(200);
    assert_eq!(
        (&row["state"], &row["reason"]),
        (&json!("refused"), &json!("written_off"))
    );
    let again = transfer(&host, "call_1", "21.00", "order-2").await?;
    assert_eq!(again.problem(422), "written_off");
    let metrics = host.get("/metrics").await?.text;
    assert!(metrics.contains("how=\"person\""), "{metrics}");
    Ok(())
}

/// The bank's list without the references in it.
fn without_references(answer: &[u8]) -> Option<Vec<u8>> {
    let text = String::from_utf8_lossy(answer);
    Some(text.replace("\"reference\"", "\"unrelated\"").into_bytes())
}

#[tokio::test]
async fn the_banks_proof_stands_above_a_write_off() -> Result<()> {
    let (books, url) = bank(Kind::References).await?;
    let unheard = Cut::of_answers(&url, "/payments/transfer HTTP")?;
    let blind = Cut::misheard(&unheard.url, "/payments/?reference", without_references)?;
    let host = setup(Kind::References, &blind.url)?.start().await?;
    call(&host, "call_1", "user_1").await?;
    let id = in_review(&host, "20.00", "order-1").await?;
    let body = json!({"reason": "not in the bank's list", "by": "bob"});
    decide(&host, &id, "write-off", body).await?.expect(200);
    let refused = transfer(&host, "call_1", "20.00", "order-1").await?;
    assert_eq!(refused.problem(422), "written_off");

    blind.mend();
    let row = newest_in(&host, "completed").await?;
    assert_eq!(row["transfer_id"], id.as_str());
    assert_eq!(row["reason"], "paid_after_write_off");
    assert_eq!(row["reviewed_by"], "bob", "who was mistaken is still told");
    let again = transfer(&host, "call_1", "20.00", "order-1").await?;
    assert_eq!(again.expect(200)["id"], row["bank_payment_id"]);
    assert_eq!(books.balance("user_1", "checking_1").await?, "4980.50");
    let log = host.log();
    assert!(log.contains("written off, yet done by the bank"), "{log}");
    Ok(())
}

#[tokio::test]
async fn the_ledger_is_read_page_by_page() -> Result<()> {
    let (_books, url) = bank(Kind::Keys).await?;
    let host = setup(Kind::Keys, &url)?.start().await?;
    call(&host, "call_1", "user_1").await?;
    for (amount, key) in [("20.00", "a"), ("21.00", "b"), ("22.00", "c")] {
        transfer(&host, "call_1", amount, key).await?.expect(200);
    }
    let page = async |query: &str| {
        let path = format!("/admin/transfers?limit=2{query}");
        anyhow::Ok(host.get(&path).await?.expect(200))
    };
    let first = page("").await?;
    let older = first["older"].as_str().unwrap_or_default();
    assert_eq!(older, first["transfers"][1]["transfer_id"]);
    let last = page(&format!("&before={older}")).await?;
    let amounts: Vec<_> = [&first, &last]
        .iter()
        .flat_map(|page| page["transfers"].as_array().cloned().unwrap_or_default())
        .map(|row| row["amount"].clone())
        .collect();
    assert_eq!(amounts, ["22.00", "21.00", "20.00"]);
    assert!(last["older"].is_null(), "{last}");
    let nobody = host.get("/admin/transfers?before=nobody").await?;
    assert_eq!(nobody.problem(404), "transfer_not_found");
    let run = Setup::command(&[
        "transfers",
        "--url",
        &host.url,
        "list",
        "--limit",
        "2",
        "--before",
        older,
    ])?
    .run()?;
    assert!(run.stdout.contains("20.00"), "{run:?}");
    assert!(!run.stdout.contains("21.00"), "{run:?}");
    Ok(())
}

#[tokio::test]
async fn the_command_line_lists_shows_and_decides() -> Result<()> {
    let (_books, url) = bank(Kind::Neither).await?;
    let line = Cut::of_answers(&url, "/payments/transfer HTTP")?;
    let host = setup(Kind::Neither, &line.url)?.start().await?;
    call(&host, "call_1", Kind::Neither.alice()).await?;
    let id = in_review(&host, "20.00", "order-1").await?;
    let run = |arguments: &[&str]| {
        let mut all = vec!["transfers", "--url", &host.url];
        all.extend(arguments);
        Setup::command(&all)?.run()
    };
    let listed = run(&["list", "--state", "needs_review"])?;
    assert!(listed.stdout.contains(&id), "{listed:?}");
    assert!(listed.stdout.contains("needs_review 1"), "{listed:?}");
    let shown = run(&["show", &id])?;
    assert!(
        shown.stdout.contains("no_payment_with_our_reference"),
        "{shown:?}"
    );
    let other = run(&["list", "--state", "lost"])?;
    assert_eq!(other.code, Some(1), "{other:?}");
    let done = run(&["write-off", &id, "--reason", "not in the books"])?;
    assert_eq!(done.code, Some(0), "{done:?}");
    assert!(done.stdout.contains("not in the books"), "{done:?}");
    let after_all = run(&["confirm", &id, "--reason", "after all"])?;
    assert_eq!(after_all.code, Some(0), "{after_all:?}");
    assert!(
        after_all.stdout.contains("not in the books"),
        "{after_all:?}"
    );
    let again = run(&["write-off", &id, "--reason", "or not"])?;
    assert_eq!(again.code, Some(1), "{again:?}");
    assert!(again.stderr.contains("needs_review"), "{again:?}");
    Ok(())
}

#[tokio::test]
async fn the_ledger_is_an_operators_and_its_questions_are_checked() -> Result<()> {
    let (_bank, url) = Setup::bank("documented").await?;
    let host = Setup::served(&url)?.start().await?;
    for (method, path) in [
        ("GET", "/admin/transfers"),
        ("GET", "/admin/transfers/x"),
        ("POST", "/admin/transfers/x/confirm"),
        ("POST", "/admin/transfers/x/write-off"),
    ] {
        for (token, status) in [(None, 401), (Some(API_TOKEN), 403), (Some(ADMIN_TOKEN), 0)] {
            let url = format!("{}{path}", host.url);
            let request = match method {
                "GET" => client().get(url),
                _ => client()
                    .post(url)
                    .json(&json!({"reason": "x", "by": "ann"})),
            };
            let request = match token {
                Some(token) => request.bearer_auth(token),
                None => request,
            };
            let answer = Answer::of(request).await?;
            let expected = match status {
                0 if path == "/admin/transfers" => 200,
                0 => 404,
                other => other,
            };
            assert_eq!(answer.status, expected, "{method} {path}: {}", answer.text);
        }
    }
    let unknown = host.get("/admin/transfers?state=lost").await?;
    assert_eq!(unknown.problem(422), "state_unknown");
    Ok(())
}
