//! What the gate makes of each check, for those who read no baselines.

use array_assay_format::{BaselineEntry, Cause, Cell, Check, CheckId, GateReport, Level, Outcome, Results, StaleEntry, Standing, Verdict};
use array_assay_reports::{Gate, code_quality, gate_report, sarif};

use crate::sample::{cell, check, failing, finish, info, with};

fn entry() -> BaselineEntry {
    let reason = "it rounds".to_owned();
    BaselineEntry { check: "elementwise/ceil".to_owned(), reason, link: None, file: None, first_line: None, last_line: None }
}

/// The report over a check that passes, one that deviates on two dtypes of which one is known, one all of which is known, one that is blocked, and
/// one whose level does not count.
fn report(stale: Vec<StaleEntry>) -> GateReport {
    reported(stale).0
}

fn reported(stale: Vec<StaleEntry>) -> (GateReport, Results) {
    let wrong = |dtype: &str, call: &str| failing(dtype, Cause::WrongValue, call, "1", "\u{1b}[31m2");
    let ceil =
        with(check("elementwise", "ceil", "value", "it is"), vec![wrong("float32", "ceil(1)"), wrong("float64", "ceil(float64(2))")]);
    let floor = with(check("elementwise", "floor", "value", "it is"), vec![wrong("float32", "floor(1)")]);
    let blocked = Cell { verdict: Verdict::Blocked, cases: 0, note: Some("`sign` is missing".to_owned()), ..cell("float32") };
    let blocked = with(check("elementwise", "sign", "value", "it is"), vec![blocked]);
    let lesser = with(check("elementwise", "sin", "value/accuracy", "it is"), vec![wrong("float32", "sin(1)")]);
    let checks = vec![
        with(check("elementwise", "abs", "value", "it is"), vec![cell("float32")]),
        ceil,
        floor,
        Check { blocked_by: Some("elementwise/sign::present".parse().unwrap()), ..blocked },
        Check { level: Level::Should, ..lesser },
    ];
    let results = finish(info("numpy"), checks);
    let expected = |id: &CheckId| id.function == "floor";
    let expected_cell = |_: &Check, cell: &Cell| cell.dtype == "float32";
    let gate = Gate { expected_cell: &expected_cell, ..Gate::of(&results, &expected) };
    let report = gate_report(&results, &gate, &|_| vec![entry()], stale);
    (report, results)
}

fn of<'r>(report: &'r GateReport, function: &str) -> &'r Standing {
    report.checks.iter().find(|check| check.id.function == function).unwrap()
}

#[test]
fn each_check_has_its_outcome() {
    let report = report(Vec::new());
    assert!(!report.open);
    let outcomes: Vec<(&str, Outcome)> = report.checks.iter().map(|check| (check.id.function.as_str(), check.outcome)).collect();
    let expected = [
        ("abs", Outcome::Passed),
        ("ceil", Outcome::Failed),
        ("floor", Outcome::Known),
        ("sign", Outcome::Skipped),
        ("sin", Outcome::Uncounted),
    ];
    assert_eq!(outcomes, expected);
    assert_eq!(of(&report, "floor").known, [entry()]);
    assert!(of(&report, "abs").known.is_empty() && of(&report, "sign").known.is_empty());
    assert_eq!(of(&report, "sign").message, "must: blocked for float32, by elementwise/sign::present: `sign` is missing");
}

#[test]
fn a_report_shows_what_is_new_and_no_control_characters() {
    let report = report(Vec::new());
    let failed = of(&report, "ceil");
    let text = failed.report.as_deref().unwrap();
    assert!(text.starts_with("# numpy: wrong-value in `ceil(float64(2))`"), "float32 is known:\n{text}");
    assert!(failed.message.contains("for float64: ceil(float64(2)) gave 1"), "{}", failed.message);
    assert!(!text.contains('\u{1b}') && text.contains("\\x1b[31m2"), "{text}");
    assert!(report.checks.iter().all(|check| check.report.is_some() == (check.outcome == Outcome::Failed)));
}

#[test]
fn a_stale_entry_closes_the_gate() {
    let id: CheckId = "elementwise/abs::value".parse().unwrap();
    let stale = report(vec![StaleEntry { check: id, entry: entry(), says: "remove it".to_owned() }]);
    assert_eq!(stale.stale.len(), 1);
    let results = finish(info("numpy"), vec![with(check("elementwise", "abs", "value", "it is"), vec![cell("float32")])]);
    let judged = |stale| gate_report(&results, &Gate::of(&results, &|_| false), &|_| Vec::new(), stale);
    assert!(judged(Vec::new()).open);
    assert!(!judged(stale.stale).open);
}

#[test]
fn code_hosts_are_told_of_failures_and_stale_entries() {
    let entry = BaselineEntry { file: Some("known.yaml".to_owned()), first_line: Some(4), last_line: Some(7), ..entry() };
    let stale = StaleEntry { check: "elementwise/abs::value".parse().unwrap(), entry, says: "remove \u{1b}it".to_owned() };
    let (report, results) = reported(vec![stale]);
    let quality = code_quality(&report, &results);
    let findings = quality.as_array().unwrap();
    assert_eq!(findings.len(), 2, "{quality:#}");
    assert_eq!(findings[0]["check_name"], "elementwise/ceil::value");
    assert_eq!((&findings[0]["severity"], &findings[0]["location"]["path"]), (&"critical".into(), &"elementwise/ceil".into()));
    assert_eq!(findings[1]["location"], serde_json::json!({"path": "known.yaml", "lines": {"begin": 4, "end": 7}}));
    assert_ne!(findings[0]["fingerprint"], findings[1]["fingerprint"]);
    let log = sarif(&report, &results);
    let (run, of) = (&log["runs"][0], |at: usize, what: &str| log["runs"][0]["results"][at][what].clone());
    assert_eq!((log["version"].as_str(), run["results"].as_array().map(Vec::len)), (Some("2.1.0"), Some(2)));
    assert_eq!((of(0, "ruleId"), of(0, "level")), ("elementwise/ceil::value".into(), "error".into()));
    assert_eq!(of(1, "locations")[0]["physicalLocation"]["region"], serde_json::json!({"startLine": 4, "endLine": 7}));
    // Every rule that a result names is there.
    let rules: Vec<&str> = run["tool"]["driver"]["rules"].as_array().unwrap().iter().filter_map(|rule| rule["id"].as_str()).collect();
    assert_eq!(rules, ["elementwise/ceil::value", "stale-baseline"]);
    assert!(!format!("{quality}{log}").contains("\\u001b"), "foreign text is made visible");
}
