//! Runs the tests of the Python worker that are written in Python, in the interpreter of the environment `numpy`, and checks the types and the
//! style of the worker's package with mypy and ruff.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use array_assay_python::{named, tools};

/// The folder for environments.
fn state() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("it lies in the target folder")
}

fn worker() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("worker")
}

/// The number of tests that `unittest` reports.
fn tests_run(report: &str) -> Option<usize> {
    let (_, rest) = report.split_once("\nRan ")?;
    rest.split_once(' ')?.0.parse().ok()
}

#[test]
fn the_tests_in_python_pass() {
    let numpy = named("numpy", state(), &mut |message| eprintln!("{message}")).unwrap_or_else(|error| panic!("failed to {error}"));
    let run = Command::new(numpy.program)
        // Isolated like the worker, and without compiled files in the repository.
        .args(["-I", "-B", "-m", "unittest", "discover", "--start-directory", "tests", "--top-level-directory", "."])
        .current_dir(worker())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let report = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{report}");
    assert!(tests_run(&report).is_some_and(|count| count > 0), "no test was found: {report}");
    assert!(!report.contains("skipped="), "{report}");
}

/// What a module of Python says of the worker; `None` where it has nothing to say.
fn said(args: &[&str]) -> Option<String> {
    let python = tools("checkers", state(), &mut |message| eprintln!("{message}")).unwrap_or_else(|error| panic!("failed to {error}"));
    let run = Command::new(python).args(["-I", "-B", "-m"]).args(args).current_dir(worker()).stdin(Stdio::null()).output().unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    (!run.status.success()).then_some(text)
}

#[test]
fn the_package_is_typed_throughout() {
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mypy");
    let said = said(&["mypy", "--strict", "--cache-dir", &cache.to_string_lossy(), "array_assay_worker"]);
    assert!(said.is_none(), "{}", said.unwrap_or_default());
}

#[test]
fn no_name_in_python_is_unused_or_undefined() {
    // Pyflakes, what is no Python, and misuse of the language.
    let said = said(&["ruff", "check", "--isolated", "--no-cache", "--select", "F,E9,PLE", "."]);
    assert!(said.is_none(), "{}", said.unwrap_or_default());
}
