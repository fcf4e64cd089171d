//! The page of a workload: the program that its trace is, with the consumer's lines, and what stands in the way on each library.

use std::collections::BTreeMap;

use array_assay_format::{Blocker, Check, ConsumerCase, ReplayEnd};
use array_assay_spec::consumer::{Case, Profile, Trace};
use serde::Serialize;

use super::background::Really;
use super::model::{Label, Site};
use super::replays::{Cell, cases, cell_of};
use crate::text::one_line;

/// A run, and its replay of the workload.
pub struct Replayed<'a> {
    /// The index of the run.
    pub run: usize,
    /// The record.
    pub check: &'a Check,
    /// What the real consumer does on the library, if that is known.
    pub really: Vec<&'a Really>,
}

#[derive(Serialize)]
pub struct Page {
    root: &'static str,
    name: String,
    says: String,
    version: String,
    traced: Vec<(String, String)>,
    rows: Vec<Row>,
    programs: Vec<Program>,
}

/// Cases with the same outcome on a library.
#[derive(Serialize)]
struct Row {
    label: Label,
    /// The names of the cases.
    case: String,
    alone: Cell,
    polyfilled: Option<Cell>,
    /// The class of the cell, and what the real consumer does.
    really: Option<(&'static str, String)>,
    /// Why the replay says another thing, where it does.
    disagrees: Option<String>,
    blockers: Vec<Blocked>,
    /// What polyfills change, in a sentence. `None` if no run had them.
    polyfills: Option<&'static str>,
    /// The blockers that are left with polyfills, if they are others.
    left: Vec<Blocked>,
}

/// A step that fails.
#[derive(PartialEq, Serialize)]
struct Blocked {
    at: String,
    statement: String,
    message: String,
    /// The check of the standard that says the same, and where it is shown.
    check: Option<(String, Option<String>)>,
}

/// A program, as it was traced for some kinds of libraries.
#[derive(Serialize)]
struct Program {
    title: String,
    cut: Option<String>,
    statements: Vec<Statement>,
}

#[derive(Serialize)]
struct Statement {
    /// The consumer's line, where it differs from that of the statement before.
    at: Option<String>,
    text: String,
    gave: Option<String>,
    /// The libraries on which it fails.
    fails_on: Vec<String>,
}

/// The page of a workload. `profile` is its trace, if that is built in.
pub fn page(site: &Site, name: &str, replayed: &[Replayed<'_>], profile: Option<&Profile>) -> Page {
    let record = replayed.iter().find_map(|of| of.check.consumer.as_ref());
    let alone = |of: &&Replayed<'_>| site.without_polyfills(of.run).is_none_or(|base| replayed.iter().all(|other| other.run != base));
    let polyfilled = |run: usize| replayed.iter().find(|other| site.without_polyfills(other.run) == Some(run));
    let rows = replayed.iter().filter(alone).flat_map(|of| rows(site, of, polyfilled(of.run))).collect();
    let first = profile.and_then(|profile| profile.cases.first());
    Page {
        root: "../",
        name: one_line(name, 120),
        says: one_line(&record.map(|record| record.says.clone()).unwrap_or_default(), 200),
        version: one_line(&record.map(|record| record.version.clone()).unwrap_or_default(), 40),
        traced: profile.map(|profile| profile.traced.clone().into_iter().collect()).unwrap_or_default(),
        rows,
        programs: first.map(|case| programs(site, case, replayed)).unwrap_or_default(),
    }
}

fn rows(site: &Site, of: &Replayed<'_>, polyfilled: Option<&Replayed<'_>>) -> Vec<Row> {
    let listed = |case: &ConsumerCase| case.blockers.iter().map(|blocker| blocked(site, blocker)).collect();
    let row = |case: &ConsumerCase| {
        let with = polyfilled.and_then(|of| cases(of.check).iter().find(|other| other.name == case.name));
        let really = of.really.iter().find(|really| really.case == case.name);
        Row {
            label: site.runs[of.run].label.clone(),
            case: case.name.clone(),
            alone: cell_of(case),
            polyfilled: with.map(cell_of),
            really: really.map(|really| (if really.runs { "pass" } else { "fail" }, one_line(&really.says, 300))),
            disagrees: really.filter(|really| disagree(case, really)).map(|really| {
                let reason = really.reason.as_deref().unwrap_or("The reason is not known.");
                one_line(reason, 300)
            }),
            blockers: listed(case),
            polyfills: with.map(|with| match &with.blockers {
                left if left.is_empty() => "With polyfills none of these steps fails.",
                left if same(left, &case.blockers) => "With polyfills the same steps fail.",
                _ => "With polyfills these steps fail:",
            }),
            left: with.filter(|with| !same(&with.blockers, &case.blockers)).map(listed).unwrap_or_default(),
        }
    };
    let mut rows: Vec<Row> = Vec::new();
    for row in cases(of.check).iter().map(row) {
        match rows.iter_mut().find(|other| other.is_alike(&row)) {
            Some(other) => other.case = format!("{}, {}", other.case, row.case),
            None => rows.push(row),
        }
    }
    rows
}

impl Row {
    /// Whether nothing but the case is another one.
    fn is_alike(&self, other: &Row) -> bool {
        fn of(row: &Row) -> impl PartialEq + '_ {
            (&row.alone, &row.polyfilled, &row.really, &row.disagrees, &row.blockers, row.polyfills, &row.left)
        }
        of(self) == of(other)
    }
}

/// Whether a replay accuses a library on which the real consumer runs, or accuses none and the real consumer does not run.
fn disagree(case: &ConsumerCase, really: &Really) -> bool {
    match case.end {
        ReplayEnd::Blocked | ReplayEnd::Wrong => really.runs,
        ReplayEnd::Right | ReplayEnd::Host => !really.runs,
        ReplayEnd::AnotherPath | ReplayEnd::Cut | ReplayEnd::NotJudged | ReplayEnd::Freedom => false,
    }
}

/// Whether the same statements fail.
fn same(a: &[Blocker], b: &[Blocker]) -> bool {
    a.iter().map(|blocker| &blocker.statement).eq(b.iter().map(|blocker| &blocker.statement))
}

fn blocked(site: &Site, blocker: &Blocker) -> Blocked {
    let via = blocker.via.as_ref().map(|via| format!(" via {via}")).unwrap_or_default();
    Blocked {
        at: one_line(&format!("{}{via}", blocker.at), 160),
        statement: one_line(&blocker.statement, 200),
        message: one_line(&blocker.message, 300),
        check: blocker.check.as_ref().map(|id| (one_line(&id.to_string(), 120), site.link(id))),
    }
}

/// The programs of a case, with the libraries on which a statement fails.
fn programs(site: &Site, case: &Case, replayed: &[Replayed<'_>]) -> Vec<Program> {
    let mut failing: BTreeMap<(&str, &str), Vec<String>> = BTreeMap::new();
    for of in replayed {
        let blockers = cases(of.check).iter().filter(|other| other.name == case.name && other.end != ReplayEnd::Right);
        for blocker in blockers.flat_map(|case| &case.blockers) {
            failing.entry((&blocker.at, &blocker.statement)).or_default().push(site.runs[of.run].label.name.clone());
        }
    }
    let program = |trace: &Trace| {
        let faces: Vec<String> = trace.faces.iter().map(ToString::to_string).collect();
        let mut before = String::new();
        let statements = trace.statements.iter().map(|statement| {
            let via = statement.via.as_ref().map(|via| format!(" via {via}")).unwrap_or_default();
            let at = format!("{}{via}", statement.at);
            let of = failing.get(&(statement.at.as_str(), statement.text.as_str())).cloned().unwrap_or_default();
            let new = at != before;
            before.clone_from(&at);
            Statement { at: new.then_some(at), text: one_line(&statement.text, 400), gave: statement.gave.clone(), fails_on: of }
        });
        let statements = statements.collect();
        Program { title: format!("{}, for {} arrays", case.name, faces.join(" and ")), cut: trace.cut.clone(), statements }
    };
    case.programs.iter().map(program).collect()
}
