//! A function's page: verdicts by check and dtype, accuracy, and what each check says and found.

use std::collections::BTreeMap;

use array_assay_format::{Cell, Check, CheckId, Counterexample, Level, Results, Revision, Verdict};
use array_assay_interface::DType;
use serde::Serialize;

use super::mark::{Mark, Piece, Standing, prose};
use super::{Function, Label, Site, accuracy, names};
use crate::gate::deviation;
use crate::text::{dtypes, one_line, thousands, visible};

#[derive(Serialize)]
pub struct Page {
    root: &'static str,
    name: String,
    category: String,
    path: String,
    revision: &'static str,
    since: Option<&'static str>,
    standard: Option<String>,
    previous: Option<Link>,
    next: Option<Link>,
    backends: Vec<Backend>,
    tables: Vec<Table>,
    accuracy: Vec<accuracy::Section>,
    ratios: Vec<accuracy::RatioSection>,
    /// Checks with something to show: deviations, questions, counterexamples, what is blocked.
    deviating: Vec<Entry>,
    /// The others.
    holding: Vec<Entry>,
}

#[derive(Serialize)]
struct Link {
    name: String,
    href: String,
}

#[derive(Serialize)]
struct Backend {
    label: Label,
    standing: Option<Standing>,
    max_ulp: Option<String>,
    /// The first checks that deviate, on this page.
    deviations: Vec<Link>,
    more: usize,
}

/// Checks by dtypes of one backend.
#[derive(Serialize)]
struct Table {
    label: Label,
    columns: Vec<Column>,
    rows: Vec<TableRow>,
    deviating: usize,
}

#[derive(Serialize)]
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

/// A check with what every backend made of it.
#[derive(Serialize)]
struct Entry {
    id: String,
    anchor: String,
    short: String,
    level: &'static str,
    span: Option<String>,
    says: Vec<Piece>,
    url: Option<String>,
    doubt: Option<String>,
    deviates: bool,
    runs: Vec<Found>,
}

impl Entry {
    fn shows(&self) -> bool {
        self.deviates || self.doubt.is_some() || self.runs.iter().any(|run| !run.examples.is_empty() || run.blocked_by.is_some())
    }
}

/// What one backend made of a check.
#[derive(Serialize)]
struct Found {
    label: Label,
    mark: Mark,
    deviates: bool,
    cause: String,
    dtypes: String,
    blocked_by: Option<Link>,
    notes: Vec<String>,
    examples: Vec<Example>,
    /// The dtypes of all examples but the first.
    others: String,
}

#[derive(Serialize)]
struct Example {
    place: String,
    cause: Option<&'static str>,
    share: String,
    call: String,
    expected: String,
    got: String,
    step: Option<String>,
    note: Option<String>,
    snippet: String,
}

pub fn page(site: &Site<'_>, index: usize) -> Page {
    let function = &site.functions[index];
    let link = |i: usize| {
        let other = site.functions.get(i)?;
        Some(Link { name: one_line(&format!("{}/{}", other.category, other.name), 60), href: other.path.clone() })
    };
    let checks = || site.runs.iter().flat_map(|run| run.checks_of(function).iter().copied());
    let backends = (0..site.runs.len()).map(|run| backend(site, function, run));
    let tables = site.runs.iter().filter(|run| !run.checks_of(function).is_empty());
    let (deviating, holding) = entries(site, index).into_iter().partition(Entry::shows);
    Page {
        root: "../../",
        name: one_line(function.name, 80),
        category: one_line(function.category, 80),
        path: checks().next().map(|check| one_line(&check.function, 80)).unwrap_or_default(),
        revision: site.front.word(),
        since: checks().map(|check| check.since).min().map(Revision::word),
        // That of a check which ended is the page of another revision.
        standard: checks()
            .filter_map(|check| Some((check.until.is_some(), names::web(&check.clause.as_ref()?.url)?)))
            .min_by_key(|(ended, _)| *ended)
            .map(|(_, url)| page_of(url)),
        previous: index.checked_sub(1).and_then(link),
        next: link(index + 1),
        backends: backends.collect(),
        tables: tables.map(|run| table(&run.label, run.checks_of(function), site.front)).collect(),
        accuracy: accuracy::sections(site, function),
        ratios: accuracy::ratios(site, function),
        deviating,
        holding,
    }
}

fn backend<'a>(site: &Site<'a>, function: &Function<'a>, run: usize) -> Backend {
    /// Links shown; the tables below show the rest.
    const SHOWN: usize = 6;
    let max_ulp = accuracy::greatest(site, function, run);
    let run = &site.runs[run];
    let checks = run.checks_of(function);
    let deviating: Vec<&Check> = checks.iter().copied().filter(|check| check.doubt.is_none() && deviates(check, site.front)).collect();
    let link = |check: &&Check| Link { name: visible(&names::short(&check.id)), href: format!("#{}", names::anchor(&check.id)) };
    Backend {
        label: run.label.clone(),
        standing: judged(run.results, site.front).then(|| Standing::of(checks, site.front)).flatten(),
        max_ulp,
        deviations: deviating.iter().take(SHOWN).map(link).collect(),
        more: deviating.len().saturating_sub(SHOWN),
    }
}

fn judged(results: &Results, revision: Revision) -> bool {
    results.header.revisions.contains(&revision)
}

/// The page without its fragment.
fn page_of(url: &str) -> String {
    url.split('#').next().unwrap_or(url).to_owned()
}

/// The check's verdict as `front` sees it; as it stands where that revision does not have the check.
fn verdict(check: &Check, front: Revision) -> Verdict {
    check.verdict_in(front).unwrap_or(check.verdict)
}

fn deviates(check: &Check, front: Revision) -> bool {
    if check.applies_to(front) { deviation(check, front).is_some() } else { deviation(check, check.since).is_some() }
}

/// `since 2023.12`, `until 2022.12`, where a check is not of every revision.
fn span(check: &Check) -> Option<String> {
    match (check.since, check.until) {
        (Revision::V2021_12, None) => None,
        (Revision::V2021_12, Some(last)) => Some(format!("until {last}")),
        (first, None) => Some(format!("since {first}")),
        (first, Some(last)) if first == last => Some(format!("{first} only")),
        (first, Some(last)) => Some(format!("{first} to {last}")),
    }
}

fn table(label: &Label, checks: &[&Check], front: Revision) -> Table {
    /// Where a cell stands: no dtype, one of the standard's, or several.
    fn column(cell: &Cell) -> usize {
        match cell.dtype.as_str() {
            "" => 0,
            name => name.parse::<DType>().map_or(DType::ALL.len() + 1, |dtype| dtype as usize + 1),
        }
    }
    let used: std::collections::BTreeSet<usize> = checks.iter().flat_map(|check| &check.cells).map(column).collect();
    let mut columns = vec![Column { short: "any", name: "no dtype" }];
    columns.extend(DType::ALL.iter().map(|dtype| Column { short: abbreviated(*dtype), name: dtype.name() }));
    columns.push(Column { short: "pairs", name: "operands of different dtypes" });
    let columns = columns.into_iter().enumerate().filter(|(i, _)| used.contains(i)).map(|(_, column)| column).collect();

    let rows = checks.iter().map(|check| {
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
            cells: used.iter().map(|i| cells.get(i).and_then(|cells| table_cell(cells))).collect(),
        }
    });
    let rows: Vec<TableRow> = rows.collect();
    Table { label: label.clone(), columns, deviating: rows.iter().filter(|row| row.deviates).count(), rows }
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

/// Every check that some backend has, by property and slug.
fn entries(site: &Site<'_>, index: usize) -> Vec<Entry> {
    let function = &site.functions[index];
    let mut checks: BTreeMap<&CheckId, Vec<(&Label, &Check)>> = BTreeMap::new();
    for run in &site.runs {
        for check in run.checks_of(function) {
            checks.entry(&check.id).or_default().push((&run.label, check));
        }
    }
    let entry = |(id, runs): (&CheckId, Vec<(&Label, &Check)>)| {
        // What the standard says is the same in every file; a file of an older tool may lack it.
        let first = runs.iter().map(|(_, check)| *check).find(|check| check.clause.is_some()).unwrap_or(runs[0].1);
        Entry {
            id: visible(&id.to_string()),
            anchor: names::anchor(id),
            short: visible(&names::short(id)),
            level: first.level.word(),
            span: span(first),
            says: first.clause.as_ref().map(|clause| prose(&clause.says)).unwrap_or_default(),
            url: first.clause.as_ref().and_then(|clause| names::web(&clause.url)).map(str::to_owned),
            doubt: first.doubt.as_deref().map(visible),
            deviates: runs.iter().any(|(_, check)| deviates(check, site.front)),
            runs: runs.iter().map(|(label, check)| found(site, label, check)).collect(),
        }
    };
    checks.into_iter().map(entry).collect()
}

fn found(site: &Site<'_>, label: &Label, check: &Check) -> Found {
    let deviating: Vec<&Cell> =
        check.cells.iter().filter(|cell| !matches!(cell.verdict, Verdict::Pass | Verdict::Blocked | Verdict::NotTested)).collect();
    let mut causes: Vec<&str> = deviating.iter().filter_map(|cell| cell.cause).map(|cause| cause.word()).collect();
    causes.sort_unstable();
    causes.dedup();
    let mut examples: Vec<(&Cell, &Counterexample)> =
        deviating.iter().filter_map(|cell| Some((*cell, cell.counterexample.as_ref()?))).collect();
    examples.sort_by_key(|(_, found)| size(found));
    let rest = examples.iter().skip(1).map(|(cell, _)| cell.dtype.as_str());
    Found {
        label: label.clone(),
        mark: Mark::of(verdict(check, site.front)),
        deviates: deviates(check, site.front),
        cause: causes.join(", "),
        dtypes: dtypes(deviating.iter().map(|cell| cell.dtype.as_str())),
        blocked_by: check.blocked_by.as_ref().map(|id| Link { name: visible(&id.to_string()), href: site.link(id).unwrap_or_default() }),
        notes: notes(check),
        others: dtypes(rest),
        examples: examples.iter().map(|(cell, found)| example(cell, found, check.level)).collect(),
    }
}

/// Elements, then characters: the smallest case is read first.
fn size(found: &Counterexample) -> (usize, usize) {
    (found.program.inputs.iter().map(|array| array.len()).sum(), found.call.len())
}

fn notes(check: &Check) -> Vec<String> {
    let sum = |of: fn(&Cell) -> u64| check.cells.iter().map(of).sum::<u64>();
    let (flushed, alternative) = (sum(|cell| cell.classes.flushed), sum(|cell| cell.classes.alternative));
    let mut notes = Vec::new();
    if flushed > 0 {
        notes.push(format!("{} elements are right with subnormals taken as zero", thousands(flushed)));
    }
    if alternative > 0 {
        notes.push(format!("{} elements are another result that the text allows", thousands(alternative)));
    }
    for cell in &check.cells {
        if let Some(note) = &cell.note {
            let text = if cell.dtype.is_empty() { visible(note) } else { visible(&format!("{}: {note}", cell.dtype)) };
            if !notes.contains(&text) {
                notes.push(text);
            }
        }
    }
    let idle = check.exercised.iter().filter(|(_, cases)| **cases == 0 && check.verdict.is_judged());
    notes.extend(idle.map(|(slug, _)| visible(&format!("not tested: the clause `{slug}`, for no judged call was one of which it speaks"))));
    notes
}

fn example(cell: &Cell, found: &Counterexample, level: Level) -> Example {
    let mut place =
        vec![visible(&cell.dtype), if cell.device.is_empty() { String::new() } else { format!("on {}", visible(&cell.device)) }];
    place.retain(|part| !part.is_empty());
    let step = found.step.filter(|_| found.program.steps.len() > 1).map(|step| {
        let name = found.program.steps.get(step as usize).map(|s| visible(&s.function)).unwrap_or_default();
        format!("step {} of {}: {name}", step + 1, found.program.steps.len())
    });
    let mut since = String::new();
    if let Some(revision) = cell.since {
        since = format!(", {level} since {revision}");
    }
    Example {
        place: place.join(" "),
        cause: cell.cause.map(|cause| cause.word()),
        share: format!("{} of {} cases{since}", thousands(cell.failures), thousands(cell.cases)),
        call: visible(&found.call),
        expected: visible(&found.expected),
        got: visible(&found.got),
        step,
        note: found.note.as_deref().map(visible),
        snippet: visible(&found.snippet),
    }
}
