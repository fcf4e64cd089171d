//! The language of polyfill bodies: calls of the namespace, operators, and arithmetic on scalars, tuples and shapes.

use std::cell::RefCell;

use array_assay_interface::{Argument, Backend, CallError, DType, Defaults, Record, Scalar, Slice};

use crate::bind::bound;
use crate::generated::{bodies, table};
use crate::kernels::block::axis;
use crate::kernels::indexing::of_slice;
use crate::value::{Answer, Due, Value, type_error, value_error};

/// A binary operator of the language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(dead_code)] // An operator that no body uses today is of the language all the same.
pub(crate) enum Binary {
    Add,
    Subtract,
    Multiply,
    Divide,
    FloorDivide,
    Remainder,
    Power,
    MatMul,
    BitAnd,
    BitOr,
    BitXor,
    ShiftLeft,
    ShiftRight,
}

/// A comparison of the language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compare {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

/// A unary operator of the language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(dead_code)]
pub(crate) enum Unary {
    Negate,
    Plus,
    Invert,
}

/// The namespace in which a body runs.
pub(crate) struct Scope<'n, N: Backend> {
    namespace: RefCell<&'n mut N>,
    defaults: Defaults,
}

impl<'n, N: Backend> Scope<'n, N> {
    pub fn new(namespace: &'n mut N, defaults: Defaults) -> Scope<'n, N> {
        Scope { namespace: RefCell::new(namespace), defaults }
    }

    /// Calls a function of the namespace, or its polyfill if the namespace lacks it.
    pub fn call(&self, function: &str, args: &[Value<N::Array>], named: &[(&str, Value<N::Array>)]) -> Answer<N::Array> {
        let own = |name: &str| name.starts_with('_') && !name.starts_with("__");
        if !own(function) {
            let passed: Vec<Argument<'_, N::Array>> = args.iter().map(Value::as_ref).collect();
            let keywords: Vec<_> = named.iter().map(|(name, value)| ((*name).to_owned(), value.as_ref())).collect();
            match self.namespace.borrow_mut().call(function, &passed, &keywords) {
                Err(CallError::Missing(_)) if table::find(function).is_some() => {}
                answer => return answer,
            }
        }
        let missing = || CallError::Missing(function.to_owned());
        let signature = table::find(function).ok_or_else(missing)?;
        let keywords: Vec<_> = named.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        let body = bodies::find::<N>(function).ok_or_else(missing)?;
        body(self, bound(signature, args, &keywords)?)
    }

    fn described(&self, array: &N::Array) -> Result<(DType, Vec<usize>), CallError> {
        self.namespace.borrow_mut().describe(array)
    }

    /// Applies an operator to arrays, or the function of the operator if the namespace lacks the operator.
    fn operator(&self, path: &str, args: &[Value<N::Array>]) -> Answer<N::Array> {
        let passed: Vec<Argument<'_, N::Array>> = args.iter().map(Value::as_ref).collect();
        let answer = self.namespace.borrow_mut().call(path, &passed, &[]);
        match (answer, table::find(path).and_then(|function| function.operator)) {
            (Err(CallError::Missing(_)), Some(operator)) => {
                // A function may refuse a scalar that its operator takes.
                let dtype = args.iter().find_map(|arg| if let Value::Array(array) = arg { Some(self.described(array)) } else { None });
                let dtype = dtype.transpose()?.map(|(dtype, _)| dtype);
                let mut operands = Vec::with_capacity(args.len());
                for arg in args {
                    operands.push(match (arg, dtype) {
                        (Value::Scalar(_), Some(dtype)) => self.call("asarray", std::slice::from_ref(arg), &[("dtype", dtype.into())])?,
                        _ => arg.clone(),
                    });
                }
                self.call(operator.semantics, &operands, &[])
            }
            (answer, _) => answer,
        }
    }

    pub fn binary(&self, op: Binary, x: Value<N::Array>, y: Value<N::Array>) -> Answer<N::Array> {
        if matches!(x, Value::Array(_)) || matches!(y, Value::Array(_)) {
            return self.operator(op.path(), &[x, y]);
        }
        of_host(op, &x, &y).ok_or_else(|| type_error(format!("{op:?} does not take {} and {}", x.kind(), y.kind())))
    }

    pub fn compare(&self, op: Compare, x: Value<N::Array>, y: Value<N::Array>) -> Answer<N::Array> {
        if matches!(x, Value::Array(_)) || matches!(y, Value::Array(_)) {
            return self.operator(op.path(), &[x, y]);
        }
        holds(op, &x, &y).map(Value::from)
    }

    pub fn unary(&self, op: Unary, x: Value<N::Array>) -> Answer<N::Array> {
        let scalar = match &x {
            Value::Array(_) => return self.operator(op.path(), &[x]),
            Value::Scalar(scalar) => *scalar,
            other => return Err(type_error(format!("{op:?} does not take {}", other.kind()))),
        };
        Ok(Value::Scalar(match (op, scalar) {
            (Unary::Plus, Scalar::Bool(v)) => Scalar::Int(v.into()),
            (Unary::Plus, v) => v,
            (Unary::Negate, Scalar::Bool(v)) => Scalar::Int(-i128::from(v)),
            (Unary::Negate, Scalar::Int(v)) => Scalar::Int(-v),
            (Unary::Negate, Scalar::Float(v)) => Scalar::Float(-v),
            (Unary::Negate, Scalar::Complex((re, im))) => Scalar::Complex((-re, -im)),
            (Unary::Invert, Scalar::Int(v)) => Scalar::Int(!v),
            (Unary::Invert, _) => return Err(type_error(format!("{op:?} does not take {}", x.kind()))),
        }))
    }

    /// An attribute of an array, or of an object.
    pub fn attribute(&self, of: &Value<N::Array>, name: &str) -> Answer<N::Array> {
        let array = match of {
            Value::Array(array) => array,
            Value::Fields(Record::Object | Record::Named, _) => {
                return of.field(name).cloned().ok_or_else(|| CallError::Missing(format!("attribute.{name}")));
            }
            other => return Err(type_error(format!("{} has no attribute `{name}`", other.kind()))),
        };
        let (dtype, shape) = self.described(array)?;
        Ok(match name {
            "dtype" => Value::Dtype(dtype),
            "shape" => Value::ints(shape),
            "ndim" => Value::int(shape.len() as i128),
            "size" => Value::int(shape.iter().product::<usize>() as i128),
            "mT" | "T" => return self.call("matrix_transpose", std::slice::from_ref(of), &[]),
            // A library without the attribute has one device.
            _ => match self.namespace.borrow_mut().call(&format!("attribute.{name}"), &[of.as_ref()], &[]) {
                Err(CallError::Missing(_)) if name == "device" => Value::None,
                answer => answer?,
            },
        })
    }

    /// Part of an array, a tuple or a string.
    pub fn item(&self, of: &Value<N::Array>, key: &Value<N::Array>) -> Answer<N::Array> {
        let place = |n: usize| axis(key.try_integer()?, n);
        match of {
            Value::Array(_) => self.call("operator.getitem", &[of.clone(), key.clone()], &[]),
            Value::Str(text) => {
                let letters: Vec<char> = text.chars().collect();
                Ok(Value::Str(match key {
                    Value::Slice(slice) => of_slice(*slice, letters.len())?.into_iter().map(|i| letters[i]).collect(),
                    _ => letters[place(letters.len())?].to_string(),
                }))
            }
            _ => {
                let items = of.try_items()?;
                Ok(match key {
                    Value::Slice(slice) => Value::Tuple(of_slice(*slice, items.len())?.into_iter().map(|i| items[i].clone()).collect()),
                    _ => items[place(items.len())?].clone(),
                })
            }
        }
    }

    /// A function of the language that needs no array, or only its dtype and shape.
    pub fn helper(&self, name: &str, args: &[Value<N::Array>]) -> Answer<N::Array> {
        let first = args.first().unwrap_or(&Value::None);
        let integers = |values: &[Value<N::Array>]| values.iter().map(Value::try_integer).collect::<Result<Vec<i128>, CallError>>();
        Ok(match name {
            "len" => match first {
                Value::Str(text) => Value::int(text.chars().count() as i128),
                _ => Value::int(first.try_items()?.len() as i128),
            },
            "range" => Value::Tuple(range(&integers(args)?)?.into_iter().map(Value::int).collect()),
            "tuple" => match first {
                Value::Str(text) => Value::Tuple(text.chars().map(|c| Value::Str(c.to_string())).collect()),
                _ => Value::Tuple(first.try_items()?.to_vec()),
            },
            "reversed" => Value::Tuple(first.try_items()?.iter().rev().cloned().collect()),
            "sorted" => {
                let mut values = integers(first.try_items()?)?;
                values.sort_unstable();
                Value::Tuple(values.into_iter().map(Value::int).collect())
            }
            "enumerate" => {
                let pair = |(i, item): (usize, &Value<N::Array>)| Value::Tuple(vec![Value::int(i as i128), item.clone()]);
                Value::Tuple(first.try_items()?.iter().enumerate().map(pair).collect())
            }
            "zip" => {
                let columns = args.iter().map(Value::try_items).collect::<Result<Vec<_>, _>>()?;
                let rows = columns.iter().map(|column| column.len()).min().unwrap_or(0);
                Value::Tuple((0..rows).map(|i| Value::Tuple(columns.iter().map(|column| column[i].clone()).collect())).collect())
            }
            "product" => Value::int(integers(first.try_items()?)?.into_iter().product()),
            "smallest" => Value::int(integers(args)?.into_iter().min().unwrap_or(0)),
            "largest" => Value::int(integers(args)?.into_iter().max().unwrap_or(0)),
            "int" => match first {
                Value::Array(_) => return self.call("builtins.int", args, &[]),
                Value::Scalar(Scalar::Float(v)) if v.is_finite() => Value::int(v.trunc() as i128),
                _ => Value::int(first.try_integer()?),
            },
            "float" => match first {
                Value::Scalar(scalar) if !matches!(scalar, Scalar::Complex(_)) => scalar.element().components().0.into(),
                other => return Err(type_error(format!("{} is no float", other.kind()))),
            },
            "is_array" => matches!(first, Value::Array(_)).into(),
            "is_tuple" => first.items().is_some().into(),
            "is_integer" => matches!(first, Value::Scalar(Scalar::Int(_))).into(),
            "is_text" => matches!(first, Value::Str(_)).into(),
            "known_size" => true.into(),
            "normalize_axis" => {
                let [axis_, rank] = integers(args)?[..] else { return Err(type_error("an axis and a rank are due")) };
                Value::int(axis(axis_, rank.max(0) as usize)? as i128)
            }
            "normalize_axes" => Value::ints(axes(first, args.get(1).unwrap_or(&Value::None).try_integer()?.max(0) as usize)?),
            "real_dtype" => dtype(first)?.real().into(),
            "complex_dtype" => dtype(first)?.complex().into(),
            "default_dtype" => match first {
                Value::Str(kind) if kind == "real floating" => self.defaults.real.into(),
                Value::Str(kind) if kind == "complex floating" => self.defaults.complex.into(),
                Value::Str(kind) if kind == "integral" => self.defaults.integer.into(),
                Value::Str(kind) if kind == "indexing" => self.defaults.index.into(),
                other => return Err(value_error(format!("{} is no kind of dtypes", other.kind()))),
            },
            other => return Err(CallError::Missing(other.to_owned())),
        })
    }
}

fn dtype<A>(value: &Value<A>) -> Result<DType, CallError> {
    match value {
        Value::Dtype(dtype) => Ok(*dtype),
        other => Err(type_error(format!("a dtype is due, and not {}", other.kind()))),
    }
}

/// Axes counted from the front: all axes for `None`, one axis for an integer.
fn axes<A>(value: &Value<A>, rank: usize) -> Result<Vec<usize>, CallError> {
    let axes: Vec<usize> = match value {
        Value::None => (0..rank).collect(),
        some => some.one_or_more().iter().map(|item| axis(item.try_integer()?, rank)).collect::<Result<_, _>>()?,
    };
    if (1..axes.len()).any(|i| axes[..i].contains(&axes[i])) {
        return Err(value_error("an axis is named twice"));
    }
    Ok(axes)
}

fn range(bounds: &[i128]) -> Result<Vec<i128>, CallError> {
    let (start, stop, step) = match bounds {
        [stop] => (0, *stop, 1),
        [start, stop] => (*start, *stop, 1),
        [start, stop, step] if *step != 0 => (*start, *stop, *step),
        _ => return Err(value_error("a range has one to three bounds, and a step that is not zero")),
    };
    let mut out = Vec::new();
    let mut at = start;
    while if step > 0 { at < stop } else { at > stop } {
        out.push(at);
        at += step;
    }
    Ok(out)
}

/// A slice with these bounds.
pub(crate) fn slice<A>(start: &Value<A>, stop: &Value<A>, step: &Value<A>) -> Answer<A> {
    let bound = |value: &Value<A>| -> Result<Option<i64>, CallError> {
        if value.is_none() {
            return Ok(None);
        }
        i64::try_from(value.try_integer()?).map(Some).map_err(|_| value_error("a bound of a slice is out of range"))
    };
    Ok(Value::Slice(Slice { start: bound(start)?, stop: bound(stop)?, step: bound(step)? }))
}

/// Whether an item is one of several.
pub(crate) fn contains<A>(items: &Value<A>, item: &Value<A>) -> Result<bool, CallError> {
    for other in items.try_items()? {
        if equal(item, other)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn equal<A>(x: &Value<A>, y: &Value<A>) -> Result<bool, CallError> {
    if let (Some(a), Some(b)) = (x.items(), y.items()) {
        if a.len() != b.len() {
            return Ok(false);
        }
        for (x, y) in a.iter().zip(b) {
            if !equal(x, y)? {
                return Ok(false);
            }
        }
        return Ok(true);
    }
    Ok(match (x, y) {
        (Value::Array(_), _) | (_, Value::Array(_)) => return Err(type_error("arrays in tuples are not compared")),
        (Value::Scalar(a), Value::Scalar(b)) => match (x.integer(), y.integer()) {
            (Some(a), Some(b)) => a == b,
            _ => a.element().components() == b.element().components(),
        },
        (Value::Str(a), Value::Str(b)) => a == b,
        (Value::Dtype(a), Value::Dtype(b)) => a == b,
        (Value::None, Value::None) => true,
        _ => false,
    })
}

fn holds<A>(op: Compare, x: &Value<A>, y: &Value<A>) -> Result<bool, CallError> {
    match op {
        Compare::Equal => return equal(x, y),
        Compare::NotEqual => return equal(x, y).map(|equal| !equal),
        _ => {}
    }
    let (Value::Scalar(a), Value::Scalar(b)) = (x, y) else {
        return Err(type_error(format!("{} and {} have no order", x.kind(), y.kind())));
    };
    let ordering = match (x.integer(), y.integer()) {
        (Some(a), Some(b)) => Some(a.cmp(&b)),
        _ => a.element().components().0.partial_cmp(&b.element().components().0),
    };
    Ok(match op {
        Compare::Less => ordering.is_some_and(|o| o.is_lt()),
        Compare::LessEqual => ordering.is_some_and(|o| o.is_le()),
        Compare::Greater => ordering.is_some_and(|o| o.is_gt()),
        _ => ordering.is_some_and(|o| o.is_ge()),
    })
}

/// A binary operator of scalars, tuples and strings.
fn of_host<A: Clone>(op: Binary, x: &Value<A>, y: &Value<A>) -> Option<Value<A>> {
    let repeated = |items: &[Value<A>], times: &Value<A>| {
        let times = usize::try_from(times.integer()?.max(0)).ok()?;
        Some(std::iter::repeat_n(items, times).flatten().cloned().collect::<Vec<_>>())
    };
    match (op, x, y) {
        (Binary::Add, Value::Tuple(a), Value::Tuple(b)) => return Some(Value::Tuple([a.as_slice(), b].concat())),
        (Binary::Add, Value::List(a), Value::List(b)) => return Some(Value::List([a.as_slice(), b].concat())),
        (Binary::Add, Value::Str(a), Value::Str(b)) => return Some(Value::Str(format!("{a}{b}"))),
        (Binary::Multiply, Value::Tuple(a), n) | (Binary::Multiply, n, Value::Tuple(a)) => return repeated(a, n).map(Value::Tuple),
        (Binary::Multiply, Value::List(a), n) | (Binary::Multiply, n, Value::List(a)) => return repeated(a, n).map(Value::List),
        _ => {}
    }
    let (Value::Scalar(p), Value::Scalar(q)) = (x, y) else { return None };
    if let (Some(a), Some(b)) = (x.integer(), y.integer()) {
        let floor = || (b != 0).then(|| a.div_euclid(b) - i128::from(b < 0 && a.rem_euclid(b) != 0));
        return match op {
            Binary::Add => a.checked_add(b),
            Binary::Subtract => a.checked_sub(b),
            Binary::Multiply => a.checked_mul(b),
            Binary::FloorDivide => floor(),
            Binary::Remainder => floor().map(|q| a - b * q),
            Binary::Power if b >= 0 => a.checked_pow(u32::try_from(b).ok()?),
            Binary::BitAnd => Some(a & b),
            Binary::BitOr => Some(a | b),
            Binary::BitXor => Some(a ^ b),
            Binary::ShiftLeft => a.checked_shl(u32::try_from(b).ok()?),
            Binary::ShiftRight => a.checked_shr(u32::try_from(b).ok()?),
            Binary::Divide if b != 0 => return Some((a as f64 / b as f64).into()),
            _ => None,
        }
        .map(Value::int);
    }
    let ((a, ai), (b, bi)) = (p.element().components(), q.element().components());
    if matches!(p, Scalar::Complex(_)) || matches!(q, Scalar::Complex(_)) {
        let complex = |re, im| Some(Value::Scalar(Scalar::Complex((re, im))));
        return match op {
            Binary::Add => complex(a + b, ai + bi),
            Binary::Subtract => complex(a - b, ai - bi),
            Binary::Multiply => complex(a * b - ai * bi, a * bi + ai * b),
            _ => None,
        };
    }
    Some(Value::from(match op {
        Binary::Add => a + b,
        Binary::Subtract => a - b,
        Binary::Multiply => a * b,
        Binary::Divide if b != 0.0 => a / b,
        Binary::Power => a.powf(b),
        Binary::FloorDivide if b != 0.0 => (a / b).floor(),
        _ => return None,
    }))
}

impl Binary {
    fn path(self) -> &'static str {
        match self {
            Binary::Add => "operator.add",
            Binary::Subtract => "operator.sub",
            Binary::Multiply => "operator.mul",
            Binary::Divide => "operator.truediv",
            Binary::FloorDivide => "operator.floordiv",
            Binary::Remainder => "operator.mod",
            Binary::Power => "operator.pow",
            Binary::MatMul => "operator.matmul",
            Binary::BitAnd => "operator.and_",
            Binary::BitOr => "operator.or_",
            Binary::BitXor => "operator.xor",
            Binary::ShiftLeft => "operator.lshift",
            Binary::ShiftRight => "operator.rshift",
        }
    }
}

impl Compare {
    fn path(self) -> &'static str {
        match self {
            Compare::Equal => "operator.eq",
            Compare::NotEqual => "operator.ne",
            Compare::Less => "operator.lt",
            Compare::LessEqual => "operator.le",
            Compare::Greater => "operator.gt",
            Compare::GreaterEqual => "operator.ge",
        }
    }
}

impl Unary {
    fn path(self) -> &'static str {
        match self {
            Unary::Negate => "operator.neg",
            Unary::Plus => "operator.pos",
            Unary::Invert => "operator.invert",
        }
    }
}
