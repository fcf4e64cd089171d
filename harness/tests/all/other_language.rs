//! The worker in C, `backends/c`, which is written only from the protocol. It is compiled, validated and judged.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use array_assay_format::{Check, Verdict};
use array_assay_harness::run::{Backend, Limits, Options, Run, WorkerCommand, conform};
use array_assay_harness::snippet::Language;
use array_assay_harness::validate::Validation;
use array_assay_spec::Spec;

/// The functions that are run: some of each kind.
const SELECTED: [&str; 16] = [
    "array/__add__",
    "array/shape",
    "creation/asarray",
    "creation/full",
    "creation/ones_like",
    "creation/zeros",
    "elementwise/add",
    "elementwise/exp",
    "elementwise/isnan",
    "elementwise/less",
    "elementwise/negative",
    "elementwise/sqrt",
    "manipulation/reshape",
    "statistical/max",
    "statistical/sum",
    "utility/all",
];

/// The worker, compiled as CONTRIBUTING.md says.
fn worker() -> PathBuf {
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("pebble-{}", std::process::id()));
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/../backends/c/worker.c");
    let compiled = Command::new("cc").args(["-O1", "-Wall", "-Wextra", "-o"]).arg(&program).args([source, "-lm"]).output();
    let compiled = compiled.expect("a C compiler, `cc`, is needed");
    assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
    program
}

/// A validated run of the worker.
fn judged() -> &'static (Run, Arc<Validation>) {
    static RUN: OnceLock<(Run, Arc<Validation>)> = OnceLock::new();
    RUN.get_or_init(|| {
        let program = worker();
        let command = WorkerCommand { program: program.clone(), args: Vec::new(), ..WorkerCommand::default() };
        let backend = Backend { name: "exec:pebble".to_owned(), command, language: Language::Other };
        let validation = Arc::<Validation>::default();
        let options = Options {
            select: SELECTED.iter().map(|name| name.parse().unwrap()).collect(),
            cases: 100,
            limits: Limits::new(Duration::from_secs(60), None),
            validation: Some(Arc::clone(&validation)),
            ..Options::default()
        };
        let run = conform(Spec::embedded(), &backend, &options, None, None, &AtomicBool::new(false), &()).unwrap();
        std::fs::remove_file(program).unwrap();
        (run, validation)
    })
}

fn with(verdict: Verdict) -> Vec<&'static Check> {
    judged().0.checks.iter().filter(|check| check.verdict == verdict).collect()
}

fn ids(verdict: Verdict) -> Vec<String> {
    with(verdict).iter().map(|check| check.id.to_string()).collect()
}

#[test]
fn it_breaks_no_rule_of_the_protocol() {
    let breaches = judged().1.breaches();
    assert!(breaches.is_empty(), "{}", breaches.iter().map(|breach| format!("{breach}\n")).collect::<String>());
    assert!(judged().1.frames() > 16, "{}", judged().1.frames());
}

#[test]
fn it_says_who_it_is() {
    let backend = &judged().0.header.backend;
    assert_eq!((backend.library.as_str(), backend.version.as_str(), backend.language.as_str()), ("pebble", "1.0", "C11"));
    assert_eq!(backend.dtypes, ["bool", "int32", "float32", "float64"]);
    let withdrawn: Vec<&str> = backend.withdrawn_layouts.keys().map(String::as_str).collect();
    assert_eq!(withdrawn, ["broadcast", "inner-broadcast", "reversed", "strided", "transposed"], "it has no views");
}

/// Functions that pebble lacks are missing, and arguments that it does not take fail. Checks of complex numbers do not apply.
#[test]
fn its_deviations_are_found() {
    assert_eq!(ids(Verdict::Missing), ["elementwise/exp::present", "creation/ones_like::present"]);
    // Pebble takes no nested sequences. Until 2022.12, the sum of float32 was float64.
    assert_eq!(ids(Verdict::Fail), ["creation/asarray::call", "statistical/sum::dtype/until-2022.12"]);
    let example = with(Verdict::Fail)[0].cells.iter().find_map(|cell| cell.counterexample.as_ref()).unwrap();
    assert!(example.call.starts_with("asarray([") || example.call.starts_with("asarray(("), "{}", example.call);
    assert_eq!(example.got, "TypeError: not a real number");
    for check in with(Verdict::Unsupported) {
        let slug = check.id.slug.as_deref().unwrap_or_default();
        assert!(
            slug.contains("complex") || ["as-add", "cases", "conj", "approximate", "approximate-scalar"].contains(&slug),
            "{}",
            check.id
        );
    }
    let blocked: BTreeSet<&str> = with(Verdict::Blocked).iter().map(|check| check.id.function.as_str()).collect();
    assert_eq!(blocked.into_iter().collect::<Vec<_>>(), ["exp", "ones_like"]);
    let passed: BTreeSet<String> = with(Verdict::Pass).iter().map(|check| format!("{}/{}", check.id.category, check.id.function)).collect();
    assert_eq!(passed.len(), SELECTED.len() - 2, "{passed:?}");
    assert!(ids(Verdict::Pass).len() > 150, "{}", ids(Verdict::Pass).len());
    assert!(ids(Verdict::Crash).is_empty() && ids(Verdict::Timeout).is_empty() && ids(Verdict::Flaky).is_empty());
}
