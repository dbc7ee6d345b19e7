//! The bound of a day against what was moved: nobody beyond it, and nobody turned away for it who could not have gone beyond it.
//!
//! A round's customers are in no other round, so what they moved in it is what they moved in the day.

use std::collections::HashMap;

use anyhow::Result;
use serde_json::Value;

use super::{Answer, Order, Wish, order};
use crate::bank::{Payment, shown};

/// What is said to whoever would go beyond.
const CODE: &str = "over_day_limit";

/// The bound, and what everybody wished for.
pub(super) struct Day {
    max_cents: i64,
    wished: HashMap<String, i64>,
}

impl Day {
    pub(super) fn of(max_cents: i64, answers: &[(Wish, Answer)]) -> Self {
        let wished = sums(answers.iter().map(|(wish, _)| &wish.order));
        Self { max_cents, wished }
    }

    /// Whether this is the answer to a wish that the bound stands against.
    pub(super) fn turns_away(&self, order: &Order, answer: &Answer) -> bool {
        let is_refused = matches!(answer, Answer::Refused(code) if code == CODE);
        // Whatever came first: all wishes together have to be too much for it.
        let wished = self.wished.get(&order.from).copied().unwrap_or_default();
        is_refused && wished > self.max_cents
    }

    /// Who moved too much, by the bank's own books and by the ledger, whose rows are every one that may have moved money.
    pub(super) fn faults(
        &self,
        payments: &[Payment],
        rows: &HashMap<Order, Vec<Value>>,
    ) -> Result<Vec<String>> {
        let counted = rows.values().flatten();
        let counted = counted.filter(|row| row["state"] != "refused");
        let counted: Vec<Order> = counted.map(order).collect::<Result<_>>()?;
        let by = [
            ("books", sums(payments.iter().map(|payment| &payment.order))),
            ("ledger", sums(&counted)),
        ];
        let mut faults = Vec::new();
        for (whose, sums) in by {
            for (from, cents) in sums
                .into_iter()
                .filter(|(_, cents)| *cents > self.max_cents)
            {
                let (moved, most) = (shown(cents), shown(self.max_cents));
                faults.push(format!("{from} moved {moved} of {most} by the {whose}"));
            }
        }
        Ok(faults)
    }
}

/// By the account that it left; a customer moves money from one only.
fn sums<'a>(orders: impl IntoIterator<Item = &'a Order>) -> HashMap<String, i64> {
    let mut sums: HashMap<String, i64> = HashMap::new();
    for order in orders {
        *sums.entry(order.from.clone()).or_default() += order.cents;
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::super::super::Door;
    use super::*;

    fn order(cents: i64) -> Order {
        Order {
            from: "checking_1".to_owned(),
            to: "savings_2".to_owned(),
            cents,
        }
    }

    fn payment(cents: i64) -> Payment {
        Payment {
            id: format!("pay_{cents}"),
            order: order(cents),
            reference: None,
        }
    }

    #[test]
    fn a_cent_beyond_the_bound_is_found_and_a_refusal_has_to_have_its_reason() {
        let refused = Answer::Refused(CODE.to_owned());
        let wish = |cents| Wish {
            customer: 1,
            order: order(cents),
            door: Door::Rest,
            name: cents.to_string(),
        };
        let answers = [(wish(600), Answer::Done), (wish(500), refused.clone())];
        let faults = |max_cents, moved| {
            let day = Day::of(max_cents, &answers);
            day.faults(&[payment(600), payment(moved)], &HashMap::new())
        };
        assert!(faults(1_100, 500).unwrap().is_empty());
        assert_eq!(faults(1_099, 500).unwrap().len(), 1);
        assert!(Day::of(1_099, &answers).turns_away(&order(500), &refused));
        assert!(!Day::of(1_100, &answers).turns_away(&order(500), &refused));
    }
}
