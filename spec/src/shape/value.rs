//! What rules for shapes compute with, and its arithmetic.

use array_assay_interface::Scalar;

use crate::expr::{BinaryOp, CompareOp, UnaryOp};

/// The sizes of the axes of an array; `None` where one is not known before the call runs.
pub type Sizes = Vec<Option<usize>>;

/// The name of a size that the elements decide.
pub const UNKNOWN: &str = "unknown";

/// What a rule computes with.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// An integer.
    Int(i128),
    /// A number that is not known before the call runs.
    Unknown,
    /// A real number.
    Real(f64),
    /// A bool.
    Bool(bool),
    /// A string.
    Text(String),
    /// `None`.
    None,
    /// A tuple or a list.
    Tuple(Vec<Value>),
    /// An array, of which nothing but its shape is known.
    Array(Sizes),
    /// Something else: a complex number, a dtype, a device.
    Other,
}

/// The arguments of a call.
pub trait Arguments {
    /// An argument by the name of its parameter; `None` where it was left out. Variadic arguments are one tuple.
    fn argument(&self, name: &str) -> Option<Value>;
}

impl Arguments for [(&str, Value)] {
    fn argument(&self, name: &str) -> Option<Value> {
        self.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone())
    }
}

impl<A: Arguments + ?Sized> Arguments for &A {
    fn argument(&self, name: &str) -> Option<Value> {
        (**self).argument(name)
    }
}

impl Value {
    /// An array of a known shape.
    pub fn array(shape: &[usize]) -> Value {
        Value::Array(shape.iter().copied().map(Some).collect())
    }

    /// A tuple of sizes.
    pub(super) fn shape(sizes: Sizes) -> Value {
        Value::Tuple(sizes.into_iter().map(|n| n.map_or(Value::Unknown, |n| Value::Int(n as i128))).collect())
    }

    /// The sizes that a tuple of integers is, or one integer.
    pub fn sizes(&self) -> Result<Sizes, String> {
        match self {
            Value::Tuple(items) => items.iter().map(Value::size).collect(),
            one => Ok(vec![one.size()?]),
        }
    }

    /// The size that it is.
    pub(super) fn size(&self) -> Result<Option<usize>, String> {
        match self {
            Value::Unknown => Ok(None),
            Value::Int(n) => usize::try_from(*n).map(Some).map_err(|_| format!("{n} is no size of an axis")),
            other => Err(format!("{} is no size of an axis", other.kind())),
        }
    }

    /// What it is, in a word.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Value::Int(_) => "an integer",
            Value::Unknown => "a number that is not known before the call runs",
            Value::Real(_) => "a float",
            Value::Bool(_) => "a bool",
            Value::Text(_) => "a string",
            Value::None => "None",
            Value::Tuple(_) => "a tuple",
            Value::Array(_) => "an array",
            Value::Other => "something else than numbers and arrays",
        }
    }
}

impl From<Scalar> for Value {
    fn from(scalar: Scalar) -> Value {
        match scalar {
            Scalar::Bool(v) => Value::Bool(v),
            Scalar::Int(v) => Value::Int(v),
            Scalar::Float(v) => Value::Real(v),
            Scalar::Complex(_) => Value::Other,
        }
    }
}

/// Why a condition has no value.
pub(super) const NOT_KNOWN: &str = "it is not known before the call runs";

pub(super) fn items(value: Value) -> Result<Vec<Value>, String> {
    match value {
        Value::Tuple(items) => Ok(items),
        other => Err(format!("{} has no items", other.kind())),
    }
}

/// Whether it is true in a condition.
pub(super) fn truth(value: &Value) -> Result<bool, String> {
    Ok(match value {
        Value::Bool(v) => *v,
        Value::Int(v) => *v != 0,
        Value::Real(v) => *v != 0.0,
        Value::Text(text) => !text.is_empty(),
        Value::None => false,
        Value::Tuple(items) => !items.is_empty(),
        Value::Unknown | Value::Array(_) | Value::Other => return Err(NOT_KNOWN.to_owned()),
    })
}

/// An integer, as which a bool counts too.
pub(super) fn integer(value: &Value) -> Option<i128> {
    match value {
        Value::Int(v) => Some(*v),
        Value::Bool(v) => Some(i128::from(*v)),
        _ => None,
    }
}

fn real(value: &Value) -> Option<f64> {
    match value {
        Value::Real(v) => Some(*v),
        other => integer(other).map(|v| v as f64),
    }
}

pub(super) fn unary(op: UnaryOp, x: Value) -> Result<Value, String> {
    match (op, integer(&x), &x) {
        (_, _, Value::Unknown) => Ok(Value::Unknown),
        (UnaryOp::Plus, Some(v), _) => Ok(Value::Int(v)),
        (UnaryOp::Negate, Some(v), _) => Ok(Value::Int(-v)),
        (UnaryOp::Plus, _, Value::Real(v)) => Ok(Value::Real(*v)),
        (UnaryOp::Negate, _, Value::Real(v)) => Ok(Value::Real(-v)),
        _ => Err(format!("the operator does not take {}", x.kind())),
    }
}

pub(super) fn binary(op: BinaryOp, x: Value, y: Value) -> Result<Value, String> {
    let wrong = || format!("`{}` does not take {} and {}", op.symbol(), x.kind(), y.kind());
    let number = |value: &Value| matches!(value, Value::Unknown) || real(value).is_some();
    match (&x, &y) {
        (Value::Tuple(a), Value::Tuple(b)) if op == BinaryOp::Add => return Ok(Value::Tuple([a.as_slice(), b].concat())),
        (Value::Unknown, other) | (other, Value::Unknown) if number(other) => return Ok(Value::Unknown),
        _ => {}
    }
    if let (Some(a), Some(b)) = (integer(&x), integer(&y)) {
        let overflow = || "the number is too large".to_owned();
        let quotient = || {
            if b == 0 {
                return Err("a division by zero".to_owned());
            }
            // Towards minus infinity, as Python divides.
            Ok(a.div_euclid(b) - i128::from(b < 0 && a.rem_euclid(b) != 0))
        };
        match op {
            BinaryOp::Add => return a.checked_add(b).map(Value::Int).ok_or_else(overflow),
            BinaryOp::Subtract => return a.checked_sub(b).map(Value::Int).ok_or_else(overflow),
            BinaryOp::Multiply => return a.checked_mul(b).map(Value::Int).ok_or_else(overflow),
            BinaryOp::FloorDivide => return quotient().map(Value::Int),
            BinaryOp::Remainder => return Ok(Value::Int(a - b * quotient()?)),
            _ => {}
        }
    }
    let (Some(a), Some(b)) = (real(&x), real(&y)) else { return Err(wrong()) };
    Ok(Value::Real(match op {
        BinaryOp::Add => a + b,
        BinaryOp::Subtract => a - b,
        BinaryOp::Multiply => a * b,
        BinaryOp::Divide => a / b,
        _ => return Err(wrong()),
    }))
}

/// A comparison; `None` where its outcome is not known before the call runs.
pub(super) fn compare(op: CompareOp, x: &Value, y: &Value) -> Result<Option<bool>, String> {
    match op {
        CompareOp::Equal => return Ok(equal(x, y)),
        CompareOp::NotEqual => return Ok(equal(x, y).map(|equal| !equal)),
        _ => {}
    }
    if matches!(x, Value::Unknown) || matches!(y, Value::Unknown) {
        return Ok(None);
    }
    let ordering = match (integer(x), integer(y)) {
        (Some(a), Some(b)) => Some(a.cmp(&b)),
        _ => real(x).zip(real(y)).and_then(|(a, b)| a.partial_cmp(&b)),
    };
    let ordering = ordering.ok_or_else(|| format!("{} and {} are not compared", x.kind(), y.kind()))?;
    Ok(Some(match op {
        CompareOp::Less => ordering.is_lt(),
        CompareOp::LessEqual => ordering.is_le(),
        CompareOp::Greater => ordering.is_gt(),
        _ => ordering.is_ge(),
    }))
}

/// Whether two values are equal, where that is known before the call runs.
pub(super) fn equal(x: &Value, y: &Value) -> Option<bool> {
    match (x, y) {
        (Value::Unknown | Value::Array(_) | Value::Other, _) | (_, Value::Unknown | Value::Array(_) | Value::Other) => None,
        (Value::Tuple(a), Value::Tuple(b)) => {
            let each: Option<Vec<bool>> = a.iter().zip(b).map(|(x, y)| equal(x, y)).collect();
            each.map(|each| a.len() == b.len() && !each.contains(&false))
        }
        _ => Some(match (real(x), real(y)) {
            (Some(a), Some(b)) => a == b,
            _ => x == y,
        }),
    }
}
