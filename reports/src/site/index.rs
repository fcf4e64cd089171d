//! The overview, one for each revision: the libraries, the matrix of functions by libraries, the clauses that nobody follows, and the questions.

use std::collections::{BTreeMap, BTreeSet};

use array_assay_format::{Check, CheckId, GAPS, Level, Revision, Verdict};
use serde::Serialize;

use super::mark::{Mark, Piece, Standing, prose};
use super::{Label, Run, Site, names};
use crate::gate::deviation;
use crate::text::{count, one_line, thousands, visible};

#[derive(Serialize)]
pub struct Page {
    root: &'static str,
    revision: &'static str,
    revisions: Vec<RevisionLink>,
    libraries: Vec<Library>,
    categories: Vec<Category>,
    functions: usize,
    legend: Vec<(Mark, &'static str)>,
    nobody: Vec<Clause>,
    questions: Vec<Clause>,
    /// Whether a run replayed consumers.
    consumers: bool,
    /// The number of gaps of the standard for which a run looked.
    gaps: usize,
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
    /// The revisions that the library claims.
    claims: String,
    /// The newest published revision at which nothing that was tested deviates at level must.
    conforms: Option<&'static str>,
    /// What separates the library from the page's revision.
    distance: Distance,
    /// Calls, seed and cases of the run.
    run: String,
    /// Why the run says less than a whole one.
    partial: Option<String>,
}

/// What separates a library from conforming to a revision.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Distance {
    NotJudged,
    Nothing,
    Deviations { checks: String, functions: String },
}

#[derive(Serialize)]
struct Category {
    name: String,
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    name: String,
    href: String,
    /// The text that the filter searches.
    search: String,
    since: Option<&'static str>,
    deviates: bool,
    /// Whether the libraries that ran it stand differently.
    differs: bool,
    cells: Vec<Option<Standing>>,
}

#[derive(Serialize)]
struct Clause {
    id: String,
    href: Option<String>,
    level: &'static str,
    says: Vec<Piece>,
    url: Option<String>,
    doubt: Option<String>,
    /// The libraries that deviate from it.
    deviate: Vec<String>,
    /// The libraries that follow it.
    hold: Vec<String>,
}

pub fn page(site: &Site<'_>, revision: Revision) -> Page {
    let categories = categories(site, revision);
    let link = |r: &Revision| RevisionLink { word: r.word(), href: site.index_path(*r), current: *r == revision };
    Page {
        root: "",
        revision: revision.word(),
        revisions: site.revisions.iter().map(link).collect(),
        libraries: site.runs.iter().map(|run| library(run, revision)).collect(),
        functions: categories.iter().map(|category| category.rows.len()).sum(),
        categories,
        legend: Mark::legend(),
        nobody: clauses(site, revision, |clause, runs| {
            runs > 1 && clause.hold.is_empty() && clause.deviate.len() > 1 && clause.doubt.is_none()
        }),
        questions: clauses(site, revision, |clause, _| clause.doubt.is_some()),
        consumers: site.runs.iter().any(|run| run.results.checks.iter().any(Check::is_consumer)),
        gaps: site.gaps.rows.len(),
    }
}

/// The rows of the matrix by category, in the order of the site's functions.
fn categories(site: &Site<'_>, revision: Revision) -> Vec<Category> {
    let mut categories: Vec<Category> = Vec::new();
    for function in site.functions.iter().filter(|function| function.category != GAPS) {
        let cells: Vec<Option<Standing>> = site.runs.iter().map(|run| standing(run, run.checks_of(function), revision)).collect();
        if cells.iter().all(Option::is_none) {
            continue;
        }
        let since = site.runs.iter().flat_map(|run| run.checks_of(function)).map(|check| check.since).min();
        let words: BTreeSet<&str> = cells.iter().flatten().map(|standing| standing.mark.word).collect();
        let row = Row {
            name: one_line(function.name, 80),
            href: function.path.clone(),
            search: visible(&format!("{}/{}", function.category, function.name)).to_lowercase(),
            since: since.filter(|since| *since > Revision::V2021_12).map(Revision::word),
            deviates: cells.iter().flatten().any(|standing| standing.deviates || standing.below > 0),
            differs: words.len() > 1,
            cells,
        };
        match categories.last_mut() {
            Some(last) if last.name == one_line(function.category, 80) => last.rows.push(row),
            _ => categories.push(Category { name: one_line(function.category, 80), rows: vec![row] }),
        }
    }
    categories
}

/// How a library does on a function's checks. `None` if it has none of them, or was not tested against the revision.
fn standing(run: &Run<'_>, checks: &[&array_assay_format::Check], revision: Revision) -> Option<Standing> {
    run.results.header.revisions.contains(&revision).then(|| Standing::of(checks, revision)).flatten()
}

fn library(run: &Run<'_>, revision: Revision) -> Library {
    let (header, footer) = (&run.results.header, &run.results.footer);
    let published = |r: &Revision| Revision::published().contains(r);
    let conforms = footer.conforms.iter().filter(|(r, holds)| **holds && published(r)).map(|(r, _)| r.word()).next_back();
    // Judging gaps adds to a run and takes nothing from it.
    let options = header.options.iter().filter(|(name, _)| *name != GAPS);
    let options: Vec<String> = options.map(|(name, value)| format!("{name} {value}")).collect();
    Library {
        label: run.label.clone(),
        claims: one_line(&header.backend.claims.join(", "), 80),
        conforms,
        distance: distance(run, revision),
        run: format!("{} calls, seed {}, {} cases a stream", thousands(footer.calls), header.seed, thousands(u64::from(header.cases))),
        partial: (!options.is_empty()).then(|| one_line(&format!("Part of a run only: {}", options.join(", ")), 200)),
    }
}

fn distance(run: &Run<'_>, revision: Revision) -> Distance {
    if !run.results.header.revisions.contains(&revision) {
        return Distance::NotJudged;
    }
    let deviating = deviating_musts(run, revision);
    if deviating.is_empty() {
        return Distance::Nothing;
    }
    let functions: BTreeSet<_> = deviating.iter().map(|id| (&id.category, &id.function)).collect();
    Distance::Deviations { checks: count(deviating.len(), "deviation"), functions: count(functions.len(), "function") }
}

/// The checks at level must that deviate at the revision.
pub fn deviating_musts<'r>(run: &Run<'r>, revision: Revision) -> Vec<&'r CheckId> {
    let musts = run.results.checks.iter().filter(|check| check.level == Level::Must && check.doubt.is_none());
    musts.filter(|check| deviation(check, revision).is_some()).map(|check| &check.id).collect()
}

/// The clauses of the revision at level must or should, and the doubtful ones, for which `keep` holds among so many libraries.
fn clauses(site: &Site<'_>, revision: Revision, keep: impl Fn(&Clause, usize) -> bool) -> Vec<Clause> {
    let mut found: BTreeMap<&CheckId, Clause> = BTreeMap::new();
    for run in site.runs.iter().filter(|run| run.results.header.revisions.contains(&revision)) {
        for check in &run.results.checks {
            let Some(verdict) = check.verdict_in(revision) else { continue };
            if check.doubt.is_none() && check.level == Level::Quality {
                continue;
            }
            let clause = found.entry(&check.id).or_insert_with(|| Clause {
                id: visible(&check.id.to_string()),
                href: site.link(&check.id),
                level: check.level.word(),
                says: check.clause.as_ref().map(|clause| prose(&clause.says)).unwrap_or_default(),
                url: check.clause.as_ref().and_then(|clause| names::web(&clause.url)).map(str::to_owned),
                doubt: check.doubt.as_deref().map(visible),
                deviate: Vec::new(),
                hold: Vec::new(),
            });
            if deviation(check, revision).is_some() {
                clause.deviate.push(run.label.name.clone());
            } else if verdict == Verdict::Pass {
                clause.hold.push(run.label.name.clone());
            }
        }
    }
    found.into_values().filter(|clause| keep(clause, site.runs.len())).collect()
}
