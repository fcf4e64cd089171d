//! Arrays as objects, dtypes, the inspection of the namespace, and constants.

use array_assay_interface::{CallError, DType, Element};
use array_assay_namespace::signature::REVISION;

use crate::call::{Answer, Call, Function, Value, promoted, promoted_scalar};
use crate::device::MAX_RANK;
use crate::error::{type_error, value_error};

/// The revisions of the standard that the namespace has.
const REVISIONS: [&str; 5] = ["2021.12", "2022.12", "2023.12", "2024.12", REVISION];

/// The function at a path.
pub fn find(path: &str) -> Option<Function> {
    Some(match path {
        "attribute.dtype" => |call| Ok(call.array(0)?.dtype().into()),
        "attribute.shape" => |call| Ok(Value::ints(call.array(0)?.shape().iter().copied())),
        "attribute.ndim" => |call| Ok(Value::int(call.array(0)?.rank() as i128)),
        "attribute.size" => |call| Ok(Value::int(call.array(0)?.size() as i128)),
        "attribute.device" => |call| Ok(Value::Device(call.array(0)?.device().name().to_owned())),
        "builtins.bool" => |call| Ok(element(call)?.truth().into()),
        "builtins.int" => to_int,
        "builtins.float" => to_float,
        "builtins.complex" => |call| Ok(element(call)?.components().into()),
        "operator.index" => index,
        "method.__array_namespace__" => namespace,
        "method.to_device" => to_device,
        // Neither shares its memory with other libraries: the capability `DLPack` is refused, as the standard permits.
        "method.__dlpack__" | "method.__dlpack_device__" | "from_dlpack" => no_exchange,
        "astype" => astype,
        "can_cast" => can_cast,
        "finfo" => finfo,
        "iinfo" => iinfo,
        "isdtype" => |call| Ok(is_any(call.dtype(0)?.ok_or_else(|| type_error("a dtype is due"))?, call.value(1))?.into()),
        "result_type" => result_type,
        "__array_api_version__" => |_| Ok(REVISION.into()),
        "__array_namespace_info__" => |_| Ok(Value::object(Vec::<(&str, Value)>::new())),
        "method.capabilities" => capabilities,
        "method.default_device" => |call| Ok(Value::Device(call.device_or_default(usize::MAX)?.name().to_owned())),
        "method.default_dtypes" => default_dtypes,
        "method.devices" => devices,
        "method.dtypes" => dtypes,
        "e" => |_| Ok(std::f64::consts::E.into()),
        "inf" => |_| Ok(f64::INFINITY.into()),
        "nan" => |_| Ok(f64::NAN.into()),
        "pi" => |_| Ok(std::f64::consts::PI.into()),
        "newaxis" => |_| Ok(Value::None),
        _ => return None,
    })
}

/// The only element of an array of rank zero.
fn element(call: &Call<'_>) -> Result<Element, CallError> {
    let x = call.array(0)?;
    if x.rank() != 0 {
        return Err(type_error(format!("an array of shape {:?} is no number", x.shape())));
    }
    Ok(x.to_host()?.get(0))
}

fn to_int(call: &Call<'_>) -> Answer {
    match element(call)? {
        Element::C64(..) | Element::C128(..) => Err(type_error("a complex number is no integer")),
        Element::Bool(v) => Ok(Value::int(v.into())),
        Element::Int(v) => Ok(Value::int(v)),
        float => {
            let (v, _) = float.components();
            if v.is_nan() {
                return Err(value_error("NaN is no integer"));
            }
            if v.is_infinite() {
                return Err(CallError::raised("OverflowError", "an infinity is no integer"));
            }
            // Integers of Python have any size, those of the interface 128 bits.
            if v.abs() >= 2f64.powi(126) {
                return Err(CallError::raised("OverflowError", "the number is too large"));
            }
            Ok(Value::int(v as i128))
        }
    }
}

fn to_float(call: &Call<'_>) -> Answer {
    match element(call)? {
        Element::C64(..) | Element::C128(..) => Err(type_error("a complex number is no float")),
        other => Ok(other.components().0.into()),
    }
}

fn index(call: &Call<'_>) -> Answer {
    match element(call)? {
        Element::Int(v) => Ok(Value::int(v)),
        _ => Err(type_error(format!("an array of {} is no index", call.array(0)?.dtype()))),
    }
}

/// The namespace as an object: its functions by their names.
fn namespace(call: &Call<'_>) -> Answer {
    match call.value(1) {
        Value::None => {}
        Value::Str(version) if REVISIONS.contains(&version.as_str()) => {}
        _ => return Err(value_error("there is no such version of the standard")),
    }
    let names = call.context.names.iter();
    Ok(Value::object(names.map(|name| (*name, Value::object(Vec::<(&str, Value)>::new())))))
}

fn to_device(call: &Call<'_>) -> Answer {
    let device = call.device(1)?.ok_or_else(|| type_error("a device is due"))?;
    if !call.value(2).is_none() {
        return Err(value_error("there is one stream, and it has no name"));
    }
    call.array(0)?.on(device).map(Into::into)
}

fn no_exchange(_: &Call<'_>) -> Answer {
    Err(CallError::raised("BufferError", "arrays do not share their memory with other libraries"))
}

fn astype(call: &Call<'_>) -> Answer {
    let x = call.array(0)?;
    let dtype = call.dtype(1)?.ok_or_else(|| type_error("a dtype is due"))?;
    if x.dtype().is_complex() && !dtype.is_complex() && dtype != DType::Bool {
        return Err(type_error(format!("{} is not cast to {dtype}: take the real component", x.dtype())));
    }
    let device = call.device(3)?.unwrap_or(x.device());
    let out = x.on(device)?.cast(dtype)?;
    let is_copy = !std::rc::Rc::ptr_eq(out.memory(), x.memory());
    if call.flag(2)? && !is_copy { out.copied().map(Into::into) } else { Ok(out.into()) }
}

/// The dtype of an argument, which is a dtype or an array.
fn dtype_of(value: &Value) -> Result<DType, CallError> {
    match value {
        Value::Dtype(dtype) => Ok(*dtype),
        Value::Array(array) => Ok(array.dtype()),
        other => Err(type_error(format!("a dtype is due, and not {}", other.kind_with(|_| "an array")))),
    }
}

fn can_cast(call: &Call<'_>) -> Answer {
    let (from, to) = (dtype_of(call.value(0))?, dtype_of(call.value(1))?);
    Ok((promoted(from, to).ok() == Some(to)).into())
}

fn result_type(call: &Call<'_>) -> Answer {
    let items = call.value(0).items().unwrap_or_default();
    let mut dtype: Option<DType> = None;
    for item in items.iter().filter(|item| item.scalar().is_none()) {
        let own = dtype_of(item)?;
        dtype = Some(dtype.map_or(Ok(own), |dtype| promoted(dtype, own))?);
    }
    let mut dtype = dtype.ok_or_else(|| type_error("there has to be an array or a dtype"))?;
    for scalar in items.iter().filter_map(Value::scalar) {
        dtype = promoted(dtype, promoted_scalar(dtype, scalar)?)?;
    }
    Ok(dtype.into())
}

/// Whether a dtype belongs to a kind, or to one of several.
fn is_any(dtype: DType, kinds: &Value) -> Result<bool, CallError> {
    let mut found = false;
    for kind in kinds.parts() {
        found |= match kind {
            Value::Str(kind) => dtype.is_of_kind(kind).ok_or_else(|| value_error(format!("there is no kind `{kind}` of dtypes")))?,
            Value::Dtype(other) => dtype == *other,
            other => return Err(type_error(format!("{} is no kind of dtypes", other.kind_with(|_| "an array")))),
        };
    }
    Ok(found)
}

fn finfo(call: &Call<'_>) -> Answer {
    let dtype = dtype_of(call.value(0))?.real();
    let (eps, max, least) = match dtype {
        DType::Float32 => (f64::from(f32::EPSILON), f64::from(f32::MAX), f64::from(f32::MIN_POSITIVE)),
        DType::Float64 => (f64::EPSILON, f64::MAX, f64::MIN_POSITIVE),
        other => return Err(type_error(format!("{other} is no floating-point dtype"))),
    };
    Ok(Value::object([
        ("bits", Value::int(8 * dtype.size() as i128)),
        ("eps", eps.into()),
        ("max", max.into()),
        ("min", (-max).into()),
        ("smallest_normal", least.into()),
        ("dtype", dtype.into()),
    ]))
}

fn iinfo(call: &Call<'_>) -> Answer {
    let dtype = dtype_of(call.value(0))?;
    let (low, high) = dtype.integer_range().ok_or_else(|| type_error(format!("{dtype} is no integer dtype")))?;
    let bits = Value::int(8 * dtype.size() as i128);
    Ok(Value::object([("bits", bits), ("max", Value::int(high)), ("min", Value::int(low)), ("dtype", dtype.into())]))
}

fn capabilities(_: &Call<'_>) -> Answer {
    let most = Value::int(MAX_RANK as i128);
    Ok(Value::dict([("boolean indexing", true.into()), ("data-dependent shapes", true.into()), ("max dimensions", most)]))
}

fn default_dtypes(call: &Call<'_>) -> Answer {
    call.device(1)?;
    Ok(Value::dict(call.context.defaults.by_name().map(|(kind, dtype)| (kind, Value::Dtype(dtype)))))
}

fn devices(call: &Call<'_>) -> Answer {
    Ok(Value::Tuple(call.context.devices.iter().map(|device| Value::Device(device.name().to_owned())).collect()))
}

fn dtypes(call: &Call<'_>) -> Answer {
    call.device(1)?;
    let mut out = Vec::new();
    for dtype in DType::ALL {
        if call.value(2).is_none() || is_any(dtype, call.value(2))? {
            out.push((dtype.name(), Value::Dtype(dtype)));
        }
    }
    Ok(Value::dict(out))
}
