//! Whether a transfer fits under a cap or a ceiling: arithmetic only.
//!
//! The totals come from the same database transaction that writes the row. The edge itself is allowed; what cannot be added up,
//! or is in another currency than the cap, does not fit.

use serde::Serialize;

use crate::call::{Cap, CapScope, Money};

/// Window of [`Ceilings::day_max`].
pub const DAY_HOURS: u32 = 24;

/// The host's own bounds, above all policies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ceilings {
    /// In one transfer.
    pub transfer_max: Money,
    /// By one caller in 24 hours.
    pub day_max: Money,
}

/// What a window already holds; rows in all states but `refused` count.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Totals {
    /// Transfers, whatever their currency.
    pub count: u64,
    /// Sum by currency.
    pub sums: Vec<Money>,
}

impl Totals {
    /// The sum in one currency; nothing where there was no transfer in it.
    #[must_use]
    pub fn sum(&self, currency: &str) -> Money {
        let minor = self
            .sums
            .iter()
            .find(|sum| sum.currency == currency)
            .map_or(0, |sum| sum.minor);
        Money::new(minor, currency)
    }

    /// The currency to tell one sum in: that of all transfers, though an account is in another; of several the usual one, where it is
    /// among them, and otherwise the account's.
    #[must_use]
    pub fn told_in<'a>(&'a self, of_account: &'a str, usual: &'a str) -> &'a str {
        match self.sums.as_slice() {
            [all] => &all.currency,
            sums if sums.iter().any(|sum| sum.currency == usual) => usual,
            _ => of_account,
        }
    }
}

/// Which bound a transfer does not fit under.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "bound", content = "value")]
pub enum Exceeded {
    /// A policy's: the part of it that is broken.
    Cap(Cap),
    /// The host's own for one transfer.
    TransferMax(Money),
    /// The host's own for one caller's day.
    DayMax(Money),
}

/// Whether `amount` on top of `totals` stays within `cap`.
///
/// Invariant: a cap holds to the cent, its edge included (`the_edge_itself_is_allowed_and_a_cent_more_is_not`).
#[must_use]
pub fn holds(cap: &Cap, totals: &Totals, amount: &Money) -> bool {
    let count_holds = cap.count.is_none_or(|most| totals.count < u64::from(most));
    let total_holds = cap
        .total
        .as_ref()
        .is_none_or(|most| fits(most, totals, amount));
    count_holds && total_holds
}

/// The part of a cap that `amount` on top of `totals` breaks, the count first; none where it holds.
#[must_use]
pub fn broken(cap: &Cap, totals: &Totals, amount: &Money) -> Option<Cap> {
    if holds(cap, totals, amount) {
        return None;
    }
    let count = Cap {
        total: None,
        ..cap.clone()
    };
    let total = Cap {
        count: None,
        ..cap.clone()
    };
    Some(if holds(&count, totals, amount) {
        total
    } else {
        count
    })
}

/// Whether one transfer stays within the host's ceiling for one.
#[must_use]
pub fn transfer_fits(ceilings: &Ceilings, amount: &Money) -> bool {
    fits(&ceilings.transfer_max, &Totals::default(), amount)
}

/// Whether `amount` on top of the caller's last 24 hours stays within the host's ceiling.
#[must_use]
pub fn day_fits(ceilings: &Ceilings, totals: &Totals, amount: &Money) -> bool {
    fits(&ceilings.day_max, totals, amount)
}

/// The accounts or the caller that a scope counts, as the key of its totals.
#[must_use]
pub fn subject<'a>(scope: CapScope, user_id: &'a str, from: &'a str, to: &'a str) -> &'a str {
    match scope {
        CapScope::Caller => user_id,
        CapScope::FromAccount => from,
        CapScope::ToAccount => to,
    }
}

fn fits(most: &Money, totals: &Totals, amount: &Money) -> bool {
    amount.currency == most.currency
        && amount.minor > 0
        && totals
            .sum(&most.currency)
            .minor
            .checked_add(amount.minor)
            .is_some_and(|sum| sum <= most.minor)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_sum_is_told_in_the_currency_that_was_moved() {
        let told = |sums: &[&str]| {
            let sums = sums.iter().map(|code| Money::new(1, *code)).collect();
            let totals = Totals { count: 1, sums };
            totals.told_in("EUR", "USD").to_owned()
        };
        assert_eq!(told(&["USD"]), "USD");
        assert_eq!(told(&["GBP"]), "GBP");
        assert_eq!(told(&["EUR", "USD"]), "USD");
        assert_eq!(told(&["EUR", "GBP"]), "EUR");
        assert_eq!(told(&[]), "EUR");
    }

    fn cap(total: Option<i64>, count: Option<u32>) -> Cap {
        Cap {
            scope: CapScope::Caller,
            window_hours: 24,
            total: total.map(|minor| Money::new(minor, "USD")),
            count,
        }
    }

    fn totals(count: u64, minor: i64) -> Totals {
        Totals {
            count,
            sums: vec![Money::new(minor, "USD")],
        }
    }

    fn usd(minor: i64) -> Money {
        Money::new(minor, "USD")
    }

    #[test]
    fn the_edge_itself_is_allowed_and_a_cent_more_is_not() {
        assert!(holds(
            &cap(Some(10_000), None),
            &totals(3, 9_900),
            &usd(100)
        ));
        assert!(!holds(
            &cap(Some(10_000), None),
            &totals(3, 9_900),
            &usd(101)
        ));
        assert!(holds(&cap(None, Some(4)), &totals(3, 0), &usd(1)));
        assert!(!holds(&cap(None, Some(3)), &totals(3, 0), &usd(1)));
        assert!(!holds(&cap(None, Some(0)), &totals(0, 0), &usd(1)));
    }

    #[test]
    fn total_and_count_hold_together() {
        assert!(!holds(&cap(Some(10_000), Some(3)), &totals(3, 0), &usd(1)));
        let part = |most, count| broken(&cap(Some(most), Some(count)), &totals(3, 0), &usd(2));
        assert_eq!(part(10_000, 3), Some(cap(None, Some(3))));
        assert_eq!(part(1, 9), Some(cap(Some(1), None)));
        assert_eq!(part(10_000, 9), None);
        assert!(!holds(&cap(Some(1), Some(9)), &totals(3, 0), &usd(2)));
        assert!(holds(
            &cap(None, None),
            &totals(u64::MAX, i64::MAX),
            &usd(1)
        ));
    }

    #[test]
    fn another_currency_does_not_fit_and_is_not_added_up() {
        assert!(!holds(
            &cap(Some(10_000), None),
            &Totals::default(),
            &Money::new(1, "EUR")
        ));
        let euros = Totals {
            count: 1,
            sums: vec![Money::new(10_000, "EUR")],
        };
        assert!(holds(&cap(Some(10_000), None), &euros, &usd(10_000)));
    }

    #[test]
    fn ceilings_bind_like_caps() {
        let ceilings = Ceilings {
            transfer_max: usd(5_000_000),
            day_max: usd(10_000_000),
        };
        assert!(transfer_fits(&ceilings, &usd(5_000_000)));
        assert!(!transfer_fits(&ceilings, &usd(5_000_001)));
        assert!(day_fits(&ceilings, &totals(1, 5_000_000), &usd(5_000_000)));
        assert!(!day_fits(&ceilings, &totals(2, 5_000_001), &usd(5_000_000)));
    }

    proptest! {
        #[test]
        fn no_figures_overflow_or_let_more_than_the_cap_pass(
            most in any::<i64>(), held in 0..=i64::MAX, amount in any::<i64>(), count in any::<u64>(),
        ) {
            let passes = holds(&cap(Some(most), None), &totals(count, held), &usd(amount));
            let exact = amount > 0 && i128::from(held) + i128::from(amount) <= i128::from(most);
            prop_assert_eq!(passes, exact);
        }
    }
}
