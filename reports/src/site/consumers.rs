//! The page of consumers: which library runs which workload, what stands in the way, and how often.

use std::collections::{BTreeMap, BTreeSet};

use array_assay_format::{Check, ConsumerCase, ReplayEnd};
use serde::Serialize;

use super::model::{Label, Run, Site};
use crate::impact::{Impact, impacts};
use crate::text::one_line;

/// The most functions in the table of a library's impact.
const RANKED: usize = 12;

#[derive(Serialize)]
pub struct Page {
    root: &'static str,
    labels: Vec<Label>,
    rows: Vec<Row>,
    impacts: Vec<LibraryImpact>,
}

#[derive(Serialize)]
struct Row {
    /// The consumer and the workload's name.
    name: String,
    says: String,
    /// The cells, one a library.
    cells: Vec<Option<Cell>>,
    /// What stands in the way, library by library.
    blocked: Vec<Blocked>,
}

#[derive(Serialize)]
struct Cell {
    /// `pass`, `fail` or `dim`.
    word: &'static str,
    mark: &'static str,
    says: String,
}

#[derive(Serialize)]
struct Blocked {
    library: String,
    /// The case, such as `float64-20`.
    case: String,
    /// The blockers in order, or why nothing was judged.
    lines: Vec<String>,
}

#[derive(Serialize)]
struct LibraryImpact {
    label: Label,
    rows: Vec<ImpactRow>,
}

/// A function, and the numbers of workloads that it blocks alone, at all, and first.
#[derive(Serialize)]
struct ImpactRow {
    function: String,
    only: usize,
    any: usize,
    first: usize,
}

/// The page. `None` if no run replayed a consumer.
pub fn page(site: &Site) -> Option<Page> {
    let runs: Vec<&Run> = site.runs.iter().filter(|run| !run.replays.is_empty()).collect();
    let replays: Vec<BTreeMap<&str, &Check>> =
        runs.iter().map(|run| run.replays.iter().map(|check| (check.id.function.as_str(), check)).collect()).collect();
    let names: BTreeSet<&str> = replays.iter().flat_map(|of| of.keys().copied()).collect();
    if names.is_empty() {
        return None;
    }
    let row = |name: &&str| {
        let checks: Vec<Option<&Check>> = replays.iter().map(|of| of.get(name).copied()).collect();
        let says = checks.iter().flatten().find_map(|check| check.consumer.as_ref()).map(|record| record.says.clone());
        let labelled = runs.iter().zip(&checks).filter_map(|(run, check)| Some((&run.label, check.as_ref()?)));
        Row {
            name: one_line(name, 120),
            says: one_line(&says.unwrap_or_default(), 200),
            cells: checks.iter().map(|check| check.map(cell)).collect(),
            blocked: labelled.flat_map(|(label, check)| blocked(label, check)).collect(),
        }
    };
    let impact = |run: &&Run| {
        let ranked = impacts(&run.replays).into_iter().take(RANKED);
        let row = |impact: Impact| ImpactRow {
            function: one_line(&impact.function, 80),
            only: impact.only.len(),
            any: impact.any.len(),
            first: impact.first.len(),
        };
        let rows = ranked.map(row).collect();
        LibraryImpact { label: run.label.clone(), rows }
    };
    Some(Page {
        root: "",
        labels: runs.iter().map(|run| run.label.clone()).collect(),
        rows: names.iter().map(row).collect(),
        impacts: runs.iter().map(impact).filter(|impact| !impact.rows.is_empty()).collect(),
    })
}

/// The cases of a check.
fn cases(check: &Check) -> &[ConsumerCase] {
    check.consumer.as_ref().map_or(&[], |record| &record.cases)
}

/// The cell of a workload: its most telling case.
fn cell(check: &Check) -> Cell {
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
    let Some(case) = cases(check).iter().max_by_key(rank) else { return Cell { word: "dim", mark: "–", says: String::new() } };
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

/// What stands in the way of the cases that are not simply right.
fn blocked<'a>(label: &'a Label, check: &'a Check) -> impl Iterator<Item = Blocked> + use<'a> {
    cases(check).iter().filter(|case| case.end != ReplayEnd::Right).map(|case| {
        let lines = case.blockers.iter().map(|blocker| {
            let known = blocker.check.as_ref().map_or_else(|| "no check of ours says so".to_owned(), ToString::to_string);
            one_line(&format!("{} · {} · {} · {known}", blocker.at, blocker.statement, blocker.message), 400)
        });
        let mut lines: Vec<String> = lines.collect();
        if lines.is_empty() {
            lines.push(one_line(&format!("{}: {}", case.end, case.why), 400));
        }
        Blocked { library: label.name.clone(), case: case.name.clone(), lines }
    })
}
