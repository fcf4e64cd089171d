//! Workers that misbehave in one way each. Exactly the expected cells deviate, everything else is the same as without the fault, and no
//! record is missing.

use std::time::Duration;

use array_assay_format::{Results, Revision, Verdict};
use array_assay_harness::run::{Limits, Options, RunError};
use array_assay_interface::DType;
use array_assay_spec::Spec;
use array_assay_spec::checks::{APPROXIMATE, APPROXIMATE_SCALAR, COMPLEX_ACCURACY};

use crate::tiny::{self, FUNCTIONS, backend, by_id, deviations, options, results, run, undisturbed};

/// Runs the worker with a fault. The worker gets a file in which it remembers what happened before a restart.
fn faulty(fault: &str, options: &Options) -> Result<Results, RunError> {
    let mut backend = backend(fault);
    let state = tempfile::NamedTempFile::new().unwrap();
    backend.command.args.extend(["--state".into(), state.path().into()]);
    run(&backend, options).map(results)
}

/// The cells that deviate only with the fault. Asserts that no record is missing, and that the records of other functions are the same.
fn new_deviations(fault: &str, results: &Results) -> Vec<String> {
    let (before, after) = (by_id(&undisturbed().checks), by_id(&results.checks));
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>(), "every selected check has a record");
    let concerned = fault.split(':').nth(1).unwrap_or_default();
    for (id, check) in &after {
        if check.id.function != concerned {
            assert_eq!(before[id], *check, "another function is not concerned");
        }
    }
    let known = deviations(&undisturbed().checks);
    deviations(&results.checks).into_iter().filter(|line| !known.contains(line)).collect()
}

/// Asserts that the cells of other dtypes than the fault's have the same verdicts as without the fault.
fn assert_other_dtypes_hold(fault: &str, results: &Results) {
    let (function, dtype) = fault.split_once(':').and_then(|(_, place)| place.split_once(':')).expect("the fault names a dtype");
    let before = by_id(&undisturbed().checks);
    for check in results.checks.iter().filter(|check| check.id.function == function) {
        let id = check.id.to_string();
        let verdicts = |cells: &[array_assay_format::Cell]| -> Vec<(String, Verdict)> {
            cells
                .iter()
                .filter(|cell| cell.dtype != dtype && !cell.dtype.is_empty())
                .map(|cell| (cell.dtype.clone(), cell.verdict))
                .collect()
        };
        assert_eq!(verdicts(&before[&id].cells), verdicts(&check.cells), "{id}: other dtypes are not concerned");
    }
}

/// Makes tests: the name, the fault, and the cells that deviate.
macro_rules! faults {
    ($($options:expr => { $($name:ident: $fault:literal => [$($line:literal),* $(,)?];)+ })+) => {$($(
        #[test]
        fn $name() {
            let expected: &[&str] = &[$($line),*];
            let results = faulty($fault, &$options).unwrap();
            assert_eq!(new_deviations($fault, &results), expected);
            assert_other_dtypes_hold($fault, &results);
        }
    )+)+};
}

fn impatient() -> Options {
    Options { limits: Limits::new(Duration::from_secs(1), None), ..options() }
}

fn modest() -> Options {
    Options { limits: Limits::new(Duration::from_secs(60), Some(128)), ..options() }
}

faults! {
    // The library is wrong.
    options() => {
        a_wrong_value: "wrong-value:negative:int8" => ["negative::value int8 fail wrong-value"];
        a_wrong_dtype: "wrong-dtype:negative:float32" => ["negative::dtype float32 fail wrong-dtype"];
        a_wrong_shape: "wrong-shape:negative:float64" => ["negative::shape float64 fail wrong-shape"];
        a_mutated_input: "mutates:negative:float32" => ["negative::pure float32 fail mutated-input"];
        a_python_number: "python-number:isnan:float32" => ["isnan::type float32 fail wrong-type"];
        a_raised_exception: "raises:sqrt:float32" => ["sqrt::call float32 fail raised"];
        a_denied_function: "denies:negative:int8" => ["negative::call int8 missing missing-name"];
        an_undeclared_unsupported: "unsupported:negative:float64" => ["negative::call float64 fail raised"];
    }
    // The process ends.
    options() => {
        an_abort: "aborts:negative:float32" => ["negative::call float32 crash crashed"];
        a_stop: "stops-itself:negative:float32" => ["negative::call float32 crash crashed"];
        an_abort_with_children: "dies-with-children:negative:float32" => ["negative::call float32 crash crashed"];
        an_exit: "exits:negative:float32" => ["negative::call float32 crash crashed"];
        two_aborts: "aborts-twice:negative:float32" => ["negative::call float32 flaky crashed"];
    }
    // What happens is not lost, even if it does not repeat.
    options() => {
        one_abort: "aborts-once:negative:float32" => ["negative::call flaky crashed"];
        a_kill: "killed-at-fifth:negative:float32" => ["negative::call flaky crashed"];
    }
    // The worker breaks the protocol.
    options() => {
        a_stray_text: "prints:negative:float32" => ["negative::call float32 crash protocol"];
        a_truncated_frame: "truncates:negative:float32" => ["negative::call float32 crash protocol"];
        a_length_too_short: "length-too-short:negative:float32" => ["negative::call float32 crash protocol"];
        an_unknown_value: "unknown-value:negative:float32" => ["negative::call float32 crash protocol"];
        too_many_bytes: "short-data:negative:float32" => ["negative::call float32 crash protocol"];
        too_few_values: "no-values:negative:float32" => ["negative::call float32 crash protocol"];
        another_batch: "wrong-batch:negative:float32" => ["negative::call float32 crash protocol"];
        another_program: "wrong-first:negative:float32" => ["negative::call float32 crash protocol"];
        too_many_outcomes: "too-many-outcomes:negative:float32" => ["negative::call float32 crash protocol"];
    }
    // The worker takes too long.
    impatient() => {
        a_hang: "hangs:negative:float32" => ["negative::call float32 timeout timed-out"];
        a_length_too_long: "length-too-long:negative:float32" => ["negative::call float32 timeout timed-out"];
        a_pause_of_the_machine: "paused-once:negative:float32" => [];
        frames_without_outcomes: "empty-frames:negative:float32" => ["negative::call float32 crash protocol"];
    }
    // The worker takes too much memory.
    modest() => {
        a_hoard_in_children: "hoards-in-children:negative:float32" => ["negative::call float32 crash out-of-memory"];
        a_hoard: "hoards:negative:float32" => ["negative::call float32 crash out-of-memory"];
    }
    // Nothing is wrong.
    options() => {
        a_flood_on_stderr: "floods-stderr:negative:float32" => [];
        an_outcome_a_frame: "flushes:add:float32" => [];
        a_worker_that_ignores_stop: "ignores-stop:negative:float32" => [];
    }
}

#[test]
fn the_worker_is_right_without_a_fault() {
    let results = undisturbed();
    // The library has no complex numbers, so checks of complex numbers do not apply.
    for check in results.checks.iter().filter(|check| check.verdict != Verdict::Pass) {
        let function = Spec::embedded().function("elementwise", &check.id.function).unwrap();
        let slug = check.id.slug.as_deref().unwrap_or_default();
        let rule = function.rules.iter().find(|rule| rule.slug == slug);
        let of_complex_values = [COMPLEX_ACCURACY, APPROXIMATE, APPROXIMATE_SCALAR].contains(&slug);
        let is_complex = rule.map_or(of_complex_values, |rule| !rule.dtypes.contains(DType::Float64));
        assert!(is_complex && check.cells.iter().all(|cell| cell.cases == 0), "{}: {}", check.id, check.verdict);
    }
    let layouts: Vec<&String> = results.header.backend.withdrawn_layouts.keys().collect();
    assert_eq!(layouts, ["broadcast", "inner-broadcast", "reversed", "strided", "transposed"]);
    let checks = FUNCTIONS.iter().flat_map(|name| Spec::embedded().function("elementwise", name).unwrap().checks());
    assert_eq!(results.checks.len(), checks.filter(|check| options().selects(&check.id)).count());
    assert_eq!((results.footer.restarts, results.footer.retries), (0, 0));
}

#[test]
fn an_absent_function_is_missing_and_blocks_its_checks() {
    let results = faulty("lacks:negative", &options()).unwrap();
    assert_eq!(new_deviations("lacks:negative", &results), ["negative::present missing missing-name"]);
    for check in results.checks.iter().filter(|check| check.id.function == "negative" && check.verdict != Verdict::Missing) {
        assert_eq!(check.verdict, Verdict::Blocked);
        assert_eq!(check.blocked_by.as_ref().unwrap().to_string(), "elementwise/negative::present");
    }
}

#[test]
fn a_fault_that_depends_on_what_ran_before_is_found() {
    for (fault, cells, end) in [
        ("aborts-at-fifth:negative", 3, "crash crashed"),
        ("aborts-at-fortieth:negative", 1, "crash crashed"),
        ("repeats-outcomes:negative", 3, "crash protocol"),
    ] {
        let found = new_deviations(fault, &faulty(fault, &options()).unwrap());
        let is_fault = |line: &String| line.starts_with("negative::call ") && line.ends_with(end);
        assert!(found.len() == cells && found.iter().all(is_fault), "{fault}: {found:?}");
    }
}

#[test]
fn a_crash_is_shown_with_the_calls_that_it_needs() {
    let results = faulty("aborts-at-fifth:negative", &options()).unwrap();
    let check = results.checks.iter().find(|check| check.id.to_string() == "elementwise/negative::call").unwrap();
    let example = check.cells.iter().find_map(|cell| cell.counterexample.as_ref().filter(|_| cell.verdict == Verdict::Crash)).unwrap();
    let note = example.note.as_deref().unwrap_or_default();
    // It ends at its fifth program, so that five calls in one program do not show it.
    assert!(note.ends_with("only after 4 other calls of the function in the same process"), "{note}");
    // A call that ends the process alone needs no other.
    let results = faulty("aborts:negative:float32", &options()).unwrap();
    let check = results.checks.iter().find(|check| check.id.to_string() == "elementwise/negative::call").unwrap();
    let example = check.cells.iter().find_map(|cell| cell.counterexample.as_ref()).unwrap();
    let is_traced = example.note.as_ref().is_some_and(|note| note.contains("process") || note.contains("other calls"));
    assert!(!is_traced && example.program.steps.len() == 1, "{example:?}");
}

#[test]
fn a_flaky_cell_says_how_often_it_deviated() {
    for (fault, check, said) in [
        ("aborts-twice:negative:float32", "call", "flaky: the process failed once, and not when the same call ran again"),
        (
            "aborts-once:negative:float32",
            "call",
            "flaky: the process died (signal: 6 (SIGABRT)) once, and no call was found that brings it about again",
        ),
    ] {
        let results = faulty(fault, &options()).unwrap();
        let checks = by_id(&results.checks);
        let check = checks[&format!("elementwise/negative::{check}")];
        let notes: Vec<&str> = check.cells.iter().filter(|c| c.verdict == Verdict::Flaky).filter_map(|c| c.note.as_deref()).collect();
        assert_eq!(notes, [said], "{fault}");
        assert_eq!(check.deviation_in(Revision::NEWEST), Some(Verdict::Flaky), "{fault}: it is no pass");
        assert_eq!(results.footer.verdicts.get(&Verdict::Flaky), Some(&1), "{fault}");
        assert!(!results.footer.conforms[&Revision::NEWEST], "{fault}");
    }
}

#[test]
fn a_wrong_value_now_and_then_is_flaky() {
    let fault = "wrong-now-and-then:negative:float32";
    let results = faulty(fault, &options()).unwrap();
    let found = new_deviations(fault, &results);
    assert!(found.contains(&"negative::value float32 flaky wrong-value".to_owned()), "{found:?}");
    assert!(found.iter().all(|line| line.starts_with("negative::") && line.ends_with(" float32 flaky wrong-value")), "{found:?}");
    let checks = by_id(&results.checks);
    let cell = checks["elementwise/negative::value"].cells.iter().find(|cell| cell.dtype == "float32").unwrap();
    let note = cell.note.as_deref().unwrap_or_default();
    assert!(note.starts_with("flaky: ") && note.contains(" times again and deviated in "), "{note}");
    assert!(cell.counterexample.is_some() && cell.failures > 0 && cell.failures < cell.cases, "{cell:?}");
}

#[test]
fn restarts_and_retries_are_counted() {
    let once = faulty("aborts-once:negative", &options()).unwrap();
    assert!(once.footer.restarts >= 1 && once.footer.retries >= 1, "{:?}", once.footer);
}

#[test]
fn the_counterexample_of_a_crash_names_the_signal() {
    let results = faulty("aborts:negative", &options()).unwrap();
    let check = by_id(&results.checks)["elementwise/negative::call"];
    let example = check.cells.iter().find_map(|cell| cell.counterexample.as_ref()).unwrap();
    assert!(example.got.contains("SIGABRT"), "{}", example.got);
    assert!(example.call.starts_with("negative("), "{}", example.call);
}

#[test]
fn a_wrong_value_is_simplified_even_if_another_dtype_hangs() {
    let plain = faulty("wrong-value:negative:int8", &options()).unwrap();
    let also = faulty("wrong-value-or-hangs:negative:int8", &impatient()).unwrap();
    let example = |results: &Results| {
        by_id(&results.checks)["elementwise/negative::value"].cells.iter().find_map(|cell| cell.counterexample.clone()).unwrap()
    };
    assert_eq!(example(&plain).call, example(&also).call);
}

#[test]
fn a_dtype_that_does_not_come_back_unchanged_is_left_out() {
    for fault in ["corrupts::int8", "aborts::int8"] {
        let notes = tiny::Notes::default();
        let stop = std::sync::atomic::AtomicBool::new(false);
        let run = array_assay_harness::run::conform(Spec::embedded(), &backend(fault), &options(), None, None, &stop, &notes).unwrap();
        let notes = notes.0.into_inner().unwrap();
        let reported = notes.iter().filter(|note| note.starts_with("int8 arrays do not come back unchanged")).count();
        assert_eq!(reported, 1, "{fault}: {notes:?}");
        assert_eq!(deviations(&run.checks), deviations(&undisturbed().checks), "{fault}");
        assert!(run.checks.iter().all(|check| check.cells.iter().all(|cell| cell.dtype != "int8")), "{fault}");
    }
}

#[test]
fn a_worker_that_returns_no_array_unchanged_is_the_adapters_fault() {
    let error = faulty("corrupts", &options()).unwrap_err();
    assert!(matches!(error, RunError::Smoke { .. }));
    assert!(error.to_string().contains("nothing was judged"), "{error}");
}

#[test]
fn a_worker_that_does_not_start_says_why() {
    let hello = Limits { hello: Duration::from_secs(1), ..options().limits };
    for (fault, limits, said) in [
        ("never-says-hello", hello, ["was silent", "1 s"]),
        ("exits-at-once", options().limits, ["exit status: 3", "no such library: tiny"]),
        ("wrong-version", options().limits, ["version 2", "this tool version 1"]),
        ("garbage-for-hello", options().limits, ["broke the protocol", "exceeds the limit"]),
        ("outcomes-for-hello", options().limits, ["answered a batch", "before it said who it is"]),
    ] {
        let error = faulty(fault, &Options { limits, ..options() }).unwrap_err();
        assert!(matches!(error, RunError::Start { .. }), "{fault}: {error}");
        assert!(said.iter().all(|part| error.to_string().contains(part)), "{fault}: {error}");
    }
    let mut nobody = backend("");
    nobody.command.program = "/nowhere/to/be/found".into();
    let error = run(&nobody, &options()).unwrap_err();
    assert!(matches!(error, RunError::Start { .. }) && error.to_string().contains("/nowhere/to/be/found"), "{error}");
}

#[test]
fn a_worker_that_does_not_come_back_after_a_crash_ends_the_run() {
    let error = faulty("aborts-for-good:negative", &options()).unwrap_err();
    assert!(matches!(error, RunError::Start { .. }) && error.to_string().contains("no such library: tiny"), "{error}");
}

#[test]
fn one_worker_does_everything_if_a_second_one_does_not_start() {
    let results = faulty("starts-once", &Options { jobs: 2, ..options() }).unwrap();
    assert_eq!(results.checks, undisturbed().checks);
}
