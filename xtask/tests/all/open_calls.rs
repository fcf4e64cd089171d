//! `conform --open`: calls whose result the standard leaves open show whether a library survives them.
//!
//! The first run installs NumPy into the target folder; later ones need no network.

use std::path::Path;
use std::process::Command;

use array_assay_format::{Cell, Level, Results, Verdict};

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures");

/// The results of NumPy with a division that ends the process.
fn conform(options: &[&str]) -> Results {
    let folder = tempfile::tempdir().unwrap();
    let state = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("it lies in the target folder");
    let numpy =
        array_assay_python::named("numpy", state, &mut |line| eprintln!("{line}")).unwrap_or_else(|error| panic!("failed to {error}"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_array-assay"));
    let line = "conform python:edgy --cases=6 --dtype=int32 --dtype=int64 --jobs=1 --out=out --select=elementwise/floor_divide \
                --select=indexing/take";
    command.args(line.split_whitespace()).args(options).arg("--python").arg(numpy.program);
    command.current_dir(folder.path()).env("CARGO_MANIFEST_DIR", env!("CARGO_MANIFEST_DIR")).env("CARGO_TARGET_DIR", state);
    command.env("PYTHONPATH", FIXTURES).env("PYTHONDONTWRITEBYTECODE", "1");
    let output = command.output().unwrap();
    let file = folder.path().join("out/edgy/results.jsonl");
    Results::read(&file).unwrap_or_else(|error| panic!("failed to {error}\n{}", String::from_utf8_lossy(&output.stderr)))
}

#[test]
fn a_library_has_to_survive_what_the_standard_leaves_open() {
    let results = conform(&["--open"]);
    let find = |id: &str| results.checks.iter().find(|check| check.id.to_string() == id).unwrap_or_else(|| panic!("{id} has no record"));
    let open = find("elementwise/floor_divide::call/open");
    assert_eq!(open.level, Level::Quality);
    let verdict = |cell: &Cell| (cell.dtype.clone(), cell.verdict);
    let cells: Vec<_> = open.cells.iter().map(verdict).collect();
    assert_eq!(cells, [("int32".to_owned(), Verdict::Crash), ("int64".to_owned(), Verdict::Pass)]);
    let example = open.cells[0].counterexample.as_ref().unwrap();
    assert!(example.call.starts_with("floor_divide(int32([") && example.got.contains("exit status: 7"), "{example:?}");
    assert!(example.snippet.contains("xp.floor_divide("), "{}", example.snippet);
    // Its other checks and other functions have nothing to do with it.
    for check in results.checks.iter().filter(|check| check.id != open.id) {
        assert!(matches!(check.verdict, Verdict::Pass | Verdict::NotTested | Verdict::Unsupported), "{} {}", check.id, check.verdict);
    }
    // NumPy raises where an index is beyond the end, which is as good as anything.
    assert_eq!(find("indexing/take::call/open").verdict, Verdict::Pass);
}

#[test]
fn such_calls_are_made_only_where_they_are_asked_for() {
    let results = conform(&[]);
    assert!(results.checks.iter().all(|check| check.id.slug.as_deref() != Some("open") && check.verdict != Verdict::Crash));
}
