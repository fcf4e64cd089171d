//! The element-wise functions: dtypes and shapes meet, and a kernel runs.

use std::ops::Range;
use std::rc::Rc;

use array_assay_interface::{CallError, DType, Scalar};
use array_assay_namespace::signature::Gives;

use crate::array::{Array, broadcast};
use crate::call::{Answer, Call, Value, promoted, promoted_scalar};
use crate::device::Device;
use crate::error::type_error;
use crate::launch::Launch;
use crate::operation;
use crate::source::{Module, c_type};

/// An operation on arrays of any shapes that broadcast and of dtypes that promote.
pub fn apply(name: &str, operands: &[&Array]) -> Result<Array, CallError> {
    let operation = operation::find(name).ok_or_else(|| type_error(format!("there is no operation `{name}`")))?;
    let shape = broadcast(operands.iter().map(|operand| operand.shape()))?;
    let promoting = if operation.is_conditional { &operands[1..] } else { operands };
    let mut dtype = promoting[0].dtype();
    for operand in &promoting[1..] {
        dtype = promoted(dtype, operand.dtype())?;
    }
    if !operation.takes.contains(&dtype.kind()) {
        return Err(type_error(format!("`{name}` takes no arrays of {dtype}")));
    }
    let gives = match operation.gives {
        Gives::Same => dtype,
        Gives::Boolean => DType::Bool,
        Gives::Real => dtype.real(),
    };
    let out = Array::new(operands[0].device(), gives, shape.clone())?;
    let mut arrays = Vec::with_capacity(operands.len());
    for (i, operand) in operands.iter().enumerate() {
        let wanted = if operation.is_conditional && i == 0 { DType::Bool } else { dtype };
        arrays.push(operand.cast(wanted)?.broadcast_to(&shape)?);
    }
    let mut launch = Launch::over(&out);
    for array in &arrays {
        launch = launch.with(array);
    }
    launch.run(&Module::elementwise(operation), &format!("{name}_{}", c_type(dtype)))?;
    Ok(out)
}

/// The operands of a call as arrays. A Python scalar becomes an array of rank zero of the dtype that it takes beside the arrays.
pub fn operands(call: &Call<'_>, positions: Range<usize>) -> Result<Vec<Array>, CallError> {
    let given = &call.values[positions];
    let mut dtype: Option<DType> = None;
    let mut device = None;
    for value in given {
        if let Some(array) = value.leaf() {
            dtype = Some(match dtype {
                Some(dtype) => promoted(dtype, array.dtype())?,
                None => array.dtype(),
            });
            device = device.or(Some(array.device()));
        }
    }
    let (Some(dtype), Some(device)) = (dtype, device) else {
        return Err(type_error(format!("`{}` needs one array at least", call.name)));
    };
    let operand = |value: &Value| match value {
        Value::Array(array) => Ok(array.clone()),
        Value::Scalar(scalar) => of_scalar(device, dtype, *scalar),
        other => Err(type_error(format!("`{}` takes arrays and numbers, and not {}", call.name, other.kind_with(|_| "an array")))),
    };
    given.iter().map(operand).collect()
}

/// A Python scalar as an array of rank zero, of the dtype that it takes beside arrays of `dtype`.
fn of_scalar(device: &Rc<dyn Device>, dtype: DType, scalar: Scalar) -> Result<Array, CallError> {
    let wanted = promoted_scalar(dtype, scalar)?;
    Array::scalar(device, wanted, scalar)
}

/// The element-wise function of that name, called with the operands of a call.
pub fn call(call: &Call<'_>) -> Answer {
    let operands = operands(call, 0..call.values.len())?;
    apply(call.name, &operands.iter().collect::<Vec<_>>()).map(Into::into)
}

/// `clip(x, min, max)`: either bound may be left out.
pub fn clip(call: &Call<'_>) -> Answer {
    let x = call.array(0)?;
    if x.dtype() == DType::Bool || x.dtype().is_complex() {
        return Err(type_error(format!("`clip` takes no arrays of {}", x.dtype())));
    }
    let mut out = x.clone();
    for (position, operation) in [(1, "maximum"), (2, "minimum")] {
        let bound = match &call.values[position] {
            Value::None => continue,
            Value::Array(array) => array.clone(),
            Value::Scalar(scalar) => of_scalar(x.device(), x.dtype(), *scalar)?,
            other => return Err(type_error(format!("a bound is an array or a number, and not {}", other.kind_with(|_| "an array")))),
        };
        out = apply(operation, &[&out, &bound])?;
    }
    out.cast(x.dtype())?.copied().map(Into::into)
}

/// `where(condition, x1, x2)`.
pub fn choose(call: &Call<'_>) -> Answer {
    let condition = call.array(0)?;
    if condition.dtype() != DType::Bool {
        return Err(type_error(format!("a condition is an array of booleans, and not of {}", condition.dtype())));
    }
    let operands = operands(call, 1..3)?;
    apply("where", &[condition, &operands[0], &operands[1]]).map(Into::into)
}
