//! The gate over time, on a library through `python:MODULE`: what is known stays quiet, what is new or stale does not.
//!
//! The first run installs NumPy into the target folder; later ones need no network.

use std::path::Path;
use std::process::{Command, Output};

const TOOL: &str = env!("CARGO_BIN_EXE_array-assay");
const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures");

/// Judges the module in `folder`, broken on these dtypes; the exit code and what was said.
fn conform(folder: &Path, broken: &str, more: &[&str]) -> (i32, String) {
    let state = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("it lies in the target folder");
    let numpy =
        array_assay_python::named("numpy", state, &mut |line| eprintln!("{line}")).unwrap_or_else(|error| panic!("failed to {error}"));
    let mut command = Command::new(TOOL);
    command.args(["conform", "python:moody", "--select=elementwise/square", "--cases=60", "--jobs=1", "--out=out"]);
    command.arg("--python").arg(numpy.program).arg("--baseline=known.yaml").args(more);
    command.current_dir(folder).env_remove("CARGO_MANIFEST_DIR").env("XDG_CACHE_HOME", folder);
    command.env("PYTHONPATH", FIXTURES).env("PYTHONDONTWRITEBYTECODE", "1").env("MOODY", broken);
    let Output { status, stdout, stderr } = command.output().unwrap();
    let said = [stdout, stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    (status.code().expect("no signal ended it"), said)
}

#[test]
fn what_is_known_on_one_dtype_excuses_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let expect = |broken: &str, more: &[&str], code: i32, says: &[&str]| {
        let (exit, said) = conform(folder.path(), broken, more);
        assert_eq!(exit, code, "broken on {broken}:\n{said}");
        says.iter().for_each(|words| assert!(said.contains(words), "`{words}` is not in\n{said}"));
        said
    };
    let known = || std::fs::read_to_string(folder.path().join("known.yaml")).unwrap();

    expect("float32", &["--update-baseline"], 0, &["1 entry without an explanation"]);
    let explained = known().replace("not yet explained", "the square of a float32 is rounded up");
    assert!(explained.contains("check: elementwise/square::value\n  cause: wrong-value\n  dtypes: [float32]\n"), "{explained}");
    std::fs::write(folder.path().join("known.yaml"), &explained).unwrap();
    expect("float32", &[], 0, &["no unexpected deviation; 1 known deviation"]);

    // Broken on int8 as well: red, and what it says is about int8.
    let said = expect("float32,int8", &[], 1, &["1 unexpected deviation", "new: elementwise/square::value  wrong-value: int8 ("]);
    let head = said.lines().find(|line| line.trim_start().starts_with("elementwise/square::value")).unwrap();
    assert!(head.ends_with("wrong-value  int8"), "{head}");
    assert!(said.contains("square(int8("), "the counterexample is of int8:\n{said}");

    // Mended on float32: its entry is to go.
    expect("int8", &[], 1, &["stale: elementwise/square::value (wrong-value) is in the baseline but did not occur: remove the entry"]);

    // The update takes the old entry out and does not give its reason to int8.
    expect(
        "int8",
        &["--update-baseline"],
        0,
        &["removed 1 entry whose deviation no longer occurs", "elementwise/square::value  wrong-value: int8"],
    );
    assert!(!known().contains("rounded up") && known().contains("dtypes: [int8]"), "{}", known());
    expect("int8", &[], 0, &["no unexpected deviation; 1 known deviation"]);
    expect("", &[], 1, &["stale: elementwise/square::value (wrong-value)"]);
}
