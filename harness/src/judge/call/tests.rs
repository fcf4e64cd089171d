//! Which checks of calls that are not element-wise hold, for right and wrong outcomes.

use std::collections::BTreeMap;

use array_assay_format::Revision;
use array_assay_interface::{Array, DType, Exception, Unfit, run_program};
use array_assay_spec::Spec;

use super::*;
use crate::generate::{BackendProfile, RankLimit};
use crate::reference::Reference;

/// The judged checks of a case: the check without the function's name, the cell, and whether it holds.
type Entries = Vec<(String, CallCell, bool)>;

/// Judges the first drawn case that `wanted` holds for. `corrupt` may change the outcome of the reference.
fn judged(path: &str, wanted: impl Fn(&CallCase<'_>) -> bool, corrupt: impl Fn(&mut Outcome)) -> Entries {
    let spec = Spec::embedded();
    let profile = BackendProfile { devices: vec!["cpu".to_owned()], ..BackendProfile::default() };
    let function = spec.functions.iter().find(|f| f.path() == path).unwrap();
    let stream = CallStream::new(spec, function, &profile).unwrap();
    let mut found = (0..2000).filter_map(|index| Some((index, stream.case(0, index)?)));
    let (index, case) = found.find(|(_, case)| wanted(case)).expect("such a case is drawn");
    let (capabilities, program) = (BTreeMap::new(), case.call.program(function));
    let mut outcome = run_program(&mut Reference::default(), &program);
    corrupt(&mut outcome);
    let judge = CallJudge::new(&stream, &capabilities);
    let mut tally = judge.tally();
    let combination = stream.combination_of(index);
    judge.judge(&Ran { index, combination, case: &case, program: &program, observed: &Observed::Outcome(outcome) }, &mut tally);
    let mut out = Vec::new();
    for (i, check) in judge.checks().iter().enumerate() {
        let id = check.id.to_string();
        let (_, short) = id.split_once("::").unwrap();
        out.extend(tally.of(i).filter(|(_, t)| t.cases > 0).map(|(cell, t)| (short.to_owned(), cell.clone(), t.failures == 0)));
    }
    out
}

fn checks(entries: &Entries) -> Vec<&str> {
    let judged_often = |check: &&str| !matches!(*check, "pure" | "device");
    entries.iter().map(|(check, ..)| check.as_str()).filter(judged_often).collect()
}

/// Replaces an outcome by an exception of the call itself.
fn raise(outcome: &mut Outcome) {
    let exception = Exception::new("ValueError", "");
    *outcome = Outcome::Raised { exception, step: Some(u32::MAX), values: Vec::new() };
}

fn is_tuple(case: &CallCase<'_>, name: &str) -> bool {
    matches!(case.call.argument(name), Some(Given::Tuple(_)))
}

fn has_dtype(case: &CallCase<'_>, name: &str, dtype: DType) -> bool {
    matches!(case.call.argument(name), Some(Given::Array(Array { dtype: d, .. }) | Given::Dtype(d)) if *d == dtype)
}

#[test]
fn an_aspect_takes_the_place_of_the_plain_checks() {
    let plain = judged("expand_dims", |case| !is_tuple(case, "axis"), |_| {});
    assert_eq!(checks(&plain), ["call", "type", "dtype", "shape", "value"]);
    let tuple = judged("expand_dims", |case| is_tuple(case, "axis"), |_| {});
    assert_eq!(checks(&tuple), ["call/tuple", "type/tuple", "dtype/tuple", "shape/tuple", "value/tuple"]);
    let raised = judged("expand_dims", |case| is_tuple(case, "axis"), raise);
    assert_eq!(checks(&raised), ["call/tuple"]);
    assert!(!raised[0].2, "an exception is no result");
}

#[test]
fn only_an_array_has_to_say_its_device() {
    let deviceless = |result: fn(Value) -> Value| {
        move |outcome: &mut Outcome| {
            let Outcome::Values(values) = outcome else { panic!("{outcome:?}") };
            let values = vec![result(values.swap_remove(0))];
            *outcome = Outcome::Missing { name: "attribute.device".to_owned(), step: Some(1), values };
        }
    };
    let failing = |result: fn(Value) -> Value| -> Vec<String> {
        let entries = judged(
            "sort",
            |case| case.call.returns_devices && case.call.layouts.iter().all(|l| *l == crate::generate::Layout::Contiguous),
            deviceless(result),
        );
        entries.into_iter().filter(|(.., holds)| !holds).map(|(check, ..)| check).collect()
    };
    assert_eq!(failing(|array| Value::Tuple(vec![array])), ["type"]);
    assert_eq!(failing(|array| array), ["device"]);
}

#[test]
fn a_list_fails_if_a_clause_asks_for_a_tuple() {
    let as_list = |outcome: &mut Outcome| {
        let Outcome::Values(values) = outcome else { panic!("{outcome:?}") };
        let Value::Tuple(sizes) = &values[0] else { panic!("{values:?}") };
        values[0] = Value::List(sizes.clone());
    };
    let of_type = |entries: Entries| entries.into_iter().find(|(check, ..)| check == "type/tuple").map(|(.., holds)| holds);
    assert_eq!(of_type(judged("attribute.shape", |_| true, |_| {})), Some(true));
    assert_eq!(of_type(judged("attribute.shape", |_| true, as_list)), Some(false));
}

#[test]
fn an_object_without_the_functions_of_the_namespace_fails() {
    let without = |outcome: &mut Outcome| {
        // Another module, such as Python's `os`, has none of the functions.
        let values = vec![Value::Opaque("<module 'os'>".to_owned())];
        *outcome = Outcome::Missing { name: "attribute.asarray".to_owned(), step: Some(1), values };
    };
    let failing = |entries: Entries| -> Vec<String> { entries.into_iter().filter(|(.., holds)| !holds).map(|(check, ..)| check).collect() };
    assert_eq!(failing(judged("method.__array_namespace__", |_| true, |_| {})), Vec::<String>::new());
    assert_eq!(failing(judged("method.__array_namespace__", |_| true, without)), ["call"]);
}

#[test]
fn a_special_case_takes_the_place_of_the_value() {
    let nan = judged("max", |case| !case.aspects.is_empty(), |_| {});
    assert_eq!(checks(&nan), ["call", "type", "dtype", "shape", "special/nan"]);
}

#[test]
fn a_condition_on_elements_counts_only_for_these_elements() {
    let nans = |array: &Array| array.elements().filter(|x| x.components().0.is_nan()).count();
    let result = |outcome: &mut Outcome, corrupt: &dyn Fn(Element) -> bool| {
        let Outcome::Values(values) = outcome else { panic!("{outcome:?}") };
        let Value::Array(array) = &mut values[0] else { panic!("{values:?}") };
        let elements: Vec<_> = array.elements().map(|x| if corrupt(x) { Element::F64(1e3).cast(array.dtype) } else { x }).collect();
        *array = Array::from_elements(array.dtype, array.shape.clone(), elements);
    };
    // Some slices of the input have a NaN, and others have none.
    let mixed = |case: &CallCase<'_>| {
        let Some(Value::Array(expected)) = case.expectation.example() else { return false };
        has_dtype(case, "x", DType::Float64) && (1..expected.len()).contains(&nans(&expected)) && case.aspects.len() == 1
    };
    let failing = |corrupt: &dyn Fn(Element) -> bool| -> Vec<String> {
        let entries = judged("std", mixed, |outcome| result(outcome, corrupt));
        assert!(checks(&entries).contains(&"special/nan") && checks(&entries).contains(&"value"));
        entries.into_iter().filter(|(.., holds)| !holds).map(|(check, ..)| check).collect()
    };
    assert_eq!(failing(&|_| false), [""; 0]);
    assert_eq!(failing(&|x| x.components().0.is_nan()), ["special/nan"]);
    assert_eq!(failing(&|x| !x.components().0.is_nan()), ["value"]);
}

#[test]
fn the_accuracy_of_an_approximation_has_its_own_check() {
    let wrong = |outcome: &mut Outcome| {
        let Outcome::Values(values) = outcome else { panic!("{outcome:?}") };
        let Value::Array(array) = &mut values[0] else { panic!("{values:?}") };
        let elements: Vec<_> = array.elements().map(|_| Element::Int(3).cast(array.dtype)).collect();
        *array = Array::from_elements(array.dtype, array.shape.clone(), elements);
    };
    let failing = |path: &str, dtype: DType| -> Vec<String> {
        let drawn = |case: &CallCase<'_>| {
            let value = case.expectation.example();
            let plain = matches!(&value, Some(Value::Array(a)) if !a.is_empty() && a.elements().all(|x| x.components().0.abs() < 1.0));
            (has_dtype(case, "x", dtype) || has_dtype(case, "x1", dtype)) && case.aspects.is_empty() && plain
        };
        judged(path, drawn, wrong).into_iter().filter(|(.., holds)| !holds).map(|(check, ..)| check).collect()
    };
    assert_eq!(failing("sum", DType::Float64), ["value/approximate"]);
    assert_eq!(failing("sum", DType::Int64), ["value"]);
    assert_eq!(failing("matmul", DType::Float32), ["value/approximate"]);
    assert_eq!(failing("mean", DType::Float32), ["value"]);
}

#[test]
fn the_zeros_of_a_triangle_are_checked_apart_from_its_accuracy() {
    let corrupted = |above: f64, below: f64| {
        move |outcome: &mut Outcome| {
            let Outcome::Values(values) = outcome else { panic!("{outcome:?}") };
            let Value::Array(array) = &mut values[0] else { panic!("{values:?}") };
            let size = array.shape[0];
            let corrupt = |i: usize, x: Element| match (i / size).cmp(&(i % size)) {
                std::cmp::Ordering::Less => Element::F64(x.components().0 + above),
                _ => Element::F64(x.components().0 + below),
            };
            let elements: Vec<_> = array.elements().enumerate().map(|(i, x)| corrupt(i, x)).collect();
            *array = Array::from_elements(array.dtype, array.shape.clone(), elements);
        }
    };
    let lower = |case: &CallCase<'_>| {
        let square = matches!(case.expectation.example(), Some(Value::Array(a)) if a.shape.len() == 2 && a.shape[0] > 1);
        has_dtype(case, "x", DType::Float64) && case.call.argument("upper").is_none() && square
    };
    let failing = |above: f64, below: f64| -> Vec<String> {
        let entries = judged("linalg.cholesky", lower, corrupted(above, below));
        entries.into_iter().filter(|(.., holds)| !holds).map(|(check, ..)| check).collect()
    };
    assert_eq!(failing(0.0, 0.0), [""; 0]);
    assert_eq!(failing(1.0, 0.0), ["value/structure"]);
    assert_eq!(failing(0.0, 1e9), ["value"]);
}

#[test]
fn calls_that_the_text_leaves_open_may_be_refused() {
    let indices = |dtype: DType| move |case: &CallCase<'_>| has_dtype(case, "indices", dtype);
    let profile = BackendProfile::default();
    assert_eq!(counted("take_along_axis", &profile, indices(DType::Uint8), raise), (0, 0, 0), "no dtype of indices is asked for");
    assert_eq!(counted("take_along_axis", &profile, indices(DType::Int64), raise), (1, 1, 0), "but the default one of indices");
    assert!(counted("take_along_axis", &profile, indices(DType::Uint8), |_| {}).0 > 1, "what returns is judged");
    assert_eq!(counted("take", &profile, indices(DType::Uint8), raise), (1, 1, 0), "any integer dtype is asked for");
    // Integers may overflow, and infinities and NaN may be cast to integers.
    let overflows = |case: &CallCase<'_>| case.refusable && has_dtype(case, "x1", DType::Int8);
    assert_eq!(counted("linalg.outer", &profile, overflows, raise), (0, 0, 0));
    assert_eq!(counted("linalg.outer", &profile, |case| !case.refusable, raise), (1, 1, 0));
    let infinite = |case: &CallCase<'_>| {
        let array = case.call.arrays()[0];
        has_dtype(case, "dtype", DType::Int64) && array.elements().any(|x| !x.components().0.is_finite())
    };
    assert_eq!(counted("astype", &profile, infinite, raise), (0, 0, 0));
    let finite = |case: &CallCase<'_>| has_dtype(case, "dtype", DType::Int64) && has_dtype(case, "x", DType::Int8);
    assert_eq!(counted("astype", &profile, finite, raise), (1, 1, 0));
}

#[test]
fn the_cell_of_an_invalid_call_has_the_dtype_that_was_passed() {
    let spec = Spec::embedded();
    let function = spec.functions.iter().find(|f| f.name == "__index__").unwrap();
    let (profile, raise) =
        (BackendProfile::default(), function.raises.iter().find(|r| r.invalid == array_assay_spec::Invalid::Floating).unwrap());
    let stream = CallStream::new(spec, function, &profile).unwrap();
    let case = stream.invalid(0, raise, 0, None).unwrap();
    let Some(Given::Array(passed)) = case.call.argument("self") else { panic!("{:?}", case.call) };
    assert!(passed.dtype.is_floating());
    assert_eq!(stream.invalid_cell(stream.combination_of(0), &case).label, passed.dtype.name());
}

#[test]
fn a_later_parameter_has_its_own_checks() {
    let with = judged("astype", |case| case.call.argument("device").is_some(), |_| {});
    assert_eq!(checks(&with), ["call/device", "type/device", "dtype/device", "shape/device", "value/device"]);
    let without = judged("astype", |case| case.call.argument("device").is_none(), |_| {});
    assert_eq!(checks(&without), ["call", "type", "dtype", "shape", "value"]);
}

#[test]
fn a_later_dtype_has_its_own_cell() {
    let of_int = |dtype: DType| move |case: &CallCase<'_>| has_dtype(case, "x", DType::Int32) && has_dtype(case, "dtype", dtype);
    let cell = |entries: Entries| {
        assert!(entries.iter().all(|(_, cell, holds)| cell == &entries[0].1 && *holds), "{entries:?}");
        (entries[0].1.label.clone(), entries[0].1.since)
    };
    assert_eq!(cell(judged("ones_like", of_int(DType::Float32), |_| {})), ("int32".to_owned(), Revision::V2021_12));
    assert_eq!(cell(judged("ones_like", of_int(DType::Complex64), |_| {})), ("int32+complex64".to_owned(), Revision::V2022_12));
    let complex = |case: &CallCase<'_>| has_dtype(case, "x", DType::Complex64) && has_dtype(case, "dtype", DType::Complex128);
    assert_eq!(cell(judged("ones_like", complex, |_| {})), ("complex64".to_owned(), Revision::V2022_12));
}

#[test]
fn the_rule_of_an_earlier_revision_is_judged_beside_the_present_one() {
    let sum = |dtype: DType| judged("sum", move |case| has_dtype(case, "x", dtype) && case.call.argument("dtype").is_none(), |_| {});
    let verdicts = |entries: &Entries| -> Vec<(String, bool)> {
        let dtype = entries.iter().filter(|(check, ..)| check.starts_with("dtype"));
        dtype.map(|(check, _, holds)| (check.clone(), *holds)).collect()
    };
    let (earlier, present) = (format!("dtype/{}", earlier_slug(Revision::V2022_12)), "dtype".to_owned());
    // The earlier revision asked for float64. The reference follows the newest revision.
    assert_eq!(verdicts(&sum(DType::Float32)), [(earlier.clone(), false), (present.clone(), true)]);
    assert_eq!(verdicts(&sum(DType::Float64)), [(earlier, true), (present, true)]);
}

/// The counts of the check `call` for the first drawn case that `wanted` holds for: cases, failures and excused cases.
fn counted(
    path: &str,
    profile: &BackendProfile,
    wanted: impl Fn(&CallCase<'_>) -> bool,
    corrupt: impl Fn(&mut Outcome),
) -> (u64, u64, u64) {
    let spec = Spec::embedded();
    let function = spec.functions.iter().find(|f| f.path() == path).unwrap();
    let stream = CallStream::new(spec, function, profile).unwrap();
    let mut found = (0..2000).filter_map(|index| Some((index, stream.case(0, index)?)));
    let (index, case) = found.find(|(_, case)| wanted(case)).expect("such a case is drawn");
    let (capabilities, program) = (BTreeMap::new(), case.call.program(function));
    let mut outcome = run_program(&mut Reference::default(), &program);
    corrupt(&mut outcome);
    let judge = CallJudge::new(&stream, &capabilities);
    let mut tally = judge.tally();
    let combination = stream.combination_of(index);
    judge.judge(&Ran { index, combination, case: &case, program: &program, observed: &Observed::Outcome(outcome) }, &mut tally);
    let all = || tally.tallies.iter().flatten();
    (all().map(|t| t.cases).sum(), all().map(|t| t.failures).sum(), all().map(|t| t.excused).sum())
}

#[test]
fn a_lacking_capability_excuses_the_calls_that_need_it_and_no_others() {
    let lacking = |names: &[&str]| BackendProfile {
        lacks: names.iter().map(|n| ((*n).to_owned(), "it says so".to_owned())).collect(),
        ..BackendProfile::default()
    };
    let shapes = lacking(&["data-dependent shapes"]);
    assert_eq!(counted("nonzero", &shapes, |_| true, raise), (0, 0, 1));
    assert_eq!(counted("nonzero", &BackendProfile::default(), |_| true, raise), (1, 1, 0));
    let counts_given = |case: &CallCase<'_>| matches!(case.call.argument("repeats"), Some(Given::Array(_)));
    assert_eq!(counted("repeat", &shapes, counts_given, raise).2, 1);
    assert_eq!(counted("repeat", &shapes, |case| !counts_given(case), raise).1, 1);
    assert_eq!(counted("isin", &shapes, |_| true, raise).1, 1);
    let right = counted("nonzero", &shapes, |_| true, |_| {});
    assert!(right.0 > 1 && right.1 == 0 && right.2 == 0, "what works all the same is judged: {right:?}");
}

#[test]
fn arrays_above_the_librarys_greatest_rank_are_excused() {
    let limit = RankLimit { rank: 4, why: "it has four axes at most".to_owned() };
    let limited = BackendProfile { rank_limit: Some(limit), ..BackendProfile::default() };
    let stacked = |rank: usize| move |case: &CallCase<'_>| case.expectation.ranks() == [rank];
    assert_eq!(counted("stack", &limited, stacked(5), raise), (0, 0, 1));
    assert_eq!(counted("stack", &limited, stacked(4), raise), (1, 1, 0));
    assert_eq!(counted("stack", &BackendProfile::default(), stacked(5), raise), (1, 1, 0));
}

#[test]
fn a_buffer_error_refuses_an_export_and_no_other_exception_does() {
    let by = |class: &str| {
        let class = class.to_owned();
        move |outcome: &mut Outcome| {
            raise(outcome);
            let Outcome::Raised { exception, .. } = outcome else { panic!("{outcome:?}") };
            exception.type_name.clone_from(&class);
            exception.bases = vec!["Exception".to_owned()];
        }
    };
    assert_eq!(counted("from_dlpack", &BackendProfile::default(), |_| true, by("BufferError")), (0, 0, 1));
    assert_eq!(counted("from_dlpack", &BackendProfile::default(), |_| true, by("TypeError")), (1, 1, 0));
    assert_eq!(counted("flip", &BackendProfile::default(), |_| true, by("BufferError")), (1, 1, 0));
}

#[test]
fn a_failed_transfer_is_not_an_exception_of_the_library() {
    let transport = |outcome: &mut Outcome| {
        let exception = Exception::new("Transport", "no way out");
        *outcome = Outcome::Raised { exception, step: None, values: Vec::new() };
    };
    assert_eq!(counted("nonzero", &BackendProfile::default(), |_| true, transport), (0, 0, 0));
    // The record names the reason.
    let spec = Spec::embedded();
    let (profile, capabilities) = (BackendProfile::default(), BTreeMap::new());
    let function = spec.function("array", "__index__").unwrap();
    let stream = CallStream::new(spec, function, &profile).unwrap();
    let judge = CallJudge::new(&stream, &capabilities);
    let raise = function.raises.first().expect("of floats it raises");
    let (index, case) = (0..100).find_map(|index| Some((index, stream.invalid(0, raise, index, None)?))).unwrap();
    let program = case.call.program(function);
    let mut outcome = Outcome::Values(Vec::new());
    transport(&mut outcome);
    let mut tally = judge.tally();
    let combination = stream.combination_of(index);
    judge.judge_raise(
        &Ran { index, combination, case: &case, program: &program, observed: &Observed::Outcome(outcome) },
        raise,
        &mut tally,
    );
    assert_eq!(tally.tallies.iter().flatten().map(|t| t.cases).sum::<u64>(), 0, "it did not raise as it has to");
    let why: Vec<&str> = tally.tallies.iter().flatten().filter_map(|t| t.unprepared.as_deref()).collect();
    assert_eq!(why, ["an array could not be made or handed back: Transport: no way out"]);
}

#[test]
fn an_element_that_its_dtype_cannot_hold_is_a_wrong_value() {
    let unfit = |outcome: &mut Outcome| {
        let Outcome::Values(values) = outcome else { panic!("{outcome:?}") };
        let Value::Array(array) = &values[0] else { panic!("{values:?}") };
        let unfit = Unfit { dtype: array.dtype, shape: array.shape.clone(), at: 0, element: "-1".to_owned() };
        values[0] = Value::Unfit(unfit);
    };
    let wanted = |case: &CallCase<'_>| has_dtype(case, "x", DType::Uint8) && !case.call.arrays()[0].is_empty();
    let entries = judged("flip", wanted, unfit);
    let broken: Vec<&str> = entries.iter().filter(|(_, _, holds)| !holds).map(|(check, ..)| check.as_str()).collect();
    assert_eq!(broken, ["value"]);
    assert_eq!(checks(&entries), ["call", "type", "dtype", "shape", "value"]);
}

#[test]
fn uninitialised_memory_is_a_wrong_value_and_not_graded() {
    // An empty axis has to be filled with zeros. A library that leaves memory uninitialised is wrong, and its error is not graded.
    let empty = |case: &CallCase<'_>| {
        let slugs = case.aspects.iter().map(|i| Spec::embedded().function("fft", "irfft").unwrap().aspects[*i].slug.as_str());
        has_dtype(case, "x", DType::Complex128) && slugs.into_iter().any(|slug| slug == "no-elements")
    };
    let ratios = |outcome: &dyn Fn(&mut Outcome)| {
        let spec = Spec::embedded();
        let profile = BackendProfile::default();
        let function = spec.function("fft", "irfft").unwrap();
        let stream = CallStream::new(spec, function, &profile).unwrap();
        let (index, case) = (0..5000).filter_map(|i| Some((i, stream.case(0, i)?))).find(|(_, case)| empty(case)).unwrap();
        let (capabilities, program) = (BTreeMap::new(), case.call.program(function));
        let mut made = run_program(&mut Reference::default(), &program);
        outcome(&mut made);
        let judge = CallJudge::new(&stream, &capabilities);
        let mut tally = judge.tally();
        let ran =
            Ran { index, combination: stream.combination_of(index), case: &case, program: &program, observed: &Observed::Outcome(made) };
        judge.judge(&ran, &mut tally);
        let of = |slug: &str| {
            let check = judge.checks().iter().position(|c| c.id.property == Property::Value && c.id.slug.as_deref() == Some(slug)).unwrap();
            tally.of(check).map(|(_, tally)| (tally.failures, tally.ratios.len())).collect::<Vec<_>>()
        };
        (of("no-elements"), of(ACCURACY).into_iter().all(|(_, ratios)| ratios == 0))
    };
    let garbage = |outcome: &mut Outcome| {
        let Outcome::Values(values) = outcome else { panic!("{outcome:?}") };
        let Value::Array(array) = &mut values[0] else { panic!("{values:?}") };
        *array = Array::from_elements(array.dtype, array.shape.clone(), vec![Element::F64(7e19); array.len()]);
    };
    let (own, accuracy_is_empty) = ratios(&garbage);
    assert!(accuracy_is_empty && own.iter().any(|(failures, _)| *failures == 1) && own.iter().all(|(_, ratios)| *ratios == 0), "{own:?}");
    let (own, accuracy_is_empty) = ratios(&|_: &mut Outcome| {});
    assert!(accuracy_is_empty && own.iter().all(|(failures, _)| *failures == 0), "{own:?}");
}

#[test]
fn a_result_that_cannot_be_written_to_does_not_show_whether_it_is_a_copy() {
    let spec = Spec::embedded();
    let (profile, capabilities) = (BackendProfile::default(), BTreeMap::new());
    let function = spec.function("creation", "from_dlpack").unwrap();
    let stream = CallStream::new(spec, function, &profile).unwrap();
    let judge = CallJudge::new(&stream, &capabilities);
    let (index, (case, program)) = (0..100).find_map(|index| Some((index, stream.copying(0, index)?))).unwrap();
    let exception = Exception::new("ValueError", "assignment destination is read-only");
    let step = Some(program.steps.len() as u32 - 1);
    let observed = Observed::Outcome(Outcome::Raised { exception, step, values: Vec::new() });
    let mut tally = judge.tally();
    judge.judge_copy(
        &Ran { index, combination: stream.combination_of(index), case: &case, program: &program, observed: &observed },
        &mut tally,
    );
    let check = judge.checks().iter().position(|c| c.id.property == Property::Copy).unwrap();
    let (_, tally) = tally.of(check).next().expect("the check has a cell");
    assert_eq!(tally.cases, 0);
    assert!(tally.unprepared.as_ref().is_some_and(|why| why.contains("read-only")), "{:?}", tally.unprepared);
}

#[test]
fn an_unusable_dtype_excuses_calls_that_take_or_return_it() {
    let profile = BackendProfile { unusable: BTreeMap::from([(DType::Uint64, "no operations".to_owned())]), ..BackendProfile::default() };
    let wrong = |outcome: &mut Outcome| {
        let Outcome::Values(values) = outcome else { panic!("{outcome:?}") };
        let Value::Array(array) = &mut values[0] else { panic!("{values:?}") };
        *array = Array::from_elements(DType::Int64, array.shape.clone(), array.elements().collect::<Vec<_>>());
    };
    let summed = |dtype: DType| move |case: &CallCase<'_>| has_dtype(case, "x", dtype) && case.call.argument("dtype").is_none();
    // The sum of uint8 is uint64, the sum of int8 has the default integer dtype.
    assert_eq!(counted("sum", &profile, summed(DType::Uint8), wrong), (0, 0, 1));
    assert!(counted("sum", &BackendProfile::default(), summed(DType::Uint8), wrong).1 > 0);
    assert_eq!(counted("sum", &profile, summed(DType::Int8), raise), (1, 1, 0));
}

#[test]
fn elements_that_are_flushed_to_zero_are_right() {
    let subnormal = |case: &CallCase<'_>| case.call.flushed().is_some() && has_dtype(case, "x", DType::Float64);
    let flushed = judged("flip", subnormal, |outcome| {
        let Outcome::Values(values) = outcome else { panic!("{outcome:?}") };
        let Value::Array(array) = &mut values[0] else { panic!("{values:?}") };
        let elements: Vec<_> = array.elements().map(crate::elements::flush).collect();
        *array = Array::from_elements(array.dtype, array.shape.clone(), elements);
    });
    assert!(flushed.iter().all(|(_, _, holds)| *holds), "{flushed:?}");
    // Only subnormal elements may become zero.
    let part = |wrong: bool| {
        move |outcome: &mut Outcome| {
            let Outcome::Values(values) = outcome else { panic!("{outcome:?}") };
            let Value::Array(array) = &mut values[0] else { panic!("{values:?}") };
            let mut elements: Vec<_> = array.elements().collect();
            let small = elements.iter().position(|x| crate::elements::has_subnormal(*x)).unwrap();
            elements[small] = if wrong { Element::F64(1.0) } else { crate::elements::flush(elements[small]) };
            *array = Array::from_elements(array.dtype, array.shape.clone(), elements);
        }
    };
    let several = |case: &CallCase<'_>| {
        let small = |array: &&Array| array.elements().filter(|x| crate::elements::has_subnormal(*x)).count() > 1;
        subnormal(case) && case.call.arrays().iter().any(small)
    };
    assert!(judged("flip", several, part(false)).iter().all(|(_, _, holds)| *holds));
    assert!(judged("flip", several, part(true)).iter().any(|(_, _, holds)| !holds));
}
