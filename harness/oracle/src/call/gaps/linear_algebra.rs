//! Functions that the standard lacks: linear algebra.

use array_assay_interface::{Array, Element};

use super::operands::{array, within};
use crate::call::arguments::illegal;
use crate::call::statistical::Reduction;
use crate::call::statistical::accumulator::{Arithmetic, any, near};
use crate::call::{Call, Elements, Expectation, Near, Table, Undefined, flat};
use crate::promoted;

/// The functions, by name.
pub(super) const FUNCTIONS: Table = &[("einsum", einsum), ("kron", kron), ("norm", norm)];

/// The product of two elements. It is open where integers overflow. Products of single-precision numbers held in doubles are exact.
fn times(a: Element, b: Element, range: Option<(i128, i128)>) -> Result<Element, Undefined> {
    match (a, b, range) {
        (Element::Int(a), Element::Int(b), Some((low, high))) => {
            a.checked_mul(b).filter(|v| (low..=high).contains(v)).map(Element::Int).ok_or(Undefined::Open)
        }
        _ => Ok(Element::F64(a.components().0 * b.components().0)),
    }
}

/// The Kronecker product: each element of the first argument times the whole second one.
fn kron(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let (x1, x2) = (call.array("x1")?, call.array("x2")?);
    let dtype = promoted(x1.dtype, x2.dtype).ok_or(Undefined::Open)?;
    let rank = x1.shape.len().max(x2.shape.len());
    let padded = |x: &Array| [vec![1; rank - x.shape.len()], x.shape.clone()].concat();
    let (s1, s2) = (padded(x1), padded(x2));
    let shape: Vec<usize> = s1.iter().zip(&s2).map(|(a, b)| a * b).collect();
    let mut elements = Vec::with_capacity(shape.iter().product());
    for place in 0..shape.iter().product() {
        let index = unflat(place, &shape);
        let a = x1.get(flat(&s1, index.iter().zip(&s2).map(|(i, n)| i / n)));
        let b = x2.get(flat(&s2, index.iter().zip(&s2).map(|(i, n)| i % n)));
        elements.push(times(a.cast(dtype), b.cast(dtype), dtype.integer_range())?.cast(dtype));
    }
    Ok(array(dtype, shape, Elements::EitherZero(elements)))
}

/// The multi-index of a flat index.
fn unflat(mut place: usize, shape: &[usize]) -> Vec<usize> {
    let mut index = vec![0; shape.len()];
    for (slot, n) in index.iter_mut().zip(shape).rev() {
        *slot = place % n;
        place /= n;
    }
    index
}

/// The square root of the sum of squares, over one or two given axes or over all.
fn norm(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let x = call.array("x")?;
    if call.integers("axis")?.is_some_and(|axes| axes.len() > 2) {
        return Err(illegal("a norm over more than two axes"));
    }
    let (reduction, dtype) = (Reduction::of(call, x)?, call.result_dtype()?);
    let arithmetic = Arithmetic::of(dtype, false);
    let of_group = |group: &Vec<usize>| {
        let parts = group.iter().flat_map(|i| {
            let (re, im) = x.get(*i).components();
            [re, im]
        });
        let parts: Vec<f64> = parts.map(f64::abs).collect();
        let most = parts.iter().copied().fold(0.0, f64::max);
        if parts.iter().any(|v| v.is_nan()) {
            // The norm of complex numbers with an infinite component may be infinite, even if another component is NaN.
            return if parts.contains(&f64::INFINITY) { any(f64::NAN) } else { near(f64::NAN, 0.0) };
        }
        if most == 0.0 || most.is_infinite() {
            return near(most, 0.0);
        }
        let value = most * parts.iter().map(|v| (v / most) * (v / most)).sum::<f64>().sqrt();
        // The squares may overflow or underflow although the norm does not.
        let squares = value * value;
        if arithmetic.may_overflow(4.0 * squares) || squares * arithmetic.u < parts.len() as f64 * arithmetic.least {
            return any(value);
        }
        within(dtype, value, 2.0 * (parts.len() as f64 + 4.0) * arithmetic.u * value)
    };
    Ok(array(dtype, reduction.shape.clone(), Elements::Near(reduction.groups.iter().map(of_group).collect())))
}

/// Sums of products as a string of subscripts describes them, for two operands.
fn einsum(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let subscripts = call.text("subscripts").ok_or_else(|| illegal("`subscripts` is no string"))?;
    let operands = call.arrays("operands")?;
    let (inputs, output) = subscripts.split_once("->").ok_or_else(|| illegal("no `->` in `subscripts`"))?;
    let inputs: Vec<Vec<char>> = inputs.split(',').map(|letters| letters.chars().collect()).collect();
    if inputs.len() != operands.len() {
        return Err(illegal("other operands than subscripts"));
    }
    // The sizes by letter. The letters of the output come first.
    let mut letters: Vec<char> = output.chars().collect();
    letters.extend(inputs.iter().flatten());
    let mut seen: Vec<char> = Vec::new();
    letters.retain(|letter| {
        !seen.contains(letter) && {
            seen.push(*letter);
            true
        }
    });
    let mut sizes = vec![None; letters.len()];
    for (axes, operand) in inputs.iter().zip(&operands) {
        if axes.len() != operand.shape.len() {
            return Err(illegal("other axes than subscripts"));
        }
        for (letter, n) in axes.iter().zip(&operand.shape) {
            let slot = letters.iter().position(|l| l == letter).map(|i| &mut sizes[i]);
            if slot.is_some_and(|slot| slot.replace(*n).is_some_and(|old| old != *n)) {
                return Err(illegal("axes of one subscript differ in size"));
            }
        }
    }
    let sizes: Vec<usize> = sizes.into_iter().collect::<Option<_>>().ok_or_else(|| illegal("an output subscript of no operand"))?;
    let (kept, summed) = sizes.split_at(output.chars().count());
    let dtype = call.result_dtype()?;
    let range = dtype.integer_range();
    let mut sums: Vec<(f64, f64, i128)> = Vec::new();
    for place in 0..kept.iter().product() {
        let (mut sum, mut magnitude, mut exact) = (0.0, 0.0, 0i128);
        for inner in 0..summed.iter().product() {
            let index = [unflat(place, kept), unflat(inner, summed)].concat();
            let mut product = Element::Int(1).cast(dtype);
            for (axes, operand) in inputs.iter().zip(&operands) {
                let of_letter = |letter: &char| letters.iter().position(|l| l == letter).map_or(0, |i| index[i]);
                let element = operand.get(flat(&operand.shape, axes.iter().map(of_letter)));
                product = times(product, element, range)?;
            }
            let v = product.components().0;
            (sum, magnitude) = (sum + v, magnitude + v.abs());
            if let Some((low, high)) = range {
                exact += product.integer();
                if !(low..=high).contains(&exact) {
                    return Err(Undefined::Open);
                }
            }
        }
        sums.push((sum, magnitude, exact));
    }
    if range.is_some() {
        let elements = sums.into_iter().map(|(_, _, exact)| Element::Int(exact)).collect();
        return Ok(Expectation::exact(dtype, kept.to_vec(), elements));
    }
    let arithmetic = Arithmetic::of(dtype, false);
    let terms = (summed.iter().product::<usize>() + operands.len() + 2) as f64;
    let of = |(sum, magnitude, _): (f64, f64, i128)| -> Near {
        // If a product is not finite, or may overflow, the result depends on the order of evaluation.
        if !magnitude.is_finite() || arithmetic.may_overflow(magnitude) || magnitude > 1e30 {
            return any(sum);
        }
        within(dtype, sum, 4.0 * terms * arithmetic.u * magnitude + terms * arithmetic.least)
    };
    Ok(array(dtype, kept.to_vec(), Elements::Near(sums.into_iter().map(of).collect())))
}
