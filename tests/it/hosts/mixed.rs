//! A hundred commands of every kind to one call on three hosts at once, legal and not: each is answered as the contract says, none
//! with a fault of the host's, and what they move is to the cent.
//!
//! Real processes; each test leaves itself out where there is no PostgreSQL or no Redis.

use std::collections::BTreeMap;

use anyhow::Result;
use serde_json::{Value, json};

use super::{Bench, asked};
use crate::harness::{Answer, Conversation, Gate, Host, at_once, until};

const COMMANDS: usize = 100;
const LOAD: &str = "/orchestrate/load-context";

/// What a command must be answered, besides that the call is busy: its status, and the code of a problem.
type Expected = (&'static str, u16, &'static str);

const TRANSFER: &str = "/orchestrate/transfer";
const ORDER: [(&str, &str); 1] = [("idempotency-key", "order-of-the-call")];

fn transfer(call_id: &str, amount: usize) -> Value {
    json!({"call_id": call_id, "from_account": "checking_1", "to_account": "savings_1",
        "amount": amount})
}

/// The kinds of commands, in turn.
async fn command(host: &Host, call_id: &str, at: usize) -> Result<(Expected, Answer)> {
    let balance = json!({"call_id": call_id, "account_id": "checking_1"});
    let of_another = json!({"call_id": call_id, "user_id": "user_2", "account_id": "checking_2"});
    let no_key: &[(&str, &str)] = &[];
    let (expected, path, body, headers) = match at % 7 {
        0 => (("balance", 200, ""), "get-balance", balance, no_key),
        1 => return Ok((("confirm", 200, ""), confirm(host, call_id, at).await?)),
        2 => (
            ("too much", 403, "insufficient_funds"),
            "transfer",
            transfer(call_id, 6_000 + at),
            no_key,
        ),
        3 => (
            ("the order", 200, ""),
            "transfer",
            transfer(call_id, 20),
            &ORDER[..],
        ),
        4 => (
            ("its key, another body", 422, "idempotency_key_reused"),
            "transfer",
            transfer(call_id, 21),
            &ORDER[..],
        ),
        5 => (
            ("on its way already", 409, "transfer_in_progress"),
            "transfer",
            transfer(call_id, 30),
            no_key,
        ),
        _ => (
            ("another customer", 403, "other_customer"),
            "get-balance",
            of_another,
            no_key,
        ),
    };
    let path = format!("/orchestrate/{path}");
    let answer = host.post_text(&path, &body.to_string(), headers).await?;
    Ok((expected, answer))
}

/// With nothing to confirm.
async fn confirm(host: &Host, call_id: &str, at: usize) -> Result<Answer> {
    let mut call = Conversation::of_alice(host);
    call_id.clone_into(&mut call.call_id);
    let body = call.body("confirm", json!({"number": at}));
    host.signed("/functions", body).await
}

/// Whether that is an answer that the contract has for it.
fn check((what, status, code): Expected, answer: &Answer) {
    match answer.status {
        200 => assert_eq!(status, 200, "{what}: {}", answer.text),
        409 if answer.text.contains("call_busy") => {}
        refused => {
            assert_eq!(refused, status, "{what}: {}", answer.text);
            assert_eq!(answer.problem(refused), code, "{what}");
        }
    }
}

#[tokio::test]
async fn legal_and_illegal_commands_at_once_are_answered_as_the_contract_says() -> Result<()> {
    let Some(mut bench) = Bench::of(0).await? else {
        return Ok(());
    };
    let gate = Gate::before(&bench.bank_url)?;
    for _ in 0..3 {
        let url = gate.url.clone();
        let host = bench.another(|setup| setup.set("PYTHON_BACKEND_URL", url));
        let host = host.await?;
        bench.hosts.push(host);
    }
    let (hosts, call_id) = (&bench.hosts, "call_of_many_minds");
    for call_id in [call_id, "call_that_pays"] {
        let loaded = json!({"call_id": call_id, "user_id": "user_1"});
        hosts[0].post(LOAD, &loaded).await?.expect(200);
    }
    let order = transfer(call_id, 20).to_string();
    let first = hosts[0].post_text(TRANSFER, &order, &ORDER).await?;
    first.expect(200);
    // The same customer's thirty dollars are on their way while all the others ask.
    gate.hold_answers("/payments/transfer HTTP");
    let body = transfer("call_that_pays", 30);
    let paying = hosts[0].post(TRANSFER, &body);
    let meanwhile = async {
        until("a payment on its way", async || {
            Ok((gate.came() > 0).then_some(()))
        })
        .await?;
        let commands = (0..COMMANDS).map(|at| command(&hosts[at % 3], call_id, at));
        let mut counts = BTreeMap::new();
        for answered in at_once(commands.collect()).await {
            let (expected, answer) = answered?;
            check(expected, &answer);
            *counts.entry((expected.0, answer.status)).or_insert(0) += 1;
        }
        gate.open();
        anyhow::Ok(counts)
    };
    let (paid, counts) = tokio::join!(paying, meanwhile);
    println!("{COMMANDS} commands at once on three hosts: {:?}", counts?);
    paid?.expect(200);
    assert_eq!(gate.came(), 1, "one payment was on its way");
    // 5,000.50 less 20 and 30, each once.
    assert_eq!(bench.bank.balance("user_1", "checking_1").await?, "4950.50");
    Ok(())
}

#[tokio::test]
async fn commands_while_their_call_ends_elsewhere_are_done_or_refused() -> Result<()> {
    let Some(bench) = Bench::of(3).await? else {
        return Ok(());
    };
    let mut call = Conversation::of_alice(&bench.hosts[0]);
    let call_id = call.call_id.clone();
    let wanted = json!({"account_id": "checking_1"});
    asked(&bench.hosts[0], &mut call, "check_balance", wanted).await?;
    let ended = json!({"event": "call_ended", "call": {"call_id": call_id}}).to_string();
    let loaded = json!({"call_id": call_id, "user_id": "user_1"});
    let body = transfer(&call_id, 20).to_string();
    let commands = (0..COMMANDS).map(async |at| {
        let host = &bench.hosts[at % 3];
        if at == COMMANDS / 4 {
            return host.signed("/webhook", ended.clone()).await;
        }
        let key = format!("order-{}", at % 4);
        match at % 2 {
            0 => host.post(LOAD, &loaded).await,
            _ => {
                let headers = [("idempotency-key", key.as_str())];
                host.post_text(TRANSFER, &body, &headers).await
            }
        }
    });
    let mut counts = BTreeMap::new();
    for answer in at_once(commands.collect()).await {
        let answer = answer?;
        let is_expected = [200, 204, 409].contains(&answer.status);
        assert!(is_expected, "{}: {}", answer.status, answer.text);
        let code = (answer.status == 409).then(|| answer.problem(409));
        *counts.entry((answer.status, code)).or_insert(0) += 1;
    }
    until("the end of the call", async || {
        Ok((bench.hosts[1].state(&call_id).await? == "CALL_ENDED").then_some(()))
    })
    .await?;
    for host in &bench.hosts {
        let refused = host.post(LOAD, &loaded).await?;
        assert_eq!(refused.problem(409), "illegal_state");
    }
    let statement = "SELECT count(*) FROM transfers WHERE state = 'completed'";
    let completed: i64 = bench.database.run(statement)?.trim().parse()?;
    println!("{COMMANDS} commands while the call ends: {counts:?}; {completed} orders completed");
    let left = 500_050 - 2_000 * completed;
    let expected = format!("{}.{:02}", left / 100, left % 100);
    assert_eq!(bench.bank.balance("user_1", "checking_1").await?, expected);
    Ok(())
}
