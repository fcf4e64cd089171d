//! Special functions that the standard lacks.

use array_assay_interface::{DType, Element};

use super::operands::{Pair, array, close, map_near, within};
use crate::call::shape::lines;
use crate::call::statistical::Reduction;
use crate::call::statistical::accumulator::{Arithmetic, any, near};
use crate::call::{Call, Elements, Expectation, Near, Table, Undefined};

/// The functions, by name.
pub(super) const FUNCTIONS: Table = &[
    ("entr", |call| map_near(call, entr)),
    ("erf", |call| map_near(call, |dtype, x| close(dtype, core_math::erf(x), 4.0))),
    ("erfc", |call| map_near(call, |dtype, x| close(dtype, core_math::erfc(x), 32.0))),
    ("exp10", |call| map_near(call, |dtype, x| close(dtype, core_math::exp10(x), 4.0))),
    ("expit", |call| map_near(call, expit)),
    ("gamma", |call| map_near(call, gamma)),
    ("gammaln", |call| map_near(call, gammaln)),
    ("logit", |call| map_near(call, logit)),
    ("logsumexp", logsumexp),
    ("softmax", softmax),
    ("xlog1py", |call| product(call, core_math::log1p)),
    ("xlogy", |call| product(call, core_math::log)),
];

/// `1 / (1 + exp(-x))`.
fn expit(dtype: DType, x: f64) -> Near {
    let e = core_math::exp(-x.abs());
    // Where the exponential underflows, the result underflows too.
    close(dtype, if x < 0.0 { e / (1.0 + e) } else { 1.0 / (1.0 + e) }, 8.0)
}

/// `log(x / (1 - x))`. The result is small near one half, and its error there is that of the quotient.
fn logit(dtype: DType, x: f64) -> Near {
    let value = core_math::log(x) - core_math::log1p(-x);
    within(dtype, value, 8.0 * Arithmetic::of(dtype, false).u * (1.0 + value.abs()))
}

/// `-x log(x)`. It is zero at zero, and minus infinity for negative numbers.
fn entr(dtype: DType, x: f64) -> Near {
    match x {
        0.0 => near(0.0, 0.0),
        x if x < 0.0 => near(f64::NEG_INFINITY, 0.0),
        // The logarithm is small near one, where it keeps its relative accuracy.
        x => close(dtype, -x * core_math::log(x), 8.0),
    }
}

/// The gamma function. Libraries differ at its poles and at minus infinity. Negative numbers are open, because the condition number grows
/// without limit near the poles.
fn gamma(dtype: DType, x: f64) -> Near {
    let value = core_math::tgamma(x);
    // The condition number is like that of a power of `x`.
    let relative = 16.0 + 4.0 * x.abs();
    if x <= 0.0 { any(value) } else { close(dtype, value, relative) }
}

/// The logarithm of the gamma function's magnitude. It has zeros at one and two, and between the poles below zero.
fn gammaln(dtype: DType, x: f64) -> Near {
    if x < 0.0 && x.is_finite() && x.fract() != 0.0 {
        return any(0.0);
    }
    let value = if x <= 0.0 { f64::INFINITY } else { core_math::lgamma(x) };
    within(dtype, value, 16.0 * Arithmetic::of(dtype, false).u * (1.0 + value.abs()))
}

/// `x1 * f(x2)`. It is zero where `x1` is zero, unless `x2` is NaN.
fn product(call: &Call<'_>, f: fn(f64) -> f64) -> Result<Expectation, Undefined> {
    let pair = Pair::of(call)?;
    Ok(pair.near(|a, b| match a {
        0.0 if !b.is_nan() => near(0.0, 0.0),
        _ => close(pair.dtype, a * f(b), 8.0),
    }))
}

/// The logarithm of a sum of exponentials. A sum of no elements is open.
fn logsumexp(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let x = call.array("x")?;
    let reduction = Reduction::of(call, x)?;
    if reduction.count == 0 && !reduction.groups.is_empty() {
        return Err(Undefined::Open);
    }
    let of_group = |group: &Vec<usize>| {
        let terms: Vec<f64> = group.iter().map(|i| x.get(*i).components().0).collect();
        let most = terms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if terms.iter().any(|v| v.is_nan()) || most.is_infinite() {
            return near(if terms.iter().any(|v| v.is_nan()) { f64::NAN } else { most }, 0.0);
        }
        let value = most + core_math::log(terms.iter().map(|v| core_math::exp(v - most)).sum());
        let u = Arithmetic::of(x.dtype, false).u;
        within(x.dtype, value, 8.0 * u * (most.abs() + value.abs() + terms.len() as f64 + 1.0))
    };
    Ok(array(x.dtype, reduction.shape.clone(), Elements::Near(reduction.groups.iter().map(of_group).collect())))
}

/// Exponentials divided by their sum along an axis. Libraries differ on lines that are not finite.
fn softmax(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let x = call.array("x")?;
    let last = x.shape.len().checked_sub(1).ok_or(Undefined::Open)?;
    let axis = call.axis("axis", x.shape.len())?.unwrap_or(last);
    let elements: Vec<Element> = x.elements().collect();
    let mut out = vec![any(0.0); x.len()];
    for line in lines(&x.shape, axis) {
        let terms: Vec<f64> = line.iter().map(|i| elements[*i].components().0).collect();
        if terms.iter().any(|v| !v.is_finite()) {
            continue;
        }
        let most = terms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = terms.iter().map(|v| core_math::exp(v - most)).sum();
        for (place, v) in line.iter().zip(&terms) {
            let ulps = 4.0 * (most.abs() + v.abs()).min(1e4) + terms.len() as f64 + 8.0;
            out[*place] = close(x.dtype, core_math::exp(v - most) / sum, ulps);
        }
    }
    Ok(array(x.dtype, x.shape.clone(), Elements::Near(out)))
}
