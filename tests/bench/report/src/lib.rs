//! What the pages of all benchmarks have in common: what the machine says of itself, and the frame of a chart.
//!
//! Figures and their meaning stay with the program that measured them.

pub mod chart;
pub mod machine;
