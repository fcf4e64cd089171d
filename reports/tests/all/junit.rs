//! JUnit XML.

use crate::sample::{self, cell, check, failing, finish, info, with};
use array_assay_format::{BaselineEntry, Cause, Cell, CheckId, Level, Results, Revision, StaleEntry, Verdict};
use array_assay_reports::{Gate, junit, junit_gated};
use quick_junit::{NonSuccessKind, Report, TestCaseStatus};

fn xml(results: &Results, gate: Option<&Gate>) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("junit.xml");
    match gate {
        None => junit(results, &path).unwrap(),
        Some(gate) => junit_gated(results, gate, &[], &path).unwrap(),
    }
    std::fs::read_to_string(path).unwrap()
}

fn status(xml: &str, id: &str) -> TestCaseStatus {
    let report = Report::deserialize_from_str(xml).unwrap();
    let mut cases = report.test_suites.iter().flat_map(|suite| &suite.test_cases);
    cases.find(|case| case.name.as_str() == id).unwrap_or_else(|| panic!("no case {id}")).status.clone()
}

#[test]
fn each_verdict_has_its_place() {
    let results = sample::run("compat:torch");
    let xml = xml(&results, None);
    let TestCaseStatus::NonSuccess { kind, message, ty, description, .. } = status(&xml, "sorting/sort::call") else { panic!() };
    assert_eq!(kind, NonSuccessKind::Failure);
    let message = message.unwrap();
    assert!(message.starts_with("must: fail for uint16, uint32, uint64: sort(uint16([2, 1])) gave NotImplementedError"), "{message:?}");
    assert_eq!(ty.unwrap().as_str(), "raised");
    assert!(description.unwrap().contains("xp.sort(uint32([2, 1]))"), "every counterexample is there");
    assert!(matches!(status(&xml, "array/__setitem__::call"), TestCaseStatus::NonSuccess { kind: NonSuccessKind::Error, .. }));
    assert!(matches!(status(&xml, "sorting/sort::shape"), TestCaseStatus::Success { .. }));
    // Level should is not gated: it is told, and fails nothing.
    assert!(matches!(status(&xml, "elementwise/tan::value"), TestCaseStatus::Skipped { .. }));
    // What the standard lacks is no test of it.
    let all = results.checks.iter().filter(|check| check.applies_to(Revision::V2024_12) && check.is_of_standard()).count();
    assert_eq!(Report::deserialize_from_str(&xml).unwrap().test_suites.iter().map(|suite| suite.test_cases.len()).sum::<usize>(), all);
}

#[test]
fn missing_fails_and_blocked_is_skipped() {
    let results = sample::run("ndarray");
    let gate = Gate { revision: Revision::V2025_12, level: Level::Must, expected: &|_| false, expected_cell: &|_, _| false };
    let xml = xml(&results, Some(&gate));
    assert!(matches!(status(&xml, "linalg/svd::present"), TestCaseStatus::NonSuccess { .. }));
    let TestCaseStatus::Skipped { message, .. } = status(&xml, "statistical/sum::value") else { panic!() };
    assert!(message.unwrap().contains("by elementwise/round::value"));
}

#[test]
fn what_was_not_tested_is_skipped_with_its_reason() {
    let mut copy = check("creation", "from_dlpack", "copy", "says");
    copy.verdict = Verdict::NotTested;
    copy.cells = vec![Cell { verdict: Verdict::NotTested, cause: None, note: Some("the arrays are read-only".to_owned()), ..cell("") }];
    let xml = xml(&finish(info("numpy"), vec![copy]), None);
    let TestCaseStatus::Skipped { message, description, .. } = status(&xml, "creation/from_dlpack::copy") else { panic!() };
    assert_eq!(message.unwrap().as_str(), "must: not-tested");
    assert!(description.unwrap().contains("the arrays are read-only"));
}

#[test]
fn known_deviations_fail_nothing() {
    let expected = |id: &CheckId| id.function == "sort";
    let results = sample::run("compat:torch");
    let xml = xml(&results, Some(&Gate::of(&results, &expected)));
    let TestCaseStatus::Skipped { message, .. } = status(&xml, "sorting/sort::call") else { panic!() };
    assert!(message.unwrap().starts_with("known, must: fail"));
}

#[test]
fn whatever_a_library_printed_the_xml_is_well_formed() {
    let attack = "]]></failure><!-- \u{0}\x1b[31m\u{fffe}\u{ffff} & \"'";
    let failed = with(
        check("elementwise", "add", "value", attack),
        vec![failing("float32", Cause::WrongValue, attack, attack, attack), cell(attack)],
    );
    let mut results = finish(info("numpy"), vec![failed]);
    results.header.backend.name = attack.to_owned();
    results.checks[0].category = attack.to_owned();
    let xml = xml(&results, None);
    assert!(!xml.contains(['\u{0}', '\x1b', '\u{fffe}', '\u{ffff}']), "characters that XML forbids");
    let TestCaseStatus::NonSuccess { message, .. } = status(&xml, "elementwise/add::value") else { panic!() };
    assert!(message.unwrap().contains("\\x1b[31m"), "a control character shows as an escape");
}

#[test]
fn the_same_results_give_the_same_bytes() {
    let results = sample::run("ndarray");
    assert_eq!(xml(&results, None), xml(&results, None));
    assert!(!xml(&results, None).contains("timestamp"));
    assert_eq!(Verdict::ALL.len(), 9, "a new verdict needs its place in JUnit XML");
}

#[test]
fn a_stale_entry_of_the_baseline_fails() {
    let results = finish(info("numpy"), vec![with(check("elementwise", "abs", "value", "it is"), vec![cell("float32")])]);
    let check: CheckId = "elementwise/abs::value".parse().unwrap();
    let reason = "it was".to_owned();
    let entry = BaselineEntry { check: "elementwise/abs::*".to_owned(), reason, link: None, file: None, first_line: None, last_line: None };
    let stale = StaleEntry { check, entry, says: "remove the entry (known.yaml, lines 3 to 5)".to_owned() };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("junit.xml");
    junit_gated(&results, &Gate::of(&results, &|_| false), &[stale], &path).unwrap();
    let xml = std::fs::read_to_string(path).unwrap();
    let TestCaseStatus::NonSuccess { kind, message, .. } = status(&xml, "elementwise/abs::*") else { panic!("{xml}") };
    assert_eq!((kind, message.unwrap().as_str()), (NonSuccessKind::Failure, "remove the entry (known.yaml, lines 3 to 5)"));
    assert!(matches!(status(&xml, "elementwise/abs::value"), TestCaseStatus::Success { .. }));
}
