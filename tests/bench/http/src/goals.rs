//! What the host is meant to reach, and what it reached in this run.
//!
//! Ratios where machines differ, and a caller's own patience where they must not.

use crate::load::{Ask, Load};
use crate::page::ms;
use crate::scenes::{All, Amount, Beside, FewAndMany, Peer, SQLITE};
use crate::server::Kind;

/// One goal.
pub struct Goal {
    /// What is measured.
    pub name: String,
    /// In words.
    pub asked: String,
    /// In this run.
    pub measured: String,
    /// Whether that is good enough.
    pub is_reached: bool,
}

/// All of them.
pub fn all(measured: &All, amount: &Amount) -> Vec<Goal> {
    let mut goals = Vec::new();
    if let Some(ours) = peer(&measured.peers, Kind::Host) {
        let asked = [
            (Kind::Ceiling, 0.6),
            (Kind::FastApi, 6.0),
            (Kind::Fastify, 2.0),
        ];
        goals.extend(asked.map(|(other, asked)| ratio(&measured.peers, other, asked)));
        let asked = "balance questions, at half of what it can do";
        goals.extend(p99s(asked, &ours.half.load, bank_ms(amount, 1), 10.0));
    }
    let is_of_goals = |with: &&FewAndMany| with.ask == Ask::Balance && with.kept_in == SQLITE;
    let few_and_many = measured.few_and_many.iter().find(is_of_goals);
    goals.extend(few_and_many.into_iter().flat_map(of_many_calls));
    goals.extend(of_transfers(measured, amount));
    goals
}

fn of_many_calls(measured: &FewAndMany) -> Vec<Goal> {
    let cost = |calls| {
        let found = measured.loads.iter().find(|with| with.calls == calls);
        found.map_or(f64::NAN, |with| with.full.cpu_us())
    };
    let growth = "processor time of a turn, 10,000 live calls : 10";
    let memory = "memory of a live call that is silent";
    vec![
        most(growth, cost(10_000) / cost(10), 1.2, ""),
        most(memory, measured.idle_call_bytes / 1000.0, 8.0, "kB"),
    ]
}

fn of_transfers(measured: &All, amount: &Amount) -> Vec<Goal> {
    let mut goals = Vec::new();
    for kept in measured
        .durable
        .iter()
        .filter(|kept| kept.name.starts_with("PostgreSQL"))
    {
        for Beside { what, one, .. } in kept
            .loads
            .iter()
            .filter(|load| load.what.starts_with("transfers"))
        {
            let name = format!("{what}, {}", kept.name);
            if what.ends_with("connections") {
                goals.push(least(
                    &format!("{name}, each second"),
                    one.load.rate(),
                    300.0,
                ));
            } else {
                goals.extend(p99s(&name, &one.load, bank_ms(amount, 2), 25.0));
            }
        }
    }
    goals
}

/// The host's own share as it tells it, and what the load saw without the bank's answers.
fn p99s(what: &str, load: &Load, bank_ms: f64, asked: f64) -> [Goal; 2] {
    // One that says nothing has not reached anything.
    let own = match load.own_us.is_empty() {
        true => f64::NAN,
        false => ms(&load.own_us, 0.99),
    };
    let seen = ms(&load.times_us, 0.99) - bank_ms;
    [
        most(&format!("own p99, {what}"), own, asked, "ms"),
        most(&format!("p99 less the bank, {what}"), seen, asked, "ms"),
    ]
}

fn bank_ms(amount: &Amount, questions: u32) -> f64 {
    f64::from(u32::try_from(amount.bank_ms).unwrap_or(u32::MAX)) * f64::from(questions)
}

fn peer(peers: &[Peer], kind: Kind) -> Option<&Peer> {
    peers.iter().find(|peer| peer.kind == kind)
}

fn ratio(peers: &[Peer], other: Kind, asked: f64) -> Goal {
    let rate = |kind| peer(peers, kind).map_or(f64::NAN, |peer| peer.full.load.rate());
    let measured = rate(Kind::Host) / rate(other);
    least(
        &format!("balance questions a second : {}", other.name()),
        measured,
        asked,
    )
}

fn least(name: &str, measured: f64, asked: f64) -> Goal {
    Goal {
        name: name.to_owned(),
        asked: format!("≥ {asked}"),
        measured: short(measured),
        is_reached: measured >= asked,
    }
}

fn most(name: &str, measured: f64, asked: f64, unit: &str) -> Goal {
    let with_unit = |text: String| format!("{text} {unit}").trim_end().to_owned();
    Goal {
        name: name.to_owned(),
        asked: with_unit(format!("≤ {asked}")),
        measured: with_unit(short(measured)),
        is_reached: measured <= asked,
    }
}

/// Three significant figures are what such a measurement is good for.
fn short(figure: f64) -> String {
    match figure {
        small if small < 10.0 => format!("{small:.2}"),
        middle if middle < 100.0 => format!("{middle:.1}"),
        large => format!("{large:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goal_is_reached_at_its_edge() {
        assert!(least("a", 0.6, 0.6).is_reached);
        assert!(!least("a", 0.59, 0.6).is_reached);
        assert!(most("a", 25.0, 25.0, "ms").is_reached);
        assert!(!most("a", f64::NAN, 25.0, "ms").is_reached);
    }
}
