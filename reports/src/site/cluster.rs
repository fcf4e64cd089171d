//! Clusters: libraries that deviate from a check in the same way, with the calls that show it.

use std::collections::{BTreeMap, BTreeSet};

use array_assay_format::{Cell, Check, Counterexample, Level, Verdict};
use serde::Serialize;

use super::mark::{Mark, Piece, deviates, prose, verdict};
use super::{Label, Run, Site, names};
use crate::text::{dtypes, thousands, visible};

/// A library, and its result for a check.
pub type Judged<'r> = (&'r Run<'r>, &'r Check);

/// Libraries that deviate from a check in the same way, with the smallest call that shows it.
#[derive(Serialize)]
pub struct Cluster {
    mark: Mark,
    deviates: bool,
    cause: String,
    members: Vec<Member>,
    /// The dtypes of all members, if they are the same for each.
    dtypes: String,
    notes: Vec<String>,
    /// What is known of the deviations, each reason once.
    known: Vec<Reason>,
    example: Option<Example>,
    /// Other calls, each of another library or dtype.
    more: Vec<Example>,
}

/// A reason, and the libraries whose baselines give it.
#[derive(Serialize)]
struct Reason {
    libraries: String,
    text: Vec<Piece>,
    link: Option<String>,
}

/// A library of a cluster, with its dtypes where these differ among the members.
#[derive(Serialize)]
struct Member {
    label: Label,
    dtypes: String,
}

#[derive(Serialize, PartialEq)]
struct Example {
    /// Library, dtype and device.
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

/// The cells of a check that deviate, or for which the library lacks something.
fn failing(check: &Check) -> Vec<&Cell> {
    check.cells.iter().filter(|cell| !matches!(cell.verdict, Verdict::Pass | Verdict::Blocked | Verdict::NotTested)).collect()
}

/// Whether a library deviates from a check, or lacks something for it.
pub fn shows(site: &Site<'_>, check: &Check) -> bool {
    deviates(check, site.front) || !failing(check).is_empty()
}

/// The libraries that deviate, in groups with the same verdict, causes and kinds of deviation.
pub fn clusters(site: &Site<'_>, runs: &[Judged<'_>]) -> Vec<Cluster> {
    let mut groups: Vec<(Vec<String>, Vec<Judged<'_>>)> = Vec::new();
    for (run, check) in runs.iter().filter(|(_, check)| shows(site, check)) {
        let key = way(site, check);
        match groups.iter_mut().find(|(other, _)| *other == key) {
            Some((_, members)) => members.push((run, check)),
            None => groups.push((key, vec![(run, check)])),
        }
    }
    groups.sort_by_key(|(_, members)| std::cmp::Reverse(members.len()));
    groups.into_iter().map(|(_, members)| cluster(site, &members)).collect()
}

/// The way in which a check deviates, as words. Libraries with the same words form a cluster.
fn way(site: &Site<'_>, check: &Check) -> Vec<String> {
    let mut words = vec![verdict(check, site.front).word().to_owned(), causes(check)];
    let kinds: BTreeSet<&str> =
        failing(check).iter().flat_map(|cell| cell.kinds.values()).flat_map(BTreeMap::keys).map(String::as_str).collect();
    words.extend(kinds.into_iter().map(str::to_owned));
    words
}

fn causes(check: &Check) -> String {
    let causes: BTreeSet<&str> = failing(check).iter().filter_map(|cell| cell.cause).map(|cause| cause.word()).collect();
    causes.into_iter().collect::<Vec<_>>().join(", ")
}

fn cluster(site: &Site<'_>, members: &[Judged<'_>]) -> Cluster {
    let first = members[0].1;
    let of = |check: &Check| dtypes(failing(check).iter().map(|cell| cell.dtype.as_str()));
    let alike = members.iter().all(|(_, check)| of(check) == of(first));
    let mut examples: Vec<(&Run<'_>, &Cell, &Counterexample)> = members
        .iter()
        .flat_map(|(run, check)| failing(check).into_iter().filter_map(|cell| Some((*run, cell, cell.counterexample.as_ref()?))))
        .collect();
    examples.sort_by_key(|(_, _, found)| size(found));
    let mut calls = BTreeSet::new();
    examples.retain(|(_, _, found)| calls.insert((found.call.as_str(), found.got.as_str())));
    let mut examples = examples.into_iter().map(|(run, cell, found)| example(&run.label, cell, found, first.level));
    let mut worth_knowing: Vec<String> = Vec::new();
    for note in members.iter().flat_map(|(run, check)| notes(run, check)) {
        if !worth_knowing.contains(&note) {
            worth_knowing.push(note);
        }
    }
    Cluster {
        mark: Mark::of(verdict(first, site.front)),
        deviates: deviates(first, site.front),
        cause: causes(first),
        members: members
            .iter()
            .map(|(run, check)| Member { label: run.label.clone(), dtypes: if alike { String::new() } else { of(check) } })
            .collect(),
        dtypes: if alike { of(first) } else { String::new() },
        notes: worth_knowing,
        known: reasons(members),
        example: examples.next(),
        more: examples.take(MORE).collect(),
    }
}

/// The reasons that the baselines of the libraries give, each once.
fn reasons(members: &[Judged<'_>]) -> Vec<Reason> {
    let mut found: BTreeMap<(&str, Option<&str>), Vec<&str>> = BTreeMap::new();
    for (run, check) in members {
        for known in run.known_of(check) {
            let libraries = found.entry((&known.reason, known.link.as_deref())).or_default();
            if libraries.last() != Some(&run.label.name.as_str()) {
                libraries.push(&run.label.name);
            }
        }
    }
    let reason = |((text, link), libraries): (_, Vec<&str>)| Reason {
        libraries: libraries.join(", "),
        text: prose(text),
        link: Option::and_then(link, names::web).map(str::to_owned),
    };
    found.into_iter().map(reason).collect()
}

/// The number of other calls that a cluster shows; the results files hold one for each dtype.
const MORE: usize = 5;

/// The size of a counterexample, to show the smallest first: number of elements, then length of the call.
pub fn size(found: &Counterexample) -> (usize, usize) {
    (found.program.inputs.iter().map(|array| array.len()).sum(), found.call.len())
}

/// The notes of a check, each once with its dtypes. That scalars count as arrays is on the library's page.
pub fn notes(run: &Run<'_>, check: &Check) -> Vec<String> {
    let sum = |of: fn(&Cell) -> u64| check.cells.iter().map(of).sum::<u64>();
    let (flushed, alternative) = (sum(|cell| cell.classes.flushed), sum(|cell| cell.classes.alternative));
    let mut notes = Vec::new();
    if flushed > 0 {
        notes.push(format!("{} elements are right if subnormal numbers are taken as zero", thousands(flushed)));
    }
    if alternative > 0 {
        notes.push(format!("{} elements have another result that the text allows", thousands(alternative)));
    }
    let scalars = &run.results.header.backend.scalars_for_arrays;
    let mut of_cells: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for cell in &check.cells {
        if let Some(note) = cell.note.as_deref().filter(|note| !scalars.iter().any(|scalar| note.contains(scalar.as_str()))) {
            of_cells.entry(note).or_default().push(&cell.dtype);
        }
    }
    notes.extend(of_cells.into_iter().map(|(note, of)| match dtypes(of.iter().copied()) {
        none if none.is_empty() => visible(note),
        dtypes => visible(&format!("{dtypes}: {note}")),
    }));
    let idle = check.exercised.iter().filter(|(_, cases)| **cases == 0 && check.verdict.is_judged());
    notes.extend(idle.map(|(slug, _)| visible(&format!("the clause `{slug}` was not tested, because no judged call met its condition"))));
    notes
}

fn example(label: &Label, cell: &Cell, found: &Counterexample, level: Level) -> Example {
    let mut place = vec![
        label.name.clone(),
        visible(&cell.dtype),
        if cell.device.is_empty() { String::new() } else { format!("on {}", visible(&cell.device)) },
    ];
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
