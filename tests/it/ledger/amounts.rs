//! Money to the cent: what is exact, what is refused, and bounds that hold at their edge with many at once.
//!
//! Counted in the bank's own books, which are asked past the host under test.

use anyhow::Result;
use serde_json::json;

use super::bench::{Kind, bank, call, on_both, rows, setup, transfer};
use crate::harness::{Host, Setup, at_once};
use crate::rules::{ruled, with};

/// What fits, which is 0.10 + 0.20 + 100 + 500 + 0.01 + 15, to the cent.
const FIT: [&str; 6] = ["0.1", "0.2", "1e2", "500.00", "0.010", "1.5E1"];
const FIT_CENTS: i64 = 61_531;

/// What does not. No JSON has a bare NaN or infinity, so those are broken bodies; as texts they are read, and refused.
const UNFIT: [(&str, u16); 18] = [
    ("500.005", 422),
    ("1e308", 422),
    ("-1e308", 422),
    ("1e-308", 422),
    ("-0", 422),
    ("-0.00", 422),
    ("0", 422),
    ("9007199254740993", 422),
    ("90071992547409930000000", 422),
    ("\"500.00\"", 422),
    ("\"NaN\"", 422),
    ("\"Infinity\"", 422),
    ("\"-Infinity\"", 422),
    ("null", 422),
    ("NaN", 400),
    ("-Infinity", 400),
    ("0x10", 400),
    (".5", 400),
];

fn written(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

#[tokio::test]
async fn amounts_are_exact_or_refused() -> Result<()> {
    let (books, url) = bank(Kind::References).await?;
    let mut left = 500_050;
    for setup in on_both(&setup(Kind::References, &url)?)? {
        let host = setup.start().await?;
        call(&host, "call_1", "user_1").await?;
        for (at, amount) in FIT.into_iter().enumerate() {
            let answer = transfer(&host, "call_1", amount, &format!("fits-{left}-{at}")).await?;
            answer.expect(200);
        }
        left -= FIT_CENTS;
        assert_eq!(books.balance("user_1", "checking_1").await?, written(left));
        for (at, (amount, status)) in UNFIT.into_iter().enumerate() {
            let answer = transfer(&host, "call_1", amount, &format!("unfit-{at}")).await?;
            assert_eq!(answer.status, status, "{amount}: {}", answer.text);
            assert!(!answer.problem(status).is_empty());
            let names_it = answer.text.contains("`amount`");
            assert!(names_it || status == 400, "{amount}: {}", answer.text);
        }
        assert_eq!(books.balance("user_1", "checking_1").await?, written(left));
        assert_eq!(
            rows(&host).await?.len(),
            FIT.len(),
            "what is refused leaves no row"
        );
        println!("{} exact to the cent, {} refused", FIT.len(), UNFIT.len());
    }
    Ok(())
}

#[tokio::test]
async fn bounds_hold_at_their_edge() -> Result<()> {
    let (books, url) = bank(Kind::References).await?;
    let mut left = 500_050;
    for setup in on_both(&setup(Kind::References, &url)?)? {
        let host = setup
            .set("ORCHESTRATOR_LEDGER__TRANSFER_MAX", "60.00")
            .set("ORCHESTRATOR_LEDGER__DAY_MAX", "100.00")
            .start()
            .await?;
        call(&host, "call_1", "user_1").await?;
        for (amount, code) in [
            ("60.01", Some("over_transfer_max")),
            ("60.00", None),
            ("40.01", Some("over_day_limit")),
            ("40.00", None),
            ("0.01", Some("over_day_limit")),
        ] {
            let answer = transfer(&host, "call_1", amount, amount).await?;
            match code {
                Some(code) => assert_eq!(answer.problem(403), code, "{amount}"),
                None => drop(answer.expect(200)),
            }
        }
        left -= 10_000;
        assert_eq!(books.balance("user_1", "checking_1").await?, written(left));
    }
    Ok(())
}

const CAP: i64 = 500;

/// Forty transfers at once under a cap of five dollars, which is filled greedily: whoever is refused would not have fitted, and in
/// the end does not fit either. How much was moved, and how many were refused.
async fn fill_the_cap(host: &Host) -> Result<(i64, usize)> {
    let asked = (0..40).map(|at: i64| {
        let cents = 30 + at;
        async move {
            let call_id = format!("call_{at}");
            call(host, &call_id, "user_1").await?;
            let amount = format!("0.{cents:02}");
            let body = json!({
                "call_id": call_id, "from_account": "checking_1", "to_account": "savings_1",
                "amount": serde_json::from_str::<serde_json::Value>(&amount)?,
            });
            anyhow::Ok((cents, host.post("/orchestrate/transfer", &body).await?))
        }
    });
    let (mut moved, mut refused) = (0, Vec::new());
    for answer in at_once(asked.collect()).await {
        let (cents, answer) = answer?;
        if answer.status == 200 {
            moved += cents;
        } else {
            let code = answer.problem(403);
            assert!(
                matches!(code.as_str(), "over_day_limit" | "over_day_max"),
                "{code}"
            );
            refused.push(cents);
        }
    }
    assert!(moved <= CAP && !refused.is_empty(), "{moved} {refused:?}");
    assert!(
        refused.iter().all(|cents| moved + cents > CAP),
        "{moved} {refused:?}"
    );
    Ok((moved, refused.len()))
}

/// The same on both databases, with a cap of this kind; what was counted.
async fn holds_to_the_cent(capped: impl Fn(Setup) -> Result<Setup>) -> Result<Vec<String>> {
    let (books, url) = bank(Kind::References).await?;
    let (mut left, mut counted) = (500_050, Vec::new());
    for setup in on_both(&setup(Kind::References, &url)?)? {
        let host = capped(setup)?.start().await?;
        let (moved, refused) = fill_the_cap(&host).await?;
        left -= moved;
        assert_eq!(books.balance("user_1", "checking_1").await?, written(left));
        counted.push(format!("{moved} of {CAP} cents moved, {refused} refused"));
    }
    Ok(counted)
}

#[tokio::test]
async fn many_small_transfers_at_once_stay_within_the_hosts_daily_cap_to_the_cent() -> Result<()> {
    let capped = |setup: Setup| Ok(setup.set("ORCHESTRATOR_LEDGER__DAY_MAX", "5.00"));
    println!("{:?}", holds_to_the_cent(capped).await?);
    Ok(())
}

#[tokio::test]
async fn many_small_transfers_at_once_stay_within_a_policys_daily_cap_to_the_cent() -> Result<()> {
    let rules = with(&[
        ("transfer_max", "\"5.00\""),
        ("day_total_max", "\"5.00\""),
        ("day_count_max", "1000"),
    ])?;
    let counted = holds_to_the_cent(|setup| ruled(setup, &rules)).await?;
    println!("{counted:?}");
    Ok(())
}
