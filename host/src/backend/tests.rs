//! The client against banks that misbehave: what is repeated, what is bounded, what is never sent.
//!
//! The shapes of good answers are tested beside `wire`; here it is the connection that fails.

mod assistant;
mod reads;
mod stub;
mod writes;

use std::time::Duration;

use stub::{Act, Stub};
use tokio::time::Instant;

use super::*;
use crate::call::{Failure, Money};

const RECEIPT: &str = r#"{"id":"payment_789","from_account":"checking_1","to_account":"savings_1","amount":500.00,"status":"Completed"}"#;
const ACCOUNT: &str = r#"{"account_id":"checking_1","balance":5000.50}"#;

fn ok(body: &'static str) -> Act {
    Act::Answer("200 OK", "", body)
}

fn failing(status: &'static str) -> Act {
    Act::Answer(status, "", "{\"detail\":\"boom\"}")
}

fn within_ms(ms: u64) -> Instant {
    Instant::now() + Duration::from_millis(ms)
}

fn client(url: &str, change: impl FnOnce(&mut Settings)) -> Backend {
    let mut settings = Settings {
        url: url.to_owned(),
        read_try_ms: 300,
        read_total_ms: 2_500,
        write_try_ms: 400,
        ..Settings::default()
    };
    change(&mut settings);
    Backend::new(settings).unwrap()
}

fn order() -> TransferOrder {
    TransferOrder {
        key: "key-1".to_owned(),
        reference: "reference-1".to_owned(),
        from_account: "checking_1".to_owned(),
        to_account: "savings_1".to_owned(),
        amount: Money::new(50_000, "USD"),
    }
}
