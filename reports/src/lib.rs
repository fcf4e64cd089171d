//! Reports from results files: the HTML site, JUnit XML, the summary for a terminal, Markdown, badges, the comparison of two runs, and the
//! merge of shards.
//!
//! Everything here is a pure function of results files. It runs no backend and reads no clock, so the same input gives the same bytes.
//! Everything that a library printed is escaped in HTML and XML, and its control characters are shown.

mod badge;
mod bug;
mod code_scanning;
mod compare;
mod gaps;
mod gate;
mod impact;
mod invocation;
mod junit;
mod markdown;
mod merge;
mod proposal;
mod site;
mod stability;
mod standing;
mod summary;
mod text;
mod tried;
mod untested;

use std::io;
use std::path::PathBuf;

pub use badge::{Badge, badge};
pub use bug::bug_report;
pub use code_scanning::{code_quality, sarif};
pub use compare::{AccuracyChange, Change, Comparison, TimeChange, compare};
pub use gaps::{Gaps, Native, Row, Standing};
pub use gate::{Gate, gated_revision};
pub use impact::{Impact, impacts};
pub use invocation::invocation;
pub use junit::{junit, junit_gated};
pub use markdown::{escape_markdown, fenced, markdown};
pub use merge::{MergeError, merge};
pub use proposal::{gaps_markdown, proposal};
pub use site::{
    Background, ClaimStanding, Claimed, Explanation, Freedom, Input, Leaning, Measure, Read, RealConsumers, Really, StandardClause,
    StandardPage, Told, coverage, site, standard,
};
pub use stability::Stability;
pub use standing::{gate_report, write_gate_report};
pub use summary::{summary, summary_gated};
pub use text::visible;
pub use tried::tried;

/// Why a report could not be made.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum ReportError {
    #[error("write {}: {source}", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("render {page}: {source}")]
    Render { page: String, source: Box<tera::Error> },
    #[error("write JUnit XML to {}: {why}", path.display())]
    Junit { path: PathBuf, why: String },
    #[error("make a report of no results: name at least one results file")]
    Nothing,
}
