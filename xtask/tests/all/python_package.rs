//! The Python package around the program: its tests in Python and its types, in a provisioned environment, with the program of this build.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const PROJECT: &str = env!("CARGO_MANIFEST_DIR");

fn python() -> PathBuf {
    let state = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("it lies in the target folder");
    array_assay_python::tools("package", state, &mut |line| eprintln!("{line}")).unwrap_or_else(|error| panic!("failed to {error}"))
}

/// What a module of Python says, which has to succeed.
fn output(module: &[&str]) -> String {
    let mut command = Command::new(python());
    command.args(["-B", "-m"]).args(module).current_dir(PROJECT).stdin(Stdio::null());
    command.env("ARRAY_ASSAY_BINARY", env!("CARGO_BIN_EXE_array-assay")).env("PYTHONPATH", "python").env_remove("CARGO_MANIFEST_DIR");
    let output = command.output().unwrap();
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    assert!(output.status.success(), "{said}");
    said
}

#[test]
fn the_tests_in_python_pass() {
    let said = output(&["pytest", "-p", "no:cacheprovider", "-n", "2", "-q"]);
    assert!(said.contains(" passed") && !said.contains("skipped"), "{said}");
}

#[test]
fn the_package_is_typed() {
    let cache = format!("--cache-dir={}/mypy", env!("CARGO_TARGET_TMPDIR"));
    assert!(output(&["mypy", "--strict", &cache]).contains("no issues found"));
}
