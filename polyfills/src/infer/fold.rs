//! Functions that need no call, for their results follow from dtypes and shapes: they give no arrays, so that no rule says what comes out.

use array_assay_interface::{DType, Scalar};
use array_assay_spec::shape::broadcast_sizes;

use super::dtype::promote;
use super::{Call, value};
use crate::fact::{Ask, Fact, Known};

/// What a function of these gives; `None` for any other.
pub(super) fn folded(call: &Call<'_>, path: &str) -> Result<Option<Fact>, String> {
    let bound = call.bound;
    match path {
        "finfo" | "iinfo" => {
            let dtype = match bound.given.first() {
                Some((_, Fact::Dtype(dtype))) => *dtype,
                Some((_, Fact::Array(Known::Array(array)))) => array.dtype,
                _ => return Err("the dtype is not known".to_owned()),
            };
            Ok(Some(Fact::object(limits(dtype, path)?)))
        }
        "isdtype" => {
            let dtype = bound.dtype("dtype").ok_or("the dtype is not known")?;
            Ok(Some(Fact::bool(is_dtype(dtype, bound.get("kind").ok_or("`kind` is missing")?)?)))
        }
        "result_type" => {
            let facts: Vec<&Fact> = bound.given.iter().map(|(_, fact)| fact).collect();
            Ok(Some(Fact::Dtype(promote(call.spec, &facts)?)))
        }
        "can_cast" => {
            let from = match bound.get("from_") {
                Some(Fact::Array(Known::Array(array))) => array.dtype,
                Some(Fact::Dtype(dtype)) => *dtype,
                _ => return Err("`from_` is not known".to_owned()),
            };
            let to = bound.dtype("to").ok_or("`to` is not known")?;
            Ok(Some(Fact::bool(call.spec.dtypes.promote(from, to) == Some(to))))
        }
        "broadcast_shapes" => {
            let shapes = bound.get("shapes").and_then(Fact::items).ok_or("no shapes")?;
            let shapes = shapes.iter().map(|shape| value(shape).sizes()).collect::<Result<Vec<_>, _>>()?;
            let sizes = broadcast_sizes(shapes.iter().map(Vec::as_slice))?;
            let sizes = sizes.into_iter().collect::<Option<Vec<usize>>>().ok_or("a size is not known")?;
            Ok(Some(Fact::ints(sizes)))
        }
        _ => Ok(None),
    }
}

/// Whether a dtype is of a kind: a name, a dtype, or a tuple of them.
fn is_dtype(dtype: DType, kind: &Fact) -> Result<bool, String> {
    Ok(match kind {
        Fact::Dtype(other) => dtype == *other,
        Fact::Tuple(items) => {
            let each: Result<Vec<bool>, String> = items.iter().map(|item| is_dtype(dtype, item)).collect();
            each?.contains(&true)
        }
        Fact::Str(name) => dtype.is_of_kind(name).ok_or_else(|| format!("`{name}` is no kind of dtypes"))?,
        other => return Err(format!("{} is no kind of dtypes", other.kind())),
    })
}

/// The attributes of `finfo` or `iinfo`.
fn limits(dtype: DType, path: &str) -> Result<Vec<(String, Fact)>, String> {
    let bits = ("bits".to_owned(), Fact::int(8 * dtype.real().size() as i128));
    let float = |v: f64| Fact::Scalar(Scalar::Float(v));
    let named = |name: &str, fact| (name.to_owned(), fact);
    match (path, dtype.integer_range(), dtype.real()) {
        ("iinfo", Some((low, high)), _) => {
            Ok(vec![bits, named("min", Fact::int(low)), named("max", Fact::int(high)), named("dtype", Fact::Dtype(dtype))])
        }
        ("finfo", None, real @ (DType::Float32 | DType::Float64)) => {
            let (eps, max, normal) = match real {
                DType::Float32 => (f64::from(f32::EPSILON), f64::from(f32::MAX), f64::from(f32::MIN_POSITIVE)),
                _ => (f64::EPSILON, f64::MAX, f64::MIN_POSITIVE),
            };
            Ok(vec![
                bits,
                named("eps", float(eps)),
                named("max", float(max)),
                named("min", float(-max)),
                named("smallest_normal", float(normal)),
                named("dtype", Fact::Dtype(real)),
            ])
        }
        _ => Err(format!("`{path}` is not defined for {dtype}")),
    }
}
