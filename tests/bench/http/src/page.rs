//! The figures as Markdown: the host beside its peers, the goals, then how they come about.
//!
//! The same text is printed and kept.

mod calls;

use std::fmt::Write as _;

use hdrhistogram::Histogram;

use crate::goals;
use crate::scenes::{All, Amount, Beside, Measured};
use crate::server::Kind;

/// The whole page.
pub fn markdown(measured: &All, amount: &Amount, load_before: Option<&str>) -> String {
    let mut page = String::from(HEAD);
    peers(&mut page, measured);
    calls::write(&mut page, &measured.few_and_many, amount);
    durable(&mut page, measured);
    page.push_str("\n## Goals\n\n| | goal | this run | |\n|---|---:|---:|---|\n");
    for goal in goals::all(measured, amount) {
        let verdict = if goal.is_reached { "reached" } else { "missed" };
        let (name, asked, measured) = (goal.name, goal.asked, goal.measured);
        let _ = writeln!(page, "| {name} | {asked} | {measured} | {verdict} |");
    }
    let _ = writeln!(
        page,
        "\n`cargo xtask bench http` on {}, {}; {} s each, {} s with few and many live calls, {} rounds of the peers; the bank takes {} ms for every answer. The machine's load average before the run was {}: anything above 0 bends the figures.",
        jiff::Timestamp::now().strftime("%Y-%m-%d"),
        report::machine::description(),
        amount.seconds,
        amount.lasts_with_calls().as_secs_f64(),
        amount.rounds,
        amount.bank_ms,
        load_before.unwrap_or("not told")
    );
    page
}

fn peers(page: &mut String, measured: &All) {
    if measured.peers.is_empty() {
        return;
    }
    page.push_str("| a balance question, whole | per second | p50 ms | p99 ms | p99.9 ms | processor µs | memory MiB | at half: p50 ms | p99 ms | p99.9 ms |\n");
    page.push_str("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n");
    for peer in &measured.peers {
        let name = match peer.kind {
            Kind::Host => format!("**{}**", peer.kind.name()),
            Kind::Ceiling | Kind::FastApi | Kind::Fastify => peer.kind.name().to_owned(),
        };
        let _ = writeln!(
            page,
            "| {name} | {} | {} | {} |",
            speed(&peer.full),
            cost(&peer.full),
            times(&peer.half)
        );
    }
}

fn durable(page: &mut String, measured: &All) {
    if measured.durable.is_empty() {
        return;
    }
    page.push_str(DURABLE);
    page.push_str("| kept in | | per second | p50 ms | p99 ms | p99.9 ms | own p99 ms | disk p99 ms | longest | processor µs | memory MiB |\n");
    page.push_str("|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n");
    for kept in &measured.durable {
        for Beside { what, one, disk_us } in &kept.loads {
            let disk = format!("{:.2} | {:.2}", ms(disk_us, 0.99), ms(disk_us, 1.0));
            let own = match one.load.own_us.is_empty() {
                true => "–".to_owned(),
                false => format!("{:.2}", ms(&one.load.own_us, 0.99)),
            };
            let _ = writeln!(
                page,
                "| {} | {what} | {} | {own} | {disk} | {} |",
                kept.name,
                speed(one),
                cost(one)
            );
        }
    }
    for note in measured
        .durable
        .iter()
        .filter_map(|kept| kept.note.as_deref())
    {
        let _ = writeln!(page, "\n{note}");
    }
}

fn speed(one: &Measured) -> String {
    format!("{:.0} | {}", one.load.rate(), times(one))
}

fn times(one: &Measured) -> String {
    let at = |quantile| format!("{:.2}", ms(&one.load.times_us, quantile));
    format!("{} | {} | {}", at(0.5), at(0.99), at(0.999))
}

fn cost(one: &Measured) -> String {
    let mebibytes = one.resident_bytes / (1024 * 1024);
    format!("{:.0} | {mebibytes}", one.cpu_us())
}

/// A time at this quantile, in milliseconds.
pub fn ms(times_us: &Histogram<u64>, quantile: f64) -> f64 {
    #[allow(clippy::cast_precision_loss, reason = "below a minute")]
    let us = times_us.value_at_quantile(quantile) as f64;
    us / 1000.0
}

const HEAD: &str = "\
# The whole host under load, beside programs that do the same job

Signed function calls, seen from Retell's side of the socket; what each program does and leaves out stands at the top of its file in
`tests/bench`. All of them ask the same bank, a stub that takes a fixed time, and each was asked one question whose answer is known
before it was measured.

- A server has the first core to itself; load and bank share the rest, so that what it costs to ask does not bend what is asked. Peers
  run one worker, as one would deploy on one core. (On a machine with one core, or without `taskset`, everything shares.)
- **per second**: 64 connections over 1,000 live calls, each sends its next question when it has its answer; peers in turns, round by
  round. **at half**: questions come at half of that rate whatever the server does, and a question's time begins when it was due.
- **processor**: user and system time of the server for one question.
- **own**: what the host itself says was its own (`server-timing`). **less the bank**: the time at the socket less what the bank takes by
  itself for as many answers as it is asked for; what load and host wait for each other is still in it.

![Balance questions a second](http.svg)

";

const DURABLE: &str = "
## What must be on disk first

Host, database, bank and load share all cores, as on one small machine. An event is on disk before it is acknowledged, and a transfer
is committed before it is sent and again when the bank has answered; commits are durable everywhere. A transfer asks the bank twice. Events
are those of 1,000 live calls, each end followed by the start of the caller's next call. **disk**: beside each load a thread of the
bench's own writes 8 kB every 10 ms and waits until they are on disk, which is what every commit waits for at the least, and there are
four in a transfer. To tell what is the disk's, the last rows have the databases in memory, where the machine has a folder for that.
A request that is turned away at a fixed rate counts as one that took a minute.

";
