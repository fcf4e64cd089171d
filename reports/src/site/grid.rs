//! The grids of a function's page: libraries by dtypes, and for each library its checks by dtypes.

use std::collections::{BTreeMap, BTreeSet};

use array_assay_format::{Cell, Check, Level, Revision, Verdict};
use array_assay_interface::DType;
use serde::Serialize;

use super::mark::{Mark, Standing, deviates, span};
use super::{Function, Label, Link, Run, Site, accuracy, names};
use crate::text::{thousands, visible};

/// The grid of libraries by dtypes: the most serious verdict of the checks that a gate counts.
#[derive(Serialize)]
pub struct Grid {
    columns: Vec<Column>,
    rows: Vec<GridRow>,
}

#[derive(Serialize)]
struct GridRow {
    label: Label,
    /// The verdict over all checks. `None` if the library was not tested against the revision.
    standing: Option<Standing>,
    cells: Vec<Option<TableCell>>,
    max_ulp: Option<String>,
    /// Links to the first checks that deviate.
    deviations: Vec<Link>,
    more: usize,
}

/// The checks of one library by dtype.
#[derive(Serialize)]
pub struct Table {
    label: Label,
    columns: Vec<Column>,
    /// The checks that do not pass on every dtype.
    rows: Vec<TableRow>,
    /// The number of checks that pass on every dtype.
    passing: usize,
}

#[derive(Serialize, Clone)]
struct Column {
    short: &'static str,
    name: &'static str,
}

#[derive(Serialize)]
struct TableRow {
    check: String,
    anchor: String,
    level: &'static str,
    span: Option<String>,
    deviates: bool,
    cells: Vec<Option<TableCell>>,
}

#[derive(Serialize)]
struct TableCell {
    mark: Mark,
    says: String,
}

/// The possible columns of a cell: no dtype, each dtype of the standard, and several dtypes.
fn columns() -> Vec<Column> {
    let mut columns = vec![Column { short: "any", name: "no dtype" }];
    columns.extend(DType::ALL.iter().map(|dtype| Column { short: abbreviated(*dtype), name: dtype.name() }));
    columns.push(Column { short: "pairs", name: "operands of different dtypes" });
    columns
}

/// The column of a cell, by its place in [`columns`].
fn column(cell: &Cell) -> usize {
    match cell.dtype.as_str() {
        "" => 0,
        name => name.parse::<DType>().map_or(DType::ALL.len() + 1, |dtype| dtype as usize + 1),
    }
}

fn used(columns: Vec<Column>, used: &BTreeSet<usize>) -> Vec<Column> {
    columns.into_iter().enumerate().filter(|(i, _)| used.contains(i)).map(|(_, column)| column).collect()
}

pub fn grid<'a>(site: &Site<'a>, function: &Function<'a>) -> Grid {
    let used_by = |run: &Run<'a>| counted(run, function).into_iter().flat_map(|check| &check.cells).map(column).collect::<Vec<_>>();
    let all: BTreeSet<usize> = site.runs.iter().flat_map(used_by).collect();
    Grid { columns: used(columns(), &all), rows: (0..site.runs.len()).map(|run| grid_row(site, function, run, &all)).collect() }
}

/// The checks of a function that the default gate counts. For a gap, all checks.
fn counted<'a>(run: &Run<'a>, function: &Function<'a>) -> Vec<&'a Check> {
    let counts = |check: &&Check| check.doubt.is_none() && check.gate_level() == Level::Must || check.is_gap();
    run.checks_of(function).iter().copied().filter(counts).collect()
}

fn grid_row<'a>(site: &Site<'a>, function: &Function<'a>, index: usize, all: &BTreeSet<usize>) -> GridRow {
    /// The largest number of links in a row. The deviations below show all.
    const SHOWN: usize = 4;
    let run = &site.runs[index];
    let (checks, counted) = (run.checks_of(function), counted(run, function));
    let deviating: Vec<&&Check> = checks.iter().filter(|check| check.doubt.is_none() && deviates(check, site.front)).collect();
    let link = |check: &&&Check| Link { name: visible(&names::short(&check.id)), href: format!("#{}", names::anchor(&check.id)) };
    GridRow {
        label: run.label.clone(),
        standing: run.results.header.revisions.contains(&site.front).then(|| Standing::of(checks, site.front)).flatten(),
        cells: all.iter().map(|at| grid_cell(&counted, *at, site.front)).collect(),
        max_ulp: accuracy::greatest(site, function, index),
        deviations: deviating.iter().take(SHOWN).map(link).collect(),
        more: deviating.len().saturating_sub(SHOWN),
    }
}

/// The checks that concern one dtype, as one cell.
fn grid_cell(checks: &[&Check], at: usize, front: Revision) -> Option<TableCell> {
    let mut by_verdict: BTreeMap<Verdict, Vec<String>> = BTreeMap::new();
    for check in checks.iter().filter(|check| check.applies_to(front)) {
        let cells = check.cells.iter().filter(|cell| column(cell) == at && cell.since.is_none_or(|since| since <= front));
        if let Some(verdict) = Cell::overall(cells.map(|cell| cell.verdict)) {
            by_verdict.entry(verdict).or_default().push(visible(&names::short(&check.id)));
        }
    }
    let verdict = Cell::overall(by_verdict.keys().copied())?;
    let of = &by_verdict[&verdict];
    let says = match verdict {
        Verdict::Pass => format!("{} checks pass", of.len()),
        _ => format!("{verdict}: {}", of.join(", ")),
    };
    Some(TableCell { mark: Mark::of(verdict), says })
}

pub fn table(label: &Label, checks: &[&Check], front: Revision) -> Table {
    let all: BTreeSet<usize> = checks.iter().flat_map(|check| &check.cells).map(column).collect();
    let (passing, others): (Vec<&Check>, Vec<&Check>) = checks.iter().partition(|check| passes(check));
    let row = |check: &&Check| {
        let mut cells: BTreeMap<usize, Vec<&Cell>> = BTreeMap::new();
        for cell in &check.cells {
            cells.entry(column(cell)).or_default().push(cell);
        }
        TableRow {
            check: visible(&names::short(&check.id)),
            anchor: names::anchor(&check.id),
            level: check.level.word(),
            span: span(check),
            deviates: deviates(check, front),
            cells: all.iter().map(|i| cells.get(i).and_then(|cells| table_cell(cells))).collect(),
        }
    };
    Table { label: label.clone(), columns: used(columns(), &all), rows: others.iter().map(row).collect(), passing: passing.len() }
}

/// Whether the check passes on every dtype.
fn passes(check: &Check) -> bool {
    check.verdict == Verdict::Pass && check.cells.iter().all(|cell| cell.verdict == Verdict::Pass)
}

fn table_cell(cells: &[&Cell]) -> Option<TableCell> {
    let verdict = Cell::overall(cells.iter().map(|cell| cell.verdict))?;
    let such = cells.iter().filter(|cell| cell.verdict == verdict);
    let (cases, failures) = such.clone().fold((0, 0), |(cases, failures), cell| (cases + cell.cases, failures + cell.failures));
    let mut says = verdict.word().to_owned();
    if let Some(cause) = such.clone().find_map(|cell| cell.cause) {
        says.push_str(&format!(": {cause}"));
    }
    if cells.len() > 1 && verdict != Verdict::Pass {
        says.push_str(&format!(", {} of {}", such.count(), cells.len()));
    }
    says.push_str(&match failures {
        0 => format!(", {} cases", thousands(cases)),
        n => format!(", {} of {} cases", thousands(n), thousands(cases)),
    });
    Some(TableCell { mark: Mark::of(verdict), says })
}

fn abbreviated(dtype: DType) -> &'static str {
    match dtype {
        DType::Bool => "bool",
        DType::Int8 => "i8",
        DType::Int16 => "i16",
        DType::Int32 => "i32",
        DType::Int64 => "i64",
        DType::Uint8 => "u8",
        DType::Uint16 => "u16",
        DType::Uint32 => "u32",
        DType::Uint64 => "u64",
        DType::Float32 => "f32",
        DType::Float64 => "f64",
        DType::Complex64 => "c64",
        DType::Complex128 => "c128",
    }
}
