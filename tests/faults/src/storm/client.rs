//! A client that never gives up: whatever has no final answer is asked for again, as a real one would, and of another host.
//!
//! A request that got no answer, or a status that invites it, is repeated with the same key or the same body. A caller who hears
//! that nothing was changed asks anew, which is another wish: if the sentence was untrue, the books will show it. One who hears that
//! nobody knows asks for something else first, with which what is known by then is told. One who is asked for
//! a yes gives it, and does not ask anew for what nobody has answered.

use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;
use serde_json::{Value, json};
use tests::host::{API_TOKEN, KEY};
use tests::http::{Answer as HttpAnswer, client, signed_now};

use super::Wish;
use crate::bank::books::Order;
use crate::bank::number;
use crate::world::phone;

/// Between two tries, and as much again by chance; the host says `Retry-After: 1`.
const PAUSE_MS: u64 = 1_000;
/// So often the pause doubles: a thousand who come back every second leave a busy host no time for any of them.
const DOUBLINGS_MAX: u32 = 2;
/// What takes longer than any turn does is not waited for: the host sleeps.
const ANSWERED_WITHIN: Duration = Duration::from_secs(8);
/// So often a service asks after what is under way.
const PENDING_MAX: u32 = 20;
/// So often the provider delivers a body that belongs to a question.
const DELIVERIES_MAX: u32 = 5;

/// The way in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// `POST /orchestrate/transfer` with an `Idempotency-Key`, from a service of the bank's.
    Rest,
    /// `POST /functions`, signed, as Retell sends it.
    Function,
    /// The same with a larger sum: the wish, and a yes once it was asked for.
    Confirmed,
}

impl Door {
    /// Whether a caller is on the line.
    #[must_use]
    pub fn is_a_call(self) -> bool {
        matches!(self, Self::Function | Self::Confirmed)
    }
}

/// What came of a wish, as the client knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It is done.
    Done,
    /// It was refused, with this code.
    Refused(String),
    /// It is under way.
    Pending,
    /// None to a yes, however often it was delivered: the caller knows nothing.
    Unheard,
    /// None that says anything, until time was up.
    None,
}

/// What one try shows.
enum Seen {
    Final(Answer),
    /// Nobody knows, or come again: the same once more.
    Nothing,
    /// It is under way: a service may ask after it with the same key.
    Pending,
    /// Nothing was changed, said to a caller: asked anew.
    NothingDone,
    /// Nobody knows, said to a caller.
    InDoubt,
    /// Whether it shall be done.
    Question,
}

/// What is said now.
#[derive(Debug, Clone, Copy, Default)]
struct Step {
    /// The caller's utterances before this one.
    said: usize,
    what: Said,
}

/// What it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Said {
    #[default]
    Wish,
    /// The answer to a question.
    Yes,
    /// What the balance is, to hear what became of the wish.
    Balance,
}

impl Step {
    fn next(self, what: Said) -> Self {
        let said = self.said + 1;
        Self { said, what }
    }
}

/// Asks until there is an answer, first one of the hosts and after every failure the next; whoever calls bounds the time.
pub(super) async fn insist(wish: Wish, urls: Arc<[String]>, mut chance: Rng) -> Answer {
    let (mut step, mut deliveries) = (Step::default(), 0);
    let (mut pending, mut pause_ms) = (0, PAUSE_MS);
    let mut host = chance.usize(0..urls.len());
    loop {
        deliveries += 1;
        match once(&wish, step, &urls[host]).await {
            Seen::Final(answer) => return answer,
            Seen::Nothing => {
                host = (host + 1) % urls.len();
                if wish.door == Door::Confirmed && deliveries == DELIVERIES_MAX {
                    if step.what == Said::Yes {
                        return Answer::Unheard;
                    }
                    // A question that nobody heard moves nothing.
                    (step, deliveries) = (step.next(step.what), 0);
                }
            }
            Seen::NothingDone => {
                (step, deliveries) = (step.next(Said::Wish), 0);
                host = (host + 1) % urls.len();
            }
            Seen::InDoubt => {
                (step, deliveries) = (step.next(Said::Balance), 0);
                host = (host + 1) % urls.len();
            }
            Seen::Question => {
                (step, deliveries, pause_ms) = (step.next(Said::Yes), 0, PAUSE_MS);
            }
            Seen::Pending => {
                pending += 1;
                // It was heard, so it need not come back more seldom.
                pause_ms = PAUSE_MS;
                if wish.door.is_a_call() || pending == PENDING_MAX {
                    return Answer::Pending;
                }
            }
        }
        let pause = Duration::from_millis(pause_ms + chance.u64(0..pause_ms));
        tokio::time::sleep(pause).await;
        pause_ms = (pause_ms * 2).min(PAUSE_MS << DOUBLINGS_MAX);
    }
}

async fn once(wish: &Wish, step: Step, url: &str) -> Seen {
    let request = match wish.door {
        Door::Rest => {
            let mut body = arguments(&wish.order);
            body["user_id"] = json!(format!("user_{}", wish.customer));
            client()
                .post(format!("{url}/orchestrate/transfer"))
                .bearer_auth(API_TOKEN)
                .header("idempotency-key", &wish.name)
                .body(body.to_string())
        }
        Door::Function | Door::Confirmed => {
            let body = function(wish, step);
            client()
                .post(format!("{url}/functions"))
                .header("x-retell-signature", signed_now(KEY, body.as_bytes()))
                .body(body)
        }
    };
    let request = request
        .header("content-type", "application/json")
        .timeout(ANSWERED_WITHIN);
    let Ok(answer) = HttpAnswer::of(request).await else {
        return Seen::Nothing;
    };
    let body = answer.json().unwrap_or_default();
    let text = |name: &str| body[name].as_str().map(str::to_owned);
    if step.what == Said::Balance {
        let told = text("result").unwrap_or_default();
        return told_beside(answer.status, text("code").as_deref(), &told);
    }
    seen(wish.door, answer.status, text("code"))
}

/// What is heard of the wish with the answer to another question.
fn told_beside(status: u16, code: Option<&str>, told: &str) -> Seen {
    let has = |words: &str| told.contains(words);
    match code {
        _ if status != 200 => Seen::Nothing,
        _ if has("confirmed your transfer") || has("has taken your transfer") => {
            Seen::Final(Answer::Done)
        }
        _ if has("has not confirmed your transfer") => Seen::Final(Answer::Pending),
        _ if has("did not go through") => Seen::NothingDone,
        // Nothing is known of it, so it may be wanted anew.
        Some("balance") => Seen::NothingDone,
        _ => Seen::InDoubt,
    }
}

fn seen(door: Door, status: u16, code: Option<String>) -> Seen {
    let refused = |code: Option<String>| {
        let code = code.unwrap_or_else(|| status.to_string());
        Seen::Final(Answer::Refused(code))
    };
    match (door, status, code.as_deref()) {
        (Door::Rest, 200, _) => Seen::Final(Answer::Done),
        (Door::Rest, 504, _) => Seen::Pending,
        (Door::Rest, 409, Some("call_busy" | "transfer_in_progress")) => Seen::Nothing,
        // The second where an earlier yes was turned away: its copies are none.
        (Door::Confirmed, 200, Some("confirm_transfer" | "asked_again")) => Seen::Question,
        (Door::Function | Door::Confirmed, 200, Some("transfer_completed")) => {
            Seen::Final(Answer::Done)
        }
        // The second is said to whoever wants it anew while the bank has it.
        (Door::Function | Door::Confirmed, 200, Some("outcome_pending" | "too_late")) => {
            Seen::Pending
        }
        // Asked too soon, or said before anything was begun.
        (
            Door::Function | Door::Confirmed,
            200,
            Some(
                "overloaded" | "call_busy" | "help" | "human_offered" | "policy_failed"
                | "bank_unavailable" | "nothing_to_confirm",
            ),
        ) => Seen::NothingDone,
        (Door::Function | Door::Confirmed, 200, Some("database_unavailable")) => Seen::InDoubt,
        (_, 408 | 429 | 500..=599, _) => Seen::Nothing,
        _ => refused(code),
    }
}

/// A function call; a caller who answers or asks anew has spoken once more.
fn function(wish: &Wish, step: Step) -> String {
    let said = json!({"role": "user", "content": "Move some money, please.", "words": []});
    let (name, arguments) = match step.what {
        Said::Wish => ("transfer_funds", arguments(&wish.order)),
        Said::Yes => ("confirm", json!({})),
        Said::Balance => ("check_balance", json!({"account_id": wish.order.from})),
    };
    let body = json!({
        "name": name,
        "args": arguments,
        "call": {
            "call_id": format!("call_storm_{}", wish.name), "call_type": "phone_call",
            "agent_id": "agent_1", "agent_version": 1, "call_status": "ongoing",
            "from_number": phone(wish.customer), "to_number": "+14155550100",
            "direction": "inbound", "transcript_object": vec![said; step.said + 1],
        },
    });
    body.to_string()
}

fn arguments(order: &Order) -> Value {
    json!({"from_account": order.from, "to_account": order.to, "amount": number(order.cents)})
}
