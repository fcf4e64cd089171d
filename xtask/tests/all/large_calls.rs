//! Calls on many elements: made only when they are asked for, and right on the reference.

use array_assay_format::{Results, Verdict};

use crate::command_line::{folder, results_file, run};

#[test]
fn every_call_on_many_elements_is_right_on_the_reference() {
    let dir = folder();
    let dir = dir.path();
    let args = ["conform", "reference", "--large", "3000", "--select=*::value/large", "--level=quality", "--out=out"];
    run(dir, &args).exits(0);
    let results = Results::read(&results_file(dir)).unwrap();
    assert_eq!(results.header.options.get("large").map(String::as_str), Some("3000"));
    let calls = array_assay_spec::large_calls().unwrap();
    let (cells, dtypes) = (results.checks.iter().flat_map(|check| &check.cells), calls.iter().flat_map(|call| &call.dtypes));
    assert_eq!(cells.count(), dtypes.count());
    assert!(results.checks.iter().all(|check| check.verdict == Verdict::Pass), "{:?}", results.checks);
}

#[test]
fn no_run_makes_them_unasked() {
    let dir = folder();
    run(dir.path(), &["conform", "reference", "--select=statistical/sum", "--cases=20", "--out=out"]).exits(0);
    let results = Results::read(&results_file(dir.path())).unwrap();
    assert!(results.checks.iter().all(|check| check.id.to_string() != "statistical/sum::value/large"));
}
