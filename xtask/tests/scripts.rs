//! The script of a deviation, run with the library alone, shows it.
//!
//! The first run installs NumPy into the target folder; later ones need no network.

use std::path::Path;
use std::process::Command;

use array_assay_format::{Cause, Counterexample, Results};

const TOOL: &str = env!("CARGO_BIN_EXE_array-assay");

/// Deviations of NumPy that every seed finds: wrong values, wrong dtypes, calls that raise.
const DEVIATING: [&str; 7] = [
    "elementwise/expm1::special/*",
    "elementwise/floor_divide::value",
    "elementwise/clip::call",
    "data_type/finfo::call",
    "linalg/eigvals::dtype",
    "linalg/trace::dtype/*",
    "fft/fftfreq::call/*",
];

#[test]
fn scripts_show_their_deviations_without_the_tool() {
    let folder = tempfile::tempdir().unwrap();
    let state = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("it lies in the target folder");
    let python = array_assay_python::named("numpy", state, &mut |line| eprintln!("{line}")).unwrap().program;
    let mut command = Command::new(TOOL);
    command.args(["conform", "numpy", "--no-baseline", "--cases=100", "--out=out"]);
    command.args(DEVIATING.iter().map(|glob| format!("--select={glob}")));
    command.current_dir(folder.path()).env("CARGO_MANIFEST_DIR", env!("CARGO_MANIFEST_DIR")).env("CARGO_TARGET_DIR", state);
    let said = command.output().unwrap();
    let results = Results::read(&folder.path().join("out/numpy/results.jsonl"))
        .unwrap_or_else(|error| panic!("failed to {error}\n{}", String::from_utf8_lossy(&said.stderr)));

    for glob in DEVIATING {
        let of_it = |check: &&array_assay_format::Check| glob.parse::<array_assay_format::Glob>().unwrap().matches(&check.id);
        let cells: Vec<_> = results.checks.iter().filter(of_it).flat_map(|check| &check.cells).collect();
        // One of each check's dtypes speaks for all.
        let (cell, found) = cells.iter().find_map(|cell| Some((cell, cell.counterexample.as_ref()?))).unwrap_or_else(|| panic!("{glob}"));
        let ran = Command::new(&python).arg("-c").arg(&found.snippet).current_dir(folder.path()).output().unwrap();
        let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
        let shows = match cell.cause {
            Some(Cause::Raised) => !ran.status.success() && err.lines().last().is_some_and(|line| found.got.starts_with(line)),
            _ => ran.status.success() && shows_value(found, &out),
        };
        assert!(shows, "{glob} on {}: {} is not shown by\n{}\n{out}{err}", cell.dtype, found.got, found.snippet);
    }
}

/// Whether a text names the dtype of what came out, or its numbers.
fn shows_value(found: &Counterexample, text: &str) -> bool {
    if let Some(dtype) = found.got.strip_prefix("dtype ") {
        return text.contains(dtype);
    }
    let shown = numbers(text);
    let got = numbers(&found.got);
    // NumPy prints eight digits of single precision.
    let close = |x: f64, y: f64| x == y || x.is_nan() && y.is_nan() || (x - y).abs() <= 1e-6 * x.abs();
    !got.is_empty() && got.iter().all(|x| shown.iter().any(|y| close(*x, *y)))
}

fn numbers(text: &str) -> Vec<f64> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || "+-.".contains(c)));
    // `0+nanj` are two numbers.
    let parts =
        words.flat_map(|word| match word.strip_suffix('j').and_then(|word| Some((word, word.rfind(['+', '-']).filter(|at| *at > 0)?))) {
            Some((word, at)) => vec![&word[..at], &word[at..]],
            None => vec![word],
        });
    parts.filter_map(|part| part.parse().ok()).collect()
}
