//! Versions of a library: the share of checks that pass by revision, and what each version fixed and broke.

use array_assay_format::{Level, Results, Revision, Verdict};
use serde::Serialize;

use super::mark::{Cell, Mark};
use super::model::{Function, Label, Site};
use super::names::{self, Link};
use crate::compare::{Change, compare};
use crate::text::{dtypes, one_line, visible};

/// What changed from one version of a library to the next.
pub struct Step {
    /// The place of the earlier run.
    pub from: usize,
    pub to: usize,
    /// The changes, by the names of [`LISTS`].
    pub lists: [Vec<Changed>; 5],
    /// Differences of the two runs, other than the version, that may explain changes.
    pub notes: Vec<String>,
}

/// A check that changed.
#[derive(Serialize)]
pub struct Changed {
    pub id: String,
    #[serde(skip)]
    of: array_assay_format::CheckId,
    pub level: &'static str,
    /// The verdicts before and after, and the dtypes.
    pub says: String,
}

/// The names of the lists of a step.
pub const LISTS: [&str; 5] = ["fixed", "broken", "new crashes", "newly missing", "judged for the first time, and deviating"];

impl Step {
    /// Compares the results of two versions. Gaps, doubtful clauses and matters of quality are left out.
    pub fn between(from: usize, old: &Results, to: usize, new: &Results) -> Step {
        let comparison = compare(old, new);
        let doubtful: std::collections::BTreeSet<_> = new
            .checks
            .iter()
            .filter(|check| check.doubt.is_some() || !check.is_of_standard() || check.level == Level::Quality)
            .map(|check| &check.id)
            .collect();
        // What could not be judged before did not break.
        let first = |change: &&Change| matches!(change.old, Some(Verdict::Blocked | Verdict::NotTested));
        let list = |changes: &[Change], keep: &dyn Fn(&&Change) -> bool| -> Vec<Changed> {
            changes.iter().filter(|change| !doubtful.contains(&change.id)).filter(keep).map(changed).collect()
        };
        let all = |_: &&Change| true;
        // What adds to a run changes nothing of the checks of the standard.
        let same_options = old.header.restrictions().eq(new.header.restrictions());
        let telling = |note: &&String| {
            let expected = ["backend:", "version:", "library:"].iter().any(|what| note.starts_with(what));
            !(expected || same_options && note.starts_with("options:"))
        };
        Step {
            from,
            to,
            lists: [
                list(&comparison.fixed, &all),
                list(&comparison.broken, &|change| !first(change)),
                list(&comparison.new_crashes, &all),
                list(&comparison.newly_missing, &all),
                list(&comparison.broken, &first),
            ],
            notes: comparison.notes.iter().filter(telling).map(|note| one_line(note, 200)).collect(),
        }
    }
}

fn changed(change: &Change) -> Changed {
    let mut says = match (change.old, change.new) {
        (Some(old), Some(new)) if old != new => format!("{old} → {new}"),
        (old, new) => new.or(old).map(|verdict| verdict.to_string()).unwrap_or_default(),
    };
    if let Some(cause) = change.cause {
        says.push_str(&format!(", {cause}"));
    }
    let on = dtypes(change.cells.iter().map(String::as_str));
    if !on.is_empty() {
        says.push_str(&format!(", {on}"));
    }
    Changed { id: visible(&change.id.to_string()), of: change.id.clone(), level: change.level.word(), says }
}

/// The page of a library's versions.
pub fn page_path(label: &Label) -> String {
    label.href.replacen("libraries/", "versions/", 1)
}

/// The checks at level must that pass, and those that could have: without what was not tested and what the standard permits to lack.
pub fn share(site: &Site, run: usize, revision: Revision) -> Option<(usize, usize)> {
    if !site.runs[run].judged_by(revision) {
        return None;
    }
    let (mut passed, mut all) = (0, 0);
    let musts = site.functions.iter().filter(|function| !function.is_gap()).flat_map(|function| &function.checks);
    for facts in musts.filter(|facts| facts.level == Level::Must && facts.doubt.is_none()) {
        let Some(judged) = facts.of_run(run) else { continue };
        match judged.at(revision) {
            Some(Verdict::Pass) => (passed, all) = (passed + 1, all + 1),
            None | Some(Verdict::NotTested) => {}
            Some(Verdict::Unsupported) if judged.deviation(revision).is_none() => {}
            Some(_) => all += 1,
        }
    }
    (all > 0).then_some((passed, all))
}

fn per_cent((passed, all): (usize, usize)) -> f64 {
    // Rounded down, so that a single deviation shows.
    (passed as f64 / all as f64 * 1000.0).floor() / 10.0
}

/// The versions of a library, on the page of one of them.
#[derive(Serialize)]
pub struct Strip {
    page: String,
    versions: Vec<(Label, bool)>,
}

pub fn strip(site: &Site, at: usize) -> Option<Strip> {
    let versions = site.libraries().into_iter().find(|versions| versions.contains(&at) && versions.len() > 1)?;
    let newest = versions.last()?;
    Some(Strip {
        page: page_path(&site.runs[*newest].label),
        versions: versions.iter().map(|run| (site.runs[*run].label.clone(), *run == at)).collect(),
    })
}

/// A function over the versions of one library.
#[derive(Serialize)]
pub struct Line {
    label: Label,
    /// Versions in a row with the same mark, such as `1.23.5 to 1.26.4`.
    versions: Vec<(String, Mark)>,
    /// From which version on the function passes.
    says: String,
}

/// The function over the versions of each library that has several.
pub fn lines(site: &Site, function: &Function) -> Vec<Line> {
    let mut lines = Vec::new();
    for versions in site.libraries().into_iter().filter(|versions| versions.len() > 1) {
        let mark = |run: &usize| {
            let of = &site.runs[*run];
            let standing = function.standing(*run, of, of.revision(site.front))?;
            Some((of.label.version.clone(), Cell::of(standing, false).mark))
        };
        let marks: Vec<(String, Mark)> = versions.iter().filter_map(mark).collect();
        let Some(label) = versions.last().map(|run| site.runs[*run].label.clone()) else { continue };
        if marks.len() > 1 {
            lines.push(Line { says: says(&marks), label, versions: in_a_row(&marks) });
        }
    }
    lines
}

/// Versions in a row with the same mark, each such row as one.
fn in_a_row(marks: &[(String, Mark)]) -> Vec<(String, Mark)> {
    let rows = marks.chunk_by(|a, b| a.1 == b.1);
    rows.filter_map(|row| match row {
        [] => None,
        [one] => Some(one.clone()),
        [first, .., last] => Some((format!("{} to {}", first.0, last.0), last.1)),
    })
    .collect()
}

/// In words: since when it passes, or that nothing changed.
fn says(marks: &[(String, Mark)]) -> String {
    let pass = Mark::of(Verdict::Pass);
    let last = marks.len() - 1;
    if marks.iter().all(|(_, mark)| *mark == marks[last].1) {
        return format!("the same in all {} versions", marks.len());
    }
    let same = marks.iter().rposition(|(_, mark)| *mark != marks[last].1).map_or(0, |at| at + 1);
    match marks[last].1 == pass {
        true => format!("passes as of {}", marks[same].0),
        false => format!("{} as of {}", marks[last].1.word, marks[same].0),
    }
}

#[derive(Serialize)]
pub struct Overview {
    root: &'static str,
    libraries: Vec<Library>,
}

#[derive(Serialize)]
pub struct Page {
    root: &'static str,
    library: Library,
}

#[derive(Serialize)]
struct Library {
    label: Label,
    page: String,
    chart: Option<Chart>,
    revisions: Vec<&'static str>,
    versions: Vec<Version>,
}

#[derive(Serialize)]
struct Version {
    label: Label,
    day: Option<String>,
    /// By revision, in per cent.
    shares: Vec<Option<String>>,
    step: Option<StepRow>,
}

#[derive(Serialize)]
struct StepRow {
    fixed: usize,
    broken: usize,
    lists: Vec<List>,
    notes: Vec<String>,
}

#[derive(Serialize)]
struct List {
    name: &'static str,
    n: usize,
    functions: Vec<OfFunction>,
    more: usize,
}

/// The changes of one function.
#[derive(Serialize)]
struct OfFunction {
    function: Link,
    checks: Vec<(Link, String)>,
    more: usize,
}

/// Lines over versions, one for each revision. Lengths are in the units of the picture.
#[derive(Serialize)]
struct Chart {
    width: usize,
    lines: Vec<ChartLine>,
    ticks: Vec<(String, String)>,
    grid: Vec<(String, String)>,
    says: String,
}

#[derive(Serialize)]
struct ChartLine {
    revision: &'static str,
    class: usize,
    points: String,
    dots: Vec<(String, String, String)>,
    /// The height of the label at the right.
    y: String,
}

/// The overview of all libraries of which there are several versions.
pub fn overview(site: &Site, steps: &[Step]) -> Option<Overview> {
    let libraries: Vec<Library> =
        site.libraries().iter().filter(|versions| versions.len() > 1).map(|versions| library(site, steps, versions, false)).collect();
    (!libraries.is_empty()).then_some(Overview { root: "", libraries })
}

/// The pages of the libraries of which there are several versions, with their paths.
pub fn pages(site: &Site, steps: &[Step]) -> Vec<(String, Page)> {
    let several = site.libraries().into_iter().filter(|versions| versions.len() > 1);
    several
        .map(|versions| {
            let library = library(site, steps, &versions, true);
            (library.page.clone(), Page { root: "../", library })
        })
        .collect()
}

fn library(site: &Site, steps: &[Step], versions: &[usize], whole: bool) -> Library {
    let newest = &site.runs[versions[versions.len() - 1]];
    let revisions: Vec<Revision> =
        site.revisions.iter().copied().filter(|r| versions.iter().any(|run| site.runs[*run].judged_by(*r))).collect();
    let version = |run: &usize| Version {
        label: site.runs[*run].label.clone(),
        day: site.runs[*run].day().map(str::to_owned),
        shares: revisions.iter().map(|r| share(site, *run, *r).map(|share| format!("{:.1}", per_cent(share)))).collect(),
        step: steps.iter().find(|step| step.to == *run).map(|step| step_row(site, step, whole)),
    };
    Library {
        label: newest.label.clone(),
        page: page_path(&newest.label),
        chart: chart(site, versions, &revisions),
        revisions: revisions.iter().map(|revision| revision.word()).collect(),
        versions: versions.iter().map(version).collect(),
    }
}

fn step_row(site: &Site, step: &Step, whole: bool) -> StepRow {
    let lists = step.lists.iter().zip(LISTS).filter(|(list, _)| whole && !list.is_empty());
    StepRow {
        fixed: step.lists[0].len(),
        broken: step.lists[1..4].iter().map(Vec::len).sum(),
        lists: lists.map(|(list, name)| listed(site, name, list)).collect(),
        notes: step.notes.clone(),
    }
}

/// The changes by function, so that a list of hundreds of checks can be read.
fn listed(site: &Site, name: &'static str, list: &[Changed]) -> List {
    /// The largest number of functions of a list, and of checks of a function.
    const SHOWN: (usize, usize) = (120, 6);
    let mut functions: std::collections::BTreeMap<(&str, &str), Vec<&Changed>> = std::collections::BTreeMap::new();
    for change in list {
        functions.entry((&change.of.category, &change.of.function)).or_default().push(change);
    }
    let of_function = |((category, name), changes): (&(&str, &str), &Vec<&Changed>)| OfFunction {
        function: Link {
            name: one_line(&format!("{category}/{name}"), 80),
            href: site.function(category, name).map(|function| function.page.clone()).unwrap_or_default(),
        },
        checks: changes
            .iter()
            .take(SHOWN.1)
            .map(|change| {
                let link = Link { name: visible(&names::short(&change.of)), href: site.link(&change.of).unwrap_or_default() };
                (link, change.says.clone())
            })
            .collect(),
        more: changes.len().saturating_sub(SHOWN.1),
    };
    List {
        name,
        n: list.len(),
        functions: functions.iter().take(SHOWN.0).map(of_function).collect(),
        more: functions.len().saturating_sub(SHOWN.0),
    }
}

fn chart(site: &Site, versions: &[usize], revisions: &[Revision]) -> Option<Chart> {
    const HEIGHT: f64 = 150.0;
    let at_x = |i: usize| 40.0 + 84.0 * i as f64;
    let mut all: Vec<(Revision, Vec<(usize, f64)>)> = Vec::new();
    for revision in revisions {
        let shares = versions.iter().enumerate().filter_map(|(i, run)| Some((i, per_cent(share(site, *run, *revision)?))));
        all.push((*revision, shares.collect()));
    }
    let lowest = all.iter().flat_map(|(_, points)| points).map(|(_, share)| *share).reduce(f64::min)?;
    let low = ((lowest - 2.0) / 10.0).floor().max(0.0) * 10.0;
    let y = |share: f64| 12.0 + (HEIGHT - 24.0) * (1.0 - (share - low) / (100.0 - low));
    let mut lines: Vec<ChartLine> = Vec::new();
    let mut taken: Vec<f64> = Vec::new();
    for (at, (revision, points)) in all.iter().enumerate().rev() {
        let Some((_, last)) = points.last() else { continue };
        // Labels stand at the ends of their lines, and below each other where these meet.
        let mut label = y(*last) + 4.0;
        while taken.iter().any(|other| (other - label).abs() < 12.0) {
            label += 1.0;
        }
        taken.push(label);
        let place = |(i, share): &(usize, f64)| (format!("{:.0}", at_x(*i)), format!("{:.1}", y(*share)));
        let dot = |point: &(usize, f64)| {
            let (x, y) = place(point);
            (x, y, format!("{} {}: {:.1} %", site.runs[versions[point.0]].label.version, revision, point.1))
        };
        lines.push(ChartLine {
            revision: revision.word(),
            class: at,
            points: points.iter().map(place).map(|(x, y)| format!("{x},{y}")).collect::<Vec<_>>().join(" "),
            dots: points.iter().map(dot).collect(),
            y: format!("{label:.1}"),
        });
    }
    let step = if 100.0 - low > 40.0 { 20.0 } else { 10.0 };
    let levels = std::iter::successors(Some(100.0), |level| Some(level - step)).take_while(|level| *level >= low);
    Some(Chart {
        width: 100 + 84 * versions.len(),
        lines,
        ticks: versions
            .iter()
            .enumerate()
            .map(|(i, run)| (format!("{:.0}", at_x(i)), one_line(&site.runs[*run].label.version, 9)))
            .collect(),
        grid: levels.map(|level| (format!("{:.1}", y(level)), format!("{level:.0}"))).collect(),
        says: format!("Checks that pass, in per cent, over {} versions", versions.len()),
    })
}

/// The page on which a reader compares any two runs.
#[derive(Serialize)]
pub struct Comparable {
    root: &'static str,
    labels: Vec<Label>,
    versions: bool,
}

pub fn comparable(site: &Site) -> Comparable {
    Comparable {
        root: "",
        labels: site.runs.iter().map(|run| run.label.clone()).collect(),
        versions: site.runs.iter().any(|run| !run.newest),
    }
}
