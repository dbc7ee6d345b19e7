//! The capabilities of a scenario: its world, behind the same rules as in a call.
//!
//! An unknown caller reaches nothing, an account of somebody else is not found, and one write is permitted: exactly the intent that
//! an action is asked to fulfil, once.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;

use super::super::capabilities::{Capabilities, Totals};
use super::scenario::{Asked, Scenario};
use super::world::{Answer, OwnAccount, World};
use crate::call::intent::{CreditCard, Loan, Transfer};
use crate::call::outcome::{Account, Application, Balance, Payment, Profile, Statement};
use crate::call::session::Utterance;
use crate::call::{Failure, Intent, Money};

/// One scenario's world, for one run.
pub(super) struct Scripted {
    world: Arc<World>,
    is_known: bool,
    permit: Mutex<Option<Intent>>,
}

impl Scripted {
    pub(super) fn new(scenario: &Scenario) -> Self {
        let permit = match &scenario.asked {
            Asked::Fulfil(intent) if intent.is_write() => Some(intent.clone()),
            _ => None,
        };
        Self {
            world: Arc::clone(&scenario.world),
            is_known: scenario.turn.caller.known,
            permit: Mutex::new(permit),
        }
    }

    fn held(&self) -> Result<&[OwnAccount], Failure> {
        self.known()?;
        self.world.accounts.as_deref().map_err(Failure::clone)
    }

    fn own(&self, account: &str) -> Result<&OwnAccount, Failure> {
        let mut held = self.held()?.iter();
        held.find(|own| own.account.id == account)
            .ok_or_else(|| Failure::NotFound("account".to_owned()))
    }

    fn known(&self) -> Result<(), Failure> {
        if self.is_known {
            return Ok(());
        }
        Err(Failure::NotAllowed("caller_unknown".to_owned()))
    }

    fn use_permit(&self, intent: &Intent) -> Result<(), Failure> {
        self.known()?;
        let mut permit = self.permit.lock().unwrap_or_else(PoisonError::into_inner);
        if permit.as_ref() != Some(intent) {
            return Err(Failure::NotAllowed("no_permit".to_owned()));
        }
        *permit = None;
        Ok(())
    }

    fn apply(&self, intent: &Intent) -> Answer<Application> {
        self.use_permit(intent)?;
        self.world.application.clone()
    }
}

#[async_trait]
impl Capabilities for Scripted {
    async fn accounts(&self) -> Answer<Vec<Account>> {
        let held = self.held()?.iter();
        Ok(held.map(|own| own.account.clone()).collect())
    }

    async fn balance(&self, account: &str) -> Answer<Balance> {
        let own = self.own(account)?;
        Ok(Balance {
            account: own.account.clone(),
            available: own.available.clone()?,
        })
    }

    async fn statement(&self, account: &str, month: Option<&str>) -> Answer<Statement> {
        let own = self.own(account)?;
        let statements = self.world.statements.as_ref().map_err(Failure::clone)?;
        let mut its_own = statements.iter().filter(|statement| {
            let named = statement.account.as_deref();
            named.is_none_or(|named| named == account)
        });
        let found = its_own.find(|statement| month.is_none_or(|month| month == statement.month));
        let found = found.ok_or_else(|| Failure::NotFound("statement".to_owned()))?;
        Ok(Statement {
            account: own.account.clone(),
            month: found.month.clone(),
            lines: found.lines.clone(),
        })
    }

    async fn profile(&self) -> Answer<Profile> {
        self.known()?;
        self.world.profile.clone()
    }

    async fn pay(&self, transfer: &Transfer) -> Answer<Payment> {
        self.use_permit(&Intent::Transfer(transfer.clone()))?;
        self.own(&transfer.from_account)?;
        let paid = self.world.payment.as_ref().map_err(Failure::clone)?;
        Ok(Payment {
            id: paid.id.clone(),
            transfer: transfer.clone(),
            status: paid.status,
        })
    }

    async fn apply_for_loan(&self, loan: &Loan) -> Answer<Application> {
        self.apply(&Intent::Loan(loan.clone()))
    }

    async fn apply_for_credit_card(&self, card: &CreditCard) -> Answer<Application> {
        self.apply(&Intent::CreditCard(card.clone()))
    }

    async fn application(&self, id: &str) -> Answer<Application> {
        self.known()?;
        let application = self.world.application.clone()?;
        if application.id != id {
            return Err(Failure::NotFound("application".to_owned()));
        }
        Ok(application)
    }

    async fn transferred(&self, window_hours: u32, from: Option<&str>) -> Answer<Totals> {
        let first = self.held()?.first();
        let first = first.ok_or_else(|| Failure::NotFound("account".to_owned()))?;
        let currency = &first.account.currency;
        let counted = self.world.transfers.iter().filter(|made| {
            made.hours_ago < window_hours && from.is_none_or(|from| from == made.from_account)
        });
        let (mut count, mut minor) = (0_u32, 0_i64);
        for made in counted {
            count = count.saturating_add(made.count);
            if made.amount.currency == *currency {
                let sum = made.amount.minor.saturating_mul(i64::from(made.count));
                minor = minor.saturating_add(sum);
            }
        }
        Ok(Totals {
            count,
            sum: Money::new(minor, currency.clone()),
        })
    }

    async fn recent(&self, limit: usize) -> Vec<Utterance> {
        let said = &self.world.transcript;
        said[said.len().saturating_sub(limit)..].to_vec()
    }

    async fn last_reply(&self) -> Option<String> {
        self.world.last_reply.clone()
    }

    async fn answer(&self, _question: &str) -> Answer<String> {
        self.world.assistant.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::super::scenario::Scenario;
    use super::*;
    use crate::plugin::Phase;

    fn scripted(phase: Phase, rest: &str) -> (Scripted, Scenario) {
        let text = format!("[[self-test]]\nname = 'a test'\n{rest}");
        let table = toml::from_str(&text).expect("TOML");
        let scenario = Scenario::listed(&table, phase).expect("good").remove(0);
        (Scripted::new(&scenario), scenario)
    }

    const PAY: &str = "intent = { intent = 'transfer', slots = { from_account = 'checking_1', to_account = 'savings_1', payee = 'same-owner', amount = '5.00 USD' } }\n";

    #[tokio::test]
    async fn an_action_pays_exactly_what_it_is_asked_for_and_once() {
        let (bank, scenario) = scripted(Phase::Fulfil, &format!("{PAY}expect.outcome = 'paid'"));
        let Asked::Fulfil(Intent::Transfer(asked)) = &scenario.asked else {
            panic!("no transfer")
        };
        let no_permit = || Err(Failure::NotAllowed("no_permit".to_owned()));
        let mut more = asked.clone();
        more.amount.minor += 1;
        assert_eq!(bank.pay(&more).await, no_permit());
        assert_eq!(
            bank.pay(asked).await.map(|paid| paid.id),
            Ok("payment_789".to_owned())
        );
        assert_eq!(bank.pay(asked).await, no_permit());
        let (bank, _) = scripted(Phase::Decide, &format!("{PAY}expect.decision = 'deny'"));
        assert_eq!(bank.pay(asked).await, no_permit());
    }

    #[tokio::test]
    async fn transfers_count_within_their_window_and_their_account() {
        let made = "bank.transfers = [{ amount = '10.00 USD', count = 2 }, { amount = '5.00 USD', hours_ago = 30, from_account = 'savings_1' }]\nexpect.routed = 'pass'";
        let (bank, _) = scripted(Phase::Route, made);
        for (hours, from, count, minor) in [
            (24, None, 2, 2_000),
            (48, None, 3, 2_500),
            (48, Some("savings_1"), 1, 500),
            (1, None, 2, 2_000),
        ] {
            let sum = Money::new(minor, "USD");
            let totals = bank.transferred(hours, from).await;
            assert_eq!(totals, Ok(Totals { count, sum }), "{hours} {from:?}");
        }
    }

    #[tokio::test]
    async fn a_caller_reaches_their_own_and_an_unknown_one_nothing() {
        fn absent<T>(what: &str) -> Answer<T> {
            Err(Failure::NotFound(what.to_owned()))
        }
        let (bank, _) = scripted(Phase::Route, "expect.routed = 'pass'");
        assert_eq!(bank.balance("savings_2").await, absent("account"));
        assert_eq!(
            bank.application("application_9").await,
            absent("application")
        );
        let newest = bank.statement("checking_1", None).await.expect("one");
        assert_eq!(newest.month, "2026-03");
        let other = bank.statement("checking_1", Some("2026-02")).await;
        assert_eq!(other, absent("statement"));
        let unknown = "turn.caller = { known = false, trust = 'unknown' }\nexpect.routed = 'pass'";
        let (bank, _) = scripted(Phase::Route, unknown);
        let refused = Failure::NotAllowed("caller_unknown".to_owned());
        assert_eq!(bank.accounts().await, Err(refused.clone()));
        assert_eq!(bank.profile().await, Err(refused));
    }
}
