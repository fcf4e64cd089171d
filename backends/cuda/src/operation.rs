//! The element-wise operations: which dtypes each takes, and which it gives.

use array_assay_interface::{DType, Kind};

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
    /// The kinds of dtypes that it takes.
    pub takes: &'static [Kind],
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
/// Numbers with an order.
pub const REAL: &[Kind] = &[SignedInteger, UnsignedInteger, RealFloating];
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
