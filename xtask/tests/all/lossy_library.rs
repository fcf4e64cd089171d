//! A library that loses some values on the way in or out, through `python:MODULE`: what it loses is said once, and all else is judged.
//!
//! The first run installs NumPy into the target folder; later ones need no network.

use std::path::Path;
use std::process::{Command, Output};
use std::sync::OnceLock;

use array_assay_format::{Cell, Check, Results, Verdict};

const TOOL: &str = env!("CARGO_BIN_EXE_array-assay");
const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../backends/python/tests/fixtures");

/// What the command printed, and its results.
fn lossy() -> &'static (String, Results) {
    static RUN: OnceLock<(String, Results)> = OnceLock::new();
    RUN.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let state = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("it lies in the target folder");
        let numpy =
            array_assay_python::named("numpy", state, &mut |line| eprintln!("{line}")).unwrap_or_else(|error| panic!("failed to {error}"));
        let functions =
            ["elementwise/abs", "elementwise/negative", "elementwise/reciprocal", "elementwise/bitwise_invert", "array/__complex__"];
        let mut command = Command::new(TOOL);
        command.args("conform python:lossy --cases=200 --jobs=1 --out=out".split(' ')).arg("--python").arg(numpy.program);
        command.args(functions.map(|function| format!("--select={function}")));
        command.current_dir(folder.path()).env("CARGO_MANIFEST_DIR", env!("CARGO_MANIFEST_DIR")).env("CARGO_TARGET_DIR", state);
        command.env("PYTHONPATH", FIXTURES).env("PYTHONDONTWRITEBYTECODE", "1");
        let Output { stdout, stderr, .. } = command.output().unwrap();
        let said = [stdout, stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
        let file = folder.path().join("out/lossy/results.jsonl");
        (said.clone(), Results::read(&file).unwrap_or_else(|error| panic!("failed to {error}\n{said}")))
    })
}

fn check(id: &str) -> &'static Check {
    lossy().1.checks.iter().find(|check| check.id.to_string() == id).unwrap_or_else(|| panic!("no record of {id}"))
}

fn cell(id: &str, dtype: &str) -> &'static Cell {
    check(id).cells.iter().find(|cell| cell.dtype == dtype).unwrap_or_else(|| panic!("{id} has no cell for {dtype}"))
}

#[test]
fn lost_values_are_one_finding_and_the_rest_is_judged() {
    let (said, results) = lossy();
    let lost: Vec<&str> = results.header.backend.lost.keys().map(String::as_str).collect();
    assert_eq!(lost, ["negative zero (float64)", "the payload of NaN (float64)", "the sign of NaN (float64)"]);
    assert!(said.contains("negative zero (float64)"), "{said}");
    for name in ["abs", "negative", "reciprocal"] {
        for property in ["call", "value", "pure"] {
            let cell = cell(&format!("elementwise/{name}::{property}"), "float64");
            assert!(cell.verdict == Verdict::Pass && cell.cases > 3, "{name}::{property}: {cell:?}");
        }
    }
    let special = cell("elementwise/abs::special/x-neg-inf", "float64");
    assert!(special.verdict == Verdict::Pass && special.cases > 0, "{special:?}");
    // One that is about a lost value is not judged, and says why.
    let about = check("elementwise/abs::special/x-neg-zero");
    assert!(about.verdict == Verdict::NotTested && about.blocked_by.is_none(), "{about:?}");
    assert!(about.cells[0].note.as_ref().is_some_and(|note| note.contains("do not go in and out unchanged")), "{about:?}");
}

#[test]
fn an_element_that_its_dtype_cannot_hold_is_a_wrong_value() {
    assert_eq!(cell("elementwise/bitwise_invert::call", "uint8").verdict, Verdict::Pass);
    let wrong = cell("elementwise/bitwise_invert::value", "uint8");
    assert_eq!((wrong.verdict, wrong.cause.map(|cause| cause.word())), (Verdict::Fail, Some("wrong-value")));
    let example = wrong.counterexample.as_ref().unwrap();
    assert_eq!((example.expected.as_str(), example.got.as_str()), ("255", "-1, which uint8 cannot hold"));
    assert!(example.snippet.contains("xp.bitwise_invert("), "{}", example.snippet);
}

#[test]
fn a_layout_is_made_in_the_way_that_the_library_has_and_of_the_shapes_that_it_serves() {
    let withdrawn = &lossy().1.header.backend.withdrawn_layouts;
    let names: Vec<&str> = withdrawn.keys().map(String::as_str).collect();
    assert_eq!(names, ["broadcast", "inner-broadcast", "reversed", "strided", "transposed, of arrays of rank 3 and more"]);
    assert!(withdrawn["transposed, of arrays of rank 3 and more"].contains("a matrix has a transpose"), "{withdrawn:?}");
    assert!(withdrawn["broadcast"].contains("broadcast_to"), "{withdrawn:?}");
}
