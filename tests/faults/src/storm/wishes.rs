//! What the customers of a round wish for, and the most that one of them may move in a day.
//!
//! The bound is one that the busiest of them meet: a few of a hundred wishes go beyond it, and several wishes of a customer come at
//! once, so that nothing but the ledger's own count can hold it.

use std::collections::HashMap;

use fastrand::Rng;

use super::{Door, Round, Wish};
use crate::bank::books::Order;

/// So many of a hundred wishes go beyond the bound of a day; as they come in another order, it may be a few more.
const BEYOND_PERCENT: std::ops::RangeInclusive<usize> = 2..=6;

/// Transfers between random accounts; amounts rise with the round, so that no order is wished for twice.
pub(super) fn wishes(round: Round, has_redis: bool, chance: &mut Rng) -> Vec<Wish> {
    // Live calls are what Redis keeps; a service's request has none.
    let a_call_in = if has_redis { 2 } else { 5 };
    let customers = round.customers();
    (0..round.transfers)
        .map(|number| {
            let customer = chance.usize(customers.clone());
            let mut other = chance.usize(customers.clone());
            if other == customer {
                other = customers.start + (other + 1 - customers.start) % customers.len();
            }
            let door = match (number % a_call_in, chance.u8(0..5)) {
                (0, 0) => Door::Confirmed,
                (0, _) => Door::Function,
                _ => Door::Rest,
            };
            // Between 1.00 and 99.99, below what a function call has to be confirmed for; or above that, and below what needs a PIN.
            let step = round.number * round.transfers as u64 + number as u64;
            let cents = match door {
                Door::Confirmed => 10_001 + step % 14_999,
                Door::Rest | Door::Function => 100 + step % 9_900,
            };
            let order = Order {
                from: format!("checking_{customer}"),
                to: format!("savings_{other}"),
                cents: i64::try_from(cents).unwrap_or(0),
            };
            Wish {
                customer,
                order,
                door,
                name: format!("{}-{number}", round.number),
            }
        })
        .collect()
}

/// The least bound of a customer's day that turns away no more than the drawn share of these wishes.
pub(super) fn day_max_cents(wishes: &[Wish], chance: &mut Rng) -> i64 {
    let beyond_max = (wishes.len() * chance.usize(BEYOND_PERCENT) / 100).max(1);
    let mut least = 0;
    let mut enough: i64 = wishes.iter().map(|wish| wish.order.cents).sum();
    while least + 1 < enough {
        let bound = least.midpoint(enough);
        if beyond(wishes, bound) <= beyond_max {
            enough = bound;
        } else {
            least = bound;
        }
    }
    enough
}

/// How many are turned away where they come in their order.
fn beyond(wishes: &[Wish], bound: i64) -> usize {
    let mut moved: HashMap<usize, i64> = HashMap::new();
    let is_beyond = |wish: &&Wish| {
        let moved = moved.entry(wish.customer).or_default();
        let fits = *moved + wish.order.cents <= bound;
        if fits {
            *moved += wish.order.cents;
        }
        !fits
    };
    wishes.iter().filter(is_beyond).count()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::Blow;
    use super::*;

    fn drawn(number: u64) -> (Vec<Wish>, i64) {
        let round = Round {
            number,
            seed: 5,
            transfers: 1_000,
            customers: 500,
            blow: Blow::Kill,
            lasts: Duration::ZERO,
            settled_within: Duration::ZERO,
            answered_within: Duration::ZERO,
        };
        let mut chance = Rng::with_seed(round.seed);
        let wishes = wishes(round, true, &mut chance);
        let bound = day_max_cents(&wishes, &mut chance);
        (wishes, bound)
    }

    #[test]
    fn some_wishes_are_beyond_the_bound_of_a_day_and_most_are_not() {
        let (wishes, bound) = drawn(3);
        let beyond = beyond(&wishes, bound);
        assert!((1..=60).contains(&beyond), "{beyond} beyond {bound}");
        assert_eq!(drawn(3).1, bound);
    }

    #[test]
    fn a_fifth_of_the_callers_is_asked_for_a_yes_and_none_for_a_pin() {
        for number in [0, 7, 40] {
            let (wishes, _) = drawn(number);
            let (mut calls, mut asked) = (0, 0);
            for wish in &wishes {
                let is_asked = wish.door == Door::Confirmed;
                assert_eq!(is_asked, wish.order.cents > 10_000, "{wish:?}");
                assert!(wish.order.cents <= 25_000, "{wish:?}");
                assert_ne!(wish.order.from[9..], wish.order.to[8..], "{wish:?}");
                calls += usize::from(wish.door != Door::Rest);
                asked += usize::from(is_asked);
            }
            assert!(
                (calls / 8..calls / 3).contains(&asked),
                "{asked} of {calls}"
            );
        }
    }
}
