//! Functions that the standard lacks: those of indices.

use std::cmp::Ordering;
use std::rc::Rc;

use array_assay_interface::{Array, Element};

use super::operands::array;
use crate::call::arguments::illegal;
use crate::call::indexing::places;
use crate::call::searching::{compare, is_nan};
use crate::call::shape::{advance, lines};
use crate::call::{Call, Condition, Elements, Expectation, Table, Undefined, broadcast_shapes, flat};

/// The functions, by name.
pub(super) const FUNCTIONS: Table = &[
    ("argpartition", |call| partition(call, true)),
    ("argwhere", argwhere),
    ("diag_indices", diag_indices),
    ("flatnonzero", flatnonzero),
    ("lexsort", lexsort),
    ("partition", |call| partition(call, false)),
    ("put_along_axis", put_along_axis),
    ("tril_indices", |call| triangle(call, |i, j, k| j <= i + k)),
    ("triu_indices", |call| triangle(call, |i, j, k| j >= i + k)),
    ("unravel_index", unravel_index),
];

/// The array with a number written at the indices along an axis. On another axis, a single index applies to all elements of the axis.
fn put_along_axis(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let (x, indices) = (call.array("x")?, call.array("indices")?);
    let value = call.scalar("values").ok_or(Undefined::Open)?.element().cast(x.dtype);
    let rank = x.shape.len();
    let axis = call.axis("axis", rank)?.or(rank.checked_sub(1)).ok_or(Undefined::Open)?;
    if indices.shape.len() != rank {
        return Err(illegal("`indices` differs in rank"));
    }
    // On the other axes, each element of the array uses the indices at its own place.
    let mut shape = x.shape.clone();
    shape[axis] = indices.shape[axis];
    if broadcast_shapes([&shape[..], &indices.shape[..]]).as_ref() != Some(&shape) {
        return Err(Undefined::Open);
    }
    let places = places(indices, x.shape[axis])?;
    let mut elements: Vec<Element> = x.elements().collect();
    let mut index = vec![0; rank];
    for _ in 0..shape.iter().product() {
        let own = index.iter().zip(&indices.shape).map(|(i, n)| if *n == 1 { 0 } else { *i });
        let place = places[flat(&indices.shape, own)];
        elements[flat(&x.shape, index.iter().enumerate().map(|(k, i)| if k == axis { place } else { *i }))] = value;
        advance(&mut index, &shape);
    }
    Ok(Expectation::exact(x.dtype, x.shape.clone(), elements))
}

fn vector(call: &Call<'_>, items: Vec<i64>) -> Expectation {
    Expectation::exact(call.defaults.index, vec![items.len()], items.into_iter().map(|i| Element::Int(i.into())).collect())
}

/// The indices of the nonzero elements, one row for each.
fn argwhere(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let x = call.array("x")?;
    let (mut index, mut found) = (vec![0; x.shape.len()], Vec::new());
    for element in x.elements() {
        if element.truth() {
            found.extend(index.iter().map(|i| Element::Int(*i as i128)));
        }
        advance(&mut index, &x.shape);
    }
    let rank = x.shape.len();
    let rows = found.len().checked_div(rank).ok_or(Undefined::Open)?;
    Ok(Expectation::exact(call.result_dtype()?, vec![rows, rank], found))
}

/// The flat indices of the nonzero elements.
fn flatnonzero(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let x = call.array("x")?;
    Ok(vector(call, (0..x.len()).filter(|i| x.get(*i).truth()).map(|i| i as i64).collect()))
}

/// The indices of the matrix elements for which `belongs(row, column, diagonal)` is true.
fn triangle(call: &Call<'_>, belongs: fn(i64, i64, i64) -> bool) -> Result<Expectation, Undefined> {
    let n = call.integer("n").ok_or_else(|| illegal("`n` is no size"))?;
    let (m, k) = (call.integer("m").unwrap_or(n), call.integer("k").unwrap_or(0));
    let places: Vec<(i64, i64)> = (0..n).flat_map(|i| (0..m).map(move |j| (i, j))).filter(|(i, j)| belongs(*i, *j, k)).collect();
    let (rows, columns) = places.into_iter().unzip();
    Ok(Expectation::Tuple(vec![vector(call, rows), vector(call, columns)]))
}

/// The indices of the main diagonal of an array with `ndim` axes of size `n`.
fn diag_indices(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let n = call.integer("n").ok_or_else(|| illegal("`n` is no size"))?;
    let axes = call.integer("ndim").unwrap_or(2);
    Ok(Expectation::Tuple((0..axes).map(|_| vector(call, (0..n).collect())).collect()))
}

/// The multi-indices of flat indices, as one array for each axis.
fn unravel_index(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let indices = call.array("indices")?;
    let shape = call.integers("shape")?.ok_or_else(|| illegal("`shape` is no shape"))?;
    let total: i64 = shape.iter().product();
    if shape.is_empty() || indices.elements().any(|i| !(0..i128::from(total)).contains(&i.integer())) {
        return Err(illegal("an index out of bounds"));
    }
    let along = |axis: usize| {
        let stride: i64 = shape[axis + 1..].iter().product();
        let part = |i: Element| Element::Int(i.integer() / i128::from(stride.max(1)) % i128::from(shape[axis].max(1)));
        Expectation::exact(call.defaults.index, indices.shape.clone(), indices.elements().map(part).collect())
    };
    Ok(Expectation::Tuple((0..shape.len()).map(along).collect()))
}

/// The indices that sort by several keys, of which the last counts most. Equal elements keep their order. Keys with NaN are open.
fn lexsort(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let keys = call.arrays("keys")?;
    let shape = keys.first().ok_or_else(|| illegal("no keys"))?.shape.clone();
    let axis = call.axis("axis", shape.len())?.or(shape.len().checked_sub(1)).ok_or(Undefined::Open)?;
    if keys.iter().any(|key| key.shape != shape || key.dtype.is_complex()) {
        return Err(illegal("the keys differ in shape, or have no order"));
    }
    // Zeros of different signs are equal. NaN has no place in the order.
    if keys.iter().any(|key| key.elements().any(is_nan)) {
        return Err(Undefined::Open);
    }
    let mut out = vec![Element::Int(0); shape.iter().product()];
    if !out.is_empty() {
        for line in lines(&shape, axis) {
            let mut order: Vec<usize> = (0..line.len()).collect();
            order.sort_by(|a, b| {
                let by_key = |key: &&Array| compare(key.get(line[*a]), key.get(line[*b])).unwrap_or(Ordering::Equal);
                keys.iter().rev().map(by_key).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
            });
            line.iter().zip(order).for_each(|(place, i)| out[*place] = Element::Int(i as i128));
        }
    }
    Ok(Expectation::exact(call.result_dtype()?, shape, out))
}

/// Partitioned lines, or the indices that partition them. The element at `kth` is where a sort would put it. No element before it is
/// greater, and none after it is less. Lines with NaN are open.
fn partition(call: &Call<'_>, indices: bool) -> Result<Expectation, Undefined> {
    let x = call.array("x")?;
    let rank = x.shape.len();
    let axis = call.axis("axis", rank)?.or(rank.checked_sub(1)).ok_or(Undefined::Open)?;
    let kth = call.integer("kth").and_then(|k| usize::try_from(k).ok()).filter(|k| *k < x.shape[axis]);
    let kth = kth.ok_or_else(|| illegal("`kth` is no place"))?;
    if x.elements().any(is_nan) {
        return Err(Undefined::Open);
    }
    let elements: Rc<Vec<Element>> = Rc::new(x.elements().collect());
    let lines = if x.is_empty() { Vec::new() } else { lines(&x.shape, axis) };
    let mut example = elements.to_vec();
    let mut sorted_lines = Vec::with_capacity(lines.len());
    for line in lines {
        let mut order: Vec<usize> = (0..line.len()).collect();
        order.sort_by(|a, b| compare(elements[line[*a]], elements[line[*b]]).unwrap_or(Ordering::Equal));
        for (place, i) in line.iter().zip(&order) {
            example[*place] = if indices { Element::Int(*i as i128) } else { elements[line[*i]] };
        }
        let sorted: Vec<Element> = order.iter().map(|i| elements[line[*i]]).collect();
        sorted_lines.push((line, sorted));
    }
    let condition = Condition::new(move |got: &Array| {
        for (line, sorted) in &sorted_lines {
            let mut values = Vec::with_capacity(line.len());
            let mut taken = vec![false; line.len()];
            for place in line {
                let element = got.get(*place);
                let index = usize::try_from(element.integer()).ok().filter(|i| *i < line.len());
                values.push(match index {
                    _ if !indices => element,
                    Some(i) if !std::mem::replace(&mut taken[i], true) => elements[line[i]],
                    _ => return Err(format!("element {place}: an index below {}, once", line.len())),
                });
            }
            check_line(&values, sorted, kth)?;
        }
        Ok(())
    });
    let dtype = if indices { call.result_dtype()? } else { x.dtype };
    Ok(array(dtype, x.shape.clone(), Elements::Such(example, condition)))
}

/// Checks that a line is a partition of a sorted line.
fn check_line(values: &[Element], sorted: &[Element], kth: usize) -> Result<(), String> {
    let mut again = values.to_vec();
    again.sort_by(|a, b| compare(*a, *b).unwrap_or(Ordering::Equal));
    if again.iter().zip(sorted).any(|(a, b)| compare(*a, *b) != Some(Ordering::Equal)) {
        return Err("the elements of the line, in some order".to_owned());
    }
    let pivot = sorted[kth];
    let parted = values[..kth].iter().all(|e| compare(*e, pivot).is_some_and(Ordering::is_le))
        && values[kth..].iter().all(|e| compare(*e, pivot).is_some_and(Ordering::is_ge))
        && compare(values[kth], pivot) == Some(Ordering::Equal);
    if parted { Ok(()) } else { Err(format!("{pivot} at place {kth}, nothing greater before it and nothing less after it")) }
}
