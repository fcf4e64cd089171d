//! Sorting and searching.

use array_assay_interface::{CallError, DType, Scalar};

use crate::array::{Array, c_strides};
use crate::call::{Answer, Call, Function, Value, promoted, promoted_scalar};
use crate::error::value_error;
use crate::fold::places;
use crate::gather::taken;
use crate::launch::Launch;
use crate::shape::last_to;
use crate::source::{INDICES, Module, ORDER, c_type};

/// The function at a path.
pub fn find(path: &str) -> Option<Function> {
    Some(match path {
        "sort" => |call| ordered(call, false),
        "argsort" => |call| ordered(call, true),
        "nonzero" => nonzero,
        "searchsorted" => searchsorted,
        _ => return None,
    })
}

/// Sorts each row of a matrix, and gives the sorted elements and where they were.
pub fn sorted(rows: &Array, descending: bool) -> Result<(Array, Array), CallError> {
    let [count, length] = [rows.shape()[0], rows.shape()[1]];
    let module = Module::of(&ORDER, rows.dtype());
    let kernel = |name: &str| format!("{name}_{}", c_type(rows.dtype()));
    let (mut keys, mut indices) = (rows.contiguous()?, Array::new(rows.device(), DType::Int64, vec![count, length])?);
    Launch::times(indices.size()).buffer(&indices).integers([length]).run(&module, &kernel("places"))?;
    let mut width = 1;
    while width < length {
        let (to, places) =
            (Array::new(rows.device(), rows.dtype(), vec![count, length])?, Array::new(rows.device(), DType::Int64, vec![count, length])?);
        let launch = Launch::times(keys.size()).buffer(&keys).buffer(&indices).buffer(&to).buffer(&places);
        launch.integers([length, width, descending.into()]).run(&module, &kernel("merged"))?;
        (keys, indices, width) = (to, places, 2 * width);
    }
    Ok((keys, indices))
}

fn ordered(call: &Call<'_>, gives_indices: bool) -> Answer {
    let x = call.array_of(0, |dtype| dtype != DType::Bool && !dtype.is_complex())?;
    let axis = call.axis(1, x.rank())?;
    let (rows, outer) = x.rows(&[axis])?;
    let (keys, indices) = sorted(&rows, call.flag(2)?)?;
    let out = if gives_indices { indices } else { keys };
    let out = out.reshaped(&[outer, vec![x.shape()[axis]]].concat())?;
    last_to(&out, axis)?.copied().map(Into::into)
}

fn nonzero(call: &Call<'_>) -> Answer {
    let x = call.array(0)?;
    if x.rank() == 0 {
        return Err(value_error("an array of rank zero has no indices"));
    }
    let places = places(&x.cast(DType::Bool)?)?;
    let strides = c_strides(x.shape());
    let coordinate = |axis: usize| {
        let out = Array::new(x.device(), DType::Int64, vec![places.size()])?;
        let launch = Launch::times(places.size()).buffer(&out).buffer(&places);
        let launch = launch.signed([x.shape()[axis].max(1) as i64, strides[axis] as i64]);
        launch.run(&Module::of(&INDICES, DType::Int64), "coordinate")?;
        Ok(Value::Array(out))
    };
    (0..x.rank()).map(coordinate).collect::<Result<_, CallError>>().map(Value::Tuple)
}

fn searchsorted(call: &Call<'_>) -> Answer {
    let x1 = call.array_of(0, |dtype| dtype != DType::Bool && !dtype.is_complex())?;
    if x1.rank() != 1 {
        return Err(value_error(format!("what is searched is a vector, and has not {} axes", x1.rank())));
    }
    let x2 = match call.value(1) {
        Value::Scalar(scalar) => Array::scalar(x1.device(), promoted_scalar(x1.dtype(), *scalar)?, *scalar)?,
        _ => call.array(1)?.clone(),
    };
    let behind = match call.text(2)? {
        "left" => false,
        "right" => true,
        other => return Err(value_error(format!("there is no side `{other}`"))),
    };
    let x1 = match call.array_or_none(3)? {
        Some(sorter) => taken(x1, &sorter.cast(DType::Int64)?, 0)?,
        None => x1.clone(),
    };
    let dtype = promoted(x1.dtype(), x2.dtype())?;
    let (x1, x2) = (x1.cast(dtype)?.contiguous()?, x2.cast(dtype)?.contiguous()?);
    let out = Array::new(x1.device(), DType::Int64, x2.shape().to_vec())?;
    let launch = Launch::times(out.size()).buffer(&out).buffer(&x1).buffer(&x2).integers([x1.size(), behind.into()]);
    launch.run(&Module::of(&ORDER, dtype), &format!("searched_{}", c_type(dtype)))?;
    Ok(out.into())
}

/// Whether each element of `x` is among the elements of a sorted vector of the same dtype.
pub fn among(x: &Array, sorted: &Array) -> Result<Array, CallError> {
    let x = x.contiguous()?;
    let out = Array::new(x.device(), DType::Bool, x.shape().to_vec())?;
    let launch = Launch::times(out.size()).buffer(&out).buffer(sorted).buffer(&x).integers([sorted.size()]);
    launch.run(&Module::of(&ORDER, x.dtype()), &format!("member_{}", c_type(x.dtype())))?;
    Ok(out)
}

/// A Python scalar beside an array, as an array of rank zero.
pub fn beside(x: &Array, scalar: Scalar) -> Result<Array, CallError> {
    Array::scalar(x.device(), promoted_scalar(x.dtype(), scalar)?, scalar)
}
