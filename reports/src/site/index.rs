//! The front page, one a revision: a card a backend, the matrix, the clauses that nobody follows, the questions.

use std::collections::BTreeMap;

use array_assay_format::{CheckId, GAPS, Level, Revision, Verdict};
use serde::Serialize;

use super::mark::{Mark, Piece, Standing, prose};
use super::{Label, Run, Site, names};
use crate::gate::{Tally, deviation};
use crate::text::{one_line, thousands, visible};

#[derive(Serialize)]
pub struct Page {
    root: &'static str,
    revision: &'static str,
    revisions: Vec<RevisionLink>,
    cards: Vec<Card>,
    categories: Vec<Category>,
    functions: usize,
    legend: Vec<(Mark, &'static str)>,
    nobody: Vec<Clause>,
    questions: Vec<Clause>,
    /// How many functions the standard lacks, where a run looked for them.
    gaps: usize,
}

#[derive(Serialize)]
struct RevisionLink {
    word: &'static str,
    href: String,
    current: bool,
}

#[derive(Serialize)]
struct Card {
    label: Label,
    /// Library, language, platform: what there is.
    facts: Vec<String>,
    newest: Option<&'static str>,
    claims: String,
    ladder: Vec<Rung>,
    ran: bool,
    counts: Vec<Count>,
    /// Deviations at the levels should and quality.
    below: u64,
    calls: String,
    warnings: Vec<String>,
}

#[derive(Serialize)]
struct Rung {
    revision: &'static str,
    conforms: bool,
}

#[derive(Serialize)]
struct Count {
    mark: Mark,
    n: String,
    /// Share of the bar, in percent.
    share: String,
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
    /// The backends that deviate from it.
    deviate: Vec<String>,
    hold: Vec<String>,
}

pub fn page(site: &Site<'_>, revision: Revision) -> Page {
    let mut categories: Vec<Category> = Vec::new();
    for function in site.functions.iter().filter(|function| function.category != GAPS) {
        let cells: Vec<Option<Standing>> = site.runs.iter().map(|run| standing(run, run.checks_of(function), revision)).collect();
        if cells.iter().all(Option::is_none) {
            continue;
        }
        let since = site.runs.iter().flat_map(|run| run.checks_of(function)).map(|check| check.since).min();
        let row = Row {
            name: one_line(function.name, 80),
            href: function.path.clone(),
            search: visible(&format!("{}/{}", function.category, function.name)).to_lowercase(),
            since: since.filter(|since| *since > Revision::V2021_12).map(Revision::word),
            deviates: cells.iter().flatten().any(|standing| standing.deviates || standing.below > 0),
            cells,
        };
        match categories.last_mut() {
            Some(last) if last.name == one_line(function.category, 80) => last.rows.push(row),
            _ => categories.push(Category { name: one_line(function.category, 80), rows: vec![row] }),
        }
    }
    let link = |r: &Revision| RevisionLink { word: r.word(), href: site.index_path(*r), current: *r == revision };
    Page {
        root: "",
        revision: revision.word(),
        revisions: site.revisions.iter().map(link).collect(),
        cards: site.runs.iter().map(|run| card(run, revision)).collect(),
        functions: categories.iter().map(|category| category.rows.len()).sum(),
        categories,
        legend: Mark::legend(),
        nobody: clauses(site, revision, |clause, runs| {
            runs > 1 && clause.hold.is_empty() && clause.deviate.len() > 1 && clause.doubt.is_none()
        }),
        questions: clauses(site, revision, |clause, _| clause.doubt.is_some()),
        gaps: site.gaps.rows.len(),
    }
}

/// `None` too where the backend was not judged by the revision.
fn standing(run: &Run<'_>, checks: &[&array_assay_format::Check], revision: Revision) -> Option<Standing> {
    run.results.header.revisions.contains(&revision).then(|| Standing::of(checks, revision)).flatten()
}

fn card(run: &Run<'_>, revision: Revision) -> Card {
    let (header, footer) = (&run.results.header, &run.results.footer);
    let backend = &header.backend;
    let ran = header.revisions.contains(&revision);
    let musts = run.results.checks.iter().filter(|check| check.level == Level::Must);
    let tally = if ran { Tally::of(musts, revision) } else { Tally::default() };
    let order = [
        Verdict::Pass,
        Verdict::Fail,
        Verdict::Crash,
        Verdict::Timeout,
        Verdict::Missing,
        Verdict::Unsupported,
        Verdict::Blocked,
        Verdict::NotTested,
        Verdict::Flaky,
    ];
    let rare = |v: Verdict| matches!(v, Verdict::Crash | Verdict::Timeout | Verdict::Flaky | Verdict::NotTested);
    let count = |v: Verdict| Count {
        mark: Mark::of(v),
        n: thousands(tally.get(v)),
        share: format!("{:.2}", 100.0 * tally.get(v) as f64 / tally.total().max(1) as f64),
    };
    let lesser = run.results.checks.iter().filter(|check| check.level != Level::Must && check.doubt.is_none() && !check.is_gap());
    let below = lesser.filter(|check| ran && deviation(check, revision).is_some());

    let library = if backend.library == backend.name { String::new() } else { backend.library.clone() };
    let mut facts = vec![library, backend.language.clone(), backend.platform.clone()];
    facts.extend(backend.also.iter().map(|(name, version)| format!("{name} {version}")));
    facts.retain(|fact| !fact.is_empty());

    let mut warnings = Vec::new();
    // That gaps are judged adds to a run.
    let partial: Vec<String> =
        header.options.iter().filter(|(name, _)| *name != GAPS).map(|(name, value)| format!("{name} {value}")).collect();
    if !partial.is_empty() {
        warnings.push(one_line(&format!("Not a whole run: {}.", partial.join(", ")), 200));
    }
    let published = |r: &Revision| Revision::published().contains(r);
    let mut conforms = footer.conforms.iter().filter(|(r, holds)| **holds && published(r)).map(|(r, _)| r.word());
    Card {
        label: run.label.clone(),
        facts: facts.iter().map(|fact| one_line(fact, 80)).collect(),
        newest: conforms.next_back(),
        claims: one_line(&backend.claims.join(", "), 80),
        ladder: footer.conforms.iter().map(|(r, conforms)| Rung { revision: r.word(), conforms: *conforms }).collect(),
        ran,
        counts: order.into_iter().filter(|v| !rare(*v) || tally.get(*v) > 0).map(count).collect(),
        below: below.count() as u64,
        calls: format!("{} calls in {:.1} s", thousands(footer.calls), footer.wall_s),
        warnings,
    }
}

/// The clauses of the revision at level must or should, or doubtful ones, that `keep` keeps of so many backends.
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
