//! Which cases the streams of element-wise functions draw.

use std::collections::BTreeSet;

use super::*;

/// For the corner values and `cases` rows of an operator: the number of combinations of mixed dtypes, those that are drawn, and those that are drawn with
/// only the first or only the second operand of rank zero.
fn mixed(name: &str, profile: &BackendProfile, cases: u64) -> (usize, BTreeSet<usize>, [BTreeSet<usize>; 2]) {
    let spec = Spec::embedded();
    let function = spec.function("array", name).expect("it is in the spec");
    let streams = streams(spec, function, profile, Budget { seed: 0, cases }, &|sort| sort == Sort::Plain);
    let (stream, mut met, mut single) = (&streams[0], BTreeSet::new(), [BTreeSet::new(), BTreeSet::new()]);
    for index in (0..stream.before_rows() + cases).map(|number| Sort::Plain.nth(number)) {
        let combination = stream.combination_of(index);
        if combination < stream.uniform {
            continue;
        }
        met.insert(combination);
        let case = stream.case(index);
        let ranks: Vec<usize> = case.laid().map(|(array, _)| array.shape.len()).collect();
        match ranks[..] {
            [0, rank] if rank > 0 => single[0].insert(combination),
            [rank, 0] if rank > 0 => single[1].insert(combination),
            _ => true,
        };
    }
    (stream.combinations.len() - stream.uniform, met, single)
}

#[test]
fn every_combination_of_dtypes_is_also_drawn_with_an_operand_of_rank_zero() {
    let profile = BackendProfile::default();
    for name in ["__eq__", "__mul__", "__add__", "__and__", "__rlshift__"] {
        let (all, met, single) = mixed(name, &profile, 300);
        assert_eq!(met.len(), all, "{name}");
        for (k, of) in single.iter().enumerate() {
            assert_eq!(of.len(), all, "{name}: only operand {k} has rank zero");
        }
    }
    let (_, _, [first, second]) = mixed("__irshift__", &profile, 300);
    assert!(first.is_empty() && !second.is_empty(), "the first operand of an in-place operator keeps its axes");
}

#[test]
fn each_combination_and_form_is_judged_often_enough() {
    let (spec, profile) = (Spec::embedded(), BackendProfile::default());
    let cases = 1000;
    for (category, name) in [("elementwise", "add"), ("elementwise", "clip"), ("array", "__eq__"), ("array", "__rsub__")] {
        let function = spec.function(category, name).expect("it is in the spec");
        let streams = streams(spec, function, &profile, Budget { seed: 3, cases }, &|sort| sort == Sort::Plain);
        let stream = &streams[0];
        let wanted = stream.combinations_and_forms();
        let mut judged = vec![0; wanted.len()];
        for (index, block) in (0..stream.blocks()).filter_map(|n| stream.block(n)) {
            // Purity needs inputs that come back. Values need elements.
            let says_something = block.stacked.returns_inputs && block.stacked.laid().all(|(array, _)| !array.is_empty());
            let of = (stream.combination_of(index), block.stacked.form());
            if let Some(at) = wanted.iter().position(|w| says_something && *w == of) {
                judged[at] += block.runs as u64;
            }
            assert_eq!(format!("{:?}", stream.case(index)), format!("{:?}", block.case(0)), "{name}: a case is drawn again by its index");
        }
        let few: Vec<_> = wanted.iter().zip(&judged).filter(|(_, n)| **n < FLOOR).collect();
        assert!(few.is_empty(), "{name}: {few:?}");
    }
}

#[test]
fn a_small_run_has_few_supplements_and_leaves_no_combination_out() {
    let (spec, profile) = (Spec::embedded(), BackendProfile::default());
    let function = spec.function("elementwise", "add").expect("it is in the spec");
    for cases in [1, 7, 50, 100, 250] {
        let streams = streams(spec, function, &profile, Budget { seed: 0, cases }, &|sort| sort == Sort::Plain);
        let Supplements { cases: each, of } = streams[0].supplements();
        assert!(of.len() as u64 * each <= cases, "{cases}");
        let ids = (0..streams[0].blocks()).filter_map(|n| streams[0].block(n));
        let drawn: BTreeSet<(usize, CallForm)> =
            ids.map(|(first, block)| (streams[0].combination_of(first), block.stacked.form())).collect();
        let wanted = streams[0].combinations_and_forms();
        assert!(cases < 50 || wanted.iter().all(|of| drawn.contains(of)), "{cases}: {} of {}", drawn.len(), wanted.len());
    }
}

#[test]
fn a_special_case_has_cases_on_each_of_its_dtypes() {
    let (spec, profile) = (Spec::embedded(), BackendProfile::default());
    for name in ["floor", "sign", "remainder"] {
        let function = spec.function("elementwise", name).expect("it is in the spec");
        let special = |sort: Sort| matches!(sort, Sort::Special(_));
        for stream in streams(spec, function, &profile, Budget { seed: 0, cases: 50 }, &special) {
            assert!(stream.cells().iter().all(|cell| stream.reaches(*cell)), "{}", stream.name());
        }
    }
}

#[test]
fn numbers_that_a_narrower_dtype_cannot_tell_apart_are_drawn() {
    let spec = Spec::embedded();
    let function = spec.function("elementwise", "equal").expect("it is in the spec");
    let profile = BackendProfile::default();
    let budget = Budget { seed: 0, cases: 300 };
    let streams = streams(spec, function, &profile, budget, &|sort| sort == Sort::Plain);
    let mut found = BTreeSet::new();
    for index in 0..streams[0].before_rows() + budget.cases {
        let case = streams[0].case(Sort::Plain.nth(index));
        let arrays: Vec<&Array> = case.arrays();
        let [a, b] = arrays[..] else { continue };
        let wraps = |x: Element, y: Element| matches!((x, y), (Element::Int(x), Element::Int(y)) if x != y && (x - y) % 256 == 0);
        let rounds = |x: Element, y: Element| matches!((x, y), (Element::F32(x), Element::F64(y)) if f64::from(x) != y && x == y as f32);
        let pairs = || a.elements().flat_map(|x| b.elements().map(move |y| (x, y)));
        if a.dtype == DType::Int8 && b.dtype == DType::Int32 && pairs().any(|(x, y)| wraps(x, y)) {
            found.insert("int32");
        }
        if a.dtype == DType::Float32 && b.dtype == DType::Float64 && pairs().any(|(x, y)| rounds(x, y)) {
            found.insert("float64");
        }
    }
    assert_eq!(found.into_iter().collect::<Vec<_>>(), ["float64", "int32"]);
}

#[test]
fn supplementary_blocks_hold_nothing_that_the_library_loses() {
    let spec = Spec::embedded();
    let function = spec.function("elementwise", "add").expect("it is in the spec");
    let negative_zeros = |profile: &BackendProfile| {
        let budget = Budget { seed: 0, cases: 100 };
        let streams = streams(spec, function, profile, budget, &|sort| sort == Sort::Plain);
        let blocks = (0..streams[0].combinations_and_forms().len() as u64).map(|nth| streams[0].draw_supplement(nth, FLOOR));
        let cases: Vec<Call<'_>> = blocks.flat_map(|block| (0..block.runs).map(|run| block.case(run)).collect::<Vec<_>>()).collect();
        let is_one = |x: &Element| x.same_bits(Element::F32(-0.0));
        let in_arrays = cases.iter().flat_map(Call::laid).map(|(array, _)| array.elements().filter(is_one).count()).sum::<usize>();
        let singles = |case: &&Call<'_>| case.dtypes().any(|dtype| dtype == DType::Float32);
        let zero = |scalar: Scalar| matches!(scalar, Scalar::Float(v) if v == 0.0 && v.is_sign_negative());
        let in_scalars = cases.iter().filter(singles).flat_map(Call::scalars).filter(|scalar| zero(*scalar)).count();
        (in_arrays, in_scalars)
    };
    assert!(negative_zeros(&BackendProfile::default()).0 > 0);
    let mut profile = BackendProfile::default();
    profile.losses.values.insert(DType::Float32, BTreeSet::from([crate::generate::Fragile::NegativeZero]));
    assert_eq!(negative_zeros(&profile), (0, 0));
}

#[test]
fn of_a_library_with_one_nan_no_element_is_drawn_for_a_case_that_reads_its_sign() {
    let spec = Spec::embedded();
    let function = spec.function("elementwise", "signbit").expect("it is in the spec");
    let targets = |profile: &BackendProfile, slug: &str| {
        let wanted = |sort: Sort| matches!(sort, Sort::Special(rule) if function.rules[rule].slug == slug);
        let streams = streams(spec, function, profile, Budget { seed: 0, cases: 200 }, &wanted);
        let blocks = (0..streams[0].blocks()).filter_map(|n| streams[0].block(n)).map(|(_, block)| block);
        let of_doubles = blocks.filter(|block| block.stacked.dtypes().next() == Some(DType::Float64));
        of_doubles.flat_map(|block| block.targets).filter(|target| *target).count()
    };
    let mut profile = BackendProfile::default();
    assert!(targets(&profile, "x-nan-sign-set") > 0);
    // The one NaN that it has is one whose sign is set: that this shows is no merit of the library's.
    profile.losses.values.insert(DType::Float64, BTreeSet::from([crate::generate::Fragile::Nan]));
    profile.losses.nans.insert(DType::Float64, -f64::NAN);
    assert_eq!(targets(&profile, "x-nan-sign-set"), 0);
    assert!(targets(&profile, "x-neg-finite") > 0, "others are drawn as ever");
}

#[test]
fn some_operands_are_one_object() {
    let spec = Spec::embedded();
    let function = spec.function("elementwise", "add").expect("it is in the spec");
    let profile = BackendProfile::default();
    let budget = Budget { seed: 0, cases: 250 };
    let streams = streams(spec, function, &profile, budget, &|sort| sort == Sort::Plain);
    let blocks = (0..streams[0].blocks()).filter_map(|n| streams[0].block(n)).map(|(_, block)| block);
    let shared = blocks.filter(|block| block.stacked.sharing == Sharing::OneObject).map(|block| block.program(function));
    // Elements that leave the result open may have been replaced in one of the operands.
    let one: Vec<_> = shared.filter(|block| block.program.inputs.len() == 1).collect();
    assert!(one.len() >= 5, "{}", one.len());
    for block in one {
        let subject = block.program.steps.last().expect("it calls the function");
        let taken: Vec<u32> = subject.registers().collect();
        assert!(taken.len() == 2 && taken[0] == taken[1], "{subject:?}");
    }
}

#[test]
fn every_scalar_operand_meets_the_corner_values() {
    let (spec, profile) = (Spec::embedded(), BackendProfile::default());
    let scalars = |category: &str, name: &str| {
        let function = spec.function(category, name).expect("it is in the spec");
        let streams = streams(spec, function, &profile, Budget { seed: 0, cases: 250 }, &|sort| sort == Sort::Plain);
        let blocks = (0..streams[0].blocks()).filter_map(|n| streams[0].block(n)).map(|(_, block)| block.stacked);
        let corners = blocks.filter(|call| call.arrays().iter().any(|array| array.len() > 100) && call.scalars().next().is_some());
        let is_scalar = |given: &Given| matches!(given, Given::Scalar(_));
        let places = |call: Call<'_>| call.arguments.iter().map(|(_, given)| is_scalar(given)).collect::<Vec<bool>>();
        corners.map(places).collect::<BTreeSet<Vec<bool>>>()
    };
    let clip = scalars("elementwise", "clip");
    for places in [[false, true, false], [false, false, true], [false, true, true]] {
        assert!(clip.contains(&places[..]), "{clip:?}");
    }
    assert_eq!(scalars("array", "__radd__"), [vec![true, false]].into());
}

#[test]
fn some_operands_overlap() {
    let spec = Spec::embedded();
    let profile = BackendProfile::default();
    let overlapping = |category: &str, name: &str| {
        let function = spec.function(category, name).expect("it is in the spec");
        let streams = streams(spec, function, &profile, Budget { seed: 0, cases: 200 }, &|sort| sort == Sort::Plain);
        let blocks = (0..streams[0].blocks()).filter_map(|n| streams[0].block(n)).map(|(_, block)| block);
        let blocks = blocks.filter(|block| block.stacked.sharing == Sharing::Overlapping).map(|block| block.program(function));
        blocks.filter(|block| block.program.inputs.len() == 1).count()
    };
    for name in ["atan2", "copysign", "equal", "logical_or", "maximum"] {
        assert!(overlapping("elementwise", name) >= 2, "{name}: {}", overlapping("elementwise", name));
    }
    // What becomes of the second operand is not said.
    assert_eq!(overlapping("array", "__iadd__"), 0);
}

#[test]
fn corner_values_meet_also_without_an_optional_operand() {
    let (spec, profile) = (Spec::embedded(), BackendProfile::default());
    let function = spec.function("elementwise", "clip").expect("it is in the spec");
    let streams = streams(spec, function, &profile, Budget { seed: 0, cases: 50 }, &|sort| sort == Sort::Plain);
    let blocks = (0..streams[0].blocks()).filter_map(|n| streams[0].block(n)).map(|(_, block)| block.stacked);
    let has_nan = |given: &Given| given.leaf().is_some_and(|array| array.elements().any(|x| with_other_nans(x).is_some()));
    let calls: Vec<Call<'_>> = blocks.filter(|call| call.dtypes().all(|dtype| dtype == DType::Float32)).collect();
    for (bound, other) in [(1, 2), (2, 1)] {
        let is_such = |call: &&Call<'_>| call.operand(function, other).is_none() && call.operand(function, bound).is_some_and(has_nan);
        assert!(calls.iter().any(|call| is_such(&call)), "a NaN as the only bound");
    }
}

#[test]
fn python_floats_are_often_none_that_single_precision_holds() {
    let mut random = Random::new(1);
    let scalars = (0..200).map(|_| scalar_of(&mut random, DType::Float32));
    let inexact = scalars.filter(|scalar| matches!(scalar, Scalar::Float(v) if v.is_finite() && f64::from(*v as f32) != *v)).count();
    assert!((20..120).contains(&inexact), "{inexact}");
}
