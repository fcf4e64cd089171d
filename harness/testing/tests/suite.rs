//! A test program made by this crate, run as cargo and cargo-nextest run it.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The example `faulty`, which cargo builds beside the tests.
fn program() -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let folder = tests.parent().and_then(Path::parent).expect("the tests lie in `deps`");
    folder.join("examples").join(format!("faulty{}", std::env::consts::EXE_SUFFIX))
}

/// What the program prints, and whether it says that all is well.
fn run(args: &[&str], baseline: Option<&Path>) -> (String, bool) {
    let mut command = Command::new(program());
    command.args(args).envs(baseline.map(|path| ("FAULTY_BASELINE", path)));
    let output = command.output().unwrap();
    (String::from_utf8([output.stdout, output.stderr].concat()).unwrap(), output.status.success())
}

/// The tests with an outcome.
fn with<'o>(out: &'o str, outcome: &str) -> Vec<&'o str> {
    let lines = out.lines().filter_map(|line| line.strip_prefix("test ")?.rsplit_once("... "));
    lines.filter(|(_, said)| *said == outcome).map(|(name, _)| name.trim()).collect()
}

#[test]
fn the_end_of_the_process_costs_the_checks_of_its_function_alone() {
    let (out, well) = run(&["elementwise/n", "--test-threads=2"], None);
    assert!(!well, "{out}");
    let failed = with(&out, "FAILED");
    assert!(
        failed.contains(&"elementwise/negative::call") && failed.iter().all(|name| name.starts_with("elementwise/negative::")),
        "{out}"
    );
    let passed = with(&out, "ok");
    assert!(passed.contains(&"elementwise/not_equal::value") && passed.contains(&"elementwise/nextafter::value"), "{out}");
}

#[test]
fn a_wrong_value_is_shown_with_the_call_and_the_clause() {
    let (out, well) = run(&["elementwise/abs::value", "--exact"], None);
    assert!(!well && with(&out, "FAILED") == ["elementwise/abs::value"], "{out}");
    for shown in ["abs(", "got ", "expected ", "array_api.abs.html"] {
        assert!(out.contains(shown), "{shown}: {out}");
    }
}

#[test]
fn the_list_names_every_check_and_runs_none() {
    let (out, well) = run(&["--list", "--format", "terse"], None);
    let names: Vec<&str> = out.lines().filter_map(|line| line.strip_suffix(": test")).collect();
    assert!(well && names.len() > 3_000 && names.contains(&"linalg/svd::shape"), "{} names", names.len());
    assert!(names.iter().all(|name| !name.ends_with("/large") && !name.ends_with("/open") && !name.starts_with("gaps/")));
}

#[test]
fn what_the_baseline_names_has_to_deviate_still() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("known.yaml");
    let entry =
        |function: &str| format!("- check: elementwise/{function}::value\n  cause: wrong-value\n  reason: it gives its argument back\n");
    std::fs::write(&file, format!("seed: 0\ncases: 20\ndeviations:\n{}{}", entry("abs"), entry("sign"))).unwrap();
    let (out, well) = run(&["elementwise/abs::value", "--exact"], Some(&file));
    assert!(well, "{out}");
    let (out, well) = run(&["elementwise/sign::value", "--exact"], Some(&file));
    assert!(!well && out.contains("did not occur: remove the entry"), "{out}");
}
