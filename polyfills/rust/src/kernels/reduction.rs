//! Kernels that reduce elements along axes.

use std::cmp::Ordering;

use array_assay_interface::{Array, DType};
use num_complex::Complex64;

use super::block::{Block, Cells, places, strides};
use super::{Call, array};
use crate::value::{Answer, value_error};

/// The lanes of a reduction: groups of elements that become one element.
pub(super) struct Lanes {
    /// The shape of the results.
    pub shape: Vec<usize>,
    /// The flat index of the first element of each lane.
    starts: Vec<usize>,
    /// The offsets of a lane's elements from its first one.
    steps: Vec<usize>,
}

impl Lanes {
    pub fn new(shape: &[usize], axes: &[usize], keepdims: bool) -> Lanes {
        let strides = strides(shape);
        let part = |among: bool| {
            let along = (0..shape.len()).filter(|i| axes.contains(i) == among);
            let (sizes, strides): (Vec<usize>, Vec<usize>) = along.map(|i| (shape[i], strides[i])).unzip();
            places(&sizes, &strides)
        };
        let reduced = shape.iter().enumerate();
        let result = if keepdims {
            reduced.map(|(i, n)| if axes.contains(&i) { 1 } else { *n }).collect()
        } else {
            reduced.filter(|(i, _)| !axes.contains(i)).map(|(_, n)| *n).collect()
        };
        Lanes { shape: result, starts: part(false), steps: part(true) }
    }

    /// Computes one value from each lane.
    pub fn each<T: Copy, R>(&self, items: &[T], mut of: impl FnMut(&[T]) -> R) -> Vec<R> {
        let mut lane = Vec::with_capacity(self.steps.len());
        let each = self.starts.iter().map(|start| {
            lane.clear();
            lane.extend(self.steps.iter().map(|step| items[start + step]));
            of(&lane)
        });
        each.collect()
    }

    /// The number of elements of a lane.
    pub fn length(&self) -> usize {
        self.steps.len()
    }
}

/// A compensated sum (Neumaier, 1974). Infinities and NaN give what plain addition gives.
pub(super) fn sum_of(items: &[f64]) -> f64 {
    let (mut sum, mut lost) = (0.0f64, 0.0f64);
    for v in items {
        let next = sum + v;
        lost += if sum.abs() >= v.abs() { (sum - next) + v } else { (v - next) + sum };
        sum = next;
    }
    // A sum of zeros is negative only if all are.
    if items.iter().all(|v| *v == 0.0 && v.is_sign_negative()) && !items.is_empty() {
        return -0.0;
    }
    if lost.is_finite() { sum + lost } else { items.iter().sum() }
}

pub(super) fn complex_sum(items: &[Complex64]) -> Complex64 {
    let part = |of: fn(&Complex64) -> f64| sum_of(&items.iter().map(of).collect::<Vec<_>>());
    Complex64::new(part(|z| z.re), part(|z| z.im))
}

/// The dtype of a sum or product: the one asked for, or for integers one that is not narrower than the default.
fn accumulated(call: &Call<'_>, own: DType) -> Result<DType, array_assay_interface::CallError> {
    Ok(call.dtype(2)?.unwrap_or_else(|| call.context.defaults.at_least_integer(own)))
}

/// `sum(x, /, *, axis, dtype, keepdims)`
pub(super) fn sum(call: &Call<'_>) -> Answer<Array> {
    let x = call.block(0)?;
    let lanes = Lanes::new(&x.shape, &call.axes(1, x.shape.len())?, call.flag(3)?);
    let dtype = accumulated(call, x.dtype)?;
    let cells = match &x.cast(dtype).cells {
        Cells::Bool(items) => Cells::Bool(lanes.each(items, |lane| lane.contains(&true))),
        Cells::Int(items) => Cells::Int(lanes.each(items, |lane| lane.iter().sum())),
        Cells::Real(items) => Cells::Real(lanes.each(items, sum_of)),
        Cells::Complex(items) => Cells::Complex(lanes.each(items, complex_sum)),
    };
    Ok(array(&Block::new(dtype, lanes.shape, cells)))
}

/// `prod(x, /, *, axis, dtype, keepdims)`
pub(super) fn prod(call: &Call<'_>) -> Answer<Array> {
    let x = call.block(0)?;
    let lanes = Lanes::new(&x.shape, &call.axes(1, x.shape.len())?, call.flag(3)?);
    let dtype = accumulated(call, x.dtype)?;
    let cells = match &x.cast(dtype).cells {
        Cells::Bool(items) => Cells::Bool(lanes.each(items, |lane| !lane.contains(&false))),
        Cells::Int(items) => Cells::Int(lanes.each(items, |lane| lane.iter().fold(1i128, |all, v| all.wrapping_mul(*v)))),
        Cells::Real(items) => Cells::Real(lanes.each(items, |lane| lane.iter().product())),
        Cells::Complex(items) => Cells::Complex(lanes.each(items, |lane| lane.iter().product())),
    };
    Ok(array(&Block::new(dtype, lanes.shape, cells)))
}

/// `mean(x, /, *, axis, keepdims)`
pub(super) fn mean(call: &Call<'_>) -> Answer<Array> {
    let x = call.block(0)?;
    let lanes = Lanes::new(&x.shape, &call.axes(1, x.shape.len())?, call.flag(2)?);
    let n = lanes.length() as f64;
    let of = |lane: &[f64]| {
        let sum = sum_of(lane);
        // The sum may overflow although the mean does not.
        if sum.is_infinite() && lane.iter().all(|v| v.is_finite()) {
            sum_of(&lane.iter().map(|v| v / n).collect::<Vec<_>>())
        } else {
            sum / n
        }
    };
    let cells = match &x.cells {
        Cells::Real(items) => Cells::Real(lanes.each(items, of)),
        Cells::Complex(items) => Cells::Complex(lanes.each(items, |lane| {
            let sum = complex_sum(lane);
            Complex64::new(sum.re / n, sum.im / n)
        })),
        _ => return Err(crate::value::type_error(format!("`mean` takes no {}", x.dtype))),
    };
    Ok(array(&Block::new(x.dtype, lanes.shape, cells)))
}

/// Whether `a` comes before `b` in the search for the maximum or minimum. NaN comes before all numbers.
fn beats(a: f64, b: f64, greatest: bool) -> bool {
    match a.partial_cmp(&b) {
        Some(Ordering::Greater) => greatest,
        Some(Ordering::Less) => !greatest,
        Some(Ordering::Equal) => false,
        None => a.is_nan() && !b.is_nan(),
    }
}

/// The index of the first element that no other comes before.
fn best<T: Copy>(lane: &[T], beats: impl Fn(T, T) -> bool) -> usize {
    (1..lane.len()).fold(0, |best, i| if beats(lane[i], lane[best]) { i } else { best })
}

fn best_places(x: &Block, lanes: &Lanes, greatest: bool) -> Result<Vec<usize>, array_assay_interface::CallError> {
    if lanes.length() == 0 && !lanes.starts.is_empty() {
        return Err(value_error("nothing has no greatest and no least element"));
    }
    Ok(match &x.cells {
        Cells::Bool(items) => lanes.each(items, |lane| best(lane, |a, b| if greatest { a & !b } else { !a & b })),
        Cells::Int(items) => lanes.each(items, |lane| best(lane, |a, b| if greatest { a > b } else { a < b })),
        Cells::Real(items) => lanes.each(items, |lane| best(lane, |a, b| beats(a, b, greatest))),
        Cells::Complex(_) => return Err(crate::value::type_error("complex numbers have no order")),
    })
}

/// `max(x, /, *, axis, keepdims)` and `min`
pub(super) fn extreme(call: &Call<'_>, greatest: bool) -> Answer<Array> {
    let x = call.block(0)?;
    let lanes = Lanes::new(&x.shape, &call.axes(1, x.shape.len())?, call.flag(2)?);
    let best = best_places(&x, &lanes, greatest)?;
    let flat = lanes.starts.iter().zip(best).map(|(start, i)| start + lanes.steps[i]);
    Ok(array(&x.taken(lanes.shape.clone(), flat)))
}

/// `argmax(x, /, *, axis, keepdims)` and `argmin`
pub(super) fn arg_extreme(call: &Call<'_>, greatest: bool) -> Answer<Array> {
    let x = call.block(0)?;
    let axes = if call.arg(1).is_none() { (0..x.shape.len()).collect() } else { vec![call.axis(1, x.shape.len())?] };
    let lanes = Lanes::new(&x.shape, &axes, call.flag(2)?);
    let best = best_places(&x, &lanes, greatest)?;
    let places = best.into_iter().map(|i| i as i128).collect();
    Ok(array(&Block::new(call.context.defaults.index, lanes.shape, Cells::Int(places))))
}

/// `all(x, /, *, axis, keepdims)` and `any`
pub(super) fn logical(call: &Call<'_>, every: bool) -> Answer<Array> {
    let x = call.block(0)?;
    let lanes = Lanes::new(&x.shape, &call.axes(1, x.shape.len())?, call.flag(2)?);
    let truths = lanes.each(&x.truths(), |lane| if every { !lane.contains(&false) } else { lane.contains(&true) });
    Ok(array(&Block::bools(lanes.shape, truths)))
}
