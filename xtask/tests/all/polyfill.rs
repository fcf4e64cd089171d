//! The polyfills as a user takes them along: a package of Python that passes its own tests, a crate, and ndarray together with it.

use std::path::{Path, PathBuf};
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
    let say = &mut |line: &str| eprintln!("{line}");
    let tools = array_assay_python::tools("package", &state, say).unwrap();
    let libraries = ["compat:numpy", "array-api-strict"].map(|library| array_assay_python::named(library, &state, say).unwrap().program);
    // The tests run on pytest, and see the libraries in the environments of these.
    let path = libraries.iter().map(|python| site_packages(python)).chain([out.join("src")]);
    let path = std::env::join_paths(path).unwrap();
    let run = |args: &[&str]| {
        let mut command = Command::new(&tools);
        command.args(["-m"]).args(args).current_dir(&out).env("PYTHONPATH", &path).env("MYPYPATH", "src");
        let tested = command.output().unwrap();
        let said = [tested.stdout, tested.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
        assert!(tested.status.success(), "{args:?}: {said}");
        said
    };
    let said = run(&["pytest", "-q", "-p", "no:warnings", "-n", "2", "tests"]);
    let passed = said.split(" passed").next().and_then(|before| before.split_whitespace().next_back()?.parse::<u32>().ok());
    assert!(passed.is_some_and(|n| n > 500), "{said}");
    let interpreter = format!("--python-executable={}", libraries[0].display());
    for what in [["-p", "array_assay_polyfills"].as_slice(), &["tests/typed.py"]] {
        run(&[&["mypy", "--strict", &interpreter], what].concat());
    }
}

/// The folder in which an environment has its packages.
fn site_packages(python: &Path) -> PathBuf {
    let said = Command::new(python).args(["-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]).output().unwrap();
    String::from_utf8(said.stdout).unwrap().trim().into()
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
