//! The sandbox bank through the host's own client, in both dialects.
//!
//! Real HTTP between the two, as between host and bank.

use std::ops::ControlFlow;
use std::time::Duration;

use tokio::time::Instant;

use super::{Bank, Settings, start};
use crate::backend::{
    Agent, Backend, Dialect, Error, Missing, OpenQuestion, PaymentState, TransferOrder,
};
use crate::call::Money;
use crate::call::intent::{CreditCard, Loan};
use crate::call::outcome::PaymentStatus;

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(5)
}

fn usd(minor: i64) -> Money {
    Money::new(minor, "USD")
}

async fn bank(dialect: Dialect) -> (Bank, Backend) {
    let bank = start(Settings {
        dialect,
        ..Settings::default()
    })
    .await
    .unwrap();
    let settings = crate::backend::Settings {
        url: bank.url.clone(),
        idempotent: bank.idempotent,
        ..crate::backend::Settings::default()
    };
    let backend = Backend::new(settings).unwrap();
    (bank, backend)
}

fn order(key: &str, cents: i64) -> TransferOrder {
    TransferOrder {
        key: key.to_owned(),
        reference: format!("reference-{key}"),
        from_account: "checking_1".to_owned(),
        to_account: "savings_1".to_owned(),
        amount: usd(cents),
    }
}

#[tokio::test]
async fn the_documented_bank_answers_everything_that_the_client_asks() {
    let (_bank, backend) = bank(Dialect::Documented).await;
    assert_eq!(backend.health(soon()).await.unwrap().status, "healthy");
    let alice = backend.customer("user_1", soon()).await.unwrap();
    assert_eq!(alice.account_ids, ["checking_1", "savings_1", "market_1"]);
    assert_eq!(
        backend.profile("user_1", soon()).await.unwrap().name,
        "Alice Johnson"
    );
    let accounts = backend.accounts("user_1", soon()).await.unwrap();
    assert_eq!(
        (accounts[0].0.kind.as_str(), &accounts[0].1),
        ("checking", &Some(usd(500_050)))
    );
    let seen = backend.account("checking_1", soon()).await.unwrap();
    assert_eq!(seen.owner.as_deref(), Some("user_1"));
    let months = backend.statements("checking_1", soon()).await.unwrap();
    assert_eq!(months[2].month, "March");
    assert_eq!(months[0].lines[0].amount, Some(usd(240_000)));
    let missing = backend.balance("checking_9", soon()).await.unwrap_err();
    assert!(matches!(missing, Error::NotFound(Missing::Account)));
    assert_eq!(backend.dialect(), Dialect::Auto);
}

#[tokio::test]
async fn the_published_bank_answers_everything_that_the_client_asks() {
    let (_bank, backend) = bank(Dialect::Published).await;
    let alice = backend
        .find_by_phone("+14155552671", soon())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(alice.user_id, "+1-415-555-2671");
    let accounts = backend.accounts(&alice.user_id, soon()).await.unwrap();
    assert_eq!((accounts.len(), accounts[0].0.kind.as_str()), (3, ""));
    assert_eq!(
        backend.balance("checking_1", soon()).await.unwrap(),
        usd(500_050)
    );
    assert_eq!(backend.dialect(), Dialect::Published);
    assert_eq!(
        backend.profile(&alice.user_id, soon()).await.unwrap().name,
        "Alice Johnson"
    );
    let months = backend.statements("checking_1", soon()).await.unwrap();
    assert_eq!(months[0].month, "January");
    assert_eq!(
        months[0].lines[0].description,
        "Salary +2400.00, Groceries -86.40, Rent -1150.00"
    );
    assert!(
        backend
            .find_by_phone("+19995550000", soon())
            .await
            .unwrap()
            .is_none()
    );
    assert!(
        backend
            .find_by_phone("user_1", soon())
            .await
            .unwrap()
            .is_none()
    );
}

#[tokio::test]
async fn the_same_key_moves_money_once_where_keys_are_understood() {
    let (_bank, backend) = bank(Dialect::Documented).await;
    let first = backend
        .transfer(&order("k1", 50_000), soon())
        .await
        .unwrap();
    let again = backend
        .transfer(&order("k1", 50_000), soon())
        .await
        .unwrap();
    assert_eq!(first, again);
    assert_eq!(first.payment_id, "payment_789");
    assert_eq!(first.status, PaymentStatus::Completed);
    assert_eq!(
        backend.balance("checking_1", soon()).await.unwrap(),
        usd(450_050)
    );
    let other = backend
        .transfer(&order("k1", 50_001), soon())
        .await
        .unwrap_err();
    assert!(matches!(other, Error::Rejected { status: 422, .. }));
    let listed = backend.payments(None, soon()).await.unwrap().payments;
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].reference.as_deref(), Some("reference-k1"));
    assert_eq!(listed[0].state, PaymentState::Completed);
    for (reference, count) in [("reference-k1", 1), ("reference-k2", 0)] {
        let found = backend.payments(Some(reference), soon()).await;
        let found = found.unwrap().payments;
        assert_eq!(found.len(), count, "{reference}");
    }
    assert_eq!(
        backend.payment("payment_789", soon()).await.unwrap(),
        listed[0]
    );
}

#[tokio::test]
async fn the_published_bank_knows_no_keys_drops_references_and_makes_noise() {
    let (_bank, backend) = bank(Dialect::Published).await;
    for _ in 0..3 {
        let mut ten = order("k1", 1_010);
        ten.from_account = "checking_5".to_owned();
        backend.transfer(&ten, soon()).await.unwrap();
    }
    assert_eq!(
        backend.balance("checking_5", soon()).await.unwrap(),
        usd(246_970)
    );
    let listed = backend.payments(None, soon()).await.unwrap().payments;
    assert_eq!((listed.len(), &listed[0].reference), (3, &None));
    let filtered = backend
        .payments(Some("reference-k1"), soon())
        .await
        .unwrap()
        .payments;
    assert_eq!(filtered, listed, "there is nothing to filter by");
    assert_eq!(
        listed[0].date.as_deref().map(str::len),
        Some("2026-11-22".len())
    );
}

#[tokio::test]
async fn refusals_are_told_apart_in_both_dialects() {
    for dialect in [Dialect::Documented, Dialect::Published] {
        let (_bank, backend) = bank(dialect).await;
        let poor = backend
            .transfer(&order("k", 99_999_999), soon())
            .await
            .unwrap_err();
        assert!(matches!(poor, Error::InsufficientFunds), "{poor}");
        let mut nowhere = order("k2", 1);
        nowhere.to_account = "savings_9".to_owned();
        let lost = backend.transfer(&nowhere, soon()).await.unwrap_err();
        assert!(
            matches!(lost, Error::NotFound(Missing::DestinationAccount)),
            "{lost}"
        );
        let none = backend.transfer(&order("k3", 0), soon()).await.unwrap_err();
        assert!(
            matches!(none, Error::Rejected { status: 400, .. }),
            "{none}"
        );
        assert!(!none.may_have_happened());
    }
}

#[tokio::test]
async fn applications_and_the_assistant_answer_in_both_dialects() {
    for (dialect, user_id) in [
        (Dialect::Documented, "user_2"),
        (Dialect::Published, "+1-415-555-2672"),
    ] {
        let (_bank, backend) = bank(dialect).await;
        let loan = Loan {
            amount: usd(1_000_000),
            purpose: "car".to_owned(),
            years: 5,
        };
        let applied = backend
            .apply_for_loan(user_id, &loan, "k", "r", soon())
            .await
            .unwrap();
        assert_eq!(
            (applied.id.as_str(), applied.status.as_str()),
            ("application_501", "submitted")
        );
        let card = CreditCard {
            kind: "gold".to_owned(),
            limit: usd(250_000),
        };
        let applied = backend
            .apply_for_credit_card(user_id, &card, "k2", "r", soon())
            .await
            .unwrap();
        let status = backend.application(&applied.id, soon()).await.unwrap();
        assert_eq!(status.status, "pending");
        let question = OpenQuestion {
            call_id: "c".to_owned(),
            user_id: Some(user_id.to_owned()),
            question: "When do you open?".to_owned(),
            transcript: Vec::new(),
        };
        let mut said = Vec::new();
        let mut hear = |sentence| {
            said.push(sentence);
            ControlFlow::Continue(())
        };
        let asked = backend.assistant(&question, soon(), &mut hear).await;
        assert_eq!(asked.unwrap(), Agent::Answered);
        assert_eq!(said.len(), 2, "{said:?}");
        assert!(said[1].contains("nine to five"), "{said:?}");
    }
}
