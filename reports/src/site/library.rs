//! A library's page: what it claims and what holds, how far each revision is away, its deviations by cause, and how it was run.

use std::collections::{BTreeMap, BTreeSet};

use array_assay_format::{Check, CheckId, Counterexample, Level, Revision};
use serde::Serialize;

use super::index::deviating_musts;
use super::mark::{Mark, Piece, prose};
use super::{Label, Link, Run, Site};
use crate::Gate;
use crate::gate::deviation;
use crate::text::{count, dtypes, one_line, thousands, visible};
use crate::untested::Untested;

#[derive(Serialize)]
pub struct Page {
    root: &'static str,
    label: Label,
    /// Library, language and platform.
    facts: Vec<String>,
    claims: String,
    revision: &'static str,
    rungs: Vec<Rung>,
    causes: Vec<Cause>,
    deviations: usize,
    below: Vec<Deviation>,
    run: Vec<Fact>,
    has: Vec<Fact>,
    untested: Vec<Untold>,
}

/// How far a revision is away.
#[derive(Serialize)]
struct Rung {
    revision: &'static str,
    conforms: bool,
    deviations: String,
    /// The functions that deviate, each with a link to its first deviation.
    functions: Vec<Link>,
}

/// Deviations at level must that have a cause in common.
#[derive(Serialize)]
struct Cause {
    word: String,
    deviations: Vec<Deviation>,
}

#[derive(Serialize)]
struct Deviation {
    id: String,
    href: String,
    mark: Mark,
    level: &'static str,
    cause: String,
    dtypes: String,
    /// The smallest call that shows the deviation, the result and the expected result.
    example: Option<(String, String, String)>,
    /// What the library's baseline says of it.
    reasons: Vec<Vec<Piece>>,
}

#[derive(Serialize)]
struct Fact {
    name: &'static str,
    value: String,
}

#[derive(Serialize)]
struct Untold {
    what: String,
    why: String,
}

pub fn page(site: &Site<'_>, run: &Run<'_>) -> Page {
    let backend = &run.results.header.backend;
    let judged = |r: &Revision| run.results.header.revisions.contains(r);
    let revision = if judged(&site.front) { site.front } else { crate::gated_revision(&run.results.header) };
    let library = if backend.library == backend.name { String::new() } else { backend.library.clone() };
    let mut facts = vec![library, backend.language.clone(), backend.platform.clone()];
    facts.extend(backend.also.iter().map(|(name, version)| format!("{name} {version}")));
    facts.retain(|fact| !fact.is_empty());

    let found: Vec<(&Check, Deviation)> = run
        .results
        .checks
        .iter()
        .filter(|check| check.doubt.is_none() && !check.is_gap() && deviation(check, revision).is_some())
        .map(|check| (check, deviation_of(site, run, check, revision)))
        .collect();
    let (musts, below): (Vec<_>, Vec<_>) = found.into_iter().partition(|(check, _)| check.level == Level::Must);
    let deviations = musts.len();
    let mut causes: BTreeMap<String, Vec<Deviation>> = BTreeMap::new();
    for (_, found) in musts {
        causes.entry(found.cause.clone()).or_default().push(found);
    }
    let mut causes: Vec<Cause> = causes.into_iter().map(|(word, deviations)| Cause { word, deviations }).collect();
    causes.sort_by_key(|cause| std::cmp::Reverse(cause.deviations.len()));
    Page {
        root: "../",
        label: run.label.clone(),
        facts: facts.iter().map(|fact| one_line(fact, 80)).collect(),
        claims: one_line(&backend.claims.join(", "), 80),
        revision: revision.word(),
        rungs: site.revisions.iter().copied().filter(judged).map(|r| rung(site, run, r)).collect(),
        causes,
        deviations,
        below: below.into_iter().map(|(_, found)| found).collect(),
        run: how_it_ran(run),
        has: what_it_has(run),
        untested: untested(run, revision),
    }
}

fn rung(site: &Site<'_>, run: &Run<'_>, revision: Revision) -> Rung {
    let deviating = deviating_musts(run, revision);
    let mut functions: BTreeMap<(&str, &str), &CheckId> = BTreeMap::new();
    for id in &deviating {
        functions.entry((&id.category, &id.function)).or_insert(id);
    }
    let link = |((category, function), id): ((&str, &str), &CheckId)| Link {
        name: one_line(&format!("{category}/{function}"), 80),
        href: site.link(id).unwrap_or_default(),
    };
    Rung {
        revision: revision.word(),
        conforms: run.results.footer.conforms.get(&revision).copied().unwrap_or(deviating.is_empty()),
        deviations: format!("{} in {}", count(deviating.len(), "deviation"), count(functions.len(), "function")),
        functions: functions.into_iter().map(link).collect(),
    }
}

fn deviation_of(site: &Site<'_>, run: &Run<'_>, check: &Check, revision: Revision) -> Deviation {
    let deviating: Vec<_> = check.cells.iter().filter(|cell| cell.deviates()).collect();
    let causes: BTreeSet<&str> = deviating.iter().filter_map(|cell| cell.cause).map(|cause| cause.word()).collect();
    let verdict = deviation(check, revision).unwrap_or(check.verdict);
    let smallest = deviating.iter().filter_map(|cell| cell.counterexample.as_ref()).min_by_key(|found| super::cluster::size(found));
    let example = |found: &Counterexample| (one_line(&found.call, 200), one_line(&found.got, 120), one_line(&found.expected, 120));
    Deviation {
        id: visible(&check.id.to_string()),
        href: site.link(&check.id).unwrap_or_default(),
        mark: Mark::of(verdict),
        level: check.level.word(),
        cause: if causes.is_empty() { verdict.word().to_owned() } else { causes.into_iter().collect::<Vec<_>>().join(", ") },
        dtypes: dtypes(deviating.iter().map(|cell| cell.dtype.as_str())),
        example: smallest.map(example),
        reasons: run.known_of(check).map(|known| prose(&known.reason)).collect(),
    }
}

fn how_it_ran(run: &Run<'_>) -> Vec<Fact> {
    let (header, footer) = (&run.results.header, &run.results.footer);
    let fact = |name, value: String| Fact { name, value: one_line(&value, 400) };
    let mut facts = vec![
        fact("tool", format!("{} {}", header.tool.name, header.tool.version)),
        fact("seed", header.seed.to_string()),
        fact("cases of each stream", thousands(u64::from(header.cases))),
        fact("calls", format!("{} in {:.1} s, on {}", thousands(footer.calls), footer.wall_s, count(footer.workers as usize, "worker"))),
        fact("checks", thousands(footer.checks)),
        fact("workers started again", thousands(footer.restarts)),
    ];
    facts.extend(header.draft.as_ref().map(|commit| fact("commit of the draft", commit.clone())));
    let options: Vec<String> = header.options.iter().map(|(name, value)| format!("{name} {value}")).collect();
    facts.extend((!options.is_empty()).then(|| fact("options", options.join(", "))));
    facts
}

fn what_it_has(run: &Run<'_>) -> Vec<Fact> {
    let backend = &run.results.header.backend;
    let listed = |name, items: Vec<String>| (!items.is_empty()).then(|| Fact { name, value: one_line(&items.join(", "), 600) });
    let pairs = |map: &BTreeMap<String, String>| map.iter().map(|(name, why)| format!("{name} ({why})")).collect();
    let lacks = backend.capabilities.iter().filter(|(_, has)| !**has).map(|(name, _)| name.clone()).collect();
    let has = backend.capabilities.iter().filter(|(_, has)| **has).map(|(name, _)| name.clone()).collect();
    [
        listed("dtypes", backend.dtypes.clone()),
        listed("devices", backend.devices.clone()),
        listed("extensions", backend.extensions.clone()),
        listed("capabilities", has),
        listed("capabilities that it lacks", lacks),
        listed("scalars that it returns in place of arrays without axes", backend.scalars_for_arrays.clone()),
        listed("values that do not pass in and out unchanged", pairs(&backend.lost)),
        listed("memory layouts that could not be made", pairs(&backend.withdrawn_layouts)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn untested(run: &Run<'_>, revision: Revision) -> Vec<Untold> {
    let gate = Gate { revision, level: Level::Must, expected: &|_| false, expected_cell: &|_, _| false };
    Untested::of(run.results, &gate).lines().map(|(what, why)| Untold { what: one_line(&what, 160), why: one_line(why, 300) }).collect()
}
