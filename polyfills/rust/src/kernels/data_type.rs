//! Kernels for casts and for facts about dtypes.

use array_assay_interface::{Array, CallError, DType};

use super::block::Block;
use super::{Call, array, common_dtype};
use crate::value::{Answer, Due, Value, type_error, value_error};

/// `astype(x, dtype, /, *, copy, device)`. The caller handles calls that need no copy.
pub(super) fn astype(call: &Call<'_>) -> Answer<Array> {
    let dtype = call.dtype(1)?.ok_or_else(|| type_error("a dtype is due"))?;
    let x = call.array(0)?;
    if x.dtype.is_complex() && !dtype.is_complex() && dtype != DType::Bool {
        return Err(type_error(format!("{} is not cast to {dtype}: take the real component", x.dtype)));
    }
    Ok(array(&Block::read(x).cast(dtype)))
}

/// The dtype of an argument, which is a dtype or an array.
fn dtype_of(value: &Value<Array>) -> Result<DType, CallError> {
    match value {
        Value::Dtype(dtype) => Ok(*dtype),
        Value::Array(array) => Ok(array.dtype),
        other => Err(type_error(format!("a dtype is due, and not {}", other.kind()))),
    }
}

pub(super) fn can_cast(call: &Call<'_>) -> Answer<Array> {
    let (from, to) = (dtype_of(call.arg(0))?, dtype_of(call.arg(1))?);
    Ok(Value::from(crate::dtypes::promoted(from, to) == Some(to)))
}

pub(super) fn result_type(call: &Call<'_>) -> Answer<Array> {
    common_dtype(call.arg(0).try_items()?).map(Value::Dtype)
}

/// Whether a dtype belongs to a kind, or to one of several.
fn is_any(dtype: DType, kind: &Value<Array>) -> Result<bool, CallError> {
    let is = |kind: &Value<Array>| match kind {
        Value::Str(kind) => dtype.is_of_kind(kind).ok_or_else(|| value_error(format!("there is no kind `{kind}` of dtypes"))),
        Value::Dtype(other) => Ok(dtype == *other),
        other => Err(type_error(format!("{} is no kind of dtypes", other.kind()))),
    };
    let each: Vec<bool> = kind.parts().iter().map(is).collect::<Result<_, _>>()?;
    Ok(each.contains(&true))
}

pub(super) fn isdtype(call: &Call<'_>) -> Answer<Array> {
    let Value::Dtype(dtype) = call.arg(0) else { return Err(type_error("a dtype is due")) };
    is_any(*dtype, call.arg(1)).map(Value::from)
}

pub(super) fn finfo(call: &Call<'_>) -> Answer<Array> {
    let dtype = dtype_of(call.arg(0))?.real();
    let (eps, max, least) = match dtype {
        DType::Float32 => (f64::from(f32::EPSILON), f64::from(f32::MAX), f64::from(f32::MIN_POSITIVE)),
        DType::Float64 => (f64::EPSILON, f64::MAX, f64::MIN_POSITIVE),
        other => return Err(type_error(format!("{other} is no floating-point dtype"))),
    };
    Ok(Value::object([
        ("bits", Value::int(dtype.size() as i128 * 8)),
        ("eps", eps.into()),
        ("max", max.into()),
        ("min", (-max).into()),
        ("smallest_normal", least.into()),
        ("dtype", dtype.into()),
    ]))
}

pub(super) fn iinfo(call: &Call<'_>) -> Answer<Array> {
    let dtype = dtype_of(call.arg(0))?;
    let (low, high) = dtype.integer_range().ok_or_else(|| type_error(format!("{dtype} is no integer dtype")))?;
    Ok(Value::object([
        ("bits", Value::int(dtype.size() as i128 * 8)),
        ("max", Value::int(high)),
        ("min", Value::int(low)),
        ("dtype", dtype.into()),
    ]))
}

/// `default_dtypes(*, device)` of the inspection of the namespace
pub(super) fn default_dtypes(call: &Call<'_>) -> Answer<Array> {
    Ok(Value::dict(call.context.defaults.by_name().map(|(kind, dtype)| (kind, Value::Dtype(dtype)))))
}

/// `dtypes(*, device, kind)` of the inspection of the namespace
pub(super) fn dtypes(call: &Call<'_>) -> Answer<Array> {
    let mut out = Vec::new();
    for dtype in DType::ALL {
        if call.arg(1).is_none() || is_any(dtype, call.arg(1))? {
            out.push((dtype.name(), Value::Dtype(dtype)));
        }
    }
    Ok(Value::dict(out))
}
