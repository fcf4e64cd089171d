//! The page of consumers: which library runs which workload, what stands in the way, and how often.

use std::collections::{BTreeMap, BTreeSet};

use array_assay_format::Check;
use array_assay_spec::Spec;
use array_assay_spec::consumer::profiles;
use serde::Serialize;

use super::background::Background;
use super::claims::{self, FreedomRow, Group, Workload};
use super::model::{Label, Run, Site};
use super::names::Names;
use super::replays::{Cell, cell};
use super::workload::{self, Replayed};
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
    claims: Vec<Group>,
    freedoms: Vec<FreedomRow>,
}

#[derive(Serialize)]
struct Row {
    /// The consumer and the workload's name.
    name: String,
    says: String,
    /// The page of the workload.
    href: String,
    /// The cells, one a library.
    cells: Vec<Option<Cell>>,
}

#[derive(Serialize)]
struct LibraryImpact {
    label: Label,
    rows: Vec<ImpactRow>,
    /// How many functions deviate from the standard, and how many of these block no workload. `None` if the run judged consumers alone.
    reach: Option<(usize, usize)>,
}

/// A function, and the numbers of workloads that it blocks alone, at all, and first.
#[derive(Serialize)]
struct ImpactRow {
    function: String,
    only: usize,
    any: usize,
    first: usize,
    /// The workloads that it blocks.
    workloads: Vec<Workload>,
}

/// The overview, and the page of each workload with its path. `None` if no run replayed a consumer.
pub fn pages(site: &Site, background: Option<&Background>) -> Option<(Page, Vec<(String, workload::Page)>)> {
    let runs: Vec<(usize, &Run)> = site.runs.iter().enumerate().filter(|(_, run)| !run.replays.is_empty()).collect();
    let replays: Vec<BTreeMap<&str, &Check>> =
        runs.iter().map(|(_, run)| run.replays.iter().map(|check| (check.id.function.as_str(), check)).collect()).collect();
    let functions: BTreeSet<&str> = replays.iter().flat_map(|of| of.keys().copied()).collect();
    if functions.is_empty() {
        return None;
    }
    let profiles = profiles().unwrap_or_default();
    let (mut names, mut rows, mut pages) = (Names::default(), Vec::new(), Vec::new());
    for function in functions.iter().copied() {
        let checks: Vec<Option<&Check>> = replays.iter().map(|of| of.get(function).copied()).collect();
        let says = checks.iter().flatten().find_map(|check| check.consumer.as_ref()).map(|record| record.says.clone());
        let replayed = runs.iter().zip(&checks).filter_map(|((run, of), check)| {
            let truth = background.and_then(|background| background.consumers.truth.get(&of.header.backend.name));
            let really = truth.into_iter().flatten().filter(|really| really.workload == function).collect();
            Some(Replayed { run: *run, check: (*check)?, really })
        });
        let replayed: Vec<Replayed<'_>> = replayed.collect();
        let href = names.workload(function);
        let profile = profiles.iter().find(|profile| profile.function() == function);
        pages.push((href.clone(), workload::page(site, function, &replayed, profile)));
        rows.push(Row {
            name: one_line(function, 120),
            says: one_line(&says.unwrap_or_default(), 200),
            href,
            cells: checks.iter().map(|check| check.map(cell)).collect(),
        });
    }
    let of_workload: BTreeMap<&str, String> = functions.iter().copied().zip(pages.iter().map(|(path, _)| path.clone())).collect();
    let overview = Page {
        root: "",
        labels: runs.iter().map(|(_, run)| run.label.clone()).collect(),
        rows,
        impacts: runs.iter().map(|(at, _)| impact(site, *at, &of_workload)).filter(|impact| !impact.rows.is_empty()).collect(),
        claims: background.map(|background| claims::groups(&background.consumers.claims, &of_workload)).unwrap_or_default(),
        freedoms: background.map(|background| claims::freedoms(site, &background.consumers.freedoms, &of_workload)).unwrap_or_default(),
    };
    Some((overview, pages))
}

/// What blocks workloads in a run.
fn impact(site: &Site, run: usize, pages: &BTreeMap<&str, String>) -> LibraryImpact {
    let ranked = impacts(&site.runs[run].replays);
    let reach = reach(site, run, &ranked);
    let row = |impact: Impact| ImpactRow {
        function: one_line(&impact.function, 80),
        only: impact.only.len(),
        any: impact.any.len(),
        first: impact.first.len(),
        workloads: impact.any.iter().map(|name| Workload::of(name, pages)).collect(),
    };
    LibraryImpact { label: site.runs[run].label.clone(), rows: ranked.into_iter().take(RANKED).map(row).collect(), reach }
}

/// How many functions deviate from the standard in a run, and how many of these block no workload.
fn reach(site: &Site, run: usize, impacts: &[Impact]) -> Option<(usize, usize)> {
    let deviating = site.deviating(run, site.runs[run].revision(site.front));
    let blocks = |category: &str, name: &str| {
        let mut functions = Spec::embedded().with_gaps().filter(|function| function.category == category && function.name == name);
        functions.any(|function| impacts.iter().any(|impact| impact.function == function.path()))
    };
    let idle = deviating.iter().filter(|(function, _)| !blocks(&function.category, &function.name)).count();
    (!deviating.is_empty()).then_some((deviating.len(), idle))
}
