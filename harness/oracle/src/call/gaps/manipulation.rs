//! Functions that the standard lacks: those that rearrange elements.

use array_assay_interface::{Array, Element, Scalar};

use crate::call::arguments::illegal;
use crate::call::shape::{advance, gather};
use crate::call::{Call, Expectation, Table, Undefined, flat};
use crate::promoted;

/// The functions, by name.
pub(super) const FUNCTIONS: Table = &[
    ("array_split", |call| split(call, false)),
    ("atleast_1d", |call| at_least(call, at_least_1d)),
    ("atleast_2d", |call| at_least(call, at_least_2d)),
    ("atleast_3d", |call| at_least(call, at_least_3d)),
    ("column_stack", column_stack),
    ("copy", |call| Ok(Expectation::array(call.array("x")?))),
    ("diag", diag),
    ("dstack", |call| stacked(call, at_least_3d, |_| 2)),
    ("fliplr", |call| flip(call, 1)),
    ("flipud", |call| flip(call, 0)),
    ("hstack", |call| stacked(call, at_least_1d, |rank| usize::from(rank > 1))),
    ("one_hot", one_hot),
    ("pad", pad),
    ("ravel", |call| reshaped(call.array("x")?, |shape| vec![shape.iter().product()])),
    ("rot90", rot90),
    ("split", |call| split(call, true)),
    ("swapaxes", swapaxes),
    ("vstack", |call| stacked(call, at_least_2d, |_| 0)),
];

fn at_least_1d(shape: &[usize]) -> Vec<usize> {
    if shape.is_empty() { vec![1] } else { shape.to_vec() }
}

/// The shape with at least two axes. A vector becomes a row.
fn at_least_2d(shape: &[usize]) -> Vec<usize> {
    match shape {
        [] => vec![1, 1],
        [n] => vec![1, *n],
        _ => shape.to_vec(),
    }
}

/// The shape with at least three axes. A vector gets an axis on each side, and a matrix gets one at the end.
fn at_least_3d(shape: &[usize]) -> Vec<usize> {
    match shape {
        [] => vec![1, 1, 1],
        [n] => vec![1, *n, 1],
        [n, m] => vec![*n, *m, 1],
        _ => shape.to_vec(),
    }
}

fn at_least(call: &Call<'_>, shape: fn(&[usize]) -> Vec<usize>) -> Result<Expectation, Undefined> {
    reshaped(call.array("x")?, shape)
}

fn reshaped(x: &Array, shape: impl Fn(&[usize]) -> Vec<usize>) -> Result<Expectation, Undefined> {
    Ok(Expectation::exact(x.dtype, shape(&x.shape), x.elements().collect()))
}

/// The elements of `x` that `source` selects: it maps an index of the result to a flat index of `x`.
fn moved(x: &Array, shape: Vec<usize>, source: impl Fn(&[usize]) -> usize) -> Expectation {
    let elements: Vec<Element> = x.elements().collect();
    let moved = gather(&elements, &shape, source);
    Expectation::exact(x.dtype, shape, moved)
}

fn flip(call: &Call<'_>, axis: usize) -> Result<Expectation, Undefined> {
    let x = call.array("x")?;
    if axis >= x.shape.len() {
        return Err(illegal("too few axes"));
    }
    let turned = |i: usize, at: usize| if i == axis { x.shape[i] - 1 - at } else { at };
    Ok(moved(x, x.shape.clone(), |index| flat(&x.shape, index.iter().enumerate().map(|(i, at)| turned(i, *at)))))
}

/// The array rotated by `k` quarter turns, from the first axis towards the second.
fn rot90(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let x = call.array("x")?;
    let [n, m, ..] = x.shape[..] else { return Err(illegal("too few axes")) };
    let k = call.integer("k").unwrap_or(1).rem_euclid(4);
    let mut shape = x.shape.clone();
    if k % 2 == 1 {
        shape.swap(0, 1);
    }
    Ok(moved(x, shape, |index| {
        let (i, j) = (index[0], index[1]);
        let (from_i, from_j) = match k {
            0 => (i, j),
            1 => (j, m - 1 - i),
            2 => (n - 1 - i, m - 1 - j),
            _ => (n - 1 - j, i),
        };
        flat(&x.shape, [from_i, from_j].into_iter().chain(index[2..].iter().copied()))
    }))
}

fn swapaxes(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let x = call.array("x")?;
    let rank = x.shape.len();
    let axis = |name: &str| call.axis(name, rank)?.ok_or_else(|| illegal(format!("`{name}` is no axis")));
    let (first, second) = (axis("axis1")?, axis("axis2")?);
    let mut shape = x.shape.clone();
    shape.swap(first, second);
    Ok(moved(x, shape, |index| {
        let mut source = index.to_vec();
        source.swap(first, second);
        flat(&x.shape, source.into_iter())
    }))
}

/// The array with elements added at each end of every axis: a constant, or copies of the elements at the edge.
fn pad(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let x = call.array("x")?;
    let width = call.integer("pad_width").and_then(|v| usize::try_from(v).ok()).ok_or_else(|| illegal("`pad_width` is no count"))?;
    let edge = match call.text("mode") {
        None | Some("constant") => false,
        Some("edge") => true,
        Some(other) => return Err(illegal(format!("`mode` is {other:?}"))),
    };
    if edge && x.is_empty() {
        return Err(Undefined::Open);
    }
    let constant = call.scalar("constant_values").map_or(Element::Int(0), Scalar::element).cast(x.dtype);
    let shape: Vec<usize> = x.shape.iter().map(|n| n + 2 * width).collect();
    let mut index = vec![0; shape.len()];
    let mut elements = Vec::with_capacity(shape.iter().product());
    for _ in 0..shape.iter().product() {
        let inside = index.iter().zip(&x.shape).all(|(i, n)| (width..width + n).contains(i));
        let own = index.iter().zip(&x.shape).map(|(i, n)| i.saturating_sub(width).min(n.saturating_sub(1)));
        elements.push(if inside || edge { x.get(flat(&x.shape, own)) } else { constant });
        advance(&mut index, &shape);
    }
    Ok(Expectation::exact(x.dtype, shape, elements))
}

/// The parts of an axis. They have equal sizes (`even`), or sizes that differ by at most one, the larger ones first.
fn split(call: &Call<'_>, even: bool) -> Result<Expectation, Undefined> {
    let x = call.array("x")?;
    let axis = call.axis("axis", x.shape.len())?.unwrap_or(0);
    let sections = call.integer("sections").and_then(|v| usize::try_from(v).ok()).filter(|n| *n > 0);
    let (Some(sections), Some(length)) = (sections, x.shape.get(axis).copied()) else { return Err(illegal("nothing to split into")) };
    if even && length % sections != 0 {
        return Err(illegal("the axis does not split evenly"));
    }
    let mut from = 0;
    let part = |k: usize| {
        let size = length / sections + usize::from(k < length % sections);
        let mut shape = x.shape.clone();
        shape[axis] = size;
        let start = from;
        from += size;
        moved(x, shape, |index| flat(&x.shape, index.iter().enumerate().map(|(i, at)| if i == axis { at + start } else { *at })))
    };
    Ok(Expectation::List((0..sections).map(part).collect()))
}

/// Arrays joined along an axis. `shape` first gives each array the axes that the join needs.
fn stacked(call: &Call<'_>, shape: fn(&[usize]) -> Vec<usize>, axis: fn(usize) -> usize) -> Result<Expectation, Undefined> {
    let arrays = call.arrays("arrays")?;
    let shaped: Vec<(Vec<usize>, &Array)> = arrays.iter().map(|array| (shape(&array.shape), *array)).collect();
    let axis = axis(shaped.first().map_or(0, |(shape, _)| shape.len()));
    joined(&shaped, axis)
}

/// Arrays joined as columns. A vector is one column.
fn column_stack(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let column = |shape: &[usize]| match shape {
        [n] => vec![*n, 1],
        _ => shape.to_vec(),
    };
    joined(&call.arrays("arrays")?.iter().map(|array| (column(&array.shape), *array)).collect::<Vec<_>>(), 1)
}

fn joined(arrays: &[(Vec<usize>, &Array)], axis: usize) -> Result<Expectation, Undefined> {
    let (first, _) = arrays.first().ok_or_else(|| illegal("no arrays"))?;
    let dtypes = arrays.iter().map(|(_, array)| array.dtype);
    let dtype = dtypes.map(Some).reduce(|a, b| promoted(a?, b?)).flatten().ok_or(Undefined::Open)?;
    let mut shape = first.clone();
    shape[axis] = 0;
    for (other, _) in arrays {
        let fits = other.len() == shape.len() && (0..shape.len()).all(|i| i == axis || other[i] == first[i]);
        if !fits {
            return Err(illegal("the shapes do not fit"));
        }
        shape[axis] += other[axis];
    }
    let (outer, mut elements): (usize, Vec<Element>) = (shape[..axis].iter().product(), Vec::new());
    for o in 0..outer {
        for (own, array) in arrays {
            let chunk: usize = own[axis..].iter().product();
            elements.extend((o * chunk..(o + 1) * chunk).map(|i| array.get(i).cast(dtype)));
        }
    }
    Ok(Expectation::exact(dtype, shape, elements))
}

/// A matrix with the vector on its `k`-th diagonal, or the `k`-th diagonal of a matrix. A positive `k` lies above the main diagonal.
fn diag(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let (x, k) = (call.array("x")?, call.integer("k").unwrap_or(0));
    let (down, right) = ((-k).max(0) as usize, k.max(0) as usize);
    match x.shape[..] {
        [n] => {
            let side = n + down + right;
            let mut elements = vec![Element::Int(0).cast(x.dtype); side * side];
            x.elements().enumerate().for_each(|(i, e)| elements[(i + down) * side + i + right] = e);
            Ok(Expectation::exact(x.dtype, vec![side, side], elements))
        }
        [n, m] => {
            let length = n.saturating_sub(down).min(m.saturating_sub(right));
            Ok(moved(x, vec![length], |index| flat(&x.shape, [index[0] + down, index[0] + right].into_iter())))
        }
        _ => Err(illegal("neither a vector nor a matrix")),
    }
}

/// A vector for each class, along a new last axis. It has a one at the index of the class, and zeros elsewhere.
fn one_hot(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let (x, dtype) = (call.array("x")?, call.result_dtype()?);
    let classes = call.integer("num_classes").and_then(|v| usize::try_from(v).ok()).ok_or_else(|| illegal("no count of classes"))?;
    if x.elements().any(|e| !(0..classes as i128).contains(&e.integer())) {
        return Err(Undefined::Open);
    }
    let hot = |e: Element| (0..classes as i128).map(move |class| Element::Int(i128::from(class == e.integer())).cast(dtype));
    let elements = x.elements().flat_map(hot).collect();
    Ok(Expectation::exact(dtype, [&x.shape[..], &[classes]].concat(), elements))
}
