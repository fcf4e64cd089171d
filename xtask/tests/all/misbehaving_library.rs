//! A library that misbehaves in every way that a process allows, through `python:MODULE`: its faults are its own, and no other
//! function's.
//!
//! The first run installs NumPy into the target folder; later ones need no network.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::OnceLock;

use array_assay_format::{Cell, Check, Results, Verdict};

const TOOL: &str = env!("CARGO_BIN_EXE_array-assay");
const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures");

/// Functions whose faults show in their results, and what has to be said of float32.
const FAULTY: [(&str, &str); 8] = [
    ("ceil", "fail raised"),
    ("floor", "fail raised"),
    ("negative", "crash crashed"),
    ("positive", "crash crashed"),
    ("reciprocal", "timeout timed-out"),
    ("round", "crash out-of-memory"),
    // NumPy needs the built-in functions that it replaced. They are put back before a call that runs again.
    ("sqrt", "flaky raised"),
    ("trunc", "fail raised"),
];

/// Functions that leave something behind: their results are right, and so are those of all that run after them.
const UNTIDY: [&str; 10] = ["cos", "exp", "isfinite", "isinf", "isnan", "log", "sign", "signbit", "square", "tanh"];

/// Functions that misbehave in no way.
const INNOCENT: [&str; 4] = ["abs", "add", "sin", "tan"];

/// The module as a backend; what the command printed, and its results.
fn conform(unruly: bool) -> (String, Results) {
    let folder = tempfile::tempdir().unwrap();
    let state = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("it lies in the target folder");
    let numpy =
        array_assay_python::named("numpy", state, &mut |line| eprintln!("{line}")).unwrap_or_else(|error| panic!("failed to {error}"));
    // Of those whose process ends one check: each try costs a process.
    let faulty = FAULTY.iter().map(|(name, _)| format!("--select=elementwise/{name}::call"));
    let select = faulty.chain(UNTIDY.into_iter().chain(INNOCENT).map(|name| format!("--select=elementwise/{name}")));
    let mut command = Command::new(TOOL);
    let line =
        "conform python:unruly --cases=6 --dtype=float32 --dtype=float64 --dtype=complex64 --jobs=1 --timeout=3 --memory=400 --out=out";
    command.args(line.split(' ')).arg("--python");
    command.arg(numpy.program).args(select);
    command.current_dir(folder.path()).env("CARGO_MANIFEST_DIR", env!("CARGO_MANIFEST_DIR")).env("CARGO_TARGET_DIR", state);
    command.env("PYTHONPATH", FIXTURES);
    command.env("PYTHONDONTWRITEBYTECODE", "1").env("UNRULY", if unruly { "1" } else { "" });
    let Output { stdout, stderr, .. } = command.output().unwrap();
    let said = [stdout, stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    let file = folder.path().join("out/unruly/results.jsonl");
    (said.clone(), Results::read(&file).unwrap_or_else(|error| panic!("failed to {error}\n{said}")))
}

fn unruly() -> &'static (String, Results) {
    static RUN: OnceLock<(String, Results)> = OnceLock::new();
    RUN.get_or_init(|| conform(true))
}

fn by_function(results: &Results) -> BTreeMap<&str, Vec<&Check>> {
    let mut out: BTreeMap<&str, Vec<&Check>> = BTreeMap::new();
    for check in &results.checks {
        out.entry(check.id.function.as_str()).or_default().push(check);
    }
    out
}

#[test]
fn each_fault_is_judged_and_names_the_call() {
    let functions = by_function(&unruly().1);
    for (name, expected) in FAULTY {
        let call = functions[name].iter().find(|check| check.id.to_string() == format!("elementwise/{name}::call")).unwrap();
        let cell = call.cells.iter().find(|cell| cell.dtype == "float32").unwrap();
        assert_eq!(format!("{} {}", cell.verdict, cell.cause.unwrap().word()), expected, "{name}");
        let example = cell.counterexample.as_ref().or_else(|| call.cells.iter().find_map(|cell| cell.counterexample.as_ref())).unwrap();
        assert!(example.call.starts_with(&format!("{name}(")) && example.call.contains("float32("), "{}", example.call);
        assert!(example.snippet.contains(&format!("xp.{name}(")), "a script shows it: {}", example.snippet);
        let bad = call.cells.iter().filter(|cell| cell.verdict != Verdict::Pass).map(|cell| cell.dtype.as_str());
        assert_eq!(bad.collect::<Vec<_>>(), ["float32"], "{name}: other dtypes are not concerned");
    }
    let text = &unruly().0;
    for words in ["SIGABRT", "exit status: 0", "SystemExit", "KeyboardInterrupt", "Unheard: of"] {
        assert!(text.contains(words), "{words} is not in\n{text}");
    }
}

/// A check without the numbers of its cases. A case that follows a chain of calls is not counted if one of these calls fails.
fn without_counts(check: &Check) -> Check {
    let cells = check.cells.iter().map(|cell| Cell { cases: 0, accuracy: None, ..cell.clone() });
    Check { cells: cells.collect(), ..check.clone() }
}

#[test]
fn no_other_function_is_concerned() {
    let plain = conform(false).1;
    let (before, after) = (by_function(&plain), by_function(&unruly().1));
    for name in UNTIDY.into_iter().chain(INNOCENT) {
        for (before, after) in before[name].iter().zip(&after[name]) {
            assert_eq!(without_counts(before), without_counts(after));
        }
        assert_eq!(before[name].len(), after[name].len());
    }
    assert!(plain.footer.restarts == 0 && unruly().1.footer.restarts > 0);
}
