//! The part of the language that is computed before a program runs: arithmetic on scalars and tuples, and its functions.

use array_assay_interface::{DType, Scalar};
use array_assay_spec::expr::{BinaryOp, CompareOp, UnaryOp};
use array_assay_spec::shape::normalized;

use crate::fact::{Ask, Fact};
use crate::library::Library;

/// Why a function of the language has no result.
pub(crate) enum Refused {
    /// It raises for these arguments: the name of the exception and its message.
    Raises(String, String),
    /// It needs a fact that is not known.
    Unknown(String),
}

/// Calls a function of the language. `None` if there is no function of that name.
pub(crate) fn call(name: &str, args: &[Fact], library: &Library) -> Option<Result<Fact, Refused>> {
    let unknown = || Refused::Unknown(format!("`{name}` does not take {}", args.first().map_or("nothing", Ask::kind)));
    let items = || args.first().and_then(Fact::items).ok_or_else(unknown);
    let integers = |facts: &[Fact]| facts.iter().map(Fact::integer).collect::<Option<Vec<i128>>>().ok_or_else(unknown);
    Some(match name {
        "len" => match args.first() {
            Some(Fact::Str(text)) => Ok(Fact::int(text.chars().count() as i128)),
            _ => items().map(|items| Fact::int(items.len() as i128)),
        },
        "range" => integers(args).and_then(|bounds| range(&bounds).ok_or_else(unknown)),
        "tuple" => match args.first() {
            Some(Fact::Str(text)) => Ok(Fact::Tuple(text.chars().map(|c| Fact::Str(c.to_string())).collect())),
            _ => items().map(|items| Fact::Tuple(items.to_vec())),
        },
        "reversed" => items().map(|items| Fact::Tuple(items.iter().rev().cloned().collect())),
        "sorted" => items().and_then(integers).map(|mut values| {
            values.sort_unstable();
            Fact::Tuple(values.into_iter().map(Fact::int).collect())
        }),
        "enumerate" => items().map(|items| {
            Fact::Tuple(items.iter().enumerate().map(|(i, item)| Fact::Tuple(vec![Fact::int(i as i128), item.clone()])).collect())
        }),
        "zip" => args.iter().map(Fact::items).collect::<Option<Vec<_>>>().ok_or_else(unknown).map(|columns| {
            let rows = columns.iter().map(|column| column.len()).min().unwrap_or(0);
            Fact::Tuple((0..rows).map(|i| Fact::Tuple(columns.iter().map(|column| column[i].clone()).collect())).collect())
        }),
        "product" => items().and_then(integers).map(|values| Fact::int(values.into_iter().product())),
        "smallest" => integers(args).map(|values| Fact::int(values.into_iter().min().unwrap_or(0))),
        "largest" => integers(args).map(|values| Fact::int(values.into_iter().max().unwrap_or(0))),
        "int" => match args.first() {
            Some(Fact::Scalar(Scalar::Float(v))) if v.is_finite() => Ok(Fact::int(v.trunc() as i128)),
            Some(fact) => fact.integer().map(Fact::int).ok_or_else(unknown),
            None => Err(unknown()),
        },
        "float" => match args.first() {
            Some(Fact::Scalar(scalar)) if !matches!(scalar, Scalar::Complex(_)) => {
                Ok(Fact::Scalar(Scalar::Float(scalar.element().components().0)))
            }
            _ => Err(unknown()),
        },
        "is_array" => Ok(Fact::bool(args.first().is_some_and(|fact| fact.array().is_some()))),
        "is_tuple" => Ok(Fact::bool(args.first().is_some_and(|fact| fact.items().is_some()))),
        "is_integer" => {
            let is_integer = |fact: &Fact| matches!(fact, Fact::Scalar(Scalar::Int(_))) || fact.is_computed_number();
            Ok(Fact::bool(args.first().is_some_and(is_integer)))
        }
        "is_text" => Ok(Fact::bool(matches!(args.first(), Some(Fact::Str(_))))),
        "known_size" => {
            args.first().and_then(Ask::array).map(|array| Fact::bool(array.shape.iter().all(Option::is_some))).ok_or_else(unknown)
        }
        "normalize_axis" => integers(args).and_then(|v| axis(v[0], v[1]).map(|axis| Fact::int(axis as i128))),
        "normalize_axes" => normalize_axes(args, unknown),
        "real_dtype" => dtype(args, unknown).map(|d| Fact::Dtype(d.real())),
        "complex_dtype" => dtype(args, unknown).map(|d| Fact::Dtype(d.complex())),
        "default_dtype" => match args.first() {
            Some(Fact::Str(kind)) => library.defaults.of_name(kind).map(Fact::Dtype).ok_or_else(unknown),
            _ => Err(unknown()),
        },
        _ => return None,
    })
}

fn dtype(args: &[Fact], unknown: impl Fn() -> Refused) -> Result<DType, Refused> {
    args.first().and_then(Fact::dtype).ok_or_else(unknown)
}

fn range(bounds: &[i128]) -> Option<Fact> {
    let (start, stop, step) = match bounds {
        [stop] => (0, *stop, 1),
        [start, stop] => (*start, *stop, 1),
        [start, stop, step] if *step != 0 => (*start, *stop, *step),
        _ => return None,
    };
    let mut out = Vec::new();
    let mut at = start;
    while if step > 0 { at < stop } else { at > stop } {
        out.push(Fact::int(at));
        at += step;
    }
    Some(Fact::Tuple(out))
}

fn axis(axis: i128, rank: i128) -> Result<usize, Refused> {
    normalized(axis, rank.max(0) as usize).map_err(|why| Refused::Raises("IndexError".to_owned(), why))
}

fn normalize_axes(args: &[Fact], unknown: impl Fn() -> Refused) -> Result<Fact, Refused> {
    let rank = args[1].integer().ok_or_else(&unknown)?;
    let given = match &args[0] {
        Fact::None => (0..rank).collect(),
        some => some.integers().ok_or_else(&unknown)?,
    };
    let axes = given.into_iter().map(|a| axis(a, rank)).collect::<Result<Vec<_>, _>>()?;
    if (1..axes.len()).any(|i| axes[..i].contains(&axes[i])) {
        return Err(Refused::Raises("ValueError".to_owned(), "an axis is named twice".to_owned()));
    }
    Ok(Fact::ints(axes))
}

/// A unary operator of a scalar.
pub(crate) fn unary(op: UnaryOp, x: Scalar) -> Option<Scalar> {
    Some(match (op, x) {
        (UnaryOp::Plus, Scalar::Bool(v)) => Scalar::Int(i128::from(v)),
        (UnaryOp::Plus, x) => x,
        (UnaryOp::Negate, Scalar::Bool(v)) => Scalar::Int(-i128::from(v)),
        (UnaryOp::Negate, Scalar::Int(v)) => Scalar::Int(-v),
        (UnaryOp::Negate, Scalar::Float(v)) => Scalar::Float(-v),
        (UnaryOp::Negate, Scalar::Complex((re, im))) => Scalar::Complex((-re, -im)),
        (UnaryOp::Invert, Scalar::Int(v)) => Scalar::Int(!v),
        _ => return None,
    })
}

/// A binary operator of scalars, tuples and strings.
pub(crate) fn binary(op: BinaryOp, x: &Fact, y: &Fact) -> Option<Fact> {
    match (op, x, y) {
        (BinaryOp::Add, Fact::Tuple(a), Fact::Tuple(b)) => return Some(Fact::Tuple([a.as_slice(), b].concat())),
        (BinaryOp::Add, Fact::List(a), Fact::List(b)) => return Some(Fact::List([a.as_slice(), b].concat())),
        (BinaryOp::Add, Fact::Str(a), Fact::Str(b)) => return Some(Fact::Str(format!("{a}{b}"))),
        (BinaryOp::Multiply, Fact::Tuple(a), n) => return repeated(a, n).map(Fact::Tuple),
        (BinaryOp::Multiply, Fact::List(a), n) => return repeated(a, n).map(Fact::List),
        (BinaryOp::Multiply, n, Fact::Tuple(a)) => return repeated(a, n).map(Fact::Tuple),
        _ => {}
    }
    let (Fact::Scalar(a), Fact::Scalar(b)) = (x, y) else { return None };
    if let (Some(a), Some(b)) = (x.integer(), y.integer()) {
        let floor = || (b != 0).then(|| a.div_euclid(b) - i128::from(b < 0 && a.rem_euclid(b) != 0));
        return match op {
            BinaryOp::Add => a.checked_add(b).map(Fact::int),
            BinaryOp::Subtract => a.checked_sub(b).map(Fact::int),
            BinaryOp::Multiply => a.checked_mul(b).map(Fact::int),
            BinaryOp::FloorDivide => floor().map(Fact::int),
            BinaryOp::Remainder => floor().map(|q| Fact::int(a - b * q)),
            BinaryOp::Power if b >= 0 => a.checked_pow(u32::try_from(b).ok()?).map(Fact::int),
            BinaryOp::BitAnd => Some(Fact::int(a & b)),
            BinaryOp::BitOr => Some(Fact::int(a | b)),
            BinaryOp::BitXor => Some(Fact::int(a ^ b)),
            BinaryOp::ShiftLeft => a.checked_shl(u32::try_from(b).ok()?).map(Fact::int),
            BinaryOp::ShiftRight => a.checked_shr(u32::try_from(b).ok()?).map(Fact::int),
            BinaryOp::Divide if b != 0 => Some(Fact::Scalar(Scalar::Float(a as f64 / b as f64))),
            _ => None,
        };
    }
    let ((a, ai), (b, bi)) = (a.element().components(), b.element().components());
    if ai != 0.0 || bi != 0.0 {
        let complex = |re, im| Some(Fact::Scalar(Scalar::Complex((re, im))));
        return match op {
            BinaryOp::Add => complex(a + b, ai + bi),
            BinaryOp::Subtract => complex(a - b, ai - bi),
            BinaryOp::Multiply => complex(a * b - ai * bi, a * bi + ai * b),
            _ => None,
        };
    }
    let float = match op {
        BinaryOp::Add => a + b,
        BinaryOp::Subtract => a - b,
        BinaryOp::Multiply => a * b,
        BinaryOp::Divide if b != 0.0 => a / b,
        BinaryOp::Power => a.powf(b),
        BinaryOp::FloorDivide if b != 0.0 => (a / b).floor(),
        _ => return None,
    };
    Some(Fact::Scalar(Scalar::Float(float)))
}

fn repeated(items: &[Fact], times: &Fact) -> Option<Vec<Fact>> {
    let times = usize::try_from(times.integer()?.max(0)).ok()?;
    Some(std::iter::repeat_n(items, times).flatten().cloned().collect())
}

/// Whether two values are equal, if that is known.
pub(crate) fn equal(x: &Fact, y: &Fact) -> Option<bool> {
    if let (Some(a), Some(b)) = (x.items(), y.items()) {
        if a.len() != b.len() {
            return Some(false);
        }
        let each: Option<Vec<bool>> = a.iter().zip(b).map(|(x, y)| equal(x, y)).collect();
        return each.map(|all| !all.contains(&false));
    }
    match (x, y) {
        (Fact::Scalar(a), Fact::Scalar(b)) => Some(match (x.integer(), y.integer()) {
            (Some(a), Some(b)) => a == b,
            _ => a.element().components() == b.element().components(),
        }),
        (Fact::Array(_), _) | (_, Fact::Array(_)) => None,
        (x, y) => Some(x == y),
    }
}

/// A comparison, if its outcome is known.
pub(crate) fn compare(op: CompareOp, x: &Fact, y: &Fact) -> Option<bool> {
    match op {
        CompareOp::Equal => return equal(x, y),
        CompareOp::NotEqual => return equal(x, y).map(|equal| !equal),
        _ => {}
    }
    let (Fact::Scalar(a), Fact::Scalar(b)) = (x, y) else { return None };
    let ordering = match (x.integer(), y.integer()) {
        (Some(a), Some(b)) => Some(a.cmp(&b)),
        _ => a.element().components().0.partial_cmp(&b.element().components().0),
    };
    Some(match op {
        CompareOp::Less => ordering.is_some_and(|o| o.is_lt()),
        CompareOp::LessEqual => ordering.is_some_and(|o| o.is_le()),
        CompareOp::Greater => ordering.is_some_and(|o| o.is_gt()),
        _ => ordering.is_some_and(|o| o.is_ge()),
    })
}

/// An item of a tuple, or a slice of it.
pub(crate) fn item(items: &[Fact], key: &Fact) -> Option<Fact> {
    if let Fact::Slice(slice) = key {
        return Some(Fact::Tuple(taken(items.len(), *slice).map(|i| items[i].clone()).collect()));
    }
    let at = normalized(key.integer()?, items.len()).ok()?;
    Some(items[at].clone())
}

/// A character of a string, or a slice of it.
pub(crate) fn characters(text: &str, key: &Fact) -> Option<Fact> {
    let letters: Vec<Fact> = text.chars().map(|c| Fact::Str(c.to_string())).collect();
    Some(match item(&letters, key)? {
        Fact::Tuple(letters) => Fact::Str(letters.iter().filter_map(Fact::text).collect()),
        one => one,
    })
}

/// The indices that a slice selects from a number of items.
fn taken(n: usize, slice: array_assay_interface::Slice) -> impl Iterator<Item = usize> {
    let (n, step) = (n as i64, slice.step.unwrap_or(1));
    let (low, high) = if step < 0 { (-1, n - 1) } else { (0, n) };
    let resolve = |bound: i64| (if bound < 0 { bound.saturating_add(n) } else { bound }).clamp(low, high);
    let start = slice.start.map_or(if step < 0 { high } else { low }, resolve);
    let count = crate::infer::slice_length(slice, n as usize);
    (0..count as i64).map(move |i| (start + i * step) as usize)
}
