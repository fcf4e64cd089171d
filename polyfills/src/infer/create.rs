//! Arrays that are made of other things than arrays, and what is known of dtypes.

use array_assay_interface::{DType, Kind, Scalar};

use super::{Call, Made, promote};
use crate::fact::Fact;

/// What a function of these gives; `None` for any other.
pub(super) fn made(call: &Call<'_>, path: &str) -> Result<Option<Made>, String> {
    let bound = call.bound;
    let defaults = call.library.defaults;
    let array = |shape| Ok::<_, String>(Some(Made::Array(call.dtype()?, shape)));
    let size = |name: &str| bound.get(name).map(Fact::integer).map(|n| n.and_then(|n| usize::try_from(n).ok()));
    match path {
        "zeros" | "ones" | "empty" => array(sizes(bound.get("shape"))?),
        "full" => {
            let filled = bound.get("fill_value").and_then(|fact| scalar_dtype(fact, call));
            let dtype = bound.dtype("dtype").or(filled).ok_or("the dtype of `full` is not known")?;
            Ok(Some(Made::Array(dtype, sizes(bound.get("shape"))?)))
        }
        "zeros_like" | "ones_like" | "empty_like" | "full_like" => array(call.first().ok_or("no array")?.shape.clone()),
        "eye" => {
            let rows = size("n_rows").ok_or("`n_rows` is missing")?;
            array(vec![rows, size("n_cols").unwrap_or(rows)])
        }
        "arange" => {
            let parts = ["start", "stop", "step"].map(|name| bound.get(name));
            let dtype = bound.dtype("dtype").unwrap_or_else(|| {
                let float = parts.iter().flatten().any(|fact| matches!(fact, Fact::Scalar(Scalar::Float(_))));
                if float { defaults.real } else { defaults.integer }
            });
            Ok(Some(Made::Array(dtype, vec![arange(parts)])))
        }
        "linspace" => {
            let num = size("num").ok_or("`num` is missing")?;
            array(vec![num])
        }
        "asarray" => {
            let obj = bound.get("obj").ok_or("`obj` is missing")?;
            if let Fact::Array(x) = obj {
                return Ok(Some(Made::Array(bound.dtype("dtype").unwrap_or(x.dtype), x.shape.clone())));
            }
            let (mut shape, mut dtypes) = (Vec::new(), Vec::new());
            nested(obj, 0, &mut shape, &mut dtypes, call)?;
            let inferred = dtypes.iter().copied().max_by_key(|d| (d.kind(), d.size()));
            let dtype = bound.dtype("dtype").or(inferred).unwrap_or(defaults.real);
            Ok(Some(Made::Array(dtype, shape.into_iter().map(Some).collect())))
        }
        "finfo" | "iinfo" => {
            let dtype = match bound.given.first() {
                Some((_, Fact::Dtype(dtype))) => *dtype,
                Some((_, Fact::Array(array))) => array.dtype,
                _ => return Err("the dtype is not known".to_owned()),
            };
            Ok(Some(Made::Static(Fact::Object(limits(dtype, path)?))))
        }
        "isdtype" => {
            let dtype = bound.dtype("dtype").ok_or("the dtype is not known")?;
            Ok(Some(Made::Static(Fact::bool(is_dtype(dtype, bound.get("kind").ok_or("`kind` is missing")?)?))))
        }
        "result_type" => {
            let facts: Vec<&Fact> = bound.given.iter().map(|(_, fact)| fact).collect();
            Ok(Some(Made::Static(Fact::Dtype(promote(call.spec, &facts)?))))
        }
        "can_cast" => {
            let from = match bound.get("from_") {
                Some(Fact::Array(array)) => array.dtype,
                Some(Fact::Dtype(dtype)) => *dtype,
                _ => return Err("`from_` is not known".to_owned()),
            };
            let to = bound.dtype("to").ok_or("`to` is not known")?;
            Ok(Some(Made::Static(Fact::bool(call.spec.dtypes.promote(from, to) == Some(to)))))
        }
        _ => Ok(None),
    }
}

/// The sizes of a shape: those that the program computes are not known.
pub(super) fn sizes(shape: Option<&Fact>) -> Result<Vec<Option<usize>>, String> {
    let size = |fact: &Fact| match fact {
        Fact::Number { .. } | Fact::Size { .. } => Ok(None),
        other => match other.integer().map(usize::try_from) {
            Some(Ok(n)) => Ok(Some(n)),
            _ => Err(format!("{} is no size of an axis", other.kind())),
        },
    };
    match shape {
        Some(Fact::Tuple(items) | Fact::List(items)) => items.iter().map(size).collect(),
        Some(one) => Ok(vec![size(one)?]),
        None => Err("the shape is missing".to_owned()),
    }
}

fn scalar_dtype(fact: &Fact, call: &Call<'_>) -> Option<DType> {
    let defaults = call.library.defaults;
    match fact {
        Fact::Scalar(Scalar::Bool(_)) => Some(DType::Bool),
        Fact::Scalar(Scalar::Int(_)) => Some(defaults.integer),
        Fact::Scalar(Scalar::Float(_)) => Some(defaults.real),
        Fact::Scalar(Scalar::Complex(_)) => Some(defaults.complex),
        _ => None,
    }
}

/// Shape and dtypes of nested sequences of scalars.
fn nested(fact: &Fact, depth: usize, shape: &mut Vec<usize>, dtypes: &mut Vec<DType>, call: &Call<'_>) -> Result<(), String> {
    match fact {
        Fact::Tuple(items) | Fact::List(items) => {
            if shape.len() == depth {
                shape.push(items.len());
            }
            items.iter().try_for_each(|item| nested(item, depth + 1, shape, dtypes, call))
        }
        // A number that the program computes is an int, the only one that the language makes of an array.
        Fact::Number { .. } | Fact::Size { .. } => {
            dtypes.push(call.library.defaults.integer);
            Ok(())
        }
        scalar => {
            dtypes.push(scalar_dtype(scalar, call).ok_or_else(|| format!("an array cannot be made of {}", scalar.kind()))?);
            Ok(())
        }
    }
}

fn arange(parts: [Option<&Fact>; 3]) -> Option<usize> {
    let number = |fact: &Fact| match fact {
        Fact::Scalar(scalar) => Some(scalar.element().components().0),
        _ => None,
    };
    let [start, stop, step] = parts;
    let (start, stop) = match (start, stop) {
        (Some(start), Some(stop)) => (number(start)?, number(stop)?),
        (Some(stop), None) => (0.0, number(stop)?),
        _ => return None,
    };
    let step = step.map_or(Some(1.0), number)?;
    Some(((stop - start) / step).ceil().max(0.0) as usize)
}

/// Whether a dtype is of a kind: a name, a dtype, or a tuple of them.
pub(crate) fn is_dtype(dtype: DType, kind: &Fact) -> Result<bool, String> {
    Ok(match kind {
        Fact::Dtype(other) => dtype == *other,
        Fact::Tuple(items) => {
            let each: Result<Vec<bool>, String> = items.iter().map(|item| is_dtype(dtype, item)).collect();
            each?.contains(&true)
        }
        Fact::Str(name) => match name.as_str() {
            "bool" => dtype == DType::Bool,
            "signed integer" => dtype.kind() == Kind::SignedInteger,
            "unsigned integer" => dtype.kind() == Kind::UnsignedInteger,
            "integral" => dtype.is_integer(),
            "real floating" => dtype.kind() == Kind::RealFloating,
            "complex floating" => dtype.is_complex(),
            "numeric" => dtype != DType::Bool,
            other => return Err(format!("`{other}` is no kind of dtypes")),
        },
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
