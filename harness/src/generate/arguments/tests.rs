//! Drawn arguments lie in their domains.

mod domains;

use super::super::values::seed_for;
use super::super::{BackendProfile, CallStream, Case, Combination, Layout};
use array_assay_interface::DType;
use array_assay_spec::ShapeRelation;

use self::domains::Context;
use super::*;

/// How many calls are drawn for each combination of dtypes of each function.
const DRAWS: u64 = 12;

fn combinations(spec: &Spec, function: &Function) -> Vec<Combination> {
    let nothing = Combination { dtypes: Vec::new(), common: DType::Float64, label: String::new(), since: function.since };
    match function.primary() {
        None => vec![nothing],
        Some(primary) => primary.dtypes.iter().filter_map(|d| Combination::new(spec, function, vec![d])).collect(),
    }
}

/// The arguments drawn for one parameter of a function, each with the arrays among the other arguments.
fn drawn(category: &str, name: &str, parameter: &str) -> Vec<(Vec<Array>, Given)> {
    let (spec, profile) = (Spec::embedded(), BackendProfile::default());
    let function = spec.function(category, name).unwrap();
    let mut out = Vec::new();
    for (k, combination) in combinations(spec, function).iter().enumerate() {
        for n in 0..60 {
            let mut random = Random::new(seed_for(0, name, k as u64 * 60 + n));
            let Some(Drawn { given, .. }) = Draw::new(spec, function, &profile, combination, &mut random, usize::MAX).arguments() else {
                continue;
            };
            let before = given.iter().filter(|(n, _)| *n != parameter).flat_map(|(_, given)| given.leaves().cloned()).collect();
            out.extend(given.into_iter().find(|(n, _)| *n == parameter).map(|(_, given)| (before, given)));
        }
    }
    out
}

#[test]
fn masks_cover_all_axes_or_some_and_may_be_empty() {
    let keys = drawn("array", "__getitem__", "key");
    let masks: Vec<_> = keys
        .iter()
        .filter_map(|(of, key)| match key {
            Given::Array(mask) if mask.dtype == DType::Bool => Some((&of[0].shape, &mask.shape)),
            _ => None,
        })
        .collect();
    assert!(masks.iter().any(|(of, mask)| of == mask));
    assert!(masks.iter().any(|(of, mask)| mask.len() < of.len() && of.starts_with(mask)));
    assert!(masks.iter().any(|(of, mask)| mask.contains(&0) && !of.contains(&0)));
}

#[test]
fn corrections_are_integers_floats_and_fractions() {
    let corrections = drawn("statistical", "std", "correction");
    let any = |is: fn(f64) -> bool| corrections.iter().any(|(_, given)| matches!(given, Given::Scalar(Scalar::Float(v)) if is(*v)));
    assert!(any(|v| v.fract() == 0.0) && any(|v| v.fract() != 0.0));
    assert!(corrections.iter().any(|(_, given)| matches!(given, Given::Scalar(Scalar::Int(_)))));
}

#[test]
fn ranges_reach_to_the_ends_of_their_dtype() {
    let ends = drawn("creation", "arange", "start");
    let any = |is: fn(i128) -> bool| ends.iter().any(|(_, given)| matches!(given, Given::Scalar(Scalar::Int(v)) if is(*v)));
    assert!(any(|v| v > 1 << 60) && any(|v| v < -(1 << 60)) && any(|v| v.abs() < 9));
}

#[test]
fn arguments_lie_in_their_domains() {
    let spec = Spec::embedded();
    let profile = BackendProfile { devices: vec!["cpu".to_owned()], ..BackendProfile::default() };
    for function in spec.with_gaps().filter(|f| !f.is_elementwise()) {
        for (k, combination) in combinations(spec, function).iter().enumerate() {
            for size in [1, 3, usize::MAX] {
                for n in 0..DRAWS {
                    let mut random = Random::new(seed_for(size as u64, &function.name, k as u64 * DRAWS + n));
                    let draw = Draw::new(spec, function, &profile, combination, &mut random, size);
                    let Some(Drawn { given, .. }) = draw.arguments() else { continue };
                    let context = Context { spec, profile: &profile, function, given: &given };
                    for (name, argument) in &given {
                        let parameter = function.parameters.iter().find(|p| p.name == *name).unwrap();
                        if let Err(why) = context.contains(parameter, argument) {
                            panic!("{}/{}: `{name}` {why}: {given:?}", function.category, function.name);
                        }
                        let longest = argument.leaves().flat_map(|a| &a.shape).copied().max().unwrap_or(0);
                        // The sizes of some arrays follow from those of arguments drawn before.
                        let triples =
                            matches!(parameter.domain, Domain::Array { shape: ShapeRelation::Triples, .. }) && longest <= size.max(3);
                        assert!(longest <= size.max(1) || triples || of_other(&parameter.domain), "{}: {given:?}", function.name);
                    }
                    for parameter in &function.parameters {
                        let signature = function.signature.parameters.iter().find(|p| p.name == parameter.name).unwrap();
                        let there = given.iter().any(|(name, _)| *name == parameter.name);
                        assert!(there || signature.default.is_some(), "{}: no `{}`", function.name, parameter.name);
                    }
                }
            }
        }
    }
}

/// Whether the sizes of an array follow from those of another argument.
fn of_other(domain: &Domain) -> bool {
    domain.related().next().is_some()
}

/// Four hundred cases of a function.
fn cases_of(path: &str) -> Vec<Case<'static>> {
    static POOL: std::sync::LazyLock<BackendProfile> = std::sync::LazyLock::new(BackendProfile::default);
    let function = Spec::embedded().functions.iter().find(|f| f.path() == path).unwrap();
    let stream = CallStream::new(Spec::embedded(), function, &POOL).unwrap();
    (0..400).filter_map(|index| stream.case(0, index)).collect()
}

#[test]
fn some_indices_count_from_the_back() {
    for path in ["take", "take_along_axis"] {
        let indices = |case: &Case<'_>| match case.call.argument("indices") {
            Some(Given::Array(array)) => array.elements().map(|e| e.integer()).collect::<Vec<_>>(),
            _ => panic!("{path} without indices"),
        };
        let all: Vec<Vec<i128>> = cases_of(path).iter().map(indices).collect();
        assert!(all.iter().filter(|indices| indices.iter().any(|i| *i < -1)).count() > 10, "{path}");
        assert!(all.iter().filter(|indices| indices.iter().any(|i| *i > 0)).count() > 100, "{path}");
    }
}

#[test]
fn some_indices_need_more_than_seven_bits() {
    for path in ["take", "take_along_axis"] {
        let is_far = |case: &Case<'_>| match case.call.argument("indices") {
            Some(Given::Array(array)) => array.dtype == DType::Uint8 && array.elements().any(|e| e.integer() > 127),
            _ => false,
        };
        assert!(cases_of(path).iter().any(is_far), "{path}");
    }
}

#[test]
fn operands_may_have_more_axes_than_those_before_them() {
    let rank = |case: &Case<'_>, name: &str| match case.call.argument(name) {
        Some(Given::Array(array)) => Some(array.shape.len()),
        _ => None,
    };
    for (path, first, second) in
        [("where", "condition", "x1"), ("linalg.cross", "x1", "x2"), ("vecdot", "x1", "x2"), ("linalg.solve", "x1", "x2")]
    {
        let more = cases_of(path).iter().filter(|case| rank(case, second) > rank(case, first) && rank(case, first).is_some()).count();
        assert!(more > 5, "{path}: {more}");
    }
    let ranks: Vec<_> = cases_of("sum").iter().filter_map(|case| rank(case, "x")).collect();
    assert!(ranks.contains(&5) && ranks.iter().all(|rank| *rank <= 5));
}

#[test]
fn some_tuples_count_a_few_of_many_axes_from_the_back() {
    let keeps = |case: &Case<'_>| matches!(case.call.argument("keepdims"), Some(Given::Scalar(Scalar::Bool(true))));
    let from_back = |case: &Case<'_>| {
        let (Some(Given::Array(x)), Some(Given::Tuple(axes))) = (case.call.argument("x"), case.call.argument("axis")) else { return false };
        (2..x.shape.len()).contains(&axes.len()) && axes.iter().filter_map(Given::integer).all(|axis| axis < 0)
    };
    assert!(cases_of("mean").iter().any(|case| from_back(case) && keeps(case)));
}

#[test]
fn the_length_zero_may_be_inferred() {
    let inferred = |case: &Case<'_>| match (case.call.argument("x"), case.call.argument("shape")) {
        (Some(Given::Array(x)), Some(Given::Tuple(shape))) => x.is_empty() && shape.iter().any(|n| n.integer() == Some(-1)),
        _ => false,
    };
    assert!(cases_of("reshape").iter().any(inferred));
}

#[test]
fn a_view_may_be_refused_only_where_the_array_is_exported() {
    let views = |path: &str| {
        let cases = cases_of(path).into_iter().filter(|case| case.call.layouts.iter().any(|layout| *layout != Layout::Contiguous));
        cases.map(|case| case.refusable).collect::<std::collections::BTreeSet<bool>>()
    };
    assert_eq!(views("from_dlpack"), [true].into());
    assert_eq!(views("sum"), [false].into());
}

#[test]
fn numbers_are_converted_that_only_unsigned_integers_hold() {
    let is_upper = |case: &Case<'_>| {
        let Some(Given::Array(x)) = case.call.argument("x") else { return false };
        let upper = 2f64.powi(63)..2f64.powi(64);
        case.call.argument("dtype") == Some(&Given::Dtype(DType::Uint64)) && x.elements().any(|e| upper.contains(&e.components().0))
    };
    assert!(cases_of("astype").iter().any(|case| is_upper(case) && case.call.dtypes().any(|dtype| dtype.is_floating())));
}

#[test]
fn many_choices_get_more_cases_if_the_run_is_not_small() {
    let (spec, profile) = (Spec::embedded(), BackendProfile::default());
    let cases = |category: &str, name: &str, asked: u32| {
        let stream = CallStream::new(spec, spec.function(category, name).unwrap(), &profile).unwrap();
        let cases = stream.cases(0, asked);
        // Drawing cases does not change their number.
        drop(stream.case(0, 300));
        assert_eq!(stream.cases(0, asked), cases, "{name}");
        cases
    };
    assert!((300..=500).contains(&cases("array", "__getitem__", 250)));
    assert_eq!(cases("sorting", "sort", 250), 250);
    assert!(cases("array", "__getitem__", 150) <= 150 + 150 / 4);
}

#[test]
fn some_long_vectors_hold_nan_in_their_second_half_alone() {
    let spec = Spec::embedded();
    let function = spec.function("statistical", "max").unwrap();
    let (profile, combination) = (BackendProfile::default(), Combination::new(spec, function, vec![DType::Float64]).unwrap());
    let late = |seed: &u64| {
        let mut random = Random::new(*seed);
        let draw = Draw::new(spec, function, &profile, &combination, &mut random, usize::MAX).with_length(1025);
        let Some(Drawn { given, .. }) = draw.arguments() else { return false };
        let Given::Array(array) = &given[0].1 else { return false };
        let is_nan = |i: usize| array.get(i).components().0.is_nan();
        array.len() == 1025 && (0..512).all(|i| !is_nan(i)) && (512..1025).any(is_nan)
    };
    assert!((0..200).filter(late).count() > 4);
}

#[test]
fn python_scalars_stand_beside_arrays_beside_dtypes_and_before_both() {
    let mut seen = std::collections::BTreeSet::new();
    for case in cases_of("result_type") {
        let Some(Given::Tuple(items)) = case.call.argument("arrays_and_dtypes") else { panic!("no arguments") };
        let Some(at) = items.iter().position(|item| matches!(item, Given::Scalar(_))) else { continue };
        let dtypes = items.iter().all(|item| !matches!(item, Given::Array(_)));
        seen.insert((dtypes, at == 0, items.len() > 2));
    }
    assert_eq!(seen.len(), 8, "{seen:?}");
}
