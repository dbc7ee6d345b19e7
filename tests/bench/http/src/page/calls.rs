//! The part of the page about few and many live calls: balance questions and events, each on both places to keep things.
//!
//! Only the figures and what they mean; how they come about is in `scenes/calls.rs`.

use std::fmt::Write as _;

use super::{cost, speed, times};
use crate::load::Ask;
use crate::scenes::{Amount, FewAndMany};

/// The whole part.
pub fn write(page: &mut String, all: &[FewAndMany], amount: &Amount) {
    let Some(first) = all.first() else {
        return;
    };
    let _ = writeln!(
        page,
        "\n## Few and many live calls\n\n{HEAD}{} s for each load: with one live call that is some hundred questions at half, whose p99.9 is the slowest one.\nA live call that is silent takes {:.1} kB of resident memory ({}); a turn asks the bank {:.2} times.",
        amount.lasts_with_calls().as_secs_f64(),
        first.idle_call_bytes / 1000.0,
        first.kept_in,
        first.questions_per_turn
    );
    for ask in [Ask::Balance, Ask::Events] {
        let what = match ask {
            Ask::Balance => "balance questions",
            Ask::Transfer => "transfers",
            Ask::Events => "events (webhooks)",
        };
        if ask == Ask::Events {
            let _ = write!(page, "\n{EVENTS}");
        }
        table(
            page,
            what,
            all.iter().filter(|measured| measured.ask == ask),
        );
    }
}

fn table<'a>(page: &mut String, what: &str, all: impl Iterator<Item = &'a FewAndMany>) {
    let _ = writeln!(
        page,
        "\n| {what}, kept in | live calls | per second | p50 ms | p99 ms | p99.9 ms | processor µs | memory MiB | at half: p50 ms | p99 ms | p99.9 ms |"
    );
    page.push_str("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n");
    for FewAndMany { kept_in, loads, .. } in all {
        for with in loads {
            let _ = writeln!(
                page,
                "| {kept_in} | {} | {} | {} | {} |",
                with.calls,
                speed(&with.full),
                cost(&with.full),
                times(&with.half)
            );
        }
    }
}

const HEAD: &str = "\
**per second**: ten connections, of which each asks calls of its own; one connection for one call. **at half**: half of that row's rate
whatever the host does, over 256 connections or one for each call if those are fewer; a call is never asked two things at once, so what is
due while all calls wait for their answers waits too, and is timed from when it was due. The host has the first core to itself; PostgreSQL
and Redis share the rest with load and bank. ";

const EVENTS: &str = "\
An event is about one call, whatever others do, so with one live call all of them are told of one caller's calls, one after another; with
more, they go round the callers. Each call's end is followed by the start of its caller's next, so as many calls stay live. Every
event is on disk before it is answered.
";
