//! Opening a row: what comes of asking for one, given what the ledger already holds.
//!
//! The database reads what [`open`] has to see inside one transaction and writes what it returns; a simulation does the same with
//! rows in memory. What stands behind the first thing that decides need not be read.

use super::caps::{self, Ceilings, DAY_HOURS, Exceeded, Totals};
use super::{Kind, NewEntry, Row, State};
use crate::call::{Cap, CapScope};

/// What came of asking for a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Opened {
    /// Written, `authorised`, and counted: it may be sent.
    Opened(Box<Row>),
    /// The same request came before: its row as it stands.
    Existing(Box<Row>),
    /// The key stands for another request.
    KeyReused(Box<Row>),
    /// A policy's cap or a ceiling of the host's would be exceeded; nothing was written.
    Exceeded(Exceeded),
    /// An identical one is not settled yet; nothing was written.
    UnsettledTwin(Box<Row>),
}

/// What is counted for a bound: whose transfers, and how far back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Whose.
    pub scope: CapScope,
    /// How far back.
    pub hours: u32,
}

/// What the ledger holds, as far as it bears on one entry.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// The row of the entry's key.
    pub by_key: Option<Row>,
    /// A row that asks for the same and is not settled.
    pub twin: Option<Row>,
    /// The totals of every one of [`windows`].
    pub totals: Vec<(Window, Totals)>,
}

/// What has to be counted before an entry may be opened; each window once, however many caps share it.
#[must_use]
pub fn windows(entry: &NewEntry, caps: &[Cap]) -> Vec<Window> {
    if entry.kind != Kind::Transfer {
        return Vec::new();
    }
    let mut windows = vec![DAY];
    for cap in caps {
        let window = Window::of(cap);
        if !windows.contains(&window) {
            windows.push(window);
        }
    }
    windows
}

/// What comes of asking for a row. For [`Opened::Opened`] with a row that [`Seen::by_key`] does not hold, that row is to be
/// written.
///
/// Invariant: pure; a window that was not counted refuses (`what_was_not_counted_does_not_pass`).
#[must_use]
pub fn open(
    entry: &NewEntry,
    seen: Seen,
    caps: &[Cap],
    ceilings: &Ceilings,
    now_ms: i64,
) -> Opened {
    if let Some(row) = seen.by_key {
        return if row.is_turned_away() {
            Opened::Existing(row.into())
        } else if row.fingerprint != entry.fingerprint {
            Opened::KeyReused(row.into())
        } else if row.id == entry.id && row.state == State::Authorised {
            // Ours: an earlier try was committed, only its answer was lost.
            Opened::Opened(row.into())
        } else {
            Opened::Existing(row.into())
        };
    }
    if let Some(twin) = seen.twin {
        return Opened::UnsettledTwin(twin.into());
    }
    if entry.kind == Kind::Transfer
        && let Some(exceeded) = first_exceeded(entry, &seen.totals, caps, ceilings)
    {
        return Opened::Exceeded(exceeded);
    }
    Opened::Opened(Row::opened(entry, now_ms).into())
}

const DAY: Window = Window {
    scope: CapScope::Caller,
    hours: DAY_HOURS,
};

impl Window {
    fn of(cap: &Cap) -> Self {
        Self {
            scope: cap.scope,
            hours: cap.window_hours,
        }
    }
}

fn first_exceeded(
    entry: &NewEntry,
    counted: &[(Window, Totals)],
    caps: &[Cap],
    ceilings: &Ceilings,
) -> Option<Exceeded> {
    if !caps::transfer_fits(ceilings, &entry.amount) {
        return Some(Exceeded::TransferMax(ceilings.transfer_max.clone()));
    }
    let totals = |window: Window| {
        counted
            .iter()
            .find(|(counted, _)| *counted == window)
            .map(|(_, totals)| totals)
    };
    if !totals(DAY).is_some_and(|totals| caps::day_fits(ceilings, totals, &entry.amount)) {
        return Some(Exceeded::DayMax(ceilings.day_max.clone()));
    }
    let broken = caps.iter().find_map(|cap| match totals(Window::of(cap)) {
        Some(totals) => caps::broken(cap, totals, &entry.amount),
        // A window that was not counted holds nothing back, so it lets nothing through.
        None => Some(cap.clone()),
    });
    broken.map(Exceeded::Cap)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{entry, usd};
    use super::*;

    fn ceilings() -> Ceilings {
        Ceilings {
            transfer_max: usd(5_000),
            day_max: usd(10_000),
        }
    }

    fn cap(scope: CapScope, total: i64) -> Cap {
        Cap {
            scope,
            window_hours: 24,
            total: Some(usd(total)),
            count: None,
        }
    }

    fn counted(minor: i64) -> Vec<(Window, Totals)> {
        let totals = Totals {
            count: 1,
            sums: vec![usd(minor)],
        };
        vec![(DAY, totals)]
    }

    #[test]
    fn a_key_decides_before_all_else() {
        let entry = entry("a", 100);
        let mut row = Row::opened(&entry, 1);
        let seen = |row: &Row| Seen {
            by_key: Some(row.clone()),
            twin: Some(row.clone()),
            totals: Vec::new(),
        };
        let ask = |row: &Row| open(&entry, seen(row), &[], &ceilings(), 2);
        assert_eq!(ask(&row), Opened::Opened(row.clone().into()));
        row.state = State::Sent;
        assert_eq!(ask(&row), Opened::Existing(row.clone().into()));
        row.id = "another".to_owned();
        row.state = State::Authorised;
        assert_eq!(ask(&row), Opened::Existing(row.clone().into()));
        row.fingerprint = "another".to_owned();
        assert_eq!(ask(&row), Opened::KeyReused(row.clone().into()));
    }

    #[test]
    fn a_twin_that_is_not_settled_is_not_joined_by_another() {
        let twin = Row::opened(&entry("a", 100), 1);
        let seen = Seen {
            twin: Some(twin.clone()),
            totals: counted(0),
            ..Seen::default()
        };
        let opened = open(&entry("b", 100), seen, &[], &ceilings(), 2);
        assert_eq!(opened, Opened::UnsettledTwin(twin.into()));
    }

    #[test]
    fn what_was_not_counted_does_not_pass() {
        let caps = [cap(CapScope::ToAccount, 1_000_000)];
        let entry = entry("a", 100);
        let asked = windows(&entry, &caps);
        assert_eq!(asked.len(), 2);
        let nothing = open(&entry, Seen::default(), &[], &ceilings(), 1);
        assert!(matches!(nothing, Opened::Exceeded(Exceeded::DayMax(_))));
        let day_only = Seen {
            totals: counted(0),
            ..Seen::default()
        };
        let opened = open(&entry, day_only, &caps, &ceilings(), 1);
        assert!(matches!(opened, Opened::Exceeded(Exceeded::Cap(_))));
    }

    #[test]
    fn every_bound_is_allowed_at_its_edge_and_names_itself_a_cent_above() {
        let ask = |held: i64, minor: i64, caps: &[Cap]| {
            let seen = Seen {
                totals: counted(held),
                ..Seen::default()
            };
            open(&entry("a", minor), seen, caps, &ceilings(), 1)
        };
        let capped = [cap(CapScope::Caller, 4_000)];
        assert!(matches!(ask(0, 5_000, &[]), Opened::Opened(_)));
        assert!(matches!(
            ask(0, 5_001, &[]),
            Opened::Exceeded(Exceeded::TransferMax(_))
        ));
        assert!(matches!(ask(5_000, 5_000, &[]), Opened::Opened(_)));
        assert!(matches!(
            ask(5_001, 5_000, &[]),
            Opened::Exceeded(Exceeded::DayMax(_))
        ));
        assert!(matches!(ask(3_900, 100, &capped), Opened::Opened(_)));
        assert!(matches!(
            ask(3_900, 101, &capped),
            Opened::Exceeded(Exceeded::Cap(_))
        ));
    }

    #[test]
    fn an_application_is_bound_by_nothing_but_its_key_and_its_twin() {
        let mut loan = entry("a", 90_000_000);
        loan.kind = Kind::Loan;
        let caps = [cap(CapScope::Caller, 1)];
        assert_eq!(windows(&loan, &caps), []);
        let opened = open(&loan, Seen::default(), &caps, &ceilings(), 1);
        assert!(matches!(opened, Opened::Opened(row) if row.state == State::Authorised));
    }
}
