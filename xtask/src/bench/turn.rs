//! `cargo xtask bench turn`: what a caller's balance question takes, seen from Retell's side of the socket.
//!
//! Signed custom-function requests, one after another on one kept connection, each a full turn. Beside the socket's times stand the
//! shares that the host reports in `server-timing`, so that what is neither can be seen.

use anyhow::Result;

use crate::bench::caller::{self, API_KEY};
use crate::bench::figures::{Figures, heading, server_timing};
use crate::bench::host::Host;
use crate::bench::http::Connection;
use crate::workspace::Workspace;

/// Arguments of `cargo xtask bench turn`.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    /// Requests that are measured.
    #[arg(long, default_value_t = 2000)]
    requests: u32,
    /// Requests before that, which are not.
    #[arg(long, default_value_t = 200)]
    warm_up: u32,
}

/// The bench.
pub fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    let host = Host::start(workspace, API_KEY)?;
    let idle_kib = host.resident_kib();
    let mut connection = Connection::open(host.address)?;
    let health = health(&mut connection, arguments)?;
    let (mut socket, mut own, mut backend) =
        (Figures::default(), Figures::default(), Figures::default());
    for number in 0..arguments.warm_up.saturating_add(arguments.requests) {
        let answer = caller::ask_balance(&mut connection, number)?;
        if number == 0 {
            println!("The first answer: {}", answer.body);
        }
        if number < arguments.warm_up {
            continue;
        }
        socket.add(answer.took);
        let shares = answer.header("server-timing").unwrap_or_default();
        let timing = |name| server_timing(shares, name);
        timing("host")
            .into_iter()
            .for_each(|time_ms| own.add_ms(time_ms));
        timing("backend")
            .into_iter()
            .for_each(|time_ms| backend.add_ms(time_ms));
    }
    println!(
        "\n{} balance questions after {}",
        arguments.requests, arguments.warm_up
    );
    println!("{}", heading());
    println!("{}", health.line("GET /health, for scale"));
    println!("{}", socket.line("socket"));
    println!("{}", own.line("host (server-timing)"));
    println!("{}", backend.line("backend (server-timing)"));
    println!(
        "start to first /health  {:.0} ms",
        host.started_in.as_secs_f64() * 1000.0
    );
    println!("resident memory, idle   {}", mebibytes(idle_kib));
    println!("resident memory, after  {}", mebibytes(host.resident_kib()));
    Ok(())
}

/// The same socket with nothing behind it: what machine, kernel and HTTP cost before a turn begins.
fn health(connection: &mut Connection, arguments: &Arguments) -> Result<Figures> {
    let mut figures = Figures::default();
    for number in 0..arguments.warm_up.saturating_add(arguments.requests) {
        let answer = connection.get("/health")?;
        if number >= arguments.warm_up {
            figures.add(answer.took);
        }
    }
    Ok(figures)
}

fn mebibytes(kib: Option<u64>) -> String {
    match kib {
        Some(kib) => format!("{} MiB", kib.div_ceil(1024)),
        None => "not told by this system".to_owned(),
    }
}
