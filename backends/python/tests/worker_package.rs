//! Runs the tests of the Python worker that are written in Python, in the interpreter of the environment `numpy`.

use std::path::Path;
use std::process::{Command, Stdio};

use array_assay_python::named;

/// The number of tests that `unittest` reports.
fn tests_run(report: &str) -> Option<usize> {
    let (_, rest) = report.split_once("\nRan ")?;
    rest.split_once(' ')?.0.parse().ok()
}

#[test]
fn the_tests_in_python_pass() {
    let state = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("it lies in the target folder");
    let numpy = named("numpy", state, &mut |message| eprintln!("{message}")).unwrap_or_else(|error| panic!("failed to {error}"));
    let run = Command::new(numpy.program)
        // Isolated like the worker, and without compiled files in the repository.
        .args(["-I", "-B", "-m", "unittest", "discover", "--start-directory", "tests", "--top-level-directory", "."])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("worker"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let report = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{report}");
    assert!(tests_run(&report).is_some_and(|count| count > 0), "no test was found: {report}");
    assert!(!report.contains("skipped="), "{report}");
}
