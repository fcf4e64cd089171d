//! Statistical and utility functions: reductions over any axes, and running sums.

use array_assay_interface::{CallError, DType, Scalar};

use crate::array::Array;
use crate::call::{Answer, Call, Function};
use crate::creation::zeros;
use crate::elementwise::apply;
use crate::error::{type_error, value_error};
use crate::fold::{best, count, divided, finished, outermost, pieces, reduced, running};
use crate::shape::{concatenated, last_to, section};
use crate::source::TRUTH;

/// The function at a path.
pub fn find(path: &str) -> Option<Function> {
    Some(match path {
        "sum" => |call| summed(call, "add"),
        "prod" => |call| summed(call, "multiply"),
        "mean" => mean,
        "var" => |call| variance(call).map(Into::into),
        "std" => |call| apply("sqrt", &[&variance(call)?]).map(Into::into),
        "max" | "min" => extreme,
        "argmax" | "argmin" => extreme_place,
        "all" | "any" => truth,
        "count_nonzero" => |call| {
            let x = call.array(0)?;
            let axes = call.axes(1, x.rank())?;
            finished(x, &axes, call.flag(2)?, &count(&x.rows(&axes)?.0)?).map(Into::into)
        },
        "cumulative_sum" => |call| cumulative(call, "add"),
        "cumulative_prod" => |call| cumulative(call, "multiply"),
        "diff" => diff,
        _ => return None,
    })
}

/// The dtype that sums and products have where a call names none.
pub fn upcast(call: &Call<'_>, x: &Array, position: usize) -> Result<DType, CallError> {
    if x.dtype() == DType::Bool {
        return Err(type_error(format!("`{}` takes no booleans", call.name)));
    }
    Ok(call.dtype(position)?.unwrap_or_else(|| call.context.defaults.at_least_integer(x.dtype())))
}

fn summed(call: &Call<'_>, operation: &str) -> Answer {
    let x = call.array(0)?;
    let cast = x.cast(upcast(call, x, 2)?)?;
    reduced(&cast, &call.axes(1, x.rank())?, call.flag(3)?, operation).map(Into::into)
}

/// The floating-point array of an argument. Integers count as numbers of the default dtype.
fn floating(call: &Call<'_>) -> Result<Array, CallError> {
    let x = call.array_of(0, |dtype| dtype != DType::Bool)?;
    if x.dtype().is_floating() { Ok(x.clone()) } else { x.cast(call.context.defaults.real) }
}

fn mean(call: &Call<'_>) -> Answer {
    let x = floating(call)?;
    let axes = call.axes(1, x.rank())?;
    let count: usize = axes.iter().map(|axis| x.shape()[*axis]).product();
    let out = divided(&reduced(&x, &axes, call.flag(2)?, "add")?, count as f64)?;
    if count == 0 && out.dtype().is_complex() {
        let nothing = Array::scalar(out.device(), out.dtype(), Scalar::Complex((f64::NAN, f64::NAN)))?;
        out.assign(&nothing)?;
    }
    Ok(out.into())
}

/// The mean of the squares of the distances from the mean.
fn variance(call: &Call<'_>) -> Result<Array, CallError> {
    let x = floating(call)?;
    if x.dtype().is_complex() {
        return Err(type_error(format!("`{}` takes no complex numbers", call.name)));
    }
    let axes = call.axes(1, x.rank())?;
    let count: usize = axes.iter().map(|axis| x.shape()[*axis]).product();
    let centre = divided(&reduced(&x, &axes, true, "add")?, count as f64)?;
    let squares = apply("square", &[&apply("subtract", &[&x, &centre])?])?;
    // Without degrees of freedom the result is NaN.
    let freedom = Some(count as f64 - call.real(2)?).filter(|freedom| *freedom > 0.0);
    divided(&reduced(&squares, &axes, call.flag(3)?, "add")?, freedom.unwrap_or(f64::NAN))
}

fn truth(call: &Call<'_>) -> Answer {
    let x = call.array(0)?;
    let axes = call.axes(1, x.rank())?;
    let mut rows = x.rows(&axes)?.0;
    loop {
        rows = pieces(&rows, &TRUTH, call.name, DType::Bool)?;
        if rows.shape()[1] == 1 {
            return finished(x, &axes, call.flag(2)?, &rows).map(Into::into);
        }
    }
}

/// Whether there is an order.
fn is_ordered(dtype: DType) -> bool {
    dtype != DType::Bool && !dtype.is_complex()
}

fn extreme(call: &Call<'_>) -> Answer {
    let x = call.array_of(0, is_ordered)?;
    outermost(x, &call.axes(1, x.rank())?, call.flag(2)?, call.name).map(Into::into)
}

fn extreme_place(call: &Call<'_>) -> Answer {
    let x = call.array_of(0, is_ordered)?;
    let axes = match call.axis_or_none(1, x.rank())? {
        Some(axis) => vec![axis],
        None => (0..x.rank()).collect(),
    };
    let (rows, _) = x.rows(&axes)?;
    let which = call.name.trim_start_matches("arg");
    let places = if rows.shape()[0] == 0 { zeros(x.device(), DType::Int64, &[0, 1])? } else { best(&rows, which)? };
    finished(x, &axes, call.flag(2)?, &places).map(Into::into)
}

fn cumulative(call: &Call<'_>, operation: &str) -> Answer {
    let x = call.array(0)?;
    let axis = match call.axis_or_none(1, x.rank())? {
        Some(axis) => axis,
        None if x.rank() == 1 => 0,
        None => return Err(value_error("an array of several axes needs an axis")),
    };
    let x = x.cast(upcast(call, x, 2)?)?;
    let (rows, outer) = x.rows(&[axis])?;
    let mut out = running(&rows, operation)?;
    if call.flag(3)? {
        let start = Scalar::Int(i128::from(operation == "multiply"));
        let start = Array::scalar(x.device(), x.dtype(), start)?.broadcast_to(&[rows.shape()[0], 1])?;
        out = concatenated(&[start, out], 1)?;
    }
    let shape = [outer, vec![out.shape()[1]]].concat();
    last_to(&out.reshaped(&shape)?, axis).map(Into::into)
}

fn diff(call: &Call<'_>) -> Answer {
    let x = call.array_of(0, |dtype| dtype != DType::Bool)?;
    let (axis, n) = (call.axis(1, x.rank())?, call.size(2)?);
    let parts = [call.array_or_none(3)?, Some(x), call.array_or_none(4)?];
    let parts: Vec<Array> = parts.into_iter().flatten().cloned().collect();
    let mut out = concatenated(&parts, axis)?;
    for _ in 0..n {
        let count = out.shape()[axis].saturating_sub(1);
        let start = out.shape()[axis].min(1);
        out = apply("subtract", &[&section(&out, axis, start, count)?, &section(&out, axis, 0, count)?])?;
    }
    Ok(out.into())
}
