//! JUnit XML for the test views of CI systems.

use std::path::Path;

use array_assay_format::{Cell, Check, Results, StaleEntry, Verdict};
use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};

use crate::gate::deviation;
use crate::text::{dtypes, one_line, visible};
use crate::{Gate, ReportError};

/// Writes JUnit XML with one test case per check, for the default gate and without known deviations.
pub fn junit(results: &Results, out: &Path) -> Result<(), ReportError> {
    junit_gated(results, &Gate::of(results, &|_| false), &[], out)
}

/// Writes JUnit XML with one test case for each check of the gate's revision, except checks of gaps. A deviation that the gate counts is a
/// failure (a crash or a hang is an error) with the smallest counterexample. A deviation that the gate does not count, or that is known, is
/// skipped with its message. So are checks that are not tested, blocked or unsupported.
/// Each stale entry of the baseline is a failure of the suite `baseline`.
pub fn junit_gated(results: &Results, gate: &Gate<'_>, stale: &[StaleEntry], out: &Path) -> Result<(), ReportError> {
    let failed = |why: String| ReportError::Junit { path: out.to_owned(), why };
    let xml = report(results, gate, stale).to_string().map_err(|e| failed(e.to_string()))?;
    std::fs::write(out, xml).map_err(|e| failed(e.to_string()))
}

fn report(results: &Results, gate: &Gate<'_>, stale: &[StaleEntry]) -> Report {
    let backend = &results.header.backend;
    let mut report = Report::new(visible(&format!("array-assay {} {}", backend.name, backend.version)));
    let mut categories: Vec<&str> =
        results.checks.iter().filter(|check| check.is_of_standard()).map(|check| check.category.as_str()).collect();
    categories.sort_unstable();
    categories.dedup();
    for category in categories {
        let mut suite = TestSuite::new(visible(category));
        suite.add_property(Property::new("revision", gate.revision.word()));
        suite.add_property(Property::new("level", gate.level.word()));
        suite.add_property(Property::new("seed", results.header.seed.to_string()));
        let checks = results.checks.iter().filter(|check| check.category == category && check.applies_to(gate.revision));
        suite.add_test_cases(checks.map(|check| case(check, gate)));
        if !suite.test_cases.is_empty() {
            report.add_test_suite(suite);
        }
    }
    if !stale.is_empty() {
        let mut suite = TestSuite::new("baseline");
        suite.add_test_cases(stale.iter().map(stale_case));
        report.add_test_suite(suite);
    }
    report
}

fn stale_case(stale: &StaleEntry) -> TestCase {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    status.set_message(visible(&stale.says));
    status.set_type("stale");
    let mut case = TestCase::new(visible(&stale.entry.check), status);
    case.set_classname("baseline");
    case
}

fn case(check: &Check, gate: &Gate<'_>) -> TestCase {
    let verdict = check.verdict_in(gate.revision).unwrap_or(check.verdict);
    let mut status = match verdict {
        Verdict::Pass => TestCaseStatus::success(),
        Verdict::NotTested | Verdict::Blocked | Verdict::Unsupported => TestCaseStatus::skipped(),
        Verdict::Flaky if deviation(check, gate.revision).is_none() => TestCaseStatus::skipped(),
        _ if !gate.counts(check) || (gate.expected)(&check.id) => TestCaseStatus::skipped(),
        Verdict::Crash | Verdict::Timeout => TestCaseStatus::non_success(NonSuccessKind::Error),
        Verdict::Fail | Verdict::Missing | Verdict::Flaky => TestCaseStatus::non_success(NonSuccessKind::Failure),
    };
    if verdict != Verdict::Pass {
        let cells = gate.unexpected(check, check.cells.iter().filter(|cell| cell.verdict == verdict).collect());
        let known = deviation(check, gate.revision).is_some() && (gate.expected)(&check.id);
        status.set_message(message(check, verdict, &cells, known));
        status.set_type(cells.iter().find_map(|cell| cell.cause).map_or(verdict.word(), |cause| cause.word()));
        status.set_description(description(check, &cells));
    }
    let mut case = TestCase::new(visible(&check.id.to_string()), status);
    case.set_classname(visible(&format!("{}.{}", check.category, check.function)));
    case.set_assertions(check.cells.iter().map(|cell| cell.cases as usize).sum());
    case
}

/// One line with level, verdict, dtypes and the smallest counterexample.
pub(crate) fn message(check: &Check, verdict: Verdict, cells: &[&Cell], known: bool) -> String {
    let mut text = format!("{}{}: {verdict}", if known { "known, " } else { "" }, check.level);
    let concerned = dtypes(cells.iter().map(|cell| cell.dtype.as_str()));
    if !concerned.is_empty() {
        text.push_str(&format!(" for {concerned}"));
    }
    if let Some(by) = &check.blocked_by {
        text.push_str(&format!(", by {by}"));
    }
    if let Some(found) = cells.iter().find_map(|cell| cell.counterexample.as_ref()) {
        let (call, got, expected) = (one_line(&found.call, 200), one_line(&found.got, 200), one_line(&found.expected, 200));
        text.push_str(&format!(": {call} gave {got}, expected {expected}"));
    }
    visible(&text)
}

/// The clause, and every counterexample with its script.
fn description(check: &Check, cells: &[&Cell]) -> String {
    let mut text = String::new();
    if let Some(clause) = &check.clause {
        let lines = [format!("The standard: {}", clause.says), clause.url.clone()];
        lines.iter().filter(|line| !line.is_empty()).for_each(|line| text.push_str(&format!("{line}\n")));
    }
    if let Some(doubt) = &check.doubt {
        text.push_str(&format!("A question to the standard: {doubt}\n"));
    }
    for cell in cells {
        if let Some(note) = &cell.note {
            text.push_str(&format!("\n{}: {note}\n", if cell.dtype.is_empty() { "note" } else { &cell.dtype }));
        }
        let Some(found) = &cell.counterexample else { continue };
        text.push_str(&format!("\n{}\n  got       {}\n  expected  {}\n", found.call, found.got, found.expected));
        if let Some(note) = &found.note {
            text.push_str(&format!("  note      {note}\n"));
        }
        if !found.snippet.is_empty() {
            text.push_str(&format!("\n{}\n", found.snippet));
        }
    }
    visible(&text)
}
