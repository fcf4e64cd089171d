//! Real floating-point functions in both precisions, for which IEEE 754, C or the standard's text requires more than a single call of a
//! correctly rounded function.

macro_rules! precision {
    ($name:ident, $float:ident, $digits:literal, $doc:literal, $correctly_rounded:item) => {
        #[doc = $doc]
        pub mod $name {
            $correctly_rounded

            /// The square root.
            pub fn sqrt(x: $float) -> $float {
                x.sqrt()
            }

            /// `log(exp(x1) + exp(x2))`, within about two ULP.
            pub fn logaddexp(x1: $float, x2: $float) -> $float {
                super::logaddexp(x1 as f64, x2 as f64) as $float
            }

            /// -1, 0 or 1, and NaN for NaN. The result is +0 for zeros of either sign.
            pub fn sign(x: $float) -> $float {
                if x > 0.0 {
                    1.0
                } else if x < 0.0 {
                    -1.0
                } else if x.is_nan() {
                    x
                } else {
                    0.0
                }
            }

            /// The larger operand. It is NaN if either operand is.
            pub fn maximum(x1: $float, x2: $float) -> $float {
                if x1.is_nan() || x1 > x2 || (x1 == x2 && x1.is_sign_positive()) { x1 } else { x2 }
            }

            /// The smaller operand. It is NaN if either operand is.
            pub fn minimum(x1: $float, x2: $float) -> $float {
                if x1.is_nan() || x1 < x2 || (x1 == x2 && x1.is_sign_negative()) { x1 } else { x2 }
            }

            /// `x` limited to `[min, max]`. It is NaN if any operand is. `None` if `min` exceeds `max`.
            pub fn clip(x: $float, min: $float, max: $float) -> Option<$float> {
                if x.is_nan() || min.is_nan() || max.is_nan() {
                    Some($float::NAN)
                } else if min > max {
                    None
                } else if x < min {
                    Some(min)
                } else if x > max {
                    Some(max)
                } else {
                    Some(x)
                }
            }

            /// Python's `%`: the remainder of the floored quotient, with the sign of `x2` (CPython, `float_rem`).
            /// The C remainder is exact, and adding `x2` rounds once.
            pub fn remainder(x1: $float, x2: $float) -> $float {
                let rest = x1 % x2;
                if rest == 0.0 {
                    (0.0 as $float).copysign(x2)
                } else if (rest < 0.0) != (x2 < 0.0) && !rest.is_nan() {
                    rest + x2
                } else {
                    rest
                }
            }

            /// The floor of the exact quotient. `None` if the quotient has more digits than the format.
            pub fn floor_divide(x1: $float, x2: $float) -> Option<$float> {
                let quotient = x1 / x2;
                if !x1.is_finite() || !x2.is_finite() || x1 == 0.0 || x2 == 0.0 {
                    return Some(quotient.floor());
                }
                if quotient.abs() >= (1u64 << $digits) as $float {
                    return None;
                }
                // Rounding to nearest never passes an integer, so the floor is wrong only if the quotient was rounded up to an integer. The
                // remainder is a multiple of the least subnormal, so its sign survives.
                let rest = (-quotient).mul_add(x2, x1);
                let floor = quotient.floor();
                let rounded_up = floor == quotient && rest != 0.0 && (rest < 0.0) != (x2 < 0.0);
                Some(if rounded_up { floor - 1.0 } else { floor })
            }

            /// Other results that the text permits: the floor of the rounded quotient, and Python's answer for an infinite operand.
            pub fn floor_divide_also(x1: $float, x2: $float) -> Option<$float> {
                let quotient = x1 / x2;
                if x1.is_infinite() && x2.is_finite() && x2 != 0.0 {
                    Some($float::NAN)
                } else if x1.is_finite() && x2.is_infinite() && x1 != 0.0 && (x1 < 0.0) != (x2 < 0.0) {
                    Some(-1.0)
                } else {
                    let floor = floor_divide(x1, x2)?;
                    (floor != quotient.floor() && !quotient.is_nan()).then_some(quotient.floor())
                }
            }

            /// The neighbour of `x1` in the direction of `x2`, as in C. If both are equal, it is `x2` itself.
            pub fn nextafter(x1: $float, x2: $float) -> $float {
                if x1.is_nan() || x2.is_nan() {
                    $float::NAN
                } else if x1 == x2 {
                    x2
                } else if x1 == 0.0 {
                    $float::from_bits(1).copysign(x2)
                } else if (x1 < x2) == (x1 > 0.0) {
                    $float::from_bits(x1.to_bits() + 1)
                } else {
                    $float::from_bits(x1.to_bits() - 1)
                }
            }
        }
    };
}
precision!(
    single,
    f32,
    24,
    "float32.",
    pub use core_math::{
        acosf as acos, acoshf as acosh, asinf as asin, asinhf as asinh, atanf as atan, atan2f as atan2, atanhf as atanh, cosf as cos,
        coshf as cosh, expf as exp, expm1f as expm1, hypotf as hypot, logf as log, log10f as log10, log1pf as log1p, log2f as log2,
        powf as pow, sinf as sin, sinhf as sinh, tanf as tan, tanhf as tanh,
    };
);
precision!(
    double,
    f64,
    53,
    "float64.",
    pub use core_math::{
        acos, acosh, asin, asinh, atan, atan2, atanh, cos, cosh, exp, expm1, hypot, log, log10, log1p, log2, pow, sin, sinh, tan, tanh,
    };
);

/// `log(exp(x1) + exp(x2))`, within about two ULP where the terms do not [cancel](cancels). It is the larger operand plus `log1p(exp(-d))`.
/// The difference `d` has two parts (two-sum, Knuth, TAOCP 2, 4.2.2).
fn logaddexp(x1: f64, x2: f64) -> f64 {
    if x1.is_nan() || x2.is_nan() {
        return f64::NAN;
    }
    let (large, small) = if x1 > x2 { (x1, x2) } else { (x2, x1) };
    if !large.is_finite() || small == f64::NEG_INFINITY {
        return large;
    }
    let high = small - large;
    if high < -745.2 {
        return large;
    }
    let part = high - small;
    let low = (small - (high - part)) + (-large - part);
    let e = core_math::exp(high);
    // The derivative of log1p(exp(d)) adds the low part.
    large + (core_math::log1p(e) + e / (1.0 + e) * low)
}

/// Whether the two terms of [`logaddexp`] nearly cancel, so that the error of one term is many ULP of the sum.
pub fn cancels(x1: f64, x2: f64) -> bool {
    let large = x1.max(x2);
    // The added term is at most ln 2.
    (-1.4..0.0).contains(&large) && {
        let sum = logaddexp(x1, x2);
        sum.abs() < 0.5 * (sum - large)
    }
}
