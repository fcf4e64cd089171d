//! A function's page: libraries by dtypes, accuracy, and for each check what the standard says and what deviates from it.

use std::collections::BTreeMap;

use array_assay_format::{CheckId, Revision, Verdict};
use serde::Serialize;

use super::cluster::{Cluster, Judged, clusters, notes, shows};
use super::grid::{self, Grid, Table};
use super::mark::{Mark, Piece, deviates, prose, span, verdict};
use super::{Label, Link, Site, accuracy, names};
use crate::text::{one_line, visible};

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
    grid: Grid,
    tables: Vec<Table>,
    accuracy: Vec<accuracy::Section>,
    ratios: Vec<accuracy::RatioSection>,
    /// Checks with something to show: a deviation, a question, a counterexample, or a blocking check.
    deviating: Vec<Entry>,
    /// The other checks.
    holding: Vec<Entry>,
}

/// A check with the results of all libraries.
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
    /// The libraries that do not pass, with their verdicts.
    marks: Vec<(Label, Mark)>,
    /// The number of libraries that pass.
    passing: usize,
    /// Libraries that deviate in the same way.
    clusters: Vec<Cluster>,
    /// Libraries that could not be judged, by the check that prevents it.
    blocked: Vec<Blocked>,
    /// Notes about libraries that pass.
    notes: Vec<String>,
}

impl Entry {
    fn shows(&self) -> bool {
        self.deviates || self.doubt.is_some() || !self.clusters.is_empty()
    }
}

/// Libraries that could not be judged because they fail another check.
#[derive(Serialize)]
struct Blocked {
    libraries: String,
    by: Link,
}

pub fn page(site: &Site<'_>, index: usize) -> Page {
    let function = &site.functions[index];
    let link = |i: usize| {
        let other = site.functions.get(i)?;
        Some(Link { name: one_line(&format!("{}/{}", other.category, other.name), 60), href: other.path.clone() })
    };
    let checks = || site.runs.iter().flat_map(|run| run.checks_of(function).iter().copied());
    let tables = site.runs.iter().filter(|run| !run.checks_of(function).is_empty());
    let (deviating, holding) = entries(site, index).into_iter().partition(Entry::shows);
    Page {
        root: "../../",
        name: one_line(function.name, 80),
        category: one_line(function.category, 80),
        path: checks().next().map(|check| one_line(&check.function, 80)).unwrap_or_default(),
        revision: site.front.word(),
        since: checks().map(|check| check.since).min().map(Revision::word),
        // Prefer a check that has not ended, because the link of an ended one leads to an older revision.
        standard: checks()
            .filter_map(|check| Some((check.until.is_some(), names::web(&check.clause.as_ref()?.url)?)))
            .min_by_key(|(ended, _)| *ended)
            .map(|(_, url)| page_of(url)),
        previous: index.checked_sub(1).and_then(link),
        next: link(index + 1),
        grid: grid::grid(site, function),
        tables: tables.map(|run| grid::table(&run.label, run.checks_of(function), site.front)).collect(),
        accuracy: accuracy::sections(site, function),
        ratios: accuracy::ratios(site, function),
        deviating,
        holding,
    }
}

/// The URL of a page without the fragment.
fn page_of(url: &str) -> String {
    url.split('#').next().unwrap_or(url).to_owned()
}

/// All checks that some library has, by property and slug.
fn entries(site: &Site<'_>, index: usize) -> Vec<Entry> {
    let function = &site.functions[index];
    let mut checks: BTreeMap<&CheckId, Vec<Judged<'_>>> = BTreeMap::new();
    for run in &site.runs {
        for check in run.checks_of(function) {
            checks.entry(&check.id).or_default().push((run, check));
        }
    }
    let entry = |(id, runs): (&CheckId, Vec<Judged<'_>>)| {
        // All files say the same about the clause, but a file of an older version may lack it.
        let first = runs.iter().map(|(_, check)| *check).find(|check| check.clause.is_some()).unwrap_or(runs[0].1);
        let marks: Vec<(Label, Verdict)> = runs.iter().map(|(run, check)| (run.label.clone(), verdict(check, site.front))).collect();
        let passing = marks.iter().filter(|(_, verdict)| *verdict == Verdict::Pass).count();
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
            marks: marks.into_iter().filter(|(_, verdict)| *verdict != Verdict::Pass).map(|(label, v)| (label, Mark::of(v))).collect(),
            passing,
            clusters: clusters(site, &runs),
            blocked: blocked(site, &runs),
            notes: passing_notes(site, &runs),
        }
    };
    checks.into_iter().map(entry).collect()
}

/// The libraries that could not be judged at all, by the check that prevents it.
fn blocked(site: &Site<'_>, runs: &[Judged<'_>]) -> Vec<Blocked> {
    let mut by: BTreeMap<&CheckId, Vec<&str>> = BTreeMap::new();
    for (run, check) in runs.iter().filter(|(_, check)| verdict(check, site.front) == Verdict::Blocked) {
        if let Some(id) = &check.blocked_by {
            by.entry(id).or_default().push(&run.label.name);
        }
    }
    let link = |id: &CheckId| Link { name: visible(&id.to_string()), href: site.link(id).unwrap_or_default() };
    by.into_iter().map(|(id, names)| Blocked { libraries: names.join(", "), by: link(id) }).collect()
}

fn passing_notes(site: &Site<'_>, runs: &[Judged<'_>]) -> Vec<String> {
    let passing = runs.iter().filter(|(_, check)| !shows(site, check));
    passing.flat_map(|(run, check)| notes(run, check).into_iter().map(|note| format!("{}: {note}", run.label.name))).collect()
}
