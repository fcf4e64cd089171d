//! The functions that make arrays.

use std::rc::Rc;

use array_assay_interface::{Array as HostArray, CallError, DType, Element, Scalar};

use crate::array::{Array, broadcast, size_of};
use crate::call::{Answer, Call, Function, Value, promoted};
use crate::device::Device;
use crate::error::{type_error, value_error};
use crate::launch::Launch;
use crate::source::{CREATION, Module, RANGE, c_type};

/// The function at a path.
pub fn find(path: &str) -> Option<Function> {
    Some(match path {
        "arange" => arange,
        "asarray" => asarray,
        "empty" | "zeros" => |call| filled(call, Scalar::Int(0)),
        "ones" => |call| filled(call, Scalar::Int(1)),
        "empty_like" | "zeros_like" => |call| filled_like(call, Scalar::Int(0)),
        "ones_like" => |call| filled_like(call, Scalar::Int(1)),
        "full" => full,
        "full_like" => full_like,
        "eye" => eye,
        "linspace" => linspace,
        "meshgrid" => meshgrid,
        "tril" => |call| triangle(call, false),
        "triu" => |call| triangle(call, true),
        _ => return None,
    })
}

/// An array with one value everywhere.
fn constant(device: &Rc<dyn Device>, dtype: DType, shape: &[usize], value: Scalar) -> Result<Array, CallError> {
    size_of(shape)?;
    Array::scalar(device, dtype, value)?.broadcast_to(shape)?.copied()
}

/// Zeros, also for booleans and complex numbers.
pub fn zeros(device: &Rc<dyn Device>, dtype: DType, shape: &[usize]) -> Result<Array, CallError> {
    constant(device, dtype, shape, Scalar::Int(0))
}

fn filled(call: &Call<'_>, value: Scalar) -> Answer {
    let dtype = call.dtype(1)?.unwrap_or(call.context.defaults.real);
    constant(&call.device_or_default(2)?, dtype, &call.shape(0)?, value).map(Into::into)
}

fn filled_like(call: &Call<'_>, value: Scalar) -> Answer {
    let x = call.array(0)?;
    let device = call.device(2)?.unwrap_or(x.device());
    constant(device, call.dtype(1)?.unwrap_or(x.dtype()), x.shape(), value).map(Into::into)
}

/// The dtype of a Python scalar.
fn inferred(call: &Call<'_>, scalar: Scalar) -> DType {
    match scalar {
        Scalar::Bool(_) => DType::Bool,
        Scalar::Int(_) => call.context.defaults.integer,
        Scalar::Float(_) => call.context.defaults.real,
        Scalar::Complex(_) => call.context.defaults.complex,
    }
}

fn full(call: &Call<'_>) -> Answer {
    let value = call.scalar(1)?;
    let dtype = call.dtype(2)?.unwrap_or_else(|| inferred(call, value));
    constant(&call.device_or_default(3)?, dtype, &call.shape(0)?, value).map(Into::into)
}

fn full_like(call: &Call<'_>) -> Answer {
    let x = call.array(0)?;
    let device = call.device(3)?.unwrap_or(x.device());
    constant(device, call.dtype(2)?.unwrap_or(x.dtype()), x.shape(), call.scalar(1)?).map(Into::into)
}

fn eye(call: &Call<'_>) -> Answer {
    let rows = call.size(0)?;
    let columns = if call.value(1).is_none() { rows } else { call.size(1)? };
    let diagonal = call.integer(2)?.clamp(i64::MIN.into(), i64::MAX.into()) as i64;
    let dtype = call.dtype(3)?.unwrap_or(call.context.defaults.real);
    unit(&call.device_or_default(4)?, dtype, rows, columns, diagonal).map(Into::into)
}

/// A matrix with ones on a diagonal.
pub fn unit(device: &Rc<dyn Device>, dtype: DType, rows: usize, columns: usize, diagonal: i64) -> Result<Array, CallError> {
    let out = Array::new(device, dtype, vec![rows, columns])?;
    let launch = Launch::times(out.size()).buffer(&out).signed([columns as i64, diagonal]);
    launch.run(&Module::of(&CREATION, dtype), &format!("eye_{}", c_type(dtype)))?;
    Ok(out)
}

/// The elements of matrices on one side of a diagonal, and zeros on the other.
pub fn on_one_side(x: &Array, diagonal: i64, upper: bool) -> Result<Array, CallError> {
    let [.., rows, columns] = x.shape() else { return Err(value_error("a matrix has two axes at least")) };
    let (x, out) = (x.contiguous()?, Array::new(x.device(), x.dtype(), x.shape().to_vec())?);
    let integers = [*rows as i64, *columns as i64, diagonal, upper.into()];
    let launch = Launch::times(out.size()).buffer(&out).buffer(&x).signed(integers);
    launch.run(&Module::of(&CREATION, x.dtype()), &format!("triangle_{}", c_type(x.dtype())))?;
    Ok(out)
}

fn triangle(call: &Call<'_>, upper: bool) -> Answer {
    let diagonal = call.integer(1)?.clamp(i64::MIN.into(), i64::MAX.into()) as i64;
    on_one_side(call.array(0)?, diagonal, upper).map(Into::into)
}

/// Integers that begin with `start`, `step` apart.
pub fn integers(device: &Rc<dyn Device>, count: usize, start: i64, step: i64) -> Result<Array, CallError> {
    let out = Array::new(device, DType::Int64, vec![count])?;
    Launch::times(count).buffer(&out).signed([start, step]).run(&Module::of(&RANGE, DType::Float64), "integers")?;
    Ok(out)
}

fn arange(call: &Call<'_>) -> Answer {
    let (start, stop, step) = match (call.scalar(0)?, call.value(1).is_none()) {
        (end, true) => (Scalar::Int(0), end, call.scalar(2)?),
        (start, false) => (start, call.scalar(1)?, call.scalar(2)?),
    };
    let device = call.device_or_default(4)?;
    let bounds = [start, stop, step];
    if let [Scalar::Int(start), Scalar::Int(stop), Scalar::Int(step)] = bounds {
        if step == 0 {
            return Err(value_error("a range has no step of zero"));
        }
        let distance = if step > 0 { stop - start } else { start - stop };
        let count = usize::try_from((distance.max(0) + step.abs() - 1) / step.abs()).unwrap_or(usize::MAX);
        size_of(&[count])?;
        let dtype = call.dtype(3)?.unwrap_or(call.context.defaults.integer);
        let range = integers(&device, count, start as i64, step as i64)?;
        // The bits of an integer of 64 bits are those of the unsigned one modulo two to the power of 64.
        return range.cast(dtype).map(Into::into);
    }
    let [start, stop, step] = bounds.map(|bound| bound.element().components().0);
    if step == 0.0 || step.is_nan() {
        return Err(value_error("a range has no step of zero"));
    }
    let count = ((stop - start) / step).ceil().max(0.0);
    if !count.is_finite() || count > isize::MAX as f64 {
        return Err(value_error("the range has no end"));
    }
    let out = Array::new(&device, DType::Float64, vec![count as usize])?;
    Launch::times(out.size()).buffer(&out).reals([start, step]).run(&Module::of(&RANGE, DType::Float64), "reals")?;
    out.cast(call.dtype(3)?.unwrap_or(call.context.defaults.real)).map(Into::into)
}

fn linspace(call: &Call<'_>) -> Answer {
    let (start, stop, count) = (call.scalar(0)?, call.scalar(1)?, call.size(2)?);
    let is_complex = [start, stop].iter().any(|end| matches!(end, Scalar::Complex(_)));
    let usual = if is_complex { call.context.defaults.complex } else { call.context.defaults.real };
    let (dtype, device) = (call.dtype(3)?.unwrap_or(usual), call.device_or_default(4)?);
    let steps = if call.flag(5)? { count.saturating_sub(1) } else { count }.max(1);
    let of = |start: f64, stop: f64| -> Result<Array, CallError> {
        let out = Array::new(&device, DType::Float64, vec![count])?;
        let launch = Launch::times(count).buffer(&out).reals([start, stop]).integers([steps]);
        launch.run(&Module::of(&RANGE, DType::Float64), "steps")?;
        Ok(out)
    };
    let ((a, b), (c, d)) = (start.element().components(), stop.element().components());
    let real = of(a, c)?;
    if !dtype.is_complex() {
        return real.cast(dtype).map(Into::into);
    }
    joined(&real, &of(b, d)?)?.cast(dtype).map(Into::into)
}

/// Complex numbers of two components.
pub fn joined(re: &Array, im: &Array) -> Result<Array, CallError> {
    let out = Array::new(re.device(), re.dtype().complex(), re.shape().to_vec())?;
    let parts = components(&out)?;
    for (i, part) in [re, im].into_iter().enumerate() {
        let rank = out.rank();
        parts.view(out.shape().to_vec(), parts.strides()[..rank].to_vec(), i as isize)?.assign(part)?;
    }
    Ok(out)
}

/// The components of complex numbers in C order, along a new last axis.
pub fn components(x: &Array) -> Result<Array, CallError> {
    x.contiguous()?.as_components()
}

fn asarray(call: &Call<'_>) -> Answer {
    let (dtype, copy) = (call.dtype(1)?, call.value(3).flag());
    if let Value::Array(x) = call.value(0) {
        let device = call.device(2)?.unwrap_or(x.device());
        let wanted = dtype.unwrap_or(x.dtype());
        let shares = wanted == x.dtype() && Rc::ptr_eq(device, x.device());
        if !shares && copy == Some(false) {
            return Err(value_error("another dtype or device needs a copy"));
        }
        if wanted != x.dtype() && promoted(x.dtype(), wanted).ok() != Some(wanted) && !(x.dtype() == DType::Bool || wanted == DType::Bool) {
            return Err(type_error(format!("{} does not promote to {wanted}", x.dtype())));
        }
        let out = x.on(device)?.cast(wanted)?;
        let is_copy = !Rc::ptr_eq(out.memory(), x.memory());
        return if copy == Some(true) && !is_copy { out.copied().map(Into::into) } else { Ok(out.into()) };
    }
    if copy == Some(false) {
        return Err(value_error("numbers of Python have no memory to share"));
    }
    let (mut scalars, mut shape) = (Vec::new(), Vec::new());
    nested(call.value(0), 0, &mut shape, &mut scalars)?;
    let usual = scalars.iter().map(|scalar| inferred(call, *scalar)).max_by_key(|dtype| dtype.kind());
    let dtype = dtype.unwrap_or(usual.unwrap_or(call.context.defaults.real));
    if let Some((low, high)) = dtype.integer_range() {
        let fits = |scalar: &Scalar| !matches!(scalar, Scalar::Int(v) if !(low..=high).contains(v));
        if !scalars.iter().all(fits) {
            return Err(CallError::raised("OverflowError", format!("a number is no element of an array of {dtype}")));
        }
    }
    let elements: Vec<Element> = scalars.into_iter().map(Scalar::element).collect();
    Array::from_host(&call.device_or_default(2)?, &HostArray::from_elements(dtype, shape, elements)).map(Into::into)
}

/// The numbers in nested sequences, in order, and the shape that they have.
fn nested(value: &Value, depth: usize, shape: &mut Vec<usize>, out: &mut Vec<Scalar>) -> Result<(), CallError> {
    let uneven = || value_error("the sequences have different lengths");
    match value {
        Value::Scalar(scalar) if depth == shape.len() => {
            out.push(*scalar);
            Ok(())
        }
        Value::Tuple(items) | Value::List(items) => {
            match shape.get(depth) {
                Some(n) if *n != items.len() => return Err(uneven()),
                Some(_) => {}
                None if out.is_empty() && depth == shape.len() => shape.push(items.len()),
                None => return Err(uneven()),
            }
            items.iter().try_for_each(|item| nested(item, depth + 1, shape, out))
        }
        Value::Scalar(_) => Err(uneven()),
        other => Err(type_error(format!("no array is made of {}", other.kind_with(|_| "an array")))),
    }
}

fn meshgrid(call: &Call<'_>) -> Answer {
    let arrays = call.arrays(0)?;
    let swaps = match call.text(1)? {
        "xy" => arrays.len() > 1,
        "ij" => false,
        other => return Err(value_error(format!("there is no indexing `{other}`"))),
    };
    let mut out = Vec::with_capacity(arrays.len());
    let place = |i: usize| if swaps && i < 2 { 1 - i } else { i };
    let mut shape = vec![1; arrays.len()];
    for (i, array) in arrays.iter().enumerate() {
        if array.rank() > 1 {
            return Err(value_error("the coordinates of a grid are vectors"));
        }
        shape[place(i)] = array.size();
    }
    for (i, array) in arrays.iter().enumerate() {
        let mut own = vec![1; arrays.len()];
        own[place(i)] = array.size();
        out.push(Value::Array(array.reshaped(&own)?.broadcast_to(&shape)?.copied()?));
    }
    Ok(Value::Tuple(out))
}

/// Arrays as views of their common shape.
pub fn together(arrays: &[Array]) -> Result<Vec<Array>, CallError> {
    let shape = broadcast(arrays.iter().map(Array::shape))?;
    arrays.iter().map(|array| array.broadcast_to(&shape)).collect()
}
