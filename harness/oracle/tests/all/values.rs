//! Known values: the special cases of the standard's text and of C99 Annex G, components with their signs.

use array_assay_interface::{DType, Element};
use array_assay_oracle::{Answer, kernel};
use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, LN_2, PI};

const NAN: f64 = f64::NAN;
const INF: f64 = f64::INFINITY;

/// Equal bits, or both NaN.
fn same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
}

fn real(function: &str, args: &[f64]) -> Answer {
    let args: Vec<Element> = args.iter().map(|v| Element::F64(*v)).collect();
    kernel(function).unwrap().eval(DType::Float64, &args)
}

fn complex(function: &str, (re, im): (f64, f64)) -> (f64, f64) {
    match kernel(function).unwrap().eval(DType::Complex128, &[Element::C128(re, im)]).value {
        Some(value) => value.components(),
        None => panic!("{function}({re}, {im}) is unspecified"),
    }
}

#[test]
fn real_special_cases() {
    for (function, args, expected) in [
        ("floor_divide", &[-0.0, 1.0][..], -0.0),
        ("floor_divide", &[1.0, INF], 0.0),
        ("floor_divide", &[INF, -2.0], -INF),
        ("floor_divide", &[1.0, 0.0], INF),
        ("floor_divide", &[0.0, 0.0], NAN),
        ("floor_divide", &[1.0, 0.1], 9.0),
        ("floor_divide", &[-1e-320, 1e300], -1.0),
        ("remainder", &[1.0, -INF], -INF),
        ("remainder", &[-1.0, INF], INF),
        ("remainder", &[-1.0, -INF], -1.0),
        ("remainder", &[-0.0, 1.0], 0.0),
        ("remainder", &[0.0, -1.0], -0.0),
        ("remainder", &[INF, 1.0], NAN),
        ("remainder", &[1.0, 0.0], NAN),
        ("remainder", &[-1e-20, 1.0], 1.0),
        ("remainder", &[4.0, -2.0], -0.0),
        ("pow", &[NAN, 0.0], 1.0),
        ("pow", &[1.0, NAN], 1.0),
        ("pow", &[-1.0, INF], 1.0),
        ("pow", &[-0.0, -3.0], -INF),
        ("pow", &[-0.0, 2.0], 0.0),
        ("pow", &[-INF, -3.0], -0.0),
        ("pow", &[-2.0, 0.5], NAN),
        ("pow", &[-INF, 0.5], INF),
        ("hypot", &[INF, NAN], INF),
        ("hypot", &[1.0, NAN], NAN),
        ("maximum", &[NAN, 1.0], NAN),
        ("minimum", &[1.0, NAN], NAN),
        ("maximum", &[-0.0, 0.0], 0.0),
        ("minimum", &[0.0, -0.0], -0.0),
        ("clip", &[NAN, 0.0, 1.0], NAN),
        ("clip", &[0.5, 0.0, NAN], NAN),
        ("clip", &[2.0, 0.0, 1.0], 1.0),
        ("nextafter", &[-0.0, 0.0], 0.0),
        ("nextafter", &[0.0, -0.0], -0.0),
        ("nextafter", &[0.0, -1.0], -5e-324),
        ("nextafter", &[5e-324, -1.0], 0.0),
        ("nextafter", &[-5e-324, 1.0], -0.0),
        ("nextafter", &[f64::MAX, INF], INF),
        ("nextafter", &[-INF, 0.0], -f64::MAX),
        ("round", &[2.5], 2.0),
        ("round", &[-0.5], -0.0),
        ("round", &[3.5], 4.0),
        ("sign", &[-0.0], 0.0),
        ("sign", &[NAN], NAN),
        ("logaddexp", &[-INF, -INF], -INF),
        ("logaddexp", &[INF, -INF], INF),
        ("logaddexp", &[-INF, 3.0], 3.0),
        ("logaddexp", &[0.0, 0.0], LN_2),
        ("logaddexp", &[-LN_2, -LN_2], 0.0),
        ("logaddexp", &[1.0, NAN], NAN),
        ("atan2", &[-0.0, -0.0], -PI),
        ("atan2", &[-INF, -INF], -3.0 * FRAC_PI_4),
        ("sqrt", &[-0.0], -0.0),
        ("log1p", &[-0.0], -0.0),
        ("log", &[-0.0], -INF),
        ("acos", &[1.0], 0.0),
        ("acosh", &[1.0], 0.0),
        ("atanh", &[-1.0], -INF),
        ("expm1", &[-INF], -1.0),
        ("reciprocal", &[-0.0], -INF),
        ("copysign", &[1.0, -NAN], -1.0),
    ] {
        let value = real(function, args).value.unwrap().components().0;
        // log(exp(-ln 2) + exp(-ln 2)) is the rounding error of ln 2 itself.
        let near = function == "logaddexp" && expected == 0.0 && value.abs() < 1e-16;
        assert!(same(value, expected) || near, "{function}{args:?} = {value}, not {expected}");
    }
}

#[test]
fn the_sign_of_a_nan_is_kept_and_copied() {
    for (dtype, nan) in [(DType::Float32, Element::F32(-f32::NAN)), (DType::Float64, Element::F64(-f64::NAN))] {
        let value = |function: &str, args: &[Element]| kernel(function).unwrap().eval(dtype, args).value.unwrap();
        let sign = nan.components().0.is_sign_negative();
        assert_eq!(value("signbit", &[nan]), Element::Bool(sign));
        let copied = value("copysign", &[nan, Element::F64(1.0).cast(dtype)]);
        assert_eq!(value("signbit", &[copied]), Element::Bool(false));
        let copied = value("copysign", &[copied, Element::F64(-0.0).cast(dtype)]);
        assert!(copied.components().0.is_nan());
        assert_eq!(value("signbit", &[copied]), Element::Bool(true));
    }
}

#[test]
fn floor_divide_has_the_answers_that_the_text_permits() {
    let both = |x1, x2| {
        let answer = real("floor_divide", &[x1, x2]);
        (answer.value.map(|v| v.components().0), answer.alternative.map(|v| v.components().0))
    };
    // 1 / 0.1 rounds up to 10, the exact quotient does not reach it.
    assert_eq!(both(1.0, 0.1), (Some(9.0), Some(10.0)));
    assert_eq!(both(7.0, 2.0), (Some(3.0), None));
    assert_eq!(both(1.0, -INF), (Some(-0.0), Some(-1.0)));
    assert_eq!(both(-1.0, -INF), (Some(0.0), None));
    assert!(matches!(both(INF, 2.0), (Some(INF), Some(v)) if v.is_nan()));
    assert_eq!(both(INF, 0.0), (Some(INF), None));
    assert_eq!(both(1e300, 1e-300), (None, None));
    assert_eq!(both(9007199254740992.0, 1.0), (None, None));
}

#[test]
fn single_precision_is_computed_in_single_precision() {
    let value = |function: &str, args: [f32; 2]| kernel(function).unwrap().eval(DType::Float32, &args.map(Element::F32)).value;
    assert_eq!(value("add", [16777216.0, 1.0]), Some(Element::F32(16777216.0)));
    assert_eq!(value("multiply", [1e-30, 1e-30]), Some(Element::F32(0.0)));
    assert_eq!(value("nextafter", [1.0, 2.0]), Some(Element::F32(1.0 + f32::EPSILON)));
    assert_eq!(value("floor_divide", [1.0, 0.1]), Some(Element::F32(9.0)));
}

#[test]
fn booleans_are_logical() {
    for (function, expected) in [
        ("logical_and", [false, false, false, true]),
        ("bitwise_or", [false, true, true, true]),
        ("logical_xor", [false, true, true, false]),
        ("equal", [true, false, false, true]),
    ] {
        let args = [(false, false), (false, true), (true, false), (true, true)];
        for ((a, b), expected) in args.into_iter().zip(expected) {
            let answer = kernel(function).unwrap().eval(DType::Bool, &[Element::Bool(a), Element::Bool(b)]);
            assert_eq!(answer.value, Some(Element::Bool(expected)), "{function}({a}, {b})");
        }
    }
    assert!(!kernel("less").unwrap().accepts(DType::Bool) && !kernel("add").unwrap().accepts(DType::Bool));
}

#[test]
fn complex_arithmetic_leaves_special_operands_open() {
    let two = |function: &str, a: (f64, f64), b: (f64, f64)| {
        kernel(function).unwrap().eval(DType::Complex128, &[Element::C128(a.0, a.1), Element::C128(b.0, b.1)]).value
    };
    assert_eq!(two("multiply", (INF, 1.0), (1.0, 1.0)), None);
    assert_eq!(two("divide", (1.0, 1.0), (0.0, 0.0)), None);
    assert!(two("multiply", (NAN, NAN), (NAN, NAN)).is_some());
    assert_eq!(two("divide", (1.0, 2.0), (3.0, 4.0)), Some(Element::C128(0.44, 0.08)));
    // No intermediate overflows, none underflows.
    assert_eq!(two("divide", (1e308, 1e308), (1e308, 1e308)), Some(Element::C128(1.0, 0.0)));
    assert_eq!(two("multiply", (1e-200, 1e-200), (1e200, 1e200)), Some(Element::C128(0.0, 2.0)));
    assert_eq!(two("pow", (0.0, 0.0), (2.0, 0.0)), Some(Element::C128(0.0, 0.0)));
    assert_eq!(two("pow", (0.0, 0.0), (0.0, 1.0)), None);
    assert_eq!(two("equal", (0.0, -0.0), (-0.0, 0.0)), Some(Element::Bool(true)));
    assert_eq!(two("not_equal", (NAN, 0.0), (NAN, 0.0)), Some(Element::Bool(true)));
}

/// A function, its argument and its result, as real and imaginary parts.
type SpecialCase = (&'static str, (f64, f64), (f64, f64));

/// Special cases in the standard's text: function, operand, result. Where the text leaves a sign free, the sign is our own choice.
const COMPLEX_SPECIAL_CASES: [SpecialCase; 133] = [
    ("abs", (NAN, -INF), (INF, 0.0)),
    ("abs", (NAN, 1.0), (NAN, 0.0)),
    ("acos", (-0.0, 0.0), (FRAC_PI_2, -0.0)),
    ("acos", (0.0, NAN), (FRAC_PI_2, NAN)),
    ("acos", (3.0, INF), (FRAC_PI_2, -INF)),
    ("acos", (3.0, NAN), (NAN, NAN)),
    ("acos", (-INF, 1.0), (PI, -INF)),
    ("acos", (INF, 1.0), (0.0, -INF)),
    ("acos", (-INF, INF), (3.0 * FRAC_PI_4, -INF)),
    ("acos", (INF, INF), (FRAC_PI_4, -INF)),
    ("acos", (NAN, INF), (NAN, -INF)),
    ("acos", (NAN, 1.0), (NAN, NAN)),
    ("acosh", (-0.0, 0.0), (0.0, FRAC_PI_2)),
    ("acosh", (1.0, INF), (INF, FRAC_PI_2)),
    ("acosh", (-INF, 1.0), (INF, PI)),
    ("acosh", (INF, 1.0), (INF, 0.0)),
    ("acosh", (-INF, INF), (INF, 3.0 * FRAC_PI_4)),
    ("acosh", (INF, INF), (INF, FRAC_PI_4)),
    ("acosh", (-INF, NAN), (INF, NAN)),
    ("acosh", (NAN, INF), (INF, NAN)),
    ("acosh", (2.0, NAN), (NAN, NAN)),
    ("acosh", (NAN, NAN), (NAN, NAN)),
    ("asinh", (0.0, 0.0), (0.0, 0.0)),
    ("asinh", (1.0, INF), (INF, FRAC_PI_2)),
    ("asinh", (1.0, NAN), (NAN, NAN)),
    ("asinh", (INF, 1.0), (INF, 0.0)),
    ("asinh", (INF, INF), (INF, FRAC_PI_4)),
    ("asinh", (INF, NAN), (INF, NAN)),
    ("asinh", (NAN, 0.0), (NAN, 0.0)),
    ("asinh", (NAN, 1.0), (NAN, NAN)),
    ("asin", (0.0, 0.0), (0.0, 0.0)),
    ("asin", (1.0, INF), (0.0, INF)),
    ("asin", (INF, 1.0), (FRAC_PI_2, INF)),
    ("asin", (INF, INF), (FRAC_PI_4, INF)),
    ("asin", (0.0, NAN), (0.0, NAN)),
    ("atanh", (0.0, 0.0), (0.0, 0.0)),
    ("atanh", (0.0, NAN), (0.0, NAN)),
    ("atanh", (1.0, 0.0), (INF, 0.0)),
    ("atanh", (1.0, INF), (0.0, FRAC_PI_2)),
    ("atanh", (1.0, NAN), (NAN, NAN)),
    ("atanh", (INF, 1.0), (0.0, FRAC_PI_2)),
    ("atanh", (INF, INF), (0.0, FRAC_PI_2)),
    ("atanh", (INF, NAN), (0.0, NAN)),
    ("atanh", (NAN, 1.0), (NAN, NAN)),
    ("atanh", (NAN, INF), (0.0, FRAC_PI_2)),
    ("atan", (INF, 1.0), (FRAC_PI_2, 0.0)),
    ("atan", (0.0, 1.0), (0.0, INF)),
    ("cosh", (0.0, 0.0), (1.0, 0.0)),
    ("cosh", (1.0, INF), (NAN, NAN)),
    ("cosh", (INF, 0.0), (INF, 0.0)),
    ("cosh", (INF, 2.0), (-INF, INF)),
    ("cosh", (INF, INF), (INF, NAN)),
    ("cosh", (INF, NAN), (INF, NAN)),
    ("cosh", (NAN, 1.0), (NAN, NAN)),
    ("cosh", (0.0, INF), (NAN, 0.0)),
    ("cosh", (NAN, 0.0), (NAN, 0.0)),
    ("cos", (0.0, 0.0), (1.0, -0.0)),
    ("cos", (0.0, INF), (INF, -0.0)),
    ("exp", (-0.0, 0.0), (1.0, 0.0)),
    ("exp", (1.0, INF), (NAN, NAN)),
    ("exp", (1.0, NAN), (NAN, NAN)),
    ("exp", (INF, 0.0), (INF, 0.0)),
    ("exp", (-INF, 2.0), (-0.0, 0.0)),
    ("exp", (INF, 2.0), (-INF, INF)),
    ("exp", (-INF, INF), (0.0, 0.0)),
    ("exp", (INF, INF), (INF, NAN)),
    ("exp", (-INF, NAN), (0.0, 0.0)),
    ("exp", (INF, NAN), (INF, NAN)),
    ("exp", (NAN, 0.0), (NAN, 0.0)),
    ("exp", (NAN, 1.0), (NAN, NAN)),
    ("expm1", (0.0, 0.0), (0.0, 0.0)),
    ("expm1", (-0.0, 0.0), (0.0, 0.0)),
    ("expm1", (1.0, INF), (NAN, NAN)),
    ("expm1", (INF, 0.0), (INF, 0.0)),
    ("expm1", (-INF, 2.0), (-1.0, 0.0)),
    ("expm1", (INF, 2.0), (-INF, INF)),
    ("expm1", (-INF, INF), (-1.0, 0.0)),
    ("expm1", (INF, INF), (INF, NAN)),
    ("expm1", (-INF, NAN), (-1.0, 0.0)),
    ("expm1", (NAN, 0.0), (NAN, 0.0)),
    ("expm1", (NAN, 1.0), (NAN, NAN)),
    ("log", (-0.0, 0.0), (-INF, PI)),
    ("log", (0.0, 0.0), (-INF, 0.0)),
    ("log", (1.0, INF), (INF, FRAC_PI_2)),
    ("log", (1.0, NAN), (NAN, NAN)),
    ("log", (-INF, 1.0), (INF, PI)),
    ("log", (INF, 1.0), (INF, 0.0)),
    ("log", (-INF, INF), (INF, 3.0 * FRAC_PI_4)),
    ("log", (INF, INF), (INF, FRAC_PI_4)),
    ("log", (INF, NAN), (INF, NAN)),
    ("log", (NAN, INF), (INF, NAN)),
    ("log1p", (-1.0, 0.0), (-INF, 0.0)),
    ("log1p", (1.0, INF), (INF, FRAC_PI_2)),
    ("log1p", (1.0, NAN), (NAN, NAN)),
    ("log1p", (-INF, 1.0), (INF, PI)),
    ("log1p", (-INF, INF), (INF, 3.0 * FRAC_PI_4)),
    ("log1p", (INF, NAN), (INF, NAN)),
    ("log1p", (NAN, INF), (INF, NAN)),
    ("log2", (-0.0, 0.0), (-INF, PI / LN_2)),
    ("log10", (NAN, 1.0), (NAN, NAN)),
    ("sign", (-0.0, 0.0), (0.0, 0.0)),
    ("sign", (NAN, 0.0), (NAN, NAN)),
    ("sinh", (0.0, 0.0), (0.0, 0.0)),
    ("sinh", (0.0, INF), (0.0, NAN)),
    ("sinh", (0.0, NAN), (0.0, NAN)),
    ("sinh", (1.0, INF), (NAN, NAN)),
    ("sinh", (INF, 0.0), (INF, 0.0)),
    ("sinh", (INF, 2.0), (-INF, INF)),
    ("sinh", (INF, INF), (INF, NAN)),
    ("sinh", (INF, NAN), (INF, NAN)),
    ("sinh", (NAN, 0.0), (NAN, 0.0)),
    ("sinh", (NAN, 1.0), (NAN, NAN)),
    ("sin", (-0.0, 0.0), (-0.0, 0.0)),
    ("sin", (0.0, INF), (0.0, INF)),
    ("sqrt", (-0.0, 0.0), (0.0, 0.0)),
    ("sqrt", (NAN, INF), (INF, INF)),
    ("sqrt", (1.0, NAN), (NAN, NAN)),
    ("sqrt", (-INF, 1.0), (0.0, INF)),
    ("sqrt", (INF, 1.0), (INF, 0.0)),
    ("sqrt", (-INF, NAN), (NAN, INF)),
    ("sqrt", (INF, NAN), (INF, NAN)),
    ("sqrt", (NAN, 1.0), (NAN, NAN)),
    ("tanh", (0.0, 0.0), (0.0, 0.0)),
    ("tanh", (1.0, INF), (NAN, NAN)),
    ("tanh", (0.0, INF), (0.0, NAN)),
    ("tanh", (0.0, NAN), (0.0, NAN)),
    ("tanh", (INF, 2.0), (1.0, 0.0)),
    ("tanh", (INF, INF), (1.0, 0.0)),
    ("tanh", (INF, NAN), (1.0, 0.0)),
    ("tanh", (NAN, 0.0), (NAN, 0.0)),
    ("tanh", (NAN, 1.0), (NAN, NAN)),
    ("tan", (2.0, INF), (0.0, 1.0)),
    ("round", (2.5, -0.5), (2.0, -0.0)),
];

#[test]
fn complex_special_cases() {
    for (function, z, expected) in COMPLEX_SPECIAL_CASES {
        let (re, im) = complex(function, z);
        assert!(same(re, expected.0) && same(im, expected.1), "{function}{z:?} = ({re}, {im}), not {expected:?}");
    }
}

#[test]
fn complex_functions_keep_their_symmetries_everywhere() {
    let parts = [0.0, -0.0, 1.0, -1.0, 2.5, -0.3, 1e-310, 1e200, -1e300, 800.0, INF, -INF, NAN];
    // Odd symmetry leaves the sign of a component of some infinite results free: only finite operands are asked.
    let odd = ["asin", "asinh", "atan", "atanh", "sin", "sinh", "tan", "tanh"];
    let conjugated = ["acos", "acosh", "cos", "cosh", "exp", "expm1", "log", "log10", "log1p", "log2", "sqrt"];
    for function in odd.iter().chain(&conjugated) {
        for re in parts {
            for im in parts.into_iter().filter(|im| !im.is_nan()) {
                let (u, v) = complex(function, (re, im));
                let (s, t) = complex(function, (re, -im));
                assert!(same(u, s) && same(v, -t), "{function}(conj({re}, {im})): ({u}, {v}), ({s}, {t})");
                if odd.contains(function) && !re.is_nan() {
                    let (s, t) = complex(function, (-re, -im));
                    assert!(same(u, -s) && same(v, -t), "{function}(-({re}, {im})): ({u}, {v}), ({s}, {t})");
                }
            }
        }
    }
}

#[test]
fn an_unknown_function_has_no_kernel() {
    assert!(kernel("cbrt").is_none() && kernel("").is_none());
    assert_eq!(kernel("clip").unwrap().arity(), 3);
}
