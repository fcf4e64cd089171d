//! What came of a consumer's workload on a library, as a mark in a cell.

use array_assay_format::{Check, ConsumerCase, ReplayEnd};
use serde::Serialize;

use crate::text::one_line;

/// What came of a workload on a library.
#[derive(PartialEq, Serialize)]
pub struct Cell {
    /// `pass`, `fail` or `dim`.
    pub word: &'static str,
    pub mark: &'static str,
    pub says: String,
}

/// The cases of a check.
pub fn cases(check: &Check) -> &[ConsumerCase] {
    check.consumer.as_ref().map_or(&[], |record| &record.cases)
}

/// The cell of a workload: its most telling case.
pub fn cell(check: &Check) -> Cell {
    let rank = |case: &&ConsumerCase| match case.end {
        ReplayEnd::Blocked => 7,
        ReplayEnd::Wrong => 6,
        ReplayEnd::Freedom => 5,
        ReplayEnd::AnotherPath => 4,
        ReplayEnd::Cut => 3,
        ReplayEnd::NotJudged => 2,
        ReplayEnd::Host => 1,
        ReplayEnd::Right => 0,
    };
    cases(check).iter().max_by_key(rank).map_or(Cell { word: "dim", mark: "–", says: String::new() }, cell_of)
}

/// The cell of a case.
pub fn cell_of(case: &ConsumerCase) -> Cell {
    let (word, mark) = match case.end {
        ReplayEnd::Right => ("pass", "✓"),
        ReplayEnd::Blocked => ("fail", "✗"),
        ReplayEnd::Wrong => ("fail", "≠"),
        ReplayEnd::Host => ("dim", "host"),
        ReplayEnd::Freedom => ("dim", "free"),
        ReplayEnd::AnotherPath | ReplayEnd::Cut | ReplayEnd::NotJudged => ("dim", "?"),
    };
    let says = match case.blockers.first() {
        Some(first) => format!("{} at {}", first.function, first.at),
        None => format!("{} {}", case.end, case.why),
    };
    Cell { word, mark, says: one_line(&says, 300) }
}
