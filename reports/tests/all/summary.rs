//! The summary on a terminal.

use crate::sample::{self, check, failing, finish, info, with};
use array_assay_format::{Cause, Cell, CheckId, Covered, Level, Met, Revision, Verdict};
use array_assay_reports::{Gate, summary, summary_gated};

fn none(_: &CheckId) -> bool {
    false
}

#[test]
fn it_tells_what_deviates_and_how() {
    let text = summary(&sample::run("compat:torch"), &none, false);
    println!("{text}");
    for line in [
        "compat:torch 2.11.0 · array-api-compat 1.14.0 · Python 3.13.1 · standard 2024.12 · level must · 236,412 calls in 14.2 s · Array Assay itself took 119 % as long as the library's calls",
        "  elementwise/atan2::special/x1-pos-zero-x2-neg-zero  must  wrong-value  float32, float64",
        "      atan2(float32([0.0]), float32([-0.0]))",
        "      got      array([0.0])",
        "      expected pi, approximately: 3.1415927",
        "      standard is_pos_zero(x1) and is_neg_zero(x2): +pi (approx)",
        "  sorting/sort::call  must  raised  uint16, uint32, uint64",
        "2023.12  does not conform: 4 deviations at level must",
        "4 unexpected deviations; 0 known deviations (expected)",
    ] {
        assert!(text.lines().any(|l| l == line), "no line {line:?} in\n{text}");
    }
    assert!(text.lines().any(|l| l.starts_with("  elementwise/tan::value  inaccurate  floats  7") && l.contains("limit")), "{text}");
    let crash = text.find("__setitem__").unwrap();
    assert!(crash < text.find("atan2::special").unwrap(), "the gravest first");
}

#[test]
fn known_deviations_are_counted_and_not_listed() {
    let text = summary(&sample::run("compat:torch"), &|id| id.function == "atan2", false);
    assert!(!text.contains("x1-pos-zero-x2-neg-zero"), "{text}");
    assert!(text.contains("3 unexpected deviations; 1 known deviation (expected)"), "{text}");
    let text = summary(&sample::run("compat:torch"), &|_| true, false);
    assert!(text.contains("no unexpected deviation; 7 known deviations (expected)"), "{text}");
}

#[test]
fn missing_functions_share_a_line() {
    let results = sample::run("ndarray");
    let text = summary_gated(
        &results,
        &Gate { revision: Revision::V2025_12, level: Level::Must, expected: &none, expected_cell: &|_, _| false },
        false,
    );
    println!("{text}");
    let line = text.lines().find(|line| line.starts_with("missing (")).unwrap();
    assert!(line.contains("linalg.svd, ") && line.contains("isin") && line.contains("nextafter"), "{line}");
    assert!(!text.contains("linalg/svd::present"));
    assert!(text.contains("blocked (1): 1 by elementwise/round::value"), "{text}");
    assert!(text.contains("what to fix first\n  fixing elementwise/round::value would unblock 1 check\n"), "{text}");
}

#[test]
fn what_was_not_tested_is_told_with_its_reason() {
    let mut copy = check("creation", "from_dlpack", "copy", "says");
    copy.verdict = Verdict::NotTested;
    let untested = |dtype: &str, why: &str| {
        let cell = failing(dtype, Cause::WrongValue, "", "", "");
        Cell { verdict: Verdict::NotTested, cause: None, cases: 0, failures: 0, counterexample: None, note: Some(why.to_owned()), ..cell }
    };
    copy.cells = vec![untested("", "the arrays are read-only")];
    let mut value = check("indexing", "take", "value", "says");
    let passing = Cell { verdict: Verdict::Pass, cases: 3, ..untested("int8", "") };
    value.cells = vec![passing, untested("int16", "none was drawn")];
    value.exercised = [("index-negative".to_owned(), 0), ("axis".to_owned(), 3)].into();
    let text = summary(&finish(info("numpy"), vec![copy, value]), &none, false);
    for line in [
        "not tested: 1 check, 1 dtype of other checks, 1 clause",
        "  creation/from_dlpack::copy  the arrays are read-only",
        "  the clause `index-negative` of indexing/take  no judged call met the clause's condition",
        "  indexing/take::value on int16  none was drawn",
        "1 of 1 passing result (a check on one dtype) had fewer than 8 cases",
    ] {
        assert!(text.lines().any(|l| l == line), "no line {line:?} in\n{text}");
    }
    assert!(text.contains("conforms in what was tested; not tested at level must: 1 check, 1 dtype of other checks, 1 clause"), "{text}");
}

#[test]
fn what_the_cases_left_out_is_told() {
    let of = |name: &str, levels: u64, pairs: u64| {
        let mut call = check("elementwise", name, "call", "says");
        (call.verdict, call.cells) = (Verdict::Pass, Vec::new());
        call.covered = Some(Covered { levels: Met { met: levels, all: 10 }, pairs: Met { met: pairs, all: 200 } });
        call
    };
    let text = |checks| summary(&finish(info("numpy"), checks), &none, false);
    let some = text(vec![of("sin", 10, 200), of("cos", 10, 150), of("tan", 9, 49)]);
    let line = "each dtype, rank, layout, way to pass an argument and so on was tried for 2 of 3 functions, all pairs of them for 1 (66 % of the \
                pairs); more --cases try more";
    assert!(some.lines().any(|l| l == line), "{some}");
    assert!(!text(vec![of("sin", 10, 200)]).contains("all pairs"), "nothing was left out");
}

#[test]
fn the_gated_revision_decides() {
    let results = sample::run("numpy");
    let gate = |revision| Gate { revision, level: Level::Must, expected: &none, expected_cell: &|_, _| false };
    assert!(summary_gated(&results, &gate(Revision::V2023_12), false).contains("no unexpected deviation"));
    let old = summary_gated(&results, &gate(Revision::V2021_12), false);
    assert!(old.contains("statistical/sum::dtype/upcast-float32"), "{old}");
}

#[test]
fn long_lists_are_capped() {
    let many = |level: Level| {
        let checks = (0..60).map(|i| {
            let mut failed = check("elementwise", &format!("f{i:02}"), "value", "says");
            failed.level = level;
            with(failed, vec![failing("float32", Cause::WrongValue, "f(float32(1.0))", "0.0", "1.0")])
        });
        summary(&finish(info("numpy"), checks.collect()), &none, false)
    };
    let musts = many(Level::Must);
    assert_eq!(musts.matches("::value  must").count(), 40);
    assert!(musts.contains("… and 20 more"));
    let shoulds = many(Level::Should);
    assert_eq!(shoulds.matches("::value  wrong-value").count(), 15);
    assert!(shoulds.contains("… and 45 more"));
    let quality = many(Level::Quality);
    assert_eq!(quality.matches("::value  wrong-value").count(), 1);
    assert!(quality.contains("60 deviations at level quality, such as elementwise/f00::value"));
}

#[test]
fn a_library_cannot_steer_the_terminal() {
    let attack = "\x1b]0;owned\x07\r\n<b>";
    let failed = with(check("elementwise", "add", "value", attack), vec![failing("float32", Cause::WrongValue, attack, attack, attack)]);
    let mut results = finish(info("numpy"), vec![failed]);
    results.header.backend.name = attack.to_owned();
    let text = summary(&results, &none, false);
    assert!(!text.contains('\x1b') && !text.contains('\x07') && !text.contains('\r'), "{text:?}");
    assert!(summary(&results, &none, true).contains("\x1b[31m"), "colour on demand");
}

#[test]
fn a_capability_that_may_be_absent_is_no_deviation() {
    let mut check = with(check("elementwise", "add", "value", "says"), vec![sample::cell("float64")]);
    check.cells[0].verdict = Verdict::Unsupported;
    check.cells[0].note = Some("the library lacks masks as a whole".to_owned());
    check.verdict = Verdict::Unsupported;
    let permitted = summary(&finish(info("numpy"), vec![check.clone()]), &none, false);
    assert!(permitted.contains("no unexpected deviation"));
    assert!(permitted.contains("excused (1)\n  1 check: the library lacks masks as a whole"), "{permitted}");
    check.cells[0].cause = Some(Cause::Unsupported);
    let text = summary(&finish(info("numpy"), vec![check]), &none, false);
    assert!(text.contains("unsupported (1): add") && text.contains("1 unexpected deviation"), "{text}");
}
