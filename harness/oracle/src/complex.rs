//! Complex functions in double precision. Their error is a few eps normwise for finite operands. Other operands get the values of C99 Annex
//! G and of the standard's text. Functions of complex64 are computed here and then rounded.
//!
//! The inverse functions follow Kahan, "Branch cuts for complex elementary functions, or much ado about nothing's sign bit" (1987). They
//! are computed in the first quadrant, where none of his sums cancels, and then reflected.

use core_math as cr;
use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, LN_2, PI};

/// A complex number in double precision.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Complex {
    /// The real component.
    pub re: f64,
    /// The imaginary component.
    pub im: f64,
}

const NAN: f64 = f64::NAN;
const INF: f64 = f64::INFINITY;

/// A complex number from its components.
pub const fn complex(re: f64, im: f64) -> Complex {
    Complex { re, im }
}

impl Complex {
    /// Whether both components are finite.
    pub fn is_finite(self) -> bool {
        self.re.is_finite() && self.im.is_finite()
    }

    /// Whether a component is NaN.
    pub fn is_nan(self) -> bool {
        self.re.is_nan() || self.im.is_nan()
    }

    /// Whether a component is infinite.
    pub fn is_infinite(self) -> bool {
        self.re.is_infinite() || self.im.is_infinite()
    }

    fn is_zero(self) -> bool {
        self.re == 0.0 && self.im == 0.0
    }

    /// The larger magnitude of the components.
    pub fn max_norm(self) -> f64 {
        self.re.abs().max(self.im.abs())
    }

    fn map(self, f: impl Fn(f64) -> f64) -> Complex {
        complex(f(self.re), f(self.im))
    }

    /// `1j * self`.
    fn times_j(self) -> Complex {
        complex(-self.im, self.re)
    }

    /// `-1j * self`.
    fn over_j(self) -> Complex {
        complex(self.im, -self.re)
    }

    /// The components of `self`, with the signs of those of `z`.
    fn with_signs_of(self, z: Complex) -> Complex {
        complex(self.re.copysign(z.re), self.im.copysign(z.im))
    }

    /// `self * 2**n`, each component rounded once.
    fn scale(self, n: i32) -> Complex {
        self.map(|v| scale(v, n))
    }
}

/// A power of two in the normal range.
fn power_of_two(n: i32) -> f64 {
    f64::from_bits(((n + 1023) as u64) << 52)
}

/// `v * 2**n`. Only the last product rounds. The others keep a result that will be subnormal in the normal range.
fn scale(v: f64, n: i32) -> f64 {
    match n {
        -1022..=1023 => v * power_of_two(n),
        1024.. => scale(v * power_of_two(1023), (n - 1023).min(3000)),
        // For |v| >= 2**-122, v * 2**-900 is exact, or the final result is far below the least subnormal.
        _ => scale(v * power_of_two(-900), (n + 900).max(-3000)),
    }
}

/// The exponent of the leading digit of a finite number; 0 for zero.
fn exponent(v: f64) -> i32 {
    let bits = v.abs().to_bits();
    match (bits >> 52) as i32 {
        0 if bits == 0 => 0,
        0 => -1011 - bits.leading_zeros() as i32,
        biased => biased - 1023,
    }
}

/// `a * b - c * d` within 1.5 ULP, by Kahan's algorithm (Jeannerod, Louvet, Muller, Math. Comp. 82, 2013).
fn difference_of_products(a: f64, b: f64, c: f64, d: f64) -> f64 {
    let product = c * d;
    let error = (-c).mul_add(d, product);
    let difference = a.mul_add(b, -product);
    // Adding a zero could change the sign of a zero.
    if error == 0.0 { difference } else { difference + error }
}

/// The sum, by components.
pub fn add(x1: Complex, x2: Complex) -> Complex {
    complex(x1.re + x2.re, x1.im + x2.im)
}

/// The difference, by components.
pub fn subtract(x1: Complex, x2: Complex) -> Complex {
    complex(x1.re - x2.re, x1.im - x2.im)
}

/// The product by the textbook formula, without undue overflow. If an operand is not finite, the text leaves the result to the
/// implementation, unless all components are NaN.
pub fn multiply(x1: Complex, x2: Complex) -> Option<Complex> {
    if !x1.is_finite() || !x2.is_finite() {
        return all_nan(x1, x2);
    }
    let product =
        |a: Complex, b: Complex| complex(difference_of_products(a.re, b.re, a.im, b.im), difference_of_products(a.re, b.im, -a.im, b.re));
    let plain = product(x1, x2);
    if !plain.is_nan() && (1e-250..1e300).contains(&plain.max_norm()) {
        return Some(plain);
    }
    let (n1, n2) = (exponent(x1.max_norm()), exponent(x2.max_norm()));
    Some(product(x1.scale(-n1), x2.scale(-n2)).scale(n1 + n2))
}

fn all_nan(x1: Complex, x2: Complex) -> Option<Complex> {
    [x1.re, x1.im, x2.re, x2.im].iter().all(|v| v.is_nan()).then_some(complex(NAN, NAN))
}

/// The quotient by the textbook formula, without undue overflow. `None` for a zero divisor, and where [`multiply`] has none.
pub fn divide(x1: Complex, x2: Complex) -> Option<Complex> {
    if !x1.is_finite() || !x2.is_finite() {
        return all_nan(x1, x2);
    }
    if x2.is_zero() {
        return None;
    }
    let (n1, n2) = (exponent(x1.max_norm()), exponent(x2.max_norm()));
    let (a, b) = (x1.scale(-n1), x2.scale(-n2));
    let norm = b.re * b.re + b.im * b.im;
    let quotient = complex(difference_of_products(a.re, b.re, -a.im, b.im) / norm, difference_of_products(a.im, b.re, a.re, b.im) / norm);
    Some(quotient.scale(n1 - n2))
}

/// `1 / x`.
pub fn reciprocal(x: Complex) -> Option<Complex> {
    if x.is_finite() { divide(complex(1.0, 0.0), x) } else { None }
}

/// `x * x`.
pub fn square(x: Complex) -> Option<Complex> {
    multiply(x, x)
}

/// `x / abs(x)`. It is 0 for 0 and NaN for NaN. `None` for an infinity, since the text leaves that division to the implementation.
pub fn sign(x: Complex) -> Option<Complex> {
    if x.is_zero() {
        return Some(complex(0.0, 0.0));
    }
    if x.is_nan() {
        return Some(complex(NAN, NAN));
    }
    if x.is_infinite() {
        return None;
    }
    let x = x.scale(-exponent(x.max_norm()));
    let norm = cr::hypot(x.re, x.im);
    Some(x.map(|v| v / norm))
}

/// The square root. No intermediate result overflows. The branch cut is on the negative real axis.
pub fn sqrt(z: Complex) -> Complex {
    let Complex { re: x, im: y } = z;
    if z.is_zero() {
        return complex(0.0, y);
    }
    if y.is_infinite() {
        return complex(INF, y);
    }
    if x.is_infinite() {
        return match (x > 0.0, y.is_nan()) {
            (true, true) => complex(x, NAN),
            (true, false) => complex(x, 0f64.copysign(y)),
            (false, true) => complex(NAN, INF),
            (false, false) => complex(0.0, INF.copysign(y)),
        };
    }
    if z.is_nan() {
        return complex(NAN, NAN);
    }
    let n = match z.max_norm() {
        v if v > 1e300 => 4,
        v if v < 1e-290 => -110,
        _ => 0,
    };
    let root = finite_sqrt(z.scale(-n));
    if n == 0 { root } else { root.scale(n / 2) }
}

/// The square root of a number whose modulus neither overflows nor loses digits.
fn finite_sqrt(z: Complex) -> Complex {
    let t = (0.5 * (z.re.abs() + cr::hypot(z.re, z.im))).sqrt();
    if z.re >= 0.0 { complex(t, z.im / (2.0 * t)) } else { complex(z.im.abs() / (2.0 * t), t.copysign(z.im)) }
}

/// The magnitude beyond which `exp` leaves the range of the format, or comes near its ends.
const FAR: f64 = 700.0;

/// `factor * exp(x) * (u, v)` for `x` beyond [`FAR`] on either side, where `exp(x)` alone leaves the range. A zero component stays zero.
fn scaled_exp(x: f64, factor: f64, u: f64, v: f64) -> Complex {
    // Even the least subnormal times exp(1500) overflows.
    let half = cr::exp(0.5 * x.clamp(-1500.0, 1500.0));
    complex(u * factor * half * half, v * factor * half * half)
}

/// The exponential.
pub fn exp(z: Complex) -> Complex {
    let Complex { re: x, im: y } = z;
    if y == 0.0 {
        return complex(cr::exp(x), y);
    }
    if x.is_infinite() {
        return match (x > 0.0, y.is_finite()) {
            (true, false) => complex(INF, NAN),
            (false, false) => complex(0.0, 0f64.copysign(y)),
            (_, true) => {
                let (sin, cos) = cr::sincos(y);
                let e = cr::exp(x);
                complex(e * cos, e * sin)
            }
        };
    }
    if x.is_nan() || !y.is_finite() {
        return complex(NAN, NAN);
    }
    let (sin, cos) = cr::sincos(y);
    if x.abs() > FAR {
        return scaled_exp(x, 1.0, cos, sin);
    }
    let e = cr::exp(x);
    complex(e * cos, e * sin)
}

/// `exp(z) - 1`: the real component is `expm1(x) cos(y) - 2 sin(y/2)**2`.
pub fn expm1(z: Complex) -> Complex {
    let Complex { re: x, im: y } = z;
    if y == 0.0 {
        // The text gives +0 for both zeros, unlike the text of the real function.
        return complex(if x == 0.0 { 0.0 } else { cr::expm1(x) }, y);
    }
    if !z.is_finite() {
        let e = exp(z);
        return complex(e.re - 1.0, e.im);
    }
    if x > FAR {
        return exp(z);
    }
    let (sin, cos) = cr::sincos(y);
    let half = cr::sin(0.5 * y);
    complex(cr::expm1(x).mul_add(cos, -2.0 * half * half), cr::exp(x) * sin)
}

/// `log(abs(z))`. It is accurate near 1 too.
fn log_abs(z: Complex) -> f64 {
    let (large, small) = ordered(z);
    if large > 1e300 && large < INF {
        return cr::log(cr::hypot(0.5 * large, 0.5 * small)) + LN_2;
    }
    if large < 1e-290 && large > 0.0 {
        return cr::log(cr::hypot(scale(large, 600), scale(small, 600))) - 600.0 * LN_2;
    }
    let norm = cr::hypot(large, small);
    if (0.5..2.0).contains(&norm) { 0.5 * cr::log1p(small.mul_add(small, (large - 1.0) * (large + 1.0))) } else { cr::log(norm) }
}

/// The magnitudes of the components. The larger one comes first.
fn ordered(z: Complex) -> (f64, f64) {
    let (x, y) = (z.re.abs(), z.im.abs());
    if x >= y { (x, y) } else { (y, x) }
}

/// The natural logarithm. The branch cut is on the negative real axis.
pub fn log(z: Complex) -> Complex {
    complex(if z.is_finite() { log_abs(z) } else { cr::log(cr::hypot(z.re, z.im)) }, cr::atan2(z.im, z.re))
}

/// `log(z) / log(2)`.
pub fn log2(z: Complex) -> Complex {
    log(z).map(|v| v / LN_2)
}

/// `log(z) / log(10)`.
pub fn log10(z: Complex) -> Complex {
    log(z).map(|v| v / std::f64::consts::LN_10)
}

/// `log(1 + z)`. It is accurate near 0.
pub fn log1p(z: Complex) -> Complex {
    let Complex { re: x, im: y } = z;
    if x.abs() < 0.5 && y.abs() < 0.5 {
        let re = if y == 0.0 { cr::log1p(x) } else { 0.5 * cr::log1p(x * (2.0 + x) + y * y) };
        return complex(re, cr::atan2(y, 1.0 + x));
    }
    log(complex(1.0 + x, y))
}

/// The hyperbolic sine.
pub fn sinh(z: Complex) -> Complex {
    let Complex { re: x, im: y } = z;
    if y == 0.0 {
        return complex(cr::sinh(x), y);
    }
    if !y.is_finite() {
        return if x == 0.0 || x.is_infinite() { complex(x, NAN) } else { complex(NAN, NAN) };
    }
    if x.is_nan() {
        return complex(NAN, NAN);
    }
    let (sin, cos) = cr::sincos(y);
    if x.is_infinite() {
        return complex(x * cos, INF * sin);
    }
    if x.abs() > FAR {
        return scaled_exp(x.abs(), 0.5, cos.copysign(cos * x), sin);
    }
    complex(cr::sinh(x) * cos, cr::cosh(x) * sin)
}

/// The hyperbolic cosine.
pub fn cosh(z: Complex) -> Complex {
    let Complex { re: x, im: y } = z;
    let zero = 0f64.copysign(x) * 1f64.copysign(y);
    if y == 0.0 {
        return complex(cr::cosh(x), zero);
    }
    if !y.is_finite() {
        return match x {
            0.0 => complex(NAN, zero),
            x if x.is_infinite() => complex(INF, NAN),
            _ => complex(NAN, NAN),
        };
    }
    if x.is_nan() {
        return complex(NAN, NAN);
    }
    let (sin, cos) = cr::sincos(y);
    if x.is_infinite() {
        return complex(INF * cos, x * sin);
    }
    if x.abs() > FAR {
        return scaled_exp(x.abs(), 0.5, cos, sin.copysign(sin * x));
    }
    complex(cr::cosh(x) * cos, cr::sinh(x) * sin)
}

/// The hyperbolic tangent, by Kahan's formula in `tan(y)` and `sinh(x)`.
pub fn tanh(z: Complex) -> Complex {
    let Complex { re: x, im: y } = z;
    if x.is_infinite() {
        return complex(1f64.copysign(x), 0f64.copysign(y));
    }
    if !y.is_finite() {
        return if x == 0.0 { complex(x, NAN) } else { complex(NAN, NAN) };
    }
    if y == 0.0 {
        return complex(cr::tanh(x), y);
    }
    if x.is_nan() {
        return complex(NAN, NAN);
    }
    if x.abs() > 22.0 {
        // 1 / cosh(x)**2 is 4 exp(-2 |x|) to double precision.
        let (sin, cos) = cr::sincos(y);
        let e = cr::exp(-x.abs());
        return complex(1f64.copysign(x), 4.0 * sin * cos * e * e);
    }
    let t = cr::tan(y);
    let (beta, sinh) = (1.0 + t * t, cr::sinh(x));
    let rho = cr::cosh(x);
    let denominator = 1.0 + beta * sinh * sinh;
    complex(beta * rho * sinh / denominator, t / denominator)
}

/// The sine, by rotation of [`sinh`].
pub fn sin(z: Complex) -> Complex {
    sinh(z.times_j()).over_j()
}

/// The cosine, by rotation of [`cosh`].
pub fn cos(z: Complex) -> Complex {
    cosh(z.times_j())
}

/// The tangent, by rotation of [`tanh`].
pub fn tan(z: Complex) -> Complex {
    tanh(z.times_j()).over_j()
}

/// The modulus from which on `1 + z**2` equals `z**2` in double precision.
const LARGE: f64 = 1e20;

/// The square roots of `1 - z` and `1 + z`, for a number in the first quadrant. The former is conjugated.
fn roots(x: f64, y: f64) -> (Complex, Complex) {
    (sqrt(complex(1.0 - x, y)), sqrt(complex(1.0 + x, y)))
}

/// The inverse hyperbolic sine, by rotation of the inverse sine.
pub fn asinh(z: Complex) -> Complex {
    let Complex { re: x, im: y } = z;
    if !z.is_finite() {
        let magnitude = match (x.is_infinite(), y.is_infinite()) {
            (true, true) => complex(INF, FRAC_PI_4),
            (true, false) => complex(INF, if y.is_nan() { NAN } else { 0.0 }),
            (false, true) => complex(INF, if x.is_nan() { NAN } else { FRAC_PI_2 }),
            (false, false) => complex(NAN, if y == 0.0 { 0.0 } else { NAN }),
        };
        return magnitude.with_signs_of(z);
    }
    let (u, v) = (y.abs(), x.abs());
    let magnitude = if u.max(v) > LARGE {
        complex(log_abs(z) + LN_2, cr::atan2(u, v))
    } else {
        let (minus, plus) = roots(u, v);
        complex(cr::asinh(minus.re * plus.im + minus.im * plus.re), cr::atan2(u, minus.re * plus.re + minus.im * plus.im))
    };
    magnitude.with_signs_of(z)
}

/// The inverse sine, by rotation of [`asinh`]. The branch cuts are on the real axis beyond -1 and 1.
pub fn asin(z: Complex) -> Complex {
    asinh(z.times_j()).over_j()
}

/// The inverse cosine. The branch cuts are on the real axis beyond -1 and 1.
pub fn acos(z: Complex) -> Complex {
    let Complex { re: x, im: y } = z;
    let opposite = |magnitude: f64| magnitude.copysign(-y);
    if !z.is_finite() {
        return match (x.is_infinite(), y.is_infinite()) {
            (true, true) => complex(if x > 0.0 { FRAC_PI_4 } else { 3.0 * FRAC_PI_4 }, opposite(INF)),
            (true, false) if y.is_nan() => complex(NAN, opposite(INF)),
            (true, false) => complex(if x > 0.0 { 0.0 } else { PI }, opposite(INF)),
            (false, true) => complex(if x.is_nan() { NAN } else { FRAC_PI_2 }, opposite(INF)),
            (false, false) => complex(if x == 0.0 { FRAC_PI_2 } else { NAN }, NAN),
        };
    }
    let (u, v) = (x.abs(), y.abs());
    if u.max(v) > LARGE {
        return complex(cr::atan2(v, x), opposite(log_abs(z) + LN_2));
    }
    let (minus, plus) = roots(u, v);
    let (from, to) = if x.is_sign_negative() { (plus, minus) } else { (minus, plus) };
    complex(2.0 * cr::atan2(from.re, to.re), opposite(cr::asinh(minus.re * plus.im + minus.im * plus.re)))
}

/// The inverse hyperbolic cosine: [`acos`] times `1j` in the upper half plane.
pub fn acosh(z: Complex) -> Complex {
    let w = acos(z);
    complex(w.im.abs(), w.re.copysign(z.im))
}

/// The inverse hyperbolic tangent. The branch cuts are on the real axis beyond -1 and 1.
pub fn atanh(z: Complex) -> Complex {
    let (x, y) = (z.re.abs(), z.im.abs());
    let magnitude = if y.is_infinite() || (x.is_infinite() && !y.is_nan()) {
        complex(0.0, FRAC_PI_2)
    } else if z.is_nan() {
        complex(if x == 0.0 || x.is_infinite() { 0.0 } else { NAN }, NAN)
    } else if x.max(y) > LARGE {
        // The real part of 1 / z. The factor of a quarter keeps the modulus in range.
        let norm = cr::hypot(0.25 * x, 0.25 * y);
        complex(0.25 * (0.25 * x / norm / norm), FRAC_PI_2)
    } else if x == 1.0 && y < 1e-150 {
        complex(0.5 * (LN_2 - cr::log(y)), 0.5 * cr::atan2(2.0 * y, 0.0 - y * y))
    } else {
        let near = 1.0 - x;
        complex(0.25 * cr::log1p(4.0 * x / (near * near + y * y)), 0.5 * cr::atan2(2.0 * y, near * (1.0 + x) - y * y))
    };
    magnitude.with_signs_of(z)
}

/// The inverse tangent, by rotation of [`atanh`].
pub fn atan(z: Complex) -> Complex {
    atanh(z.times_j()).over_j()
}

/// The rounded sum, and the rounding error (two-sum, Knuth, TAOCP 2, 4.2.2).
fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let part = sum - a;
    (sum, (a - (sum - part)) + (b - part))
}

/// `a * b + c * d` in two parts: the rounded value and its error.
fn sum_of_products(a: f64, b: f64, c: f64, d: f64) -> (f64, f64) {
    let (p, q) = (a * b, c * d);
    let (sum, rest) = two_sum(p, q);
    (sum, rest + (a.mul_add(b, -p) + c.mul_add(d, -q)))
}

/// The factor by which a power amplifies the relative error of a logarithm. It depends on the exponent and on the size of the logarithm.
pub fn pow_condition(x1: Complex, x2: Complex) -> f64 {
    let l = log(x1);
    if l.is_finite() && x2.is_finite() { x2.max_norm() * (1.0 + l.max_norm()) } else { 0.0 }
}

/// `exp(x2 * log(x1))`. The exponent has two parts, so the error is about `x2` eps.
///
/// `None` if an operand is not finite, and for powers of zero that have no limit: the text allows more than one answer there. Also `None`
/// for an overflow whose direction double precision cannot determine.
pub fn pow(x1: Complex, x2: Complex) -> Option<Complex> {
    if !x1.is_finite() || !x2.is_finite() {
        return None;
    }
    if x1.is_zero() {
        return (x2.re > 0.0).then_some(complex(0.0, 0.0));
    }
    let l = log(x1);
    // The rounding error of log(abs(x1)), which the exponential of the result reveals.
    let norm = cr::hypot(x1.re, x1.im);
    let low = if (1e-290..1e308).contains(&norm) && l.re.abs() > 1.0 {
        let back = cr::exp(l.re);
        (norm - back) / back
    } else {
        0.0
    };
    let (re, re_low) = sum_of_products(x2.re, l.re, -x2.im, l.im);
    let (im, im_low) = sum_of_products(x2.re, l.im, x2.im, l.re);
    if re < -800.0 {
        return Some(complex(0.0, 0.0));
    }
    if re.is_nan() || !im.is_finite() {
        return None;
    }
    if re > 800.0 {
        let (sin, cos) = cr::sincos(im);
        if sin.abs().min(cos.abs()) < 4.0 * f64::EPSILON * pow_condition(x1, x2) {
            return None;
        }
    }
    let (u, v) = (re_low + x2.re * low, im_low + x2.im * low);
    let power = exp(complex(re, im));
    // Low parts that are not small belong to an angle that double precision cannot determine. The angle of an overflow does not matter.
    if !(power.is_finite() && u.abs() < 1e-3 && v.abs() < 1e-3) {
        return Some(power);
    }
    Some(complex(power.re + (u * power.re - v * power.im), power.im + (u * power.im + v * power.re)))
}
