//! Diagonals, traces and products of vectors.

use array_assay_interface::{Array, Element};

use crate::call::arguments::{illegal, normalized};
use crate::call::linear_algebra::{numeric, sums_of_products};
use crate::call::shape::{advance, broadcast_shapes, flat};
use crate::call::{Call, Expectation, Undefined, statistical};

/// The positions of a diagonal in each matrix of a stack.
struct Diagonals {
    /// The shape of the stack, without the axes of a matrix.
    outer: Vec<usize>,
    length: usize,
    /// The flat indices of the diagonal's elements, one group for each matrix.
    groups: Vec<Vec<usize>>,
}

/// The diagonals of the matrices in `x`, `offset` above the main one.
fn diagonals(x: &Array, offset: i64) -> Result<Diagonals, Undefined> {
    let [outer @ .., rows, columns] = &x.shape[..] else { return Err(illegal("`x` has fewer than two axes")) };
    let (rows, columns) = (*rows as i64, *columns as i64);
    let (down, right) = ((-offset).max(0), offset.max(0));
    let length = (rows - down).min(columns - right).max(0);
    let of = |k: usize| (0..length).map(|i| k * (rows * columns) as usize + ((i + down) * columns + i + right) as usize).collect();
    let groups = (0..outer.iter().product()).map(of).collect();
    Ok(Diagonals { outer: outer.to_vec(), length: length as usize, groups })
}

pub fn diagonal(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let x = call.array("x")?;
    let Diagonals { mut outer, length, groups } = diagonals(x, call.integer("offset").unwrap_or(0))?;
    outer.push(length);
    Ok(Expectation::exact(call.result_dtype()?, outer, groups.iter().flatten().map(|i| x.get(*i)).collect()))
}

pub fn trace(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let x = call.array("x")?;
    let Diagonals { outer, groups, .. } = diagonals(x, call.integer("offset").unwrap_or(0))?;
    statistical::sums(x, numeric(call)?, outer, &groups)
}

pub fn outer(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let (x1, x2) = (call.array("x1")?, call.array("x2")?);
    let ([n], [m]) = (&x1.shape[..], &x2.shape[..]) else { return Err(illegal("the operands are no vectors")) };
    let terms = (0..*n).flat_map(|i| (0..*m).map(move |j| vec![(x1.get(i), x2.get(j))])).collect();
    Ok(sums_of_products(numeric(call)?, vec![*n, *m], terms))
}

pub fn cross(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let (x1, x2) = (call.array("x1")?, call.array("x2")?);
    let dtype = numeric(call)?;
    let axis = call.integer("axis").unwrap_or(-1);
    if axis >= 0 {
        // A nonnegative axis is legal only until 2022.12. Later revisions count from the last axis only.
        return Err(Undefined::Open);
    }
    let (axis1, axis2) = (normalized(axis, x1.shape.len())?, normalized(axis, x2.shape.len())?);
    if x1.shape[axis1] != 3 || x2.shape[axis2] != 3 {
        return Ok(Expectation::Raises);
    }
    let shape = broadcast_shapes([&x1.shape[..], &x2.shape]).ok_or_else(|| illegal("the other axes do not broadcast"))?;
    let axis = normalized(axis, shape.len())?;
    let component = |array: &Array, index: &[usize], k: usize| {
        let skipped = index.len() - array.shape.len();
        let place = (skipped..index.len()).map(|i| if i == axis { k } else { index[i] });
        let own = place.zip(&array.shape).map(|(i, n)| if *n == 1 { 0 } else { i });
        array.get(flat(&array.shape, own))
    };
    let mut index = vec![0; shape.len()];
    let mut terms = Vec::new();
    for _ in 0..shape.iter().product() {
        let (i, j) = ((index[axis] + 1) % 3, (index[axis] + 2) % 3);
        let first = (component(x1, &index, i), component(x2, &index, j));
        let second = (negated(component(x1, &index, j)), component(x2, &index, i));
        terms.push(vec![first, second]);
        advance(&mut index, &shape);
    }
    Ok(sums_of_products(dtype, shape, terms))
}

fn negated(element: Element) -> Element {
    match element {
        Element::Int(v) => Element::Int(-v),
        Element::F32(v) => Element::F32(-v),
        Element::F64(v) => Element::F64(-v),
        Element::C64(re, im) => Element::C64(-re, -im),
        Element::C128(re, im) => Element::C128(-re, -im),
        other => other,
    }
}
