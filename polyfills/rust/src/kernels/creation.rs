//! Kernels that make arrays from numbers.

use array_assay_interface::{Array, CallError, DType, Scalar};
use num_complex::Complex64;

use super::block::{Block, Cells};
use super::{Call, array};
use crate::value::{Answer, Due, Value, type_error, value_error};

/// The dtype of a Python scalar if none is asked for.
fn inferred(call: &Call<'_>, scalar: Scalar) -> DType {
    match scalar {
        Scalar::Bool(_) => DType::Bool,
        Scalar::Int(_) => call.context.defaults.integer,
        Scalar::Float(_) => call.context.defaults.real,
        Scalar::Complex(_) => call.context.defaults.complex,
    }
}

/// A number as an element of the dtype. Numbers become bools, and whole floats become integers.
fn element(scalar: Scalar, dtype: DType) -> Result<Block, CallError> {
    if dtype == DType::Bool {
        return Ok(Block::bools(Vec::new(), vec![scalar.element().truth()]));
    }
    Block::scalar(scalar, dtype)
}

fn repeated(element: &Block, shape: Vec<usize>) -> Answer<Array> {
    Ok(array(&element.broadcast(&shape)?))
}

/// `zeros(shape, *, dtype, device)` and similar functions
pub(super) fn filled(call: &Call<'_>, value: Scalar) -> Answer<Array> {
    let dtype = call.dtype(1)?.unwrap_or(call.context.defaults.real);
    repeated(&element(value, dtype)?, call.sizes(0)?)
}

/// `zeros_like(x, /, *, dtype, device)` and similar functions
pub(super) fn filled_like(call: &Call<'_>, value: Scalar) -> Answer<Array> {
    let x = call.array(0)?;
    repeated(&element(value, call.dtype(1)?.unwrap_or(x.dtype))?, x.shape.clone())
}

/// The fill value: a scalar, or an array without axes.
fn filling(call: &Call<'_>, i: usize, dtype: Option<DType>) -> Result<Block, CallError> {
    match call.arg(i) {
        Value::Array(value) => {
            let block = Block::read(value);
            Ok(block.cast(dtype.unwrap_or(value.dtype)))
        }
        _ => {
            let scalar = call.number(i)?;
            element(scalar, dtype.unwrap_or_else(|| inferred(call, scalar)))
        }
    }
}

/// `full(shape, fill_value, *, dtype, device)`
pub(super) fn full(call: &Call<'_>) -> Answer<Array> {
    repeated(&filling(call, 1, call.dtype(2)?)?, call.sizes(0)?)
}

/// `full_like(x, /, fill_value, *, dtype, device)`
pub(super) fn full_like(call: &Call<'_>) -> Answer<Array> {
    let x = call.array(0)?;
    repeated(&filling(call, 1, Some(call.dtype(2)?.unwrap_or(x.dtype)))?, x.shape.clone())
}

/// `eye(n_rows, n_cols, /, *, k, dtype, device)`
pub(super) fn eye(call: &Call<'_>) -> Answer<Array> {
    let rows = call.sizes(0)?[0];
    let columns = if call.arg(1).is_none() { rows } else { call.sizes(1)?[0] };
    let k = call.integer(2)?;
    let dtype = call.dtype(3)?.unwrap_or(call.context.defaults.real);
    let ones = (0..rows * columns).map(|i| (i % columns) as i128 - (i / columns) as i128 == k).collect();
    Ok(array(&Block::bools(vec![rows, columns], ones).cast(dtype)))
}

/// `arange(start, /, stop, step, *, dtype, device)`
pub(super) fn arange(call: &Call<'_>) -> Answer<Array> {
    let (start, stop) = match call.arg(1) {
        Value::None => (Scalar::Int(0), call.number(0)?),
        _ => (call.number(0)?, call.number(1)?),
    };
    let step = call.number(2)?;
    let real = |scalar: Scalar| scalar.element().components().0;
    if let (Scalar::Int(start), Scalar::Int(stop), Scalar::Int(step)) = (start, stop, step) {
        let count = match step {
            0 => return Err(value_error("the step of a range is not zero")),
            step if step > 0 => ((stop - start).max(0) + step - 1) / step,
            step => ((start - stop).max(0) - step - 1) / -step,
        };
        let items = (0..count).map(|i| start + i * step).collect();
        let whole = Block::new(DType::Int64, vec![count as usize], Cells::Int(items));
        return Ok(array(&whole.cast_exact(call.dtype(3)?.unwrap_or(call.context.defaults.integer))));
    }
    let (start, stop, step) = (real(start), real(stop), real(step));
    if step == 0.0 {
        return Err(value_error("the step of a range is not zero"));
    }
    let count = ((stop - start) / step).ceil().max(0.0) as usize;
    let items = (0..count).map(|i| (i as f64).mul_add(step, start)).collect();
    let floats = Block::new(DType::Float64, vec![count], Cells::Real(items));
    Ok(array(&floats.cast(call.dtype(3)?.unwrap_or(call.context.defaults.real))))
}

impl Block {
    /// Integers beyond 64 bits as elements of a dtype, without a conversion through 64 bits.
    fn cast_exact(&self, dtype: DType) -> Block {
        let cells = match &self.cells {
            Cells::Int(items) if dtype.is_integer() => Cells::Int(items.clone()),
            _ => return self.cast(dtype),
        };
        Block::new(dtype, self.shape.clone(), cells)
    }
}

/// `linspace(start, stop, /, num, *, dtype, device, endpoint)`
pub(super) fn linspace(call: &Call<'_>) -> Answer<Array> {
    let (start, stop) = (call.number(0)?, call.number(1)?);
    let count = call.sizes(2)?[0];
    let given = call.dtype(3)?;
    let endpoint = call.flag(5)?;
    let is_complex = [start, stop].iter().any(|v| matches!(v, Scalar::Complex(_)));
    let defaults = call.context.defaults;
    let dtype = given.unwrap_or(if is_complex { defaults.complex } else { defaults.real });
    let steps = if endpoint { count.saturating_sub(1) } else { count };
    let ((a, ai), (b, bi)) = (start.element().components(), stop.element().components());
    let at = |a: f64, b: f64, i: usize| {
        if endpoint && i > 0 && i == steps {
            return b;
        }
        let part = i as f64 / steps.max(1) as f64;
        let span = b - a;
        if span.is_finite() { part.mul_add(span, a) } else { a * (1.0 - part) + b * part }
    };
    let cells = if dtype.is_complex() {
        Cells::Complex((0..count).map(|i| Complex64::new(at(a, b, i), at(ai, bi, i))).collect())
    } else {
        Cells::Real((0..count).map(|i| at(a, b, i)).collect())
    };
    let wide = Block::new(if dtype.is_complex() { DType::Complex128 } else { DType::Float64 }, vec![count], cells);
    Ok(array(&wide.cast(dtype)))
}

/// `asarray(obj, /, *, dtype, device, copy)` of scalars and nested sequences, and of an array
pub(super) fn asarray(call: &Call<'_>) -> Answer<Array> {
    let given = call.dtype(1)?;
    let (mut shape, mut leaves) = (None, Vec::new());
    flatten(call.arg(0), &mut Vec::new(), &mut shape, &mut leaves)?;
    let widest = leaves.iter().map(|leaf| inferred_leaf(call, leaf)).try_fold(None::<DType>, |all, one| {
        Some(Some(match all {
            None => one,
            Some(all) => wider(all, one)?,
        }))
    });
    let widest = widest.ok_or_else(|| type_error("the numbers have no common dtype"))?;
    let dtype = given.or(widest).unwrap_or(call.context.defaults.real);
    let shape = shape.unwrap_or_default();
    let mut data = Vec::new();
    let mut inner = Vec::new();
    for leaf in leaves {
        let block = match leaf {
            Value::Array(array) => Block::read(array).cast(dtype),
            Value::Scalar(scalar) => element(*scalar, dtype)?,
            other => return Err(type_error(format!("no array is made of {}", other.kind()))),
        };
        data.extend(block.write().data);
        inner = block.shape;
    }
    Ok(Value::Array(Array { dtype, shape: [shape, inner].concat(), data }))
}

fn inferred_leaf(call: &Call<'_>, leaf: &Value<Array>) -> DType {
    match leaf {
        Value::Array(array) => array.dtype,
        Value::Scalar(scalar) => inferred(call, *scalar),
        _ => DType::Bool,
    }
}

/// The dtype of Python numbers of two kinds: a bool beside an int is an int, and an int beside a float is a float.
fn wider(a: DType, b: DType) -> Option<DType> {
    if let Some(dtype) = crate::dtypes::promoted(a, b) {
        return Some(dtype);
    }
    let kinds = [a, b].map(|dtype| (dtype == DType::Bool, dtype.is_integer()));
    Some(match kinds {
        [(true, _), _] => b,
        [_, (true, _)] => a,
        [(_, true), _] => b,
        _ => a,
    })
}

fn flatten<'a>(
    value: &'a Value<Array>,
    at: &mut Vec<usize>,
    shape: &mut Option<Vec<usize>>,
    leaves: &mut Vec<&'a Value<Array>>,
) -> Result<(), CallError> {
    let Some(items) = value.items() else {
        if *shape.get_or_insert_with(|| at.clone()) != *at {
            return Err(value_error("the sequences are not of one length"));
        }
        leaves.push(value);
        return Ok(());
    };
    at.push(items.len());
    if items.is_empty() && *shape.get_or_insert_with(|| at.clone()) != *at {
        return Err(value_error("the sequences are not of one length"));
    }
    for item in items {
        flatten(item, at, shape, leaves)?;
    }
    at.pop();
    Ok(())
}
