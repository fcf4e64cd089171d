//! Runs the tests of the package that traces consumers in its environment, and checks its types and its style with mypy and ruff.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use array_assay_python::tools;

/// The folder for environments.
fn state() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("it lies in the target folder")
}

/// What Python says in an environment of tools when it runs a module in the package's folder, and whether it succeeds.
fn said(environment: &str, args: &[&str]) -> (String, bool) {
    let package: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("consumers");
    let python = tools(environment, state(), &mut |message| eprintln!("{message}")).unwrap_or_else(|error| panic!("failed to {error}"));
    let run = Command::new(python).args(["-I", "-B", "-m"]).args(args).current_dir(package).stdin(Stdio::null()).output().unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    (text, run.status.success())
}

#[test]
fn the_tests_of_the_tracer_pass() {
    let (report, passed) = said("consumers", &["unittest", "discover", "--start-directory", "tests", "--top-level-directory", "."]);
    assert!(passed, "{report}");
    assert!(!report.contains("Ran 0 tests") && !report.contains("skipped="), "{report}");
}

#[test]
fn the_tracer_is_typed_and_has_no_unused_name() {
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mypy-consumers");
    let cache = cache.to_string_lossy();
    // The environment of checkers has none of the libraries.
    let (report, passed) =
        said("checkers", &["mypy", "--strict", "--ignore-missing-imports", "--cache-dir", &cache, "array_assay_consumers"]);
    assert!(passed, "{report}");
    let (report, passed) = said("checkers", &["ruff", "check", "--isolated", "--no-cache", "--select", "F,E9,PLE", "."]);
    assert!(passed, "{report}");
}
