//! The data that the script of the pages loads when a reader asks for it, as files of JavaScript: a page from the disk may load no JSON.
//!
//! A verdict is one letter, the class of its mark, and `.` stands for none.

use std::collections::BTreeMap;

use array_assay_format::{Cell, Level, Revision, Verdict};
use serde::Serialize;

use super::mark::Mark;
use super::model::{COLUMNS, Function, Site};
use super::names;
use crate::text::visible;

fn letter(verdict: Option<Verdict>) -> char {
    verdict.and_then(|verdict| Mark::of(verdict).class.chars().next()).unwrap_or('.')
}

fn file(name: &str, data: &impl Serialize) -> String {
    // In a script, `<` could begin the end of it, and U+2028 a line.
    let json = serde_json::to_string(data)
        .unwrap_or_default()
        .replace('<', "\\u003c")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029");
    format!("assay({name:?}, {json});\n")
}

/// For each function and each run of a newest version the verdicts by dtype, then those at levels should and quality.
#[derive(Serialize)]
struct Cells<'s> {
    width: usize,
    functions: Vec<String>,
    runs: BTreeMap<&'s str, String>,
}

/// `data/cells.js`: what the filters by dtype and level ask for.
pub fn cells(site: &Site) -> String {
    let functions: Vec<&Function> = site.functions.iter().filter(|function| !function.is_gap()).collect();
    let of_run = |at: usize| functions.iter().flat_map(|function| letters(site, function, at)).collect::<String>();
    let cells = Cells {
        width: COLUMNS + 2,
        functions: functions.iter().map(|f| visible(&format!("{}/{}", f.category, f.name)).to_lowercase()).collect(),
        runs: site.newest().map(|(at, run)| (run.label.key.as_str(), of_run(at))).collect(),
    };
    file("cells", &cells)
}

fn letters(site: &Site, function: &Function, at: usize) -> Vec<char> {
    let judged: Vec<_> = function.checks.iter().filter_map(|facts| Some((facts, facts.of_run(at)?))).collect();
    let column =
        |column: usize| Cell::overall(judged.iter().filter(|(facts, _)| facts.counts()).filter_map(|(_, judged)| judged.columns[column]));
    let level = |level: Level| {
        let such = judged.iter().filter(|(facts, _)| facts.level == level && facts.doubt.is_none());
        Cell::overall(such.filter_map(|(_, judged)| judged.at(site.front)))
    };
    (0..COLUMNS).map(column).chain([level(Level::Should), level(Level::Quality)]).map(letter).collect()
}

/// For each check the verdict of each run, to compare any two.
#[derive(Serialize)]
struct Checks<'s> {
    /// By function: its page, and the checks without the name of the function, each with the anchor if that is another text.
    functions: Vec<(String, &'s str, Vec<String>)>,
    runs: BTreeMap<&'s str, String>,
}

/// `data/checks.js`: the verdicts of all runs over all revisions.
pub fn checks(site: &Site) -> String {
    let functions: Vec<&Function> = site.functions.iter().filter(|function| !function.is_gap()).collect();
    let of_run = |at: usize| {
        let facts = functions.iter().flat_map(|function| &function.checks);
        facts.map(|facts| letter(facts.of_run(at).map(shown))).collect::<String>()
    };
    let entry = |function: &&'_ Function| {
        let name = visible(&format!("{}/{}", function.category, function.name));
        (name, function.checks.iter().map(|facts| visible(&names::short(&facts.id))).collect::<Vec<_>>())
    };
    let checks = Checks {
        functions: functions.iter().map(|function| (entry(function).0, function.page.as_str(), entry(function).1)).collect(),
        runs: site.runs.iter().enumerate().map(|(at, run)| (run.label.key.as_str(), of_run(at))).collect(),
    };
    file("checks", &checks)
}

/// The verdict over all revisions. What a revision permits is no deviation.
fn shown(judged: &super::model::Judged) -> Verdict {
    let deviations = Revision::ALL.iter().filter_map(|revision| judged.deviation(*revision));
    Cell::overall(deviations).unwrap_or(judged.verdict)
}
