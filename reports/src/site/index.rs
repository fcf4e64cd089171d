//! The overview, one for each revision: a row for each library, and the matrix of functions by libraries.

use array_assay_format::Revision;
use serde::Serialize;

use super::mark::{Cell, Mark};
use super::model::{Label, Run, Site, column_names};
use crate::text::{count, one_line, thousands, visible};

#[derive(Serialize)]
pub struct Page {
    root: &'static str,
    revision: &'static str,
    revisions: Vec<RevisionLink>,
    libraries: Vec<Library>,
    /// The number of runs of older versions.
    older: usize,
    categories: Vec<Category>,
    functions: usize,
    legend: Vec<(Mark, &'static str)>,
    dtypes: Vec<(usize, &'static str)>,
    /// The number of gaps of the standard for which a run looked.
    gaps: usize,
    clauses: bool,
}

#[derive(Serialize)]
struct RevisionLink {
    word: &'static str,
    href: String,
    current: bool,
}

/// One row of the table of libraries.
#[derive(Serialize)]
struct Library {
    label: Label,
    day: Option<String>,
    claims: String,
    /// The newest published revision at which nothing that was tested deviates at level must.
    conforms: Option<&'static str>,
    /// What separates the library from the revision after it.
    next: Option<Distance>,
    /// What separates the library from the page's revision. `None` if it was not judged by it.
    here: Option<Distance>,
    run: String,
    /// Why the run says less than others.
    warning: Option<String>,
    versions: usize,
    group: String,
}

/// A number of functions that deviate at a revision.
#[derive(Serialize)]
struct Distance {
    revision: &'static str,
    functions: usize,
    says: String,
}

#[derive(Serialize)]
struct Category {
    name: String,
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    name: String,
    /// An operator as one types it.
    typed: Option<String>,
    href: String,
    /// The text that the filter searches.
    search: String,
    since: Option<&'static str>,
    /// Whether the libraries that ran it stand differently.
    differs: bool,
    cells: Vec<Option<Cell>>,
}

pub fn path(site: &Site, revision: Revision) -> String {
    if revision == site.front { "index.html".to_owned() } else { format!("index-{revision}.html") }
}

pub fn page(site: &Site, revision: Revision, clauses: bool) -> Page {
    let categories = categories(site, revision);
    let link = |r: &Revision| RevisionLink { word: r.word(), href: path(site, *r), current: *r == revision };
    let mut cases: Vec<u32> = site.newest().map(|(_, run)| run.header.cases).collect();
    cases.sort_unstable();
    let usual = cases.get(cases.len() / 2).copied().unwrap_or_default();
    let libraries = site.libraries();
    let versions = |at: usize| libraries.iter().find(|versions| versions.contains(&at)).map_or(1, Vec::len);
    Page {
        root: "",
        revision: revision.word(),
        revisions: site.revisions.iter().map(link).collect(),
        libraries: site.newest().map(|(at, run)| library(site, at, run, revision, usual, versions(at))).collect(),
        older: site.runs.iter().filter(|run| !run.newest).count(),
        functions: categories.iter().map(|category| category.rows.len()).sum(),
        categories,
        legend: Mark::legend(),
        dtypes: column_names().into_iter().enumerate().map(|(i, (name, _))| (i, name)).collect(),
        gaps: site.gaps.rows.len(),
        clauses,
    }
}

/// The rows of the matrix by category, in the order of the site's functions.
fn categories(site: &Site, revision: Revision) -> Vec<Category> {
    let mut categories: Vec<Category> = Vec::new();
    let runs: Vec<(usize, &Run, Option<usize>)> = site.newest().map(|(at, run)| (at, run, site.without_polyfills(at))).collect();
    for function in site.functions.iter().filter(|function| !function.is_gap()) {
        let cell = |(at, run, plain): &(usize, &Run, Option<usize>)| {
            let polyfilled = plain.is_some_and(|plain| function.present(plain) == Some(false));
            Some(Cell::of(function.standing(*at, run, revision)?, polyfilled))
        };
        let cells: Vec<Option<Cell>> = runs.iter().map(cell).collect();
        let Some(first) = cells.iter().flatten().next() else { continue };
        let row = Row {
            name: one_line(&function.name, 80),
            href: function.page.clone(),
            typed: function.typed().filter(|typed| !typed.contains(&function.name)),
            search: visible(&format!("{}/{}", function.category, function.name)).to_lowercase(),
            since: Some(function.since()).filter(|since| *since > Revision::V2021_12).map(Revision::word),
            differs: cells.iter().flatten().any(|cell| cell.mark != first.mark),
            cells,
        };
        let category = one_line(&function.category, 80);
        match categories.last_mut() {
            Some(last) if last.name == category => last.rows.push(row),
            _ => categories.push(Category { name: category, rows: vec![row] }),
        }
    }
    categories
}

fn library(site: &Site, at: usize, run: &Run, revision: Revision, usual: u32, versions: usize) -> Library {
    let (header, footer) = (&run.header, &run.footer);
    let (reached, next) = run.reached();
    let distance = |revision: Revision| {
        let functions = site.deviating(at, revision).len();
        let says = if functions == 0 { "nothing that was tested".to_owned() } else { count(functions, "function") };
        Distance { revision: revision.word(), functions, says }
    };
    let few = header.cases.saturating_mul(4) <= usual;
    let warning = run.partial().or_else(|| few.then(|| format!("only {} cases a function: a pass says less here", header.cases)));
    Library {
        label: run.label.clone(),
        day: run.day().map(str::to_owned),
        claims: one_line(&header.backend.claims.join(", "), 80),
        conforms: reached.map(Revision::word),
        next: next.filter(|next| *next != revision).map(distance),
        here: run.judged_by(revision).then(|| distance(revision)),
        run: format!("{} calls, {} cases a function, seed {}", thousands(footer.calls), thousands(u64::from(header.cases)), header.seed),
        warning,
        versions,
        group: super::versions::page_path(&run.label),
    }
}
