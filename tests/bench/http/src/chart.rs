//! Questions a second as a chart: a bar for each program.
//!
//! Plain SVG with its colours in one style sheet, which follows the reader's light or dark mode.

use std::fmt::Write as _;

use anyhow::Result;

use crate::scenes::Peer;
use crate::server::Kind;

const WIDTH: f64 = 900.0;
const ROW: f64 = 36.0;
const BAR: f64 = 20.0;
const TOP: f64 = 70.0;
const LEFT: f64 = 370.0;
const RIGHT: f64 = 130.0;
const BOTTOM: f64 = 24.0;

const STYLE: &str = "\
text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;fill:#1f2937;font-size:13px}
.title{font-size:16px;font-weight:600}.quiet{fill:#6b7280;font-size:12px}.strong{font-weight:600}
.page{fill:#ffffff}.bar{fill:#9ca3af}.ceiling{fill:#4b5563}.ours{fill:#2563eb}
@media (prefers-color-scheme:dark){text{fill:#e5e7eb}.quiet{fill:#9ca3af}.page{fill:#0d1117}
.bar{fill:#6b7280}.ceiling{fill:#d1d5db}.ours{fill:#60a5fa}}
";

/// The chart.
pub fn svg(peers: &[Peer]) -> Result<String> {
    let most = peers
        .iter()
        .map(|peer| peer.full.load.rate())
        .fold(1.0, f64::max);
    let height = TOP + ROW * f64::from(u32::try_from(peers.len())?) + BOTTOM;
    let mut svg = String::new();
    writeln!(
        svg,
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="Balance questions a second">"#
    )?;
    writeln!(svg, "<style>\n{STYLE}</style>")?;
    writeln!(
        svg,
        r#"<rect class="page" width="{WIDTH}" height="{height}" rx="8"/>"#
    )?;
    writeln!(
        svg,
        r#"<text class="title" x="20" y="30">Balance questions a second</text><text class="quiet" x="20" y="50">whole turns on one core, the same bank for all; more is better</text>"#
    )?;
    let mut top = TOP;
    for peer in peers {
        row(&mut svg, top, peer, most)?;
        top += ROW;
    }
    svg.push_str("</svg>\n");
    Ok(svg)
}

fn row(svg: &mut String, top: f64, peer: &Peer, most: f64) -> Result<()> {
    let (bar, label) = match peer.kind {
        Kind::Host => ("ours", "strong"),
        Kind::Ceiling => ("ceiling", ""),
        Kind::FastApi | Kind::Fastify => ("bar", ""),
    };
    let rate = peer.full.load.rate();
    let length = rate / most * (WIDTH - LEFT - RIGHT);
    let base = top + ROW / 2.0 + 4.5;
    writeln!(
        svg,
        r#"<text class="{label}" x="{:.1}" y="{base:.1}" text-anchor="end">{}</text>"#,
        LEFT - 10.0,
        peer.kind.name()
    )?;
    writeln!(
        svg,
        r#"<rect class="{bar}" x="{LEFT}" y="{:.1}" width="{:.1}" height="{BAR}" rx="2"/>"#,
        top + (ROW - BAR) / 2.0,
        length.max(1.0)
    )?;
    writeln!(
        svg,
        r#"<text class="{label}" x="{:.1}" y="{base:.1}">{rate:.0}</text>"#,
        LEFT + length + 8.0
    )?;
    Ok(())
}
