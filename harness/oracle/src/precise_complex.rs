//! Complex functions in arbitrary precision. The sums in the formulas do not cancel normwise. So the usual precision, twice that of the
//! result, is enough, except for `pow`, which takes more. A test compares the results with a much higher precision.
//!
//! Sources: Kahan, "Branch cuts for complex elementary functions" (1987); Abramowitz and Stegun, chapter 4. Inverse
//! functions are computed in the first quadrant and reflected, so that signed zeros choose the side of a branch cut.

use crate::complex::Complex;
use crate::precise::{Pair, Precise, Real, is_zero, magnitude};

/// Reflects a value in the first quadrant by the signs of `z`. The function has to be odd and symmetric under conjugation.
fn reflected(value: Pair, z: Complex) -> Pair {
    let [re, im] = value;
    [signed(re, z.re), signed(im, z.im)]
}

fn signed(v: Real, sign: f64) -> Real {
    if sign.is_sign_negative() { -v } else { v }
}

/// The magnitudes of the components.
fn first_quadrant(p: &Precise, z: Complex) -> Option<Pair> {
    Some([p.real(z.re.abs())?, p.real(z.im.abs())?])
}

fn rotated(z: Complex) -> Complex {
    Complex { re: z.im, im: z.re }
}

fn swapped([re, im]: Pair) -> Pair {
    [im, re]
}

pub(crate) fn add(p: &mut Precise, x1: Complex, x2: Complex) -> Option<Pair> {
    let (a, b) = (p.pair(x1)?, p.pair(x2)?);
    Some([p.add(&a[0], &b[0])?, p.add(&a[1], &b[1])?])
}

/// `a * b + c * d`.
fn sum_of_products(p: &mut Precise, a: &Real, b: &Real, c: &Real, d: &Real) -> Option<Real> {
    let (x, y) = (p.mul(a, b)?, p.mul(c, d)?);
    p.add(&x, &y)
}

/// `a * b - c * d`.
fn difference_of_products(p: &mut Precise, a: &Real, b: &Real, c: &Real, d: &Real) -> Option<Real> {
    let (x, y) = (p.mul(a, b)?, p.mul(c, d)?);
    p.sub(&x, &y)
}

fn product(p: &mut Precise, a: &Pair, b: &Pair) -> Option<Pair> {
    Some([difference_of_products(p, &a[0], &b[0], &a[1], &b[1])?, sum_of_products(p, &a[0], &b[1], &a[1], &b[0])?])
}

pub(crate) fn multiply(p: &mut Precise, x1: Complex, x2: Complex) -> Option<Pair> {
    let (a, b) = (p.pair(x1)?, p.pair(x2)?);
    product(p, &a, &b)
}

pub(crate) fn divide(p: &mut Precise, x1: Complex, x2: Complex) -> Option<Pair> {
    let (a, [c, d]) = (p.pair(x1)?, p.pair(x2)?);
    let norm = sum_of_products(p, &c, &c, &d, &d)?;
    let [re, im] = product(p, &a, &[c, -d])?;
    Some([p.div(&re, &norm)?, p.div(&im, &norm)?])
}

pub(crate) fn sign(p: &mut Precise, z: Complex) -> Option<Pair> {
    let [x, y] = p.pair(z)?;
    if is_zero(&x) && is_zero(&y) {
        return Some([Real::ZERO, Real::ZERO]);
    }
    let norm = p.hypot(&x, &y)?;
    Some([p.div(&x, &norm)?, p.div(&y, &norm)?])
}

/// The square root of a number in the upper half plane.
fn upper_sqrt(p: &mut Precise, x: &Real, y: &Real) -> Option<Pair> {
    if is_zero(x) && is_zero(y) {
        return Some([Real::ZERO, Real::ZERO]);
    }
    let norm = p.hypot(x, y)?;
    let negative = *x < Real::ZERO;
    let sum = if negative { p.sub(&norm, x)? } else { p.add(&norm, x)? };
    let t = p.sqrt(&p.scale(&sum, -1))?;
    let other = p.div(y, &p.scale(&t, 1))?;
    Some(if negative { [other, t] } else { [t, other] })
}

pub(crate) fn sqrt(p: &mut Precise, z: Complex) -> Option<Pair> {
    let (x, y) = (p.real(z.re)?, p.real(z.im.abs())?);
    let [re, im] = upper_sqrt(p, &x, &y)?;
    Some([re, signed(im, z.im)])
}

pub(crate) fn exp(p: &mut Precise, z: Complex) -> Option<Pair> {
    let [x, y] = p.pair(z)?;
    exp_of(p, &x, &y)
}

fn exp_of(p: &mut Precise, x: &Real, y: &Real) -> Option<Pair> {
    let e = p.exp(x)?;
    let (sin, cos) = (p.sin(y)?, p.cos(y)?);
    Some([p.mul(&e, &cos)?, p.mul(&e, &sin)?])
}

/// `expm1(x) cos(y) - 2 sin(y/2)**2 + j exp(x) sin(y)`.
pub(crate) fn expm1(p: &mut Precise, z: Complex) -> Option<Pair> {
    let [x, y] = p.pair(z)?;
    let (e, cos) = (p.expm1(&x)?, p.cos(&y)?);
    let half = p.sin(&p.scale(&y, -1))?;
    let re = difference_of_products(p, &e, &cos, &half, &p.scale(&half, 1))?;
    let [_, im] = exp_of(p, &x, &y)?;
    Some([re, im])
}

/// The logarithm of a number in the upper half plane.
fn upper_log(p: &mut Precise, x: &Real, y: &Real) -> Option<Pair> {
    let norm = p.hypot(x, y)?;
    if is_zero(&norm) {
        return None;
    }
    let re = if (-1..=0).contains(&magnitude(&norm)) {
        // Computes x**2 + y**2 - 1. The larger component is in the difference of squares.
        let (large, small) = if p.real(0.5)? < magnitude_of(x) { (x, y) } else { (y, x) };
        let (minus, plus) = (p.sub(large, &Real::ONE)?, p.add(large, &Real::ONE)?);
        let excess = sum_of_products(p, &minus, &plus, small, small)?;
        let l = p.log1p(&excess)?;
        p.scale(&l, -1)
    } else {
        p.log(&norm)?
    };
    Some([re, p.atan2(y, x)?])
}

fn magnitude_of(x: &Real) -> Real {
    if *x < Real::ZERO { -x.clone() } else { x.clone() }
}

pub(crate) fn log(p: &mut Precise, z: Complex) -> Option<Pair> {
    let (x, y) = (p.real(z.re)?, p.real(z.im.abs())?);
    let [re, im] = upper_log(p, &x, &y)?;
    Some([re, signed(im, z.im)])
}

fn log_to_base(p: &mut Precise, z: Complex, base: f64) -> Option<Pair> {
    let l = p.log(&p.real(base)?)?;
    let [re, im] = log(p, z)?;
    Some([p.div(&re, &l)?, p.div(&im, &l)?])
}

pub(crate) fn log2(p: &mut Precise, z: Complex) -> Option<Pair> {
    log_to_base(p, z, 2.0)
}

pub(crate) fn log10(p: &mut Precise, z: Complex) -> Option<Pair> {
    log_to_base(p, z, 10.0)
}

/// Near 0, `log1p(x (2 + x) + y**2) / 2 + j atan2(y, 1 + x)`.
pub(crate) fn log1p(p: &mut Precise, z: Complex) -> Option<Pair> {
    let (x, y) = (p.real(z.re)?, p.real(z.im.abs())?);
    let moved = p.add(&x, &Real::ONE)?;
    let [re, im] = if z.re.abs() < 0.5 && z.im.abs() < 0.5 {
        let plus = p.add(&moved, &Real::ONE)?;
        let excess = sum_of_products(p, &x, &plus, &y, &y)?;
        let l = p.log1p(&excess)?;
        [p.scale(&l, -1), p.atan2(&y, &moved)?]
    } else {
        upper_log(p, &moved, &y)?
    };
    Some([re, signed(im, z.im)])
}

/// The products of `f(x)` and `g(y)` that make up the hyperbolic and trigonometric functions of a complex number.
macro_rules! products {
    ($p:ident, $z:ident, $f:ident $g:ident, $h:ident $k:ident) => {{
        let [x, y] = $p.pair($z)?;
        let (f, g, h, k) = ($p.$f(&x)?, $p.$g(&y)?, $p.$h(&x)?, $p.$k(&y)?);
        [$p.mul(&f, &g)?, $p.mul(&h, &k)?]
    }};
}

pub(crate) fn sinh(p: &mut Precise, z: Complex) -> Option<Pair> {
    Some(products!(p, z, sinh cos, cosh sin))
}

pub(crate) fn cosh(p: &mut Precise, z: Complex) -> Option<Pair> {
    Some(products!(p, z, cosh cos, sinh sin))
}

pub(crate) fn sin(p: &mut Precise, z: Complex) -> Option<Pair> {
    Some(products!(p, z, sin cosh, cos sinh))
}

pub(crate) fn cos(p: &mut Precise, z: Complex) -> Option<Pair> {
    let [re, im] = products!(p, z, cos cosh, sin sinh);
    Some([re, -im])
}

/// `(sinh(x) cosh(x) + j sin(y) cos(y)) / (sinh(x)**2 + cos(y)**2)`.
pub(crate) fn tanh(p: &mut Precise, z: Complex) -> Option<Pair> {
    let [x, y] = p.pair(z)?;
    let (sinh, cosh, sin, cos) = (p.sinh(&x)?, p.cosh(&x)?, p.sin(&y)?, p.cos(&y)?);
    let denominator = sum_of_products(p, &sinh, &sinh, &cos, &cos)?;
    let (re, im) = (p.mul(&sinh, &cosh)?, p.mul(&sin, &cos)?);
    Some([p.div(&re, &denominator)?, p.div(&im, &denominator)?])
}

pub(crate) fn tan(p: &mut Precise, z: Complex) -> Option<Pair> {
    tanh(p, rotated(z)).map(swapped)
}

/// The conjugate of `sqrt(1 - z)`, and `sqrt(1 + z)`, for a number in the first quadrant.
fn roots(p: &mut Precise, [x, y]: &Pair) -> Option<[Pair; 2]> {
    let (minus, plus) = (p.sub(&Real::ONE, x)?, p.add(&Real::ONE, x)?);
    Some([upper_sqrt(p, &minus, y)?, upper_sqrt(p, &plus, y)?])
}

/// The imaginary component that the inverse sine and the inverse cosine share, up to its sign.
fn inverse_imaginary(p: &mut Precise, minus: &Pair, plus: &Pair) -> Option<Real> {
    let sum = sum_of_products(p, &minus[0], &plus[1], &minus[1], &plus[0])?;
    p.asinh(&sum)
}

pub(crate) fn asin(p: &mut Precise, z: Complex) -> Option<Pair> {
    let w = first_quadrant(p, z)?;
    let [minus, plus] = roots(p, &w)?;
    let real = sum_of_products(p, &minus[0], &plus[0], &minus[1], &plus[1])?;
    let angle = if is_zero(&w[0]) { Real::ZERO } else { p.atan2(&w[0], &real)? };
    Some(reflected([angle, inverse_imaginary(p, &minus, &plus)?], z))
}

pub(crate) fn asinh(p: &mut Precise, z: Complex) -> Option<Pair> {
    asin(p, rotated(z)).map(swapped)
}

pub(crate) fn acos(p: &mut Precise, z: Complex) -> Option<Pair> {
    let w = first_quadrant(p, z)?;
    let [minus, plus] = roots(p, &w)?;
    let (from, to) = if z.re.is_sign_negative() { (&plus, &minus) } else { (&minus, &plus) };
    let half = p.atan2(&from[0], &to[0])?;
    let im = inverse_imaginary(p, &minus, &plus)?;
    Some([p.scale(&half, 1), signed(im, -z.im)])
}

pub(crate) fn acosh(p: &mut Precise, z: Complex) -> Option<Pair> {
    let [re, im] = acos(p, z)?;
    Some([magnitude_of(&im), signed(re, z.im)])
}

/// `log1p(4 x / ((1 - x)**2 + y**2)) / 4 + j atan2(2 y, (1 - x)(1 + x) - y**2) / 2` in the first quadrant.
pub(crate) fn atanh(p: &mut Precise, z: Complex) -> Option<Pair> {
    let [x, y] = first_quadrant(p, z)?;
    let (minus, plus) = (p.sub(&Real::ONE, &x)?, p.add(&Real::ONE, &x)?);
    let norm = sum_of_products(p, &minus, &minus, &y, &y)?;
    let ratio = p.div(&p.scale(&x, 2), &norm)?;
    let l = p.log1p(&ratio)?;
    let adjacent = difference_of_products(p, &minus, &plus, &y, &y)?;
    let angle = p.atan2(&p.scale(&y, 1), &adjacent)?;
    Some(reflected([p.scale(&l, -2), p.scale(&angle, -1)], z))
}

pub(crate) fn atan(p: &mut Precise, z: Complex) -> Option<Pair> {
    atanh(p, rotated(z)).map(swapped)
}

/// `exp(x2 log(x1))`. The product gets as many more bits as it has before the binary point, because its absolute error is the relative
/// error of the power. Logarithms of doubles are below `2**10`.
pub(crate) fn pow(p: &mut Precise, x1: Complex, x2: Complex) -> Option<Pair> {
    let exponent = p.pair(x2)?;
    let before_point = magnitude(&exponent[0]).max(magnitude(&exponent[1])).max(0) as usize + 12;
    p.at(p.precision() + before_point, |p| {
        let l = log(p, x1)?;
        let [re, im] = product(p, &exponent, &l)?;
        // The angle of an underflow does not matter.
        if re < Real::ZERO && magnitude(&re) > 20 { Some([Real::ZERO, Real::ZERO]) } else { exp_of(p, &re, &im) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::complex::complex;
    use crate::precise::{BITS, with};

    type Unary = fn(&mut Precise, Complex) -> Option<Pair>;
    const TESTED: [(&str, Unary); 20] = [
        ("sqrt", sqrt),
        ("exp", exp),
        ("expm1", expm1),
        ("log", log),
        ("log2", log2),
        ("log10", log10),
        ("log1p", log1p),
        ("sinh", sinh),
        ("cosh", cosh),
        ("tanh", tanh),
        ("sin", sin),
        ("cos", cos),
        ("tan", tan),
        ("asin", asin),
        ("asinh", asinh),
        ("acos", acos),
        ("acosh", acosh),
        ("atan", atan),
        ("atanh", atanh),
        ("sign", sign),
    ];

    /// Numbers of many magnitudes on and off the axes, near the branch points and on either side of the cuts.
    fn points() -> Vec<Complex> {
        let near = 1.0 - f64::EPSILON;
        let parts = [0.0, -0.0, 1.0, -1.0, near, -1.0 - f64::EPSILON, 0.5, -2.5, 1e-9, 3e-310, 1e-170, -1e-30, 700.0, 1e22, -1e300];
        parts.iter().flat_map(|re| parts.iter().map(|im| complex(*re, *im))).collect()
    }

    fn assert_agree(usual: Option<Pair>, more: Option<Pair>, of: &str) {
        let (Some(usual), Some(more)) = (&usual, &more) else {
            assert_eq!(usual.is_none(), more.is_none(), "{of}");
            return;
        };
        let size = |pair: &Pair| magnitude(&pair[0]).max(magnitude(&pair[1]));
        let difference = with(|p| p.at(1000, |p| [0, 1].map(|i| p.sub(&usual[i], &more[i]).unwrap())));
        let equal = difference.iter().all(is_zero);
        assert!(equal || size(&difference) <= size(more) - 100, "{of}: {usual:?} {more:?}");
    }

    #[test]
    fn four_times_the_precision_changes_nothing() {
        for (name, f) in TESTED {
            for z in points() {
                let (usual, more) = with(|p| (f(p, z), p.at(4 * BITS, |p| f(p, z))));
                assert_agree(usual, more, &format!("{name} {z:?}"));
            }
        }
        for x1 in points().into_iter().step_by(7) {
            for x2 in points().into_iter().step_by(11).filter(|z| z.max_norm() < 1e30) {
                let (usual, more) = with(|p| (pow(p, x1, x2), p.at(4 * BITS, |p| pow(p, x1, x2))));
                assert_agree(usual, more, &format!("pow {x1:?} {x2:?}"));
            }
        }
    }
}
