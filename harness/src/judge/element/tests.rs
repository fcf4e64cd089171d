//! Judgements on single elements.

use super::*;

fn judge(function: &str, dtype: DType, args: &[Element], got: Element) -> Judgement {
    let spec = Spec::embedded();
    let function = spec.function("elementwise", function).unwrap();
    let kernel = array_assay_oracle::kernel(function.semantics()).unwrap();
    let result = function.result.dtype_of(dtype, dtype);
    ValueJudge::new(spec, function, kernel, dtype, result).judge(args, got, &mut AccuracyTally::default())
}

#[test]
fn correctly_rounded_functions_are_exact() {
    let three = Element::F64(3f64.sqrt());
    assert_eq!(judge("sqrt", DType::Float64, &[Element::F64(3.0)], three), Judgement::Right);
    let off = Element::F64(f64::from_bits(3f64.sqrt().to_bits() + 2));
    assert!(matches!(judge("sqrt", DType::Float64, &[Element::F64(3.0)], off), Judgement::Wrong(_)));
}

#[test]
fn approximations_are_graded_and_only_wrong_ones_fail() {
    let (x, true_value) = (Element::F64(1.0), 1f64.sin());
    let off = |ulps: u64| Element::F64(f64::from_bits(true_value.to_bits() + ulps));
    assert_eq!(judge("sin", DType::Float64, &[x], off(2)), Judgement::Right);
    assert!(matches!(judge("sin", DType::Float64, &[x], off(1 << 20)), Judgement::Inaccurate(_)));
    assert!(matches!(judge("sin", DType::Float64, &[x], off(1 << 34)), Judgement::Wrong(_)));
}

#[test]
fn an_element_that_breaks_a_symmetry_is_not_used_to_judge_another() {
    let spec = Spec::embedded();
    let function = spec.function("elementwise", "cosh").unwrap();
    let kernel = array_assay_oracle::kernel("cosh").unwrap();
    let judge = ValueJudge::new(spec, function, kernel, DType::Complex128, DType::Complex128);
    // Conjugation and parity together say something of the second quadrant. A NaN there is not the fault of the fourth quadrant.
    let (inf, nan) = (f64::INFINITY, f64::NAN);
    let (args, nothing) = ([Element::C128(-inf, inf)], Element::C128(nan, nan));
    assert!(!matches!(judge.judge_by_cases(&args, nothing), Some(Judgement::CaseBroken(..))));
    assert!(judge.breaks_some_case(&args, nothing));
    assert!(!judge.breaks_some_case(&args, Element::C128(inf, nan)));
}

#[test]
fn an_approximation_in_a_special_case_may_have_single_precision() {
    let spec = Spec::embedded();
    let function = spec.function("elementwise", "atan").unwrap();
    let rule = function.rules.iter().find(|rule| rule.slug == "x-neg-inf").unwrap();
    let kernel = array_assay_oracle::kernel("atan").unwrap();
    let judge = |got: f64| {
        let judge = ValueJudge::new(spec, function, kernel, DType::Float64, DType::Float64);
        let (args, got) = ([Element::F64(f64::NEG_INFINITY)], Element::F64(got));
        (judge.judge_special(rule, &args, got), judge.judge(&args, got, &mut AccuracyTally::default()))
    };
    let half_pi = -std::f64::consts::FRAC_PI_2;
    let (special, value) = judge(f64::from(half_pi as f32));
    assert_eq!(special, Some(Judgement::Right), "the text names no limit");
    assert!(matches!(value, Judgement::Wrong(_)), "half of its digits are wrong, which the function's value says");
    assert_eq!(judge(f64::from_bits(half_pi.to_bits() + 1)), (Some(Judgement::Right), Judgement::Right));
    assert!(matches!(judge(f64::from_bits(half_pi.to_bits() + 100)).1, Judgement::Inaccurate(error) if error == 100.0));
    for wrong in [-half_pi, 0.0, f64::NAN, half_pi / 2.0] {
        assert!(matches!(judge(wrong).0, Some(Judgement::Wrong(_))), "{wrong}");
    }
}

#[test]
fn flushed_subnormals_are_right() {
    let tiny = Element::F64(f64::MIN_POSITIVE / 4.0);
    let args = [tiny, Element::F64(0.0)];
    assert_eq!(judge("add", DType::Float64, &args, Element::F64(0.0)), Judgement::Unjudged, "a special case speaks of it");
    let args = [tiny, tiny];
    assert_eq!(judge("add", DType::Float64, &args, Element::F64(0.0)), Judgement::Flushed);
}

#[test]
fn a_subnormal_operand_of_a_narrower_dtype_is_open_for_complex_results() {
    let spec = Spec::embedded();
    let function = spec.function("elementwise", "divide").unwrap();
    let kernel = array_assay_oracle::kernel("divide").unwrap();
    let judge = |divisor: f64, got: Element| {
        let judge = ValueJudge::new(spec, function, kernel, DType::Complex128, DType::Complex128);
        let args = [Element::C128(0.0, 1.0), Element::C128(divisor, 0.0)];
        judge.of_operands([DType::Complex128, DType::Float32].into_iter()).judge(&args, got, &mut AccuracyTally::default())
    };
    // The smallest float32 number is taken as zero before it is promoted.
    let tiny = f64::from(f32::from_bits(1));
    assert_eq!(judge(tiny, Element::C128(f64::NAN, f64::INFINITY)), Judgement::Unjudged);
    assert!(matches!(judge(0.5, Element::C128(f64::NAN, f64::INFINITY)), Judgement::Wrong(_)));
}

#[test]
fn approximations_of_subnormal_operands_are_not_judged() {
    let root = |x: f64| judge("pow", DType::Float64, &[Element::F64(x), Element::F64(0.5)], Element::F64(1.57e-162));
    assert_eq!(root(1e-310), Judgement::Unjudged);
    assert!(matches!(root(1e-300), Judgement::Wrong(_)));
    // A function without rounding errors is judged.
    let sum = |got: f64| judge("add", DType::Float64, &[Element::F64(1e-310), Element::F64(1.0)], Element::F64(got));
    assert!(matches!(sum(5.0), Judgement::Wrong(_) | Judgement::CaseBroken(..)));
}

#[test]
fn either_of_two_subnormal_operands_that_count_as_zero_may_be_returned() {
    let [small, large] = [3, 5].map(|bits| Element::F64(f64::from_bits(bits)));
    assert_eq!(judge("maximum", DType::Float64, &[small, large], small), Judgement::Flushed);
    assert_eq!(judge("nextafter", DType::Float64, &[Element::F64(0.0), large], large), Judgement::Flushed);
    assert!(matches!(judge("maximum", DType::Float64, &[Element::F64(1.0), large], large), Judgement::Wrong(_)));
    assert!(matches!(judge("abs", DType::Float64, &[small], large), Judgement::Wrong(_)));
    assert!(matches!(judge("subtract", DType::Float64, &[small, large], large), Judgement::Wrong(_)), "it selects nothing");
}

#[test]
fn an_operand_may_be_flushed_before_it_is_promoted() {
    let spec = Spec::embedded();
    let function = spec.function("elementwise", "hypot").unwrap();
    let kernel = array_assay_oracle::kernel("hypot").unwrap();
    let new = || ValueJudge::new(spec, function, kernel, DType::Float64, DType::Float64);
    let mixed = new().of_operands([DType::Float64, DType::Float32].into_iter());
    let (less, tiny) = (Element::F64(1e-60), Element::F64(f64::from(f32::from_bits(3))));
    let mut accuracy = AccuracyTally::default();
    assert_eq!(mixed.judge(&[less, tiny], less, &mut accuracy), Judgement::Flushed);
    assert!(matches!(mixed.judge(&[tiny, less], less, &mut accuracy), Judgement::Wrong(_)), "it is normal in float64");
    assert!(matches!(new().judge(&[less, tiny], less, &mut accuracy), Judgement::Wrong(_)), "it is normal in float64");
}

#[test]
fn a_special_case_may_meet_some_of_the_subnormal_operands_as_zeros() {
    let spec = Spec::embedded();
    let judge = |name: &str, slug: &str, own: DType, args: [f64; 2], got: f64| {
        let function = spec.function("elementwise", name).unwrap();
        let rule = function.rules.iter().find(|rule| rule.slug == slug).unwrap();
        let kernel = array_assay_oracle::kernel(name).unwrap();
        let judge = ValueJudge::new(spec, function, kernel, DType::Float64, DType::Float64);
        let judge = judge.of_operands([own, DType::Float64].into_iter());
        judge.judge_special(rule, &args.map(Element::F64), Element::F64(got)).unwrap()
    };
    // The remainder of a zero comes back as it was given.
    let least = f64::from_bits(1);
    let remainder = |got| judge("remainder", "x1-neg-finite-x2-pos-inf", DType::Float64, [-least, f64::INFINITY], got);
    assert_eq!([remainder(f64::INFINITY), remainder(-least)], [Judgement::Right, Judgement::Flushed]);
    assert!(matches!(remainder(-2.0 * least), Judgement::Wrong(_)) && matches!(remainder(1.0), Judgement::Wrong(_)));
    // The base is taken as zero where it is promoted, the exponent is kept.
    let base = -f64::from(f32::from_bits(1));
    let pow = |got| judge("pow", "x1-neg-finite-x2-finite-not-integer", DType::Float32, [base, -least], got);
    assert_eq!([pow(f64::NAN), pow(f64::INFINITY)], [Judgement::Right, Judgement::Flushed]);
    assert!(matches!(pow(2.0), Judgement::Wrong(_)));
}

#[test]
fn a_zero_that_lost_its_sign_stands_for_both_signs() {
    let spec = Spec::embedded();
    let function = spec.function("elementwise", "negative").unwrap();
    let kernel = array_assay_oracle::kernel("negative").unwrap();
    let new = |lost| ValueJudge::new(spec, function, kernel, DType::Complex64, DType::Complex64).of_signless_zeros(lost);
    let (x, got) = ([Element::C64(0.0, 0.0)], Element::C64(0.0, 0.0));
    let judge = |lost, got| new(lost).judge(&x, got, &mut AccuracyTally::default());
    assert!(matches!(judge(false, got), Judgement::Wrong(_)));
    assert_eq!(judge(true, got), Judgement::Right);
    assert!(matches!(judge(true, Element::C64(1.0, 0.0)), Judgement::Wrong(_)), "nothing else is lost");
    // This also holds for special cases.
    let function = spec.function("elementwise", "sqrt").unwrap();
    let kernel = array_assay_oracle::kernel("sqrt").unwrap();
    let rule = function.rules.iter().find(|rule| rule.slug == "x-neg-zero").unwrap();
    let judge = |lost, got: f64| {
        let judge = ValueJudge::new(spec, function, kernel, DType::Float64, DType::Float64).of_signless_zeros(lost);
        judge.judge_special(rule, &[Element::F64(-0.0)], Element::F64(got))
    };
    assert!(matches!(judge(false, 0.0), Some(Judgement::Wrong(_))));
    assert_eq!(judge(true, 0.0), Some(Judgement::Right));
    assert!(matches!(judge(true, 1.0), Some(Judgement::Wrong(_))));
}

#[test]
fn floor_divide_may_round_the_quotient_first() {
    let args = [Element::F64(1.0), Element::F64(0.1)];
    for right in [9.0, 10.0] {
        assert!(!matches!(judge("floor_divide", DType::Float64, &args, Element::F64(right)), Judgement::Wrong(_)), "{right}");
    }
    assert!(matches!(judge("floor_divide", DType::Float64, &args, Element::F64(8.0)), Judgement::Wrong(_)));
}

#[test]
fn a_nan_whose_sign_is_unknown_stands_for_both_signs() {
    let spec = Spec::embedded();
    let function = spec.function("elementwise", "signbit").unwrap();
    let kernel = array_assay_oracle::kernel("signbit").unwrap();
    let right = |lost| {
        let judge = ValueJudge::new(spec, function, kernel, DType::Float64, DType::Bool).of_signless_nans(lost);
        let of =
            |x: f64, got| matches!(judge.judge(&[Element::F64(x)], Element::Bool(got), &mut AccuracyTally::default()), Judgement::Right);
        [of(-f64::NAN.abs(), false), of(-f64::NAN.abs(), true), of(-1.0, false)]
    };
    assert_eq!(right(true), [true, true, false]);
    assert_eq!(right(false), [false, true, false]);
}

#[test]
fn a_value_that_rounds_up_to_a_normal_number_may_be_flushed() {
    let product = |factor: f64| {
        let args = [Element::F64(factor), Element::F64(f64::MIN_POSITIVE)];
        judge("multiply", DType::Float64, &args, Element::F64(0.0))
    };
    assert_eq!(product(1.0f64.next_down()), Judgement::Flushed);
    assert!(matches!(product(1.0), Judgement::Wrong(_)));
    assert!(matches!(product(1.0f64.next_up()), Judgement::Wrong(_)));
}
