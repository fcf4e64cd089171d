//! The screen against arbitrary precision, on numbers of many magnitudes; and floats against exact arithmetic.

use array_assay_interface::{DType, Element};
use array_assay_oracle::{Kernel, kernel, kernels};
use std::f64::consts::{E, FRAC_PI_2, PI};

/// A fixed sequence of numbers (xorshift64*).
struct Sequence(u64);

impl Sequence {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Any number at all, one within some binades of 1, or one near a multiple of a quarter.
    fn number(&mut self, dtype: DType) -> f64 {
        let sign = if self.next().is_multiple_of(2) { 1.0 } else { -1.0 };
        let binades = match self.next() % 6 {
            0 if dtype.real() == DType::Float32 => return f32::from_bits(self.next() as u32) as f64,
            0 => return f64::from_bits(self.next()),
            1 => 100.0,
            2 => 20.0,
            3 => 6.0,
            4 => {
                let distance = (self.unit() - 0.5) * (-((self.next() % 50) as f64)).exp2();
                let quarters = (self.next() % 9) as f64 * 0.25;
                return sign * (quarters + if self.next().is_multiple_of(2) { 0.0 } else { distance });
            }
            _ => 1.0,
        };
        sign * (1.0 + self.unit()) * ((self.unit() - 0.5) * 2.0 * binades).exp2()
    }

    fn args(&mut self, kernel: &Kernel, dtype: DType) -> Vec<Element> {
        let arg = |_| Element::C128(self.number(dtype), self.number(dtype)).cast(dtype);
        (0..kernel.arity()).map(arg).collect()
    }
}

/// The largest error of the screen over `n` inputs, and where; every value must be plausible too.
fn worst(kernel: &Kernel, dtype: DType, n: usize) -> (f64, Vec<Element>) {
    let mut numbers = Sequence(0x9e37_79b9_7f4a_7c15);
    let mut worst = (0.0, Vec::new());
    for _ in 0..n {
        let args = numbers.args(kernel, dtype);
        let Some(value) = kernel.eval(dtype, &args).value else { continue };
        let error = kernel.error(dtype, &args, value);
        assert!(!error.is_nan());
        if error > worst.0 {
            worst = (error, args.clone());
        }
        assert!(kernel.plausible(dtype, &args, value), "{} {args:?} = {value}", kernel.name());
    }
    worst
}

#[test]
fn real_numbers_are_correctly_rounded() {
    for kernel in kernels() {
        for dtype in [DType::Float32, DType::Float64] {
            let limit = if kernel.name() == "logaddexp" && dtype == DType::Float64 { 2.0 } else { 0.5 };
            let (error, args) = worst(kernel, dtype, 300);
            assert!(error <= limit, "{}{args:?}: {error} ULP in {dtype}", kernel.name());
        }
    }
}

#[test]
fn complex_numbers_are_good_to_a_few_eps() {
    for kernel in kernels() {
        for dtype in [DType::Complex64, DType::Complex128] {
            let limit = match (kernel.name(), dtype) {
                // The error of the logarithm, times an exponent of up to a thousand.
                ("pow", DType::Complex128) => 500.0,
                (_, DType::Complex64) => 0.75,
                _ => 3.0,
            };
            let (error, args) = worst(kernel, dtype, if kernel.name() == "pow" { 60 } else { 300 });
            assert!(error <= limit, "{}{args:?}: {error} eps in {dtype}", kernel.name());
        }
    }
}

/// Hard cases to round in double precision (CORE-MATH's and Muller's tables), huge arguments, and arguments near zeros
/// and poles.
#[test]
fn hard_inputs_are_correctly_rounded() {
    for (function, x) in [
        ("exp", 7.541752774995959e-10),
        ("exp", -709.782712893384),
        ("exp", -745.1332191019411),
        ("log", 1.0000000000000002),
        ("log", 0.9999999999999999),
        ("sin", 1e22),
        ("sin", PI),
        ("sin", f64::MAX),
        ("cos", 6381956970095103.0 * 797f64.exp2()),
        ("cos", FRAC_PI_2),
        ("tan", FRAC_PI_2),
        ("tan", -9.989926955396511e206),
        ("expm1", -1e-300),
        ("log1p", -0.9999999999999999),
        ("tanh", 19.5),
        ("atanh", 0.9999999999999999),
        ("acosh", 1.0000000000000002),
        ("sinh", 710.4758600739439),
        ("acos", 0.9999999999999999),
    ] {
        let (kernel, args) = (kernel(function).unwrap(), [Element::F64(x)]);
        let value = kernel.eval(DType::Float64, &args).value.unwrap();
        assert!(kernel.error(DType::Float64, &args, value) <= 0.5, "{function}({x}) = {value}");
    }
}

#[test]
fn arbitrary_precision_answers_where_double_precision_does_not_do() {
    for (function, dtype, args) in [
        ("logaddexp", DType::Float64, [Element::F64(-0.5), Element::F64(-0.9327521295671886)]),
        ("logaddexp", DType::Float32, [Element::F32(-0.4054651), Element::F32(-1.0986123)]),
        ("pow", DType::Complex128, [Element::C128(1.0, 1e-9), Element::C128(1e8, 3e9)]),
        ("pow", DType::Complex128, [Element::C128(0.6, 0.8), Element::C128(1e17, 0.0)]),
        ("pow", DType::Complex64, [Element::C64(0.0, 1.0), Element::C64(1e30, 0.0)]),
    ] {
        let kernel = kernel(function).unwrap();
        let value = kernel.eval(dtype, &args).value.unwrap();
        let error = kernel.error(dtype, &args, value);
        assert!(error <= 0.71, "{function}{args:?} = {value}: {error}");
    }
}

/// A significand and an exponent: `m * 2**e`.
fn parts(v: f64) -> (i128, i32) {
    let (bits, sign) = (v.abs().to_bits(), if v < 0.0 { -1 } else { 1 });
    let biased = (bits >> 52) as i32;
    let fraction = (bits & ((1 << 52) - 1)) as i128;
    if biased == 0 { (sign * fraction, -1074) } else { (sign * (fraction | 1 << 52), biased - 1075) }
}

#[test]
fn remainder_and_floor_divide_are_those_of_exact_arithmetic() {
    let mut numbers = Sequence(7);
    let (remainder, floor_divide) = (kernel("remainder").unwrap(), kernel("floor_divide").unwrap());
    for _ in 0..20_000 {
        let mut number = || {
            let sign = if numbers.next().is_multiple_of(2) { 1.0 } else { -1.0 };
            let digits = numbers.next() % 53;
            sign * (1.0 + (numbers.next() >> (64 - digits).min(63)) as f64) * ((numbers.next() % 20) as f64 - 10.0).exp2()
        };
        let (x1, x2) = (number(), number());
        let args = [Element::F64(x1), Element::F64(x2)];
        // Both as integers in units of the smaller exponent.
        let ((m1, e1), (m2, e2)) = (parts(x1), parts(x2));
        let unit = e1.min(e2);
        if e1.max(e2) - unit > 70 {
            continue;
        }
        let (a, b) = (m1 << (e1 - unit), m2 << (e2 - unit));
        let quotient = a.div_euclid(b) - (b < 0 && a.rem_euclid(b) != 0) as i128;
        let rest = a - quotient * b;
        let expected = Element::F64(if rest == 0 { 0f64.copysign(x2) } else { rest as f64 * (unit as f64).exp2() });
        let got = remainder.eval(DType::Float64, &args).value.unwrap();
        assert!(got.same_bits(expected), "{x1} % {x2} = {got}, not {expected}");
        let answer = floor_divide.eval(DType::Float64, &args);
        match answer.value {
            Some(Element::F64(v)) => assert_eq!(v, quotient as f64, "{x1} // {x2}"),
            _ => assert!(quotient.unsigned_abs() >= 1 << 53, "{x1} // {x2} = {answer:?}"),
        }
    }
}

#[test]
fn errors_are_measured_in_ulp() {
    let sqrt = kernel("sqrt").unwrap();
    let four = [Element::F64(4.0)];
    for (got, expected) in [(2.0, 0.0), (2.0 + 2.0 * f64::EPSILON, 1.0), (2.0 - f64::EPSILON, 0.5), (f64::NAN, f64::INFINITY)] {
        assert_eq!(sqrt.error(DType::Float64, &four, Element::F64(got)), expected);
    }
    let exp = kernel("exp").unwrap();
    let error = |x, got| exp.error(DType::Float64, &[Element::F64(x)], Element::F64(got));
    assert_eq!(error(1000.0, f64::INFINITY), 0.0);
    assert_eq!(error(1000.0, f64::MAX), 1.0);
    assert!(error(1000.0, f64::NEG_INFINITY) > 1e15);
    assert!(error(709.0, f64::INFINITY) > 1e15);
    assert!(error(-1000.0, 0.0) < 1e-100);
    assert_eq!(error(-1000.0, 5e-324), 1.0);
    assert_eq!(error(f64::NEG_INFINITY, 0.0), 0.0);
    assert_eq!(error(f64::NEG_INFINITY, 5e-324), 1.0);
    assert_eq!(error(f64::NAN, 1.0), f64::INFINITY);
    // A sum overflows from half an ULP beyond the largest number on.
    let add =
        |small: f64, got| kernel("add").unwrap().error(DType::Float64, &[Element::F64(f64::MAX), Element::F64(small)], Element::F64(got));
    assert_eq!(add(970f64.exp2(), f64::INFINITY), 0.0);
    assert_eq!(add(969f64.exp2(), f64::INFINITY), 0.75);
    assert_eq!(add(969f64.exp2(), f64::MAX), 0.25);
    // A complex result is measured against its modulus.
    let args = [Element::C128(1.0, 1e-10)];
    let sqrt_error = |re, im| sqrt.error(DType::Complex128, &args, Element::C128(re, im));
    assert!(sqrt_error(1.0, 5.1e-11) < 1e-12 / f64::EPSILON * 1.1);
    assert!((sqrt_error(1.0 + f64::EPSILON, 5e-11) - 1.0).abs() < 1e-3);
    assert_eq!(sqrt_error(1.0, f64::NAN), f64::INFINITY);
    // The exact functions too.
    assert_eq!(kernel("floor").unwrap().error(DType::Float32, &[Element::F32(1.5)], Element::F32(1.0)), 0.0);
    assert_eq!(kernel("less").unwrap().error(DType::Float32, &[Element::F32(1.0), Element::F32(2.0)], Element::Bool(false)), f64::INFINITY);
}

#[test]
fn a_value_is_plausible_only_near_that_of_a_neighbour() {
    let plausible = |function: &str, args: &[f64], got: f64| {
        let args: Vec<Element> = args.iter().map(|v| Element::F64(*v)).collect();
        kernel(function).unwrap().plausible(DType::Float64, &args, Element::F64(got))
    };
    let (near, far) = (1.0 + (-30f64).exp2(), 1.0 + (-20f64).exp2());
    for (function, args) in
        [("exp", &[1.5][..]), ("log", &[3.0]), ("pow", &[1.5, 7.0]), ("atan2", &[1.0, -2.0]), ("tan", &[1.2]), ("logaddexp", &[1.0, 2.0])]
    {
        let x: Vec<Element> = args.iter().map(|v| Element::F64(*v)).collect();
        let value = kernel(function).unwrap().eval(DType::Float64, &x).value.unwrap().components().0;
        assert!(plausible(function, args, value * near), "{function}");
        assert!(!plausible(function, args, value * far), "{function}");
        assert!(!plausible(function, args, -value) && !plausible(function, args, f64::NAN), "{function}");
        assert!(!plausible(function, args, f64::INFINITY) && !plausible(function, args, 0.0), "{function}");
    }
    // Ill-conditioned: a neighbour's sine is anything.
    assert!(plausible("sin", &[1e22], 0.1) && !plausible("sin", &[1e22], 1.1));
    // Overflow, a pole, a cut, an edge of the domain.
    assert!(plausible("exp", &[709.7827128], f64::INFINITY) && !plausible("exp", &[709.0], f64::INFINITY));
    assert!(plausible("tan", &[FRAC_PI_2], -1e17) && !plausible("tan", &[FRAC_PI_2], 1.0));
    assert!(plausible("atan2", &[0.0, -1.0], -PI) && !plausible("atan2", &[0.0, -1.0], 0.0));
    assert!(plausible("acos", &[1.0], f64::NAN) && !plausible("acos", &[0.9], f64::NAN));
    assert!(!plausible("pow", &[-2.0, 3.0], f64::NAN) && plausible("pow", &[-2.0, 3.0], -8.0));

    let complex = |function: &str, z: (f64, f64), got: (f64, f64)| {
        kernel(function).unwrap().plausible(DType::Complex128, &[Element::C128(z.0, z.1)], Element::C128(got.0, got.1))
    };
    assert!(complex("log", (-1.0, 0.0), (0.0, PI)) && complex("log", (-1.0, 0.0), (0.0, -PI)));
    assert!(!complex("log", (-1.0, 0.0), (0.0, 0.0)) && !complex("log", (-1.0, 1e-3), (0.0, -PI)));
    assert!(complex("sqrt", (-4.0, 0.0), (0.0, -2.0)) && !complex("sqrt", (-4.0, 0.0), (0.0, -2.1)));
    assert!(!complex("exp", (1.0, 1.0), (2.0, 2.0)) && !complex("exp", (1.0, 1.0), (f64::NAN, 2.0)));
    // Nearer to a pole than a step of single precision: a smaller move gives a far greater value.
    let z = [Element::C64(2.4e-9, 4.712389)];
    let tanh = kernel("tanh").unwrap();
    let (re, im) = tanh.eval(DType::Complex64, &z).value.unwrap().components();
    let scaled = |factor: f64| tanh.plausible(DType::Complex64, &z, Element::C128(re * factor, im * factor).cast(DType::Complex64));
    assert!(scaled(1.04) && scaled(0.96) && !scaled(100.0) && !scaled(-1.0));
    // Normwise: a component that is small beside the other may be wrong altogether.
    assert!(complex("exp", (1.0, 1e-12), (E, 0.0)));
}
