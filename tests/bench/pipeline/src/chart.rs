//! The figures as a chart: a bar to the median on a logarithmic scale, a thin line on to the 99th percentile.
//!
//! Says what is drawn; the frame of the chart is in `report`.

use std::fmt::Write as _;

use anyhow::Result;
use report::chart::{self, Layout, Row, Title};

use crate::contestant::Role;
use crate::rounds::Measured;
use crate::table::short;

const LAYOUT: Layout = Layout {
    row: 32.0,
    bar: 18.0,
    top: 74.0,
    bottom: 52.0,
    left: 290.0,
    right: 110.0,
};
const TITLE: Title<'_> = Title {
    name: "One transfer, decided",
    legend: "bar: median, line: to the 99th percentile; microseconds, each step ten times the one before; less is better",
    spoken: "One transfer decided in ten ways: median and 99th percentile",
};

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
        LAYOUT.left + (micros.log10() - first) / decades * LAYOUT.longest()
    }
}

/// The chart.
pub fn svg(measured: &[Measured]) -> Result<String> {
    let scale = Scale::of(measured);
    let mut rows: Vec<&Measured> = measured.iter().collect();
    rows.sort_by(|a, b| a.figures.micros(500).total_cmp(&b.figures.micros(500)));
    let mut svg = LAYOUT.begin(TITLE, rows.len())?;
    axis(&mut svg, &scale, LAYOUT.row_top(rows.len())?)?;
    for (number, one) in rows.iter().enumerate() {
        row(&mut svg, &scale, LAYOUT.row_top(number)?, one)?;
    }
    chart::end(&mut svg);
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
            LAYOUT.top - 6.0,
            bottom + 20.0
        )?;
    }
    Ok(())
}

fn row(svg: &mut String, scale: &Scale, top: f64, one: &Measured) -> Result<()> {
    let (bar, label) = match one.role {
        Role::Floor => ("reference", "strong"),
        Role::OneStage | Role::FourStages => ("ours", "strong"),
        Role::Cedar | Role::Rego | Role::RegoCompiled | Role::FreshExtism | Role::Other => {
            ("bar", "")
        }
    };
    let (p50, p99) = (one.figures.micros(500), one.figures.micros(990));
    let (end, tail) = (scale.x(p50), scale.x(p99));
    let figure = format!("{} µs", short(p50));
    let drawn = Row {
        name: one.name,
        bar,
        label,
        end,
        figure_at: tail,
        figure: &figure,
    };
    LAYOUT.put(svg, top, drawn)?;
    let middle = top + LAYOUT.row / 2.0;
    writeln!(
        svg,
        r#"<path class="tail" d="M{end:.1} {middle:.1}H{tail:.1}M{tail:.1} {:.1}v8"/>"#,
        middle - 4.0
    )?;
    Ok(())
}
