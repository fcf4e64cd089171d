//! `conform --device`: every call is made on the device, and says so in the records.

use std::path::Path;

use array_assay_format::{Results, Verdict};
use tempfile::TempDir;

use crate::command_line::{folder, results_file, run};

/// A folder in which the tool finds the environments of the other tests.
fn provisioned() -> TempDir {
    let state = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("it lies in the target folder");
    let dir = folder();
    std::os::unix::fs::symlink(state, dir.path().join("array-assay")).unwrap();
    dir
}

#[test]
fn calls_are_made_on_the_device_that_is_asked_for() {
    let dir = provisioned();
    let select = ["--select=elementwise/add", "--select=creation/zeros_like", "--select=statistical/sum"];
    let args = [&["conform", "array-api-strict", "--device=device1", "--cases=40", "--out=out"][..], &select].concat();
    run(dir.path(), &args).exits(0);
    let results = Results::read(&results_file(dir.path())).unwrap();
    assert_eq!(results.header.options.get("device").map(String::as_str), Some("device1"));
    let check = |id: &str| results.checks.iter().find(|check| check.id.to_string() == id).unwrap_or_else(|| panic!("no {id}"));
    for id in ["creation/zeros_like::device", "statistical/sum::device", "elementwise/add::value", "elementwise/add::pure"] {
        let check = check(id);
        assert_eq!(check.verdict, Verdict::Pass, "{check:?}");
        assert!(check.cells.iter().all(|cell| cell.device == "device1" && cell.cases > 0), "{check:?}");
    }
}

#[test]
fn a_device_that_the_library_lacks_is_an_error_that_names_those_it_has() {
    let dir = provisioned();
    let said = run(dir.path(), &["conform", "array-api-strict", "--device=cuda:0", "--select=elementwise/add", "--out=out"]);
    said.fails(3, "on cuda:0: the library's devices are CPU_DEVICE, device1");
}
