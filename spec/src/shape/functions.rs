//! The functions of rules for shapes.

use super::value::{Sizes, Value, binary, integer, items};
use crate::expr::BinaryOp;

/// A function of rules for shapes.
#[derive(Debug, Clone, Copy)]
pub struct ShapeFunction {
    /// Its name.
    pub name: &'static str,
    /// The fewest and the most arguments that it takes.
    pub arity: (usize, usize),
    evaluate: fn(&[Value]) -> Result<Value, String>,
}

const fn function(name: &'static str, fewest: usize, most: usize, evaluate: fn(&[Value]) -> Result<Value, String>) -> ShapeFunction {
    ShapeFunction { name, arity: (fewest, most), evaluate }
}

/// As many arguments as there are.
const MANY: usize = usize::MAX;

/// The functions of rules for shapes. `spec/README.md` says what each gives.
pub const FUNCTIONS: [ShapeFunction; 21] = [
    function("broadcast", 1, MANY, broadcast),
    function("reduced", 3, 3, reduced),
    function("without", 2, 2, |args| Ok(Value::shape(gone(&shape_of(&args[0])?, &args[1], false)?))),
    function("replaced", 3, 3, replaced),
    function("inserted", 3, 3, inserted),
    function("moved", 3, 3, moved),
    function("reshaped", 2, 2, reshaped),
    function("resized", 3, 3, resized),
    function("padded", 2, 2, padded),
    function("sizes", 1, 1, |args| Ok(Value::shape(args[0].sizes()?))),
    function("len", 1, 1, |args| Ok(Value::Int(items(args[0].clone())?.len() as i128))),
    function("range", 1, 1, |args| Ok(Value::Tuple((0..known(&args[0])?).map(Value::Int).collect()))),
    function("zip", 2, 2, zip),
    function("sum", 1, 1, |args| fold(BinaryOp::Add, Value::Int(0), &args[0])),
    function("product", 1, 1, |args| fold(BinaryOp::Multiply, Value::Int(1), &args[0])),
    function("min", 1, MANY, |args| extreme(args, i128::min)),
    function("max", 1, MANY, |args| extreme(args, i128::max)),
    function("ceil", 1, 1, ceil),
    function("is_array", 1, 1, |args| Ok(Value::Bool(matches!(args[0], Value::Array(_))))),
    function("is_integer", 1, 1, |args| Ok(Value::Bool(matches!(args[0], Value::Int(_) | Value::Unknown)))),
    function("is_tuple", 1, 1, |args| Ok(Value::Bool(matches!(args[0], Value::Tuple(_))))),
];

pub(super) fn call(name: &str, args: &[Value]) -> Result<Value, String> {
    let function = FUNCTIONS.iter().find(|function| function.name == name).ok_or_else(|| format!("unknown function `{name}`"))?;
    if args.len() < function.arity.0 && name != "broadcast" || args.len() > function.arity.1 {
        return Err(format!("`{name}` does not take {} arguments", args.len()));
    }
    (function.evaluate)(args)
}

/// An attribute of an array, or of what an array can be made of: nested sequences, and scalars, which have no axes.
pub(super) fn attribute(of: &Value, name: &str) -> Result<Value, String> {
    let shape = nested(of)?;
    Ok(match name {
        "shape" => Value::shape(shape),
        "ndim" => Value::Int(shape.len() as i128),
        _ => size(&shape)?.map_or(Value::Unknown, Value::Int),
    })
}

fn nested(of: &Value) -> Result<Sizes, String> {
    Ok(match of {
        Value::Array(shape) => shape.clone(),
        Value::Tuple(items) => {
            let rest = items.first().map_or(Ok(Vec::new()), nested)?;
            std::iter::once(Some(items.len())).chain(rest).collect()
        }
        _ => Vec::new(),
    })
}

/// The number of elements.
fn size(shape: &[Option<usize>]) -> Result<Option<i128>, String> {
    let mut total: i128 = 1;
    for n in shape {
        let Some(n) = n else { return Ok(None) };
        total = total.checked_mul(*n as i128).ok_or("the number of elements is too large")?;
    }
    Ok(Some(total))
}

fn known(value: &Value) -> Result<i128, String> {
    integer(value).ok_or_else(|| format!("{} is no integer that is known", value.kind()))
}

pub(super) fn axis(value: &Value, rank: usize) -> Result<usize, String> {
    array_assay_language::normalized(known(value)?, rank)
}

/// Axes counted from the front: one, those of a tuple, or all for `None`.
fn axes(value: &Value, rank: usize) -> Result<Vec<usize>, String> {
    match value {
        Value::None => Ok((0..rank).collect()),
        Value::Tuple(items) => items.iter().map(|item| axis(item, rank)).collect(),
        one => Ok(vec![axis(one, rank)?]),
    }
}

/// The shape of an array, or that which a tuple of sizes is.
fn shape_of(value: &Value) -> Result<Sizes, String> {
    match value {
        Value::Tuple(_) => value.sizes(),
        other => nested(other),
    }
}

fn broadcast(args: &[Value]) -> Result<Value, String> {
    let shapes = args.iter().map(shape_of).collect::<Result<Vec<_>, _>>()?;
    broadcast_sizes(shapes.iter().map(Vec::as_slice)).map(Value::shape)
}

/// The shape to which shapes broadcast. A size that is not known is taken to fit.
pub fn broadcast_sizes<'a>(shapes: impl Iterator<Item = &'a [Option<usize>]> + Clone) -> Result<Sizes, String> {
    let rank = shapes.clone().map(<[Option<usize>]>::len).max().unwrap_or(0);
    let mut out: Sizes = vec![Some(1); rank];
    for shape in shapes {
        for (size, of) in shape.iter().rev().zip(out.iter_mut().rev()) {
            *of = match (*of, *size) {
                (Some(1), size) => size,
                (of, Some(1)) => of,
                (Some(a), Some(b)) if a == b => Some(a),
                (Some(a), Some(b)) => return Err(format!("sizes {a} and {b} do not broadcast")),
                (known, None) | (None, known) => known,
            };
        }
    }
    Ok(out)
}

fn reduced(args: &[Value]) -> Result<Value, String> {
    let keepdims = integer(&args[2]).ok_or("whether axes are kept is not known before the call runs")? != 0;
    Ok(Value::shape(gone(&shape_of(&args[0])?, &args[1], keepdims)?))
}

/// The shape without axes, or with them of size one.
fn gone(shape: &[Option<usize>], which: &Value, kept: bool) -> Result<Sizes, String> {
    let axes = axes(which, shape.len())?;
    let size = |(axis, n): (usize, &Option<usize>)| match (axes.contains(&axis), kept) {
        (false, _) => Some(*n),
        (true, true) => Some(Some(1)),
        (true, false) => None,
    };
    Ok(shape.iter().enumerate().filter_map(size).collect())
}

/// The shape with a size, or with the sizes of a tuple, in the place of an axis.
fn replaced(args: &[Value]) -> Result<Value, String> {
    let mut shape = shape_of(&args[0])?;
    let axis = axis(&args[1], shape.len())?;
    shape.splice(axis..=axis, args[2].sizes()?);
    Ok(Value::shape(shape))
}

/// The shape with axes of a size put in: where they are in the result.
fn inserted(args: &[Value]) -> Result<Value, String> {
    let shape = shape_of(&args[0])?;
    let added = if let Value::Tuple(items) = &args[1] { items.len() } else { 1 };
    let rank = shape.len() + added;
    let (axes, size) = (axes(&args[1], rank)?, args[2].size()?);
    let mut rest = shape.into_iter();
    Ok(Value::shape((0..rank).map(|i| if axes.contains(&i) { size } else { rest.next().flatten() }).collect()))
}

/// The shape with some axes moved to other places, the others staying in order.
fn moved(args: &[Value]) -> Result<Value, String> {
    let shape = shape_of(&args[0])?;
    let rank = shape.len();
    let (from, to) = (axes(&args[1], rank)?, axes(&args[2], rank)?);
    if from.len() != to.len() {
        return Err(format!("{} axes do not move to {} places", from.len(), to.len()));
    }
    let mut rest = (0..rank).filter(|axis| !from.contains(axis));
    let order = (0..rank).filter_map(|i| to.iter().position(|d| *d == i).map(|k| from[k]).or_else(|| rest.next()));
    Ok(Value::shape(order.map(|axis| shape[axis]).collect()))
}

/// A shape for so many elements, in which one size may be -1: what is left for it.
fn reshaped(args: &[Value]) -> Result<Value, String> {
    let wanted = if let Value::Tuple(items) = &args[1] { items.clone() } else { vec![args[1].clone()] };
    let left = Value::Int(-1);
    let others = wanted.iter().filter(|n| **n != left).cloned().collect();
    let others = fold(BinaryOp::Multiply, Value::Int(1), &Value::Tuple(others))?;
    let size = |n: Value| if n == left { binary(BinaryOp::FloorDivide, args[0].clone(), others.clone()) } else { Ok(n) };
    wanted.into_iter().map(size).collect::<Result<_, _>>().map(Value::Tuple)
}

/// The shape with other sizes of some axes, -1 for one that stays; of the last axes where they are not named, and all as they are for `None`.
fn resized(args: &[Value]) -> Result<Value, String> {
    let mut shape = shape_of(&args[0])?;
    let Value::Tuple(sizes) = &args[2] else { return Ok(Value::shape(shape)) };
    let rank = shape.len();
    let axes = match &args[1] {
        Value::None => (rank.checked_sub(sizes.len()).ok_or("there are more sizes than axes")?..rank).collect(),
        given => axes(given, rank)?,
    };
    for (axis, size) in axes.into_iter().zip(sizes) {
        if *size != Value::Int(-1) {
            shape[axis] = size.size()?;
        }
    }
    Ok(Value::shape(shape))
}

/// The items with ones in front, so that there are so many of them.
fn padded(args: &[Value]) -> Result<Value, String> {
    let items = items(args[0].clone())?;
    let missing = known(&args[1])? - items.len() as i128;
    Ok(Value::Tuple((0..missing).map(|_| Value::Int(1)).chain(items).collect()))
}

fn zip(args: &[Value]) -> Result<Value, String> {
    let pairs = items(args[0].clone())?.into_iter().zip(items(args[1].clone())?);
    Ok(Value::Tuple(pairs.map(|(x, y)| Value::Tuple(vec![x, y])).collect()))
}

fn fold(op: BinaryOp, start: Value, over: &Value) -> Result<Value, String> {
    items(over.clone())?.into_iter().try_fold(start, |total, item| binary(op, total, item))
}

/// The smallest or greatest of the arguments, or of the items of one.
fn extreme(args: &[Value], pick: fn(i128, i128) -> i128) -> Result<Value, String> {
    let one = if let [Value::Tuple(items)] = args { items.as_slice() } else { args };
    if one.contains(&Value::Unknown) {
        return Ok(Value::Unknown);
    }
    let all = one.iter().map(known).collect::<Result<Vec<_>, _>>()?;
    all.into_iter().reduce(pick).map(Value::Int).ok_or_else(|| "there is nothing to compare".to_owned())
}

fn ceil(args: &[Value]) -> Result<Value, String> {
    match &args[0] {
        Value::Unknown => Ok(Value::Unknown),
        Value::Real(v) if v.is_finite() => Ok(Value::Int(v.ceil() as i128)),
        other => known(other).map(Value::Int),
    }
}
