//! Calls of functions that are not element-wise: enough calls are drawn, they reach every check, and the reference passes all checks.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use array_assay_format::{CheckId, Glob, Property};
use array_assay_harness::generate::{BackendProfile, Call, CallStream, Layout, RepeatedAxis, Sort};
use array_assay_harness::judge::{CallJudge, Ledger, Ran};
use array_assay_harness::observed::Observed;
use array_assay_harness::reference::Reference;
use array_assay_interface::{Array, DType, Element, Program, Scalar, run_program};
use array_assay_oracle::call::{self, Given};
use array_assay_spec::checks::{ACCEPTED, LARGE, OPEN};
use array_assay_spec::{Function, Spec};

/// The number of cases drawn for each function.
const CASES: u64 = 400;

/// Functions that return no array, so that their checks of dtype and shape judge nothing.
const WITHOUT_ARRAYS: [&str; 18] = [
    "constants/*",
    "inspection/*",
    "array/__array_namespace__",
    "array/__bool__",
    "array/__complex__",
    "array/__dlpack__",
    "array/__dlpack_device__",
    "array/__dlpack_c_exchange_api__",
    "array/__float__",
    "array/__index__",
    "array/__int__",
    "array/device",
    "array/dtype",
    "array/ndim",
    "array/shape",
    "array/size",
    // Every call of these functions fulfils the condition of an aspect, whose checks replace the plain ones.
    "array/__iter__",
    "inspection/capabilities",
];

/// Other checks that no drawn case reaches, each with the reason.
const UNREACHED: [(&str, &str); 13] = [
    ("creation/empty*::value", "the elements are uninitialised"),
    ("constants/newaxis::value", "its type is all that there is to judge"),
    ("inspection/*::type", "a condition on the whole object says what it is, and counts for the value"),
    ("inspection/default_device::value", "any object will do"),
    ("inspection/capabilities::value", "an aspect that every call fulfils replaces it"),
    ("array/__dlpack_c_exchange_api__::type", "any object will do"),
    ("array/device::type", "a condition on the whole object says what it is, and counts for the value"),
    ("array/__array_namespace__::type", "a condition on the whole object says what it is, and counts for the value"),
    ("array/shape::type", "an aspect that every call fulfils replaces it"),
    ("array/__iter__::*", "an aspect that every call fulfils replaces them"),
    ("array/__dlpack__::call", "a consumer names its version or none, and both have their own checks"),
    ("array/__dlpack__::value", "a consumer names its version or none, and both have their own checks"),
    ("array/__setitem__::device", "the array that is judged is the one that was passed"),
];

/// Checks of the type of `__dlpack__`. The check of the value judges a capsule.
const EXCHANGE: &str = "array/__dlpack__::type*";

/// Whether a check is listed as one that no drawn case reaches.
fn is_unreached(id: &CheckId) -> bool {
    let matches = |glob: &str| glob.parse::<Glob>().unwrap().matches(id);
    let without = matches!(id.property, Property::Dtype | Property::Shape) && WITHOUT_ARRAYS.iter().any(|glob| matches(glob));
    without || matches(EXCHANGE) || UNREACHED.iter().any(|(glob, _)| matches(glob))
}

fn functions() -> impl Iterator<Item = &'static Function> {
    Spec::embedded().with_gaps().filter(|function| !function.is_elementwise())
}

fn profile() -> BackendProfile {
    BackendProfile { devices: vec!["cpu".to_owned()], ..BackendProfile::default() }
}

fn stream<'a>(function: &'a Function, profile: &'a BackendProfile) -> CallStream<'a> {
    CallStream::new(Spec::embedded(), function, profile)
        .unwrap_or_else(|| panic!("{}/{} has no dtypes to draw from", function.category, function.name))
}

#[test]
fn every_function_has_semantics_and_every_semantics_a_function() {
    let of_spec: BTreeSet<String> = functions().map(Function::oracle_path).collect();
    let of_oracle: BTreeSet<String> = call::functions().map(str::to_owned).collect();
    assert_eq!(of_spec.difference(&of_oracle).collect::<Vec<_>>(), Vec::<&String>::new(), "without semantics");
    assert_eq!(of_oracle.difference(&of_spec).collect::<Vec<_>>(), Vec::<&String>::new(), "of no function");
    assert_eq!(call::functions().count(), of_oracle.len(), "no path has two semantics");
}

#[test]
fn most_indices_give_a_case() {
    let profile = profile();
    let mut scarce = Vec::new();
    for function in functions() {
        let stream = stream(function, &profile);
        let drawn = (0..CASES).filter(|index| stream.case(0, *index).is_some()).count() as u64;
        if drawn * 5 < CASES * 4 {
            scarce.push(format!("{}/{}: {drawn}", function.category, function.name));
        }
    }
    assert!(scarce.is_empty(), "of {CASES} indices too few give a case:\n{}", scarce.join("\n"));
}

/// Whether one of the calls that a run makes is of a kind.
fn draws(category: &str, name: &str, is_such: impl Fn(&Call<'_>) -> bool) -> bool {
    let (profile, spec) = (profile(), Spec::embedded());
    let stream = stream(spec.function(category, name).unwrap(), &profile);
    (0..250).filter_map(|index| stream.case(0, index)).any(|case| is_such(&case.call))
}

/// The shapes of the arrays of a call.
fn shapes<'c>(call: &'c Call<'_>) -> Vec<&'c [usize]> {
    call.arrays().into_iter().map(|array| array.shape.as_slice()).collect()
}

#[test]
fn arguments_reach_what_libraries_treat_specially() {
    let kind = |node: &Given| if let Given::Scalar(scalar) = node { Some(std::mem::discriminant(scalar)) } else { None };
    let kinds = |given: &Given| given.nodes().filter_map(kind).collect::<HashSet<_>>();
    let is_mixed = |given: &Given| kinds(given).len() > 1;
    assert!(draws("creation", "asarray", |call| call.argument("obj").is_some_and(is_mixed)), "lists mix kinds of numbers");
    for (category, name) in [("searching", "where"), ("set", "isin")] {
        assert!(draws(category, name, |call| matches!(call.argument("x1"), Some(Given::Scalar(_)))), "{name}: a scalar comes first");
    }
    let is_last_apart = |call: &Call<'_>| {
        let dtypes: Vec<_> = call.arrays().into_iter().map(|array| array.dtype).collect();
        matches!(dtypes[..], [a, b, c] if a == b && b != c)
    };
    assert!(draws("manipulation", "concat", is_last_apart), "the last of three arrays has another dtype");
    assert!(draws("manipulation", "repeat", |call| matches!(shapes(call)[..], [[n], [1]] if *n > 1)), "one count stands for all");
    let stretches = |a: &[usize], b: &[usize]| a.iter().zip(b).any(|(a, b)| *a == 1 && *b > 1);
    let is_crosswise = |call: &Call<'_>| matches!(shapes(call)[..], [a, b, ..] if a.len() == b.len() && stretches(a, b) && stretches(b, a));
    for (category, name) in [("indexing", "take_along_axis"), ("searching", "where")] {
        assert!(draws(category, name, is_crosswise), "{name}: columns meet rows");
    }
    let is_repeated = |call: &Call<'_>| call.laid().any(|(array, layout)| layout.repeats() && array.shape[0] > 1);
    assert!(draws("sorting", "sort", is_repeated), "an axis has the stride zero");
    let is_last_repeated = |call: &Call<'_>| call.layouts.contains(&Layout::Broadcast(RepeatedAxis::Last));
    assert!(draws("sorting", "sort", is_last_repeated), "the last axis has the stride zero");
    let is_far = |call: &Call<'_>| match (call.argument("shift").and_then(Given::integer), call.argument("axis").and_then(Given::integer)) {
        (Some(shift), Some(_)) => shapes(call)[0].iter().all(|n| *n > 1 && shift < -(*n as i128)),
        _ => false,
    };
    assert!(draws("manipulation", "roll", is_far), "a shift goes beyond the axis");
    let of_bool = |call: &Call<'_>| call.argument("dtype") == Some(&Given::Dtype(DType::Bool));
    for kind in ["bool", "integral", "numeric"] {
        let is_kind = |call: &Call<'_>| of_bool(call) && call.argument("kind") == Some(&Given::Str(kind.to_owned()));
        assert!(draws("data_type", "isdtype", is_kind), "each kind meets each dtype: {kind}");
    }
    let holds = |array: &Array, of: &[i128]| of.iter().all(|v| array.elements().any(|element| element == Element::Int(*v)));
    let is_beside_sign = |call: &Call<'_>| call.arrays().iter().any(|array| array.dtype == DType::Uint64 && holds(array, &[1 << 63]));
    assert!(draws("searching", "argmin", is_beside_sign), "unsigned numbers that are negative if taken for signed ones");
    assert!(
        draws("inspection", "dtypes", |call| matches!(call.argument("kind"), Some(Given::Tuple(kinds)) if kinds.len() > 1)),
        "tuples of kinds"
    );
}

#[test]
fn what_must_not_copy_is_asked_of_views_and_for_other_dtypes() {
    let (profile, spec) = (profile(), Spec::embedded());
    let stream = stream(spec.function("creation", "asarray").unwrap(), &profile);
    let calls: Vec<_> = (0..200).filter_map(|index| stream.copying(0, index)).map(|case| case.call).collect();
    let copies = |call: &Call<'_>| call.argument("copy") == Some(&Given::Scalar(Scalar::Bool(true)));
    let has_reason = |call: &Call<'_>| {
        let casts = matches!(call.argument("dtype"), Some(Given::Dtype(dtype)) if *dtype != call.arrays()[0].dtype);
        (casts, call.layouts[0] != Layout::Contiguous)
    };
    assert!(calls.iter().filter(|call| copies(call)).all(|call| has_reason(call) == (false, false)), "nothing else makes them copy");
    let without: Vec<_> = calls.iter().filter(|call| !copies(call)).map(has_reason).collect();
    assert!(without.iter().any(|(casts, _)| *casts) && without.iter().any(|(_, is_view)| *is_view));
}

#[test]
fn a_case_depends_only_on_seed_and_index() {
    let profile = profile();
    // The cases are compared as text, because NaN is not equal to itself.
    let shown = |function: &Function, stream: &CallStream<'_>, seed: u64, index: u64| {
        let case = stream.case(seed, index)?;
        Some(format!("{:?} {:?} {:?} {:?}", case.call.program(function), case.expectation, case.aspects, case.later))
    };
    for function in functions() {
        let (one, other) = (stream(function, &profile), stream(function, &profile));
        let indices: Vec<u64> = (0..40).chain([CASES, 1_000_003]).collect();
        let forwards: Vec<_> = indices.iter().map(|index| shown(function, &one, 7, *index)).collect();
        let mut backwards: Vec<_> = indices.iter().rev().map(|index| shown(function, &other, 7, *index)).collect();
        backwards.reverse();
        assert_eq!(forwards, backwards, "{}", function.name);
        let elsewhere: Vec<_> = indices.iter().map(|index| shown(function, &one, 8, *index)).collect();
        assert!(forwards != elsewhere || function.parameters.is_empty(), "{}: the seed does not matter", function.name);
    }
}

#[test]
fn shapes_of_simplified_cases_are_small() {
    let profile = profile();
    for function in functions() {
        let stream = stream(function, &profile);
        for combination in 0..stream.combinations.len() {
            let Some(case) = (0..8).find_map(|seed| stream.smaller(seed, combination, 1)) else { continue };
            let elements: usize = case.call.arrays().iter().map(|array| array.len()).sum();
            assert!(elements <= 8, "{}: {elements} elements in {:?}", function.name, case.call);
        }
    }
}

/// Runs the cases of a function on the reference, and judges them.
fn judged<'a>(stream: &'a CallStream<'a>, judge: &CallJudge<'a>) -> Ledger {
    let mut tally = Ledger::default();
    let mut reference = Reference::default();
    let mut observe = |program: &Program| Observed::Outcome(run_program(&mut reference, program));
    for index in 0..CASES {
        let Some(case) = stream.case(0, index) else { continue };
        let program = case.call.program(stream.function);
        let (combination, observed) = (stream.combination_of(index), observe(&program));
        judge.judge(&Ran { id: Sort::Plain.nth(index), combination, case: &case, program: &program, observed: &observed }, &mut tally);
    }
    for raise in &stream.function.raises {
        for index in 0..CASES / 20 {
            let Some(case) = stream.invalid(0, raise, index, Some(3)) else { continue };
            let program = case.call.program(stream.function);
            let (combination, observed) = (stream.combination_of(index), observe(&program));
            judge.judge_raise(
                &Ran { id: Sort::Plain.nth(index), combination, case: &case, program: &program, observed: &observed },
                raise,
                &mut tally,
            );
        }
    }
    for index in 0..CASES / 20 {
        let Some(case) = stream.copying(0, index).filter(|_| stream.function.copies()) else { continue };
        let program = case.call.overwriting(case.call.program(stream.function));
        let (combination, observed) = (stream.combination_of(index), observe(&program));
        judge.judge_copy(&Ran { id: Sort::Plain.nth(index), combination, case: &case, program: &program, observed: &observed }, &mut tally);
    }
    tally
}

#[test]
fn the_reference_passes_and_every_check_is_reached() {
    let (profile, capabilities) = (profile(), BTreeMap::new());
    let (mut failing, mut never) = (Vec::new(), Vec::new());
    for function in functions() {
        let stream = stream(function, &profile);
        let judge = CallJudge::new(&stream, &capabilities);
        let tally = judged(&stream, &judge);
        for (i, check) in judge.checks().iter().enumerate() {
            let cases: u64 = tally.of(i).map(|(_, tally)| tally.cases).sum();
            // The reference follows the newest revision.
            let present = check.until.is_none();
            if let (true, Some((cell, failure))) = (present, tally.of(i).find_map(|(cell, tally)| Some((cell, tally.first.as_ref()?)))) {
                failing.push(format!("{} {}: {failure:?}", check.id, cell.label));
            }
            // Other calls judge these checks.
            let elsewhere = matches!(check.id.property, Property::Present | Property::Signature)
                || matches!(check.id.slug.as_deref(), Some(ACCEPTED | LARGE | OPEN));
            if cases == 0 && !elsewhere {
                never.push(check.id.clone());
            }
        }
    }
    assert!(failing.is_empty(), "the reference fails:\n{}", failing.join("\n"));
    let holes: Vec<String> = never.iter().filter(|id| !is_unreached(id)).map(ToString::to_string).collect();
    assert!(holes.is_empty(), "no case reaches:\n{}", holes.join("\n"));
    for glob in UNREACHED.iter().map(|(glob, _)| *glob).chain(WITHOUT_ARRAYS).chain([EXCHANGE]) {
        let stands_for_some = never.iter().any(|id| glob.parse::<Glob>().unwrap().matches(id));
        assert!(stands_for_some, "{glob}: cases reach all of these checks, so it need not be listed");
    }
}

#[test]
fn copies_are_required_and_forbidden_on_every_dtype() {
    let profile = profile();
    for function in functions().filter(|function| function.copies() && function.path() != "method.__dlpack__") {
        let stream = stream(function, &profile);
        let mut asked: BTreeSet<(usize, bool)> = BTreeSet::new();
        for index in 0..CASES {
            let Some(case) = stream.copying(0, index) else { continue };
            let copies = format!("{:?}", case.call.argument("copy")).contains("true");
            asked.insert((stream.combination_of(index), copies));
        }
        assert_eq!(asked.len(), 2 * stream.combinations.len(), "{}: {asked:?}", function.name);
    }
}
