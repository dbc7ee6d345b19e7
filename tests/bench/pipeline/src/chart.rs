//! The figures as a chart: a bar to the median on a logarithmic scale, a thin line on to the 99th percentile.
//!
//! Plain SVG with its colours in one style sheet, which follows the reader's light or dark mode.

use std::fmt::Write as _;

use anyhow::Result;

use crate::contestant::Role;
use crate::rounds::Measured;
use crate::table::short;

const WIDTH: f64 = 900.0;
const ROW: f64 = 32.0;
const BAR: f64 = 18.0;
const TOP: f64 = 74.0;
const LEFT: f64 = 290.0;
const RIGHT: f64 = 110.0;
const BOTTOM: f64 = 52.0;

const STYLE: &str = "\
text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;fill:#1f2937;font-size:13px}
.title{font-size:16px;font-weight:600}.quiet{fill:#6b7280;font-size:12px}.strong{font-weight:600}
.page{fill:#ffffff}.grid{stroke:#e5e7eb;stroke-width:1}.bar{fill:#9ca3af}.floor{fill:#4b5563}.ours{fill:#2563eb}
.tail{stroke:#111827;stroke-width:1.5;opacity:.7}
@media (prefers-color-scheme:dark){text{fill:#e5e7eb}.quiet{fill:#9ca3af}.page{fill:#0d1117}.grid{stroke:#30363d}
.bar{fill:#6b7280}.floor{fill:#d1d5db}.ours{fill:#60a5fa}.tail{stroke:#f9fafb}}
";

/// Microseconds to places on the page.
struct Scale {
    first_decade: i32,
    last_decade: i32,
}

impl Scale {
    fn of(measured: &[Measured]) -> Self {
        let times = measured
            .iter()
            .flat_map(|one| [one.figures.micros(500), one.figures.micros(990)]);
        let (least, most) = times.fold((f64::INFINITY, 0.0_f64), |(least, most), time| {
            (least.min(time), most.max(time))
        });
        let decade = |time: f64| time.max(0.001).log10();
        #[allow(
            clippy::cast_possible_truncation,
            reason = "a power of ten of a time is a small whole number"
        )]
        let whole = |decade: f64| decade as i32;
        Self {
            first_decade: whole(decade(least).floor()),
            last_decade: whole(decade(most).ceil()),
        }
    }

    fn x(&self, micros: f64) -> f64 {
        let first = f64::from(self.first_decade);
        let decades = f64::from(self.last_decade) - first;
        LEFT + (micros.log10() - first) / decades * (WIDTH - LEFT - RIGHT)
    }
}

/// The chart.
pub fn svg(measured: &[Measured]) -> Result<String> {
    let scale = Scale::of(measured);
    let mut rows: Vec<&Measured> = measured.iter().collect();
    rows.sort_by(|a, b| a.figures.micros(500).total_cmp(&b.figures.micros(500)));
    let bottom = TOP + ROW * f64::from(u32::try_from(rows.len())?);
    let height = bottom + BOTTOM;
    let mut svg = String::new();
    writeln!(
        svg,
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="One transfer decided in ten ways: median and 99th percentile">"#
    )?;
    writeln!(svg, "<style>\n{STYLE}</style>")?;
    writeln!(
        svg,
        r#"<rect class="page" width="{WIDTH}" height="{height}" rx="8"/>"#
    )?;
    writeln!(
        svg,
        r#"<text class="title" x="20" y="30">One transfer, decided</text><text class="quiet" x="20" y="50">bar: median, line: to the 99th percentile; microseconds, each step ten times the one before; less is better</text>"#
    )?;
    axis(&mut svg, &scale, bottom)?;
    for (number, one) in rows.iter().enumerate() {
        let top = TOP + ROW * f64::from(u32::try_from(number)?);
        row(&mut svg, &scale, top, one)?;
    }
    svg.push_str("</svg>\n");
    Ok(svg)
}

fn axis(svg: &mut String, scale: &Scale, bottom: f64) -> Result<()> {
    for decade in scale.first_decade..=scale.last_decade {
        let micros = 10_f64.powi(decade);
        let x = scale.x(micros);
        let label = match decade {
            3.. => format!("{} ms", micros / 1000.0),
            _ => format!("{micros} µs"),
        };
        writeln!(
            svg,
            r#"<line class="grid" x1="{x:.1}" y1="{:.1}" x2="{x:.1}" y2="{bottom:.1}"/><text class="quiet" x="{x:.1}" y="{:.1}" text-anchor="middle">{label}</text>"#,
            TOP - 6.0,
            bottom + 20.0
        )?;
    }
    Ok(())
}

fn row(svg: &mut String, scale: &Scale, top: f64, one: &Measured) -> Result<()> {
    let (bar, label) = match one.role {
        Role::Floor => ("floor", "strong"),
        Role::OneStage | Role::FourStages => ("ours", "strong"),
        Role::Cedar | Role::Rego | Role::RegoCompiled | Role::FreshExtism | Role::Other => {
            ("bar", "")
        }
    };
    let (p50, p99) = (one.figures.micros(500), one.figures.micros(990));
    let (end, tail) = (scale.x(p50), scale.x(p99));
    let (above, middle) = (top + (ROW - BAR) / 2.0, top + ROW / 2.0);
    let base = middle + 4.5;
    writeln!(
        svg,
        r#"<text class="{label}" x="{:.1}" y="{base:.1}" text-anchor="end">{}</text>"#,
        LEFT - 10.0,
        one.name
    )?;
    writeln!(
        svg,
        r#"<rect class="{bar}" x="{LEFT}" y="{above:.1}" width="{:.1}" height="{BAR}" rx="2"/>"#,
        (end - LEFT).max(1.0)
    )?;
    writeln!(
        svg,
        r#"<path class="tail" d="M{end:.1} {middle:.1}H{tail:.1}M{tail:.1} {:.1}v8"/>"#,
        middle - 4.0
    )?;
    writeln!(
        svg,
        r#"<text class="{label}" x="{:.1}" y="{base:.1}">{} µs</text>"#,
        tail + 8.0,
        short(p50)
    )?;
    Ok(())
}
