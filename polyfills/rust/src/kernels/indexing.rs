//! Kernels for parts of arrays, and for Python's conversions of arrays without axes.

use array_assay_interface::{Array, CallError, DType, Scalar, Slice};

use super::Call;
use super::block::{Block, broadcast_shape, places, strides};
use crate::value::{Answer, Due, Value, type_error, value_error};

fn index_error(message: impl Into<String>) -> CallError {
    CallError::raised("IndexError", message)
}

/// An index counted from the front.
fn index(i: i128, n: usize) -> Result<usize, CallError> {
    array_assay_language::normalized(i, n).map_err(|_| index_error(format!("index {i} is out of an axis of {n} elements")))
}

/// The indices that a slice selects from `n` elements.
fn of_slice(slice: Slice, n: usize) -> Result<Vec<usize>, CallError> {
    slice.indices(n).map(Iterator::collect).ok_or_else(|| value_error("the step of a slice is not zero"))
}

/// The shape of the selection of a key, and the flat indices of its elements.
pub(crate) fn selected(shape: &[usize], key: &Value<Array>) -> Result<(Vec<usize>, Vec<usize>), CallError> {
    let items = key.parts();
    if let [Value::Array(mask)] = items
        && mask.dtype == DType::Bool
    {
        return masked(shape, mask);
    }
    let spends = |item: &&Value<Array>| !matches!(item, Value::None | Value::Ellipsis);
    let indexed = items.iter().filter(spends).count();
    let ellipses = items.iter().filter(|item| matches!(item, Value::Ellipsis)).count();
    if indexed > shape.len() {
        return Err(index_error(format!("{indexed} indices for {} axes", shape.len())));
    }
    if ellipses > 1 {
        return Err(index_error("an index holds one ellipsis at most"));
    }
    if items.iter().any(|item| matches!(item, Value::Array(_))) {
        return gathered(shape, items);
    }
    let left_over = shape.len() - indexed;
    if ellipses == 0 && left_over > 0 {
        return Err(index_error(format!("{indexed} indices for {} axes, and no ellipsis", shape.len())));
    }
    let strides = strides(shape);
    let (mut axis, mut result, mut flat) = (0, Vec::new(), vec![0]);
    let along = |flat: &mut Vec<usize>, chosen: &[usize], axis: usize| {
        let step = strides[axis];
        *flat = flat.iter().flat_map(|base| chosen.iter().map(move |i| base + i * step)).collect();
    };
    for item in items {
        match item {
            Value::None => result.push(1),
            Value::Ellipsis => {
                for _ in 0..left_over {
                    along(&mut flat, &(0..shape[axis]).collect::<Vec<_>>(), axis);
                    result.push(shape[axis]);
                    axis += 1;
                }
            }
            Value::Slice(slice) => {
                let chosen = of_slice(*slice, shape[axis])?;
                along(&mut flat, &chosen, axis);
                result.push(chosen.len());
                axis += 1;
            }
            Value::Scalar(Scalar::Int(i)) => {
                along(&mut flat, &[index(*i, shape[axis])?], axis);
                axis += 1;
            }
            other => return Err(index_error(format!("{} is no index", other.kind()))),
        }
    }
    Ok((result, flat))
}

/// The flat indices where a mask is true, in C order.
fn masked(shape: &[usize], mask: &Array) -> Result<(Vec<usize>, Vec<usize>), CallError> {
    let rank = mask.shape.len();
    // A mask with an axis of size zero fits any size.
    if rank > shape.len() || mask.shape.iter().zip(shape).any(|(m, n)| m != n && *m != 0) {
        return Err(index_error(format!("a mask of shape {:?} for an array of shape {shape:?}", mask.shape)));
    }
    let rest: usize = shape[rank..].iter().product();
    let chosen: Vec<usize> = mask.data.iter().enumerate().filter(|(_, v)| **v != 0).map(|(i, _)| i).collect();
    let result = [&[chosen.len()], &shape[rank..]].concat();
    Ok((result, chosen.into_iter().flat_map(|i| (0..rest).map(move |r| i * rest + r)).collect()))
}

/// Integers and integer arrays, one for each axis, broadcast together.
fn gathered(shape: &[usize], items: &[Value<Array>]) -> Result<(Vec<usize>, Vec<usize>), CallError> {
    if items.len() != shape.len() {
        return Err(index_error("integer arrays come one for each axis"));
    }
    let mut parts = Vec::with_capacity(items.len());
    for (item, n) in items.iter().zip(shape) {
        let block = match item {
            Value::Array(array) if array.dtype.is_integer() => Block::read(array),
            Value::Scalar(Scalar::Int(i)) => Block::new(DType::Int64, Vec::new(), super::block::Cells::Int(vec![*i])),
            other => return Err(index_error(format!("{} beside integer arrays is no index", other.kind()))),
        };
        let indices = block.integers().into_iter().map(|i| index(i, *n)).collect::<Result<Vec<usize>, CallError>>()?;
        parts.push((block.shape, indices));
    }
    let result =
        broadcast_shape(parts.iter().map(|(shape, _)| shape.as_slice())).map_err(|_| index_error("the integer arrays do not broadcast"))?;
    let mut flat = vec![0; result.iter().product()];
    for ((own, indices), stride) in parts.iter().zip(strides(shape)) {
        let mut steps = vec![0; result.len() - own.len()];
        steps.extend(strides(own).iter().zip(own).map(|(stride, n)| if *n == 1 { 0 } else { *stride }));
        for (place, at) in flat.iter_mut().zip(places(&result, &steps)) {
            *place += indices[at] * stride;
        }
    }
    Ok((result, flat))
}

pub(super) fn getitem(call: &Call<'_>) -> Answer<Array> {
    let x = call.array(0)?;
    let (shape, flat) = selected(&x.shape, call.arg(1))?;
    let size = x.dtype.size();
    let data = flat.into_iter().flat_map(|i| x.data[i * size..(i + 1) * size].iter().copied()).collect();
    Ok(Value::Array(Array { dtype: x.dtype, shape, data }))
}

/// The array after `x[key] = value`.
pub(crate) fn assigned(x: &Array, key: &Value<Array>, value: &Value<Array>) -> Result<Array, CallError> {
    let (shape, flat) = selected(&x.shape, key)?;
    let value = match value {
        Value::Array(value) => {
            if crate::dtypes::promoted(x.dtype, value.dtype) != Some(x.dtype) {
                return Err(type_error(format!("{} is not assigned to elements of {}", value.dtype, x.dtype)));
            }
            Block::read(value).cast(x.dtype)
        }
        Value::Scalar(scalar) => Block::scalar(*scalar, x.dtype)?,
        other => return Err(type_error(format!("{} is not assigned", other.kind()))),
    };
    let new = value.broadcast(&shape)?.write().data;
    let size = x.dtype.size();
    let mut data = x.data.clone();
    for (i, bytes) in flat.into_iter().zip(new.chunks_exact(size)) {
        data[i * size..(i + 1) * size].copy_from_slice(bytes);
    }
    Ok(Array { dtype: x.dtype, shape: x.shape.clone(), data })
}

/// The elements of a vector, as arrays without axes.
pub(super) fn list(call: &Call<'_>) -> Answer<Array> {
    let x = call.array(0)?;
    if x.shape.is_empty() {
        return Err(type_error("an array without axes has no items"));
    }
    Ok(Value::List((0..x.shape[0]).map(|i| Value::Array(x.along_first_axis(i))).collect()))
}

/// The only element of an array without axes.
fn only(call: &Call<'_>) -> Result<(DType, array_assay_interface::Element), CallError> {
    let x = call.array(0)?;
    if !x.shape.is_empty() {
        return Err(type_error(format!("an array of shape {:?} is no number", x.shape)));
    }
    Ok((x.dtype, x.get(0)))
}

pub(super) fn to_bool(call: &Call<'_>) -> Answer<Array> {
    only(call).map(|(_, element)| Value::from(element.truth()))
}

pub(super) fn to_index(call: &Call<'_>) -> Answer<Array> {
    match only(call)? {
        (dtype, element) if dtype.is_integer() => Ok(Value::int(element.integer())),
        (dtype, _) => Err(type_error(format!("{dtype} is no integer"))),
    }
}

pub(super) fn to_int(call: &Call<'_>) -> Answer<Array> {
    let (dtype, element) = only(call)?;
    if dtype.is_complex() {
        return Err(type_error("a complex number is no integer"));
    }
    match element.components().0 {
        _ if dtype.is_integer() || dtype == DType::Bool => Ok(Value::int(element.integer())),
        v if v.is_nan() => Err(value_error("NaN is no integer")),
        v if v.is_infinite() => Err(CallError::raised("OverflowError", "an infinity is no integer")),
        v => Ok(Value::int(v.trunc() as i128)),
    }
}

pub(super) fn to_float(call: &Call<'_>) -> Answer<Array> {
    match only(call)? {
        (dtype, _) if dtype.is_complex() => Err(type_error("a complex number is no float")),
        (_, element) => Ok(Value::from(element.components().0)),
    }
}

pub(super) fn to_complex(call: &Call<'_>) -> Answer<Array> {
    only(call).map(|(_, element)| Value::Scalar(Scalar::Complex(element.components())))
}
