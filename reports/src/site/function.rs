//! A function's page: libraries by dtypes, what deviates and where, accuracy, and what the standard says of it by revision.

use std::collections::{BTreeMap, BTreeSet};

use array_assay_format::{Cell, Level, Revision, Verdict};
use serde::Serialize;

use super::cluster::{Cluster, Example};
use super::mark::{Mark, Piece, prose};
use super::model::{COLUMNS, Facts, Function, Label, Site, column_names};
use super::names::Link;
use super::{accuracy, names, versions};
use crate::text::{one_line, visible};

#[derive(Serialize)]
pub struct Page {
    root: &'static str,
    name: String,
    category: String,
    signature: String,
    gap: bool,
    revision: &'static str,
    since: &'static str,
    standard: Option<String>,
    twin: String,
    answer: Vec<Answer>,
    previous: Option<Link>,
    next: Option<Link>,
    columns: Vec<Column>,
    rows: Vec<Row>,
    older: Vec<versions::Line>,
    errors: Option<accuracy::Picture>,
    ratios: Option<accuracy::Picture>,
    /// Checks with deviations at level must, then those with other deviations and questions, then the others.
    deviating: Vec<Entry>,
    lesser: Vec<Entry>,
    holding: Vec<Entry>,
    /// Libraries on which some of the others could not be judged, by the check that prevents it.
    blocked: Vec<(String, Link)>,
    history: Vec<Change>,
    /// The number of scripts that were left out to keep the page small.
    left_out: usize,
}

/// How many libraries stand alike.
#[derive(Serialize)]
struct Answer {
    mark: Mark,
    libraries: usize,
    says: &'static str,
}

#[derive(Serialize)]
struct Column {
    name: &'static str,
    short: &'static str,
}

#[derive(Serialize)]
struct Row {
    label: Label,
    /// `None` if the library was not judged by the revision.
    mark: Option<Mark>,
    says: String,
    cells: Vec<Option<Spot>>,
    deviations: Vec<Link>,
    more: usize,
}

#[derive(Serialize)]
struct Spot {
    mark: Mark,
    /// The checks that do not pass.
    says: String,
}

#[derive(Serialize)]
struct Change {
    revision: &'static str,
    says: Vec<Vec<Piece>>,
    more: usize,
}

/// A check with the results of the newest runs.
#[derive(Serialize)]
struct Entry {
    id: String,
    anchor: String,
    short: String,
    level: &'static str,
    span: Option<String>,
    says: Vec<Piece>,
    /// Where the standard says it, if that is not the function's own page.
    url: Option<String>,
    doubt: Option<String>,
    deviates: bool,
    /// The number of libraries by verdict, without those that pass.
    verdicts: Vec<(Mark, usize)>,
    passing: usize,
    clusters: Vec<Shown>,
    /// Libraries that could not be judged, by the check that prevents it.
    blocked: Vec<(String, Link)>,
    /// Libraries for which a clause of the check was not tested.
    idle: Option<String>,
}

/// A cluster as the page shows it.
#[derive(Serialize)]
struct Shown {
    mark: Mark,
    deviates: bool,
    cause: String,
    members: Vec<(Label, String)>,
    /// The dtypes of all members, if they are the same for each.
    dtypes: String,
    notes: Vec<String>,
    reasons: Vec<(String, Vec<Piece>, Option<String>)>,
    example: Option<Found>,
    more: Vec<Found>,
    script: Option<Script>,
}

#[derive(Serialize)]
struct Found {
    place: String,
    share: String,
    call: String,
    expected: String,
    got: String,
    step: Option<String>,
    note: Option<String>,
}

#[derive(Serialize)]
struct Script {
    language: &'static str,
    text: String,
    before: String,
    after: String,
}

/// The largest number of bytes of the scripts and bug reports of one page.
const SCRIPTS: usize = 110_000;

pub fn page(site: &Site, at: usize) -> Page {
    let function = &site.functions[at];
    let link = |i: usize| {
        let other = site.functions.get(i)?;
        Some(Link { name: one_line(&format!("{}/{}", other.category, other.name), 60), href: other.page.clone() })
    };
    let grid = grid(site, function);
    let mut budget = SCRIPTS;
    let mut left_out = 0;
    let (mut deviating, mut lesser, mut holding) = (Vec::new(), Vec::new(), Vec::new());
    let standard = standard(function);
    for facts in &function.checks {
        let entry = Entry {
            // The head of the page has this link.
            url: facts.clause.as_ref().and_then(|(_, url)| url.clone()).filter(|url| Some(url) != standard.as_ref()),
            ..entry(site, facts, &mut budget, &mut left_out)
        };
        let shows = entry.deviates || entry.doubt.is_some() || !entry.clusters.is_empty();
        let must = facts.level == Level::Must && facts.doubt.is_none() || facts.is_gap();
        match (shows, must && entry.deviates) {
            (true, true) => deviating.push(entry),
            (true, false) => lesser.push(entry),
            _ => holding.push(entry),
        }
    }
    Page {
        root: "../../",
        name: one_line(&function.name, 80),
        category: one_line(&function.category, 80),
        signature: signature(function),
        gap: function.is_gap(),
        revision: site.front.word(),
        since: function.since().word(),
        standard,
        twin: format!("{}.json", function.page.trim_end_matches(".html")),
        answer: answer(&grid.1),
        previous: at.checked_sub(1).and_then(link),
        next: link(at + 1),
        columns: grid.0,
        rows: grid.1,
        older: versions::lines(site, function),
        errors: accuracy::errors(site, function),
        ratios: accuracy::ratios(site, function),
        deviating,
        lesser,
        blocked: blocked(&holding),
        holding,
        history: history(function),
        left_out,
    }
}

/// Who could not be judged by some of the checks, and why, each once.
fn blocked(checks: &[Entry]) -> Vec<(String, Link)> {
    let mut all: BTreeMap<(&str, &str), &Link> = BTreeMap::new();
    all.extend(checks.iter().flat_map(|check| &check.blocked).map(|(of, by)| ((by.name.as_str(), of.as_str()), by)));
    all.into_iter().map(|((_, of), by)| (of.to_owned(), by.clone())).collect()
}

/// The call, as one types it.
fn signature(function: &Function) -> String {
    if let Some(typed) = function.typed() {
        return typed;
    }
    let prefix = function.spelled.rsplit_once('.').map_or(String::new(), |(path, _)| format!("{path}."));
    match function.signature() {
        Some(call) if !call.starts_with(&prefix) => one_line(&format!("{prefix}{call}"), 200),
        Some(call) => one_line(call, 200),
        None => function.spelled.clone(),
    }
}

/// The page of the standard that describes the function. The page of an older revision is taken only if all checks have ended.
fn standard(function: &Function) -> Option<String> {
    let clauses = function.checks.iter().filter_map(|facts| Some((facts.until.is_some(), facts.clause.as_ref()?.1.as_deref()?)));
    let (_, url) = clauses.min_by_key(|(ended, _)| *ended)?;
    Some(url.split('#').next().unwrap_or(url).to_owned())
}

/// The libraries by dtypes: the gravest verdict of the checks that a gate counts.
fn grid(site: &Site, function: &Function) -> (Vec<Column>, Vec<Row>) {
    let counted: Vec<&Facts> = function.checks.iter().filter(|facts| facts.counts()).collect();
    let used = |column: &usize| {
        counted.iter().flat_map(|facts| &facts.judged).any(|(run, judged)| site.runs[*run].newest && judged.columns[*column].is_some())
    };
    let columns: Vec<usize> = (0..COLUMNS).filter(used).collect();
    let all = column_names();
    let rows = site.newest().map(|(run, _)| row(site, function, &counted, run, &columns)).collect();
    (columns.iter().map(|column| Column { name: all[*column].0, short: all[*column].1 }).collect(), rows)
}

fn row(site: &Site, function: &Function, counted: &[&Facts], at: usize, columns: &[usize]) -> Row {
    /// The largest number of links in a row. The deviations below show all.
    const SHOWN: usize = 2;
    let run = &site.runs[at];
    let standing = function.standing(at, run, site.front);
    let polyfilled = site.without_polyfills(at).is_some_and(|other| function.present(other) == Some(false));
    let cell = |column: &usize| {
        let verdicts = counted.iter().filter_map(|facts| Some((*facts, facts.of_run(at)?.columns[*column]?)));
        let verdicts: Vec<(&Facts, Verdict)> = verdicts.collect();
        let verdict = Cell::overall(verdicts.iter().map(|(_, verdict)| *verdict))?;
        let of: Vec<String> = verdicts.iter().filter(|(_, v)| *v == verdict).map(|(facts, _)| names::short(&facts.id)).collect();
        let more = if of.len() > 4 { format!(" and {} more", of.len() - 4) } else { String::new() };
        let says = if verdict == Verdict::Pass { String::new() } else { format!("{}{more}", of[..of.len().min(4)].join(", ")) };
        Some(Spot { mark: Mark::of(verdict), says: visible(&says) })
    };
    let mut deviating: Vec<&Facts> = function
        .checks
        .iter()
        .filter(|facts| facts.doubt.is_none() && facts.of_run(at).is_some_and(|judged| facts.deviates(judged, site.front)))
        .collect();
    deviating.sort_by_key(|facts| facts.level);
    Row {
        label: run.label.clone(),
        mark: standing.map(|standing| super::mark::Cell::of(standing, polyfilled).mark),
        says: standing
            .filter(|standing| standing.passed < standing.total)
            .map(|standing| format!("{} of {} checks pass", standing.passed, standing.total))
            .unwrap_or_default(),
        cells: columns.iter().map(cell).collect(),
        deviations: deviating
            .iter()
            .take(SHOWN)
            .map(|facts| Link { name: visible(&names::short(&facts.id)), href: format!("#{}", names::anchor(&facts.id)) })
            .collect(),
        more: deviating.len().saturating_sub(SHOWN),
    }
}

/// How many libraries pass, deviate and so on.
fn answer(rows: &[Row]) -> Vec<Answer> {
    let mut counts: BTreeMap<&str, (Mark, usize)> = BTreeMap::new();
    for mark in rows.iter().filter_map(|row| row.mark) {
        counts.entry(mark.word).or_insert((mark, 0)).1 += 1;
    }
    let mut answer: Vec<Answer> = counts
        .into_values()
        .map(|(mark, libraries)| Answer {
            mark,
            libraries,
            says: match (mark.word, libraries == 1) {
                ("pass", false) => "do all that the standard demands",
                ("pass", true) => "does all that the standard demands",
                ("fail", false) => "deviate",
                ("fail", true) => "deviates",
                ("missing", false) => "lack it",
                ("missing", true) => "lacks it",
                ("crash", _) => "crashed",
                ("timeout", _) => "did not end in time",
                ("polyfilled", false) => "pass with a polyfill",
                ("polyfilled", true) => "passes with a polyfill",
                ("blocked", _) => "could not be judged as a whole",
                ("unsupported", false) => "lack a capability that it needs",
                ("unsupported", true) => "lacks a capability that it needs",
                ("flaky", false) => "deviate now and then",
                ("flaky", true) => "deviates now and then",
                (_, false) => "were not tested",
                (_, true) => "was not tested",
            },
        })
        .collect();
    answer.sort_by_key(|answer| std::cmp::Reverse(answer.libraries));
    answer
}

/// What each revision after the function's first one changed.
fn history(function: &Function) -> Vec<Change> {
    /// The largest number of sentences of a revision.
    const SHOWN: usize = 6;
    let first = function.since();
    let mut history: Vec<Change> = Vec::new();
    for revision in Revision::ALL.iter().copied().filter(|revision| *revision > first) {
        let new = function.checks.iter().filter(|facts| facts.since == revision).map(|facts| ("", facts));
        let ended =
            function.checks.iter().filter(|facts| facts.until.and_then(Revision::next) == Some(revision)).map(|f| ("no longer: ", f));
        let mut says = BTreeSet::new();
        for (prefix, facts) in new.chain(ended) {
            says.extend(facts.clause.as_ref().map(|(says, _)| (facts.level, format!("{prefix}{says}"))));
        }
        if !says.is_empty() {
            history.push(Change {
                revision: revision.word(),
                more: says.len().saturating_sub(SHOWN),
                says: says.iter().take(SHOWN).map(|(_, says)| prose(says)).collect(),
            });
        }
    }
    history
}

fn entry(site: &Site, facts: &Facts, budget: &mut usize, left_out: &mut usize) -> Entry {
    let newest = || facts.judged.iter().filter(|(run, _)| site.runs[*run].newest);
    let mut verdicts: BTreeMap<Verdict, usize> = BTreeMap::new();
    for (_, judged) in newest() {
        *verdicts.entry(facts.verdict(judged, site.front)).or_default() += 1;
    }
    let passing = verdicts.remove(&Verdict::Pass).unwrap_or_default();
    let mut blocked: BTreeMap<&SharedId, Vec<&str>> = BTreeMap::new();
    for (run, judged) in newest() {
        if let Some(by) = &judged.blocked_by {
            blocked.entry(by).or_default().push(&site.runs[*run].label.name);
        }
    }
    let idle: Vec<&str> =
        newest().filter(|(_, judged)| !judged.idle.is_empty()).map(|(run, _)| site.runs[*run].label.name.as_str()).collect();
    Entry {
        id: visible(&facts.id.to_string()),
        anchor: names::anchor(&facts.id),
        short: visible(&names::short(&facts.id)),
        level: facts.level.word(),
        span: facts.span(),
        says: facts.clause.as_ref().map(|(says, _)| prose(says)).unwrap_or_default(),
        url: None,
        doubt: facts.doubt.clone(),
        deviates: newest().any(|(_, judged)| facts.deviates(judged, site.front)),
        verdicts: verdicts.into_iter().rev().map(|(verdict, n)| (Mark::of(verdict), n)).collect(),
        passing,
        clusters: facts.clusters.iter().map(|cluster| shown(site, facts, cluster, budget, left_out)).collect(),
        blocked: blocked
            .into_iter()
            .map(|(by, of)| (some(&of), Link { name: visible(&by.to_string()), href: site.link(by).unwrap_or_default() }))
            .collect(),
        // The page of a library says what was not tested on it.
        idle: (!idle.is_empty()).then(|| match idle.len() {
            1..=3 => format!("not all of it was tested on {}", idle.join(", ")),
            n => format!("not all of it was tested on {n} libraries"),
        }),
    }
}

type SharedId = std::sync::Arc<array_assay_format::CheckId>;

/// Names in a row, or their number if there are many.
fn some(names: &[&str]) -> String {
    match names.len() {
        0..=8 => names.join(", "),
        n => format!("{} and {} more", names[..6].join(", "), n - 6),
    }
}

fn shown(site: &Site, facts: &Facts, cluster: &Cluster, budget: &mut usize, left_out: &mut usize) -> Shown {
    let alike = cluster.members.iter().all(|member| member.dtypes == cluster.members[0].dtypes);
    let script = cluster.script.as_ref().and_then(|script| {
        // Nobody reports what the standard leaves open.
        let (before, after) = if facts.level == Level::Quality { (String::new(), String::new()) } else { script.report.clone() };
        let bytes = script.text.len() + before.len() + after.len();
        if bytes > *budget {
            *left_out += 1;
            return None;
        }
        *budget -= bytes;
        Some(Script {
            language: cluster.examples.first().map_or("python", |example| crate::bug::language(&site.runs[example.run].header)),
            text: script.text.clone(),
            before,
            after,
        })
    });
    let found = |example: &Example| {
        let place = [site.runs[example.run].label.name.as_str(), &example.dtype, &example.device];
        Found {
            place: place.iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(" "),
            share: example.share.clone(),
            call: example.call.clone(),
            expected: example.expected.clone(),
            got: example.got.clone(),
            step: example.step.clone(),
            note: example.note.clone(),
        }
    };
    // The dtypes are named; another call that gives the same in place of the same shows nothing new.
    let first = cluster.examples.first();
    let is_new = |example: &&Example| first.is_none_or(|first| (&first.got, &first.expected) != (&example.got, &example.expected));
    let more = cluster.examples.iter().skip(1).filter(is_new).map(found).collect();
    let reasons = cluster.reasons.iter().map(|((text, link), runs)| {
        let of: Vec<&str> = runs.iter().map(|run| site.runs[*run].label.name.as_str()).collect();
        (some(&of), prose(text), link.as_deref().and_then(names::web).map(str::to_owned))
    });
    Shown {
        mark: Mark::of(cluster.verdict),
        deviates: cluster.members.iter().any(|m| facts.of_run(m.run).is_some_and(|judged| facts.deviates(judged, site.front))),
        cause: cluster.cause.clone(),
        members: cluster
            .members
            .iter()
            .map(|member| (site.runs[member.run].label.clone(), if alike { String::new() } else { member.dtypes.clone() }))
            .collect(),
        dtypes: if alike { cluster.members[0].dtypes.clone() } else { String::new() },
        notes: cluster.notes.iter().cloned().collect(),
        reasons: reasons.collect(),
        example: first.map(found),
        more,
        script,
    }
}
