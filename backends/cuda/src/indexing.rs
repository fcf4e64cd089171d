//! Indexing and assignment, and selection by arrays of indices.

use array_assay_interface::{CallError, DType};

use crate::array::{Array, broadcast, c_strides};
use crate::call::{Answer, Call, Function, Value, axis_of, promoted, promoted_scalar};
use crate::copy::assign;
use crate::creation::{integers, zeros};
use crate::elementwise::apply;
use crate::error::{index_error, type_error, value_error};
use crate::fold::places;
use crate::gather::{Flag, along, taken};
use crate::launch::Launch;
use crate::shape::{expanded, last_to};
use crate::source::{INDICES, Module, SELECTION, c_type};

/// The function at a path.
pub fn find(path: &str) -> Option<Function> {
    Some(match path {
        "take" => take,
        "take_along_axis" => take_along_axis,
        _ => return None,
    })
}

/// An argument as an array of indices.
fn indices(call: &Call<'_>, position: usize) -> Result<Array, CallError> {
    call.array_of(position, DType::is_integer)?.cast(DType::Int64)
}

fn take(call: &Call<'_>) -> Answer {
    let (x, indices) = (call.array(0)?, indices(call, 1)?);
    let axis = match call.axis_or_none(2, x.rank())? {
        Some(axis) => axis,
        None if x.rank() == 1 => 0,
        None => return Err(value_error("an array of several axes needs an axis")),
    };
    if indices.rank() != 1 {
        return Err(value_error(format!("the indices have {} axes instead of one", indices.rank())));
    }
    taken(x, &indices, axis).map(Into::into)
}

fn take_along_axis(call: &Call<'_>) -> Answer {
    let (x, indices) = (call.array(0)?, indices(call, 1)?);
    if indices.rank() != x.rank() {
        return Err(value_error(format!("indices of {} axes for an array of {}", indices.rank(), x.rank())));
    }
    let axis = call.axis(2, x.rank())?;
    let without = |array: &Array| {
        let mut shape = array.shape().to_vec();
        shape[axis] = 1;
        shape
    };
    let mut shape = broadcast([without(x).as_slice(), without(&indices).as_slice()])?;
    shape[axis] = x.shape()[axis];
    let (values, outer) = x.broadcast_to(&shape)?.rows(&[axis])?;
    shape[axis] = indices.shape()[axis];
    let (indices, _) = indices.broadcast_to(&shape)?.rows(&[axis])?;
    along(&values, &indices)?.reshaped(&[outer, vec![shape[axis]]].concat()).and_then(|out| last_to(&out, axis)).map(Into::into)
}

/// What a key selects.
enum Selected {
    /// A view of the array.
    View(Array),
    /// The elements at places in C order, as an array of this shape.
    Places(Array, Vec<usize>),
}

fn select(x: &Array, key: &Value) -> Result<Selected, CallError> {
    let parts = key.parts();
    let arrays: Vec<&Array> = parts.iter().filter_map(Value::leaf).collect();
    match (parts, arrays.as_slice()) {
        (_, []) => viewed(x, parts).map(Selected::View),
        ([_], [mask]) if mask.dtype() == DType::Bool => {
            if mask.rank() > x.rank() {
                return Err(index_error(format!("a mask of {} axes for an array of {}", mask.rank(), x.rank())));
            }
            let (lead, rest) = x.shape().split_at(mask.rank());
            let fits = |(own, n): (&usize, &usize)| own == n || mask.size() == 0 && *own == 0;
            if !mask.shape().iter().zip(lead).all(fits) {
                return Err(index_error(format!("a mask of shape {:?} for an array of shape {:?}", mask.shape(), x.shape())));
            }
            let places = places(mask)?;
            let inner: usize = rest.iter().product();
            let shape = [vec![places.size()], rest.to_vec()].concat();
            if inner == 1 {
                return Ok(Selected::Places(places, shape));
            }
            // Each true element stands for as many elements as the other axes have.
            let first = apply("multiply", &[&expanded(&places, &[1])?, &Array::of_indices(x.device(), &[inner as i64])?])?;
            let all = apply("add", &[&first, &integers(x.device(), inner, 0, 1)?])?;
            Ok(Selected::Places(all.reshaped(&[all.size()])?, shape))
        }
        _ => gathered(x, parts),
    }
}

/// Integers and arrays of integers, one for each axis, which broadcast.
fn gathered(x: &Array, parts: &[Value]) -> Result<Selected, CallError> {
    if parts.len() != x.rank() {
        return Err(index_error(format!("{} indices for an array of {} axes", parts.len(), x.rank())));
    }
    let mut indices = Vec::with_capacity(parts.len());
    for part in parts {
        indices.push(match part {
            Value::Array(array) if array.dtype().is_integer() => array.cast(DType::Int64)?,
            Value::Scalar(_) => {
                let index = part.integer().and_then(|index| i64::try_from(index).ok());
                let index = index.ok_or_else(|| index_error("an index is an integer"))?;
                Array::of_indices(x.device(), &[index])?.reshaped(&[])?
            }
            _ => return Err(index_error("arrays of integers stand beside integers alone, one for each axis")),
        });
    }
    let shape = broadcast(indices.iter().map(Array::shape)).map_err(|_| index_error("the arrays of indices do not broadcast"))?;
    let places = zeros(x.device(), DType::Int64, &[shape.iter().product()])?;
    let flag = Flag::new(x)?;
    let strides = c_strides(x.shape());
    for (axis, index) in indices.iter().enumerate() {
        if x.shape()[axis] == 0 && places.size() > 0 {
            return Err(index_error("an axis without elements has no index"));
        }
        let index = index.broadcast_to(&shape)?.contiguous()?;
        let launch = Launch::times(places.size()).buffer(&places).buffer(&index).buffer(&flag.0);
        let launch = launch.signed([x.shape()[axis] as i64, strides[axis] as i64]);
        launch.run(&Module::of(&INDICES, DType::Int64), "moved")?;
    }
    flag.lowered()?;
    Ok(Selected::Places(places, shape))
}

/// Integers, slices, `None` and `...`: a view.
fn viewed(x: &Array, parts: &[Value]) -> Result<Array, CallError> {
    let ellipses = parts.iter().filter(|part| matches!(part, Value::Ellipsis)).count();
    let indices = parts.iter().filter(|part| matches!(part, Value::Scalar(_) | Value::Slice(_))).count();
    if ellipses > 1 {
        return Err(index_error("a key has one ellipsis at most"));
    }
    let missing =
        x.rank().checked_sub(indices).ok_or_else(|| index_error(format!("{indices} indices for an array of {} axes", x.rank())))?;
    if missing > 0 && ellipses == 0 {
        return Err(index_error(format!("{indices} indices for an array of {} axes, and no ellipsis", x.rank())));
    }
    let (mut shape, mut strides, mut moved, mut axis) = (Vec::new(), Vec::new(), 0isize, 0);
    for part in parts {
        match part {
            Value::None => {
                shape.push(1);
                strides.push(0);
            }
            Value::Ellipsis => {
                shape.extend(&x.shape()[axis..axis + missing]);
                strides.extend(&x.strides()[axis..axis + missing]);
                axis += missing;
            }
            Value::Scalar(_) => {
                let index = part.integer().ok_or_else(|| index_error("an index is an integer"))?;
                let n = x.shape()[axis];
                let index = axis_of(index, n).map_err(|_| index_error(format!("an axis of {n} elements has no index {index}")))?;
                moved += index as isize * x.strides()[axis];
                axis += 1;
            }
            Value::Slice(slice) => {
                let chosen = slice.indices(x.shape()[axis]).ok_or_else(|| value_error("a slice has no step of zero"))?;
                let count = chosen.len();
                let first = chosen.into_iter().next().unwrap_or(0);
                moved += first as isize * x.strides()[axis];
                shape.push(count);
                // The step of one element does not matter, and may be beyond all memory.
                let step = if count > 1 { slice.step.unwrap_or(1) as isize } else { 1 };
                strides.push(x.strides()[axis] * step);
                axis += 1;
            }
            other => return Err(index_error(format!("{} is no index", other.kind_with(|_| "an array")))),
        }
    }
    x.view(shape, strides, moved)
}

/// `x[key]`.
pub fn get(x: &Array, key: &Value) -> Result<Array, CallError> {
    match select(x, key)? {
        Selected::View(view) => Ok(view),
        Selected::Places(places, shape) => {
            let out = Array::new(x.device(), x.dtype(), vec![places.size()])?;
            let kernel = format!("picked_{}", c_type(x.dtype()));
            Launch::over(x).count(places.size()).buffer(&places).buffer(&out).run(&Module::of(&SELECTION, x.dtype()), &kernel)?;
            out.reshaped(&shape)
        }
    }
}

/// `x[key] = value`.
pub fn set(x: &Array, key: &Value, value: &Value) -> Result<(), CallError> {
    let value = match value {
        Value::Array(array) if promoted(x.dtype(), array.dtype()).ok() == Some(x.dtype()) => array.cast(x.dtype())?,
        Value::Array(array) => return Err(type_error(format!("{} does not promote to {}", array.dtype(), x.dtype()))),
        Value::Scalar(scalar) if promoted_scalar(x.dtype(), *scalar).ok() == Some(x.dtype()) => {
            Array::scalar(x.device(), x.dtype(), *scalar)?
        }
        Value::Scalar(scalar) => return Err(type_error(format!("{scalar} is no element of an array of {}", x.dtype()))),
        other => return Err(type_error(format!("{} is not assigned to an array", other.kind_with(|_| "an array")))),
    };
    match select(x, key)? {
        Selected::View(view) => assign(&view, &value),
        Selected::Places(places, shape) => {
            let value = value.broadcast_to(&shape)?.copied()?;
            let kernel = format!("put_{}", c_type(x.dtype()));
            Launch::over(x).count(places.size()).buffer(&places).buffer(&value).run(&Module::of(&SELECTION, x.dtype()), &kernel)
        }
    }
}
