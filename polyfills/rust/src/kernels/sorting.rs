//! Kernels that sort, search and find unique elements.

use std::cmp::Ordering;

use array_assay_interface::{Array, CallError};

use super::block::{Block, Cells};
use super::reduction::Lanes;
use super::{Call, array, named};
use crate::value::{Answer, Value, type_error};

/// The order of floats: NaN comes last, and zeros of both signs are equal.
fn ordered(a: f64, b: f64) -> Ordering {
    a.partial_cmp(&b).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
}

/// The order of the elements of an array.
fn order(cells: &Cells) -> Box<dyn Fn(usize, usize) -> Ordering + '_> {
    match cells {
        Cells::Bool(items) => Box::new(|a, b| items[a].cmp(&items[b])),
        Cells::Int(items) => Box::new(|a, b| items[a].cmp(&items[b])),
        Cells::Real(items) => Box::new(|a, b| ordered(items[a], items[b])),
        // The standard gives complex numbers no order. This order brings equal numbers together.
        Cells::Complex(items) => Box::new(|a, b| {
            let (a, b) = (items[a], items[b]);
            let nan = (a.re.is_nan() || a.im.is_nan()).cmp(&(b.re.is_nan() || b.im.is_nan()));
            nan.then(ordered(a.re, b.re)).then(ordered(a.im, b.im))
        }),
    }
}

/// For each lane along the axis of a call, the flat indices of its elements in order.
fn sorted_places(call: &Call<'_>, x: &Block) -> Result<(usize, Vec<Vec<usize>>), CallError> {
    if x.dtype.is_complex() {
        return Err(type_error("complex numbers have no order"));
    }
    let along = call.axis(1, x.shape.len())?;
    let descending = call.flag(2)?;
    let lanes = Lanes::new(&x.shape, &[along], false);
    let flat: Vec<usize> = (0..x.len()).collect();
    let order = order(&x.cells);
    let sorted = lanes.each(&flat, |lane| {
        let mut places = lane.to_vec();
        // Stable in both directions, so equal elements keep their order.
        places.sort_by(|a, b| if descending { order(*b, *a) } else { order(*a, *b) });
        places
    });
    Ok((along, sorted))
}

/// Puts the values of all lanes back along the axis.
fn laid(shape: &[usize], along: usize, lanes: &[Vec<usize>]) -> Vec<usize> {
    let inner: usize = shape[along + 1..].iter().product();
    let n = shape[along];
    let mut out = vec![0; shape.iter().product()];
    for (k, lane) in lanes.iter().enumerate() {
        let (outer, rest) = (k / inner.max(1), k % inner.max(1));
        for (i, value) in lane.iter().enumerate() {
            out[(outer * n + i) * inner + rest] = *value;
        }
    }
    out
}

/// `sort(x, /, *, axis, descending, stable)`
pub(super) fn sort(call: &Call<'_>) -> Answer<Array> {
    let x = call.block(0)?;
    let (along, sorted) = sorted_places(call, &x)?;
    let places = laid(&x.shape, along, &sorted);
    Ok(array(&x.taken(x.shape.clone(), places.into_iter())))
}

/// `argsort(x, /, *, axis, descending, stable)`
pub(super) fn argsort(call: &Call<'_>) -> Answer<Array> {
    let x = call.block(0)?;
    let (along, mut sorted) = sorted_places(call, &x)?;
    let inner: usize = x.shape[along + 1..].iter().product();
    for place in sorted.iter_mut().flatten() {
        *place = *place / inner.max(1) % x.shape[along];
    }
    let places = laid(&x.shape, along, &sorted).into_iter().map(|i| i as i128).collect();
    Ok(array(&Block::new(call.context.defaults.index, x.shape, Cells::Int(places))))
}

/// `nonzero(x, /)`: the indices along each axis
pub(super) fn nonzero(call: &Call<'_>) -> Answer<Array> {
    let x = call.block(0)?;
    if x.shape.is_empty() {
        return Err(type_error("an array without axes has no indices"));
    }
    let found: Vec<usize> = x.truths().iter().enumerate().filter(|(_, v)| **v).map(|(i, _)| i).collect();
    let index = call.context.defaults.index;
    let along = super::block::strides(&x.shape).into_iter().zip(&x.shape).map(|(stride, n)| {
        let places = found.iter().map(|i| (i / stride % n) as i128).collect();
        array(&Block::new(index, vec![found.len()], Cells::Int(places)))
    });
    Ok(Value::Tuple(along.collect()))
}

/// The unique elements: the index of the first of each, their counts, and for each element the index of its unique element.
struct Unique {
    firsts: Vec<usize>,
    counts: Vec<i128>,
    inverse: Vec<i128>,
}

fn unique(x: &Block) -> Unique {
    let order = order(&x.cells);
    let mut places: Vec<usize> = (0..x.len()).collect();
    places.sort_by(|a, b| order(*a, *b));
    let is_nan = |i: usize| match &x.cells {
        Cells::Real(items) => items[i].is_nan(),
        Cells::Complex(items) => items[i].re.is_nan() || items[i].im.is_nan(),
        _ => false,
    };
    let mut out = Unique { firsts: Vec::new(), counts: Vec::new(), inverse: vec![0; x.len()] };
    for i in places {
        // NaN differs from itself.
        let same = out.firsts.last().is_some_and(|last| !is_nan(i) && order(*last, i).is_eq());
        if !same {
            out.firsts.push(i);
            out.counts.push(0);
        }
        if let Some(count) = out.counts.last_mut() {
            *count += 1;
        }
        out.inverse[i] = out.firsts.len() as i128 - 1;
    }
    out
}

impl Unique {
    fn values(&self, x: &Block) -> Block {
        x.taken(vec![self.firsts.len()], self.firsts.iter().copied())
    }

    fn counts(&self, call: &Call<'_>) -> Block {
        Block::new(call.context.defaults.index, vec![self.counts.len()], Cells::Int(self.counts.clone()))
    }

    fn inverse(&self, call: &Call<'_>, shape: &[usize]) -> Block {
        Block::new(call.context.defaults.index, shape.to_vec(), Cells::Int(self.inverse.clone()))
    }
}

pub(super) fn unique_all(call: &Call<'_>) -> Answer<Array> {
    let x = call.block(0)?;
    let found = unique(&x);
    let firsts = found.firsts.iter().map(|i| *i as i128).collect();
    let indices = Block::new(call.context.defaults.index, vec![found.firsts.len()], Cells::Int(firsts));
    Ok(named(vec![
        ("values", found.values(&x)),
        ("indices", indices),
        ("inverse_indices", found.inverse(call, &x.shape)),
        ("counts", found.counts(call)),
    ]))
}

pub(super) fn unique_counts(call: &Call<'_>) -> Answer<Array> {
    let x = call.block(0)?;
    let found = unique(&x);
    Ok(named(vec![("values", found.values(&x)), ("counts", found.counts(call))]))
}

pub(super) fn unique_inverse(call: &Call<'_>) -> Answer<Array> {
    let x = call.block(0)?;
    let found = unique(&x);
    Ok(named(vec![("values", found.values(&x)), ("inverse_indices", found.inverse(call, &x.shape))]))
}

pub(super) fn unique_values(call: &Call<'_>) -> Answer<Array> {
    let x = call.block(0)?;
    Ok(array(&unique(&x).values(&x)))
}
