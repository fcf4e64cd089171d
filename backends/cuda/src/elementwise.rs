//! The element-wise functions: which dtypes each takes, and the call of its kernel.

use array_assay_interface::{DType, Kind, Scalar};

use crate::array::Array;
use crate::call::{Answer, Call, type_error};
use crate::launch::Launch;
use crate::source::{Module, c_type};

/// The dtype of a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Yields {
    /// The dtype of the operands.
    Same,
    /// Booleans.
    Bool,
    /// The real dtype of the same precision.
    Real,
}

/// An element-wise operation on operands of one dtype.
#[derive(Debug)]
pub struct Operation {
    /// The name in the standard, and in the kernels.
    pub name: &'static str,
    /// How many arrays it takes.
    pub inputs: usize,
    takes: &'static [Kind],
    /// The dtype of the result.
    pub yields: Yields,
    /// Whether complex numbers need the functions of `kernels/transcendental.cu`.
    pub is_transcendental: bool,
    /// Whether the first operand is a condition.
    pub is_conditional: bool,
}

impl Operation {
    /// The dtypes of the operands.
    pub fn dtypes(&self) -> impl Iterator<Item = DType> + use<> {
        let takes = self.takes;
        DType::ALL.into_iter().filter(move |dtype| takes.contains(&dtype.kind()))
    }
}

use Kind::{Boolean, ComplexFloating, RealFloating, SignedInteger, UnsignedInteger};

const BITS: &[Kind] = &[Boolean, SignedInteger, UnsignedInteger];
const INTEGERS: &[Kind] = &[SignedInteger, UnsignedInteger];
const REAL: &[Kind] = &[SignedInteger, UnsignedInteger, RealFloating];
const NUMERIC: &[Kind] = &[SignedInteger, UnsignedInteger, RealFloating, ComplexFloating];
const FLOATING: &[Kind] = &[RealFloating, ComplexFloating];
const FLOATS: &[Kind] = &[RealFloating];
const ANY: &[Kind] = &[Boolean, SignedInteger, UnsignedInteger, RealFloating, ComplexFloating];

const fn operation(name: &'static str, inputs: usize, takes: &'static [Kind], yields: Yields) -> Operation {
    Operation { name, inputs, takes, yields, is_transcendental: false, is_conditional: false }
}

const fn transcendental(name: &'static str, inputs: usize, takes: &'static [Kind]) -> Operation {
    Operation { is_transcendental: true, ..operation(name, inputs, takes, Yields::Same) }
}

/// All operations.
pub static OPERATIONS: &[Operation] = &[
    operation("abs", 1, NUMERIC, Yields::Real),
    transcendental("acos", 1, FLOATING),
    transcendental("acosh", 1, FLOATING),
    operation("add", 2, NUMERIC, Yields::Same),
    transcendental("asin", 1, FLOATING),
    transcendental("asinh", 1, FLOATING),
    transcendental("atan", 1, FLOATING),
    operation("atan2", 2, FLOATS, Yields::Same),
    transcendental("atanh", 1, FLOATING),
    operation("bitwise_and", 2, BITS, Yields::Same),
    operation("bitwise_invert", 1, BITS, Yields::Same),
    operation("bitwise_left_shift", 2, INTEGERS, Yields::Same),
    operation("bitwise_or", 2, BITS, Yields::Same),
    operation("bitwise_right_shift", 2, INTEGERS, Yields::Same),
    operation("bitwise_xor", 2, BITS, Yields::Same),
    operation("ceil", 1, REAL, Yields::Same),
    operation("conj", 1, NUMERIC, Yields::Same),
    operation("copysign", 2, FLOATS, Yields::Same),
    transcendental("cos", 1, FLOATING),
    transcendental("cosh", 1, FLOATING),
    operation("divide", 2, FLOATING, Yields::Same),
    operation("equal", 2, ANY, Yields::Bool),
    transcendental("exp", 1, FLOATING),
    transcendental("expm1", 1, FLOATING),
    operation("floor", 1, REAL, Yields::Same),
    operation("floor_divide", 2, REAL, Yields::Same),
    operation("greater", 2, REAL, Yields::Bool),
    operation("greater_equal", 2, REAL, Yields::Bool),
    operation("hypot", 2, FLOATS, Yields::Same),
    operation("imag", 1, &[ComplexFloating], Yields::Real),
    operation("isfinite", 1, NUMERIC, Yields::Bool),
    operation("isinf", 1, NUMERIC, Yields::Bool),
    operation("isnan", 1, NUMERIC, Yields::Bool),
    operation("less", 2, REAL, Yields::Bool),
    operation("less_equal", 2, REAL, Yields::Bool),
    transcendental("log", 1, FLOATING),
    transcendental("log10", 1, FLOATING),
    transcendental("log1p", 1, FLOATING),
    transcendental("log2", 1, FLOATING),
    operation("logaddexp", 2, FLOATS, Yields::Same),
    operation("logical_and", 2, &[Boolean], Yields::Same),
    operation("logical_not", 1, &[Boolean], Yields::Same),
    operation("logical_or", 2, &[Boolean], Yields::Same),
    operation("logical_xor", 2, &[Boolean], Yields::Same),
    operation("maximum", 2, REAL, Yields::Same),
    operation("minimum", 2, REAL, Yields::Same),
    operation("multiply", 2, NUMERIC, Yields::Same),
    operation("negative", 1, NUMERIC, Yields::Same),
    operation("nextafter", 2, FLOATS, Yields::Same),
    operation("not_equal", 2, ANY, Yields::Bool),
    operation("positive", 1, NUMERIC, Yields::Same),
    Operation { is_transcendental: true, ..operation("pow", 2, NUMERIC, Yields::Same) },
    operation("real", 1, FLOATING, Yields::Real),
    operation("reciprocal", 1, FLOATING, Yields::Same),
    operation("remainder", 2, REAL, Yields::Same),
    operation("round", 1, NUMERIC, Yields::Same),
    operation("sign", 1, NUMERIC, Yields::Same),
    operation("signbit", 1, FLOATS, Yields::Bool),
    transcendental("sin", 1, FLOATING),
    transcendental("sinh", 1, FLOATING),
    operation("square", 1, NUMERIC, Yields::Same),
    transcendental("sqrt", 1, FLOATING),
    operation("subtract", 2, NUMERIC, Yields::Same),
    transcendental("tan", 1, FLOATING),
    transcendental("tanh", 1, FLOATING),
    operation("trunc", 1, REAL, Yields::Same),
    Operation { is_conditional: true, ..operation("where", 3, ANY, Yields::Same) },
];

/// The operation of that name.
pub fn find(name: &str) -> Option<&'static Operation> {
    OPERATIONS.iter().find(|operation| operation.name == name)
}

/// An operation on arrays of any shapes that broadcast and of dtypes that promote.
pub fn apply(name: &str, operands: &[&Array]) -> Result<Array, array_assay_interface::CallError> {
    let operation = find(name).ok_or_else(|| type_error(format!("there is no operation `{name}`")))?;
    let shape = crate::array::broadcast(operands.iter().map(|operand| operand.shape()))?;
    let promoting = if operation.is_conditional { &operands[1..] } else { operands };
    let mut dtype = promoting[0].dtype();
    for operand in &promoting[1..] {
        dtype = crate::call::promoted(dtype, operand.dtype())?;
    }
    if !operation.takes.contains(&dtype.kind()) {
        return Err(type_error(format!("`{name}` takes no arrays of {dtype}")));
    }
    let yields = match operation.yields {
        Yields::Same => dtype,
        Yields::Bool => DType::Bool,
        Yields::Real => dtype.real(),
    };
    let out = Array::new(operands[0].device(), yields, shape.clone())?;
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
pub fn operands(call: &Call<'_>, positions: std::ops::Range<usize>) -> Result<Vec<Array>, array_assay_interface::CallError> {
    let given = &call.values[positions];
    let mut dtype: Option<DType> = None;
    let mut device = None;
    for value in given {
        if let Some(array) = value.leaf() {
            dtype = Some(match dtype {
                Some(dtype) => crate::call::promoted(dtype, array.dtype())?,
                None => array.dtype(),
            });
            device = device.or(Some(array.device()));
        }
    }
    let (Some(dtype), Some(device)) = (dtype, device) else {
        return Err(type_error(format!("`{}` needs one array at least", call.name)));
    };
    let operand = |value: &crate::call::Value| match value {
        crate::call::Value::Array(array) => Ok(array.clone()),
        crate::call::Value::Scalar(scalar) => of_scalar(device, dtype, *scalar),
        other => Err(type_error(format!("`{}` takes arrays and numbers, and not {}", call.name, other.kind_with(|_| "an array")))),
    };
    given.iter().map(operand).collect()
}

/// A Python scalar as an array of rank zero, of the dtype that it takes beside arrays of `dtype`.
fn of_scalar(
    device: &std::rc::Rc<dyn crate::device::Device>,
    dtype: DType,
    scalar: Scalar,
) -> Result<Array, array_assay_interface::CallError> {
    let wanted = crate::call::promoted_scalar(dtype, scalar)?;
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
    if !REAL.contains(&x.dtype().kind()) {
        return Err(type_error(format!("`clip` takes no arrays of {}", x.dtype())));
    }
    let mut out = x.clone();
    for (position, operation) in [(1, "maximum"), (2, "minimum")] {
        let bound = match &call.values[position] {
            crate::call::Value::None => continue,
            crate::call::Value::Array(array) => array.clone(),
            crate::call::Value::Scalar(scalar) => of_scalar(x.device(), x.dtype(), *scalar)?,
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
