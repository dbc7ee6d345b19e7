//! What a service may ask about a customer.
//!
//! Every answer is a turn like a caller's: decided by the rules, recorded, from the bank.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde_json::{Map, Value, json};

use super::super::Shared;
use super::super::bounded::Bounded;
use super::super::problem::Problem;
use super::super::wire as json_of;
use super::wire::{LoadContext, OneAccount, OneApplication, OneUser, id};
use super::{Whom, ask, unexpected};
use crate::call::outcome::{Balance, Profile};
use crate::call::{Intent, Outcome};

type Shown = Result<Json<Value>, Problem>;

/// Opens the call if need be; it then awaits an intent.
pub async fn load_context(
    State(shared): State<Arc<Shared>>,
    Bounded(body): Bounded<LoadContext>,
) -> Shown {
    let user_id = id("user_id", body.user_id)?;
    shared
        .orchestrator
        .load_context(&body.call_id, &user_id)
        .await?;
    Ok(Json(json!({ "status": "context loaded" })))
}

/// Name, account ids and addresses; never a social security number or a date of birth.
pub async fn user(State(shared): State<Arc<Shared>>, Bounded(body): Bounded<OneUser>) -> Shown {
    let whom = Whom::new(body.call_id, Some(body.user_id.clone()))?;
    let profile = profile_of(&shared, &whom).await?;
    let accounts = balances_of(&shared, &whom).await?;
    let ids: Vec<&str> = accounts
        .iter()
        .map(|balance| balance.account.id.as_str())
        .collect();
    Ok(Json(json!({
        "user_id": body.user_id,
        "details": {
            "name": profile.name,
            "accounts": ids,
            "email": profile.email,
            "phone": profile.phone,
            "address": profile.address,
        },
    })))
}

/// Name and addresses.
pub async fn user_profile(
    State(shared): State<Arc<Shared>>,
    Bounded(body): Bounded<OneUser>,
) -> Shown {
    let whom = Whom::new(body.call_id, Some(body.user_id.clone()))?;
    let profile = profile_of(&shared, &whom).await?;
    Ok(Json(json!({
        "user_id": body.user_id,
        "name": profile.name,
        "email": profile.email,
        "phone": profile.phone,
        "address": profile.address,
    })))
}

/// Accounts by id, with balances.
pub async fn accounts(State(shared): State<Arc<Shared>>, Bounded(body): Bounded<OneUser>) -> Shown {
    let whom = Whom::new(body.call_id, Some(body.user_id.clone()))?;
    let all = balances_of(&shared, &whom).await?;
    let by_id: Map<String, Value> = all
        .iter()
        .map(|balance| {
            let mut fields = json!({ "balance": json_of::amount(&balance.available) });
            if !balance.account.kind.is_empty() {
                fields["type"] = json!(balance.account.kind);
            }
            (balance.account.id.clone(), fields)
        })
        .collect();
    Ok(Json(json!({
        "user_id": body.user_id,
        "account_count": by_id.len(),
        "accounts": by_id,
    })))
}

/// One balance.
pub async fn balance(
    State(shared): State<Arc<Shared>>,
    Bounded(body): Bounded<OneAccount>,
) -> Shown {
    let account = id("account_id", body.account_id)?;
    let whom = Whom::new(body.call_id, body.user_id)?;
    let answer = ask(&shared, &whom, Intent::Balance(account), None).await?;
    match &answer.outcome {
        Outcome::Balances(all) if all.len() == 1 => Ok(Json(json!({
            "account_id": all[0].account.id,
            "balance": json_of::amount(&all[0].available),
        }))),
        _ => Err(unexpected(&answer)),
    }
}

/// All months of one account.
pub async fn statements(
    State(shared): State<Arc<Shared>>,
    Bounded(body): Bounded<OneAccount>,
) -> Shown {
    let account = id("account_id", body.account_id)?;
    let whom = Whom::new(body.call_id, body.user_id)?;
    let intent = Intent::Statements {
        account: account.clone(),
        month: None,
    };
    let answer = ask(&shared, &whom, intent, None).await?;
    let months: Map<String, Value> = answer
        .months
        .iter()
        .map(|statement| (statement.month.clone(), json_of::month(statement)))
        .collect();
    Ok(Json(json!({ "account_id": account, "statements": months })))
}

/// One application of the customer's own.
pub async fn application_status(
    State(shared): State<Arc<Shared>>,
    Bounded(body): Bounded<OneApplication>,
) -> Shown {
    let application = id("application_id", body.application_id)?;
    let whom = Whom::new(body.call_id, body.user_id)?;
    let answer = ask(&shared, &whom, Intent::ApplicationStatus(application), None).await?;
    match &answer.outcome {
        Outcome::Applied(found) => Ok(Json(json_of::application(found))),
        _ => Err(unexpected(&answer)),
    }
}

async fn profile_of(shared: &Shared, whom: &Whom) -> Result<Profile, Problem> {
    let answer = ask(shared, whom, Intent::Profile, None).await?;
    match answer.outcome {
        Outcome::Profile(ref profile) => Ok(profile.clone()),
        _ => Err(unexpected(&answer)),
    }
}

async fn balances_of(shared: &Shared, whom: &Whom) -> Result<Vec<Balance>, Problem> {
    let answer = ask(shared, whom, Intent::Accounts, None).await?;
    match answer.outcome {
        Outcome::Balances(ref all) => Ok(all.clone()),
        _ => Err(unexpected(&answer)),
    }
}
