//! The functions that move elements into other shapes. What strides can say is a view.

use array_assay_interface::{CallError, DType};

use crate::array::{Array, broadcast, size_of};
use crate::call::{Answer, Call, Function, Value, axes_of, axis_of};
use crate::creation::together;
use crate::error::{index_error, type_error, value_error};
use crate::fold::running;
use crate::gather::taken;
use crate::launch::Launch;
use crate::shape::{concatenated, expanded, flipped, rolled, section, swapped};
use crate::source::{INDICES, Module};

/// The function at a path.
pub fn find(path: &str) -> Option<Function> {
    Some(match path {
        "attribute.T" => transpose,
        "attribute.mT" | "matrix_transpose" => |call| swapped(call.array(0)?).map(Into::into),
        "broadcast_arrays" => |call| Ok(Value::Tuple(together(&call.arrays(0)?)?.into_iter().map(Value::Array).collect())),
        "broadcast_shapes" => broadcast_shapes,
        "broadcast_to" => |call| call.array(0)?.broadcast_to(&call.shape(1)?).map(Into::into),
        "concat" => concat,
        "expand_dims" => expand_dims,
        "flip" => flip,
        "moveaxis" => moveaxis,
        "permute_dims" => permute_dims,
        "repeat" => repeat,
        "reshape" => reshape,
        "roll" => roll,
        "squeeze" => squeeze,
        "stack" => stack,
        "tile" => tile,
        "unstack" => unstack,
        _ => return None,
    })
}

fn transpose(call: &Call<'_>) -> Answer {
    let x = call.array(0)?;
    if x.rank() != 2 {
        return Err(value_error("only a matrix has a transpose"));
    }
    swapped(x).map(Into::into)
}

fn broadcast_shapes(call: &Call<'_>) -> Answer {
    let shapes = call.value(0).items().unwrap_or_default();
    let shape = |value: &Value| {
        let sizes = value.integers().ok_or_else(|| type_error("a shape is a tuple of integers"))?;
        sizes.iter().map(|n| usize::try_from(*n).map_err(|_| value_error(format!("no axis has {n} elements")))).collect()
    };
    let shapes = shapes.iter().map(shape).collect::<Result<Vec<Vec<usize>>, CallError>>()?;
    broadcast(shapes.iter().map(Vec::as_slice)).map(Value::ints)
}

fn concat(call: &Call<'_>) -> Answer {
    let arrays = call.arrays(0)?;
    if call.value(1).is_none() {
        let flat = arrays.iter().map(|array| array.reshaped(&[array.size()])).collect::<Result<Vec<_>, _>>()?;
        return concatenated(&flat, 0).map(Into::into);
    }
    let rank = arrays.first().map_or(0, Array::rank);
    concatenated(&arrays, call.axis(1, rank)?).map(Into::into)
}

fn expand_dims(call: &Call<'_>) -> Answer {
    let (x, axes) = (call.array(0)?, call.integers(1)?);
    expanded(x, &axes_of(&axes, x.rank() + axes.len())?).map(Into::into)
}

fn flip(call: &Call<'_>) -> Answer {
    let x = call.array(0)?;
    flipped(x, &call.axes(1, x.rank())?).map(Into::into)
}

fn moveaxis(call: &Call<'_>) -> Answer {
    let x = call.array(0)?;
    let (from, to) = (axes_of(&call.integers(1)?, x.rank())?, axes_of(&call.integers(2)?, x.rank())?);
    if from.len() != to.len() {
        return Err(value_error(format!("{} axes to {} places", from.len(), to.len())));
    }
    let mut order: Vec<usize> = (0..x.rank()).filter(|axis| !from.contains(axis)).collect();
    let mut moves: Vec<_> = to.iter().zip(&from).collect();
    moves.sort();
    for (to, from) in moves {
        order.insert(*to, *from);
    }
    x.permuted(&order).map(Into::into)
}

fn permute_dims(call: &Call<'_>) -> Answer {
    let x = call.array(0)?;
    let axes = axes_of(&call.integers(1)?, x.rank())?;
    if axes.len() != x.rank() {
        return Err(value_error(format!("{} axes for an array of {}", axes.len(), x.rank())));
    }
    x.permuted(&axes).map(Into::into)
}

fn reshape(call: &Call<'_>) -> Answer {
    let x = call.array(0)?;
    let sizes = call.integers(1)?;
    let known = sizes.iter().filter(|n| **n != -1).try_fold(1i128, |size, n| size.checked_mul(*n)).unwrap_or(i128::MAX);
    let refused = || value_error(format!("{} elements do not have the shape {sizes:?}", x.size()));
    let mut shape = Vec::with_capacity(sizes.len());
    for n in &sizes {
        shape.push(match n {
            -1 if known > 0 && sizes.iter().filter(|n| **n == -1).count() == 1 => (x.size() as i128 / known) as usize,
            n => usize::try_from(*n).map_err(|_| refused())?,
        });
    }
    if size_of(&shape)? != x.size() {
        return Err(refused());
    }
    match call.value(2).flag() {
        Some(true) => x.copied()?.reshaped(&shape).map(Into::into),
        Some(false) if x.viewed_as(&shape).is_none() => Err(value_error("the shape needs a copy")),
        _ => x.reshaped(&shape).map(Into::into),
    }
}

fn roll(call: &Call<'_>) -> Answer {
    let (x, shifts) = (call.array(0)?, call.integers(1)?);
    if call.value(2).is_none() {
        let shift = shifts.iter().sum();
        return rolled(&x.reshaped(&[x.size()])?, 0, shift)?.reshaped(x.shape()).map(Into::into);
    }
    let axes = call.integers(2)?;
    if shifts.len() != axes.len() && shifts.len() != 1 {
        return Err(value_error(format!("{} shifts for {} axes", shifts.len(), axes.len())));
    }
    let mut out = x.copied()?;
    for (i, axis) in axes.iter().enumerate() {
        out = rolled(&out, axis_of(*axis, x.rank())?, shifts[if shifts.len() == 1 { 0 } else { i }])?;
    }
    Ok(out.into())
}

fn squeeze(call: &Call<'_>) -> Answer {
    let x = call.array(0)?;
    let axes = axes_of(&call.integers(1)?, x.rank())?;
    if let Some(axis) = axes.iter().find(|axis| x.shape()[**axis] != 1) {
        return Err(value_error(format!("the axis {axis} has {} elements", x.shape()[*axis])));
    }
    let kept = (0..x.rank()).filter(|axis| !axes.contains(axis));
    let (shape, strides) = kept.map(|axis| (x.shape()[axis], x.strides()[axis])).unzip();
    x.view(shape, strides, 0).map(Into::into)
}

fn stack(call: &Call<'_>) -> Answer {
    let arrays = call.arrays(0)?;
    let first = arrays.first().ok_or_else(|| value_error("there has to be an array"))?;
    let axis = call.axis(1, first.rank() + 1)?;
    if let Some(other) = arrays.iter().find(|array| array.shape() != first.shape()) {
        return Err(value_error(format!("arrays of shapes {:?} and {:?} are not stacked", first.shape(), other.shape())));
    }
    let arrays = arrays.iter().map(|array| expanded(array, &[axis])).collect::<Result<Vec<_>, _>>()?;
    concatenated(&arrays, axis).map(Into::into)
}

fn tile(call: &Call<'_>) -> Answer {
    let (x, counts) = (call.array(0)?, call.shape(1)?);
    let rank = x.rank().max(counts.len());
    let padded = |sizes: &[usize]| [vec![1; rank - sizes.len()], sizes.to_vec()].concat();
    let (sizes, counts) = (padded(x.shape()), padded(&counts));
    // Each axis becomes two: one that repeats, and the own one.
    let own: Vec<usize> = sizes.iter().flat_map(|n| [1, *n]).collect();
    let repeated: Vec<usize> = sizes.iter().zip(&counts).flat_map(|(n, count)| [*count, *n]).collect();
    let shape: Vec<usize> = sizes.iter().zip(&counts).map(|(n, count)| n * count).collect();
    x.reshaped(&own)?.broadcast_to(&repeated)?.copied()?.reshaped(&shape).map(Into::into)
}

fn unstack(call: &Call<'_>) -> Answer {
    let x = call.array(0)?;
    if x.rank() == 0 {
        return Err(index_error("an array of rank zero has no axis"));
    }
    let axis = call.axis(1, x.rank())?;
    let kept = || (0..x.rank()).filter(|other| *other != axis);
    let part = |i: usize| {
        let (shape, strides) = kept().map(|axis| (x.shape()[axis], x.strides()[axis])).unzip();
        x.view(shape, strides, i as isize * x.strides()[axis]).map(Value::Array)
    };
    (0..x.shape()[axis]).map(part).collect::<Result<_, _>>().map(Value::Tuple)
}

fn repeat(call: &Call<'_>) -> Answer {
    let x = call.array(0)?;
    let (x, axis) = match call.axis_or_none(2, x.rank())? {
        Some(axis) => (x.clone(), axis),
        None => (x.reshaped(&[x.size()])?, 0),
    };
    let n = x.shape()[axis];
    let counts = match call.value(1) {
        Value::Array(counts) if counts.dtype().is_integer() => counts.cast(DType::Int64)?.broadcast_to(&[n])?.contiguous()?,
        Value::Array(counts) => return Err(type_error(format!("repeats are integers, and not of {}", counts.dtype()))),
        _ => {
            let count = call.size(1)?;
            let mut own = x.shape().to_vec();
            own.insert(axis + 1, 1);
            let mut repeated = own.clone();
            repeated[axis + 1] = count;
            let mut shape = x.shape().to_vec();
            shape[axis] *= count;
            size_of(&shape)?;
            return expanded(&x, &[axis + 1])?.broadcast_to(&repeated)?.copied()?.reshaped(&shape).map(Into::into);
        }
    };
    if counts.to_indices()?.iter().any(|count| *count < 0) {
        return Err(value_error("nothing is repeated a negative number of times"));
    }
    let sums = running(&counts.reshaped(&[1, n])?, "add")?;
    let total = match n {
        0 => 0,
        n => section(&sums, 1, n - 1, 1)?.to_indices()?[0] as usize,
    };
    let owners = Array::new(x.device(), DType::Int64, vec![total])?;
    Launch::times(total).buffer(&owners).buffer(&sums).integers([0, n]).run(&Module::of(&INDICES, DType::Int64), "owner")?;
    taken(&x, &owners, axis).map(Into::into)
}
