//! Element-wise functions that the standard lacks.

use std::f64::consts::PI;

use array_assay_interface::{Array, DType, Element, Scalar};

use super::operands::{Pair, array, close, map, map_near, within};
use crate::call::searching::{compare, is_nan};
use crate::call::statistical::accumulator::{Arithmetic, any, near};
use crate::call::{Call, Condition, Elements, Expectation, Table, Undefined};

/// The functions, by name.
pub(super) const FUNCTIONS: Table = &[
    ("allclose", allclose),
    ("angle", angle),
    ("array_equal", array_equal),
    ("bitwise_count", bitwise_count),
    ("cbrt", |call| map_near(call, |dtype, x| close(dtype, core_math::cbrt(x), 4.0))),
    ("deg2rad", |call| map_near(call, |dtype, x| close(dtype, x * (PI / 180.0), 4.0))),
    ("exp2", |call| map_near(call, |dtype, x| close(dtype, core_math::exp2(x), 4.0))),
    ("fmax", |call| extreme(call, std::cmp::Ordering::Greater)),
    ("fmin", |call| extreme(call, std::cmp::Ordering::Less)),
    ("fmod", fmod),
    ("gcd", |call| divisors(call, |a, b| Some(gcd(a, b)))),
    ("heaviside", heaviside),
    ("isclose", isclose),
    ("isneginf", |call| map(call, |e| Element::Bool(e.components().0 == f64::NEG_INFINITY))),
    ("isposinf", |call| map(call, |e| Element::Bool(e.components().0 == f64::INFINITY))),
    ("lcm", |call| divisors(call, |a, b| if a == 0 || b == 0 { Some(0) } else { (a / gcd(a, b)).checked_mul(b).map(i128::abs) })),
    ("ldexp", ldexp),
    ("logaddexp2", logaddexp2),
    ("modf", modf),
    ("nan_to_num", nan_to_num),
    ("rad2deg", |call| map_near(call, |dtype, x| close(dtype, x * (180.0 / PI), 4.0))),
    ("sinc", sinc),
];

/// `sin(pi x) / (pi x)`. The product `pi x` is rounded, so the error of the sine is absolute. Libraries differ on infinities.
fn sinc(call: &Call<'_>) -> Result<Expectation, Undefined> {
    map_near(call, |dtype, x| match x {
        _ if x.is_infinite() || Arithmetic::of(dtype, false).may_overflow(4.0 * x.abs()) => any(0.0),
        0.0 => near(1.0, 0.0),
        _ => {
            let value = core_math::sinpi(x) / (PI * x);
            within(dtype, value, 16.0 * Arithmetic::of(dtype, false).u * (1.0 + value.abs()))
        }
    })
}

/// `fmax` and `fmin`: the extreme of two numbers. NaN loses against a number.
fn extreme(call: &Call<'_>, wanted: std::cmp::Ordering) -> Result<Expectation, Undefined> {
    let pair = Pair::of(call)?;
    pair.map(pair.dtype, |a, b| Ok(if is_nan(a) || compare(b, a) == Some(wanted) { b } else { a }))
}

/// The remainder of a truncating division. It is open where the divisor is an integer zero.
fn fmod(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let pair = Pair::of(call)?;
    pair.map(pair.dtype, |a, b| match (a, b) {
        (Element::Int(_), Element::Int(0)) => Err(Undefined::Open),
        (Element::Int(a), Element::Int(b)) => Ok(Element::Int(a % b)),
        // The remainder of single-precision numbers held in doubles is exact too.
        _ => Ok(Element::F64(a.components().0 % b.components().0)),
    })
}

fn gcd(a: i128, b: i128) -> i128 {
    let (mut a, mut b) = (a.abs(), b.abs());
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// A function of integers. It is open where its value is out of range.
fn divisors(call: &Call<'_>, f: impl Fn(i128, i128) -> Option<i128>) -> Result<Expectation, Undefined> {
    let pair = Pair::of(call)?;
    let (low, high) = pair.dtype.integer_range().ok_or(Undefined::Open)?;
    pair.map(pair.dtype, |a, b| {
        let (a, b) = (a.integer(), b.integer());
        // The magnitude of the least integer is out of range even before the function is applied.
        let in_range = |v: &i128| *v <= high && (low == 0 || a != low && b != low);
        f(a, b).filter(in_range).map(Element::Int).ok_or(Undefined::Open)
    })
}

fn heaviside(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let pair = Pair::of(call)?;
    pair.map(pair.dtype, |x, at_zero| {
        Ok(match x.components().0 {
            v if v.is_nan() => x,
            0.0 => at_zero,
            v => Element::F64(if v > 0.0 { 1.0 } else { 0.0 }),
        })
    })
}

/// Replaces NaN by the argument `nan`, and infinities by the arguments `posinf` and `neginf`, or by the largest and the smallest finite
/// number. A replacement that is infinite is open, because some libraries replace it again.
fn nan_to_num(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let x = call.array("x")?;
    let largest = if x.dtype == DType::Float32 { f64::from(f32::MAX) } else { f64::MAX };
    let given = |name: &str, default: f64| call.scalar(name).map_or(default, |scalar| scalar.element().components().0);
    let (nan, above, below) = (given("nan", 0.0), given("posinf", largest), given("neginf", -largest));
    let replaced = x.elements().any(|e| !e.components().0.is_finite());
    if replaced && [nan, above, below].iter().any(|v| v.is_infinite()) {
        return Err(Undefined::Open);
    }
    map(call, |e| match (e, e.components().0) {
        (Element::Int(_) | Element::Bool(_), _) => e,
        (_, v) if v.is_nan() => Element::F64(nan),
        (_, v) if v.is_infinite() => Element::F64(if v > 0.0 { above } else { below }),
        _ => e,
    })
}

/// Whether two numbers are close. `None` means that rounding decides.
type Closeness = Option<bool>;

/// The rule of `isclose`: `abs(x1 - x2) <= atol + rtol * abs(x2)`. Two infinities of the same sign are close.
struct Tolerance {
    rtol: f64,
    atol: f64,
    equal_nan: bool,
}

impl Tolerance {
    fn of(call: &Call<'_>) -> Result<Tolerance, Undefined> {
        let number = |name: &str, default: f64| match call.scalar(name) {
            None => Ok(default),
            Some(Scalar::Bool(_) | Scalar::Complex(_)) => Err(Undefined::Open),
            Some(scalar) => Ok(scalar.element().components().0),
        };
        let (rtol, atol) = (number("rtol", 1e-5)?, number("atol", 1e-8)?);
        let sane = |v: f64| (0.0..1e6).contains(&v);
        if !sane(rtol) || !sane(atol) {
            return Err(Undefined::Open);
        }
        Ok(Tolerance { rtol, atol, equal_nan: call.flag("equal_nan", false) })
    }

    fn holds(&self, dtype: DType, a: Element, b: Element) -> Closeness {
        let (x, y) = (a.components().0, b.components().0);
        if x.is_nan() || y.is_nan() {
            return Some(self.equal_nan && x.is_nan() && y.is_nan());
        }
        if x.is_infinite() || y.is_infinite() {
            return Some(x == y);
        }
        let difference = match (a, b) {
            (Element::Int(a), Element::Int(b)) => (a - b).unsigned_abs() as f64,
            _ => (x - y).abs(),
        };
        if difference == 0.0 {
            return Some(true);
        }
        let tolerance = self.atol + self.rtol * y.abs();
        let arithmetic = Arithmetic::of(if dtype.is_integer() { DType::Float64 } else { dtype }, false);
        let rounding = 8.0 * arithmetic.u * (x.abs() + y.abs() + tolerance) + 4.0 * arithmetic.least;
        // A library may convert integers to single precision.
        let rounding = if dtype.is_integer() { rounding.max(1e-6 * (x.abs() + y.abs())) } else { rounding };
        ((difference - tolerance).abs() > rounding).then_some(difference < tolerance)
    }
}

fn isclose(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let (pair, tolerance) = (Pair::of(call)?, Tolerance::of(call)?);
    let wanted: Vec<Closeness> = pair.elements.iter().map(|(a, b)| tolerance.holds(pair.dtype, *a, *b)).collect();
    let example = wanted.iter().map(|w| Element::Bool(w.unwrap_or(true))).collect();
    let condition = Condition::new(move |got: &Array| {
        match got.elements().zip(&wanted).position(|(got, wanted)| wanted.is_some_and(|wanted| wanted != got.truth())) {
            Some(i) => Err(format!("element {i}: {}", if wanted[i] == Some(true) { "True" } else { "False" })),
            None => Ok(()),
        }
    });
    Ok(array(DType::Bool, pair.shape.clone(), Elements::Such(example, condition)))
}

fn allclose(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let (pair, tolerance) = (Pair::of(call)?, Tolerance::of(call)?);
    let all: Vec<Closeness> = pair.elements.iter().map(|(a, b)| tolerance.holds(pair.dtype, *a, *b)).collect();
    let verdict = if all.contains(&Some(false)) {
        false
    } else if all.contains(&None) {
        return Err(Undefined::Open);
    } else {
        true
    };
    Ok(Expectation::exact(DType::Bool, vec![], vec![Element::Bool(verdict)]))
}

/// Whether two arrays have the same shape and equal elements.
fn array_equal(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let (x1, x2) = (call.array("x1")?, call.array("x2")?);
    let equal_nan = call.flag("equal_nan", false);
    let equal = |(a, b): (Element, Element)| match (a, b) {
        (Element::Int(a), Element::Int(b)) => a == b,
        _ if equal_nan && is_nan(a) && is_nan(b) => true,
        _ => a.components() == b.components(),
    };
    let same = x1.shape == x2.shape && x1.elements().zip(x2.elements()).all(equal);
    Ok(Expectation::exact(DType::Bool, vec![], vec![Element::Bool(same)]))
}

/// `log2(2**x1 + 2**x2)`. The bound covers rounding errors of the larger operand and of the term added to it.
fn logaddexp2(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let pair = Pair::of(call)?;
    let u = Arithmetic::of(pair.dtype, false).u;
    Ok(pair.near(|a, b| {
        let (large, small) = if a > b { (a, b) } else { (b, a) };
        if a.is_nan() || b.is_nan() || large.is_infinite() {
            return near(if a.is_nan() || b.is_nan() { f64::NAN } else { large }, 0.0);
        }
        let value = large + core_math::log2p1(core_math::exp2(small - large));
        within(pair.dtype, value, 8.0 * u * (large.abs() + 1.0))
    }))
}

/// `x1 * 2**x2`.
fn ldexp(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let pair = Pair::as_they_are(call)?;
    let elements = pair.elements.iter().map(|(x, n)| {
        // Any number overflows or underflows beyond this exponent. The powers of the steps stay in range.
        let n = n.integer().clamp(-2400, 2400) as i32;
        let steps = [n / 4, n / 4, n / 4, n - 3 * (n / 4)];
        close(pair.dtype, steps.iter().fold(x.components().0, |x, n| x * f64::powi(2.0, *n)), 0.5)
    });
    Ok(array(pair.dtype, pair.shape.clone(), Elements::Near(elements.collect())))
}

/// The fractional and the integral part. Each has the sign of the number.
fn modf(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let x = call.array("x")?;
    let part = |f: fn(f64) -> f64| {
        let elements = x.elements().map(|e| Element::F64(f(e.components().0)).cast(x.dtype)).collect();
        array(x.dtype, x.shape.clone(), Elements::EitherZero(elements))
    };
    let fraction = |v: f64| if v.is_infinite() { 0.0 } else { v.fract() };
    Ok(Expectation::Tuple(vec![part(fraction), part(f64::trunc)]))
}

/// The argument (the angle) of complex numbers, in radians.
fn angle(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let (x, dtype) = (call.array("x")?, call.result_dtype()?);
    let of = |e: Element| {
        let (re, im) = e.components();
        close(dtype, core_math::atan2(im, re), 4.0)
    };
    Ok(array(dtype, x.shape.clone(), Elements::Near(x.elements().map(of).collect())))
}

/// The number of set bits in the magnitude.
fn bitwise_count(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let x = call.array("x")?;
    let elements = x.elements().map(|e| Element::Int(e.integer().unsigned_abs().count_ones().into())).collect();
    Ok(Expectation::exact(DType::Uint8, x.shape.clone(), elements))
}
