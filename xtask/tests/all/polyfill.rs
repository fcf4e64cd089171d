//! The polyfills as a user takes them along: a package of Python that passes its own tests, a crate, and ndarray together with it.

use std::path::Path;
use std::process::Command;

use array_assay_format::{Results, Verdict};

const TOOL: &str = env!("CARGO_BIN_EXE_array-assay");

#[test]
fn the_python_package_passes_its_own_tests() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("package");
    let written = Command::new(TOOL).args(["polyfill", "--lang", "python", "--out"]).arg(&out).output().unwrap();
    assert!(written.status.success(), "{}", String::from_utf8_lossy(&written.stderr));
    assert!(out.join("src/array_assay_polyfills/py.typed").is_file());

    let state = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target");
    for library in ["compat:numpy", "array-api-strict"] {
        let python = array_assay_python::named(library, &state, &mut |line| eprintln!("{line}")).unwrap().program;
        let own = if library == "array-api-strict" { compat(&state) } else { None };
        let path = [Some(out.join("src")), own].into_iter().flatten();
        let path = std::env::join_paths(path).unwrap();
        let tested = Command::new(python).arg(out.join("tests/test_polyfills.py")).env("PYTHONPATH", path).output().unwrap();
        let said = String::from_utf8_lossy(&tested.stdout);
        assert!(tested.status.success() && said.contains("passed"), "{library}: {said}{}", String::from_utf8_lossy(&tested.stderr));
        assert!(!said.starts_with("0 "), "{library}: {said}");
    }
}

/// Where the environment of compat:numpy has array-api-compat, which the package needs and that of array-api-strict has not.
fn compat(state: &Path) -> Option<std::path::PathBuf> {
    let python = array_assay_python::named("compat:numpy", state, &mut |_| {}).ok()?.program;
    let code = "import array_api_compat, os; print(os.path.dirname(os.path.dirname(array_api_compat.__file__)))";
    let said = Command::new(python).args(["-c", code]).output().ok()?;
    Some(String::from_utf8(said.stdout).ok()?.trim().into())
}

#[test]
fn ndarray_with_polyfills_conforms_where_it_is_judged() {
    let folder = tempfile::tempdir().unwrap();
    let functions =
        ["elementwise/add", "elementwise/round", "sorting/sort", "linalg/svd", "fft/rfft", "indexing/take", "gaps/nanmin", "gaps/median"];
    let mut command = Command::new(TOOL);
    command
        .args(["conform", "polyfilled:ndarray", "--cases", "200", "--no-baseline", "--out"])
        .arg(folder.path())
        .current_dir(folder.path());
    // As in the repository, where the worker is built on demand.
    command.env("CARGO_MANIFEST_DIR", env!("CARGO_MANIFEST_DIR"));
    for function in functions {
        command.args(["--select", &format!("{function}::*")]);
    }
    let run = command.output().unwrap();
    assert!(run.status.success(), "{}{}", String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    let results = Results::read(&folder.path().join("polyfilled-ndarray/results.jsonl")).unwrap();
    for function in functions {
        let (category, name) = function.split_once('/').unwrap();
        let own = results.checks.iter().filter(|check| check.id.category == category && check.id.function == name);
        let verdicts: Vec<Verdict> = own.filter(|check| check.id.to_string().contains("::value")).map(|check| check.verdict).collect();
        assert!(verdicts.contains(&Verdict::Pass) && verdicts.iter().all(|v| *v == Verdict::Pass), "{function}: {verdicts:?}");
    }
}

#[test]
fn the_crate_is_written_whole() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("crate");
    let written = Command::new(TOOL).args(["polyfill", "--lang", "rust", "--out"]).arg(&out).output().unwrap();
    assert!(written.status.success(), "{}", String::from_utf8_lossy(&written.stderr));
    let read = |path: &str| std::fs::read_to_string(out.join(path)).unwrap();
    assert!(read("src/generated/bodies.rs").contains("fn nanmin<N: Namespace>"));
    assert!(read("src/lib.rs").contains("mod kernels;"));
    assert!(read("Cargo.toml").contains("name = \"array-assay-namespace\""));
}
