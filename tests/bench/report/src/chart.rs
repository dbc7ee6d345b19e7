//! A chart of bars, one a row: head, rows and end. What a bar is as long as is the caller's matter, and so is what lies between.
//!
//! Plain SVG with its colours in one style sheet, which follows the reader's light or dark mode.

use std::fmt::Write as _;

use anyhow::Result;

/// Of every chart.
pub const WIDTH: f64 = 900.0;

const STYLE: &str = "\
text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;fill:#1f2937;font-size:13px}
.title{font-size:16px;font-weight:600}.quiet{fill:#6b7280;font-size:12px}.strong{font-weight:600}
.page{fill:#ffffff}.grid{stroke:#e5e7eb;stroke-width:1}.bar{fill:#9ca3af}.reference{fill:#4b5563}.ours{fill:#2563eb}
.tail{stroke:#111827;stroke-width:1.5;opacity:.7}
@media (prefers-color-scheme:dark){text{fill:#e5e7eb}.quiet{fill:#9ca3af}.page{fill:#0d1117}.grid{stroke:#30363d}
.bar{fill:#6b7280}.reference{fill:#d1d5db}.ours{fill:#60a5fa}.tail{stroke:#f9fafb}}
";

/// Where things stand, in pixels.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    /// Height of a row.
    pub row: f64,
    /// Height of its bar.
    pub bar: f64,
    /// Above the first row.
    pub top: f64,
    /// Below the last one.
    pub bottom: f64,
    /// Left of the bars, for names.
    pub left: f64,
    /// Right of the longest one, for its figure.
    pub right: f64,
}

/// What a chart is called.
#[derive(Debug, Clone, Copy)]
pub struct Title<'a> {
    /// In large letters.
    pub name: &'a str,
    /// How it is read.
    pub legend: &'a str,
    /// For whoever cannot see it.
    pub spoken: &'a str,
}

/// One row.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    /// Whose bar it is.
    pub name: &'a str,
    /// `ours`, `reference` or `bar`.
    pub bar: &'static str,
    /// `strong`, or nothing.
    pub label: &'static str,
    /// Where the bar ends.
    pub end: f64,
    /// Where the figure stands: behind this.
    pub figure_at: f64,
    /// The figure.
    pub figure: &'a str,
}

impl Layout {
    /// The room that the longest bar has.
    #[must_use]
    pub fn longest(&self) -> f64 {
        WIDTH - self.left - self.right
    }

    /// Where a row begins, from 0; that of the number of rows is where they end.
    ///
    /// # Errors
    /// More rows than any page has.
    pub fn row_top(&self, number: usize) -> Result<f64> {
        Ok(self.top + self.row * f64::from(u32::try_from(number)?))
    }

    /// A chart with so many rows, up to its first one.
    ///
    /// # Errors
    /// More rows than any page has.
    pub fn begin(&self, title: Title<'_>, rows: usize) -> Result<String> {
        let Title {
            name,
            legend,
            spoken,
        } = title;
        let height = self.row_top(rows)? + self.bottom;
        let mut svg = String::new();
        writeln!(
            svg,
            r#"<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{spoken}">"#
        )?;
        writeln!(svg, "<style>\n{STYLE}</style>")?;
        writeln!(
            svg,
            r#"<rect class="page" width="{WIDTH}" height="{height}" rx="8"/>"#
        )?;
        writeln!(
            svg,
            r#"<text class="title" x="20" y="30">{name}</text><text class="quiet" x="20" y="50">{legend}</text>"#
        )?;
        Ok(svg)
    }

    /// A row that begins at `top`.
    ///
    /// # Errors
    /// None in memory.
    pub fn put(&self, svg: &mut String, top: f64, row: Row<'_>) -> Result<()> {
        let base = top + self.row / 2.0 + 4.5;
        let Row { bar, label, .. } = row;
        writeln!(
            svg,
            r#"<text class="{label}" x="{:.1}" y="{base:.1}" text-anchor="end">{}</text>"#,
            self.left - 10.0,
            row.name
        )?;
        writeln!(
            svg,
            r#"<rect class="{bar}" x="{}" y="{:.1}" width="{:.1}" height="{}" rx="2"/>"#,
            self.left,
            top + (self.row - self.bar) / 2.0,
            (row.end - self.left).max(1.0),
            self.bar
        )?;
        writeln!(
            svg,
            r#"<text class="{label}" x="{:.1}" y="{base:.1}">{}</text>"#,
            row.figure_at + 8.0,
            row.figure
        )?;
        Ok(())
    }
}

/// The end of a chart.
pub fn end(svg: &mut String) {
    svg.push_str("</svg>\n");
}
