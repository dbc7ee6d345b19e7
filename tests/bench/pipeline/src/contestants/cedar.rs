//! The rule in Cedar: policies and the answers in their annotations are kept, entities and context are made for each evaluation.
//!
//! Cedar answers with the policies that determined; the one of the lowest rank gives the answer, so the order of the rule holds.

use std::collections::{HashMap, HashSet};
use std::str::FromStr as _;

use anyhow::{Context as _, Result};
use cedar_policy::{
    Authorizer, Context, Entities, Entity, EntityId, EntityTypeName, EntityUid, Policy, PolicyId,
    PolicySet, Request, RestrictedExpression as Expression,
};
use rule::{Answer, Channel, Facts, Kind};

use crate::cases::Case;
use crate::contestant::{Contestant, Role};

/// A parsed policy set.
pub struct Cedar {
    authorizer: Authorizer,
    policies: PolicySet,
    /// Rank and answer of each policy.
    answers: HashMap<PolicyId, (u32, Answer)>,
    transfer: EntityUid,
    alice: EntityUid,
    account: EntityTypeName,
}

impl Cedar {
    /// Parses the policies.
    pub fn new() -> Result<Self> {
        let policies = PolicySet::from_str(include_str!("../../rule/rule.cedar"))?;
        let answers = policies
            .policies()
            .map(|policy| Ok((policy.id().clone(), annotated(policy)?)))
            .collect::<Result<_>>()?;
        Ok(Self {
            authorizer: Authorizer::new(),
            policies,
            answers,
            transfer: r#"Action::"transfer""#.parse()?,
            alice: r#"Caller::"alice""#.parse()?,
            account: "Account".parse()?,
        })
    }

    fn account(&self, id: &str) -> EntityUid {
        EntityUid::from_type_name_and_id(self.account.clone(), EntityId::new(id))
    }

    fn entities(&self, facts: &Facts) -> Result<Entities> {
        let owned = facts
            .accounts
            .iter()
            .map(|account| Expression::new_entity_uid(self.account(&account.id)));
        let caller = HashMap::from([
            ("accounts".to_owned(), Expression::new_set(owned)),
            ("moved_count".to_owned(), whole(facts.moved.count)),
            ("moved_sum".to_owned(), whole(facts.moved.sum_minor)),
        ]);
        let source = HashMap::from([
            ("available".to_owned(), whole(facts.available.minor)),
            ("currency".to_owned(), text(&facts.available.currency)),
        ]);
        let from = self.account(&facts.transfer.from_account);
        Ok(Entities::from_entities(
            [
                Entity::new(self.alice.clone(), caller, HashSet::new())?,
                Entity::new(from, source, HashSet::new())?,
            ],
            None,
        )?)
    }

    fn context(&self, facts: &Facts) -> Result<Context> {
        let transfer = &facts.transfer;
        let channel = match facts.channel {
            Channel::Voice => "voice",
            Channel::Invocation => "invocation",
        };
        let to = Expression::new_entity_uid(self.account(&transfer.to_account));
        let fields = [
            ("is_known", Expression::new_bool(facts.is_known)),
            ("channel", text(channel)),
            ("confirmed", Expression::new_bool(facts.confirmed)),
            ("stepped_up", Expression::new_bool(facts.stepped_up)),
            ("to_account", to),
            ("payee", text(transfer.payee.name())),
            ("amount", whole(transfer.amount.minor)),
            ("currency", text(&transfer.amount.currency)),
            ("hour", whole(facts.hour)),
        ];
        let named = fields.map(|(name, value)| (name.to_owned(), value));
        Ok(Context::from_pairs(named)?)
    }
}

impl Contestant for Cedar {
    fn name(&self) -> &'static str {
        "Cedar"
    }

    fn role(&self) -> Role {
        Role::Cedar
    }

    fn decide(&mut self, case: &Case) -> Result<Answer> {
        let request = Request::new(
            self.alice.clone(),
            self.transfer.clone(),
            self.account(&case.facts.transfer.from_account),
            self.context(&case.facts)?,
            None,
        )?;
        let entities = self.entities(&case.facts)?;
        let response = self
            .authorizer
            .is_authorized(&request, &self.policies, &entities);
        let determined = response.diagnostics().reason();
        let first = determined
            .filter_map(|id| self.answers.get(id))
            .min_by_key(|(rank, _)| *rank);
        first
            .map(|(_, answer)| answer.clone())
            .context("no policy determined the answer")
    }
}

fn annotated(policy: &Policy) -> Result<(u32, Answer)> {
    let read = |name: &'static str| policy.annotation(name).context(name);
    match Kind::named(read("answer")?).context("an unknown answer")? {
        Kind::Allow => {
            let cap = Answer::allow(read("total")?.parse()?, read("count")?.parse()?);
            Ok((u32::MAX, cap))
        }
        kind => Ok((
            read("rank")?.parse()?,
            Answer::said(kind, read("code")?.to_owned()),
        )),
    }
}

fn whole(value: impl Into<i64>) -> Expression {
    Expression::new_long(value.into())
}

fn text(value: &str) -> Expression {
    Expression::new_string(value.to_owned())
}
