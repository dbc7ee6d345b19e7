//! Plugins that trap, loop, lie or answer outside the contract: what each phase does about it.
//!
//! The guests are in `tests/guests`; a caller asks for a misdeed by a function argument, so every bad call here has a good one at
//! its side, on the same host. Each customer's money belongs to one test.

mod attacks;
pub mod bench;
mod bounds;
mod guard;
mod share;
mod starts;
mod storm;
mod unsettled;
mod waiting;

use anyhow::Result;
use serde_json::json;

use crate::harness::{Conversation, Host};
use attacks::Attack;
use bench::{ALICE, BOB, CAROL, EMMA, Turn, assert_nothing_failed, misdeed, shared};

/// Twenty dollars between a customer's own accounts.
async fn transfer(host: &Host, phone: &str, user: u32, fault: &str) -> Result<Turn> {
    let wanted = json!({
        "from_account": format!("checking_{user}"), "to_account": format!("savings_{user}"),
        "amount": "20.00",
    });
    bench::turn(host, phone, fault, "transfer_funds", wanted).await
}

/// What is in a customer's account, in cents.
async fn cents(host: &Host, account: &str, user: u32) -> Result<i64> {
    let balance = host
        .balance(&format!("user_{user}"), &format!("{account}_{user}"))
        .await?;
    Ok(balance.replace(['.', '"'], "").parse()?)
}

#[tokio::test]
async fn a_router_that_fails_has_not_understood() -> Result<()> {
    has_not_understood("bad-router").await
}

#[tokio::test]
async fn a_guest_without_a_compiler_fails_as_it_should() -> Result<()> {
    has_not_understood("bad-core").await
}

async fn has_not_understood(router: &str) -> Result<()> {
    for attack in attacks::of(router) {
        let turn = misdeed(attack, async |host, fault| {
            bench::balance(host, BOB, fault).await
        });
        let turn = turn.await?;
        assert_eq!(turn.said.code, "help", "{attack:?}: {turn:?}");
        assert_eq!(turn.record["intent"], "unknown", "{attack:?}: {turn:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_policy_that_fails_denies() -> Result<()> {
    let host = shared().await?;
    let before = (
        cents(host, "checking", 5).await?,
        cents(host, "savings", 5).await?,
    );
    for attack in attacks::of("bad-policy") {
        let turn = misdeed(attack, async |host, fault| {
            transfer(host, EMMA, 5, fault).await
        });
        let (turn, fault) = (turn.await?, attack.misdeed);
        assert_eq!(turn.said.code, "policy_failed", "{fault}: {turn:?}");
        assert_eq!(turn.record["decision"], "deny", "{fault}: {turn:?}");
        assert_eq!(turn.record["reason"], "policy_failed", "{fault}: {turn:?}");
        assert!(turn.record["transfer_id"].is_null(), "{fault}: {turn:?}");
        let after = (
            cents(host, "checking", 5).await?,
            cents(host, "savings", 5).await?,
        );
        assert_eq!(after, before, "{fault}");
    }
    let good = transfer(host, EMMA, 5, "").await?;
    assert_eq!(good.said.code, "transfer_completed", "{good:?}");
    Ok(())
}

#[tokio::test]
async fn a_policy_that_allows_everything_loosens_nothing() -> Result<()> {
    let host = shared().await?;
    for (amount, code) in [
        ("150.00", "confirm_transfer"),
        ("10000.01", "amount_needs_human"),
    ] {
        let mut alice = Conversation::of_alice(host);
        let wanted = json!({"from_account": "savings", "to_account": "checking", "amount": amount});
        let said = alice.invoke("transfer_funds", wanted).await?;
        assert_eq!(said.code, code, "{said:?}");
        let record = host.record(&alice.call_id, 1).await?;
        assert_nothing_failed(&record);
        let stages = record["stages"].as_array().unwrap();
        let allowed = stages
            .iter()
            .find(|stage| stage["plugin"] == "bad-policy")
            .unwrap();
        assert_eq!(allowed["output"]["decision"], "allow", "{record}");
        assert!(record["transfer_id"].is_null(), "{record}");
    }
    // With no other policy at all, what the host itself says is left.
    let pipeline = bench::pipeline("")?.replace("transfer-limits", "transfer-limits-left-out");
    let alone = bench::setup(&bench::without(&pipeline, "transfer-limits-left-out"))?;
    let host = alone
        .set("ORCHESTRATOR_LEDGER__TRANSFER_MAX", "30.00")
        .start()
        .await?;
    let mut alice = Conversation::of_alice(&host);
    for (amount, code) in [("1000.01", "pin_needed"), ("30.01", "over_transfer_max")] {
        let wanted = json!({"from_account": "savings", "to_account": "checking", "amount": amount});
        let said = alice.invoke("transfer_funds", wanted).await?;
        assert_eq!(said.code, code, "{said:?}");
    }
    assert_eq!(
        transfer(&host, ALICE, 1, "").await?.said.code,
        "transfer_completed"
    );
    Ok(())
}

#[tokio::test]
async fn an_action_that_fails_is_spoken_as_a_failure_and_never_as_a_payment() -> Result<()> {
    let host = shared().await?;
    let before = cents(host, "checking", 1).await?;
    let claims_paid = Attack {
        guest: "bad-action",
        phase: "fulfil",
        misdeed: "claims_paid",
        kind: "implausible",
    };
    // Asked for a balance it is the same, and it cannot say what is in another's account.
    for attack in attacks::of("bad-action").chain([claims_paid]) {
        let turn = misdeed(attack, async |host, fault| match attack.kind {
            "implausible" if attack.misdeed != "claims_paid" => {
                bench::balance(host, ALICE, fault).await
            }
            _ => transfer(host, ALICE, 1, fault).await,
        });
        let turn = turn.await?;
        assert_eq!(turn.said.code, "bank_unavailable", "{attack:?}: {turn:?}");
        assert!(!turn.said.result.contains("1250"), "{attack:?}: {turn:?}");
        assert!(turn.record["transfer_id"].is_null(), "{attack:?}: {turn:?}");
        assert_eq!(cents(host, "checking", 1).await?, before, "{attack:?}");
    }
    let other = bench::balance(host, ALICE, "bad-action:unknown_account").await?;
    assert_eq!(other.said.code, "account_not_found", "{other:?}");
    assert_nothing_failed(&other.record);
    Ok(())
}

#[tokio::test]
async fn an_action_that_fails_after_paying_is_told_as_paid_once() -> Result<()> {
    // Emptied by nobody else: this host is this test's.
    let host = bench::setup(&bench::pipeline("")?)?.start().await?;
    for (fault, kind) in [
        ("pays_then_traps", Some("trap")),
        ("pays_then_loops", Some("deadline")),
        ("pays_then_claims_more", Some("implausible")),
        ("pays_then_refuses", None),
        ("pays_twice", None),
    ] {
        let before = (
            cents(&host, "checking", 1).await?,
            cents(&host, "savings", 1).await?,
        );
        let turn = transfer(&host, ALICE, 1, &format!("bad-action:{fault}")).await?;
        match kind {
            Some(kind) => turn.assert_one_failed("bad-action", "fulfil", kind),
            None => assert_nothing_failed(&turn.record),
        }
        assert_eq!(turn.said.code, "transfer_completed", "{fault}: {turn:?}");
        assert_eq!(
            turn.said.result, "Done. I've transferred 20 dollars.",
            "{fault}"
        );
        assert!(turn.record["transfer_id"].is_string(), "{fault}: {turn:?}");
        let after = (
            cents(&host, "checking", 1).await?,
            cents(&host, "savings", 1).await?,
        );
        assert_eq!(after, (before.0 - 2_000, before.1 + 2_000), "{fault}");
    }
    Ok(())
}

#[tokio::test]
async fn nothing_is_written_without_its_permit() -> Result<()> {
    let host = shared().await?;
    let before = (
        cents(host, "checking", 3).await?,
        cents(host, "savings", 2).await?,
    );
    for fault in [
        "bad-action:pays_more",
        "bad-action:pays_another",
        "bad-action:pays_on_balance",
    ] {
        let turn = if fault.ends_with("balance") {
            let wanted = json!({"account_id": "checking_3"});
            bench::turn(host, CAROL, fault, "check_balance", wanted).await?
        } else {
            transfer(host, CAROL, 3, fault).await?
        };
        assert_nothing_failed(&turn.record);
        assert_eq!(turn.said.code, "no_permit", "{fault}: {turn:?}");
        assert!(turn.record["transfer_id"].is_null(), "{fault}: {turn:?}");
        let after = (
            cents(host, "checking", 3).await?,
            cents(host, "savings", 2).await?,
        );
        assert_eq!(after, before, "{fault}");
    }
    Ok(())
}

#[tokio::test]
async fn a_shaper_that_fails_leaves_the_hosts_plain_sentence() -> Result<()> {
    for attack in attacks::of("bad-shaper") {
        let turn = misdeed(attack, async |host, fault| {
            bench::balance(host, BOB, fault).await
        });
        let (turn, fault) = (turn.await?, attack.misdeed);
        assert_eq!(turn.said.code, "balance", "{fault}: {turn:?}");
        assert_eq!(turn.said.result, bench::PLAIN_OF_BOB, "{fault}");
        assert_eq!(
            turn.record["reply"],
            bench::PLAIN_OF_BOB,
            "{fault}: {turn:?}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn an_oversized_or_control_character_answer_is_a_failed_stage() -> Result<()> {
    for attack in attacks::bad_answers() {
        let turn = misdeed(attack, async |host, fault| {
            bench::balance(host, BOB, fault).await
        });
        let turn = turn.await?;
        assert_eq!(turn.said.code, attack.code(), "{attack:?}: {turn:?}");
        if attack.phase == "shape" {
            assert_eq!(turn.said.result, bench::PLAIN_OF_BOB, "{attack:?}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn no_plugin_state_survives_a_turn() -> Result<()> {
    let host = shared().await?;
    for _ in 0..3 {
        let turn = bench::balance(host, BOB, "bad-shaper:count").await?;
        assert_eq!(turn.said.result, "Asked 1 times.", "{turn:?}");
    }
    let mut alice = Conversation::of_alice(host);
    for _ in 0..3 {
        let asked = json!({"account_id": "checking_1", "fault": "bad-shaper:count"});
        assert_eq!(
            alice.invoke("check_balance", asked).await?.result,
            "Asked 1 times."
        );
    }
    let at_once = (0..8).map(|_| bench::balance(host, BOB, "bad-shaper:count"));
    for turn in crate::harness::at_once(at_once.collect()).await {
        assert_eq!(turn?.said.result, "Asked 1 times.");
    }
    Ok(())
}

#[tokio::test]
async fn a_plugin_cannot_write_secrets_or_lines_of_its_own_to_the_log() -> Result<()> {
    let host = shared().await?;
    bench::balance(host, BOB, "bad-shaper:secrets_in_log").await?;
    let lines = crate::harness::until("the last of three lines", async || {
        let lines: Vec<String> = host.log().lines().map(str::to_owned).collect();
        Ok(lines
            .iter()
            .any(|line| line.contains("forged line"))
            .then_some(lines))
    });
    let lines = lines.await?;
    for secret in [
        "839174",
        "14155552671",
        "4081 7263 5492 01",
        "40817263549201",
    ] {
        let found: Vec<&String> = lines.iter().filter(|line| line.contains(secret)).collect();
        assert!(found.is_empty(), "{secret}: {found:?}");
    }
    let said = |text: &str| {
        lines
            .iter()
            .any(|line| line.contains(text) && line.contains("bad-shaper"))
    };
    assert!(said("[pin]") && said("the caller's number is *") && said("account *"));
    assert!(
        lines.iter().all(|line| !line.starts_with("forged")),
        "a line was forged"
    );
    Ok(())
}
