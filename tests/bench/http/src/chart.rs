//! Questions a second as a chart: a bar for each program, as long as its share of the fastest one's.
//!
//! Says what the bars are; how they are drawn is said in `report`.

use anyhow::Result;
use report::chart::{self, Layout, Row, Title};

use crate::scenes::Peer;
use crate::server::Kind;

const LAYOUT: Layout = Layout {
    row: 36.0,
    bar: 20.0,
    top: 70.0,
    bottom: 24.0,
    left: 370.0,
    right: 130.0,
};
const TITLE: Title<'_> = Title {
    name: "Balance questions a second",
    legend: "whole turns on one core, the same bank for all; more is better",
    spoken: "Balance questions a second",
};

/// The chart.
pub fn svg(peers: &[Peer]) -> Result<String> {
    let rates = peers.iter().map(|peer| peer.full.load.rate());
    let most = rates.fold(1.0, f64::max);
    let mut svg = LAYOUT.begin(TITLE, peers.len())?;
    for (number, peer) in peers.iter().enumerate() {
        let (bar, label) = match peer.kind {
            Kind::Host => ("ours", "strong"),
            Kind::Ceiling => ("reference", ""),
            Kind::FastApi | Kind::Fastify => ("bar", ""),
        };
        let rate = peer.full.load.rate();
        let end = LAYOUT.left + rate / most * LAYOUT.longest();
        let row = Row {
            name: peer.kind.name(),
            bar,
            label,
            end,
            figure_at: end,
            figure: &format!("{rate:.0}"),
        };
        LAYOUT.put(&mut svg, LAYOUT.row_top(number)?, row)?;
    }
    chart::end(&mut svg);
    Ok(svg)
}
